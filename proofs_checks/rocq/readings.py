"""What is read off a model, as theorems about its own expression.

`reading_statement` writes what is said; how it is proved is one line for each kind of reading,
`_PROOFS`, and knows nothing of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proofs_checks.proof.readings import (
    Asked,
    Attention,
    Autonomous,
    Confined,
    Paced,
    PairEnergy,
    Positive,
    Reading,
)
from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.scalars import NotExported, scalar
from proofs_checks.rocq.token_rows import TokenRows
from theory.symbols import X, m, n, z

_DERIVE = "is_derive (fun s => ⟨a, {path} i⟩) t ⟨a, {row}⟩"
_EVERY = "forall (i : nat) (a : E)"


def _same(left: str, right: str) -> str:
    if left == right:
        raise NotExported("both sides are written the same: there is nothing to prove")
    return f"{left} = {right}"


# -- statements --------------------------------------------------------------------------------


def _autonomous(said: Autonomous, rows: TokenRows) -> str:
    path = rows.names.take(X, "x", "R -> nat -> E")
    now = rows.at(f"{path} t", "t").vector(said.velocity, "i")
    later = rows.at(f"{path} (t + T)", "(t + T)").vector(said.velocity, "i")
    moves = f"{_EVERY} (t : R), {_DERIVE.format(path=f'{path} s', row=now)}"
    shifted = f"{_EVERY} (t : R), {_DERIVE.format(path=f'{path} (s + T)', row=later)}"
    return f"({moves}) ->\n  forall T : R, {shifted}"


def _paced(said: Paced, rows: TokenRows) -> str:
    # Were t in F, it would be a time of its own.
    still = rows.at("y t").vector(said.still, "i")
    moved = rows.at("y (S t)", "t").vector(said.velocity, "i")
    pace = scalar(said.pace, rows.names)
    clock = f"S 0 = 0 /\\ (forall t : R, 0 <= t -> 0 < {pace} /\\ is_derive S t {pace})"
    endless = "(forall M : R, exists T : R, 0 <= T /\\ M <= S T)"
    solves = f"{_EVERY} (t : R), {_DERIVE.format(path='y s', row=still)}"
    follows = f"{_EVERY} (t : R), 0 <= t -> {_DERIVE.format(path='y (S s)', row=moved)}"
    return (
        f"exists S : R -> R, {clock} /\\ {endless} /\\\n"
        f"  (forall y : R -> nat -> E, ({solves}) ->\n  {follows})"
    )


def _confined(said: Confined, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    rows.names.need(f"forall j, ⟨{tokens} j, {tokens} j⟩ = 1")
    return f"forall i : nat, ⟨{tokens} i, {rows.at(tokens).vector(said.velocity, 'i')}⟩ = 0"


def _pair_energy(said: PairEnergy, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    energy = rows.at(tokens).entry(said.energy, "0", "0")
    inside = f"⟨{tokens} i, {tokens} j⟩"
    kernel = scalar(said.kernel, rows.names, lambda part: inside if part == z else None)
    left, right = rows.entry(m, "i", "0"), rows.entry(m, "j", "0")
    count = rows.count(n)
    pairs = f"rsum {count} (fun i => rsum {count} (fun j => {left} * {right} * {kernel}))"
    return _same(energy, f"1 / 2 * {pairs}")


def _attention(said: Attention, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    moved = rows.at(tokens).vector(said.velocity, "i")
    pull = f"({tokens} j ⊕ (- ⟨{tokens} i, {tokens} j⟩) ⊙ {tokens} i)"
    rows.depth = 1  # the index j is taken
    weight = rows.weight(said.weights, "i", "j")
    drawn = f"vsum {rows.count(n)} (fun j => {weight} ⊙ {pull})"
    if said.scale != 1:
        drawn = f"{rows.number(said.scale)} ⊙ {drawn}"
    return f"{_EVERY}, " + _same(f"⟨a, {moved}⟩", f"⟨a, {drawn}⟩")


def _positive(said: Positive, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    rows.names.need(f"forall j, ⟨{tokens} j, {tokens} j⟩ = 1")
    rows.depth = 1
    return f"forall i j : nat, 0 < {rows.at(tokens).entry(said.matrix, 'i', 'j')}"


_STATEMENTS: dict[type[Reading], Callable[[Any, TokenRows], str]] = {
    Attention: _attention,
    Autonomous: _autonomous,
    Confined: _confined,
    Paced: _paced,
    PairEnergy: _pair_energy,
    Positive: _positive,
}


# -- proofs ------------------------------------------------------------------------------------

_PROOFS: dict[type[Reading], str] = {
    Attention: "row_of_weights.",
    Autonomous: "time_shift.",
    Confined: "gram.",
    Paced: "paced (fun _ : R => 1) (fun u : R => u) (fun M : R => Rmax 0 M).",
    PairEnergy: "pair_sum.",
    Positive: "positive_weight.",
}


def reading_statement(said: Reading | Asked) -> Theorem:
    """Write what is read off a model, for all tokens, masses, numbers of tokens and parameters.

    Parameters
    ----------
    said : Reading

    Returns
    -------
    Theorem

    Raises
    ------
    NotExported
        Something in it has no term, or it says nothing that could be proved.
    """
    if isinstance(said, Asked):
        raise NotExported("which parameters are asked: nothing to prove")
    rows = TokenRows.of(said.values)
    claim = _STATEMENTS[type(said)](said, rows)
    if "/ 0)" in claim:
        raise NotExported("a division by 0, which Rocq's reals allow")
    needs = ("Gram", "Readings")
    hypotheses = tuple(rows.names.hypotheses)
    return Theorem(rows.binders, hypotheses, claim, needs, _PROOFS[type(said)])
