"""`check_model`: the rows that are asked of a user's model, and the report.

It is for a model what scikit-learn's ``check_estimator`` is for an estimator. A failed
premise alone leaves a theorem UNDECIDED; REFUTED always comes with a counterexample.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sympy import Expr, Set, Symbol, SympifyError, sympify

from numerics.arguments import refuse_option_names
from numerics.compile import compile_model, model_numbers
from proofs_checks.claim import Budget, Evidence, Question, not_applicable
from proofs_checks.labels import find_rows
from proofs_checks.own_model.answer import answered
from proofs_checks.own_model.by_theorem import asked
from proofs_checks.own_model.consensus import consensus_sampled, hemisphere_sampled
from proofs_checks.own_model.equal_angles import equiangular_sampled
from proofs_checks.own_model.invariants import (
    ascent_sampled,
    confinement_sampled,
    dissipation_sampled,
    gradient_sampled,
    gram_sampled,
    implementation_row,
    permutations_sampled,
    rotations_sampled,
)
from proofs_checks.own_model.report import (
    CASES,
    CERTIFIED,
    PROVED,
    REFUTED,
    SECONDS,
    SUPPORTED,
    UNDECIDED,
    Implementation,
    ModelReport,
)
from proofs_checks.own_model.row import Row
from proofs_checks.own_model.runs_meet import RANGES, meeting_sampled
from proofs_checks.own_model.shape import CONSENSUS_SPECTRUM, GRAM_CLOSURE
from proofs_checks.own_model.subject import Subject, singular
from proofs_checks.proof import (
    Flow,
    Outcome,
    Statement,
    first_size,
    judge,
    pieces_of,
    refuse_impossible,
)
from proofs_checks.verification import seed_of
from theory.energy import interaction_energy
from theory.models import Model, attention_form, gradient_flow
from theory.parse import parse_kernel

_Check = Callable[[Subject], Evidence]


def _questions() -> Mapping[str, Question]:
    """Statements by their rows; no claim is imported before one is asked."""
    from proofs_checks.discovery import questions

    return questions()


def _beside(statement: Question, flow: Flow, evidence: Evidence) -> Evidence:
    """Add whether the paper's constants hold for the flow too, where a bound has its own."""
    from proofs_checks.discovery import claim_of

    if not isinstance(statement, Statement) or not statement.bound or pieces_of(flow):
        return evidence
    claim = claim_of(statement.name)
    if claim is None or evidence.verdict not in (PROVED, CERTIFIED):
        return evidence
    pairs = statement.cases(claim.model, claim.prediction)
    printed = [prediction for _, prediction in pairs]
    comparable = isinstance(evidence.prediction, type(printed[0])) or statement.typed
    if flow.model in [model for model, _ in pairs] or not comparable:
        return evidence
    if len(flow.model.blocks) > 1:  # they are of tokens alone
        return evidence
    if first_size(flow.model) > 2:  # they are compared at two tokens
        return evidence
    kind = {_divides(model): prediction for model, prediction in reversed(pairs)}
    paper = kind.get(_divides(flow.model), printed[0])
    found = judge(statement, flow, paper, Budget(5, np.random.default_rng(0)), tried=False)
    if found.verdict in (PROVED, CERTIFIED):
        said = "the paper's constants hold too"
    elif found.verdict is REFUTED:
        said = f"not with the paper's constants: {found.detail}"
    elif statement.typed:
        return evidence
    else:
        said = f"the paper's constants: {found.word}"
    return replace(evidence, detail=f"{evidence.detail}; {said}")


def _compared(subject: Subject) -> Evidence:
    """Compare the user's code with the model, once for all rows."""
    return subject.once("implementation", implementation_row)


def _of_the_model(subject: Subject, evidence: Evidence) -> Evidence:
    """Say of what was found about the model that it isn't about the user's code.

    Where the two differ it isn't given: what is proved of the model says nothing of the code.
    """
    if subject.implementation is None or not evidence.applies:
        return evidence
    compared = _compared(subject)
    if compared.verdict is not SUPPORTED:
        return not_applicable(f"a theorem on the model, which the code isn't: {compared.detail}")
    said = f"of the model, with which the code agrees in {compared.cases} cases"
    return replace(evidence, detail=f"{said}: {evidence.detail}")


def _divides(model: Model) -> bool:
    form = attention_form(model)
    return form is not None and form.normalised


