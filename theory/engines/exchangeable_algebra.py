"""Matrices constant on classes of tokens: aI + bJ with J^2 = nJ, and several such classes.

One class gives the equiangular configurations of (6.9) and (6.10) for symbolic n; several classes
give clusters of symbolic size. A matrix expression is evaluated in the algebra, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, TypeAlias

from sympy import (
    DiagMatrix,
    Expr,
    FunctionMatrix,
    Identity,
    ImmutableMatrix,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    OneMatrix,
    S,
    Trace,
    Transpose,
    ZeroMatrix,
    diag,
    exp,
    eye,
    factor,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct

from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.symbols import n
from theory.weights import SinkSoftmax, SquaredDistances

Sizes: TypeAlias = tuple[Expr, ...]


@lru_cache(maxsize=1024)
def _factored(entry: Expr) -> Expr:
    """Factor: of two models of one report most entries are the same, and are 0."""
    return factor(entry)


@dataclass(frozen=True)
class ClassColumn:
    """A column (or, transposed, a row) that is constant on each class.

    Attributes
    ----------
    sizes : tuple of Expr
        Number of tokens of each class.
    values : tuple of Expr
        The entry on each class.
    is_row : bool
        Whether it stands as a row.
    """

    sizes: Sizes
    values: tuple[Expr, ...]
    is_row: bool = False

    @property
    def T(self) -> ClassColumn:
        """The transpose."""
        return ClassColumn(self.sizes, self.values, not self.is_row)

    def total(self) -> Expr:
        """Sum of the entries."""
        return sum((s * v for s, v in zip(self.sizes, self.values, strict=True)), S.Zero)

    def map(self, function: Callable[[Expr], Expr]) -> ClassColumn:
        """Apply a scalar function to each entry."""
        return ClassColumn(self.sizes, tuple(map(function, self.values)), self.is_row)


@dataclass(frozen=True)
class ClassMatrix:
    """A square matrix ``diag(a_c I) + [B_ce J]``: entries depend on the two classes only.

    Attributes
    ----------
    sizes : tuple of Expr
        Number of tokens of each class, possibly symbolic.
    excess : tuple of Expr
        a_c, by how much a diagonal entry exceeds the others of its class.
    blocks : ImmutableMatrix
        B_ce, the entry between two different tokens of classes c and e.

    Notes
    -----
    In a class of a single token the split is a convention: B_cc = 0.

    Examples
    --------
    >>> from sympy import symbols
    >>> a, b = symbols("a b")
    >>> (exchangeable(a, b) @ exchangeable(a, b)).off_diagonal()
    2*a*b + b**2*n
    """

    sizes: Sizes
    excess: tuple[Expr, ...]
    blocks: ImmutableMatrix

    def __post_init__(self) -> None:
        """Check the shapes and apply the convention for classes of one token."""
        count = len(self.sizes)
        if len(self.excess) != count or self.blocks.shape != (count, count):
            raise ValueError(
                f"Expected one excess a class and a {count}x{count} block matrix but got "
                f"excess={self.excess} and blocks of shape {self.blocks.shape}; "
                "give one entry for each of the sizes."
            )
        blocks = self.blocks.as_mutable()
        excess = list(self.excess)
        for c, size in enumerate(self.sizes):
            if size == 1:
                excess[c] += blocks[c, c]
                blocks[c, c] = S.Zero
        object.__setattr__(self, "excess", tuple(excess))
        object.__setattr__(self, "blocks", ImmutableMatrix(blocks))

    def diagonal(self) -> ClassColumn:
        """Give the diagonal entries, class by class."""
        return ClassColumn(
            self.sizes, tuple(a + self.blocks[c, c] for c, a in enumerate(self.excess))
        )

    def off_diagonal(self, row: int = 0, column: int = 0) -> Expr:
        """Entry between two different tokens of the given classes."""
        return self.blocks[row, column]

    def row_sums(self) -> ClassColumn:
        """Give the row sums, class by class."""
        return self @ ClassColumn(self.sizes, (S.One,) * len(self.sizes))

    @property
    def T(self) -> ClassMatrix:
        """The transpose."""
        return ClassMatrix(self.sizes, self.excess, self.blocks.T)

    def __add__(self, other: ClassMatrix) -> ClassMatrix:
        """Sum."""
        excess = tuple(a + b for a, b in zip(self.excess, other.excess, strict=True))
        return ClassMatrix(self.sizes, excess, self.blocks + other.blocks)

    def scale(self, factor: Any) -> ClassMatrix:
        """Multiple by a scalar."""
        return ClassMatrix(
            self.sizes, tuple(factor * a for a in self.excess), self.blocks * sympify(factor)
        )

    def __sub__(self, other: ClassMatrix) -> ClassMatrix:
        """Difference."""
        return self + other.scale(S.NegativeOne)

    def __matmul__(self, other: Any) -> Any:
        """Product with a matrix or a column of the same classes, by ``J J = size J``."""
        if isinstance(other, ClassColumn):
            triples = list(zip(self.sizes, self.excess, other.values, strict=True))
            spread = self.blocks * ImmutableMatrix([size * v for size, _, v in triples])
            values = tuple(a * v + spread[c] for c, (_, a, v) in enumerate(triples))
            return ClassColumn(self.sizes, values)
        mine, theirs = diag(*self.excess), diag(*other.excess)
        blocks = (
            mine * other.blocks
            + self.blocks * theirs
            + self.blocks * diag(*self.sizes) * other.blocks
        )
        excess = tuple(a * b for a, b in zip(self.excess, other.excess, strict=True))
        return ClassMatrix(self.sizes, excess, ImmutableMatrix(blocks))

    def map(self, function: Callable[[Expr], Expr]) -> ClassMatrix:
        """Apply a scalar function to each entry."""
        blocks = self.blocks.applyfunc(function)
        entries = self.diagonal().values
        excess = tuple(function(v) - blocks[c, c] for c, v in enumerate(entries))
        return ClassMatrix(self.sizes, excess, blocks)

    def hadamard(self, other: ClassMatrix) -> ClassMatrix:
        """Entrywise product."""
        blocks = self.blocks.multiply_elementwise(other.blocks)
        pairs = zip(self.diagonal().values, other.diagonal().values, strict=True)
        excess = tuple(a * b - blocks[c, c] for c, (a, b) in enumerate(pairs))
        return ClassMatrix(self.sizes, excess, ImmutableMatrix(blocks))

    def inverse(self) -> ClassMatrix:
        """Inverse, by the Woodbury identity on the p×p matrix of classes."""
        if any(a == 0 for a in self.excess):
            raise ValueError(
                f"Expected a matrix a I + b J with a different from 0 but got a={self.excess}; "
                "two equal rows have no inverse."
            )
        small = diag(*(1 / a for a in self.excess))
        core = eye(len(self.sizes)) + diag(*self.sizes) * small * self.blocks
        blocks = -small * self.blocks * core.inv() * small
        return ClassMatrix(self.sizes, tuple(1 / a for a in self.excess), ImmutableMatrix(blocks))

    def residuals(self) -> tuple[Expr, ...]:
        """All distinct entries, put over a common denominator and simplified as far as factoring.

        The matrix is zero exactly when all are. Entries inside a class of one token are left out.
        """
        count = range(len(self.sizes))
        entries = [*self.diagonal().values]
        entries += [self.blocks[c, e] for c in count for e in count]
        return tuple(map(_factored, entries))


def exchangeable(a: Any, b: Any, size: Any = n) -> ClassMatrix:
    """Make the matrix ``aI + bJ``, J the matrix of ones.

    Parameters
    ----------
    a, b : Expr
        The two coefficients: diagonal entries are a + b, the others b, row sums a + size b.
    size : Expr
        Number of rows.

    Returns
    -------
    ClassMatrix
        With one class.
    """
    return ClassMatrix((sympify(size),), (sympify(a),), ImmutableMatrix([[sympify(b)]]))


def uniform(value: Any, size: Any = n) -> ClassColumn:
    """Make the column with all entries equal.

    Parameters
    ----------
    value : Expr
        The entry, 1/n for the masses of the paper.
    size : Expr
        Number of rows.

    Returns
    -------
    ClassColumn
        With one class.
    """
    return ClassColumn((sympify(size),), (sympify(value),))


def diagonal_matrix(column: ClassColumn) -> ClassMatrix:
    """Put a column on the diagonal.

    Parameters
    ----------
    column : ClassColumn
        The diagonal entries.

    Returns
    -------
    ClassMatrix
        Zero off the diagonal.
    """
    count = len(column.sizes)
    return ClassMatrix(column.sizes, column.values, ImmutableMatrix.zeros(count, count))


Value: TypeAlias = "ClassMatrix | ClassColumn | Expr"


def _product(left: Value, right: Value) -> Value:
    """Product of two values: matrices, columns, rows or scalars."""
    if isinstance(left, Expr):
        return _scale(right, left)
    if isinstance(right, Expr):
        return _scale(left, right)
    if isinstance(left, ClassMatrix):
        return left @ right
    if isinstance(right, ClassMatrix):
        return (right.T @ left.T).T
    if left.is_row:
        return ClassColumn(
            left.sizes, tuple(a * b for a, b in zip(left.values, right.values, strict=True))
        ).total()
    outer = ImmutableMatrix(left.values) * ImmutableMatrix(right.values).T
    return ClassMatrix(left.sizes, (S.Zero,) * len(left.sizes), outer)


def _scale(value: Value, factor: Expr) -> Value:
    if isinstance(value, ClassMatrix):
        return value.scale(factor)
    if isinstance(value, ClassColumn):
        return value.map(lambda v: factor * v)
    return factor * value


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, ClassMatrix) and isinstance(right, ClassMatrix):
        return left + right
    if isinstance(left, ClassColumn) and isinstance(right, ClassColumn):
        pairs = zip(left.values, right.values, strict=True)
        return ClassColumn(left.sizes, tuple(a + b for a, b in pairs), left.is_row)
    assert isinstance(left, Expr)  # SymPy has checked the shapes of a sum
    return left + right


def evaluate(expr: MatrixExpr, values: Mapping[MatrixSymbol, ClassMatrix | ClassColumn]) -> Value:
    """Evaluate a matrix expression in the algebra of class-constant matrices.

    Parameters
    ----------
    expr : MatrixExpr
        Made of the given symbols, ones, zeros and identities, entrywise functions, softmax rows,
        diagonals, products, sums, powers, transposes and scalar multiples.
    values : mapping from MatrixSymbol to ClassMatrix or ClassColumn
        The configuration; all with the same sizes.

    Returns
    -------
    ClassMatrix, ClassColumn or Expr
        By the shape of the expression: square, a column or row, or one entry.

    Examples
    --------
    >>> from theory.symbols import G, gamma
    >>> evaluate(G * G, {G: exchangeable(1 - gamma, gamma)}).residuals()[0]
    gamma**2*n - gamma**2 + 1
    """
    return _Walk(values)(sympify(expr))


class _Walk:
    """The walk of an expression: each node by the rule of its type, its parts by walking on."""

    def __init__(self, values: Mapping[MatrixSymbol, ClassMatrix | ClassColumn]) -> None:
        self.values = values
        self.sizes = next(iter(values.values())).sizes
        self.names_of_size = (1, next(iter(values)).shape[0], sum(self.sizes, S.Zero))

    def __call__(self, node: Any) -> Value:
        if node in self.values:
            return self.values[node]
        rule = next((_RULES[kind] for kind in type(node).__mro__ if kind in _RULES), _refuse)
        return rule(self, node)

    def square(self, node: MatrixExpr) -> ClassMatrix:
        """Walk a node that must be a square matrix."""
        value = self(node)
        if not isinstance(value, ClassMatrix):
            raise ValueError(
                f"Expected a square matrix over the tokens but got node={node}; "
                "its rows and columns must both be tokens."
            )
        return value

    def column(self, node: MatrixExpr) -> ClassColumn:
        """Walk a node that must be a column."""
        value = self(node)
        if not isinstance(value, ClassColumn):
            raise ValueError(
                f"Expected a column over the tokens but got node={node}; its shape must be (n, 1)."
            )
        return value

    def constant(self, shape: tuple[Any, Any], entry: Expr) -> Value:
        """Make a matrix, column, row or scalar of equal entries."""
        count = len(self.sizes)
        rows, columns = shape
        if (rows, columns) == (1, 1):
            return entry
        for side in (rows, columns):
            if side not in self.names_of_size:
                raise ValueError(
                    f"Expected matrices over the {self.names_of_size[1]} tokens but got "
                    f"shape={shape}; only token by token matrices and columns of tokens have "
                    "classes."
                )
        if columns == 1:
            return ClassColumn(self.sizes, (entry,) * count)
        if rows == 1:
            return ClassColumn(self.sizes, (entry,) * count, is_row=True)
        blocks = ImmutableMatrix(count, count, lambda i, j: entry)
        return ClassMatrix(self.sizes, (S.Zero,) * count, blocks)


def _sum(walk: _Walk, node: MatAdd) -> Value:
    return reduce(_add, map(walk, node.args))


def _matrix_product(walk: _Walk, node: MatMul) -> Value:
    return reduce(_product, map(walk, node.args))


def _transpose(walk: _Walk, node: Transpose) -> Value:
    value = walk(node.arg)
    return value.T if not isinstance(value, Expr) else value


def _identity(walk: _Walk, node: Identity) -> Value:
    one = ClassColumn(walk.sizes, (S.One,) * len(walk.sizes))
    return S.One if node.shape == (1, 1) else diagonal_matrix(one)


def _softmax(walk: _Walk, node: RowSoftmax) -> ClassMatrix:
    if isinstance(node, MaskedSoftmax):
        raise ValueError(
            f"Expected weights that treat the tokens of a class alike but got node={node}; "
            f"a {node.mask.kind} mask tells the tokens apart, use explicit n instead."
        )
    count = len(walk.sizes)
    if type(node) is not RowSoftmax and count > 1:
        raise ValueError(
            f"Expected one class of tokens for the fixed point of {type(node).__name__} but "
            f"got {count} classes; its potential is constant only on an exchangeable state."
        )
    # One class: Sinkhorn's potential is constant by uniqueness, which is the softmax again.
    kernel, masses = walk.square(node.scores).map(exp), walk.column(node.masses)
    weighted = kernel @ diagonal_matrix(masses)
    return diagonal_matrix((kernel @ masses).map(lambda v: 1 / v)) @ weighted


def _entrywise(walk: _Walk, node: ElementwiseApplyFunction) -> Value:
    inside = walk(node.expr)
    return node.function(inside) if isinstance(inside, Expr) else inside.map(node.function)


def _hadamard(walk: _Walk, node: HadamardProduct) -> Value:
    return reduce(_entry_by_entry, map(walk, node.args))


def _entry_by_entry(left: Value, right: Value) -> Value:
    if isinstance(left, ClassMatrix) and isinstance(right, ClassMatrix):
        return left.hadamard(right)
    if isinstance(left, ClassColumn) and isinstance(right, ClassColumn):
        pairs = zip(left.values, right.values, strict=True)
        return ClassColumn(left.sizes, tuple(a * b for a, b in pairs), left.is_row)
    assert isinstance(left, Expr)  # SymPy has checked the shapes
    return left * right


def _hadamard_power(walk: _Walk, node: HadamardPower) -> Value:
    base = walk(node.base)
    return base**node.exp if isinstance(base, Expr) else base.map(lambda v: v**node.exp)


def _number(walk: _Walk, node: Expr) -> Expr:
    table = {}
    for trace in node.atoms(Trace):
        value = walk(trace.arg)
        table[trace] = (
            value if isinstance(value, Expr) else walk.square(trace.arg).diagonal().total()
        )
    out = node.xreplace(table)
    if any(symbol in out.free_symbols for symbol in walk.values):
        raise ValueError(
            "Expected a coefficient without matrices, or with traces of them, but got "
            f"coefficient={node}; a single entry has no value in the algebra."
        )
    return out


def _refuse(walk: _Walk, node: Any) -> Value:
    """Walk the plain form of an atom; refuse what has none."""
    if hasattr(node, "elementary"):
        return walk(node.elementary())
    if isinstance(node, FunctionMatrix):
        raise ValueError(
            f"Expected weights that treat the tokens of a class alike but got node={node}; places "
            "tell the tokens apart, use explicit n instead."
        )
    raise ValueError(
        "Expected an expression in the algebra of class-constant matrices but got "
        f"node={node} of type {type(node).__name__}; give it a value or rewrite it with "
        "`elementary()` first."
    )


def _raised(base: Value, exponent: Any) -> Value:
    """Power of a square matrix, or of one number."""
    if isinstance(base, Expr):
        return base**exponent
    if isinstance(base, ClassColumn):
        raise ValueError(f"Expected a square matrix over the tokens but got a column={base}.")
    if not exponent.is_Integer or exponent == 0:
        raise ValueError(
            f"Expected a power that is an integer other than 0 but got exponent={exponent}; "
            "write the matrix out."
        )
    factor = base if exponent > 0 else base.inverse()
    out = factor
    for _ in range(abs(int(exponent)) - 1):
        out = out @ factor
    return out


_RULES: dict[type, Callable[[_Walk, Any], Value]] = {
    MatAdd: _sum,
    MatMul: _matrix_product,
    Transpose: _transpose,
    Inverse: lambda walk, node: _raised(walk(node.arg), S.NegativeOne),
    MatPow: lambda walk, node: _raised(walk(node.base), node.exp),
    Identity: _identity,
    OneMatrix: lambda walk, node: walk.constant(node.shape, S.One),
    ZeroMatrix: lambda walk, node: walk.constant(node.shape, S.Zero),
    RowSoftmax: _softmax,
    SinkSoftmax: lambda walk, node: walk(node.elementary()),
    SquaredDistances: lambda walk, node: walk(node.elementary()),
    ElementwiseApplyFunction: _entrywise,
    HadamardPower: _hadamard_power,
    DiagMatrix: lambda walk, node: diagonal_matrix(walk.column(node.args[0])),
    DiagonalMatrix: lambda walk, node: diagonal_matrix(walk.square(node.args[0]).diagonal()),
    HadamardProduct: _hadamard,
    MatrixExpr: _refuse,
    Expr: _number,
}
"""What a node of each type becomes; the most special type decides."""
