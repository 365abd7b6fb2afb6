"""Audit: what theorems say is evaluated along solutions, apart from how it was concluded."""

from proofs_checks.audit.places import told
from proofs_checks.audit.points import evaluate
from proofs_checks.audit.solution import (
    ANY_ANGLE,
    ON_CIRCLE,
    PROBED,
    PROBES_BESIDE,
    SECOND,
    Solution,
    angles_of,
    beside,
    in_angles,
    model_of,
    solution_of,
    solved,
)
from proofs_checks.audit.steps import (
    Audit,
    Doubt,
    DoubtError,
    Ending,
    audit,
    doubted,
    ending,
    pair_in,
    subject_of,
)

__all__ = [
    "ANY_ANGLE",
    "ON_CIRCLE",
    "PROBED",
    "PROBES_BESIDE",
    "SECOND",
    "Audit",
    "Doubt",
    "DoubtError",
    "Ending",
    "Solution",
    "angles_of",
    "audit",
    "beside",
    "doubted",
    "ending",
    "evaluate",
    "in_angles",
    "model_of",
    "pair_in",
    "solution_of",
    "solved",
    "subject_of",
    "told",
]
