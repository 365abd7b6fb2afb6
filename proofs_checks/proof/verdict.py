"""The one place where a statement gets its verdict.

The order is: domain, `refute`, premises, sheet, trial. A `Statement` is how a theorem is decided
for any flow. It is the ``check`` of its claim, and what ``check_model`` asks of a user's model. No
other file makes PROVED or CERTIFIED of what is decided so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

import numpy as np
from sympy import FiniteSet, S, Set, Union

from proofs_checks.claim import Budget, Claim, Evidence, Verdict, not_applicable
from proofs_checks.proof.defined import defined, singular_places, undefined_at
from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import ALONE, NOISELESS, Domain, Premise
from proofs_checks.proof.pairs import models_of
from proofs_checks.proof.parameters import (
    Piece,
    covers,
    declared,
    left_free,
    parameters_of,
    pieces_of,
    range_words,
)
from proofs_checks.proof.sheet import BOX, POSITIVE, SENTENCE, How, Outcome, Sheet, Step, sets_of
from proofs_checks.proof.witness import witnesses_at
from theory.atoms import Tangent
from theory.models import Model
from theory.symbols import X, beta

P = TypeVar("P")


@dataclass(frozen=True)
class Counterexample:
    """An exact, reproducible witness against a statement, in words, with its scope.

    ``cases`` is how many points were drawn for it, 0 if none was; ``cites`` is what it takes for
    granted, such as a lemma, or how a picture is read.
    """

    text: str
    scope: Mapping[str, str] = field(default_factory=dict)
    cases: int = 0
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """What experiments showed: a violation, or the worst margin over the cases.

    ``silent`` says why there was nothing to try, ``seen`` what agreed, in a line, and ``scope``
    the sizes and parameters of the runs. ``tried`` is what they were held against, as a typed
    sheet has it: it is supported where that is what is claimed.
    """

    violation: str = ""
    margin: float | None = None
    cases: int = 0
    silent: str = ""
    seen: str = ""
    scope: Mapping[str, str] = field(default_factory=dict)
    tried: Any = None


class ContradictionError(Exception):
    """A sheet proves what a trial refutes: an error of the program."""


WORTH = (
    Verdict.REFUTED,
    Verdict.OPEN,
    Verdict.UNDECIDED,
    Verdict.VACUOUS,
    Verdict.SUPPORTED,
    Verdict.CERTIFIED,
    Verdict.PROVED,
)
"""From what settles several cases at once to what is said only if all have it."""


def _each_whole(model: Any, prediction: Any) -> tuple[tuple[Model, Any], ...]:
    return tuple((flow, prediction) for flow in models_of(model))


def _unrefuted(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    return None


Refute = Callable[[Flow, Any, Budget], Counterexample | None]


def _of_tokens(refute: Refute, flow: Flow, prediction: Any, budget: Budget) -> Any:
    return refute(flow, prediction, budget) if len(flow.model.blocks) == 1 else None


def of_tokens(refute: Refute) -> Refute:
    """Return what refutes statements on tokens, where a state has no further blocks."""
    return Fixed(_of_tokens, refute)


def not_asked(flow: Flow) -> None:
    """Say that no flow has a prediction of its own: the statement is about the models it names."""


def pairwise(model: Any, prediction: Any) -> tuple[tuple[Model, Any], ...]:
    """Pairs of a claim that predicts something for each of its models."""
    parts = prediction if isinstance(prediction, tuple) else (prediction,)
    return tuple(zip(models_of(model), parts, strict=True))


NO_FLOW = Model("no flow", Tangent(X, X), parameters=(beta,))
"""Subject of a fact that is about no flow, such as Wendel's formula: nothing moves."""


def of_no_flow(model: Any, prediction: Any) -> tuple[tuple[Model, Any], ...]:
    """Case of a claim about no flow."""
    return ((NO_FLOW, prediction),)


