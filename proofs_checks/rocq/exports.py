"""Which steps of a claim's proof Rocq is given, as what theorems, and what it says of them.

The sheets are made once more while formulas are recorded; a step is covered where every theorem
written for it is accepted. Whatever has no theorem says why.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from sympy import Expr

from proofs_checks.certificates import Certificate, Rejected
from proofs_checks.claim import Claim
from proofs_checks.decide import Question
from proofs_checks.proof import Flow, How, Sheet, Statement, Step
from proofs_checks.readings import Asked, Reading
from proofs_checks.rocq.certificate import rests_on, theorem_of
from proofs_checks.rocq.compiler import Compiled, compile_text, prelude_options
from proofs_checks.rocq.formulas import Theorem, gram_statement
from proofs_checks.rocq.numbers import number_statement
from proofs_checks.rocq.readings import reading_statement
from proofs_checks.rocq.scalars import NotExported
from proofs_checks.rocq.signs import sign_statement
from proofs_checks.rocq.theorems import CertificateTheorem, NoExport
from proofs_checks.rocq.typed_steps import typed_statement
from proofs_checks.rocq.whole_theorems import (
    WholeTheorem,
    rocq_rules,
    rule_text,
    whole_text,
    whole_theorem,
)
from proofs_checks.said import Said, say
from proofs_checks.theorems import Fact, Rule, shown_step, steps_of
from proofs_checks.theorems import Theorem as Concluded
from theory.recorded import is_recorded, recording

_PER_FILE = 24
"""Most theorems that are compiled together: a refusal costs one more run for each of them."""
CERTIFICATE_SECONDS = 60.0
"""Most time for the certificate of a step; `attnflow prove` takes longer ones."""


class Fate(Enum):
    """What became of a step; the value is the word that is printed."""

    COVERED = "covered"
    """Every theorem written for it is a Qed."""
    REFUSED = "REFUSED"
    """Rocq doesn't accept what is written for it."""
    RULE = "the rule is a theorem; its use here isn't checked"
    """The rule of inference that it applies is a theorem of the prelude, for any premises."""
    HYPOTHESIS = "hypothesis"
    """A lemma of the literature, or another statement: it stays an assumption."""
    UNCOVERED = "not covered"
    """Nothing is written for it; the reason says why."""


@dataclass(frozen=True)
class StepExport:
    """A step and its theorems.

    Attributes
    ----------
    flow : str
        Name of the model that the step is about.
    step : Step
    theorems : tuple of Theorem
        Empty where there is none.
    names : tuple of str
        Their names in the file.
    reason : str
        Why there is none.
    fate : Fate, optional
        What became of it; None before anything was compiled.
    message : str
        Rocq's words, where it refused.
    certificate : CertificateTheorem, optional
        The theorem of the certificate that the step rests on, a file of its own.
    premise : bool
        Whether it says that the model meets a hypothesis, and is no step of the argument.
    """

    flow: str
    step: Step
    theorems: tuple[Theorem, ...] = ()
    names: tuple[str, ...] = ()
    reason: str = ""
    fate: Fate | None = None
    message: str = ""
    certificate: CertificateTheorem | None = None
    premise: bool = False


@dataclass(frozen=True)
class ClaimExport:
    """The theorems of a claim, in one file.

    Attributes
    ----------
    label : str
    steps : tuple of StepExport
    reason : str
        Why nothing of the claim is exported, where nothing is.
    compiled : tuple of Compiled
        What Rocq said, file by file.
    whole : WholeTheorem, optional
        What Rocq proves of the label as a whole.
    whole_done : Compiled, optional
        What Rocq said of that.
    rules_done : Compiled, optional
        What Rocq said of the rules of inference that the steps apply.
    """

    label: str
    steps: tuple[StepExport, ...] = ()
    reason: str = ""
    compiled: tuple[Compiled, ...] = ()
    whole: WholeTheorem | None = None
    whole_done: Compiled | None = None
    rules_done: Compiled | None = None

    def count(self, fate: Fate) -> int:
        """How many steps have a fate."""
        return sum(step.fate is fate for step in self.steps)

    @property
    def refuses(self) -> bool:
        """Whether Rocq refuses a step, the whole theorem, or a rule of inference."""
        others = (done for done in (self.whole_done, self.rules_done) if done is not None)
        said = all(done.accepted or done.late for done in others)
        return bool(self.count(Fate.REFUSED)) or not said

    @property
    def seconds(self) -> float:
        """Wall time of coqc on the steps' files."""
        return sum(one.seconds for one in self.compiled)

    @property
    def axioms(self) -> tuple[str, ...]:
        """Axioms of all theorems."""
        return tuple(sorted({axiom for one in self.compiled for axiom in one.axioms}))

    @property
    def statement(self) -> str:
        """The accepted theorems as Rocq prints them."""
        return "\n\n".join(one.statement for one in self.compiled if one.statement)


