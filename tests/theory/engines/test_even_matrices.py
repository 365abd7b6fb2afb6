"""Matrices aI + bJ of several species, against NumPy."""

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    HadamardProduct,
    Identity,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Symbol,
    exp,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowSoftmax
from theory.engines import EvenMatrix, evaluate_even
from theory.masks import Mask
from theory.symbols import G, m, n, z

L = Symbol("l", integer=True, positive=True)
CROSS, SECOND = MatrixSymbol("C", n, L), MatrixSymbol("S", L, L)
VALUES = {
    G: EvenMatrix(n, n, Rational(2, 3), Rational(1, 3)),
    CROSS: EvenMatrix(n, L, 0 * n, Rational(1, 5)),
    SECOND: EvenMatrix(L, L, Rational(3, 4), Rational(1, 4)),
    m: EvenMatrix(n, 1 + 0 * n, 0 * n, 1 / n),
}
SIZES = {n: 4, L: 3}


def as_array(value: EvenMatrix) -> np.ndarray:
    rows, columns = (int(side.subs(SIZES)) for side in (value.rows, value.columns))
    entry, own = float(value.entry.subs(SIZES)), float(value.own.subs(SIZES))
    return own * np.eye(rows, columns) + entry


A = {symbol: as_array(value) for symbol, value in VALUES.items()}
SOFT = np.exp(A[CROSS]) / np.exp(A[CROSS]).sum(axis=1, keepdims=True)
CASES = (
    (G * CROSS * SECOND, A[G] @ A[CROSS] @ A[SECOND]),
    (CROSS.T * G + 2 * CROSS.T, A[CROSS].T @ A[G] + 2 * A[CROSS].T),
    (RowSoftmax(CROSS, OneMatrix(L, 1)) * SECOND, SOFT @ A[SECOND]),
    (DiagMatrix(G * m) ** -1 * G, np.diag(1 / (A[G] @ A[m])[:, 0]) @ A[G]),
    (Elementwise(exp(z) + z, G), np.exp(A[G]) + A[G]),
    (HadamardProduct(G, G) - Identity(n), A[G] ** 2 - np.eye(4)),
    (DiagonalMatrix(CROSS * CROSS.T) * CROSS, np.diag(np.diag(A[CROSS] @ A[CROSS].T)) @ A[CROSS]),
    (SECOND**-2, np.linalg.matrix_power(np.linalg.inv(A[SECOND]), 2)),
    (m.T * G * m, A[m].T @ A[G] @ A[m]),
    ((m.T * G * m) ** -1, 1 / (A[m].T @ A[G] @ A[m])),
)


@pytest.mark.parametrize(("expr", "value"), CASES, ids=[str(expr) for expr, _ in CASES])
def test_values_are_those_of_arrays(expr, value):
    assert np.allclose(as_array(evaluate_even(expr, VALUES)), value, rtol=1e-13)


def test_what_tells_rows_apart_is_refused():
    with pytest.raises(ValueError, match="treats all rows alike"):
        evaluate_even(RowSoftmax(G, m, mask=Mask.causal()), VALUES)
    with pytest.raises(ValueError, match="treats all rows alike"):
        evaluate_even(MatrixSymbol("unknown", n, n), VALUES)
