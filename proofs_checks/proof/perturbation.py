"""Appendices C and D: the energy near β = 0 (C.1), and the steps behind Theorem 6.9.

The softmax bound (D.3), the Beta law of (D.5), the differential inequalities of (D.8) and of
Remark D.1 (C7 to C9, proved for every n and β), (D.10), and the errata with explicit constants.
"""

from __future__ import annotations

from functools import lru_cache

from mpmath import iv
from sympy import Expr, Max, Poly, S, Symbol, expand, fraction, together

from theory.models import Model
from theory.reductions import equiangular
from theory.symbols import beta, n

RADIUS = Symbol("r", positive=True)
"""Length of the projection of a token on the span of the earlier ones."""


ORDER = Symbol("i", integer=True, positive=True)
"""Number of earlier tokens."""


START = Symbol("gamma_1", positive=True)
"""γ(1/n), the equiangular inner product at t = 1/n."""


@lru_cache(maxsize=32)
def equiangular_speed(model: Model) -> Expr:
    return equiangular(model).rate


LEVEL = Symbol("alpha", positive=True)
"""α = min <x_i, x*>."""


FIRST_HEIGHT = Symbol("alpha_1", positive=True)
"""α(1/n)."""


EULER_INTERVAL = {S.Exp1: iv.exp(1)}


PRINTED_GROWTH = 10 * n * Max(1, beta)
"""``log c(β)^n``, the growth rate that the paper prints in (D.1) and (D.4)."""


def nonnegative_from_one(expr: Expr) -> bool:
    """Whether a rational function of n >= 1 and β >= 0 with max(1, β) is >= 0, by coefficients."""
    low, more = Symbol("w", nonnegative=True), Symbol("k", nonnegative=True)
    signs = []
    # β = w/(1+w) up to 1, β = 1 + w beyond.
    for place, larger in ((low / (1 + low), S.One), (1 + low, 1 + low)):
        plain = expr.subs(Max(1, beta), larger).subs({beta: place, n: 1 + more})
        top, bottom = fraction(together(plain))
        if plain.free_symbols - {low, more}:
            return False
        signs += [c >= 0 for part in (top, bottom) for c in Poly(expand(part), low, more).coeffs()]
    return all(signs)
