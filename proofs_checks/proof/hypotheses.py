"""Hypotheses of statements, of two sorts, each answering for a flow with a step.

A domain belongs to the sentence: outside it nothing is said, hence nothing refuted. A premise
belongs to the proof, and is read off the flow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from sympy import Dummy, S, exp, oo

from proofs_checks.decide import decide_weight
from proofs_checks.proof.defined import undefined_at
from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.given import with_numbers
from proofs_checks.proof.row_weights import adds_positive_rows, repelling_weight
from proofs_checks.proof.scores import scores_of
from proofs_checks.proof.sheet import How, Outcome, Step, decided
from proofs_checks.proof.witness import witnesses_at
from proofs_checks.readings import (
    Asked,
    Attention,
    EqualAngles,
    Linear,
    Moves,
    PairEnergy,
    StillEnergy,
    Weights,
    given_values,
    is_plain,
    paced,
)
from theory.bounded import simplified, vanishes
from theory.derivations import NotClosed, Obstruction, equiangular
from theory.models import Model, attention_form
from theory.symbols import X, beta, t, z


@dataclass(frozen=True)
class Domain:
    """A restriction of the sentence, such as β >= 0.

    Attributes
    ----------
    text : str
    test : callable
        ``test(flow)`` is a step that fails where the given parameters lie outside.
    kind : bool
        Whether it names a kind of object, such as a layer: a flow of another isn't spoken of.
    """

    text: str
    test: Callable[[Flow], Step]
    kind: bool = False


@dataclass(frozen=True)
class Premise:
    """A hypothesis of the proof, such as positive weights.

    Attributes
    ----------
    name : str
    test : callable
        ``test(flow)`` is a step that holds, fails, or is a gap where it can't be decided.
    kind : bool
        Whether it names a kind of object, such as a mask: a flow without one isn't spoken of.
    """

    name: str
    test: Callable[[Flow], Step]
    kind: bool = False


def _warm(flow: Flow) -> Step:
    text = "β >= 0"
    value = flow.values.get(beta)
    if value is None or value.subs(t, Dummy("t", nonnegative=True)).is_nonnegative:
        return Step(text, How.DECIDED, formal=Asked())
    if value.is_number and value.is_negative:
        return Step(text, How.DECIDED, Outcome.FAILS, f"β = {value}")
    return Step(text, How.DECIDED, Outcome.GAP, f"β = {value}")


def _warm_or_scores(flow: Flow) -> Step:
    if flow.scores is None:
        return _warm(flow)
    return Step("β of either sign", How.DECIDED, formal=Asked())


def _hot(flow: Flow) -> Step:
    text = "β > 0"
    value = flow.values.get(beta)
    if value is None or value.subs(t, Dummy("t", nonnegative=True)).is_positive:
        return Step(text, How.DECIDED, formal=Asked())
    if value.is_number and not value.is_positive:
        return Step(text, How.DECIDED, Outcome.FAILS, f"β = {value}")
    return Step(text, How.DECIDED, Outcome.GAP, f"β = {value}")


def _cold(flow: Flow) -> Step:
    text = "β = 0"
    if str(beta) in flow.code:
        return Step(text, How.DECIDED, Outcome.GAP, "β is code")
    value = flow.values.get(beta)
    rates = flow.model.velocities.values() if value is None else ()
    if pole := next(filter(None, (undefined_at(rate, beta, S.Zero) for rate in rates)), ""):
        return Step(text, How.DECIDED, Outcome.FAILS, pole)
    if value is None or value == 0:
        return Step(text, How.DECIDED, formal=Asked())
    return Step(text, How.DECIDED, Outcome.FAILS, f"β = {value}")


def _linear(flow: Flow) -> Step:
    text = "k constant at β = 0, h linear"
    weight = flow.cold.weight
    flat = True if weight is None else vanishes(weight.diff(z))
    if flat:
        form = attention_form(flow.model)
        values = given_values(flow.cold.values)
        said = None if form is None else Linear(values, form.kernel)
        return Step(text, How.DERIVED, formal=said)
    outcome = Outcome.GAP if flat is None else Outcome.FAILS
    return Step(text, How.DERIVED, outcome, f"k = {weight} isn't constant")


def _when_cold(hypothesis: Domain | Premise, flow: Flow) -> Step:
    return hypothesis.test(flow.cold)


Hypothesis = TypeVar("Hypothesis", Domain, Premise)


def at_zero(hypothesis: Hypothesis) -> Hypothesis:
    """Ask for a premise, or a domain, at β = 0."""
    return replace(hypothesis, test=Fixed(_when_cold, hypothesis))


def _moves(flow: Flow) -> Step:
    text = "h' ≠ 0"
    if flow.weight is not None and flow.weight == 0:
        return Step(text, How.DECIDED, Outcome.FAILS, "h is constant and nothing moves")
    said = None if flow.weight is None else Moves((), flow.weight)
    return Step(text, How.DECIDED, formal=said)


def _autonomous(flow: Flow) -> Step:
    return flow.autonomous


def _paced(flow: Flow) -> Step:
    text = "velocity = s(t) F(X) with s > 0"
    schedule = flow.schedule
    if schedule is None:
        return flow.autonomous
    if schedule.sign == 1:
        return Step(text, How.DECIDED, Outcome.HOLDS, f"s = {schedule.factor}")
    if schedule.negative_at is not None:
        evidence = f"s = {schedule.factor} is negative at t = {schedule.negative_at}"
        return Step(text, How.DECIDED, Outcome.FAILS, evidence)
    return Step(text, How.DECIDED, Outcome.GAP, f"sign of s = {schedule.factor}")


def _scheduled(flow: Flow) -> Step:
    text = "velocity = s(t) F(X) with s > 0 and ∫s = ∞"
    schedule = flow.schedule
    if schedule is None:
        return flow.autonomous
    if schedule.negative_at is not None:
        evidence = f"s = {schedule.factor} is negative at t = {schedule.negative_at}"
        return Step(text, How.DECIDED, Outcome.FAILS, evidence)
    if schedule.sign != 1 or schedule.total is None:
        evidence = f"sign and integral of s = {schedule.factor}"
        return Step(text, How.DECIDED, Outcome.GAP, evidence)
    if schedule.total == oo:
        said = paced(flow.model, flow.values, schedule.factor)
        return Step(text, How.DECIDED, evidence=f"s = {schedule.factor}", formal=said)
    evidence = f"s = {schedule.factor}, ∫s = {schedule.total}"
    return Step(text, How.DECIDED, Outcome.FAILS, evidence)


def _on_sphere(flow: Flow) -> Step:
    return flow.on_sphere


def nonnegative_weights(flow: Flow) -> Step:
    """Weights that are positive, or 0: those of a mask, and those of a kernel that touches 0."""
    step, head = _attracts(flow), flow.softmax
    masked = head is not None and not head.positive
    if not step.holds and (masked or adds_positive_rows(flow)):
        return Step("weights A_ij >= 0", How.DERIVED, Outcome.HOLDS, "softmaxes with masses m > 0")
    if not step.holds and flow.weight is not None:
        text = "weights k(g) >= 0 for -1 <= g <= 1"
        found = flow.sign(text, flow.weight, strict=False)
        later = decided(text, decide_weight(flow.weight, strict=False))
        return later if later.holds and not flow.from_zero else found
    return step


def weights_at_each_time(flow: Flow) -> Step:
    """Nonnegative weights at every time t >= 0, the schedule included."""
    schedule, text = flow.schedule, "weights A_ij >= 0 at every time"
    if schedule is not None and schedule.constant:
        return nonnegative_weights(flow)
    if schedule is not None:
        pace = _paced(flow)
        return nonnegative_weights(flow) if pace.holds else pace
    if flow.softmax is not None:
        return Step(text, How.DERIVED, Outcome.HOLDS, "a softmax with masses m > 0")
    now = Dummy("t", nonnegative=True)
    if flow.weight_in_time is not None and flow.weight_in_time.subs(t, now).is_positive:
        return Step(text, How.DECIDED, Outcome.HOLDS, f"{flow.weight_in_time} > 0")
    return flow.autonomous


_REPELS = "a negative weight"


def _attracts(flow: Flow) -> Step:
    """Positive weights; where no form of them shows it, a negative one is looked for."""
    step = flow.attracts
    mask = getattr(flow.softmax, "mask", None)
    if mask is not None:
        text, pair = "weights A_ij > 0", mask.unseen
        if pair is None:
            return Step(text, How.DERIVED, Outcome.GAP, "who sees whom isn't known")
        reason = f"A_{pair[0]}{pair[1]} = 0: token {pair[0]} doesn't see token {pair[1]}"
        return Step(text, How.DERIVED, Outcome.FAILS, reason)
    if step.outcome is Outcome.GAP and flow.weight is None and flow.schedule is not None:
        found = flow.kept.get(_REPELS)
        if found is None:
            with witnesses_at(flow.drawn_at, positive=not flow.from_zero):
                found = flow.kept[_REPELS] = repelling_weight(flow)
        if found:
            return Step("weights A_ij > 0", How.DECIDED, Outcome.FAILS, found)
    return step


def _values(flow: Flow) -> Step:
    return flow.own_values


def _form(flow: Flow) -> Step:
    return flow.value_is_identity


def _form_or_scores(flow: Flow) -> Step:
    if flow.scores is None:
        return flow.value_is_identity
    text = f"weights e^(a<x_i, {flow.scores.named} x_j>), value matrix c I"
    found, values = scores_of(flow.model), given_values(flow.values)
    assert found is not None  # they are flow.scores
    weights = Weights(exp(found.heat * z), X * found.matrix * X.T, found.normalised)
    return Step(
        text, How.DERIVED, formal=Attention(values, flow.model.velocity, found.scale, weights)
    )


def _analytic(flow: Flow) -> Step:
    return flow.analytic


def _equal_angles(flow: Flow) -> Step:
    text = "equal angles stay equal, masses 1/n"
    if flow.model.kind != "flow":
        return Step(text, How.DERIVED, Outcome.FAILS, "a map, not a flow")
    reduced, reason = flow.equal_angles
    if reduced is None:
        parted = unequal_angles(flow)
        outcome = Outcome.FAILS if parted else Outcome.GAP
        return Step(text, How.DERIVED, outcome, parted or reason)
    plain = is_plain(flow.model) and not flow.given
    said = EqualAngles((), flow.model.velocity, reduced.rate) if plain else None
    return Step(text, How.DERIVED, formal=said)


def unequal_angles(flow: Flow) -> str:
    """Tokens of mass 1/n at equal angles that part at once, at the given numbers, or ""."""
    model = with_numbers(flow.model, flow.values, flow.given)
    return "" if model is None else _unequal(model)


@lru_cache(maxsize=256)
def _unequal(model: Model) -> str:
    try:
        equiangular(model)
    except Obstruction as found:
        return str(found.witness)
    except (ValueError, NotClosed, NotImplementedError, TypeError, AssertionError):
        return ""
    return ""


def _pair_energy(flow: Flow) -> Step:
    text = "an isotropic pair energy"
    if flow.kernel is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no isotropic pair energy")
    known = flow.given or len(flow.model.blocks) > 1
    said = None if known else PairEnergy((), flow.model.energy, flow.kernel)
    return Step(text, How.DERIVED, formal=said)


def _still_energy(flow: Flow) -> Step:
    text = "∂E/∂t = 0"
    if flow.energy_in_time:
        return Step(text, How.DERIVED, Outcome.FAILS, "the energy depends on t")
    energy = None if flow.given else flow.model.energy
    return Step(text, How.DERIVED, formal=None if energy is None else StillEnergy((), energy))


def _known(flow: Flow) -> Step:
    text = "the parameters are known"
    if flow.code:
        return Step(text, How.DERIVED, Outcome.GAP, f"{', '.join(flow.code)} is code")
    return Step(text, How.DERIVED, formal=Asked())


def _rises(flow: Flow) -> Step:
    """``velocity = c G^{-1} ∇E`` with c > 0 at every time t >= 0, and G > 0."""
    climb = flow.climb
    if not climb.step.holds:
        return climb.step
    text = climb.step.text
    if not flow.autonomous.holds and flow.schedule is None:
        return Step(text, How.DERIVED, flow.autonomous.outcome, flow.autonomous.evidence)
    sign = _sign(flow)
    if sign == 1:
        return climb.step
    outcome = Outcome.GAP if sign is None else Outcome.FAILS
    return Step(text, How.DERIVED, outcome, f"c = {climb.ratio}, not positive")


def _climbs(flow: Flow) -> Step:
    """``velocity = c G^{-1} ∇E`` with c > 0, G > 0, and no ∂E/∂t."""
    step = _rises(flow)
    if step.holds and flow.energy_in_time:
        return Step(step.text, How.DERIVED, Outcome.FAILS, "the energy depends on t")
    return step


def _sign(flow: Flow) -> int | None:
    """Sign of c, a schedule of sign 1 apart; parameters are positive numbers."""
    swap = {s: Dummy(str(s), positive=True) for s in flow.climb.ratio.free_symbols}
    ratio = flow.climb.ratio
    schedule = flow.schedule
    if schedule is not None and not schedule.constant:
        if schedule.sign != 1:
            return None if schedule.sign is None else -1
        ratio = simplified(ratio / schedule.factor)
    cold = ratio.subs(beta, 0) if flow.from_zero else S.One
    ratio = ratio.xreplace(swap)
    if ratio.is_positive:
        return 1 if cold.xreplace(swap).is_positive else None
    return -1 if ratio.is_nonpositive else None


def _alone(flow: Flow) -> Step:
    text = "tokens alone"
    if len(flow.model.blocks) == 1:
        return Step(text, How.DERIVED)
    named = ", ".join(str(block.symbol) for block in flow.model.blocks)
    return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} has the blocks {named}")


def _noiseless(flow: Flow) -> Step:
    text = "no noise"
    if flow.model.noise is None:
        return Step(text, How.DERIVED)
    return Step(text, How.DERIVED, Outcome.FAILS, f"noise: {flow.model.noise}")


WARM_ONLY = Domain("β >= 0", _warm)
WARM_OR_SCORES = Domain("β >= 0, or any Q, K", _warm_or_scores)
HOT_ONLY = Domain("β > 0", _hot)
COLD_ONLY = Domain("β = 0", _cold)
LINEAR = Premise("LINEAR", _linear)
NOISELESS = Premise("NOISELESS", _noiseless, kind=True)
ALONE = Premise("TOKENS_ALONE", _alone)
AUTONOMOUS = Premise("AUTONOMOUS", _autonomous)
PACED = Premise("PACED", _paced)
SCHEDULED = Premise("SCHEDULED", _scheduled)
ON_SPHERE = Premise("ON_SPHERE", _on_sphere, kind=True)
POSITIVE_WEIGHTS = Premise("POSITIVE_WEIGHTS", _attracts)
NONNEGATIVE_WEIGHTS = Premise("NONNEGATIVE_WEIGHTS", nonnegative_weights)
NONNEGATIVE_EACH_TIME = Premise("NONNEGATIVE_WEIGHTS", weights_at_each_time)
OWN_VALUES = Premise("OWN_VALUES", _values)
ATTENTION = Premise("VALUE_IS_IDENTITY", _form)
ANY_SCORES = Premise("VALUE_IS_IDENTITY", _form_or_scores)
ANALYTIC = Premise("ANALYTIC", _analytic)
EQUAL_ANGLES = Premise("EQUAL_ANGLES", _equal_angles)
PAIR_ENERGY = Premise("PAIR_ENERGY", _pair_energy)
STILL_ENERGY = Premise("STILL_ENERGY", _still_energy)
KNOWN = Premise("KNOWN", _known)
RISES = Premise("RISES", _rises)
CLIMBS = Premise("CLIMBS", _climbs)
MOVES = Domain("h' ≠ 0", _moves)
