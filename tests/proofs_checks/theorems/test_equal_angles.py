"""Theorem 6.8 of flows: by runs, premises that are needed, velocities of several solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, Rational, lambdify, sqrt

from numerics import integrate
from numerics.compile import compile_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    HIGH,
    UNIT_AXIS,
    H,
    Pull,
    Refusal,
    Theorem,
    aligns,
    apply,
    as_sheet,
    assume,
    common_sight,
    pull_of,
    read,
    solving,
)
from proofs_checks.theorems.equal_angles import ALIGNED, EQUAL_IN_FLOWS
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.one_solution import ONE_SOLUTION, branching
from theory.atoms import Elementwise, Tangent
from theory.blocks import Block
from theory.models import PRE_LN, SA, Model, catalogue
from theory.symbols import X, beta, gamma, m, n, r, z


def concluded(model: Model) -> Any:
    subject = Subject.of(model)
    pull = pull_of(subject)
    assert isinstance(pull, Pull)
    return aligns(pull, common_sight(subject))


def test_what_is_concluded_is_claimed() -> None:
    own = concluded(SA)
    sheet = as_sheet(own.says, own.found, own.names)
    assert sheet.holds and sheet.summary.endswith("γ -> 1")
    assert not {HIGH, UNIT_AXIS} & set(own.says.given) and solving(Subject.of(SA)) in own.says.given


@pytest.mark.slow
def test_a_run_has_the_rate_and_meets() -> None:
    """Orthonormal tokens of a sink: γ' by differences along a run, and γ near 1 in the end."""
    model = catalogue("softmax-off-by-one")
    assert isinstance(model, Model)
    said = lambdify((gamma, n, beta), concluded(model).found.says.arguments[1])
    field = compile_model(model, beta=1.5)
    times = np.linspace(0, 60, 601)
    run = integrate(field, np.eye(4)[:3], 60.0, t_eval=times, rtol=1e-10)
    gram = run.points @ np.swapaxes(run.points, 1, 2)
    angles = gram[:, [0, 0, 1], [1, 2, 2]]
    assert np.ptp(angles, axis=1).max() < 1e-8 and angles[-1].min() > 1 - 1e-6
    slopes = (angles[2:, 0] - angles[:-2, 0]) / 0.2
    assert np.allclose(slopes, said(angles[1:-1, 0], 3, 1.5), atol=2e-3)


def test_every_premise_is_needed() -> None:
    own, other = Subject.of(SA), Subject.of(catalogue("L2"))
    angles, unique = read(EQUAL_IN_FLOWS, own), read(ONE_SOLUTION, own)
    sights = [apply(part, common_sight(s), place=1) for s in (own, other)]
    meets, theirs = (apply(part, one, place=0) for one in sights)
    assert isinstance(apply(ALIGNED, angles, unique, meets), Theorem)
    for facts in (
        (angles, unique),
        (angles, meets),
        (unique, meets),
        (unique, angles, meets),
        (angles, angles, meets),
        (angles, read(ONE_SOLUTION, other), meets),
        (read(EQUAL_IN_FLOWS, other), unique, meets),
        (angles, unique, theirs),
        (angles, unique, apply(part, sights[0], place=1)),
        (angles, unique, apply(rename, assume(solving(own)), values={})),
    ):
        assert isinstance(apply(ALIGNED, *facts), Refusal)
    assert isinstance(meets, Theorem)
    supposed = apply(ALIGNED, angles, unique, assume(meets.says))
    assert isinstance(supposed, Refusal)  # of no model that it is about
    higher = assume(Rel("<=", Rational(9, 10), H))
    more = apply(part, apply(together, meets, higher), place=0)
    assert isinstance(apply(ALIGNED, angles, unique, more), Refusal)


@pytest.mark.parametrize("name", ["causal", "RoPE", "encoder-decoder", "graph"])
def test_labels_directions_and_species_are_refused(name: str) -> None:
    assert isinstance(read(EQUAL_IN_FLOWS, Subject.of(catalogue(name))), Refusal)


def test_speeds_by_label_and_other_spaces_are_refused() -> None:
    label = MatrixSymbol("w", n, 1)
    own = {X: DiagMatrix(label) * PRE_LN.velocities[X], r: PRE_LN.velocities[r]}
    twin = replace(PRE_LN, name="twin", velocity=own, parameters=(beta, label))
    for model in (twin, replace(SA, space="euclidean"), catalogue("discrete layer")):
        assert isinstance(read(EQUAL_IN_FLOWS, Subject.of(model)), Refusal)


def test_roots_branch() -> None:
    """A speed √r has two solutions from r = 0, one where r^-1/2 is; functions with corners have."""
    root, over = (Elementwise(power, r) for power in (sqrt(z), 1 / sqrt(z)))
    assert branching(root) and not branching(over) and not branching(Elementwise(z**2, r))
    assert branching(Elementwise(sqrt(1 - z), X * X.T) * DiagMatrix(m) * X)
    for velocity, known in ((root, False), (over, True)):
        own = {X: Tangent(X, DiagMatrix(velocity) * SA.velocity.field), r: OneMatrix(n, 1)}
        parts = (Block(X), Block(r, "positive"))
        model = Model("grown", own, parameters=(beta,), blocks=parts)
        assert isinstance(read(ONE_SOLUTION, Subject.of(model)), Theorem) is known
    assert isinstance(read(ONE_SOLUTION, Subject.of(catalogue("discrete layer"))), Refusal)
