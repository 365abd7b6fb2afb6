"""(B.3), (B.4): the second variation of the energy when a subset S is turned.

Main results
------------
(B.3): on average it is -Σ_{S×S^c} m_i m_j g, g with (d-1)cos - β sin².
(B.4): E'' = Σ_{S×S^c} m_i m_j e^{βg}(β<Bx_i,x_j>² + <B²x_i,x_j>) for skew B.

How it is proved
----------------
(B.4) is a pair's second derivative in the Gram algebra, reduced to 0 for every n, d and all
masses, and compared with finite differences of the energy at drawn tokens. (B.3) averages it
over skew B for symbolic d, exactly; the averages are also summed over the basis of so(d), d = 2,
3, 4, 6.

References
----------
arXiv 2312.10794, Appendix B, (B.3) and (B.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import expm
from sympy import Expr, Rational, S, Symbol, exp, expand, lambdify, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import (
    SCOPE_ANY_MASSES,
    SKEW_AVERAGE,
    SYMBOLIC_SIZES,
    PairAverage,
    average_doubt,
    each,
    field_energies,
    pair_sum,
    rotated_pair,
    tokens_off_sphere,
    without_temperature,
)
from theory.energy import pair_kernel
from theory.engines import inner, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, z

BEND, STRETCH = Symbol("q", real=True), Symbol("l", real=True)
"""``<B²x,y>`` and ``<Bx,y>`` for a pair."""


@dataclass(frozen=True)
class TurnedPair:
    """Second derivative of h(<e^{εB}x, y>), B skew or (sign 1) symmetric.

    ``value`` is an expression in ``z``, ``beta``, ``BEND`` and ``STRETCH``.
    """

    value: Expr
    sign: int = -1


def check_turned_pair(model: Any, prediction: TurnedPair, budget: Budget) -> Evidence:
    """Derive a pair's second variation, and compare with finite differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models with an isotropic pair energy.
    prediction : TurnedPair
        The second variation.
    budget : Budget
        Configurations, matrices and subsets to draw.
    """
    worst, cases, step, tolerance = np.inf, 0, 1e-3, 1e-4
    identity = list[Any]()
    value = lambdify((z, BEND, STRETCH, beta), prediction.value, "numpy")
    for flow in each(model):
        if without_temperature(flow) or flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy in β")
        for size, dimension in ((3, 3), (5, 4)):
            for _ in range(budget.cases):
                points = np.asarray(random_points(size, dimension, budget.rng))
                masses = budget.rng.uniform(0.2, 1.0, size)
                hot = float(budget.rng.uniform(1.2, 2.5))
                raw = budget.rng.standard_normal((dimension, dimension))
                turn = (raw + prediction.sign * raw.T) / 2
                chosen = np.arange(size) < budget.rng.integers(1, size)
                field = compile_model(flow, beta=hot, masses=masses)
                moved = [
                    np.where(chosen[:, None], points @ expm(e * turn).T, points)
                    for e in (-step, 0.0, step)
                ]
                lost = tokens_off_sphere(np.asarray(moved))
                if lost:
                    return Evidence(Verdict.REFUTED, f"{flow.name}, n = {size}: {lost}")
                values = field_energies(field, np.asarray(moved))
                found = (values[0] - 2 * values[1] + values[2]) / step**2
                bends = points @ turn.T @ turn.T @ points.T
                pairs = value(points @ points.T, bends, points @ turn.T @ points.T, hot)
                weights = np.outer(masses, masses) * pairs
                said = float(weights[np.outer(chosen, ~chosen)].sum())
                gap = abs(found - said) / (tolerance * float(np.abs(weights).sum()))
                cases, worst = cases + 1, min(worst, 1 - gap)
                if gap > 1:
                    detail = (
                        f"{flow.name}, n = {size}, d = {dimension}, β = {hot:.4g}: E'' = "
                        f"{found:.6g}, predicted {said:.6g}, {int(chosen.sum())} tokens turned"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        kernel = pair_kernel(flow.energy)
        if kernel is None or prediction.sign != -1:
            return Evidence(Verdict.UNDECIDED, "only skew B keeps the tokens' lengths")
        x, y, b, bb = vectors("x y b B", unit="x y")
        epsilon = Symbol("epsilon", real=True)
        product = inner(x + b * epsilon + bb * (epsilon**2 / 2), y)
        first, second = (product.diff(epsilon, k).subs(epsilon, 0) for k in (1, 2))
        names = {inner(x, y): z, inner(b, y): STRETCH, inner(bb, y): BEND}
        slope = kernel.diff(z)
        bend = (slope.diff(z) * first**2 + slope * second).xreplace(names)
        identity += [flow.energy, bend - prediction.value]
        left = simplify(expand(bend - prediction.value))
        if left != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "h(<e^{εB}x,y>)'' - e^{βg}(β<Bx,y>² + <B²x,y>): residual 0, and pairs within S or S^c "
        "don't change: at a local maximum the sum over S×S^c is <= 0 for every skew B",
        {**SYMBOLIC_SIZES, "beta": "symbolic"},
        (),
        cases,
        worst,
        identity=tuple(identity),
    )


_TURNED_PAIR = exp(beta * z) * (beta * STRETCH**2 + BEND)


EQUATION_B_4 = Claim(
    "(B.4)",
    "Turning S by e^{εB}: E'' = Σ_{S×S^c} m_i m_j e^{βg}(β<Bx_i,x_j>² + <B²x_i,x_j>), B skew.",
    (SA, USA),
    TurnedPair(_TURNED_PAIR),
    check_turned_pair,
    (
        Control(
            "the factor β dropped",
            prediction=TurnedPair(_TURNED_PAIR.subs(beta * STRETCH**2, STRETCH**2)),
        ),
        Control("-<B²x_i,x_j>", prediction=TurnedPair(_TURNED_PAIR.subs(BEND, -BEND))),
        Control("B symmetric", prediction=TurnedPair(_TURNED_PAIR, 1)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
    about=frozenset({Part.ENERGY}),
)


@dataclass(frozen=True)
class RotatedProfile:
    """Averaged second variation of a pair: ``-h' bracket``, for B with the given covariances."""

    bracket: Expr
    average: PairAverage


