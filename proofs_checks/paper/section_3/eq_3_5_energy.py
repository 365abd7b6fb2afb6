"""(3.5): the interaction energy, its bounds, and its limit as β -> 0.

How it is proved
----------------
Exact, with symbolic β > 0: the kernel of the models' energy is e^{βz}/β; it rises, so E lies
between half its values at z = -1 and z = 1; without its pole at β = 0 it tends to z. Watched: an
independent double sum over the Gram matrix, at rational points in intervals, and the bounds
there.

References
----------
arXiv 2312.10794, (3.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Symbol, exp, simplify

from proofs_checks.claim import (
    Budget,
    Claim,
    Control,
    Equivalent,
    Evidence,
    Hypothesis,
    Part,
    Verdict,
)
from proofs_checks.decide import interval
from proofs_checks.proof import (
    NONZERO,
    TEMPERATURES,
    Witness,
    decimal,
    each,
    excludes_zero,
    pair_sum,
    row_dot,
)
from theory.energy import interaction_energy, pair_kernel, pole_free
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import X, beta, m, z


@dataclass(frozen=True)
class PairEnergy:
    """``E = ½∬ h dmu dmu``, with bounds for mass one, and h - const as β -> 0.

    Attributes
    ----------
    kernel : Expr
        h in ``z`` and ``beta``.
    low, high : Expr
        Bounds of E over probability measures.
    cold : Expr
        What remains of h at β = 0.
    """

    kernel: Expr
    low: Expr
    high: Expr
    cold: Expr


def check_energy(model: Any, prediction: PairEnergy, budget: Budget) -> Evidence:
    """Compare the models' energy with the double integral, at rational points and as a kernel."""
    worst, cases, hot = np.inf, 0, Symbol("beta", positive=True)
    energies = []
    for flow in each(model):
        if flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy")
        energies.append(flow.energy)
        for _ in range(budget.cases):
            point = Witness(budget.rng, [flow.energy, prediction.high])
            cases += 1
            point.scalars[beta] = abs(point.scalars[beta])
            total = sum(row[0] for row in point.matrices[m])
            point.matrices[m] = [[row[0] / total] for row in point.matrices[m]]
            at = point.evaluator()
            # An independent double sum over the entries of the Gram matrix.
            terms = [
                at.scalar(a[0] * b[0]) * at.apply(prediction.kernel, interval(row_dot(x, y)))
                for a, x in zip(point.matrices[m], point.matrices[X], strict=True)
                for b, y in zip(point.matrices[m], point.matrices[X], strict=True)
            ]
            value, claimed = at(flow.energy)[0][0], sum(terms) / 2
            if excludes_zero(value - claimed):
                detail = (
                    f"{flow.name}: E = {decimal(value)} but ½ΣΣ m_i m_j h = {decimal(claimed)} at "
                    f"{point}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            low, high = at.scalar(prediction.low), at.scalar(prediction.high)
            if (low - value).a > 0 or (value - high).a > 0:
                detail = f"{flow.name}: E = {decimal(value)} out of bounds at {point}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            # At one cluster the upper bound is attained, up to rounding.
            slack = max(min(float((value - low).mid), float((high - value).mid)), 0.0)
            worst = min(worst, slack / float((high - low).mid))
        kernel = pair_kernel(flow.energy)
        if kernel is None or simplify(kernel - prediction.kernel) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: kernel {kernel}", cases=cases)
        warm = kernel.subs(beta, hot)
        # E = h(1)/2 at one cluster, so the largest value is attained.
        above = simplify(warm.subs(z, 1) / 2 - prediction.high.subs(beta, hot))
        below = simplify(warm.subs(z, -1) / 2 - prediction.low.subs(beta, hot))
        # Two opposite clusters have the energy (h(1) + h(-1))/4.
        pair = (warm.subs(z, 1) + warm.subs(z, -1)) / 4
        for heat in TEMPERATURES:
            excess = above.subs(hot, heat).evalf(20)
            lack = (prediction.low.subs(beta, hot) - pair).subs(hot, heat).evalf(20)
            if max(excess, lack) > 1e-15:
                place = "one cluster" if excess > 1e-15 else "an antipodal pair"
                beyond = max(excess, lack).n(6)
                detail = f"{flow.name}: {place} at β = {heat} is beyond the bound by {beyond}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
        if not (above.is_nonpositive and below.is_nonnegative):
            return Evidence(Verdict.UNDECIDED, f"bounds leave {above}, {below}", cases=cases)
        cold = pole_free(kernel, beta, 0)
        if simplify(cold - prediction.cold) != 0:
            detail = (
                f"{flow.name}: h - const -> {cold} as β -> 0, not {prediction.cold}, e.g. at 1/2"
            )
            return Evidence(Verdict.REFUTED, detail, cases=cases)
        if not warm.diff(z).is_positive:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: h isn't shown to rise", cases=cases)
    return Evidence(
        Verdict.PROVED,
        f"h = {prediction.kernel} rises, so {prediction.low} <= E <= {prediction.high}; E - const "
        "-> ½|Σ m_i x_i|² as β -> 0; the double sum agrees at rational points",
        {**NONZERO, "beta": "symbolic, > 0"},
        (),
        cases,
        worst,
        identity=(*energies, pair_sum(prediction.kernel / 2)),
    )


_ENERGY = PairEnergy(exp(beta * z) / beta, exp(-beta) / (2 * beta), exp(beta) / (2 * beta), z)


def _heat(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


EQUATION_3_5 = Claim(
    "(3.5)",
    "E = (1/2β)∬e^{β<x,y>} dmu dmu is in [e^{-β}/2β, e^β/2β]; E - 1/2β -> ½|∫x dmu|² as β -> 0.",
    (SA, USA),
    _ENERGY,
    check_energy,
    (
        Control("1/β in place of 1/2β", prediction=replace(_ENERGY, kernel=2 * _ENERGY.kernel)),
        Control("no 1/β", prediction=replace(_ENERGY, kernel=exp(beta * z))),
        Control("E <= 1/2β", prediction=replace(_ENERGY, high=1 / (2 * beta))),
        Control("limit |∫x dmu|²", prediction=replace(_ENERGY, cold=2 * z)),
        Control("h = z²", model=(gradient_flow(interaction_energy(z**2), "z²"),)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β > 0", _heat),),
    cases=4,
    about=frozenset({Part.ENERGY}),
    equivalents=(
        Equivalent("a larger upper bound", ("prediction.high: e^u -> e^2u",)),
        Equivalent(
            "a smaller lower bound", ("prediction.low: sign", "prediction.low: e^u -> e^2u")
        ),
        Equivalent(
            "E >= 1/(2β), as every ∬<x,y>^k dmu dmu >= 0, and βe^{-β} <= 1",
            ("prediction.low: × β",),
        ),
        Equivalent(
            "larger: e^{β²}/β² >= e^β/β, as log β <= β - 1 <= β² - β", ("prediction.high: β -> β²",)
        ),
        Equivalent("larger, as e^β >= 2β", ("prediction.high: squared",)),
    ),
)


CLAIMS = (EQUATION_3_5,)
