"""Power laws: an exponent is found within its error."""

import numpy as np
import pytest

from proofs_checks.proof.power_law import PowerLaw, fit_power_law


def test_power_law_recovers_an_exponent_with_its_error():
    rng = np.random.default_rng(3)
    x = np.array([10.0, 20.0, 40.0, 80.0])
    pulls = []
    for _ in range(200):
        y = 7 / x[:, None] ** 1.5 * np.exp(0.3 * rng.normal(size=(4, 30)))
        fit = fit_power_law(x, y)
        pulls.append((fit.exponent + 1.5) / fit.error)
    assert abs(np.mean(pulls)) < 0.3
    assert 0.85 < np.std(pulls) < 1.2
    assert PowerLaw(-1.0, 0.05).margin(-0.5) < 0 < PowerLaw(-1.0, 0.05).margin(-0.9)
    with pytest.raises(ValueError, match="at least 3 sizes"):
        fit_power_law([1, 2], [[1, 1], [1, 1]])
    with pytest.raises(ValueError, match="positive"):
        fit_power_law([1, 2, 3], [[1, 0]] * 3)
