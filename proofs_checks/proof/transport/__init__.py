"""Distances of two solutions: how a plan of their starts is carried, and at what rate it grows."""

from proofs_checks.proof.transport.growth import ORDER, plan_growth
from proofs_checks.proof.transport.rules import CARRIED_PLAN, SCHUR, SYMMETRIC, TRANSPORT_RULES

__all__ = ["CARRIED_PLAN", "ORDER", "SCHUR", "SYMMETRIC", "TRANSPORT_RULES", "plan_growth"]
