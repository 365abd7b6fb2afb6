"""(8.1), (8.1) marginals: the law of two tokens on the circle.

Main results
------------
(8.1): ∂_t ψ + ∂_x(vψ) = 0, v = (2/(βn)) h'(x) - (2(n-2)/(βn)) g, g = E[-h'(θ_3) | 0, x].
(8.1) marginals: ρ^(1) = 1/2π, and ρ^(2) = ψ(t, θ_2-θ_1)/2π with ψ even; for SA as well.
At n = 2 it closes: the extension "Pair law of two tokens".

How it is proved
----------------
The hierarchy is derived from the flow (`theory.hierarchy`). A uniform law is kept by rotations,
reflections and permutations, and so by the flow: the n - 2 terms are equal in mean, and so are the
two parts of each. Copies of the tokens test (8.1) bin by bin. The paper leaves d > 2 and SA as
questions: SA's velocity has the random factor 1/Z_i, whose mean needs the law of all tokens.

References
----------
arXiv 2312.10794, Section 8, (8.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import (
    Expr,
    Rational,
    S,
    Symbol,
    besseli,
    cos,
    diff,
    exp,
    lambdify,
    pi,
    simplify,
)

from numerics import sphere
from numerics.hierarchy import pair_samples
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.paper.section_2.remark_2_2_equivariance import RELABELS, ROTATES
from proofs_checks.proof import (
    CIRCLE_KERNEL,
    KNOWN,
    ON_SPHERE,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    circle_normal_form,
    cited,
    derived,
    gap,
    matrix_parameters,
    not_asked,
    refute_off_sphere,
    sampled_values,
    subjects,
)
from proofs_checks.proof.joint_laws import (
    CARRIED_LAW,
    EXCHANGED,
    KEPT_LAW,
    MIRRORED,
    ONE_SUM,
    derived_hierarchy,
)
from proofs_checks.shared_runs import ensemble
from theory.derivations import phi as PHI
from theory.models import SA, USA
from theory.symbols import beta, n, z

ANGLE = Symbol("theta", real=True)
"""Angle of a token at the start."""

UNIFORM_ANGLE = 1 / (2 * pi)
VON_MISES = exp(cos(ANGLE)) / (2 * pi * besseli(0, 1))
"""Start with κ = 1, around the angle 0."""

BEYOND = 5.0
"""Scores beyond which (8.1) is refuted: one of twelve exceeds it once in 10^5 runs."""


def _density_left(start: Expr) -> Expr:
    """Difference of a starting density from the uniform one."""
    return simplify(start - UNIFORM_ANGLE)


def _start(start: Expr) -> Step:
    return derived("independent starts, uniform on the circle", _density_left(start))


def _moment(start: Expr) -> str:
    """Give the mean that betrays a start that isn't uniform."""
    points = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    values = np.broadcast_to(lambdify(ANGLE, start, "scipy")(points), points.shape)
    means = {k: float((values * np.cos(k * points)).mean() * 2 * np.pi) for k in (1, 2, 3)}
    mode = max(means, key=lambda k: abs(means[k]))
    return f"at t = 0, E cos {mode}θ_1 = {means[mode]:.6f}, and 0 for 1/2π"


# -- (8.1) marginals -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marginals:
    """Laws of one token and of two.

    Attributes
    ----------
    start : Expr
        Density of each angle at t = 0, in ``ANGLE``; the tokens are independent.
    """

    start: Expr


def refute_marginals(
    flow: Flow, prediction: Marginals | None, budget: Budget
) -> Counterexample | None:
    """Find a start that isn't uniform, or a flow that leaves the circle."""
    if prediction is not None and _density_left(prediction.start) != 0:
        return Counterexample(_moment(prediction.start))
    return refute_off_sphere(flow, prediction, budget)


def _kept(flow: Flow, start: Step) -> tuple[Step, Step, Step, Step]:
    turns = by_statement(ROTATES, flow, "rotations", text="F(XR) = F(X)R for every orthogonal R")
    swaps = by_statement(RELABELS, flow, "permutations", text="F(SX) = S F(X), equal masses")
    invariant = apply(
        KEPT_LAW, "rotations and reflections of the circle keep the law at t", turns, start
    )
    return turns, swaps, invariant, apply(KEPT_LAW, "so do permutations", swaps, start)


