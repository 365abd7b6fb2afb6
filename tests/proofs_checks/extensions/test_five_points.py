"""Five points: the crossing by mpmath, energies of the two codes by their points."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from sympy import Integer, Rational, exp, lambdify

from numerics import sphere
from numerics.point_codes import known_code
from proofs_checks.extensions.five_points import (
    FIVE_MINIMISERS,
    FIVE_POINTS,
    HEIGHT,
    Crossing,
    bipyramid,
    pyramid,
)
from proofs_checks.proof import Flow
from theory.symbols import beta, z

KERNEL = exp(beta * z) / beta


def by_points(points, hot):
    pairs = (points @ points.T)[~np.eye(len(points), dtype=bool)]
    return np.exp(hot * pairs).sum() / hot


def test_energies_by_points():
    h, hot = 0.23, 4.0
    ring = np.sqrt(1 - h**2) * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    base = np.hstack([ring, np.full((4, 1), -h)])
    points = sphere.project(np.vstack([base, [[0, 0, 1]]]))
    at = {beta: hot, HEIGHT: h}
    assert float(pyramid(KERNEL).subs(at)) == pytest.approx(by_points(points, hot))
    own = by_points(known_code("triangular bipyramid"), hot)
    assert float(bipyramid(KERNEL).subs(at)) == pytest.approx(own)


def test_the_crossing_by_newton():
    left = pyramid(KERNEL) - bipyramid(KERNEL)
    both = [lambdify((beta, HEIGHT), e, "mpmath") for e in (left, left.diff(HEIGHT))]
    with mpmath.workdps(30):
        place = mpmath.findroot(lambda b, h: tuple(f(b, h) for f in both), (6.9, 0.15))[0]
        assert abs(place - mpmath.mpf("6.886160810627834")) < mpmath.mpf(10) ** -14
    assert abs(float(place) - float(FIVE_POINTS.prediction.place)) < 1e-12


TWINS = {
    "a digit more": replace(
        FIVE_POINTS, prediction=Crossing(Rational("6.88616081063"), Rational(1, 10**12))
    ),
    "minimisers cross at 6.6": replace(
        FIVE_MINIMISERS, prediction=Crossing(Rational("6.6"), Rational(1, 100))
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_a_range_without_the_crossing_is_refused():
    with pytest.raises(ValueError, match="start"):
        FIVE_POINTS.check.refute(
            Flow.of_paper(FIVE_POINTS.model),
            Crossing(Integer(7), start=Integer(8)),
            None,
        )
