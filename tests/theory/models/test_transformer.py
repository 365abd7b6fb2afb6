"""Layers of transformers: against code of their own, and how they are put together."""

import numpy as np
import pytest
from scipy.special import expit, ndtr
from sympy import MatrixSymbol, Rational, Symbol, tanh

from numerics import compile_model, integrate
from theory import Mask, Model
from theory.activations import GELU, SILU
from theory.atoms import RowNormalize
from theory.derivations import is_permutation_equivariant, is_rotation_equivariant
from theory.layers import (
    DISCRETE_SA,
    MLP_BLOCK,
    PARALLEL_BLOCK,
    POST_LN_LAYER,
    PRE_LN_LAYER,
    attention,
    compose,
    feed_forward,
    layer_norm,
    multi_head,
    numbered,
    parallel,
    perceptron,
    residual,
    rms_norm,
    transformer_layer,
)
from theory.models import SA
from theory.norms import LayerNorm
from theory.symbols import X, beta, d, eta

RNG = np.random.default_rng(3)
SHAPES = {
    **{name: (4, 1) for name in ("g_1", "c_1", "g_2", "c_2")},
    **{name: (3, 4) for name in ("Q_1", "K_1", "Q_2", "K_2")},
    **{name: (4, 4) for name in ("V_1", "V_2")},
    **{"w": (4, 6), "a": (6, 4), "b": (6, 1)},
}
VALUES = {"beta": 1.3, **{name: RNG.normal(size=shape) for name, shape in SHAPES.items()}}
TOKENS = RNG.normal(size=(2, 5, 4))


def run(model, points=TOKENS):
    values = {str(p): VALUES[str(p)] for p in model.parameters}
    return compile_model(model, **values)(points)


def norm(x, number):
    y = x - x.mean(axis=-1, keepdims=True)
    root = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    return VALUES[f"g_{number}"].T * y / root + VALUES[f"c_{number}"].T


def attend(x, mask=None, heads=(1,)):
    total = 0.0
    for h in heads:
        query, key, value = (VALUES[f"{name}_{h}"] for name in "QKV")
        weights = np.exp(1.3 * (x @ query.T) @ (x @ key.T).swapaxes(-1, -2))
        weights = weights if mask is None else weights * mask
        total = total + weights / weights.sum(axis=-1, keepdims=True) @ x @ value.T
    return total


def gelu(u):
    return u * ndtr(u)


def think(x, sigma=gelu):
    return sigma(x @ VALUES["a"].T + VALUES["b"].T) @ VALUES["w"].T


def test_layers_are_what_transformers_compute():
    x = TOKENS
    y = x + attend(norm(x, 1))
    assert np.allclose(run(PRE_LN_LAYER), y + think(norm(y, 2)), atol=1e-13)
    y = norm(x + attend(x), 1)
    assert np.allclose(run(POST_LN_LAYER), norm(y + think(y), 2), atol=1e-13)
    y = norm(x, 1)
    assert np.allclose(run(PARALLEL_BLOCK), x + attend(y) + think(y), atol=1e-13)


@pytest.mark.parametrize(
    ("activation", "sigma"),
    [(GELU, gelu), (SILU, lambda u: u * expit(u)), (tanh, np.tanh)],
    ids=["GELU", "SiLU", "tanh"],
)
def test_activations(activation, sigma):
    assert np.allclose(run(perceptron(activation)), think(TOKENS, sigma), atol=1e-14)
    far = run(perceptron(activation), 1e4 * TOKENS)
    assert np.allclose(far, think(1e4 * TOKENS, sigma), rtol=1e-12)


def test_masks_and_heads():
    seen = np.tril(np.ones((5, 5)))
    masked = transformer_layer("pre-LN", heads=2, mask=Mask.causal(), activation=SILU)
    y = TOKENS + attend(norm(TOKENS, 1), seen, (1, 2))
    truth = y + think(norm(y, 2), lambda u: u * expit(u))
    assert np.allclose(run(masked), truth, atol=1e-13)
    assert multi_head(2).velocity.field == attention(2).velocity


def test_the_block_of_neurons_is_that_of_the_paper():
    x = TOKENS / np.linalg.norm(TOKENS, axis=-1, keepdims=True)
    weights = np.exp(1.3 * x @ x.swapaxes(-1, -2))
    pull = weights / weights.sum(axis=-1, keepdims=True) @ x + think(x)
    pull -= (pull * x).sum(axis=-1, keepdims=True) * x
    assert np.allclose(run(MLP_BLOCK, x), pull, atol=1e-13)
    assert feed_forward(1, GELU).velocity.field.args[0] == MLP_BLOCK.velocity.field.args[0]


