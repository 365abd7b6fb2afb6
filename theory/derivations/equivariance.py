"""Proofs of permutation and rotation equivariance (Remark 2.2), for every n and d.

``F(SX) = S F(X)`` (masses permuted along) and ``F(XR) = F(X) R`` are proved by moving S out to the
left and R out to the right, atom by atom; what can't move is the residual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sympy import DiagMatrix, Dummy, MatMul, MatrixSymbol, OneMatrix, S, Transpose, ZeroMatrix
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.atoms import (
    MaskedSoftmax,
    MatrixExponential,
    RowNormalize,
    RowSoftmax,
    Sinkhorn,
    SinkhornPotential,
)
from theory.engines import Rewriter, Word, Words, ordered_hadamard
from theory.finite_sums import FiniteSum
from theory.noise import require_noiseless
from theory.norms import LayerNorm
from theory.summaries import Summarised
from theory.symbols import X, d, m, n
from theory.weights import SinkSoftmax

if TYPE_CHECKING:
    from theory.models import Model

_ROTATION = MatrixSymbol("R", d, d)


_RULES = {
    "orthogonal": "S Sᵀ = Sᵀ S = 1 for a permutation, R Rᵀ = Rᵀ R = 1 for a rotation",
    "ones": "S 1 = 1 and 1ᵀ S = 1ᵀ",
    "entrywise": "f.(S M T) = S f.(M) T for permutations S, T",
    "diagonal": "diag(S v) = S diag(v) Sᵀ and diag(S M Sᵀ) = S diag(M) Sᵀ",
    "softmax": "softmax(S M Sᵀ; S m) = S softmax(M; m) Sᵀ",
    "keys": "softmax(S M; m) = S softmax(M; m), softmax(M Sᵀ; S m) = softmax(M; m) Sᵀ over others",
    "fixed point": "the unique Sinkhorn potential of (S M Sᵀ, S m) is S p",
    "sum": "Σ_h S F_h = S Σ_h F_h and Σ_h F_h R = (Σ_h F_h) R",
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
            return self._normalise(rewriter, node, RowNormalize)
        if isinstance(node, LayerNorm):
            return self._layer_norm(rewriter, node)
        if isinstance(node, FiniteSum):
            return self._sum(rewriter, node)
        if not self.permutes:
            return None
        if isinstance(node, ElementwiseApplyFunction):
            return self._entrywise(rewriter, node, lambda a: node.func(node.function, a), node.expr)
        if isinstance(node, HadamardProduct):
            return self._entrywise(rewriter, node, ordered_hadamard, *node.args)
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
        if isinstance(node, MaskedSoftmax):
            return None
        if type(node) is RowSoftmax and node.shape[0] != node.shape[1]:
            return self._of_keys(rewriter, node)
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

    def _of_keys(self, rewriter: Rewriter, node: RowSoftmax) -> Word | None:
        """Relabel the rows of a softmax over other tokens, or its columns."""
        if node.shape[0] == self.element.shape[0]:
            rows = self._strip(rewriter, node.scores, 0, proper=True)
            return self._made("keys", rows and (self.element, RowSoftmax(rows, node.masses)))
        keys = self._strip(rewriter, node.scores, -1, proper=True)
        masses = self._strip(rewriter, node.masses, 0)
        if keys is None or masses is None:
            return None
        return self._made("keys", (RowSoftmax(keys, masses), Transpose(self.element)))

    def _made(self, rule: str, word: Any) -> Word | None:
        if word is None:
            return None
        self.fired.add(rule)
        return tuple(word)

    def _sum(self, rewriter: Rewriter, node: FiniteSum) -> Word | None:
        """Take the element out of every term of a sum."""
        _, count, index = node.args
        if self.permutes:
            core = self._strip(rewriter, node.term, 0)
            return self._made("sum", core and (self.element, FiniteSum(core, count, index)))
        words = rewriter.words(node.term)
        if not all(word and word[-1] == self.element for word in words):
            return None
        core = rewriter.assemble({w[:-1]: c for w, c in words.items()}, node.shape)
        return self._made("sum", (FiniteSum(core, count, index), self.element))

    def _layer_norm(self, rewriter: Rewriter, node: LayerNorm) -> Word | None:
        if not self.permutes and (node.centred or not node.plain):
            return None  # mean, gain and bias speak of components
        return self._normalise(rewriter, node, node.of)

    def _normalise(
        self, rewriter: Rewriter, node: MatrixExpr, build: Callable[[MatrixExpr], MatrixExpr]
    ) -> Word | None:
        if self.permutes:
            core = self._strip(rewriter, node.args[0], 0)
            return self._made("length", core and (self.element, build(core)))
        words = rewriter.words(node.args[0])
        if not all(word and word[-1] == self.element for word in words):
            return None
        rest = {word[:-1]: coefficient for word, coefficient in words.items()}
        core = rewriter.assemble(rest, node.shape)
        return self._made("length", (build(core), self.element))

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
class Equivariance(Summarised):
    """Outcome of an equivariance proof.

    Parameters
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


def _without_scores(node: Any) -> bool:
    zero = isinstance(node, SinkSoftmax) and node.scores.is_ZeroMatrix
    return bool(zero and node.shape == (n, n))


def _at_any_scores(node: SinkSoftmax) -> SinkSoftmax:
    """Return weights of scores ε X Xᵀ: what is shown for every ε holds at ε = 0."""
    return node.func(Dummy("epsilon") * X * X.T, *node.args[1:])


