"""How a statement is decided by a theorem: what it says of a flow, concluded by the kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sympy import Dummy, Expr, Function, MatrixBase, MatrixSymbol, S, Symbol, oo

from proofs_checks.proof import (
    NORM,
    R0,
    SENTENCE,
    Flow,
    Sheet,
    Statement,
    gap,
    scope_of_scores,
    with_tau,
)
from proofs_checks.propositions import All, Is, Proposition, Rel, Subject, subjects_of, written
from proofs_checks.theorems.conclusions import Conclusion, meeting, meeting_at
from proofs_checks.theorems.energy import AT_HEAT
from proofs_checks.theorems.gradients import SYMMETRIC
from proofs_checks.theorems.hemisphere import common_sight, pull_of
from proofs_checks.theorems.kernel import Refusal, Theorem
from proofs_checks.theorems.pulls import H, Pull
from proofs_checks.theorems.sheets import Says, as_sheet
from theory.atoms import Tangent
from theory.masks import Mask
from theory.models import Model
from theory.symbols import beta, d, n, t
from theory.terms import Name, Number, OperatorNorm, Sort, sort_of

P = TypeVar("P")
TAU = Name("tau", t)


def subject_in(flow: Flow, still: bool = False) -> Subject | Refusal:
    """Return of what theorems on a flow speak: of code as of any function of t.

    A parameter that declares nothing is a positive number. Of a flow that ends in finite time they
    speak in its own time ∫s, at pace 1, and of others where ``still``.

    Examples
    --------
    >>> from theory.models import SA
    >>> print(subject_in(Flow.of(SA)))
    SA
    """
    if still or (flow.schedule is not None and flow.schedule.ends):
        slowed = at_pace_one(flow)
        if slowed is None:
            return Refusal("no time of its own is known in which the flow goes on for ever")
        return Subject.of(slowed, {**undeclared(flow), **flow.values})
    values = values_in(flow)
    return values if isinstance(values, Refusal) else Subject.of(flow.model, values)


def values_in(flow: Flow) -> dict[Any, Any] | Refusal:
    """Return what stands for parameters of a flow, code as any function of t.

    Examples
    --------
    >>> from theory.models import SA
    >>> values_in(Flow.of(SA, beta=2))
    {beta: 2}
    """
    code = {s: Function(str(s), real=True)(t) for s in flow.model.parameters if str(s) in flow.code}
    if any(not s.is_Symbol for s in code):
        return Refusal(f"{', '.join(flow.code)} is code")
    return {**undeclared(flow), **flow.values, **code}


def undeclared(flow: Flow) -> dict[Symbol, Symbol]:
    """Return parameters that declare nothing, as the positive numbers that theorems take them for.

    Examples
    --------
    >>> from theory.models import SA
    >>> undeclared(Flow.of(SA))
    {}
    """
    scalars = [s for s in flow.model.parameters if s.is_Symbol]
    return {s: Symbol(str(s), positive=True) for s in scalars if s.is_real is None}


def at_pace_one(flow: Flow) -> Model | None:
    """Return the model of F for a velocity s F, s >= 0, in which t doesn't stand.

    Examples
    --------
    >>> from theory.models import COD, SA
    >>> at_pace_one(Flow.of(COD)).velocity == SA.velocity
    True
    """
    if flow.schedule is None or flow.schedule.sign != 1 or flow.schedule.at_a_pace is None:
        return None
    if len(flow.model.blocks) > 1:  # no one velocity is that of all of them
        return None
    time, pace = flow.schedule.at_a_pace
    velocity = flow.model.velocity.xreplace(flow.values).subs(t, time)
    if isinstance(velocity, Tangent):
        velocity = Tangent(velocity.points, (velocity.field / pace).doit())
    else:
        velocity = (velocity / pace).doit()
    return replace(flow.model, name="the flow at pace 1", velocity=velocity)


def in_its_time(flow: Flow, own: Conclusion) -> Conclusion:
    """Write τ for the time of a conclusion on a flow at pace 1, which is its ∫s."""
    said = frozenset().union(*map(subjects_of, (own.says.then, *own.says.given)))
    timed = any(t in how.free_symbols for one in said for how in one.velocities.values())
    moves = flow.schedule is not None and not flow.schedule.constant
    return replace(own, names=(*own.names, TAU)) if moves and not timed else own


def with_time(flow: Flow, own: Conclusion, text: str) -> str:
    """Say what τ is in a sentence on a conclusion that is written with it."""
    return with_tau(flow, text) if TAU in own.names else text


def pull_in(flow: Flow, still: bool = False) -> Pull | Refusal:
    """Return the pulls of a flow; where ``still``, at pace 1: in its time ∫s, which has no end."""
    if still and flow.schedule is not None and flow.schedule.total != oo:
        return Refusal(f"∫({flow.schedule.factor})dt is bounded")
    subject = subject_in(flow, still)
    if isinstance(subject, Refusal):
        return subject
    pull = pull_of(subject)
    if isinstance(pull, Refusal) or pull.subject.name == subject.name:
        return pull
    return replace(pull, subject=subject)  # it is kept for a model of another name


def sight_in(
    flow: Flow, still: bool = True, either: bool = False, timed: bool = False
) -> tuple[Pull, Theorem] | Refusal:
    """Return the pulls of a flow, and T2: that tokens of an open hemisphere meet.

    Where ``still``, of a flow whose own time ∫s isn't bounded and has no closed form, in that time,
    and where ``timed`` in it anyway; where ``either``, for β of either sign.
    """
    schedule = flow.schedule
    if schedule is not None and schedule.ends and schedule.total != oo:
        return Refusal(f"∫({schedule.factor})dt is bounded")
    found = _seen(pull_in(flow, still=timed), either)
    endless = schedule is not None and not schedule.constant and schedule.total == oo
    if isinstance(found, Refusal) and endless and still:
        return _seen(pull_in(flow, still=True), either)
    return found


def met_in(flow: Flow, rate: Expr | None = None) -> Conclusion | Refusal:
    """Say that tokens of an open hemisphere meet, at a rate or at the model's own.

    Parameters
    ----------
    flow : Flow
    rate : Expr, optional
        In r0, for the height h, and in |Q^T K|, for the norm that the model's own rate has.

    Examples
    --------
    >>> from theory.models import REPULSIVE, SA
    >>> words_of(met_in(Flow.of(SA)), 0)
    'D <= D(0) e^(-t h e^(-2 β))'
    >>> isinstance(met_in(Flow.of(REPULSIVE)), Refusal)
    True
    """
    found = sight_in(flow, still=rate is None)
    if isinstance(found, Refusal):
        return found
    pull, sight = found
    if rate is None:
        return in_its_time(flow, meeting(pull, sight))
    rate = rate.xreplace({R0: H, **flow.values})
    for norm in sight.says.atoms(OperatorNorm):
        rate = rate.xreplace({NORM: norm})
    return in_its_time(flow, meeting_at(pull, sight, rate))


def _seen(pull: Pull | Refusal, either: bool) -> tuple[Pull, Theorem] | Refusal:
    sight = pull if isinstance(pull, Refusal) else common_sight(pull.subject, either)
    if isinstance(pull, Refusal) or isinstance(sight, Refusal):
        return pull if isinstance(pull, Refusal) else Refusal(str(sight))
    return pull, sight


def words_of(own: Conclusion, *place: int) -> str:
    """Write what is claimed, or a part of it."""
    then = own.says.then
    for one in place:
        assert isinstance(then, All)  # as it was claimed
        then = then.args[one]
    return written(then, "text", own.names)


def sheet_of(flow: Flow, own: Conclusion, warm: bool = False) -> Sheet:
    """Return the sheet of a conclusion on a flow, with the range of β and its time in the scope.

    What the paper says it says from β = 0 on, but for what is ``warm``: no sheet of its flows may
    assume that β > 0.
    """
    given = own.says.given
    if flow.from_zero and not warm:
        given = tuple(one for one in given if _least_beta((one,), "<") != 0)
    sheet = as_sheet(Says(given, own.says.then), own.found, own.names)
    words = {"n": "symbolic", "d": "symbolic", "masses": "symbolic"}
    if not any(map(subjects_of, (own.says.then, *given))):  # it speaks of no model
        words = {}
    sizes = [
        one.left for one in given if isinstance(one, Rel) and one.op == "<=" and one.right == n
    ]
    if (least := max(filter(lambda size: size.is_number, sizes), default=2)) > 2:
        words["n"] = f"symbolic, >= {least}"
    if most := [one.right for one in given if isinstance(one, Rel) and _is_most(one)]:
        words["n"] = f"<= {min(most)}"
    for one in given:
        if isinstance(one, Is) and one.definition is SYMMETRIC:
            words[str(one.arguments[0])] = "symbolic, symmetric"
    low, positive = _least_beta(given), _least_beta(given, "<") == 0
    low, nonzero = (low or S.Zero if positive else low), positive or AT_HEAT in given
    if low is not None or nonzero:
        words["beta"] = _range_of(low, nonzero)
    if lows := [text for one in given for text in _from_sizes(one)]:
        words["beta"] = f"symbolic, >= {'; '.join(lows)}"
    words |= {**_narrowed(given), **_tokens(flow)}
    if TAU in own.names and flow.schedule is not None:
        words["time"] = f"τ = ∫({flow.schedule.factor})dt"
    empty = written(own.says.then, "text", own.names) if own.vacuous else ""
    return replace(sheet, words={**words, **sheet.words}, vacuous=empty)


def _narrowed(given: tuple[Proposition, ...]) -> dict[str, str]:
    """Write hypotheses on parameters alone that not every positive number meets."""
    found: dict[str, str] = {}
    for one in given:
        if not isinstance(one, Rel) or one.left.has(Number) or one.right.has(Number):
            continue
        if sort_of(one.left) is not Sort.NUMBER:
            continue
        names = (one.right - one.left).free_symbols
        if not names or names & {n, d} or _is_met(one):
            continue
        if _least_beta((one,), one.op) is None:
            found |= {str(s): written(one) for s in names}
    return found


@lru_cache(maxsize=256)
def _is_met(one: Rel) -> bool:
    """Whether all positive numbers meet a hypothesis on parameters."""
    room = one.right - one.left
    room = room.xreplace({s: Dummy(positive=True) for s in room.free_symbols})
    met = {"<": room.is_positive, "<=": room.is_nonnegative, "!=": room.is_nonzero}
    return bool(met.get(one.op))


def _is_most(one: Proposition) -> bool:
    """Whether a hypothesis is that n is at most a number."""
    return isinstance(one, Rel) and one.op == "<=" and one.left == n and one.right.is_number


def _from_sizes(one: Proposition) -> Iterator[str]:
    """Yield the c of a hypothesis ``k c <= k β``, k > 0 a number and c of n and d."""
    if isinstance(one, Rel) and one.op in ("<", "<=") and isinstance(one.left, Expr):
        factor = one.right / beta if isinstance(one.right, Expr) else S.Zero
        if factor.is_number and factor.is_positive and one.left.free_symbols & {n, d}:
            yield written(Rel("<=", one.left / factor, beta)).partition(" <= ")[0]


def _least_beta(given: tuple[Proposition, ...], op: str = "<=") -> Expr | None:
    """Return the c of a hypothesis ``k c <= k β``, or ``k c < k β``, k > 0 a number."""
    for one in given:
        if isinstance(one, Rel) and one.op == op and one.left.is_number:
            factor = one.right / beta
            if factor.is_number and factor.is_positive:
                return one.left / factor
    return None


def _range_of(low: Expr | None, nonzero: bool) -> str:
    """Write the β of a theorem: from a number on, if there is one, and not 0."""
    if low is None:
        return "symbolic, nonzero"
    if low == 0:
        return "> 0" if nonzero else "symbolic, >= 0"
    return f">= {low}{', nonzero' if nonzero else ''}"


def _matrices(flow: Flow) -> dict[str, str]:
    """Say that matrices which nothing is given of are any."""
    free = (p for p in flow.model.parameters if isinstance(p, MatrixSymbol) and n not in p.shape)
    names = [str(p) for p in free if p not in flow.values and str(p) not in flow.code]
    return {", ".join(names): "symbolic"} if names else {}


def _tokens(flow: Flow) -> dict[str, str]:
    """Say how many tokens a graph is of, which is given entry by entry."""
    masks = {mask for rate in flow.model.velocities.values() for mask in rate.atoms(Mask)}
    sizes = {one.parameter.shape[0] for one in masks if isinstance(one.parameter, MatrixBase)}
    return {"n": str(sizes.pop())} if len(sizes) == 1 else {}


@dataclass(frozen=True)
class Concludes(Generic[P]):
    """``decide`` of a `proof.Statement` whose sheet is a theorem.

    Attributes
    ----------
    conclude : callable
        ``conclude(flow, prediction)``: what is claimed of a flow, and the theorem that it is to be;
        a refusal where it can't be said of it.
    otherwise : callable, optional
        ``otherwise(flow, prediction)``: the sheet of a flow of which no theorem says it.
    words : tuple of (str, str)
        Scope that is in no hypothesis: what the definitions say, or a value that was put in.
    warm : bool
        Whether it is said of β > 0 alone.
    """

    conclude: Callable[[Flow, P], Conclusion | Refusal]
    otherwise: Callable[[Flow, P], Sheet] | None = None
    words: tuple[tuple[str, str], ...] = ()
    warm: bool = False

    def __call__(self, flow: Flow, prediction: P) -> Sheet:
        """Return the sheet: it holds if the theorem is what is claimed."""
        own = self.conclude(flow, prediction)
        short = isinstance(own, Refusal) or isinstance(own.found, Refusal)
        if short and self.otherwise is not None:
            return self.otherwise(flow, prediction)
        if isinstance(own, Refusal):
            said = SENTENCE if own.says is None else written(own.says)
            return Sheet((gap(said, own.reason),), typed=True)
        sheet = sheet_of(flow, own, self.warm)
        words = {**_matrices(flow), **sheet.words, **dict(self.words)}
        more = {} if "beta" in words else scope_of_scores(flow)
        return replace(sheet, words={**words, **more})


def concluded_by(statement: Statement[P], flow: Flow, prediction: P) -> Conclusion | Refusal:
    """Return what a typed statement says of a flow, for another one to rest on."""
    if not isinstance(statement.decide, Concludes):
        raise TypeError(
            f"Expected a typed statement but got {statement.sentence!r}; type it first."
        )
    return statement.decide.conclude(flow, prediction)


__all__ = [
    "Concludes",
    "at_pace_one",
    "concluded_by",
    "in_its_time",
    "met_in",
    "pull_in",
    "sheet_of",
    "sight_in",
    "subject_in",
    "undeclared",
    "values_in",
    "with_time",
    "words_of",
]
