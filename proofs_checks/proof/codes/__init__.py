"""Energies of point codes: bounds from below, rivals, and the linear programming bound, exact."""

from proofs_checks.proof.codes.bounds import (
    Bound,
    cross_bound,
    simplex_bound,
    taylor_remainder,
)
from proofs_checks.proof.codes.rivals import beaten_code
from proofs_checks.proof.codes.sharp import bound_gap, defect, moments_said, sharp_step

__all__ = [
    "Bound",
    "beaten_code",
    "bound_gap",
    "cross_bound",
    "defect",
    "moments_said",
    "sharp_step",
    "simplex_bound",
    "taylor_remainder",
]
