"""Rational points at which intervals enclose expressions, and flows that leave the sphere there.

A witness has tokens, masses and parameters; two enclosures that are disjoint refute an equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Heaviside,
    Integer,
    MatrixBase,
    MatrixSymbol,
    Piecewise,
    Rational,
    S,
    floor,
    sign,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.decide import Interval, NoEnclosureError, enclose, interval
from proofs_checks.proof.alphabet import Array
from theory import symbols
from theory.atoms import Tangent
from theory.engines import Evaluator
from theory.finite_sums import Member
from theory.masks import GRAPH, Mask
from theory.models import Model
from theory.symbols import X, beta, d, k, m, n, t, z


@dataclass(frozen=True)
class Setting:
    """Where witnesses are drawn: at given parameters, the others of any sign or positive."""

    given: Mapping[Any, Any] = field(default_factory=dict)
    positive: bool = False


_ANYWHERE = Setting()
_SETTING: ContextVar[Setting] = ContextVar("setting", default=_ANYWHERE)


@contextmanager
def witnesses_at(given: Mapping[Any, Any], *, positive: bool) -> Iterator[None]:
    """Draw witnesses at given parameters: numbers, and arrays by the symbol of their matrix.

    A counterexample to a statement about a model at β = 2 is one at β = 2.
    """
    token = _SETTING.set(Setting(given, positive))
    try:
        yield
    finally:
        _SETTING.reset(token)


def given_rows(symbol: MatrixSymbol, shape: tuple[int, int]) -> list[list[Rational]] | None:
    """Rows of a matrix that was given, as rationals; None if it wasn't.

    Raises
    ------
    NotImplementedError
        If it has another shape than the witness has room for.
    """
    value = _SETTING.get().given.get(symbol)
    if value is None:
        return None
    rows = np.asarray(value, dtype=float)
    if rows.shape != shape:
        raise NotImplementedError(f"Expected {symbol} of shape {shape} but got {rows.shape}.")
    return [[Rational(str(entry)) for entry in row] for row in rows]


def given_number(symbol: Any, drawn: Rational) -> Rational:
    """Value of a scalar that was given, or else the drawn one, of a sign that is allowed."""
    setting = _SETTING.get()
    value = setting.given.get(symbol, abs(drawn) if setting.positive or symbol == t else drawn)
    return Rational(value) if isinstance(value, int) else value


_TERMS = 3
"""Heads and neurons, where their number is a symbol."""


def on_sphere(points: Array) -> Array:
    """Rows divided by their lengths."""
    return np.asarray(points / np.linalg.norm(points, axis=-1, keepdims=True))


def _enclosed(expr: Expr, values: Mapping[Any, Any]) -> Interval:
    try:
        return enclose(expr, values)
    except NoEnclosureError as error:
        raise NotImplementedError(
            f"Expected a function with an interval form but got {expr}; {error}"
        ) from error


def random_unit(rng: np.random.Generator, width: int) -> tuple[Rational, ...]:
    """Draw a rational unit vector: the stereographic image of a small integer vector."""
    foot = [Integer(int(c)) for c in rng.integers(-3, 4, size=width - 1)]
    square = sum((c * c for c in foot), start=S.Zero)
    return (*(2 * c / (square + 1) for c in foot), (square - 1) / (square + 1))


def excludes_zero(value: Any) -> bool:
    """Whether an interval lies on one side of zero."""
    return bool(value.a > 0 or value.b < 0)


def decimal(value: Any) -> str:
    """Six digits of an interval's midpoint."""
    return f"{value.mid:.6g}"


class _Evaluator(Evaluator):
    """Evaluator with the projection written out: its matrix form is slow to build."""

    def _compute(self, expr: Any) -> Any:
        if not isinstance(expr, Tangent):
            try:
                return super()._compute(expr)
            except NoEnclosureError as error:
                reason = f"Expected a value of {expr} at the witness; {error}"
                raise NotImplementedError(reason) from error
        rows = []
        for x, f in zip(self(expr.points), self(expr.field), strict=True):
            radial = sum(a * b for a, b in zip(x, f, strict=True))
            rows.append([b - radial * a for a, b in zip(x, f, strict=True)])
        return rows


