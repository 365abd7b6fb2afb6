"""T6 on the circle: each line of the proof in numpy, critical points, and twins refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Expr, Rational, S, exp

from proofs_checks.proof import How
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, settle, steps_of
from proofs_checks.theorems.circle_saddles import (
    BENDING,
    BENDS_LITTLE,
    CIRCLE_SADDLES,
    ENOUGH,
    LEAST_HEAT,
)
from proofs_checks.theorems.energy import attached
from proofs_checks.theorems.saddles import CIRCLE, IN_SPACE, STRICT
from proofs_checks.theorems.starts import almost_every_start
from proofs_checks.theorems.states import States
from theory.atoms import Elementwise, Tangent
from theory.models import SA, USA, Model, catalogue
from theory.symbols import X, beta, m, z


def waves(rng: Any, modes: int = 6) -> Callable[[Any, int], Any]:
    """A trigonometric polynomial, and its derivatives."""
    a, phase, k = rng.normal(size=modes), rng.uniform(0, 6, modes), np.arange(1, modes + 1)

    def of(angle: Any, order: int) -> Any:
        turned = k * np.asarray(angle)[..., None] + phase + order * np.pi / 2
        return (a * k**order * np.cos(turned)).sum(axis=-1)

    return of


def test_by_parts() -> None:
    """``∫ψV'''' = Σ_c V''(θ_c) jump_c + Σ_c 16/g_c² (V'(θ_(c+1)) - V'(θ_c))`` at any places."""
    rng = np.random.default_rng(0)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    for _ in range(10):
        wave, places = waves(rng), np.sort(rng.uniform(0, 2 * np.pi, rng.integers(2, 6)))
        ends = np.roll(places, -1)
        gaps = (ends - places) % (2 * np.pi)
        share = (nodes + 1) / 2
        psi = 1 - 8 * share * (1 - share)
        assert np.abs(psi).max() <= 1
        left = sum(
            gap / 2 * (weights * psi * wave(place + gap * share, 4)).sum()
            for place, gap in zip(places, gaps, strict=True)
        )
        jumps = -8 / gaps - 8 / np.roll(gaps, 1)
        rest = 16 / gaps**2 * (wave(ends, 1) - wave(places, 1))
        assert left == pytest.approx((wave(places, 2) * jumps).sum() + rest.sum(), rel=1e-8)


def bends(angle: Any, masses: Any, heat: float) -> tuple[Any, Any]:
    """Gradient and Hessian of ``½ Σ Σ m_i m_j f(θ_i - θ_j)``."""
    apart = np.subtract.outer(angle, angle)
    w = np.outer(masses, masses) * np.exp(heat * np.cos(apart))
    bend = w * (heat * np.sin(apart) ** 2 - np.cos(apart))
    np.fill_diagonal(bend, 0)
    return -(w * np.sin(apart)).sum(axis=1), np.diag(bend.sum(axis=1)) - bend


@pytest.mark.parametrize("heat", [-0.26, 0.5, 3.0])
def test_critical_points_have_a_way_up(heat: float) -> None:
    """Newton's method finds critical points of any masses; the largest eigenvalue is positive."""
    rng, found = np.random.default_rng(3), 0
    for _ in range(30):
        size = rng.integers(3, 7)
        masses, angle = rng.uniform(0.2, 2, size), rng.uniform(0, 2 * np.pi, size)
        for _ in range(40):
            slope, hessian = bends(angle, masses, heat)
            angle = angle - np.linalg.pinv(hessian, rcond=1e-9) @ slope
        slope, hessian = bends(angle, masses, heat)
        if np.abs(slope).max() < 1e-9 and np.cos(np.subtract.outer(angle, angle)).min() < 0.99:
            assert np.linalg.eigvalsh(hessian)[-1] > 1e-4
            found += 1
    assert found > 5


def test_below_minus_two_thirds_a_triangle_is_a_maximum() -> None:
    angle = 2 * np.pi * np.arange(3) / 3
    for heat, last in ((-0.7, False), (-0.6, True)):
        slope, hessian = bends(angle, np.ones(3), heat)
        assert np.abs(slope).max() < 1e-12
        assert (np.linalg.eigvalsh(hessian)[-1] > 1e-9) == last


def states(model: Any, **values: Any) -> States:
    own = attached(Subject.of(model, {beta: values["beta"]} if values else {}))
    assert not isinstance(own, Refusal)
    return States(own)


@pytest.mark.every(4)
@pytest.mark.parametrize(
    ("value", "right"),
    [
        (Rational(-1, 4), True),
        (LEAST_HEAT, True),
        (Rational(-27, 100), False),
        (-1, False),
        (S.Zero, True),
        (Rational(1, 7), True),
        (40, True),
    ],
)
def test_which_heats(value: Any, right: bool) -> None:
    assert isinstance(states(SA, beta=value).on_circle(), Theorem) == right
    assert isinstance(states(USA, beta=value).on_circle(), Theorem) == right


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("SA", Rel("<=", LEAST_HEAT, beta)),
        ("USA", Rel("<=", LEAST_HEAT, beta)),
        ("CoD", Rel("<=", LEAST_HEAT, beta)),
        ("sink", Rel("<=", LEAST_HEAT, beta)),
        ("pre-LN", Rel("<=", 0, beta)),
        pytest.param("peri-LN", Rel("<=", 0, beta), marks=pytest.mark.slow),
        pytest.param("mix-LN", Rel("<=", 0, beta), marks=pytest.mark.slow),
        pytest.param("nGPT", Rel("<=", 0, beta), marks=pytest.mark.slow),
    ],
)
def test_models(name: str, bound: Rel) -> None:
    """Those with the energy of SA, of any masses; under (N) where lengths are divided by."""
    found = almost_every_start("circle", Subject.of(catalogue(name)))
    assert found is not None and bound in found[1].says.given and CIRCLE in found[1].says.given
    assert isinstance(found[1].found, Theorem)
    how = {one.by.how for one in steps_of(found[1].found) if hasattr(one.by, "how")}
    assert How.ENCLOSED in how
    assert ("(N)" in found[0]) == (bound.left == 0)


@pytest.mark.parametrize("name", ["window", "ALiBi", "bipartite"])
def test_masks_and_places_are_others(name: str) -> None:
    found = states(catalogue(name)).on_circle()
    assert isinstance(found, Refusal) and "m_i m_j alone" in found.reason


def test_other_weights_are_refused() -> None:
    kernel = Elementwise(exp(beta * z) + 1, X * X.T)
    twice = replace(USA, velocity=Tangent(X, kernel * DiagMatrix(m) * X))
    other = attached(Subject.of(twice))
    assert not isinstance(other, Refusal) and isinstance(States(other).on_circle(), Refusal)
    for name in ("sigmoid", "linear"):
        model = catalogue(name)
        assert isinstance(model, Model)
        assert almost_every_start("circle", Subject.of(model)) is None


def test_premises() -> None:
    """Another dimension, another bound, an inequality of another range."""
    own = states(SA)
    facts = *own.form, own.mass

    def conclude(warm: Rel, low: Expr, dimension: Rel, factor: Expr = ENOUGH) -> bool:
        norm = assume(Is(BENDS_LITTLE, factor, low))
        found = apply(CIRCLE_SADDLES, *facts, assume(warm), norm, assume(dimension))
        return isinstance(found, Theorem) and found.says.definition is STRICT

    warm, low = Rel("<=", LEAST_HEAT, beta), LEAST_HEAT
    assert conclude(warm, low, CIRCLE)
    assert conclude(Rel("<=", 0, beta), low, CIRCLE) and conclude(Rel("<=", 1, beta), low, CIRCLE)
    assert not conclude(warm, low, IN_SPACE)
    assert not conclude(Rel("<=", Rational(-1, 2), beta), low, CIRCLE)
    assert not conclude(warm, S.Zero, CIRCLE)
    assert not conclude(Rel("<=", LEAST_HEAT, 2 * beta), low, CIRCLE)
    assert not conclude(Rel("<=", beta, LEAST_HEAT), low, CIRCLE)
    assert conclude(warm, low, CIRCLE, S(7)) and not conclude(warm, low, CIRCLE, S(9))
    assert not conclude(warm, low, CIRCLE, beta)
    for wrong in ((8, Rational(-3, 10)), (8, beta), (beta, low), (7, low)):
        assert isinstance(settle(BENDING, Is(BENDS_LITTLE, *map(S, wrong))), Refusal)
    assert isinstance(settle(BENDING, warm), Refusal)
    assert isinstance(settle(BENDING, Is(BENDS_LITTLE, ENOUGH, LEAST_HEAT)), Theorem)
