"""(2.7), H <= 3, (2.8), H <= 2: equal heads are (2.3); (2.8) without w is (2.7).

Main results
------------
- (2.7), H <= 3: one head is (2.3), and so are H = 2 and 3 equal heads with V/H each.
- (2.8), H <= 2: with w = 0 the full block is (2.7), for one and two heads.

How it is proved
----------------
The values are put in the general velocity, and the row algebra reduces the difference of the two
velocities to 0. This is exact for symbolic n, d, k and matrices; the number of heads is fixed.
Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (2.7) and (2.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Integer, MatrixSymbol, Rational, ZeroMatrix
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Verdict
from proofs_checks.proof import (
    SYMBOLIC,
    Flow,
    RowAlgebra,
    Statement,
    Vanishing,
    Witness,
    row_defect,
    vanishes,
    vector_difference,
)
from theory.layers import feed_forward, multi_head
from theory.models import QKV, Model
from theory.symbols import K, Q, V, d, k, width


@dataclass(frozen=True)
class Specialisation:
    """Values of a model's parameters at which it is said to be another model.

    Attributes
    ----------
    changes : tuple of tuple of (MatrixSymbol, MatrixExpr)
        One set of values a model.
    targets : tuple of Model
    """

    changes: tuple[tuple[tuple[Any, Any], ...], ...]
    targets: tuple[Model, ...]


@dataclass(frozen=True)
class Case:
    """One model's values, and the model that it becomes."""

    changes: tuple[tuple[Any, Any], ...]
    target: Model


def _each(models: tuple[Model, ...], prediction: Specialisation) -> tuple[tuple[Model, Case], ...]:
    cases = map(Case, prediction.changes, prediction.targets)
    return tuple(zip(models, cases, strict=True))


def _put(flow: Flow, case: Case) -> MatrixExpr:
    """Velocity of a flow at the values."""
    return flow.model.velocity.xreplace(dict(case.changes)).doit()


def special_left(flow: Flow, case: Case) -> Any:
    """Difference of the velocities in the row algebra, and what is compared."""
    algebra, target = RowAlgebra(), case.target.velocity
    left = vector_difference(algebra.vector(_put(flow, case)), algebra.vector(target))
    compared = flow.model.velocity.xreplace(dict(case.changes)) - target
    name = f"x_i' of {flow.name} at the values, minus x_i' of {case.target.name}"
    return ((name, left),), (compared,)


def special_at_a_point(flow: Flow, case: Case, rng: np.random.Generator) -> str:
    """Compare the velocities at a drawn point."""
    special, target = _put(flow, case), case.target.velocity
    point = Witness(rng, [special, target])
    at = point.evaluator()
    return row_defect(at(special), at(target), "the difference of x_{i}'", point)


def no_values(flow: Flow) -> Case | None:
    """Return None: which values make a flow another one is for a claim to say."""
    return None


def _at_values(heads: str) -> Statement[Any]:
    """Make the statement for some numbers of heads."""
    words = {**SYMBOLIC, "matrices": "symbolic", "heads": heads}
    says = "difference of the velocities"
    what = Vanishing(special_left, special_at_a_point, says, words, confined=False)
    sentence = "at these values of its matrices the flow is another one"
    return replace(vanishes("", sentence, what, no_values), cases=_each)


def _equal_heads(heads: int, share: Any = None) -> tuple[tuple[Any, Any], ...]:
    """Values of H heads that are all (Q, K, share·V), the share being 1/H."""
    part = Rational(1, heads) if share is None else share
    changes: list[tuple[Any, Any]] = []
    for h in range(1, heads + 1):
        changes += [
            (MatrixSymbol(f"Q_{h}", k, d), Q),
            (MatrixSymbol(f"K_{h}", k, d), K),
            (MatrixSymbol(f"V_{h}", d, d), part * V),
        ]
    return tuple(changes)


_HEADS = tuple(multi_head(heads) for heads in (1, 2, 3))


def _split(*shares: Any) -> Specialisation:
    changes = tuple(_equal_heads(h, s) for h, s in zip((1, 2, 3), shares, strict=True))
    return Specialisation(changes, (QKV, QKV, QKV))


MULTI_HEAD = Claim(
    "(2.7), H <= 3",
    "One head is (2.3), and so are H = 2 and 3 equal heads with V/H each.",
    _HEADS,
    _split(None, None, None),
    _at_values("1, 2, 3"),
    (
        Control("H equal heads with V each", prediction=_split(1, 1, 1)),
        Control("V/H -> V/H²", prediction=_split(None, Rational(1, 4), Rational(1, 9))),
        Control("one head more", model=(_HEADS[1], _HEADS[1], _HEADS[2])),
    ),
    Verdict.PROVED,
)


def _blocks(*zero: str) -> tuple[tuple[Any, Any], ...]:
    """Values that make parts of the feed-forward layer zero."""
    shapes: dict[str, tuple[Any, Any]] = {
        "w": (d, width),
        "a": (width, d),
        "b": (width, Integer(1)),
    }
    return tuple((MatrixSymbol(s, *shapes[s]), ZeroMatrix(*shapes[s])) for s in zero)


_FULL = (feed_forward(1), feed_forward(2))


def _without(*zero: str) -> Specialisation:
    return Specialisation((_blocks(*zero),) * 2, (_HEADS[0], _HEADS[1]))


FEED_FORWARD = Claim(
    "(2.8), H <= 2",
    "Without its feed-forward part, w = 0, the full block (2.8) is (2.7), of one and two heads.",
    _FULL,
    _without("w"),
    _at_values("1, 2"),
    (
        Control("w = 0 -> a = 0", prediction=_without("a")),
        Control("w = 0 -> b = 0", prediction=_without("b")),
    ),
    Verdict.PROVED,
)


CLAIMS = (MULTI_HEAD, FEED_FORWARD)