@dataclass(frozen=True)
class Statement(Generic[P]):
    """How a statement is decided for any flow.

    Attributes
    ----------
    name : str
        Row of ``check_model``; "" for a statement that isn't asked of models.
    sentence : str
        What the row says.
    decide : callable
        ``decide(flow, prediction) -> Sheet``.
    derive : callable, optional
        ``derive(flow)`` is the model's own prediction, or None where it has none; left out where
        no model is asked.
    refute : callable, optional
        ``refute(flow, prediction, budget) -> Counterexample | None``: exact ones only.
    trial : callable, optional
        ``trial(flow, prediction, budget) -> Trial``.
    search : callable, optional
        ``search(flow, prediction, budget) -> Sheet | Counterexample``: steps that spend a budget,
        such as certificates of drawn cases, or of larger ones in a full run; they follow those of
        ``decide`` if all of these hold.
    domain : tuple of Domain
    premises : tuple of Premise
    cases : callable
        Pairs (model, its part of the prediction) of a claim's model and prediction.
    bound : bool
        Whether its prediction is a bound, which the paper's constants may keep for other flows.
    several_blocks : bool
        Whether it speaks of models whose state has further blocks beside the tokens.
    noisy : bool
        Whether it speaks of models with noise, which fail NOISELESS, a premise of all others.
    says : callable, optional
        ``says(flow, prediction) -> str``: the sentence that is decided for a flow, where the
        constant one lacks what is the flow's own, a derived constant or the clock.
    also : tuple of Statement
        What follows from it and is asked of models beside it.
    varies : tuple of Symbol
        Parameters that the sentence itself varies, as β in "for all small β": a value given for
        one says nothing, and it is left free.
    typed : bool
        Whether `decide` concludes a theorem, whose hypotheses are its own: `premises` say then why
        there is none.
    """

    name: str
    sentence: str
    decide: Callable[[Flow, P], Sheet]
    derive: Callable[[Flow], P | None] = not_asked
    refute: Callable[[Flow, P | None, Budget], Counterexample | None] = _unrefuted
    trial: Callable[[Flow, P, Budget], Trial] | None = None
    search: Callable[[Flow, P, Budget], Sheet | Counterexample] | None = None
    domain: tuple[Domain, ...] = ()
    premises: tuple[Premise, ...] = ()
    cases: Callable[[Any, Any], tuple[tuple[Model, Any], ...]] = _each_whole
    bound: bool = False
    several_blocks: bool = False
    noisy: bool = False
    says: Callable[[Flow, P], str] | None = None
    also: tuple[Statement[Any], ...] = ()
    varies: tuple[Any, ...] = ()
    typed: bool = False

    def __call__(self, model: Any, prediction: Any, budget: Budget) -> Evidence:
        """Evidence of a claim: of its flows, the weakest; REFUTED if one is.

        Parameters
        ----------
        model : Model or tuple of Model
        prediction : object
            What the claim predicts, for all of them.
        budget : Budget
        """
        found = []
        for flow, part in self.cases(model, prediction):
            evidence = judge(self, Flow.of_paper(flow), part, budget, tried=True)
            if evidence.verdict is Verdict.REFUTED:
                return evidence
            found.append((flow.name, evidence))
        return weakest(found)

    def ask(self, flow: Flow) -> Evidence:
        """Evidence on a user's flow, at the prediction that is derived for it."""
        return flow.once(self, None, partial(_asked, self, flow))

    def unspoken(self, flow: Flow, claimed: bool = False) -> Step | None:
        """Return the step that names what a flow is or lacks, if no word of this is about it.

        What a claim says of a model it does say of it; only noise is another kind there.
        """
        noise = () if self.noisy else (NOISELESS,)
        own = () if claimed else (*self.domain, *self.premises)
        steps = (kind.test(flow) for kind in (*noise, *own) if kind.kind)
        return next((step for step in steps if step.outcome is Outcome.FAILS), None)

    def sheet(self, flow: Flow) -> Sheet | None:
        """Print the proof for a flow, if it has a prediction of its own."""
        if (other := self.unspoken(flow)) is not None:
            return Sheet((other,))
        prediction = self.derive(flow)
        if prediction is None:
            return None
        found = self.decided(flow, prediction)
        if self.typed and found.typed and found.holds:
            return found
        domain = (domain.test(flow) for domain in self.domain if not domain.kind)
        steps = (*domain, *(premise.test(flow) for premise in self.premises))
        return found.with_steps(steps)

    def decided(self, flow: Flow, prediction: P) -> Sheet:
        """Return the sheet, with the sentence in a gap that names nothing else."""
        sheet = self.decide(flow, prediction)
        if all(step.text != SENTENCE for step in sheet.steps):
            return sheet
        said = self.says(flow, prediction) if self.says is not None else ""
        named = {SENTENCE: said or self.sentence}
        steps = (replace(one, text=named.get(one.text, one.text)) for one in sheet.steps)
        return replace(sheet, steps=tuple(steps))


