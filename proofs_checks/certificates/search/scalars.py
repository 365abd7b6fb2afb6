"""Searches for certificates of scalar facts: signs on boxes, roots, γ_β(t), modes, (D.9).

Signs by adaptive bisection of centred ball forms, roots by interval Newton steps; T(γ) of
Theorem 6.8 by its closed form, growth rates by Bessel functions. The checker replays what is
found, by other means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

from sympy import Expr, Rational, Symbol

from proofs_checks.certificates.checker import (
    BESSEL_QUOTIENT,
    dimension_statement,
    equiangular_statement,
    fastest_statement,
    level_statement,
    root_statement,
    sign_statement,
    switch_statement,
)
from proofs_checks.certificates.format import Certificate, ball_arithmetic, fraction, seal
from proofs_checks.certificates.search.formulas import (
    PRECISION,
    NotCertified,
    exact_ball,
    exact_fraction,
    formula_of,
    outward,
    texts,
)
from proofs_checks.decide import enclose_ball
from theory.predictions import equiangular_time, fastest_mode, mode_growth_rate
from theory.symbols import gamma as GAMMA

_DEPTH = 50
"""Halvings of a side after which a sign counts as undecided."""

Part = tuple[tuple[Fraction, Fraction], ...]
"""A box."""
Ends = tuple[Any, Any]
"""Two rational numbers, low < high: Fraction, int, SymPy's Rational or text."""

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

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

    Raises
    ------
    NotCertified
        With the witness where the sign is certainly another, or when the boxes are used up: an
        expression that vanishes in the box never ends otherwise.

    Examples
    --------
    >>> from sympy import cos
    >>> certificate = certify_sign(cos(GAMMA), ">", {GAMMA: (0, "3/2")})
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
            at = {name: exact_ball(value, flint) for name, value in zip(names, place, strict=True)}
            value = enclose_ball(wanted, at)
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
                name: exact_ball(low, flint).union(exact_ball(high, flint))
                for name, (low, high) in zip(names, part, strict=True)
            }
            if enclose_ball(wanted, wide) > 0:
                return None
            centre = [(low + high) / 2 for low, high in part]
            value = probe(centre)
            middle = {name: exact_ball(at, flint) for name, at in zip(names, centre, strict=True)}
            swings = [
                enclose_ball(slope, wide) * (wide[name] - middle[name])
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
        "box": [[str(name), *texts(ends)] for name, ends in zip(names, start, strict=True)],
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


# -- roots -----------------------------------------------------------------------------------


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
            return enclose_ball(expr, {variable: exact_ball(place, flint)})

        first, last = at(low), at(high)
        if not (first * last < 0):
            raise NotCertified(
                f"{expr} is {first.str(6, radius=False)} at {variable} = {low} and "
                f"{last.str(6, radius=False)} at {high}: no change of sign"
            )
        rising = bool(last > 0)
        while True:
            wide = exact_ball(low, flint).union(exact_ball(high, flint))
            middle = (low + high) / 2
            value = at(middle)
            steep = enclose_ball(slope, {variable: wide})
            width = high - low
            if not steep.contains(0) and steep.is_finite():
                step = exact_ball(middle, flint) - value / steep
                low = max(low, exact_fraction(step.lower()))
                high = min(high, exact_fraction(step.upper()))
            if high - low > width / 2:
                if value.contains(0):  # the root may be the very middle: look beside it
                    middle = low + 3 * (high - low) / 8
                    value = at(middle)
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
        The unknown.
    ends : tuple
        Rational ends of the range.
    digits : int
        Decimals of the enclosure.
    max_boxes : int, optional
        Most boxes to try.
    precision : int, optional
        Bits of the ball arithmetic.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

    Raises
    ------
    NotCertified
        When the sign doesn't change, or the derivative's isn't one on the range.
    """
    low, high = fraction(ends[0]), fraction(ends[1])
    left, right = newton(expr, variable, (low, high), precision)
    slope = expr.diff(variable)
    with ball_arithmetic(precision) as flint:
        found = exact_ball(left, flint).union(exact_ball(right, flint))
        left, right = outward(found, digits)
        left, right = max(left, low), min(right, high)
        rising = enclose_ball(expr, {variable: exact_ball(high, flint)}) > 0

        def decide(part: Part) -> int | None:
            ends = part[0]
            wide = exact_ball(ends[0], flint).union(exact_ball(ends[1], flint))
            value = enclose_ball(slope, {variable: wide})
            return None if (value > 0 if rising else value < 0) else 0

        tree = _bisect(((low, high),), decide, max_boxes)
    parameters = {
        "formula": formula_of(expr),
        "variable": str(variable),
        "range": texts((low, high)),
        "enclosure": texts((left, right)),
    }
    statement = root_statement(parameters)
    return seal("root", statement, parameters, {"tree": tree}, (), precision)


def enclosure_of(certificate: Certificate) -> tuple[Fraction, Fraction]:
    """Read the enclosure that a certificate states.

    Parameters
    ----------
    certificate : Certificate
        The certificate.

    Returns
    -------
    tuple[Fraction, Fraction]
        Lower and upper end, exact.
    """
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
    moment = exact_ball(time, flint)

    def late(inner: Fraction) -> Any:
        return enclose_ball(curve, {GAMMA: exact_ball(inner, flint)}) - moment

    (ends,) = _on_grid(late, Fraction(0), 1 - Fraction(1, 10**digits), digits)
    return ends


def certify_equiangular(
    time: Any, beta: Any, n: int, model: str = "SA", digits: int = 15, precision: int = PRECISION
) -> Certificate:
    """Certify decimals of γ_β(t), the common inner product of tokens that start orthonormal.

    Parameters
    ----------
    time, beta : exact rationals
        Any t > 0, β >= 0.
    n : int
        Number of tokens, at least 2.
    model : {"SA", "USA"}
        The model.
    digits : int
        Decimals; 1 - γ must be larger than the last of them.
    precision : int, optional
        Bits of the ball arithmetic.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

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
        "enclosure": texts(ends),
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
    time : exact rational
        The time t > 0.
    n : int
        Number of tokens.
    delta : exact rational
        The number δ in (0, 1).
    digits : int
        Decimal digits of the evaluation.
    ends : tuple, optional
        An enclosure to certify in place of decimals; it isn't tested here.
    precision : int, optional
        Bits of the ball arithmetic.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

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
            target = exact_ball(moment, flint)

            def late(value: Fraction) -> Any:
                return enclose_ball(curve, {hot: exact_ball(value, flint)}) - target

            (ends,) = _on_grid(late, Fraction(1, 10**digits), Fraction(64), digits)
    low, high = fraction(ends[0]), fraction(ends[1])
    parameters = {
        "n": n,
        "delta": str(gap),
        "time": str(moment),
        "enclosure": texts((low, high)),
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
        Any β >= 0.
    n : int
        Number of tokens.
    digits : int
        Decimal digits of the evaluation.
    precision : int, optional
        Bits of the ball arithmetic.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.
    """
    hot = fraction(beta)
    with ball_arithmetic(precision) as flint:
        inner = _gamma_ends("SA", n, hot, Fraction(1, n), digits + 12, flint)
        middle = exact_ball(sum(inner, Fraction(0)) / 2, flint)
        least = exact_ball(max(Fraction(1), hot), flint)
        need = flint.arb(16).log() + 20 * least - 2 * middle.log()
        ten = flint.arb(10).log()

        def excess(value: Fraction) -> Any:
            u = exact_ball(value, flint) * ten
            return u - u.log() - need

        (ends,) = _on_grid(excess, Fraction(1), Fraction(10**9), digits)
    parameters = {"n": n, "beta": str(hot), "enclosure": texts(ends)}
    evidence = {"gamma": texts(inner)}
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
        Decimal digits of the evaluation.
    ends : tuple, optional
        An enclosure to certify in place of decimals; it isn't tested here.
    precision : int, optional
        Bits of the ball arithmetic.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

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
                return enclose_ball(fast - slow, {hot: exact_ball(value, flint)})

            top = Fraction(2 * (mode + 1) ** 2 + 4 * d)
            (ends,) = _on_grid(rise, Fraction(1, 10 ** min(digits, 3)), top, digits)
    low, high = fraction(ends[0]), fraction(ends[1])
    parameters = {"d": d, "mode": mode, "enclosure": texts((low, high))}
    statement = switch_statement(parameters)
    assumptions = (BESSEL_QUOTIENT,)
    return seal("switch", statement, parameters, {}, assumptions, precision)


def certify_fastest(beta: Any, d: int = 2, precision: int = PRECISION) -> Certificate:
    """Certify which degree grows fastest about the uniform measure, among all of them.

    Parameters
    ----------
    beta : object
        Inverse temperature, rational, > 0.
    d : int, optional
        Dimension, >= 2.
    precision : int, optional
        Bits of the ball arithmetic.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.
    """
    hot = fraction(beta)
    mode = fastest_mode(_rational(hot), d)
    last = mode
    while hot * (last + 1) * (last + d - 1) >= last * (last + d - 2) * (2 * last + d):
        last += 1
    parameters = {"d": d, "beta": str(hot), "mode": mode}
    statement = fastest_statement(parameters)
    return seal("fastest", statement, parameters, {"last": last}, (), precision)
