"""Rows of heads and layers of any matrices, watched beside compiled models; and their twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Abs, Max, Symbol

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.mean_fields import fields_of, pace
from proofs_checks.own_model.of_mean_fields import OF_MEAN_FIELDS, bound_of, hottest
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import SA, catalogue
from theory.symbols import X, beta, m, n, t, z

NAMES = ("low-rank heads", "MLP block", "encoder-decoder", "cross-attention")
RNG = np.random.default_rng(5)


def _matrices(dim):
    """Matrices of both models of tokens alone, and their norms as the bounds name them."""
    shapes = {
        "low-rank heads": {"Q_1": (1, dim), "K_1": (1, dim), "V_1": (dim, dim)}
        | {"Q_2": (2, dim), "K_2": (2, dim), "V_2": (dim, dim)},
        "MLP block": {"w": (dim, 3), "a": (3, dim), "b": (3, 1)},
    }
    return {name: {a: RNG.normal(size=s) for a, s in own.items()} for name, own in shapes.items()}


def _numbers(put):
    """Values of the symbols of norms."""
    found = {f"|{a}|": np.linalg.norm(v, 2) for a, v in put.items()}
    for h in ("1", "2"):
        if f"Q_{h}" in put:
            found[f"|Q_{h}^T K_{h}|"] = np.linalg.norm(put[f"Q_{h}"].T @ put[f"K_{h}"], 2)
    if "w" in put:
        reach = found["|a|"] + np.linalg.norm(put["b"])
        found |= {"width": 3, "s": reach, "l": 1.13}  # GELU: |σ(z)| <= |z|, |σ'| <= 1.129
    return found


def _value(expr, put, **more):
    known = {**_numbers(put), **more}
    return float(expr.subs({a: known[str(a)] for a in expr.free_symbols}))


def _state(name, rng, heat, dim):
    x, y = random_points(4, dim, rng), random_points(3, dim, rng)
    return {"X": x, "Y": y} if "er-" in name or "cross" in name else {"X": x}


def _velocity(field, state):
    found = field.unchecked(state if "Y" in state else state["X"])
    return found if isinstance(found, dict) else {"X": found}


@pytest.mark.parametrize("name", NAMES)
def test_chords_grow_at_the_rate_at_most(name):
    model, rng, heat, dim = catalogue(name), np.random.default_rng(2), 1.5, 3
    put = _matrices(dim).get(name, {})
    rate = _value(pace(fields_of(Flow.of(model))), put, beta=heat)
    field, closest = compile_model(model, beta=heat, **put), 0.0
    for trial in range(60):
        one, other = _state(name, rng, heat, dim), _state(name, rng, heat, dim)
        if trial % 2:  # near each other
            other = {a: v + 1e-3 * rng.normal(size=v.shape) for a, v in one.items()}
            other = {a: v / np.linalg.norm(v, axis=1, keepdims=True) for a, v in other.items()}
        if "cross" in name:
            other["Y"] = one["Y"]
        first, second = _velocity(field, one), _velocity(field, other)
        moving = [a for a in first if a != "Y" or name == "encoder-decoder"]
        chords = np.vstack([one[a] - other[a] for a in moving])
        rates = np.vstack([first[a] - second[a] for a in moving])
        k = int(np.argmax((chords**2).sum(axis=1)))
        growth = (chords[k] @ rates[k]) / (chords[k] @ chords[k])
        assert growth <= rate + 1e-9
        closest = max(closest, growth / rate)
    assert closest > 0.02


@pytest.mark.parametrize("name", NAMES)
def test_flows_at_heats_part_by_the_bound_at_most(name):
    model, rng, heat, step = catalogue(name), np.random.default_rng(3), 1.0, 2e-3
    put = _matrices(2).get(name, {})
    put = {a: v / 3 for a, v in put.items()}
    bound = bound_of(fields_of(Flow.of(model)))
    warm, cold = (compile_model(model, beta=b, **put) for b in (heat, 0.0))
    one = other = _state(name, rng, heat, 2)
    for k in range(1, 16):
        one, other = (
            {a: _turned(v, step * _velocity(f, s).get(a, 0 * v)) for a, v in s.items()}
            for f, s in ((warm, one), (cold, other))
        )
        apart = max(np.linalg.norm(one[a] - other[a], axis=1).max() for a in one)
        assert apart <= _value(bound, put, beta=heat, t=k * step) * 1.05 + 1e-9
    assert apart > 0


def _turned(points, move):
    moved = points + move
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def test_the_deviation_at_the_hottest_is_an_eighth():
    for name in NAMES:
        fields = fields_of(Flow.of(catalogue(name)))
        assert (bound_of(fields).subs(beta, hottest(fields)) - 1 / Symbol("e")).has(Symbol("e"))
        left = bound_of(fields).subs(beta, hottest(fields))
        put = {a: 0.7 for a in left.free_symbols}
        assert float(left.subs(put)) == pytest.approx(1 / 8)


@pytest.mark.parametrize("name", ["low-rank heads", "MLP block"])
def test_tokens_without_mass_move_along_the_field(name):
    """A token of next to no mass changes nothing, and scaled masses neither: (3.1), (3.2)."""
    model, rng = catalogue(name), np.random.default_rng(4)
    put = _matrices(3)[name]
    x, masses = random_points(4, 3, rng), np.array([0.2, 0.3, 0.5, 1e-13])
    whole = compile_model(model, beta=1.5, masses=masses, **put).unchecked(x)
    fewer = compile_model(model, beta=1.5, masses=masses[:3] * 7, **put).unchecked(x[:3])
    assert whole[:3] == pytest.approx(fewer)
    probe = compile_model(model, beta=1.5, masses=masses[[3, 1, 2, 0]], **put)
    assert probe.unchecked(x[[3, 1, 2, 0]])[0] == pytest.approx(whole[3])


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NAMES, "multi-query"])
def test_rows(name):
    rows = ["(2.5)", *OF_MEAN_FIELDS]
    report = check_model(catalogue(name), only=rows)
    assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}
    assert all(row.evidence.sheet.holds for row in report.rows)


@pytest.mark.parametrize("row", OF_MEAN_FIELDS)
def test_twins(row):
    """Tokens that are counted, a clock, and an activation with a pole."""
    counted = Tangent(X, RowSoftmax(beta * X * X.T, n * m) * X)
    pole = Tangent(X, Elementwise(1 / z, X * X.T) * X)
    rough = Tangent(X, Elementwise(Abs(z) ** (Max(1, 0) / 2), X * X.T) * X + SA.velocity.field)
    for velocity in (counted, pole, rough):
        twin = replace(SA, name="twin", velocity=velocity, energy=None)
        assert OF_MEAN_FIELDS[row].ask(Flow.of(twin)).verdict is not Verdict.PROVED
    assert t not in pace(fields_of(Flow.of(SA))).free_symbols
