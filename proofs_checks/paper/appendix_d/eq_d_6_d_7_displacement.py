"""(D.6), (D.7): tokens and inner products stay near those of orthonormal tokens.

Main results
------------
(D.6): |x_i-y_i|(t) <= √2 c(β)^{nt} √(log d/d); the paper omits a factor: √2 is enough, and at t = 0
√(2/(1+√(1-log 3/3))), between 1.0552 and 1.0553, is the least that serves every d.
(D.7): |<x_i,x_j>(t) - γ(t)| <= 2 max_j |x_j-y_j|(t), and 2 is the best factor.

How it is proved
----------------
(D.6): a theorem on two solutions. On the event (D.5) squares of projections are at most log d/d, at
most log 3/3, which bounds the chord; (D.1) gives the growth. (D.7): a theorem on two solutions, one
of which starts orthonormal and so has one angle, Theorem 6.8; orthonormal vectors that turn towards
each other show that 2 is the best factor. No runs.

References
----------
arXiv 2312.10794, Appendix D, (D.6) and (D.7); (D.1), (D.5), Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Rational, S, log, sqrt

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_1
from proofs_checks.proof import (
    EVENT,
    PRINTED_GROWTH,
    ROOM,
    WITHIN_PRINTED_GROWTH,
    Counterexample,
    Flow,
    Statement,
    not_asked,
    statement_of,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    near_the_curve,
    near_tokens,
    sight_in,
    subject_in,
)
from theory.models import SA
from theory.symbols import beta, n


@dataclass(frozen=True)
class Approximation:
    """Factors of ``c^{nt} √(log d/d)`` in (D.6) or (D.7), and the exponent of growth."""

    factor: Expr
    growth: Expr = PRINTED_GROWTH


def refute_displacement(
    flow: Flow, prediction: Approximation | None, budget: Budget
) -> Counterexample | None:
    """Find a faster mode, or two tokens whose chord is longer than the factor times r."""
    if prediction is None:
        return None
    for dimension in (3, 10):
        r = sqrt(log(dimension) / dimension)
        chord, allowed = sqrt(2 - 2 * sqrt(1 - r**2)).evalf(20), (prediction.factor * r).evalf(20)
        if chord > allowed:
            return Counterexample(
                f"n = 2, d = {dimension}, <x_1,x_2> = r = √(log d/d) = {r.evalf(5)}: at t = 0 x_2 "
                f"is {chord.n(6)} from y_2, more than {prediction.factor} r = {allowed.n(6)}"
            )
    return statement_of(STEP_D_1).refute(flow, prediction.growth, budget)


def conclude_displacement(flow: Flow, prediction: Approximation) -> Conclusion | Refusal:
    """Bound the chord to what is left of a token, normalised, then let it grow."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return near_tokens(subject, prediction.factor, prediction.growth)


NEAR_ORTHONORMAL: Statement[Approximation] = Statement(
    "",
    "tokens stay near those that start orthonormal",
    Concludes(conclude_displacement, words=(("d", "symbolic, >= n"),)),
    not_asked,
    refute_displacement,
    typed=True,
)


_ROOT_TWO = Approximation(sqrt(2))


STEP_D_6 = Claim(
    "(D.6)",
    "|x_i-y_i|(t) <= √2 c(β)^{nt} √(log d/d); the paper, by (D.5) for the chord, omits √2; at "
    "t = 0 the least is √(2/(1+√(1-log 3/3))) < 1.0553, attained at d = 3.",
    SA,
    _ROOT_TWO,
    NEAR_ORTHONORMAL,
    (
        Control("√2 -> 1, as printed", prediction=Approximation(S.One)),
        Control("√2 -> 1.0552", prediction=Approximation(Rational(10552, 10000))),
        Control("(D.1) with 10 max(1,β) -> 10β", prediction=Approximation(sqrt(2), 10 * n * beta)),
    ),
    Verdict.PROVED,
    (ROOM, WARM, EVENT),
    equivalents=(
        *WITHIN_PRINTED_GROWTH,
        Equivalent(
            "a larger bound",
            ("prediction.growth: × n", "prediction.growth: β -> β²", "prediction.growth: squared"),
        ),
        Equivalent("a larger bound", ("prediction.factor: + 1", "prediction.factor: × 2")),
    ),
)


def refute_products(
    flow: Flow, prediction: Approximation | None, budget: Budget
) -> Counterexample | None:
    """Turn an exact pair, find a factor beyond the proved one, or a faster mode."""
    if prediction is None:
        return None
    for half in (Rational(1, 3), Rational(1, 20)):
        c, s = (1 - half**2) / (1 + half**2), 2 * half / (1 + half**2)
        # y = (e1, e2), both turned by the angle with tan(angle/2) = half towards each other.
        change, square = 2 * c * s, 2 - 2 * c
        if prediction.factor <= 0 or change**2 > prediction.factor**2 * square:
            return Counterexample(
                f"(1,0), (0,1) turned to ({c},{s}), ({s},{c}): the product changes by {change}, "
                f"the tokens by √({square})"
            )
    if prediction.factor > 2:
        return Counterexample(f"2 is enough, so {prediction.factor} isn't the best factor")
    return statement_of(STEP_D_1).refute(flow, prediction.growth, budget)


def conclude_products(flow: Flow, prediction: Approximation) -> Conclusion | Refusal:
    """Bound the change of inner products by that of tokens, which grows; 2 is approached."""
    found = sight_in(flow)
    if isinstance(found, Refusal):
        return found
    return near_the_curve(*found, prediction.factor, prediction.growth)


NEAR_GAMMA: Statement[Approximation] = Statement(
    "",
    "inner products stay near γ",
    Concludes(conclude_products, words=(("d", "symbolic, >= n"),)),
    not_asked,
    refute_products,
    typed=True,
)


STEP_D_7 = Claim(
    "(D.7)",
    "|<x_i,x_j>(t) - γ(t)| <= 2 max_j |x_j-y_j|(t), and 2 is the best factor.",
    SA,
    Approximation(Integer(2)),
    NEAR_GAMMA,
    (
        Control("2 -> 19/10", prediction=Approximation(Rational(19, 10))),
        Control("2 -> 1", prediction=Approximation(S.One)),
        Control(
            "(D.1) with 10 -> 1/10", prediction=Approximation(Integer(2), PRINTED_GROWTH / 100)
        ),
    ),
    Verdict.PROVED,
    (WARM, EVENT),
    equivalents=(
        *WITHIN_PRINTED_GROWTH,
        Equivalent(
            "a larger bound",
            ("prediction.growth: × n", "prediction.growth: β -> β²", "prediction.growth: squared"),
        ),
    ),
)


CLAIMS = (STEP_D_6, STEP_D_7)
