"""Kuramoto threshold, Kuramoto runs, Twisted states: frequencies in (7.2), and rings.

Main results
------------
Kuramoto threshold: n = ∞, Lorentzian frequencies: r = sqrt(1 - K_c/K), K_c = 2/(π g(0)).
Kuramoto runs: n oscillators at the quantiles have this r on average.
Twisted states: equal oscillators on a ring rest at θ_j = 2πj/n, stable for n >= 5.

How it is proved
----------------
The self-consistent r makes `theory.predictions.kuramoto_consistency` 1: an antiderivative of its
integrand is checked by differentiation. Runs use the exact flow in a mean that stands still. On
the ring the linear equation is circulant, and its rates are read off.

References
----------
arXiv 2312.10794, Section 7, (7.2), (7.5): qualitative there. Strogatz, Physica D 143 (2000).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy import Expr, S, cos, oo, pi, sin

from numerics.compile import compile_model
from numerics.oscillators import order_parameter, oscillate, quantile_frequencies
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    derived,
    experiment,
    gap,
    not_asked,
    of_no_flow,
)
from proofs_checks.said import say, saying
from proofs_checks.shared_runs import integrate
from theory.models import NETWORK, QUARTER_TURN
from theory.predictions import (
    FREQUENCY,
    kuramoto_consistency,
    kuramoto_order,
    kuramoto_threshold,
    twisted_state_rate,
)

WIDTH, COUPLING = sp.Symbol("w", positive=True), sp.Symbol("K", positive=True)
EXCESS = sp.Symbol("epsilon", positive=True)
LORENTZIAN = WIDTH / pi / (WIDTH**2 + FREQUENCY**2)
_AT = {WIDTH: S(1), COUPLING: S(3)}


@dataclass(frozen=True)
class Locked:
    """Partial synchrony of Lorentzian frequencies.

    Attributes
    ----------
    critical : Expr
        K_c, in ``WIDTH``.
    order : Expr
        r beyond it, in ``WIDTH`` and ``COUPLING``.
    """

    critical: Expr
    order: Expr


def refute_locked(flow: Flow, prediction: Locked | None, budget: Budget) -> Counterexample | None:
    """Evaluate the consistency at the claimed r, and where r vanishes."""
    if prediction is None:
        return None
    order = prediction.order.subs(_AT).n(20)
    held = kuramoto_consistency(LORENTZIAN.subs(_AT), 3, order)
    value = held.n(8) if order.is_positive else S.NaN
    if not (value.is_Float and abs(value - 1) < sp.Rational(1, 10**6)):
        return Counterexample(
            f"w = 1, K = 3: at r = {order.n(6)} the locked oscillators give {value.n(6)} r, not r"
        )
    critical = prediction.critical.subs(_AT)
    small = kuramoto_consistency(LORENTZIAN.subs(_AT), critical, sp.Rational(1, 10**4)).n(8)
    if abs(small - 1) > sp.Rational(1, 10**3):
        return Counterexample(
            f"w = 1: at K = {critical} a small r gives {small.n(6)} r: no threshold"
        )
    return None


def decide_locked(flow: Flow, prediction: Locked) -> Sheet:
    """Integrate over the locked oscillators, in closed form."""
    theta, a = sp.Symbol("theta", real=True), sp.Symbol("a", positive=True)
    root = sp.sqrt(WIDTH**2 + a**2)
    inside = cos(theta) ** 2 / (WIDTH**2 + a**2 * sin(theta) ** 2)
    primitive = root / (WIDTH * a**2) * sp.atan(root * sp.tan(theta) / WIDTH) - theta / a**2
    primed = derived(
        "∫ cos²θ/(w² + a² sin²θ) dθ = (s/(wa²)) atan(s tan θ/w) - θ/a², s² = w² + a²",
        sp.simplify(sp.diff(primitive, theta) - inside),
    )
    # Where cos θ > 0, as on (-π/2, π/2).
    primed = saying(
        primed, say(sp.Derivative(primitive, theta), "=", inside, (say(0, "<", cos(theta)),))
    )
    total = pi * (root - WIDTH) / (WIDTH * a**2)
    u = sp.Symbol("u", positive=True)
    top = sp.limit(root / (WIDTH * a**2) * sp.atan(root * u / WIDTH), u, oo) - pi / 2 / a**2
    ends = derived("from -π/2 to π/2: π(s - w)/(wa²)", sp.simplify(2 * top - total))
    held = COUPLING * WIDTH / pi * total.subs(a, COUPLING * prediction.order)
    # K = K_c + ε, so that every root is of a positive number.
    beyond = {COUPLING: prediction.critical + EXCESS}
    consistent = derived(
        f"K ∫ cos²θ g(Kr sin θ) dθ = 1 at a = Kr, r = {prediction.order}, K > K_c",
        sp.simplify(sp.factor(sp.simplify(held.subs(beyond)), deep=True) - 1),
    )
    threshold = derived(
        "K_c = 2/(π g(0)), where the integral at r -> 0 is K g(0) π/2 = 1",
        sp.simplify(prediction.critical - kuramoto_threshold(LORENTZIAN)),
    )
    starts = derived(
        "r = 0 at K = K_c", sp.simplify(prediction.order.subs(COUPLING, prediction.critical))
    )
    falls = sp.simplify(sp.diff(total, a))
    unique = Step("π(s - w)/(wa²) = π/(w(s + w)) falls in a: one r", How.DERIVED)
    unique = saying(unique, say(total, "=", pi / (WIDTH * (root + WIDTH))))
    at_zero = sp.Subs(LORENTZIAN, FREQUENCY, 0)
    threshold = saying(threshold, say(prediction.critical * pi * at_zero, "=", 2))
    if sp.simplify(total - pi / (WIDTH * (root + WIDTH))) != 0:
        unique = gap(unique.text, f"derivative {falls}")
    return Sheet(
        (primed, ends, consistent, unique, threshold, starts),
        {"n": "oo", "d": "2", "K": "symbolic, > K_c", "w": "symbolic, > 0"},
        (held, prediction.critical),
        f"r = {prediction.order} is the one self-consistent order parameter > 0 for "
        f"K > K_c = {prediction.critical}",
    )


CONSISTENT: Statement[Locked] = Statement(
    "",
    "the self-consistent order parameter of Lorentzian frequencies",
    decide_locked,
    not_asked,
    refute_locked,
    cases=of_no_flow,
)

_LOCKED = Locked(2 * WIDTH, kuramoto_order(COUPLING, WIDTH))

KURAMOTO_THRESHOLD = Claim(
    "Kuramoto threshold",
    "n = ∞, Lorentzian frequencies of half width w: the self-consistent order parameter of (7.2) "
    "is r = sqrt(1 - K_c/K) for K > K_c = 2/(π g(0)) = 2w.",
    None,
    _LOCKED,
    CONSISTENT,
    (
        Control("K_c = 2w -> w", prediction=Locked(WIDTH, sp.sqrt(1 - WIDTH / COUPLING))),
        Control("r -> r²", prediction=Locked(2 * WIDTH, 1 - 2 * WIDTH / COUPLING)),
        Control("K_c = 1/(π g(0))", prediction=Locked(WIDTH, _LOCKED.order)),
    ),
    Verdict.PROVED,
    origin="extension",
    about=frozenset(),
)


# -- runs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeanOrder:
    """Order parameter at couplings in units of K_c, frequencies of half width 1.

    Attributes
    ----------
    order : Expr
        In ``COUPLING`` and ``WIDTH``.
    spread : float
        Half width of the frequencies that run, 0 for equal ones.
    """

    order: Expr
    spread: float = 1.0


def try_runs(flow: Flow, prediction: MeanOrder, budget: Budget) -> Trial:
    """Average r over a late window, from equal angles."""
    ratios: tuple[float, ...] = (1.5, 3.0)
    count, window, bound = 100, (15.0, 30.0), 0.02
    if budget.full:
        ratios = (1.2, 1.5, 2.0, 4.0)
        count, window, bound = 5000, (50.0, 100.0), 1e-3
    cauchy = quantile_frequencies(lambda level: np.tan(np.pi * (level - 0.5)), count)
    frequencies = prediction.spread * cauchy
    worst, words = 0.0, ""
    for ratio in ratios:
        run = oscillate(
            frequencies, 2 * ratio, np.linspace(*window, 101), angles=np.zeros(count), rtol=1e-3
        )
        expected = float(prediction.order.subs({COUPLING: 2 * ratio, WIDTH: 1}))
        gap_ = abs(float(run.order.mean()) - expected)
        if gap_ >= worst:
            worst, words = gap_, f"K = {ratio:g} K_c: mean r {run.order.mean():.4f}, {expected:.4f}"
        if worst > bound:
            break
    scope = {"n": str(count), "d": "2", "t": f"[{window[0]:g}, {window[1]:g}]",
             "K/K_c": ", ".join(f"{r:g}" for r in ratios)}  # fmt: skip
    margin = 1 - worst / bound
    if worst > bound:
        return Trial(
            f"{words} claimed, off by more than {bound:g}", margin, len(ratios), "", "", scope
        )
    return Trial("", margin, len(ratios), seen=f"{words} predicted, the worst", scope=scope)


RUNS: Statement[MeanOrder] = experiment(
    "n oscillators have the order parameter of n = ∞, on average", try_runs, cases=of_no_flow
)

KURAMOTO_RUNS = Claim(
    "Kuramoto runs",
    "Oscillators (7.2) at the quantiles of the Lorentzian have r = sqrt(1 - K_c/K) on average over "
    "a late window.",
    None,
    MeanOrder(_LOCKED.order),
    RUNS,
    (
        Control("equal frequencies", prediction=MeanOrder(_LOCKED.order, 0.0)),
        Control("frequencies of half width 2", prediction=MeanOrder(_LOCKED.order, 2.0)),
        Control("r -> r²", prediction=MeanOrder(_LOCKED.order**2)),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
    about=frozenset(),
)


# -- twisted states --------------------------------------------------------------------------------

TOKEN, MODE = (sp.Symbol(s, integer=True, nonnegative=True) for s in ("j", "p"))
COUNT = sp.Symbol("n", integer=True, positive=True)


@dataclass(frozen=True)
class Twisted:
    """Rates about ``θ_j = 2πj/n`` of equal oscillators that see their neighbours.

    Attributes
    ----------
    rate : Expr
        Of mode p, in ``MODE`` and ``COUNT``; K = 1, and neighbours of weight 1/n.
    least : int
        From how many oscillators on it is stable.
    reach : int or None
        How many neighbours on each side; None for all.
    """

    rate: Expr
    least: int
    reach: int | None = 1


def _ring(count: int, reach: int | None) -> np.ndarray:
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    apart = np.minimum(apart, count - apart)
    return np.asarray((apart > 0) & (apart <= (count if reach is None else reach)), dtype=float)


def refute_twisted(flow: Flow, prediction: Twisted | None, budget: Budget) -> Counterexample | None:
    """Compare with the Jacobian of the angles, at the least size and one more."""
    if prediction is None:
        return None
    for count in (prediction.least, prediction.least + 3):
        angles = 2 * math.pi * np.arange(count) / count
        seen = _ring(count, prediction.reach) * np.cos(np.subtract.outer(angles, angles)) / count
        found = np.fft.fft((seen - np.diag(seen.sum(axis=1)))[0]).real
        said = [float(prediction.rate.subs({COUNT: count, MODE: p})) for p in range(count)]
        worst = int(np.argmax(np.abs(found - said)))
        if abs(found[worst] - said[worst]) > 1e-9:
            return Counterexample(
                f"n = {count}, mode {worst}: the rate is {found[worst]:.6f}, claimed "
                f"{said[worst]:.6f}"
            )
        if found[1:].max() > -1e-9:
            return Counterexample(f"n = {count}: a mode has the rate {found[1:].max():.6f} >= 0")
    return None


def decide_twisted(flow: Flow, prediction: Twisted) -> Sheet:
    """Linearise the pulls of two neighbours, and put in a mode."""
    if prediction.reach != 1:
        return Sheet((gap("a ring of neighbours", "another graph"),))
    step, left, right, own = (sp.Symbol(s, real=True) for s in ("a", "l", "r", "o"))
    pull = sin(step + right - own) + sin(-step + left - own)
    rest = derived(
        "θ_i' = 0: sin a + sin(-a) = 0, a = 2π/n", pull.subs({left: 0, right: 0, own: 0})
    )
    zero = {left: 0, right: 0, own: 0}
    parts = [sp.simplify(sp.diff(pull, s).subs(zero)) for s in (right, left, own)]
    rest = saying(rest, say(sin(step) + sin(-step, evaluate=False), "=", 0))
    linear = derived(
        "u_i' = (1/n) cos a (u_{i+1} + u_{i-1} - 2u_i)",
        abs(parts[0] - cos(step)) + abs(parts[1] - cos(step)) + abs(parts[2] + 2 * cos(step)),
    )
    # cos a on both sides where all are 0.
    ahead, behind = cos(step + right - own), cos(step + own - left)
    slopes = zip((right, left, own), (ahead, behind, -ahead - behind), strict=True)
    linear = saying(linear, *(say(sp.Derivative(pull, u), "=", slope) for u, slope in slopes))
    turn = 2 * pi * MODE / COUNT
    circulant = derived(
        f"u_j = cos(2πpj/n): the rate is {prediction.rate}",
        sp.simplify(2 * cos(2 * pi / COUNT) * (cos(turn) - 1) / COUNT - prediction.rate),
    )
    modes = 2 * cos(2 * pi / COUNT) * (cos(turn) - 1) / COUNT
    circulant = saying(circulant, say(modes, "=", prediction.rate))
    stable = Step(
        f"n >= {prediction.least}: 0 < 2π/n < π/2, so cos a > 0 and every rate but p = 0 is < 0",
        How.DECIDED,
        evidence="2π/n falls in n",
    )
    if not 4 < prediction.least:
        stable = gap(stable.text, f"2π/{prediction.least} isn't below π/2")
    return Sheet(
        (rest, linear, circulant, stable),
        {"n": f"symbolic, >= {prediction.least}", "d": "2", "K": "1"},
        (prediction.rate,),
        f"rates {prediction.rate}, all < 0 but that of p = 0, for n >= {prediction.least}",
    )


def try_twisted(flow: Flow, prediction: Twisted, budget: Budget) -> Trial:
    """Integrate the compiled model on a ring from near the twisted state: it stays, r = 0."""
    count = prediction.least + 2
    start = 2 * math.pi * np.arange(count) / count + 0.05 * budget.rng.standard_normal(count)
    field = compile_model(
        NETWORK,
        W=_ring(count, prediction.reach),
        coupling=float(count),
        omega=np.zeros((count, 1)),
        J=np.array(QUARTER_TURN, dtype=float),
    )
    run = integrate(field, np.stack([np.cos(start), np.sin(start)], axis=-1), 60.0, rtol=1e-9)
    left = float(order_parameter(run.points[-1]))
    margin, scope = 1 - left / 1e-3, {"n": str(count), "t": "60"}
    words = f"n = {count}: r = {left:.1e} at t = 60"
    if left > 1e-3:
        return Trial(f"{words}: it synchronises", margin, 1, scope=scope)
    return Trial("", margin, 1, seen=words, scope=scope)


TWISTED: Statement[Twisted] = Statement(
    "",
    "twisted states on rings are stable",
    decide_twisted,
    not_asked,
    refute_twisted,
    try_twisted,
    cases=of_no_flow,
)

_TWISTED = Twisted(twisted_state_rate(MODE, COUNT), 5)

TWISTED_STATES = Claim(
    "Twisted states",
    "Equal oscillators on a ring, each pulled by its two neighbours, don't all synchronise: "
    "θ_j = 2πj/n is a stable rest for n >= 5.",
    None,
    _TWISTED,
    TWISTED,
    (
        Control("n >= 5 -> n >= 4", prediction=Twisted(_TWISTED.rate, 4)),
        Control("all see all", prediction=Twisted(_TWISTED.rate, 5, None)),
        Control(
            "1 - cos -> 1 + cos",
            prediction=Twisted(
                -2 * cos(2 * pi / COUNT) * (1 + cos(2 * pi * MODE / COUNT)) / COUNT, 5
            ),
        ),
    ),
    Verdict.PROVED,
    origin="extension",
    about=frozenset(),
)


CLAIMS = (KURAMOTO_THRESHOLD, KURAMOTO_RUNS, TWISTED_STATES)
