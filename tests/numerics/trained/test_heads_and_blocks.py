"""Heads of SA's form, hypotheses, and one block again and again."""

from dataclasses import replace

import numpy as np
import pytest

from numerics import compile_model, sphere
from numerics.trained import (
    HYPOTHESES,
    IterationOutcome,
    consensus_modes,
    head_form,
    iterate_block,
    layer_hypotheses,
    nearest_step,
)
from numerics.trained.hypotheses import hemisphere_margin
from tests.numerics.trained.conftest import HEADS, as_network
from theory import SA

NUMBERS = [3, 7, 7, 1, 29, 0, 12]


def sa_network(network, beta, step, scale=1.0):
    """A network whose first layer is a step of SA: one head, no biases, no neurons, plain norms."""
    layer, d = network.layers[0], network.dimension
    eye = np.eye(d)[None]
    nothing = np.zeros((1, d, 1))
    plain = replace(
        layer,
        query=scale * beta * np.sqrt(d) * eye,
        key=eye,
        value=eye,
        output=step * eye,
        query_bias=nothing,
        key_bias=nothing,
        attention_constant=0 * layer.attention_constant,
        down=0 * layer.down,
        neurons_constant=0 * layer.neurons_constant,
        gains=np.ones_like(layer.gains),
        shifts=0 * layer.shifts,
    )
    return replace(network, layers=(plain,), _fields={})


def test_head_of_sa_is_recognised(network):
    """β of either sign, R² = 1 on unit rows; a head of noise has none."""
    x = sphere.random_points(9, 12, 0)
    for beta in (2.5, -1.5):
        form = head_form(sa_network(network, beta, 0.1), 0, x)
        assert form.beta[0] == pytest.approx(beta, rel=1e-9)
        assert form.r_squared[0] == pytest.approx(1, abs=1e-12)
    noisy = head_form(network, 0, x)
    assert noisy.beta.shape == (HEADS,)
    assert np.isnan(noisy.beta[noisy.r_squared < 0.1]).all()


def test_diagonal_is_in_the_regression(network):
    """Least squares by hand, diagonal included, rows centred."""
    x = network.embed(NUMBERS)
    form = head_form(network, 0, x)
    layer = network.layers[0]
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    gram = unit @ unit.T
    for h in range(HEADS):
        scores = (
            (x @ layer.query[h].T + layer.query_bias[h].T)
            @ (x @ layer.key[h].T + layer.key_bias[h].T).T
            / np.sqrt(4)
        )
        # one slope, an intercept a row
        rows = np.kron(np.eye(7), np.ones((7, 1)))
        design = np.column_stack([gram.ravel(), rows])
        fit, *_ = np.linalg.lstsq(design, scores.ravel(), rcond=None)
        left = ((design @ fit - scores.ravel()) ** 2).sum()
        around = ((scores - scores.mean(1, keepdims=True)) ** 2).sum()
        assert form.r_squared[h] == pytest.approx(1 - left / around, abs=1e-10)
        if form.r_squared[h] >= 0.1:
            assert form.beta[h] == pytest.approx(fit[0], rel=1e-8)


def test_causal_attention_is_seen(tensors):
    """No weight on tokens behind under a mask."""
    x = as_network(tensors).embed(NUMBERS)
    assert head_form(as_network(tensors, causal=True), 0, x).upper == 0
    assert 0.1 < head_form(as_network(tensors), 0, x).upper < 0.9


@pytest.mark.slow
def test_nearest_step():
    """A step of SA is found, its distance 0; noise is far; standing still has none."""
    x = sphere.random_points(12, 4, 3)
    velocity = compile_model(SA, beta=3.0)(x)
    found = nearest_step(x, x + 0.2 * np.asarray(velocity))
    assert found.distance < 1e-8
    assert found.eta == pytest.approx(0.2, rel=1e-3)
    assert found.beta == pytest.approx(3.0, rel=1e-3)
    far = nearest_step(x, sphere.random_points(12, 4, 4))
    assert 0.5 < far.distance <= 1
    assert np.isnan(nearest_step(x, 2 * x).distance)


