"""A step of a typed theorem, as a theorem of Rocq: its premises are hypotheses.

A premise holds for all values of what nothing given leaves free; so does the conclusion. Beside its
premises a step has, as hypotheses, what the theorem has said before of its denominators. The
statement is written by `typed_terms`, the proof by `typed_proofs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import cos, exp, fraction, log, preorder_traversal, sin

from proofs_checks.propositions import Proposition, Rel
from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.scalars import NotExported
from proofs_checks.rocq.typed_proofs import Hypothesis, Instance, proof_of
from proofs_checks.rocq.typed_terms import Terms, closed_text
from proofs_checks.theorems import Theorem as Concluded
from theory.symbols import X, n, t
from theory.terms import (
    Entry,
    Greatest,
    Index,
    Item,
    Number,
    Vec,
    VectorTokenSum,
    denominators,
    free,
    match,
    moving,
)

LONGEST = 2500
"""Most letters of a statement: the tactics are tried on what a reader may still look at."""


@dataclass(frozen=True)
class _Premise:
    """What is assumed of a step: what it says, of whom, under what the step discharges."""

    says: Proposition
    general: frozenset[Any]
    when: tuple[Proposition, ...] = ()
    place: int = -1
    """Its place among the premises; -1 for what is said of a denominator."""


def _premises(one: Concluded, fixed: frozenset[Any]) -> list[_Premise]:
    found = []
    for place, premise in enumerate(one.premises):
        when = tuple(h for h in premise.given - one.given if h != premise.says)
        there = free(premise.says).union(*map(free, when))
        found.append(_Premise(premise.says, there - fixed, when, place))
    return found


def _ancestors(one: Concluded) -> Iterable[Concluded]:
    seen: dict[int, Concluded] = {}
    waiting = list(one.premises)
    while waiting:
        this = waiting.pop()
        if id(this) not in seen:
            seen[id(this)] = this
            waiting += this.premises
    return seen.values()


def _divided(one: Concluded) -> set[Any]:
    """Return what the step divides by, or its premises do."""
    sides = [side for p in (one, *one.premises) for side in _numbers(p.says)]
    return set(denominators(*sides))


def _numbers(what: Any) -> list[Any]:
    if isinstance(what, Rel):
        return [what.left, what.right]
    return [side for part in what.args for side in _numbers(part)]


def _of_denominators(one: Concluded, fixed: frozenset[Any]) -> list[_Premise]:
    """Return facts that the theorem rests on and that say that a denominator is positive."""
    wanted, found = _divided(one), {}
    own = {premise.says for premise in one.premises}
    for fact in _ancestors(one) if wanted else ():
        says = fact.says
        if not isinstance(says, Rel) or says.op != "<" or says.left != 0 or says in own:
            continue
        holes = {v for v in fact.fact.variables if isinstance(v, Index)}
        if fact.given <= one.given and any(match(says.right, b, holes) is not None for b in wanted):
            found[says] = _Premise(says, frozenset(free(says)) - fixed)
    return list(found.values())


def _fixed(terms: Terms, fixed: frozenset[Any]) -> list[str]:
    """Make the variables of what is given: they are those of the theorem."""
    said = []
    for index in sorted((v for v in fixed if isinstance(v, Index)), key=str):
        name = terms.index(index)
        terms.names.types[name] = "nat"
        said.append(f"({name} < {terms.rows.count(n)})%nat")
    if terms.rows.time and t in fixed:
        terms.names.types[terms.rows.time] = "R"
        said.append(f"0 <= {terms.rows.time}")
    return said


def _bare(text: str) -> str:
    """Return a statement without parentheses around it."""
    return text[1:-1] if text.startswith("(forall") and text.endswith(")") else text


def shape(text: str) -> str:
    """Return a statement with its bound names numbered: two that differ in names alone are one.

    Examples
    --------
    >>> shape("forall i : nat, f (fun j => g i j)") == shape("forall k : nat, f (fun i => g k i)")
    True
    """
    scopes: list[dict[str, str]] = [{}]
    found: list[str] = []
    binding, count = "", 0
    for token in re.findall(r"[\w']+|=>|\S", _bare(text)):
        if token == "(":
            scopes.append({})
        elif token == ")":
            scopes.pop()
        elif token in ("fun", "forall", "exists"):
            binding = token
        elif binding and token in ("=>", ":"):
            binding = ""
        elif binding:
            scopes[-1][token] = f"#{count}"
            count += 1
        known = (scope[token] for scope in reversed(scopes) if token in scope)
        found.append(next(known, token))
    return " ".join(found)


def _without_term(one: Concluded) -> str:
    """Say what of a step the terms of Rocq don't hold yet, or ""."""
    said = (one.says, *(premise.says for premise in one.premises))
    if any(index.count != n for says in said for index in says.atoms(Index)):
        return "tokens of another species"
    for part in preorder_traversal(one.says):
        if isinstance(part, Entry) and not part.args[0].has(X):
            return "weights that no token enters"
        if isinstance(part, VectorTokenSum) and not any(isinstance(f, Index) for f in free(part)):
            return "a barycentre"
        if isinstance(part, VectorTokenSum) and isinstance(part.body.args[-1], Vec):
            return "a sum of multiples of one vector"
        if isinstance(part, Greatest) and not one.premises:
            return "the sign of what is largest"
    if isinstance(one.says, Rel) and one.says.left == one.says.right:
        return "what is no less than itself"
    if one.premises and isinstance(one.says, Rel) and one.says.op == "=" and _waves(one.says):
        return "sums of sines of angles"
    if any(_of_one_mass(premise.says) for premise in one.premises):
        return "masses that are 1/n"
    if any(premise.says.has(log) for premise in one.premises):
        return "logarithms"
    if any(free(fraction(power)[1]) for e in one.says.atoms(exp) for power in e.args):
        return "exponentials of quotients"
    return "" if one.premises or n not in one.says.free_symbols else "that n is positive"


