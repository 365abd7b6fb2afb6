"""Whether solutions from an open hemisphere exist for all t, as the typed theorems take for given.

There T8a bounds lengths, ``h (r_0 + L) <= r_i <= R + F``. Each of these bounds at t
rests on the times up to t alone, by slopes and their integrals, so it holds as long as a solution
lives; and one that ends leaves every compact set of states where the velocity is continuous.
"""

from __future__ import annotations

from collections.abc import Collection

from proofs_checks.proof import CONTINUOUS, Flow, Outcome
from proofs_checks.propositions import Proposition, Subject, written
from proofs_checks.theorems import (
    HIGH,
    LONG,
    SHORT,
    UNIT_AXIS,
    Pull,
    Theorem,
    at_least,
    at_most,
    lasting_solutions,
    pull_of,
    solving,
)
from theory.symbols import X, r


def is_code_or_ends(flow: Flow) -> bool:
    """Whether nothing is known of a flow, as of code, or it isn't solved for all t by anybody."""
    return bool(flow.code) or (flow.schedule is not None and flow.schedule.ends)


def lasts(flow: Flow) -> bool:
    """Whether solutions from every start exist for all t >= 0, as Remark 3.1 is asked.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [lasts(Flow.of(catalogue(name))) for name in ("moving masses", "pre-LN")]
    [True, False]
    """
    if is_code_or_ends(flow):
        return False
    return isinstance(lasting_solutions(Subject.of(flow.model, flow.values)), Theorem)


def lasting(flow: Flow, given: Collection[Proposition]) -> str:
    """Say why solutions from a hemisphere exist for all t, "" where that isn't known.

    Parameters
    ----------
    flow : Flow
    given : collection of Proposition
        What is taken for granted; that the start is in a hemisphere must be.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> lasting(Flow.of(catalogue("pre-LN")), [HIGH])
    'h (r_0 + t) <= r_i <= R + t as long as X lives, so for all t'
    >>> lasting(Flow.of(catalogue("pre-LN")), [])
    ''
    """
    if HIGH not in given or CONTINUOUS.test(flow).outcome is not Outcome.HOLDS:
        return ""
    pull = pull_of(Subject.of(flow.model, flow.values))
    spaces = {block.symbol: block.space for block in flow.model.blocks}
    if not isinstance(pull, Pull) or spaces.pop(X, "") != "sphere":
        return ""
    needs = [pull.heights, pull.bounded(pull.weight)]
    said = "X stays in its hemisphere, where the velocity is continuous, so for all t"
    if spaces == {r: "positive"}:
        (least, _, positive), most = at_least(pull), at_most(pull)
        needs += [least, positive, most]
        if isinstance(least, Theorem) and isinstance(most, Theorem):
            more = written(most.says).partition(" <= ")[2]
            said = f"{written(least.says)} <= {more} as long as X lives, so for all t"
    elif spaces:
        return ""
    known = {solving(pull.subject), UNIT_AXIS, LONG, SHORT, *given}
    shown = all(isinstance(one, Theorem) and one.given <= known for one in needs)
    return said if shown else ""
