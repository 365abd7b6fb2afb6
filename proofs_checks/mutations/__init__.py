"""Mutation test of the claims: small automatic errors in a model or a prediction must be refuted.

Hypotheses of statements are dropped and weakened too. The face offers `mutations` of a claim,
`equivalence` of a mutation, `run_mutations`, `try_hypotheses` of a statement, `mutate_model` of a
user's model, and `main`.
"""

from proofs_checks.mutations.generate import equivalence, mutations
from proofs_checks.mutations.hypotheses import Fate, try_hypotheses, weakenings
from proofs_checks.mutations.own_model import SameWords, mutate_model, mutated_models
from proofs_checks.mutations.run import LEAST, LIMIT, Outcome, run_mutations
from proofs_checks.mutations.table import main

__all__ = [
    "LEAST",
    "LIMIT",
    "Fate",
    "Outcome",
    "SameWords",
    "equivalence",
    "main",
    "mutate_model",
    "mutated_models",
    "mutations",
    "run_mutations",
    "try_hypotheses",
    "weakenings",
]
