"""Energies that models state: gradients in a metric, against differences, and twins without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import MatrixSymbol, Rational, exp
from sympy.matrices.expressions import HadamardProduct

from proofs_checks import evaluate
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    Refusal,
    Theorem,
    as_sheet,
    dissipating,
    in_metric,
    in_metric_growing,
    replayed,
)
from proofs_checks.theorems.stated import pairs_of
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import anchor_energy, interaction_energy
from theory.models import QKV, SYMMETRIC_QKV, USA, catalogue
from theory.symbols import V, X, beta, d, m, t, z
from theory.terms import Index, Inner, Item, Row

HELD = HadamardProduct(m, Elementwise(exp(beta * z), X * V * X.T) * m)


def _said(model: Any, metric: Any = HELD, even: Any = frozenset({V})) -> Any:
    return in_metric(Subject.of(model), model.energy, metric, even)


def test_the_differential_by_differences() -> None:
    """dE(X)[Y] = Σ g_i <v_i, Y_i>, g_i = m_i Z_i, of a symmetric V and of any tangent Y."""
    rng = np.random.default_rng(5)
    for _ in range(10):
        heat, value = rng.uniform(-2, 2), rng.normal(size=(3, 3))
        value += value.T
        x, masses = rng.normal(size=(4, 3)), rng.uniform(0.1, 1, 4)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        w = np.exp(heat * x @ value @ x.T) * masses
        v = (w / w.sum(axis=1, keepdims=True)) @ x @ value
        v -= (v * x).sum(axis=1, keepdims=True) * x
        move = rng.normal(size=x.shape)
        move -= (move * x).sum(axis=1, keepdims=True) * x
        ends = []
        for step in (1e-6, -1e-6):
            y = x + step * move
            y /= np.linalg.norm(y, axis=1, keepdims=True)
            ends.append(masses @ np.exp(heat * y @ value @ y.T) @ masses / (2 * heat))
        claimed = (masses * w.sum(axis=1) * (v * move).sum(axis=1)).sum()
        assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(claimed, rel=1e-5, abs=1e-7)
    own = _said(SYMMETRIC_QKV)
    assert isinstance(replayed(own.found), Theorem)
    sheet = as_sheet(own.says, own.found, own.names)
    assert sheet.holds and "V is symmetric" in sheet.heading["given"]
    assert "; and X is a smooth curve" in sheet.heading["claim"]


def test_symmetry_is_a_hypothesis_of_the_claim() -> None:
    own = _said(SYMMETRIC_QKV, even=frozenset())
    sheet = as_sheet(own.says, own.found)
    assert not sheet.holds and "V is symmetric" in str(sheet.missing[0])


def test_twins_are_no_gradients() -> None:
    """Another metric, another energy, another value matrix, and scores that aren't symmetric."""
    own = SYMMETRIC_QKV
    other = MatrixSymbol("U", d, d)
    turned = Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X * other.T)
    twins = (
        _said(own, metric=m),
        _said(own, metric=2 * HELD),
        _said(replace(own, energy=interaction_energy(exp(beta * z) / beta))),
        _said(replace(own, energy=interaction_energy(exp(2 * beta * z) / beta, V))),
        _said(replace(own, velocity=turned, parameters=(*own.parameters, other))),
        _said(replace(own, velocity=Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X))),
        in_metric(Subject.of(QKV), own.energy, HELD, frozenset({V})),
        _said(replace(USA, velocity=-USA.velocity), metric=-m),
    )
    for twin in twins:
        assert isinstance(twin, Refusal) or isinstance(twin.found, Refusal)


@pytest.mark.parametrize("sign", [1, -1])
def test_energies_grow_as_tokens_move(sign: int) -> None:
    """E' = ±Σ m_i |x_i'|² along ±USA: by the audit's own runs, and not by a hundredth more."""
    model = replace(USA, velocity=sign * USA.velocity)
    own = dissipating(Subject.of(model), model.energy, sign * m, frozenset())
    assert isinstance(own, Conclusion) and isinstance(own.found, Theorem)
    sheet = as_sheet(own.says, own.found, own.names)
    assert sheet.holds and isinstance(replayed(own.found), Theorem)
    x = np.random.default_rng(3).normal(size=(4, 3))
    here = {"X": x / np.linalg.norm(x, axis=1, keepdims=True), "beta": 2, "t": 0.3}
    more = Rel("=", own.says.then.left, own.says.then.right * Rational(101, 100))
    assert evaluate(own.says.then, model, here) is True
    assert evaluate(more, model, here) is False


def test_energies_that_grow_otherwise() -> None:
    own = SYMMETRIC_QKV
    timed = interaction_energy(exp(beta * z * (1 + t)) / beta)
    twins = (
        dissipating(Subject.of(own), own.energy, m, frozenset({V})),
        dissipating(Subject.of(own), own.energy, -HELD, frozenset({V})),
        dissipating(Subject.of(QKV), own.energy, HELD, frozenset({V})),
        dissipating(Subject.of(USA), timed, m, frozenset()),
        dissipating(Subject.of(catalogue("moving masses")), USA.energy, m, frozenset()),
        dissipating(Subject.of(replace(USA, velocity=-USA.velocity)), USA.energy, m, frozenset()),
    )
    for twin in twins:
        assert isinstance(twin, Refusal) or isinstance(twin.found, Refusal)


def test_an_energy_is_read_off_as_it_is_stated() -> None:
    i, j = Index("i"), Index("j")
    stated = Item(m, i) * Item(m, j) * exp(beta * Inner(Row(X, i), Row(X, j))) / (2 * beta)
    assert pairs_of(USA.energy) == stated
    anchored = anchor_energy(z, MatrixSymbol("W", 3, d), MatrixSymbol("c", 3, 1))
    assert isinstance(in_metric(Subject.of(USA), anchored, m, frozenset()), Refusal)


@pytest.mark.parametrize("metric", [2 * HELD, -HELD, m])
def test_a_metric_and_the_growth_in_it_are_claimed_together(metric: Any) -> None:
    even = frozenset({V})
    subject, energy = Subject.of(SYMMETRIC_QKV), SYMMETRIC_QKV.energy
    assert isinstance(in_metric_growing(subject, energy, HELD, even).found, Theorem)
    assert isinstance(in_metric_growing(subject, energy, metric, even).found, Refusal)