def decide_marginals(flow: Flow, prediction: Marginals) -> Sheet:
    """Use the symmetries of the flow and of the start."""
    start = _start(prediction.start)
    turns, swaps, invariant, permuted = _kept(flow, start)
    haar = cited("the uniform law is the only one on the circle that all rotations keep", invariant)
    pair = cited(
        "a law on the torus that (a, b) -> (a + s, b + s) keeps is uniform times one of b - a",
        invariant,
    )
    even = apply(KEPT_LAW, "θ_1 and θ_2 exchanged: ψ(t, -x) = ψ(t, x)", swaps, start)
    return Sheet(
        (start, turns, swaps, invariant, permuted, haar, pair, even),
        {"n": "any", "d": "2", "beta": "symbolic", "masses": "1/n", "t": "symbolic"},
        (),
        f"{flow.name}: ρ^(1) = 1/2π and ρ^(2) = ψ(t, θ_2-θ_1)/2π, ψ even, at every t",
    )


def try_marginals(flow: Flow, prediction: Marginals, budget: Budget) -> Trial:
    """Rayleigh's test of the first angle of many copies, and of it against the difference."""
    copies, count, hot, late = 4000, 3, 1.5, 0.5
    points = sphere.random_points(count, 2, budget.rng, batch=(copies,))
    found = ensemble(flow.model, points, t_eval=[late], rtol=1e-5, beta=hot)
    assert found.points is not None
    angle = np.arctan2(found.points[0, ..., 1], found.points[0, ..., 0])
    turned = (angle[:, 0], angle[:, 0] + 2 * angle[:, 1], 3 * angle[:, 0] - angle[:, 1])
    sizes = [copies * abs(np.exp(1j * a).mean()) ** 2 for a in turned]
    worst, limit = max(sizes), 14.0
    scope = {"n": str(count), "beta": f"{hot:g}", "t": f"{late:g}"}
    words = f"{flow.name}: Rayleigh's statistic is {worst:.2f} in {copies} copies"
    if worst > limit:
        return Trial(f"{words}, p = e^-{worst:.1f}", 1 - worst / limit, copies, scope=scope)
    return Trial("", 1 - worst / limit, copies, seen=words, scope=scope)


MARGINALS: Statement[Marginals] = Statement(
    "",
    "a uniform start stays uniform for one token, and even in the difference for two",
    decide_marginals,
    not_asked,
    refute_marginals,
    try_marginals,
    premises=(ON_SPHERE,),
)

_UNIFORM = Marginals(S.One / (2 * pi))

EQUATION_8_1_MARGINALS = Claim(
    "(8.1) marginals",
    "d = 2, independent uniform starts: ρ^(1) = 1/2π at every t, and ρ^(2) = ψ(t, θ_2-θ_1)/2π with "
    "ψ even (USA and SA).",
    (USA, SA),
    _UNIFORM,
    MARGINALS,
    (
        Control("von Mises start, κ = 1", prediction=Marginals(VON_MISES)),
        Control(
            "start (1 + cos 2θ)/2π, with mean 0",
            prediction=Marginals((1 + cos(2 * ANGLE)) / (2 * pi)),
        ),
    ),
    Verdict.PROVED,
)


# -- (8.1) -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PairEquation:
    """``v = pair h'(x) + share g``, ``g = E[-h'(θ_3) | θ_1 = 0, θ_2 = x]``.

    Attributes
    ----------
    kernel : Expr
        h, a function of ``PHI``.
    pair, share : Expr
        In ``beta`` and ``n``.
    start : Expr
        Density of each angle at t = 0, in ``ANGLE``.
    """

    kernel: Expr
    pair: Expr
    share: Expr
    start: Expr = UNIFORM_ANGLE


def derive_pair_equation(flow: Flow) -> PairEquation | None:
    """Return (8.1) of h' = βc, h that of the energy, times the ratio of velocity and gradient."""
    ratio = flow.climb.ratio
    if derived_hierarchy(flow) is None or flow.kernel is None or z in ratio.free_symbols:
        return None
    hot, kernel = flow.values.get(beta, beta), flow.kernel * (ratio or S.One)
    hot = S.One if hot == 0 else hot  # a unit of c alone: the product is that of h'
    kernel = hot * kernel.subs(z, cos(PHI))
    return PairEquation(kernel, 2 / (hot * n), -2 * (n - 2) / (hot * n))


