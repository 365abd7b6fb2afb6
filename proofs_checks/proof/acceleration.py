"""The acceleration of a token: its bound, and two tokens that exceed a bound."""

from __future__ import annotations

import numpy as np
from mpmath import mp
from sympy import Expr, S, Symbol, cos, lambdify, sin

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import HOT, short
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import without_temperature
from proofs_checks.proof.verdict import Trial
from theory.bounded import simplified
from theory.models import Model, attention_form
from theory.symbols import beta, n, z


def fast_pair(model: Model, bound: Expr) -> str:
    """Two tokens of unequal masses of which the first accelerates more than the bound, or ""."""
    form = attention_form(model)
    if form is None:
        return ""
    own, angle = Symbol("a", positive=True), Symbol("theta", positive=True)
    near, far = (form.kernel.subs(z, g) for g in (S.One, cos(angle)))
    speeds = []
    for mass in (own, 1 - own):
        total = mass * near + (1 - mass) * far if form.normalised else S.One
        speeds.append((form.scale * (1 - mass) * far * sin(angle) / total).subs(n, 2))
    # θ' = -(r1 + r2), and x1'' is -r1² x1 plus r1' along the circle.
    along = speeds[0].diff(angle) * (speeds[0] + speeds[1])
    square = lambdify((own, angle, beta), speeds[0] ** 4 + along**2, "mpmath")
    weight = lambdify((angle, beta), far / near, "mpmath")
    allowed = lambdify(beta, bound, "mpmath")
    with mp.workdps(30):
        for hot in (mp.mpf(k) for k in (1, 4, 16, 64, 256)):
            for turn in (0.5 / mp.sqrt(hot), mp.mpf(1) / 2, mp.mpf(1), mp.mpf(3) / 2):
                # A light token sees the heavy one, with softmax as two thirds of all.
                light = weight(turn, hot) / 2 if form.normalised else mp.mpf(1) / 1000
                light /= 1 + light
                seen, most = mp.sqrt(square(light, turn, hot)), allowed(hot)
                if seen > most * (1 + mp.mpf(10) ** -9):
                    return (
                        f"{model.name}, β = {mp.nstr(hot, 4)}, two tokens {mp.nstr(turn, 4)} "
                        f"apart, the first of mass {mp.nstr(light, 4)} of 1: |x''| = "
                        f"{mp.nstr(seen, 5)} > {mp.nstr(most, 5)}"
                    )
    return ""


def acceleration_bound(flow: Flow) -> Expr | None:
    """``(2k + 3) top²`` for a kernel e^{kz} and attention of size top at most, or None."""
    form = flow.still_form
    if form is None or not flow.autonomous.holds:
        return None
    kernel = (form.scale * form.kernel).subs(beta, HOT)
    heat = simplified(kernel.diff(z) / kernel)
    if z in heat.free_symbols:
        return None
    top = form.scale.subs(beta, HOT) if form.normalised else kernel.subs(z, 1)
    return (2 * heat + 3) * top**2


def sampled_acceleration(flow: Flow, bound: Expr, budget: Budget) -> Trial:
    """Compare the bound with samples, 100 a case and at least 1000."""
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no samples at given parameters")
    count = max(100 * budget.cases, 1000)
    hot = budget.rng.uniform(0.0, 3.0, count)
    points = np.asarray(random_points(3, 2, budget.rng, count))
    field = compile_model(flow.model, beta=hot)
    speed, step = field(points), 1e-5 / float(np.exp(3.0))
    ahead, behind = points + step * speed, points - step * speed
    change = field.unchecked(ahead, 0.0) - field.unchecked(behind, 0.0)
    seen = np.linalg.norm(change / (2 * step), axis=-1).max(axis=-1)
    allowed = np.broadcast_to(lambdify(beta, bound, "numpy")(hot), seen.shape)
    used = np.where(allowed > 0, seen / np.abs(allowed), np.inf)
    case = int(np.argmax(used))
    margin = 1 - float(used[case])
    if margin >= 0:
        return Trial("", margin, count)
    shown = (
        f"{flow.name}, β = {hot[case]:.4g}, x = {short(points[case])}: |x''| = {seen[case]:.4g} > "
        f"{allowed[case]:.4g}"
    )
    return Trial(shown, margin, count)
