"""Velocities that are sums of heads and layers, of any matrices, whatever species they see.

A head is ``c Σ_j a_ij V z_j``, a softmax of scores h <x_i, M z_j> over the rows z of a block, of
tokens by their masses; a layer is ``c w σ(a x_i + b)``. Either is a function of x_i and of the
measures of the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Max,
    OneMatrix,
    S,
    Symbol,
    Transpose,
    sqrt,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import Flow, layer_of
from proofs_checks.proof.kinds import labels_of
from proofs_checks.theorems import rough
from theory.atoms import RowSoftmax, Tangent
from theory.symbols import X, beta, d, m, t


def norm(*letters: MatrixExpr) -> Expr:
    """Norm of a product of matrices as a symbol, 1 of none."""
    if not letters:
        return S.One
    shown = " ".join(str(a).replace(".T", "^T") for a in letters)
    return Symbol(f"|{shown}|", nonnegative=True)


def _plain(number: Expr) -> Expr:
    """Write |β| as β, which is >= 0 in every scope here."""
    return number.subs(Abs(beta), beta)


@dataclass(frozen=True)
class Head:
    """``scale · softmax(heat <x_i, M z_j>) V z_j``, z the rows of a block.

    Attributes
    ----------
    scale, heat : Expr
    middle, values : tuple of MatrixExpr
        Factors of M, and of V^T; none is the identity.
    over : MatrixSymbol
        The block.
    """

    scale: Expr
    heat: Expr
    middle: tuple[Any, ...]
    values: tuple[Any, ...]
    over: MatrixSymbol

    @property
    def size(self) -> Expr:
        """Bound of its length."""
        back = tuple(v.arg if isinstance(v, Transpose) else Transpose(v) for v in self.values[::-1])
        return _plain(Abs(self.scale)) * norm(*back)

    @property
    def reach(self) -> Expr:
        """Bound of its scores."""
        return _plain(Abs(self.heat)) * norm(*self.middle)

    def __str__(self) -> str:
        """Its row as a quotient of integrals, from the left to the right."""
        z = "y" if self.over == X else "z"
        own = "mu" if self.over == X else f"nu_{self.over}"
        key = " ".join(map(str, (*self.middle, z)))
        value = " ".join(
            [*(str(v.arg) if isinstance(v, Transpose) else f"{v}^T" for v in self.values[::-1]), z]
        )
        weight = f"e^({self.heat} <x, {key}>)" if self.heat != 0 else "1"
        front = "" if self.scale == 1 else f"{self.scale} "
        return f"{front}∫{weight} {value} d{own} / ∫{weight} d{own}"


@dataclass(frozen=True)
class Layer:
    """``w σ(a x_i + b)``, with what bounds σ there.

    Attributes
    ----------
    w, a, b : MatrixExpr
    """

    w: Any
    a: Any
    b: Any

    @property
    def size(self) -> Expr:
        """Bound of its length: s bounds |σ| over |z| <= |a| + |b|."""
        return norm(self.w) * sqrt(self.w.shape[1]) * Symbol("s", nonnegative=True)

    @property
    def slope(self) -> Expr:
        """Lipschitz constant: l is that of σ over |z| <= |a| + |b|."""
        return norm(self.w) * norm(self.a) * Symbol("l", nonnegative=True)

    def __str__(self) -> str:
        """Its row."""
        return f"{self.w} σ({self.a} x + {self.b})"


Part = Head | Layer
Fields = dict[Any, tuple[Part, ...]]


def _head(term: Any, points: Any, blocks: set[Any]) -> Head | None:
    """Read a head off a term; None where it is none."""
    if not isinstance(term, MatMul):
        return None
    scale, factors = term.as_coeff_matrices()
    weights, *rest = factors
    if type(weights) is not RowSoftmax or not rest or rest[0] not in blocks:
        return None
    over, values = rest[0], tuple(rest[1:])
    weighed = weights.masses == m if over == X else isinstance(weights.masses, OneMatrix)
    if not isinstance(weights.scores, MatMul):
        return None
    heat, letters = weights.scores.as_coeff_matrices()
    if not weighed or len(letters) < 2 or letters[0] != points or letters[-1] != over.T:
        return None
    middle = tuple(letters[1:-1])
    moving = blocks | {m, t}
    inside = set[Any]().union(*(a.free_symbols for a in (*middle, *values)), heat.free_symbols)
    if (inside | scale.free_symbols) & moving or not all(a.is_Matrix for a in values):
        return None
    return Head(scale, heat, middle, values, over)


def fields_of(flow: Flow) -> Fields | None:
    """Return the heads and layers of each block that moves on the sphere, or None.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> fields = fields_of(Flow.of(catalogue("encoder-decoder")))
    >>> [str(part) for part in fields[X]][1]
    '∫e^(beta <x, z>) z dnu_Y / ∫e^(beta <x, z>) dnu_Y'
    """
    model = flow.model
    spaces = {block.symbol: block.space for block in model.blocks}
    known = set(spaces.values()) <= {"sphere", "constant"} and model.noise is None
    if flow.code or model.kind != "flow" or not known or labels_of(flow):
        return None
    if any(symbol.shape[1] != d for symbol in spaces):
        return None
    found: Fields = {}
    for points, velocity in model.velocities.items():
        put = velocity.xreplace(flow.values)
        if spaces[points] != "sphere" or not isinstance(put, Tangent) or put.points != points:
            return None
        parts = []
        terms = put.field.args if isinstance(put.field, MatAdd) else (put.field,)
        for term in terms:
            part = _part(term, points, set(spaces)) if isinstance(term, MatrixExpr) else None
            if part is None:
                return None
            parts.append(part)
        found[points] = tuple(parts)
    return found


def _part(term: Any, points: Any, blocks: set[Any]) -> Part | None:
    layer = layer_of(term) if points == X else None
    if layer is None:
        return _head(term, points, blocks)
    w, a, b, _ = layer
    still = not set[Any]().union(*(one.free_symbols for one in (w, a, b))) & (blocks | {m, t})
    return Layer(w, a, b) if still and not rough(term) else None


def pace(fields: Fields, hot: bool = True) -> Expr:
    """Rate at which the largest chord grows at most, at β = 0 if not hot.

    A head of length c moves by c (e + h |M| (1 + e)), e = 1 where what it sees moves, else 0.
    """
    rates = []
    for parts in fields.values():
        total = S.Zero
        for part in parts:
            if isinstance(part, Layer):
                total += part.size + part.slope
                continue
            moves = S.One if part.over in fields else S.Zero
            reach = part.reach if hot else part.reach.subs(beta, 0)
            total += part.size * (1 + moves + reach * (1 + moves))
        rates.append(total)
    return _largest(rates)


def force(fields: Fields) -> Expr:
    """Bound of how far heads at β and at 0 are apart: length times the bound of the scores."""
    heads = [[p for p in parts if isinstance(p, Head)] for parts in fields.values()]
    return _largest([Add(*(p.size * p.reach for p in own)) for own in heads])


def _largest(rates: list[Expr]) -> Expr:
    """Largest of sums of nonnegative terms: the one that holds the others, or Max."""
    hot = Dummy("b", nonnegative=True)
    for one in rates:
        if all((one - other).subs(beta, hot).expand().is_nonnegative for other in rates):
            return one
    return Max(*rates)


__all__ = ["Fields", "Head", "Layer", "Part", "fields_of", "force", "norm", "pace"]
