"""One attention output at equal angles when β grows like log n: the cosine's limits and errors.

With β = γ log n and g = γ(1-ρ) the cosine of two outputs is a ratio of sums of powers n^{i-gj}. The
largest exponents decide where it tends to, and how fast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Dummy, Expr, Poly, S, Symbol, cancel, exp, expand, fraction, log, oo, together

from theory import symbols
from theory.atoms import RowSoftmax
from theory.derivations import SQUARE, equiangular
from theory.models import Model, catalogue
from theory.predictions.arguments import require_model
from theory.summaries import Summarised
from theory.symbols import X, eta, load, m, n, rho

power = Symbol("u", positive=True)
"""n^{-g}, the weight of another token over a token's own."""

_LONG: Any = catalogue("long context")
(exponent,) = _LONG.parameters

_ATTENTION: Any = RowSoftmax(exponent * log(n) * X * X.T, m) * X

ATTENTION_OUTPUT = Model(
    "attention output",
    _ATTENTION,
    parameters=(exponent,),
    space="euclidean",
    kind="map",
    reference="arXiv 2510.05554",
)
"""``Σ_j A_ij x_j`` at β = exponent·log n, nothing added."""

RESIDUAL_OUTPUT = Model(
    "residual output",
    X + eta * _ATTENTION,
    parameters=(exponent, eta),
    space="euclidean",
    kind="map",
    reference="arXiv 2510.05554",
)
"""``x_i + η Σ_j A_ij x_j`` at β = exponent·log n."""


@dataclass(frozen=True)
class OutputLimits(Summarised):
    """Where the cosine of two outputs tends to as n grows, and the powers of n it is off by.

    Parameters
    ----------
    below, at, above : Expr
        Limits for g < 1, g = 1, g > 1, in ``theory.symbols.rho`` and parameters of the model.
    off_below, off_above : Expr
        Exponents e(g) of the error ``c n^e``, linear in `load`, g; -oo where there is none.
    """

    below: Expr
    at: Expr
    above: Expr
    off_below: Expr
    off_above: Expr


@dataclass(frozen=True)
class Regime(Summarised):
    """A ratio of sums of powers of n in a range of g, by its largest powers.

    Parameters
    ----------
    limit : Expr
        Where it tends to, if `bottom` isn't 0.
    off : Expr
        Exponent of n in what it is off by, if `error` isn't 0.
    bottom : Expr
        Coefficients of the largest powers of the two denominators, of the ratio and of what it is
        off by, multiplied.
    error : Expr
        Coefficient of the power that the ratio less its limit begins with.
    orders : tuple of (leader, others)
        Of numerator and denominator, of the ratio and of what it is off by: the largest power and
        the others, each by two numbers, exponents at both ends of the range or one and its slope.
    """

    limit: Expr
    off: Expr
    bottom: Expr
    error: Expr
    orders: tuple[tuple[Any, tuple[Any, ...]], ...]


@lru_cache(maxsize=32)
def output_cosine(model: Model) -> Expr:
    """Cosine of the outputs of two tokens with equal angles, for every n: a ratio in n and u.

    Parameters
    ----------
    model : Model
        A layer whose scores are multiples of ``exponent·log n``; masses 1/n, unit inputs.

    Returns
    -------
    Expr
        In n, `power` = n^{-g}, ``theory.symbols.rho`` and the other parameters.

    Raises
    ------
    ValueError
        For a layer that leaves equal angles, or whose weights aren't powers of n.

    Examples
    --------
    >>> output_cosine(ATTENTION_OUTPUT).subs(power, 1)
    1
    """
    require_model(model)
    found = equiangular(model)
    if model.kind != "map" or not found.proved:
        raise ValueError(f"Expected a layer that keeps equal angles but got model={model.name}.")
    after = found.rhs
    ratio = together(after[symbols.gamma] / after.get(SQUARE, S.One)).subs(SQUARE, 1)
    own = Dummy("own", positive=True)
    ratio = ratio.replace(
        lambda part: isinstance(part, exp), lambda part: _as_power(part.args[0], own, model)
    )
    ratio = cancel(ratio.subs(symbols.gamma, rho))
    if own in ratio.free_symbols or exponent in ratio.free_symbols:
        raise ValueError(
            f"Expected weights e^(γ log n (<x_i,x_j> - 1)) but got model={model.name}, whose "
            "weights are no powers of n^(-g)."
        )
    return ratio


def _as_power(argument: Expr, own: Expr, model: Model) -> Expr:
    """``e^{γ log n (a + bρ)} = n^{γ(a+b)} n^{-gb}``."""
    heat = Poly(expand(argument / (exponent * log(n))), symbols.gamma)
    if heat.degree() > 1 or not all(value.is_number for value in heat.all_coeffs()):
        raise ValueError(
            f"Expected scores exponent·log(n)·<x_i,x_j> but got an exponent {argument} in "
            f"model={model.name}."
        )
    slope = heat.coeff_monomial(symbols.gamma)
    start = heat.coeff_monomial(1)
    return own ** (start + slope) * power**slope


