"""The equation of equiangular configurations, (6.9) and (6.10), for symbolic n.

With several blocks, of equal angles and equal lengths: a closed system of a few scalars.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    Dummy,
    Expr,
    Integral,
    Max,
    Min,
    Piecewise,
    S,
    Symbol,
    default_sort_key,
    exp,
    expand,
    expand_mul,
    factor_terms,
    integrate,
    piecewise_fold,
    together,
)

from theory.bounded import BUDGET, cost, simplified
from theory.derivations.inner_products import GramFlow, closed_flow
from theory.derivations.reduction import NotClosed, Reduction, Residual
from theory.derivations.witness import Obstruction, equal_angles_break
from theory.engines import (
    ClassColumn,
    ClassMatrix,
    EvenMatrix,
    evaluate,
    evaluate_even,
    exchangeable,
    uniform,
)
from theory.latex import latex_equation
from theory.models import Model
from theory.noise import require_noiseless
from theory.symbols import G, X, gamma, m, n, t

SQUARE = Symbol("s", positive=True)
"""Common squared length of tokens that aren't on the sphere."""

_LATER = Symbol("t", positive=True)
"""A time after the start."""


@dataclass(frozen=True)
class Equiangular(Reduction):
    """``gamma' = rate`` for n equal masses with one common inner product gamma.

    Of a layer it is what gamma becomes, ``gamma <- rate``.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    rate : Expr
        Right side in ``gamma``, ``n``, the parameters, and one scalar for each further block.
    others : tuple of (Symbol, Expr)
        That scalar, named like the block, and its right side: ``r' = ...``.
    """

    _shown = ("model", "rate", "others", "invariant", "proved")

    rate: Expr
    others: tuple[tuple[Symbol, Expr], ...] = ()

    def formulas(self) -> list[str]:
        """Write the closed system.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        return [latex_equation(name, rate, self.model.kind) for name, rate in self.rhs.items()]

    @property
    def rhs(self) -> dict[Symbol, Expr]:
        """Right sides of the closed system, by the scalars."""
        return {gamma: self.rate, **dict(self.others)}

    @property
    def decay(self) -> Expr:
        """The law of 1 - gamma near consensus, from 1 at t = 0: ``exp(-∫ Λ)``, Λ the `pace`.

        Raises
        ------
        ValueError
            As for `pace`.
        """
        law = exp(-_since_start(self.pace))
        if law.has(Piecewise, Min, Max):  # a schedule with a jump: one law before, one after
            law = piecewise_fold(law.rewrite(Piecewise))
        return simplified(law).subs(_LATER, t)

    @property
    def pace(self) -> Expr:
        """Λ, the rate of 1 - gamma at gamma = 1, in t: along the scalars as they move there.

        Each is its symbol at t = 0. Angles of a second species, and between the two, are 1 there
        as well.

        Raises
        ------
        ValueError
            When a scalar moves at consensus at a rate that depends on itself, or 1 - gamma at none
        that is finite; for a layer, and for tokens that aren't on the sphere.
        """
        if self.model.kind != "flow" or self.model.space != "sphere":
            raise ValueError(
                f"Expected a flow on the sphere but got model={self.model.name}, a "
                f"{self.model.kind} in space={self.model.space!r}; use rhs instead."
            )
        pace = self._slope
        moved: dict[Any, Any] = {}
        scalars = {symbol for symbol, _ in self.others}
        ones = dict.fromkeys((s for s in scalars if str(s).startswith(f"{gamma}_")), S.One)
        for symbol, rate in self.others:
            speed = simplified(rate.subs({gamma: 1, **ones}))
            if symbol in ones and speed == 0:
                moved[symbol] = S.One
                continue
            if symbol in ones or speed.free_symbols & scalars:
                raise ValueError(
                    f"Expected {symbol}' at consensus in t and the parameters but got "
                    f"{symbol}' = {speed} in model={self.model.name}; integrate rhs instead."
                )
            moved[symbol] = symbol + _since_start(speed)
        return simplified(pace.subs(moved, simultaneous=True)).subs(_LATER, t)

    @property
    def _slope(self) -> Expr:
        """Rate of 1 - gamma at gamma = 1: the slope there, or the quotient if that is infinite.

        Multiplied out it shows its value where parts are infinite: (log 0 - 1)/log 0 is 1.
        """
        rate = self.rate  # it is 0 there
        quotient = -factor_terms(rate) / (gamma - 1)
        for pace in (-rate.diff(gamma), quotient, expand_mul(quotient)):
            found = simplified(pace.subs(gamma, 1))
            if not found.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
                return found
        raise ValueError(
            f"Expected a finite rate of 1 - gamma at consensus but got gamma' = {rate} in "
            f"model={self.model.name}; use rhs instead."
        )


@lru_cache(maxsize=256)
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
        each further block is a column of equal numbers, or a second species of unit rows with
        equal angles, at equal angles to the tokens. Tokens that aren't on the sphere have a common
        squared length s; of a layer it is the map.

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
    require_noiseless(model)
    try:
        return _at_steps(model)
    except (ValueError, NotImplementedError) as refusal:
        try:
            seen = equal_angles_break(model)
        except NotImplementedError:  # no entries to look at
            seen = None
        if seen is None:
            raise
        raise Obstruction(str(refusal), seen) from refusal


def _at_steps(model: Model) -> Equiangular:
    """Derive with a number for each pace by cases: none of its cases matters to the algebra."""
    rates = model.velocities
    cases = {p for rate in rates.values() for p in rate.atoms(Piecewise) if p.has(t)}
    alone = {p for p in cases if p.free_symbols <= {t, *model.parameters}}
    outer = [p for p in alone if not any(p != q and q.has(p) for q in alone)]
    names = {p: Dummy("s", real=True) for p in sorted(outer, key=default_sort_key)}
    if not names:
        return _derived(model)
    hidden = {symbol: rate.xreplace(names) for symbol, rate in rates.items()}
    found = _derived(
        replace(
            model,
            velocity=hidden if len(model.blocks) > 1 else hidden[X],
            energy=None,
            metric=None,
            parameters=(*model.parameters, *names.values()),
        )
    )
    shown = {name: p for p, name in names.items()}
    return replace(
        found,
        model=model,
        proof=tuple(replace(r, value=r.value.xreplace(shown)) for r in found.proof),
        rate=found.rate.xreplace(shown),
        others=tuple((symbol, rate.xreplace(shown)) for symbol, rate in found.others),
    )


def _derived(model: Model) -> Equiangular:
    """Evaluate the Gram flow and the further blocks in the algebra of I and J."""
    flow = closed_flow(model)
    if isinstance(flow, NotClosed):
        raise NotClosed(str(flow))
    if flow.products:
        return _of_species(model, flow)
    scalars = _scalars(model)
    square = S.One if model.space == "sphere" else SQUARE
    values: dict[Any, Any] = {G: exchangeable(square - gamma, gamma), m: uniform(1 / n)}
    values |= {symbol: uniform(scalar) for symbol, scalar in scalars.items()}
    value = evaluate(flow.rate, values)
    assert isinstance(value, ClassMatrix)
    diagonal, rate = value.residuals()
    proof, others = [*flow.proof], []
    if model.space == "sphere":
        proof.append(_unit_length(model, diagonal))
    else:
        others.append((SQUARE, diagonal))
    for symbol, velocity in flow.others:
        column = evaluate(velocity, values)
        assert isinstance(column, ClassColumn)
        if symbol in scalars:
            others.append((scalars[symbol], _joined(column.values[0])))
        else:
            proof.append(Residual("equal masses stay equal", _joined(column.values[0])))
    invariant = "equal masses 1/n, all <x_i,x_j> = gamma > -1/(n-1) for i != j"
    if model.space != "sphere":
        invariant = "equal masses 1/n, all |x_i|^2 = s, all <x_i,x_j> = gamma for i != j"
    if scalars:
        invariant += ", one " + " and one ".join(map(str, scalars.values()))
    return Equiangular(model, invariant, tuple(proof), rate, tuple(others))


def _unit_length(model: Model, diagonal: Expr) -> Residual:
    if model.kind == "map":
        return Residual("the diagonal stays 1", simplified(diagonal - 1))
    return Residual("the diagonal rate is 0", diagonal)


def _scalars(model: Model, species: frozenset[Any] = frozenset()) -> dict[Any, Symbol]:
    """Give a scalar for each column of equal numbers; species aside, no other block is allowed."""
    scalars: dict[Any, Symbol] = {}
    for block in model.blocks[1:]:
        if block.symbol in species:
            continue
        if tuple(block.symbol.shape) != (n, 1) or not block.moves:
            raise NotClosed(
                "Expected further blocks that are columns of equal numbers but got "
                f"block={block.symbol} ({block.space}) in model={model.name}; not equal."
            )
        if block.symbol == m and block.space == "simplex":
            continue  # of equal masses and constant sum: 1/n
        positive = True if block.space in ("positive", "simplex") else None
        scalars[block.symbol] = Symbol(str(block.symbol), positive=positive, real=True)
    return scalars


def _of_species(model: Model, flow: GramFlow) -> Equiangular:
    """Evaluate the flow of all inner products, equal within each species and between two."""
    spaces = {block.symbol: block.space for block in model.blocks}
    species = frozenset({s for p in flow.products for s in (p.left, p.right)} - {X})
    keys = [s for s in species if s not in spaces or spaces[s] not in ("sphere", "constant")]
    if keys or model.space != "sphere" or model.kind != "flow":
        raise NotClosed(
            "Expected a rate that needs inner products of unit tokens alone but got "
            f"{', '.join(f'{p.left} {p.right}^T' for p in flow.products)} in model={model.name}."
        )
    values: dict[Any, Any] = {
        G: EvenMatrix(n, n, 1 - gamma, gamma),
        m: EvenMatrix(n, S.One, S.Zero, 1 / n),
    }
    scalars = _scalars(model, species)
    for symbol, scalar in scalars.items():
        values[symbol] = EvenMatrix(n, S.One, S.Zero, scalar)
    angles = {p.symbol: Symbol(f"gamma_{p.left}{p.right}", real=True) for p in flow.products}
    for p in flow.products:
        own = 1 - angles[p.symbol] if p.left == p.right else S.Zero
        rows, columns = p.symbol.shape
        values[p.symbol] = EvenMatrix(rows, columns, own, angles[p.symbol])
    rate = evaluate_even(flow.rate, values)
    proof = [*flow.proof, Residual("the diagonal rate is 0", _joined(rate.diagonal))]
    others = []
    for p in flow.products:
        value = evaluate_even(p.rate, values)
        if p.left == p.right:
            said = f"the diagonal rate of {p.left} {p.left}^T is 0"
            proof.append(Residual(said, _joined(value.diagonal)))
        if spaces.get(p.left) != "constant" or spaces.get(p.right) != "constant":
            others.append((angles[p.symbol], _joined(value.entry)))
    for symbol, velocity in flow.others:
        entry = _joined(evaluate_even(velocity, values).entry)
        if symbol in scalars:
            others.append((scalars[symbol], entry))
        else:
            proof.append(Residual("equal masses stay equal", entry))
    invariant = "equal masses 1/n, all <x_i,x_j> = gamma for i != j, unit rows of " + ", ".join(
        sorted(map(str, species))
    )
    invariant += " with one inner product each, and one between two species"
    return Equiangular(model, invariant, tuple(proof), _joined(rate.entry), tuple(others))
