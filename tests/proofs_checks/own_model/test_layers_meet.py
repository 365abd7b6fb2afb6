"""Layers on hemispheres, beside compiled ones, and layers that aren't of this form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import OneMatrix, Symbol

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.layers_meet import OF_LAYERS, derive_layer
from proofs_checks.proof import Flow
from theory.atoms import RowNormalize, RowSoftmax
from theory.masks import Mask
from theory.models import catalogue
from theory.symbols import X, beta, eta, m, n

LAYER = catalogue("discrete layer")
SOFTMAX = RowSoftmax(beta * X * X.T, m)


def _diameter(points):
    y = points / points[:, :1]
    return np.linalg.norm(y[:, None] - y[None], axis=2).max()


@pytest.mark.parametrize(("heat", "step"), [(0.0, 0.3), (1.0, 2.0), (2.5, 40.0), (0.2, 1e-2)])
def test_diameters_fall_by_the_factor_at_least(heat, step):
    """D+ <= (1 - h η e^(-2β)/(1+η)) D, heights never fall; at β = 0 near it for small h."""
    rng = np.random.default_rng(1)
    share = float(derive_layer(Flow.of(LAYER)).share.subs({beta: heat, eta: step}))
    for _ in range(10):
        masses = rng.uniform(0.01, 1, 5)
        field = compile_model(LAYER, beta=heat, eta=step, masses=masses)
        x = rng.normal(size=(5, 3))
        x[:, 0] = np.abs(x[:, 0]) + 0.05
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        for _ in range(6):
            low, before = x[:, 0].min(), _diameter(x)
            x = field.unchecked(x)
            assert x[:, 0].min() >= low - 1e-12
            assert _diameter(x) <= before * (1 - low * share) + 1e-12


def _layer(field, **more):
    return replace(LAYER, name="twin", velocity=RowNormalize(field), energy=None, **more)


@pytest.mark.parametrize(
    "field",
    [
        X - eta * SOFTMAX * X,  # away from the mean
        -X + eta * SOFTMAX * X,
        X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.band(0)) * X,
        X + eta * RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X,
        X + (eta - 1) * SOFTMAX * X,
    ],
    ids=["pushed", "turned", "alone", "counted", "of any sign"],
)
def test_hostile_layers_are_not_read(field):
    flow = Flow.of(_layer(field))
    assert derive_layer(flow) is None
    for row in OF_LAYERS.values():
        assert row.ask(flow).verdict is not Verdict.PROVED


def test_flows_and_other_maps_are_not_read():
    for name in ("SA", "parallel block", "pre-LN layer", "pre-LN"):
        assert derive_layer(Flow.of(catalogue(name))) is None
    assert str(derive_layer(Flow.of(LAYER, beta=-1, eta=3)).share) == "3*exp(-2)/4"
    assert derive_layer(Flow.of(LAYER, eta=-1)) is None


@pytest.mark.slow
def test_rows():
    report = check_model(LAYER, only=list(OF_LAYERS))
    assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}
    assert all(row.evidence.sheet.holds for row in report.rows)
    assert "eta*exp(-2*beta)/(eta + 1)" in report["Lemma 6.4"].sentence


def test_flows_with_and_without_sums_are_not_asked_of_layers():
    evidence = check_model(LAYER, only="(3.3)")["(3.3)"]
    assert not evidence.applies and evidence.detail == "a map, not a flow"


@pytest.mark.parametrize(
    ("step", "read"),
    [(Symbol("c"), True), (Symbol("c", positive=True), True), (Symbol("c", real=True), False)],
)
def test_a_step_that_is_declared_of_either_sign_is_not_read(step, read):
    layer = catalogue("discrete layer")
    put = layer.velocity.xreplace({eta: step})
    own = tuple(step if a == eta else a for a in layer.parameters)
    assert (derive_layer(Flow.of(replace(layer, velocity=put, parameters=own))) is not None) is read
