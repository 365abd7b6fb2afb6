"""Values of matrix expressions where the tokens of each group coincide, for groups of any size.

A matrix over tokens is a block matrix then, constant on each pair of groups but for its diagonal; a
row over components is one vector a group. Vectors are words in the point, a direction orthogonal to
it, and the matrices of the model; what contracts to a number is a symbol such as ``<x*,Vx*>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import (
    Add,
    DiagMatrix,
    Expr,
    Function,
    HadamardProduct,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    OneMatrix,
    S,
    Sum,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
    default_sort_key,
    exp,
    expand,
    sqrt,
    sympify,
)
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower

from theory.atoms import Elementwise, MaskedSoftmax, RowNormalize, RowSoftmax, Sinkhorn, Tangent
from theory.engines.grouped import (
    AFTER,
    BEFORE,
    DIRECTION,
    POINT,
    Grouped,
    NoValue,
    Sizes,
    Turn,
    add_words,
    constant,
    entry_pair,
    entry_product,
    excess_of,
    factored,
    inverse,
    is_negative,
    joined,
    neat,
    rotation,
    scale_words,
    turned_letter,
)
from theory.engines.rewriting import Rewriter, Word, Words
from theory.finite_sums import FiniteSum
from theory.masks import BIPARTITE, CAUSAL, GRAPH, STRICT, Mask
from theory.norms import LayerNorm
from theory.positions import Distances, Rotary
from theory.symbols import d, z

_UNIT_RULES: dict[Any, Expr] = {
    (Transpose(POINT), POINT): S.One,
    (Transpose(POINT), DIRECTION): S.Zero,
    (Transpose(DIRECTION), POINT): S.Zero,
}


@dataclass(frozen=True)
class Coinciding:
    """Values with all tokens of a group at one point.

    Parameters
    ----------
    groups : mapping from Expr to tuple of Expr
        Sizes of the groups that an index of that length runs over, such as ``{n: (1, n - 1)}``.
    values : mapping from MatrixSymbol to list of list of MatrixExpr or Expr
        The symbols that depend on tokens: an entry for each pair of groups (a row for a group where
        columns are components).
    unit : bool
        Whether the point has length one and the direction is orthogonal to it.
    place : Symbol, optional
        With the groups "tokens before this place, the token there, tokens after it": the place.
        Only the row of the token there is known; others are nan where they would be needed.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import X, m, n
    >>> at = Coinciding({n: (n,)}, {X: [[POINT.T]], m: [[1 / n]]})
    >>> at.number(RowSoftmax(X * X.T, m))
    1/n
    """

    groups: Mapping[Any, Sizes]
    values: Mapping[Any, list[list[Any]]]
    unit: bool = True
    place: Any = None
    scalars: dict[Symbol, MatrixExpr] = field(default_factory=dict)
    memo: dict[Any, Grouped] = field(default_factory=dict)

    def with_values(self, values: Mapping[Any, list[list[Any]]]) -> Coinciding:
        """Give more symbols a value; what doesn't hold them is not computed again."""
        kept = {e: v for e, v in self.memo.items() if not set(values) & e.free_symbols}
        return replace(self, values={**self.values, **values}, memo=kept)

    def number(self, expr: MatrixExpr, row: int = 0, column: int = 0) -> Expr:
        """Entry of the value between two different tokens, which must be a number."""
        return self(expr).number(row, column)

    def vector(self, expr: MatrixExpr, group: int = 0) -> Words:
        """Words of a row over components, as a column."""
        return self._transposed(self(expr).entries[group][0])

    def __call__(self, node: Any) -> Grouped:
        """Evaluate an expression."""
        if node not in self.memo:
            self.memo[node] = self._value(sympify(node))
        return self.memo[node]

    def sizes(self, length: Any) -> Sizes:
        """Give the groups that an index runs over; components are one."""
        return self.groups.get(length, (S.One,))

    def scalar(self, expr: Expr) -> Expr:
        """Coefficient with numbers of tokens put in."""
        table: dict[Any, Any] = {
            length: Add(*sizes)
            for length, sizes in self.groups.items()
            if sympify(length).is_Symbol and Add(*sizes) != length
        }
        for trace in expr.atoms(Trace):
            value = self(trace.arg)
            table[trace] = Add(*(s * value.diagonal(c) for c, s in enumerate(value.rows)))
        out = expr.xreplace(table)
        if any(symbol in out.free_symbols for symbol in self.values):
            raise NoValue(f"Expected a coefficient without tokens but got coefficient={expr}.")
        return out

    def turned(self, words: Words) -> Words:
        """Transpose of a sum of words."""
        return self._transposed(words)

    def expression(self, words: Words, direction: MatrixExpr = DIRECTION) -> MatrixExpr:
        """Column that is a sum of words, linear in the direction where they are."""
        terms = []
        for word, c in words.items():
            for part in Add.make_args(expand(c)):
                moved = [
                    s
                    for s in part.free_symbols
                    if s in self.scalars and direction in self.scalars[s].free_symbols
                ]
                letters = [*word, *(self.scalars[s] for s in moved)]
                factor = part.subs(dict.fromkeys(moved, 1))
                terms.append(MatMul(factor, *letters).doit(deep=False))
        return MatAdd(*terms).doit(deep=False) if terms else ZeroMatrix(d, 1)

    # -- words -----------------------------------------------------------------------------------

    def times(self, left: Words, right: Words) -> Words:
        """Product of sums of words, what contracts to numbers taken out."""
        out: Words = {}
        for u, a in left.items():
            for v, b in right.items():
                word, number = self._split((*u, *v))
                if number != 0:
                    out = add_words(out, {word: number * a * b})
        return out

    def _split(self, letters: Word) -> tuple[Word, Expr]:
        """Take the numbers out of a word: what lies between a row and a column."""
        word = Rewriter(joined).reduce(letters)
        factor, kept, part = S.One, list[MatrixExpr](), list[MatrixExpr]()
        for letter in word:
            part.append(letter)
            if letter.shape[1] == 1:
                if part[0].shape[0] == 1:
                    factor *= self._contracted(tuple(part))
                else:
                    kept += part
                part = []
        return (*kept, *part), factor

    def _contracted(self, word: Word) -> Expr:
        """Symbol of a number ``<v, w>``, or its value at a unit point."""
        if self.unit and len(word) == 2 and word in _UNIT_RULES:
            return _UNIT_RULES[word]
        if all(isinstance(f, OneMatrix) for f in word):
            return Mul(*(f.shape[0] for f in word[1:]))
        steps = [f.steps for f in word if isinstance(f, Turn)]
        if len(steps) > 1:
            raise NoValue(f"Expected one rotation by place in a score but got {word}.")
        back = tuple(turned_letter(f) for f in reversed(word))
        plain = [tuple(f for f in w if not isinstance(f, Turn)) for w in (word, back)]
        first, second = (tuple(map(default_sort_key, w)) for w in plain)
        turn = first > second or (first == second and bool(steps) and is_negative(steps[0]))
        best = back if turn else word
        left = 1
        while left < len(best) - 1 and isinstance(best[left], Transpose):
            left += 1
        halves = [Transpose(f).doit() for f in reversed(best[:left])], best[left:]
        one, other = (
            "".join("R^" if isinstance(f, Turn) else str(f) for f in half) for half in halves
        )
        name = f"<{one},{other}>"
        symbol: Any = Symbol(name, real=True, nonnegative=True if one == other else None)
        if steps:
            symbol = Function(name, real=True)(-steps[0] if turn else steps[0])
        self.scalars[symbol] = MatMul(*best)
        return symbol

    def _transposed(self, words: Words) -> Words:
        return {tuple(turned_letter(f) for f in reversed(word)): c for word, c in words.items()}

    def _letter(self, words: Words, shape: tuple[Any, Any]) -> MatrixExpr:
        """Give an expression for a sum of words, which becomes one letter of others."""
        return Rewriter().assemble(words, shape)

    # -- nodes -----------------------------------------------------------------------------------

    def _value(self, node: Any) -> Grouped:
        if node in self.values:
            return self._given(node)
        for kind in type(node).__mro__:
            if kind in _RULES:
                return _RULES[kind](self, node)
        return self._other(node)

    def _made(self, node: MatrixExpr, entry: Callable[[int, int], Words]) -> Grouped:
        rows, columns = map(self.sizes, node.shape)
        entries = tuple(tuple(entry(i, j) for j in range(len(columns))) for i in range(len(rows)))
        return Grouped(rows, columns, entries)

    def entry_shape(self, node: MatrixExpr) -> tuple[Any, Any]:
        """Shape of what stands on a pair of groups: tokens have one row."""
        rows, columns = (S.One if s in self.groups else s for s in node.shape)
        return rows, columns

    def _given(self, node: MatrixExpr) -> Grouped:
        table = self.values[node]

        def entry(i: int, j: int) -> Words:
            value = table[i][j]
            return (
                Rewriter().words(value)
                if isinstance(value, MatrixExpr)
                else constant(sympify(value))
            )

        return self._made(node, entry)

    def _other(self, node: Any) -> Grouped:
        """Constants, atoms with a plain form, and what tells tokens apart where each is a group."""
        tokens = [s for s in node.shape if s in self.groups]
        if not tokens and not node.free_symbols & set(self.values):
            words = Rewriter().words(node)
            return self._made(node, lambda i, j: words)
        if (
            tokens
            and not node.has(*self.values)
            and all(size == 1 for s in tokens for size in self.groups[s])
        ):
            given = node.xreplace({s: Integer(len(self.groups[s])) for s in set(tokens)})
            if all(s in self.groups for s in node.shape):
                return self._made(node, lambda i, j: constant(self.scalar(given[i, j])))
        if hasattr(node, "elementary"):
            try:
                return self(node.elementary())
            except NotImplementedError:
                pass
        raise NoValue(
            f"Expected an operation that has a value where tokens coincide but got node={node} of "
            f"type {type(node).__name__}; give a number of tokens, or write it with the atoms of "
            "theory.atoms."
        )

    def _sum(self, node: MatAdd) -> Grouped:
        total, *others = map(self, node.args)
        for other in others:
            entries = tuple(
                tuple(add_words(a, b) for a, b in zip(*rows, strict=True))
                for rows in zip(total.entries, other.entries, strict=True)
            )
            excess = tuple(a + b for a, b in zip(excess_of(total), excess_of(other), strict=True))
            total = Grouped(total.rows, total.columns, entries, excess)
        return total

    def _product(self, node: MatMul) -> Grouped:
        coefficient, factors = S.One, list[Any]()
        for part in node.args:
            if isinstance(part, MatrixExpr):
                factors.append(part)
            else:
                coefficient *= self.scalar(part)
        if isinstance(factors[-1], OneMatrix) and factors[-1].shape[0] not in self.groups:
            pair = entry_pair(factors[-2]) if len(factors) > 1 else None
            if pair is not None:  # (A∘B) 1 over components is the diagonal of A Bᵀ
                inside = DiagonalMatrix(pair[0] * Transpose(pair[1]))
                factors[-2:] = [inside, OneMatrix(inside.shape[0], factors[-1].shape[1])]
        total = self(factors[0])
        for part in factors[1:]:
            total = self._multiply(total, self(part))
        return self._scale(total, coefficient)

    def _scale(self, value: Grouped, factor: Expr) -> Grouped:
        entries = tuple(tuple(scale_words(w, factor) for w in row) for row in value.entries)
        return Grouped(value.rows, value.columns, entries, tuple(factor * e for e in value.excess))

    def _multiply(self, left: Grouped, right: Grouped) -> Grouped:
        entries = []
        for c in range(len(left.rows)):
            row = []
            for f in range(len(right.columns)):
                total: Words = {}
                for e, size in enumerate(left.columns):
                    product = self.times(left.entries[c][e], right.entries[e][f])
                    many = len(left.columns) > 1  # components are one group
                    total = add_words(total, self._summed(product, size, e if many else 1))
                if any(left.excess):
                    total = add_words(total, scale_words(right.entries[c][f], left.excess[c]))
                if any(right.excess):
                    total = add_words(total, scale_words(left.entries[c][f], right.excess[f]))
                row.append(total)
            entries.append(tuple(row))
        excess: Sizes = ()
        if any(left.excess) and any(right.excess):
            excess = tuple(a * b for a, b in zip(left.excess, right.excess, strict=True))
        return Grouped(left.rows, right.columns, tuple(entries), excess)

    def _summed(self, words: Words, size: Expr, group: int) -> Words:
        """Sum over the tokens of a group; they may differ by their places."""
        step = {0: BEFORE, 2: AFTER}.get(group) if self.place is not None else None
        out = {}
        for word, c in words.items():
            alike, differing = c.as_independent(step, as_Add=False) if step else (c, S.One)
            many = size if differing == 1 else Sum(differing, (step, 1, size))
            out[word] = neat(alike * many)
        return out

    def transpose(self, value: Grouped) -> Grouped:
        """Transpose of a value."""
        entries = tuple(
            tuple(self._transposed(value.entries[i][j]) for i in range(len(value.rows)))
            for j in range(len(value.columns))
        )
        return Grouped(value.columns, value.rows, entries, value.excess)

    def _identity(self, node: Identity) -> Grouped:
        if node.shape[0] in self.groups:
            return self._diagonal(node, [S.One] * len(self.groups[node.shape[0]]))
        return self._made(node, lambda i, j: constant(S.One))

    def _diagonal(self, node: MatrixExpr, values: list[Expr]) -> Grouped:
        made = self._made(node, lambda i, j: {})
        return Grouped(made.rows, made.columns, made.entries, tuple(values))

    def _diag(self, node: DiagMatrix) -> Grouped:
        if node.shape[0] not in self.groups:
            return self._other(node)
        column = self(node.args[0])
        return self._diagonal(node, [column.number(c, 0) for c in range(len(column.rows))])

    def _diagonal_part(self, node: DiagonalMatrix) -> Grouped:
        if node.shape[0] not in self.groups:
            return self._other(node)
        inside = self(node.args[0])
        return self._diagonal(node, [inside.diagonal(c) for c in range(len(inside.rows))])

    def _ones(self, node: OneMatrix) -> Grouped:
        shape = self.entry_shape(node)
        words = constant(S.One) if shape == (1, 1) else {(OneMatrix(*shape),): S.One}
        return self._made(node, lambda i, j: words)

    def _entrywise(self, node: ElementwiseApplyFunction) -> Grouped:
        own, shape = Elementwise(node.function, node.expr), self.entry_shape(node)
        body = self.scalar(own.body)

        def applied(words: Words) -> Words:
            if shape == (1, 1):
                return constant(body.subs(z, factored(words.get((), S.Zero))))
            if not body.has(z):
                return {(OneMatrix(*shape),): body}
            slope = body.diff(z)
            if not slope.has(z) and body.subs(z, 0) == 0:
                return scale_words(words, slope)
            return {(Elementwise(body, self._letter(words, shape)),): S.One}

        return self(own.expr).map(applied)

    def _hadamard(self, node: HadamardProduct) -> Grouped:
        shape = self.entry_shape(node)
        total, *others = map(self, node.args)
        for other in others:
            entries = tuple(
                tuple(entry_product(a, b, shape) for a, b in zip(*rows, strict=True))
                for rows in zip(total.entries, other.entries, strict=True)
            )
            excess: Sizes = ()
            if total.excess or other.excess:
                excess = tuple(
                    total.diagonal(c) * other.diagonal(c) - entries[c][c].get((), S.Zero)
                    for c in range(len(total.rows))
                )
            total = Grouped(total.rows, total.columns, entries, excess)
        return total

    def _power(self, node: Any) -> Grouped:
        base = self(node.args[0])
        exponent = node.args[1] if len(node.args) > 1 else S.NegativeOne
        if node.shape[0] not in self.groups:
            return self._other(node)
        if not exponent.is_Integer or exponent == 0:
            raise NoValue(f"Expected an integer power other than 0 but got node={node}.")
        factor = base if exponent > 0 else inverse(base)
        total = factor
        for _ in range(abs(int(exponent)) - 1):
            total = self._multiply(total, factor)
        return total

    def _softmax(self, node: RowSoftmax) -> Grouped:
        scores, masses = self(node.scores), self(node.masses)
        if node.shape[1] not in self.groups:  # fixed keys
            letters = [
                RowSoftmax(self._letter(row[0], (1, node.shape[1])), node.masses)
                for row in scores.entries
            ]
            return self._made(node, lambda i, j: {(letters[i],): S.One})
        mask = self._mask(node.mask) if isinstance(node, MaskedSoftmax) else None
        places = range(len(scores.columns))
        entries: list[tuple[Words, ...]] = []
        excess: list[Expr] = []
        for c in range(len(scores.rows)):
            row = [scores.number(c, e) for e in places]
            own = scores.diagonal(c) if any(scores.excess) else None
            seen = [S.One if mask is None else mask.number(c, e) for e in places]
            held = next((s for s, sight in zip(row, seen, strict=True) if sight != 0), S.Zero)
            held = held if self.place is None else row[1]  # others of a group may differ
            weights = [
                sight * masses.number(e, 0) * exp(expand(s - held))
                for e, (s, sight) in enumerate(zip(row, seen, strict=True))
            ]
            more = S.Zero
            if own is not None and node.shape[0] == node.shape[1]:
                more = masses.number(c, 0) * exp(expand(own - held)) - weights[c]
            sums = [
                self._summed(constant(w), size, e).get((), S.Zero)
                for e, (w, size) in enumerate(zip(weights, scores.columns, strict=True))
            ]
            total = neat(Add(*sums, more))
            entries.append(tuple(constant(neat(w / (total or 1))) for w in weights))
            excess.append(neat(more / (total or 1)))
        made = Grouped(scores.rows, scores.columns, tuple(entries), tuple(excess))
        shares = {made.number(c, e) for c in places for e in places}
        if isinstance(node, Sinkhorn) and (len(shares) > 1 or any(made.excess)):
            raise NoValue(f"Expected equal scores and masses for a fixed point but got {node}.")
        return made

    def _mask(self, node: Mask) -> Grouped:
        sizes = self.sizes(node.shape[0])
        if node.kind == GRAPH and not isinstance(node.parameter, MatrixBase):
            return self(node.parameter)
        own = node.parameter.rows if node.kind == GRAPH else len(sizes)
        if all(size == 1 for size in sizes) and own == len(sizes):
            table = node.on(len(sizes))
            return self._made(node, lambda i, j: constant(table[i, j]))
        if self.place is not None and node.kind in (CAUSAL, STRICT):
            seen = [S.One, Integer(node.kind == CAUSAL), S.Zero]
            return self._made(node, lambda i, j: constant(seen[j] if i == 1 else S.NaN))
        if node.kind == BIPARTITE and len(sizes) == 2 and sizes[0] == node.parameter:
            return self._made(node, lambda i, j: constant(Integer(i != j)))
        raise NoValue(
            f"Expected groups of tokens that a mask treats alike but got mask={node}; give a "
            "number of tokens."
        )

    def _rotary(self, node: Rotary) -> Grouped:
        """Turn the row of a token by its place, which must be known."""
        rows, sizes = self(node.field), self.sizes(node.shape[0])
        if self.place is not None:
            places: list[Any] = [self.place - BEFORE, self.place, self.place + AFTER]
        elif all(size == 1 for size in sizes):
            places = list(range(len(sizes)))
        else:
            raise NoValue(
                f"Expected places of the tokens for node={node} but got groups of {sizes}; give a "
                "number of tokens."
            )
        letters = [rotation(node.shape[1], node.base, -place) for place in places]
        entries = tuple(
            (self.times(row, constant(S.One) if isinstance(f, Identity) else {(f,): S.One}),)
            for (row,), f in zip(rows.entries, letters, strict=True)
        )
        return Grouped(rows.rows, rows.columns, entries)

    def _distances(self, node: Distances) -> Grouped:
        if self.place is not None:
            row = [BEFORE, S.Zero, AFTER]
            return self._made(node, lambda i, j: constant(row[j] if i == 1 else S.NaN))
        if any(size != 1 for size in self.sizes(node.shape[0])):
            raise NoValue(
                f"Expected places of the tokens for node={node} but got groups of "
                f"{self.sizes(node.shape[0])}; give a number of tokens."
            )
        return self._made(node, lambda i, j: constant(Integer(abs(i - j))))

    def _tangent(self, node: Tangent) -> Grouped:
        points, values = self(node.points), self(node.field)
        rows = []
        for (point,), (value,) in zip(points.entries, values.entries, strict=True):
            radial = self.times(value, self._transposed(point))
            rows.append((add_words(value, scale_words(self.times(radial, point), S.NegativeOne)),))
        return Grouped(values.rows, values.columns, tuple(rows))

    def _normalised(self, node: RowNormalize) -> Grouped:
        values = self(node.args[0])
        rows = []
        for (value,) in values.entries:
            square = self.times(value, self._transposed(value)).get((), S.Zero)
            rows.append((scale_words(value, 1 / sqrt(square)),))
        return Grouped(values.rows, values.columns, tuple(rows))

    def _layer_norm(self, node: LayerNorm) -> Grouped:
        size = node.shape[1]
        ones: Words = {(OneMatrix(1, size),): S.One}
        rows = []
        for (value,) in self(node.field).entries:
            if node.centred:
                mean = self.times(value, self._transposed(ones)).get((), S.Zero) / size
                value = add_words(value, scale_words(ones, -mean))
            square = self.times(value, self._transposed(value)).get((), S.Zero)
            row = scale_words(value, 1 / sqrt(neat(square / size + node.eps)))
            if not isinstance(node.gain, OneMatrix):
                row = self.times(row, {(DiagMatrix(node.gain),): S.One})
            rows.append((add_words(row, Rewriter().words(Transpose(node.bias))),))
        return Grouped(self.sizes(node.shape[0]), (S.One,), tuple(rows))

    def _finite_sum(self, node: FiniteSum) -> Grouped:
        if node.count.is_Integer:
            return self(node.doit())
        return self._other(node)

    def _explicit(self, node: Any) -> Grouped:
        rows, columns = (tuple([S.One] * int(s)) for s in node.shape)
        if rows not in self.groups.values():
            return self._other(node)
        entries = tuple(tuple(constant(e) for e in row) for row in node.tolist())
        return Grouped(rows, columns, entries)


_RULES: dict[type, Callable[[Coinciding, Any], Grouped]] = {
    MatAdd: Coinciding._sum,
    MatMul: Coinciding._product,
    Transpose: lambda at, node: at.transpose(at(node.arg)),
    Inverse: Coinciding._power,
    MatPow: Coinciding._power,
    Identity: Coinciding._identity,
    OneMatrix: Coinciding._ones,
    ZeroMatrix: lambda at, node: at._made(node, lambda i, j: {}),
    RowSoftmax: Coinciding._softmax,
    Mask: Coinciding._mask,
    Tangent: Coinciding._tangent,
    RowNormalize: Coinciding._normalised,
    LayerNorm: Coinciding._layer_norm,
    Rotary: Coinciding._rotary,
    Distances: Coinciding._distances,
    ElementwiseApplyFunction: Coinciding._entrywise,
    HadamardPower: lambda at, node: at(Elementwise(z**node.exp, node.base)),
    HadamardProduct: Coinciding._hadamard,
    DiagMatrix: Coinciding._diag,
    DiagonalMatrix: Coinciding._diagonal_part,
    FiniteSum: Coinciding._finite_sum,
    MatrixBase: Coinciding._explicit,
}
"""What a node of each type becomes; the most special type decides."""
