"""Layers and almost every start: inequalities of the proof in numpy, runs, and hostile layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.own_model.layers_settle import OF_SETTLING, derive_settling
from proofs_checks.proof import Flow
from theory.atoms import RowNormalize, RowSoftmax
from theory.masks import Mask
from theory.models import catalogue
from theory.symbols import X, beta, eta, m

LAYER = catalogue("discrete layer")


def drawn(rng: Any, size: int, width: int) -> Any:
    x = rng.normal(size=(size, width))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.mark.parametrize(("heat", "step"), [(1.0, 0.9), (3.0, 0.3), (2.0, 5.0)])
def test_energy_climbs_by_the_step_times_the_gradient(heat: float, step: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        x, mass = drawn(rng, 4, 3), rng.dirichlet(np.full(4, 3.0))
        k = mass * np.exp(heat * x @ x.T)
        sums = k.sum(axis=1)
        pull = k @ x / sums[:, None]
        moved = x + step * pull
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        across = pull - (pull * x).sum(axis=1, keepdims=True) * x
        size, long = np.linalg.norm(moved - x, axis=1), np.linalg.norm(across, axis=1)
        own = 0.5 / heat * mass @ (k.sum(axis=1))
        then = 0.5 / heat * mass @ (mass * np.exp(heat * moved @ moved.T)).sum(axis=1)
        assert then - own >= 0.5 * (mass * sums * long * size).sum() - 1e-12
        assert (size >= step * long / (1 + step) - 1e-12).all()


def test_multipliers_at_critical_points_are_positive() -> None:
    """At p tokens at u and q at -u the differences of a layer have eigenvalues above 0."""
    for heat, step, towards in ((1.0, 0.9, 2), (0.5, 0.5, 1), (2.0, 0.9, 2)):
        signs = np.where(np.arange(4) < towards, 1.0, -1.0)
        field = compile_model(LAYER, beta=heat, eta=step)

        def turned(angles: Any, field: Any = field, signs: Any = signs) -> Any:
            x = signs[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            y = field.unchecked(x) * signs[:, None]
            return np.arctan2(y[:, 1], y[:, 0])

        slopes = np.array([(turned(e) - turned(-e)) / 2e-5 for e in 1e-5 * np.eye(4)])
        modes = np.linalg.eigvals(slopes)
        assert abs(modes.imag).max() < 1e-6 and modes.real.min() > 0 and modes.real.max() > 1


def test_starts_meet() -> None:
    rng = np.random.default_rng(3)
    for width in (2, 3):
        field = compile_model(LAYER, beta=1.0, eta=0.9)
        x = np.stack([drawn(rng, 4, width) for _ in range(30)])
        for _ in range(1500):
            x = field.unchecked(x)
        assert (x @ np.swapaxes(x, 1, 2)).min() > 1 - 1e-6


def layer(field: Any) -> Flow:
    return Flow.of(replace(LAYER, name="twin", velocity=RowNormalize(field), energy=None))


SOFTMAX = RowSoftmax(beta * X * X.T, m)


@pytest.mark.parametrize(
    "flow",
    [
        layer(X - eta * SOFTMAX * X),
        layer(X + eta * RowSoftmax(-beta * X * X.T, m) * X),
        layer(X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.band(1)) * X),
        layer(X + eta * RowSoftmax(2 * beta * X * X.T, m) * X),
        Flow.of(LAYER, beta=-1),
        Flow.of(LAYER, beta=0, eta=3),
        Flow.of(catalogue("SA")),
    ],
    ids=["pushed", "below zero", "window", "of 2β", "β = -1", "η = 3, β = 0", "a flow"],
)
def test_hostile_layers_are_not_read(flow: Flow) -> None:
    """At β = 0 the two of another sign or share are the layer itself."""
    read = {row for row in OF_SETTLING if derive_settling(row, flow) is not None}
    assert read <= {"Theorem 4.1"}
    assert not read or (set(flow.model.parameters) == {beta, eta} and not flow.given)


@pytest.mark.slow
def test_the_rows() -> None:
    found = check_model(LAYER, only=list(OF_SETTLING))
    words = {row.name: row.evidence.word for row in found.rows}
    assert words.pop("circle") == "CERTIFIED" and set(words.values()) == {"PROVED"}
    assert found["Theorem 4.1"].scope["eta"] == "eta < 1"
    assert "(N)" in found["Theorem 6.1"].scope["eta"]
    assert "eta" not in check_model(LAYER, only="Theorem 6.1", eta=0.5)["Theorem 6.1"].sentence