def statement_of(claim: Claim[Any, P]) -> Statement[P]:
    """Return how a claim is decided for any flow.

    Raises
    ------
    ValueError
        For a claim that speaks of its own models alone.
    """
    if not isinstance(claim.check, Statement):
        raise ValueError(f"Expected a claim decided for any flow but got claim={claim.label!r}.")
    return claim.check


def _asked(statement: Statement[Any], flow: Flow) -> Evidence:
    """Verdict at given numbers: where none is found, what is proved for all of a range is it."""
    named = {str(parameter) for parameter in statement.varies} & set(flow.given)
    if named:
        found = statement.ask(left_free(flow, named))
        said = f"with {', '.join(sorted(named))} left free, which the sentence varies"
        return replace(found, detail=f"{said}: {found.detail}")
    try:
        pieces = pieces_of(flow)
    except NotImplementedError as reason:
        return Evidence(Verdict.UNDECIDED, str(reason))
    if pieces:
        evidence = _joined([(piece, statement.ask(piece.flow)) for piece in pieces])
    else:
        budget = Budget(20, np.random.default_rng(0))
        evidence = judge(statement, flow, None, budget, tried=False)
    if evidence.verdict not in (Verdict.SUPPORTED, Verdict.OPEN, Verdict.UNDECIDED):
        return evidence
    return _of_the_range(statement, flow) or evidence


def _of_the_range(statement: Statement[Any], flow: Flow) -> Evidence | None:
    """Proof for a whole range, where a number or a part of it was given, if there is one."""
    asked: dict[Any, Set] = {p: FiniteSet(v) for p, v in flow.values.items() if v.is_number}
    asked |= {
        p.symbol: p.range
        for p in parameters_of(flow)
        if isinstance(flow.given.get(str(p.symbol)), Set)
    }
    # Of other ranges proofs are about pieces, in parameters of their own.
    asked = {p: w for p, w in asked.items() if declared(p) == POSITIVE and w.is_subset(POSITIVE)}
    if not asked or flow.from_zero:
        return None
    found = statement.ask(left_free(flow, map(str, asked)))
    sheets = [sheet for _, sheet in found.sheets]
    if found.verdict not in (Verdict.PROVED, Verdict.CERTIFIED) or not sheets:
        return None
    said = [replace(sheet, words=dict(found.scope)) for sheet in sheets]  # which are without any
    if not all(covers(sheet, p, where) for sheet in said for p, where in asked.items()):
        return None
    names = ", ".join(map(str, asked))
    scope = {**found.scope, **{str(p): range_words(where) for p, where in asked.items()}}
    return replace(found, detail=f"for every {names} of its range: {found.detail}", scope=scope)


@lru_cache(maxsize=64)
def _whole_range(parts: tuple[Set, ...], whole: bool | None) -> str:
    """Write the range that pieces of it make up, which all rows of a model have."""
    return range_words(Union(*parts), bool(whole))


