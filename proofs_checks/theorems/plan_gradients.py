"""Remark 3.5: doubly stochastic attention, and the energy whose gradient it moves along."""

from __future__ import annotations

from typing import Any

from sympy import S, simplify

from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import discharge, rename, together
from proofs_checks.theorems.order import CHAIN, REPLACE, TOKEN_SUM, relation
from proofs_checks.theorems.plans import BALANCED, Plans
from proofs_checks.theorems.potentials import BALANCED_ROWS
from proofs_checks.theorems.readers import (
    CURVE,
    MOTION,
    OTHER,
    TOKEN,
    pulled,
    solving,
)
from theory.atoms import SinkhornPotential
from theory.symbols import X, m
from theory.terms import (
    Inner,
    Item,
    Name,
    Row,
    Sort,
    ddt,
    is_derivative,
    moving,
    scalar,
    sort_of,
    total,
)

_SWAP = {TOKEN: OTHER, OTHER: TOKEN}


def _marginals(own: Plans) -> tuple[Found, Found, Found]:
    """``Σ_j A_ij = 1``, ``Σ_i m_i A_ij = m_j`` and ``m_i A_ij = m_j A_ji``."""
    i, j, back = TOKEN, OTHER, own.share.xreplace(_SWAP)
    other = apply(rename, own.mass, values={TOKEN: OTHER})
    rows = apply(BALANCED_ROWS, other, share=own.share, index=j)
    mirrored = apply(BALANCED_ROWS, own.mass, share=back, index=i)
    balance = apply(BALANCED, own.mass, own.warm, share=own.share)
    summed = apply(TOKEN_SUM, balance, index=i)
    sums = total(Item(m, j) * back, i), Item(m, j) * total(back, i)
    factored = apply(REPLACE, mirrored, settle(EQUAL, Rel("=", *sums)))
    return rows, apply(CHAIN, summed, factored), balance


def _potential(own: Plans) -> Any:
    return Item(SinkhornPotential(*own.share.args[0].args[:2]), TOKEN)


def _multiplied(fact: Fact, factor: Any) -> Proposition:
    says = relation(fact, "=")
    if not is_derivative(says.left) or moving(factor) or sort_of(says.left) is not Sort.NUMBER:
        raise NotConcluded("it needs the derivative of a number, and a factor that stays")
    return Rel("=", ddt(factor * says.left.args[0]), factor * says.right)


MULTIPLIED = Rule(
    "derivative of a multiple", "a' = b; c stays: (c a)' = c b", "calculus", _multiplied
)


def _slope(own: Plans, energy: Any) -> Found:
    """``E' = Σ_i k (m_i/c) <x_i', v_i>`` of E as it is stated, k times the energy of plans."""
    slope, potential = own.slope, _potential(own)
    alone = {total(Item(m, TOKEN) * potential, TOKEN): S.One}
    times = simplify(-own.heat * energy.xreplace(alone))
    if moving(times):
        return Refusal("the energy is no multiple of Σ_i m_i p_i")
    if times != 1 and isinstance(slope, Theorem):
        assert isinstance(slope.says, Rel)
        rate = slope.says.right
        inside = Rel("=", times * rate, total(times * rate.opened(TOKEN), TOKEN))
        multiple = apply(MULTIPLIED, slope, factor=times)
        slope = apply(CHAIN, multiple, settle(EQUAL, inside))
    if isinstance(slope, Refusal) or slope.says.left == ddt(energy):
        return slope
    stated = settle(EQUAL, Rel("=", slope.says.left.args[0], energy), own.warm)
    return apply(REPLACE, stated, slope)


def plan_slope(own: Plans, energy: Any, pace: Any) -> Found:
    """``E' = Σ_i g_i <x_i', v_i>`` of E as it is stated, v the velocity, for weights g."""
    slope = _slope(own, energy)
    if isinstance(slope, Refusal):
        return slope
    assert isinstance(slope.says, Rel)
    motion = pulled(own.pace * own.share)
    said = total(pace * Inner(motion.left, motion.right), TOKEN)
    if slope.says.right == said:
        return slope
    return apply(CHAIN, slope, settle(EQUAL, Rel("=", slope.says.right, said)))


def plan_gradient(
    subject: Subject, energy: Any, factor: Any, marginal: Any = S.One
) -> Conclusion | Refusal:
    """Claim that rows and columns add up, plans are symmetric, and the velocity is a gradient.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
        E, as it is stated.
    factor : Expr
        c of ``x_i' = c P_i (1/m_i) dE/dx_i``.
    marginal : Expr
        ``Σ_j A_ij``, and ``Σ_i m_i A_ij`` over m_j.

    Examples
    --------
    >>> from theory.models import SINKHORN
    >>> subject = Subject.of(SINKHORN)
    >>> own = [plan_gradient(subject, SINKHORN.energy, S(c)) for c in (1, 2)]
    >>> [one.found.says == one.says.then for one in own]
    [True, False]
    """
    try:
        own = Plans(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    value = scalar(energy)
    if value is None:
        return Refusal("the energy isn't a sum over tokens")
    i, j, share, curve = TOKEN, OTHER, own.share, Is(CURVE, subject)
    plan, motion = Item(m, i) * share, pulled(own.pace * share)
    across = Item(m, i) / factor * Inner(ddt(Row(X, i)), motion.right)
    over = All(
        Rel("=", total(share, j), marginal),
        Rel("=", total(plan, i), marginal * Item(m, j)),
        Rel("=", plan, plan.xreplace(_SWAP)),
        Rel("=", ddt(value), total(across, i)),
    )
    found = apply(
        together,
        apply(discharge, read(MOTION, subject), hypothesis=solving(subject)),
        apply(
            discharge,
            apply(together, *_marginals(own), _slope(own, value)),
            hypothesis=curve,
        ),
    )
    names = (
        Name("E", value),
        Name("v", motion.right, (i,)),
        Name("A", share, (i, j)),
        Name("p", _potential(own), (i,)),
    )
    then = All(Implies(solving(subject), motion), Implies(curve, over))
    return claimed(found, then, (Rel("<", 0, own.heat),), names)
