"""Slopes of fields: of one field, of its own weights, and no smaller than is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Abs, cos, exp

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    existence_along,
    measure_field,
    read,
    slope_of_field,
)
from proofs_checks.theorems.field_slopes import (
    SLOPE,
    SLOPE_OF_KERNEL,
    SLOPE_OF_SHARES,
    WIDER,
    shares_in,
)
from proofs_checks.theorems.kernel import NotConcluded
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import LIVE_MOTION, OTHER, TOKEN
from theory.energy import interaction_energy
from theory.models import SA, USA, catalogue, gradient_flow
from theory.symbols import beta, m, z
from theory.terms import Item


def rate(model: Any) -> Any:
    found = slope_of_field(Subject.of(model))
    return found.says.arguments[1] if isinstance(found, Theorem) else None


def test_slopes_of_models() -> None:
    assert rate(SA) == Abs(beta) + 2
    assert rate(gradient_flow(interaction_energy(2 * z))) == 4
    assert rate(gradient_flow(interaction_energy(z**2 / 2))) == 3
    for name in ("causal", "pre-LN", "RoPE", "Sinkhorn", "discrete layer", "no projection"):
        assert rate(catalogue(name)) is None


@pytest.mark.parametrize("softmax", [True, False])
def test_no_field_on_the_circle_is_steeper(softmax: bool) -> None:
    """By differences, of measures on 2 to 5 places with any masses of total 1."""
    rng, hot, near = np.random.default_rng(0), 1.25, 1e-6
    most = 0.0
    for _ in range(300):
        places = rng.uniform(0, 2 * np.pi, size := rng.integers(1, 6))
        masses = rng.dirichlet(np.ones(size))

        def field(angle: float, places: Any = places, masses: Any = masses) -> Any:
            g, shares = np.cos(places - angle), masses * np.exp(hot * np.cos(places - angle))
            shares = shares / shares.sum() if softmax else shares
            x = np.array([np.cos(angle), np.sin(angle)])
            return shares @ np.array([np.cos(places), np.sin(places)]).T - (shares @ g) * x

        steep = np.linalg.norm(field(near) - field(-near)) / (2 * near)
        most = max(most, float(steep))
    bound = hot + 2 if softmax else (hot + 2) * np.exp(hot)
    assert bound / 5 < most <= bound


def test_rules_need_the_field_and_the_motion_of_one_model() -> None:
    usa, sa = Subject.of(USA), Subject.of(SA)
    field, other = (measure_field(one).found for one in (sa, usa))
    motion, weight = read(LIVE_MOTION, sa), None
    found = slope_of_field(sa)
    assert isinstance(found, Theorem)
    weight = found.parameters["weight"]
    assert isinstance(apply(SLOPE_OF_SHARES, field, motion, weight=weight), Theorem)
    assert isinstance(apply(SLOPE_OF_SHARES, other, motion, weight=weight), Refusal)
    assert isinstance(apply(SLOPE_OF_SHARES, field, motion, weight=2 * weight), Refusal)
    steep = slope_of_field(usa)
    assert isinstance(steep, Theorem) and steep.by is SLOPE_OF_KERNEL
    own, moves, sloped = steep.premises
    for wrong in ((own, moves, moves), (field, moves, sloped), (own, motion, sloped)):
        assert isinstance(apply(SLOPE_OF_KERNEL, *wrong, **steep.parameters), Refusal)


def test_shares_are_of_one_heat() -> None:
    with pytest.raises(NotConcluded):
        shares_in(Item(m, OTHER) * exp(beta * gram(TOKEN, OTHER)))
    weight = slope_of_field(Subject.of(SA)).parameters["weight"]
    assert shares_in(3 * weight) == (3, beta)
    with pytest.raises(NotConcluded):
        shares_in(weight * cos(gram(TOKEN, OTHER)))


def test_a_larger_slope_is_one_too() -> None:
    slope = slope_of_field(Subject.of(SA))
    more = assume(Rel("<=", Abs(beta) + 2, 9))
    found = apply(WIDER, slope, more)
    assert isinstance(found, Theorem) and found.says == Is(SLOPE, Subject.of(SA), 9)
    for less in (Rel("<=", 9, Abs(beta) + 2), Rel("!=", Abs(beta) + 2, 9), Rel("<=", beta, 9)):
        assert isinstance(apply(WIDER, slope, assume(less)), Refusal)


@pytest.mark.parametrize(
    ("model", "field", "bound", "holds"),
    [
        (SA, SA.velocity, beta + 2, True),
        (SA, SA.velocity, 2 * beta + 3, True),
        (SA, SA.velocity, (beta + 2) / 10, False),
        (SA, USA.velocity, beta + 2, False),
        (USA, USA.velocity, (beta + 2) * exp(beta), True),
        (USA, USA.velocity, beta + 2, False),
    ],
)
def test_existence_is_claimed_along_the_field(
    model: Any, field: Any, bound: Any, holds: bool
) -> None:
    own = existence_along(Subject.of(model), field, bound)
    so = not isinstance(own, Refusal) and isinstance(own.found, Theorem)
    assert (so and own.found.says == own.says.then) is holds
