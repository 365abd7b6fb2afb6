"""Theorem 4.1: one cluster at β = 0.

Main results
------------
- Theorem 4.1: at β = 0 almost every initial condition converges to one cluster.

How it is proved
----------------
The row algebra shows that equilibria have x_i = ±M/|M| or M = 0, M the barycentre; the Gram
algebra derives a positive second variation at each kind but consensus. Exact for symbolic n, d
and masses. Cited: Łojasiewicz' convergence of gradient flows, and the centre-stable manifold.
No point is drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Expr,
    Integer,
    Rational,
)

from proofs_checks.claim import Budget, Claim, Conclusion, Control, Hypothesis, Verdict
from proofs_checks.paper.appendix_b.remark_b_1_inertia import REMARK_B_1
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    CLIMBS,
    COLD_ONLY,
    EQUILIBRIA,
    LINEAR,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SCHEDULED,
    SUM,
    Counterexample,
    Flow,
    How,
    P,
    Q,
    Sheet,
    Statement,
    Step,
    W,
    almost_every_start,
    apart,
    apply,
    at_zero,
    barycentre_bends,
    by_statement,
    derived,
    gap,
    pull_left,
    statement_of,
)
from proofs_checks.proof.kinds import FLOWS, HEATED
from proofs_checks.said import say, saying
from theory.bounded import simplified, vanishes
from theory.engines import residual
from theory.models import REPULSIVE, SA, USA
from theory.symbols import t, z


@dataclass(frozen=True)
class Curvatures:
    """Second variations of the energy at the two kinds of equilibria other than consensus.

    Attributes
    ----------
    antipodal : Expr
        All tokens at x (mass p) moved along one unit tangent, the others (mass q) at -x.
    balanced : Expr
        One token (mass w) moved along a unit tangent, the barycentre being 0.
    """

    antipodal: Expr
    balanced: Expr


def _slope(flow: Flow) -> Expr | None:
    """Slope of the energy's kernel at β = 0, a constant, or None."""
    kernel = flow.cold.kernel
    slope = None if kernel is None else simplified(kernel.diff(z))
    return None if slope is None or slope.free_symbols & {z, t} else slope


def derive_curvatures(flow: Flow) -> Curvatures | None:
    """Return the second variations of the flow's own energy at β = 0."""
    slope = _slope(flow)
    return None if slope is None else Curvatures(*barycentre_bends(slope))


def refute_beta_zero(
    flow: Flow, prediction: Curvatures | None, budget: Budget
) -> Counterexample | None:
    """Tokens that never meet at β = 0, or a second variation other than predicted."""
    found = apart(flow.cold, budget.rng)
    if found:
        return Counterexample(f"at β = 0: {found}", PAIR)
    own = derive_curvatures(flow)
    if own is None or prediction is None or not CLIMBS.test(flow.cold).holds:
        return None
    for name in ("antipodal", "balanced"):
        value, said = getattr(own, name), getattr(prediction, name)
        left = residual(value - said)
        if left != 0:
            at = {P: Rational(2, 3), Q: Rational(1, 3), W: Rational(1, 2)}
            return Counterexample(
                f"{flow.name}, {name} equilibrium: second variation {value}, not {said}: they "
                f"differ by {left}, {left.subs(at).n(6)} at p = 2/3, q = 1/3, w = 1/2"
            )
    return None


def decide(flow: Flow, prediction: Curvatures) -> Sheet:
    """Prove Theorem 4.1: the equilibria, and a direction of positive second variation at each."""
    own, slope = derive_curvatures(flow), _slope(flow)
    if own is None or slope is None:
        return Sheet((gap("E = c|M|²/2 + const at β = 0", "the slope isn't constant"),))
    # P_x M = 0 leaves M = <x, M> x: the tokens are at ±M/|M|, or M = 0.
    kinds = derived("|P_x M|² = |M|² - <x,M>²: equilibria have x_i = ±M/|M| or M = 0", pull_left())
    steps = [kinds]
    for name, words in (("antipodal", "p at x, q at -x"), ("balanced", "one token w, M = 0")):
        value, said = getattr(own, name), getattr(prediction, name)
        steps.append(derived(f"second variation, {words}: {said}", residual(value - said)))
        positive = Step(f"{value} > 0", How.DECIDED, evidence="masses are positive")
        positive = saying(positive, say(0, "<", said))
        steps.append(positive if value.is_positive else gap(positive.text, "sign not shown"))
    saddles = apply(
        SUM,
        "every equilibrium but consensus is a strict saddle",
        *steps,
        terms={"second variation": "> 0"},
    )
    steps += [saddles, *almost_every_start(flow.cold, saddles, statement_of(REMARK_B_1))]
    return Sheet(
        tuple(steps),
        {"n": "symbolic", "d": "symbolic, d >= 2", "beta": "0", "masses": "symbolic"},
        (EQUILIBRIA, prediction.antipodal, prediction.balanced),
        f"P_x M = 0 only for x = ±M/|M| or M = 0; second variations {prediction.antipodal} "
        f"(antipodal) and {prediction.balanced} (M = 0) are positive: strict saddles",
    )


def derive_plane(flow: Flow) -> int:
    """Return the dimension of which the row on the circle speaks."""
    return 2


def refute_plane(flow: Flow, prediction: int | None, budget: Budget) -> Counterexample | None:
    """Tokens that never meet."""
    found = apart(flow, budget.rng, room=Integer(2))
    return Counterexample(found, PAIR) if found else None


def decide_plane(flow: Flow, prediction: int) -> Sheet:
    """Cite Theorem 4.1 where the weights are constant; nothing is known for others."""
    text = f"d = {prediction}: consensus from almost every start"
    if flow.weight is not None and vanishes(flow.weight.diff(z)):
        step = by_statement(ZERO_BETA, flow, text="Theorem 4.1, h being linear")
        return Sheet((step,), {"d": str(prediction)}, (), "h is linear: Theorem 4.1")
    return Sheet((gap(text, "increasing and convex is not enough for d = 2"),))


PLANE: Statement[int] = Statement(
    "circle",
    "d = 2: consensus from almost every start",
    decide_plane,
    derive_plane,
    refute_plane,
    premises=(FLOWS, ATTENTION, SCHEDULED),
)
ZERO_BETA: Statement[Curvatures] = Statement(
    "Theorem 4.1",
    "β = 0: consensus from almost every start",
    decide,
    derive_curvatures,
    refute_beta_zero,
    domain=(HEATED, COLD_ONLY),
    premises=(LINEAR, *map(at_zero, (FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS))),
    also=(PLANE,),
)


def _zero(**parameters: float) -> float:
    return -abs(parameters["beta"])


THEOREM_4_1 = Claim(
    "Theorem 4.1",
    "At β = 0 almost every initial condition converges to one cluster.",
    (SA, USA),
    Curvatures(P * Q, W**2),
    ZERO_BETA,
    (
        Control("V = -I", model=REPULSIVE),
        Control("antipodal curvature p q -> p (q - p)", prediction=Curvatures(P * (Q - P), W**2)),
        Control("balanced curvature w² -> w", prediction=Curvatures(P * Q, W)),
    ),
    Verdict.PROVED,
    (Hypothesis("β = 0", _zero),),
    concludes=Conclusion.CONSENSUS,
    equivalents=(ONLY_SPEED, AT_BETA_ZERO),
)


CLAIMS = (THEOREM_4_1,)