def _joined(found: Sequence[tuple[Piece, Evidence]]) -> Evidence:
    """Evidence of the pieces of a range: the weakest, of those that the statement speaks of."""
    spoken = [(piece, e) for piece, e in found if e.verdict not in (None, Verdict.VACUOUS)]
    widest = max(piece.width for piece, _ in found)
    if not any(piece.width == widest for piece, _ in spoken):  # an end doesn't speak for a range
        spoken = [pair for pair in found if pair[0].width == widest][:1]
    evidence = spoken[0][1]
    settled = spoken
    if any(e.verdict is Verdict.REFUTED for _, e in spoken):  # what isn't decided adds nothing
        settled = [pair for pair in spoken if pair[1].verdict is not Verdict.UNDECIDED]
    if len({(e.verdict, e.detail) for _, e in settled}) > 1:
        evidence = weakest([(f"{piece}: {e.word}", e) for piece, e in settled])
    elif len(settled) < len(spoken):
        piece, only = settled[0]
        evidence = replace(only, detail=f"{piece}: {only.detail}")
    wide = sorted(spoken, key=lambda pair: pair[0].width != widest)
    said = dict.fromkeys(e.sentence for _, e in wide)
    evidence = replace(evidence, sentence="; ".join(said) if all(said) else "")
    symbols = tuple(spoken[0][0].ranges)
    scope: dict[str, str] = {}
    boxed: dict[Any, list[str]] = {symbol: [] for symbol in symbols}
    for piece, each in spoken:
        own = {str(s): p for p, expr in piece.written.items() for s in expr.free_symbols}
        for name, words in each.scope.items():
            if name not in own:
                known = scope.get(name, words)
                scope[name] = words if known == words else f"{known}; {words}"
            elif words.startswith(BOX):
                expr = piece.written[own[name]]
                boxed[own[name]] += [words if expr.is_Symbol else f"{expr}, {name} in {words}"]
    if len(symbols) > 1 and len(spoken) < len(found):  # their ranges aren't free of each other
        scope[", ".join(map(str, symbols))] = " or ".join(str(piece) for piece, _ in spoken)
        return replace(evidence, scope=scope)
    for symbol in symbols:
        words = _whole_range(tuple(piece.ranges[symbol] for piece, _ in spoken), symbol.is_integer)
        scope[str(symbol)] = " or ".join(boxed[symbol]) or words
    return replace(evidence, scope=scope)


def judge(
    statement: Statement[Any], flow: Flow, prediction: Any, budget: Budget, *, tried: bool
) -> Evidence:
    """Verdict of a statement on a flow.

    Parameters
    ----------
    statement : Statement
    flow : Flow
    prediction : object or None
        None: the one that is derived for the flow.
    budget : Budget
    tried : bool
        Whether trials run beside a proof too; otherwise only where there is a gap.
    """
    with witnesses_at(flow.drawn_at, positive=not flow.from_zero):
        try:
            return _judge(statement, flow, prediction, budget, tried)
        except NotImplementedError as reason:
            # An atom that an engine can't evaluate, a hardmax say: no argument, no counterexample.
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: {reason}")


def _judge(
    statement: Statement[Any], flow: Flow, prediction: Any, budget: Budget, tried: bool
) -> Evidence:
    domains: list[Step] = []
    unsure: list[str] = []
    if (other := statement.unspoken(flow, prediction is not None)) is not None:
        return not_applicable(other.evidence or f"not {other.text}")
    if not flow.from_zero and not (known := defined(flow)).holds:
        return Evidence(Verdict.VACUOUS, f"outside the domain: {known.evidence}")
    for domain in statement.domain:
        if domain.kind:
            continue
        step = domain.test(flow)
        domains.append(step)
        if step.outcome is Outcome.FAILS:
            return Evidence(Verdict.VACUOUS, f"outside the domain {domain.text}: {step.evidence}")
        if not step.holds:
            unsure.append(f"domain {domain.text}: {step.evidence}")
    if not statement.several_blocks and not (alone := ALONE.test(flow)).holds:
        return _unmet(flow, ALONE, alone)
    if unsure:
        return Evidence(Verdict.UNDECIDED, unsure[0])
    if prediction is None:
        prediction = statement.derive(flow)
    evidence = _answer(statement, flow, prediction, budget, domains, tried)
    said = ""
    if statement.says is not None and prediction is not None:
        said = statement.says(flow, prediction)
    schedule = flow.schedule
    if schedule is not None and schedule.ends and "t" in evidence.scope:
        said = f"{said or statement.sentence}, up to t = {schedule.lifetime}"
    return replace(evidence, sentence=said) if said else evidence


