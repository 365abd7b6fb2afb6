"""Limits of attention without projection: the set-valued hardmax dynamics of cold attention."""

from numerics.limits.hardmax import (
    EventKind,
    Hardmax,
    HardmaxBranch,
    HardmaxEvent,
    HardmaxStatus,
    hardmax,
)

__all__ = [
    "EventKind",
    "Hardmax",
    "HardmaxBranch",
    "HardmaxEvent",
    "HardmaxStatus",
    "hardmax",
]