# -- largest exponents -----------------------------------------------------------------------------

Order = Callable[[tuple[int, int]], tuple[Any, ...]]
"""What monomials n^i u^j are compared by in a range of g; the largest leads there."""

Terms = dict[tuple[int, int], Expr]


def _below(monomial: tuple[int, int]) -> tuple[Any, ...]:
    i, j = monomial
    return i, i - j  # i - gj at both ends of 0 < g < 1


def _above(monomial: tuple[int, int]) -> tuple[Any, ...]:
    i, j = monomial
    return i - j, -j  # i - gj at g = 1, and its slope


def _terms(expr: Expr) -> Terms:
    return dict(Poly(expand(expr), n, power).terms()) if expr != 0 else {}


def _leader(terms: Terms, keys: Order) -> tuple[int, int]:
    """Monomial that is largest throughout a range: by each of two keys, linear in g between."""
    best = max(terms, key=keys)
    if any(a > b for term in terms for a, b in zip(keys(term), keys(best), strict=True)):
        raise ValueError(
            "Expected one largest power of n in a whole range of g but got a change within it; "
            "the threshold isn't g = 1."
        )
    return best


def _regime(ratio: Expr, keys: Order) -> Regime:
    """Read the limit and the error of a ratio off its largest powers."""
    above, below = (_terms(part) for part in fraction(ratio))
    lead, base = _leader(above, keys), _leader(below, keys)
    if lead == base:
        limit = cancel(above[lead] / below[base])
    elif all(a <= b for a, b in zip(keys(lead), keys(base), strict=True)):
        limit = S.Zero
    else:
        raise ValueError("Expected a cosine but got a ratio that grows with n.")
    left, under = (_terms(part) for part in fraction(cancel(ratio - limit)))
    if not left:
        orders = (_order(above, lead, keys), _order(below, base, keys))
        return Regime(limit, -oo, below[base], S.Zero, orders)
    first, last = _leader(left, keys), _leader(under, keys)
    off = first[0] - last[0] - load * (first[1] - last[1])
    tables = ((above, lead), (below, base), (left, first), (under, last))
    all_orders = tuple(_order(terms, leader, keys) for terms, leader in tables)
    bottom, error = below[base] * under[last], cancel(left[first] / under[last])
    return Regime(limit, off, bottom, error, all_orders)


def _order(terms: Terms, leader: tuple[int, int], keys: Order) -> tuple[Any, tuple[Any, ...]]:
    return keys(leader), tuple(keys(term) for term in terms if term != leader)


@lru_cache(maxsize=32)
def output_regimes(model: Model) -> tuple[Regime, Regime, Regime]:
    """Read the cosine of two outputs for g < 1, at g = 1, and for g > 1, as n grows.

    Parameters
    ----------
    model : Model
        The model.

    Raises
    ------
    ValueError
        As `output_cosine`; or where the largest power changes elsewhere than at g = 1.
    """
    ratio = output_cosine(model)
    at = cancel(ratio.subs(power, 1 / n))
    return _regime(ratio, _below), _regime(at, _below), _regime(ratio, _above)


def output_limit(model: Model, place: Expr) -> Expr:
    """Limit of the cosine of two outputs at one number g, wherever the thresholds are.

    Parameters
    ----------
    model : Model
        The model.
    place : Expr
        Where, in units of the threshold.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> from sympy import Rational
    >>> output_limit(ATTENTION_OUTPUT, Rational(1, 2)), output_limit(ATTENTION_OUTPUT, S(2))
    (1, rho)
    """
    tops = []
    for part in fraction(output_cosine(model)):
        terms = _terms(part)
        top = max(i - place * j for i, j in terms)
        found = sum((c for (i, j), c in terms.items() if i - place * j == top), S.Zero)
        tops.append((top, found))
    (lead, above), (base, below) = tops
    return cancel(above / below) if lead == base else S.Zero if lead < base else oo


@lru_cache(maxsize=32)
def output_limits(model: Model) -> OutputLimits:
    """Limits of the cosine of two outputs as n grows, and the order of the errors.

    Parameters
    ----------
    model : Model
        As of `output_cosine`.

    Returns
    -------
    OutputLimits

    Raises
    ------
    ValueError
        As `output_cosine`; or where the largest power changes elsewhere than at g = 1.

    Examples
    --------
    >>> found = output_limits(ATTENTION_OUTPUT)
    >>> found.below, found.at, found.above
    (1, 4*rho/(3*rho + 1), rho)
    >>> found.off_below, found.off_above
    (2*g - 2, 1 - g)
    """
    below, at, above = output_regimes(model)
    return OutputLimits(below.limit, at.limit, above.limit, below.off, above.off)


__all__ = [
    "ATTENTION_OUTPUT",
    "RESIDUAL_OUTPUT",
    "OutputLimits",
    "Regime",
    "output_cosine",
    "output_limit",
    "output_limits",
    "output_regimes",
    "power",
]
