"""A flow on R^d in coordinates that move: z = e^{-tW} x, (9.2), and y = e^{-σt} x.

Both are substitutions, written out term by term; what they become is for `proofs_checks`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sympy import Expr, MatAdd, MatMul, exp
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import MatrixExponential
from theory.models.model import Model
from theory.symbols import X, growth, t


def _refuse(model: Model) -> None:
    if model.kind != "flow" or model.space != "euclidean" or len(model.blocks) > 1:
        raise ValueError(
            f"Expected a flow of tokens on R^d but got model={model.name}; only there may "
            'coordinates be changed: Model(..., space="euclidean").'
        )


def _terms(expr: MatrixExpr) -> tuple[Any, ...]:
    return expr.args if isinstance(expr, MatAdd) else (expr,)


@lru_cache(maxsize=64)
def scaled_down(model: Model, rate: Expr = growth) -> Model:
    """Return the flow of ``y = e^{-σt} x``: bounded for (9.1) if σ is the growth rate of e^{tV}.

    Parameters
    ----------
    model : Model
        A flow on R^d, of tokens alone.
    rate : Expr
        σ; by default a parameter of the new model.

    Raises
    ------
    ValueError
        For another kind of model.

    Examples
    --------
    >>> from theory.models import PURE_ATTENTION
    >>> scaled_down(PURE_ATTENTION).parameters
    (beta, Q, K, V, sigma)
    """
    _refuse(model)
    moved = model.velocity.xreplace({X: exp(rate * t) * X}).doit()
    terms = [MatMul(exp(-rate * t), term).doit() for term in _terms(moved)]
    extra = tuple(s for s in sorted(rate.free_symbols - {t}, key=str) if s not in model.parameters)
    return replace(
        model,
        name=f"{model.name}, scaled down",
        velocity=MatAdd(*terms, -rate * X).doit(),
        energy=None,
        metric=None,
        parameters=(*model.parameters, *extra),
        reference=f"{model.reference}, y = e^(-σt) x",
    )


@lru_cache(maxsize=64)
def rescaled(model: Model, matrix: MatrixExpr) -> Model:
    """Return the flow of ``z = e^{-tW} x``, as the substitution gives it: (9.2) for W = V.

    Parameters
    ----------
    model : Model
        A flow on R^d, of tokens alone.
    matrix : MatrixExpr, shape (d, d)
        W, in the parameters of the model.

    Raises
    ------
    ValueError
        For another kind of model.

    Examples
    --------
    >>> from theory.models import PURE_ATTENTION
    >>> from theory.symbols import V
    >>> rescaled(PURE_ATTENTION, V).parameters
    (beta, Q, K, V)
    """
    _refuse(model)
    forth, back = MatrixExponential(t * matrix.T), MatrixExponential(-t * matrix.T)
    moved = model.velocity.xreplace({X: X * forth})
    return replace(
        model,
        name=f"{model.name}, rescaled",
        velocity=MatAdd(*(MatMul(term, back) for term in _terms(moved)), -X * matrix.T),
        energy=None,
        metric=None,
        reference=f"{model.reference}, (9.2)",
    )
