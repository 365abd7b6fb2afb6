"""T10a: layers on hemispheres beside compiled ones, and layers or premises that aren't so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, OneMatrix, Rational, S, Symbol, exp, lambdify

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.propositions import Rel, Subject, every, written
from proofs_checks.theorems import (
    HIGH,
    TOKEN,
    UNIT_AXIS,
    Conclusion,
    H,
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.equal_angles import (
    EQUAL_IN_LAYERS,
    LAYERS_MEET_ALIGNED,
    equal_in_layers,
    layers_align,
)
from proofs_checks.theorems.layers import STEP
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.meeting_layers import LAYERS, LAYERS_MEET, layers_meet
from proofs_checks.theorems.readers import CURVE_POSITIVE
from theory.atoms import Elementwise, RowNormalize, RowSoftmax
from theory.masks import Mask
from theory.models import catalogue
from theory.symbols import X, beta, eta, gamma, m, n, t, z
from theory.terms import Inner, Row, Vec, at

LAYER = catalogue("discrete layer")
SOFTMAX = RowSoftmax(beta * X * X.T, m)
KERNEL = Elementwise(exp(beta * z), X * X.T) * DiagMatrix(m)


def factor(own: Conclusion) -> Any:
    """By what D falls in a layer."""
    assert isinstance(own.found, Theorem)
    bound = own.found.says.args[0].arguments[2]
    return bound.subs(LAYERS, 1) / at(own.found.says.args[0].arguments[1])


def met(subject: Subject) -> Conclusion:
    own = layers_meet(subject)
    assert own is not None
    return own


def diameter(points: Any) -> float:
    y = points / points[:, :1]
    return float(np.linalg.norm(y[:, None] - y[None], axis=2).max())


def layer(field: Any, **more: Any) -> Any:
    return replace(LAYER, name="twin", velocity=RowNormalize(field), energy=None, **more)


@pytest.mark.parametrize(("heat", "step"), [(0.0, 0.3), (1.0, 2.0), (2.5, 40.0), (0.2, 1e-2)])
def test_diameters_fall_by_the_factor_at_least(heat: float, step: float) -> None:
    """Heights never fall, D falls by 1 - h η e^(-2β)/(1+η), tokens stay in the cone before."""
    rng = np.random.default_rng(1)
    falls = lambdify((H, beta, eta), factor(met(Subject.of(LAYER))))
    for _ in range(10):
        masses = rng.uniform(0.01, 1, 5)
        field = compile_model(LAYER, beta=heat, eta=step, masses=masses)
        x = rng.normal(size=(5, 3))
        x[:, 0] = np.abs(x[:, 0]) + 0.05
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        for _ in range(6):
            low, before = x[:, 0].min(), diameter(x)
            x = field.unchecked(x)
            assert x[:, 0].min() >= low - 1e-12
            assert diameter(x) <= before * falls(low, heat, step) + 1e-12


def test_a_layer_of_kernels_has_its_own_constant() -> None:
    """Weights e^(β<x_i,x_j>) that aren't divided: 1 - h η M e^-β/(1 + η M e^β), by a run."""
    model = layer(X + eta * KERNEL * X)
    own = met(Subject.of(model))
    assert as_sheet(own.says, own.found, own.names).holds
    text = as_sheet(own.says, own.found, own.names).summary
    assert "e^(-β)" in text and "e^β" in text
    rng, heat, step, masses = np.random.default_rng(2), 0.7, 0.4, np.array([0.2, 0.5, 0.9])
    share = 1 / (1 + step * masses.sum() * np.exp(heat)) * step * masses.sum() * np.exp(-heat)
    for _ in range(20):
        x = rng.normal(size=(3, 4))
        x[:, 0] = np.abs(x[:, 0]) + 0.1
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        moved = x + step * (masses * np.exp(heat * x @ x.T)) @ x
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        assert diameter(moved) <= diameter(x) * (1 - x[:, 0].min() * share) + 1e-12