def _answer(
    statement: Statement[Any],
    flow: Flow,
    prediction: Any,
    budget: Budget,
    domains: list[Step],
    tried: bool,
) -> Evidence:
    """Verdict in the domain of the sentence: `refute`, premises, sheet, trial."""
    steps: list[Step] = []
    witness = statement.refute(flow, prediction, budget)
    if witness is not None:
        return _refuted(witness)
    theorem = None
    if statement.typed and prediction is not None:
        theorem = statement.decided(flow, prediction)
    concluded = theorem is not None and theorem.typed and theorem.holds
    for premise in () if concluded else statement.premises:
        step = premise.test(flow)
        if not step.holds:
            return _unmet(flow, premise, *domains, *steps, step)
        steps.append(step)
    if prediction is None:
        return Evidence(Verdict.UNDECIDED, "no prediction is derived for this flow")
    sheet = (theorem or statement.decided(flow, prediction)).with_steps(steps)
    if statement.search is not None and not sheet.missing:
        found = statement.search(flow, prediction, budget)
        if isinstance(found, Counterexample):
            return _refuted(found)
        sheet = sheet.followed_by(found)
    evidence = _weigh(statement, flow, prediction, budget, sheet, tried)
    all_steps = sheet.with_steps(domains).steps
    shown = replace(sheet, steps=all_steps, words={}, identity=(), summary="", cases=0, vacuous="")
    return replace(evidence, sheets=((flow.name, shown),), prediction=prediction)


def _refuted(witness: Counterexample) -> Evidence:
    scope = dict(witness.scope)
    return Evidence(Verdict.REFUTED, witness.text, scope, witness.cites, witness.cases)


def _unmet(flow: Flow, premise: Premise, *steps: Step) -> Evidence:
    """Name the premise of the proof, the last step, that isn't shown: it refutes nothing."""
    *_, step = steps
    how = "" if step.outcome is Outcome.FAILS else ", not shown"
    reason = f"the proof needs {step.text}{how}: {step.evidence} ({premise.name})"
    return Evidence(Verdict.UNDECIDED, reason, sheets=_sheets(flow, *steps))


def _sheets(flow: Flow, *steps: Step) -> tuple[tuple[str, Sheet], ...]:
    """Sheet that a reader is shown: hypotheses first, and the one that fails last."""
    return ((flow.name, Sheet(steps)),)


def _weigh(
    statement: Statement[Any],
    flow: Flow,
    prediction: Any,
    budget: Budget,
    sheet: Sheet,
    tried: bool,
) -> Evidence:
    """Verdict of a sheet, with trials."""
    trial = Trial(silent="no trial")
    if statement.trial is not None and (tried or not sheet.holds):
        trial = statement.trial(flow, prediction, budget)
    ran = dict(trial.scope)
    if trial.violation:
        if sheet.holds:
            raise ContradictionError(f"{sheet.summary} but {trial.violation}")
        return Evidence(
            Verdict.REFUTED, trial.violation, ran, cases=trial.cases, margin=trial.margin
        )
    if sheet.holds and sheet.vacuous:
        return Evidence(Verdict.VACUOUS, sheet.vacuous, _scope(flow, sheet), sheet.cites)
    if sheet.holds:
        detail = sheet.summary or "; ".join(str(step) for step in sheet.steps)
        return Evidence(
            Verdict.CERTIFIED if sheet.enclosed else Verdict.PROVED,
            f"{detail}; {trial.seen}" if trial.seen else detail,
            _scope(flow, sheet),
            sheet.cites,
            max(trial.cases, sheet.cases),
            trial.margin,
            sheet.identity,
        )
    kinds = {step.outcome for step in sheet.missing}
    agree = kinds <= {Outcome.GAP, Outcome.OPEN} and not trial.silent and trial.cases > 0
    agree = agree and trial.tried == sheet.tried
    unproved = Verdict.OPEN if Outcome.OPEN in kinds else Verdict.SUPPORTED
    missing = "; ".join(map(str, sheet.missing))
    if agree and trial.seen:
        missing = f"{trial.seen}; not proved: {'; '.join(step.text for step in sheet.missing)}"
    elif trial.silent and statement.trial is not None:
        missing = f"{missing}; {trial.silent}"
    return Evidence(
        unproved if agree else Verdict.UNDECIDED,
        missing,
        {**_scope(flow, sheet), **ran},
        sheet.cites,
        trial.cases,
        trial.margin,
    )


