"""What the tests of several rooms compare with: velocities in 50 digits, lengths of rows."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest


@pytest.fixture(scope="session")
def exact_velocity():
    """Return the function that evaluates SA and USA in 50 digits."""

    def evaluate(x, b, weights, normalised):
        """Velocity at the given doubles, and max_i Σ_j |w_ij| of the weights as used."""
        with mpmath.workdps(50):
            rows = [[mpmath.mpf(float(v)) for v in row] for row in x]
            n, dim = len(rows), len(rows[0])
            velocity, largest = [], mpmath.mpf(0)
            for i in range(n):
                scores = [b * mpmath.fdot(rows[i], rows[j]) for j in range(n)]
                w = [mpmath.mpf(float(weights[j])) * mpmath.exp(scores[j]) for j in range(n)]
                if normalised:
                    total = mpmath.fsum(w)
                    w = [v / total for v in w]
                pull = [mpmath.fsum(w[j] * rows[j][c] for j in range(n)) for c in range(dim)]
                radial = mpmath.fdot(pull, rows[i])
                velocity.append([pull[c] - radial * rows[i][c] for c in range(dim)])
                largest = max(largest, mpmath.fsum(w))
            return velocity, largest

    return evaluate


@pytest.fixture(scope="session")
def distance():
    """Return the function that compares velocities in 50 digits."""

    def largest(exact, computed, factor):
        """max_i |exact_i - factor computed_i|."""
        with mpmath.workdps(50):
            return max(
                mpmath.sqrt(
                    mpmath.fsum(
                        (a - factor * mpmath.mpf(float(c))) ** 2 for a, c in zip(e, r, strict=True)
                    )
                )
                for e, r in zip(exact, computed, strict=True)
            )

    return largest


@pytest.fixture(scope="session")
def max_drift():
    """Return the function that says how far from 1 the lengths of rows are, correctly rounded."""

    def drift(points):
        rows = np.asarray(points, dtype=float)
        return max(
            abs(math.sqrt(math.fsum(c * c for c in row)) - 1.0)
            for row in rows.reshape(-1, rows.shape[-1]).tolist()
        )

    return drift
