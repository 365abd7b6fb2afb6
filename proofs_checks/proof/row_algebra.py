"""Row i of a matrix expression as a vector or scalar of the Gram algebra, for every n and d.

`RowAlgebra` reads velocities, fields at arbitrary points, and differentials; sums over tokens
keep their index, so that what is reduced to zero holds for every number of tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Mul,
    OneMatrix,
    S,
    Symbol,
    Transpose,
)
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import LinearMap, Rewriter, Vector, inner, is_diagonal, vectors
from theory.recorded import entry_of, is_recording, row_of
from theory.symbols import X, d, m, z

SYMBOLIC: Mapping[str, str] = {
    "n": "symbolic",
    "d": "symbolic",
    "beta": "symbolic",
    "masses": "symbolic",
}
"""Scope of a proof in which every size and parameter is a symbol."""


PROBES = MatrixSymbol("Y", Symbol("l", integer=True, positive=True), d)
"""Probe points, one a row: any points of the sphere at which a field or potential is read."""


@lru_cache(maxsize=256)
def _written(expr: Any) -> str:
    """Text of a matrix expression, which SymPy evaluates before it prints it."""
    return str(expr)


@dataclass
class RowAlgebra:
    """Row i of a matrix expression as a vector or scalar of the Gram algebra, for every n and d.

    A sum over tokens such as ``Σ_j m_j f(<x_i,x_j>) x_j`` is one named vector, its scalar twin
    ``Σ_j m_j f(<x_i,x_j>)`` one named scalar. Equal sums get equal names; different names are
    treated as independent, so a residual that vanishes here vanishes for all points.

    Parameters
    ----------
    symmetric : frozenset of MatrixSymbol
        Matrices that are symmetric by hypothesis.
    units : tuple of MatrixSymbol
        Matrices whose rows have length one.
    """

    symmetric: frozenset[Any] = frozenset()
    units: tuple[Any, ...] = (X, PROBES)
    names: dict[Any, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the rewriter that brings products to normal form."""
        self._rewriter = Rewriter(symmetric=self.symmetric)

    @property
    def legend(self) -> str:
        """What the names stand for."""
        sums = ((e, name) for e, name in self.names.items() if not isinstance(e, MatrixSymbol))
        return ", ".join(f"{name} = {_written(expr)}" for expr, name in sums)

    def _name(self, expr: Any, letter: str) -> str:
        if expr not in self.names:
            name = f"{letter}{len(self.names) + 1}"
            if isinstance(expr, MatrixSymbol):
                name = str(expr).lower()
            while name in self.names.values():
                name += "'"
            self.names[expr] = name
        return self.names[expr]

    def _words(self, expr: MatrixExpr) -> Iterable[tuple[tuple[Any, ...], Expr]]:
        return self._rewriter.words(expr).items()

    def vector(self, expr: MatrixExpr) -> Vector:
        """Row i of an expression with d columns."""
        if is_recording():
            return cast(Vector, row_of(expr, self.units, self.symmetric))
        if isinstance(expr, MatAdd):
            total = Vector()
            for term in expr.args:
                total = total + self.vector(term)
            return total
        if isinstance(expr, Tangent):
            foot, value = self.vector(expr.points), self.vector(expr.field)
            radial: Vector = foot * inner(foot, value)
            return value - radial
        if isinstance(expr, MatMul):
            factor, letters = expr.as_coeff_matrices()
            if len(letters) == 1 and isinstance(letters[0], Tangent):
                return _scaled(self.vector(letters[0]), factor)
        total = Vector()
        for word, coefficient in self._words(expr):
            total = total + self._vector_word(word) * coefficient
        return total

    def _vector_word(self, word: tuple[Any, ...]) -> Vector:
        first, last = word[0], word[-1]
        if len(word) > 1:
            if is_diagonal(first):
                return _scaled(self._vector_word(word[1:]), self._diagonal(first))
            if last.shape == (d, d) and not last.free_symbols & {X, m}:
                return self._map(last)(self._vector_word(word[:-1]))
        if type(first) is RowSoftmax:
            pulled = self._vector_word((*_weighted(first), *word[1:]))
            return _scaled(pulled, 1 / self._total(first))
        factor, letters = _pull(word)
        name = self._name(_product(letters), "s")
        (vector,) = vectors(name, unit=name if _product(letters) in self.units else "")
        return _scaled(vector, factor)

    def _total(self, softmax: RowSoftmax) -> Expr:
        """``Σ_j m_j e^{S_ij}``."""
        return self._column_word((_weighted(softmax)[0], softmax.masses))

    def _map(self, letter: MatrixExpr) -> LinearMap:
        plain = letter.arg if isinstance(letter, Transpose) else letter
        made = LinearMap(str(plain), "symmetric" if plain in self.symmetric else "general")
        return made if isinstance(letter, Transpose) else made.T

    def _diagonal(self, letter: MatrixExpr) -> Expr:
        if isinstance(letter, Inverse):
            return 1 / self._diagonal(letter.arg)
        if isinstance(letter, DiagMatrix):
            return self.column(letter.args[0])
        inside = letter.args[0]
        # A matrix and its transpose have the same diagonal.
        for matrix in (inside, self._rewriter.form(Transpose(inside))):
            factors: tuple[Any, ...] = matrix.args if isinstance(matrix, MatMul) else ()
            if len(factors) > 1 and isinstance(factors[-1], Transpose):
                return inner(self.vector(_product(factors[:-1])), self.vector(factors[-1].arg))
        return Symbol(self._name(letter, "D"), real=True)

    def column(self, expr: MatrixExpr) -> Expr:
        """Entry i of a column."""
        if is_recording():
            return entry_of(expr, self.units, self.symmetric)
        if isinstance(expr, HadamardProduct):
            return Mul(*(self.column(factor) for factor in expr.args))
        if isinstance(expr, MatMul) and _is_constant_column(expr.args[-1]):
            (anchor,) = vectors(self._name(expr.args[-1], "a"))
            return inner(self.vector(MatMul(*expr.args[:-1])), anchor)
        return sum((c * self._column_word(word) for word, c in self._words(expr)), start=S.Zero)

    def _column_word(self, word: tuple[Any, ...]) -> Expr:
        first, last = word[0], word[-1]
        if len(word) == 1:
            if isinstance(first, OneMatrix):
                return S.One
            if isinstance(first, Elementwise):
                return first.body.subs(z, self.column(first.expr))
            if isinstance(first, HadamardProduct):
                return self.column(first)
        elif is_diagonal(first):
            return self._diagonal(first) * self._column_word(word[1:])
        elif isinstance(first, HadamardProduct) and len(word) == 2:
            pairs = self._pairs(first)
            return sum(
                (c * self._pair(a, left, right, last) for a, left, right, c in pairs), S.Zero
            )
        elif _is_constant_column(last):
            (anchor,) = vectors(self._name(last, "a"))
            return inner(self._vector_word(word[:-1]), anchor)
        elif type(first) is RowSoftmax:
            return self._column_word((*_weighted(first), *word[1:])) / self._total(first)
        elif first.shape[1] == d and len(word) > 2 and last.shape[1] == 1:
            right = self._rewriter.form(Transpose(_product(word[1:-1])))
            return self._pair(OneMatrix(first.shape[0], right.shape[0]), first, right, last)
        factor, letters = _pull(word)
        if is_recording():
            return factor * entry_of(_product(letters), self.units, self.symmetric)
        return factor * Symbol(self._name(_product(letters), "Z"), real=True)

    def _pairs(self, product: HadamardProduct) -> Iterable[tuple[Any, Any, Any, Expr]]:
        """Terms ``c A∘(L R^T)`` of a Hadamard product as (A, L, R, c)."""
        if any(part.is_ZeroMatrix for part in product.args):
            return  # a constant kernel has the slope 0
        kernels, others, factor = [], [], S.One
        for part in product.args:
            scaled = len(part.args) == 2 and isinstance(part, MatMul) and not part.args[0].is_Matrix
            scale, bare = part.args if scaled else (S.One, part)
            if isinstance(bare, Elementwise | RowSoftmax):
                kernels.append(bare)
                factor *= scale
            else:
                others.append(part)
        if len(kernels) != 1 or len(others) != 1:
            raise NotImplementedError(f"Expected one kernel in a product but got {product}.")
        for word, coefficient in self._words(others[0]):
            cut = next((i for i, w in enumerate(word, start=1) if w.shape[1] == d), len(word))
            if cut == len(word):
                raise NotImplementedError(f"Expected products L R^T with d columns but got {word}.")
            left, right = _product(word[:cut]), _product(word[cut:])
            yield kernels[0], left, self._rewriter.form(Transpose(right)), factor * coefficient

    def _pair(self, kernel: Any, left: Any, right: Any, weights: Any) -> Expr:
        """``Σ_j A_ij <L_i, R_j> c_j``."""
        return inner(self.vector(left), self.vector(MatMul(kernel, DiagMatrix(weights), right)))

    def density(self, expr: MatrixExpr, moving: MatrixSymbol) -> Expr:
        """Summand i of a scalar ``Σ_i``, the rows of ``moving`` brought to index i.

        Parameters
        ----------
        expr : MatrixExpr, shape (1, 1)
            Terms ``a^T C b`` with the columns a, b, or ``a^T (A∘LR^T) b``, or ``a^T L R^T b``.
        moving : MatrixSymbol
            A sum over i and j that holds the j-th row of it is transposed.
        """
        total = S.Zero
        for word, coefficient in self._words(expr):
            ends = word[1:3] if len(word) == 4 and word[1].shape[1] == d else (word[0], word[-1])
            if moving not in ends[0].free_symbols and moving in ends[-1].free_symbols:
                word = self._rewriter.reduce(map(self._rewriter.transpose, reversed(word)))
            left = self._rewriter.transpose(word[0])
            if len(word) == 3 and isinstance(word[1], HadamardProduct):
                for kernel, a, b, c in self._pairs(word[1]):
                    if moving in b.free_symbols and moving not in a.free_symbols:
                        turned = self._rewriter.transpose(kernel)
                        summand = self.column(word[2]) * self._pair(turned, b, a, left)
                    else:
                        summand = self.column(left) * self._pair(kernel, a, b, word[2])
                    total += coefficient * c * summand
            else:
                total += coefficient * self.column(left) * self._column_word(word[1:])
        return total


