"""(B.3), (B.4): the second variation of the energy when a subset S is turned.

Main results
------------
(B.3): on average it is -Σ_{S×S^c} m_i m_j g, g with (d-1)cos - β sin².
(B.4): E'' = Σ_{S×S^c} m_i m_j e^{βg}(β<Bx_i,x_j>² + <B²x_i,x_j>) for skew B.

How it is proved
----------------
(B.4) is a theorem on energies of pairs, for every n, d, S and all masses: tokens of S turn by a
skew matrix. It is compared with finite differences of the energy at drawn tokens. (B.3) averages it
over skew B by the second moments of its entries, for every d.

References
----------
arXiv 2312.10794, Appendix B, (B.3) and (B.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import expm
from sympy import Expr, Rational, S, Symbol, exp, expand, lambdify, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    DIFFERENCES_AGREE,
    PAIR_ENERGY,
    SKEW_AVERAGE,
    Counterexample,
    Flow,
    PairAverage,
    Statement,
    Trial,
    average_doubt,
    compared,
    field_energies,
    rotated_pair,
    tokens_off_sphere,
    without_temperature,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    bend_of_subset,
    mean_bend_of_subset,
)
from theory.bounded import remainder, simplified, vanishes
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


def _pair_bend(kernel: Expr) -> Expr:
    """Derive the second derivative of h(<e^{εB}x, y>) in ``z``, ``STRETCH`` and ``BEND``."""
    x, y, b, bb = vectors("x y b B", unit="x y")
    epsilon = Symbol("epsilon", real=True)
    product = inner(x + b * epsilon + bb * (epsilon**2 / 2), y)
    first, second = (product.diff(epsilon, k).subs(epsilon, 0) for k in (1, 2))
    names = {inner(x, y): z, inner(b, y): STRETCH, inner(bb, y): BEND}
    slope = kernel.diff(z)
    return (slope.diff(z) * first**2 + slope * second).xreplace(names)


def derive_turned_pair(flow: Flow) -> TurnedPair | None:
    """Return the second variation of the flow's own pair."""
    return None if flow.kernel is None else TurnedPair(_pair_bend(flow.kernel))


def conclude_turned_pair(flow: Flow, prediction: TurnedPair) -> Conclusion | Refusal:
    """Claim E'' where the tokens of S turn by e^{εB}."""
    return bend_of_subset(flow, prediction.value, STRETCH, BEND, skew=prediction.sign == -1)


def watch_turned_pair(flow: Flow, prediction: TurnedPair, budget: Budget) -> Trial:
    """Compare with finite differences of the energy at drawn tokens, matrices and subsets."""
    if without_temperature(flow.model):
        return Trial(silent=f"{flow.name} has no energy in β")
    return compared(_turned_pairs(flow, prediction, budget), DIFFERENCES_AGREE)


def _turned_pairs(
    flow: Flow, prediction: TurnedPair, budget: Budget
) -> Iterator[tuple[float, str]]:
    """Yield the slack of drawn tokens, in units of the tolerance."""
    step, tolerance = 1e-3, 1e-4
    value = lambdify((z, BEND, STRETCH, beta), prediction.value, "numpy")
    for size, dimension in ((3, 3), (5, 4)):
        for _ in range(budget.cases):
            points = np.asarray(random_points(size, dimension, budget.rng))
            masses = budget.rng.uniform(0.2, 1.0, size)
            hot = float(budget.rng.uniform(1.2, 2.5))
            raw = budget.rng.standard_normal((dimension, dimension))
            turn = (raw + prediction.sign * raw.T) / 2
            chosen = np.arange(size) < budget.rng.integers(1, size)
            field = compile_model(flow.model, beta=hot, masses=masses)
            moved = [
                np.where(chosen[:, None], points @ expm(e * turn).T, points)
                for e in (-step, 0.0, step)
            ]
            lost = tokens_off_sphere(np.asarray(moved))
            if lost:
                yield -1.0, f"{flow.name}, n = {size}: {lost}"
            values = field_energies(field, np.asarray(moved))
            found = (values[0] - 2 * values[1] + values[2]) / step**2
            bends = points @ turn.T @ turn.T @ points.T
            pairs = value(points @ points.T, bends, points @ turn.T @ points.T, hot)
            weights = np.outer(masses, masses) * pairs
            said = float(weights[np.outer(chosen, ~chosen)].sum())
            off = abs(found - said) / (tolerance * float(np.abs(weights).sum()))
            yield (
                1 - off,
                f"{flow.name}, n = {size}, d = {dimension}, β = {hot:.4g}: E'' = "
                f"{found:.6g}, predicted {said:.6g}, {int(chosen.sum())} tokens turned",
            )


