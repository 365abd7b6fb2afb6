"""What may be compared, and what is said of the rest."""

import numpy as np
import pytest

from numerics import wasserstein

POINT = np.array([[1.0, 0.0]])
THREE = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
ONE = np.ones(8)

REFUSED = {
    "another total mass": ({"a": POINT, "b": POINT, "masses_a": [2.0]}, "equal total masses"),
    "a density of another mass": ({"a": 2 * ONE, "b": POINT}, "equal total masses"),
    "another dimension": ({"a": POINT, "b": THREE}, "one dimension"),
    "a density beside S²": ({"a": THREE, "b": ONE}, "on the circle"),
    "masses of a density": ({"a": ONE, "b": POINT, "masses_a": ONE}, "masses of points"),
    "a negative density": ({"a": ONE - 2 * np.eye(8)[0], "b": POINT}, "density >= 0"),
    "no mass": ({"a": 0 * ONE, "b": POINT}, "with mass"),
    "a density with NaN": ({"a": np.nan * ONE, "b": POINT}, "finite density"),
    "an unresolved density": ({"a": lambda a: np.sin(1e7 * a) ** 2 * 2, "b": POINT}, "rougher"),
    "a scalar function": ({"a": lambda a: a[:3], "b": POINT}, "array of angles"),
    "p below 1": ({"a": POINT, "b": POINT, "p": 0.5}, "power >= 1"),
    "p = 3 of a density": ({"a": ONE, "b": POINT, "p": 3}, "p = 1 or 2"),
    "no method": ({"a": POINT, "b": POINT, "method": "fast"}, "'exact' or 'sliced'"),
    "slices of a density": ({"a": ONE, "b": POINT, "method": "sliced"}, "points on both"),
    "no slices": ({"a": POINT, "b": POINT, "method": "sliced", "slices": 0}, "slices=0"),
    "rows off the sphere": ({"a": 2 * POINT, "b": POINT}, "length 1"),
    "no points": ({"a": np.empty((0, 2)), "b": POINT}, "at least one point"),
    "a batch": ({"a": POINT[None], "b": POINT}, "one measure"),
    "a batch of masses": ({"a": THREE, "b": THREE, "masses_a": np.ones((2, 2))}, "one mass"),
    "a lone value": ({"a": [1.0], "b": POINT}, "at least two values"),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(arguments, said):
    with pytest.raises((TypeError, ValueError), match="Expected") as error:
        wasserstein(**arguments)
    assert said in str(error.value)


def test_points_of_the_circle_take_any_power():
    turned = np.array([[0.0, 1.0]])
    assert wasserstein(POINT, turned, p=3) == pytest.approx(np.pi / 2, abs=1e-12)


def test_masses_too_small_for_the_sum_are_no_trouble():
    points = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert wasserstein(points, POINT, 2, [1.0, 1e-300], [1.0]) == pytest.approx(0, abs=1e-12)