# -- writing ---------------------------------------------------------------------------------


def _file_name(label: str) -> str:
    """Name of a claim's file.

    Examples
    --------
    >>> _file_name("Theorem 6.1"), _file_name("(3.6)")
    ('Theorem_6_1', 'eq_3_6')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", label).strip("_")
    return plain if plain[:1].isalpha() else f"eq_{plain}"


def _sheets(claim: Claim[Any, Any], cases: Any) -> Iterable[tuple[str, Sheet, set[str]]]:
    """Proof sheets of a claim's flows, made anew, and what their premises say."""
    check = claim.check
    assert isinstance(check, Statement)  # asked before
    for model, part in cases:
        flow = Flow.of_paper(model)
        asked = [*(one.test(flow) for one in check.domain), *(p.test(flow) for p in check.premises)]
        prediction = check.derive(flow) if part is None else part
        sheet = check.decide(flow, prediction).with_steps(asked)
        yield flow.name, sheet, {step.text for step in asked}


@dataclass(frozen=True)
class Recorded:
    """Sheets of a claim with what their steps say.

    Attributes
    ----------
    sheets : tuple of (str, Sheet)
    failed : tuple
        Cases whose algebra asks for more than a recorded formula answers.
    premises : frozenset of str
        Texts of the steps that are premises.
    """

    sheets: tuple[tuple[str, Sheet], ...] = ()
    failed: tuple[Any, ...] = ()
    premises: frozenset[str] = frozenset()


def record_claim(claim: Claim[Any, Any], model: Any = None, prediction: Any = None) -> Recorded:
    """Make the sheets of a claim while formulas are recorded.

    Parameters
    ----------
    claim : Claim
        One whose check is a statement.
    model, prediction : object, optional
        In place of the claim's own, for a control.
    """
    assert isinstance(claim.check, Statement)  # asked before
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    found, failed, premises = [], [], set()
    with recording():
        for case in claim.check.cases(model, prediction):
            try:
                for name, sheet, asked in list(_sheets(claim, (case,))):
                    found.append((name, sheet))
                    premises |= asked
            except Exception:  # SymPy's own errors are of many kinds
                failed.append(case)
    return Recorded(tuple(found), tuple(failed), frozenset(premises))


def _theorems(formal: Any) -> tuple[Theorem, ...]:
    parts = formal if isinstance(formal, tuple) else (formal,)
    return tuple(map(_theorem, parts))


def _theorem(part: Any) -> Theorem:
    if isinstance(part, Question):
        return sign_statement(part)
    if isinstance(part, Said):
        return number_statement(part)
    if isinstance(part, Reading | Asked):
        return reading_statement(part)
    try:
        return gram_statement(part)
    except NotExported:
        if not isinstance(part, Expr) or is_recorded(part) or part.is_number:
            raise
    return number_statement(say(part, "=", 0))


_UNWRITTEN = {
    How.DERIVED: "its formula isn't kept as it was written",
    How.DECIDED: "the decision isn't about the sign of one function",
    How.ENCLOSED: "an enclosure",
    How.BY_RULE: "a rule of inference",
}


def _export(flow: str, step: Step) -> StepExport:
    if (certificate := rests_on(step)) is not None:
        return _of_certificate(flow, step, certificate)
    if isinstance(step.formal, Concluded):
        return _of_typed(flow, step, step.formal)
    if step.how in (How.CITED, How.BY_STATEMENT):
        return StepExport(flow, step, fate=Fate.HYPOTHESIS, reason="an assumption of the proof")
    if named := rocq_rules((step,)):
        return StepExport(flow, step, fate=Fate.RULE, reason=named[0])
    if step.formal is None or step.formal == ():
        return StepExport(flow, step, fate=Fate.UNCOVERED, reason=_UNWRITTEN[step.how])
    try:
        return StepExport(flow, step, _theorems(step.formal))
    except NotExported as reason:
        return StepExport(flow, step, fate=Fate.UNCOVERED, reason=str(reason))
    except (AttributeError, KeyError, NotImplementedError, TypeError):
        return StepExport(flow, step, fate=Fate.UNCOVERED, reason="its formula isn't read")


