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
from theory.linearize.engine import evaluator_at, tangent_axes, tangent_jacobian, token_masses
from theory.linearize.spectrum import Spectrum, Stability, assembled_spectrum, rotation_count

__all__ = [
    "Spectrum",
    "Stability",
    "antipodal",
    "assembled_spectrum",
    "configuration",
    "consensus",
    "cross_polytope",
    "evaluator_at",
    "polygon",
    "rotation_count",
    "simplex",
    "tangent_axes",
    "tangent_jacobian",
    "token_masses",
    "weighted_clusters_on_circle",
]
