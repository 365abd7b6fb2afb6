"""Doubly stochastic attention: its energy bends as is said, in numpy, and hostile twins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import S, exp, sqrt

from proofs_checks import check_model
from proofs_checks.propositions import Any_, Is, Rel, Subject, every
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    almost_every_start,
    apply,
    assume,
    replayed,
    steps_of,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.plans import (
    BALANCED,
    HIGHEST_PLAN,
    PLAN_SLOPE,
    SMALL_PLAN,
    Plans,
    held,
    plans_of,
    small,
)
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, SOLVES, TOKEN
from proofs_checks.theorems.saddles import IN_SPACE, ON_CIRCLES, strict
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.models import SINKHORN, catalogue
from theory.symbols import Q, X, beta, m, t
from theory.terms import Inner, Row, Vec


def plan_of(x: Any, mass: Any, heat: float) -> tuple[Any, Any]:
    """Plan and potentials, by damped iteration."""
    p = np.zeros(len(x))
    for _ in range(200):
        p = (p - np.log(np.exp(heat * x @ x.T + p) @ mass)) / 2
    return mass[:, None] * mass * np.exp(heat * x @ x.T + p[:, None] + p), p


@pytest.mark.parametrize("heat", [0.5, 3.0])
def test_the_energy_bends_up_by_the_trace_at_least(heat: float) -> None:
    """At any state, along x_i -> N(x_i + s P_i u) over a basis: E'' >= Σ π (1-g)(d-2-g)."""
    rng = np.random.default_rng(1)
    step = 1e-3
    for size, width in ((3, 3), (5, 3), (4, 4)):
        x = rng.normal(size=(size, width))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        mass = rng.dirichlet(np.full(size, 3.0))
        plan, p = plan_of(x, mass, heat)
        assert np.allclose(plan.sum(axis=1), mass)
        g = x @ x.T
        trace = (plan * (1 - g) * (width - 2 - g)).sum()
        bends = 0.0
        for u in np.eye(width):
            v = u - (x @ u)[:, None] * x
            long = np.linalg.norm(v, axis=1, keepdims=True)
            for sign in (1, -1):  # geodesics with velocity v
                moved = np.cos(step * long) * x + sign * np.sin(step * long) * v / long
                own = -mass @ plan_of(moved, mass, heat)[1] / heat
                bends += (own + mass @ p / heat) / step**2
        assert bends >= trace - 1e-4 and trace >= (plan * (1 - g) ** 2).sum() - 1e-12 > 0


@pytest.mark.parametrize("heat", [0.5, 3.0])
def test_the_velocity_is_the_gradient(heat: float) -> None:
    """E' = Σ_i m_i <x_i', Σ_j A_ij x_j> along drawn motions, E = -Σ_i m_i p_i/b."""
    rng, step = np.random.default_rng(2), 1e-5
    for size in (2, 3, 5):
        x = rng.normal(size=(size, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        mass = rng.uniform(0.2, 2, size)  # of any sum
        v = rng.normal(size=x.shape)
        v -= (v * x).sum(axis=1, keepdims=True) * x
        energies = []
        for sign in (1, -1):
            moved = x + sign * step * v
            moved /= np.linalg.norm(moved, axis=1, keepdims=True)
            energies.append(-mass @ plan_of(moved, mass, heat)[1] / heat)
        plan, _ = plan_of(x, mass, heat)
        assert np.allclose(plan.sum(axis=1), mass) and np.allclose(plan, plan.T)
        slope = (v * (plan @ x)).sum()
        assert (energies[0] - energies[1]) / (2 * step) == pytest.approx(slope, abs=1e-6)


def test_small_heats_hold_tokens_in_a_hemisphere() -> None:
    """Where one-token moves don't raise E, <x_i, Σ m_j u_j x_j> >= u_i (m_i - ...), b drawn."""
    rng, seen = np.random.default_rng(3), 0
    for _ in range(120):
        size, heat = 3, rng.uniform(0.02, 0.6)
        x = rng.normal(size=(size, 2))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        mass = rng.uniform(0.2, 2, size)
        plan, p = plan_of(x, mass, heat)
        g, u = x @ x.T, np.exp(p)
        if ((plan * g).sum(axis=1) - np.diag(plan) < 0).any():
            continue
        seen += 1
        least = mass - np.exp(2 * heat) * (np.exp(heat) - 1) * (mass.sum() - mass)
        assert (g @ (mass * u) >= u * least - 1e-9).all()
        assert u.max() <= np.exp(2 * heat) * u.min() + 1e-12
    assert seen > 15


ROWS = ("Theorem 4.3", "Theorem 5.1", "Theorem 6.1")


def turned(field: Any, **values: Any) -> Subject:
    velocity = Tangent(X, field)
    names = tuple({beta, Q} & velocity.free_symbols)
    twin = replace(SINKHORN, name="twin", velocity=velocity, energy=None, parameters=names)
    return Subject.of(twin, {beta: values["beta"]} if values else {})


