"""Mutation test of the claims: small automatic errors in a model or a prediction must be refuted.

The face offers `mutations` of a claim, `equivalence` of a mutation, `run_mutations` and `main`.
"""

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
