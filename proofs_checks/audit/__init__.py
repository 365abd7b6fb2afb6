"""Audit: what theorems say is evaluated along solutions, apart from how it was concluded."""

from proofs_checks.audit.places import evaluate
from proofs_checks.audit.solution import Solution, model_of, solution_of, solved
from proofs_checks.audit.steps import Audit, Doubt, Ending, audit, ending, subject_of

__all__ = [
    "Audit",
    "Doubt",
    "Ending",
    "Solution",
    "audit",
    "ending",
    "evaluate",
    "model_of",
    "solution_of",
    "solved",
    "subject_of",
]
