"""(A.1): gradient ascent on a compact manifold runs for all times, and ends at critical points.

How it is proved
----------------
For SA and USA on the product of spheres, with f = E: velocity and energy give the metric in which
they are (A.1). The flow is analytic and the manifold compact, so by a cited theorem orbits exist
for all times, and the time-q maps are diffeomorphisms. E rises by (3.6), and a limit is at rest.
Which starts end at saddles is Lemma A.1.

References
----------
- arXiv 2312.10794, Appendix A, (A.1).
- Lee, Introduction to Smooth Manifolds, Corollary 9.17.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import MatrixExpr

from proofs_checks.claim import Claim, Control, Part, Verdict
from proofs_checks.paper.section_3.eq_3_6_dissipation import (
    ASCENT,
    DISSIPATES,
    DISSIPATION,
    decide_gradient,
    derive_weights,
)
from proofs_checks.proof import (
    CLIMBS,
    COMPLETE,
    NONZERO,
    ON_SPHERE,
    REST_AT_LIMIT,
    Flow,
    Sheet,
    Statement,
    apply,
    by_statement,
    cited,
)
from theory.energy import ENERGY
from theory.models import REPULSIVE, USA
from theory.symbols import m


def decide(flow: Flow, prediction: MatrixExpr) -> Sheet:
    """Read (A.1) off velocity and energy; conclude that it runs for ever and where it may end."""
    gradient = decide_gradient(flow, prediction).steps[0]
    sphere, smooth = ON_SPHERE.test(flow), flow.analytic
    complete = cited(COMPLETE, sphere, smooth)
    rises = by_statement(ASCENT, flow, prediction, "E never falls")
    rest = apply(REST_AT_LIMIT, "X(t) -> Y: grad E(Y) = 0", gradient, smooth)
    return Sheet(
        (gradient, sphere, smooth, complete, rises, rest),
        NONZERO,
        (flow.model.velocity, flow.model.energy, prediction),
        f"x' = grad E in the metric {prediction}, for all times; E rises; limits are critical",
    )


ASCENDS: Statement[MatrixExpr] = Statement(
    "",
    "gradient ascent of E, for all times, with critical points as limits",
    decide,
    derive_weights,
    DISSIPATES.refute,
    premises=(CLIMBS,),
    cases=DISSIPATES.cases,
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
