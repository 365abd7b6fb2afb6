"""The joint law of tokens that start alike: its rules, and the premise of the hierarchy (8.1)."""

from proofs_checks.proof.joint_laws.one_sum import ONE_SUM, derived_hierarchy
from proofs_checks.proof.law_rules import CARRIED_LAW, EXCHANGED, KEPT_LAW, MIRRORED

__all__ = ["CARRIED_LAW", "EXCHANGED", "KEPT_LAW", "MIRRORED", "ONE_SUM", "derived_hierarchy"]
