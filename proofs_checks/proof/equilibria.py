"""Exact equilibria at β = 0, and what is asked there: speeds, cuts, the limit E_0 of (C.1).

Squares, rectangles, antipodal groups and octahedra of equal masses, as rational rows; symbols
for the subset S, its sums and its rotation in (A.2) to (B.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, Symbol, symbols

from proofs_checks.proof.alphabet import Array
from theory.bounded import simplified, vanishes
from theory.energy import pair_kernel, pole_free
from theory.engines import Evaluator
from theory.models import Model
from theory.symbols import X, beta, d, m, n, z

SQUARE = Symbol("s", positive=True)
"""|y_S|², y_S the sum of the tokens of S."""


PART_P, PART_Q = Symbol("a", nonnegative=True), Symbol("b", nonnegative=True)
"""How many of the p tokens at x, and of the q at -x, are in S."""


SYMBOLIC_SIZES = {"n": "symbolic", "d": "symbolic, >= 2", "masses": "symbolic"}
"""Scope of a proof for all sizes and masses."""


_MORE_N, MORE_D = Symbol("i", nonnegative=True), Symbol("j", nonnegative=True)


SIZES = {n: 2 + _MORE_N, d: 2 + MORE_D}
"""n and d written so that both are seen to be at least 2."""


Rows = tuple[tuple[Any, ...], ...]


THREE_FIFTHS, FOUR_FIFTHS = Rational(3, 5), Rational(4, 5)


SQUARE_TOKENS: Rows = ((1, 0), (0, 1), (-1, 0), (0, -1))


RECTANGLE: Rows = (
    (THREE_FIFTHS, FOUR_FIFTHS),
    (FOUR_FIFTHS, THREE_FIFTHS),
    (-THREE_FIFTHS, -FOUR_FIFTHS),
    (-FOUR_FIFTHS, -THREE_FIFTHS),
)


THREE_AGAINST_ONE: Rows = ((1, 0), (1, 0), (1, 0), (-1, 0))


PAIR_OF_PAIRS: Rows = (
    (THREE_FIFTHS, FOUR_FIFTHS),
    (THREE_FIFTHS, FOUR_FIFTHS),
    (-THREE_FIFTHS, -FOUR_FIFTHS),
    (-THREE_FIFTHS, -FOUR_FIFTHS),
)


OCTAHEDRON: Rows = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))


ALL_ALIKE: Rows = ((THREE_FIFTHS, FOUR_FIFTHS),) * 3


CRITICAL = (SQUARE_TOKENS, RECTANGLE, THREE_AGAINST_ONE, PAIR_OF_PAIRS, OCTAHEDRON)
"""Exact equilibria at β = 0 off consensus: balanced ones, and antipodal ones."""


def field_energies(field: Any, systems: Array) -> Array:
    """Energies of many systems, one after the other."""
    return np.asarray([float(field.energy(points)) for points in systems])


def tokens_off_sphere(systems: Array) -> str:
    """Name a token that has left the sphere, "" if none has."""
    lengths = np.linalg.norm(systems, axis=-1).ravel()
    worst = int(np.abs(lengths - 1).argmax())
    return (
        f"a turned token has length {lengths[worst]:.6f}" if abs(lengths[worst] - 1) > 1e-9 else ""
    )


def dot(x: Sequence[Any], y: Sequence[Any]) -> Expr:
    """Exact inner product of two rows."""
    return sum((a * b for a, b in zip(x, y, strict=True)), S.Zero)


def total_of_rows(rows: Sequence[Sequence[Any]], width: int) -> list[Expr]:
    """Exact sum of rows; of no rows it is 0 in the given width."""
    return [sum((row[c] for row in rows), S.Zero) for c in range(width)]


def cold_speed(model: Model, tokens: Rows) -> Expr:
    """Return ``Σ |x_i'|²`` at exact tokens of equal masses, at β = 0.

    Parameters
    ----------
    model : Model
    tokens : tuple of rows
        Rational coordinates.
    """
    size, width = len(tokens), len(tokens[0])
    values = {X: [list(row) for row in tokens], m: [[Rational(1, size)]] * size}
    velocity = Evaluator(values, {n: size, d: width}, lambda e: S(e).subs(beta, 0), _at_zero)(
        model.velocity
    )
    return sum((dot(row, row) for row in velocity), S.Zero)


def cold_kernel(model: Model) -> Expr | None:
    """Return what remains of the energy's pair kernel at β = 0, None without a pair energy."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    return None if kernel is None else simplified(pole_free(kernel, beta, 0))


def _at_zero(body: Expr, value: Any) -> Any:
    return body.subs({beta: 0}).subs(z, value)


def cold_limit(model: Model) -> str:
    """Say how ``E_β - const`` differs from (n/2) E_0 at β = 0, "" if it doesn't."""
    cold = cold_kernel(model)
    if cold is None or vanishes(cold.diff(z) - 1) is not False:
        return ""
    value = simplified(cold.subs(z, 1) - cold.subs(z, 0))
    return f"{model.name}: at β = 0 a pair gains {value}, not 1, from inner product 0 to 1"


COUNT_P, COUNT_Q = symbols("p q", integer=True, positive=True)
"""Numbers of tokens at x and at -x."""
