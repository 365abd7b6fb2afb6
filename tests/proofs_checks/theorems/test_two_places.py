"""Weights at two places by numpy; what isn't known at all states, or of kernels, is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import S, exp, lambdify

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    ALONE,
    LEVEL,
    OTHER,
    WHOLE,
    Refusal,
    Theorem,
    TwoPlaces,
    attached,
    replayed,
    uneven,
    valued,
)
from proofs_checks.theorems.almost_every import HOT
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.kernel import apply, assume, settle
from proofs_checks.theorems.readers import TOKEN
from proofs_checks.theorems.two_places import (
    AT_EQUAL_ANGLES,
    AT_PLACES,
    BY_PLACES,
    PARTED,
    PLACES,
    RISES,
    RISING_KERNEL,
    UNEVEN,
    factored,
    parted,
    shown,
)
from theory.atoms import Tangent
from theory.models import PRE_LN, SA, catalogue
from theory.symbols import X, beta, m, n, r, z
from theory.terms import Inner, Item, Row, total

KERNEL = exp(beta * z)


def weight_of(name: str) -> tuple[Subject, Any]:
    model: Any = catalogue(name)
    subject = Subject.of(model)
    own = attached(subject)
    assert not isinstance(own, Refusal)
    return subject, own.pace / Item(m, TOKEN)


@pytest.mark.parametrize("name", ["nGPT", "sink", "softmax-off-by-one"])
def test_weights_are_concluded_again(name: str) -> None:
    subject, weight = weight_of(name)
    own = uneven(subject, KERNEL, weight)
    assert own is not None and isinstance(own.found, Theorem)
    assert replayed(own.found).says == own.says.then
    assert {HOT, SEVERAL} <= own.found.given


def test_weights_of_one_sign_are_told_apart() -> None:
    """All velocities turned round have weights < 0; of weights that change sign nothing is said."""
    _, weight = weight_of("sink")
    sink: Any = catalogue("sink")
    turned = replace(sink, velocity=Tangent(X, -sink.velocity.field))
    weight = -(weight.expand())
    own = uneven(Subject.of(turned), KERNEL, weight)
    assert own is not None and isinstance(own.found, Theorem)
    *_, sign, _ = own.found.premises[-1].premises
    assert sign.says == Rel("<=", weight, 0)
    apart, rises, _, several = own.found.premises[-1].premises
    for other in (Rel("<=", -1, weight), Rel("<=", -weight, 1), Rel("<", weight, 0)):
        assert isinstance(apply(UNEVEN, apart, rises, assume(other), several), Refusal)


def test_two_places_by_numpy() -> None:
    """|Σ_j m_j e^(β<x_i,x_j>) x_j| of each token, which is nGPT's weight."""
    _, weight = weight_of("nGPT")
    names = sorted(parted(weight, KERNEL).free_symbols, key=str)
    value = lambdify(names, parted(weight, KERNEL))
    rng = np.random.default_rng(0)
    masses, hot, angle = rng.uniform(0.2, 1, 5), 1.3, 0.9
    x = np.array([[1, 0]] + [[np.cos(angle), np.sin(angle)]] * 4)
    pull = (np.exp(hot * x @ x.T) * masses) @ x
    first, second = (pull[:2] ** 2).sum(1)
    at = {"K": np.exp(hot), "k": np.exp(hot * x[0] @ x[1]), "g": x[0] @ x[1], "alpha": 1.0}
    at |= {"m_1": masses[0], "mu": masses[1:].sum()}
    assert value(*(at[str(name)] for name in names)) == pytest.approx(first - second)


def test_other_premises_are_refused() -> None:
    subject, weight = weight_of("sink")
    own = uneven(subject, KERNEL, weight)
    assert own is not None and isinstance(own.found, Theorem)
    apart, last = own.found.premises[1:]
    _, rises, sign, several = last.premises
    left = shown(parted(weight, KERNEL))
    assert isinstance(apply(UNEVEN, apart, rises, sign, several), Theorem)
    other = settle(RISING_KERNEL, Is(RISES, exp(2 * beta * z)), assume(HOT))
    for facts in (
        (apart, rises, sign),
        (apart, other, sign, several),
        (apart, rises, assume(Rel("<=", 0, weight)), several),
        (apart, rises, assume(Rel("<=", weight, 0)), several),
        (assume(apart.says), rises, sign, several),
        (rises, apart, sign, several),
        (apart, rises, sign, assume(HOT)),
    ):
        assert isinstance(apply(UNEVEN, *facts), Refusal)
    for engine, says, given in (
        (PLACES, Is(PARTED, weight, KERNEL, 2 * left), ()),
        (PLACES, Is(RISES, KERNEL), ()),
        (RISING_KERNEL, Is(RISES, KERNEL), ()),
        (RISING_KERNEL, Is(RISES, exp(-beta * z)), (assume(HOT),)),
        (RISING_KERNEL, Is(RISES, z), ()),
    ):
        assert isinstance(settle(engine, says, *given), Refusal)
    assert factored(left) and not factored(left + 1)
    assert TwoPlaces((1, 2), (1, 1), 0)(Item(m, TOKEN), 1) == 2


def test_values_are_those_of_sums_and_of_no_others() -> None:
    """Σ_j m_j e^(β<x_i,x_j>), at equal angles and where one token is apart from the others."""
    pair = Inner(Row(X, TOKEN), Row(X, OTHER))
    weight = total(Item(m, OTHER) * exp(beta * pair), OTHER)
    near, far = exp(beta), exp(beta * LEVEL)
    factor, excess = (near + (n - 1) * far) / n, (2 * ALONE - WHOLE) * (near - far)
    right = Is(AT_EQUAL_ANGLES, weight, factor), Is(AT_PLACES, weight, excess)
    assert all(isinstance(settle(BY_PLACES, one), Theorem) for one in right)
    seen = total(Item(m, OTHER) * weight.xreplace({TOKEN: OTHER}), OTHER)
    for says in (
        Is(AT_EQUAL_ANGLES, weight, (near + n * far) / n),
        Is(AT_EQUAL_ANGLES, weight, factor.subs(n, 2)),
        Is(AT_EQUAL_ANGLES, weight * Item(r, TOKEN), factor),
        Is(AT_EQUAL_ANGLES, seen, factor),
        Is(AT_PLACES, weight, excess.subs(WHOLE, 2 * ALONE)),
        Is(AT_PLACES, weight, factor),
        Is(AT_PLACES, ALONE * weight, ALONE * excess),
        Is(RISES, KERNEL),
    ):
        assert isinstance(settle(BY_PLACES, says), Refusal)


def test_a_metric_of_other_weights_is_refused() -> None:
    found = valued(Subject.of(SA), S.One, S.One, S.One, S.Zero)
    assert isinstance(found, Refusal) and "are others" in found.reason


def test_lengths_are_no_matter_of_two_places() -> None:
    subject = Subject.of(PRE_LN)
    own = attached(subject)
    assert not isinstance(own, Refusal)
    assert uneven(subject, KERNEL, own.pace / Item(m, TOKEN)) is None