def _left(flow: Flow, prediction: PairEquation) -> tuple[Expr, Expr] | None:
    """Claimed less derived: the pair's term, and that of the others, as functions of PHI."""
    found = derived_hierarchy(flow)
    if found is None:
        return None
    slope = diff(prediction.kernel, PHI)
    pair = circle_normal_form(prediction.pair * slope - 2 * found.force / n)
    return pair, circle_normal_form(-prediction.share * slope - 2 * (n - 2) / n * found.force)


def refute_pair_equation(
    flow: Flow, prediction: PairEquation | None, budget: Budget
) -> Counterexample | None:
    """Find tokens off the circle, a start that isn't uniform, or a wrong v at t = 0."""
    off = refute_off_sphere(flow, prediction, budget)
    if off is not None or prediction is None:
        return off
    if _density_left(prediction.start) != 0:
        return Counterexample(_moment(prediction.start))
    left = _left(flow, prediction)
    if left is None:
        return None
    hot = flow.number() or Rational(5, 4)
    at = {PHI: S.One, beta: hot, n: S(3)}
    value = left[0].subs(at).n(8)
    if value.is_number and abs(value) > Rational(1, 10**6):
        return Counterexample(
            f"{flow.name}: at t = 0, where g = 0, claimed less derived v(0, 1) is {value.n(6)} "
            f"at β = {hot}, n = 3"
        )
    found = derived_hierarchy(flow)
    if found is None or left[1] == 0:
        return None
    # The term of g is share times a mean of c: its share of the true one, and ∂_t of that at 0.
    ratio = 1 - (left[1] / (-2 * (n - 2) / n * found.force)).subs(at).n(8)
    slope = _early_slope(found.force.subs(beta, hot))
    if not ratio.is_number or abs(slope * (ratio - 1)) < Rational(1, 10**6):
        return None
    return Counterexample(
        f"{flow.name}: at t = 0 the term of g grows at {slope:.6f} at x = 1, β = {hot}, n = 3, "
        f"claimed {slope * float(ratio):.6f}"
    )


def _early_slope(force: Expr) -> float:
    """Rate at t = 0 of -(2(n-2)/n) E[-c(θ_3) | 0, 1], n = 3, as in `early_rate`."""
    points = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    pull, bend = (lambdify(PHI, expr, "numpy") for expr in (force, diff(force, PHI)))
    return float(-2 / 3 * 2 / 3 * np.mean(pull(points) * bend(1.0 - points)))


def decide_pair_equation(flow: Flow, prediction: PairEquation) -> Sheet:
    """Derive the bookkeeping, with exchangeability and the reflection as rules."""
    found, left = derived_hierarchy(flow), _left(flow, prediction)
    if found is None or left is None:
        return Sheet((gap("(8.1)", "no single sum in the equation of the angles"),))
    start = _start(prediction.start)
    turns, swaps, invariant, permuted = _kept(flow, start)
    residuals = {item.statement: item.value for item in found.proof}
    pair = derived("the pair's own part of x' = θ_2' - θ_1' is 2c(x)/n", 0 if found.proved else 1)
    own = derived(f"2c(x)/n = {prediction.pair} h'(x), h = {prediction.kernel}", left[0])
    alike = apply(
        EXCHANGED,
        "the other tokens' parts (c(x-y) + c(y))/n are n - 2 terms of one mean",
        permuted,
        copies=-found.share * n / 2,
        tokens=n,
        named=2,
    )
    x = Symbol("x", real=True)
    mirror = apply(
        MIRRORED,
        "E[c(x-y) | 0, x] = E[c(y) | 0, x], by y -> x - y",
        invariant,
        permuted,
        image=(x - 0, x - x),
        swapped=(x, 0),
    )
    halves = derived(
        "c(x - (x-y)) = c(y), c odd",
        residuals["after y -> x - y the pull of y on x is its pull on 0"],
    )
    others = derived(
        f"2(n-2)/n E[c(θ_3) | 0, x] = ({prediction.share}) g, g = E[-h'(θ_3) | 0, x]", left[1]
    )
    moved = apply(CARRIED_LAW, "∂_t ψ + ∂_x(vψ) = 0", pair, own, alike, mirror, halves, others)
    turn = prediction.kernel.subs(PHI, pi) - prediction.kernel.subs(PHI, -pi)  # h is C¹
    cold = derived("at t = 0 θ_3 is uniform: g(0, x) = -(1/2π) ∫h' = 0", simplify(turn))
    symmetries = (start, turns, swaps, invariant, permuted)
    return Sheet(
        (*symmetries, pair, own, alike, mirror, halves, others, moved, cold),
        {
            **{"n": "symbolic, >= 2", "d": "2", "beta": "symbolic, nonzero", "masses": "1/n"},
            "t": "symbolic, >= 0",
        },
        subjects(flow.model, prediction.pair, prediction.share),
        f"v = {prediction.pair} h'(x) + ({prediction.share}) g with h = {prediction.kernel}, "
        "by exchangeability and the reflection y -> x - y; at t = 0, g = 0",
    )


