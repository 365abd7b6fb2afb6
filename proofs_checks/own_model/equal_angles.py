"""(6.9), (6.10) by samples: whether tokens at equal angles, of a user's model, have one rate."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from proofs_checks.claim import Evidence, not_applicable
from proofs_checks.own_model.invariants import gram_rate_at, reflection
from proofs_checks.own_model.report import UNDECIDED, Array
from proofs_checks.own_model.subject import Case, Subject, is_close, sampled_evidence


def equiangular_sampled(subject: Subject) -> Evidence:
    """Draw tokens at equal angles, of any size, and compare the rates of their products."""
    if subject.model.kind != "flow":
        return Evidence(UNDECIDED, "not sampled: a map, not a flow")
    if subject.model.space != "sphere" and subject.implementation is None:
        return not_applicable("tokens on R^d")
    if subject.tokens == 1:
        return not_applicable("one token has no angles")
    dims = subject.dimensions[-1]

    def holds(found: Any) -> Any:
        case, _ = found
        rate = gram_rate_at(subject, case)
        off = rate[~np.eye(len(rate), dtype=bool)]
        return is_close(off, np.full(off.shape, off.mean()))

    def start(size: int, eighths: int, normal: Array) -> Any:
        gamma = eighths / 8
        rows = np.linalg.cholesky((1 - gamma) * np.eye(size) + gamma)
        tokens = np.pad(rows, ((0, 0), (0, dims - size)))
        return Case(tokens @ reflection(normal), None), ("mirror normal", normal)

    entry = st.lists(st.integers(-3, 3), min_size=dims, max_size=dims).filter(any).map(np.array)
    least, most = (subject.tokens, subject.tokens) if subject.tokens else (3, dims)
    if dims < least:
        return Evidence(UNDECIDED, f"{least} orthonormal tokens need d >= {least}")
    # A negative γ is above -1/(n-1) for up to eight tokens; 1 is consensus.
    eighths = st.integers(-1 if most <= 8 else 0, 7)
    strategy = st.builds(start, st.integers(least, most), eighths, entry)
    return sampled_evidence(subject, "equiangular", strategy, holds, "one rate for all pairs")
