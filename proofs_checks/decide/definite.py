"""Positive definite kernels: every zonal coefficient of degree >= 1 is >= 0, in every dimension.

By the form of the Taylor series, by exact coefficients of polynomials, or by enclosures; one
negative coefficient, with its degree and dimension, refutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from mpmath import iv
from sympy import Dummy, Expr, Poly, Rational, S, Symbol

from proofs_checks.claim import Verdict
from proofs_checks.decide.decision import LONG_TEXT, Decision, exact
from proofs_checks.decide.intervals import NoEnclosureError, enclose
from proofs_checks.decide.sign import decide_positive
from theory.symbols import z


def positive_taylor(expr: Any) -> tuple[bool, bool] | None:
    """Whether every Taylor coefficient in z of degree >= 1 is >= 0, by the form of the expression.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z``; other symbols are positive parameters.

    Returns
    -------
    pair of bool or None
        (infinitely many even, infinitely many odd coefficients are positive), or None when the
        form doesn't show that all are >= 0.

    Examples
    --------
    >>> positive_taylor(sp.exp(z)), positive_taylor(sp.cosh(2 * z)), positive_taylor(sp.log(2 + z))
    ((True, True), (True, False), None)
    """
    given = exact(expr)
    swap = {s: Dummy(str(s), positive=True) for s in given.free_symbols - {z}}
    given = sp.expand(given.xreplace(swap))
    even = odd = False
    for term in sp.Add.make_args(given):
        if z not in term.free_symbols:
            continue
        found = _taylor_sign(term)
        if found is None:
            return None
        even, odd = even or found[0], odd or found[1]
    return even, odd


def _taylor_sign(term: Expr) -> tuple[bool, bool] | None:
    """Infinitely many even and odd positive Taylor coefficients of a term with none negative."""
    if z not in term.free_symbols:
        return (False, False) if term.is_nonnegative else None
    if term == z:
        return False, False
    if term.is_Add:
        parts = [_taylor_sign(arg) for arg in term.args]
        if any(p is None for p in parts):
            return None
        return any(p[0] for p in parts if p), any(p[1] for p in parts if p)
    if term.is_Mul:
        even, odd, shift = False, False, 0
        for arg in term.args:
            found = _taylor_sign(arg)
            if found is None:
                return None
            base, power = arg.as_base_exp()
            if base == z:
                shift += int(power)
            elif arg.is_Pow and base.is_Add and power.is_Integer:
                return None if not term.is_polynomial(z) else (False, False)
            else:
                even, odd = even or found[0], odd or found[1]
        return (odd, even) if shift % 2 else (even, odd)
    if isinstance(term, sp.exp):
        inner = _taylor_terms(term.args[0])
        if inner is None:
            return None
        odd_inside = any(_parity(a) != 0 for a in inner)
        return True, odd_inside
    if term.is_Pow and term.exp.is_Integer and term.exp > 0:
        return _taylor_sign(term.base)
    if isinstance(term, sp.cosh | sp.sinh):
        slope = sp.cancel(term.args[0] / z)
        if z in slope.free_symbols or not slope.is_real:
            return None
        if isinstance(term, sp.cosh):
            return True, False
        return (False, True) if slope.is_positive else None
    return None


def _taylor_terms(expr: Expr) -> list[Expr] | None:
    """Terms in z of an exponent if all are c·z^p with c >= 0, else None."""
    terms = [a for a in sp.Add.make_args(sp.expand(expr)) if z in a.free_symbols]
    for term in terms:
        coefficient, rest = term.as_independent(z)
        base, power = rest.as_base_exp()
        if base != z or not (power.is_Integer and power > 0) or not coefficient.is_nonnegative:
            return None
    return terms


def _parity(term: Expr) -> int:
    return int(term.as_independent(z)[1].as_base_exp()[1]) % 2


def _zonal(degree: int, dimension: int) -> Expr:
    """Zonal polynomial of one degree, 1 at z = 1: Gegenbauer, Chebyshev for d = 2."""
    previous, current = S.One, z
    if degree == 0:
        return previous
    for k in range(1, degree):
        following = ((2 * k + dimension - 2) * z * current - k * previous) / (k + dimension - 2)
        previous, current = current, sp.expand(following)
    return current


def _moment(power: int, dimension: int) -> Rational:
    """Mean of z^power under the uniform measure of the sphere."""
    if power % 2:
        return S.Zero
    value = S.One
    for i in range(power // 2):
        value *= Rational(2 * i + 1, dimension + 2 * i)
    return value


def zonal_coefficient(expr: Any, degree: int, dimension: int) -> Expr:
    """Mean of ``h(z) P_degree(z)`` on S^{d-1} for a polynomial h: the sign of its coefficient.

    Examples
    --------
    >>> zonal_coefficient(z**3, 1, 3)
    1/5
    """
    poly = Poly(sp.expand(exact(expr) * _zonal(degree, dimension)), z)
    return sp.Add(*(c * _moment(mono[0], dimension) for mono, c in poly.terms()))


def decide_positive_definite(
    expr: Any, dimensions: Iterable[int] = (2, 3, 4), degrees: int = 12
) -> Decision:
    """Decide whether all zonal coefficients of degree >= 1 of a kernel are >= 0.

    On the circle these are its Fourier coefficients, in dimension d >= 3 its Gegenbauer
    coefficients. Taylor coefficients >= 0 are enough in every dimension (Schoenberg). The degree-k
    coefficient has the sign of the mean of the k-th derivative with weight
    ``(1 - z²)^{k + (d-3)/2}`` (Rodrigues), so a derivative of one sign decides it.

    Parameters
    ----------
    expr : Expr
        Kernel h in ``theory.symbols.z``; other symbols are positive parameters.
    dimensions : iterable of int
        Dimensions to look at when the kernel isn't positive definite in all of them.
    degrees : int
        Largest degree that is looked at.

    Returns
    -------
    Decision
        The witness of a refutation is a degree and the dimensions; ``scope["unique"]`` says
        whether all coefficients are known to be positive.

    Examples
    --------
    >>> decide_positive_definite(sp.log(2 + z)).witness["degree"]
    2
    """
    given = exact(expr)
    names = sorted(given.free_symbols - {z}, key=str)
    scope = {str(s): "> 0" for s in names}
    taylor = positive_taylor(given)
    if taylor is not None:
        strict = "yes" if all(taylor) else "no"
        return Decision(
            Verdict.PROVED,
            "Taylor coefficients >= 0 (Schoenberg)",
            {},
            {**scope, "d": "symbolic", "unique": strict},
        )
    polynomial = given.is_polynomial(z)
    top = min(degrees, Poly(given, z).degree()) if polynomial else degrees
    derivative = given
    mixed: list[int] = []
    for degree in range(1, top + 1):
        derivative = derivative.diff(z)
        if derivative.count_ops() > LONG_TEXT:
            degree -= 1
            break
        negative = decide_positive(-derivative, strict=False)
        if negative.holds and not _vanishes(derivative):
            return Decision(
                Verdict.REFUTED,
                f"the coefficient of degree {degree} is negative in every dimension",
                {"degree": degree, "d": "every"},
                {**scope, **negative.scope},
            )
        if not decide_positive(derivative, strict=False).holds:
            mixed.append(degree)
        if len(mixed) > 3 and not polynomial:
            break
    for dimension in dimensions:
        for degree in mixed:
            sign = _coefficient_sign(given, degree, dimension, polynomial)
            if sign == -1:
                return Decision(
                    Verdict.REFUTED,
                    f"the coefficient of degree {degree} is negative for d = {dimension}",
                    {"degree": degree, "d": dimension},
                    {**scope, "d": str(dimension)},
                )
            if sign is None:
                return Decision(
                    Verdict.UNDECIDED, f"sign of the coefficient of degree {degree}", {}, scope
                )
    if polynomial and top == Poly(given, z).degree():
        listed = ", ".join(map(str, dimensions)) if mixed else "symbolic"
        return Decision(
            Verdict.PROVED, "exact coefficients", {}, {**scope, "d": listed, "unique": "no"}
        )
    return Decision(
        Verdict.UNDECIDED, f"coefficients of degree <= {degree} only are >= 0", {}, scope
    )


def _vanishes(expr: Expr) -> bool:
    """Whether an expression is zero at a generic point, so that it may be zero everywhere."""
    at = dict.fromkeys(expr.free_symbols, Rational(7, 11))
    return not abs(expr.xreplace(at).evalf(30)) > Rational(1, 10**20)


def _coefficient_sign(h: Expr, degree: int, dimension: int, polynomial: bool) -> int | None:
    if polynomial:
        swap = {s: Dummy(str(s), positive=True) for s in h.free_symbols - {z}}
        value = sp.factor(zonal_coefficient(h.xreplace(swap), degree, dimension))
        if value.is_nonnegative:
            return 1
        return -1 if value.is_negative else None
    if h.free_symbols - {z}:
        return None
    # Mean with weight sin^{d-2} in the angle, box by box.
    angle = Symbol("angle")
    body = (h * _zonal(degree, dimension)).subs(z, sp.cos(angle)) * sp.sin(angle) ** (dimension - 2)
    total = iv.mpf(0)
    boxes = 400
    try:
        for k in range(boxes):
            ends = iv.mpf([k, k + 1]) * iv.pi / boxes
            total += enclose(body, {angle: ends}) / boxes
    except NoEnclosureError:
        return None
    return 1 if total.a > 0 else -1 if total.b < 0 else None
