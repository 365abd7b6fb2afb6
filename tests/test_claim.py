"""The machinery of claims: verdicts, controls, errors, seeds, executors."""

import dataclasses
import json
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from hypothesis import strategies as st

from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Verdict, verify_claim
from proofs_checks.command_line import main
from proofs_checks.strategies import falsify, points
from proofs_checks.verification import seed_of, verify
from theory import SA, USA


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
    assert "printed form is not refuted" in verify_claim(erratum, None, 0).complaints[0]
    erratum = dataclasses.replace(CLAIM, printed=Control("printed", prediction=1))
    assert verify_claim(erratum, None, 0).ok


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


def test_falsify_shrinks_and_depends_on_the_seed():
    import numpy as np

    smallest = falsify(
        points(n=(1, 5), d=2), lambda x: x.shape[0] < 3, 200, np.random.default_rng(0)
    )
    assert smallest.shape == (3, 2)
    seen = []
    for seed in (0, 1):
        drawn = []
        strategy = st.integers(0, 10**9)
        falsify(
            strategy,
            lambda v, drawn=drawn: drawn.append(v) or True,
            20,
            np.random.default_rng(seed),
        )
        seen.append(drawn)
    assert seen[0] != seen[1]
    assert falsify(points(), lambda x: True, 5, np.random.default_rng(0)) is None


@pytest.mark.slow
def test_the_real_claims_on_processes():
    from proofs_checks import CLAIMS

    chosen = CLAIMS[:4]
    serial = verify(chosen, rng=1)
    with ProcessPoolExecutor(2) as pool:
        parallel = verify(chosen, rng=1, executor=pool)
    assert [r.evidence for r in serial] == [r.evidence for r in parallel]


@pytest.mark.slow
def test_a_dask_scheduler_gives_the_reports_of_this_process(capsys):
    distributed = pytest.importorskip("distributed")
    names = ["(3.6)", "Lemma 6.4", "Remark 3.3"]
    assert main(["verify", *names, "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)["claims"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cluster's own, on closing
        options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
        with distributed.LocalCluster(**options) as cluster:
            assert main(["verify", *names, "--json", "--scheduler", cluster.scheduler_address]) == 0
    there = json.loads(capsys.readouterr().out)["claims"]
    for one, other in zip(alone, there, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
