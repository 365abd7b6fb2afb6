"""Lemmas that proofs cite, one constant each: Łojasiewicz, centre-stable manifolds."""

from __future__ import annotations

CLOSED_CURVE = "a closed curve on the sphere shorter than 2π lies in an open hemisphere"


HEMISPHERE = "Lemma 6.4"


LOJASIEWICZ = "Łojasiewicz: a bounded analytic gradient flow converges to one critical point"


CENTRE_STABLE_DISC = (
    "Shub, Global Stability of Dynamical Systems, Theorem III.7: orbits that stay near an "
    "equilibrium lie in a C^1 disc, of codimension the number of rates > 0"
)


COMPLETE = (
    "Lee, Introduction to Smooth Manifolds, Corollary 9.17: a smooth field on a compact manifold "
    "has a flow for all times, of diffeomorphisms"
)


SYLVESTER = "Sylvester's law of inertia"


OTHER_METRIC = "Remark B.1: a strict saddle of E is one of the flow in its metric"


POLAR = (
    "joint polar coordinates: for x = cos φ u + sin φ w uniform on the sphere, u in an "
    "i-dimensional subspace V and w across, φ has the density c cos^(i-1)φ sin^(d-i-1)φ, for any V"
)


ALMOST_ALL_INDEPENDENT = (
    "n <= d uniform points are linearly independent with probability 1: the zeros of a polynomial "
    "that isn't 0 are null"
)


CONTINUITY = "continuity of a probability along increasing sets"
