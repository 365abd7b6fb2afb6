"""Axes that a model's matrices single out, and pairs of tokens that are nearly opposite along them.

A model with matrices treats some directions unlike others. Starts that are placed by these axes
turn along with the matrices, so that what is seen doesn't hang on how the matrices are written.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sympy import MatrixSymbol

from proofs_checks.own_model.report import Array
from proofs_checks.own_model.subject import Case, Subject
from theory.symbols import d

_NEAR = 0.05
"""Angle by which tokens of a pair miss being opposite: less is slow where opposite tokens repel."""

_REAL, _DIGITS = 1e-12, 6
"""Imaginary parts that are rounding, and digits that rounding leaves of equal shares."""


def matrices_of(subject: Subject, dimension: int) -> tuple[list[Array], list[Array]]:
    """Return the matrices with one side of length d, as rows in R^d, and those of shape (d, d)."""
    bound = subject.fields[dimension].parameters
    rows, squares = [], []
    for symbol in subject.model.parameters:
        value = bound.get(str(symbol))
        if not isinstance(symbol, MatrixSymbol) or d not in symbol.shape or callable(value):
            continue
        array = np.asarray(value, dtype=float)
        array = array.reshape(array.shape[-2:])
        if symbol.shape == (d, d):
            squares.append(array)
        else:
            rows.append(array if symbol.shape[1] == d else array.T)
    return rows, squares


def axes_of(subject: Subject, dimension: int) -> Array | None:
    """Orthonormal rows that turn along with the matrices of a model; None if it has none.

    They are the eigenvectors of one symmetric form made of all of them, each with the sign that
    rows in R^d give it. Where all matrices are (d, d) the field is odd, and one sign is free.
    """
    rows, squares = matrices_of(subject, dimension)
    if not rows and not squares:
        return None
    # Shares that differ, so that matrices don't cancel.
    forms = [a.T @ a for a in rows] + [a + a.T + a.T @ a for a in squares]
    axes = np.linalg.eigh(sum(form / (1 + k) for k, form in enumerate(forms)))[1].T
    if rows:
        towards = sum(np.arange(1, len(a) + 1) @ a for a in rows)
    else:
        towards = axes[0] @ sum(a / (1 + k) for k, a in enumerate(squares))
    signs = np.where(axes @ towards < 0, -1.0, 1.0)
    return np.asarray(axes * signs[:, None])


def nearly_opposite(subject: Subject, dimension: int) -> Iterator[Case]:
    """Yield pairs next to opposite ones: along the axes, halfway between, and along eigenvectors.

    Where opposite tokens attract, as value matrices other than the identity may make them, a pair
    that starts there never meets.
    """
    axes = axes_of(subject, dimension)
    if axes is None or dimension < 2:
        return
    halves = [(axes[0] + sign * axes[1]) / np.sqrt(2) for sign in (1, -1)]
    own = []
    for square in matrices_of(subject, dimension)[1]:
        values, vectors = np.linalg.eig(square)
        order = [k for k in np.argsort(values.real) if abs(values[k].imag) < _REAL]
        for vector in vectors.T[order].real:
            leads = axes[np.argmax(np.round(np.abs(axes @ vector), _DIGITS))]
            own.append(vector if vector @ leads > 0 else -vector)
    for along in (*axes, *halves, *own):
        for sign in (1, -1):
            # The axis least along it, made orthogonal to it.
            other = axes[np.argmin(np.round(np.abs(axes @ along), _DIGITS))]
            aside = sign * (other - (other @ along) * along)
            lift = np.sin(_NEAR) * aside / np.linalg.norm(aside)
            yield Case(np.array([lift + np.cos(_NEAR) * along, lift - np.cos(_NEAR) * along]), None)
