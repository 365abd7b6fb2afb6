"""Small β: the inequality and the threshold of Theorem 4.3, and the trace of one token's moves."""

from __future__ import annotations

from sympy import Expr, Integer, Rational, S, Symbol, exp, log, simplify

from proofs_checks.proof.alphabet import HOT
from proofs_checks.proof.curvature import geodesic
from theory.bounded import simplified
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.symbols import beta, z

ONE_MASS = Symbol("mu", positive=True)
"""Least mass, of a total of 1; 1/n for equal masses."""


def below_exponential(right: Expr) -> str:
    """Prove ``(e^{βc}-1) c <= right`` on [-1,1], β >= 0; a counterexample, or what is undecided."""
    a, r, c = (Symbol(name, nonnegative=True) for name in "arc")
    left = (exp(HOT * c) - 1) * c
    # Rising for c >= 0, with e^{βc} = 1 + r; and left(-a) <= left(a).
    rising = left.diff(c).subs(exp(HOT * c), 1 + r).expand()
    mirror = left.subs(c, -a) - left.subs(c, a)
    square = -a * (exp(HOT * a / 2) - exp(-HOT * a / 2)) ** 2
    gap = simplify(right.subs(beta, HOT) - left.subs(c, 1))
    proved = rising.is_nonnegative and simplify((mirror - square).expand()) == 0
    if proved and gap.is_nonnegative:
        return ""
    for hot in (Rational(1, 3), Integer(2), Integer(5)):
        for place in (S.One, Rational(1, 2), -S.One):
            value = ((exp(hot * place) - 1) * place - right.subs(beta, hot)).evalf(20)
            if value > 0:
                return (
                    f"the argument's inequality fails, β = {hot}, c = {place}: left - right = "
                    f"{value.evalf(5)} > 0"
                )
    return "undecided: the inequality's sign"


def small_threshold(threshold: Expr, simple: Expr) -> str:
    """Prove ``(1-μ)(e^β-1) < μ`` below the threshold, and threshold > simple, on (0, 1)."""
    if beta in threshold.free_symbols | simple.free_symbols:
        raise ValueError(
            f"Expected thresholds of β in the mass but got threshold={threshold}, simple={simple}."
        )
    ratio = Symbol("r", positive=True)
    at = {ONE_MASS: ratio / (1 + ratio)}
    excess = (1 - ONE_MASS) * (exp(threshold) - 1) - ONE_MASS
    value = simplified(excess.subs(at))
    gain = threshold - simple
    slope = simplified(gain.diff(ONE_MASS).subs(at))
    reached = simplify(threshold / log(1 - ONE_MASS))
    below = value == 0 or (reached.is_number and reached.is_negative and (reached + 1).is_positive)
    if below and simplify(gain.subs(ONE_MASS, 0)) == 0 and slope.is_positive:
        return ""
    for tokens in (2, 3, 8):
        point = {ONE_MASS: Rational(1, tokens)}
        if excess.subs(point).evalf(20) > 1e-12:
            hot = threshold.subs(point)
            return (
                f"the argument's inequality fails, n = {tokens}, β = {hot}: (n-1)(e^β-1) - 1 = "
                f"{(tokens * excess.subs(point)).evalf(5)} > 0"
            )
        if gain.subs(point).evalf(20) < 0:
            return (
                f"beyond the argument, n = {tokens}: {simple.subs(point)} exceeds "
                f"its threshold {threshold.subs(point)} by "
                f"{-gain.subs(point).evalf(5)}"
            )
    return f"undecided: the threshold leaves (1-μ)(e^β-1) - μ = {value}, slope {slope}"


def alone_bend(slope: Expr) -> Expr:
    """Trace of the second variation of h(<x,y>) when x alone moves, y at rest."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), y)
    first = product.diff(step).subs(step, 0)
    second = product.diff(step, 2).subs(step, 0)
    traced = slope.diff(z) * basis_trace((first**2).expand(), u) + slope * basis_trace(second, u)
    return residual(traced.subs(inner(x, y), z))
