"""Rows and entries of a model's matrix expressions, written as terms about tokens.

Products, sums and diagonal factors are written out; a softmax stays an atom, which `weight` writes
out once more.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    DiagMatrix,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    OneMatrix,
    S,
    Transpose,
    ZeroMatrix,
    exp,
)
from sympy.matrices.expressions import HadamardProduct, MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowSoftmax, RowWeights, Sinkhorn
from theory.masks import Mask
from theory.symbols import d, n, z
from theory.terms.indices import Index, count_of
from theory.terms.nodes import (
    Entry,
    Image,
    Inner,
    Item,
    Row,
    VectorSum,
    is_bound,
    total,
)
from theory.weights import SinkSoftmax


def _another(count: Any, *used: Any) -> Index:
    """Return an index of so many tokens that isn't among some."""
    taken = {str(index) for index in used if not is_bound(index)}
    return next(Index(name, count) for name in ("k", "l", "p", "q") if name not in taken)


def _split(product: MatMul) -> tuple[Any, list[Any]]:
    scale, letters = product.as_coeff_matrices()
    return scale, list(letters)


def _product(letters: list[Any]) -> Any:
    return letters[0] if len(letters) == 1 else MatMul(*letters)


def _diagonal(expr: Any, i: Index) -> Any:
    """Return entry (i, i) of a diagonal matrix or of its inverse, or None for another matrix."""
    if isinstance(expr, DiagMatrix):
        return item(expr.args[0], i)
    if isinstance(expr, Inverse | MatPow) and isinstance(expr.args[0], DiagMatrix):
        return item(expr.args[0].args[0], i) ** expr.args[1]
    return None


def _square(letters: list[Any], i: Index) -> tuple[MatrixExpr, list[Any]] | None:
    """Split ``F Gᵀ`` off the letters of a product, rows of F and G tokens; None for no such start.

    Columns of weights are tokens, of whatever species.
    """
    if letters[0].shape[0] != count_of(i):
        return None
    for place, letter in enumerate(letters):
        if letter.shape[1] == n or isinstance(letter, RowWeights):
            return _product(letters[: place + 1]), letters[place + 1 :]
    return None


def entry(expr: MatrixExpr, i: Index, j: Index) -> Any:
    """Return entry (i, j) of a square matrix expression as a number.

    Examples
    --------
    >>> from theory.symbols import X, beta
    >>> entry(beta * X * X.T, Index("i"), Index("j"))
    beta*Inner(Row(X, i), Row(X, j))
    """
    if isinstance(expr, MatAdd):
        return sum((entry(part, i, j) for part in expr.args), S.Zero)
    if isinstance(expr, HadamardProduct):
        found = S.One
        for part in expr.args:
            found *= entry(part, i, j)
        return found
    if isinstance(expr, Elementwise):
        return expr.body.xreplace({z: entry(expr.expr, i, j)})
    if isinstance(expr, Transpose):
        return entry(expr.arg, j, i)
    if isinstance(expr, OneMatrix):
        return S.One
    if isinstance(expr, ZeroMatrix):
        return S.Zero
    if isinstance(expr, MatMul):
        scale, letters = _split(expr)
        if len(letters) == 1:
            return scale * entry(letters[0], i, j)
        first, last = letters[0], letters[-1]
        if (one := _diagonal(first, i)) is not None:
            return scale * one * entry(_product(letters[1:]), i, j)
        if (one := _diagonal(last, j)) is not None:
            return scale * entry(_product(letters[:-1]), i, j) * one
        if first.shape[1] not in (1, n):
            rest = Transpose(_product(letters[1:])).doit()
            return scale * Inner(row(first, i), row(rest, j))
        if first.shape == (n, n):
            k = _another(n, i, j)
            return scale * total(entry(first, i, k) * entry(_product(letters[1:]), k, j), k)
    return Entry(expr, i, j)


def item(expr: MatrixExpr, i: Index) -> Any:
    """Return entry i of a column as a number.

    Examples
    --------
    >>> from theory.symbols import m, r
    >>> item(m + 2 * r, Index("i"))
    Item(m, i) + 2*Item(r, i)
    """
    if isinstance(expr, MatAdd):
        return sum((item(part, i) for part in expr.args), S.Zero)
    if isinstance(expr, OneMatrix) or expr == Identity(1):  # so SymPy writes the 1 by 1 one
        return S.One
    if isinstance(expr, HadamardProduct):
        return Mul(*(item(part, i) for part in expr.args))
    if isinstance(expr, Elementwise):
        return expr.body.xreplace({z: item(expr.expr, i)})
    if isinstance(expr, MatMul):
        scale, letters = _split(expr)
        if len(letters) == 1:
            return scale * item(letters[0], i)
        rest = _product(letters[1:])
        if (one := _diagonal(letters[0], i)) is not None:
            return scale * one * item(rest, i)
        if letters[0].shape[1] == 1 and (value := scalar(rest)) is not None:
            return scale * item(letters[0], i) * value
        if isinstance(letters[0], DiagonalMatrix) and isinstance(rest, OneMatrix):
            return scale * entry(letters[0].args[0], i, i)
        if (split := _square(letters, i)) is not None and split[1]:
            k = _another(split[0].shape[1], i)
            return scale * total(entry(split[0], i, k) * item(_product(split[1]), k), k)
        if isinstance(letters[0], Elementwise) and isinstance(rest, OneMatrix):
            k = _another(letters[0].shape[1], i)  # of tokens of another species
            return scale * total(entry(letters[0], i, k), k)
    return Item(expr, i)