def _stated(statement: Question, sampled: _Check | None = None) -> _Check:
    """Row of a statement: its decision for the flow, the same that its claim runs.

    Samples answer for a user's implementation, where an autonomous flow leaves a gap, and for a
    map where the statement is about flows.
    """

    def sample(subject: Subject) -> Evidence:
        assert sampled is not None  # asked before
        try:
            return sampled(subject)
        except NotImplementedError as error:  # an expression without a numerical form
            return Evidence(UNDECIDED, f"not sampled: {str(error).splitlines()[0]}")

    def row(subject: Subject) -> Evidence:
        if subject.model.noise is not None:  # samples of the velocity say nothing of its paths
            return asked(statement, subject.flow)
        if subject.implementation is not None:
            if sampled is not None:
                return sample(subject)
            return _of_the_model(subject, asked(statement, subject.flow))
        evidence = asked(statement, subject.flow)
        if evidence.verdict is UNDECIDED and sampled and _leaves_a_gap(subject, evidence):
            return sample(subject)
        if evidence.verdict is UNDECIDED and statement.name in RANGES:
            tried = meeting_sampled(statement.name, subject)
            return tried if tried.verdict is SUPPORTED else evidence
        return _beside(statement, subject.flow, evidence)

    return row


def _leaves_a_gap(subject: Subject, evidence: Evidence) -> bool:
    """Whether samples may answer: a premise that fails leaves none, but that it is a flow."""
    steps = evidence.sheet.steps if evidence.sheet is not None else ()
    fails = any(step.outcome is Outcome.FAILS for step in steps)
    known = subject.flow.autonomous.holds and len(subject.model.blocks) == 1
    return known and (subject.model.kind == "map" or not fails)


SHAPE: tuple[Question, ...] = (GRAM_CLOSURE, CONSENSUS_SPECTRUM)
"""Statements on the shape of a velocity, which no paper is about."""


SAMPLED: Mapping[str, _Check] = {
    "Gram closure": gram_sampled,
    "consensus spectrum": consensus_sampled,
    "confinement": confinement_sampled,
    "permutation equivariance": permutations_sampled,
    "rotation equivariance": rotations_sampled,
    "energy ascent": ascent_sampled,
    "dissipation identity": dissipation_sampled,
    "gradient structure": gradient_sampled,
    "Lemma 6.4": hemisphere_sampled,
    "equiangular ODE": equiangular_sampled,
}
"""Rows that samples answer where no proof does."""


def rows() -> tuple[tuple[str, str, _Check], ...]:
    """Rows of a report: on the shape of the velocity, then every statement, as the paper has them.

    Examples
    --------
    >>> [name for name, _, _ in rows()][:3]
    ['implementation', 'Gram closure', 'consensus spectrum']
    """
    compared = ("implementation", "the implementation is the model's velocity", _compared)
    asked = (*SHAPE, *_questions().values())
    stated = ((q.name, q.sentence, _stated(q, SAMPLED.get(q.name))) for q in asked)
    return tuple(
        (name, said, partial(answered, name, check)) for name, said, check in (compared, *stated)
    )


def speaks_of(name: str, model: Model | str) -> bool:
    """Whether a row may speak of a model, at some values of its parameters.

    Parameters
    ----------
    name : str
        The row.
    model : Model or str
        What ``check_model`` takes; of a kernel either flow is asked.
    """
    asked = {statement.name: statement for statement in (*SHAPE, *_questions().values())}
    statement = asked.get(name)
    if not isinstance(statement, Statement):
        return True
    kernel = isinstance(model, str)
    for flow in ("wasserstein", "softmax") if kernel else ("wasserstein",):
        try:
            if statement.unspoken(Flow.of(_as_model(model, flow))) is None:
                return True
        except Exception:  # it is said where the row is asked
            return True
    return False


BASIC = (
    "confinement",
    "permutation equivariance",
    "rotation equivariance",
    "energy ascent",
    "dissipation identity",
    "gradient structure",
    "Gram closure",
)
"""The invariants that ``parametrize_with_invariants`` runs by default."""


def _as_model(model: Any, flow: str) -> Model:
    if isinstance(model, Model):
        return model
    if isinstance(model, str):
        return gradient_flow(
            interaction_energy(parse_kernel(model)), f"h(t) = {model}, {flow}", flow
        )
    raise ValueError(
        f"Expected a theory.Model or a kernel as text but got model={model!r}; "
        "write for instance check_model('exp(beta*t)/beta')."
    )


def _is_scalar(value: Any) -> bool:
    """Whether a value is code, a finite real number, or a range of them."""
    if callable(value) or isinstance(value, Set):
        return True
    try:
        number = sympify(value)
    except (SympifyError, TypeError, ValueError, AttributeError):
        return False
    return isinstance(number, Expr) and bool(
        number.is_number and number.is_finite and number.is_real
    )


def _plain(value: Any) -> Any:
    """Return the number that an array without axes holds."""
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


