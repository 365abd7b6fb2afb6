"""proofs_checks.mutations."""

from proofs_checks.mutations.__main__ import main
from proofs_checks.mutations.generate import EQUIVALENT, equivalence, mutations, on_energy
from proofs_checks.mutations.run import LEAST, LIMIT, Outcome, run_mutations

__all__ = [
    "EQUIVALENT",
    "LEAST",
    "LIMIT",
    "Outcome",
    "equivalence",
    "main",
    "mutations",
    "on_energy",
    "run_mutations",
]