@pytest.mark.parametrize(
    "field",
    [
        X - eta * SOFTMAX * X,  # away from the mean
        -X + eta * SOFTMAX * X,
        X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.band(0)) * X,
        X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.causal()) * X,
        X + eta * SOFTMAX * X - KERNEL * X,
        2 * X + eta * SOFTMAX * X,
        eta * SOFTMAX * X,
        X + t * SOFTMAX * X,
    ],
    ids=["pushed", "turned", "alone", "causal", "both", "twice", "without x", "in time"],
)
def test_hostile_layers(field: Any) -> None:
    assert layers_meet(Subject.of(layer(field))) is None


def test_others() -> None:
    for name in ("SA", "parallel block", "pre-LN layer", "pre-LN"):
        assert layers_meet(Subject.of(catalogue(name))) is None
        assert equal_in_layers(Subject.of(catalogue(name))) is None
    share = 1 - factor(met(Subject.of(LAYER, {beta: S(-1), eta: S(3)})))
    assert share == 3 * exp(-2) * H / 4
    assert layers_meet(Subject.of(LAYER, {eta: S(-1)})) is None
    assert layers_meet(Subject.of(LAYER, {eta: S(0)})) is None
    assert layers_meet(Subject.of(replace(LAYER, space="euclidean"))) is None
    counted = layer(X + eta * RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X)
    assert layers_meet(Subject.of(counted)) is None
    step = Symbol("h", positive=True)
    named = layer(X + step * SOFTMAX * X, parameters=(beta, step))
    assert layers_meet(Subject.of(named)) is None  # h is a name of ours


def test_what_is_assumed() -> None:
    """The hemisphere, β >= 0, and a step > 0, whichever is a symbol."""
    for values, wanted in (
        ({}, {Rel("<=", 0, beta), Rel("<", 0, eta)}),
        ({eta: Rational(1, 2)}, {Rel("<=", 0, beta)}),
        ({beta: S(1), eta: S(2)}, set()),
    ):
        own = met(Subject.of(LAYER, values))
        assert isinstance(own.found, Theorem)
        assert own.found.given == {UNIT_AXIS, HIGH, *wanted} == set(own.says.given)


LOWER = every(TOKEN, Rel("<=", H / 2, at(Inner(Row(X, TOKEN), Vec("w")))))


def test_every_premise_is_needed() -> None:
    """Dropped, swapped, weakened, of another layer, or known of one token: refused."""
    subject = Subject.of(LAYER, {eta: Rational(1, 2)})
    other = Subject.of(LAYER, {eta: Rational(1, 3)})
    found = met(subject).found
    assert isinstance(found, Theorem) and found.by is LAYERS_MEET
    names, premises = dict(found.parameters), found.premises
    for place, premise in enumerate(premises):

        def put(fact: Any, place: int = place) -> Any:
            return apply(LAYERS_MEET, *premises[:place], fact, *premises[place + 1 :], **names)

        less = (*premises[:place], *premises[place + 1 :])
        assert isinstance(apply(LAYERS_MEET, *less, **names), Refusal)
        assert isinstance(put(premises[place - 1]), Refusal), written(premise.says)
        for weak in weaker(premise):
            assert isinstance(put(assume(weak)), Refusal), (place, written(weak))
        if place not in (0, 6, 7):
            local = assume(Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))))
            here = apply(part, apply(together, premise, local), place=0)
            assert isinstance(put(here), Refusal), place
    assert isinstance(apply(LAYERS_MEET, read(STEP, other), *premises[1:], **names), Refusal)
    low = apply(LAYERS_MEET, *premises[:7], assume(LOWER), **names)
    assert isinstance(low, Refusal)
    zero = settle(SIGNS, Rel("<=", 0, premises[4].says.right), *premises[4].premises)
    assert isinstance(zero, Theorem)  # without 0 < κ nothing meets
    assert isinstance(apply(LAYERS_MEET, *premises[:4], zero, *premises[5:], **names), Refusal)


