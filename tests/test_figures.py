"""Claims on Figures 1, 3, 4 and 5: verdicts for several seeds, and twins that no control makes."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics import sphere
from numerics.ensembles import ClosePairs, ensemble
from numerics.phase import MATRICES, PhaseDiagram
from proofs_checks.claim import Budget, Verdict, run_check, verify_claim
from proofs_checks.figures import CLAIMS_FIGURES
from proofs_checks.paper.section_2.figure_1_layers import FIGURE_1, Layers
from proofs_checks.paper.section_6.figure_3_phase import FIGURE_3, Front, _Panel
from proofs_checks.paper.section_6.figure_4_circle import FIGURE_4
from proofs_checks.paper.section_6.figure_5_matrices import FIGURE_5, Matrices
from proofs_checks.proof import diagram_of, start_law
from theory.models import QKV, SA, USA
from theory.predictions import equiangular_time
from theory.symbols import beta, n

CLAIMS = pytest.mark.parametrize("claim", CLAIMS_FIGURES, ids=lambda claim: claim.label)


def broken(claim, **change):
    evidence, error = run_check(replace(claim, **change), "twin", None, 0)
    assert error is None
    return evidence


@CLAIMS
def test_claim_is_as_expected_for_two_seeds(claim):
    for seed in range(2):
        report = verify_claim(claim, None, seed)
        assert report.complaints == ()
        assert report.evidence.cases > 0 and report.evidence.margin > 0
        assert "--full" in report.evidence.detail
        for _, evidence in report.controls:
            assert any(character.isdigit() for character in evidence.detail)


@pytest.mark.full
@CLAIMS
def test_claim_is_as_expected_for_many_seeds(claim):
    complaints = [verify_claim(claim, None, seed).complaints for seed in range(2, 22)]
    assert complaints == [()] * 20


@pytest.mark.full
@CLAIMS
def test_claim_in_full(claim):
    report = verify_claim(claim, None, 0, full=True)
    assert report.complaints == () and "--full" not in report.evidence.detail


@CLAIMS
def test_claim_pickles_and_is_short(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert len(claim.statement) <= 240
    assert len(claim.controls) >= 2


def test_figure_1_stays_open_and_says_why():
    assert FIGURE_1.expected is Verdict.OPEN
    evidence = run_check(FIGURE_1, "", None, 5)[0]
    assert evidence.detail.startswith("open: ") and "trained weights" in evidence.detail
    assert evidence.assumptions


@pytest.mark.parametrize(
    "prediction",
    [Layers(sp.Rational(11, 10) * equiangular_time()), Layers(equiangular_time().subs(n, 2 * n))],
    ids=["a tenth later", "64 tokens"],
)
def test_another_clock_of_the_layers_is_refuted(prediction):
    assert broken(FIGURE_1, prediction=prediction).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "time",
    [
        sp.Rational(11, 10) * FIGURE_3.prediction.time,
        sp.Rational(9, 10) * FIGURE_3.prediction.time,
        equiangular_time(gamma=sp.Rational(99, 100)),
        equiangular_time(gamma=1 - sp.Rational(1, 10**6)),
        FIGURE_3.prediction.time.subs(beta, 0.9 * beta),
    ],
    ids=["a tenth late", "a tenth early", "δ = 1e-2", "δ = 1e-6", "0.9 β"],
)
def test_another_front_is_refuted(time):
    assert broken(FIGURE_3, prediction=Front(time)).verdict is Verdict.REFUTED


def test_a_model_off_the_sphere_is_refuted():
    loose = replace(SA, velocity=SA.velocity.field)
    for claim in (FIGURE_1, FIGURE_3, FIGURE_4):
        evidence = broken(claim, model=loose)
        assert evidence.verdict is Verdict.REFUTED and "off the sphere" in evidence.detail
    loose = replace(QKV, velocity=QKV.velocity.field)
    assert broken(FIGURE_5, model=loose).verdict is Verdict.REFUTED


def test_other_flows_have_other_figures():
    hot = SA.subs({beta: 2 * beta})
    for claim in (FIGURE_1, FIGURE_3, FIGURE_4):
        assert broken(claim, model=hot).verdict is Verdict.REFUTED


@pytest.mark.parametrize("counts", [(1, 3), (3, 3), (2, 2), (2, 4), (2, 0), (64, 3)], ids=str)
def test_other_numbers_of_clusters_are_refuted(counts):
    assert broken(FIGURE_4, prediction=counts).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "change",
    [
        {"a": "a-unscaled"},
        {"a": "identity"},
        {"a": "b"},
        {"b": "d"},
        {"c": "a"},
        {"d": "a"},
        {"d": "identity"},
    ],
    ids=str,
)
def test_panels_are_not_interchangeable(change):
    assert broken(FIGURE_5, prediction=Matrices(**change)).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("d", "cap"), [(2, np.arccos(0.9) / np.pi), (3, 0.05)])
def test_the_law_of_the_start_is_that_of_a_cap(d, cap):
    """Archimedes: on the sphere in R^3 a cap's share is half its height."""
    assert start_law(cap, 0.9, 32, d, 10)[0] == pytest.approx(1, abs=1e-9)
    points = sphere.random_points(32, d, 0, batch=400)
    share = ClosePairs(0.1)(points).mean() / 496
    assert start_law(share, 0.9, 32, d, 400)[0] > 0
    assert start_law(share + (1 - share) / 32, 0.9, 32, d, 400)[0] < 0