TURNED_SUBSET: Statement[TurnedPair] = Statement(
    "",
    "turning S by e^{εB}, B skew, bends the energy pair by pair",
    Concludes(conclude_turned_pair),
    derive_turned_pair,
    trial=watch_turned_pair,
    premises=(PAIR_ENERGY,),
    typed=True,
)


_TURNED_PAIR = exp(beta * z) * (beta * STRETCH**2 + BEND)


EQUATION_B_4 = Claim(
    "(B.4)",
    "Turning S by e^{εB}: E'' = Σ_{S×S^c} m_i m_j e^{βg}(β<Bx_i,x_j>² + <B²x_i,x_j>), B skew.",
    (SA, USA),
    TurnedPair(_TURNED_PAIR),
    TURNED_SUBSET,
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


def _profile_gap(kernel: Expr, prediction: RotatedProfile) -> tuple[Expr, Expr, Expr]:
    """Return the derived and the predicted average of a pair, and their difference."""
    found = rotated_pair(kernel.diff(z), prediction.average)
    said = -exp(beta * z) * prediction.bracket
    return found, said, remainder(expand(found - said))


def derive_rotated_profile(flow: Flow) -> RotatedProfile | None:
    """Return the average of the flow's own pair over skew B."""
    if flow.kernel is None:
        return None
    own = -rotated_pair(flow.kernel.diff(z), SKEW_AVERAGE) * exp(-beta * z)
    return RotatedProfile(simplified(own), SKEW_AVERAGE)


def refute_rotated_profile(
    flow: Flow, prediction: RotatedProfile | None, budget: Budget
) -> Counterexample | None:
    """Find numbers at which the average of a pair differs, or averages of no rotations."""
    if prediction is None or flow.kernel is None:
        return None
    left = _profile_gap(flow.kernel, prediction)[2]
    if vanishes(left) is False:
        value = left.subs({z: Rational(1, 3), beta: Rational(5, 2), d: 4}).evalf(5)
        return Counterexample(
            f"{flow.name}: averaged second variation plus g is {value} at <x,y> = 1/3, β = 5/2, "
            "d = 4"
        )
    bent = simplify(prediction.average.a + prediction.average.b)
    if bent != 0:
        # E|B + B^T|² is a positive multiple of a + b, so B turns no sphere where that isn't 0.
        return Counterexample(f"{average_doubt(prediction.average)}: a + b = {bent}")
    return None


def conclude_rotated_profile(flow: Flow, prediction: RotatedProfile) -> Conclusion | Refusal:
    """Claim the average over skew B of what E'' is where S turns."""
    if prediction.average != SKEW_AVERAGE:
        return Refusal(average_doubt(prediction.average))
    return mean_bend_of_subset(flow, exp(beta * z) * prediction.bracket)


ON_AVERAGE: Statement[RotatedProfile] = Statement(
    "",
    "turning S by skew B bends the energy by -Σ_{S×S^c} m_i m_j g on average",
    Concludes(conclude_rotated_profile),
    derive_rotated_profile,
    refute_rotated_profile,
    premises=(PAIR_ENERGY,),
    typed=True,
)


_ROTATED = RotatedProfile((d - 1) * z - beta * (1 - z**2), SKEW_AVERAGE)


EQUATION_B_3 = Claim(
    "(B.3)",
    "Turning S by skew B has mean second variation -Σ_{S×S^c} m_i m_j g, g with (d-1)cos - β sin².",
    (SA, USA),
    _ROTATED,
    ON_AVERAGE,
    (
        Control("d - 1 -> d", prediction=replace(_ROTATED, bracket=_ROTATED.bracket + z)),
        Control("B symmetric", prediction=replace(_ROTATED, average=PairAverage(S.One, S.One))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_B_3, EQUATION_B_4)