def test_stacks_have_matrices_of_their_own():
    first, second = numbered(residual(perceptron()), 1), numbered(residual(perceptron()), 2)
    stack = compose(first, second)
    assert [str(p) for p in stack.parameters] == ["w_1", "a_1", "b_1", "w_2", "a_2", "b_2"]
    twice = {str(p): VALUES[str(p)[0]] for p in stack.parameters}
    y = TOKENS + think(TOKENS)
    assert np.allclose(compile_model(stack, **twice)(TOKENS), y + think(y), atol=1e-12)
    layer = compile_model(residual(perceptron()), **{name: VALUES[name] for name in "wab"})
    assert np.allclose(integrate(layer, TOKENS[0], 2).points[-1], (y + think(y))[0], atol=1e-12)


def test_steps_and_sums():
    half = residual(parallel(perceptron(), rms_norm()), eta)
    assert half.parameters[-1] == eta and half.kind == "map"
    values = {name: VALUES[name] for name in "wab"}
    root = np.sqrt((TOKENS**2).mean(axis=-1, keepdims=True) + 1e-5)
    truth = TOKENS + 0.25 * (think(TOKENS) + TOKENS / root)
    assert np.allclose(compile_model(half, eta=0.25, **values)(TOKENS), truth, atol=1e-14)
    spheres = compose(DISCRETE_SA, DISCRETE_SA)
    assert spheres.space == "sphere" and isinstance(spheres.velocity, RowNormalize)
    assert spheres.parameters == (beta, eta)


@pytest.mark.slow
def test_norms_and_their_entries():
    gain, bias = MatrixSymbol("g", d, 1), MatrixSymbol("c", d, 1)
    eps = Symbol("epsilon", positive=True)
    made = layer_norm(gain, bias, eps)
    assert made.parameters == (gain, bias, eps)
    values = {"g": RNG.normal(size=(4, 1)), "c": RNG.normal(size=(4, 1)), "epsilon": 0.3}
    y = TOKENS - TOKENS.mean(axis=-1, keepdims=True)
    truth = y / np.sqrt(TOKENS.var(axis=-1, keepdims=True) + 0.3) * values["g"].T + values["c"].T
    assert np.allclose(compile_model(made, **values)(TOKENS), truth, atol=1e-14)
    entry = LayerNorm(MatrixSymbol("A", 2, 3), eps=Rational(1, 7)).as_explicit()
    plain = LayerNorm(MatrixSymbol("A", 2, 3), eps=Rational(1, 7)).elementary().as_explicit()
    at = {MatrixSymbol("A", 2, 3)[i, j]: Rational(i + 2, j + 1) for i in (0, 1) for j in range(3)}
    assert (entry - plain).subs(at).evalf().norm() < 1e-12
    assert entry.subs(at).row(0).dot([1, 1, 1]).evalf() < 1e-12


def test_symmetries_of_norms():
    for made, turns in ((layer_norm(), False), (rms_norm(), True)):
        assert is_permutation_equivariant(made).proved
        assert is_rotation_equivariant(made).proved is turns
    for layer in (PRE_LN_LAYER, POST_LN_LAYER, PARALLEL_BLOCK, MLP_BLOCK):
        assert is_permutation_equivariant(layer).proved
        assert not is_rotation_equivariant(layer).proved
    gained = rms_norm(MatrixSymbol("g", d, 1))
    assert not is_rotation_equivariant(gained).proved


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: compose(), "Expected layers but got none"),
        (lambda: compose(SA), "Expected maps of the tokens alone but got SA, a flow"),
        (lambda: compose(DISCRETE_SA, perceptron()), "Expected layers of one space"),
        (lambda: parallel(DISCRETE_SA), "Expected euclidean layers"),
        (lambda: residual(DISCRETE_SA), "Expected euclidean layers"),
        (lambda: layer_norm(X), r"Expected gain of shape \(d, 1\)"),
        (lambda: layer_norm(None, X), r"Expected bias of shape \(d, 1\)"),
        (lambda: layer_norm(eps=0), "Expected eps > 0 but got eps=0"),
        (lambda: transformer_layer("peri"), "Expected scheme one of"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_parts_that_are_shared_are_evaluated_once():
    source = compile_model(
        PRE_LN_LAYER, **{str(p): VALUES[str(p)] for p in PRE_LN_LAYER.parameters}
    ).source
    assert source.count("row_softmax(") == 1 and source.count("layer_norm(") == 2
    assert str(Model("two", X, space="euclidean", kind="map")) == "two: X <- X"
