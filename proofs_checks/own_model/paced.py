"""Rows of a flow at a pace, ``x' = s(t) F(x)``: x(t) = y(τ), τ = ∫_0^t s, of y' = F(y).

For s >= 0 with ∫s = ∞ both have the same limits from the same starts, so the same probability of
one cluster. What is so of y at each of its times is so of x, said in τ; s may be 0 now and then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, S, exp, integrate, oo

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.decide import amplitude, as_waves, bounds, is_wave
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow, with_tau
from proofs_checks.theorems import HELD, at_pace_one
from theory.energy import ENERGY
from theory.symbols import beta, t, z


def in_its_time(flow: Flow) -> tuple[str, Flow] | str:
    """Return the flow of tokens in the time ∫s, at pace 1.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> said, still = in_its_time(Flow.of(catalogue("CoD")))
    >>> said, still.autonomous.holds
    ('x(t) = y(τ), τ = ∫(1/sqrt(t + 1))dt', True)
    >>> in_its_time(Flow.of(SA))
    'no pace s(t) >= 0 of all tokens'
    """
    schedule, why_not = flow.schedule, "no pace s(t) >= 0 of all tokens"
    if flow.code or schedule is None or schedule.constant or schedule.ends:
        return why_not
    if (model := at_pace_one(flow)) is None:
        return why_not
    own = Flow.of(model)
    if model.energy is None and own.form is not None and own.form.kernel == exp(beta * z):
        model = replace(model, energy=ENERGY)  # SA's, which the row's proof looks at again
    given = {str(name): value for name, value in flow.values.items()}
    return f"x(t) = y(τ), τ = ∫({schedule.factor})dt", Flow.of(model, **given)


def where_all_passes(flow: Flow) -> tuple[str, Flow] | str:
    """Return the flow at pace 1, if all of its time passes: it has the same limits.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> where_all_passes(Flow.of(catalogue("CoD")))[0]
    'x(t) = y(τ), τ = ∫(1/sqrt(t + 1))dt, ∫s = ∞: the same limits from the same starts'
    """
    found = in_its_time(flow)
    if isinstance(found, str) or flow.schedule is None or flow.schedule.total != oo:
        return "no pace s(t) >= 0 of all tokens, with ∫s = ∞"
    return f"{found[0]}, ∫s = ∞: the same limits from the same starts", found[1]


def least_pace(pace: Expr) -> tuple[Expr, Expr] | None:
    """Return c > 0 and K >= 0 with ``∫_0^t s >= c t - K``, where they are read off s.

    Examples
    --------
    >>> from sympy import cosh, sin
    >>> least_pace(exp(-t) * cosh(t)), least_pace(2 * sin(t) ** 2), least_pace(1 / (1 + t))
    ((1/2, 0), (1, 1/2), None)
    """
    waves = as_waves(pace)
    low = bounds(waves, t)[0]
    if low.is_positive:
        return low, S.Zero
    mean, rest = waves.as_independent(t, as_Add=True)
    if not mean.is_positive or not is_wave(rest, t):
        return None
    past = integrate(rest, t)
    size = amplitude(past, t)
    return None if size is None else (mean, size + past.subs(t, 0))


@dataclass(frozen=True)
class InItsTime:
    """A row that is said in τ, where it is proved of the flow at pace 1.

    Attributes
    ----------
    name : str
        The row.
    endless : bool
        Whether it speaks of the end, so that it needs ∫s = ∞.
    """

    name: str
    endless: bool = False

    @property
    def sentence(self) -> str:
        """What the row says."""
        return OfAnother(self.name, in_its_time).sentence

    def ask(self, flow: Flow) -> Evidence:
        """Evidence of the flow at pace 1, in τ; a refutation of it in τ is none in t.

        Examples
        --------
        >>> from theory.models import catalogue
        >>> InItsTime("(7.2)").ask(Flow.of(catalogue("CoD"))).sentence[:50]
        'with τ = ∫(1/sqrt(t + 1))dt in place of t: d = 2, '
        """
        other = where_all_passes if self.endless else in_its_time
        found = OfAnother(self.name, other, by_theorem=True).ask(flow)
        if found.verdict not in (Verdict.PROVED, Verdict.CERTIFIED):
            return Evidence(Verdict.UNDECIDED, found.detail)
        assert flow.schedule is not None  # as it has a time of its own
        pace, total = flow.schedule.factor, flow.schedule.total
        time = f"τ = ∫({pace})dt" + ("" if total in (None, oo) else f" < {total}")
        said = with_tau(flow, found.sentence or self.sentence)
        least = least_pace(pace) if self.name == "Remark 6.5" else None
        if least is not None:
            said = f"{said}; τ >= {least[0] * t - least[1]}: exponentially in t"
        scope = {**found.scope, "time": time}
        if self.name in ("(6.7)", "(6.8)") and total != oo:
            scope["x*"] = "in the cone of the tokens until then"  # they need not have a limit
        return replace(found, sentence=said, scope=scope)


def at_one_time(flow: Flow) -> tuple[str, Flow] | str:
    """Return the flow at a time that is held, of a pace that is positive at each time.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> at_one_time(Flow.of(catalogue("CoD")))[0], at_one_time(Flow.of(SA))
    ('at each time t_0', 'no pace s(t) > 0')
    """
    schedule = flow.schedule
    if flow.code or schedule is None or schedule.constant or schedule.ends:
        return "no pace s(t) > 0"
    if not schedule.factor.subs(t, HELD).is_positive:  # it may be 0, or have another sign
        return "no pace s(t) > 0"
    still = {symbol: rate.xreplace({t: HELD}) for symbol, rate in flow.model.velocities.items()}
    model = replace(flow.model, velocity=still, parameters=(*flow.model.parameters, HELD))
    kernel = None if flow.form is None else flow.form.kernel
    if model.energy is None and kernel in (exp(beta * z), exp(beta * z).xreplace(flow.values)):
        model = replace(model, energy=ENERGY)
    given = {str(name): value for name, value in flow.values.items() if value.is_number}
    return f"at each time {HELD}", Flow.of(model, **given)


AT_ONE_TIME = tuple(OfAnother(name, at_one_time) for name in ("(7.2)", "(7.3)", "discrete layer"))
"""Rows on a velocity, or a layer of it, as it stands: they are asked at each time."""
SAME_LIMITS = tuple(
    OfAnother(name, where_all_passes, by_theorem=True)
    for name in (
        "Theorem 4.1",
        "Theorem 4.2",
        "circle",
        "Theorem 4.3",
        "Theorem 5.1",
        "Theorem 6.1",
    )
)
"""Rows on limits from almost every start: they are asked at pace 1."""
IN_ITS_TIME = (
    *map(
        InItsTime,
        (
            *("consensus spectrum", "(4.4)", "(4.5)", "(6.7)", "(6.8)", "(6.11)", "(6.12)"),
            *("(7.2)", "(7.3)", "discrete layer"),
        ),
    ),
    *(InItsTime(name, endless=True) for name in ("(6.1)", "(6.3)", "Remark 6.5")),
)
"""Rows on each time, on a linearisation, and on ends: they are said in τ where nothing is in t."""


__all__ = ["AT_ONE_TIME", "IN_ITS_TIME", "SAME_LIMITS"]
