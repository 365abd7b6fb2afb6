"""Signs of functions of one angle, of n, β and powers e^{cβ + eβγ}, by their coefficients."""

from __future__ import annotations

from typing import Any

from sympy import Dummy, Expr, Pow, cancel, exp, factor, fraction, log, simplify, together

from proofs_checks.proof import MORE_TOKENS, How
from proofs_checks.propositions import Rel, written
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded
from theory.symbols import beta, gamma, n, t
from theory.terms import Number

HOT, FROM_0, INSIDE, BELOW_1 = (
    Rel("<", 0, beta),
    Rel("<=", 0, gamma),
    Rel("<", 0, gamma),
    Rel("<", 0, 1 - gamma),
)
RATIO, POWER = Dummy("rho", positive=True), Dummy("w", positive=True)
"""e^{u(1-γ)}, more than 1 and rising with β, and e^{uγ}, for one u > 0."""


def in_ratio(expr: Expr) -> Expr | None:
    """Write e^{cu+euγ}, c and e whole numbers, by powers of `RATIO` and `POWER`, or return None.

    Examples
    --------
    >>> in_ratio(exp(2 * beta * (1 - gamma)) * gamma + exp(4 * beta * (1 - gamma)))
    _rho**2 + _rho*gamma
    >>> in_ratio(exp(beta) + exp(beta**2)) is None
    True
    """
    powers = [e.args[0] for e in expr.atoms(exp) if e.free_symbols & {beta, gamma}]
    parts = [part for p in powers for part in (p.subs(gamma, 0), p.diff(gamma)) if part != 0]
    if not parts:
        return expr
    shares = [simplify(part / parts[0]) for part in parts]
    if not all(share.is_number for share in shares):
        return None
    unit, at = min(zip(parts, shares, strict=True), key=lambda pair: abs(pair[1]))[0], {}
    sign = unit.subs(
        {
            beta: Dummy("b", positive=True),
            log(n): Dummy("l", positive=True),
            t: Dummy("t", nonnegative=True),
        }
    )
    if not (sign.is_positive or sign.is_negative):
        return None
    unit = unit if sign.is_positive else -unit  # or the ratio would fall with β
    for power in powers:
        first, slope = (simplify(a / unit) for a in (power.subs(gamma, 0), power.diff(gamma)))
        if not (first.is_Integer and slope.is_Integer):
            return None
        at[exp(power)] = RATIO**first * POWER ** (first + slope)
    found: Expr = expr.xreplace(at)
    return found


def rationally(expr: Expr) -> Expr:
    """Factor what is under roots, and the whole, so that what cancels does."""
    return factor(
        expr.replace(
            lambda e: isinstance(e, Pow) and not e.exp.is_Integer,
            lambda e: factor(cancel(e.base)) ** e.exp,
        )
    )


def _at_angles(says: Any, facts: tuple[Fact, ...]) -> str:
    """Decide ``0 < a`` for n >= 2, β > 0 and 0 <= γ < 1: by coefficients that are all positive."""
    if not isinstance(says, Rel) or says.op not in ("<", "<=") or says.left != 0:
        raise NotConcluded("signs at equal angles are of one number: 0 < a, 0 <= a")
    known = {fact.says for fact in facts}
    for wanted in (SEVERAL, HOT, BELOW_1):
        if wanted not in known:
            raise NotConcluded(f"it needs that {written(wanted)}")
    if not known & {FROM_0, INSIDE}:
        raise NotConcluded("it needs that 0 <= γ")
    found = None if says.right.has(Number) else in_ratio(says.right)
    if found is None:
        raise NotConcluded("its exponentials aren't of β(1-γ) and βγ")
    # 0 <= γ < 1 as u/(1+u), and e^{β(1-γ)} as 1 + v.
    above = Dummy("u", **{"positive" if INSIDE in known else "nonnegative": True})
    at = {n: 1 + MORE_TOKENS, gamma: above / (1 + above), RATIO: 1 + Dummy("v", positive=True)}
    at |= {beta: Dummy("b", positive=True), log(n): Dummy("l", positive=True)}
    at |= {t: Dummy("t", nonnegative=True)}
    found = cancel(together(rationally(found).subs(at, simultaneous=True)))
    top, bottom = (part.expand() for part in fraction(found))
    if not (bottom.is_positive and (top.is_positive if says.op == "<" else top.is_nonnegative)):
        raise NotConcluded("a coefficient isn't positive")
    return "coefficients in γ/(1-γ), n-1 and e^{β(1-γ)}-1 are positive"


AT_ANGLES = Engine("signs at equal angles", How.DECIDED, _at_angles)
