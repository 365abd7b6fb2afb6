"""Witnesses: rational, on the sphere, the same for the same seed, and enclosed."""

import numpy as np
from sympy import Rational

from proofs_checks.proof.witness import Witness, excludes_zero, random_unit
from theory.models import SA
from theory.symbols import X, beta


def test_witness_is_rational_reproducible_and_on_the_sphere():
    first, second = (Witness(np.random.default_rng(4), [SA.velocity]) for _ in range(2))
    assert str(first) == str(second)
    for row in first.matrices[X]:
        assert sum(c * c for c in row) == 1
    assert first.scalars[beta] not in (0, 1)
    assert sum(c * c for c in random_unit(np.random.default_rng(0), 4)) == 1


def test_witness_encloses():
    at = Witness(np.random.default_rng(4), [SA.velocity]).evaluator()
    third = at.scalar(Rational(1, 3))
    assert third.a <= 1 / 3 + 1e-16 and third.b >= 1 / 3 - 1e-16
    assert excludes_zero(third) and not excludes_zero(third - third)
