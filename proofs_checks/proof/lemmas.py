"""Lemmas that proofs cite, one constant each: Łojasiewicz, centre-stable manifolds."""

from __future__ import annotations

LOJASIEWICZ = "Łojasiewicz: a bounded analytic gradient flow converges to one critical point"


CENTRE_STABLE = "centre-stable manifold theorem: strict saddles attract a null set"
