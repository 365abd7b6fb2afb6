"""The exponents of two tokens under common noise, by finite differences of one explicit step."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from proofs_checks.literature.fedorov_2601_21942.antipodal_pair import OURS, PAPER
from theory.derivations import pair_diffusion
from theory.predictions import common_noise_exponent
from theory.symbols import beta, d, gamma

SIZE, HOT = 4, 0.7


def rows(points):
    weights = np.exp(HOT * points @ points.T)
    return (weights / weights.sum(axis=1, keepdims=True)) @ points


def field(points, matrix):
    moved = rows(points) @ matrix.T
    return moved - np.vecdot(moved, points)[:, None] * points


def start(cosine):
    points = np.zeros((2, SIZE))
    points[0, 0], points[1, 0], points[1, 1] = 1.0, cosine, math.sqrt(1 - cosine**2)
    return points


def product_after(points, matrix, size):
    moved = points + size * field(points, matrix)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    return float(moved[0] @ moved[1])


def units():
    for a, b in product(range(SIZE), repeat=2):
        matrix = np.zeros((SIZE, SIZE))
        matrix[a, b] = 1.0
        yield matrix


def ito(cosine):
    """Half the sum over entries of the second difference of a normalised step."""
    points, size = start(cosine), 1e-4
    ahead_behind = (
        product_after(points, e, size) + product_after(points, e, -size) - 2 * cosine
        for e in units()
    )
    return sum(ahead_behind) / size**2 / 2


def stratonovich(cosine):
    """Half the sum of second differences along the flow of each field, by Runge-Kutta."""
    points, size = start(cosine), 1e-3

    def flowed(matrix, step):
        k1 = field(points, matrix)
        k2 = field(points + step / 2 * k1, matrix)
        k3 = field(points + step / 2 * k2, matrix)
        moved = points + step * field(points + step * k3, matrix) / 6
        moved += step * (k1 + 2 * k2 + 2 * k3) / 6
        return float(moved[0] @ moved[1])

    return sum(flowed(e, size) + flowed(e, -size) - 2 * cosine for e in units()) / size**2 / 2


@pytest.mark.parametrize(("claim", "measured"), [(PAPER, ito), (OURS, stratonovich)])
def test_the_drift_of_the_inner_product(claim, measured):
    law = pair_diffusion(claim.model)
    for cosine in (-0.8, -0.1, 0.6):
        said = law.drift.subs({gamma: cosine, beta: HOT, d: SIZE})
        assert measured(cosine) == pytest.approx(float(said), abs=2e-5)


@pytest.mark.parametrize("claim", [PAPER, OURS])
def test_the_variance(claim):
    law, size = pair_diffusion(claim.model), 1e-5
    for cosine in (-0.8, 0.3):
        points = start(cosine)
        rates = [
            (product_after(points, e, size) - product_after(points, e, -size)) / (2 * size)
            for e in units()
        ]
        said = law.variance.subs({gamma: cosine, beta: HOT, d: SIZE})
        assert float(np.sum(np.square(rates))) == pytest.approx(float(said), rel=1e-7)


def test_where_opposite_tokens_attract():
    for hot, size in ((0.3, 3), (0.5, 3), (1.0, 5), (1.0, 6), (2.0, 30)):
        paper = float(common_noise_exponent(-1, hot, size))
        ours = float(common_noise_exponent(-1, hot, size, "stratonovich"))
        assert (paper < 0) is (math.cosh(2 * hot) > size - 2)
        assert (ours < 0) is (math.tanh(hot) > (size - 2) / (size - 1))
    with pytest.raises(ValueError, match="Expected one of -1, 1 but got end=0"):
        common_noise_exponent(0)
    with pytest.raises(ValueError, match="Expected one of ito, stratonovich"):
        common_noise_exponent(-1, convention="Ito")
