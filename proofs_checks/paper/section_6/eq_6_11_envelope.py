"""(6.11): inner products stay near γ, early and late.

How it is proved
----------------
First branch: <x_i,x_j> - γ splits in the Gram algebra, and two solutions part at the rate 2(1+β)
at most. Second branch: 1 - <x_i,x_j> is at most half the square of the gnomonic diameter D, and
D falls at the rate r times the least weight. The claimed constants are compared with the derived
ones, exactly. Watched: runs with n = 2, d = 3 and n = 4, d = 6. Cited: Theorem 6.8, A.13, A.10.

References
----------
arXiv 2312.10794, (6.11); Theorem 6.8; (D.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product as product_of

import numpy as np
from sympy import Expr, Integer, Rational, S, exp, lambdify, simplify, sqrt

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma, equiangular_time
from numerics.integration import integrate
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    GRONWALL,
    HOT,
    MEAN_VALUE,
    ON_SPHERE,
    PAIR,
    POSITIVE_WEIGHTS,
    R0,
    ROOM,
    SCOPE_WARM_ANY_MASSES,
    SMALLEST,
    SUM,
    TRIANGLE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apart,
    apply,
    by_statement,
    chord_algebra,
    derived,
    gap,
    heat,
    least_weight,
    leaves_sphere,
    statement_of,
    without_temperature,
)
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA
from theory.predictions import equiangular_rate, normal_form
from theory.symbols import beta, t, z


@dataclass(frozen=True)
class Envelope:
    """``|g_ij - γ| <= min{factor e^{rate t} eps0, tail}``, tail the larger for the two starts.

    Attributes
    ----------
    factor, rate : Expr
        In ``beta``.
    tail : Expr
        In ``R0``, the least height of a start, ``beta`` and ``t``.
    curve : {"SA", "USA", "own"}
        Whose γ; that of the flow itself.
    """

    factor: Expr
    rate: Expr
    tail: Expr
    curve: str = "SA"


def _curve_step(flow: Flow, curve: str) -> Step:
    """Step that equiangular tokens of the flow follow the γ of the name."""
    text = "equiangular tokens y_i from orthonormal ones: <y_i,y_j> = γ"
    rate, reason = flow.angle_rate, flow.equal_angles[1]
    if rate is None:
        return gap(text, reason)
    if curve == "own":
        return Step(text, How.DERIVED)
    return derived(f"{text} of {curve}", normal_form(rate - equiangular_rate(model=curve)))


def _fast_start(prediction: Envelope) -> str:
    """Equiangular tokens at γ = δ, that is γ(t+s) against γ(t): a time at which (6.11) fails.

    The orthonormal system nearest to them, their polar factor, is eps0 away.
    """
    curve = prediction.curve
    for count, hot in product_of((64, 10**4), (0.0, 0.25)):
        shift = 1e-2 / count
        # The least eigenvalue is 1-δ, the one of (1, ..., 1) is 1 + (n-1)δ.
        diagonal = 1 + (np.sqrt(1 + (count - 1) * shift) - 1) / count
        diagonal -= (1 - 1 / count) * (1 - np.sqrt(1 - shift))
        start = np.sqrt(2 - 2 * diagonal)
        early = float(equiangular_time(0.5, hot, count, curve))
        late = early + float(equiangular_time(shift, hot, count, curve))
        off = float(equiangular_gamma(late, hot, count, curve)) - 0.5
        bound = float(prediction.factor * exp(prediction.rate * early).subs(beta, hot)) * start
        if off > bound * (1 + 1e-6):
            return (
                f"n = {count}, β = {hot}, all products {shift:.3g} at first, eps0 = {start:.3g}: "
                f"at t = {early:.4g} they are {off:.4g} above γ = 1/2, more than {bound:.4g}"
            )
    # At β = 0 1-γ = n/(e^{2t}+n-1), so with e^{2s} = 2 and n = 2 all is exact.
    low = Rational(1, 3)
    for time in (Integer(4), Integer(12)):
        off = 2 / (exp(2 * time) + 1) - 2 / (2 * exp(2 * time) + 1)
        tails = [
            prediction.tail.subs({beta: 0, t: time, R0: height}).evalf(30)
            for height in (sqrt(S.Half), sqrt((1 + low) / 2))
        ]
        if off.evalf(30) > max(tails):
            return (
                f"n = 2, β = 0, <x_1,x_2> = {low} at first: at t = {time} it is {off.evalf(5)} "
                f"above γ, more than {max(tails).evalf(5)}"
            )
    return ""


def _growth(flow: Flow) -> tuple[Expr, Expr] | None:
    """Size S of the attention and heat h, for weights S e^{h(g-1)} at most; or None."""
    form, hot = flow.still_form, heat(flow)
    if form is None or hot is None or not flow.autonomous.holds:
        return None
    if not hot.subs(beta, HOT).is_nonnegative:
        return None
    return form.scale if form.normalised else (form.scale * form.kernel).subs(z, 1), hot


def derive_envelope(flow: Flow) -> Envelope | None:
    """Return both branches with the flow's own growth and least weight, around its own γ."""
    grown, least = _growth(flow), least_weight(flow)
    if grown is None or least == SMALLEST:
        return None
    top, heat = grown
    tail = 2 * (R0**-2 - 1) * exp(-2 * R0 * least * t)
    return Envelope(Integer(2), 2 * top * (1 + heat), tail, "own")


