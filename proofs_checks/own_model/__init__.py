"""proofs_checks.own_model."""

from proofs_checks.own_model.check import BASIC, check_model, parametrize_with_invariants

__all__ = ["BASIC", "check_model", "parametrize_with_invariants"]
