"""Statements on layers that hidden states of a trained network decide, where somebody has some."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol, TypeVar, cast

import numpy as np

from numerics.arguments import FloatArray
from numerics.trained import fraction_interval, layer_statistics
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.verdict import Statement
from theory.models import SA

P = TypeVar("P")

CHANCE = 0.01
"""How probable an order of the layers may be by chance that counts as one."""


class Twin(Enum):
    """Hidden states as they are, or broken; the value names the control."""

    AS_GIVEN = ""
    SHUFFLED = "each token's layers in random order"
    RANDOM = "random directions of the same norms"


@dataclass(frozen=True, eq=False)
class HiddenStates:
    """Hidden states of texts, as the subject of a claim.

    Attributes
    ----------
    name : str
        Where they come from.
    texts : tuple of ndarray, each of shape (layers, n, d)
        Row 0 of each is the state before the first layer.
    twin : Twin
        What is done to them before they are looked at.
    """

    name: str
    texts: tuple[FloatArray, ...]
    twin: Twin = Twin.AS_GIVEN

    def drawn(self, rng: np.random.Generator) -> tuple[FloatArray, ...]:
        """Return the texts, broken as the twin says."""
        if self.twin is Twin.SHUFFLED:
            return tuple(_by_token(x, rng) for x in self.texts)
        if self.twin is Twin.RANDOM:
            return tuple(_random(x, rng) for x in self.texts)
        return self.texts

    @property
    def scope(self) -> dict[str, str]:
        """Sizes, in words."""
        sizes = [x.shape[1] for x in self.texts]
        layers, _, d = self.texts[0].shape
        return {
            "n": f"{min(sizes)} to {max(sizes)}" if min(sizes) < max(sizes) else str(sizes[0]),
            "d": str(d),
            "layers": str(layers - 1),
            "texts": str(len(self.texts)),
        }


def _by_token(x: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Put the layers of each token in an order of its own."""
    order = rng.permuted(np.tile(np.arange(len(x))[:, None], x.shape[1]), axis=0)
    return np.take_along_axis(x, order[:, :, None], axis=0)


def _random(x: FloatArray, rng: np.random.Generator) -> FloatArray:
    y = rng.standard_normal(x.shape)
    lengths = [np.linalg.norm(one, axis=2, keepdims=True) for one in (x, y)]
    return np.asarray(y * (lengths[0] / lengths[1]))


class SaidOfHistograms(Protocol):
    """What a prediction says of histograms along the layers."""

    @property
    def diagonal(self) -> bool:
        """Whether pairs i = j are said to be counted."""

    @property
    def deeper(self) -> bool:
        """Whether mass is said to move with increasing depth."""


@dataclass(frozen=True)
class DecidedByStates(Statement[P]):
    """A statement on trained layers beside (SA) that hidden states of a network decide, too."""

    def look(self, states: HiddenStates, said: SaidOfHistograms, budget: Budget) -> Evidence:
        """Judge hidden states that were given, then what is said of (SA) beside them.

        Parameters
        ----------
        states : HiddenStates
        said : SaidOfHistograms
            The prediction.
        budget : Budget
        """
        found = moves_to_one(states, budget, diagonal=said.diagonal, deeper=said.deeper)
        if found.verdict is Verdict.SUPPORTED:
            wrong = self.refute(Flow.of_paper(SA), cast(P, said), budget)
            if wrong is not None:
                return Evidence(Verdict.REFUTED, wrong.text, found.scope)
        return found


