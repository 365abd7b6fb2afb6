"""Uniform points in a hemisphere: what Theorem 6.7 proves of chance, whatever the flow."""

from __future__ import annotations

from functools import cache

from proofs_checks.proof import Flow, How, Statement, Step
from theory.models import SA


@cache
def wendel_steps() -> tuple[Step, ...]:
    """Return the steps of Theorem 6.7 that speak of points alone: cells, signs and their number.

    Examples
    --------
    >>> wendel_steps()[-1].text
    'p = C(n,d)/2^n'
    """
    from proofs_checks.discovery import questions

    paper, flow = questions()["Theorem 6.7"], Flow.of(SA)
    assert isinstance(paper, Statement)  # as it is decided for any flow
    steps = paper.decide(flow, paper.derive(flow)).steps
    return tuple(step for step in steps if step.how is not How.BY_STATEMENT)


__all__ = ["wendel_steps"]
