"""Figure 1: histograms of <x_i,x_j>, i != j, move to 1 along the layers.

How it is proved
----------------
The verdict is OPEN: the paper's own histograms need the trained weights of ALBERT XLarge v2.
Runs of SA from uniform tokens stand in their place, one layer being 0.1 of time. Watched along
them: the exact law of the start, the share of the last bin, the rise of the mean of
e^{β<x_i,x_j>}, and the mean <x_i,x_j> against the closed form of the equiangular time. Nothing
is proved.

References
----------
arXiv 2312.10794, Figure 1; the energy is (3.6), the mean is (6.9).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from sympy import Expr, Rational

from numerics import sphere
from numerics.ensembles import ensemble
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import SIGMAS, field_leaves_sphere, level_note, shown_numbers, start_law
from theory.models import REPULSIVE, SA, Model
from theory.predictions import equiangular_time
from theory.symbols import beta, gamma
from theory.symbols import n as _N


@dataclass(frozen=True)
class Layers:
    """What the histograms of inner products of synthetic tokens do along the layers.

    Attributes
    ----------
    time : Expr
        Layer time at which the mean inner product is γ, in ``gamma``, ``n`` and ``beta``.
    diagonal : bool
        Whether pairs i = j are counted, which adds an atom 1/n at 1.
    deeper : bool
        Whether mass moves towards 1 with depth, and not with decreasing depth.
    """

    time: Expr
    diagonal: bool = False
    deeper: bool = True


_LAYERS = np.array([0, 1, 21, 22, 23, 24, 25, 26, 27, 46, 47, 48])
"""The layers whose histograms are printed."""


_STEP, _WARMTH = 0.1, 2.5


_NEAR = 0.95
"""The last bin of a histogram with bins of 0.05."""


def check_layers(model: Model, prediction: Layers, budget: Budget) -> Evidence:
    """Follow histograms of inner products along layer times, for synthetic tokens.

    In order: the law of the start, within two standard deviations 1/√d on either side; the last
    bin, whose share never falls and ends above 0.9; the mean of e^{β<x_i,x_j>}, which rises from
    layer to layer as it is the energy, (3.6); the mean, against the equiangular time. A start of d
    dimensions has a mean of variance 2/(d n(n-1)), which shifts a run's times by its square root
    over γ'(0).
    """
    off = field_leaves_sphere(model, budget)
    if off:
        return Evidence(Verdict.REFUTED, off)
    n, d, runs = (128, 1024, 2 * budget.cases) if budget.full else (32, 512, budget.cases)
    points = sphere.random_points(n, d, budget.rng, batch=runs)
    times = _STEP * _LAYERS
    found = ensemble(model, points, t_eval=times, rtol=1e-7, beta=_WARMTH).points
    assert found is not None
    layers = _LAYERS if prediction.deeper else _LAYERS[::-1]
    found, times = found[np.searchsorted(_LAYERS, layers)], _STEP * layers
    chosen = np.triu_indices(n, 0 if prediction.diagonal else 1)
    twice = np.where(chosen[0] == chosen[1], 1.0, 2.0)  # ordered pairs
    products = sphere.gram(found)[..., chosen[0], chosen[1]]
    average = partial(np.average, axis=-1, weights=twice)
    energy = average(np.exp(_WARMTH * products)).mean(axis=-1)
    near = average(products >= _NEAR).mean(axis=-1)
    scope = {"n": str(n), "d": str(d), "beta": f"{_WARMTH:g}", "t": f"0 to {times.max():g}"}
    refuted = partial(Evidence, Verdict.REFUTED, scope=scope, cases=runs)
    bounds = np.arange(-2.0, 3.0) / np.sqrt(d)
    first = products[times == 0][0]
    shares = [float(average(first >= bound).mean()) for bound in bounds]
    start, words = start_law(shares, bounds, n, d, runs)
    if start < 0:
        return refuted(words, margin=start)
    if not (np.diff(near).min() >= 0 and near[-1] > 0.9):
        return refuted(f"the share of <x_i,x_j> >= {_NEAR:g} goes {shown_numbers(near)}")
    rise = np.diff(energy)
    if not rise.min() > 0:
        worst = int(np.argmin(rise))
        return refuted(
            f"the mean of e^(β<x_i,x_j>) falls by {-rise[worst]:.3g} from layer "
            f"{layers[worst]} to {layers[worst + 1]}"
        )
    mean = average(products).mean(axis=-1)
    warm = Rational(_WARMTH)
    law = prediction.time.subs({beta: warm, _N: n})
    said = np.array([complex(law.subs(gamma, value).evalf(20)) for value in mean.tolist()])
    sigma = (np.exp(_WARMTH) + n - 1) / 2 * np.sqrt(2 / (d * n * (n - 1) * runs))
    allowed = 0.05 + SIGMAS * sigma
    gaps = np.abs(said - times)
    last = int(np.argmax(gaps))
    margin = min(start, float(1 - gaps[last] / allowed))
    if not gaps[last] <= allowed:
        return refuted(
            f"the mean <x_i,x_j> = {mean[last]:.3f} at t = {times[last]:g} is said to be that "
            f"of t = {said[last].real:.3g}",
            margin=margin,
        )
    return Evidence(
        Verdict.OPEN,
        "open: the paper's own data need the trained weights of ALBERT XLarge v2; evidence on "
        f"synthetic tokens: {runs} runs of SA, layer = {_STEP:g}; {words}; the mean goes "
        f"{shown_numbers(mean[[0, 2, 5, 11]], '.2f')} at layers 0, 21, 24, 48, as γ(t) to "
        f"{gaps.max():.2g} in t (allowed {allowed:.2g}, of it 4σ = {SIGMAS * sigma:.2g}); the "
        f"share of <x_i,x_j> >= {_NEAR:g} ends at {near[-1]:.2f}{level_note(budget)}",
        scope,
        ("synthetic tokens in place of a trained model's: evidence on the protocol only",),
        runs,
        margin,
    )


_MEAN_TIME = equiangular_time()


FIGURE_1 = Claim(
    "Figure 1",
    "Trained layers move histograms of <x_i,x_j>, i != j, to 1. Synthetic: uniform tokens in SA, "
    "layer = 0.1 of time: they start with the law of uniform points, their mean is γ(t) of (6.9), "
    "and layer by layer they move to 1.",
    SA,
    Layers(_MEAN_TIME),
    check_layers,
    (
        Control("pairs i = j counted", prediction=Layers(_MEAN_TIME, diagonal=True)),
        Control("layers reversed", prediction=Layers(_MEAN_TIME, deeper=False)),
        Control(
            "the mean is γ(t) of (6.10), USA", prediction=Layers(equiangular_time(model="USA"))
        ),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.OPEN,
    (WARM,),
    cases=6,
)


CLAIMS = (FIGURE_1,)
