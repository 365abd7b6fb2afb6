"""(D.6), (D.7): tokens and inner products stay near those of orthonormal tokens.

Main results
------------
(D.6): |x_i-y_i|(t) <= √2 c(β)^{nt} √(log d/d); the paper omits a factor: √2 is enough, and at t = 0
√(2/(1+√(1-log 3/3))), between 1.0552 and 1.0553, is the least that serves every d.
(D.7): |<x_i,x_j>(t) - γ(t)| <= 2 max_j |x_j-y_j|(t), and 2 is the best factor.

How it is proved
----------------
A chord is bounded by the projection with the factor √2, exactly, for r² = log d/d <= log 3/3;
(D.1) gives the growth. (D.7) splits the difference of two products in the Gram
algebra; 2 is the best factor, by exact pairs. Theorem 6.8 gives γ; (D.5) is cited. No runs.

References
----------
arXiv 2312.10794, Appendix D, (D.6) and (D.7); (D.1), (D.5), Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Integer, Poly, Rational, S, Symbol, log, sqrt

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_1
from proofs_checks.paper.appendix_d.eq_d_5_projection import ERRATUM_D_5
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from proofs_checks.proof import (
    CHAIN,
    EVENT,
    PRINTED_GROWTH,
    ROOM,
    SCOPE_WARM_EQUAL_MASSES,
    TRIANGLE,
    WITHIN_PRINTED_GROWTH,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    by_statement,
    cited,
    derived,
    gap,
    not_asked,
    statement_of,
)
from proofs_checks.said import say, saying
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
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


def decide_displacement(flow: Flow, prediction: Approximation) -> Sheet:
    """Bound the chord to the nearest orthonormal system by the projection r, then let it grow.

    A token whose projection on the earlier ones has length r moves by √(2-2s), s = √(1-r²).
    """
    s, least = Symbol("s", nonnegative=True), sqrt(1 - log(3) / 3)
    exact = ERRATUM_D_5.prediction
    chord = by_statement(statement_of(ERRATUM_D_5), flow, exact, "E.(D.5): |x-y|² = 2 - 2s")
    event = cited("(D.5): all projections are at most r = √(log d/d)")
    room = Step(
        "s = √(1-r²) >= √(1 - log 3/3)", How.DECIDED, evidence="log d/d, d whole, is largest at 3"
    )
    rest = simplified((prediction.factor**2 * (1 - s**2) - (2 - 2 * s)) / (1 - s))
    text = f"factor >= 0, factor² r² - chord² = (1-s)({rest}) >= 0 there"
    rising = Poly(rest, s).degree() == 1 and rest.diff(s) > 0 and rest.subs(s, least) >= 0
    rising = rising and prediction.factor >= 0
    sign = Step(text, How.DECIDED, evidence="linear in s, rising") if rising else gap(text, "sign")
    there = (say(least, "<=", s), say(s, "<=", 1))
    sign = saying(sign, say(2 - 2 * s, "<=", prediction.factor**2 * (1 - s**2), there))
    sharp = derived(
        "chord² = 2/(1+s) r², which falls in s: the least factor is √(2/(1+√(1-log 3/3)))",
        simplified((2 - 2 * s) / (1 - s**2) - 2 / (1 + s)),
    )
    reached = Step("it is below 1.0553", How.DECIDED, evidence="two numbers compared")
    if not 2 / (1 + least) < Rational(10553, 10000) ** 2:
        reached = gap(reached.text, "two numbers compared")
    start = apply(CHAIN, f"|x_i-y_i|(0) <= {prediction.factor} r", chord, event, room, sign)
    text = f"(D.1): max|x_j-y_j| grows at most at the rate {prediction.growth}"
    growth = by_statement(statement_of(STEP_D_1), flow, prediction.growth, text)
    text = f"|x_i-y_i|(t) <= {prediction.factor} e^(({prediction.growth})t) √(log d/d)"
    bound = apply(CHAIN, text, start, growth)
    return Sheet(
        (chord, event, room, sign, sharp, reached, start, growth, bound),
        {**SCOPE_WARM_EQUAL_MASSES, "d": "symbolic, >= n"},
        (flow.model.velocity, prediction.growth, rest),
        f"factor² r² - chord² = (1-s)({rest}) >= 0 for s = √(1-r²) >= √(1 - log 3/3); then "
        f"differences grow at most at the rate {prediction.growth}, by (D.1)",
    )


NEAR_ORTHONORMAL: Statement[Approximation] = Statement(
    "",
    "tokens stay near those that start orthonormal",
    decide_displacement,
    not_asked,
    refute_displacement,
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


def decide_products(flow: Flow, prediction: Approximation) -> Sheet:
    """Bound the change of an inner product by that of the tokens; 2 is approached."""
    x, y, u, v = vectors("x y u v", unit="x y u v")
    text = "<x_i,x_j> - <y_i,y_j> = <x_i-y_i,x_j> + <y_i,x_j-y_j>"
    left = residual(inner(x, y) - inner(u, v) - inner(x - u, y) - inner(u, y - v))
    split = derived(text, left)
    two = apply(TRIANGLE, "|<x_i,x_j> - <y_i,y_j>| <= 2 max|x_j-y_j|", split)
    text = "Theorem 6.8: <y_i,y_j> = γ"
    angles = by_statement(statement_of(THEOREM_6_8), flow, THEOREM_6_8.prediction, text)
    turn = Symbol("h", positive=True)
    c, s = (1 - turn**2) / (1 + turn**2), 2 * turn / (1 + turn**2)
    ratio = simplified((2 * c * s) ** 2 / (2 - 2 * c))
    text = f"two tokens turned by 2 arctan h: (change)²/|x-y|² = {ratio} -> 4"
    best = saying(
        derived(text, ratio.subs(turn, 0) - 4), say((2 * c * s) ** 2 / (2 - 2 * c), "=", ratio)
    )
    same = derived(f"{prediction.factor} = 2", prediction.factor - 2)
    text = f"|<x_i,x_j> - γ| <= {prediction.factor} max|x_j-y_j|, <y_i,y_j> = γ"
    bound = apply(CHAIN, text, two, angles, same)
    bound_of_tokens = f"√2 e^(({prediction.growth})t) √(log d/d)"
    text = f"(D.6): max|x_j-y_j| <= {bound_of_tokens} on the event (D.5)"
    tokens = replace(STEP_D_6.prediction, growth=prediction.growth)
    near = by_statement(NEAR_ORTHONORMAL, flow, tokens, text)
    text = f"|<x_i,x_j> - γ| <= {prediction.factor} {bound_of_tokens} on it"
    then = apply(CHAIN, text, bound, near)
    return Sheet(
        (split, two, angles, best, same, bound, near, then),
        {**SCOPE_WARM_EQUAL_MASSES, "d": "symbolic, >= n"},
        (flow.model.velocity, prediction.growth),
        "<x_i,x_j> - <y_i,y_j> = <x_i-y_i,x_j> + <y_i,x_j-y_j>, <y_i,y_j> = γ by Theorem 6.8; 2 "
        f"is approached; then differences grow at most at the rate {prediction.growth}, by (D.1)",
    )


NEAR_GAMMA: Statement[Approximation] = Statement(
    "",
    "inner products stay near γ",
    decide_products,
    not_asked,
    refute_products,
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
