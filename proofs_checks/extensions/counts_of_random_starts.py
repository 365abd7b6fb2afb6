"""Counts of random starts: maxima of the smoothed density of independent uniform tokens, at time 0.

Main results
------------
A cluster is a local maximum of ``h*μ``, ``h = e^{β cos}``, which SA and USA climb; it is counted at
time 0. For n → ∞ independent uniform tokens the mean number is
``√(Σ k⁴ I_k(β)² / Σ k² I_k(β)²) = √(1 + (3β/2) I_2(2β)/I_1(2β))``. The counts of near-uniform
starts are another claim, of another time.

How it is proved
----------------
The fluctuations are asymptotically a stationary Gaussian field with the covariance of h(θ - θ'), so
that the variances of its slopes are means of h'² and h''² over the circle (Parseval: of
``k^{2j} I_k²``). These are polynomials in c = cos θ times ``e^{2βc}``, whose means are derivatives
of I_0 at 2β; Bessel's equation reduces them to I_0 and I_1. Kac and Rice's formula and the central
limit theorem are cited. Drawn systems are counted beside it.

References
----------
S. O. Rice (1944); Cramér and Leadbetter, Stationary and Related Stochastic Processes (1967), 10.
No paper states the claim for attention.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Poly, S, Symbol, besseli, cancel, cos, exp, lambdify, sin, sqrt

from numerics.smoothed_density import density_maxima
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    NO_FLOW,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    derived,
    gap,
    not_asked,
)
from proofs_checks.proof.transport import KAC_RICE
from theory.bounded import simplified
from theory.models import Model
from theory.predictions import expected_maxima
from theory.symbols import beta, z

LIMIT = (
    "central limit theorem in C² of the circle for Σ_j h(θ - θ_j), h analytic; the number of "
    "zeros of its slope is bounded in mean square, so its mean converges too"
)

_BESSEL = "integral representation of I_0; Bessel's equation"

_C = Symbol("c", real=True)

_HOT = (2.0, 9.0, 25.0)

_TOKENS = 1000


def slope_variances(hot: Expr) -> tuple[Expr, Expr, tuple[Step, ...]]:
    """Means of h'² and h''² over the circle, in I_0 and I_1 at 2β, with the steps that give them.

    Parameters
    ----------
    hot : Expr
        β in ``h = e^{β cos θ}``.
    """
    angle = Symbol("θ", real=True)
    kernel, found, steps = exp(hot * cos(angle)), [], []
    for order, said in ((1, hot**2 * (1 - _C**2)), (2, (hot**2 * (1 - _C**2) - hot * _C) ** 2)):
        squared = (kernel.diff(angle, order) / kernel).expand() ** 2
        turned = squared.expand().subs(sin(angle) ** 4, (1 - cos(angle) ** 2) ** 2)
        turned = turned.subs(sin(angle) ** 2, 1 - cos(angle) ** 2).subs(cos(angle), _C)
        name = "h'" if order == 1 else "h''"
        steps.append(derived(f"{name}² = ({said}) e^{{2βc}}, c = cos θ", (turned - said).expand()))
        found.append(_mean(Poly(said, _C), 2 * hot))
    text = "means over the circle of c^k e^{xc} are I_0^{(k)}(x), I_0' = I_1, I_1' = I_0 - I_1/x"
    steps.append(
        Step(text, How.CITED, cites=("integral representation of I_0; Bessel's equation",))
    )
    return found[0], found[1], tuple(steps)


def _mean(polynomial: Poly, at: Expr) -> Expr:
    """Mean over the circle of a polynomial in cos θ times e^{x cos θ}, at x."""
    x = Symbol("x", positive=True)
    zeroth, first, total = S.One, S.Zero, S.Zero
    derivatives = []
    for _ in range(polynomial.degree() + 1):
        derivatives.append((zeroth, first))
        zeroth, first = zeroth.diff(x) + first, zeroth + first.diff(x) - first / x
    for (power,), coefficient in polynomial.terms():
        a, b = derivatives[power]
        total += coefficient * (a * besseli(0, x) + b * besseli(1, x)).subs(x, at)
    return total.expand()


def _of_kernel(model: Expr, prediction: Expr) -> tuple[tuple[Model, tuple[Expr, Expr]], ...]:
    """Case of a kernel and a count: the start is of no flow."""
    return ((NO_FLOW, (model, prediction)),)


def decide(flow: Flow, prediction: tuple[Expr, Expr]) -> Sheet:
    """Reduce the ratio of the variances of the second and the first slope to the prediction."""
    kernel, said = prediction
    hot = simplified(kernel.diff(z) / kernel)
    if hot != beta:
        return Sheet((gap("h = e^{βz}, z = cos θ", f"h'/h = {hot}"),))
    form = derived("h = e^{βz}, z = cos θ", simplified(kernel - exp(beta * z)))
    hot = Symbol("beta", positive=True)
    first, second, steps = slope_variances(hot)
    zeroth, one = besseli(0, 2 * hot), besseli(1, 2 * hot)
    square = said.subs(beta, hot) ** 2
    # I_2 by the recurrence, so that both sides are in I_0 and I_1, which are independent.
    square = square.subs(besseli(2, 2 * hot), zeroth - one / hot)
    residual = cancel((square * first - second).subs({zeroth: Symbol("I_0"), one: Symbol("I_1")}))
    ratio = derived("mean h''² / mean h'² = N²", residual)
    text = "N >= 0: it is a root"
    root = Step(text, How.DERIVED) if said == sqrt(said**2) else gap(text, "it may be the other")
    field = cited(LIMIT, form)
    rice = apply(KAC_RICE, f"mean number of maxima N = {said}", field, ratio)
    return Sheet(
        (form, *steps, ratio, root, field, rice),
        {"n": "n -> ∞", "d": "2", "beta": "> 0", "masses": "1/n", "t": "0"},
        (said,),
        "Kac-Rice for the Gaussian limit of the smoothed density at t = 0",
    )


def refute_count(
    flow: Flow, prediction: tuple[Expr, Expr] | None, budget: Budget
) -> Counterexample | None:
    """Compare with the ratio of the means of h''² and h'², summed over equally spaced angles.

    Sums of periodic analytic functions are exact to rounding.
    """
    if prediction is None:
        return None
    kernel, said = prediction
    angle = Symbol("θ", real=True)
    turned = kernel.subs(z, cos(angle))
    slopes = [lambdify((angle, beta), turned.diff(angle, k), "numpy") for k in (1, 2)]
    places = 2 * np.pi * np.arange(2000) / 2000
    for hot in (1.25, 6.0):
        first, second = (np.mean(slope(places, hot) ** 2) for slope in slopes)
        exact, value = float(np.sqrt(second / first)), float(said.subs(beta, hot).evalf(20))
        if abs(value - exact) > 1e-10 * exact:
            return Counterexample(
                f"h = {kernel}, β = {hot:g}: √(λ_4/λ_2) = {exact:.10g}, not {value:.10g}"
            )
    return None


def watch_starts(flow: Flow, prediction: tuple[Expr, Expr], budget: Budget) -> Trial:
    """Count maxima of drawn systems, and compare their mean with the formula."""
    runs, worst, seen = 20 * budget.cases, np.inf, []
    value = lambdify(beta, prediction[1], "scipy")
    for hot in _HOT:
        counts = density_maxima(random_points(_TOKENS, 2, budget.rng, runs), hot)
        error = max(float(counts.std(ddof=1)), 0.2) / np.sqrt(runs)
        off = (counts.mean() - float(value(hot))) / error
        seen.append(f"β = {hot:g}: {counts.mean():.3f} ± {error:.3f}")
        worst = min(worst, 1 - abs(off) / 4.5)
        if abs(off) > 4.5:
            text = f"{seen[-1]} maxima, not {float(value(hot)):.4f}"
            return Trial(f"n = {_TOKENS}, {text}", worst, runs)
    return Trial("", worst, len(_HOT) * runs, seen=f"n = {_TOKENS}: " + "; ".join(seen))


RANDOM_STARTS: Statement[tuple[Expr, Expr]] = Statement(
    "",
    "mean number of maxima of the smoothed density of independent uniform tokens",
    decide,
    not_asked,
    refute_count,
    watch_starts,
    cases=_of_kernel,
)


_MAXIMA = expected_maxima()


COUNTS = Claim(
    "Counts of random starts",
    "Circle, t = 0: the density of n → ∞ independent uniform tokens, smoothed by e^{β cos}, has on "
    "average √(Σk⁴I_k²/Σk²I_k²) = √(1 + (3β/2) I_2(2β)/I_1(2β)) maxima.",
    exp(beta * z),
    _MAXIMA,
    RANDOM_STARTS,
    (
        Control("3/2 -> 2", prediction=sqrt((4 * _MAXIMA**2 - 1) / 3)),
        Control("2β -> β in I", prediction=_MAXIMA.subs(beta, beta / 2)),
        Control("without the root", prediction=_MAXIMA**2),
        Control("the fastest mode √(2β)", prediction=sqrt(2 * beta)),
        Control("the kernel e^{2βz}", model=exp(2 * beta * z)),
    ),
    Verdict.PROVED,
    cases=8,
    origin="extension",
    equivalents=(
        Equivalent(
            "a factor of the kernel; maxima of a Gaussian field are as many as its minima",
            ("model: × β", "model: sign"),
        ),
    ),
)


CLAIMS = (COUNTS,)
