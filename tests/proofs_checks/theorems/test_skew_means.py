"""Averages over skew matrices: compared with matrices that are drawn, and every premise needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import exp

from proofs_checks.proof import Flow
from proofs_checks.propositions import Is, Rel
from proofs_checks.theorems import Refusal, apply, assume, mean_bend_of_subset
from proofs_checks.theorems.kernel import NotConcluded
from proofs_checks.theorems.skew_means import AVERAGED, mean_of
from proofs_checks.theorems.turned_subsets import SKEW, B
from theory.models import SA
from theory.symbols import beta, d, z
from theory.terms import Image, Inner, Norm, Vec, ddt

U, V = Vec("u"), Vec("v")
PROFILE = exp(beta * z) * ((d - 1) * z - beta * (1 - z**2))
BU, BV = Image(B, U), Image(B, V)


@pytest.mark.parametrize(
    "term",
    [
        Inner(BU, V) ** 2,
        Inner(BU, V) * Inner(U, BV) - Inner(U, V),
        Inner(Image(B, BU), V),
        Inner(BU, BV) + Inner(Image(B, BV), U),
        Inner(BU, V) * (Inner(BU, V) + 3),
    ],
)
def test_averages_of_drawn_matrices(term: Any) -> None:
    rng = np.random.default_rng(0)
    u, v = np.array([1.0, 2.0, 0.5]), np.array([-1.0, 0.3, 2.0])
    raw = np.triu(rng.standard_normal((200_000, 3, 3)), 1)
    turns = raw - raw.transpose(0, 2, 1)
    bu, bv = turns @ u, turns @ v
    bbu, bbv = np.einsum("kij,kj->ki", turns, bu), np.einsum("kij,kj->ki", turns, bv)
    arrays = {U: u, V: v, BU: bu, BV: bv, Image(B, BU): bbu, Image(B, BV): bbv}
    values = _value(term, arrays)
    expected = _value(mean_of(term, B).subs(d, 3), arrays)
    assert np.mean(values) == pytest.approx(np.mean(expected), abs=0.15)


def _value(term: Any, arrays: Any) -> Any:
    if isinstance(term, Inner):
        a, b = (arrays[one] for one in term.args)
        return (a * b).sum(axis=-1)
    if not term.args:
        return float(term)
    parts = [_value(one, arrays) for one in term.args]
    if term.is_Pow:
        return parts[0] ** parts[1]
    whole = parts[0]
    for one in parts[1:]:
        whole = whole * one if term.is_Mul else whole + one
    return whole


@pytest.mark.parametrize(
    "term",
    [
        Inner(BU, V) ** 3,
        Inner(Image(B, BU), V) * Inner(BU, V),
        exp(Inner(BU, V)),
        Norm(BU),
        1 / Inner(BU, V) ** 2,
        Inner(BU, ddt(BV)),
    ],
)
def test_other_averages_arent_known(term: Any) -> None:
    with pytest.raises(NotConcluded):
        mean_of(term, B)


def test_every_premise_is_needed() -> None:
    step = mean_bend_of_subset(Flow.of(SA), PROFILE).found
    bend, mean = step.premises
    assert step.by is AVERAGED and Is(SKEW, B) not in step.given
    longer = assume(Rel("=", bend.says.left, bend.says.right))
    moved = apply(AVERAGED, bend, assume(Rel("=", 2 * mean.says.left, mean.says.right)), matrix=B)
    for found in (
        apply(AVERAGED, longer, mean, matrix=B),
        apply(AVERAGED, mean, bend, matrix=B),
        apply(AVERAGED, bend, assume(Rel("<=", *mean.says.args[1:])), matrix=B),
        moved,
    ):
        assert isinstance(found, Refusal)


@pytest.mark.parametrize("wrong", [PROFILE + z, 2 * PROFILE, PROFILE.subs(d, d + 1)])
def test_another_profile_is_no_average(wrong: Any) -> None:
    assert isinstance(mean_bend_of_subset(Flow.of(SA), wrong).found, Refusal)
