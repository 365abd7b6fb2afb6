"""Fields and potentials read at any points of the sphere: (3.2), (3.3), the potential of (3.5).

Sums over tokens are integrals; with them slopes along a potential, test functions <b,x>^p, and a
look at a proved identity at drawn points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import DiagMatrix, Expr, Integer, MatrixSymbol, Rational, Symbol, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.decide import interval
from proofs_checks.proof.identity import MOVE, PROBE_MOVE, at_tokens
from proofs_checks.proof.row_algebra import PROBES, RowAlgebra
from proofs_checks.proof.witness import Witness
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import Evaluator, differential
from theory.symbols import X, beta, d, m, n, z

PROBE_KERNEL = Elementwise(exp(beta * z), PROBES * X.T)


KERNEL_MASS = PROBE_KERNEL * m


SUM_FIELD = Tangent(PROBES, PROBE_KERNEL * DiagMatrix(m) * X)


MEAN_FIELD = Tangent(PROBES, RowSoftmax(beta * PROBES * X.T, m) * X)


PROBE_POTENTIAL = Elementwise(exp(beta * z) / beta, PROBES * X.T) * m


ONE_PROBE = PROBES.shape[0]


TEMPERATURES = (Rational(1, 4), Rational(5, 4), Integer(4))
"""Cold, generic and hot values of β: a bound may be wrong on one side of β = 1 only."""


FINITE_MEASURES_ARE_DENSE = ("finite measures are dense: both sides are weakly continuous in mu",)


_DIRECTION = MatrixSymbol("b", d, 1)


_POWER = Symbol("p", integer=True, positive=True)


TEST_FUNCTION = Elementwise(z**_POWER, PROBES * _DIRECTION)


def slope_along(algebra: RowAlgebra, potential: MatrixExpr) -> Expr:
    """``<u, grad φ(x_i)>`` for an arbitrary u."""
    slope = differential(potential, PROBES, Tangent(PROBES, PROBE_MOVE))
    return algebra.column(at_tokens(slope))


def slope_along_at(potential: MatrixExpr, at: Evaluator, axis: int, sizes: Any) -> list[Any]:
    """``<e_axis, grad φ(x_i)>`` for every token, in numbers."""
    slope = at_tokens(differential(potential, PROBES, Tangent(PROBES, PROBE_MOVE)))
    unit = [[interval(Integer(c == axis)) for c in range(sizes[d])]] * sizes[n]
    return [row[0] for row in at.with_value(MOVE, unit)(slope)]


def tested_witness(expressions: list[Any], rng: np.random.Generator) -> Witness:
    """Draw a point, and a test function <b, x>^p with p = 1, 2, 3."""
    point = Witness(rng, [at_tokens(e) for e in expressions])
    point.scalars[_POWER] = Integer(int(rng.integers(1, 4)))
    return point
