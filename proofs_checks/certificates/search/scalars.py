"""Searches for certificates of scalar facts: signs on boxes, roots, values, γ_β(t), modes, (D.9).

Signs by adaptive bisection of centred ball forms, roots by interval Newton steps; T(γ) of
Theorem 6.8 by its closed form, growth rates by Bessel functions. The checker replays what is
found, by other means. Needs the extra ``certify``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

from sympy import (
    Add,
    Ei,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    besseli,
    cos,
    exp,
    log,
    pi,
    sin,
)

from proofs_checks.certificates.checker import (
    BESSEL_QUOTIENT,
    dimension_statement,
    equiangular_statement,
    fastest_statement,
    level_statement,
    root_statement,
    sign_statement,
    switch_statement,
    value_statement,
)
from proofs_checks.certificates.format import Certificate, ball_arithmetic, fraction, seal
from theory.predictions import equiangular_time, fastest_mode, mode_growth_rate
from theory.symbols import beta as BETA
from theory.symbols import gamma as GAMMA

PRECISION = 128
"""Bits of the searches and of their certificates."""

_DEPTH = 50
"""Halvings of a side after which a sign counts as undecided."""

Part = tuple[tuple[Fraction, Fraction], ...]
"""A box."""
Ends = tuple[Any, Any]
"""Two rational numbers, low < high: Fraction, int, SymPy's Rational or text."""


class NotCertified(ValueError):
    """No certificate was found: the statement is false, or the budget ran out.

    Attributes
    ----------
    witness : Mapping or None
        Values at which the statement certainly fails, if that is the reason.
    """

    def __init__(self, message: str, witness: Mapping[str, Fraction] | None = None) -> None:
        """Keep the values at which the statement fails."""
        super().__init__(message)
        self.witness = witness


# -- formulas --------------------------------------------------------------------------------

_NAMES = {exp: "exp", log: "log", sin: "sin", cos: "cos"}


def formula_of(expr: Expr) -> Any:
    """Write an expression as the nested lists that the checker evaluates.

    Raises
    ------
    ValueError
        For a node other than sums, products, rational powers, exp, log, sin, cos and π.

    Examples
    --------
    >>> formula_of(2 * exp(BETA) - 1)
    ['+', '-1', ['*', '2', ['exp', 'beta']]]
    """
    node = _node(expr)
    return node if isinstance(node, list) else ["+", node]


def _node(expr: Expr) -> Any:
    if expr.is_Rational:
        return str(Fraction(int(expr.p), int(expr.q)))
    if expr == pi or isinstance(expr, Symbol):
        return str(expr)
    if expr == S.Exp1:
        return ["exp", "1"]
    if isinstance(expr, Add | Mul):
        parts = sorted((_node(arg) for arg in expr.args), key=str)
        return ["+" if isinstance(expr, Add) else "*", *parts]
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        return ["^", _node(expr.base), int(expr.exp)]
    if isinstance(expr, Pow) and (2 * expr.exp).is_Integer:
        return ["^", ["sqrt", _node(expr.base)], int(2 * expr.exp)]
    if isinstance(expr, Pow) and expr.exp.is_Rational:
        return ["exp", ["*", _node(expr.exp), ["log", _node(expr.base)]]]
    if expr.func in _NAMES:
        return [_NAMES[expr.func], _node(expr.args[0])]
    raise ValueError(f"Expected an elementary expression but got expr={expr}; rewrite it.")


