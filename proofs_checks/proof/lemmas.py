"""Section 4, small β: Theorem 4.1, the clustering of almost every initial condition at β = 0.

Every equilibrium but consensus is shown to be a strict saddle of ½|Σ m_j x_j|², the energy at
β = 0, by two explicit second variations: for every n, d >= 2 and all masses.
"""

from __future__ import annotations

LOJASIEWICZ = "Łojasiewicz: a bounded analytic gradient flow converges to one critical point"


CENTRE_STABLE = "centre-stable manifold theorem: strict saddles attract a null set"
