"""Statements that a trained network decides, once its weights or hidden states are given."""

from proofs_checks.proof.trained.hidden_states import (
    DecidedByStates,
    HiddenStates,
    moves_to_one,
    with_hidden_states,
)
from proofs_checks.proof.trained.listed_texts import (
    UNTRAINED_TWINS,
    Event,
    MostTexts,
    Passage,
    Said,
    Weights,
    with_weights,
)

__all__ = [
    "UNTRAINED_TWINS",
    "DecidedByStates",
    "Event",
    "HiddenStates",
    "MostTexts",
    "Passage",
    "Said",
    "Weights",
    "moves_to_one",
    "with_hidden_states",
    "with_weights",
]