def ball_value(expr: Expr, values: Mapping[Any, Any], flint: Any) -> Any:
    """Ball that contains the value of an expression, its symbols replaced by balls.

    Parameters
    ----------
    expr : Expr
        Elementary functions, Ei and besseli of rationals and symbols.
    values : Mapping
        Ball of each symbol.
    flint : module
        From ``ball_arithmetic``, which sets the precision.

    Raises
    ------
    ValueError
        For a node that isn't known.
    """
    arb = flint.arb
    if expr in values:
        return values[expr]
    if expr.is_Rational:
        return _ball(Fraction(int(expr.p), int(expr.q)), flint)
    if expr == pi:
        return arb.pi()
    if expr == S.Exp1:
        return arb(1).exp()
    parts = [ball_value(arg, values, flint) for arg in expr.args]
    if isinstance(expr, Add):
        return sum(parts, arb(0))
    if isinstance(expr, Mul):
        return math.prod(parts, start=arb(1))
    if isinstance(expr, Pow) and (2 * expr.exp).is_Integer:
        base = parts[0] if expr.exp.is_Integer else parts[0].sqrt()
        count = int(expr.exp if expr.exp.is_Integer else 2 * expr.exp)
        # Not base**count: python-flint squares a ball centred at 0 to NaN.
        power = math.prod([base] * abs(count), start=arb(1))
        return power if count >= 0 else 1 / power
    if isinstance(expr, Pow) and expr.exp.is_Rational:
        return (parts[1] * parts[0].log()).exp()
    if isinstance(expr, Ei):
        return parts[0].ei()
    if isinstance(expr, besseli):
        return parts[1].bessel_i(parts[0])
    if expr.func in _NAMES:
        return getattr(parts[0], _NAMES[expr.func])()
    raise ValueError(f"Expected an elementary expression but got expr={expr}; rewrite it.")


def _ball(value: Fraction, flint: Any) -> Any:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _exact(ball: Any) -> Fraction:
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _outward(ball: Any, digits: int) -> tuple[Fraction, Fraction]:
    """Decimal interval, ends with so many digits, around a ball."""
    unit = 10**digits
    low, high = _exact(ball.lower()), _exact(ball.upper())
    left, right = Fraction(math.floor(low * unit), unit), Fraction(math.ceil(high * unit), unit)
    if left == low:
        left -= Fraction(1, unit)
    if right == high:
        right += Fraction(1, unit)
    return left, right


def _texts(ends: tuple[Fraction, Fraction]) -> list[str]:
    return [str(end) for end in ends]


# -- signs on boxes --------------------------------------------------------------------------


def certify_sign(
    expr: Expr,
    relation: str,
    box: Mapping[Symbol, Ends],
    max_boxes: int = 20_000,
    precision: int = PRECISION,
) -> Certificate:
    """Certify ``expr > 0`` or ``expr < 0`` on a box, by adaptive bisection.

    Parameters
    ----------
    expr : Expr
        Of the symbols of ``box``.
    relation : {">", "<"}
    box : Mapping
        Rational ends of each symbol.
    max_boxes : int
        Boxes to try before giving up.
    precision : int
        Bits.

    Raises
    ------
    NotCertified
        With the witness where the sign is certainly another, or when the boxes are used up: an
        expression that vanishes in the box never ends otherwise.

    Examples
    --------
    >>> certificate = certify_sign(cos(GAMMA), ">", {GAMMA: (0, "3/2")})  # doctest: +SKIP
    """
    if relation not in (">", "<"):
        raise ValueError(f"Expected '>' or '<' but got relation={relation!r}.")
    names = list(box)
    start = tuple((fraction(low), fraction(high)) for low, high in box.values())
    wanted = expr if relation == ">" else -expr
    slopes = [wanted.diff(name) for name in names]
    with ball_arithmetic(precision) as flint:

        def probe(place: Sequence[Fraction]) -> Any:
            """Value at a point; a counterexample ends the search."""
            at = {name: _ball(value, flint) for name, value in zip(names, place, strict=True)}
            value = ball_value(wanted, at, flint)
            if value <= 0:
                shown = str(expr) if len(str(expr)) < 60 else "the expression"
                witness = {str(name): at for name, at in zip(names, place, strict=True)}
                raise NotCertified(
                    f"{shown} {relation} 0 fails at "
                    f"{', '.join(f'{name} = {at}' for name, at in witness.items())}: it is "
                    f"{(value if relation == '>' else -value).str(6, radius=False)}",
                    witness,
                )
            return value

        def decide(part: Part) -> int | None:
            """Axis to split along, or None where the sign holds."""
            wide = {
                name: _ball(low, flint).union(_ball(high, flint))
                for name, (low, high) in zip(names, part, strict=True)
            }
            if ball_value(wanted, wide, flint) > 0:
                return None
            centre = [(low + high) / 2 for low, high in part]
            value = probe(centre)
            middle = {name: _ball(at, flint) for name, at in zip(names, centre, strict=True)}
            swings = [
                ball_value(slope, wide, flint) * (wide[name] - middle[name])
                for name, slope in zip(names, slopes, strict=True)
            ]
            if sum(swings, value) > 0:
                return None
            sizes = [float(s.abs_upper()) if s.is_finite() else math.inf for s in swings]
            if not all(map(math.isfinite, sizes)):
                sizes = [float(high - low) for low, high in part]
            return max(range(len(names)), key=sizes.__getitem__)

        # Bisection comes to the edges of the box last: look there first.
        for corner in product(*((low, (low + high) / 2, high) for low, high in start)):
            probe(corner)
        tree = _bisect(start, decide, max_boxes)
    parameters = {
        "formula": formula_of(expr),
        "relation": relation,
        "box": [[str(name), *_texts(ends)] for name, ends in zip(names, start, strict=True)],
    }
    statement = sign_statement(parameters)
    return seal("sign", statement, parameters, {"tree": tree}, (), precision)


