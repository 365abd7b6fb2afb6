"""What SymPy may be asked about a user's kernel: calls with a budget, and what to do beyond it.

`simplify`, `factor` and `expand` may take minutes on an expression of one line. The budgets count
operations, not seconds, so that an answer doesn't depend on the machine: beyond them an expression
stays as it is, or a question stays open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from time import thread_time

import sympy as sp
from sympy import Add, Expr, Function, Mul, Pow, Rational, S

from theory.symbols import z

BUDGET = 100
"""Largest `cost` of what is simplified."""

TERMS = 300
"""Most terms, as an upper bound, of what is multiplied out."""

NOISE = Rational(1, 10**60)
"""Far above what SymPy makes of an exact zero, which it looks at with a hundred digits."""

_WHOLE = (3, 4, 7, 9)
"""Values of symbols that are integers."""

FAR = 1e-6
"""A value beyond is no rounding of 0."""

_PLACES = (Rational(-5, 7), Rational(1, 3), Rational(9, 10))
_VALUES = (Rational(5, 8), Rational(9, 4), Rational(11, 8), Rational(7, 2))


class BudgetSpentError(Exception):
    """Decisions have spent the CPU seconds that they were given."""


@dataclass
class _Meter:
    """CPU seconds that decisions have left, and when the one that runs began."""

    left: float
    since: float | None = None


_METER: ContextVar[_Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered(seconds: float) -> Iterator[None]:
    """Give the decisions inside so many CPU seconds in all.

    What runs counts by itself, at its `checkpoint`: no signal and no other thread is used.

    Examples
    --------
    >>> with metered(0):
    ...     simplified(sp.sin(z) ** 2 + sp.cos(z) ** 2 - sp.cosh(z))
    Traceback (most recent call last):
    ...
    theory.bounded.BudgetSpentError
    """
    token = _METER.set(_Meter(seconds))
    try:
        yield
    finally:
        _METER.reset(token)


@contextmanager
def deciding() -> Iterator[None]:
    """Count the time inside, of the outermost decision: compiling and runs between aren't any."""
    meter = _METER.get()
    if meter is None or meter.since is not None:
        yield
        return
    meter.since = thread_time()
    try:
        checkpoint()
        yield
    finally:
        meter.left -= thread_time() - meter.since
        meter.since = None


def checkpoint() -> None:
    """End a decision whose seconds are spent.

    Raises
    ------
    BudgetSpentError
    """
    meter = _METER.get()
    if meter is not None and meter.since is not None:
        if thread_time() - meter.since >= meter.left:
            raise BudgetSpentError


def cost(expr: Expr) -> int:
    """Count operations, times the different functions in it: `simplify` tries rules for each pair.

    Examples
    --------
    >>> cost(sp.sin(z)), cost(sp.sin(z) * sp.tanh(z))
    (1, 6)
    """
    return int(expr.count_ops()) * max(len(expr.atoms(Function)), 1)


def by_cases(expr: Expr) -> Expr:
    """Simplify, each case of a `Piecewise` by itself.

    SymPy would compare the cases, at random numbers, which takes most of its time.

    Examples
    --------
    >>> by_cases(1 + sp.Piecewise((z**2 / z, z < 1), (sp.cos(z) ** 2 + sp.sin(z) ** 2, True)))
    Piecewise((z + 1, z < 1), (2, True))
    """
    if expr.has(sp.Piecewise) and isinstance(cases := sp.piecewise_fold(expr), sp.Piecewise):
        return sp.Piecewise(*((sp.simplify(case), where) for case, where in cases.args))
    return sp.simplify(expr)


@lru_cache(maxsize=4096)
def simplified(expr: Expr) -> Expr:
    """Simplify what is cheap, and leave the rest as it is.

    Examples
    --------
    >>> simplified(sp.cos(z) ** 2 + sp.sin(z) ** 2)
    1
    """
    if cost(expr) > BUDGET:
        return expr
    with deciding():
        checkpoint()
        if expanded_terms(expr) <= TERMS and sp.expand(expr) == 0:  # a tenth of the time
            return S.Zero
        return by_cases(expr)