@pytest.mark.parametrize(
    "field",
    [
        -Sinkhorn(beta * X * X.T, m) * X,
        Sinkhorn(-beta * X * X.T, m) * X,
        RowSoftmax(beta * X * X.T, m) * X,
        Sinkhorn(beta * X * X.T, m) * (-X),
        (1 - t) * Sinkhorn(beta * X * X.T, m) * X,
        Sinkhorn(t * beta * X * X.T, m) * X,
        Sinkhorn(beta * X * X.T, m) * Sinkhorn(beta * X * X.T, m) * X,
        Sinkhorn(beta * X * X.T, m) * X + RowSoftmax(beta * X * X.T, m) * X,
        Sinkhorn(beta * X * Q.T * Q * X.T, m) * X,
        Sinkhorn(X * X.T, beta * m) * X,
        exp(-t) * Sinkhorn(beta * X * X.T, m) * X,
    ],
    ids=[
        *("pushed", "negative scores", "softmax", "turned", "in time", "heated in time", "twice"),
        *("two", "keys", "other masses", "ends"),
    ],
)
def test_hostile_models_are_not_read(field: Any) -> None:
    """At negative scores b = -β > 0 is no range of β > 0; a pace of bounded integral ends."""
    subject = turned(field)
    for row in ROWS:
        own = plans_of(row, subject)
        assert own is None or Rel("<", 0, -beta) in own.says.given


def test_what_is_assumed() -> None:
    either = Any_(IN_SPACE, every(TOKEN, small(2 * beta)))
    field = 3 * Sinkhorn(2 * beta * X * X.T, m) * X
    hot = Rel("<", 0, 2 * beta)
    for subject, row, wanted in (
        (turned(field), "Theorem 6.1", {IN_SPACE, hot}),
        (turned(field), "Theorem 4.3", {ON_CIRCLES, either, hot}),
        (turned(field, beta=1), "Theorem 4.3", {IN_SPACE}),
        (turned(field / sqrt(1 + t)), "Theorem 5.1", {IN_SPACE, hot}),
    ):
        found = almost_every_start(row, subject)
        assert found is not None
        again = replayed(found[1].found)
        assert isinstance(again, Theorem) and again.says == found[1].says.then
        assert again.given == wanted == set(found[1].says.given)
    assert plans_of("Theorem 6.1", turned(field, beta=-1)) is None
    assert plans_of("Theorem 6.1", turned(field, beta=0)) is None


def test_every_premise_is_needed() -> None:
    """Dropped, swapped, of one token, of b >= 0, along solutions, or of another plan: refused."""
    own = Plans(Subject.of(SINKHORN))
    whole = own.meets(own.both())
    assert isinstance(whole, Theorem)
    local = assume(Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))))
    looked = set()
    for one in steps_of(whole):
        if one.by not in (BALANCED, PLAN_SLOPE, HIGHEST_PLAN, SMALL_PLAN):
            continue
        looked.add(one.by.name)
        for place, premise in enumerate(one.premises):
            before, after = one.premises[:place], one.premises[place + 1 :]
            assert isinstance(apply(one.by, *before, *after, **one.parameters), Refusal)
            assert isinstance(apply(one.by, *before, whole, *after, **one.parameters), Refusal)
            if isinstance(premise.says, Rel) and premise.says.left == 0 and premise.by is None:
                less = assume(Rel("<=", 0, premise.says.right))
                assert isinstance(apply(one.by, *before, less, *after, **one.parameters), Refusal)
            if TOKEN in premise.fact.variables:
                here = apply(part, apply(together, premise, local), place=0)
                assert isinstance(apply(one.by, *before, here, *after, **one.parameters), Refusal)
    assert len(looked) == 4


def test_saddles_of_another_plan_are_refused() -> None:
    own = Plans(Subject.of(SINKHORN))
    plan, pair = held(own.share), gram(TOKEN, OTHER)
    found = own.in_space()
    assert isinstance(found, Theorem) and found.says == own.small().says  # type: ignore[union-attr]
    *known, saddles = found.premises
    assert saddles.says == strict(plan * pair / 2)
    own_name = {"share": own.share}
    assert isinstance(apply(HIGHEST_PLAN, *known, assume(saddles.says), **own_name), Refusal)
    for heat in (S.Zero, S.Half):  # of other plans, or other energies of them
        others = Plans(turned(Sinkhorn((1 + heat) * beta * X * X.T, m) * X)).in_space()
        assert isinstance(others, Theorem)
        other = apply(HIGHEST_PLAN, *known, others.premises[-1], **own_name)
        assert isinstance(other, Theorem if heat == 0 else Refusal)
    swapped = own.share.xreplace({TOKEN: OTHER, OTHER: TOKEN})
    assert isinstance(apply(HIGHEST_PLAN, *known, saddles, share=swapped), Refusal)
    found = own.meets(found)
    assert isinstance(found, Theorem)
    assert not any(isinstance(one, Is) and one.definition is SOLVES for one in found.given)


@pytest.mark.slow
def test_the_rows() -> None:
    found = check_model(catalogue("Sinkhorn"), only=list(ROWS))
    assert {row.evidence.word for row in found.rows} == {"PROVED"}
    assert found["Theorem 6.1"].scope["d"] == ">= 3" and found["Theorem 6.1"].scope["beta"] == "> 0"
    assert "d >= 2, d >= 3 or for every" in found["Theorem 4.3"].sentence
    assert check_model(SINKHORN, only="Theorem 6.1", beta=-1)["Theorem 6.1"].word != "PROVED"
