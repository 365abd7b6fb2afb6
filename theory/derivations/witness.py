"""Witnesses of obstructions: explicit states at which a reduction is seen to fail, by how much.

A witness holds all values and reads its number off the model's own expression again when asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Basic,
    Expr,
    ImmutableMatrix,
    Integer,
    MatAdd,
    MatMul,
    MatrixBase,
    MatrixSymbol,
    N,
    Rational,
    S,
    Symbol,
    Transpose,
    eye,
    ones,
)
from sympy.matrices.expressions import MatrixExpr

from theory.derivations.reduction import NotClosed
from theory.engines import Evaluator, Rows
from theory.masks import GRAPH, Mask
from theory.models import Model
from theory.summaries import Summarised
from theory.symbols import X, d, m, n, t, z

DIGITS = 30
SEEN = Rational(1, 10**12)
"""What a difference of numbers with `DIGITS` digits must exceed to be one."""

Values = tuple[tuple[Any, Any], ...]


def entries(expr: MatrixExpr, values: Values, digits: int = DIGITS) -> Rows:
    """Evaluate a matrix expression at explicit matrices and numbers.

    Parameters
    ----------
    expr : MatrixExpr
        The expression.
    values : tuple of (symbol, value)
        Matrices for the matrix symbols, numbers for the others, sizes among them.
    digits : int
        Decimal digits of the evaluation.

    Returns
    -------
    Rows
        Numbers.
    """
    numbers = {symbol: value for symbol, value in values if not isinstance(symbol, MatrixSymbol)}
    tables = {
        symbol: [[N(entry, digits) for entry in row] for row in value.tolist()]
        for symbol, value in values
        if isinstance(symbol, MatrixSymbol)
    }

    def scalar(part: Any) -> Any:
        return N(S(part).subs(numbers), digits)

    def apply(body: Expr, value: Any) -> Any:
        return N(body.subs(numbers).subs(z, value), digits)

    sizes = {symbol: int(value) for symbol, value in numbers.items() if value.is_Integer}
    return Evaluator(tables, sizes, scalar, apply)(expr)


@dataclass(frozen=True)
class Reading(Summarised):
    """One entry, counted from 0, of a matrix expression at explicit values.

    Parameters
    ----------
    expr : MatrixExpr
        The expression.
    place : tuple[int, int]
        Row and column, counted from 0.
    values : Values
        Values, by name or symbol.
    """

    expr: MatrixExpr
    place: tuple[int, int]
    values: Values

    def value(self, digits: int = DIGITS) -> Expr:
        """Evaluate the expression again.

        Parameters
        ----------
        digits : int, optional
            Decimal digits of the evaluation.

        Returns
        -------
        Expr
            The number.
        """
        i, j = self.place
        found: Expr = entries(self.expr, self.values, digits)[i][j]
        return found


@dataclass(frozen=True)
class Witness(Summarised):
    """Two numbers that would agree if a reduction held, and don't.

    Parameters
    ----------
    statement : str
        What is seen, in words.
    first, second : Reading
        Where the two numbers are read.
    number : Expr
        Their difference, to fifteen digits.
    """

    statement: str
    first: Reading
    second: Reading
    number: Expr

    @property
    def values(self) -> dict[Any, Any]:
        """Values of the state, the sizes and the parameters."""
        return dict(self.first.values)

    @property
    def points(self) -> ImmutableMatrix:
        """The tokens, one a row."""
        return self.values[X]

    def again(self, digits: int = DIGITS) -> Expr:
        """Evaluate the difference again, from the model's expression.

        Parameters
        ----------
        digits : int, optional
            Decimal digits of the evaluation.

        Returns
        -------
        Expr
            The difference; 0 would take the witness back.
        """
        return self.first.value(digits) - self.second.value(digits)

    def __str__(self) -> str:
        """Say what is seen, and where."""
        rows = "; ".join(
            "(" + ", ".join(map(str, row)) + ")" for row in ImmutableMatrix(self.points).tolist()
        )
        return f"{self.statement}, X = [{rows}]"


class Obstruction(NotClosed):
    """A reduction that fails, with explicit numbers that show it.

    Parameters
    ----------
    reason : str
        Why it fails, in a sentence.
    witness : Witness
        States and numbers, to be evaluated again.
    """

    def __init__(self, reason: str, witness: Witness) -> None:
        """Say why, and what is seen."""
        super().__init__(f"{reason} Witness: {witness}")
        self.reason, self.witness = reason, witness

    def __reduce__(self) -> Any:
        """Pickle by the two arguments."""
        return (type(self), (self.reason, self.witness))


def _compared(statement: str, first: Reading, second: Reading) -> Witness:
    """Make a witness; ``{first}`` and ``{second}`` in the statement become the two numbers."""
    one, other = first.value(), second.value()
    text = statement.format(first=N(one, 6), second=N(other, 6))
    return Witness(text, first, second, N(one - other, 15))


# -- explicit states -------------------------------------------------------------------------------


def equiangular_points(count: int, slope: Expr, dimension: int) -> ImmutableMatrix:
    """Give rational unit rows with one common inner product, by the parameter of a circle.

    Examples
    --------
    >>> equiangular_points(3, Rational(1, 2), 3) * equiangular_points(3, Rational(1, 2), 3).T
    Matrix([
    [  1, 8/9, 8/9],
    [8/9,   1, 8/9],
    [8/9, 8/9,   1]])
    """
    others = count - 1
    below = 1 + others * slope**2
    own, other = (1 - others * slope**2) / below, 2 * slope / below
    rows = (own - other) * eye(count) + other * ones(count, count)
    return ImmutableMatrix(rows.row_join(ImmutableMatrix.zeros(count, dimension - count)))


def generic_points(count: int, dimension: int) -> ImmutableMatrix:
    """Give rational unit rows in no special position, by stereographic projection.

    Parameters
    ----------
    count : int
        Number of points.
    dimension : int
        Number of coordinates.

    Returns
    -------
    ImmutableMatrix
        Rational unit rows, a row a point.
    """
    rows = []
    for i in range(count):
        flat = [Rational((3 * i + 5 * c + i * c) % 7 - 3, c + 2) for c in range(dimension - 1)]
        square = sum((a**2 for a in flat), S.Zero)
        rows.append([2 * a / (1 + square) for a in flat] + [(1 - square) / (1 + square)])
    return ImmutableMatrix(rows)


def rotation(dimension: int) -> ImmutableMatrix:
    """Give a rational orthogonal matrix without zeros next to the diagonal."""
    out = eye(dimension)
    for c in range(dimension - 1):
        turn = eye(dimension)
        turn[c, c], turn[c, c + 1] = Rational(3, 5), Rational(4, 5)
        turn[c + 1, c], turn[c + 1, c + 1] = Rational(-4, 5), Rational(3, 5)
        out = out * turn
    return ImmutableMatrix(out)


def _matrices(model: Model) -> list[Any]:
    """Matrix symbols of a model, X first."""
    found = {block.symbol for block in model.blocks} | {X, m}
    for part in model.parameters:
        found |= part.atoms(MatrixSymbol) if isinstance(part, Basic) else set()
    for expr in model.velocities.values():
        found |= expr.atoms(MatrixSymbol)
    return sorted(found, key=lambda symbol: (symbol != X, str(symbol)))


def least_tokens(model: Model) -> int:
    """Give a number of tokens, at least four, of which the model's masks hide some from others.

    A graph that is given has its own number.
    """
    masks = {a for expr in model.velocities.values() for a in expr.atoms(Mask)}
    for mask in masks:
        if mask.kind == GRAPH and isinstance(mask.parameter, MatrixBase):
            return int(mask.parameter.rows)
    hidden = [mask.unseen for mask in masks]
    return max([4, *(place[2] for place in hidden if place is not None)])


def explicit_values(model: Model, points: MatrixBase, equal: bool = True) -> Values:
    """Choose values of all that a model's velocity holds.

    Parameters
    ----------
    model : Model
        The model.
    points : Matrix
        The tokens.
    equal : bool
        Whether columns of the state hold equal numbers; constant ones never do.

    Returns
    -------
    tuple of (symbol, value)
        Rational numbers; a graph is the path 1 - 2 - ... - n with loops.
    """
    count, dimension = points.shape
    spaces = {block.symbol: block.space for block in model.blocks}
    graphs = {
        mask.parameter
        for expr in model.velocities.values()
        for mask in expr.atoms(Mask)
        if mask.kind == GRAPH
    }
    sizes: dict[Any, Any] = {n: Integer(count), d: Integer(dimension)}
    matrices = _matrices(model)
    scalars: set[Any] = {t}
    for expr in (*model.velocities.values(), *model.parameters):
        scalars |= {s for s in expr.free_symbols if isinstance(s, Symbol) and s != z}
    for symbol in matrices:
        for side in symbol.shape:
            for name in S(side).free_symbols:
                sizes.setdefault(name, Integer(2))
    for name in scalars - set(sizes):
        if name.is_integer:
            sizes[name] = Integer(2)
    out = list(sizes.items())
    for place, name in enumerate(sorted(scalars - set(sizes), key=str)):
        out.append((name, Rational(3, 2) + Rational(place, 4)))
    for place, symbol in enumerate(matrices):
        shape = tuple(int(S(side).subs(sizes)) for side in symbol.shape)
        if symbol == X:
            value = points
        elif symbol in graphs:
            value = ImmutableMatrix(
                count, count, lambda i, j: 1 if abs(int(i) - int(j)) <= 1 else 0
            )
        else:
            value = _table(shape, spaces.get(symbol), symbol, equal, place)
        out.append((symbol, ImmutableMatrix(value)))
    return tuple(out)


def _table(shape: Any, space: str | None, symbol: Any, equal: bool, place: int) -> Any:
    """Choose the entries of a block or a parameter."""
    rows, columns = shape
    if space == "sphere":
        return generic_points(rows, columns)
    if columns == 1 and space != "constant" and (space is not None or symbol == m):
        steps = [Integer(1)] * rows if equal else [Rational(i + 2, 3) for i in range(rows)]
        whole = sum(steps, S.Zero) if symbol == m else 1
        return [[step / whole * (1 if symbol == m else Rational(3, 2))] for step in steps]
    if columns == 1 and space == "constant":
        return [[Rational(i + 1, 2)] for i in range(rows)]
    return [
        [Rational((7 * i + 5 * j + i * j + 3 * place) % 11 - 5, 4) for j in range(columns)]
        for i in range(rows)
    ]


def gram_rate(model: Model) -> MatrixExpr:
    """``F X^T + X F^T`` of a flow, ``F F^T`` of a layer, in X."""
    velocity = model.velocities[X]
    if model.kind == "map":
        return MatMul(velocity, Transpose(velocity))
    return MatAdd(MatMul(velocity, X.T), MatMul(X, Transpose(velocity)))


def _moved(model: Model) -> str:
    """How the texts write what becomes of a pair."""
    return "'" if model.kind == "flow" else " after the layer"


# -- the two kinds of break ------------------------------------------------------------------------


@lru_cache(maxsize=64)
def equal_angles_break(model: Model) -> Witness | None:
    """Find an equiangular state that the flow makes unequal; None where none is seen.

    Columns of equal numbers, equal masses, distinct constants; all rational.
    """
    count = least_tokens(model)
    for slope, extra in ((Rational(1, 2), 0), (Rational(-1, 4), 0), (Rational(1, 3), 1)):
        width = count + extra + (count + extra) % 2
        level = equiangular_points(count, slope, width)
        # turned too: a function of coordinates one by one treats those of `level` alike
        for points in (level, ImmutableMatrix(level * rotation(width))):
            found = _unequal(model, count, points)
            if found is not None:
                return found
    return None


def _unequal(model: Model, count: int, points: ImmutableMatrix) -> Witness | None:
    """Look at one equiangular state: its inner products, and its columns of equal numbers."""
    values = explicit_values(model, points)
    common = (points * points.T)[0, 1]
    pairs = [(i, j) for i in range(count) for j in range(count) if i < j]
    found = _spread(
        gram_rate(model),
        values,
        pairs,
        f"all <x_i,x_j> = {common}, yet <x_{{i}},x_{{j}}>{_moved(model)} = {{first}} and "
        f"<x_{{k}},x_{{l}}>{_moved(model)} = {{second}}",
    )
    if found is not None:
        return found
    for symbol, velocity in model.velocities.items():
        if symbol == X or int(S(symbol.shape[1]).subs(dict(values))) != 1:
            continue
        rows = [(i, 0) for i in range(int(S(symbol.shape[0]).subs(dict(values))))]
        text = f"all {symbol}_i equal, yet {symbol}_{{i}}{_moved(model)} = {{first}} and "
        text += f"{symbol}_{{k}}{_moved(model)} = {{second}}"
        found = _spread(velocity, values, rows, text)
        if found is not None:
            return found
    return None


def _spread(
    expr: MatrixExpr, values: Values, places: Iterable[tuple[int, int]], text: str
) -> Witness | None:
    """Compare the entries at the given places; the widest two of them if they differ."""
    table = entries(expr, values)
    numbers = {place: table[place[0]][place[1]] for place in places}
    if not numbers:  # one token has no pairs
        return None
    most, least = max(numbers, key=numbers.__getitem__), min(numbers, key=numbers.__getitem__)
    if not numbers[most] - numbers[least] > SEEN:
        return None
    names = {"i": most[0] + 1, "j": most[1] + 1, "k": least[0] + 1, "l": least[1] + 1}
    for key, name in names.items():
        text = text.replace(f"{{{key}}}", str(name))
    return _compared(text, Reading(expr, most, values), Reading(expr, least, values))


@lru_cache(maxsize=64)
def rotated_break(model: Model) -> Witness | None:
    """Find two states with one Gram matrix whose Gram rates differ; None where none is seen."""
    count = least_tokens(model)
    points = generic_points(count, 4)
    turned = ImmutableMatrix(points * rotation(4))
    values = explicit_values(model, points, equal=False)
    others = tuple((symbol, turned if symbol == X else value) for symbol, value in values)
    expr = gram_rate(model)
    try:
        here, there = entries(expr, values), entries(expr, others)
    except NotImplementedError:  # an atom without entries, such as a hardmax
        return None
    gaps = {(i, j): abs(here[i][j] - there[i][j]) for i in range(count) for j in range(i + 1)}
    i, j = max(gaps, key=gaps.__getitem__)
    if not gaps[i, j] > SEEN:
        return None
    text = (
        f"X and X R have one Gram matrix, yet <x_{i + 1},x_{j + 1}>{_moved(model)} = {{first}} "
        "at X and {second} at X R"
    )
    return _compared(text, Reading(expr, (i, j), values), Reading(expr, (i, j), others))


__all__ = [
    "Obstruction",
    "Reading",
    "Witness",
    "entries",
    "equal_angles_break",
    "equiangular_points",
    "explicit_values",
    "generic_points",
    "gram_rate",
    "least_tokens",
    "rotated_break",
    "rotation",
]
