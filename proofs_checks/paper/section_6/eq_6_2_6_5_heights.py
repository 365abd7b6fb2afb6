"""(6.2), (6.5), (6.2) acceleration, E.(6.2): the least height rises.

Main results
------------
- (6.2): the least height r >= 0 grows at least at r Σ_j A_ij (1 - g_ij) >= 0.
- (6.5): the same for α = min <x_i, x*> >= 0.
- (6.2) acceleration: |x_i''| <= 3 + 2β (SA), (3 + 2β) e^{2β} (USA).
- E.(6.2): USA has the weights m_j e^{β<x_i,x_j>}; (6.2) omits the 1/n.

How it is proved
----------------
(6.2), (6.5): a theorem on models in pull form, x_i' = P_i Σ_j p_ij x_j with p_ij >= 0, read off
each model's own expression, and so are the weights of the erratum. The acceleration bound is a
theorem on what is S long at most and moves at the pace L: |x_i''| <= (S + L) S; it is watched.

References
----------
arXiv 2312.10794, (6.2), (6.5) and Lemma 6.6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import mul

from sympy import DiagMatrix, Expr, MatMul, Poly, Rational, S, exp, symbols
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CONTINUOUS,
    HEIGHT,
    HOT,
    NONNEGATIVE_EACH_TIME,
    ON_SPHERE,
    ONLY_SPEED,
    OWN_VALUES,
    ByModel,
    Counterexample,
    Flow,
    Identity,
    Statement,
    Trial,
    acceleration_bound,
    fast_pair,
    identities,
    leaves_sphere,
    not_asked,
    of_tokens,
    random_unit,
    refuse_sign,
    sampled_acceleration,
    vanishes,
    without_temperature,
)
from proofs_checks.theorems import (
    OTHER,
    TOKEN,
    Concludes,
    Conclusion,
    Pull,
    Refusal,
    accelerating,
    gram,
    height,
    in_its_time,
    lifted,
    pull_in,
    pulled,
    subject_in,
    with_time,
    words_of,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import REPULSIVE, SA, USA
from theory.symbols import X, beta, d, m, n, z


def derive_acceleration(flow: Flow) -> ByModel | None:
    """Return the derived bound."""
    bound = acceleration_bound(flow)
    return None if bound is None else ByModel(*[bound.subs(HOT, beta)] * 2)


def refute_acceleration(
    flow: Flow, prediction: ByModel | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or two of unequal masses that accelerate more."""
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    if prediction is None or without_temperature(flow.model):
        return None
    found = fast_pair(flow.model, prediction.of(flow.model))
    return Counterexample(found, {"n": "2", "d": "2"}) if found else None


def conclude_acceleration(flow: Flow, prediction: ByModel) -> Conclusion | Refusal:
    """Say that a token's velocity changes at most at the predicted rate."""
    subject = subject_in(flow)
    bound = prediction.of(flow.model)
    return subject if isinstance(subject, Refusal) else accelerating(subject, bound)


def watch(flow: Flow, prediction: ByModel, budget: Budget) -> Trial:
    """Compare the bound with samples."""
    return sampled_acceleration(flow, prediction.of(flow.model), budget)


ACCELERATION: Statement[ByModel] = Statement(
    "",
    "|x_i''| is bounded",
    Concludes(conclude_acceleration),
    derive_acceleration,
    refute_acceleration,
    watch,
    typed=True,
)

_ACCELERATION = ByModel(3 + 2 * beta, (3 + 2 * beta) * exp(2 * beta))


