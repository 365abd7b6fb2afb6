"""Hostile models in pull form or nearly so: what is false of them is never said to be so.

Truths are by hand. A pull that is negative at times turns tokens away (two of them at 60°); a clock
∫s that converges, or lengths that grow like e^t, leave two tokens apart for ever; two pairs that
don't see each other stay where each is. What attracts at every time, however slowly, keeps (4.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
from sympy import DiagMatrix, OneMatrix, Symbol, cos, exp, sin

from proofs_checks import check_model
from proofs_checks.claim import Verdict
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.blocks import Block
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, n, r, t, z

NEAR, LOW, MEET, CLIMB = "(4.2)", "(6.2)", "Lemma 6.4", "energy ascent"
SAID = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)
WEIGHTS = RowSoftmax(beta * X * X.T, m)
SHARED = DiagMatrix(Elementwise(1 / z, r)) * WEIGHTS * X
GROWTH = catalogue("pre-LN").velocities[r]
PAIRS = np.kron(np.eye(2), np.ones((2, 2)))
FACTOR = Symbol("c", real=True)


def lengths(moves: Any, grows: Any = GROWTH) -> Model:
    blocks = (Block(X), Block(r, "positive"))
    return Model("mine", {X: moves, r: grows}, parameters=(beta,), blocks=blocks)


def tokens(field: Any, *parameters: Any) -> Model:
    return Model("mine", Tangent(X, field), parameters=(beta, *parameters))


class Hostile(NamedTuple):
    """A model, values, and what is true and what is false of it."""

    model: Any
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    given: Mapping[str, Any] = MappingProxyType({})


CASES = {
    "a negative head": Hostile(
        tokens(WEIGHTS * X - 2 * RowSoftmax(3 * beta * X * X.T, m) * X), false=(NEAR, MEET)
    ),
    "a factor of either sign": Hostile(tokens(FACTOR * WEIGHTS * X, FACTOR), (), (NEAR, MEET)),
    "lengths below 1 turn it": Hostile(
        lengths(Tangent(X, DiagMatrix(r - OneMatrix(n, 1)) * WEIGHTS * X)), false=(NEAR, CLIMB)
    ),
    "a clock that turns": Hostile(lengths(sin(t) * Tangent(X, SHARED)), (), (NEAR, LOW, CLIMB)),
    "a clock that rests": Hostile(
        lengths(cos(t) ** 2 * Tangent(X, SHARED)), (NEAR, LOW, MEET, CLIMB)
    ),
    "a clock that rests once": Hostile(
        lengths((t - 1) ** 2 * Tangent(X, SHARED)), (NEAR, LOW, MEET, CLIMB)
    ),
    "a clock that converges": Hostile(
        lengths(exp(-t) * Tangent(X, SHARED)), (NEAR, LOW, CLIMB), (MEET,)
    ),
    "a clock without a start": Hostile(lengths(Tangent(X, SHARED) / t)),
    "lengths that grow by themselves": Hostile(
        lengths(Tangent(X, SHARED), exp(t) * r), (NEAR, LOW, CLIMB), (MEET,)
    ),
    "lengths that stay": Hostile(lengths(Tangent(X, SHARED), 0 * r), (NEAR, LOW, MEET, CLIMB)),
    "lengths that shrink": Hostile(lengths(Tangent(X, SHARED), -GROWTH), (NEAR, LOW, CLIMB)),
    "a token's own pull": Hostile(lengths(Tangent(X, SHARED + X)), (NEAR, LOW, MEET, CLIMB)),
    "two pairs": Hostile(catalogue("graph"), (NEAR, LOW, CLIMB), (MEET,), {"W": PAIRS}),
    "two pairs with lengths": Hostile(
        catalogue("graph + pre-LN"), (NEAR, LOW, CLIMB), (MEET,), {"W": PAIRS}
    ),
    "β < 0": Hostile(catalogue("pre-LN"), (NEAR, LOW, MEET, CLIMB), (), {"beta": -1}),
    "β = 0": Hostile(catalogue("pre-LN"), (NEAR, LOW, MEET, CLIMB), (), {"beta": 0}),
    "β that falls": Hostile(catalogue("pre-LN"), (NEAR, LOW), (), {"beta": lambda s: 3 - s}),
    "masses that vanish in the end": Hostile(
        Model(
            "mine",
            {X: Tangent(X, WEIGHTS * X), m: -m},
            parameters=(beta,),
            blocks=(Block(X), Block(m, "positive")),
        ),
        (NEAR, LOW, MEET),
    ),
    "kernels of either sign": Hostile(
        tokens(Elementwise(z, X * X.T) * DiagMatrix(m) * X), (NEAR, CLIMB), (MEET, LOW)
    ),
    "a pace that is 0": Hostile(tokens(0 * SA.velocity.field), (NEAR, LOW), (MEET,)),
}


@pytest.mark.every(7)
@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_hostile_models(name: str) -> None:
    case = CASES[name]
    for row in check_model(case.model, only=(NEAR, LOW, MEET, CLIMB), **case.given).rows:
        word = (name, row.name, row.evidence.word, row.evidence.detail)
        if row.name in case.false:
            assert row.evidence.verdict not in SAID, word
        if row.name in case.true:
            assert row.evidence.verdict is not Verdict.REFUTED, word
        if row.name not in case.true + case.false:
            assert row.evidence.verdict is not Verdict.PROVED, word
