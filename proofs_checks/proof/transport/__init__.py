"""Measures: how a plan of two starts is carried and grows, and how many maxima a start has."""

from proofs_checks.proof.transport.growth import ORDER, least_growth, plan_growth
from proofs_checks.proof.transport.rules import (
    CARRIED_PLAN,
    KAC_RICE,
    SCHUR,
    SYMMETRIC,
    TRANSPORT_RULES,
)

__all__ = [
    "CARRIED_PLAN",
    "KAC_RICE",
    "ORDER",
    "SCHUR",
    "SYMMETRIC",
    "TRANSPORT_RULES",
    "least_growth",
    "plan_growth",
]