def with_hidden_states(claim: Claim[Any, Any], states: HiddenStates) -> Claim[Any, Any]:
    """Return a claim that is decided by hidden states; its predictions' controls stay.

    Parameters
    ----------
    claim : Claim
        One whose check is `DecidedByStates`.
    states : HiddenStates
        Of texts of the same number of layers, five at least, and the same d.

    Raises
    ------
    ValueError
        For another claim, or texts of different networks.
    """
    check = claim.check
    if not isinstance(check, DecidedByStates):
        raise ValueError(
            f"Expected a claim on trained layers but got {claim.label}; Figure 1 is one."
        )
    kinds = {(x.shape[0], x.shape[2]) for x in states.texts}
    if len(kinds) > 1:
        raise ValueError(
            "Expected texts of one network but got layers and dimensions "
            f"{', '.join(map(str, sorted(kinds)))} in {states.name}; give a file for each."
        )
    twins = [replace(states, twin=twin) for twin in (Twin.SHUFFLED, Twin.RANDOM)]
    controls = (
        *(control for control in claim.controls if control.model is None),
        *(Control[Any, Any](twin.twin.value, model=twin) for twin in twins),
    )
    return replace(
        claim, model=states, check=check.look, controls=controls, expected=Verdict.SUPPORTED
    )


def moves_to_one(
    states: HiddenStates, budget: Budget, *, diagonal: bool = False, deeper: bool = True
) -> Evidence:
    """Judge whether mass of ⟨x_i, x_j⟩ moves to 1 along the layers.

    The distance of a histogram from all mass at 1 is 1 less its mean. SUPPORTED where the mean is
    larger at the end than at the beginning, and its order along the layers, by Kendall's τ, would
    come by chance in one of a hundred cases at most; otherwise REFUTED; UNDECIDED below five
    states, whose order can't be that improbable.

    Parameters
    ----------
    states : HiddenStates
    budget : Budget
        With the randomness of the twins.
    diagonal : bool
        Whether pairs i = j are said to be counted.
    deeper : bool
        Whether the mass is said to move with depth, and not against it.
    """
    from scipy.stats import kendalltau  # a third of the time of importing all claims

    found = [layer_statistics(x, (1.0,)) for x in states.drawn(budget.rng)]
    means, near = np.array([s.mean for s in found]), np.array([s.near for s in found])
    if diagonal:
        return _counted(states, means[:, 0])
    if not deeper:
        means, near = means[:, ::-1], near[:, ::-1]
    texts, count = means.shape
    mean, close = means.mean(axis=0), near.mean(axis=0)
    order = kendalltau(np.arange(count), mean, alternative="greater")
    detail = (
        f"{states.name}, {'first to last' if deeper else 'last to first'} of {count} states: mean "
        f"<x_i,x_j>, i != j, from {mean[0]:.4f} to {mean[-1]:.4f}, pairs above 0.9 from "
        f"{close[0]:.2%} to {close[-1]:.2%}; Kendall's tau of the mean with the order "
        f"{order.statistic:.2f}, as much by chance {order.pvalue:.2g}"
    )
    if texts > 1:
        rises = int((means[:, -1] > means[:, 0]).sum())
        low, high = fraction_interval(rises, texts)
        detail += f"; it rises in {rises} of {texts} texts, {low:.2f} to {high:.2f} at 95 %"
    verdict = Verdict.REFUTED
    if 1 / math.factorial(count) > CHANCE:
        verdict = Verdict.UNDECIDED
        detail += "; too few states to tell an order from chance, five are needed"
    elif mean[-1] > mean[0] and order.pvalue <= CHANCE:
        verdict = Verdict.SUPPORTED
    margin = float(1 - order.pvalue / CHANCE)
    return Evidence(verdict, detail, states.scope, cases=texts, margin=margin)


def _counted(states: HiddenStates, means: FloatArray) -> Evidence:
    """Refute that pairs i = j are among those of the histograms."""
    share = np.array([1 / x.shape[1] for x in states.texts])
    counted = float((share + (1 - share) * means).mean())
    return Evidence(
        Verdict.REFUTED,
        f"{states.name}: counted with i = j a share {share.mean():.4f} of the pairs is at 1 in "
        f"every state, whatever the layers do: the mean before the first is {counted:.4f}, that "
        f"of different tokens {means.mean():.4f}",
        states.scope,
        cases=len(states.texts),
    )
