"""(6.9), (6.10) by samples: whether tokens at equal angles, of a user's model, have one rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from proofs_checks.claim import Evidence, not_applicable
from proofs_checks.own_model.invariants import gram_rate_at, reflection
from proofs_checks.own_model.report import UNDECIDED
from proofs_checks.own_model.search import Choices
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

    least, most = (subject.tokens, subject.tokens) if subject.tokens else (3, dims)
    if dims < least:
        return Evidence(UNDECIDED, f"{least} orthonormal tokens need d >= {least}")
    # A negative γ is above -1/(n-1) for up to eight tokens; 1 is consensus.
    lowest = -1 if most <= 8 else 0

    def start(choices: Choices) -> Any:
        size = least + choices.below(most - least + 1)
        gamma = (lowest + choices.below(8 - lowest)) / 8
        rows = np.linalg.cholesky((1 - gamma) * np.eye(size) + gamma)
        tokens = np.pad(rows, ((0, 0), (0, dims - size)))
        normal = np.array([choices.below(7) - 3 for _ in range(dims)])
        normal[0] += not normal.any()
        return Case(tokens @ reflection(normal), None), ("mirror normal", normal)

    return sampled_evidence(subject, "equiangular", start, holds, "one rate for all pairs")
