"""Runs that a claim shares with its twins: none is made twice, and no verdict knows."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from numerics.coarsening import coarsen as make_coarsening
from numerics.compile import compile_model
from numerics.integration import Event
from numerics.sphere import random_points
from proofs_checks import CLAIMS
from proofs_checks import claim as claims
from proofs_checks.claim import Budget, run_check, verify_claim
from proofs_checks.shared_runs import coarsen, ensemble, integrate, runs_shared
from theory.models import SA, USA

START = random_points(4, 3, rng=0)
CLAIM = {claim.label: claim for claim in CLAIMS}


def run(points=START, model=SA, t_end=1.0, **changes):
    """Run a few tokens for a short time."""
    return integrate(compile_model(model, beta=changes.pop("beta", 1.0)), points, t_end, **changes)


@pytest.mark.slow
def test_the_same_run_is_made_once_in_a_block():
    with runs_shared():
        assert run() is run(START.copy())
        assert coarsen(START, beta=9.0) is coarsen(START, beta=9.0)
        first = ensemble(SA, START[None], t_eval=[0.5], beta=1.0)
        assert ensemble(SA, START[None], t_eval=[0.5], beta=1.0) is first
    assert run() is not run()


@pytest.mark.parametrize(
    "change",
    [
        {"points": np.nextafter(START, 2.0)},
        {"points": START.astype(np.float32)},
        {"points": START[:3]},
        {"model": USA},
        {"beta": np.nextafter(1.0, 2.0)},
        {"t_end": 1.5},
        {"t_eval": [0.5, 1.0]},
        {"rtol": 1e-9},
        {"events": Event(lambda t, x: 1.0)},
        {"masses": np.array([0.1, 0.2, 0.3, 0.4])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_differs_is_another_run(change):
    with runs_shared():
        first = run()
        if "masses" in change:
            other = integrate(compile_model(SA, beta=1.0, **change), START, 1.0)
        else:
            other = run(**change)
        assert other is not first
        assert run() is first


def test_a_schedule_is_known_by_itself():
    def slow(t):
        return 1.0 + t

    with runs_shared():
        assert run(beta=slow) is run(beta=slow)
        assert run(beta=lambda t: 1.0 + t) is not run(beta=lambda t: 1.0 + t)


class Counter:
    """A field with a state of its own, which may change from one call to the next."""

    def __init__(self):
        """No call was made."""
        self.calls = 0

    def __call__(self, points, t):
        """Drift, and count."""
        self.calls += 1
        return np.ones_like(points)


def test_what_may_change_is_run_anew():
    field = Counter()
    with runs_shared():
        integrate(field, START, 0.1)
        before = field.calls
        integrate(field, START, 0.1)
    assert field.calls > before


def test_a_refusal_is_raised_each_time():
    with runs_shared():
        for _ in range(2):
            with pytest.raises(ValueError, match="rtol"):
                run(rtol=1.0)


def test_blocks_do_not_share():
    with runs_shared():
        outer = run()
        with runs_shared():
            assert run() is not outer
        assert run() is outer


@pytest.mark.slow
def test_a_twin_meets_the_cases_of_its_claim():
    seen = []

    def check(model, prediction, budget: Budget):
        seen.append(budget.rng.random(3).tolist())
        return claim.check(model, claim.prediction, budget)

    claim = CLAIM["Merge law"]
    for twin in (claim, *(claim.twin(control) for control in claim.controls)):
        run_check(replace(twin, check=check), 1, 7)
    assert len(seen) > 1 and len({tuple(draw) for draw in seen}) == 1
    run_check(replace(claim, check=check), 1, 8)
    assert seen[-1] != seen[0]


@pytest.mark.parametrize(
    "label", ["Merge law", pytest.param("Problem 2", marks=pytest.mark.slow), "Theorem 6.3 rate"]
)
def test_no_verdict_knows_who_made_a_run(label, monkeypatch):
    claim = CLAIM[label]
    shared = verify_claim(claim, None, 3)
    monkeypatch.setattr(claims, "runs_shared", nullcontext)
    alone = verify_claim(claim, None, 3)
    assert replace(shared, seconds=0.0) == replace(alone, seconds=0.0)


def test_a_claim_and_its_controls_make_a_run_once(monkeypatch):
    starts = []

    def counted(points, **options):
        starts.append((points.tobytes(), str(sorted(options.items(), key=str))))
        return make_coarsening(points, **options)

    from proofs_checks import shared_runs
    from proofs_checks.extensions import merge_law

    monkeypatch.setattr(merge_law, "coarsen", shared_runs._once(counted))
    report = verify_claim(merge_law.MERGE_LAW, 1, 0)
    assert report.ok and starts
    assert len(starts) == len(set(starts))
