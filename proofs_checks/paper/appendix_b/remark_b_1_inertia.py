"""Remark B.1, E.Remark B.1: the Hessian's signs don't depend on the metric.

Main results
------------
Remark B.1: at an equilibrium the Hessian has the same inertia in SA's metric and USA's.
E.Remark B.1: the second expansion of E has no factor |v|^{-2}.

How it is proved
----------------
A theorem of each flow and the energy that the other climbs: both are G^{-1}∇E with G > 0, for SA of
row sums, so at an equilibrium the Jacobian is G^{-1} H, H symmetric: Sylvester's law of inertia,
cited, for every n, d and all masses. Both rest at five states on the circle, where signs are
counted. The erratum: the theorem of (B.5), where E'' is the Hessian.

References
----------
arXiv 2312.10794, Appendix B, Remark B.1; Sylvester's law of inertia.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Rational,
    S,
    Symbol,
    lambdify,
    pi,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    CLIMBS,
    CROSS,
    DIFFERENCES_AGREE,
    FIRST,
    HESSIAN,
    NORMS,
    OCTAHEDRON,
    ON_SPHERE,
    ONLY_SPEED,
    PAIR_ENERGY,
    SQUARE_TOKENS,
    THREE_AGAINST_ONE,
    Array,
    Counterexample,
    Flow,
    Statement,
    Trial,
    along_curve,
    compared,
    leaves_sphere,
    models_of,
    without_temperature,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    bend_of_curve,
    inertia_at_rest,
    subject_in,
    values_in,
)
from theory.derivations import circle_angles
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import beta, n, z


@dataclass(frozen=True)
class Configurations:
    """Angles, in units of π, of tokens of equal mass on the circle."""

    angles: tuple[tuple[Expr, ...], ...]


@lru_cache(maxsize=32)
def _angle_jacobian(model: Model, size: int) -> Any:
    """Velocity and Jacobian of n angles as functions of the angles and β.

    Each sum of a function over the other tokens is differentiated once, as a function of one angle.
    """
    terms = [
        [
            None if part is None else lambdify((PHI, beta), [part.subs(n, size), part.diff(PHI)])
            for part in pair
        ]
        for pair in circle_angles(model).terms
    ]

    def sums(function: Any, gaps: Array, hot: float) -> tuple[Array, Array]:
        values, slopes = (np.broadcast_to(f, gaps.shape) for f in function(gaps, hot))
        return values.sum(axis=1), np.diag(slopes.sum(axis=1)) - slopes

    def evaluate(*values: float) -> tuple[Array, Array]:
        *angles, hot = values
        gaps = np.subtract.outer(angles, angles)
        velocity, jacobian = np.zeros(size), np.zeros((size, size))
        for top, below in terms:
            above, moved = sums(top, gaps, hot)
            under, turned = (np.full(size, size), 0) if below is None else sums(below, gaps, hot)
            velocity += above / under
            jacobian += moved / under[:, None] - (above / under**2)[:, None] * turned
        return velocity, jacobian

    return evaluate


def _inertia(matrix: Array) -> tuple[int, int]:
    real = np.linalg.eigvals(matrix).real
    tolerance = 1e-9 * np.abs(matrix).max()
    return int((real > tolerance).sum()), int((real < -tolerance).sum())


@dataclass(frozen=True)
class Compared:
    """Inertia of a flow against that of another at the given equilibria.

    Attributes
    ----------
    places : Configurations
    other : Model or None
        None: against the Hessian of the energy alone.
    """

    places: Configurations
    other: Model | None = None


def _against_each_other(model: Any, prediction: Any) -> tuple[tuple[Model, Any], ...]:
    first, second = models_of(model)
    return (first, Compared(prediction, second)), (second, Compared(prediction, first))


def derive_inertia(flow: Flow) -> Compared:
    """Return that the flow's own metric leaves the inertia of the Hessian."""
    return Compared(Configurations(()))


def refute_inertia(
    flow: Flow, prediction: Compared | None, budget: Budget
) -> Counterexample | None:
    """Count signs at the equilibria: other numbers for the two flows, or no equilibrium."""
    if prediction is None or prediction.other is None:
        return None
    pair = (flow.model, prediction.other)
    if any(attention_form(model) is None for model in pair):
        lost = next((text for model in pair if (text := leaves_sphere(model, budget.rng))), "")
        return Counterexample(lost) if lost else None
    counted, moving = 0, ""
    for turns in prediction.places.angles:
        for hot in (0.3, 2.5, 5.0, 0.0):
            place = [float(turn * pi) for turn in turns]
            found = [_angle_jacobian(model, len(turns))(*place, hot) for model in pair]
            counts = [_inertia(np.asarray(matrix, dtype=float)) for _, matrix in found]
            speed = max(float(np.abs(velocity).max()) for velocity, _ in found)
            counted += 1
            if counts[0] != counts[1]:
                return Counterexample(
                    f"angles {turns} π, β = {hot}, speed {speed:.2g}: numbers of positive and "
                    f"negative rates {counts[0]} for {pair[0].name}, {counts[1]} for {pair[1].name}"
                )
            if speed > 1e-12:
                moving = f"angles {turns} π are no equilibrium: speed {speed:.3g} at β = {hot}"
    return Counterexample(moving, cases=counted) if moving else None


