"""Theorem 4.2 of a flow at a pace, ``x' = s(t) F(x)``: where it ends is where ``y' = F(y)`` does.

x(t) = y(∫_0^t s), and for s >= 0 with ∫s = ∞ both have the same limits from the same starts, so the
same probability of one cluster.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import S, exp, oo

from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow, How, Sheet, Statement, Step, by_statement
from proofs_checks.theorems import HELD
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


def at_one_time(flow: Flow) -> tuple[str, Flow] | str:
    """Return the flow at a time that is held, of a pace that is positive at each time.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> at_one_time(Flow.of(catalogue("CoD")))[0], at_one_time(Flow.of(SA))
    ('at each time t_0', 'no pace s(t) > 0')
    """
    schedule = flow.schedule
    if flow.code or schedule is None or schedule.constant or schedule.ends or schedule.sign != 1:
        return "no pace s(t) > 0"
    still = {symbol: rate.xreplace({t: HELD}) for symbol, rate in flow.model.velocities.items()}
    model = replace(flow.model, velocity=still, parameters=(*flow.model.parameters, HELD))
    if model.energy is None and flow.form is not None and flow.form.kernel == exp(beta * z):
        model = replace(model, energy=ENERGY)
    given = {str(name): value for name, value in flow.values.items() if value.is_number}
    return f"at each time {HELD}", Flow.of(model, **given)


AT_ONE_TIME = tuple(OfAnother(name, at_one_time) for name in ("(7.2)", "(7.3)", "discrete layer"))
"""Rows on a velocity, or a layer of it, as it stands: they are asked at each time."""
PACED: Statement[Flow] = Statement(
    "Theorem 4.2",
    "P(S_β) -> 1 as β -> 0: runs pass the points of those at a constant pace, all of them",
    decide_still,
    derive_still,
)


__all__ = ["AT_ONE_TIME", "PACED"]
