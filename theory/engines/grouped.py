"""Sums of words, and matrices over tokens whose entries they are: groups of coinciding tokens.

A word is a product of letters: the point, a direction orthogonal to it, matrices of the model. A
matrix over tokens is constant on each pair of groups but for its diagonal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    Dummy,
    Expr,
    HadamardProduct,
    Identity,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    PolynomialError,
    S,
    cancel,
    cos,
    default_sort_key,
    diag,
    eye,
    factor,
    sin,
    sympify,
)
from sympy import Matrix as Table
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.hadamard import HadamardPower

from theory.atoms import Elementwise
from theory.bounded import BUDGET, cost, simplified
from theory.engines.rewriting import Rewriter, Word, Words
from theory.positions import Rotary
from theory.symbols import d, z

POINT = MatrixSymbol("x*", d, 1)
"""Where the tokens are."""
DIRECTION = MatrixSymbol("u*", d, 1)
"""A direction orthogonal to it."""

BEFORE, AFTER = (Dummy(name, integer=True, positive=True) for name in ("before", "after"))
"""How many places a token stands before, or after, the token that is looked at."""

Sizes = tuple[Expr, ...]


class Turn(MatrixExpr):
    """The rotation ``R^steps`` by which `Rotary` turns rows that stand so many places apart."""

    def __new__(cls, width: Any, base: Any, steps: Any) -> Turn:
        """Build the letter."""
        obj: Turn = MatrixExpr.__new__(cls, *map(sympify, (width, base, steps)))
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (width, width)."""
        return (self.args[0], self.args[0])

    @property
    def steps(self) -> Expr:
        """How many places."""
        return self.args[2]

    def back(self) -> Turn:
        """Transpose, which is the inverse."""
        return Turn(self.args[0], self.args[1], -self.steps)

    def _eval_transpose(self) -> Any:
        return self.back()

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        angle = Rotary(Identity(self.shape[0]), self.args[1]).angle(self.steps, i)
        turned = {0: cos(angle), 1: (-1) ** (i + 1) * sin(angle)}
        found: Expr = turned[abs(i - j)] if i // 2 == j // 2 else S.Zero
        return found

    def _sympystr(self, printer: Any) -> str:
        return f"R^({printer._print(self.steps)})"


def rotation(width: Any, base: Any, steps: Any) -> MatrixExpr:
    """Make the rotation; no step is none."""
    return Identity(width) if steps == 0 else Turn(width, base, steps)


def joined(left: MatrixExpr, right: MatrixExpr) -> Word | None:
    """Join rotations by places."""
    if isinstance(left, Turn) and isinstance(right, Turn) and left.args[:2] == right.args[:2]:
        return (rotation(left.args[0], left.args[1], left.steps + right.steps),)
    return None


class NoValue(ValueError):
    """An expression has no value in this algebra: it tells coinciding tokens apart, say."""


def turned_letter(letter: MatrixExpr) -> MatrixExpr:
    """Transpose of a letter."""
    return letter.back() if isinstance(letter, Turn) else Rewriter().transpose(letter)


def is_negative(steps: Expr) -> bool:
    """Whether a number of places reads as a negative one."""
    return bool(steps.could_extract_minus_sign())


@dataclass(frozen=True)
class Grouped:
    """A matrix whose rows and columns are groups of tokens, or one group of components.

    Attributes
    ----------
    rows, columns : tuple of Expr
        Sizes of the groups.
    entries : tuple of tuple of Words
        What stands on a pair of groups; a number is a multiple of the empty word.
    excess : tuple of Expr
        By how much a diagonal entry of a square matrix over tokens exceeds the others of its
        group; 0 in groups of one.
    """

    rows: Sizes
    columns: Sizes
    entries: tuple[tuple[Words, ...], ...]
    excess: Sizes = ()

    def __post_init__(self) -> None:
        """Leave the diagonal entry alone to groups of one token: they have no other."""
        if any(size == 1 and e != 0 for size, e in zip(self.rows, self.excess, strict=False)):
            entries = [list(row) for row in self.entries]
            for c, (size, more) in enumerate(zip(self.rows, self.excess, strict=True)):
                if size == 1:
                    entries[c][c] = add_words(entries[c][c], constant(more))
            kept = tuple(
                S.Zero if size == 1 else e for size, e in zip(self.rows, self.excess, strict=True)
            )
            object.__setattr__(self, "entries", tuple(map(tuple, entries)))
            object.__setattr__(self, "excess", kept)

    def number(self, row: int, column: int) -> Expr:
        """Entry that must be a number."""
        words = self.entries[row][column]
        if set(words) - {()}:
            raise NoValue(f"Expected a number but got {words}; its shape holds components.")
        return words.get((), S.Zero)

    def diagonal(self, group: int) -> Expr:
        """Diagonal entry of a group."""
        return self.number(group, group) + (self.excess[group] if self.excess else 0)

    def map(self, function: Callable[[Words], Words]) -> Grouped:
        """Apply a function to every entry, with the diagonal ones as they are."""
        entries = tuple(tuple(map(function, row)) for row in self.entries)
        if not any(self.excess):
            return replace(self, entries=entries)
        excess = tuple(
            function(constant(self.diagonal(c))).get((), S.Zero) - entries[c][c].get((), S.Zero)
            if e != 0
            else S.Zero
            for c, e in enumerate(self.excess)
        )
        return Grouped(self.rows, self.columns, entries, excess)


