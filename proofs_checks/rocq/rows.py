"""Rows and entries of matrix expressions as Rocq writes them, with nothing expanded.

A matrix with d columns is a family of vectors of a space E, one of k columns of a space F; a matrix
between two spaces is a map with its transpose; a product over tokens is a sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import (
    DiagMatrix,
    HadamardProduct,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower

from proofs_checks.rocq.scalars import Names, NotExported, scalar
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.finite_sums import FiniteSum, Member
from theory.symbols import d, k, m, n, z

SPACES = {d: "E", k: "F"}
_LETTERS = "jklabcghpq"


@dataclass
class Rows:
    """Read rows and entries of matrix expressions.

    Parameters
    ----------
    names : Names
        Variables of the statement.
    rows : dict
        Terms of the rows of matrices that stand for something else.
    numbers : dict
        Terms of the indices of sums over heads or neurons.
    """

    names: Names
    depth: int = field(default=0)
    rows: dict[Any, str] = field(default_factory=dict)
    numbers: dict[Any, str] = field(default_factory=dict)

    def _index(self) -> str:
        self.depth += 1
        letter = _LETTERS[(self.depth - 1) % len(_LETTERS)]
        return letter if self.depth <= len(_LETTERS) else f"{letter}{self.depth}"

    def count(self, size: Any) -> str:
        """Return the number of tokens, of probes, of heads."""
        if isinstance(size, Symbol):
            return self.names.take(size, str(size), "nat")
        raise NotExported(f"no term for {size} rows")

    def number(self, expr: Any) -> str:
        """Coefficient in front of a matrix."""
        return scalar(expr, self.names)

    # -- vectors ---------------------------------------------------------------------------------

    def vector(self, expr: Any, i: str) -> str:
        """Row i of a matrix whose columns are those of a space."""
        space = SPACES.get(expr.shape[1])
        if space is None:
            raise NotExported(f"no space with {expr.shape[1]} coordinates")
        self.names.take(space, space, "IPS")
        if expr in self.rows:
            return self.rows[expr]
        if isinstance(expr, Member):
            raise NotExported("rows of a family of matrices")
        if isinstance(expr, MatrixSymbol):
            return f"({self.names.take(expr, str(expr).lower(), f'nat -> {space}')} {i})"
        if isinstance(expr, Transpose):
            return self._column_vector(expr.arg, i)
        if isinstance(expr, ZeroMatrix):
            return "vzero"
        if isinstance(expr, MatAdd):
            return self._added([self.vector(term, i) for term in expr.args])
        if isinstance(expr, Tangent):
            return f"(proj {self.vector(expr.points, i)} {self.vector(expr.field, i)})"
        if isinstance(expr, FiniteSum):
            return self._finite_sum(expr, i)
        if isinstance(expr, RowNormalize):
            return f"(unit_of {self.vector(expr.args[0], i)})"
        if isinstance(expr, MatMul):
            return self._vector_product(expr, i)
        raise NotExported(f"no vectors for {type(expr).__name__}")

    def _finite_sum(self, expr: FiniteSum, i: str) -> str:
        """Sum over heads or neurons, of which the first has the number 1."""
        h, depth = self._index(), self.depth
        outer, self.numbers = self.numbers, {**self.numbers, expr.args[2]: f"(S {h})"}
        body = self.vector(expr.term, i)
        self.numbers, self.depth = outer, depth - 1
        return f"(vsum {self.count(expr.count)} (fun {h} => {body}))"

    def _member(self, member: Member, kind: str) -> str:
        """Return a member of a family, by its number."""
        family, index = str(member.args[0]), member.args[3]
        name = self.names.take(("family", family), family, f"nat -> {kind}")
        after = index - 1
        if index in self.numbers:
            return f"({name} {self.numbers[index]})"
        if isinstance(after, Symbol):
            return f"({name} (S {self.numbers.get(after, self.count(after))}))"
        raise NotExported(f"no term for member {index} of a family")

    @staticmethod
    def _added(terms: list[str]) -> str:
        return "(" + " ⊕ ".join(terms) + ")"

    def _column_vector(self, expr: Any, j: str) -> str:
        """Column j of a matrix whose rows are those of a space: a constant vector is a symbol."""
        if isinstance(expr, MatrixSymbol):
            space = SPACES[expr.shape[0]]
            if isinstance(expr, Member):
                return self._member(expr, space)
            if expr.shape[1] == 1:
                return self.names.take(expr, str(expr), space)
            if expr.shape[1] in SPACES:
                raise NotExported(f"no columns of {expr}")
            return f"({self.names.take(expr, str(expr), f'nat -> {space}')} {j})"
        turned = Transpose(expr).doit(deep=False)
        if isinstance(turned, Transpose):
            raise NotExported(f"no columns of {type(expr).__name__}")
        return self.vector(turned, j)

    def _map(self, letter: Any, inside: str) -> str:
        """Apply the transpose of a matrix between two spaces, as rows times it do."""
        if isinstance(letter, Identity):
            return inside
        if isinstance(letter, MatMul):
            factor, letters = letter.as_coeff_matrices()
            for part in letters:
                inside = self._map(part, inside)
            return inside if factor == 1 else f"({self.number(factor)} ⊙ {inside})"
        plain = letter.arg if isinstance(letter, Transpose) else letter
        if not isinstance(plain, MatrixSymbol):
            raise NotExported(f"no map for {type(plain).__name__}")
        rows, columns = (SPACES.get(size) for size in plain.shape)
        if rows is None or columns is None:
            raise NotExported(f"no map of shape {plain.shape}")
        for space in (rows, columns):
            self.names.take(space, space, "IPS")
        kind = f"Map {columns} {rows}"
        if isinstance(plain, Member):
            name = self._member(plain, kind)
        else:
            name = self.names.take(plain, str(plain), kind)
        return f"({'app' if isinstance(letter, Transpose) else 'tra'} {name} {inside})"

    def _vector_product(self, expr: Any, i: str) -> str:
        factor, letters = expr.as_coeff_matrices()
        inside = self._vector_letters(_flat(letters), i)
        return inside if factor == 1 else f"({self.number(factor)} ⊙ {inside})"

    def _vector_letters(self, letters: list[Any], i: str) -> str:
        if len(letters) == 1:
            return self.vector(letters[0], i)
        first, last, rest = letters[0], letters[-1], letters[:-1]
        if last.shape[0] in SPACES:
            return self._map(last, self._vector_letters(rest, i))
        if _diagonal(first):
            return f"({self.diagonal(first, i)} ⊙ {self._vector_letters(letters[1:], i)})"
        if last.shape[0] == 1:
            return f"({self.entry(_product(rest), i, '0')} ⊙ {self.vector(last, '0')})"
        j, depth = self._index(), self.depth
        body = f"({self.entry(_product(rest), i, j)} ⊙ {self.vector(last, j)})"
        self.depth = depth - 1
        return f"(vsum {self.count(last.shape[0])} (fun {j} => {body}))"

    # -- entries -----------------------------------------------------------------------------------

    def entry(self, expr: Any, i: str, j: str) -> str:
        """Entry (i, j); of a column j is no matter, of a row i isn't."""
        if isinstance(expr, MatrixSymbol):
            return self._symbol_entry(expr, i, j)
        if isinstance(expr, Transpose):
            return self.entry(expr.arg, j, i)
        if isinstance(expr, OneMatrix):
            return "1"
        if isinstance(expr, Elementwise):
            inner = self.entry(expr.expr, i, j)
            return scalar(expr.body, self.names, lambda part: inner if part == z else None)
        if isinstance(expr, RowSoftmax) and type(expr) is RowSoftmax:
            h, depth = self._index(), self.depth
            scores, masses = self.entry(expr.scores, i, h), self.family(expr.masses)
            self.depth = depth - 1
            count = self.count(expr.shape[1])
            return f"(softmax {count} {masses} (fun {h} => {scores}) {j})"
        if isinstance(expr, MatAdd):
            return "(" + " + ".join(self.entry(term, i, j) for term in expr.args) + ")"
        if isinstance(expr, HadamardProduct):
            return "(" + " * ".join(self.entry(factor, i, j) for factor in expr.args) + ")"
        if isinstance(expr, HadamardPower) and expr.exp.is_Integer and expr.exp > 0:
            return f"({self.entry(expr.base, i, j)} ^ {expr.exp})"
        if isinstance(expr, MatMul):
            factor, letters = expr.as_coeff_matrices()
            inside = self._entry_letters(_flat(letters), i, j)
            return inside if factor == 1 else f"({self.number(factor)} * {inside})"
        if _diagonal(expr):
            raise NotExported("a diagonal matrix that stands alone")
        return self._opaque(expr, i, j)

    def family(self, expr: Any) -> str:
        """Column as a function of its index."""
        if isinstance(expr, MatrixSymbol):
            return self._symbol_entry(expr, "", "").strip("() ")
        h, depth = self._index(), self.depth
        body = self.entry(expr, h, "0")
        self.depth = depth - 1
        return f"(fun {h} => {body})"

    def _symbol_entry(self, expr: Any, i: str, j: str) -> str:
        if isinstance(expr, Member):
            raise NotExported("entries of a family of matrices")
        if expr.shape[1] == 1:
            name = self.names.take(expr, str(expr), "nat -> R")
            if expr == m:
                self.names.need(f"(0 < {self.count(n)})%nat")
                self.names.need(f"forall j, 0 < {name} j")
            return f"({name} {i})"
        if expr.shape[0] == 1:
            return f"({self.names.take(expr, str(expr), 'nat -> R')} {j})"
        if set(expr.shape) & set(SPACES):
            raise NotExported(f"no entries of {expr}")
        return f"({self.names.take(expr, str(expr), 'nat -> nat -> R')} {i} {j})"

    def _opaque(self, expr: Any, i: str, j: str) -> str:
        """Matrix of tokens of which nothing is known: what is proved holds for any."""
        if set(expr.shape) & set(SPACES):
            raise NotExported(f"no entries of {type(expr).__name__}")
        name = self.names.take(expr, type(expr).__name__.lower(), "nat -> nat -> R")
        return f"({name} {i} {j})"

    def _entry_letters(self, letters: list[Any], i: str, j: str) -> str:
        if len(letters) == 1:
            return self.entry(letters[0], i, j)
        first, last = letters[0], letters[-1]
        if _diagonal(first):
            return f"({self.diagonal(first, i)} * {self._entry_letters(letters[1:], i, j)})"
        if _diagonal(last):
            return f"({self._entry_letters(letters[:-1], i, j)} * {self.diagonal(last, j)})"
        cut = next((c for c in range(1, len(letters)) if letters[c].shape[0] in SPACES), None)
        if cut is not None:
            return self._paired(letters, i, j)
        left, right = _product(letters[:-1]), last
        if right.shape[0] == 1:
            return f"({self.entry(left, i, '0')} * {self.entry(right, '0', j)})"
        h, depth = self._index(), self.depth
        body = f"{self.entry(left, i, h)} * {self.entry(right, h, j)}"
        self.depth = depth - 1
        return f"(rsum {self.count(right.shape[0])} (fun {h} => {body}))"

    def _paired(self, letters: list[Any], i: str, j: str) -> str:
        """Product that goes through a space: an inner product at the last such place."""
        places = [c for c in range(1, len(letters)) if letters[c].shape[0] in SPACES]
        cut = next((c for c in reversed(places) if letters[c].shape[1] not in SPACES), places[-1])
        left, right = letters[:cut], letters[cut:]
        if len(right) > 1:  # further factors on the right: a sum over tokens of what is before
            return self._entry_through(letters, cut, i, j)
        return f"⟨{self._vector_letters(left, i)}, {self._column_vector(right[0], j)}⟩"

    def _entry_through(self, letters: list[Any], cut: int, i: str, j: str) -> str:
        left, right = letters[:cut], letters[cut:]
        turned = [Transpose(letter).doit(deep=False) for letter in reversed(right)]
        return f"⟨{self._vector_letters(left, i)}, {self._vector_letters(_flat(turned), j)}⟩"

    def diagonal(self, expr: Any, i: str) -> str:
        """Entry i of a diagonal matrix."""
        if isinstance(expr, Inverse):
            return f"(/ {self.diagonal(expr.arg, i)})"
        if isinstance(expr, DiagMatrix):
            return self.entry(expr.args[0], i, "0")
        return self.entry(expr.args[0], i, i)


def _diagonal(expr: Any) -> bool:
    inside = expr.arg if isinstance(expr, Inverse) else expr
    return isinstance(inside, DiagMatrix | DiagonalMatrix)


def _flat(letters: Any) -> list[Any]:
    """Factors of a product whose factors are no products with coefficient one."""
    found: list[Any] = []
    for letter in letters:
        if isinstance(letter, MatMul):
            factor, inside = letter.as_coeff_matrices()
            if factor == 1:
                found += _flat(inside)
                continue
        found.append(letter)
    return found


def _product(letters: list[Any]) -> Any:
    return letters[0] if len(letters) == 1 else MatMul(*letters, evaluate=False)