def test_the_law_of_the_start_has_binomial_variance():
    """Pairs that share a token are independent all the same: measured on 2000 starts."""
    counts = ClosePairs(0.1)(sphere.random_points(16, 2, 1, batch=2000))
    p = np.arccos(0.9) / np.pi
    assert counts.var() == pytest.approx(120 * p * (1 - p), rel=0.15)


def test_a_diagram_is_that_of_its_runs_one_by_one():
    grid = np.array([1.0, 5.0]), np.array([0.0, 3.0, 8.0, 20.0])
    budget = Budget(3, np.random.default_rng(4))
    found = diagram_of(SA, (8, 3), grid, 3, budget, 1e-9)
    starts = sphere.random_points(8, 3, np.random.default_rng(4), batch=(3, 1))
    for run, start in enumerate(starts[:, 0]):
        for k, warm in enumerate(grid[0]):
            points = ensemble(SA, start, t_eval=grid[1], rtol=1e-10, beta=warm).points
            np.testing.assert_array_equal(found.counts[run, k], ClosePairs(1e-3)(points))


def test_a_diagram_draws_fresh_matrices_for_each_run():
    grid = np.array([0.5]), np.array([0.0, 4.0, 6.0])
    seen = []

    def draw(rng, d):
        seen.append(MATRICES["a"](rng, d))
        return seen[-1]

    found = diagram_of(QKV, (6, 8), grid, 3, Budget(3, np.random.default_rng(1)), 1e-8, draw)
    assert len(seen) == 3 and not np.allclose(seen[0]["V"], seen[1]["V"])
    rng = np.random.default_rng(1)
    again = [MATRICES["a"](rng, 8) for _ in range(3)]
    for one, start, count in zip(
        again, sphere.random_points(6, 8, rng, batch=(3, 1))[:, 0], found.counts, strict=True
    ):
        points = ensemble(QKV, start, t_eval=grid[1], rtol=1e-9, beta=0.5, **one).points
        np.testing.assert_array_equal(count[0], ClosePairs(1e-3)(points))


def test_systems_that_stop_are_an_error():
    grid = np.array([2000.0]), np.array([0.0, 1.0])
    with pytest.raises((RuntimeError, OverflowError)):
        diagram_of(USA, (4, 2), grid, 1, Budget(1, np.random.default_rng(0)), 1e-6)


def made_up(counts, diagonal=False):
    counts = np.array(counts)
    diagram = PhaseDiagram(
        betas=np.arange(1.0, counts.shape[1] + 1),
        times=np.arange(float(counts.shape[2])),
        counts=counts,
        unfinished=np.zeros(counts.shape[:2], dtype=bool),
        n=4,
        d=2,
        delta=1e-3,
        model=SA,
    )
    return _Panel(diagram, diagonal)


def test_a_panel_reads_its_diagram():
    counts = [[[0, 2, 4, 6], [0, 0, 1, 2]], [[0, 2, 4, 6], [0, 0, 1, 2]]]
    panel = made_up(counts)
    np.testing.assert_allclose(panel.front, [1.5, 30.0])  # the second isn't reached: the horizon
    np.testing.assert_allclose(panel.error, 0.0)  # the two runs agree
    assert panel.width == pytest.approx(4 / 8)  # 1/3, 2/3 and 1/6, 1/3
    # with i = j: 4 + 2 c of 16 ordered pairs, half of them at c = 2
    panel = made_up(counts, diagonal=True)
    np.testing.assert_allclose(panel.probability[0], np.array([4, 8, 12, 16]) / 16)
    np.testing.assert_allclose(panel.front, [1.0, 3.0])