def test_hypotheses_of_a_step_of_sa(network):
    """All that concern the weights are met by SA, and each is missed where it is broken."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((7, 12)) * 0.2 + 1
    x -= x.mean(axis=1, keepdims=True)
    x += 0.5 * np.r_[np.ones(6), -np.ones(6)]
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    found = layer_hypotheses(sa_network(network, 2.0, 0.1), 0, x)
    assert found.failing("Theorem 6.3") == ()
    assert found.failing("Lemma 6.4") == ()
    assert found.failing("Theorem 4.1 (2411.04990)") == ("causal mask",)
    back = layer_hypotheses(sa_network(network, 2.0, -0.1), 0, x)
    assert back.failing("Theorem 6.3") == ("c > 0",)
    real = layer_hypotheses(network, 0, network.embed(NUMBERS))
    assert {"V = cI", "one head", "no neurons"} <= set(real.failing("Lemma 6.4"))
    assert set(real.residuals) == {one.name for one in HYPOTHESES}


def test_hemisphere():
    """The margin is the height of the lowest token over the best plane."""
    assert hemisphere_margin(np.eye(3)) == pytest.approx(1 / np.sqrt(3), abs=1e-9)
    around = np.array([[1.0, 0], [-0.5, np.sqrt(3) / 2], [-0.5, -np.sqrt(3) / 2]])
    assert hemisphere_margin(around) == 0
    assert hemisphere_margin(np.array([[1.0, 0], [-1.0, 0]])) == 0


def test_modes_at_consensus(network, tensors):
    """The matrix of the differences is the derivative of the compiled layer, by differences."""
    for one in (network, as_network(tensors, scheme="pre-LN")):
        token = one.embed([5])[0]
        matrix = consensus_modes(one, 1, token)
        spread = np.random.default_rng(0).standard_normal((6, 12))
        spread -= spread.mean(axis=0)
        step, layer = 1e-6, one.layer(1)
        found = (layer(token + step * spread) - layer(token - step * spread)) / (2 * step)
        assert np.abs(np.asarray(found) - spread @ matrix.T).max() < 1e-7 * np.abs(found).max()
    with pytest.raises(ValueError, match="causal"):
        consensus_modes(as_network(tensors, causal=True), 0, token)


def test_consensus_at_the_predicted_rate(network):
    """Tokens of a gentle block meet, at -log ρ of the modes."""
    layer = network.layers[0]
    calm = replace(
        layer,
        down=0.05 * layer.down,
        query=0.2 * layer.query,
        gains=np.ones_like(layer.gains),
        shifts=3 * layer.shifts,
        value=0.05 * layer.value,
    )
    calm_network = replace(network, layers=(calm,), _fields={})
    run = iterate_block(calm_network, 0, network.embed(NUMBERS), steps=400)
    assert run.outcome is IterationOutcome.CONSENSUS
    assert run.measured_rate == pytest.approx(run.predicted_rate, rel=0.05)
    assert run.mean_product[-1] == pytest.approx(1)
    assert len(run.spread) == run.steps + 1


def test_other_outcomes(network):
    """One step isn't enough; tokens apart may rest."""
    run = iterate_block(network, 0, network.embed(NUMBERS), steps=1)
    assert run.outcome is IterationOutcome.NONE
    assert np.isnan(run.predicted_rate)
    assert "more steps" in run.outcome.message
    still = sa_network(network, 1.0, 0.0)
    x = np.asarray(still.layer(0)(network.embed(NUMBERS)))
    rest = iterate_block(still, 0, x, steps=20)
    assert rest.outcome is IterationOutcome.FIXED_POINT
    with pytest.raises(ValueError, match="steps"):
        iterate_block(network, 0, x, steps=0)
