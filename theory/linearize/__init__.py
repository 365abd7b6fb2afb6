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
from theory.linearize.masked import causal_rates, masked_consensus
from theory.linearize.moves import consensus_break
from theory.linearize.pulls import token_weights
from theory.linearize.spectrum import PLACE, Spectrum, Stability, assembled_spectrum, rotation_count

__all__ = [
    "PLACE",
    "Spectrum",
    "Stability",
    "antipodal",
    "assembled_spectrum",
    "causal_rates",
    "configuration",
    "consensus",
    "consensus_break",
    "cross_polytope",
    "evaluator_at",
    "masked_consensus",
    "polygon",
    "rotation_count",
    "simplex",
    "tangent_axes",
    "tangent_jacobian",
    "token_masses",
    "token_weights",
    "weighted_clusters_on_circle",
]