def _scaled(vector: Vector, factor: Expr) -> Vector:
    product: Vector = vector * factor
    return product


@lru_cache(maxsize=256)
def _weighted(softmax: RowSoftmax) -> tuple[MatrixExpr, MatrixExpr]:
    """``K diag(m)``, the softmax before its rows are divided by their sums."""
    return softmax.kernel(), DiagMatrix(softmax.masses)


def _is_constant_column(expr: Any) -> bool:
    return isinstance(expr, MatrixSymbol) and expr.shape == (d, 1)


def _product(letters: Sequence[Any]) -> Any:
    return MatMul(*letters) if len(letters) > 1 else letters[0]


@lru_cache(maxsize=4096)
def _pull(word: tuple[Any, ...]) -> tuple[Expr, tuple[Any, ...]]:
    """Take constant factors out of the functions in a product; write ``diag(c) 1`` as c."""
    factor, letters = S.One, list(word)
    for place, letter in enumerate(letters):
        if isinstance(letter, Elementwise):
            constant, body = letter.body.as_independent(z, as_Add=False)
            content, body = body.primitive()  # 3 + 3z is three times 1 + z, and -1 - z minus it
            if body.could_extract_minus_sign():
                content, body = -content, -body
            factor, letters[place] = factor * constant * content, Elementwise(body, letter.expr)
    if len(letters) > 1 and isinstance(letters[-1], OneMatrix):
        if isinstance(letters[-2], DiagMatrix) and letters[-1].shape[1] == 1:
            letters[-2:] = [letters[-2].args[0]]
    return factor, tuple(letters)
