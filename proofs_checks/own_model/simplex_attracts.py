"""Tokens at a regular simplex that attracts: where weights e^(b<x_i,x_j>) have a b far below 0.

d + 1 tokens of one mass at inner products -1/d. Along velocities v_i, with s = Σ v_i and y_ij =
<x_i,x_j>', second derivatives of E = Σ_{i,j} m² h(<x_i,x_j>)/2, h' = k = e^(bg), add up to
E'' = m² k (|s|² + (b/2) Σ_{i≠j} y_ij²), as Σ x_i = 0. Now Σ_j y_ij = <x_i,s>, whose squares add up
to |s|² (d+1)/d; of all symmetric y with these row sums (<x_i,s> + <x_j,s>)/(d-1) has the least sum
of squares, 2 |s|² (d+1)/(d(d-1)). So E'' < 0 where b < -d(d-1)/(d+1), but for rotations, y = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sympy import Expr, Identity, Integer, MatMul, MatrixSymbol, Rational, S, Transpose

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import unproved
from proofs_checks.proof import Counterexample, Flow, Statement
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, attached, climb, heat_along
from theory.atoms import Elementwise, RowSoftmax
from theory.symbols import X, d, k

_SQUARE = {(k, d), (d, d)}
"""Shapes of matrices that may be multiples of I: k is d then."""


def simplex_attracts(
    flow: Flow, prediction: None, budget: Budget, dimension: int = 2
) -> Counterexample | None:
    """Find d + 1 tokens at a regular simplex, a strict maximum of the energy but for rotations.

    Parameters
    ----------
    flow, prediction, budget
        As statements are asked.
    dimension : int
        d.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import SA
    >>> budget = Budget(1, np.random.default_rng(0))
    >>> [simplex_attracts(Flow.of(SA, beta=b), None, budget, 3) is None for b in (-1, -2)]
    [True, False]
    """
    if flow.code:
        return None
    own = attached(Subject.of(flow.model, flow.values))
    if isinstance(own, Refusal) or isinstance(climb(own.pull.subject), Refusal):
        return None
    heat = heat_along(own)
    least = -Rational(dimension * (dimension - 1), dimension + 1)
    if heat is None or not heat.is_number or not heat < least:
        return None
    count = dimension + 1
    body = "triangle" if dimension == 2 else f"simplex of {count} tokens, d = {dimension}"
    said = f"the regular {body}, masses 1/{count}, weights e^(b g), b = {heat} < {least}"
    why = "E'' < 0 there but for rotations, as b < -d(d-1)/(d+1)"
    rest = "E climbs, so an open set of starts stays near it"
    return Counterexample(
        f"{said}: {why}; {rest}", {"n": str(count), "d": str(dimension), "masses": f"1/{count}"}
    )


def with_scores(flow: Flow, heat: Expr) -> tuple[str, Flow] | None:
    """Put matrices into the one scores of a flow that are free: scores b <x_i,x_j>, b = heat.

    Examples
    --------
    >>> from theory.models import QK_SA, SA
    >>> with_scores(Flow.of(QK_SA), Integer(-2))[0], with_scores(Flow.of(SA), Integer(-2))
    ('Q = -2/beta I, K = I', None)
    """
    model = flow.model
    known = {*flow.values, *model.numbers, *(p for p in model.parameters if str(p) in flow.given)}
    free = {p for p in model.parameters if isinstance(p, MatrixSymbol)} - known
    rates = model.velocities.values()
    heads = {head.scores for rate in rates for head in rate.atoms(RowSoftmax)}
    heads |= {head.expr for rate in rates for head in rate.atoms(Elementwise)}
    heads = {one for one in heads if one.atoms(MatrixSymbol) & free}
    if flow.code or len(heads) != 1:
        return None
    scores = heads.pop()
    factors = scores.as_coeff_matrices()[1] if isinstance(scores, MatMul) else []
    known_form = len(factors) == 4 and (factors[0], factors[-1]) == (X, Transpose(X))
    if not known_form or not isinstance(factors[1], Transpose):
        return None
    one, other = factors[1].arg, factors[2]
    if one == other or not {one, other} <= free or not {one.shape, other.shape} <= _SQUARE:
        return None
    given = {a: b for a, b in flow.given.items() if a not in {str(one), str(other)}}

    def put(scale: Expr) -> Flow:
        here = {one: scale * Identity(d), other: Identity(d)}
        return Flow.of(model.subs(here, model.name), **given)

    plain = put(S.One)
    energy = attached(Subject.of(plain.model, plain.values))
    own = None if isinstance(energy, Refusal) else heat_along(energy)
    if own is None or own == 0:
        return None
    return f"{one} = {heat / own} I, {other} = I", put(heat / own)


def of_other_scores(
    dimension: int, flow: Flow, prediction: None, budget: Budget
) -> Counterexample | None:
    """Find matrices for which a simplex attracts."""
    case = with_scores(flow, -Integer(dimension))  # d > d(d-1)/(d+1)
    found = None if case is None else simplex_attracts(case[1], None, budget, dimension)
    if case is None or found is None:
        return None
    return Counterexample(f"{case[0]}: {found.text}", found.scope)


OF_SCORES: Mapping[str, Statement[None]] = {
    name: Statement(name, "", unproved, refute=partial(of_other_scores, dimension))
    for dimension, names in (
        (2, ("circle", "Theorem 4.3", "Theorem 5.1")),
        (3, ("Theorem 6.1",)),
    )
    for name in names
}
"""Rows on almost every start that some matrices of scores refute, at every β that isn't 0."""


__all__ = ["OF_SCORES", "simplex_attracts", "with_scores"]
