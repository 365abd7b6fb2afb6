"""The machinery of claims: verdicts, controls, errors, seeds."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Verdict, verify_claim
from proofs_checks.verification import seed_of, verify
from theory import SA, USA, Noise


def sums_to(model, prediction, budget: Budget) -> Evidence:
    """A toy check: do `cases` draws of {1, 2} stay below the prediction?"""
    draws = budget.rng.integers(1, 3, budget.cases)
    if prediction is None:
        raise RuntimeError("no prediction")
    bad = [int(x) for x in draws if x >= prediction]
    if bad:
        return Evidence(Verdict.REFUTED, f"drew {bad[0]}", cases=len(draws))
    return Evidence(Verdict.SUPPORTED, f"drew {draws.tolist()}", cases=len(draws), margin=1.0)


CLAIM = Claim(
    "Toy", "draws stay below", SA, 3, sums_to, (Control("bound 1", prediction=1),),
    Verdict.SUPPORTED, cases=5,
)  # fmt: skip


def test_report():
    report = verify_claim(CLAIM, None, 0)
    assert report.ok and report.controls_refuted == 1 and report.evidence.cases == 5
    assert report.as_dict()["verdict"] == "SUPPORTED"


def test_a_surviving_control_breaks_the_claim():
    weak = dataclasses.replace(CLAIM, controls=(Control("bound 4", prediction=4),))
    report = verify_claim(weak, None, 0)
    assert not report.ok and "control survives" in report.complaints[0]


def test_a_check_of_ones_own_is_called_on_a_model_with_noise():
    """Only statements have a premise "no noise": what a user's check says of paths is its own."""
    driven = dataclasses.replace(SA, noise=Noise(0.2))
    asked = []

    def check(model, prediction, budget):
        asked.append(model)
        return sums_to(model, prediction, budget)

    for model in (driven, (SA, driven)):
        report = verify_claim(dataclasses.replace(CLAIM, model=model, check=check), None, 0)
        assert report.ok and report.verdict is Verdict.SUPPORTED
        assert asked.pop() == model and asked.pop() == model


def test_an_error_is_not_a_refutation():
    def crash(model, prediction, budget):
        raise ZeroDivisionError("boom")

    report = verify_claim(dataclasses.replace(CLAIM, check=crash), None, 0)
    assert report.verdict is Verdict.UNDECIDED and "boom" in report.error and not report.ok
    only_control = dataclasses.replace(
        CLAIM,
        check=lambda m, p, b: crash(m, p, b) if p == 1 else sums_to(m, p, b),
    )
    assert "[bound 1]" in verify_claim(only_control, None, 0).error


def test_unexpected_verdict_and_surviving_printed_form():
    odd = dataclasses.replace(CLAIM, expected=Verdict.PROVED)
    assert "expected PROVED" in verify_claim(odd, None, 0).complaints[0]
    erratum = dataclasses.replace(CLAIM, printed=Control("printed", prediction=5))
    assert "printed form: expected REFUTED" in verify_claim(erratum, None, 0).complaints[0]
    erratum = dataclasses.replace(CLAIM, printed=Control("printed", prediction=1))
    assert verify_claim(erratum, None, 0).ok


def test_an_erratum_has_a_kind_and_the_verdict_of_it():
    erratum = {"origin": "erratum", "printed": Control("printed", prediction=1)}
    with pytest.raises(ValueError, match="of a kind among formula, statement, proof step, gap"):
        dataclasses.replace(CLAIM, **erratum)
    with pytest.raises(ValueError, match="no printed form where only notation differs"):
        dataclasses.replace(CLAIM, **erratum, kind="notation")
    gap = dataclasses.replace(CLAIM, **erratum, kind="gap")
    report = verify_claim(gap, None, 0)
    assert "expected UNDECIDED but got REFUTED" in report.complaints[0]
    assert report.as_dict()["kind"] == "gap"


def test_a_claim_needs_a_control():
    with pytest.raises(ValueError, match="at least one control"):
        dataclasses.replace(CLAIM, controls=())


def test_a_twin_changes_one_thing():
    twin = CLAIM.twin(Control("other model", model=USA))
    assert twin.model is USA and twin.prediction == CLAIM.prediction


def test_hypotheses_tell_what_is_not_met():
    claim = dataclasses.replace(CLAIM, hypotheses=(Hypothesis("d >= n", lambda n, d, **_: d - n),))
    assert claim.unmet(n=3, d=2) == ("d >= n",)
    assert claim.unmet(n=2, d=2) == ()


def test_seeds_and_order_and_executors():
    other = dataclasses.replace(CLAIM, label="Other")
    serial = verify((CLAIM, other), rng=3)
    swapped = verify((other, CLAIM), rng=3)
    assert serial[0].evidence == swapped[1].evidence
    assert serial[0].evidence.detail != verify((CLAIM,), cases=30, rng=4)[0].evidence.detail
    with ThreadPoolExecutor(2) as pool:
        assert [r.evidence for r in verify((CLAIM, other), rng=3, executor=pool)] == [
            r.evidence for r in serial
        ]
    assert seed_of(7) == 7
    with pytest.raises(ValueError, match="seed"):
        seed_of(-1)
    with pytest.raises(ValueError, match="cases"):
        verify((CLAIM,), cases=0)
