"""Trained networks: read as our own models, and looked at theorem by theorem."""

from numerics.trained.all_minilm import INSTALL, MiniLM, find_minilm, listed_texts, minilm
from numerics.trained.batches import BatchReport, Fraction, batch_report, fraction_interval
from numerics.trained.heads import OF_SA_FORM, HeadForm, NearestStep, head_form, nearest_step
from numerics.trained.hypotheses import HYPOTHESES, LayerHypotheses, layer_hypotheses
from numerics.trained.iteration import Iteration, IterationOutcome, consensus_modes, iterate_block
from numerics.trained.network import TrainedLayer, TrainedNetwork
from numerics.trained.reports import ASKED, LayerReport, layer_report
from numerics.trained.shares import EnergyShares, energy_shares
from numerics.trained.similarity import (
    LayerStatistics,
    TwoTimeScales,
    layer_statistics,
    read_hidden_states,
)
from numerics.trained.twins import same_norms, shuffled, untrained
from numerics.trained.weights import read_network

__all__ = [
    "ASKED",
    "HYPOTHESES",
    "INSTALL",
    "OF_SA_FORM",
    "BatchReport",
    "EnergyShares",
    "Fraction",
    "HeadForm",
    "Iteration",
    "IterationOutcome",
    "LayerHypotheses",
    "LayerReport",
    "LayerStatistics",
    "MiniLM",
    "NearestStep",
    "TrainedLayer",
    "TrainedNetwork",
    "TwoTimeScales",
    "batch_report",
    "consensus_modes",
    "energy_shares",
    "find_minilm",
    "fraction_interval",
    "head_form",
    "iterate_block",
    "layer_hypotheses",
    "layer_report",
    "layer_statistics",
    "listed_texts",
    "minilm",
    "nearest_step",
    "read_hidden_states",
    "read_network",
    "same_norms",
    "shuffled",
    "untrained",
]