def _of_typed(flow: str, step: Step, one: Concluded) -> StepExport:
    try:
        return StepExport(flow, step, (typed_statement(one),))
    except NotExported as lack:
        reason = str(lack)
    except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError):
        reason = "its formula isn't read"
    if step.how is How.CITED:
        return StepExport(flow, step, fate=Fate.HYPOTHESIS, reason="an assumption of the proof")
    if isinstance(one.by, Rule) and one.by.rocq:
        return StepExport(flow, step, fate=Fate.RULE, reason=one.by.rocq)
    return StepExport(flow, step, fate=Fate.UNCOVERED, reason=reason)


def unfolded(sheet: Sheet) -> list[Step]:
    """Return the steps of a sheet, and those that a typed sheet leaves out as routine."""
    shown = {s.formal.fact: s for s in sheet.steps if isinstance(s.formal, Concluded)}
    found: list[Step] = []
    seen: set[Fact] = set()
    for step in sheet.steps:
        if not isinstance(step.formal, Concluded):
            found.append(step)
            continue
        fresh = [one for one in steps_of(step.formal) if one.fact not in seen]
        seen.update(one.fact for one in fresh)
        found += [shown.get(one.fact) or shown_step(one) for one in fresh]
    return found


def _of_certificate(flow: str, step: Step, certificate: Certificate) -> StepExport:
    try:
        theorem = theorem_of(certificate)
    except NoExport as reason:
        lack = str(reason).partition("; there are")[0]
        return StepExport(flow, step, fate=Fate.UNCOVERED, reason=f"no theorem for {lack}")
    except (Rejected, KeyError, TypeError, ValueError) as reason:
        return StepExport(flow, step, fate=Fate.REFUSED, message=f"it can't be read: {reason}")
    return StepExport(flow, step, certificate=theorem)


def _numbered(label: str, steps: Sequence[StepExport]) -> tuple[StepExport, ...]:
    """Name the theorems; two steps that say the same share theirs."""
    known: dict[Theorem, str] = {}
    for step in steps:
        for theorem in step.theorems:
            known.setdefault(theorem, f"{_file_name(label)}_{len(known) + 1}")
    return tuple(
        replace(step, names=tuple(known[theorem] for theorem in step.theorems)) for step in steps
    )


def export_claim(
    claim: Claim[Any, Any],
    sheets: Sequence[tuple[str, Sheet]] = (),
    recorded: Recorded | None = None,
) -> ClaimExport:
    """Write theorems for the steps of a claim's proof.

    Parameters
    ----------
    claim : Claim
    sheets : sequence of (str, Sheet), optional
        Sheets of a report, whose steps are wanted; made anew by default.
    recorded : Recorded, optional
        From `record_claim`, where that was done before, or of a control.

    Returns
    -------
    ClaimExport
        Nothing of it is compiled yet.
    """
    if not isinstance(claim.check, Statement):
        return ClaimExport(claim.label, reason="it is checked by experiments, not by a proof sheet")
    recorded = record_claim(claim) if recorded is None else recorded
    said = {
        (flow, step.text): step.formal
        for flow, sheet in recorded.sheets
        for step in sheet.steps
        if step.formal is not None
    }
    steps = []
    for flow, sheet in sheets or (*recorded.sheets, *_unrecorded(claim, recorded.failed)):
        for step in unfolded(sheet):
            # A decision keeps its question without being recorded.
            formal = said.get((flow, step.text), step.formal)
            found = _export(flow, replace(step, formal=formal))
            steps.append(replace(found, premise=step.text in recorded.premises))
    if not steps:
        return ClaimExport(claim.label, reason="it has no proof sheet")
    return ClaimExport(claim.label, _numbered(claim.label, steps))


def _unrecorded(claim: Claim[Any, Any], cases: Sequence[Any]) -> Iterable[tuple[str, Sheet]]:
    """Sheets of cases that can't be recorded, without what their steps say."""
    for case in cases:
        try:
            yield from ((name, sheet) for name, sheet, _ in _sheets(claim, (case,)))
        except (ArithmeticError, NotImplementedError, TypeError, ValueError):
            continue  # a control that has no sheet at all


