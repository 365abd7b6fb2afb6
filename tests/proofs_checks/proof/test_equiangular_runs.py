"""Parts of a deviation and first times of runs against the equiangular curve."""

import numpy as np
import pytest

from proofs_checks.proof.equiangular_runs import equivariant_parts, first_time_within


def test_parts_add_up_and_are_orthogonal():
    matrix = np.random.default_rng(0).normal(size=(3, 6, 6))
    matrix = (matrix + matrix.swapaxes(-1, -2)) * (1 - np.eye(6))
    parts = equivariant_parts(matrix)
    assert np.abs(sum(parts) - matrix).max() < 1e-14
    assert np.abs(parts[2].sum(axis=-1)).max() < 1e-13
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.abs((parts[i] * parts[j]).sum(axis=(-2, -1))).max() < 1e-12


def test_first_time_is_exact_on_an_exponential():
    times = np.linspace(0, 5, 11)
    gaps = np.exp(-np.outer(times, [1.0, 2.0, 0.01]))
    found = first_time_within(times, gaps, np.exp(-3.3))
    assert found[:2] == pytest.approx([3.3, 1.65], abs=1e-12)
    assert np.isnan(found[2])