class Witness:
    """A rational point, masses and parameters, at which expressions are enclosed by intervals.

    Parameters
    ----------
    rng : Generator
        Draws the point; a temperature is a multiple of 1/4 and never 0 or 1, if none is given.
    expressions : iterable of MatrixExpr
        Whose symbols get values.
    tokens, width : int
        The sizes n and d; a graph of who sees whom has its own n.
    symmetric : frozenset of MatrixSymbol
        Matrices drawn symmetric.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        expressions: Iterable[Any],
        tokens: int = 3,
        width: int = 2,
        symmetric: frozenset[Any] = frozenset(),
    ) -> None:
        expressions = tuple(expressions)
        graphs = {
            mask.parameter
            for expression in expressions
            for mask in expression.atoms(Mask)
            if mask.kind == GRAPH
        }
        given = [graph.rows for graph in graphs if isinstance(graph, MatrixBase)]
        self.own_tokens: int | None = given[0] if given else None
        tokens = self.own_tokens or tokens
        self.sizes: dict[Any, int] = {
            n: tokens,
            d: width,
            k: 2,
            symbols.width: _TERMS,
            symbols.heads: _TERMS,
        }
        self.scalars: dict[Any, Rational] = {}
        self.matrices: dict[Any, list[list[Rational]]] = {
            X: [list(random_unit(rng, width)) for _ in range(tokens)],
            m: [[Rational(int(rng.integers(1, 8)), 8)] for _ in range(tokens)],
        }
        free: set[Any] = set()
        for expression in expressions:
            free |= expression.free_symbols
        for symbol in [s for s in free if isinstance(s, Member) and s.args[3].is_Symbol]:
            free |= {symbol.xreplace({symbol.args[3]: Integer(i)}) for i in range(1, _TERMS + 1)}
            free.remove(symbol)
        for symbol in (s for s in free if isinstance(s, MatrixSymbol)):
            self.sizes |= {s: 2 for s in symbol.shape if s.is_Symbol and s not in self.sizes}
        for symbol in sorted(free - set(self.matrices) - set(self.sizes) - {z}, key=str):
            if isinstance(symbol, MatrixSymbol):
                rows, columns = (int(sympify(s).subs(self.sizes)) for s in symbol.shape)
                drawn = rng.integers(-4, 5, size=(rows, columns))
                if symbol in symmetric:
                    drawn = drawn + drawn.T
                if symbol in graphs:  # who sees whom; itself at least
                    drawn = 4 * np.maximum(drawn > 0, np.eye(rows, dtype=int))
                chosen = given_rows(symbol, (rows, columns))
                self.matrices[symbol] = chosen or [
                    [Rational(int(c), 4) for c in row] for row in drawn
                ]
            else:
                quarters = Rational(int(rng.choice([-5, 2, 3, 5, 6, 7])), 4)
                quarters = abs(quarters) if symbol.is_nonnegative else quarters
                quarters = 4 * quarters if symbol.is_integer else quarters
                self.scalars[symbol] = given_number(symbol, quarters)

    def evaluator(self, changed: Mapping[Any, Any] | None = None) -> Evaluator:
        """Make the interval evaluator at this point, with some matrices changed."""
        matrices = {**self.matrices, **(changed or {})}
        if self.own_tokens not in (None, len(matrices[X])):
            raise NotImplementedError(
                f"Expected {self.own_tokens} tokens, as many as the mask has, but got "
                f"{len(matrices[X])}."
            )
        sizes = {**self.sizes, n: len(matrices[X])}
        values = {**self.scalars, **{s: Integer(v) for s, v in sizes.items()}}
        numbers = {symbol: interval(value) for symbol, value in values.items()}

        def chosen(expr: Expr) -> Expr:
            """Choose the pieces and the steps of a schedule, at exact numbers."""
            return expr.subs(values) if expr.has(Piecewise, Heaviside, floor, sign) else expr

        def scalar(expr: Any) -> Interval:
            return _enclosed(chosen(sympify(expr)), numbers)

        def apply(body: Expr, at: Any) -> Interval:
            return _enclosed(chosen(body), {**numbers, z: at})

        entries = {s: [[interval(c) for c in row] for row in r] for s, r in matrices.items()}
        return _Evaluator(entries, sizes, scalar, apply)

    def __str__(self) -> str:
        """Return the point, for a reader who wants to reproduce it."""
        parts = [f"{s} = {show_rows(rows)}" for s, rows in self.matrices.items()]
        return ", ".join([*parts, *(f"{s} = {v}" for s, v in self.scalars.items())])


def show_rows(rows: Sequence[Sequence[Any]]) -> str:
    """Return a matrix as text, rows apart by semicolons."""
    return "[" + "; ".join(" ".join(map(str, row)) for row in rows) + "]"


def off_sphere(velocity: MatrixExpr, rng: np.random.Generator, radial: Any = S.Zero) -> str:
    """Draw a point and return what it shows against ``<x_i, x_i'> = radial``, or ""."""
    point = Witness(rng, [velocity])
    at = point.evaluator()
    for i, (x, v) in enumerate(zip(at(X), at(velocity), strict=True), start=1):
        value = sum(a * b for a, b in zip(x, v, strict=True)) - at.scalar(radial)
        if excludes_zero(value):
            return f"<x_{i}, x_{i}'> = {decimal(value)} at {point}"
    return ""


def leaves_sphere(model: Model, rng: np.random.Generator) -> str:
    """Draw a point at which tokens leave the sphere that a flow is said to live on, or ""."""
    if model.space != "sphere" or model.kind != "flow" or isinstance(model.velocity, Tangent):
        return ""
    try:
        found = off_sphere(model.velocity, rng)
    except NotImplementedError:
        found = _drift(model, rng)
    return f"{model.name} leaves the sphere: {found}" if found else ""


def _drift(model: Model, rng: np.random.Generator) -> str:
    """Evaluate ``<x_i, x_i'>`` in floats, for a model of β alone that intervals can't enclose."""
    if model.parameters != (beta,):
        return ""
    points = random_points(3, 3, rng)
    hot = float(given_number(beta, Rational(5, 4)))
    radial = np.sum(points * compile_model(model, beta=hot)(points), axis=-1)
    shown = np.array2string(points, precision=3).replace("\n", "")
    return f"<x_i, x_i'> = {radial} at x = {shown}" if np.abs(radial).max() > 1e-6 else ""
