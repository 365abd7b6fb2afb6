"""Gaussian tokens under attention on R^d: the field is affine, so that they stay Gaussian.

Mean and covariance obey equations of their own (arXiv 2501.18322), of many tokens: of their
distribution, not of a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Identity, MatAdd, MatMul, MatrixSymbol, Rational, Transpose, ZeroMatrix
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import RowSoftmax
from theory.derivations.reduction import Reduction, Residual, require_flow, velocity_terms
from theory.engines import Rewriter, Word, inner, residual, vectors
from theory.latex import latex_equation
from theory.models import Model
from theory.symbols import X, d, m, n

MEAN = MatrixSymbol("mu", d, 1)
"""Mean of the tokens, a column."""


COVARIANCE = MatrixSymbol("Sigma", d, d)
"""Covariance of the tokens."""


@dataclass(frozen=True)
class GaussianClosure(Reduction):
    """``μ' = B μ + c`` and ``Σ' = B Σ + Σ B^T``, where tokens move by ``x' = B x + c``.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    slope : MatrixExpr, shape (d, d)
        B in ``MEAN`` and ``COVARIANCE``; ``V Σ A`` for attention with scores ``<A x_i, x_j>``.
    shift : MatrixExpr, shape (d, 1)
        The constant c, ``V μ`` for attention.
    mean : MatrixExpr, shape (d, 1)
        ``μ'``.
    covariance : MatrixExpr, shape (d, d)
        ``Σ'``.
    """

    slope: MatrixExpr
    shift: MatrixExpr
    mean: MatrixExpr
    covariance: MatrixExpr

    def formulas(self) -> list[str]:
        """Write the equations of mean and covariance.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        return [latex_equation(MEAN, self.mean), latex_equation(COVARIANCE, self.covariance)]


def gaussian_closure(model: Model) -> GaussianClosure:
    """Derive the equations of mean and covariance of Gaussian tokens.

    Parameters
    ----------
    model : Model
        A flow on R^d of attention heads, each a softmax of scores ``c X M X^T`` with masses m times
        ``X V^T``, and of linear terms.

    Returns
    -------
    GaussianClosure
        Exact for the equation of the distribution: proved for every d by completing a square.

    Raises
    ------
    ValueError
        For another flow.

    Examples
    --------
    >>> from theory.models import PURE_ATTENTION
    >>> closed = gaussian_closure(PURE_ATTENTION)
    >>> closed.mean, closed.proved
    (beta*V*Sigma*K.T*Q*mu + V*mu, True)
    """
    require_flow(model)
    if model.space != "euclidean" or len(model.blocks) > 1:
        raise ValueError(
            f"Expected tokens on R^d but got space={model.space!r} in model={model.name}; on the "
            "sphere tokens aren't Gaussian."
        )
    plain = Rewriter(symmetric=frozenset({COVARIANCE}))
    slopes: list[MatrixExpr] = []
    shifts: list[MatrixExpr] = []
    for _, field in velocity_terms(model.velocity):
        for word, coefficient in plain.words(field).items():
            head = word[0] if len(word) > 1 and type(word[0]) is RowSoftmax else None
            value = _transposed(word[2:] if head is not None else word[1:])
            if word[:1] == (X,) and X not in MatMul(*word[1:]).free_symbols:
                slopes.append(MatMul(coefficient, *value).doit())
                continue
            scores = None if head is None else _scores(plain, head)
            if head is None or scores is None or word[1] != X:
                raise ValueError(
                    "Expected heads softmax(c X M X^T) X V^T with masses m, and linear terms, but "
                    f"got velocity={model.velocity} in model={model.name}; derive other "
                    "fields at explicit tokens."
                )
            slopes.append(MatMul(coefficient, *value, COVARIANCE, scores).doit())
            shifts.append(MatMul(coefficient, *value, MEAN).doit())
    slope = MatAdd(ZeroMatrix(d, d), *slopes).doit()
    shift = MatAdd(ZeroMatrix(d, 1), *shifts).doit()
    mean = MatAdd(MatMul(slope, MEAN), shift)
    half = MatMul(slope, COVARIANCE)
    return GaussianClosure(
        model,
        "Gaussian distributions of tokens N(μ, Σ)",
        _tilted(),
        plain.form(slope),
        plain.form(shift),
        plain.form(mean),
        plain.form(MatAdd(half, Transpose(half))),
    )


def _transposed(word: Word) -> tuple[MatrixExpr, ...]:
    """Letters of ``L^T`` for a product L of letters."""
    return tuple(Transpose(letter).doit() for letter in reversed(word)) or (Identity(d),)


def _scores(plain: Rewriter, head: RowSoftmax) -> MatrixExpr | None:
    """Return A with scores ``<A x_i, x_j>`` of a head, or None."""
    if head.masses != m:
        return None
    total = []
    for word, coefficient in plain.words(head.scores).items():
        inside = word[1:-1]
        if len(word) < 2 or word[0] != X or word[-1] != Transpose(X):
            return None
        if MatMul(*inside).free_symbols & {X, m, n} if inside else False:
            return None
        total.append(MatMul(coefficient, *_transposed(inside)))
    return MatAdd(*total).doit() if len(total) > 1 else total[0].doit()


def _tilted() -> tuple[Residual, ...]:
    """Complete the square: weights ``e^<a,y>`` move N(μ, Σ) to N(μ + Σa, Σ).

    In the inner product ``<u, Σ^{-1} v>`` a score is that of b = Σa with y.
    """
    y, mu, b = vectors("y mu b")
    away, moved = y - mu, y - mu - b
    half = Rational(1, 2)
    before = Add(-half * inner(away, away), inner(b, y))
    after = Add(-half * inner(moved, moved), inner(b, mu), half * inner(b, b))
    text = "<a,y> - |y-μ|²/2 = <a,μ> + |Σa|²/2 - |y-μ-Σa|²/2 in the norm of Σ^{-1}"
    return (Residual(text, residual(before - after)),)
