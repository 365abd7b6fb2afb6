"""Rules of order: of numbers, of sums over tokens, of exponentials and of clocks."""

from __future__ import annotations

from typing import Any

from sympy import Add, S, exp

from proofs_checks.propositions import Is, Proposition, Rel, written
from proofs_checks.theorems.bounds import BOUNDED
from proofs_checks.theorems.kernel import Fact, NotConcluded, Rule
from theory.symbols import t
from theory.terms import Elapsed, Index, Number, Vector, at, ddt, is_derivative, moving, total


def relation(fact: Fact, *ops: str) -> Rel:
    """Return what a fact says, if that is one of these relations."""
    if not isinstance(fact.says, Rel) or fact.says.op not in ops:
        raise NotConcluded(f"{written(fact.says)} is no relation of {' or '.join(ops)}")
    return fact.says


def wants(fact: Fact, *wanted: Proposition) -> None:
    """Refuse a fact that says none of what is wanted."""
    if fact.says not in wanted:
        raise NotConcluded(f"needs {written(wanted[0])}, not {written(fact.says)}")


def above(fact: Fact, a: Any, strict: bool = False) -> None:
    """Refuse a fact that isn't ``0 <= a``; ``0 < a`` is enough for it, and asked where strict."""
    wants(fact, Rel("<", 0, a), *(() if strict else (Rel("<=", 0, a),)))


def of_all(fact: Fact, *variables: Any, without: tuple[Proposition, ...] = ()) -> None:
    """Refuse a fact under a hypothesis about one of the variables."""
    if not fact.general(*variables, without=without):
        names = ", ".join(map(str, variables))
        raise NotConcluded(f"{written(fact.says)} isn't known for every {names}")


def bounded(fact: Fact, a: Any, *variables: Any) -> None:
    """Refuse a fact that doesn't say, of all variables and at every time, that a is bounded."""
    wants(fact, Is(BOUNDED, a))
    of_all(fact, *variables, t)


def _scale(sign: Fact, fact: Fact) -> Proposition:
    says, sign_says = relation(fact, "<", "<="), relation(sign, "<", "<=")
    if sign_says.left != 0:
        raise NotConcluded(f"{written(sign.says)} is no sign of a factor")
    factor, strict = sign_says.right, sign_says.op == "<" and says.op == "<"
    return Rel("<" if strict else "<=", factor * says.left, factor * says.right)


def _sum(fact: Fact, index: Index) -> Proposition:
    says = relation(fact, "=", "<", "<=")
    of_all(fact, index)
    left, right = (side if side == 0 else total(side, index) for side in says.args[1:])
    return Rel(says.op, left, right)


def _zero_sum(whole: Fact, terms: Fact, index: Index) -> Proposition:
    says = relation(terms, "<=", "<")
    if says.left != 0:
        raise NotConcluded(f"{written(terms.says)} is no sign of a term")
    of_all(terms, index)
    wants(whole, Rel("=", total(says.right, index), 0))
    return Rel("=", says.right, 0)


def _replace(equation: Fact, fact: Fact) -> Proposition:
    says = relation(equation, "=")
    if moving(says.left):
        of_all(equation, t)  # what is replaced may stand under a derivative
    found = fact.says.xreplace({says.left: says.right})
    if found == fact.says:
        raise NotConcluded(f"{written(fact.says)} doesn't hold the left side of the equation")
    return found


def _exponential(fact: Fact) -> Proposition:
    says = relation(fact, "<", "<=")
    return Rel(says.op, exp(says.left), exp(says.right))


def _elapsed(fact: Fact, left: Fact, right: Fact) -> Proposition:
    says = relation(fact, "=", "<", "<=")
    of_all(fact, t)
    bounded(left, says.left)
    bounded(right, says.right)
    return Rel("=" if says.op == "=" else "<=", Elapsed(says.left), Elapsed(says.right))


def _chain(first: Fact, second: Fact) -> Proposition:
    one, two = relation(first, "=", "<", "<="), relation(second, "=", "<", "<=")
    if one.right != two.left:
        raise NotConcluded(f"{written(first.says)} doesn't end where {written(second.says)} begins")
    ops = {one.op, two.op}
    return Rel("<" if "<" in ops else "<=" if "<=" in ops else "=", one.left, two.right)


def _turned(fact: Fact) -> Proposition:
    says = relation(fact, "=", "!=")
    return Rel(says.op, says.right, says.left)


def _constant(fact: Fact) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, t)
    if says.right != at(says.left):
        raise NotConcluded(f"{written(fact.says)} isn't a number and its value at the start")
    return Rel("=", ddt(says.left), 0)


def _reciprocal(sign: Fact, fact: Fact) -> Proposition:
    says = relation(fact, "<", "<=")
    above(sign, says.left, strict=True)
    return Rel(says.op, 1 / says.right, 1 / says.left)


def _rise(fact: Fact, slope: Fact) -> Proposition:
    says = relation(fact, "<=", "<")
    of_all(fact, t)
    bounded(slope, says.right)
    if not is_derivative(says.left):
        raise NotConcluded(f"the left side of {written(fact.says)} is no derivative")
    grown = says.left.args[0]
    return Rel("<=", grown, at(grown) + Elapsed(says.right))


def _start(fact: Fact) -> Proposition:
    says = relation(fact, "=", "<", "<=", "!=")
    of_all(fact, t)
    return Rel(says.op, *(at(side) if moving(side) else side for side in (says.left, says.right)))


def _primitive(fact: Fact) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, t)
    clock = says.left.args[0] if is_derivative(says.left) else S.Zero
    if clock == S.Zero or clock.has(Number, Vector):
        raise NotConcluded(f"{written(fact.says)} is no derivative of an explicit clock")
    return Rel("=", Elapsed(says.right), Add(clock, -clock.xreplace({t: S.Zero})))


SCALE = Rule("scaling", "0 <= c; a <= b: c a <= c b", "order of numbers", _scale)
TOKEN_SUM = Rule(
    "sum over tokens", "a_j <= b_j for every j: Σ_j a_j <= Σ_j b_j", "order of numbers", _sum
)
ZERO_SUM = Rule(
    "sum of nonnegative terms", "Σ_j a_j = 0; 0 <= a_j for every j: a_j = 0", "order", _zero_sum
)
REPLACE = Rule("replacing", "a = b; R(a): R(b)", "equality", _replace, routine=True)
EXPONENTIAL = Rule("exponential", "a <= b: e^a <= e^b", "exp increases", _exponential)
ELAPSED = Rule(
    "integrating",
    "a <= b at every time; a and b are bounded up to t: ∫_0^t a <= ∫_0^t b",
    "order of integrals",
    _elapsed,
)
CHAIN = Rule("chain", "a <= b; b <= c: a <= c", "order of numbers", _chain)
TURNED = Rule("turned", "a = b: b = a", "equality", _turned, routine=True)
CONSTANT = Rule("constant", "a = a(0) at every time: a' = 0", "calculus", _constant)
RECIPROCAL = Rule("reciprocals", "0 < a; a <= b: 1/b <= 1/a", "order of numbers", _reciprocal)
RISE = Rule(
    "integrated slope",
    "f' <= a at every time; a is bounded up to t: f <= f(0) + ∫_0^t a",
    "monotone functions",
    _rise,
)
START = Rule("at the start", "R(t) at every time: R(0)", "an instance", _start, routine=True)
PRIMITIVE = Rule(
    "primitive",
    "F(t)' = a: ∫_0^t a = F(t) - F(0)",
    "fundamental theorem of calculus",
    _primitive,
)
