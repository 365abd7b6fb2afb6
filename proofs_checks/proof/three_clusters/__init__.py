"""Three clusters on the circle: at one β < 0 no direction ascends to second order."""

from proofs_checks.proof.three_clusters.failures import (
    BREATHING,
    DOUBLE,
    FAILURES,
    SIDEWAYS,
    C,
    Failure,
    balance,
    balanced,
)

__all__ = ["BREATHING", "DOUBLE", "FAILURES", "SIDEWAYS", "C", "Failure", "balance", "balanced"]