def affordable(expr: Expr) -> bool:
    """Whether SymPy may be asked for a limit: no call of it can be ended, so none is long.

    What has spent its seconds asks nothing more.
    """
    checkpoint()
    return cost(expr) <= BUDGET


def primitive(expr: Expr, x: sp.Symbol) -> Expr | None:
    """Antiderivative by SymPy's rules; None where it has none, or is too long to be asked.

    The searches among SymPy's methods (heurisch, Meijer G) may take minutes on half a line.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> primitive(x * sp.exp(x), x)
    (x - 1)*exp(x)
    >>> primitive(sp.exp(x**2) * sp.cos(x), x)
    """
    return _primitive(expr, x) if affordable(expr) else None


@lru_cache(maxsize=256)
def _primitive(expr: Expr, x: sp.Symbol) -> Expr | None:
    """Integrate: rows of one model ask for the same few clocks, dozens of times."""
    parts = _product(expr, x)
    if parts is not None and parts[1].as_numer_denom()[0].is_nonzero:
        return expr / parts[1]  # c e^{rx}: SymPy's rules take a fifth of a second
    found = sp.integrate(expr, x, heurisch=False, meijerg=False)
    return None if found.has(sp.Integral) else found


def _is_far(expr: Expr) -> bool:
    """Whether a value of an expression, at ordinary values of its symbols, is far from 0."""
    values = {**generic_values(expr), z: _PLACES[1]}
    number = expr.evalf(15, subs=values, maxn=20)
    return bool(number.is_number and number.is_finite and abs(complex(number)) > FAR)


@lru_cache(maxsize=4096)
def remainder(difference: Expr) -> Expr:
    """Give 0 where a difference simplifies to that, and otherwise what is left, as it stands.

    A value far from 0 settles it; simplifying what is left would be for its looks alone.

    Examples
    --------
    >>> remainder(sp.cosh(z) + sp.sinh(z) - sp.exp(z)), remainder(sp.sin(z) - sp.cos(z))
    (0, sin(z) - cos(z))
    """
    return difference if _is_far(difference) else simplified(difference)


def generic_values(expr: Expr, choice: int = 0) -> dict[Expr, Rational]:
    """Give values at which nothing happens by chance to all symbols but z, as they are assumed.

    There are four choices of them.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> generic_values(beta * z), generic_values(beta * z, 3)
    ({beta: 5/8}, {beta: 7/2})
    """
    values = {}
    for k, name in enumerate(sorted(expr.free_symbols - {z}, key=str), start=choice):
        size = sp.Integer(_WHOLE[k % 4]) if name.is_integer else _VALUES[k % 4]
        if (name.is_even and size % 2) or (name.is_odd and size % 2 == 0):
            size += 1
        values[name] = -size if name.is_nonpositive else size
    return values


@lru_cache(maxsize=4096)
def vanishes(expr: Expr) -> bool | None:
    """Whether an expression in z and parameters is 0 throughout; None beyond the budget.

    A value that isn't 0 settles it; where there is none, only algebra does.

    Examples
    --------
    >>> vanishes(sp.cosh(z) + sp.sinh(z) - sp.exp(z)), vanishes(sp.sin(z))
    (True, False)
    """
    expr = sp.sympify(expr)
    if expr == 0:
        return True
    values = generic_values(expr)
    for place in _PLACES if z in expr.free_symbols else _PLACES[:1]:
        value = expr.xreplace({**values, z: place})
        number = sp.N(value, 20)
        if number.is_number and number.is_finite and abs(number) > NOISE:
            return False
    # One value more, with a thousand digits: e^{-500} isn't 0.
    number = sp.N(value, 20, maxn=1000)
    if number.is_number and number.is_finite and abs(number) > NOISE**10:
        return False
    if expr.is_zero:
        return True
    return bool(simplified(expr) == 0) if cost(expr) <= BUDGET else None