def scalar(expr: MatrixExpr) -> Any:
    """Return a matrix expression of shape (1, 1) as a number, or None where it isn't seen.

    Examples
    --------
    >>> from theory.symbols import m
    >>> scalar(OneMatrix(1, n) * m)
    TokenSum(Item(m, #1), (#1,), ())
    """
    if isinstance(expr, Elementwise):
        inside = scalar(expr.expr)
        return None if inside is None else expr.body.xreplace({z: inside})
    if not isinstance(expr, MatMul):
        return None
    scale, (first, *others) = _split(expr)
    if not others:
        value = scalar(first)
        return None if value is None else scale * value
    rest = _product(others)
    if first.shape == (1, 1):
        parts = scalar(first), scalar(rest)
        return None if None in parts else scale * parts[0] * parts[1]
    if first.shape == (1, n):
        k = _another(n)
        return scale * total(item(Transpose(first).doit(), k) * item(rest, k), k)
    return None


def row(expr: MatrixExpr, i: Index) -> Any:
    """Return row i of a matrix expression with d columns as a vector.

    Examples
    --------
    >>> from theory.symbols import V, X
    >>> row(X * V.T, Index("i"))
    Image(V, Row(X, i))
    """
    if isinstance(expr, MatAdd):
        return VectorSum(*(row(part, i) for part in expr.args))
    if isinstance(expr, MatMul):
        scale, (first, *others) = _split(expr)
        rest = _product(others) if others else None
        if rest is None:
            found = row(first, i)
        elif (one := _diagonal(first, i)) is not None:
            found = row(rest, i) * one
        elif (split := _square([first, *others], i)) is not None:
            k = _another(split[0].shape[1], i)
            found = _sum_of_rows(split[0], _product(split[1]), i, k)
        elif first.shape == (count_of(i), d):
            found = Image(Transpose(rest).doit(), row(first, i))
        else:
            return Row(expr, i)
        return found if scale == 1 else found * scale
    return Row(expr, i)


def _sum_of_rows(weights: MatrixExpr, rest: MatrixExpr, i: Index, k: Index) -> Any:
    """``Σ_k A_ik (rest)_k``, the weights in one product."""
    scale, letters = _split(rest) if isinstance(rest, MatMul) else (S.One, [rest])
    while len(letters) > 1 and letters[0].shape == (n, n):
        weights, letters = MatMul(weights, letters[0]), letters[1:]
    return total(row(_product(letters), k) * (scale * entry(weights, i, k)), k)


def seen(mask: Mask | None, i: Index, j: Index) -> Any:
    """Return 1 without a mask, else the entry of it: whether token i sees token j."""
    return S.One if mask is None else Entry(mask, i, j)


def shares(term: Entry) -> tuple[Any, Any]:
    """Return w_ij and the sum Z_i of an entry w_ij/Z_i of a softmax; both 0 where nobody is seen.

    Raises
    ------
    ValueError
        For an entry of anything else.
    """
    softmax, i, j = term.args
    if not isinstance(softmax, RowSoftmax | SinkSoftmax) or isinstance(softmax, Sinkhorn):
        raise ValueError(
            f"Expected an entry of a softmax but got {term}; nothing else is written out here."
        )
    mask = getattr(softmax, "mask", None)

    def share(c: Index) -> Any:
        return seen(mask, i, c) * item(softmax.masses, c) * exp(entry(softmax.scores, i, c))

    extra = S.Zero
    if isinstance(softmax, SinkSoftmax):
        column = isinstance(softmax.sink, MatrixExpr)
        extra = exp(item(softmax.sink, i) if column else softmax.sink)
    k = _another(count_of(j), i, j)
    return share(j), extra + total(share(k), k)


def weight(term: Entry) -> Any:
    """Return an entry of a softmax as its definition: a quotient with a sum over tokens.

    Examples
    --------
    >>> from theory.symbols import X, beta, m
    >>> i, j = Index("i"), Index("j")
    >>> found = weight(entry(RowSoftmax(beta * X * X.T, m), i, j))
    >>> Item(m, j) in found.args
    True

    Raises
    ------
    ValueError
        For an entry of anything else.
    """
    above, below = shares(term)
    return above / below