def check_rotated_profile(model: Any, prediction: RotatedProfile, budget: Budget) -> Evidence:
    """Average the second variation along rotations of S over skew B, for symbolic d."""
    put = {z: Rational(1, 3), beta: Rational(5, 2), d: 4}
    sides: list[Any] = []
    for flow in each(model):
        kernel = None if flow.energy is None else pair_kernel(flow.energy)
        if kernel is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy")
        derived = rotated_pair(kernel.diff(z), prediction.average)
        said = -exp(beta * z) * prediction.bracket
        sides += [pair_sum(derived), pair_sum(said)]
        gap = simplify(expand(derived - said))
        if gap != 0:
            detail = (
                f"{flow.name}: averaged second variation plus g is {gap.subs(put).evalf(5)} at "
                "<x,y> = 1/3, β = 5/2, d = 4"
            )
            return Evidence(Verdict.REFUTED, detail)
    unproved = average_doubt(prediction.average, (2, 3, 4, 6))
    if unproved:
        # E|B + B^T|² is a positive multiple of a + b, so B turns no sphere where that isn't 0.
        bent = simplify(prediction.average.a + prediction.average.b) != 0
        return Evidence(Verdict.REFUTED if bent else Verdict.UNDECIDED, unproved)
    return Evidence(
        Verdict.PROVED,
        "E[B²] = -(d-1) I, E<Bx,y>² = 1 - <x,y>² (also summed over the basis of so(d), exactly, "
        "d = 2, 3, 4, 6): E'' = -Σ_{S×S^c} m_i m_j g on average",
        {**SCOPE_ANY_MASSES, "beta": "symbolic"},
        identity=tuple(sides),
    )


_ROTATED = RotatedProfile((d - 1) * z - beta * (1 - z**2), SKEW_AVERAGE)


EQUATION_B_3 = Claim(
    "(B.3)",
    "Turning S by skew B has mean second variation -Σ_{S×S^c} m_i m_j g, g with (d-1)cos - β sin².",
    (SA, USA),
    _ROTATED,
    check_rotated_profile,
    (
        Control("d - 1 -> d", prediction=replace(_ROTATED, bracket=_ROTATED.bracket + z)),
        Control("B symmetric", prediction=replace(_ROTATED, average=PairAverage(S.One, S.One))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_B_3, EQUATION_B_4)
