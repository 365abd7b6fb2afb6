"""The equation of equiangular configurations, (6.9) and (6.10), for symbolic n.

With several blocks, of equal angles and equal lengths: a closed system of a few scalars.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Expr,
    Integral,
    Max,
    Min,
    Piecewise,
    S,
    Symbol,
    exp,
    expand,
    integrate,
    piecewise_fold,
    together,
)

from theory.bounded import BUDGET, cost, simplified
from theory.derivations.inner_products import gram_flow
from theory.derivations.reduction import NotClosed, Reduction, Residual, require_flow
from theory.derivations.witness import Obstruction, equal_angles_break
from theory.engines import ClassColumn, ClassMatrix, evaluate, exchangeable, uniform
from theory.models import Model
from theory.symbols import G, gamma, m, n, t

_LATER = Symbol("t", positive=True)
"""A time after the start."""


@dataclass(frozen=True)
class Equiangular(Reduction):
    """``gamma' = rate`` for n equal masses with one common inner product gamma.

    Attributes
    ----------
    rate : Expr
        Right side in ``gamma``, ``n``, the parameters, and one scalar for each further block.
    others : tuple of (Symbol, Expr)
        That scalar, named like the block, and its right side: ``r' = ...``.
    """

    rate: Expr
    others: tuple[tuple[Symbol, Expr], ...] = ()

    @property
    def rhs(self) -> dict[Symbol, Expr]:
        """Right sides of the closed system, by the scalars."""
        return {gamma: self.rate, **dict(self.others)}

    @property
    def decay(self) -> Expr:
        """The law of 1 - gamma near consensus, from 1 at t = 0: ``exp(-∫ Λ)``.

        Λ is the rate of 1 - gamma at gamma = 1, along the scalars as they move there, each from its
        symbol at t = 0.

        Raises
        ------
        ValueError
            When a scalar moves at consensus at a rate that depends on itself.
        """
        pace = simplified(-self.rate.diff(gamma).subs(gamma, 1))  # the rate is 0 there
        moved: dict[Any, Any] = {}
        scalars = {symbol for symbol, _ in self.others}
        for symbol, rate in self.others:
            speed = simplified(rate.subs(gamma, 1))
            if speed.free_symbols & scalars:
                raise ValueError(
                    f"Expected {symbol}' at consensus in t and the parameters but got "
                    f"{symbol}' = {speed} in model={self.model.name}; integrate rhs instead."
                )
            moved[symbol] = symbol + _since_start(speed)
        law = exp(-_since_start(simplified(pace.subs(moved, simultaneous=True))))
        if law.has(Piecewise, Min, Max):  # a schedule with a jump: one law before, one after
            law = piecewise_fold(law.rewrite(Piecewise))
        return simplified(law).subs(_LATER, t)


def _joined(expr: Expr) -> Expr:
    """Put a rate over one denominator, the exponents multiplied out."""
    plain = expr.replace(lambda part: isinstance(part, exp), lambda part: exp(expand(part.args[0])))
    whole = together(plain).factor()
    return whole if whole.count_ops() <= plain.count_ops() else plain


def _since_start(rate: Expr) -> Expr:
    """Integrate a rate from 0 to t > 0."""
    now = Symbol("s", nonnegative=True)
    part = rate.subs({t: now, _LATER: now})
    if now not in part.free_symbols:
        return part * _LATER
    if cost(part) > BUDGET:
        return Integral(part, (now, S.Zero, _LATER))
    total = integrate(part, (now, S.Zero, _LATER), meijerg=False)
    return Integral(part, (now, S.Zero, _LATER)) if total.has(Integral) else total


@lru_cache(maxsize=64)
def equiangular(model: Model) -> Equiangular:
    """Derive the equation of equiangular configurations, (6.9) and (6.10), for symbolic n.

    Parameters
    ----------
    model : Model
        A flow that treats all tokens alike and whose Gram flow closes. The masses are 1/n each;
        each further block is a column of equal numbers.

    Returns
    -------
    Equiangular
        The rate at ``G = (1 - gamma) I + gamma J``: one number off the diagonal, so the set is
        invariant once the diagonal residual is zero.

    Raises
    ------
    Obstruction
        When the set isn't invariant: the flow tells tokens apart, as masks and positions do, or
        prefers directions, as value matrices do. The witness is an equiangular start whose inner
        products, or columns, become different at once.
    NotClosed, ValueError
        When the equations don't close and no such start is found.

    Examples
    --------
    >>> from theory.models import CAUSAL, PRE_LN, USA
    >>> equiangular(USA).rate
    -2*(gamma - 1)*(gamma*n - gamma + 1)*exp(beta*gamma)/n
    >>> equiangular(PRE_LN).decay
    r**2/(r + t)**2
    >>> try:
    ...     equiangular(CAUSAL)
    ... except Obstruction as found:
    ...     print(found.witness.statement)
    all <x_i,x_j> = 40/49, yet <x_3,x_4>' = 0.237135 and <x_1,x_2>' = 0.143971
    """
    require_flow(model)
    try:
        return _derived(model)
    except (ValueError, NotImplementedError) as refusal:
        try:
            seen = equal_angles_break(model)
        except NotImplementedError:  # no entries to look at
            seen = None
        if seen is None:
            raise
        reason = refusal.reason if isinstance(refusal, Obstruction) else str(refusal)
        raise Obstruction(reason, seen) from refusal


def _derived(model: Model) -> Equiangular:
    """Evaluate the Gram flow and the further blocks in the algebra of I and J."""
    flow = gram_flow(model)
    if flow.products:
        raise NotClosed(
            "Expected a rate that needs inner products of tokens alone but got "
            f"{', '.join(f'{p.left} {p.right}^T' for p in flow.products)} in model={model.name}."
        )
    values: dict[Any, Any] = {G: exchangeable(1 - gamma, gamma), m: uniform(1 / n)}
    scalars: dict[Any, Symbol] = {}
    for block in model.blocks[1:]:
        if tuple(block.symbol.shape) != (n, 1) or not block.moves:
            raise NotClosed(
                "Expected further blocks that are columns of equal numbers but got "
                f"block={block.symbol} ({block.space}) in model={model.name}; not equal."
            )
        if block.symbol == m and block.space == "simplex":
            continue  # of equal masses and constant sum: 1/n
        positive = True if block.space in ("positive", "simplex") else None
        scalars[block.symbol] = Symbol(str(block.symbol), positive=positive, real=True)
        values[block.symbol] = uniform(scalars[block.symbol])
    value = evaluate(flow.rate, values)
    assert isinstance(value, ClassMatrix)
    diagonal, rate = value.residuals()
    proof = [*flow.proof, Residual("the diagonal rate is 0", diagonal)]
    others = []
    for symbol, velocity in flow.others:
        column = evaluate(velocity, values)
        assert isinstance(column, ClassColumn)
        if symbol in scalars:
            others.append((scalars[symbol], _joined(column.values[0])))
        else:
            proof.append(Residual("equal masses stay equal", _joined(column.values[0])))
    invariant = "equal masses 1/n, all <x_i,x_j> = gamma > -1/(n-1) for i != j"
    if scalars:
        invariant += ", one " + " and one ".join(map(str, scalars.values()))
    return Equiangular(model, invariant, tuple(proof), rate, tuple(others))
