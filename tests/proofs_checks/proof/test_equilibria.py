"""Speeds at β = 0 of small exact configurations."""

from sympy import S

from proofs_checks.proof.equilibria import THREE_AGAINST_ONE, cold_speed
from theory.models import REPULSIVE, SA


def test_cold_speed_is_exact():
    assert cold_speed(SA, THREE_AGAINST_ONE) == 0
    assert cold_speed(SA, ((1, 0), (0, 1))) == S.Half
    assert cold_speed(REPULSIVE, ((1, 0), (0, 1))) == S.Half
