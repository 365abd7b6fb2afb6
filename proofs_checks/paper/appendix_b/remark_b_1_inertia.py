"""Remark B.1, E.Remark B.1: the Hessian's signs don't depend on the metric.

Main results
------------
Remark B.1: at an equilibrium the Hessian has the same inertia in SA's metric and USA's.
E.Remark B.1: the second expansion of E has no factor |v|^{-2}.

How it is proved
----------------
Row i of SA is row i of USA over Z_i > 0, so at an equilibrium the Jacobian is M^{-1} H with M >
0 and H symmetric: Sylvester's law of inertia, cited, for every n, d and all masses. Signs are
counted at five states on the circle and four β. The erratum: E'' is a quadratic form in v,
derived pair by pair, and differences of the energy along drawn curves at exact equilibria agree.

References
----------
arXiv 2312.10794, Appendix B, Remark B.1; Sylvester's law of inertia.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Integer,
    Matrix,
    Rational,
    S,
    Symbol,
    expand,
    lambdify,
    pi,
    simplify,
    symbols,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    CROSS,
    FIRST,
    HESSIAN,
    NORMS,
    OCTAHEDRON,
    ONLY_SPEED,
    SCOPE_ANY_MASSES,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    Array,
    along_curve,
    each,
    energy_slope,
    leaves_sphere,
    pair_bend,
    subjects,
    without_temperature,
)
from theory.derivations import circle_angles
from theory.derivations import phi as PHI
from theory.energy import pair_kernel
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import beta, n, z


@dataclass(frozen=True)
class Configurations:
    """Angles, in units of π, of tokens of equal mass on the circle."""

    angles: tuple[tuple[Expr, ...], ...]


@lru_cache(maxsize=32)
def _angle_jacobian(model: Model, size: int) -> Any:
    """Velocity and Jacobian of n angles as functions of the angles and β."""
    reduced = circle_angles(model)
    angle = symbols(f"theta:{size}", real=True)
    velocity = []
    for i in range(size):
        total = S.Zero
        for top, below in reduced.terms:
            above = sum((top.subs(PHI, angle[i] - angle[j]) for j in range(size)), S.Zero)
            under = Integer(size)
            if below is not None:
                under = sum((below.subs(PHI, angle[i] - angle[j]) for j in range(size)), S.Zero)
            total += above / under
        velocity.append(total)
    column = Matrix(velocity)
    column = column.subs(n, size)
    return lambdify((*angle, beta), (column, column.jacobian(angle)), "numpy")


def _inertia(matrix: Array) -> tuple[int, int]:
    real = np.linalg.eigvals(matrix).real
    tolerance = 1e-9 * np.abs(matrix).max()
    return int((real > tolerance).sum()), int((real < -tolerance).sum())


def check_inertia(model: Any, prediction: Configurations, budget: Budget) -> Evidence:
    """Prove that two flows differ by positive factors of the rows; count signs at equilibria."""
    first, second = each(model)
    forms = attention_form(first), attention_form(second)
    if forms[0] is None or forms[1] is None:
        lost = leaves_sphere(first, budget.rng) or leaves_sphere(second, budget.rng)
        verdict = Verdict.REFUTED if lost else Verdict.UNDECIDED
        return Evidence(verdict, lost or "a velocity is no pair sum")
    kernels = [form.scale * form.kernel for form in forms if form is not None]
    ratio = simplify(kernels[0] / kernels[1])
    counted, moving = 0, ""
    for turns in prediction.angles:
        for hot in (0.3, 2.5, 5.0, 0.0):
            place = [float(turn * pi) for turn in turns]
            found = [_angle_jacobian(flow, len(turns))(*place, hot) for flow in (first, second)]
            counts = [_inertia(np.asarray(matrix, dtype=float)) for _, matrix in found]
            counted += 1
            if counts[0] != counts[1]:
                speed = max(float(np.abs(velocity).max()) for velocity, _ in found)
                detail = (
                    f"angles {turns} π, β = {hot}, speed {speed:.2g}: numbers of positive and "
                    f"negative rates {counts[0]} for {first.name}, {counts[1]} for {second.name}"
                )
                return Evidence(Verdict.REFUTED, detail)
            speed = max(float(np.abs(velocity).max()) for velocity, _ in found)
            if speed > 1e-12:
                moving = f"angles {turns} π are no equilibrium: speed {speed:.3g} at β = {hot}"
    if moving:
        return Evidence(Verdict.REFUTED, moving, cases=counted)
    positive = all(form.kernel.is_positive for form in forms if form is not None)
    if not (ratio.is_number and ratio > 0 and positive):
        return Evidence(Verdict.UNDECIDED, f"the rows differ by the factor {ratio}", cases=counted)
    reason = energy_slope(second)[1]
    if reason:
        return Evidence(Verdict.UNDECIDED, reason)
    return Evidence(
        Verdict.PROVED,
        f"row i of {first.name} is row i of {second.name} over Z_i > 0, so at an equilibrium "
        "J = M^{-1} H with M > 0 and H symmetric, congruent to M^{-1/2} H M^{-1/2}",
        {**SCOPE_ANY_MASSES, "beta": "symbolic"},
        ("Sylvester's law of inertia",),
        counted,
        identity=subjects(model),
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
    check_inertia,
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


def check_expansion(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Check ``d²E/dt² = factor Hess E[v,v]`` at equilibria, for velocities of any length.

    Parameters
    ----------
    model : Model or tuple of Model
        Models with an isotropic pair energy.
    prediction : Expr
        The factor, in ``LENGTH``.
    budget : Budget
        Curves to draw at every equilibrium.
    """
    worst, cases, tolerance = np.inf, 0, 1e-4
    identity = list[Any]()
    value = lambdify((z, beta, FIRST, CROSS, NORMS), HESSIAN, "numpy")
    for flow in each(model):
        kernel = None if flow.energy is None else pair_kernel(flow.energy)
        if kernel is None or without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy in β")
        for tokens in (SQUARE_TOKENS, OCTAHEDRON, THREE_AGAINST_ONE):
            points = np.asarray(tokens, dtype=float)
            size = len(points)
            for _ in range(budget.cases):
                hot = float(budget.rng.uniform(0.5, 2.5))
                v = budget.rng.standard_normal(points.shape)
                v -= (v * points).sum(axis=1, keepdims=True) * points
                found, pairs = along_curve(flow, points, hot, v, np.zeros_like(v), value)
                length = float(np.linalg.norm(v))
                said = float(prediction.subs(LENGTH, length)) * float(pairs.sum()) / (2 * size**2)
                gap = abs(found - said) / (tolerance * float(np.abs(pairs).sum()) / size**2)
                cases, worst = cases + 1, min(worst, 1 - gap)
                if gap > 1:
                    detail = (
                        f"{flow.name}, n = {size}, β = {hot:.4g}, |v| = {length:.4g}: E'' = "
                        f"{found:.6g}, predicted {said:.6g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        scale = Symbol("s", positive=True)
        derived = pair_bend(kernel.diff(z))
        longer = derived.subs(
            {FIRST: scale * FIRST, CROSS: scale**2 * CROSS, NORMS: scale**2 * NORMS},
            simultaneous=True,
        )
        identity += [flow.energy, longer - scale**2 * derived, derived - HESSIAN]
        degree, left = (simplify(expand(value)) for value in identity[-2:])
        if degree != 0 or left != 0 or prediction != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: {degree}, {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "E'' is a quadratic form in v: v -> s v multiplies it by s², which a factor |v|^{-2} would "
        "undo; a positive factor leaves every sign, so the remark stands",
        {**SYMBOLIC_SIZES, "beta": "symbolic"},
        (),
        cases,
        worst,
        identity=tuple(identity),
    )


ERRATUM_REMARK_B_1 = Claim(
    "E.Remark B.1",
    "The second expansion of E has no factor |v|^{-2}: E'' = Hess E[v,v] in coordinates of either.",
    (SA, USA),
    S.One,
    check_expansion,
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
