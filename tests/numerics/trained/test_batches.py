"""Several texts as a whole: means and counts are those of the texts one by one."""

import json

import numpy as np
import pytest

from numerics.records import load
from numerics.trained import batch_report, layer_report

TEXTS = ([3, 7, 7, 1, 29, 0, 12], [5, 6, 2, 8], [1, 2, 3, 4, 5, 6])


@pytest.fixture(scope="module")
def found(network):
    """A report on three texts."""
    states = [network.hidden_states(network.embed(numbers)) for numbers in TEXTS]
    return batch_report(states, network, iterate=4, words=[["w"] * len(one) for one in TEXTS])


@pytest.mark.slow
def test_against_single_reports(found, network):
    """Every number from reports of the texts alone."""
    alone = [
        layer_report(network.hidden_states(network.embed(one)), network, iterate=4) for one in TEXTS
    ]
    assert found.sizes == (4, 7)
    assert np.array_equal(found.means, [one.statistics.mean for one in alone])
    assert np.allclose(found.histograms.sum(axis=1), 1)
    rises, *climbs = found.fractions
    assert rises.texts == sum(one.statistics.mean[-1] > one.statistics.mean[0] for one in alone)
    for k, fraction in enumerate(climbs):
        assert fraction.texts == sum(one.statistics.monotone(k) for one in alone)
        assert 0 <= fraction.low <= fraction.texts / 3 <= fraction.high <= 1
    for layer in range(2):
        expected = sum(one.shares[layer][1].change < 0 for one in alone)
        assert found.falls(1)[layer] == expected
        for name, count in found.lowering(1)[layer].items():
            assert count == sum(one.shares[layer][1].groups()[name] < 0 for one in alone)
        for name, row in found.residuals().items():
            values = [one.hypotheses[layer].residuals[name] for one in alone]
            assert row[layer] == pytest.approx(np.mean(values))
        outcomes = found.outcomes()[layer]
        assert sum(outcomes.values()) == 3
    for row in found.states():
        product = row["mean_product"]
        assert product["least"] <= product["mean"] <= product["most"]


@pytest.mark.slow
def test_json_and_files(found, tmp_path):
    """Plain numbers; a saved report is the same again."""
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert data["texts"] == 3
    assert [one["tokens"] for one in data["each"]] == [7, 4, 6]
    assert data["each"][1]["words"] == ["w"] * 4
    found.save(tmp_path / "batch.npz")
    again = load(tmp_path / "batch.npz")
    assert np.array_equal(again.means, found.means)
    assert again.as_dict() == found.as_dict()


@pytest.mark.slow
def test_without_weights(network):
    """Hidden states alone: no shares, no hypotheses."""
    states = [network.hidden_states(network.embed(one)) for one in TEXTS[:2]]
    data = batch_report(states, name="mine").as_dict()
    assert data["name"] == "mine"
    assert not {"energy", "hypotheses", "iterated"} & set(data)


def test_bad_arguments():
    """No text, texts of different networks, words of some."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 5, 4))
    for bad in ([], [x, x[:2]], [x, x[:, :, :3]], [x[0]]):
        with pytest.raises(ValueError, match="Expected"):
            batch_report(bad)
    with pytest.raises(ValueError, match="words for each of 2 texts"):
        batch_report([x, x], words=[["a"] * 5])


@pytest.mark.slow
def test_heads_apart(network):
    """Each head's distance from cI on the tokens' span, and the row of the best one."""
    x = network.embed(TEXTS[0])
    found = layer_report(network.hidden_states(x), network)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    span = np.linalg.qr(unit.T)[0][:, : np.linalg.matrix_rank(unit)]
    assert np.allclose(span @ (span.T @ unit.T), unit.T)
    values = []
    for one in network.layers[0].head_maps:
        inner = span.T @ one @ span
        c = np.trace(inner) / len(inner)
        values.append(np.linalg.norm(inner - c * np.eye(len(inner))) / np.linalg.norm(inner))
    asked = found.hypotheses[0]
    assert np.allclose(asked.head_values, values)
    assert asked.residuals["V_h = cI"] == pytest.approx(min(values))
    heads = found.as_dict()["steps"][0]["heads"]
    assert [one["value_from_identity"] for one in heads] == pytest.approx(values)