def text_of(theorems: Iterable[tuple[str, Theorem]], about: str) -> str:
    """Write a whole file of theorems."""
    listed = list(theorems)
    needs = sorted({module for _, theorem in listed for module in theorem.needs})
    lines = [f"(* {about} *)", "From Coq Require Import Reals Lra."]
    if {"Bends", "Bounded", "Numbers", "Typed"} & set(needs):
        lines.append("From Coquelicot Require Import Coquelicot.")
    lines += [f"From attnflow Require Import {' '.join(needs)}.", "Open Scope R_scope."]
    return "\n".join([*lines, *("\n" + theorem.text(name) for name, theorem in listed), ""])


# -- compiling -------------------------------------------------------------------------------


def _compiled(
    about: str,
    name: str,
    group: Sequence[tuple[str, Theorem]],
    folder: Path | None = None,
    seconds: float = 120,
) -> tuple[dict[str, Compiled], list[Compiled]]:
    """Compile theorems together, and one by one where they aren't accepted; say what was said."""
    names = [one for one, _ in group]
    done = compile_text(
        text_of(group, about), f"{name}_file", theorems=names, folder=folder, seconds=seconds
    )
    if done.accepted:
        return {}, [done]
    if len(group) == 1:
        return {names[0]: done}, [done]
    parts = [_compiled(about, one, [(one, theorem)], None, seconds) for one, theorem in group]
    refused = {name: one for found, _ in parts for name, one in found.items()}
    return refused, [done for _, results in parts for done in results]


def _groups(listed: Sequence[tuple[str, Theorem]]) -> list[Sequence[tuple[str, Theorem]]]:
    """Split a list into files; what needs other modules stands apart, for they share names."""
    alike: dict[tuple[str, ...], list[tuple[str, Theorem]]] = {}
    for name, theorem in listed:
        alike.setdefault(theorem.needs, []).append((name, theorem))
    return [
        group[start : start + _PER_FILE]
        for group in alike.values()
        for start in range(0, len(group), _PER_FILE)
    ]


def _with_fates(export: ClaimExport, refused: dict[Theorem, Compiled]) -> ClaimExport:
    """Say of every step what became of it, by the theorems that were refused, or late."""
    steps = []
    for step in export.steps:
        if step.theorems:
            wrong = [refused[theorem] for theorem in step.theorems if theorem in refused]
            late = [done.message for done in wrong if done.late]
            said = [done.message for done in wrong if not done.late]
            if said:
                step = replace(step, fate=Fate.REFUSED, message=said[0])
            elif late:
                step = replace(step, fate=Fate.UNCOVERED, reason=f"its theorem is {late[0]}")
            else:
                step = replace(step, fate=Fate.COVERED)
        steps.append(step)
    return replace(export, steps=tuple(steps))


def compile_export(
    export: ClaimExport, *, folder: Path | None = None, seconds: float = 120
) -> ClaimExport:
    """Have Rocq check the theorems of a claim.

    Parameters
    ----------
    export : ClaimExport
    folder : Path, optional
        Where the files are kept.
    seconds : float
        Time limit of a file.

    Returns
    -------
    ClaimExport
        With the fate of every step.

    Raises
    ------
    RocqMissing
        There is no coqc.
    """
    listed = list(_theorems_of((export,)).items())
    refused: dict[Theorem, Compiled] = {}
    results = []
    for number, group in enumerate(_groups([(name, theorem) for theorem, name in listed]), 1):
        name = _file_name(export.label) + (f"_part_{number}" if number > 1 else "")
        about = f"Steps of the proof of {export.label}"
        wrong, done = _compiled(about, name, group, folder, seconds)
        refused |= {theorem: wrong[name] for name, theorem in group if name in wrong}
        results += done
    told = replace(_with_fates(export, refused), compiled=tuple(results))
    return _with_whole(_with_certificates(told, folder), folder, seconds)


def _with_certificates(export: ClaimExport, folder: Path | None) -> ClaimExport:
    """Have Rocq prove what the certificates of a claim's steps state."""
    asked = {s.certificate.text: s.certificate for s in export.steps if s.certificate is not None}
    shared = [theorem for theorem in asked.values() if theorem.shares]
    groups = [shared] if shared else []
    groups += [[theorem] for theorem in asked.values() if not theorem.shares]
    done: dict[str, Compiled] = {}
    for number, group in enumerate(groups, 1):
        file = f"{_file_name(export.label)}_certificates_{number}"
        done |= _compiled_certificates(file, group, folder)
    steps = [
        step if step.certificate is None else _certified(step, done[step.certificate.text])
        for step in export.steps
    ]
    compiled = (*export.compiled, *dict.fromkeys(done.values()))
    return replace(export, steps=tuple(steps), compiled=compiled)


