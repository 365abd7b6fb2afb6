"""Positive definite kernels: every zonal coefficient of degree >= 1 is >= 0, in every dimension.

By the form of the Taylor series, by exact coefficients of polynomials, or by enclosures; one
negative coefficient, with its degree and dimension, refutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise, product
from typing import Any, NamedTuple

import sympy as sp
from sympy import Dummy, Expr, Integer, Poly, Rational, S, Symbol, acos, cos, pi, sin

from proofs_checks.decide.decision import LONG_TEXT, Answer, Decision, exact
from proofs_checks.decide.integrals import integral
from proofs_checks.decide.intervals import Interval, NoEnclosureError
from proofs_checks.decide.sign import decide_positive
from theory.bounded import checkpoint, deciding
from theory.positive_part import PositivePart
from theory.symbols import n, z

_NUMBERS = (Integer(8), S.One)
"""Values of parameters where a coefficient is looked at: a bend is sharper where β is large."""


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
    plain = given.xreplace(swap)
    for form in (sp.expand, lambda e: e, sp.factor):
        found = _taylor(form(plain))
        if found is not None:
            return found.many_even, found.many_odd
    return None


class _Taylor(NamedTuple):
    """Which Taylor coefficients of a series without a negative one are known to be positive.

    Infinitely many even or odd ones; at least one.
    """

    many_even: bool = False
    many_odd: bool = False
    even: bool = False
    odd: bool = False

    def __mul__(self, other: Any) -> _Taylor:
        a, b = self, other
        return _Taylor(
            (a.many_even and b.even)
            or (a.even and b.many_even)
            or (a.many_odd and b.odd)
            or (a.odd and b.many_odd),
            (a.many_even and b.odd)
            or (a.odd and b.many_even)
            or (a.many_odd and b.even)
            or (a.even and b.many_odd),
            (a.even and b.even) or (a.odd and b.odd),
            (a.even and b.odd) or (a.odd and b.even),
        )


_ALL, _EVEN = _Taylor(True, True, True, True), _Taylor(True, False, True, False)


def _taylor(expr: Expr) -> _Taylor | None:
    """Read off a series without a negative coefficient of degree >= 1, by closure rules.

    Sums, products and whole powers of such series with a constant >= 0; e^f; (a-f)^{-p} and
    -log(a-f) with a > f(1), f(0) = 0; cosh and sinh.
    """
    total = _Taylor()
    for term in sp.Add.make_args(expr):
        if z not in term.free_symbols:
            # The constant of a sum has no say, but in a product it must not be negative.
            total = _Taylor(*total[:2], total.even or bool(term.is_positive), total.odd)
            continue
        found = _taylor_term(term)
        if found is None:
            return None
        total = _Taylor(*(a or b for a, b in zip(total, found, strict=True)))
    return total


def _taylor_term(term: Expr) -> _Taylor | None:
    if term == z:
        return _Taylor(odd=True)
    if isinstance(term, sp.Add):
        constant = term.as_independent(z, as_Add=True)[0]
        return _taylor(term) if constant.is_nonnegative else None
    coefficient, rest = term.as_independent(z, as_Add=False)
    if isinstance(rest, sp.log):
        return _outer(rest.args[0]) if coefficient.is_negative else None
    if coefficient != 1:
        return _taylor_term(rest) if coefficient.is_positive else None
    if isinstance(term, sp.Mul):
        product = _Taylor(even=True)
        for factor in term.args:
            found = _taylor_term(factor)
            if found is None:
                return None
            product = product * found
        return product
    if isinstance(term, sp.exp):
        inside = _taylor(sp.expand(term.exp))
        if inside is None or not (inside.odd or inside.even):
            return None
        return _ALL if inside.odd else _EVEN
    if term.is_Pow and z not in term.exp.free_symbols:
        if term.exp.is_Integer and term.exp > 0:
            found = _taylor_term(term.base)
            if found is None:
                return None
            power = _Taylor(even=True)
            for _ in range(int(term.exp)):
                power = power * found
            return power
        return _outer(term.base) if term.exp.is_negative else None
    if isinstance(term, sp.cosh | sp.sinh):
        slope = sp.cancel(term.args[0] / z)
        if z in slope.free_symbols or not slope.is_real:
            return None
        if isinstance(term, sp.cosh):
            return _EVEN if slope.is_nonzero else None
        return _Taylor(many_odd=True, odd=True) if slope.is_positive else None
    return None


def _outer(base: Expr) -> _Taylor | None:
    """Series of (a-f)^{-p} and -log(a-f), p > 0: no negative coefficient if f has none."""
    inside = sp.expand(base.subs(z, 0) - base)
    found = _taylor(inside)
    if found is None or not (found.odd or found.even) or not base.subs(z, 1).is_positive:
        return None
    return _ALL if found.odd else _EVEN


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


@deciding()
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
            Answer.DECIDED,
            "Taylor coefficients >= 0 (Schoenberg)",
            {},
            {**scope, "d": "symbolic", "unique": strict},
        )
    polynomial = given.is_polynomial(z)
    top = min(degrees, Poly(given, z).degree()) if polynomial else degrees
    derivative, sharp = given, False
    mixed: list[int] = []
    for degree in range(1, top + 1):
        checkpoint()
        # of a step or a root of max(u, 0) the derivative is no function any more
        sharp = sharp or any(fold.args[1] <= 0 for fold in derivative.atoms(PositivePart))
        if sharp:
            mixed.append(degree)
            continue
        derivative = derivative.diff(z)
        if derivative.count_ops() > LONG_TEXT:
            degree -= 1
            break
        if decide_positive(derivative, strict=False).for_all:
            continue
        negative = decide_positive(-derivative, strict=False)
        if negative.for_all and not _vanishes(derivative):
            return Decision(
                Answer.FAILS,
                f"the coefficient of degree {degree} is negative in every dimension",
                {"degree": degree, "d": "every"},
                {**scope, **negative.scope, "d": ">= 2"},
            )
        mixed.append(degree)
        folded = bool(given.atoms(PositivePart))  # they fall late, and are 0 before
        if not polynomial and (names or (len(mixed) > 3 and not folded)):
            break  # of parameters numbers say more
    unsure = []
    for dimension, degree in product(dimensions, mixed):
        checkpoint()
        sign = _coefficient_sign(given, degree, dimension, polynomial)
        if sign == -1:
            return Decision(
                Answer.FAILS,
                f"the coefficient of degree {degree} is negative for d = {dimension}",
                {"degree": degree, "d": dimension},
                {**scope, "d": str(dimension)},
            )
        if sign is None:
            unsure.append(degree)
    if unsure:
        said = f"sign of the coefficient of degree {unsure[0]}"
        open_ = Decision(Answer.UNDECIDED, said, {}, scope)
        return _at_numbers(given, names, tuple(dimensions), degrees) or open_
    if polynomial and top == Poly(given, z).degree():
        listed = ", ".join(map(str, dimensions)) if mixed else "symbolic"
        return Decision(
            Answer.DECIDED, "exact coefficients", {}, {**scope, "d": listed, "unique": "no"}
        )
    return Decision(
        Answer.UNDECIDED, f"coefficients of degree <= {degree} only are >= 0", {}, scope
    )


def _at_numbers(
    given: Expr, names: list[Any], dimensions: tuple[int, ...], degrees: int
) -> Decision | None:
    """Refute a kernel with parameters at a number for each."""
    for size in _NUMBERS if names else ():
        at = {s: Integer(2) if s == n else size for s in names}
        found = decide_positive_definite(given.subs(at), dimensions, degrees)
        if found.refuted:
            words = ", ".join(f"{s} = {value}" for s, value in at.items())
            where = {str(s): str(value) for s, value in at.items()}
            return replace(
                found,
                detail=f"{words}: {found.detail}",
                witness={**found.witness, **at},
                scope={**found.scope, **where},
            )
    return None


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
    # Mean with weight sin^{d-2} in the angle.
    try:
        mean = _mean(h * _zonal(degree, dimension), dimension)
    except NoEnclosureError:
        return None
    return 1 if mean.a > 0 else -1 if mean.b < 0 else None


def _mean(body: Expr, dimension: int) -> Interval:
    """Enclose ``∫_0^π f(cos a) sin^{d-2} a da``, on pieces between the folds of f."""
    angle = Symbol("angle")
    names = {fold: Dummy("fold") for fold in sorted(body.atoms(PositivePart), key=str)}
    lines = {fold: Poly(fold.args[0], z) for fold in names if fold.args[0].is_polynomial(z)}
    if len(lines) < len(names) or any(line.degree() != 1 for line in lines.values()):
        raise NoEnclosureError(f"Expected folds at max(a + bz, 0) but got {body}.")
    feet = {-line.nth(0) / line.nth(1) for line in lines.values()}
    ends = [S.One, *sorted((foot for foot in feet if -1 < foot < 1), reverse=True), -S.One]
    pieces: list[tuple[Expr, Any]] = []
    for high, low in pairwise(ends):
        middle = (low + high) / 2
        powers = {
            name: fold.args[0] ** Rational(str(fold.args[1]))
            if lines[fold].eval(middle) > 0
            else S.Zero
            for fold, name in names.items()
        }
        put = {name: power.subs(z, cos(angle)) for name, power in powers.items()}
        pieces.append((acos(high), put))
    named = body.xreplace(names).subs(z, cos(angle)) * sin(angle) ** (dimension - 2)
    return integral(named, angle, [*pieces, (pi, {})])
