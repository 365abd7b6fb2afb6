"""Models: what one is, those of the paper, and a catalogue of the field's by name."""

from theory.models.by_name import catalogue
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
from theory.models.schemes import COD, MIX_LN, NGPT, PERI_LN, PRE_LN

__all__ = [
    "CAUSAL",
    "COD",
    "MIX_LN",
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
    "catalogue",
    "gradient_flow",
    "pair_weights",
]
