"""What is true: models, energies and everything derived from them, in SymPy alone.

Start with the models ``SA`` and ``USA`` or make one with ``gradient_flow(energy)``.
"""

from theory.blocks import Block
from theory.energy import anchor_energy, interaction_energy
from theory.hierarchy import Hierarchy, bbgky
from theory.layers import DISCRETE_SA, discrete_layer, feed_forward, multi_head
from theory.masks import Mask
from theory.measures import ContinuityEquation, continuity_equation
from theory.models import (
    CAUSAL,
    KURAMOTO,
    MOVING_MASSES,
    NETWORK,
    PURE_ATTENTION,
    QK_SA,
    QK_USA,
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
    catalogue,
    gradient_flow,
    moving_masses,
    polar,
    with_frequencies,
)
from theory.noise import Noise
from theory.predictions import energy_bounds

__all__ = [
    "CAUSAL",
    "DISCRETE_SA",
    "KURAMOTO",
    "MOVING_MASSES",
    "NETWORK",
    "PURE_ATTENTION",
    "QKV",
    "QK_SA",
    "QK_USA",
    "REPULSIVE",
    "RESCALED_ATTENTION",
    "SA",
    "SINKHORN",
    "SYMMETRIC_QKV",
    "USA",
    "AttentionForm",
    "Block",
    "ContinuityEquation",
    "Hierarchy",
    "Mask",
    "Model",
    "Noise",
    "anchor_energy",
    "attention_form",
    "bbgky",
    "catalogue",
    "continuity_equation",
    "discrete_layer",
    "energy_bounds",
    "feed_forward",
    "gradient_flow",
    "interaction_energy",
    "moving_masses",
    "multi_head",
    "polar",
    "with_frequencies",
]
