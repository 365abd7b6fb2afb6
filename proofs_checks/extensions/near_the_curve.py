"""Near the curve: starts near orthonormal tokens keep to γ for ever, with an explicit radius.

How it is proved
----------------
Y orthonormal, X within θ: the geodesics from Y to X are a path of starts, and R(t), twice its
length, bounds every |g_ij - γ| along it. The linearised flow lets R grow at most at a mean over
the weights of a token, with a part c(V+√(VW)), V <= λ max A_ij, λ the top eigenvalue of the others
projected: (1-γ)(1+(n-1)γ) on the curve, 3(n-1)R more near it. Over γ' this is a(γ) + O(R), ∫a = A
of closed form: a Bernoulli inequality keeps R below ε-η until γ = 1-η. There all products are at
least 1-ε, and (4.2) keeps them there. Exact for every n >= 2, β >= 0 and 0 < η < ε <= 1. Better
constants are refuted by equiangular tokens, on the curve itself.

References
----------
arXiv 2312.10794, Theorem 6.9, (6.11), Appendix D.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Derivative, Expr, Mul, Rational, S, Symbol, exp, expand, log, simplify, sqrt

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_4.eq_4_2_least_product import EQUATION_4_2
from proofs_checks.paper.section_6.eq_6_9_6_10_rates import EQUATION_6_9
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from proofs_checks.proof import (
    AT_EVERY_BETA,
    ATTENTION,
    AUTONOMOUS,
    BERNOULLI,
    CARRIED,
    CHAIN,
    GERSHGORIN,
    LARGER_PARTS,
    LATE,
    ON_SPHERE,
    ONLY_SPEED,
    POSITIVE_WEIGHTS,
    ROOM,
    SECANT,
    SMALLER,
    SUM,
    TOLERANCE,
    TRIANGLE,
    WARMTH,
    Counterexample,
    Flow,
    How,
    NearCurve,
    Sheet,
    Statement,
    Step,
    apart,
    apply,
    by_statement,
    derived,
    exponential_weights,
    farthest_from_curve,
    gap,
    heat,
    leaves_gamma,
    leaves_sphere,
    linearised,
    not_asked,
    statement_of,
)
from proofs_checks.said import say, saying
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.predictions import curve_growth, equiangular_rate, nonlinear_loss
from theory.symbols import gamma, n

_reduced = lru_cache(maxsize=64)(simplify)
"""What several models and controls ask alike is simplified once."""

_C, _M, _G = WARMTH, Symbol("m", positive=True), Symbol("g", nonnegative=True)
"""c, n - 1 and γ."""
_R, _H = Symbol("R", positive=True), Symbol("h", real=True)
_SIGMA = sqrt(_M * (1 + _G) / (1 + _M * _G))
_PER_RATE = _M / (2 * (1 - _G) * (1 + _M * _G))
"""The share of the others in the weights of a token on the curve, over γ'."""
_BELOW_1 = say(_G, "<", 1)


def _plain(expr: Expr) -> Expr:
    return expr.subs(n, _M + 1).subs(gamma, _G)


_PLACE = {_M: 6, _C: Rational(5, 4), _G: Rational(1, 3)}
_PLACE |= {TOLERANCE: Rational(1, 2), LATE: Rational(1, 5)}


def _same(text: str, left: Expr) -> Step:
    """Step of ``left = 0``; where it isn't, its value at one place is enough."""
    value = left.subs(_PLACE).evalf(20, chop=True)
    return derived(text, _reduced(left) if abs(value) < 1e-15 else value.n(6))


