"""Three clusters on the circle that lose their directions of ascent at one β < 0."""

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