def _bisect(start: Part, decide: Callable[[Part], int | None], max_boxes: int) -> str:
    """Preorder text of the subdivision tree: "." is a leaf, a digit the axis that is halved."""
    marks: list[str] = []
    pending = [start]
    while pending:
        if len(marks) >= max_boxes:
            raise NotCertified(f"undecided after {max_boxes} boxes, {len(pending)} left")
        part = pending.pop()
        axis = decide(part)
        if axis is None:
            marks.append(".")
            continue
        marks.append(str(axis))
        low, high = part[axis]
        if (high - low) * 2**_DEPTH < start[axis][1] - start[axis][0]:
            ends = ", ".join(f"[{float(a):.6g}, {float(b):.6g}]" for a, b in part)
            raise NotCertified(f"the sign is not decided near {ends}")
        middle = (low + high) / 2
        pending.append((*part[:axis], (middle, high), *part[axis + 1 :]))
        pending.append((*part[:axis], (low, middle), *part[axis + 1 :]))
    return "".join(marks)


# -- roots and values ------------------------------------------------------------------------


def newton(
    expr: Expr, variable: Symbol, ends: Ends, precision: int = PRECISION
) -> tuple[Fraction, Fraction]:
    """Enclose the root of a monotone expression by interval Newton steps, bisecting at need.

    ``N(X) = m - f(m)/f'(X)`` holds every root in X; a step that doesn't halve X is replaced by
    the half on which f changes its sign.

    Raises
    ------
    NotCertified
        When f has the same sign at both ends.
    """
    low, high = fraction(ends[0]), fraction(ends[1])
    slope = expr.diff(variable)
    with ball_arithmetic(precision) as flint:

        def at(place: Fraction) -> Any:
            return ball_value(expr, {variable: _ball(place, flint)}, flint)

        first, last = at(low), at(high)
        if not (first * last < 0):
            raise NotCertified(
                f"{expr} is {first.str(6, radius=False)} at {variable} = {low} and "
                f"{last.str(6, radius=False)} at {high}: no change of sign"
            )
        rising = bool(last > 0)
        while True:
            wide = _ball(low, flint).union(_ball(high, flint))
            middle = (low + high) / 2
            value = at(middle)
            steep = ball_value(slope, {variable: wide}, flint)
            width = high - low
            if not steep.contains(0) and steep.is_finite():
                step = _ball(middle, flint) - value / steep
                low = max(low, _exact(step.lower()))
                high = min(high, _exact(step.upper()))
            if high - low > width / 2:
                if value.contains(0):
                    return low, high
                if bool(value > 0) == rising:
                    high = min(high, middle)
                else:
                    low = max(low, middle)
            if high - low >= width:
                return low, high


