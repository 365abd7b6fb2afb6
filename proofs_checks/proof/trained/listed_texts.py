"""What a trained network does to most of fifty listed texts: decided with its weights, or not.

The weights aren't in this repository and a verdict doesn't depend on what happens to be installed:
a claim is UNDECIDED until `with_weights` says to look at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, cached_property

import numpy as np

from numerics.arguments import FloatArray
from numerics.trained import (
    INSTALL,
    Iteration,
    LayerStatistics,
    TrainedNetwork,
    find_minilm,
    fraction_interval,
    iterate_block,
    layer_statistics,
    listed_texts,
    minilm,
    same_norms,
    shuffled,
    untrained,
)
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict

STEPS = 240
"""How often a layer is applied: ten times as deep as the 24 layers of Figure 1."""

DRAWN = 12
"""Texts of an untrained network at most: tokens drawn at random."""


class Weights(Enum):
    """Which network is looked at; the value is what evidence calls it."""

    ABSENT = "MiniLM, whose weights are absent"
    MINILM = "MiniLM"
    SHUFFLED = "MiniLM with shuffled weights"
    SAME_NORMS = "MiniLM with random weights of the same norms"
    UNTRAINED = "an untrained network, deviation 0.02"
    LARGE = "an untrained network, deviation 2/√d"


@dataclass(frozen=True, eq=False)
class Passage:
    """One text's way through a network; what it takes is computed once, when it is asked for.

    Attributes
    ----------
    network : TrainedNetwork
    states : ndarray, shape (layers + 1, n, d)
        Hidden states; row 0 is the state before the first layer.
    """

    network: TrainedNetwork
    states: FloatArray
    _runs: dict[int, Iteration] = field(default_factory=dict, repr=False)

    @cached_property
    def statistics(self) -> LayerStatistics:
        """Inner products of different tokens, and E_1 and E_8, layer by layer."""
        return layer_statistics(self.states, (1.0, 8.0))

    def nearest(self, layer: int, diagonal: bool = False) -> float:
        """Largest ⟨x_i, x_j⟩ of one state, of i ≠ j, or of all pairs with ``diagonal``."""
        state = self.states[layer]
        unit = state / np.linalg.norm(state, axis=1, keepdims=True)
        gram = unit @ unit.T
        np.fill_diagonal(gram, 1.0 if diagonal else -1.0)
        return float(gram.max())

    def iterated(self, layer: int) -> Iteration:
        """Return what a layer, from 0, comes to in 240 steps from its own input."""
        if layer not in self._runs:
            self._runs[layer] = iterate_block(
                self.network, layer, self.states[layer], STEPS, rates=False
            )
        return self._runs[layer]


@dataclass(frozen=True)
class Event:
    """What is said to happen in more than half of the texts.

    Attributes
    ----------
    name : str
    happens : callable
        Of a `Passage`.
    """

    name: str
    happens: Callable[[Passage], bool]


@dataclass(frozen=True)
class Said:
    """A claim's prediction.

    Attributes
    ----------
    events : Enum
        A member whose value is the tuple of events that are said of most texts.
    texts : int
        How many texts are listed.
    """

    events: Enum
    texts: int = 50


def _how() -> str:
    """Say what is to be done before the option that has the weights looked at."""
    try:
        find_minilm()
    except ModuleNotFoundError:
        return f"weights absent; {INSTALL}, then"
    return "MiniLM is installed, but not looked at unasked:"


@cache
def _through_minilm(number: int) -> Passage:
    model = minilm()
    return Passage(model.network, model.hidden_states(listed_texts()[number]))


def passages(weights: Weights, budget: Budget) -> tuple[Passage, ...]:
    """Return the texts' ways through a network: as many as the budget says, all with ``full``."""
    texts = listed_texts()
    count = len(texts) if budget.full else min(budget.cases, len(texts))
    if weights in (Weights.UNTRAINED, Weights.LARGE):
        large = {} if weights is Weights.UNTRAINED else {"deviation": 2 / np.sqrt(96)}
        network = untrained(budget.rng, **large)
        sizes = budget.rng.integers(16, 41, min(count, DRAWN))
        drawn = (network.embed(budget.rng.integers(1000, size=size)) for size in sizes)
        return tuple(Passage(network, network.hidden_states(start)) for start in drawn)
    chosen = np.linspace(0, len(texts), count, endpoint=False).astype(int)
    if weights is Weights.MINILM:
        return tuple(_through_minilm(int(k)) for k in chosen)
    model = minilm()
    change = shuffled if weights is Weights.SHUFFLED else same_norms
    network = change(model.network, budget.rng)
    starts = (network.embed(model.tokens(texts[k]).numbers) for k in chosen)
    return tuple(Passage(network, network.hidden_states(start)) for start in starts)


