"""Spectra across consensus of maps in maps, against differences of the compiled layer."""

import numpy as np
import pytest
from sympy import MatrixSymbol, Rational, S, sin, tanh

from numerics import compile_model, sphere
from theory.atoms import RowNormalize, RowSoftmax, Tangent
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
from theory.norms import LayerNorm
from theory.symbols import X, beta, d, eta, k, m, n, width, z

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


GAIN = MatrixSymbol("g", d, 1)
NEURONS = perceptron(sin)
NORMED = LayerNorm(X, GAIN, None, Rational(1, 9))
FULL = RowSoftmax(beta * X * X.T, m)
FIELDS = {
    "neurons": NEURONS.velocity.xreplace({X: NORMED}) + FULL * X,
    "normalised": RowNormalize(NEURONS.velocity.xreplace({X: X + FULL * NORMED})),
}
FLOWS = {
    name: Model(name, Tangent(X, field), parameters=(beta, *NEURONS.parameters, GAIN))
    for name, field in FIELDS.items()
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


def across(model, spectrum, values, point, direction):
    """Evaluator at a point and a direction, and differences of order six along motions of sum 0."""
    sizes = {d: len(point), k: 2, width: 5}
    entries = {s: value.tolist() for s, value in values.items() if np.ndim(value)}
    entries |= {POINT: point[:, None].tolist(), DIRECTION: direction[:, None].tolist()}
    numbers = {s: value for s, value in values.items() if not np.ndim(value)}
    compiled = compile_model(model, **{str(s): value for s, value in values.items()})

    def slope(weights, step=1e-3):
        def at(size):
            points = point + size * step * np.outer(weights, direction)
            return compiled(sphere.project(points) if model.space == "sphere" else points)

        ahead = [at(j) - at(-j) for j in (1, 2, 3)]
        return (45 * ahead[0] - 9 * ahead[1] + ahead[2]) / (60 * step)

    return put_in(spectrum, entries, numbers, sizes), compiled, slope


@pytest.mark.every(5, kept="slow", rest="full")
@pytest.mark.parametrize("name", [*LAYERS, *FLOWS])
@pytest.mark.parametrize("seed", [1, 2])
def test_across_layers_of_transformers(name, seed):
    """The chain rule against central differences of the compiled layer."""
    model, rng = {**LAYERS, **FLOWS}[name], np.random.default_rng(seed)
    count, dimension = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    values = drawn(model, rng, {d: dimension, k: 2, width: 5})
    point, direction = rng.normal(size=(2, dimension))
    tangent = np.eye(dimension)
    if model.space == "sphere":
        point /= np.linalg.norm(point)
        tangent -= np.outer(point, point)
        direction = tangent @ direction
    spectrum = consensus(model)
    at, compiled, slope = across(model, spectrum, values, point, direction)
    ((operator, copies),) = spectrum.operators
    ((_, step),) = spectrum.moving
    assert copies == n - 1 and spectrum.multipliers == (model.kind == "map")
    start = point if model.kind == "map" else 0
    assert spectrum.residual != 0
    assert np.allclose(compiled(np.tile(point, (count, 1))), start + np.ravel(at(step)), atol=1e-10)
    weights = rng.normal(size=count)
    weights -= weights.mean()
    expected = np.outer(weights, tangent @ np.ravel(at(operator)))
    assert np.linalg.norm(expected) > 1e-3
    assert np.allclose(slope(weights) @ tangent, expected, rtol=1e-6, atol=1e-6)
    assert not np.allclose(slope(1 + weights) @ tangent, expected, rtol=1e-2, atol=1e-2)


@pytest.mark.slow
def test_attention_alone_leaves_differences_as_they_are():
    """Its weights are equal where tokens are, and sums of differences are 0."""
    found = consensus(residual(compose(RMS, attention(), RMS, attention())))
    assert found.eigenvalues == ((1, d * (n - 1)),) and not found.operators
    assert found.multipliers and found.moving


@pytest.mark.slow
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
