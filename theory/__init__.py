"""What is true: models, energies and everything derived from them, in SymPy alone.

Start with the models ``SA`` and ``USA`` or make one with ``gradient_flow(energy)``.
"""

from theory.energy import anchor_energy, energy_bounds, interaction_energy
from theory.models import (
    CAUSAL,
    DISCRETE_SA,
    PURE_ATTENTION,
    QKV,
    REPULSIVE,
    RESCALED_ATTENTION,
    SA,
    SINKHORN,
    SYMMETRIC_QKV,
    USA,
    AttentionForm,
    Model,
    attention_form,
    discrete_layer,
    feed_forward,
    gradient_flow,
    multi_head,
)

__all__ = [
    "CAUSAL",
    "DISCRETE_SA",
    "PURE_ATTENTION",
    "QKV",
    "REPULSIVE",
    "RESCALED_ATTENTION",
    "SA",
    "SINKHORN",
    "SYMMETRIC_QKV",
    "USA",
    "AttentionForm",
    "Model",
    "anchor_energy",
    "attention_form",
    "discrete_layer",
    "energy_bounds",
    "feed_forward",
    "gradient_flow",
    "interaction_energy",
    "multi_head",
]