@dataclass(frozen=True)
class MostTexts:
    """Check of a claim on most texts.

    SUPPORTED where the interval of each event's fraction lies above 1/2, REFUTED where one lies
    below it, which ends the check.

    Attributes
    ----------
    twins : tuple of Control
        Controls that need the weights, too.
    """

    twins: tuple[Control[Weights, Said], ...] = ()

    def __call__(self, weights: Weights, said: Said, budget: Budget) -> Evidence:
        """Evidence on a network."""
        if said.texts != len(listed_texts()):
            text = f"{len(listed_texts())} texts are listed, not {said.texts}"
            return Evidence(Verdict.REFUTED, text, {"texts": "those listed"})
        if weights is Weights.ABSENT:
            return Evidence(
                Verdict.UNDECIDED,
                f"{_how()} attnflow verify MiniLM --minilm",
                {"layers": "6 trained ones, none looked at"},
            )
        seen = passages(weights, budget)
        sizes = [passage.states.shape[1] for passage in seen]
        scope = {
            "n": f"{min(sizes)} to {max(sizes)}",
            "d": str(seen[0].states.shape[2]),
            "layers": str(len(seen[0].network.layers)),
            "texts": f"{len(seen)} of {len(listed_texts())} listed",
        }
        if weights in (Weights.UNTRAINED, Weights.LARGE):
            scope["texts"] = f"{len(seen)} drawn"
        words, margin, refuted = [], np.inf, False
        for text, low, high in self._counted(said, seen):
            words.append(text)
            margin, refuted = min(margin, 2 * low - 1), high < 1 / 2
            if refuted:
                words, margin = [text], 2 * high - 1
                break
        verdict = Verdict.SUPPORTED if margin > 0 else Verdict.UNDECIDED
        return Evidence(
            Verdict.REFUTED if refuted else verdict,
            f"{weights.value}: {'; '.join(words)} (intervals at 95 %)",
            scope,
            cases=len(seen),
            margin=float(margin),
        )

    @staticmethod
    def _counted(said: Said, seen: tuple[Passage, ...]) -> Iterator[tuple[str, float, float]]:
        for event in said.events.value:
            found = sum(event.happens(passage) for passage in seen)
            low, high = fraction_interval(found, len(seen))
            yield (
                f"{event.name} in {found} of {len(seen)} texts, {low:.2f} to {high:.2f}",
                low,
                high,
            )


def with_weights(claim: Claim[Weights, Said]) -> Claim[Weights, Said]:
    """Return a claim on MiniLM that is decided with its weights, and more controls.

    Raises
    ------
    ModuleNotFoundError
        When they aren't installed, or the extra ``trained`` isn't.
    """
    minilm()
    check = claim.check
    assert isinstance(check, MostTexts)
    more = (
        *check.twins,
        Control[Weights, Said]("shuffled weights", Weights.SHUFFLED),
        Control[Weights, Said]("random weights of the same norms", Weights.SAME_NORMS),
    )
    return replace(
        claim,
        model=Weights.MINILM,
        controls=(*claim.controls, *more),
        expected=Verdict.SUPPORTED,
    )


UNTRAINED_TWINS: tuple[Control[Weights, Said], ...] = (
    Control("untrained weights", Weights.UNTRAINED),
    Control("untrained weights, large", Weights.LARGE),
)
"""Controls that need no file."""
