"""Rules of inference refuse a broken use; sheets add up; schedules are decided exactly."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Interval, Rational, Symbol, cos, exp, log, oo, sin, sqrt

from proofs_checks.claim import Budget, Verdict
from proofs_checks.decide import exact_rows
from proofs_checks.proof import (
    NORM,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    cited,
    gap,
    open_problem,
)
from proofs_checks.proof.rules import GRONWALL, LEAST_EXPONENTIAL, OPERATOR_NORM, RULES
from proofs_checks.proof.schedules import schedule_of, separate
from proofs_checks.proof.verdict import ContradictionError, judge
from theory.models import SA
from theory.symbols import beta, n, t, z

GOOD = Step("a step", How.DERIVED)
DATA = {
    "Grönwall": {"rate": beta},
    "contraction of a diameter": {"rate": beta},
    "sum of nonnegative terms": {"terms": {"a": "> 0", "b": ">= 0"}},
    "cut to spanning tree": {"edges": 4, "tokens": 5},
    "time change": {"factor": 1 / (1 + t), "total": oo},
    "bounded time": {"factor": exp(-t), "total": 1},
    "monotone limit": {"end": 0},
    "null sets": {"codimension": 1},
    "disjoint intervals": {"area": Rational(1, 2)},
    "operator norm": {"bound": NORM},
    "least weight of exponentials": {"least": exp(-2 * NORM), "reach": NORM, "divided": True},
    "largest power": {"leader": (2, 0), "others": ((2, -1), (1, 0))},
    "general position": {"value": 12},
    "extreme points of a cut box": {"cut": 1},
    "one more hyperplane": {"counts": ((14, 8, 6),)},
    "induction on a recursion": {"residual": ""},
    "averages along a graph": {"leader": True},
    "exchangeable tokens": {"copies": n - 2, "tokens": n, "named": 2},
    "swapped by a reflection": {"image": (z, 0), "swapped": (z, z - z)},
}
"""Data that a rule accepts; the others have none."""
BROKEN = {
    "Grönwall": {"rate": beta * t},
    "contraction of a diameter": {"rate": beta * z},
    "sum of nonnegative terms": {"terms": {"a": "> 0", "b": "undecided"}},
    "cut to spanning tree": {"edges": 3, "tokens": 5},
    "time change": {"factor": exp(-t), "total": 1},
    "bounded time": {"factor": 1 / (1 + t), "total": oo},
    "monotone limit": {"end": beta},
    "null sets": {"codimension": 0},
    "disjoint intervals": {"area": beta - beta},
    "operator norm": {"bound": NORM / 2},
    "least weight of exponentials": {"least": exp(-NORM), "reach": NORM, "divided": True},
    "largest power": {"leader": (2, 0), "others": ((1, 1),)},
    "general position": {"value": beta - beta},
    "extreme points of a cut box": {"cut": 2},
    "one more hyperplane": {"counts": ((14, 8, 6), (14, 8, 8))},
    "induction on a recursion": {"residual": "summand(n,k) - … = 1"},
    "averages along a graph": {"leader": None},
    "exchangeable tokens": {"copies": n - 1, "tokens": n, "named": 2},
    "swapped by a reflection": {"image": (z, 0), "swapped": (0, z)},
}


def test_every_rule_has_a_statement_and_a_source():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.statement and rule.source and rule.needs >= 1 for rule in RULES)
    assert set(DATA) <= {rule.name for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_broken_use_is_refused(rule):
    data = DATA.get(rule.name, {})
    steps = (GOOD,) * rule.needs
    assert apply(rule, "so", *steps, **data).holds
    short = apply(rule, "so", *steps[1:], **data)
    assert short.outcome is Outcome.GAP
    missing = apply(rule, "so", *steps[1:], gap("b", "unknown"), **data)
    assert missing.outcome is Outcome.GAP and "unknown" in missing.evidence
    if rule.name in BROKEN:
        assert apply(rule, "so", *steps, **BROKEN[rule.name]).outcome is Outcome.GAP


def test_the_norm_of_numbers_is_shown_exactly():
    rows = exact_rows([[0, 2], [0, 0]])
    assert apply(OPERATOR_NORM, "so", GOOD, bound=2, rows=rows).holds
    assert not apply(OPERATOR_NORM, "so", GOOD, bound=Rational(199, 100), rows=rows).holds
    # The spectral radius of this matrix is 0: a norm is no eigenvalue.
    assert not apply(OPERATOR_NORM, "so", GOOD, bound=0, rows=rows).holds
    assert apply(LEAST_EXPONENTIAL, "so", GOOD, least=exp(-1), reach=1, divided=False).holds


def test_an_enclosure_stays_one():
    enclosed = Step("a", How.ENCLOSED, enclosed=True)
    assert apply(GRONWALL, "so", enclosed, rate=beta).enclosed
    assert cited("a lemma", enclosed).enclosed
    assert not cited("a lemma", gap("b", "")).holds


def test_a_sheet_has_the_scope_of_all_its_steps():
    a = Step("a", How.DECIDED, scope={Symbol("beta"): Interval.open(0, oo)})
    b = Step("b", How.ENCLOSED, scope={Symbol("beta"): Interval(0, 4)}, enclosed=True)
    sheet = Sheet((a, b), {"n": "symbolic", "beta": "symbolic, >= 0"})
    assert sheet.holds and sheet.enclosed
    assert sheet.scope == {"n": "symbolic", "beta": "(0, 4]"}
    assert str(sheet).startswith("1. a")
    assert not Sheet(()).holds


@pytest.mark.every(6)
@pytest.mark.parametrize(
    ("factor", "sign", "total"),
    [
        (exp(-t), 1, 1),
        (-exp(-2 * t), -1, Rational(1, 2)),
        (1 / (1 + t), 1, oo),
        (1 / sqrt(1 + t), 1, oo),
        (1 / (1 + t) ** 2, 1, 1),
        ((1 + t) * exp(-t), 1, 2),
        (exp(t), 1, oo),
        (cos(t), 0, 1),
        (t, 1, oo),
        (1 / (2 - t), 1, oo),  # up to t = 2
        (2 + cos(t), 1, oo),
        (1 + sin(t), 1, oo),
        (cos(t) ** 2, 1, oo),
        (1 + exp(-t), 1, oo),
        (Rational(1, 2) + cos(t), 0, None),
        (log(2 + t), 1, oo),
        (t - 1, 0, None),
    ],
    ids=str,
)
def test_schedules(factor, sign, total):
    found = schedule_of(factor)
    assert found.sign == sign
    assert found.total == total


def test_separation():
    assert separate(exp(beta * z - t)) == (exp(-t), exp(beta * z))
    assert separate(beta * exp(beta * z - t)) is not None
    assert separate(exp(t * z)) is None
    assert separate(sin(t) * z) is not None


@pytest.mark.parametrize(
    ("answer", "autonomous"),
    [
        (lambda time: -5.0, Outcome.HOLDS),
        (lambda time: 1 + 10 * time, Outcome.FAILS),
        (lambda time: 1.0 if time < 3 else 2.0, Outcome.GAP),
        (lambda time: float(np.cos(time)), Outcome.GAP),
        (lambda time: -5.0 if isinstance(time, Symbol) else 2.0, Outcome.GAP),
    ],
    ids=["constant", "linear", "switch", "floats", "two-faced"],
)
def test_a_parameter_that_is_a_function_of_time(answer, autonomous):
    flow = Flow.of(SA, beta=answer)
    assert flow.autonomous.outcome is autonomous
    if autonomous is Outcome.GAP:
        assert "beta is code" in flow.autonomous.evidence


def _statement(sheet, trial=None):
    return Statement("", "", lambda flow, p: sheet, lambda flow: 1, trial=trial)


def _verdict(statement):
    budget = Budget(3, np.random.default_rng(0))
    return judge(statement, Flow.of(SA), None, budget, tried=True).verdict


def test_the_verdict_of_a_sheet():
    other = Step("b", How.DERIVED, Outcome.OTHER, "residual 1")
    enclosed = Step("a", How.ENCLOSED, enclosed=True)
    assert _verdict(_statement(Sheet((GOOD,)))) is Verdict.PROVED
    assert _verdict(_statement(Sheet((GOOD, enclosed)))) is Verdict.CERTIFIED
    assert _verdict(_statement(Sheet(()))) is Verdict.UNDECIDED
    unknown = Sheet((GOOD, gap("b", "")))
    assert _verdict(_statement(unknown)) is Verdict.UNDECIDED

    def agrees(flow, prediction, budget):
        return Trial("", 1.0, 3)

    def breaks(flow, prediction, budget):
        return Trial("3 > 2", -1.0, 3)

    assert _verdict(_statement(unknown, agrees)) is Verdict.SUPPORTED
    unsolved = Sheet((GOOD, gap("b", ""), open_problem("c", "runs prove nothing")))
    assert _verdict(_statement(unsolved, agrees)) is Verdict.OPEN
    assert _verdict(_statement(unsolved, breaks)) is Verdict.REFUTED
    assert _verdict(_statement(unsolved)) is Verdict.UNDECIDED
    assert _verdict(_statement(unsolved.with_steps([other]), agrees)) is Verdict.UNDECIDED
    assert not cited("a lemma", *unsolved.steps).holds
    assert _verdict(_statement(Sheet((GOOD, other)), agrees)) is Verdict.UNDECIDED
    assert _verdict(_statement(Sheet((GOOD, other)), breaks)) is Verdict.REFUTED
    with pytest.raises(ContradictionError):
        _verdict(_statement(Sheet((GOOD,)), breaks))


def test_no_statement_answers_for_another_of_the_same_words():
    """Neither asked alone nor cited with a prediction, on one flow."""
    flow, asked = Flow.of_paper(SA), []

    def worded(*steps):
        def decide(flow, prediction):
            asked.append(prediction)
            return Sheet(steps)

        return Statement("", "the same words", decide, lambda flow: 1)

    right, wrong = worded(GOOD), worded(gap("b", "unknown"))
    assert right.ask(flow).verdict is Verdict.PROVED
    assert wrong.ask(flow).verdict is Verdict.UNDECIDED
    assert by_statement(right, flow, 2).holds
    assert not by_statement(wrong, flow, 2).holds
    assert asked == [1, 1, 2, 2]
    assert by_statement(right, flow, 2).holds and by_statement(right, flow, 3).holds
    assert right.ask(flow).verdict is Verdict.PROVED
    assert asked == [1, 1, 2, 2, 3]  # what was decided once is remembered


def test_what_trials_saw_is_told_with_its_scope():
    def sees(flow, prediction, budget):
        return Trial("", 1.0, 3, seen="all 3 agree", scope={"n": "7"})

    def found(*steps):
        statement = _statement(Sheet(steps, {"n": "symbolic"}, (), "argued"), sees)
        budget = Budget(3, np.random.default_rng(0))
        return judge(statement, Flow.of(SA), None, budget, tried=True)

    proved, supported = found(GOOD), found(gap("b", "none"))
    assert (proved.detail, proved.scope) == ("argued; all 3 agree", {"n": "symbolic"})
    assert (supported.detail, supported.scope) == ("all 3 agree; not proved: b", {"n": "7"})
    assert found(open_problem("b", "runs only")).assumptions == ("runs only",)


def test_steps_that_show_a_statement_empty_make_it_vacuous():
    def verdict(*steps):
        empty = Statement("", "", lambda flow, said: Sheet(steps, vacuous="d is 2"), lambda flow: 1)
        return judge(empty, Flow.of(SA), 1, Budget(1, np.random.default_rng(0)), tried=True).verdict

    assert verdict(GOOD) is Verdict.VACUOUS
    assert verdict(GOOD, gap("b", "unknown")) is Verdict.UNDECIDED
