"""A search draws the same cases of a seed, whatever is imported, and makes a failing one simple."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from proofs_checks.own_model.cases import cases_with_order, drawn_cases
from proofs_checks.own_model.search import Choices, failing_case
from proofs_checks.own_model.subject import Subject
from theory.models import SA

ROOT = Path(__file__).resolve().parents[3]

ASKED = """
import sys
from proofs_checks import check_model
from theory.models import catalogue
row, = check_model(catalogue("RoPE"), only=["rotation equivariance"]).rows
print(row.evidence.word, "hypothesis" in sys.modules)
"""


def rng(seed=0):
    return np.random.default_rng(seed)


def a_list(choices):
    return [choices.below(30) for _ in range(choices.below(8))]


@pytest.mark.parametrize(
    ("fails", "simplest"),
    [
        (lambda v: len(v) > 2, [0, 0, 0]),
        (lambda v: max(v, default=0) > 20, [21]),
        (lambda v: any(a > b for a, b in pairwise(v)), [1, 0]),
    ],
)
def test_a_failing_case_is_made_simple(fails, simplest):
    for seed in range(5):
        found = failing_case(a_list, lambda v: not fails(v), 200, rng(seed))
        assert found == simplest


def test_nothing_fails():
    drawn = []
    assert failing_case(a_list, lambda v: drawn.append(v) or True, 30, rng()) is None
    assert len(drawn) == 30 and drawn[0] == []
    again = []
    failing_case(a_list, lambda v: again.append(v) or True, 30, rng())
    other = []
    failing_case(a_list, lambda v: other.append(v) or True, 30, rng(1))
    assert drawn == again != other


def test_choices_are_read_as_far_as_they_are_allowed():
    choices = Choices([3, 900], rng())
    assert [choices.below(2), choices.below(1000)] == [1, 900]
    assert 0 <= choices.below(5) < 5
    assert len(choices.made) == 3


def test_cases_of_a_model_reach_all_sizes_ties_and_masses():
    seen = []
    make = cases_with_order(drawn_cases(Subject(SA, {}, None, 300, 0), 2))
    failing_case(make, lambda found: seen.append(found) or True, 300, rng())
    cases = [case for case, _ in seen]
    assert {len(case.points) for case in cases} == {2, 3, 4, 5}
    assert {case.points.shape[1] for case in cases} == {2, 3}
    assert {case.masses is None for case in cases} == {True, False}
    assert any(len(np.unique(case.points, axis=0)) < len(case.points) for case in cases)
    assert any(np.min(case.points @ case.points.T) < -1 + 1e-12 for case in cases)
    for case, (_, order) in seen:
        assert np.allclose(np.linalg.norm(case.points, axis=1), 1)
        assert sorted(order) == list(range(len(case.points)))


@pytest.mark.slow
def test_a_search_reads_no_sources_and_leaves_nothing_behind(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["REFUTED", "False"]
    assert list(tmp_path.iterdir()) == []
