"""Shares of one softmax, or of positive features: how far their scores differ and move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Abs, Add, Dummy, Expr, MatAdd, MatMul, S, Symbol
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, features_in, pull_of
from theory.atoms import MaskedSoftmax, RowSoftmax, Tangent
from theory.function_ranges import log_slope
from theory.positions import Rotary
from theory.symbols import X, beta, m, t, z
from theory.terms import Index, Item, Number, total
from theory.weights import SinkSoftmax

OTHER = Index("j")


def _slope(scores: Any) -> Expr | None:
    """Return L: the scores move by at most L times the largest move of a row, in the unit ball."""
    if isinstance(scores, MatAdd):
        parts = [_slope(part) for part in scores.args]
        return None if None in parts else Add(*parts)
    if X not in scores.free_symbols:
        return S.Zero
    if not isinstance(scores, MatMul):
        return None
    factor, rest = scores.as_coeff_mmul()
    rows: tuple[Any, ...] = rest.args if isinstance(rest, MatMul) else ()
    if len(rows) != 2 or rows[1].T != rows[0]:
        return None
    turned = isinstance(rows[0], Rotary) and rows[0].args[0] == X
    return 2 * Abs(factor) if rows[0] == X or turned else None


@dataclass(frozen=True)
class Shares:
    """A field c A X with A_ij = m_j e^(s_ij) over its sum, or over that and a sink's share.

    Attributes
    ----------
    factor : Expr
        c.
    slope : Expr
        L: scores s_ij move by at most L times the largest move of a token.
    spread : Expr
        The most that scores of a row differ by, what they have of places apart.
    softmax : RowSoftmax, SinkSoftmax or None
        A as it stands; None for features, s_ij = log <φ(x_i), ψ(x_j)>.
    at_rest : bool
        Whether scores of features are one number at β = 0.
    """

    factor: Expr
    slope: Expr
    spread: Expr
    softmax: Any = None
    at_rest: bool = False


def shares_of(flow: Flow) -> Shares | None:
    """Return the shares of a softmax with any mask, places or sink, or of positive features."""
    model, velocity = flow.model, flow.model.velocity
    ends = flow.schedule is not None and flow.schedule.ends
    if flow.code or ends or len(model.blocks) > 1 or model.kind != "flow":
        return None
    if not isinstance(velocity, Tangent) or not isinstance(velocity.field, MatMul):
        return None
    field = velocity.field.xreplace(flow.values)
    factor, rest = field.as_coeff_mmul()
    parts: tuple[Any, ...] = rest.args if isinstance(rest, MatMul) else ()
    if len(parts) != 2 or parts[1] != X or not isinstance(parts[0], MatrixExpr):
        return _of_features(flow)
    weights = parts[0]
    if type(weights) not in (RowSoftmax, MaskedSoftmax, SinkSoftmax) or weights.masses != m:
        return None
    if isinstance(weights, SinkSoftmax) and X in getattr(weights.sink, "free_symbols", ()):
        return None
    slope = _slope(weights.scores)
    return None if slope is None else Shares(factor, slope, slope, weights)


def _of_features(flow: Flow) -> Shares | None:
    """Return the shares <φ(x_i), ψ(x_j)> m_j over their sum, by |d log φ| <= L |dx|."""
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal) or isinstance(pull.positive, Refusal):
        return None
    found = features_in(pull.weight)
    if found is None:
        return None
    product, rows = found
    term = product * Item(m, OTHER)
    factor = pull.weight * total(term, OTHER) / term
    if factor.has(Number):
        return None
    names = {s: Dummy(str(s), nonnegative=True) for s in (beta, t)}
    slopes = [log_slope(body.xreplace(names), far) for body, far in rows]
    if any(slope is None for slope in slopes):
        return None
    back: dict[Any, Any] = {new: old for old, new in names.items()}
    back |= {c: Symbol(f"|{c.args[0]}|", nonnegative=True) for _, c in rows if c.args}
    own, other = ((a * far).xreplace(back) for a, (_, far) in zip(slopes, rows, strict=True))
    cold = all(z not in body.subs(beta, 0).free_symbols for body, _ in rows)
    return Shares(factor, own + other, 2 * other, at_rest=cold)


__all__ = ["Shares", "shares_of"]