def _waves(says: Proposition) -> bool:
    return any(wave.has(Number) for wave in says.atoms(sin, cos))


def _of_one_mass(says: Proposition) -> bool:
    equal = isinstance(says, Rel) and says.op == "="
    return equal and isinstance(says.left, Item) and not moving(says.right)


def typed_statement(one: Concluded) -> Theorem:
    """Write a step of a typed theorem: its premises imply its conclusion.

    Parameters
    ----------
    one : proofs_checks.theorems.Theorem

    Returns
    -------
    Theorem

    Raises
    ------
    NotExported
        Something in it has no term, its rule has no proof, or it says what a premise says.
    """
    if lacks := _without_term(one):
        raise NotExported(f"no term for {lacks}")
    plan = proof_of(one)
    terms = Terms(plan.time)
    if plan.time:
        terms.finite()
    fixed = frozenset[Any]().union(*map(free, one.given)) - plan.free
    extra = _fixed(terms, fixed)
    claim, _ = closed_text(terms, one.says, free(one.says) - fixed)
    own = frozenset(terms.indices)
    hypotheses: list[Hypothesis] = []
    for premise in (*_premises(one, fixed), *_of_denominators(one, fixed)):
        text, variables = closed_text(terms, premise.says, premise.general, premise.when)
        name, who = f"G{len(hypotheses) + 1}", tuple(variables)
        hypotheses.append(Hypothesis(name, _bare(text), premise.says, who, premise.place))
    hypotheses += plan.more(terms, one)
    if shape(claim) in {shape(one.text) for one in hypotheses}:
        raise NotExported("a premise says the same: there is nothing to prove")
    proof = plan.write(Instance(terms, one, tuple(hypotheses), own))
    known = terms.known() if plan.extremes else []
    given = [*extra, *terms.names.hypotheses, *terms.slopes, *known]
    named = tuple((h.name, h.text) for h in hypotheses)
    if sum(map(len, (*given, claim, *(text for _, text in named)))) > LONGEST:
        raise NotExported("a formula that is too long for the tactics")
    return Theorem(terms.names.binders, tuple(given), claim, ("Typed",), proof, named)
