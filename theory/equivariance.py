"""Rewriting of matrix expressions, and the proofs of permutation and rotation equivariance.

``F(SX) = S F(X)`` (masses permuted along) and ``F(XR) = F(X) R`` are proved for every n and d by
moving S out to the left and R out to the right, atom by atom; what can't move is the residual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

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
    simplify,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct

from theory.atoms import (
    CausalSoftmax,
    Elementwise,
    MatrixExponential,
    RowNormalize,
    RowSoftmax,
    Sinkhorn,
    SinkhornPotential,
    Tangent,
)
from theory.symbols import X, d, m, n, z

if TYPE_CHECKING:
    from theory.models import Model

Word: TypeAlias = tuple[MatrixExpr, ...]
Words: TypeAlias = dict[Word, Expr]
Pair: TypeAlias = Callable[[MatrixExpr, MatrixExpr], "Word | None"]
Atom: TypeAlias = Callable[["Rewriter", MatrixExpr], "Word | None"]


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


def _hadamard(*factors: MatrixExpr) -> MatrixExpr:
    """Entrywise product with its factors in a fixed order."""
    return HadamardProduct(*sorted(factors, key=default_sort_key))


def _no_pair(left: MatrixExpr, right: MatrixExpr) -> Word | None:
    return None


def _no_atom(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    return None


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
        out = {word: c if c.is_Atom else simplify(c) for word, c in total.items()}
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
        if factor in self.symmetric or is_diagonal(factor):
            return factor
        if isinstance(factor, Transpose):
            return factor.arg
        if isinstance(factor, ElementwiseApplyFunction):
            return Elementwise(factor.function, self.form(Transpose(factor.expr)))
        if isinstance(factor, HadamardProduct):
            return _hadamard(*(self.form(Transpose(a)) for a in factor.args))
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
        if isinstance(node, Tangent):
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
            node = _hadamard(*node.args)
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
        if isinstance(node, Elementwise) and not node.body.has(node.function.variables[0]):
            return [((OneMatrix(*node.shape),), node.body)]
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


_PERMUTATION = MatrixSymbol("S", n, n)
_ROTATION = MatrixSymbol("R", d, d)

_RULES = {
    "orthogonal": "S Sᵀ = Sᵀ S = 1 for a permutation, R Rᵀ = Rᵀ R = 1 for a rotation",
    "ones": "S 1 = 1 and 1ᵀ S = 1ᵀ",
    "entrywise": "f.(S M T) = S f.(M) T for permutations S, T",
    "diagonal": "diag(S v) = S diag(v) Sᵀ and diag(S M Sᵀ) = S diag(M) Sᵀ",
    "softmax": "softmax(S M Sᵀ; S m) = S softmax(M; m) Sᵀ",
    "fixed point": "the unique Sinkhorn potential of (S M Sᵀ, S m) is S p",
    "length": "|S F R| row by row is S applied to |F|",
    "exponential": "e^{S M Sᵀ} = S e^M Sᵀ",
}


@dataclass
class _Group:
    """The rules of one group element g: its matrix, and the lemmas fired on the way."""

    element: MatrixSymbol
    permutes: bool
    fired: set[str] = field(default_factory=set)

    def pair(self, left: MatrixExpr, right: MatrixExpr) -> Word | None:
        g, inverse = self.element, Transpose(self.element)
        if (left, right) in ((g, inverse), (inverse, g)):
            self.fired.add("orthogonal")
            return ()
        if self.permutes:
            if left in (g, inverse) and isinstance(right, OneMatrix):
                self.fired.add("ones")
                return (right,)
            if right in (g, inverse) and isinstance(left, OneMatrix):
                self.fired.add("ones")
                return (left,)
        return None

    def _strip(
        self, rewriter: Rewriter, matrix: MatrixExpr, side: int, proper: bool = False
    ) -> MatrixExpr | None:
        """Give M when the matrix is ``g M`` (side 0) or ``M g^T`` (side -1), else None.

        For permutations a matrix of ones, or zeros, is of both forms; ``proper`` asks for a
        letter g that is really there.
        """
        if matrix.shape[side] != self.element.shape[0]:
            return None
        outer = self.element if side == 0 else Transpose(self.element)
        out: Words = {}
        seen = False
        for word, coefficient in rewriter.words(matrix).items():
            if word and word[side] == outer:
                rest = word[1:] if side == 0 else word[:-1]
                seen = True
            elif self.permutes and word and isinstance(word[side], OneMatrix):
                rest = word
            else:
                return None
            out[rest] = out.get(rest, S.Zero) + coefficient
        return None if proper and not seen else rewriter.assemble(out, matrix.shape)

    def _both(self, rewriter: Rewriter, matrix: MatrixExpr) -> MatrixExpr | None:
        half = self._strip(rewriter, matrix, 0)
        return None if half is None else self._strip(rewriter, half, -1)

    def atom(self, rewriter: Rewriter, node: MatrixExpr) -> Word | None:
        g, inverse = self.element, Transpose(self.element)
        if not node.has(g):
            return None
        if isinstance(node, MatrixExponential):
            words = rewriter.words(node.args[0])
            for a, b in ((g, inverse), (inverse, g)):
                if all(len(word) > 2 and (word[0], word[-1]) == (a, b) for word in words):
                    rest = {word[1:-1]: coefficient for word, coefficient in words.items()}
                    core = rewriter.assemble(rest, node.shape)
                    return self._made("exponential", (a, MatrixExponential(core), b))
            return None
        if isinstance(node, RowNormalize):
            return self._normalise(rewriter, node)
        if not self.permutes:
            return None
        if isinstance(node, ElementwiseApplyFunction):
            return self._entrywise(rewriter, node, lambda a: node.func(node.function, a), node.expr)
        if isinstance(node, HadamardProduct):
            return self._entrywise(rewriter, node, _hadamard, *node.args)
        if isinstance(node, DiagMatrix):
            core = self._strip(rewriter, node.args[0], 0)
            return self._made("diagonal", core and (g, DiagMatrix(core), inverse))
        if isinstance(node, DiagonalMatrix):
            core = self._both(rewriter, node.args[0])
            if core is None:
                return None
            # what was between the two letters may hold diagonal factors, or read better transposed
            ((word, _),) = rewriter.diagonal(core)
            return self._made("diagonal", (g, *word, inverse))
        if isinstance(node, CausalSoftmax):
            return None
        if isinstance(node, RowSoftmax | SinkhornPotential):
            scores = self._both(rewriter, node.args[0])
            masses = self._strip(rewriter, node.args[1], 0)
            if scores is None or masses is None:
                return None
            made = node.func(scores, masses)
            if isinstance(node, SinkhornPotential):
                return self._made("fixed point", (g, made))
            rule = "fixed point" if isinstance(node, Sinkhorn) else "softmax"
            return self._made(rule, (g, made, inverse))
        return None

    def _made(self, rule: str, word: Any) -> Word | None:
        if word is None:
            return None
        self.fired.add(rule)
        return tuple(word)

    def _normalise(self, rewriter: Rewriter, node: RowNormalize) -> Word | None:
        if self.permutes:
            core = self._strip(rewriter, node.args[0], 0)
            return self._made("length", core and (self.element, RowNormalize(core)))
        words = rewriter.words(node.args[0])
        if not all(word and word[-1] == self.element for word in words):
            return None
        rest = {word[:-1]: coefficient for word, coefficient in words.items()}
        core = rewriter.assemble(rest, node.shape)
        return self._made("length", (RowNormalize(core), self.element))

    def _entrywise(
        self,
        rewriter: Rewriter,
        node: MatrixExpr,
        build: Callable[..., MatrixExpr],
        *args: MatrixExpr,
    ) -> Word | None:
        before: Word = ()
        after: Word = ()
        for side in (0, -1):
            stripped = [self._strip(rewriter, a, side, proper=True) for a in args]
            if all(a is not None for a in stripped):
                args = tuple(a for a in stripped if a is not None)
                if side == 0:
                    before = (self.element,)
                else:
                    after = (Transpose(self.element),)
        if not before and not after:
            return None
        return self._made("entrywise", (*before, build(*args), *after))


@dataclass(frozen=True)
class Equivariance:
    """Outcome of an equivariance proof.

    Attributes
    ----------
    group : str
        ``"permutations"`` or ``"rotations"``.
    proved : bool
        Whether the residual is zero for every n, d, parameter and point. False says only that
        these rules don't prove it: the residual shows where they stop.
    residual : MatrixExpr
        ``F(SX) - S F(X)`` or ``F(XR) - F(X) R`` in normal form.
    rules : tuple of str
        The lemmas that were used.
    """

    group: str
    proved: bool
    residual: MatrixExpr
    rules: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether it is proved."""
        return self.proved


