"""Confinement: what is concluded again, of species too, and what is no projection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import MatAdd, MatrixSymbol, S

from proofs_checks.proof import unprojected
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, confined, replayed, settle
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import read
from proofs_checks.theorems.order import REPLACE, TURNED
from proofs_checks.theorems.readers import TOKEN
from proofs_checks.theorems.tangents import ALONG_PROJECTIONS, SPHERICAL
from theory.atoms import Tangent
from theory.models import (
    CROSS_ATTENTION,
    ENCODER_DECODER,
    PRE_LN,
    PURE_ATTENTION,
    QKV,
    SA,
    SINKHORN,
    Model,
)
from theory.symbols import V, X, d, n
from theory.terms import Inner, Norm, Row, ddt

FIELD = MatrixSymbol("F", n, d)
ANY = Model("P F", Tangent(X, FIELD), parameters=(FIELD,))


@pytest.mark.parametrize(
    "model",
    [SA, QKV, SINKHORN, PRE_LN, CROSS_ATTENTION, ENCODER_DECODER, ANY],
    ids=lambda one: one.name,
)
def test_it_is_concluded_again(model: Model) -> None:
    own = confined(Subject.of(model))
    assert not isinstance(own, Refusal)
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    spheres = [block for block in model.blocks if block.space == "sphere"]
    assert len(found.says.args) == 2 * len(spheres)


@pytest.mark.parametrize(
    "model",
    [
        unprojected(SA),
        PURE_ATTENTION,
        replace(QKV, name="V x_i outside", velocity=QKV.velocity + X * V.T),
        replace(SA, name="twice", velocity=MatAdd(2 * SA.velocity, -SA.velocity.field)),
        replace(SA, name="rows added up", velocity=X * X.T * SA.velocity),
        replace(SA, name="other feet", velocity=Tangent(2 * X, SA.velocity.field)),
    ],
    ids=lambda one: one.name,
)
def test_what_is_no_projection_is_refused(model: Any) -> None:
    own = confined(Subject.of(model))
    assert isinstance(own, Refusal) or isinstance(own.found, Refusal)


def test_another_value_is_claimed_in_vain() -> None:
    own = confined(Subject.of(SA), S.One)
    assert not isinstance(own, Refusal)
    assert isinstance(own.found, Theorem) and own.found.says != own.says.then


def test_tokens_of_another_length_aren_t_across() -> None:
    subject, token = Subject.of(ANY), Row(X, TOKEN)
    motion, long = read(ALONG_PROJECTIONS, subject), read(SPHERICAL, subject)
    assert isinstance(motion, Theorem) and isinstance(motion.says, Rel)
    across = Rel("=", Inner(token, motion.says.right), 0)
    assert isinstance(settle(EQUAL, across, long), Theorem)
    for wrong in (assume(Rel("=", Norm(token), 2)), motion):
        assert isinstance(settle(EQUAL, across, wrong), Refusal)
    moved = apply(REPLACE, apply(TURNED, motion), settle(EQUAL, across, long))
    assert isinstance(moved, Theorem) and moved.says == Rel("=", Inner(token, ddt(token)), 0)
