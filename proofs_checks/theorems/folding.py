"""What long sheets fold: order, signs and sizes first, then identities and what is read off."""

from __future__ import annotations

from proofs_checks.theorems.angle_signs import AT_ANGLES
from proofs_checks.theorems.attraction import COSINE, UNIT_PRODUCT
from proofs_checks.theorems.bounds import UP_TO
from proofs_checks.theorems.chords import BALL, BALL_MASSES, BALL_STILL, PRODUCT
from proofs_checks.theorems.engines import ADDED, EQUAL, RISING, SIGNS, WEIGHED
from proofs_checks.theorems.gradients import MIRRORED, SHARES
from proofs_checks.theorems.kernel import Engine, Reader, Rule
from proofs_checks.theorems.order import (
    CANCEL,
    CHAIN,
    CONSTANT,
    ELAPSED,
    EXPONENTIAL,
    KEPT,
    LEAST_OF,
    PRIMITIVE,
    RECIPROCAL,
    ROOT,
    SAME,
    SCALE,
    SIZE,
    TOKEN_SUM,
    ZERO_SUM,
)
from proofs_checks.theorems.readers import LENGTHS, MASSES, POSITIVE_LENGTHS, ROOTED, UNIT

CALCULUS: frozenset[Rule | Engine | Reader | None] = frozenset(
    {
        ADDED,
        CANCEL,
        CHAIN,
        CONSTANT,
        EXPONENTIAL,
        KEPT,
        LEAST_OF,
        MASSES,
        POSITIVE_LENGTHS,
        RECIPROCAL,
        RISING,
        ROOT,
        SAME,
        SCALE,
        SHARES,
        SIGNS,
        SIZE,
        TOKEN_SUM,
        UNIT,
        UNIT_PRODUCT,
        UP_TO,
        WEIGHED,
        ZERO_SUM,
    }
)
"""A reader of a page follows their steps without being told: order, signs, sizes, sums."""

READ: frozenset[Rule | Engine | Reader | None] = frozenset(
    {
        AT_ANGLES,
        BALL,
        BALL_MASSES,
        BALL_STILL,
        COSINE,
        ELAPSED,
        EQUAL,
        LENGTHS,
        MIRRORED,
        PRIMITIVE,
        PRODUCT,
        ROOTED,
    }
)
"""Identities, and what is read off a model: folded where a sheet is long without the calculus."""
