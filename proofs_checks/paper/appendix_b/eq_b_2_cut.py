"""(B.2): d = 2: turning S has E'' = -Σ_{S×S^c} m_i m_j g, >= 0 as a sum at a local maximum.

How it is proved
----------------
A pair across the cut has the second derivative -g, exactly, and a pair on one side none; so it
holds for every n and all masses. At drawn angles, masses, subsets and β it is compared with
finite differences of the compiled energy; a wrong formula is refuted there.

References
----------
arXiv 2312.10794, Appendix B, (B.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sympy import (
    Derivative,
    Expr,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    cos,
    exp,
    expand,
    lambdify,
    sin,
)  # fmt: skip

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    DIFFERENCES_AGREE,
    LINEARITY,
    MAXIMUM,
    PAIR_ENERGY,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    compared,
    derived,
    field_energies,
    pair_cut,
    without_temperature,
)
from proofs_checks.said import say, saying
from theory.atoms import Elementwise
from theory.bounded import remainder
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n, z

ANGLES = MatrixSymbol("theta", n, 1)
"""Angles of the tokens of the circle."""


APART = ANGLES * OneMatrix(1, n) - OneMatrix(n, 1) * ANGLES.T
"""θ_i - θ_j."""


@dataclass(frozen=True)
class AngleCut:
    """``E'' = -Σ m_i m_j g(θ_i-θ_j)`` when the angles of S are turned together.

    Attributes
    ----------
    g : Expr
        In ``PHI`` and ``beta``.
    inside : bool
        Whether the pairs within S count too.
    """

    g: Expr
    inside: bool = False


def derive_angle_cut(flow: Flow) -> AngleCut | None:
    """Return minus the second derivative of the flow's own pair."""
    return None if flow.kernel is None else AngleCut(-flow.kernel.subs(z, cos(PHI)).diff(PHI, 2))


def decide(flow: Flow, prediction: AngleCut) -> Sheet:
    """Differentiate a turned pair twice, and add up the pairs."""
    assert flow.kernel is not None  # a premise
    epsilon = Symbol("epsilon", real=True)
    left = flow.kernel.subs(z, cos(PHI + epsilon)).diff(epsilon, 2).subs(epsilon, 0) + prediction.g
    across = derived(f"a pair of S×S^c: E'' = -({prediction.g})", remainder(expand(left)))
    bend = Derivative(flow.kernel.subs(z, cos(PHI)), (PHI, 2))
    across = saying(across, say(bend, "=", -prediction.g))
    same = "a pair within S, or within S^c, keeps its angle: E'' = 0"
    within = Step(same, How.DERIVED)
    if prediction.inside:
        within = Step(same, How.DERIVED, Outcome.OTHER, "pairs within S were said to count")
    total = apply(LINEARITY, "E'' = -Σ_{S×S^c} m_i m_j g, any n", across, within)
    text = "Σ_{S×S^c} m_i m_j g >= 0 for every S at a local maximum, where E'' <= 0"
    return Sheet(
        (across, within, total, apply(MAXIMUM, text, total)),
        {"n": "symbolic", "d": "2", "beta": "symbolic", "masses": "symbolic"},
        (pair_cut(Elementwise(prediction.g.subs(PHI, z), APART)), left),
        "a pair of S×S^c has second derivative -g, a pair within S or S^c none: E'' = -Σ_{S×S^c} "
        "m_i m_j g, so Σ_{S×S^c} m_i m_j g >= 0 for every S at a local maximum",
    )


def watch(flow: Flow, prediction: AngleCut, budget: Budget) -> Trial:
    """Compare with finite differences of the energy at drawn angles, masses, subsets and β."""
    if without_temperature(flow.model):
        return Trial(silent=f"{flow.name} has no energy in β")
    return compared(_turned(flow, prediction, budget), DIFFERENCES_AGREE)


def _turned(flow: Flow, prediction: AngleCut, budget: Budget) -> Iterator[tuple[float, str]]:
    """Yield the slack of drawn angles, in units of the tolerance."""
    step, tolerance = 1e-3, 1e-4
    profile = lambdify((PHI, beta), prediction.g, "numpy")
    for size in (3, 5):
        for _ in range(budget.cases):
            angles = budget.rng.uniform(-np.pi, np.pi, size)
            masses = budget.rng.uniform(0.2, 1.0, size)
            hot = float(budget.rng.uniform(0.3, 2.5))
            chosen = np.arange(size) < budget.rng.integers(2, size)
            field = compile_model(flow.model, beta=hot, masses=masses)
            moved = angles + np.array([-step, 0.0, step])[:, None] * chosen
            values = field_energies(field, np.stack([np.cos(moved), np.sin(moved)], axis=-1))
            found = (values[0] - 2 * values[1] + values[2]) / step**2
            weights = np.outer(masses, masses) * profile(angles[:, None] - angles, hot)
            counted = np.outer(chosen, ~chosen)
            if prediction.inside:
                counted = counted | np.triu(np.outer(chosen, chosen), 1)
            said = -float(weights[counted].sum())
            off = abs(found - said) / (tolerance * float(np.abs(weights).sum()))
            yield (
                1 - off,
                f"{flow.name}, β = {hot:.4g}, angles {np.round(angles, 3)}, "
                f"{int(chosen.sum())} turned: E'' = {found:.6g}, predicted {said:.6g}",
            )


TURNED_ANGLES: Statement[AngleCut] = Statement(
    "",
    "d = 2: turning S bends the energy by -Σ_{S×S^c} m_i m_j g",
    decide,
    derive_angle_cut,
    trial=watch,
    premises=(PAIR_ENERGY,),
)


_PROFILE = (cos(PHI) - beta * sin(PHI) ** 2) * exp(beta * cos(PHI))


EQUATION_B_2 = Claim(
    "(B.2)",
    "d = 2: turning S has E'' = -Σ_{S×S^c} m_i m_j g, so the sum is >= 0 at a local maximum.",
    (SA, USA),
    AngleCut(_PROFILE),
    TURNED_ANGLES,
    (
        Control(
            "sign of β sin²",
            prediction=AngleCut((cos(PHI) + beta * sin(PHI) ** 2) * exp(beta * cos(PHI))),
        ),
        Control("pairs within S count", prediction=AngleCut(_PROFILE, True)),
        Control("g without β", prediction=AngleCut(_PROFILE.subs(beta, 1))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_B_2,)
