"""Audit: what theorems say is evaluated along solutions, apart from how it was concluded."""

from proofs_checks.audit.places import evaluate
from proofs_checks.audit.solution import Solution, solution_of
from proofs_checks.audit.steps import Audit, Doubt, audit

__all__ = ["Audit", "Doubt", "Solution", "audit", "evaluate", "solution_of"]
