"""E.Theorem 9.2: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from sympy import exp

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_9.theorem_9_2_codes import ERRATUM_9_2, Converse
from proofs_checks.proof.codes import cross_bound, simplex_bound
from theory.energy import interaction_energy
from theory.models import REPULSIVE, gradient_flow
from theory.symbols import beta, d, n, z


@pytest.mark.every(7)
@pytest.mark.parametrize(("size", "dimension"), [(3, 2), (4, 3), (4, 2), (6, 3), (8, 4)])
@pytest.mark.parametrize("hot", [0.05, 0.8, 3.0, 11.0])
def test_no_optimiser_gets_below_the_bounds(size, dimension, hot):
    """Of simplices and cross-polytopes, by minimising over the points themselves."""
    kernel = exp(beta * z) / beta
    crossed = size == 2 * dimension
    bound = cross_bound(kernel, 2 * d) if crossed else simplex_bound(kernel, -1 / (n - 1))
    at = {beta: hot, n: size, d: dimension}
    least, own = (float(value.subs(at)) for value in (bound.least, bound.energy))
    assert own == pytest.approx(least, rel=1e-9)

    def energy(flat):
        points = flat.reshape(size, dimension)
        points = points / np.linalg.norm(points, axis=1, keepdims=True)
        pairs = (points @ points.T)[~np.eye(size, dtype=bool)]
        return np.exp(hot * pairs).sum() / hot

    rng = np.random.default_rng(size)
    found = min(minimize(energy, rng.standard_normal(size * dimension)).fun for _ in range(6))
    assert least * (1 - 1e-9) <= found <= least * (1 + 1e-3)


@pytest.mark.parametrize("hot", [0.01, 1.0, 20.0])
def test_the_bounds_hold_for_random_codes_of_any_size(hot):
    kernel = exp(beta * z) / beta
    for size, dimension in ((2, 5), (7, 3), (9, 2), (12, 5)):
        at = {beta: hot, n: size, d: dimension}
        tangent, parabola = (
            float(bound.least.subs(at))
            for bound in (simplex_bound(kernel, -1 / (n - 1)), cross_bound(kernel, n))
        )
        for points in random_points(size, dimension, 5, 40):
            pairs = (points @ points.T)[~np.eye(size, dtype=bool)]
            assert np.exp(hot * pairs).sum() / hot >= max(tangent, parabola) * (1 - 1e-12)


def test_families_need_three_increasing_derivatives(found):
    # z + z² rises for z > -1/2 only; 4z + z² is its own parabola, so others attain the bound too.
    for kernel in (z + z**2, 4 * z + z**2):
        model = gradient_flow(-interaction_energy(kernel), "polynomial")
        evidence = found(replace(ERRATUM_9_2, model=model))
        assert evidence.verdict is not Verdict.PROVED
    with pytest.raises(ValueError, match="at least two points"):
        ERRATUM_9_2.check(
            REPULSIVE,
            replace(ERRATUM_9_2.prediction, pairs=-2 * d),
            Budget(1, np.random.default_rng(0)),
        )


def test_minimisers_must_exist_for_the_converse(found):
    # Also with m = 1 allowed the printed direction fails, by five points on the sphere.
    evidence = found(replace(ERRATUM_9_2, prediction=Converse(1)))
    assert evidence.verdict is Verdict.REFUTED
    assert "Delsarte" in evidence.assumptions[0]


def test_the_printed_form_carries_its_counterexample(reports):
    detail = reports["E.Theorem 9.2"].printed.detail
    assert "n = 2" in detail and "n = 5, d = 3" in detail


TWINS = {
    "codes for a decreasing kernel": replace(
        ERRATUM_9_2, model=gradient_flow(interaction_energy(z), "attractive")
    ),
    "simplex of 2d points": replace(
        ERRATUM_9_2, prediction=replace(ERRATUM_9_2.prediction, most=2 * d)
    ),
    "simplex at -1/n": replace(
        ERRATUM_9_2, prediction=replace(ERRATUM_9_2.prediction, product=-1 / n)
    ),
    "d pairs of pairs": replace(
        ERRATUM_9_2, prediction=replace(ERRATUM_9_2.prediction, pairs=4 * d)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
