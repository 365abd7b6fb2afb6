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
from theory.linearize.masked import MaskedForm, causal_rates, masked_consensus, masked_form
from theory.linearize.spectrum import Spectrum, Stability, assembled_spectrum, rotation_count

__all__ = [
    "MaskedForm",
    "Spectrum",
    "Stability",
    "antipodal",
    "assembled_spectrum",
    "causal_rates",
    "configuration",
    "consensus",
    "cross_polytope",
    "evaluator_at",
    "masked_consensus",
    "masked_form",
    "polygon",
    "rotation_count",
    "simplex",
    "tangent_axes",
    "tangent_jacobian",
    "token_masses",
    "weighted_clusters_on_circle",
]
