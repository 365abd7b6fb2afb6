"""Three clusters on the circle that lose their directions of ascent at one β < 0."""

from proofs_checks.proof.three_clusters.failures import (
    BREATHING,
    FAILURES,
    SIDEWAYS,
    C,
    Failure,
)

__all__ = ["BREATHING", "FAILURES", "SIDEWAYS", "C", "Failure"]
