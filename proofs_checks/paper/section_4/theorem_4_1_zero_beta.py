"""Theorem 4.1: one cluster at β = 0.

Main results
------------
- Theorem 4.1: at β = 0 almost every initial condition converges to one cluster.

How it is proved
----------------
A theorem on energies of pairs: at β = 0 the energy is |M|²/2 and a constant, M the barycentre, and
all its critical points but consensus are strict saddles. Exact for symbolic n, d and masses. Cited:
Łojasiewicz' convergence of gradient flows, and the centre-stable manifold. No point is drawn for
the proof.

References
----------
arXiv 2312.10794, Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Integer

from proofs_checks.claim import Budget, Claim, Conclusion, Control, Hypothesis, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    CLIMBS,
    COLD_ONLY,
    LINEAR,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SCHEDULED,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    apart,
    at_zero,
    by_statement,
    gap,
)
from proofs_checks.proof.kinds import FLOWS, HEATED
from proofs_checks.theorems import Concludes, Refusal, cold_starts, subject_in
from proofs_checks.theorems import Conclusion as Concluded
from theory.bounded import vanishes
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, z


@dataclass(frozen=True)
class Starts:
    """Which starts meet at β = 0.

    Attributes
    ----------
    least : int
        The least dimension in which they do.
    null : bool
        Whether a null set of starts is left out.
    """

    least: int = 2
    null: bool = True


def derive_starts(flow: Flow) -> Starts:
    """Return almost all starts, in two dimensions or more."""
    return Starts()


def refute_starts(flow: Flow, prediction: Starts | None, budget: Budget) -> Counterexample | None:
    """Tokens that never meet at β = 0, or opposite ones where they are said to meet."""
    found = apart(flow.cold, budget.rng)
    if found:
        return Counterexample(f"at β = 0: {found}", PAIR)
    if prediction is None or flow.cold.form is None:
        return None
    where = "x_2 = -x_1" if not prediction.null else "x_1 = 1, x_2 = -1" * (prediction.least < 2)
    if not where:
        return None
    scope = {**PAIR, "d": ">= 2" if not prediction.null else "1"}
    return Counterexample(f"{where}: P_1 x_2 = P_2 x_1 = 0, both stay for ever", scope)


def conclude_starts(flow: Flow, prediction: Starts) -> Concluded | Refusal:
    """Say that solutions converge at β = 0, and that tokens meet from almost every start.

    Examples
    --------
    >>> conclude_starts(Flow.of(SA), Starts()).found.by.name
    'almost every start of a gradient'
    """
    subject = subject_in(flow.at(beta=0) if beta in flow.model.parameters else flow)
    if isinstance(subject, Refusal):
        return subject
    return cold_starts(subject, prediction.least, prediction.null)


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
ZERO_BETA: Statement[Starts] = Statement(
    "Theorem 4.1",
    "β = 0: consensus from almost every start",
    Concludes(conclude_starts, words=(("beta", "0"),)),
    derive_starts,
    refute_starts,
    domain=(HEATED, COLD_ONLY),
    premises=(LINEAR, *map(at_zero, (FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS))),
    also=(PLANE,),
    typed=True,
)


def _zero(**parameters: float) -> float:
    return -abs(parameters["beta"])


THEOREM_4_1 = Claim(
    "Theorem 4.1",
    "At β = 0 almost every initial condition converges to one cluster.",
    (SA, USA),
    Starts(),
    ZERO_BETA,
    (
        Control("V = -I", model=REPULSIVE),
        Control("d = 1 too", prediction=Starts(least=1)),
        Control("every start", prediction=Starts(null=False)),
    ),
    Verdict.PROVED,
    (Hypothesis("β = 0", _zero),),
    concludes=Conclusion.CONSENSUS,
    equivalents=(ONLY_SPEED, AT_BETA_ZERO),
)


CLAIMS = (THEOREM_4_1,)