SECOND_DERIVATIVE = Claim(
    "(6.2) acceleration",
    "|x_i''| <= 3 + 2β (SA), (3 + 2β) e^{2β} (USA), the bound that Lemma 6.6 is used with.",
    (SA, USA),
    _ACCELERATION,
    ACCELERATION,
    (
        Control("SA bound / 10", prediction=replace(_ACCELERATION, softmax=(3 + 2 * beta) / 10)),
        Control(
            "USA e^{2β} -> e^{β/2}/2",
            prediction=replace(_ACCELERATION, plain=(3 + 2 * beta) * exp(beta / 2) / 2),
        ),
        Control("USA in place of SA", model=(USA.subs({beta: 2 * beta}),)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=10,
    equivalents=(
        Equivalent("x'' is the derivative of F along F, even in F", ("*.velocity: sign",)),
        Equivalent("a larger bound", ("prediction.*: squared", "prediction.plain: e^u*")),
        Equivalent(
            "|x''| <= |m|² (1+√2)/2 + |m'| <= 2.21 + 2β <= 3 + 2β²",
            ("prediction.softmax: β -> β²",),
        ),
        Equivalent(
            "|x''|² <= S⁴ + (e^{2β}/2 + 2βS² + e^β S)², S = max e^{βg}√(1-g²): less than its "
            "square",
            ("prediction.plain: β -> β²",),
        ),
    ),
)


_RISE, _LESS, _MORE = symbols("e u v", nonnegative=True)  # <x_j-x_i, w>, (1 - g_ij)/2, (1 + g_ij)/2


@dataclass(frozen=True)
class HeightBound:
    """``d/dt <x_i, w> >= Σ_j A_ij bound >= 0`` for the lowest token.

    Attributes
    ----------
    bound : Expr
        In ``HEIGHT`` and ``z`` = g_ij.
    sign : int
        Sign of the least height: 1, or -1.
    """

    bound: Expr
    sign: int = 1


def derive_height(flow: Flow) -> HeightBound:
    """Return the summand of the rate at tokens of equal height, the same for every flow."""
    return _LIFT


def _least_coefficient(expr: Expr, sign: int) -> Expr:
    """Least coefficient of a polynomial in r, e, 1-g, 1+g, r having the given sign.

    Every power of g is brought to the highest degree k by (u + v)^k = 1, u = (1-g)/2, v = (1+g)/2.
    """
    size = symbols("s", nonnegative=True)
    plain = Poly(expr.subs(HEIGHT, sign * size), z)
    top = max(0, plain.degree())  # that of 0 is minus infinity
    powers = ((_MORE - _LESS) ** k * (_MORE + _LESS) ** (top - k) * c for (k,), c in plain.terms())
    return min(Poly(sum(powers), size, _RISE, _LESS, _MORE).coeffs())


_SUMMAND = _RISE + HEIGHT - HEIGHT * z
"""Rate of <x_i,w> for one x_j, over A_ij, as the Gram algebra has it."""


def _signs(prediction: HeightBound) -> tuple[Expr, Expr]:
    """Least coefficients of the rate minus the bound, and of the bound."""
    refuse_sign(prediction.sign)
    left, bound = _SUMMAND - prediction.bound, prediction.bound
    return _least_coefficient(left, prediction.sign), _least_coefficient(bound, prediction.sign)


def refute_height(
    flow: Flow, prediction: HeightBound | None, budget: Budget
) -> Counterexample | None:
    """Find rational tokens x, y and a pole at which one of the two inequalities fails."""
    if prediction is None:
        return None
    right = min(_signs(prediction)) >= 0
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    schedule = flow.schedule
    if flow.weight is None or schedule is None:
        return None
    when = schedule.negative_at
    if when is None and (schedule.sign != 1 or (right and flow.attracts.holds)):
        return None
    at = {beta: Rational(3, 4), n: 2, d: 3}
    kernel = (flow.weight if when is None else -flow.weight).subs(
        {s: at.get(s, S.One) for s in flow.weight.free_symbols - {z}}
    )
    for case in range(1, 5 * budget.cases + 1):
        x, y, w = (random_unit(budget.rng, 3) for _ in range(3))
        g, low, high = (sum(map(mul, a, b), S.Zero) for a, b in ((x, y), (x, w), (y, w)))
        pull = kernel.subs(z, g)
        if high < low or low * prediction.sign <= 0 or g == 1 or not pull.is_nonzero:
            continue
        weight = 1 if pull.is_positive else -1
        rate = weight * (high - g * low)
        bound = weight * prediction.bound.subs({HEIGHT: low, z: g})
        if rate < bound or bound < 0:
            return Counterexample(
                f"{flow.name}, {'' if when is None else f't = {when}, '}tokens {x}, {y}, pole {w}: "
                f"heights {low} <= {high}, g = {g}: over |A_12| the rate is {rate}, the bound "
                f"{bound}",
                cases=case,
            )
    return None


def conclude_height(flow: Flow, prediction: HeightBound) -> Conclusion | Refusal:
    """Say that the height of a lowest token rises at least like the bound, which is >= 0."""
    pull = pull_in(flow)
    return pull if isinstance(pull, Refusal) else _claimed(flow, pull, prediction)


def _claimed(flow: Flow, pull: Pull, prediction: HeightBound) -> Conclusion:
    refuse_sign(prediction.sign)
    here = {HEIGHT: height(TOKEN), z: gram(TOKEN, OTHER)}
    return in_its_time(flow, lifted(pull, prediction.bound.xreplace(here), prediction.sign))


def say_height(flow: Flow, prediction: HeightBound) -> str:
    """Say it in the weights of a flow."""
    pull = pull_in(flow)
    if isinstance(pull, Refusal):
        return ""
    own = _claimed(flow, pull, prediction)
    return with_time(flow, own, f"{_LOWEST}: {words_of(own)}")


_LOWEST = "a lowest token i over the equator of w, s_i = <x_i,w> >= 0"
LOWEST: Statement[HeightBound] = Statement(
    "(6.2)",
    f"{_LOWEST}: Σ_j p_ij (1-g_ij) s_i <= s_i', x_i' = P_i Σ_j p_ij x_j",
    Concludes(conclude_height),
    derive_height,
    of_tokens(refute_height),
    premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, NONNEGATIVE_EACH_TIME),
    several_blocks=True,
    says=say_height,
    typed=True,
)
NEAREST = replace(LOWEST, name="(6.5)")

_LIFT = HeightBound(HEIGHT * (1 - z))


INEQUALITY_6_2 = Claim(
    "(6.2)",
    "The least height r >= 0 over the equator of w grows at least at r Σ_j A_ij (1 - g_ij) >= 0.",
    (SA, USA),
    _LIFT,
    LOWEST,
    (
        Control("r < 0", prediction=replace(_LIFT, sign=-1)),
        Control("1 - g_ij -> 1 + g_ij", prediction=HeightBound(HEIGHT * (1 + z))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("only A_ij >= 0 is used, and β A_ij >= 0", ("*.velocity: × β",)),
        Equivalent(
            "<x_i,x_j> >= 2r² - 1 for two heights >= r, so r (1 - g) <= 2r (1 - r²) < 1",
            ("prediction.bound: squared",),
        ),
    ),
)


INEQUALITY_6_5 = Claim(
    "(6.5)",
    "α' >= α Σ_j A_ij (1 - g_ij) for α = min <x_i, x*> >= 0.",
    (SA, USA),
    _LIFT,
    NEAREST,
    (
        Control("the factor α dropped", prediction=HeightBound(1 - z)),
        Control("α < 0", prediction=replace(_LIFT, sign=-1)),
        Control("twice the bound", prediction=HeightBound(2 * HEIGHT * (1 - z))),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=INEQUALITY_6_2.equivalents,
)


def _weighted(flow: Flow, prediction: MatrixExpr) -> tuple[Identity, ...]:
    pulled = Tangent(X, MatMul(prediction, X))
    return (Identity("x_i' - P_i Σ_j a_ij x_j", flow.model.velocity, pulled),)


def conclude_weights(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say that the weights of the pulls are the entries of a matrix."""
    pull = pull_in(flow)
    return pull if isinstance(pull, Refusal) else pulled(pull, prediction * X)


WEIGHTS: Statement[MatrixExpr] = replace(
    vanishes(
        "",
        "the weights of the field",
        identities(_weighted, "x_i' - P_i Σ_j a_ij x_j"),
        not_asked,
    ),
    decide=Concludes(conclude_weights),
    typed=True,
)

_EXPONENTIALS = Elementwise(exp(beta * z), X * X.T)

_WEIGHTS = _EXPONENTIALS * DiagMatrix(m)


ERRATUM_6_2 = Claim(
    "E.(6.2)",
    "USA has the weights a_ij = e^{β<x_i,x_j>}/n, m_j e^{β<x_i,x_j>}; (6.2) omits the 1/n.",
    USA,
    _WEIGHTS,
    WEIGHTS,
    (
        Control("the weights of SA", prediction=RowSoftmax(beta * X * X.T, m)),
        Control("2/n", prediction=2 * _WEIGHTS),
        Control("the flow SA", model=SA),
    ),
    Verdict.PROVED,
    printed=Control("as printed: e^{β<x_i,x_j>}", prediction=_EXPONENTIALS),
    cases=3,
    origin="erratum",
    kind="formula",
)


CLAIMS = (INEQUALITY_6_2, INEQUALITY_6_5, SECOND_DERIVATIVE, ERRATUM_6_2)
