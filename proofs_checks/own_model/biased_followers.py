"""Rows on a causal mask that a bias of places refutes: the second token's share of the first.

Token 1 rests, and the angle φ between the two has φ' = -c A_21 sin φ, so the one mode of two tokens
at consensus is -c A_21, A_21 the share there. Under a mask alone A_21 = 1/2, for masses 1/2.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sympy import Expr, Integer, MatMul, S, simplify

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import unproved
from proofs_checks.proof import Counterexample, Flow, Statement
from theory.atoms import MaskedSoftmax, Tangent
from theory.engines import Evaluator
from theory.masks import Mask
from theory.symbols import X, d, m, n


def share_of_first(flow: Flow) -> tuple[Expr, Expr] | None:
    """Return c and A_21 of two tokens at consensus, masses 1/2, of c A X under a causal mask.

    Examples
    --------
    >>> from theory.models import CAUSAL, catalogue
    >>> share_of_first(Flow.of(CAUSAL)), share_of_first(Flow.of(catalogue("causal ALiBi")))
    ((1, 1/2), (1, 1/(exp(slope) + 1)))
    """
    model, velocity = flow.model, flow.model.velocities.get(X)
    if flow.code or len(model.blocks) > 1 or model.kind != "flow" or model.noise is not None:
        return None
    if not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    field = velocity.field.xreplace(flow.values)
    factor, factors = field.as_coeff_matrices() if isinstance(field, MatMul) else (S.Zero, [])
    if len(factors) != 2 or not isinstance(factors[0], MaskedSoftmax) or factors[1] != X:
        return None
    if not factor.is_nonzero or factors[0].mask != Mask.causal() or factors[0].masses != m:
        return None
    state = {X: [[S.One, S.Zero]] * 2, m: [[S.Half]] * 2}
    try:
        rows = Evaluator(state, {n: 2, d: 2})(factors[0])
    except (ValueError, NotImplementedError):
        return None
    return factor, simplify(rows[1][0])


_GROWS = "rate of followers"
_SAID = {
    _GROWS: "e^(ct/2) |x_2 - x_1| -> ∞, as φ' = -c A_21 sin φ, φ their angle",
    "consensus spectrum under a mask": "the mode is -c A_21, not c (1/2 - 1)",
}


def pulled_less(said: str, flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens, the second of which is pulled less than half."""
    found = share_of_first(flow)
    if found is None or (said == _GROWS and not found[0].is_positive):
        return None
    _, share = found
    at = {s: Integer(1) for s in share.free_symbols}
    value = share.subs(at)
    if any(s.is_nonpositive for s in at) or not (value - S.Half).is_negative:
        return None
    where = "".join(f", {s} = {number}" for s, number in at.items())
    text = f"two tokens, masses 1/2{where}: A_21 = {value} at consensus, so {_SAID[said]}"
    return Counterexample(text, {"n": "2", "d": ">= 2", "masses": "1/2"})


def _row(name: str) -> Statement[Any]:
    return Statement(name, "", unproved, refute=partial(pulled_less, name))


OF_BIASES: Mapping[str, Statement[Any]] = {name: _row(name) for name in _SAID}
"""Rows that such a bias refutes, as statements of their own."""


__all__ = ["OF_BIASES", "share_of_first"]
