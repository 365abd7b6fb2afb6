"""Linearisation about clustered equilibria: spectra in the tangent space of (S^{d-1})^n."""

from theory.linearize.clusters import (
    antipodal,
    configuration,
    consensus,
    cross_polytope,
    polygon,
    simplex,
    weighted_clusters_on_circle,
)
from theory.linearize.spectrum import Spectrum, Stability

__all__ = [
    "Spectrum",
    "Stability",
    "antipodal",
    "configuration",
    "consensus",
    "cross_polytope",
    "polygon",
    "simplex",
    "weighted_clusters_on_circle",
]
