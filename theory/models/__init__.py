"""Models: what one is, those of the paper, and a catalogue of the field's by name."""

from theory.models.attention import EXTRA_KEY, attention_model
from theory.models.by_name import catalogue
from theory.models.heads import LOW_RANK_HEADS, MULTI_QUERY, attention_heads
from theory.models.model import AttentionForm, Model, attention_form, gradient_flow, pair_weights
from theory.models.paper import (
    CAUSAL,
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
)
from theory.models.schemes import COD, MIX_LN, NGPT, PERI_LN, PRE_LN, in_scheme
from theory.models.species import CROSS_ATTENTION, ENCODER_DECODER

__all__ = [
    "CAUSAL",
    "COD",
    "CROSS_ATTENTION",
    "ENCODER_DECODER",
    "EXTRA_KEY",
    "LOW_RANK_HEADS",
    "MIX_LN",
    "MULTI_QUERY",
    "NGPT",
    "PERI_LN",
    "PRE_LN",
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
    "Model",
    "attention_form",
    "attention_heads",
    "attention_model",
    "catalogue",
    "gradient_flow",
    "in_scheme",
    "pair_weights",
]