def _prove(velocity: MatrixExpr, group: _Group, moved: Mapping[Any, MatrixExpr]) -> Equivariance:
    rewriter = Rewriter(group.pair, group.atom)
    word = (group.element, velocity) if group.permutes else (velocity, group.element)
    left = rewriter.difference(velocity.xreplace(dict(moved)), MatMul(*word))
    residual = rewriter.assemble(left, velocity.shape)
    rules = tuple(text for key, text in _RULES.items() if key in group.fired)
    name = "permutations" if group.permutes else "rotations"
    return Equivariance(name, not left, residual, rules)


def is_permutation_equivariant(model: Model) -> Equivariance:
    """Prove ``F(SX; Sm) = S F(X; m)`` for every permutation matrix S.

    Parameters
    ----------
    model : Model
        Its velocity is rewritten; the masses are permuted along with the tokens.

    Returns
    -------
    Equivariance
        True as a boolean when proved.

    Examples
    --------
    >>> from theory.models import CAUSAL, SA
    >>> bool(is_permutation_equivariant(SA)), bool(is_permutation_equivariant(CAUSAL))
    (True, False)
    """
    group = _Group(_fresh(_PERMUTATION, model), permutes=True)
    g = group.element
    return _prove(model.velocity, group, {X: MatMul(g, X), m: MatMul(g, m)})


def is_rotation_equivariant(model: Model) -> Equivariance:
    """Prove ``F(XR) = F(X) R`` for every orthogonal matrix R.

    Parameters
    ----------
    model : Model
        Its velocity is rewritten; constant matrices of the model stay as they are.

    Returns
    -------
    Equivariance
        True as a boolean when proved.

    Examples
    --------
    >>> from theory.models import QKV, USA
    >>> bool(is_rotation_equivariant(USA)), bool(is_rotation_equivariant(QKV))
    (True, False)
    """
    group = _Group(_fresh(_ROTATION, model), permutes=False)
    return _prove(model.velocity, group, {X: MatMul(X, group.element)})


def _fresh(symbol: MatrixSymbol, model: Model) -> MatrixSymbol:
    """Give a group element that no parameter of the model is called like."""
    taken = {str(s) for s in model.velocity.free_symbols}
    name = str(symbol)
    while name in taken:
        name += "'"
    return MatrixSymbol(name, *symbol.shape)
