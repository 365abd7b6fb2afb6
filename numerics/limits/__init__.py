"""Limits of attention without projection: the set-valued hardmax dynamics of cold attention."""

from numerics.limits.branches import (
    EventKind,
    Hardmax,
    HardmaxBranch,
    HardmaxEvent,
    HardmaxStatus,
)
from numerics.limits.solutions import hardmax

__all__ = [
    "EventKind",
    "Hardmax",
    "HardmaxBranch",
    "HardmaxEvent",
    "HardmaxStatus",
    "hardmax",
]