def _near_pairs(rate: Step) -> tuple[Step, ...]:
    """Bound the means of 1-g, <v,x_j>² and <x_i,u_j>² where all |g_jk - γ| <= R."""
    x, y, w = vectors("x y w", unit="x y w")
    left = inner(y - x * inner(x, y), w - x * inner(x, w))
    gram = derived(
        "<P_i x_j, P_i x_k> = g_jk - g_ij g_ik",
        residual(left - inner(y, w) + inner(x, y) * inner(x, w)),
    )
    a, b = Symbol("a", real=True), Symbol("b", real=True)
    split = derived(
        "g_ij g_ik - γ² = (g_ij-γ) g_ik + γ (g_ik-γ)",
        expand(a * b - _G**2 - (a - _G) * b - _G * (b - _G)),
    )
    split = saying(split, say(a * b - _G**2, "=", (a - _G) * b + _G * (b - _G)))
    text = "on the curve it is (1-γ)I + γ(1-γ)J, of top eigenvalue (1-γ)(1+mγ), m = n-1"
    top = derived(
        text,
        expand(1 - _G**2 - _G * (1 - _G) - (1 - _G))
        + expand((1 - _G) * (1 + _M * _G) - (1 - _G) - _M * _G * (1 - _G)),
    )
    top = saying(
        top,
        say(1 - _G**2, "=", (1 - _G) + _G * (1 - _G)),
        say((1 - _G) * (1 + _M * _G), "=", (1 - _G) + _M * _G * (1 - _G)),
    )
    text = "Σ_{j≠i} <v,x_j>² <= (1-γ)(1+mγ) + 3mR, as |g_jk - g_ij g_ik - γ + γ²| <= 3R"
    wide = apply(GERSHGORIN, text, gram, split, top)
    square = 1 - (_G - _H) ** 2 - (1 - _G**2 + 2 * _G * _H - _H**2)
    fall = derived("g = γ-h: 1-g² = 1-γ²+2γh-h² <= 1-γ²+2γR", expand(square))
    wider = 1 - _G**2 + 2 * _G * _H - _H**2
    fall = saying(
        fall,
        say(1 - (_G - _H) ** 2, "=", wider),
        say(wider, "<=", 1 - _G**2 + 2 * _G * _R, (say(_H, "<=", _R),)),
    )
    e, k, q = (Symbol(name, positive=True) for name in "ekq")
    # k = e^{cγ}, e = e^c, q = e^{cR}: the sum of the row is at least 1/q of that on the curve.
    text = "A_ij <= e^{cR} e^{cγ}/(e^{-cR} (row sum at γ)) = e^{2cR} s/m, s = Σ_{j≠i} A_ij at γ"
    share = derived(text, _reduced(q * k / ((e + _M * k) / q) - q**2 * k / (e + _M * k)))
    text = "<v, D_u F_i> <= e^{2cR} s (1-γ+R + c(X+√(XY))), X = (1-γ)(1+mγ)/m + 3R, Y = 1-γ²+2γR"
    mean = apply(SUM, text, rate, wide, fall, share, terms={"1-g_ij": ">= 0", "A_ij": "> 0"})
    return gram, split, top, wide, fall, share, mean


def _per_gamma(flow: Flow, mean: Step) -> tuple[Step, ...]:
    """Divide by γ', and compare with ``a + (b + κa) R``."""
    hot = heat(flow)
    rate = flow.angle_rate
    assert hot is not None and rate is not None  # asked where they are
    at = exp(hot * gamma)
    share = (n - 1) * at / ((exp(hot) + (n - 1) * at) if flow.normalised else n)
    scaled = _plain(share / rate) - _PER_RATE
    clock = derived("s/γ' = m/(2(1-γ)(1+mγ))", _reduced(scaled))
    over = Mul(_plain(share), 1 / _plain(rate), evaluate=False)
    clock = saying(clock, say(over, "=", _PER_RATE, (_BELOW_1,)))
    x, y = (1 - _G) * (1 + _M * _G) / _M + 3 * _R, 1 - _G**2 + 2 * _G * _R
    root = (
        (x * _SIGMA + y / _SIGMA) / 2
        - (1 - _G**2) / _SIGMA
        - _R * (3 * _SIGMA + 2 * _G / _SIGMA) / 2
    )
    means = derived(
        "√(XY) <= (Xσ+Y/σ)/2 = (1-γ²)/σ + R(3σ+2γ/σ)/2, σ² = m(1+γ)/(1+mγ)", _reduced(root)
    )
    arithmetic = (x * _SIGMA + y / _SIGMA) / 2
    parts = (1 - _G**2) / _SIGMA + _R * (3 * _SIGMA + 2 * _G / _SIGMA) / 2
    means = saying(means, say(arithmetic, "=", parts))
    slope = (_M / (1 + _M * _G) + _C + _C * _SIGMA) / 2
    first = (
        _PER_RATE * (1 - _G + _C * ((1 - _G) * (1 + _M * _G) / _M + (1 - _G**2) / _SIGMA)) - slope
    )
    order = derived("at R = 0 the bound over γ' is a = (m/(1+mγ) + c + cσ)/2", _reduced(first))
    terms_at_0 = (1 - _G) * (1 + _M * _G) / _M * _SIGMA + (1 - _G**2) / _SIGMA
    bound = _PER_RATE * (1 - _G + _C * ((1 - _G) * (1 + _M * _G) / _M + terms_at_0 / 2))
    own = (_M / (1 + _M * _G) + _C + _C * _SIGMA) / 2
    order = saying(order, say(bound, "=", own, (_BELOW_1,)))
    wide = derived(
        "σ² - 1 = (m-1)/(1+mγ) >= 0, so γ/σ <= 1",
        _reduced(_SIGMA**2 - 1 - (_M - 1) / (1 + _M * _G)),
    )
    wide = saying(wide, say(_SIGMA**2 - 1, "=", (_M - 1) / (1 + _M * _G)))
    bends = Step("e^{2cR} <= 1 + κR, κ = (e^{2cR_1}-1)/R_1, R <= R_1 = ε-η", How.BY_RULE)
    bends = apply(SECANT, bends.text, Step("(e^{2cR})'' >= 0", How.DERIVED))
    text = "dR/dγ <= R(a + (b + κa)R), b = e^{2cR_1} m(1+4c+3cσ/2)/(2(1-γ)(1+mγ))"
    terms = {"a": ">= 0", "b": ">= 0"}
    joined = apply(SUM, text, mean, clock, means, order, wide, bends, terms=terms)
    return clock, means, order, wide, bends, joined


