"""(2.1)-(2.2): twins of our own, and layers that NumPy makes."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import OneMatrix, cosh, tanh
from sympy.matrices.expressions.hadamard import HadamardProduct

from numerics.compile import compile_model
from proofs_checks.paper.section_2.eq_2_1_2_2_residual_layer import EULER_STEP, RESIDUAL_LAYER
from proofs_checks.proof import Flow
from theory.atoms import Elementwise
from theory.layers import residual_layer
from theory.symbols import X, d, eta, n, width, z

SQUARE, WIDE = RESIDUAL_LAYER.model
SAID = RESIDUAL_LAYER.prediction
W, A, B = SQUARE.parameters[1:]


def layers(change):
    """Return the claim with another layer of matrices d × d."""
    velocity = change(SQUARE.velocity - X, SAID[0].field)
    return replace(RESIDUAL_LAYER, model=(replace(SQUARE, velocity=velocity), WIDE))


def predicted(**fields):
    """Return the claim that says something else of the layer of any width."""
    return replace(RESIDUAL_LAYER, prediction=(SAID[0], replace(SAID[1], **fields)))


def without_shift(model):
    w, a = model.parameters[1:3]
    return Elementwise(tanh, X * a.T) * w.T


TWINS = {
    "layer with half the step": layers(lambda step, field: X + step / 2),
    "layer with a step h²": layers(lambda step, field: X + eta * step),
    "field without the shift": predicted(field=without_shift(WIDE)),
    "a and its transpose": layers(lambda step, field: X + step.xreplace({A.T: A})),
    "w and its transpose": layers(lambda step, field: X + step.xreplace({W.T: W})),
    "σ before a": layers(
        lambda step, field: X + eta * (Elementwise(tanh, X) * A.T + OneMatrix(n, 1) * B.T) * W.T
    ),
    "each component by its own weights": layers(
        lambda step, field: X + eta * HadamardProduct(OneMatrix(n, 1) * B.T, Elementwise(tanh, X))
    ),
    "order two of any width": predicted(order=2),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_a_layer_in_numpy_mixes_components():
    rng = np.random.default_rng(2)
    tokens, dim, rows, step = 7, 3, 5, 0.2
    x, a, w = (rng.normal(size=s) for s in ((tokens, dim), (rows, dim), (dim, rows)))
    b = rng.normal(size=(rows, 1))
    made = compile_model(residual_layer(width), eta=step, w=w, a=a, b=b)(x)
    known = np.array([token + step * w @ np.tanh(a @ token + b[:, 0]) for token in x])
    assert made == pytest.approx(known, abs=1e-13)
    # One component moves all: the derivative of the field isn't diagonal.
    moved = x.copy()
    moved[:, 0] += 0.5
    change = compile_model(residual_layer(width), eta=step, w=w, a=a, b=b)(moved) - made
    assert np.abs(change[:, 1:]).max() > 1e-2


def test_an_activation_of_unknown_slope_leaves_a_gap():
    steep = residual_layer(d, cosh)
    field = Elementwise(cosh(z), (X * A.T + OneMatrix(n, 1) * B.T)) * W.T
    sheet = EULER_STEP.decide(Flow.of(steep), replace(SAID[0], layer=X + field, field=field))
    first = sheet.missing[0]
    assert first.outcome.value == "gap" and "σ'" in first.text
