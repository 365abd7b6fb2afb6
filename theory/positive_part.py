"""The positive part of a number, ``max(u, 0)**p``: what C¹ kernels with kinked pieces are made of.

|u|^p = max(u,0)^p + max(-u,0)^p and sign(u)|u|^p = max(u,0)^p - max(-u,0)^p. Unlike SymPy's Abs and
Max, whose derivatives hold sign, Heaviside and DiracDelta, this class is closed under derivatives.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Expr, Function, S


class PositivePart(Function):
    """``max(u, 0)**p`` for a real u and a rational number p.

    Its derivative ``p max(u, 0)**(p - 1) u'`` exists for every u where p > 1, and is continuous;
    for p <= 1 it exists off u = 0. ``max(u, 0)**0`` is the step from 0 to 1, and like every power
    p <= 0 it has no value at u = 0 itself: nan.

    Examples
    --------
    >>> u = sp.Symbol("u", real=True)
    >>> PositivePart(u, 2).diff(u), PositivePart(u, 2).diff(u).subs(u, 0)
    (2*max(u, 0), 0)
    >>> PositivePart(sp.Integer(3), 2), PositivePart(sp.Integer(-3), 2), PositivePart(S.Zero, 0)
    (9, 0, nan)
    """

    nargs = 2
    is_extended_real = True
    is_extended_nonnegative = True

    @staticmethod
    def _imp_(u: Any, p: Any) -> Any:
        """Give `sympy.lambdify` the value at numbers and arrays of any library."""
        if p > 0:
            return ((abs(u) + u) / 2) ** p
        return (abs(u) + u) / (2 * u) * abs(u) ** p

    @classmethod
    def eval(cls, u: Any, p: Any) -> Expr | None:
        """Evaluate where the sign of u is known."""
        if not p.is_Rational:
            raise ValueError(f"Expected a rational power but got p={p}; write exp(p*log(u)).")
        if u is S.NaN:
            return S.NaN
        if u.is_zero:
            return S.Zero if p > 0 else S.NaN
        if u.is_extended_positive:
            return u**p
        if u.is_extended_negative or (u.is_extended_nonpositive and p > 0):
            return S.Zero
        if u.is_extended_nonnegative and p > 0:
            return u**p
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Differentiate in u; powers are numbers."""
        if argindex != 1:
            raise sp.function.ArgumentIndexError(self, argindex)
        u, p = self.args
        return p * PositivePart(u, p - 1) if p != 0 else S.Zero

    def _eval_evalf(self, prec: int) -> Expr | None:
        u, p = self.args
        value = u._eval_evalf(prec)
        if value is None or not value.is_Number:
            return None
        found: Expr = PositivePart(value, p)
        return found._eval_evalf(prec)

    def _eval_rewrite_as_Piecewise(self, u: Any, p: Any, **hints: Any) -> Expr:
        return sp.Piecewise((u**p, u > 0), (0, True))

    def _sympystr(self, printer: Any) -> str:
        u, p = self.args
        base = f"max({printer._print(u)}, 0)"
        return base if p == 1 else f"{base}**{printer.parenthesize(p, 100)}"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        u, p = self.args
        text = rf"\left({printer._print(u)}\right)_+"
        text += "" if p == 1 else f"^{{{printer._print(p)}}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def split_power(u: Expr, p: Any, above: Any, below: Any) -> Expr:
    """Make ``above`` times max(u, 0)^p plus ``below`` times max(-u, 0)^p, in the plainest form.

    Examples
    --------
    >>> u = sp.Symbol("u", real=True)
    >>> split_power(u, 2, 1, 1), split_power(u, 3, 1, -1), split_power(u, 3, 1, 1)
    (u**2, u**3, max(-u, 0)**3 + max(u, 0)**3)
    """
    p = sp.Rational(p)
    if p.is_Integer and below == above * (-1) ** int(p):
        return above * u**p
    return above * PositivePart(u, p) + below * PositivePart(-u, p)


def with_positive_parts(expr: Expr) -> Expr:
    """Write absolute values, maxima and minima of real expressions by positive parts.

    A product or a power of them is one power: ``u |u|`` is C¹, and its derivative is a function.

    Examples
    --------
    >>> u = sp.Symbol("u", real=True)
    >>> with_positive_parts(sp.Max(u, 0) ** 2 / 2), with_positive_parts(u * sp.Abs(u))
    (max(u, 0)**2/2, -max(-u, 0)**2 + max(u, 0)**2)
    >>> with_positive_parts(sp.Max(u, 1 - u))
    u + max(1 - 2*u, 0)
    """
    if not expr.has(sp.Abs, sp.Max, sp.Min):
        return expr
    if isinstance(expr, sp.Max | sp.Min):
        side = 1 if isinstance(expr, sp.Max) else -1
        first, *others = map(with_positive_parts, expr.args)
        for other in others:
            first = first + side * PositivePart(side * (other - first), S.One)
        return first
    if isinstance(expr, sp.Mul):
        return _joined(expr)
    split = _split(expr)
    if split is not None:
        return split_power(*split)
    return expr.func(*map(with_positive_parts, expr.args))


_Split = tuple[Expr, Any, Any, Any]
"""u, p, a and b of ``a max(u, 0)^p + b max(-u, 0)^p``."""


def _split(expr: Expr) -> _Split | None:
    """Read a positive power of |u|, max(u, 0) or min(u, 0), with a real u free of them."""
    if isinstance(expr, sp.Abs) and expr.args[0].is_extended_real:
        return with_positive_parts(expr.args[0]), S.One, S.One, S.One
    if isinstance(expr, sp.Max | sp.Min) and len(expr.args) == 2 and 0 in expr.args:
        inside = with_positive_parts(expr.args[1 if expr.args[0] == 0 else 0])
        above = S.One if isinstance(expr, sp.Max) else S.Zero
        return inside, S.One, above, above - 1
    if not (expr.is_Pow and expr.exp.is_Rational and expr.exp > 0):
        return None
    found = _split(expr.base)
    if found is None:
        return None
    base, power, above, below = found
    if expr.exp.is_Integer:
        return base, power * expr.exp, above**expr.exp, below**expr.exp
    return (base, power * expr.exp, above, below) if {above, below} <= {S.Zero, S.One} else None


def _joined(product: Expr) -> Expr:
    """Join the factors of a product that are powers of one u, u itself among them."""
    splits: list[_Split] = []
    plain: list[Expr] = []
    for factor in product.args:
        found = _split(factor)
        if found is None:
            plain.append(factor)
            continue
        for k, (base, power, above, below) in enumerate(splits):
            if found[0] == -base:
                found = (base, found[1], found[3], found[2])
            if found[0] == base:
                splits[k] = (base, power + found[1], above * found[2], below * found[3])
                break
        else:
            splits.append(found)
    rest = []
    for factor in plain:
        base, power = factor.as_base_exp()
        for k, (inside, total, above, below) in enumerate(splits):
            if base in (inside, -inside) and power.is_Integer and total + power > 0:
                sign = (-1) ** power
                up, down = (S.One, sign) if base == inside else (sign, S.One)
                splits[k] = (inside, total + power, above * up, below * down)
                break
        else:
            rest.append(with_positive_parts(factor))
    return sp.Mul(*rest, *(split_power(*split) for split in splits))


__all__ = ["PositivePart", "split_power", "with_positive_parts"]
