"""The chain rule where tokens are at one point: maps of tokens one in another, a map at a time.

What maps that treat all tokens alike do to motions of sum zero is ``a I`` of their linearisation
``a I + b J``, and ``a`` of a map in a map is the product of theirs. So each inner map is taken
where the tokens are once, and named: its value is a column such as ``x*_2``, its slope a product of
the parameters, of diagonal matrices and of the slopes of the norms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sympy import (
    DiagMatrix,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Mul,
    OneMatrix,
    S,
    Symbol,
    Transpose,
    ZeroMatrix,
    postorder_traversal,
    sqrt,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowNormalize
from theory.bounded import simplified
from theory.engines import (
    DIRECTION,
    Coinciding,
    NoValue,
    Words,
    add_words,
    differential,
    scale_words,
)
from theory.norms import LayerNorm
from theory.symbols import X, d, n

_NORMS = (LayerNorm, RowNormalize)


@dataclass(frozen=True)
class Nested:
    """A map of the tokens written with inner maps of them, each named.

    Attributes
    ----------
    outer : MatrixExpr
        The map, in X and the symbols of the inner maps.
    inner : dict
        The inner maps by their symbols, each in X and the symbols before it.
    """

    outer: MatrixExpr
    inner: dict[MatrixSymbol, MatrixExpr]

    @classmethod
    def of(cls, velocity: MatrixExpr) -> Nested:
        """Name norms of tokens, what norms and activations are taken of, and sums in products."""
        table: dict[Any, MatrixExpr] = {}
        names: dict[MatrixExpr, MatrixSymbol] = {}
        products = velocity.atoms(MatMul, Transpose)
        factors = {factor for product in products for factor in product.args}

        def named(expr: MatrixExpr) -> MatrixSymbol:
            return names.setdefault(expr, MatrixSymbol(f"X*_{len(names) + 1}", *expr.shape))

        def kept(part: MatrixExpr) -> MatrixExpr:
            if not isinstance(part, MatrixSymbol) and part not in table:
                table[part] = named(part.xreplace(table))
            return table.get(part, part)

        for node in filter(_is_of_tokens, postorder_traversal(velocity)):
            if isinstance(node, Elementwise):
                table[node] = Elementwise(node.function, kept(node.expr))
            elif isinstance(node, RowNormalize):
                table[node] = named(RowNormalize(kept(node.args[0])))
            elif isinstance(node, LayerNorm):
                plain = LayerNorm(kept(node.field), None, None, *node.args[3:])
                made: MatrixExpr = named(plain)
                if not isinstance(node.gain, OneMatrix):
                    made = MatMul(made, DiagMatrix(node.gain))
                if not isinstance(node.bias, ZeroMatrix):
                    made = named(MatAdd(made, MatMul(OneMatrix(n, 1), Transpose(node.bias))))
                table[node] = made
            elif isinstance(node, MatAdd) and node in factors:
                kept(node)
        return cls(velocity.xreplace(table), {symbol: expr for expr, symbol in names.items()})


def _is_of_tokens(node: Any) -> bool:
    """Whether it is a matrix with a row of components for each token, and moves with the tokens."""
    shape: tuple[Any, ...] = getattr(node, "shape", ())
    return len(shape) == 2 and shape[0] == n and shape[1] not in (n, 1) and bool(node.has(X))


@dataclass
class Chain:
    """Values and slopes of inner maps where all tokens are at one point.

    Attributes
    ----------
    at : Coinciding
        The algebra with one token and the others as groups; it learns the inner values.
    slopes : dict
        What motions of sum zero become in each inner map: sums of products of matrices.
    names : dict
        What the named columns stand for, and the factors r of the norms.
    """

    at: Coinciding
    slopes: dict[MatrixSymbol, Words] = field(default_factory=lambda: {X: {(): S.One}})
    names: dict[Any, Any] = field(default_factory=dict)

    def learn(self, symbol: MatrixSymbol, expr: MatrixExpr) -> None:
        """Take an inner map: its slope by those before it, and its value, which gets a name."""
        column = MatrixSymbol(f"x*_{len(self.slopes)}", symbol.shape[1], 1)
        if isinstance(expr, _NORMS):
            rows = expr.args[0]
            self.slopes[symbol] = _composed(self._norm(expr, column), self.slopes[rows])
            value = Transpose(expr.xreplace({rows: Transpose(self._column(rows))}))
        else:
            self.slopes[symbol] = self.slope(expr)
            value = self.at.expression(self.at.vector(expr))
        self.names[column] = value
        self.at = self.at.with_values({symbol: [[Transpose(column)]] * 2})

    def slope(self, expr: MatrixExpr) -> Words:
        """Give what motions of sum zero become in a map: through each inner one, added up."""
        total: Words = {}
        for symbol in self.slopes:
            if symbol in expr.free_symbols:
                own = self._along(expr, symbol)
                total = add_words(total, _composed(own, self.slopes[symbol]))
        return _with_common_end(total)

    def expression(self, slope: Words) -> MatrixExpr:
        """Image of the direction u*."""
        return MatMul(_sum(slope), DIRECTION).doit(deep=False)

    def scalars(self, *shown: Any) -> tuple[tuple[Any, Any], ...]:
        """Give what the symbols in expressions stand for, each after those that it needs."""
        table = {**self.at.scalars, **self.names}
        found: dict[Any, Any] = {}

        def visit(expr: Any) -> None:
            for symbol in sorted(expr.free_symbols & set(table), key=str):
                if symbol not in found:
                    visit(table[symbol])
                    found[symbol] = table[symbol]

        for expr in shown:
            visit(expr)
        return tuple(found.items())

    def _column(self, symbol: MatrixSymbol) -> MatrixExpr:
        column: MatrixExpr = Transpose(self.at.values[symbol][0][0]).doit()
        return column

    def _norm(self, expr: MatrixExpr, value: MatrixSymbol) -> Words:
        """Slope ``r (I - 1 1ᵀ/d - y yᵀ/d)`` of a layer norm y = r (x - mean), or of r x."""
        rows, size = expr.args[0], expr.shape[1]
        square = self.at(DiagonalMatrix(rows * Transpose(rows))).diagonal(0)
        share = size if isinstance(expr, LayerNorm) else S.One
        parts = [Identity(size), MatMul(-1 / share, value, Transpose(value))]
        if isinstance(expr, LayerNorm):
            square = square / size + expr.eps
            if expr.centred:
                square -= (self.at.number(rows * OneMatrix(size, 1)) / size) ** 2
                ones = OneMatrix(size, 1)
                parts.append(MatMul(-1 / size, ones, Transpose(ones)))
        factor = Symbol(str(value).replace("x", "r", 1), positive=True)
        self.names[factor] = 1 / sqrt(square)
        return {(MatAdd(*parts),): factor}

    def _along(self, expr: MatrixExpr, symbol: MatrixSymbol) -> Words:
        """Give what motions of one symbol, of sum zero, become: one token's, less the others'."""
        size = symbol.shape[1]
        vector = DIRECTION if symbol == X else MatrixSymbol("v*", size, 1)
        moved = MatrixSymbol(f"{symbol}'", *symbol.shape)
        at = self.at.with_values({moved: [[Transpose(vector)], [ZeroMatrix(1, size)]]})
        value = at(differential(expr, symbol, moved))
        own, other = (at.turned(value.entries[c][0]) for c in (0, 1))
        words = add_words(own, scale_words(other, S.NegativeOne))
        settled = {word: simplified(c) for word, c in words.items()}
        return _operator(
            at.expression({w: c for w, c in settled.items() if c != 0}, vector), vector
        )


def _composed(outer: Words, inner: Words) -> Words:
    """Product of operators, a sum kept as one letter."""
    if len(inner) != 1:
        inner = {(_sum(inner),): S.One} if inner else {}
    return {(*u, *v): a * b for u, a in outer.items() for v, b in inner.items()}


def _with_common_end(words: Words) -> Words:
    """Take the factors out on the right that all products of a sum share."""
    if len(words) < 2:
        return words
    shared = 0
    while len({w[len(w) - 1 - shared] if len(w) > shared else None for w in words}) == 1:
        shared += 1
    if not shared:
        return words
    end = next(iter(words))[-shared:]
    common = Mul(*set.intersection(*(set(Mul.make_args(c)) for c in words.values())))
    parts = {word[:-shared]: c / common for word, c in words.items()}
    return {(_sum(parts, end[0].shape[0]), *end): common}


def _sum(words: Words, size: Any = d) -> MatrixExpr:
    """Matrix that a sum of products is; the empty product is the identity."""
    terms = [MatMul(c, *(word or (Identity(size),))).doit(deep=False) for word, c in words.items()]
    return MatAdd(*terms) if len(terms) > 1 else terms[0]


def _operator(column: MatrixExpr, vector: MatrixSymbol) -> Words:
    """Matrix of a column that is linear in a vector."""
    total: Words = {}
    for factor, word in _terms(column, vector):
        total = add_words(total, {word: factor})
    return total


def _terms(column: MatrixExpr, vector: MatrixSymbol) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    if isinstance(column, ZeroMatrix):
        return
    if isinstance(column, MatAdd):
        for part in column.args:
            yield from _terms(part, vector)
        return
    if column == vector:
        yield S.One, ()
        return
    if isinstance(column, HadamardProduct):
        still = [f for f in column.args if vector not in f.free_symbols]
        factors = [DiagMatrix(HadamardProduct(*still) if len(still) > 1 else still[0])]
        number, factors = S.One, [*factors, *(f for f in column.args if f not in still)]
    else:
        number, factors = column.as_coeff_matrices() if isinstance(column, MatMul) else (S.One, [])
    places = [j for j, f in enumerate(factors) if vector in f.free_symbols]
    last = MatMul(*factors[places[0] :]).doit(deep=False) if len(places) == 1 else column
    if last.shape[0] == 1:  # a number <v, y>
        last = Transpose(last).doit()
    if last == column:
        raise NoValue(f"Expected products that hold {vector} once, as a column, but got {column}.")
    for factor, word in _terms(last, vector):
        yield number * factor, (*factors[: places[0]], *word)
