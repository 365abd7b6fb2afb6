"""Rules on graphs: averages along paths.

`rules` has the others; all are listed there.
"""

from __future__ import annotations

from typing import Any

from proofs_checks.proof.rule import Rule


def _rooted(leader: Any) -> str:
    return "" if leader is True else "no token is known to be reached from all"


PATHS = Rule(
    "averages along a graph",
    "y_i' = Σ_j a_ij(t)(y_j - y_i), a_ij >= α > 0 where i sees j, a_ij >= 0, Σ_j a_ij <= M, a "
    "token r is reached from all n: in each unit of time the diameter D of the y_i shrinks by the "
    "factor 1 - η, η = e^{-M} min(1, α/(n-1))^{n-1}",
    "y_i(t+1) = Σ_j Φ_ij y_j(t), Φ stochastic with Φ_ir >= η: Duhamel along a path of at most n-1 "
    "edges; Moreau, IEEE Trans. Automat. Control 50 (2005), Theorem 1",
    3,
    _rooted,
)


GRAPH_RULES = (PATHS,)