def constant(value: Any) -> Words:
    """Make a number a sum of words."""
    return {} if value == 0 else {(): value}


def add_words(left: Words, right: Words) -> Words:
    """Sum of sums of words."""
    total = dict(left)
    for word, c in right.items():
        total[word] = neat(total[word] + c) if word in total else c
    return {word: c for word, c in total.items() if c != 0}


@lru_cache(maxsize=4096)
def neat(expr: Expr) -> Expr:
    """Bring a rational function of numbers and exponentials to lowest terms, if that is cheap."""
    if expr.is_Atom or cost(expr) > 10 * BUDGET:
        return expr
    try:
        return cancel(expr)
    except PolynomialError:  # a schedule with a jump
        return simplified(expr)


@lru_cache(maxsize=4096)
def factored(expr: Expr) -> Expr:
    """Argument of a function in factors, so that roots of squares come out."""
    if not expr.is_Add or cost(expr) > BUDGET:
        return expr
    try:
        return factor(expr)
    except PolynomialError:
        return expr


def scale_words(words: Words, factor: Any) -> Words:
    """Multiple of a sum of words."""
    return {} if factor == 0 else {word: factor * c for word, c in words.items()}


def excess_of(value: Grouped) -> Sizes:
    """Excess of the diagonal, zeros where none is kept."""
    return value.excess or (S.Zero,) * (len(value.rows) if value.rows == value.columns else 0)


def inverse(value: Grouped) -> Grouped:
    """Inverse of ``diag(a) + B``, by the Woodbury identity on the groups."""
    places = range(len(value.rows))
    spread = Table(len(places), len(places), lambda i, j: value.number(i, j))
    own = list(value.excess or [S.Zero] * len(places))
    for c in places:
        if value.rows[c] == 1:
            own[c], spread[c, c] = spread[c, c], S.Zero
    if any(a == 0 for a in own):
        raise NoValue(f"Expected an invertible matrix but got {value}; it has equal rows.")
    inverse = [1 / a for a in own]
    entries = Table.zeros(len(places), len(places))
    if not spread.is_zero_matrix:
        core = eye(len(places)) + diag(*value.rows) * diag(*inverse) * spread
        entries = -diag(*inverse) * spread * core.inv() * diag(*inverse)
    words = tuple(tuple(constant(entries[i, j]) for j in places) for i in places)
    return Grouped(value.rows, value.columns, words, tuple(inverse))


def entry_product(left: Words, right: Words, shape: tuple[Any, Any]) -> Words:
    """Entrywise product of sums of words of one shape."""
    if shape == (1, 1):
        return constant(left.get((), S.Zero) * right.get((), S.Zero))
    ones = (OneMatrix(*shape),)
    out: Words = {}
    for u, a in left.items():
        for v, b in right.items():
            if ones in (u, v):
                made = v if u == ones else u
            else:
                both = [MatMul(*w) if len(w) > 1 else w[0] for w in (u, v)]
                made = (HadamardProduct(*sorted(both, key=default_sort_key)),)
            out = add_words(out, {made: a * b})
    return out


def entry_pair(node: MatrixExpr) -> tuple[MatrixExpr, MatrixExpr] | None:
    """Read A and B off an entrywise product ``A∘B``."""
    if isinstance(node, HadamardProduct):
        first, *rest = node.args
        return first, HadamardProduct(*rest) if len(rest) > 1 else rest[0]
    if isinstance(node, HadamardPower) and node.exp == 2:
        return node.base, node.base
    if isinstance(node, Elementwise) and node.body == z**2:
        return node.expr, node.expr
    return None