_WIDE = ("symbolic", "symbolic, >= 0", "symbolic, nonzero", "symbolic, of either sign")
"""Scopes of β that hold its positive values, and say no more."""


def _scope(flow: Flow, sheet: Sheet) -> dict[str, str]:
    """Scope of a sheet, at the values that the flow was given."""
    names = {str(parameter) for parameter in flow.model.parameters}
    words = {a: b for a, b in sheet.scope.items() if a != "beta" or a in names}
    said = words.get("beta", "")
    if said.startswith("symbolic") and undefined_at(flow.model.velocity, beta, S.Zero):
        words["beta"] = "> 0" if said.endswith(">= 0") else "symbolic, nonzero"
    if said.startswith("symbolic") and beta in flow.front.free_symbols:  # its sign is that of β > 0
        words["beta"] = "> 0" if said in _WIDE else f"{said}; > 0"
    if "beta" in words:  # a cited statement may restrict it as this one does
        words["beta"] = "; ".join(dict.fromkeys(words["beta"].split("; ")))
    if places := singular_places(flow):  # tokens elsewhere are what it is about
        words["<x_i,x_j>"] = f"not {', '.join(map(str, places))}"
    schedule = flow.schedule
    if schedule is not None and schedule.ends:
        words["t"] = f"< {schedule.lifetime}"
    return {**words, **{str(a): str(b) for a, b in flow.values.items()}}


def _worth(verdict: Verdict | None) -> int:
    """Place of a verdict; no verdict on one of several flows leaves their claim undecided."""
    return WORTH.index(verdict or Verdict.UNDECIDED)


def weakest(found: list[tuple[str, Evidence]]) -> Evidence:
    """Join the evidence of several flows: the weakest verdict, all the details."""
    if len(found) == 1:
        return found[0][1]
    verdict = min((evidence.verdict for _, evidence in found), key=_worth)
    margins = [evidence.margin for _, evidence in found if evidence.margin is not None]
    scope: dict[str, str] = {}
    for _, evidence in found:
        for name, words in evidence.scope.items():
            if name in scope and scope[name] != words:
                # The smaller range isn't known from words: both are shown.
                words = f"{scope[name]}; {words}"
            scope[name] = words
    return Evidence(
        verdict,
        "; ".join(f"{name}: {evidence.detail}" for name, evidence in found),
        scope,
        tuple(dict.fromkeys(text for _, e in found for text in e.assumptions)),
        max(evidence.cases for _, evidence in found),
        min(margins) if margins else None,
        tuple(part for _, evidence in found for part in evidence.identity),
        tuple(sheet for _, evidence in found for sheet in evidence.sheets),
        found[0][1].prediction,
    )


def by_statement(
    statement: Statement[Any], flow: Flow, prediction: Any = None, text: str = ""
) -> Step:
    """Step that cites another statement on the same flow: worth no more than its verdict.

    Its hypotheses, the lemmas it cites and its scope join.
    """
    budget = Budget(20, np.random.default_rng(0))
    decided = partial(judge, statement, flow, prediction, budget, tried=False)
    evidence = (
        statement.ask(flow) if prediction is None else flow.once(statement, prediction, decided)
    )
    named = text or f"{statement.name}: {statement.sentence}"
    if evidence.verdict in (Verdict.PROVED, Verdict.CERTIFIED):
        return Step(
            named,
            How.BY_STATEMENT,
            scope=sets_of(evidence.scope),
            cites=evidence.assumptions,
            enclosed=evidence.verdict is Verdict.CERTIFIED,
        )
    reason = f"{evidence.word}: {evidence.detail}"
    return Step(named, How.BY_STATEMENT, Outcome.GAP, reason)
