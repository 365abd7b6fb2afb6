"""(2.7), (2.8): one head, and equal heads, are (2.3); (2.8) without w is (2.7).

Main results
------------
- (2.7): one head is (2.3), and so are H equal heads with V/H each, for H = 1, 2, 3.
- (2.8): with w = 0 the full block is (2.7), for one and two heads.

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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Integer, MatrixSymbol, Rational, ZeroMatrix

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import (
    SYMBOLIC,
    RowAlgebra,
    Witness,
    decimal,
    excludes_zero,
    settle,
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


def check_special_case(model: Any, prediction: Specialisation, budget: Budget) -> Evidence:
    """Substitute the values and compare the velocities row by row in the Gram algebra.

    Parameters
    ----------
    model : tuple of Model
        The general models.
    prediction : Specialisation
        Values of their parameters, and the models that they become.
    budget : Budget
        Points to draw for a counterexample.
    """
    residuals, broken, legends = [], [], []
    for one, changes, target in zip(model, prediction.changes, prediction.targets, strict=True):
        values: Mapping[Any, Any] = dict(changes)
        special = one.velocity.xreplace(values).doit()
        algebra = RowAlgebra()
        left = vector_difference(algebra.vector(special), algebra.vector(target.velocity))
        residuals.append((f"{one.name} - {target.name}", left))
        if left != 0:
            broken.append((special, target.velocity))
            legends.append(algebra.legend)

    def refute(rng: np.random.Generator) -> str:
        special, velocity = broken[0]
        point = Witness(rng, [special, velocity])
        at = point.evaluator()
        for i, (left, right) in enumerate(zip(at(special), at(velocity), strict=True), start=1):
            for j, (a, b) in enumerate(zip(left, right, strict=True), start=1):
                if excludes_zero(a - b):
                    return f"x_{i}' differs in coordinate {j} by {decimal(a - b)} at {point}"
        return ""

    names = ", ".join(
        f"{a.name} to {b.name}" for a, b in zip(model, prediction.targets, strict=True)
    )
    return settle(
        residuals,
        refute,
        budget,
        f"difference of the velocities, {names}",
        legend="; ".join(legends),
        scope={**SYMBOLIC, "matrices": "symbolic", "heads": "fixed"},
        identity=tuple(
            a.velocity.xreplace(dict(change)) - b.velocity
            for a, b, change in zip(model, prediction.targets, prediction.changes, strict=True)
        ),
    )


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
    "(2.7)",
    "One head is (2.3), and so are H equal heads with V/H each.",
    _HEADS,
    _split(None, None, None),
    check_special_case,
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
    "(2.8)",
    "Without its feed-forward part, w = 0, the full block (2.8) is (2.7).",
    _FULL,
    _without("w"),
    check_special_case,
    (
        Control("w = 0 -> a = 0", prediction=_without("a")),
        Control("w = 0 -> b = 0", prediction=_without("b")),
    ),
    Verdict.PROVED,
)


CLAIMS = (MULTI_HEAD, FEED_FORWARD)