def conclude_inertia(flow: Flow, prediction: Compared) -> Conclusion | Refusal:
    """Claim that a flow has the inertia of the energy that both climb, and where it rests."""
    subject, values = subject_in(flow), values_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if isinstance(values, Refusal):
        return values
    energy = (prediction.other or flow.model).energy
    if energy is None:
        return Refusal("no energy is stated")
    places = tuple(tuple(turn * pi for turn in turns) for turns in prediction.places.angles)
    return inertia_at_rest(subject, energy.xreplace(values), places)


INERTIA: Statement[Compared] = Statement(
    "",
    "at an equilibrium the Jacobian has the inertia of the Hessian of the energy",
    Concludes(conclude_inertia),
    derive_inertia,
    refute_inertia,
    premises=(ON_SPHERE, PAIR_ENERGY, CLIMBS),
    cases=_against_each_other,
    typed=True,
)


_THIRD = Rational(2, 3)


_EQUILIBRIA = Configurations(
    (
        (S.Zero, _THIRD, 2 * _THIRD),
        (S.Zero, S.Zero, S.One),
        (S.Zero, S.One, S.One),
        (S.Zero, S.Zero, S.Zero),
        # The pair's own mode has the sign of 4 e^{-β} - 2 e^β, which changes at β = log(2)/2.
        (S.Zero, S.Zero, S.One, S.One, S.One, S.One),
    )
)


REMARK_B_1 = Claim(
    "Remark B.1",
    "At an equilibrium the inertia of the Hessian is the same for SA's metric and USA's.",
    (SA, USA),
    _EQUILIBRIA,
    INERTIA,
    (
        Control(
            "points that aren't equilibria",
            prediction=Configurations(
                tuple(
                    (S.Zero, Rational(k, 20), Rational(h, 20)) for k in (3, 7) for h in (9, 13, 19)
                )
            ),
        ),
        Control("SA -> V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "one Hessian read in two metrics has one inertia, whatever the energy", ("*.energy: *",)
        ),
        ONLY_SPEED,
        Equivalent(
            "tokens at angles 0 and π: another equilibrium",
            ("prediction.angles.[1-4].?: sign", "prediction.angles.[1-4].?: + 1"),
        ),
    ),
)


LENGTH = Symbol("v", positive=True)
"""|v|, v the velocity of all tokens together."""


def derive_expansion(flow: Flow) -> Expr:
    """Return the factor 1: E'' is the Hessian."""
    return S.One


def conclude_expansion(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Claim E'' = c Hess E[v,v] along curves of any velocity v, at critical points."""
    return bend_of_curve(flow, prediction * HESSIAN, length=LENGTH)


def watch_expansion(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Compare ``factor Hess E[v,v]`` with differences of the energy at equilibria, at any |v|."""
    if without_temperature(flow.model):
        return Trial(silent=without_temperature(flow.model))
    return compared(_expansions(flow, prediction, budget), DIFFERENCES_AGREE)


def _expansions(flow: Flow, prediction: Expr, budget: Budget) -> Iterator[tuple[float, str]]:
    """Yield the slack along drawn curves, in units of the tolerance."""
    tolerance = 1e-4
    value = lambdify((z, beta, FIRST, CROSS, NORMS), HESSIAN, "numpy")
    for tokens in (SQUARE_TOKENS, OCTAHEDRON, THREE_AGAINST_ONE):
        points = np.asarray(tokens, dtype=float)
        size = len(points)
        for _ in range(budget.cases):
            hot = float(budget.rng.uniform(0.5, 2.5))
            v = budget.rng.standard_normal(points.shape)
            v -= (v * points).sum(axis=1, keepdims=True) * points
            found, pairs = along_curve(flow.model, points, hot, v, np.zeros_like(v), value)
            length = float(np.linalg.norm(v))
            said = float(prediction.subs(LENGTH, length)) * float(pairs.sum()) / (2 * size**2)
            off = abs(found - said) / (tolerance * float(np.abs(pairs).sum()) / size**2)
            yield (
                1 - off,
                f"{flow.name}, n = {size}, β = {hot:.4g}, |v| = {length:.4g}: E'' = "
                f"{found:.6g}, predicted {said:.6g}",
            )


EXPANSION: Statement[Expr] = Statement(
    "",
    "E'' = Hess E[v,v], without a factor |v|^{-2}",
    Concludes(conclude_expansion),
    derive_expansion,
    trial=watch_expansion,
    premises=(PAIR_ENERGY,),
    typed=True,
)


ERRATUM_REMARK_B_1 = Claim(
    "E.Remark B.1",
    "The second expansion of E has no factor |v|^{-2}: E'' = Hess E[v,v] in coordinates of either.",
    (SA, USA),
    S.One,
    EXPANSION,
    (
        Control("factor |v|²", prediction=LENGTH**2),
        Control("factor 1/2", prediction=S.Half),
        Control("V = -I", model=(REPULSIVE,)),
        Control("a factor |v|^{-2}", prediction=LENGTH**-2),
    ),
    Verdict.PROVED,
    cases=3,
    origin="erratum",
    kind="notation",
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (REMARK_B_1, ERRATUM_REMARK_B_1)
