"""Rows on limits of a flow at a pace, ``x' = s(t) F(x)``: it ends where ``y' = F(y)`` does.

x(t) = y(∫_0^t s), and for s >= 0 with ∫s = ∞ both have the same limits from the same starts, so the
same probability of one cluster.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import S, exp, oo

from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from proofs_checks.theorems import HELD
from theory.energy import ENERGY
from theory.symbols import beta, t, z


def at_first_pace(flow: Flow) -> tuple[str, Flow] | str:
    """Return the flow of tokens at the pace that it has at the start, where all of its time passes.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> said, still = at_first_pace(Flow.of(catalogue("CoD")))
    >>> said.partition(", s =")[0], still.autonomous.holds
    ("x(t) = y(T), T' = s(t)/s(0)", True)
    >>> at_first_pace(Flow.of(SA))
    'no pace s(t) > 0 of all tokens, with ∫s = ∞'
    """
    schedule, velocities = flow.schedule, flow.model.velocities
    why_not = "no pace s(t) > 0 of all tokens, with ∫s = ∞"
    if flow.code or schedule is None or schedule.constant or schedule.ends:
        return why_not
    begun = schedule.factor.subs(t, S.Zero)
    if schedule.sign != 1 or schedule.total != oo or not begun.is_positive or len(velocities) != 1:
        return why_not
    still = {name: rate.subs(t, S.Zero) for name, rate in velocities.items()}
    model = replace(flow.model, name=f"{flow.name} at its first pace", velocity=still)
    own = Flow.of(model)
    if model.energy is None and own.form is not None and own.form.kernel == exp(beta * z):
        model = replace(model, energy=ENERGY)  # SA's, which the row's proof looks at again
    moved = f"x(t) = y(T), T' = s(t)/s(0), s = {schedule.factor}, ∫s = ∞"
    given = {str(name): value for name, value in flow.values.items()}
    return f"{moved}: the same limits from the same starts", Flow.of(model, **given)


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
SAME_LIMITS = tuple(
    OfAnother(name, at_first_pace, by_theorem=True)
    for name in (
        "Theorem 4.1",
        "Theorem 4.2",
        "circle",
        "Theorem 4.3",
        "Theorem 5.1",
        "Theorem 6.1",
    )
)
"""Rows on limits from almost every start: they are asked at one pace."""


__all__ = ["AT_ONE_TIME", "SAME_LIMITS"]
