"""Hidden states decide whether mass moves to 1: those that do, those that don't, and twins."""

import re

import numpy as np
import pytest

from proofs_checks import CLAIMS, verify
from proofs_checks.claim import Budget, Verdict
from proofs_checks.proof.trained import HiddenStates, moves_to_one, with_hidden_states

FIGURE_1 = next(claim for claim in CLAIMS if claim.label == "Figure 1")


def budget(seed=0):
    """A random source."""
    return Budget(1, np.random.default_rng(seed))


def drawn(layers=9, n=20, d=30, pull=0.2, seed=0):
    """Tokens that are drawn to their mean, more in each layer; they stay where pull is 0."""
    rng = np.random.default_rng(seed)
    x, centre = rng.standard_normal((n, d)), rng.standard_normal(d)
    return np.stack([(x + pull * k * centre) * rng.uniform(1, 2, (n, 1)) for k in range(layers)])


def judged(*texts, **said):
    """Evidence on some texts."""
    return moves_to_one(HiddenStates("states.npy", texts), budget(), **said)


def test_by_hand():
    """The figures that decide are those of plain loops."""
    x = drawn()
    unit = x / np.linalg.norm(x, axis=2, keepdims=True)
    means = [np.mean([a[i] @ a[j] for i in range(20) for j in range(20) if i != j]) for a in unit]
    found = judged(x)
    assert found.verdict is Verdict.SUPPORTED
    assert f"from {means[0]:.4f} to {means[-1]:.4f}" in found.detail
    assert found.scope == {"n": "20", "d": "30", "layers": "8", "texts": "1"}
    counted = judged(x, diagonal=True)
    assert counted.verdict is Verdict.REFUTED
    assert (
        f"the mean before the first is {unit[0].reshape(20, -1).sum(0) @ unit[0].sum(0) / 400:.4f}"
        in (counted.detail)
    )


def test_what_does_not_move_is_refuted():
    """Noise, tokens that part, and layers in the wrong order; none is PROVED."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((9, 20, 30))
    for states in (noise, drawn()[::-1]):
        assert judged(states).verdict is Verdict.REFUTED
    assert judged(drawn(), deeper=False).verdict is Verdict.REFUTED
    assert judged(drawn()[::-1], deeper=False).verdict is Verdict.SUPPORTED


def test_a_rise_and_a_fall_back_is_refuted():
    """An order that is mostly right doesn't help where the end is below the beginning."""
    x = drawn(layers=12)
    x[-1] = np.random.default_rng(5).standard_normal(x[-1].shape)
    x[0] = drawn(layers=12)[1]
    found = judged(x)
    order = float(re.search(r"with the order (-?[\d.]+)", found.detail)[1])
    assert order > 0.5
    assert found.verdict is Verdict.REFUTED


def test_few_states_are_undecided():
    """Four states come in order by chance in one of 24 cases."""
    assert judged(drawn(layers=4)).verdict is Verdict.UNDECIDED
    assert "five are needed" in judged(drawn(layers=4)).detail
    assert judged(drawn(layers=5)).verdict is Verdict.SUPPORTED


@pytest.mark.slow
def test_chance_is_kept():
    """Of states without an order at most about one in a hundred passes: exact under exchange."""
    rng = np.random.default_rng(1)
    passed = sum(
        judged(rng.standard_normal((7, 6, 4))).verdict is Verdict.SUPPORTED for _ in range(300)
    )
    assert passed <= 9


@pytest.mark.parametrize("count", [1, 3])
def test_the_claim_with_states_and_its_controls(count):
    """Figure 1 is decided; every control is refuted by the same check."""
    texts = tuple(drawn(n=12 + k, seed=k) for k in range(count))
    (report,) = verify(with_hidden_states(FIGURE_1, HiddenStates("mine.npz", texts)))
    assert report.ok, report.complaints
    assert report.verdict is Verdict.SUPPORTED
    changes = [change for change, _ in report.controls]
    assert changes[:3] == [c.change for c in FIGURE_1.controls if c.model is None]
    assert changes[3:] == [
        "each token's layers in random order",
        "random directions of the same norms",
    ]
    assert ("of 3 texts" in report.evidence.detail) == (count == 3)


def test_the_clock_of_sa_is_still_asked():
    """What is said of (SA) beside the histograms is refuted by the flow, not by the states."""
    claim = with_hidden_states(FIGURE_1, HiddenStates("mine.npz", (drawn(),)))
    (report,) = verify(claim)
    clock = dict(report.controls)["the mean is γ(t) of (6.10), USA"]
    assert "dt/dγ" in clock.detail


def test_twins_keep_what_they_should():
    """Shuffled: the same rows for each token. Random: the same norms."""
    from proofs_checks.proof.trained.hidden_states import Twin

    x = drawn(layers=6, n=5)
    (shuffled,) = HiddenStates("x", (x,), Twin.SHUFFLED).drawn(np.random.default_rng(0))
    for token in range(5):
        assert sorted(map(tuple, shuffled[:, token])) == sorted(map(tuple, x[:, token]))
    assert not np.array_equal(shuffled, x)
    (other,) = HiddenStates("x", (x,), Twin.RANDOM).drawn(np.random.default_rng(0))
    assert np.allclose(np.linalg.norm(other, axis=2), np.linalg.norm(x, axis=2))


def test_other_claims_and_other_networks():
    """Only a claim on layers takes states; all of one network."""
    other = next(claim for claim in CLAIMS if claim.label == "Lemma 6.4")
    with pytest.raises(ValueError, match=r"claim on trained layers but got Lemma 6\.4"):
        with_hidden_states(other, HiddenStates("x", (drawn(),)))
    with pytest.raises(ValueError, match="texts of one network"):
        with_hidden_states(FIGURE_1, HiddenStates("x", (drawn(), drawn(layers=7))))