def _integrals(prediction: NearCurve) -> tuple[Step, ...]:
    """Whether growth and loss are the integrals that the Bernoulli inequality asks for."""
    slope = (_M / (1 + _M * _G) + _C + _C * _SIGMA) / 2
    growth = _plain(prediction.growth)
    text = "A' = a"
    rises = _same(text, growth.diff(_G) / growth - slope)
    begins = _same("A(0) = 0", growth.subs(_G, 0) - 1)
    area = _M * (log(1 / (1 - _G)) + log(1 + _M * _G)) / (2 * (_M + 1))
    text = "J = (m/2n) log((1+mγ)/(1-γ)): J' = m/(2(1-γ)(1+mγ)), J(0) = 0"
    inside = derived(text, _reduced(area.diff(_G) - _PER_RATE) + area.subs(_G, 0))
    inside = saying(
        inside,
        say(Derivative(area, _G), "=", _PER_RATE, (_BELOW_1,)),
    )
    text = "σ √(1+mγ) = √(m(1+γ)) <= √(2m), and A - log(1+mγ)/2 rises"
    root = derived(text, _reduced((_SIGMA * sqrt(1 + _M * _G)) ** 2 - _M * (1 + _G)))
    root = saying(root, say(_SIGMA**2 * (1 + _M * _G), "<=", 2 * _M, (_BELOW_1,)))
    room, end = TOLERANCE - LATE, 1 + _M * (1 - LATE)
    hot = exp(2 * _C * room)
    least = hot * area.subs(_G, 1 - LATE) * (1 + 4 * _C + Rational(3, 2) * _C * sqrt(2 * _M / end))
    text = "∫_0^s b e^A <= e^{A(s)} B, s = 1-η, B = e^{2cR_1} J(s) (1+4c+(3c/2)√(2m/(1+ms)))"
    total = apply(CHAIN, text, rises, begins, inside, root)
    said = "the loss is 1/R_1 + κ + B"
    own = 1 / room + (hot - 1) / room + least
    same = _same(said, expand(_plain(prediction.loss) - own))
    early = (say(LATE, "<", TOLERANCE), say(TOLERANCE, "<=", 1))
    same = saying(same, say(_plain(prediction.loss), "=", own, early))
    return rises, begins, inside, root, total, same


def _size_of_growth() -> tuple[Step, ...]:
    """Bound A by log n/2 + 1.65 β: drop 1/m under the root."""
    area = sqrt(_G * (1 + _G)) + log(sqrt(1 + _G) + sqrt(_G))
    text = "σ <= √((1+γ)/γ) = (√(γ(1+γ)) + log(√γ+√(1+γ)))'"
    slope = derived(text, _reduced(area.diff(_G) - sqrt((1 + _G) / _G)))
    half = (1 + area.subs(_G, 1)) / 2
    text = f"(1 + √2 + log(1+√2))/2 = {half.evalf(5)} < 1.65"
    least = Step(text, How.DECIDED) if half < Rational(165, 100) else gap(text, "larger")
    least = saying(least, say(half, "<", Rational(165, 100)))
    return slope, least, apply(CHAIN, "A <= log n/2 + 1.65 c", slope, least)


