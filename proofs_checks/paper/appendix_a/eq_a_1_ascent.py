"""(A.1): gradient ascent on a compact manifold runs for all times, and ends at critical points.

How it is proved
----------------
A theorem on energies of pairs and on velocities that are Lipschitz by their form: the velocity is
the gradient of E in the metric g, as (3.11) has it, E never falls, spheres are compact and kept, so
solutions last for all times, and a limit is at rest, where grad E is 0. Which starts end at saddles
is Lemma A.1.

References
----------
- arXiv 2312.10794, Appendix A, (A.1).
"""

from __future__ import annotations

from dataclasses import replace

from sympy import MatrixExpr

from proofs_checks.claim import Claim, Control, Part, Verdict
from proofs_checks.paper.section_3.eq_3_6_dissipation import (
    DISSIPATES,
    DISSIPATION,
    derive_weights,
)
from proofs_checks.proof import CLIMBS, Statement
from proofs_checks.theorems import Concludes, OfStated, ascends
from theory.energy import ENERGY
from theory.models import REPULSIVE, USA
from theory.symbols import m

ASCENDS: Statement[MatrixExpr] = Statement(
    "",
    "gradient ascent of E, for all times, with critical points as limits",
    Concludes(OfStated(ascends)),
    derive_weights,
    DISSIPATES.refute,
    premises=(CLIMBS,),
    cases=DISSIPATES.cases,
    typed=True,
)


EQUATION_A_1 = Claim(
    "(A.1)",
    "SA and USA are gradient ascent of E: defined for all times, E rises, limits are critical.",
    DISSIPATION.model,
    DISSIPATION.prediction,
    ASCENDS,
    (
        Control("SA in the metric of USA", prediction=(m, m)),
        Control("descent: V = -I, the same energy", model=(replace(REPULSIVE, energy=ENERGY), USA)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=DISSIPATION.equivalents,
)


CLAIMS = (EQUATION_A_1,)