def expanded_terms(expr: Expr) -> int:
    """Bound the number of terms that multiplying out gives.

    Examples
    --------
    >>> expanded_terms((1 + z + sp.exp(z)) ** 7 * (1 + z))
    72
    """
    if isinstance(expr, Add):
        return sum(map(expanded_terms, expr.args))
    if isinstance(expr, Mul):
        total = 1
        for factor in expr.args:
            total *= expanded_terms(factor)
        return total
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
        inside, power = expanded_terms(expr.base), int(expr.exp)
        return comb(inside + power - 1, power)
    return max((expanded_terms(arg) for arg in expr.args if isinstance(arg, Expr)), default=1)


def quotient(above: Expr, below: Expr) -> Expr:
    """Divide two kernels: as they stand where one is a multiple of the other, else simplified.

    Examples
    --------
    >>> quotient(3 * sp.tanh(50 * z), sp.tanh(50 * z)), quotient(z**2 + z, z)
    (3, z + 1)
    """
    plain = sp.factor_terms(above) / sp.factor_terms(below)
    return simplified(plain) if z in plain.free_symbols else plain


@lru_cache(maxsize=256)
def exponential_parts(kernel: Expr) -> tuple[Expr, Expr] | None:
    """Read a kernel as ``c e^{rz}``, at a bounded price.

    The factors are read as they stand; where that doesn't settle it, the logarithmic derivative is
    evaluated at a few points, which excludes nearly all that is no exponential; what is left is
    simplified if that is cheap.

    Parameters
    ----------
    kernel : Expr
        In ``theory.symbols.z``.

    Returns
    -------
    (Expr, Expr) or None
        c and r, free of z; None for another kernel, for 0, and for a long one that isn't a product
        of exponentials as it stands.

    Examples
    --------
    >>> from sympy import cosh, exp, sinh
    >>> exponential_parts(3 * exp(2 * z + 1))
    (3*E, 2)
    >>> exponential_parts(cosh(z) + sinh(z)), exponential_parts(cosh(z))
    ((1, 1), None)
    """
    kernel = sp.sympify(kernel)
    if kernel == 0:
        return None
    read = _product(kernel)
    if read is not None:
        return read
    if _bends(kernel) or cost(kernel) > BUDGET:
        return None
    rate = simplified(kernel.diff(z) / kernel)
    if z in rate.free_symbols:
        return None
    coefficient = simplified(kernel * sp.exp(-rate * z))
    return None if z in coefficient.free_symbols else (coefficient, rate)


def _product(kernel: Expr, x: Expr = z) -> tuple[Expr, Expr] | None:
    """Read a product of numbers, parameters and exponentials in x as it stands."""
    coefficient, rate = S.One, S.Zero
    for factor in Mul.make_args(kernel):
        if x not in factor.free_symbols:
            coefficient *= factor
            continue
        base, exponent = factor.as_base_exp()
        if isinstance(factor, sp.exp):
            base, exponent = S.Exp1, factor.args[0]
        slope = exponent.diff(x)
        if x in base.free_symbols or x in slope.free_symbols:
            return None
        coefficient *= base ** exponent.subs(x, 0)
        rate += slope * (S.One if base is S.Exp1 else sp.log(base))
    return coefficient, rate


def _bends(kernel: Expr) -> bool:
    """Whether the logarithmic derivative is seen to change, at some values of the parameters."""
    ratio = (kernel.diff(z) / kernel).xreplace(generic_values(kernel))
    seen = [sp.N(ratio.xreplace({z: place}), 20) for place in _PLACES]
    numbers = [value for value in seen if value.is_number and value.is_finite]
    if len(numbers) < 2:
        return False
    size = 1 + max(abs(value) for value in numbers)
    return any(abs(value - numbers[0]) > size * Rational(1, 10**10) for value in numbers[1:])


__all__ = [
    "BUDGET",
    "FAR",
    "NOISE",
    "TERMS",
    "BudgetSpentError",
    "by_cases",
    "checkpoint",
    "cost",
    "deciding",
    "expanded_terms",
    "exponential_parts",
    "generic_values",
    "metered",
    "quotient",
    "simplified",
    "vanishes",
]
