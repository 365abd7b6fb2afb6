"""Where a function of an inner product has no value: a pole, a jump, or a root of what is negative.

`without_value` finds a point; that it finds none shows nothing. `has_values` shows that there is
none. A value may be the limit of what has infinite parts, as of 1/log(1 - z) at 1: arrays agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from sympy import Expr, Poly, Pow, Rational, S, cos, real_roots, tan

from proofs_checks.decide.changes import sign_changes
from proofs_checks.decide.decision import SIMPLE_VALUES
from proofs_checks.decide.intervals import NoEnclosureError, enclose, interval
from theory.bounded import checkpoint, generic_values
from theory.positive_part import PositivePart
from theory.symbols import z

_NARROW = Rational(1, 2**12)
"""Width of the narrowest boxes: a function that is near a pole for longer isn't decided."""


@lru_cache(maxsize=1024)
def without_value(expr: Expr) -> Expr | None:
    """Return a point of [-1, 1] at which an expression in z has no finite real value.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z``; with other symbols it has none at each of the values tried.

    Returns
    -------
    Expr or None
        The point, a Float near it where it isn't found exactly; None if none is found.

    Examples
    --------
    >>> from sympy import asin, sqrt
    >>> without_value(asin(z).diff(z)), without_value(sqrt(1 - z)), without_value(1 / (3 * z - 1))
    (-1, None, 1/3)
    """
    if z not in expr.free_symbols:
        return None
    found = None
    for choice in range(4 if expr.free_symbols - {z} else 1):
        plain = expr.xreplace(generic_values(expr, choice))
        places = (p for p in (*SIMPLE_VALUES, *_poles(plain)) if not _has_value(plain, p))
        found = next(places, None)
        if found is None:
            return None
    return found


def _has_value(expr: Expr, place: Expr) -> bool:
    """Whether it has a finite real value there; if SymPy can't tell, it isn't said to have none."""
    if not place.is_Rational:  # a root, or near one
        return False
    if has_value_at(expr, place):
        return True
    number = expr.xreplace({z: place}).evalf(15)
    return not number.is_number or bool(number.is_finite and number.is_real)


def _poles(expr: Expr) -> Iterator[Expr]:
    """Yield points of [-1, 1] where a base of a negative power is 0."""
    for part in expr.atoms(Pow, PositivePart, tan):
        base, power = (cos(part.args[0]), S.NegativeOne) if isinstance(part, tan) else part.args
        if z not in base.free_symbols or not power.is_number:
            continue
        if not (power.is_negative or (power == 0 and isinstance(part, PositivePart))):
            continue
        if base.is_polynomial(z) and all(c.is_Rational for c in Poly(base, z).all_coeffs()):
            yield from (root for root in real_roots(Poly(base, z)) if -1 <= root <= 1)
        else:
            yield from sign_changes(base) or ()


def has_value_at(expr: Expr, place: Expr) -> bool:
    """Whether an enclosure shows that a function of z alone has a finite value at a place.

    Examples
    --------
    >>> from sympy import exp, log
    >>> has_value_at(exp(-(log(1 - z) ** 2)), S.One), has_value_at(log(1 - z), S.One)
    (True, False)
    """
    with suppress(NoEnclosureError):
        enclose(expr, {z: place})
        return expr.free_symbols == {z} and not _steps(expr)
    return False


def _steps(expr: Expr) -> bool:
    """Whether a step is in it, which has no value at its foot."""
    return any(part.args[1] == 0 for part in expr.atoms(PositivePart))


@lru_cache(maxsize=1024)
def has_values(expr: Expr) -> bool:
    """Whether enclosures show that a function of z alone has a finite value on all of [-1, 1].

    Examples
    --------
    >>> from sympy import log
    >>> has_values(1 / log((1 - z) / 8)), has_values(1 / log((1 - z) / 2)), has_values(log(1 - z))
    (True, False, False)
    """
    if expr.free_symbols != {z} or _steps(expr):
        return False
    pending = [(-S.One, S.One)]
    while pending:
        checkpoint()
        low, high = pending.pop()
        try:
            enclose(expr, {z: interval(low, high)})
        except NoEnclosureError:
            if high - low < _NARROW:
                return False
            middle = (low + high) / 2
            pending += [(low, middle), (middle, high)]
    return True


__all__ = ["has_value_at", "has_values", "without_value"]
