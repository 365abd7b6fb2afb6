"""Every row of every model of the catalogue, of a dozen kernels, and of odd ones, is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import (
    Abs,
    DiagMatrix,
    Heaviside,
    Max,
    Rational,
    Symbol,
    cos,
    cosh,
    exp,
    log,
    sin,
    sqrt,
    tanh,
)

from proofs_checks.own_model import check_model, rows
from proofs_checks.own_model.report import UNDECIDED
from theory import catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.energy import interaction_energy
from theory.models import CAUSAL, QKV, SA, USA, Model, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, d, m, n, t, z

KERNELS = (
    "t",
    "-t",
    "t**2",
    "t**3",
    "exp(2*t)",
    "cosh(beta*t)",
    "-exp(-beta*t)",
    "log(2+t)",
    "exp(t) + t**3",
    "t*exp(t**2)",
    "tanh(3*t)",
    "cos(3*t)",
)


CAP = Symbol("cap", positive=True)
WHOLE = Symbol("q", integer=True)


def _climbing(h: Any) -> Model:
    return gradient_flow(interaction_energy(h))


def _pulled(k: Any) -> Model:
    return Model("k", Tangent(X, Elementwise(k, X * X.T) * DiagMatrix(m) * X))


def _scored(f: Any) -> Model:
    own = (beta, CAP) if CAP in f.free_symbols else (beta,)
    return Model("scores", Tangent(X, RowSoftmax(Elementwise(f, X * X.T), m) * X), parameters=own)


def _times(factor: Any, model: Model = SA) -> Model:
    return replace(model, velocity=Tangent(X, factor * model.velocity.field))


def _normalised(kernel: Any) -> Model:
    return Model("rows", Tangent(X, row_normalised(kernel, m) * X), parameters=(beta,))


SPEEDS = (
    *(1 / (n - 2), n, 1 / d, exp(t), sin(2 * t) ** 2),
    *(exp(-t) * cosh(t), 1 / (2 + sin(t)), exp(-(t**2))),
)
ODD: Mapping[str, Callable[[], Model]] = {
    "(-1)^q z": lambda: _climbing((-1) ** WHOLE * z),
    "a kink": lambda: _climbing(Abs(z - Rational(1, 2)) ** Rational(3, 2) + 2 * z),
    "half of it": lambda: _climbing(Max(z, 0) ** 2 / 2),
    "a root": lambda: _pulled(1 + sqrt(1 - z)),
    "a logarithm": lambda: _pulled(1 - 1 / log((1 - z) / 8)),
    **{f"SA times {c}": lambda c=c: _times(c) for c in SPEEDS},
    "USA times n": lambda: _times(n, USA),
    "causal/(1+t)": lambda: _times(1 / (1 + t), CAUSAL),
    "a step": lambda: _times(1 + Heaviside(5 - t)),
    "capped": lambda: _scored(CAP * tanh(beta * z / CAP)),
    "softplus": lambda: _scored(CAP * log(1 + exp(beta * z / CAP))),
    "sines": lambda: _scored(beta * sin(z)),
    "ReLU of scores": lambda: _normalised(Elementwise(PositivePart(z, 1), beta * X * X.T)),
    "cosines": lambda: _normalised(Elementwise(2 + cos(z), beta * X * X.T)),
    "pushed": lambda: Model("pushed", Tangent(X, SA.velocity.field - 3 * X), parameters=(beta,)),
}
"""Energies, weights and speeds that were errors of ours once, and their neighbours."""


@pytest.mark.full
@pytest.mark.parametrize("value", [np.eye(2), -np.eye(2), np.zeros((2, 2))], ids=["1", "-1", "0"])
def test_no_row_of_a_value_matrix_is_an_error_of_ours(value: Any) -> None:
    _answered(check_model(QKV, V=value))


@pytest.mark.full
@pytest.mark.parametrize("name", [*catalogue(), *KERNELS, *ODD])
def test_no_row_is_an_error_of_ours(name: str) -> None:
    model = ODD[name]() if name in ODD else name if name in KERNELS else catalogue(name)
    _answered(check_model(model))


def _answered(report: Any) -> None:
    assert len(report.rows) == len(rows()) - 1  # no implementation is given
    assert not [row for row in report.rows if "an error of ours" in row.evidence.detail]
    undecided = [row for row in report.rows if row.evidence.verdict is UNDECIDED]
    assert all(row.evidence.detail for row in undecided)
