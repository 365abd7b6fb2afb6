"""Rows that one state of tokens beside a second species refutes: keys, or an encoder's tokens.

Read of the tokens alone, whatever the second species is. Tokens x = (4/5, ±3/5) are pulled apart by
y = ±e_2; keys w, -w keep the tokens of two caps apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import (
    Dummy,
    Expr,
    Integer,
    MatAdd,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Transpose,
    tanh,
)

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import unproved
from proofs_checks.own_model.two_species import species_of
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Statement,
    Witness,
    decimal,
    row_dot,
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import heats_over
from theory.atoms import RowSoftmax, Tangent
from theory.symbols import X, beta, d, m, t

_HEAT = Integer(2)
"""β where it is free: e-fold weights are enough for either state."""
_NEAR, _FAR = Rational(4, 5), Rational(3, 5)


def species(flow: Flow) -> MatrixSymbol | None:
    """Return the one block beside the tokens of a flow on the sphere, of vectors, if it has one."""
    model = flow.model
    others = [block for block in model.blocks if block.symbol != X]
    if model.kind != "flow" or model.space != "sphere" or flow.code or model.noise is not None:
        return None
    known = len(others) == 1 and others[0].space in ("sphere", "constant")
    return others[0].symbol if known and others[0].symbol.shape[1] == d else None


def _at(flow: Flow, budget: Budget, rows: Any, others: Any) -> tuple[Witness, Any]:
    """Return the start with two tokens and two of the other species, and the tokens' velocity."""
    velocity = flow.model.velocities[X].xreplace(flow.values)
    point = Witness(budget.rng, [velocity], tokens=2, width=2)
    point.matrices |= {X: rows, species(flow): others, m: [[S.Half], [S.Half]]}
    point.scalars |= {beta: _HEAT} if beta in point.scalars else {}
    point.scalars |= {t: S.Zero} if t in point.scalars else {}
    return point, point.evaluator()(velocity)


