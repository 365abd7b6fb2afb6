"""Sums over pairs of tokens, the subjects of a proof, and two tokens that never meet."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, OneMatrix, Rational, S
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.decide import enclosed_sign
from theory.atoms import Elementwise
from theory.derivations import NotClosed, gram_flow
from theory.engines import Evaluator
from theory.masks import BIPARTITE, GRAPH, Mask
from theory.models import Model, attention_form
from theory.symbols import G, X, beta, d, m, n, t, z


def models_of(model: Any) -> tuple[Model, ...]:
    """Return the models that a claim speaks of, as a tuple."""
    return model if isinstance(model, tuple) else (model,)


@lru_cache(maxsize=256)
def pair_sum(summand: Expr) -> MatrixExpr:
    """Return ``Σ_ij m_i m_j summand(g_ij)`` of a summand in z, for n tokens in R^d."""
    total: MatrixExpr = m.T * Elementwise(summand, X * X.T) * m
    return total


def products(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """Return the inner products of the rows of two n×d matrices, a column."""
    column: MatrixExpr = DiagonalMatrix(left * right.T) * OneMatrix(n, 1)
    return column


def subjects(model: Any, *parts: Any) -> tuple[Any, ...]:
    """Return what an argument compares: the flows, their energies, and parts of the prediction."""
    energies = (flow.energy for flow in models_of(model) if flow.energy is not None)
    return (*(flow.velocity for flow in models_of(model)), *energies, *parts)


@lru_cache(maxsize=256)
def _product_rate(model: Model) -> Expr | None:
    """Rate of <x_1,x_2> = z of two tokens of mass 1/2, where the Gram flow closes."""
    if model.kind != "flow" or model.space != "sphere" or len(model.blocks) > 1:
        return None
    form = attention_form(model)
    if form is not None:
        speed = form.scale * form.kernel * (1 - z**2)
        return 2 * speed / (form.kernel.subs(z, 1) + form.kernel) if form.normalised else speed
    masks = model.velocity.atoms(Mask)
    if any(mask.kind == GRAPH or (mask.kind == BIPARTITE and mask.parameter > 1) for mask in masks):
        return None  # of a number of tokens of its own, or for more than two
    try:
        flow = gram_flow(model)
        if flow.products or flow.others or not flow.proved:
            return None
        pair = [[S.One, z], [z, S.One]]
        found = Evaluator({G: pair, m: [[S.Half], [S.Half]]}, {n: 2})(flow.rate)[0][1]
    except (ValueError, NotClosed, NotImplementedError, KeyError):
        return None
    return found if isinstance(found, Expr) and not found.atoms(MatrixExpr) else None


_PLANE = Integer(2)


@lru_cache(maxsize=256)
def pair_trap(
    model: Model,
    least: Expr = S.NegativeOne,
    hot: tuple[Expr, ...] = (S.One, S.Zero),
    room: Expr = _PLANE,
) -> str:
    """Two equal tokens, exactly, that never meet: their inner product can't rise past a point.

    For two tokens of mass 1/2 the inner product g follows g' = f(g)(1-g²), divided by the row
    sum (f(1)+f(g))/2 if normalised; under a mask, or with other weights, what their Gram flow says.
    Where g' <= 0 at some g in (-1, 1), all that start at or below g stay there, so an open set of
    pairs doesn't converge to one point. Returns "" if none shows.

    Parameters
    ----------
    model : Model
        A flow whose Gram matrix moves by itself; others have no such equation.
    least : Expr
        Only look at g >= least.
    hot : tuple of Expr
        The values of β to look at; the other parameters are 1.
    room : Expr
        The dimension d.
    """
    speed = _product_rate(model)
    if speed is None or t in speed.free_symbols:
        return ""
    places = sorted((Rational(k, 8) for k in range(-7, 8)), key=abs)
    for heat in hot if beta in speed.free_symbols else (S.One,):
        # Two tokens, so n = 2.
        others = {
            s: {beta: heat, n: Integer(2), d: room}.get(s, S.One) for s in speed.free_symbols - {z}
        }
        fixed_rate = speed.subs(others)
        signs = {p: enclosed_sign(fixed_rate, {z: p}) for p in places if p >= least}
        for falls in (True, False):
            for place in (p for p, sign in signs.items() if sign != 1):
                value = fixed_rate.subs(z, place)
                if value.is_negative if falls else value.is_zero:
                    fixed = ", ".join(f"{s} = {others[s]}" for s in sorted(others, key=str))
                    return (
                        f"{model.name}, two tokens of mass 1/2 in an open hemisphere"
                        f"{', ' + fixed if fixed else ''}: at <x_1,x_2> = {place} the derivative "
                        f"of <x_1,x_2> is {value}, so pairs that start at or below "
                        f"{'it separate and' if falls else 'it'} never meet"
                    )
    return ""
