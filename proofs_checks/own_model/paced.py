"""Theorem 4.2 of a flow at a pace, ``x' = s(t) F(x)``: where it ends is where ``y' = F(y)`` does.

x(t) = y(∫_0^t s), and for s >= 0 with ∫s = ∞ both have the same limits from the same starts, so the
same probability of one cluster.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import S, exp, oo

from proofs_checks.proof import Flow, How, Sheet, Statement, Step, by_statement
from theory.energy import ENERGY
from theory.symbols import beta, t, z


def derive_still(flow: Flow) -> Flow | None:
    """Return the flow at the pace that it has at the start; None where s may stop or isn't known.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> still = derive_still(Flow.of(catalogue("CoD")))
    >>> still.autonomous.holds, derive_still(Flow.of(SA)) is None
    (True, True)
    """
    schedule = flow.schedule
    if flow.code or schedule is None or schedule.constant or schedule.ends:
        return None
    begun = schedule.factor.subs(t, S.Zero)
    if schedule.sign != 1 or schedule.total != oo or not begun.is_positive:
        return None
    still = {name: rate.subs(t, S.Zero) for name, rate in flow.model.velocities.items()}
    model = replace(flow.model, name=f"{flow.name} at its first pace", velocity=still)
    own = Flow.of(model)
    if model.energy is None and own.form is not None and own.form.kernel == exp(beta * z):
        model = replace(model, energy=ENERGY)  # SA's, which the row's proof looks at again
    return Flow.of(model, **{str(name): value for name, value in flow.values.items()})


def decide_still(flow: Flow, still: Flow) -> Sheet:
    """Ask the row of the flow at one pace, which has the same limits."""
    from proofs_checks.discovery import questions

    paper = questions()["Theorem 4.2"]
    assert isinstance(paper, Statement)  # as it is decided for any flow
    schedule = flow.schedule
    assert schedule is not None  # as it was derived
    whole = Step(f"∫_0^∞ s = ∞, s = {schedule.factor} >= 0", How.DECIDED)
    text = "x(t) = y(T), T' = s(t)/s(0), y' = s(0) F(y)"
    moved = Step(text, How.DERIVED, evidence="velocity = s(t) F(X)")
    same = by_statement(paper, still, text="P(S_β) -> 1 as β -> 0 of the flow at its first pace")
    words = {"n": "symbolic", "d": "symbolic", "masses": "symbolic, sum 1", "beta": "-> 0"}
    return Sheet((whole, moved, same), words)


PACED: Statement[Flow] = Statement(
    "Theorem 4.2",
    "P(S_β) -> 1 as β -> 0: runs pass the points of those at a constant pace, all of them",
    decide_still,
    derive_still,
)


__all__ = ["PACED"]
