"""Symbols and signs of Appendix D: γ(1/n), the heights α, the printed rate 10 n max(1, β) of (D.1).

Also the derived γ' of the equiangular flow, whether a function of n >= 1 and β >= 0 with
max(1, β) is never negative, by its coefficients, and Grönwall's inequality as a step that names it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Expr, Max, Poly, S, Symbol, expand, fraction, together

from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import GRONWALL
from proofs_checks.proof.sheet import How, Step, gap
from proofs_checks.said import say, saying
from theory.derivations import equiangular
from theory.models import Model
from theory.symbols import beta, n

ORDER = Symbol("i", integer=True, positive=True)
"""Number of earlier tokens."""


START = Symbol("gamma_1", positive=True)
"""γ(1/n), the equiangular inner product at t = 1/n."""


@lru_cache(maxsize=32)
def equiangular_speed(model: Model) -> Expr:
    """Right-hand side of the equation of equal inner products, derived once a model."""
    return equiangular(model).rate


LEVEL = Symbol("alpha", positive=True)
"""α = min <x_i, x*>."""


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


def at_least(said: Expr, least: Expr, text: str = "") -> Step:
    """Step ``said >= least`` for n >= 1 and β >= 0, by the signs of coefficients."""
    text = text or f"{said} >= {least}"
    step = gap(text, "not by the signs of coefficients")
    if nonnegative_from_one(said - least):
        step = Step(text, How.DECIDED, evidence="signs of coefficients, for β <= 1 and β >= 1")
    return saying(step, say(least, "<=", said, (say(0, "<=", beta),)))


def grown(text: str, *steps: Step, rate: Expr) -> Step:
    """Conclude by Grönwall's inequality, and list it among what is assumed."""
    return replace(apply(GRONWALL, text, *steps, rate=-rate), cites=("Grönwall's inequality",))
