"""The model without its projection is asked of tangent velocities only."""

import pytest

from proofs_checks.proof.symmetry import unprojected
from theory.models import PURE_ATTENTION


def test_unprojected_needs_a_projection():
    with pytest.raises(ValueError, match="Expected a model whose velocity is Tangent"):
        unprojected(PURE_ATTENTION)
