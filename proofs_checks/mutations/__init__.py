"""proofs_checks.mutations."""

from proofs_checks.mutations.generate import equivalence, mutations
from proofs_checks.mutations.run import LEAST, LIMIT, Outcome, run_mutations
from proofs_checks.mutations.table import main

__all__ = [
    "LEAST",
    "LIMIT",
    "Outcome",
    "equivalence",
    "main",
    "mutations",
    "run_mutations",
]
