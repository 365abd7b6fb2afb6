"""Small β: the inequality and the threshold of Theorem 4.3, and the trace of one token's moves.

Also the largest threshold that the moves of one token give.
"""

from __future__ import annotations

from collections.abc import Callable

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


def opposed_moves(threshold: Callable[[int], Expr]) -> str:
    """Say at which k = n/2 the threshold isn't ``½ log(k/(k-1))``, and why, or "".

    At that β, k tokens against k have ``Σ_{j≠i} e^{βg} g = 0``: no token alone has an ascent
    direction from there on, and they are in no open hemisphere.
    """
    for half in (2, 3, 4):
        at, most = threshold(half), log(Rational(half, half - 1)) / 2
        excess = (simplify(exp(2 * at)) - Rational(half, half - 1)).evalf(20)
        if excess > 0:
            return (
                f"n = {2 * half}, β = {at}: {half} against {half} tokens have Σ_(j≠i) e^(βg) g = "
                f"{half - 1} e^β - {half} e^(-β) > 0, and they are in no open hemisphere"
            )
        if excess < 0:
            return (
                f"n = {2 * half}: the moves of one token exclude all but consensus for every β < "
                f"{most}, beyond {at}"
            )
    return ""


def largest_pull() -> tuple[Expr, Expr]:
    """Return φ'' and φ' of ``φ(g) = g e^{βg}`` over ``e^{βg}``: >= 0 on [-1, 1] for β <= 1."""
    g = Symbol("g", real=True)
    pull = g * exp(HOT * g)
    slope, bend = (simplify(pull.diff(g, k) / exp(HOT * g)) for k in (1, 2))
    return simplify(bend - HOT * (2 + HOT * g)), simplify(slope - (1 + HOT * g))


def chord_above(threshold: Expr) -> str:
    """Prove ``λ g e^{cg} <= g + r`` on [-1, 1] for c below the threshold; "" or what fails.

    With μ <= 1/3 the least mass, r = μ/(1-μ) and λ = (1+r) e^{-c}. The left side is convex in g for
    c <= 2, the sides agree at g = 1, and at g = -1 they do at the threshold.
    """
    r, c, g = (Symbol(name, positive=True) for name in "rcg")
    share = (1 + r) * exp(-c)
    left = share * g * exp(c * g)
    bend = simplify(left.diff(g, 2) / (share * c * exp(c * g)) - (2 + c * g))
    right_end = simplify(left.subs(g, 1) - 1 - r)
    gap_ = (1 - r) - share * exp(-c)  # right minus left at g = -1 has the other sign
    rises = simplify(gap_.diff(c)).is_positive
    at = threshold.subs(ONE_MASS, r / (1 + r))
    left_end = simplify(gap_.subs(c, at))
    if bend or right_end or left_end or not rises:
        return f"bend {bend}, ends {right_end} and {left_end}"
    return "" if (2 - threshold.subs(ONE_MASS, Rational(1, 3))).is_positive else "c > 2"


def alone_bend(slope: Expr) -> Expr:
    """Trace of the second variation of h(<x,y>) when x alone moves, y at rest."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), y)
    first = product.diff(step).subs(step, 0)
    second = product.diff(step, 2).subs(step, 0)
    traced = slope.diff(z) * basis_trace((first**2).expand(), u) + slope * basis_trace(second, u)
    return residual(traced.subs(inner(x, y), z))