def pulled_apart(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens at <x_1,x_2> > 0 that a second species pulls apart.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import catalogue
    >>> flow, budget = Flow.of(catalogue("cross-attention")), Budget(1, np.random.default_rng(0))
    >>> print(pulled_apart(flow, None, budget).text[:40])
    d<x_1,x_2>/dt = -1.28049, <x_1,x_2> = 7/
    """
    if species(flow) is None:
        return None
    rows = [[_NEAR, _FAR], [_NEAR, -_FAR]]
    point, (first, second) = _at(flow, budget, rows, [[S.Zero, S.One], [S.Zero, S.NegativeOne]])
    rate = row_dot(first, rows[1]) + row_dot(second, rows[0])
    if not rate.b < 0:
        return None
    inner = _NEAR**2 - _FAR**2
    said = f"d<x_1,x_2>/dt = {decimal(rate)}, <x_1,x_2> = {inner}, of the tokens alone, at {point}"
    return Counterexample(said, {"n": "2", "d": ">= 2"})


def _attends(flow: Flow) -> RowSoftmax | None:
    """Return the softmax of scores c <x_i,y_a> by which tokens see keys that stay, and them alone.

    Then <x_i,w>' is a function of <x_i,w> where the keys are w and -w.
    """
    keys, velocity = species(flow), flow.model.velocities[X]
    if keys is None or keys in flow.model.velocities or not isinstance(velocity, Tangent):
        return None
    parts = (MatMul(part).doit().as_coeff_mmul() for part in MatAdd.make_args(velocity.field))
    # P_i takes out what is along x_i
    seen = [(scale, part) for scale, part in parts if part.doit() != X]
    if velocity.points != X or len(seen) != 1:
        return None
    scale, factors = seen[0][0], MatMul.make_args(seen[0][1])
    softmax = factors[0]
    positive = scale.xreplace({t: Dummy(nonnegative=True)}).is_positive
    if len(factors) != 2 or factors[1] != keys or not positive:
        return None
    if type(softmax) is not RowSoftmax or getattr(softmax, "mask", None) is not None:
        return None
    if keys.shape[0].is_Integer and keys.shape[0] != 2:
        return None
    heat, score = MatMul(softmax.scores).doit().as_coeff_mmul()
    own = MatMul(X, Transpose(keys)).doit()
    return softmax if score == own and not heat.has(X, keys, t) else None


def kept_apart(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find keys w, -w about which two caps keep their tokens."""
    if _attends(flow) is None:
        return None
    rows = [[_FAR, _NEAR], [-_FAR, _NEAR]]
    point, (first, second) = _at(flow, budget, rows, [[S.One, S.Zero], [S.NegativeOne, S.Zero]])
    if not (first[0].a > 0 and second[0].b < 0):
        return None
    rates = f"{decimal(first[0])} and {decimal(second[0])} at {point}"
    caps = f"keys w, -w: <x_i,w>' depends on <x_i,w> alone, and at ±{_FAR} it is {rates}"
    rest = "so tokens stay in their caps, for keys near these too: an open set of starts"
    return Counterexample(f"{caps}, {rest}", {"n": ">= 2", "d": ">= 2"})


def _attends_evenly(flow: Flow) -> RowSoftmax | None:
    """Return the softmax over keys that stay, where all of them weigh the same."""
    softmax = _attends(flow)
    even = softmax is not None and isinstance(softmax.masses, OneMatrix)
    return softmax if even else None


def _positive_heat(flow: Flow) -> Expr | None:
    """Return the factor of its scores, at β = 2 where it is free; None unless it is > 0."""
    softmax = _attends_evenly(flow)
    if softmax is None:
        return None
    factor = MatMul(softmax.scores).doit().as_coeff_mmul()[0]
    heat = factor.xreplace(flow.values).subs(beta, _HEAT)
    return heat if heat.is_number and heat.is_positive else None


def keys_part(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find keys (±a, c), c > 0, that keep two caps apart, in the open hemisphere of e_2.

    With T = tanh(h a s), s = <x,e_1>, weights of the two differ by T, so <x,e_1>' over the factor
    is ``a T (1-s²) - s c <x,e_2>``, at s = 3/5 at least (16/25) a T - (12/25) c.
    """
    if (heat := _positive_heat(flow)) is None:
        return None
    for k in range(3, 100):
        a, c = Rational(k * k - 1, k * k + 1), Rational(2 * k, k * k + 1)
        least = _NEAR**2 * a * tanh(heat * a * _FAR) - _NEAR * _FAR * c
        if least.is_positive:
            text = (
                f"keys (±{a}, {c}), scores {heat} <x_i,y_a>: where <x,e_1> = ±3/5 it moves outward "
                f"by {least.evalf(6)} times the factor at least, so the caps <x,e_1> >= 3/5 and "
                "<= -3/5 keep their tokens: an open set of starts and keys, some of both in one "
                "open hemisphere, about e_2"
            )
            return Counterexample(text, {"n": ">= 2", "d": ">= 2"})
    return None


def keys_divide(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find that keys w, -w keep the sign of every <x_i,w>, however small β > 0 is."""
    if _positive_heat(flow) is None:
        return None
    text = (
        "keys w, -w, scores h <x_i,y_a>, h > 0: <x_i,w>' is a factor times tanh(h <x_i,w>) "
        "(1-<x_i,w>²), so signs of <x_i,w> stay, of starts near <x_i,w> = 0 too: consensus has the "
        "probability 2^(1-n) at most"
    )
    return Counterexample(text, {"n": ">= 2", "d": ">= 2"})


def keys_drag(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find keys (ε, 0, ±√(1-ε²)), which drag tokens of the plane of e_1, e_2 as slowly as asked."""
    if _attends_evenly(flow) is None:
        return None
    text = (
        "keys (ε, 0, ±√(1-ε²)), all tokens at x = (3/5, 4/5, 0), a factor c: both keys weigh 1/2, "
        "so x' = c ε P_x e_1, x tends to e_1, and α = <x,e_1> has α' <= 2 c ε (1-α): for small ε "
        "less than any constant times 1-α, which falls more slowly than any given exponential"
    )
    return Counterexample(text, {"n": "symbolic", "d": ">= 3"})


def others_rest(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find lowest tokens that see only their equals, which are a species of their own."""
    found = species_of(flow)
    if found is None or not found.closed:
        return keys_part(flow, None, budget)
    text = (
        f"tokens of {found.common} at (4/5, 3/5), all others at w = e_1: those of {found.common} "
        "see their equals alone, so they rest, lowest, away from consensus"
    )
    return Counterexample(text, {"n": ">= 1", "d": ">= 2"})


def energy_falls(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens of mass 1/2 that part: E of SA is a constant and e^{βg}/(4β)."""
    found = None if flow.model.energy is not None else pulled_apart(flow, None, budget)
    if found is None or beta not in flow.model.velocities[X].free_symbols:
        return None
    return replace(found, text=f"E of SA rises with <x_1,x_2>, and {found.text}")


def rests(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find that at β = 0 keys w, -w of one weight move nobody."""
    softmax = _attends_evenly(flow)
    if softmax is None or softmax.scores.xreplace({beta: S.Zero}).doit().has(X):
        return None
    said = "keys w, -w: x_i' = P_i (w - w)/2 = 0, so nobody moves; where Σ_a y_a ≠ 0 all meet"
    return Counterexample(said, {"n": ">= 2", "d": ">= 2", "beta": "0"})


def one_pulls(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find tokens that are one, pulled off by another species: P_i Σ_j m_j x_j is 0 there."""
    if species(flow) is None:
        return None
    cold = Flow.of(flow.model, **{**flow.given, str(beta): 0})
    rows = [[_NEAR, _FAR], [_NEAR, _FAR]]
    point, (first, _) = _at(cold, budget, rows, [[S.One, S.Zero], [S.One, S.Zero]])
    if not first[0].a > 0:
        return None
    said = f"x_1' has the component {decimal(first[0])}, where P_1 Σ_j m_j x_j = 0, at {point}"
    return Counterexample(f"β = 0: {said}", {"n": "2", "d": ">= 2", "beta": "0"})


def two_sums(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find that two softmaxes of one token, over two species, have no sum in common."""
    if flow.code or species_of(flow) is None:
        return None
    heats = heats_over(Subject.of(flow.model, flow.values)) or {}
    if len(heats) != 2:
        return None
    heat = heats[X].subs(beta, _HEAT)
    if not (heat.is_number and heat.is_nonzero):
        return None
    text = (
        "x_1 = e_1, x_2 = e_2, masses 1/2, all others e_3: x_1' is along e_2 a share 1/(e^h+1) and "
        f"along e_3 1, without the sums 1/2 and 1, h = {heat}: no factor takes one to the other"
    )
    return Counterexample(text, {"n": "2", "d": ">= 3"})


def _row(name: str, refute: Any) -> Statement[None]:
    return Statement(name, "", unproved, refute=refute, several_blocks=True)


_PARTED = ("Theorem 6.3", "Lemma 6.4", "Theorem 6.7")
"""Rows of uniform data, or on a hemisphere, that an open set of starts and keys refutes."""
_DIVIDED = ("circle", "Theorem 4.2", "Theorem 4.3", "Theorem 5.1", "Remark 6.5")
"""Rows of consensus from almost every start, or near it, that keys refute at every β > 0."""
OF_KEYS: Mapping[str, Statement[None]] = {
    one.name: one
    for one in (
        *(_row(name, keys_part) for name in _PARTED),
        *(_row(name, keys_divide) for name in _DIVIDED),
        *(_row(name, keys_drag) for name in ("(6.7)", "(6.8)")),
        _row("(6.3)", others_rest),
        _row("(4.3)", rests),
        _row("(4.1)", one_pulls),
        _row("(3.3)", two_sums),
        _row("energy ascent", energy_falls),
    )
}
"""Rows that a second species refutes, as statements of their own."""


__all__ = [
    "OF_KEYS",
    "kept_apart",
    "keys_divide",
    "keys_part",
    "one_pulls",
    "pulled_apart",
    "rests",
]
