"""Samples of rows that end in consensus, for models and code whose tokens meet or don't."""

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, Interval, MatrixSymbol, Rational, S, exp, sin

from proofs_checks.claim import Verdict
from proofs_checks.discovery import questions
from proofs_checks.own_model import check_model
from proofs_checks.own_model.check import subject_of
from proofs_checks.own_model.consensus import fields_of, hemispheres, sizes_of
from proofs_checks.own_model.shape import CONSENSUS_SPECTRUM
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.hardmax import TopK
from theory.models import SA, USA, Model, gradient_flow
from theory.symbols import X, beta, m, n, z

CONE, SPECTRUM = "Lemma 6.4", "consensus spectrum"
HEAD = RowSoftmax(beta * X * X.T, m)
KERNEL = "exp(beta*t)/beta"


def weighted(kernel):
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    return Model(f"k = {kernel}", Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X))


def attended(weights):
    return Model("own weights", Tangent(X, weights * X), parameters=(beta,))


PULLED = attended(HadamardProduct(HEAD, Elementwise(exp(z), X * X.T)))


def of(model, name, code=None, **given):
    return check_model(model, only=[name], implementation=code, **given)[name]


def tangent(points, field):
    return field - np.sum(field * points, axis=1, keepdims=True) * points


def of_all(points, kernel):
    """Field of weights k(<x_i,x_j>)/n."""
    return tangent(points, kernel(points @ points.T) @ points / len(points))


def of_the_nearest(points, count):
    products = np.round(points @ points.T, 12)
    least = np.sort(products, axis=1)[:, -min(count, len(points))][:, None]
    weights = np.where(products >= least, 1.0, 0.0)
    return tangent(points, weights / weights.sum(axis=1, keepdims=True) @ points)


@pytest.mark.slow  # eighty runs
def test_runs_to_the_end_support_what_has_no_proof():
    """Every p_ij >= e^{-1-2β}/n: they meet, by the argument of common sight."""
    for given in ({"beta": 2.0}, {}):
        found = of(PULLED, CONE, **given)
        assert found.verdict is Verdict.PROVED or "met in" in found.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    "kernel", [(sin(z) - S.Half) ** 2, (sin(2 * z) - Rational(9, 10)) ** 2], ids=str
)
def test_tokens_that_do_not_meet_are_no_support(kernel):
    """Weights are >= 0, so that the lowest token never falls; a pair rests where k = 0."""
    assert of(weighted(kernel), CONE).verdict is Verdict.UNDECIDED


CODE = {
    "attraction": (lambda x: of_all(x, np.exp), Verdict.SUPPORTED),
    "the square of a zero at 45°": (
        lambda x: of_all(x, lambda g: (g - 0.5**0.5) ** 2),
        Verdict.UNDECIDED,
    ),
    "five at rest": (lambda x: (len(x) - 5) ** 2 * of_all(x, np.exp), Verdict.UNDECIDED),
    "the nearest two": (lambda x: of_the_nearest(x, 2), Verdict.UNDECIDED),
    "near ones alone": (lambda x: of_all(x, lambda g: np.maximum(g - 0.5, 0)), Verdict.UNDECIDED),
    "repulsion": (lambda x: -of_all(x, np.exp), Verdict.UNDECIDED),
}


@pytest.mark.slow
@pytest.mark.parametrize(("code", "wanted"), CODE.values(), ids=CODE)
def test_a_run_refutes_nothing(code, wanted):
    assert of(KERNEL, CONE, code, beta=1.0).verdict is wanted


SLOPES = {
    "attraction": (lambda x: of_all(x, np.exp), Verdict.SUPPORTED),
    "the square of a zero at 45°": (
        lambda x: of_all(x, lambda g: (g - 0.5**0.5) ** 2),
        Verdict.SUPPORTED,
    ),
    "five at rest": (lambda x: (len(x) - 5) ** 2 * of_all(x, np.exp), Verdict.UNDECIDED),
    "the nearest two": (lambda x: of_the_nearest(x, 2), Verdict.UNDECIDED),
    "the nearest three": (lambda x: of_the_nearest(x, 3), Verdict.UNDECIDED),
    "repulsion": (lambda x: -of_all(x, np.exp), Verdict.REFUTED),
    "repulsion of more than four": (lambda x: (4.5 - len(x)) * of_all(x, np.exp), Verdict.REFUTED),
    "half of the sphere": (
        lambda x: np.where(x[:, :1] > x[:, :1].mean(), 2.0, 1.0) * of_all(x, np.exp),
        Verdict.UNDECIDED,
    ),
}


@pytest.mark.parametrize(("code", "wanted"), SLOPES.values(), ids=SLOPES)
def test_slopes_at_consensus(code, wanted):
    assert of(KERNEL, SPECTRUM, code, beta=1.0).verdict is wanted