def decide(flow: Flow, prediction: NearCurve) -> Sheet:
    """Keep R, twice the length of a path of starts, below ε-η until γ = 1-η; then min g rises."""
    rate = flow.angle_rate
    words = {"n": "symbolic, >= 2", "d": "symbolic, >= n", "beta": "symbolic, >= 0"}
    words |= {"masses": "1/n", "start": "within θ of orthonormal"}
    lines = linearised(flow)
    if rate is None or not lines[-1].holds:
        return Sheet(
            (gap("softmax or sum of e^(cg) with equal masses", "not of this form"),), words
        )
    text = "y_i orthonormal: <y_i,y_j> = γ, by (6.9) or (6.10)"
    said = rate if prediction.curve == "own" else equiangular_rate(model=prediction.curve)
    curve = by_statement(statement_of(EQUATION_6_9), flow, said, text)
    solved = by_statement(statement_of(THEOREM_6_8), flow, text="Theorem 6.8: γ rises from 0 to 1")
    text = "R = 2∫ max_i |∂_s x_i| ds, the geodesics from Y to X carried along: R(0) <= 2θ"
    path = apply(CARRIED, text, lines[-1])
    text = "|g_ij - γ| <= the change of the angle <= R, along the whole path"
    close = apply(TRIANGLE, text, path, curve)
    near = _near_pairs(lines[-1])
    clock = _per_gamma(flow, near[-1])
    integrals = _integrals(prediction)
    text = "2θ <= e^{-A(1-η)}/loss: R <= ε-η until γ = 1-η"
    kept = apply(BERNOULLI, text, clock[-1], *integrals, solved)
    sized = _size_of_growth()
    text = "then g_ij >= γ - R >= 1-ε >= 0"
    high = apply(CHAIN, text, close, kept)
    least = by_statement(
        statement_of(EQUATION_4_2), flow, S.Zero, "(4.2): min g_ij never falls once it is >= 0"
    )
    text = "|g_ij - γ| <= ε for all t: ε-η before, and both in [1-ε, 1] after"
    for_ever = apply(CHAIN, text, close, kept, high, least)
    return Sheet(
        (
            *lines,
            curve,
            solved,
            path,
            close,
            *near,
            *clock,
            *integrals,
            *sized,
            kept,
            high,
            least,
            for_ever,
        ),
        words,
        (flow.model.velocity, prediction.growth, prediction.loss),
        "the path of geodesics from orthonormal tokens grows by e^A until γ = 1-η, A = ∫ of the "
        "linearised rate over γ', and of the second order only the loss is left; then min g rises",
    )


_CASES = ((2, 0), (2, 3), (2, 9), (64, 0), (10**4, 0))


def refute(flow: Flow, prediction: NearCurve | None, budget: Budget) -> Counterexample | None:
    """Find equiangular tokens within the radius that leave γ by more than the tolerance."""
    if prediction is None:
        return None
    found = leaves_sphere(flow.model, budget.rng) or leaves_gamma(flow.model, prediction.curve)
    found = found or apart(flow, budget.rng)
    if found or not exponential_weights(flow).holds:
        return Counterexample(found) if found else None
    tolerance, late = Rational(1, 10), Rational(1, 500)
    for size, warm in _CASES:
        put = {n: size, WARMTH: warm, TOLERANCE: tolerance, LATE: late}
        exact = prediction.radius.subs(put)
        if exact.is_finite and exact.evalf() <= 0:
            return Counterexample(f"orthonormal tokens keep to γ, but θ = {exact.evalf(4)} < 0")
        radius = min(float(exact), 1.0) if exact.is_finite else 1.0
        off = farthest_from_curve(radius, size, float(warm), "SA" if flow.normalised else "USA")
        if off > float(tolerance) * (1 + 1e-6):
            return Counterexample(
                f"{flow.name}, n = {size}, {heat(flow)} = {warm}: equiangular tokens {radius:.4g} "
                f"from orthonormal ones come to be {off:.4g} > ε = {tolerance} ahead of γ",
                {"n": str(size), "beta": f"{heat(flow)} = {warm}"},
            )
    return None


NEAR: Statement[NearCurve] = Statement(
    "",
    "starts near orthonormal tokens keep to γ for ever",
    decide,
    not_asked,
    refute,
    premises=(ON_SPHERE, ATTENTION, AUTONOMOUS, POSITIVE_WEIGHTS),
)


_NEAR = NearCurve(exp(curve_growth(beta=WARMTH)), nonlinear_loss(TOLERANCE, LATE, WARMTH))
NEAR_THE_CURVE = Claim(
    "Near the curve",
    "Each token within θ = e^{-A(1-η)}/(2 loss) of an orthonormal system, 0 < η < ε <= 1: "
    "|g_ij - γ| <= ε for all t >= 0; e^A <= √n e^{1.65β}, loss of ε, η, β, n in closed form.",
    (SA, USA),
    _NEAR,
    NEAR,
    (
        Control(
            "A without log n/2",
            prediction=replace(_NEAR, growth=_NEAR.growth / sqrt(1 + (n - 1) * gamma)),
        ),
        Control("A without β", prediction=replace(_NEAR, growth=sqrt(1 + (n - 1) * gamma))),
        Control(
            "1/(ε-η) -> 1/(4(ε-η))",
            prediction=replace(_NEAR, loss=_NEAR.loss - Rational(3, 4) / (TOLERANCE - LATE)),
        ),
        Control("γ of USA", model=(SA,), prediction=replace(_NEAR, curve="USA")),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent(SMALLER, tuple(f"prediction.{part}" for part in LARGER_PARTS)),
    ),
)


CLAIMS = (NEAR_THE_CURVE,)
