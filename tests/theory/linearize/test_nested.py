"""Spectra across consensus of maps in maps, against differences of the compiled layer."""

import numpy as np
import pytest
from sympy import MatrixSymbol, Rational, S, sin, tanh

from numerics import compile_model
from theory.atoms import RowNormalize
from theory.derivations import Obstruction
from theory.engines import DIRECTION, POINT, Evaluator
from theory.linearize import consensus
from theory.models import Model
from theory.models.transformer import (
    PARALLEL_BLOCK,
    POST_LN_LAYER,
    PRE_LN_LAYER,
    attention,
    compose,
    numbered,
    perceptron,
    residual,
    rms_norm,
    transformer_layer,
)
from theory.symbols import X, d, eta, k, n, width, z

RMS = rms_norm(MatrixSymbol("g", d, 1), eps=Rational(1, 7))
LAYERS = {
    "pre-LN": PRE_LN_LAYER,
    "post-LN": POST_LN_LAYER,
    "parallel": PARALLEL_BLOCK,
    "heads": transformer_layer("pre-LN", heads=2, activation=tanh),
    "RMS": residual(compose(RMS, residual(perceptron(sin), eta), RMS, residual(attention()))),
    "two layers": compose(PRE_LN_LAYER, numbered(transformer_layer("post-LN", eps=1), 2)),
    "deep": compose(perceptron(sin), numbered(residual(perceptron(tanh)), 2), RMS),
}


def drawn(model, rng, sizes):
    """Values for the parameters of a model."""
    return {
        p: rng.normal(size=[int(S(side).subs(sizes)) for side in p.shape])
        if isinstance(p, MatrixSymbol)
        else float(rng.uniform(0.4, 1.6))
        for p in model.parameters
    }


def put_in(spectrum, entries, numbers, sizes):
    """Evaluator with what the named columns and scalars stand for, one after another."""

    def scalar(expr):
        return float(S(expr).subs(numbers))

    def applied(body, value):
        return float(body.subs(numbers).subs(z, value))

    numbers = {**numbers, d: sizes[d]}
    at = Evaluator(entries, sizes, scalar, applied)
    for symbol, expr in spectrum.scalars:
        if isinstance(symbol, MatrixSymbol):
            at = at.with_value(symbol, at(expr))
        else:
            numbers[symbol] = at(expr)[0][0] if hasattr(expr, "shape") else scalar(expr)
    return at


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_across_layers_of_transformers(name, seed):
    """The chain rule against central differences of the compiled layer."""
    model, rng = LAYERS[name], np.random.default_rng(seed)
    count, dimension = int(rng.integers(2, 5)), int(rng.integers(2, 6))
    sizes = {d: dimension, k: 2, width: 5, n: count}
    values = drawn(model, rng, sizes)
    point, direction = rng.normal(size=(2, dimension))
    spectrum = consensus(model)
    entries = {s: value.tolist() for s, value in values.items() if np.ndim(value)}
    entries |= {POINT: point[:, None].tolist(), DIRECTION: direction[:, None].tolist()}
    numbers = {s: value for s, value in values.items() if not np.ndim(value)}
    at = put_in(spectrum, entries, numbers, sizes)
    ((operator, copies),) = spectrum.operators
    ((_, step),) = spectrum.moving
    assert copies == n - 1 and spectrum.multipliers and spectrum.residual != 0
    layer = compile_model(model, **{str(s): value for s, value in values.items()})
    base = np.tile(point, (count, 1))
    assert np.allclose(layer(base), base + np.ravel(at(step)), atol=1e-10)
    weights = rng.normal(size=count)
    weights -= weights.mean()
    motion = 1e-4 * np.outer(weights, direction)
    ahead = [layer(base + j * motion) - layer(base - j * motion) for j in (1, 2, 3)]
    image = (45 * ahead[0] - 9 * ahead[1] + ahead[2]) / (60 * 1e-4)
    expected = np.outer(weights, np.ravel(at(operator)))
    assert np.linalg.norm(expected) > 1e-3
    assert np.allclose(image, expected, rtol=1e-6, atol=1e-6)


def test_attention_alone_leaves_differences_as_they_are():
    """Its weights are equal where tokens are, and sums of differences are 0."""
    found = consensus(residual(compose(RMS, attention(), RMS, attention())))
    assert found.eigenvalues == ((1, d * (n - 1)),) and not found.operators
    assert found.multipliers and found.moving


def test_a_product_stays_one():
    """Two layers are as long as one and one: slopes are factors, not multiplied out."""
    lengths = [
        len(str(consensus(LAYERS[name]).operators[0][0])) for name in ("pre-LN", "two layers")
    ]
    assert lengths[1] < 4 * lengths[0]


def test_maps_in_maps_that_rest_are_no_obstruction():
    """Names of inner values hide that consensus rests, so that nothing is said of it."""
    output = RowNormalize(RowNormalize(RowNormalize(RowNormalize(X))))
    with pytest.raises(ValueError, match="where consensus rests") as raised:
        consensus(Model("again and again", output, kind="map"))
    assert not isinstance(raised.value, Obstruction)
