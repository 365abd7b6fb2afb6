"""Functions of a time with other symbols in them that are positive at 0 and never fall."""

from __future__ import annotations

from sympy import Dummy, Expr, Pow, Symbol, log

_SIZE = 40
"""Operations of what is differentiated: more is left to others."""


def climbs(a: Expr, time: Symbol) -> bool:
    """Whether a function is positive at the time 0, and has a slope >= 0 at all t >= 0.

    Roots, logarithms and divisors in it must be of what is positive for each t >= 0, by its form.

    Examples
    --------
    >>> from sympy import sqrt
    >>> from sympy.abc import t
    >>> c = Symbol("c", positive=True)
    >>> climbs(1 + 2 * sqrt(t + c) - 2 * sqrt(c), t), climbs(2 * sqrt(t + c) - 2 * sqrt(c), t)
    (True, False)
    >>> climbs(1 + 1 / (c - t) - 1 / c, t), climbs(1 - 2 * sqrt(t + c) + 2 * sqrt(c), t)
    (False, False)
    """
    if time not in a.free_symbols or a.count_ops() > _SIZE:
        return False
    late = Dummy("t", nonnegative=True)
    own = a.xreplace({time: late})
    inside = [p.base for p in own.atoms(Pow) if not (p.exp.is_integer and p.exp.is_nonnegative)]
    inside += [one.args[0] for one in own.atoms(log)]
    if not all(part.is_positive for part in inside if late in part.free_symbols):
        return False
    return bool(own.subs(late, 0).is_positive and own.diff(late).is_nonnegative)


__all__ = ["climbs"]
