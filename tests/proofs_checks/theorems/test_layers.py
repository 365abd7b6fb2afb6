"""T10c: inequalities of the proof in numpy, runs, and layers that are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Rational, S

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.propositions import Any_, Rel, Subject, written
from proofs_checks.theorems import (
    KINDS,
    Refusal,
    Theorem,
    almost_every_start,
    apply,
    read,
    replayed,
    settle,
)
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.layers import SETTLING, STEP, layered
from proofs_checks.theorems.own_weight import narrow
from theory.atoms import RowNormalize, RowSoftmax
from theory.layers import discrete_layer
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


SOFTMAX = RowSoftmax(beta * X * X.T, m)


def layer(field: Any, **values: Any) -> Subject:
    twin = replace(LAYER, name="twin", velocity=RowNormalize(field), energy=None)
    return Subject.of(twin, {beta: S(1), eta: Rational(1, 2), **values})


@pytest.mark.parametrize(
    "subject",
    [
        layer(X - eta * SOFTMAX * X),
        layer(2 * X + eta * SOFTMAX * X),
        layer(eta * SOFTMAX * X),
        layer(X + eta * SOFTMAX * X + DiagMatrix(m) * X),
        layer(X + eta * RowSoftmax(-beta * X * X.T, m) * X),
        layer(X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.band(1)) * X),
        layer(X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.causal()) * X),
        Subject.of(LAYER, {beta: S(-1)}),
        Subject.of(LAYER, {beta: S(0), eta: S(3)}),
        Subject.of(LAYER, {beta: S(0), eta: S(1)}),
        Subject.of(replace(LAYER, space="euclidean")),
    ],
    ids=[
        "pushed", "of 2x", "without x", "x once more", "below zero", "window", "causal", "β = -1",
        "η = 3, β = 0", "η = 1, β = 0", "off the sphere",
    ],
)  # fmt: skip
def test_hostile_layers(subject: Subject) -> None:
    """Of η = 3, β = 0 a state has x_1 + 3 A_1 = 0; the others have no such energy, or none here."""
    assert all(almost_every_start(row, subject) is None for row in KINDS)


def test_what_is_assumed() -> None:
    """A step below 1 or (N), whichever of them is known or possible."""
    either, short = narrow(beta), Rel("<", eta, 1)
    for values, wanted in (
        ({}, {Any_(short, either), Rel("<", 0, eta)}),
        ({eta: Rational(1, 2)}, set()),
        ({eta: S(3)}, {either}),
    ):
        found = almost_every_start("Theorem 6.1", Subject.of(LAYER, values))
        assert found is not None
        again = replayed(found[1].found)
        assert isinstance(again, Theorem) and again.says == found[1].says.then
        assert {one for one in again.given if one.has(m) or one.has(eta)} == wanted
    cold = almost_every_start("Theorem 4.1", Subject.of(LAYER, {beta: S(0)}))
    assert cold is not None and short in cold[1].says.given


def test_others_settle_too() -> None:
    """Of twice the heat (N) is at 2β, and rows with a sink add up to less than 1."""
    twice = layer(X + eta * RowSoftmax(2 * beta * X * X.T, m) * X, **{})
    assert almost_every_start("Theorem 6.1", twice) is not None
    own = Subject.of(
        replace(LAYER, velocity=RowNormalize(X + eta * RowSoftmax(2 * beta * X * X.T, m) * X))
    )
    found = almost_every_start("Theorem 4.3", own)
    assert found is not None and "2 β < -log(1 - min m)" in found[0]
    assert "χ(2 β)" in found[0] and "χ(β)" not in found[0]
    sink = almost_every_start("Theorem 6.1", Subject.of(discrete_layer(catalogue("sink"))))
    assert sink is not None


def test_a_fact_along_solutions_is_not_enough() -> None:
    """What is left of the speeds' sign: half of it, the other side, or another step."""
    own = layered(Subject.of(LAYER, {eta: Rational(1, 2)}))
    other = layered(Subject.of(LAYER, {eta: Rational(1, 3)}))
    assert own is not None and other is not None
    found = own.meets(own.in_space())
    assert isinstance(found, Theorem) and found.by is SETTLING
    names = dict(found.parameters)
    for place, premise in enumerate(found.premises):
        less = (*found.premises[:place], *found.premises[place + 1 :])
        assert isinstance(apply(SETTLING, *less, **names), Refusal)
        swapped = (*found.premises[:place], found.premises[place - 1], *found.premises[place + 1 :])
        assert isinstance(apply(SETTLING, *swapped, **names), Refusal), written(premise.says)
    mixed = (read(STEP, other.subject), *found.premises[1:])
    assert isinstance(apply(SETTLING, *mixed, **names), Refusal)
    back = settle(SIGNS, Rel("<=", 0, own.own.pace), own.mass)
    weak = (*found.premises[:9], back, found.premises[10])
    assert isinstance(back, Theorem) and isinstance(apply(SETTLING, *weak, **names), Refusal)


@pytest.mark.slow
def test_the_rows() -> None:
    found = check_model(LAYER, only=list(KINDS))
    words = {row.name: row.evidence.word for row in found.rows}
    assert words.pop("circle") == "CERTIFIED" and set(words.values()) == {"PROVED"}
    assert "η < 1" in found["Theorem 4.1"].scope["given"]
    assert "(N)" in found["Theorem 6.1"].sentence
    assert "η" not in check_model(LAYER, only="Theorem 6.1", eta=0.5)["Theorem 6.1"].sentence


@pytest.mark.slow
def test_numbers_have_the_sentences_of_the_symbols() -> None:
    """At β = 2 (N) has no pieces, and is said as (N)."""
    for name in ("pre-LN", "discrete layer"):
        found = almost_every_start(
            "Theorem 6.1", Subject.of(catalogue(name), {beta: S(2), eta: S(3)})
        )
        assert found is not None and "(N)" in found[0] and "log" not in found[0]