def try_pair_equation(flow: Flow, prediction: PairEquation, budget: Budget) -> Trial:
    """Score the residual of (8.1) in twelve bins, at n = 3 (and 5 in a full run)."""
    hot, late = 1.5, 0.25
    unsampled = matrix_parameters(flow.model)
    if unsampled or flow.given:
        return Trial(silent=unsampled or f"{flow.name}: no numbers to run it at")
    numbers = sampled_values(flow.model, beta=hot)
    at = {beta: Rational(3, 2)}
    counts, copies = ((3, 5), 400_000) if budget.full else ((3,), 30_000)
    worst = 0.0
    scope = {"n": ", ".join(map(str, counts)), "beta": f"{hot:g}", "t": f"{late:g}"}
    for count in counts:
        samples = pair_samples(
            flow.model, count, [late], copies=copies, rng=budget.rng, rtol=1e-5, **numbers
        )
        claimed = prediction.share.subs({**at, n: count}) * hot * count / (-2 * (count - 2))
        scores = samples.residual_scores(12, sign=float(claimed))
        worst = max(worst, float(np.abs(scores).max()))
    words = f"largest score of 12 bins at t = 1/4, {copies} copies: {worst:.2f}"
    margin = 1 - worst / BEYOND
    if worst > BEYOND:
        return Trial(f"{flow.name}: {words}", margin, copies, scope=scope)
    return Trial("", margin, copies, seen=words, scope=scope)


PAIR_EQUATION: Statement[PairEquation] = Statement(
    "(8.1)",
    "d = 2, uniform starts: the law of the difference of two tokens moves at v",
    decide_pair_equation,
    derive_pair_equation,
    refute_pair_equation,
    try_pair_equation,
    premises=(KNOWN, ON_SPHERE, ONE_SUM),
)

_EQUATION = PairEquation(CIRCLE_KERNEL, 2 / (beta * n), -2 * (n - 2) / (beta * n))

EQUATION_8_1 = Claim(
    "(8.1)",
    "d = 2, uniform starts: ∂_t ψ + ∂_x(vψ) = 0 with v = (2/(βn)) h'(x) - (2(n-2)/(βn)) g, "
    "g = E[-h'(θ_3) | θ_1 = 0, θ_2 = x]; at t = 0, g = 0.",
    USA,
    _EQUATION,
    PAIR_EQUATION,
    (
        Control("sign of the term of g", prediction=replace(_EQUATION, share=-_EQUATION.share)),
        Control(
            "2/(βn) -> 1/(βn) in the pair's term",
            prediction=replace(_EQUATION, pair=1 / (beta * n)),
        ),
        Control("1/β dropped", prediction=PairEquation(CIRCLE_KERNEL, 2 / n, -2 * (n - 2) / n)),
        Control("von Mises start, κ = 1", prediction=replace(_EQUATION, start=VON_MISES)),
        Control("β -> 2β in the flow", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
)


CLAIMS = (EQUATION_8_1, EQUATION_8_1_MARGINALS)
