"""(B.2): d = 2: turning S has E'' = -Σ_{S×S^c} m_i m_j g, >= 0 as a sum at a local maximum.

How it is proved
----------------
A theorem on energies of pairs, of tokens that turn at the speed 1 on S and 0 off it, for every n,
all S and all masses; along any curve E'' <= 0 where E is at a maximum. At drawn angles, masses,
subsets and β it is compared with finite differences of the compiled energy; a wrong formula is
refuted there.

References
----------
arXiv 2312.10794, Appendix B, (B.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sympy import Expr, cos, exp, lambdify, sin

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    DIFFERENCES_AGREE,
    PAIR_ENERGY,
    Flow,
    Statement,
    Trial,
    compared,
    field_energies,
    without_temperature,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, cut_in_angles
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, z


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


def conclude(flow: Flow, prediction: AngleCut) -> Conclusion | Refusal:
    """Claim E'' of the tokens of S that turn, and its sign where E is at a maximum."""
    return cut_in_angles(flow, prediction.g, PHI, prediction.inside)


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
    Concludes(conclude, words=(("d", "2"),)),
    derive_angle_cut,
    trial=watch,
    premises=(PAIR_ENERGY,),
    typed=True,
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