def certify_root(
    expr: Expr,
    variable: Symbol,
    ends: Ends,
    digits: int = 12,
    max_boxes: int = 20_000,
    precision: int = PRECISION,
) -> Certificate:
    """Certify that a strictly monotone expression has one root in a range, and enclose it.

    Parameters
    ----------
    expr : Expr
        Of ``variable`` alone.
    variable : Symbol
    ends : tuple
        Rational ends of the range.
    digits : int
        Decimals of the enclosure.

    Raises
    ------
    NotCertified
        When the sign doesn't change, or the derivative's isn't one on the range.
    """
    low, high = fraction(ends[0]), fraction(ends[1])
    left, right = newton(expr, variable, (low, high), precision)
    slope = expr.diff(variable)
    with ball_arithmetic(precision) as flint:
        found = _ball(left, flint).union(_ball(right, flint))
        left, right = _outward(found, digits)
        left, right = max(left, low), min(right, high)
        rising = ball_value(expr, {variable: _ball(high, flint)}, flint) > 0

        def decide(part: Part) -> int | None:
            ends = part[0]
            wide = _ball(ends[0], flint).union(_ball(ends[1], flint))
            value = ball_value(slope, {variable: wide}, flint)
            return None if (value > 0 if rising else value < 0) else 0

        tree = _bisect(((low, high),), decide, max_boxes)
    parameters = {
        "formula": formula_of(expr),
        "variable": str(variable),
        "range": _texts((low, high)),
        "enclosure": _texts((left, right)),
    }
    statement = root_statement(parameters)
    return seal("root", statement, parameters, {"tree": tree}, (), precision)


def certify_value(expr: Expr, digits: int = 12, precision: int = PRECISION) -> Certificate:
    """Certify decimals of a constant."""
    with ball_arithmetic(precision) as flint:
        ends = _outward(ball_value(expr, {}, flint), digits)
    parameters = {"formula": formula_of(expr), "enclosure": _texts(ends)}
    return seal("value", value_statement(parameters), parameters, {}, (), precision)


def enclosure_of(certificate: Certificate) -> tuple[Fraction, Fraction]:
    """Read the enclosure that a certificate states."""
    low, high = (Fraction(end) for end in certificate.parameters["enclosure"])
    return low, high


# -- monotone searches on a decimal grid -------------------------------------------------------


def _on_grid(rise: Callable[[Fraction], Any], low: Fraction, high: Fraction, digits: int) -> Part:
    """Neighbours on the grid of that many decimals between which an increasing ball passes 0."""
    unit = 10**digits
    left, right = math.ceil(low * unit), math.floor(high * unit)
    for end, wrong in ((left, "positive"), (right, "negative")):
        value = rise(Fraction(end, unit))
        if not (value < 0 if wrong == "positive" else value > 0):
            raise NotCertified(
                f"at the end {Fraction(end, unit)} of the range the sign is {wrong} or undecided: "
                "the root lies outside, or within the last digit of it"
            )
    while right - left > 1:
        middle = (left + right) // 2
        value = rise(Fraction(middle, unit))
        if value > 0:
            right = middle
        elif value < 0:
            left = middle
        else:
            # The root is the grid point itself, or too near to tell.
            left, right = middle - 1, middle + 1
            break
    return ((Fraction(left, unit), Fraction(right, unit)),)


@lru_cache(maxsize=64)
def _curve(model: str, n: int, hot: Expr) -> Expr:
    return equiangular_time(GAMMA, hot, n, model)


def _rational(value: Fraction) -> Expr:
    return Rational(value.numerator, value.denominator)


def _gamma_ends(
    model: str, n: int, hot: Fraction, time: Fraction, digits: int, flint: Any
) -> tuple[Fraction, Fraction]:
    curve = _curve(model, n, _rational(hot))
    moment = _ball(time, flint)

    def late(inner: Fraction) -> Any:
        return ball_value(curve, {GAMMA: _ball(inner, flint)}, flint) - moment

    (ends,) = _on_grid(late, Fraction(0), 1 - Fraction(1, 10**digits), digits)
    return ends


