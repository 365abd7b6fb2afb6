"""Rules of order: of numbers, of sums over tokens, of exponentials and of clocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Abs, Add, Expr, Mul, Piecewise, Pow, S, StrictLessThan, exp, sqrt

from proofs_checks.propositions import All, Any_, Is, Proposition, Rel, timed, written
from proofs_checks.theorems.bounds import BOUNDED
from proofs_checks.theorems.engines import undefined
from proofs_checks.theorems.kernel import Fact, NotConcluded, Rule
from theory.symbols import t
from theory.terms import (
    Elapsed,
    Index,
    Inner,
    Least,
    Norm,
    Number,
    Sort,
    Vec,
    Vector,
    at,
    ddt,
    is_derivative,
    moving,
    sort_of,
    total,
)


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


def of_parameters(given: Iterable[Proposition]) -> None:
    """Refuse hypotheses about tokens, or a time."""
    if any(not isinstance(one, Rel) or timed(one) or one.has(Index, Vec) for one in given):
        raise NotConcluded("something is given of the tokens besides")


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


def _size(low: Fact, high: Fact, factor: Any) -> Proposition:
    over = relation(high, "<=")
    wants(low, Rel("<=", -over.right, over.left))
    side = Abs(factor) * over.right
    return All(Rel("<=", -side, factor * over.left), Rel("<=", factor * over.left, side))


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


def _nonzero(fact: Fact) -> Proposition:
    says = relation(fact, "<")
    if says.left != 0:
        raise NotConcluded(f"{written(fact.says)} isn't that a number is positive")
    return Rel("!=", says.right, 0)


def _constant(fact: Fact) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, t)
    if says.right != at(says.left):
        raise NotConcluded(f"{written(fact.says)} isn't a number and its value at the start")
    return Rel("=", ddt(says.left), 0)


def _differentiated(fact: Fact) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, t)
    return Rel("=", *(ddt(side) if moving(side) else S.Zero for side in says.args[1:]))


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


def _fall(fact: Fact, slope: Fact) -> Proposition:
    says = relation(fact, "<=", "<")
    of_all(fact, t)
    bounded(slope, says.left)
    if not is_derivative(says.right):
        raise NotConcluded(f"the right side of {written(fact.says)} is no derivative")
    grown = says.right.args[0]
    return Rel("<=", at(grown) + Elapsed(says.left), grown)


def _start(fact: Fact) -> Proposition:
    says = relation(fact, "=", "<", "<=", "!=")
    of_all(fact, t)
    return Rel(says.op, *map(_at_start, (says.left, says.right)))


def _at_start(side: Any) -> Any:
    if not moving(side):
        return side
    return Norm(at(side.args[0])) if isinstance(side, Norm) else at(side)


def _value(number: Any) -> Proposition:
    whole = isinstance(number, Pow) and number.exp.is_Integer and number.exp > 0
    if not isinstance(number, Add | Mul) and not whole:
        raise NotConcluded(f"{number} is no sum, product or power")
    return Rel("=", at(number), number.func(*map(_early, number.args)))


def _early(one: Any) -> Any:
    factor, rest = one.as_coeff_Mul()
    return factor * at(rest) if moving(rest) else one


def _primitive(fact: Fact) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, t)
    clock = says.left.args[0] if is_derivative(says.left) else S.Zero
    if clock == S.Zero or moves_besides(clock):
        raise NotConcluded(f"{written(fact.says)} is no derivative of an explicit clock")
    return Rel("=", Elapsed(says.right), Add(clock, -clock.xreplace({t: S.Zero})))


def _least_of(sign: Fact, index: Index) -> Proposition:
    says = relation(sign, "<", "<=")
    above(sign, says.right)
    of_all(sign, index)
    return Rel("<=", Least(says.right, index), says.right)


def _least_equal(fact: Fact, index: Index) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, index)
    return Rel("=", Least(says.left, index), Least(says.right, index))


def _always(number: Any) -> None:
    real = isinstance(number, Number) or (isinstance(number, Expr) and number.is_real)
    if not real or sort_of(number) is not Sort.NUMBER or undefined((number,), ()):
        raise NotConcluded(f"{number} isn't always defined")


def _lowest(number: Any, index: Index) -> Proposition:
    _always(number)
    return Rel("<=", Least(number, (index,)), number)


def _either(number: Any) -> Proposition:
    _always(number)
    return Any_(Rel("<=", 0, number), Rel("<=", number, 0))


def _cancel(product: Fact, sign: Fact, factor: Any) -> Proposition:
    says = relation(product, "=")
    above(sign, factor, strict=True)
    rest = list(Mul.make_args(says.left))
    for one in Mul.make_args(factor):
        if one not in rest or says.right != 0:
            raise NotConcluded(f"{written(product.says)} isn't that a product with it is 0")
        rest.remove(one)
    return Rel("=", Mul(*rest), 0)


def _kept(fact: Fact) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, t)
    inside = set(says.left.args) if isinstance(says.left, Inner) else {says.left}
    moved = inside.pop()
    if says.right != 0 or inside or not is_derivative(moved):
        raise NotConcluded(f"{written(fact.says)} isn't that a derivative is 0")
    return Rel("=", moved.args[0], at(moved.args[0]))


def _same(sign: Fact, number: Any) -> Proposition:
    says = relation(sign, "<", "<=")
    if says.left != 0 or number not in (says.right, -says.right):
        raise NotConcluded(f"{written(sign.says)} isn't the sign of {number}")
    return Rel("<=", number, number)


def _tangent(*signs: Fact, number: Any) -> Proposition:
    if len(signs) > 1 or not isinstance(number, Expr):
        raise NotConcluded("it is of one number, and of its sign where it is strict")
    for one in signs:
        says = relation(one, "<")
        if says.left != 0 or number not in (says.right, -says.right):
            raise NotConcluded(f"{written(one.says)} isn't the sign of {number}")
    if not signs and undefined((number,), ()):
        raise NotConcluded(f"{number} isn't always defined")
    return Rel("<" if signs else "<=", 1 + number, exp(number))


def _absolute(sign: Fact, number: Any) -> Proposition:
    above(sign, number)
    return Rel("=", Abs(number), number)


def _root(sign: Fact, fact: Fact, own: Fact, root: Any) -> Proposition:
    says = relation(fact, "<=")
    above(sign, says.left)
    above(own, root)
    if root**2 == says.right:
        return Rel("<=", sqrt(says.left), root)
    if root**2 == says.left:
        return Rel("<=", root, sqrt(says.right))
    raise NotConcluded(f"{root} is no root of a side of {written(fact.says)}")


def _cases(*facts: Fact, cases: Any, up: bool) -> Proposition:
    if not isinstance(cases, Piecewise) or len(facts) != len(cases.args):
        raise NotConcluded("it needs a bound in each case")
    if cases.args[-1].cond != True:  # noqa: E712 - SymPy's truth
        raise NotConcluded("some case isn't named")
    bounds = []
    for place, (fact, branch) in enumerate(zip(facts, cases.args, strict=True)):
        says = relation(fact, "<=")
        near, far = (says.left, says.right) if up else (says.right, says.left)
        if near != branch.expr:
            raise NotConcluded(f"{written(fact.says)} is no bound in case {place + 1}")
        bounds.append((far, branch.cond))
    bound = Piecewise(*bounds)
    return Rel("<=", cases, bound) if up else Rel("<=", bound, cases)


def in_case(speed: Any, case: int) -> Any:
    """Return what a number of two cases, before a time and after, is in one of them.

    Examples
    --------
    >>> from theory.symbols import beta, tau
    >>> in_case(Piecewise((1, t < tau), (beta, True)), 1)
    beta
    """
    conditions = [branch.cond for branch in speed.args]
    alike = {
        one: one.args[case].expr
        for one in speed.atoms(Piecewise)
        if [branch.cond for branch in one.args] == conditions
    }
    return speed.args[case].expr.xreplace(alike)


def _joined(first: Fact, second: Fact, sign: Fact, speed: Any) -> Proposition:
    ends = isinstance(speed, Piecewise) and len(speed.args) == 2 and speed.args[0].cond
    if not isinstance(ends, StrictLessThan) or ends.lhs != t or speed.args[1].cond != True:  # noqa: E712
        raise NotConcluded(f"{speed} isn't one thing before a time and another after")
    time, clocks = ends.rhs, []
    above(sign, time)
    for case, fact in enumerate((first, second)):
        says = relation(fact, "=")
        of_all(fact, t)
        if moving(time) or not is_derivative(says.left) or moves_besides(says.left.args[0]):
            raise NotConcluded(f"{written(fact.says)} is no derivative of an explicit clock")
        shifted = says.right.xreplace({t: t - time}) if case else says.right
        if shifted != in_case(speed, case):
            raise NotConcluded(f"{written(fact.says)} isn't of the speed in case {case + 1}")
        clocks.append(says.left.args[0])
    start, end, later = (
        clocks[0].xreplace({t: S.Zero}),
        clocks[0].xreplace({t: time}),
        clocks[1].xreplace({t: t - time}) - clocks[1].xreplace({t: S.Zero}),
    )
    parts = (clocks[0] - start, t < time), (end - start + later, True)
    return Rel("=", Elapsed(speed), Piecewise(*parts))


def moves_besides(clock: Any) -> bool:
    """Whether a clock moves by more than the time that is written in it."""
    if isinstance(clock, Number | Vector):
        return moving(clock)
    return any(map(moves_besides, clock.args))


SCALE = Rule("scaling", "0 <= c; a <= b: c a <= c b", "order of numbers", _scale)
SIZE = Rule(
    "multiple of a bounded number",
    "-N <= a; a <= N: -|c| N <= c a and c a <= |c| N",
    "order of numbers, for c >= 0 and for c <= 0",
    _size,
)
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
NONZERO = Rule("not 0", "0 < a: a != 0", "order of numbers", _nonzero, routine=True)
CONSTANT = Rule("constant", "a = a(0) at every time: a' = 0", "calculus", _constant)
DIFFERENTIATED = Rule(
    "derivative of an equation", "a = b at every time: a' = b'", "calculus", _differentiated
)
RECIPROCAL = Rule("reciprocals", "0 < a; a <= b: 1/b <= 1/a", "order of numbers", _reciprocal)
RISE = Rule(
    "integrated slope",
    "f' <= a at every time; a is bounded up to t: f <= f(0) + ∫_0^t a",
    "monotone functions",
    _rise,
)
FALL = Rule(
    "integrated slope from below",
    "a <= f' at every time; a is bounded up to t: f(0) + ∫_0^t a <= f",
    "monotone functions",
    _fall,
)
START = Rule("at the start", "R(t) at every time: R(0)", "an instance", _start, routine=True)
VALUE = Rule(
    "value of a product",
    "(a b)(0) = a(0) b(0), and of sums",
    "values of functions",
    _value,
    routine=True,
)
PRIMITIVE = Rule(
    "primitive",
    "F(t)' = a: ∫_0^t a = F(t) - F(0)",
    "fundamental theorem of calculus",
    _primitive,
)
KEPT = Rule("kept", "a' = 0, or <a',a'> = 0, at every time: a = a(0)", "calculus", _kept)
SAME = Rule("no less than itself", "0 <= a: a <= a, -a <= -a", "order of numbers", _same)
TANGENT = Rule(
    "tangent of the exponential",
    "1 + a <= e^a; < where 0 < a or 0 < -a",
    "exp is strictly convex, and its slope at 0 is 1",
    _tangent,
)
ABSOLUTE = Rule("absolute value", "0 <= a: |a| = a", "order of numbers", _absolute, routine=True)
ROOT = Rule(
    "roots",
    "0 <= a; a <= b; 0 <= c: √a <= √b, with c for a root of c²",
    "the root increases; √(c²) = c for c >= 0",
    _root,
)
CASES = Rule(
    "case by case",
    "a_k <= b_k in each case k: what is a_k in case k <= what is b_k there",
    "in case k both sides are those of case k",
    _cases,
)
JOINED = Rule(
    "primitive, case by case",
    "F(t)' = a(t); G(t)' = b(t); 0 <= τ: ∫_0^t [a before τ, b(t - τ) after] = F - F(0) before τ, "
    "F(τ) - F(0) + G(t - τ) - G(0) after",
    "fundamental theorem of calculus on both sides of τ",
    _joined,
)
LEAST_OF = Rule("a least one", "0 <= a_j for every j: min_j a_j <= a_j", "order", _least_of)
LEAST_EQUAL = Rule(
    "least of equals",
    "a_j = b_j for every j: min_j a_j = min_j b_j",
    "equality",
    _least_equal,
    routine=True,
)
CANCEL = Rule("cancelling", "a b = 0; 0 < a: b = 0", "numbers have no zero divisors", _cancel)
LOWEST_ONE = Rule("the lowest", "min_k a_k <= a_i", "order", _lowest, routine=True)
EITHER = Rule("either sign", "0 <= a or a <= 0", "order", _either, routine=True)
