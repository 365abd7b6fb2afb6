"""How fast a function of the inner product of two unit vectors changes as these move.

A unit vector x that moves by u, orthogonal to x, changes k(<x,y>) by k' <u,y>, and |<u,y>| <=
|u| √(1 - g²). Where k(g) stands before y - g x, of length √(1 - g²), what counts is (1 - g²) k': it
may be bounded where k' isn't, as of √(1 - g) at 1.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Dummy, Expr, Piecewise, S, log
from sympy.core.function import Application

from proofs_checks.decide.values import has_values
from proofs_checks.decide.waves import CONTINUOUS
from theory.bounded import simplified
from theory.positive_part import PositivePart
from theory.symbols import z


def _continuous(kernel: Expr) -> bool:
    """Whether a function of z is continuous where it has a value, the limit included."""
    parts = kernel.atoms(Application)
    known = (isinstance(f, (*CONTINUOUS, log)) or isinstance(f, PositivePart) for f in parts)
    return all(known) and not kernel.has(Piecewise) and has_values(kernel)


@lru_cache(maxsize=256)
def sphere_slope(kernel: Expr) -> Expr | None:
    """Return (1 - z²) k' of a continuous k, as it has a value on [-1, 1]; None where none is shown.

    Examples
    --------
    >>> from sympy import log, sqrt
    >>> sphere_slope(1 + sqrt(1 - z)), sphere_slope(log(1 - z))
    (-sqrt(1 - z)*(z + 1)/2, None)
    >>> sphere_slope(1 - 1 / log((1 - z) / 8))
    -(z + 1)/log(1/8 - z/8)**2
    """
    if not _continuous(kernel):
        return None
    room = Dummy("u", positive=True)
    forms = []
    for end in (
        S.One,
        -S.One,
    ):  # the algebra of 1 - z, or 1 + z, cancels what is infinite at an end
        near = kernel.subs(z, end * (1 - room)).diff(room)
        forms.append((-end * room * near * (2 - room)).subs(room, 1 - end * z))
    both = simplified((1 - z**2) * kernel.diff(z))  # at both ends
    return next((form for form in (*forms, both) if has_values(form)), None)


__all__ = ["sphere_slope"]
