"""The random matrices of Figure 5."""

import numpy as np
import pytest

from numerics.phase.random_matrices import MATRICES
from numerics.phase.run import phase_diagram


def test_the_matrices_of_figure_5():
    rng = np.random.default_rng(0)
    drawn = {name: draw(rng, 200) for name, draw in MATRICES.items()}
    score = {name: m["Q"].T @ m["K"] for name, m in drawn.items()}
    for name in "abcd":
        assert abs(np.var(score[name]) - 1) < 0.05
    symmetric = {name: np.allclose(b, b.T) for name, b in score.items()}
    assert symmetric["b"] and symmetric["d"] and not symmetric["a"] and not symmetric["c"]
    assert abs(np.var(drawn["a"]["V"]) * 200 - 1) < 0.05
    np.testing.assert_allclose(drawn["c"]["V"], score["c"].T / np.sqrt(200), atol=1e-12)
    printed = drawn["c-as-printed"]
    np.testing.assert_allclose(printed["V"], score["c-as-printed"] / np.sqrt(200), atol=1e-12)
    np.testing.assert_allclose(drawn["d"]["V"], score["d"] / np.sqrt(201), atol=1e-12)
    spectrum = np.linalg.eigvalsh(drawn["b"]["V"])
    assert spectrum[0] > -1e-9 and 0.8 * 4 * np.sqrt(200) < spectrum[-1] < 1.1 * 4 * np.sqrt(200)
    assert np.linalg.eigvalsh(drawn["b-goe"]["V"])[0] < -1  # control: indefinite


@pytest.mark.slow
def test_figure_5_and_its_controls():
    times = np.linspace(0, 20, 41)
    shared = {"d": 16, "n": 8, "betas": [0.5, 5.0], "times": times, "runs": 6, "rng": 2}
    plain = phase_diagram(**shared, rtol=1e-8)
    same = phase_diagram(**shared, rtol=1e-8, matrices=MATRICES["identity"])
    assert np.abs(plain.counts.astype(int) - same.counts.astype(int)).max() <= 1
    panels = {name: phase_diagram(**shared, matrices=MATRICES[name]) for name in "ac"}
    assert panels["a"].model.name == "QKV"
    assert panels["a"].probability[1, -1] > panels["c"].probability[1, -1] + 0.1
    # V larger by √d: the same path, √d faster
    shared = {**shared, "runs": 2, "rtol": 1e-8, "betas": [5.0]}
    slow = phase_diagram(**shared, matrices=MATRICES["a"])
    fast = phase_diagram(**{**shared, "times": times / 4}, matrices=MATRICES["a-unscaled"])
    assert np.abs(slow.counts.astype(int) - fast.counts.astype(int)).max() <= 1


def test_matrices_take_seeds():
    """SPEC 7: a seed, or the generator that it makes."""
    for draw in MATRICES.values():
        one, two = draw(3, 4), draw(np.random.default_rng(3), 4)
        for name in "QKV":
            np.testing.assert_array_equal(one[name], two[name])