@pytest.mark.slow
def test_a_jump_beside_a_zero_of_its_factor():
    mixed = attended((n - 7) ** 2 * TopK(beta * X * X.T, m, 2) + HEAD)
    assert of(mixed, SPECTRUM).verdict is Verdict.UNDECIDED
    assert 7 in sizes_of(subject_of(mixed, 0, None, "wasserstein", None, {}))


def test_starts_are_in_an_open_hemisphere():
    subject = subject_of(SA, 0, None, "wasserstein", None, {})
    cases = [case for d in (2, 3) for case in hemispheres(subject, d, (2, 3, 4, 5, 8))]
    assert {len(case.points) for case in cases} == {2, 3, 4, 5, 8}
    assert all(case.points[:, -1].min() > 0 for case in cases)
    assert any(case.masses is None for case in cases)
    assert any(case.masses is not None and case.masses.max() > 0.8 for case in cases)


@pytest.mark.every(4)
@pytest.mark.parametrize("place", [S.Half, Rational(1, 3)], ids=str)
@pytest.mark.parametrize("power", [1, 2])
def test_no_witness_is_a_place_without_a_velocity(place, power):
    """h = ∓(z - place)^{-power}: what is refuted has a finite velocity at its witness."""
    climbing = gradient_flow(interaction_energy((-1) ** power * (z - place) ** -power), "pole")
    with pytest.raises(ValueError, match=f"has none at z = <x_i,x_j> = {place}"):
        check_model(climbing)
    for name in (CONE, "energy ascent", "dissipation identity", SPECTRUM):
        statement = CONSENSUS_SPECTRUM if name == SPECTRUM else questions()[name]
        found = statement.ask(Flow.of(climbing))
        assert "nan" not in found.detail and "zoo" not in found.detail
        if name == CONE:
            assert found.verdict in (Verdict.REFUTED, Verdict.UNDECIDED)
            assert f"<x1,x2> = {place} " not in found.detail
        if found.verdict is Verdict.PROVED:
            assert str(place) in found.scope["<x_i,x_j>"]


def test_a_kernel_without_a_slope_at_consensus():
    with pytest.raises(ValueError, match="has none at z"):
        check_model(weighted(1 / (1 - z)))


def test_one_token_at_a_time_shows_what_sums_hide():
    """Errors 2u and -u of tokens 1 and 2, u orthogonal to both, have Σ_i i <error_i, v> = 0."""

    def code(points):
        found = of_all(points, np.exp)
        if points.shape[1] == 3 and len(points) > 1:
            found[:2] += np.outer([2, -1], np.cross(points[0], points[1]))
        return found

    right = of(USA, "gradient structure", lambda x: of_all(x, np.exp), beta=1.0)
    assert right.verdict is Verdict.SUPPORTED
    assert of(USA, "gradient structure", code, beta=1.0).verdict is Verdict.REFUTED


def test_equal_angles_other_than_right_ones_are_tried():
    """At right angles all pairs are alike for this code; at others token 1 is slower."""

    def code(points):
        slow = np.ones((len(points), 1))
        slow[0] = 1 - 0.5 * np.abs(points @ points.T - np.eye(len(points))).max()
        return slow * of_all(points, np.exp)

    assert of(KERNEL, "equiangular ODE", code, beta=1.0).verdict is Verdict.REFUTED


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [{"w": [[2.0]]}, {"w": [[1.0], [3.0], [0.5]]}], ids=str)
def test_parameters_of_given_tokens(value):
    """One token has met itself; masses of one's own leave the weights positive."""
    own = MatrixSymbol("w", n, 1)
    model = Model(
        "own masses", Tangent(X, RowSoftmax(beta * X * X.T, own) * X), parameters=(beta, own)
    )
    report = check_model(model, only=[CONE, SPECTRUM, "equiangular ODE"], **value)
    assert report[CONE].verdict in (Verdict.SUPPORTED, Verdict.PROVED)
    assert report[SPECTRUM].verdict in (Verdict.SUPPORTED, Verdict.PROVED)
    if len(value["w"]) == 1:
        assert not report["equiangular ODE"].applies


def test_runs_are_at_temperatures_of_the_range():
    """Below zero two tokens may turn away: nothing there is asked of a positive β."""
    subject = subject_of(PULLED, 0, None, "wasserstein", None, {})
    said = [words for _, _, words in fields_of(subject)]
    assert said.count("") == 2 and len(said) == 4
    given = subject_of(PULLED, 0, None, "wasserstein", None, {"beta": Interval(1, 3)})
    assert [words for _, _, words in fields_of(given)] == ["", ""]
    cold = subject_of(PULLED, 0, None, "wasserstein", None, {"beta": 2})
    assert [words for _, _, words in fields_of(cold)] == ["", ""]
