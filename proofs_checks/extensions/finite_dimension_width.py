"""Spread of the pairs, Transition width: variances against the equiangular curve, in 1/d.

Main results
------------
Spread of the pairs: Var g_ij = V/d + O(d^{-2}) at the time of γ = 0.6.
Transition width: a pair's time to 1 - δ has variance V/(dγ'²) + O(d^{-2}).

How it is proved
----------------
Runs only, SA and USA at β = 3/2, n = 5 (32 in full), growing d: variances are compared with the
closed forms of the equiangular modes.

References
----------
arXiv 2312.10794, Theorem 6.8 and Figure 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    DRAWN_BETA,
    FLOWS_BY_NAME,
    PAIR_DELTA,
    ROOM,
    SETTING,
    SIGMAS,
    SNAPSHOT_LEVEL,
    Flow,
    Statement,
    Trial,
    amplitude_values,
    draw_runs,
    experiment,
    moment_in_words,
    number_of_runs,
    refute_off_sphere,
    sizes_of,
    without_temperature,
)
from theory.models import SA, USA
from theory.predictions import PARTS, equiangular_rate


@dataclass(frozen=True)
class Width:
    """Variance over runs, times d, of a pair's product at γ = 0.6 or of its time to 1 - δ.

    Attributes
    ----------
    parts : tuple of str
        Parts of the deviation that count.
    crossing : bool
        The time, or the product.
    curve : str
        As in `Decay`.
    """

    parts: tuple[str, ...] = PARTS
    crossing: bool = False
    curve: str = ""


def _variance(prediction: Width, curve: str, size: int, runs: int) -> tuple[float, float]:
    """Return the variance foretold, times d, and the relative error of its estimate by runs."""
    dims = {"mean": 1.0, "rows": size - 1.0, "pairs": size * (size - 3) / 2}
    level = 1 - PAIR_DELTA if prediction.crossing else SNAPSHOT_LEVEL
    values = dict(zip(PARTS, amplitude_values(curve, size, level), strict=True))
    total = sum(dims[part] * values[part] ** 2 for part in prediction.parts)
    # Gaussian H: the mean square is a sum of chi-squares, few of which may dominate.
    fourth = sum(dims[part] * values[part] ** 4 for part in prediction.parts)
    variance = float(total / (size * (size - 1) / 2))
    if prediction.crossing:
        variance /= float(equiangular_rate(level, DRAWN_BETA, size, curve).evalf()) ** 2
    return variance, float(np.sqrt(2 * fourth / runs) / total)


def watch(flow: Flow, prediction: Width, budget: Budget) -> Trial:
    """Compare the measured variance with the closed form at the largest dimension."""
    if without_temperature(flow.model) or flow.name not in FLOWS_BY_NAME:
        return Trial(silent=f"{flow.name}: no equiangular curve in closed form")
    size, dimensions, _ = sizes_of(budget)
    dimension, runs = dimensions[-1], 8 * number_of_runs(budget)
    scope = {"n": str(size), "d": str(dimension), "beta": f"{DRAWN_BETA:g}"}
    scope["t"] = moment_in_words(prediction.crossing)
    curve = prediction.curve or flow.name
    variance, expected = _variance(prediction, curve, size, runs)
    field = compile_model(flow.model, beta=DRAWN_BETA)
    drawn = draw_runs(field, curve, (runs, size, dimension), budget)
    matrix = drawn.crossing() if prediction.crossing else drawn.deviation()
    pairs = np.triu_indices(size, 1)
    if np.isnan(matrix).any():
        late = f"{flow.name}: a pair is not at 1 - δ at 2.5 times the time of {curve}'s curve"
        return Trial(late, cases=runs, scope=scope)
    squares = np.square(matrix[:, pairs[0], pairs[1]]).mean(axis=-1) * dimension / variance
    ratio = float(squares.mean())
    error = max(expected, float(squares.std(ddof=1) / np.sqrt(runs)))
    # 20/d: the next order of the variance, of relative size O(1/d).
    margin = 1 - abs(ratio - 1) / (SIGMAS * error + 20 / dimension)
    shown = f"measured over predicted variance {ratio:.3f} ± {error:.3f}"
    found = f"{shown}, standard deviation {np.sqrt(variance / dimension):.3g}"
    violation = "" if margin >= 0 else f"{flow.name}: {shown}"
    return Trial(violation, float(margin), runs, seen=found, scope=scope)


WIDTHS: Statement[Width] = experiment(
    "the variance is that of the closed form, up to O(d^{-2})", watch, refute=refute_off_sphere
)


def _width_claim(label: str, statement: str, crossing: bool) -> Claim[Any, Width]:
    width = Width(crossing=crossing)
    return Claim(
        label,
        statement,
        (SA, USA),
        width,
        WIDTHS,
        (
            Control("the mean part alone", prediction=replace(width, parts=("mean",))),
            Control("without the mean part", prediction=replace(width, parts=("rows", "pairs"))),
            Control("γ of USA for SA", model=(SA,), prediction=replace(width, curve="USA")),
        ),
        Verdict.SUPPORTED,
        (ROOM, WARM),
        cases=20,
        origin="extension",
        equivalents=(
            Equivalent(
                "it is the statement of the claim on the other of the two variances",
                ("prediction.crossing: not",),
            ),
        ),
    )


SPREAD = _width_claim(
    "Spread of the pairs",
    f"{SETTING}: at the time of γ = 0.6, Var g_ij = V/d + O(d^{{-2}}), V the mean square of the "
    "amplitudes weighted by the parts' dimensions.",
    crossing=False,
)


TRANSITION_WIDTH = _width_claim(
    "Transition width",
    f"{SETTING}: a pair's time to 1 - δ, δ = 1/1000, has variance V/(dγ'²) + O(d^{{-2}}); √ of it "
    "is the width of Figure 3's front there.",
    crossing=True,
)


CLAIMS = (SPREAD, TRANSITION_WIDTH)
