"""From strict saddles to one cluster: how Theorems 4.1, 4.3, 5.1 and 6.1 end.

A climbing flow converges; saddles attract a null set; a schedule changes the time alone.
"""

from __future__ import annotations

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import CLIMBS
from proofs_checks.proof.lemmas import CENTRE_STABLE, LOJASIEWICZ, OTHER_METRIC
from proofs_checks.proof.rules import TIME_CHANGE, apply
from proofs_checks.proof.sheet import Step, cited


def almost_every_start(flow: Flow, saddles: Step) -> tuple[Step, ...]:
    """Conclude the limit from "every other equilibrium is a strict saddle of the energy".

    Parameters
    ----------
    flow : Flow
    saddles : Step
        That step.
    """
    climbs = CLIMBS.test(flow)
    steps = [cited(LOJASIEWICZ, climbs)]
    if flow.normalised:
        saddles = cited(OTHER_METRIC, saddles, climbs)
        steps.append(saddles)
    null = cited(CENTRE_STABLE, saddles, climbs)
    steps.append(null)
    schedule = flow.schedule
    if schedule is not None and not schedule.constant:
        pace, total = schedule.factor, schedule.total
        steps.append(apply(TIME_CHANGE, "τ = ∫s -> ∞", null, factor=pace, total=total))
    return tuple(steps)
