"""Rewriting of matrix expressions: a normal form as a sum of words, each a product of atoms.

Transposes go to the letters, diagonal matrices are sorted, and the caller's rules are applied from
the inside out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from sympy import (
    DiagMatrix,
    Expr,
    Identity,
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
    default_sort_key,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct

from theory.atoms import Elementwise, MatrixExponential, Tangent
from theory.bounded import by_cases
from theory.masks import Mask
from theory.positions import Distances
from theory.symbols import z
from theory.weights import SinkSoftmax, SquaredDistances

Word: TypeAlias = tuple[MatrixExpr, ...]


Words: TypeAlias = dict[Word, Expr]


Pair: TypeAlias = Callable[[MatrixExpr, MatrixExpr], "Word | None"]


Atom: TypeAlias = Callable[["Rewriter", MatrixExpr], "Word | None"]


@lru_cache(maxsize=1024)
def _simplified(coefficient: Expr) -> Expr:
    """Simplify: the words of one velocity have few coefficients, whoever asks for them."""
    return by_cases(coefficient)


def is_diagonal(factor: MatrixExpr) -> bool:
    """Whether a factor is a diagonal matrix by its form, so that it commutes with such.

    Parameters
    ----------
    factor : MatrixExpr
        One factor of a product.

    Returns
    -------
    bool
        True for ``DiagMatrix``, ``DiagonalMatrix`` and their inverses.
    """
    if isinstance(factor, Inverse):
        return is_diagonal(factor.arg)
    return isinstance(factor, DiagMatrix | DiagonalMatrix)


def ordered_hadamard(*factors: MatrixExpr) -> MatrixExpr:
    """Entrywise product with its factors in a fixed order."""
    return HadamardProduct(*sorted(factors, key=default_sort_key))


def _without_constants(factors: tuple[Any, ...]) -> tuple[Expr, tuple[Any, ...]]:
    """Take what is constant out of an entrywise product: ``(c J)∘(b M) = c b M``."""
    constant, rest = S.One, []
    for factor in factors:
        c, matrix = factor.as_coeff_mmul() if isinstance(factor, MatMul) else (S.One, factor)
        if matrix.args and isinstance(matrix, MatMul) and len(matrix.args) == 1:
            matrix = matrix.args[0]
        constant *= c
        if not isinstance(matrix, OneMatrix):
            rest.append(matrix)
    return constant, tuple(rest)


def _no_pair(left: MatrixExpr, right: MatrixExpr) -> Word | None:
    return None


def _no_atom(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    return None


def _without_factor(node: MatrixExpr) -> tuple[Expr, MatrixExpr]:
    """Take a factor out of a function of entries or a diagonal matrix: both are linear in it."""
    if isinstance(node, Elementwise):
        constant, body = node.body.as_independent(z, as_Add=False)
        content, body = body.primitive()  # 3 + 3z is three times 1 + z
        constant *= content
        return constant, node if constant == 1 else Elementwise(body, node.expr)
    if isinstance(node, DiagMatrix) and isinstance(node.args[0], MatMul):
        constant, column = node.args[0].as_coeff_mmul()
        return constant, node if constant == 1 else DiagMatrix(column.doit(deep=False))
    return S.One, node


@dataclass
class Rewriter:
    """Normal form of a matrix expression: a sum of words, each a product of atoms.

    Sums are multiplied out, transposes pushed to the letters, diagonal matrices sorted, the
    diagonal of a sum or of ``D M`` taken term by term, and the caller's rules applied from the
    inside out.

    Parameters
    ----------
    pair : function
        What two adjacent letters become, or None.
    atom : function
        What an atom with normal arguments becomes, or None.
    symmetric : frozenset of MatrixSymbol
        Symbols equal to their transposes.
    """

    pair: Pair = _no_pair
    atom: Atom = _no_atom
    symmetric: frozenset[Any] = frozenset()

    def form(self, expr: MatrixExpr) -> MatrixExpr:
        """Give the normal form as an expression."""
        return self.assemble(self.words(expr), expr.shape)

    def assemble(self, words: Words, shape: tuple[Any, Any]) -> MatrixExpr:
        """Put words together to an expression of the given shape."""
        terms = []
        for word, coefficient in words.items():
            if not word:
                product: MatrixExpr = Identity(shape[0])
            else:
                product = MatMul(*word) if len(word) > 1 else word[0]
            if coefficient != 1:
                product = (
                    MatMul(coefficient, *word) if word else MatMul(coefficient, Identity(shape[0]))
                )
            terms.append(product)
        if not terms:
            return ZeroMatrix(*shape)
        return MatAdd(*sorted(terms, key=default_sort_key)) if len(terms) > 1 else terms[0]

    def difference(self, left: MatrixExpr, right: MatrixExpr) -> Words:
        """Words of ``left - right``; empty exactly when the two normal forms agree."""
        return self._collect(
            [*self.words(left).items(), *((w, -c) for w, c in self.words(right).items())]
        )

    def words(self, expr: Any) -> Words:
        """Words of the normal form, with their coefficients."""
        return self._collect(self._walk(sympify(expr)))

    def _collect(self, pairs: Iterable[tuple[Word, Expr]]) -> Words:
        total: Words = {}
        for word, coefficient in pairs:
            total[word] = total.get(word, S.Zero) + coefficient
        out = {word: c if c.is_Atom else _simplified(c) for word, c in total.items()}
        return {word: c for word, c in out.items() if c != 0}

    def reduce(self, letters: Iterable[MatrixExpr]) -> Word:
        """Apply the pair rules, and sort neighbouring diagonal matrices."""
        out: list[MatrixExpr] = []
        todo = list(letters)[::-1]
        while todo:
            right = todo.pop()
            if isinstance(right, Identity):
                continue
            if not out:
                out.append(right)
                continue
            left = out[-1]
            made = self.pair(left, right)
            if made is None and is_diagonal(left) and is_diagonal(right):
                if Inverse(left) == right or Inverse(right) == left:
                    made = ()
                elif default_sort_key(right) < default_sort_key(left):
                    made = (right, left)
            if made is None:
                out.append(right)
            else:
                out.pop()
                todo.extend(reversed(made))
        return tuple(out)

    def transpose(self, factor: MatrixExpr) -> MatrixExpr:
        """Transpose of one letter."""
        if factor in self.symmetric or is_diagonal(factor) or isinstance(factor, Distances):
            return factor
        if isinstance(factor, Mask) and factor.symmetric:
            return factor
        if isinstance(factor, Transpose):
            return factor.arg
        if isinstance(factor, ElementwiseApplyFunction):
            return Elementwise(factor.function, self.form(Transpose(factor.expr)))
        if isinstance(factor, HadamardProduct):
            return ordered_hadamard(*(self.form(Transpose(a)) for a in factor.args))
        if isinstance(factor, OneMatrix):
            return OneMatrix(factor.shape[1], factor.shape[0])
        if isinstance(factor, MatrixExponential):
            return MatrixExponential(self.form(Transpose(factor.args[0])))
        return Transpose(factor)

    def _walk(self, node: Any) -> list[tuple[Word, Expr]]:
        if isinstance(node, ZeroMatrix):
            return []
        if isinstance(node, Identity):
            return [((), S.One)]
        if isinstance(node, MatAdd):
            return [pair for arg in node.args for pair in self.words(arg).items()]
        if isinstance(node, MatMul):
            return self._multiply(node.args)
        if isinstance(node, Transpose):
            return [
                (self.reduce(self.transpose(f) for f in reversed(word)), c)
                for word, c in self.words(node.arg).items()
            ]
        if isinstance(node, Inverse):
            return self._invert(node.arg)
        if isinstance(node, MatPow) and node.exp.is_Integer and node.exp != 0:
            base = node.base if node.exp > 0 else Inverse(node.base)
            return self._multiply((base,) * abs(int(node.exp)))
        if isinstance(node, Tangent | SinkSoftmax | SquaredDistances):
            return list(self.words(node.elementary()).items())
        if isinstance(node, DiagonalMatrix):
            return self.diagonal(node.args[0])
        if isinstance(node, MatrixSymbol) or not isinstance(node, MatrixExpr):
            return [((node,), S.One)]
        return self._atom(node)

    def _multiply(self, factors: Iterable[Any]) -> list[tuple[Word, Expr]]:
        out: list[tuple[Word, Expr]] = [((), S.One)]
        for factor in factors:
            if not isinstance(factor, MatrixExpr):
                out = [(word, c * self.scalar(factor)) for word, c in out]
                continue
            right = self.words(factor)
            out = [(self.reduce((*u, *v)), a * b) for u, a in out for v, b in right.items()]
        return out

    def _invert(self, matrix: MatrixExpr) -> list[tuple[Word, Expr]]:
        words = self.words(matrix)
        if len(words) == 1:
            ((word, coefficient),) = words.items()
            if all(f.shape[0] == f.shape[1] for f in word):
                inverse = self.reduce(self._inverse_letter(f) for f in reversed(word))
                return [(inverse, 1 / coefficient)]
        return [((Inverse(self.assemble(words, matrix.shape)),), S.One)]

    def _inverse_letter(self, factor: MatrixExpr) -> MatrixExpr:
        if isinstance(factor, Inverse):
            return factor.arg
        if self.pair(factor, self.transpose(factor)) == ():
            return self.transpose(factor)
        return Inverse(factor)

    def diagonal(self, matrix: MatrixExpr) -> list[tuple[Word, Expr]]:
        """Take the diagonal part term by term.

        It is linear, the same for the transpose, and ``diag(DM) = D diag M``. A conjugation is
        left to the atom rule, which sees one word at a time.
        """
        out = []
        for word, coefficient in self.words(matrix).items():
            core, outer = list(word), list[MatrixExpr]()
            while core and is_diagonal(core[0]):
                outer.append(core.pop(0))
            while core and is_diagonal(core[-1]):
                outer.append(core.pop())
            if not core:
                out.append((self.reduce(outer), coefficient))
                continue
            back = self.reduce(self.transpose(f) for f in reversed(core))
            chosen = min(tuple(core), back, key=lambda w: tuple(map(default_sort_key, w)))
            inside = MatMul(*chosen) if len(chosen) > 1 else chosen[0]
            node = DiagonalMatrix(inside)
            made = self.atom(self, node)
            letters = (node,) if made is None else made
            out.append((self.reduce((*outer, *letters)), coefficient))
        return out

    def _atom(self, node: MatrixExpr) -> list[tuple[Word, Expr]]:
        args = [self.form(a) if isinstance(a, MatrixExpr) else a for a in node.args]
        if any(a is not b for a, b in zip(args, node.args, strict=True)):
            node = node.func(*args)
        if isinstance(node, HadamardProduct):
            constant, rest = _without_constants(node.args)
            if len(rest) < 2:
                words = self.words(rest[0]) if rest else {(OneMatrix(*node.shape),): S.One}
                return [(word, constant * c) for word, c in words.items()]
            return [(word, constant * c) for word, c in self._hadamard(rest)]
        if isinstance(node, HadamardPower):
            node = Elementwise(z**node.exp, node.base)
        while isinstance(node, ElementwiseApplyFunction):
            # SymPy's own class appears after doit(); functions of functions become one
            inner = node.expr
            if isinstance(inner, Elementwise):
                node = Elementwise(node.function(inner.body), inner.expr)
            elif not isinstance(node, Elementwise):
                node = Elementwise(node.function, inner)
            else:
                break
        if isinstance(node, Elementwise) and not node.body.has(z):
            return [((OneMatrix(*node.shape),), node.body)]
        constant, node = _without_factor(node)
        made = self.atom(self, node)
        return [((node,) if made is None else self.reduce(made), constant)]

    def _hadamard(self, factors: tuple[MatrixExpr, ...]) -> list[tuple[Word, Expr]]:
        node = ordered_hadamard(*factors)
        made = self.atom(self, node)
        return [((node,) if made is None else self.reduce(made), S.One)]

    def scalar(self, factor: Any) -> Expr:
        """Rewrite the traces in a coefficient."""
        return factor.xreplace({node: self.trace(node.arg) for node in factor.atoms(Trace)})

    def trace(self, matrix: MatrixExpr) -> Expr:
        """Take the trace term by term: linear, cyclic, the same for the transpose."""
        total = S.Zero
        for word, coefficient in self.words(matrix).items():
            if not word:
                total += coefficient * matrix.shape[0]
                continue
            back = self.reduce(self.transpose(f) for f in reversed(word))
            turned = [self.reduce(w[k:] + w[:k]) for w in (word, back) for k in range(len(w))]
            best = min(turned, key=lambda w: (len(w), tuple(map(default_sort_key, w))))
            inside = MatMul(*best) if len(best) != 1 else best[0]
            total += coefficient * (Trace(inside) if best else word[0].shape[0])
        return total
