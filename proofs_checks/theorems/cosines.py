"""Signs of a function of one inner product of unit vectors, as those of kernels: on all of [-1, 1].

A function is decided where it has a value: what it divides by, roots and logarithms take are
decided to be positive first, or enclosures show that it has one, be it the limit at an end.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from sympy import Add, Expr, Mul, Pow, cos, log

from proofs_checks.decide import CONTINUOUS, decide_positive, has_values
from theory.positive_part import PositivePart
from theory.symbols import d, n, z
from theory.terms import Inner, Number, parts_of

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0
"""What is known of a number: > 0, >= 0, nothing; of a product it is the least."""


def cosine_of(a: Any) -> Inner | None:
    """Return the one inner product that a number is a function of."""
    found = parts_of(a, Inner)
    return next(iter(found)) if len(found) == 1 else None


def wave_of(a: Any) -> Expr | None:
    """Return the cosine of a moving angle that a number is a function of, and of no other term."""
    found = {one for one in parts_of(a, cos) if one.has(Number)}
    return next(iter(found)) if len(found) == 1 else None


def over_cosines(a: Any, g: Any, of: Callable[[Any], int]) -> int:
    """Return the sign of a function of g for all g in [-1, 1]: 2 if > 0, 1 if >= 0, else 0.

    Parameters
    ----------
    a : Expr
    g : Inner or cos
        Its one inner product, or cosine of an angle.
    of : callable
        Signs of its parameters: each is to be positive, or nonnegative, and is then 0 besides.
    """
    plain = a.xreplace({g: z})
    names = sorted(plain.free_symbols - {z}, key=str)
    if z in a.free_symbols or plain.has(Number) or not all(of(s - 2) for s in {n, d} & {*names}):
        return UNKNOWN  # n and d are decided as whole numbers from 2 on
    signs = {one: of(one) for one in names}
    if not all(signs.values()):
        return UNKNOWN
    ends = [(False, True) if signs[one] == NONNEGATIVE else (False,) for one in names]
    values = [
        plain.subs({one: 0 for one, gone in zip(names, chosen, strict=True) if gone})
        for chosen in product(*ends)
    ]
    if not all(map(valued, values)):
        return UNKNOWN
    for strict, sign in ((True, POSITIVE), (False, NONNEGATIVE)):
        if all(_positive(one, strict) for one in values):
            return sign
    return UNKNOWN


def _positive(a: Any, strict: bool = True) -> bool:
    """Whether a function of z is so on [-1, 1] for all positive parameters: boxes hold some."""
    return decide_positive(a, strict=strict).for_all


def valued(plain: Any) -> bool:
    """Whether a function of z has a value on all of [-1, 1], for all positive parameters."""
    return _by_parts(plain) or has_values(plain)


def _by_parts(plain: Any) -> bool:
    """Whether all parts of a function have one."""
    if not plain.args:
        return bool(plain.is_finite is not False and isinstance(plain, Expr))
    if isinstance(plain, Pow) and not (plain.exp.is_integer and plain.exp.is_nonnegative):
        base = plain.base
        whole = plain.exp.is_integer and _positive(-base)
        rooted = _positive(base, strict=not plain.exp.is_positive)  # √0 is 0
        return all(map(_by_parts, plain.args)) and bool(whole or rooted)
    if isinstance(plain, log):
        return _by_parts(plain.args[0]) and _positive(plain.args[0])
    if isinstance(plain, PositivePart) and plain.args[1] <= 0:  # a step has no value at its foot
        return False
    known = isinstance(plain, (Add, Mul, Pow, PositivePart, *CONTINUOUS))
    return known and all(map(_by_parts, plain.args))


def rises(a: Any, g: Inner) -> bool:
    """Whether a number rises with its one inner product, from -1 on, without parameters."""
    plain = a.xreplace({g: z})
    if z in a.free_symbols or plain.free_symbols != {z} or plain.has(Number):
        return False
    slope = plain.diff(z)
    return all(map(valued, (plain, slope))) and decide_positive(slope, strict=False).holds