def subject_of(
    model: Any,
    rng: Any,
    cases: int | None,
    flow: str,
    implementation: Implementation | None,
    parameters: Mapping[str, Any],
    budget: float = SECONDS,
) -> Subject:
    """Make the subject that rows are asked of, from what ``check_model`` takes."""
    if cases is not None and cases < 1:
        raise ValueError(f"Expected cases >= 1 but got cases={cases}.")
    if not budget > 0:
        raise ValueError(f"Expected a budget > 0 but got budget={budget}; give CPU seconds a row.")
    made = _as_model(model, flow)
    for call in (check_model, compile_model):  # rows run what they are asked of
        refuse_option_names(call, made)
    if implementation is not None and len(made.blocks) > 1:
        raise ValueError(
            f"Expected a model of tokens alone beside an implementation but got model={made.name} "
            f"with {len(made.blocks)} blocks; leave implementation out."
        )
    parameters = model_numbers(made) | {a: _plain(b) for a, b in parameters.items()}
    names = [str(p) for p in made.parameters]
    unknown = [name for name in parameters if name not in names]
    if unknown:
        raise ValueError(
            f"Expected parameters among {names} but got {', '.join(unknown)}; drop them."
        )
    for parameter in made.parameters:
        value = parameters.get(str(parameter))
        if isinstance(parameter, Symbol) and value is not None and not _is_scalar(value):
            raise ValueError(
                f"Expected a finite real number or a function of t but got {parameter}={value!r}; "
                f"write for instance {parameter}=1, or a range, such as sympy.Interval(1, 2)."
            )
    refuse_impossible(made, parameters)
    missing = [a for a in names if a not in parameters or isinstance(parameters[a], Set)]
    if implementation is not None and missing:
        raise ValueError(
            f"Expected a value of every parameter of {made.name} but got none of {missing}; "
            "give those that the implementation uses."
        )
    subject = Subject(made, dict(parameters), implementation, cases or CASES, seed_of(rng), budget)
    if place := singular(subject.flow):
        raise ValueError(
            f"Expected a model with a value for all tokens of the sphere but got {made.name}, "
            f"whose {place}; choose one without a pole or a jump on [-1, 1]."
        )
    return subject


def check_model(
    model: Model | str,
    rng: Any = 0,
    cases: int | None = None,
    *,
    flow: str = "wasserstein",
    implementation: Implementation | None = None,
    only: str | Sequence[str] | None = None,
    watch: Callable[[str], None] | None = None,
    budget: float = SECONDS,
    **parameters: Any,
) -> ModelReport:
    """Say which invariants and theorems hold for a model, with evidence or a counterexample.

    Parameters
    ----------
    model : Model or str
        A model, or the kernel h(t) of ``E = ½ΣΣ m_i m_j h(<x_i,x_j>)`` as text.
    rng : int, SeedSequence or Generator
        Randomness.
    cases : int, optional
        Sampled cases of a row that no proof decides; 30 by default.
    flow : {"wasserstein", "softmax"}
        The flow of a kernel given as text.
    implementation : callable, optional
        Your own code, ``f(points) -> velocity`` for points of shape (n, d) and masses 1/n. It is
        compared with the model and put through the numerical invariants.
    only : str or sequence of str, optional
        The rows to ask, by their labels, or by the label of a statement that they decide, such as
        "(6.9)"; all by default.
    watch : callable, optional
        Gets the name of each row before it is asked, with its number.
    budget : float
        CPU seconds that the decisions of a row may take; a row that spends them is UNDECIDED and
        says so.
    **parameters
        Values of parameters, or ranges of them, as sets of SymPy. A scalar without one is any
        number that its symbol is declared to be, such as ``Symbol("a", negative=True)``, and any
        positive number if nothing is declared, or it is β; where a number is needed it is drawn.
        A matrix without one is drawn.

    Returns
    -------
    ModelReport
        A row a statement, with its evidence.

    Examples
    --------
    >>> report = check_model("t**3", only=["Lemma 6.4"])
    >>> report["Lemma 6.4"].detail
    'two points with <x1,x2> = 0 are stationary inside an open hemisphere'
    """
    subject = subject_of(model, rng, cases, flow, implementation, parameters, budget)
    asked = rows()  # the import of all statements isn't the model's time
    names = [name for name, _, _ in asked]
    chosen = [only] if isinstance(only, str) else only
    if chosen is not None:
        from proofs_checks import CLAIMS

        chosen = [row for name in chosen for row in find_rows(name, names, CLAIMS, "only")]
    start = time.perf_counter()
    asked = tuple(
        row
        for row in asked
        if (row[0] != "implementation" or implementation is not None)
        and (chosen is None or row[0] in chosen)
    )
    found = []
    for number, (name, statement, check) in enumerate(asked, start=1):
        if watch is not None:
            watch(f"{number} of {len(asked)}, {name}")
        evidence = check(subject)
        found.append(Row(name, evidence, evidence.sentence or statement))
    seconds = time.perf_counter() - start
    return ModelReport(subject.model.name, tuple(found), subject.numbers, subject.seed, seconds)
