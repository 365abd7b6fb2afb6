"""Rows that an argument of our own answers where the paper's proof lacks a premise, by their names.

Each is a statement with its own sentence: it says what is shown, which may be less than the paper's
and hold of more models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs_checks.own_model.attached_energy import OF_ENERGY, OF_KERNELS
from proofs_checks.own_model.biased_followers import OF_BIASES
from proofs_checks.own_model.by_matrices import OF_MATRICES
from proofs_checks.own_model.by_species import OF_KEYS
from proofs_checks.own_model.clustered_law import SHARE
from proofs_checks.own_model.graph_given import OF_GIVEN_GRAPHS
from proofs_checks.own_model.invariant_measures import MEASURES
from proofs_checks.own_model.least_weight import OF_LEAST
from proofs_checks.own_model.level_set import LEVEL
from proofs_checks.own_model.moves_at_rest import OF_MASSES
from proofs_checks.own_model.nothing_moves import OF_REST
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.own_model.of_mean_fields import OF_MEAN_FIELDS
from proofs_checks.own_model.opposite_pair import OPPOSITE, PARTING
from proofs_checks.own_model.paced import AT_ONE_TIME, IN_ITS_TIME, SAME_LIMITS, InItsTime
from proofs_checks.own_model.pair_metric import CONVOLVES, ROUND
from proofs_checks.own_model.simplex_attracts import OF_SCORES
from proofs_checks.own_model.small_heat import SMALL_HEAT
from proofs_checks.own_model.species_softmax import OF_SOFTMAXES
from proofs_checks.own_model.still_blocks import OF_STILL
from proofs_checks.own_model.two_species import OF_SPECIES
from proofs_checks.own_model.uniform_weights import OF_UNIFORM
from proofs_checks.proof import Statement

Answer = Statement[Any] | OfAnother | InItsTime
_ANSWERS: tuple[Answer, ...] = (
    MEASURES,
    PARTING,
    OPPOSITE,
    SHARE,
    LEVEL,
    ROUND,
    CONVOLVES,
    *OF_ENERGY,
    *OF_STILL,
    *OF_MASSES,
    *OF_UNIFORM,
    *OF_LEAST,
    *AT_ONE_TIME,
)
ARGUED: Mapping[str, Answer] = {answer.name: answer for answer in _ANSWERS}
_PACED: tuple[Answer, ...] = (*SAME_LIMITS, *IN_ITS_TIME)
AT_A_PACE: Mapping[str, Answer] = {answer.name: answer for answer in _PACED}
FROM_ROWS: Mapping[str, Answer] = {SMALL_HEAT.name: SMALL_HEAT}
"""Those that join what other rows say, asked where nothing else answers."""
OF_KINDS: tuple[Mapping[str, Answer], ...] = (
    OF_GIVEN_GRAPHS,
    OF_SPECIES,
    OF_SOFTMAXES,
    OF_KEYS,
    OF_MEAN_FIELDS,
    OF_MATRICES,
    OF_SCORES,
    OF_REST,
    OF_BIASES,
    OF_KERNELS,
)
"""What is known of kinds of models: heads and layers, and those whose matrices are free."""


__all__ = ["ARGUED", "AT_A_PACE", "FROM_ROWS", "OF_KINDS"]