def _compiled_certificates(
    file: str, group: Sequence[CertificateTheorem], folder: Path | None
) -> dict[str, Compiled]:
    """Compile certificates together, and one by one where they are refused."""
    text = "\n".join(theorem.text for theorem in group)
    names = [theorem.name for theorem in group]
    seconds = sum(min(theorem.seconds, CERTIFICATE_SECONDS) for theorem in group)
    done = compile_text(text, file, theorems=names, folder=folder, seconds=seconds)
    if done.accepted or len(group) == 1:
        return {theorem.text: done for theorem in group}
    parts = [
        _compiled_certificates(f"{file}_{k}", [theorem], folder)
        for k, theorem in enumerate(group, 1)
    ]
    return {text: one for part in parts for text, one in part.items()}


def _certified(step: StepExport, done: Compiled) -> StepExport:
    """Say what became of a step by a certificate; to be late is no refusal."""
    if done.accepted:
        return replace(step, fate=Fate.COVERED)
    if done.late:
        return replace(step, fate=Fate.UNCOVERED, reason=f"its certificate is {done.message}")
    return replace(step, fate=Fate.REFUSED, message=done.message)


def _with_whole(export: ClaimExport, folder: Path | None, seconds: float) -> ClaimExport:
    """Have Rocq check the whole theorem of a label, and the rules that its steps apply."""
    whole, whole_done, rules_done = whole_theorem(export.label), None, None
    if whole is not None:
        name = f"{_file_name(export.label)}_whole"
        whole_done = compile_text(
            whole_text(whole), name, theorems=whole.asked, folder=folder, seconds=seconds
        )
    if rules := rocq_rules(step.step for step in export.steps):
        rules_done = _compiled_rules(rules)
    return replace(export, whole=whole, whole_done=whole_done, rules_done=rules_done)


@lru_cache(maxsize=1)
def _every_rule() -> Compiled:
    """Have all rules checked at once: that takes no longer than one does."""
    names = rocq_rules()
    theorems = [name.split(".")[1] for name in names]
    return compile_text(rule_text(names), "Inference", theorems=theorems)


def _compiled_rules(names: Sequence[str]) -> Compiled:
    """Say what Rocq says of rules; of these alone where it refuses one of them all."""
    done = _every_rule()
    if done.accepted or set(names) == set(rocq_rules()):
        return done
    theorems = [name.split(".")[1] for name in names]
    return compile_text(rule_text(names), "Inference", theorems=theorems)


def _theorems_of(exports: Iterable[ClaimExport]) -> dict[Theorem, str]:
    """Return the theorems of claims, each once, with a name."""
    found: dict[Theorem, str] = {}
    for export in exports:
        for step in export.steps:
            for name, theorem in zip(step.names, step.theorems, strict=True):
                found.setdefault(theorem, name)
    return found


def compile_all(exports: Sequence[ClaimExport], *, seconds: float = 240) -> list[ClaimExport]:
    """Have Rocq check the theorems of many claims, each theorem once, several files at a time.

    Parameters
    ----------
    exports : sequence of ClaimExport
    seconds : float
        Time limit of a file.

    Returns
    -------
    list of ClaimExport
        With the fate of every step.

    Raises
    ------
    RocqMissing
        There is no coqc.
    """
    groups = _groups([(name, theorem) for theorem, name in _theorems_of(exports).items()])
    for theorem in (group[0][1] for group in groups):
        prelude_options(text_of([("t", theorem)], ""))  # once, before there are several at a time
    refused: dict[Theorem, Compiled] = {}

    def work(number: int) -> dict[str, Compiled]:
        return _compiled("Steps of proofs", f"steps_{number}", groups[number], None, seconds)[0]

    # A thread waits for its coqc; there are as many at once as processors.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for group, wrong in zip(groups, pool.map(work, range(len(groups))), strict=True):
            refused |= {theorem: wrong[name] for name, theorem in group if name in wrong}
    told = [_with_certificates(_with_fates(export, refused), None) for export in exports]
    return [_with_whole(export, None, seconds) for export in told]