def certify_equiangular(
    time: Any, beta: Any, n: int, model: str = "SA", digits: int = 15, precision: int = PRECISION
) -> Certificate:
    """Certify decimals of γ_β(t), the common inner product of tokens that start orthonormal.

    Parameters
    ----------
    time, beta : exact rationals
        t > 0, β >= 0.
    n : int
        Number of tokens, at least 2.
    model : {"SA", "USA"}
    digits : int
        Decimals; 1 - γ must be larger than the last of them.

    Raises
    ------
    NotCertified
        When γ is nearer to 1 than the digits tell.
    """
    moment, hot = fraction(time), fraction(beta)
    with ball_arithmetic(precision) as flint:
        ends = _gamma_ends(model, n, hot, moment, digits, flint)
    parameters = {
        "model": model,
        "n": n,
        "beta": str(hot),
        "time": str(moment),
        "enclosure": _texts(ends),
    }
    statement = equiangular_statement(parameters)
    return seal("equiangular", statement, parameters, {}, (), precision)


def certify_level(
    time: Any,
    n: int,
    delta: Any = "1/1000",
    digits: int = 6,
    ends: Ends | None = None,
    precision: int = PRECISION,
) -> Certificate:
    """Certify decimals of the β at which γ_β(t) = 1 - δ for SA: the curve of (6.12).

    Parameters
    ----------
    time, delta : exact rationals
    n : int
    digits : int
    ends : tuple, optional
        An enclosure to certify in place of decimals; it isn't tested here.

    Raises
    ------
    NotCertified
        When T_SA(1-δ) doesn't pass the time for any β in (0, 64).
    """
    moment, gap = fraction(time), fraction(delta)
    if ends is None:
        hot = Symbol("hot", positive=True)
        curve = equiangular_time(_rational(1 - gap), hot, n, "SA")
        with ball_arithmetic(precision) as flint:
            target = _ball(moment, flint)

            def late(value: Fraction) -> Any:
                return ball_value(curve, {hot: _ball(value, flint)}, flint) - target

            (ends,) = _on_grid(late, Fraction(1, 10**digits), Fraction(64), digits)
    low, high = fraction(ends[0]), fraction(ends[1])
    parameters = {
        "n": n,
        "delta": str(gap),
        "time": str(moment),
        "enclosure": _texts((low, high)),
    }
    statement = level_statement(parameters)
    return seal("level", statement, parameters, {}, (), precision)


def certify_dimension(
    beta: Any, n: int, digits: int = 6, precision: int = PRECISION
) -> Certificate:
    """Certify decimals of log10 of the least dimension that (D.9) allows.

    Parameters
    ----------
    beta : exact rational
        β >= 0.
    n : int
    digits : int
    """
    hot = fraction(beta)
    with ball_arithmetic(precision) as flint:
        inner = _gamma_ends("SA", n, hot, Fraction(1, n), digits + 12, flint)
        middle = _ball(sum(inner, Fraction(0)) / 2, flint)
        need = flint.arb(16).log() + 20 * _ball(max(Fraction(1), hot), flint) - 2 * middle.log()
        ten = flint.arb(10).log()

        def excess(value: Fraction) -> Any:
            u = _ball(value, flint) * ten
            return u - u.log() - need

        (ends,) = _on_grid(excess, Fraction(1), Fraction(10**9), digits)
    parameters = {"n": n, "beta": str(hot), "enclosure": _texts(ends)}
    evidence = {"gamma": _texts(inner)}
    statement = dimension_statement(parameters)
    return seal("dimension", statement, parameters, evidence, (), precision)


# -- growth rates of modes ---------------------------------------------------------------------


