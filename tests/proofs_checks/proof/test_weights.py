"""The smallest attention weight of a model."""

from sympy import exp

from proofs_checks.proof.weights import smallest_weight
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta


def test_smallest_weights():
    assert smallest_weight(SA) == (exp(-2 * beta), "")
    assert smallest_weight(USA) == (exp(-beta), "")
    assert "positive" in smallest_weight(REPULSIVE)[1]