def weaker(premise: Theorem) -> Iterator[Any]:
    """Yield relations that say less, or something else."""
    says = premise.says
    if not isinstance(says, Rel):
        return
    yield Rel(says.op, says.left - 1, says.right)
    yield Rel(says.op, says.left, says.right + 1)
    yield Rel(says.op, says.right, says.left)


@pytest.mark.slow
def test_equal_angles_need_their_layer_and_the_hemisphere() -> None:
    subject, other = Subject.of(LAYER, {eta: S(1)}), Subject.of(LAYER, {eta: S(2)})
    own, theirs = met(subject).found, met(other).found
    assert isinstance(own, Theorem)
    aligned = layers_align(Subject.of(LAYER))
    assert aligned is not None and isinstance(aligned.found, Theorem)
    assert aligned.found.given == {Rel("<=", 0, beta), Rel("<", 0, eta)}
    angles = read(EQUAL_IN_LAYERS, subject)
    assert isinstance(apply(LAYERS_MEET_ALIGNED, angles, own), Theorem)
    for facts in (
        (angles,),
        (own,),
        (own, angles),
        (angles, angles),
        (angles, theirs),
        (angles, apply(part, own, place=1)),
        (angles, apply(together, *(apply(part, own, place=k) for k in (0, 1)))),
        (angles, apply(together, *(apply(part, own, place=k) for k in (1, 1, 2)))),
        (read(CURVE_POSITIVE, subject), own),
    ):
        assert isinstance(apply(LAYERS_MEET_ALIGNED, *facts), Refusal)
    more = assume(Rel("<=", H, Rational(1, 10)))  # of the height of a pole, which is 1/√n
    both = apply(part, apply(together, own, more), place=0)
    assert isinstance(apply(LAYERS_MEET_ALIGNED, angles, both), Refusal)


@pytest.mark.slow
def test_what_a_layer_makes_of_equal_angles() -> None:
    """By numbers, and twins that tell tokens or directions apart."""
    own = equal_in_layers(Subject.of(LAYER))
    assert own is not None and isinstance(own.found, Theorem)
    hot, step, angle, size = 1.5, 0.7, 0.3, 4
    points = np.linalg.cholesky((1 - angle) * np.eye(size) + angle)
    image = compile_model(LAYER, beta=hot, eta=step).unchecked(points)
    off = (image @ image.T)[~np.eye(size, dtype=bool)]
    said = lambdify((gamma, n, beta, eta), own.found.says.arguments[1])
    assert np.allclose(off, said(angle, size, hot, step))
    for field in (
        X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.causal()) * X,
        X + eta * RowSoftmax(beta * X * X.T, m, mask=Mask.band(1)) * X,
    ):
        assert equal_in_layers(Subject.of(layer(field))) is None
        assert layers_align(Subject.of(layer(field))) is None


@pytest.mark.slow
def test_the_rows() -> None:
    names = ["Lemma 6.4", "Theorem 6.3", "Theorem 6.7", "Theorem 6.8", "(6.4)", "equiangular ODE"]
    report = check_model(LAYER, only=names)
    assert {row.evidence.word for row in report.rows} == {"PROVED"}
    assert "(1 - η h e^(-2 β)/(η + 1))^k" in report["Lemma 6.4"].sentence
    assert "γ <- " in report["equiangular ODE"].sentence
    typed = {row.name for row in report.rows if row.evidence.sheet.typed}
    assert typed == {"Lemma 6.4", "Theorem 6.3", "Theorem 6.8", "(6.4)", "equiangular ODE"}
    step = Symbol("c")
    put = LAYER.velocity.xreplace({eta: step})
    own = replace(LAYER, velocity=put, parameters=(beta, step))
    assert check_model(own, only=["Lemma 6.4"])["Lemma 6.4"].word == "PROVED"