def refute_envelope(
    flow: Flow, prediction: Envelope | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that never meet, where γ -> 1; or equiangular ones that leave γ too fast."""
    found = leaves_sphere(flow.model, budget.rng)
    if found or prediction is None or prediction.curve == "own":
        return Counterexample(found) if found else None
    if found := apart(flow, budget.rng):
        return Counterexample(f"γ -> 1, but {found}", PAIR)
    if _curve_step(flow, prediction.curve).holds:
        found = _fast_start(prediction)
    return Counterexample(f"{flow.name}, {found}", {"n": "2, 64, 10^4"}) if found else None


def _first_branch(flow: Flow, prediction: Envelope) -> tuple[Step, ...]:
    """Two solutions part at most at the rate 2S(1+h)."""
    grown = _growth(flow)
    apart_ = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    text = "|m| <= S, |m - m'| <= S(1+2h) max|x-y|"
    moved = gap(text, "the weights are no c e^{hg}")
    top, heat = (S.One, S.Zero) if grown is None else grown
    if grown is not None:
        bound = Step(f"S = {top}, k'/k = h = {heat}", How.DERIVED)
        moved = apply(MEAN_VALUE, text, bound)
    terms = {"|x-y|²": ">= 0"}
    grows = apply(SUM, "(max|x-y|)' <= 2S(1+h) max|x-y|", apart_, moved, terms=terms)
    rate = 2 * top * (1 + heat)
    early = apply(GRONWALL, f"max|x-y| <= e^(({rate})t) eps0", grows, rate=-rate)
    ratio = simplify((prediction.rate / rate).subs(beta, HOT))
    text = f"2 <= {prediction.factor} and {rate} <= {prediction.rate}"
    large = prediction.factor >= 2 and ratio.is_number and ratio >= 1
    said = Step(text, How.DECIDED) if large else gap(text, f"over the derived rate: {ratio}")
    return apart_, moved, grows, early, said


def _second_branch(flow: Flow, prediction: Envelope) -> tuple[Step, ...]:
    """1 - g_ij = |x_i-x_j|²/2 is at most D²/2, and D falls."""
    x, y, w = vectors("x y w", unit="x y w")
    chord = derived("1 - <x,y> = |x-y|²/2", residual(1 - inner(x, y) - inner(x - y, x - y) / 2))
    text = "w = X^T G^{-1} 1 r_0 has |w| = 1, <x_i,w> = r_0, r_0 = (1^T G^{-1} 1)^{-1/2}"
    pole = Step(text, How.DERIVED, evidence="G G^{-1} = 1, of independent tokens")
    cone = by_statement(statement_of(LEMMA_6_4), flow, text="A.10: |x_i-x_j| <= D <= D(0) e^{-λt}")
    gnomonic = x / inner(x, w) - w
    radius = residual(inner(gnomonic, gnomonic) - (inner(x, w) ** -2 - 1))
    wide = derived("|x/s - w|² = s^{-2} - 1, s >= r: D(0)²/2 <= 2(r^{-2}-1)", radius)
    own = 2 * (R0**-2 - 1) * exp(-2 * R0 * least_weight(flow) * t)
    text = f"1 - g_ij, 1 - γ <= {own}, r_0 the height of each start"
    late = apply(SUM, text, chord, pole, cone, wide, terms={"1 - g_ij": ">= 0", "1 - γ": ">= 0"})
    left = simplify(prediction.tail / own - 1)
    return chord, pole, cone, wide, late, derived(f"this is {prediction.tail}", left)


def decide(flow: Flow, prediction: Envelope) -> Sheet:
    """Prove both branches of (6.11) with explicit constants."""
    x, y, u, v = vectors("x y u v", unit="x y u v")
    left = inner(x, y) - inner(u, v) - inner(x - u, y) - inner(u, y - v)
    split = derived("g_ij - γ = <x_i-y_i,x_j> + <y_i,x_j-y_j>", residual(left))
    curve = _curve_step(flow, prediction.curve)
    solved = by_statement(statement_of(THEOREM_6_8), flow, text="Theorem 6.8: γ rises to 1")
    first, second = _first_branch(flow, prediction), _second_branch(flow, prediction)
    near = apply(TRIANGLE, "|g_ij - γ| <= 2 max|x-y|", split, curve, solved, first[-2])
    text = "|g_ij - γ| <= max(1-g_ij, 1-γ)"
    far = apply(TRIANGLE, text, second[-2], solved)
    return Sheet(
        (split, curve, solved, *first, near, *second, far),
        {**SCOPE_WARM_ANY_MASSES, "d": "symbolic, >= n", "masses": "1/n"},
        (flow.model.velocity, flow.angle_rate, prediction.rate, prediction.tail),
        "g_ij - γ = <x_i-y_i,x_j> + <y_i,x_j-y_j> <= 2 max|x-y|, which grows at "
        f"{prediction.rate} at most; and |g_ij-γ| <= max(1-g_ij, 1-γ), each |x_i-x_j|²/2 <= D²/2 "
        "of A.10. By (D.6) eps0 is at most 1.056 √(log d/d): the printed first branch, whose "
        "10n max(1,β) is larger, lacks that factor and no more",
    )


def watch(flow: Flow, prediction: Envelope, budget: Budget) -> Trial:
    """Watch both branches along runs with n = 2, d = 3 and n = 4, d = 6."""
    missing = without_temperature(flow.model)
    if missing or flow.given or prediction.curve == "own":
        return Trial(silent=missing or "no runs around a γ of no name")
    times = np.asarray([0.05, 0.3, 1.0, 2.5, 6.0, 15.0, 40.0])
    worst, rng, cases = np.inf, budget.rng, 2 * budget.cases
    tail = lambdify((R0, beta, t), prediction.tail, "numpy")
    for size, dimension in ((2, 3), (4, 6)):
        frame = np.eye(dimension)[:size]
        noise = np.geomspace(1e-4, 1, budget.cases)[:, None, None]
        points = frame + noise * rng.standard_normal((budget.cases, size, dimension))
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        start = np.linalg.norm(points - frame, axis=-1).max(axis=-1)
        gram = points @ points.swapaxes(-1, -2)
        ones = np.ones((size, 1))
        opened = 1 / np.sqrt((ones.T @ np.linalg.solve(gram, ones))[:, 0, 0])
        hot = rng.uniform(0.1, 1.2, budget.cases)
        run = integrate(compile_model(flow.model, beta=hot), points, times[-1], times, rtol=1e-9)
        speed = lambdify(beta, prediction.rate, "numpy")(hot)
        upper = np.triu_indices(size, 1)
        for time, state in zip(run.times, run.points, strict=True):
            curve = np.asarray(
                [float(equiangular_gamma(time, float(b), size, prediction.curve)) for b in hot]
            )
            products = (state @ state.swapaxes(-1, -2))[:, upper[0], upper[1]]
            off = np.abs(products - curve[:, None]).max(axis=-1)
            first = float(prediction.factor) * np.exp(speed * time) * start
            second = np.maximum(tail(opened, hot, time), tail(size**-0.5, hot, time))
            bound = np.minimum(first, second)
            allowed = bound * (1 + 1e-6) + 1e-8
            slack = np.where(allowed > 0, 1 - off / np.abs(allowed), -1.0)
            case = int(np.argmin(slack))
            if slack[case] < 0:
                detail = (
                    f"{flow.name}, n = {size}, d = {dimension}, β = {hot[case]:.4g}, eps0 = "
                    f"{start[case]:.3g}: at t = {time:.3g} |g_ij - γ| = {off[case]:.4g} > "
                    f"{bound[case]:.4g}"
                )
                return Trial(detail, float(slack[case]), cases)
            worst = min(worst, float(slack[case]))
    return Trial("", worst, cases)


ENVELOPE: Statement[Envelope] = Statement(
    "(6.11)",
    "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)",
    decide,
    derive_envelope,
    refute_envelope,
    watch,
    premises=(ON_SPHERE, ATTENTION, AUTONOMOUS, POSITIVE_WEIGHTS),
)


_ENVELOPE = Envelope(
    Integer(2), 2 * (1 + beta), 2 * (R0**-2 - 1) * exp(-2 * R0 * exp(-2 * beta) * t)
)


INEQUALITY_6_11 = Claim(
    "(6.11)",
    "Linearly independent tokens: |g_ij - γ| <= min{2e^{2(1+β)t} eps0, 2(r^{-2}-1) e^{-2re^{-2β}t}}"
    ", r = r0, the height of their hyperplane, or n^{-1/2}, whichever gives more.",
    SA,
    _ENVELOPE,
    ENVELOPE,
    (
        Control("first branch / 100", prediction=replace(_ENVELOPE, factor=Rational(1, 50))),
        Control(
            "tail rate 2re^{-2β} -> 4",
            prediction=replace(_ENVELOPE, tail=2 * (R0**-2 - 1) * exp(-4 * t)),
        ),
        Control("γ of USA", prediction=replace(_ENVELOPE, curve="USA")),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=6,
    equivalents=(
        Equivalent(
            "a larger bound",
            ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.rate: squared"),
        ),
        Equivalent(
            "<y_i,m_i> >= 0 for equiangular y, so differences grow at 3/2 + 2β <= 2 + 2β² at most",
            ("prediction.rate: β -> β²",),
        ),
    ),
)


CLAIMS = (INEQUALITY_6_11,)