def certify_switch(
    mode: int,
    d: int = 2,
    digits: int = 8,
    ends: Ends | None = None,
    precision: int = PRECISION,
) -> Certificate:
    """Certify decimals of the β at which degree ``mode + 1`` overtakes degree ``mode``.

    Parameters
    ----------
    mode : int
        Degree k >= 1.
    d : int
        Dimension.
    digits : int
    ends : tuple, optional
        An enclosure to certify in place of decimals; it isn't tested here.

    Raises
    ------
    NotCertified
        When the β isn't below 2(k+1)² + 4d; on the circle it is near k(k+1)/2.
    """
    if ends is None:
        hot = Symbol("hot", positive=True)
        slow, fast = (mode_growth_rate(k, hot, d, "USA") for k in (mode, mode + 1))
        with ball_arithmetic(precision) as flint:

            def rise(value: Fraction) -> Any:
                return ball_value(fast - slow, {hot: _ball(value, flint)}, flint)

            top = Fraction(2 * (mode + 1) ** 2 + 4 * d)
            (ends,) = _on_grid(rise, Fraction(1, 10 ** min(digits, 3)), top, digits)
    low, high = fraction(ends[0]), fraction(ends[1])
    parameters = {"d": d, "mode": mode, "enclosure": _texts((low, high))}
    statement = switch_statement(parameters)
    assumptions = (BESSEL_QUOTIENT,)
    return seal("switch", statement, parameters, {}, assumptions, precision)


def certify_fastest(beta: Any, d: int = 2, precision: int = PRECISION) -> Certificate:
    """Certify which degree grows fastest about the uniform measure, among all of them."""
    hot = fraction(beta)
    mode = fastest_mode(_rational(hot), d)
    last = mode
    while hot * (last + 1) * (last + d - 1) >= last * (last + d - 2) * (2 * last + d):
        last += 1
    parameters = {"d": d, "beta": str(hot), "mode": mode}
    statement = fastest_statement(parameters)
    return seal("fastest", statement, parameters, {"last": last}, (), precision)


# -- thresholds ------------------------------------------------------------------------------


def critical_cosine(beta: Any, d: int = 2) -> tuple[Expr, Symbol, Ends]:
    """Monotone expression whose root is c = cos τ*, with its symbol and range, for (B.3)."""
    c = Symbol("c", real=True)
    return _rational(fraction(beta)) * (1 - c**2) - (d - 1) * c, c, (0, 1)


def early_bound(n: int) -> tuple[Expr, Symbol, Ends]:
    """Slope of (D.8) at t = 0 less log 2: the printed bound fails near 0 where it is negative.

    ``n² e^β/(2(n + e^{β/2})) >= log 2`` is what the bound needs at t = 0; for n = 2 the root is
    the threshold of its erratum, for n >= 3 there is none.
    """
    expr = Integer(n) ** 2 * exp(BETA) / (2 * (n + exp(BETA / 2))) - log(2)
    return expr, BETA, (0, 1)


def growth_bound(n: int) -> tuple[Expr, Symbol, Ends]:
    """``10 n β e^{3β} - 1``: the printed rate of Remark D.1 is too small where it is negative.

    An antipodal pair grows at the rate e^{-β}, the printed c^{nt} at 10 n β e^{2β}.
    """
    return 10 * n * BETA * exp(3 * BETA) - 1, BETA, (0, 1)


def tree_threshold(n: int) -> Expr:
    """β_0(n) = cos a/sin² a, a = π/(n-1): above it (n-1) τ* < π for d = 2, Theorem 5.1.

    Raises
    ------
    ValueError
        For n <= 3, where it is 0.
    """
    if n <= 3:
        raise ValueError(f"Expected n >= 4 but got n={n}; for n <= 3 the threshold is 0.")
    angle = pi / (n - 1)
    return cos(angle, evaluate=False) / sin(angle, evaluate=False) ** 2


__all__ = [
    "PRECISION",
    "NotCertified",
    "ball_value",
    "certify_dimension",
    "certify_equiangular",
    "certify_fastest",
    "certify_level",
    "certify_root",
    "certify_sign",
    "certify_switch",
    "certify_value",
    "critical_cosine",
    "early_bound",
    "enclosure_of",
    "formula_of",
    "fraction",
    "growth_bound",
    "newton",
    "tree_threshold",
]
