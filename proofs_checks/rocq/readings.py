"""What is read off a model, as theorems about its own expression.

`reading_statement` writes what is said; how it is proved is one line for each kind of reading,
`_PROOFS`, and knows nothing of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proofs_checks.readings import (
    Analytic,
    Asked,
    Attention,
    Autonomous,
    Confined,
    EqualAngles,
    Linear,
    Moves,
    Paced,
    PairEnergy,
    Positive,
    Reading,
    Relabelled,
    Rotated,
    RowSums,
    StillEnergy,
)
from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.scalars import NotExported, scalar
from proofs_checks.rocq.token_rows import TokenRows
from theory.bounded import exponential_parts
from theory.symbols import X, gamma, m, n, z

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
    later = rows.at(f"{path} (t + T)", "t").vector(said.velocity, "i")
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


def _analytic(said: Analytic, rows: TokenRows) -> str:
    if exponential_parts(said.kernel) is None:
        raise NotExported("the power series of what is no exponential")
    kernel = _at(said.kernel, rows, "z")
    return f"exists a : nat -> R, forall z : R, is_pseries a z {kernel}"


def _linear(said: Linear, rows: TokenRows) -> str:
    there, origin = (_at(said.kernel, rows, place) for place in ("z", "0"))
    linear = f"forall z : R, h z = h 0 + {origin} * z"
    return (
        f"(forall z : R, {there} = {origin}) /\\\n"
        f"  (forall h : R -> R, (forall z : R, is_derive h z {there}) -> {linear})"
    )


def _moves(said: Moves, rows: TokenRows) -> str:
    return f"exists z : R, -1 <= z <= 1 /\\ {_at(said.kernel, rows, 'z')} <> 0"


def _at(kernel: Any, rows: TokenRows, place: str) -> str:
    return scalar(kernel, rows.names, lambda part: place if part == z else None)


def _still_energy(said: StillEnergy, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    energy = rows.at(tokens, "t").entry(said.energy, "0", "0")
    return f"forall t : R, is_derive (fun t => {energy}) t 0"


def _equal_angles(said: EqualAngles, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    rows.depth = 1  # the index j is taken
    one, other = (rows.at(tokens).vector(said.velocity, i) for i in "ij")
    count, common = rows.count(n), scalar(gamma, rows.names)
    masses = rows.names.take(m, "m", "nat -> R")
    rows.names.need(f"forall j, {masses} j = / INR {count}")
    rows.names.need(f"forall j, ⟨{tokens} j, {tokens} j⟩ = 1")
    apart = "({0} < {1})%nat -> ({2} < {1})%nat -> {0} <> {2}"
    pair = apart.format("k", count, "l")
    rows.names.need(f"forall k l, {pair} -> ⟨{tokens} k, {tokens} l⟩ = {common}")
    moved = f"⟨{one}, {tokens} j⟩ + ⟨{tokens} i, {other}⟩"
    rate = scalar(said.rate, rows.names)
    return f"forall i j : nat, {apart.format('i', count, 'j')} -> {moved} = {rate}"


def _relabelled(said: Relabelled, rows: TokenRows) -> str:
    tokens, count = rows.names.take(X, "x", "nat -> E"), rows.count(n)
    order, back = (rows.names.take((word,), word, "nat -> nat") for word in ("order", "back"))
    for one, other in ((order, back), (back, order)):
        rows.names.need(f"forall j, {one} ({other} j) = j")
        rows.names.need(f"forall j, (j < {count})%nat -> ({one} j < {count})%nat")
    rows.order = order
    left = rows.at(tokens).vector(said.velocity, "i")
    rows.order = ""
    right = rows.vector(said.velocity, f"({order} i)")
    return f"{_EVERY}, " + _same(f"⟨a, {left}⟩", f"⟨a, {right}⟩")


def _rotated(said: Rotated, rows: TokenRows) -> str:
    tokens, turn = rows.names.take(X, "x", "nat -> E"), rows.names.take(("turn",), "U", "Map E E")
    rows.names.need(f"forall v w, ⟨app {turn} v, app {turn} w⟩ = ⟨v, w⟩")
    right = f"app {turn} {rows.at(tokens).vector(said.velocity, 'i')}"
    rows.turn = turn
    left = rows.vector(said.velocity, "i")
    return f"{_EVERY}, " + _same(f"⟨a, {left}⟩", f"⟨a, {right}⟩")


def _row_sums(said: RowSums, rows: TokenRows) -> str:
    tokens = rows.names.take(X, "x", "nat -> E")
    rows.depth = 1  # the index j is taken
    entry = rows.at(tokens).entry(said.matrix, "i", "j")
    return f"forall i : nat, rsum {rows.count(n)} (fun j => {entry}) = 1"


_STATEMENTS: dict[type[Reading], Callable[[Any, TokenRows], str]] = {
    Analytic: _analytic,
    Attention: _attention,
    Autonomous: _autonomous,
    Confined: _confined,
    EqualAngles: _equal_angles,
    Linear: _linear,
    Moves: _moves,
    Paced: _paced,
    PairEnergy: _pair_energy,
    Positive: _positive,
    Relabelled: _relabelled,
    Rotated: _rotated,
    RowSums: _row_sums,
    StillEnergy: _still_energy,
}


# -- proofs ------------------------------------------------------------------------------------

_PROOFS: dict[type[Reading], str] = {
    Analytic: "entire.",
    Attention: "row_of_weights.",
    Autonomous: "time_shift.",
    Confined: "gram.",
    EqualAngles: "equal_angles.",
    Linear: "linear_kernel.",
    Moves: "moves.",
    Paced: "paced (fun _ : R => 1) (fun u : R => u) (fun M : R => Rmax 0 M).",
    PairEnergy: "pair_sum.",
    Positive: "positive_weight.",
    Relabelled: "relabelled.",
    Rotated: "rotated.",
    RowSums: "intros; apply softmax_sum; assumption.",
    StillEnergy: "still.",
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
        raise NotExported("which models or parameters are asked: nothing to prove")
    rows = TokenRows.of(said.values)
    claim = _STATEMENTS[type(said)](said, rows)
    if "/ 0)" in claim:
        raise NotExported("a division by 0, which Rocq's reals allow")
    needs = ("Gram", "Readings")
    hypotheses = tuple(rows.names.hypotheses)
    return Theorem(rows.names.binders, hypotheses, claim, needs, _PROOFS[type(said)])