def commutes(
    left: MatrixExpr, right: MatrixExpr, element: MatrixSymbol, permutes: bool
) -> tuple[MatrixExpr, tuple[str, ...]]:
    """Move a permutation or an orthogonal matrix out of both sides, as far as the rules do.

    Parameters
    ----------
    left, right : MatrixExpr
        The sides of an equation in S or R.
    element : MatrixSymbol
        S or R.
    permutes : bool
        Whether it is a permutation; else it is orthogonal.

    Returns
    -------
    MatrixExpr
        The difference in normal form: 0 where they are equal.
    tuple of str
        The lemmas that were used.

    Examples
    --------
    >>> from theory.models import USA
    >>> g = MatrixSymbol("S", n, n)
    >>> left = USA.velocity.xreplace({X: g * X, m: g * m})
    >>> commutes(left, g * USA.velocity, g, True)[0].is_ZeroMatrix
    True
    """
    group = _Group(element, permutes)
    rewriter = Rewriter(group.pair, group.atom)
    rest = rewriter.assemble(rewriter.difference(left, right), left.shape)
    return rest, tuple(text for key, text in _RULES.items() if key in group.fired)


def _prove(model: Model, permutes: bool, moved: Mapping[Any, MatrixExpr], g: Any) -> Equivariance:
    """Compare ``F(g·)`` with ``g F`` block by block; columns aren't turned."""
    group = _Group(g, permutes)
    rewriter = Rewriter(group.pair, group.atom)
    residual: MatrixExpr | None = None
    for symbol, own in model.velocities.items():
        velocity = own.replace(_without_scores, _at_any_scores)
        word: tuple[MatrixExpr, ...] = (velocity,)
        if symbol in moved:
            word = (g, velocity) if permutes else (velocity, g)
        expected = MatMul(*word) if len(word) > 1 else velocity
        left = rewriter.difference(velocity.xreplace(dict(moved)), expected)
        if residual is None or left:
            residual = rewriter.assemble(left, velocity.shape)
        if left:
            break
    assert residual is not None  # some block moves
    rules = tuple(text for key, text in _RULES.items() if key in group.fired)
    name = "permutations" if permutes else "rotations"
    return Equivariance(name, isinstance(residual, ZeroMatrix), residual, rules)


def relabellings(model: Model) -> tuple[tuple[Any, dict[Any, MatrixExpr]], ...]:
    """Return a permutation matrix of each species, and the blocks with a row a token, relabelled.

    Parameters
    ----------
    model : Model
        Its blocks are looked at, not its velocities.

    Returns
    -------
    tuple of (MatrixSymbol, dict)
        The tokens and their masses first, then every other species of the blocks.

    Examples
    --------
    >>> from theory.models import ENCODER_DECODER
    >>> [sorted(map(str, moved)) for _, moved in relabellings(ENCODER_DECODER)]
    [['X', 'm'], ['Y']]
    """
    symbols = [b.symbol for b in model.blocks]
    found = []
    for size in dict.fromkeys((n, *(s.shape[0] for s in symbols))):
        g = _fresh(MatrixSymbol("S", size, size), model)
        rows = {s for s in (*symbols, X, m) if s.shape[0] == size}
        found.append((g, {symbol: MatMul(g, symbol) for symbol in rows}))
    return tuple(found)


def rotations(model: Model) -> tuple[Any, dict[Any, MatrixExpr]]:
    """Return an orthogonal matrix, and the blocks of vectors turned by it, together.

    Parameters
    ----------
    model : Model
        Its blocks are looked at, not its velocities.

    Returns
    -------
    tuple of (MatrixSymbol, dict)
        The matrix, and what each block becomes.

    Examples
    --------
    >>> from theory.models import CROSS_ATTENTION
    >>> sorted(map(str, rotations(CROSS_ATTENTION)[1]))
    ['X', 'Y']
    """
    g = _fresh(_ROTATION, model)
    vectors = [b.symbol for b in model.blocks if b.symbol.shape[1] == d]
    return g, {symbol: MatMul(symbol, g) for symbol in {X, *vectors}}


@lru_cache(maxsize=64)
def is_permutation_equivariant(model: Model) -> Equivariance:
    """Prove ``F(SX; Sm) = S F(X; m)`` for every permutation matrix S.

    Parameters
    ----------
    model : Model
        Its velocities are rewritten; masses and other blocks of n rows are permuted along with the
        tokens, and every other species by itself.

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
    require_noiseless(model)
    first, *others = (_prove(model, True, moved, g) for g, moved in relabellings(model))
    for found in others:
        rules = tuple(dict.fromkeys((*first.rules, *found.rules)))
        first = replace(found if first.proved else first, rules=rules)
    return first


@lru_cache(maxsize=64)
def is_rotation_equivariant(model: Model) -> Equivariance:
    """Prove ``F(XR) = F(X) R`` for every orthogonal matrix R.

    Parameters
    ----------
    model : Model
        Its velocities are rewritten; every block of vectors is turned, those that stay among them,
        and matrices that are parameters stay as they are.

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
    require_noiseless(model)
    g, moved = rotations(model)
    return _prove(model, False, moved, g)


def _fresh(symbol: MatrixSymbol, model: Model) -> MatrixSymbol:
    """Give a group element that no parameter of the model is called like."""
    taken = {str(s) for expr in model.velocities.values() for s in expr.free_symbols}
    name = str(symbol)
    while name in taken:
        name += "'"
    return MatrixSymbol(name, *symbol.shape)
