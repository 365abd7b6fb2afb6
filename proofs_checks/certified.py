"""Claims that ball arithmetic certifies: scalar facts of Sections 4-6 and App. D, trajectories.

Each search ends in a certificate that ``proofs_checks.checker`` must accept before the verdict is
CERTIFIED. Without python-flint the same checks compare values of 30 digits or runs in doubles, and
say SUPPORTED. Inequalities C1 to C10, C12 and C14 of App. A-D are proved with their theorems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.util import find_spec
from itertools import product
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, S, Symbol, diff, exp, lambdify, log, simplify, sqrt

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.integrate import Trajectory, integrate
from numerics.sphere import geodesic_distance
from proofs_checks.certificates import Certificate, ball_arithmetic
from proofs_checks.checker import check
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.enclosures import (
    PRECISION,
    NotCertified,
    ball_value,
    certify_dimension,
    certify_equiangular,
    certify_fastest,
    certify_level,
    certify_root,
    certify_sign,
    certify_switch,
    enclosure_of,
)
from proofs_checks.row_algebra import leaves_sphere, unreached
from proofs_checks.validated_trajectory import (
    certify_consensus,
    certify_run,
    hemisphere_pole,
    stereographic,
)
from theory.models import REPULSIVE, SA, USA, Model
from theory.predictions import (
    chord_lipschitz,
    equiangular_rate,
    equiangular_time,
    fastest_mode,
    mode_growth_rate,
)
from theory.reductions import circle_angles, equiangular
from theory.symbols import beta, gamma, n

FLINT = find_spec("flint") is not None
"""Whether python-flint, the extra ``certify``, is installed."""
BEST = Verdict.CERTIFIED if FLINT else Verdict.SUPPORTED
"""The verdict to expect of a claim of this file."""

MODE = Symbol("k", integer=True, positive=True)
"""Degree of a mode."""

_MISSING = "python-flint is missing: values of 30 digits, not enclosures; "


def _number(value: Fraction) -> Expr:
    return Rational(value.numerator, value.denominator)


def _ends(expr: Expr, values: Mapping[Symbol, Any] | None = None) -> tuple[Expr, Expr]:
    """Enclose a value; without python-flint 30 digits, give or take the 25th."""
    put = {name: Rational(value) for name, value in (values or {}).items()}
    if not FLINT:
        value = Rational(str(expr.subs(put).evalf(30)))
        slack = abs(value) / 10**25 + Rational(1, 10**28)
        return value - slack, value + slack
    with ball_arithmetic(PRECISION) as flint:
        balls = {s: flint.arb(flint.fmpq(int(v.p), int(v.q))) for s, v in put.items()}
        ball = ball_value(expr, balls, flint)
        if not ball.is_finite():
            raise NotCertified(f"{expr} at {put} isn't enclosed")
        sides = []
        for side in (ball.lower(), ball.upper()):
            mantissa, exponent = side.man_exp()
            sides.append(Integer(int(mantissa)) * Integer(2) ** int(exponent))
        return sides[0], sides[1]


def _short(value: Expr) -> str:
    return str(value.evalf(6))


def _rejected(certificate: Certificate) -> Evidence | None:
    """UNDECIDED when the independent checker doesn't accept a certificate."""
    result = check(certificate)
    return None if result.ok else Evidence(Verdict.UNDECIDED, f"rejected: {result.reason}")


def _verdict(detail: str, scope: Mapping[str, str], cases: int = 0, **more: Any) -> Evidence:
    """CERTIFIED after certificates were checked; SUPPORTED without python-flint."""
    return Evidence(BEST, detail if FLINT else _MISSING + detail, scope, cases=cases, **more)


# -- C11: growth of differences on the circle --------------------------------------------------


@dataclass(frozen=True)
class CircleGrowth:
    """Rate at which the largest angle between two solutions grows at most, for β in [0, top]."""

    rate: Expr
    top: int


def check_circle_growth(model: Model, prediction: CircleGrowth, budget: Budget) -> Evidence:
    """Certify ``rate + 2 Σ_{j in S} J_1j > 0`` for every set S of tokens but the first.

    J, the Jacobian of the angles, has zero row sums as the rates are of differences of angles, so
    its logarithmic sup norm is ``2 max_S (-Σ_S J_1j)`` over such sets, for the first token and by
    symmetry for each.

    Parameters
    ----------
    model : Model
        A flow with β.
    prediction : CircleGrowth
        The rate.
    budget : Budget
        ``full`` adds three tokens.
    """
    boxes, scope = 0, "2, 3" if budget.full else "2"
    for count in (2, 3) if budget.full else (2,):
        angles = [Symbol(name, real=True) for name in "xyw"[:count]]
        reduced = circle_angles(model)
        if not reduced.proved:
            return unreached(model, f"{model.name}: the angles aren't shown to suffice", budget.rng)
        rate = reduced.rates(angles)[0]
        row = [diff(rate, angle).subs(angles[0], 0) for angle in angles[1:]]
        for chosen in product((0, 1), repeat=count - 1):
            parts = [e for e, used in zip(row, chosen, strict=True) if used]
            slack = prediction.rate + 2 * sum(parts, S.Zero)
            # 44/7 > 2π: whole circles.
            box = {angle: (0, "44/7") for angle in angles[1:]}
            box = {s: e for s, e in box.items() if s in slack.free_symbols}
            found, used = _positive(slack, {**box, beta: (0, prediction.top)}, budget)
            if found is not None:
                return Evidence(found[0], f"{model.name}, n = {count}: {found[1]}")
            boxes += used
    return _verdict(
        f"{model.name}: the logarithmic sup norm of the Jacobian is below {prediction.rate}; "
        f"{boxes} boxes",
        {"n": scope, "d": "2", "beta": f"[0, {prediction.top}]", "masses": "1/n"},
    )


def _positive(
    expr: Expr, box: dict[Symbol, tuple[Any, Any]], budget: Budget
) -> tuple[tuple[Verdict, str] | None, int]:
    """Certify that an expression is positive on a box, or sample it; the size of the tree."""
    if not FLINT:
        # A sixth of the coordinates is at the ends of the box.
        unit = np.clip(budget.rng.uniform(-0.1, 1.1, (1000 * budget.cases, len(box))), 0, 1)
        low, high = np.array([[float(Fraction(end)) for end in ends] for ends in box.values()]).T
        drawn = low + (high - low) * unit
        values = np.broadcast_to(lambdify(list(box), expr, "numpy")(*drawn.T), len(drawn))
        case = int(np.argmin(values))
        if not values[case] > 0:
            place = dict(zip(map(str, box), drawn[case].tolist(), strict=True))
            return (Verdict.REFUTED, f"{values[case]:.4g} <= 0 at {place}"), 0
        return None, 0
    try:
        certificate = certify_sign(expr, ">", box)
    except NotCertified as reason:
        verdict = Verdict.UNDECIDED if reason.witness is None else Verdict.REFUTED
        return (verdict, str(reason)), 0
    failed = _rejected(certificate)
    size = len(certificate.evidence["tree"])
    return (None if failed is None else (failed.verdict, failed.detail)), size


C11 = Claim(
    "C11",
    "On the circle, n = 2 (full: 3) and β in [0, 6]: the largest angle between two solutions of SA "
    "grows at most at the rate 2(1+β).",
    SA,
    CircleGrowth(chord_lipschitz(), 6),
    check_circle_growth,
    (
        Control("2(1+β) -> (1+β)/10", prediction=CircleGrowth((1 + beta) / 10, 6)),
        Control("2(1+β) -> (1+β)/2", prediction=CircleGrowth((1 + beta) / 2, 6)),
        Control("the flow USA", model=USA),
    ),
    BEST,
    cases=10,
    origin="extension",
)


# -- C13: where the printed bounds of Appendix D fail -------------------------------------------


@dataclass(frozen=True)
class FailsBelow:
    """A printed bound holds if and only if ``slack >= 0``: for β at or above ``root`` only.

    Attributes
    ----------
    slack : Expr
        In ``beta`` and ``n``; negative at β = 0, it increases on [0, 1].
    root : Expr or None
        Closed form of its zero, where there is one.
    decimals : str
        The zero, rounded.
    size : int
        The n it speaks of.
    never : tuple of int
        Those n where the slack is positive on all of [0, 20].
    """

    slack: Expr
    root: Expr | None
    decimals: str
    size: int = 2
    never: tuple[int, ...] = ()

    def at(self, size: int) -> Expr:
        """Slack for a number of tokens."""
        if size < 2:
            raise ValueError(f"Expected at least 2 tokens but got size={size}; one has no pair.")
        return self.slack.subs(n, size)


def check_fails_below(model: Any, prediction: FailsBelow, budget: Budget) -> Evidence:
    """Enclose the zero of the slack by Newton steps, and compare with its closed form and decimals.

    Parameters
    ----------
    model : object
        Not used: the printed bounds speak of γ, whose equation has its own claims.
    prediction : FailsBelow
    budget : Budget
        Samples without python-flint.
    """
    one, others = prediction.at(prediction.size), [prediction.at(k) for k in prediction.never]
    place = Rational(prediction.decimals)
    unit = Rational(1, 2 * 10 ** len(prediction.decimals.partition(".")[2]))
    sides = [_ends(one, {beta: place + step}) for step in (-unit, unit)]
    if sides[0][0] > 0 or sides[1][1] < 0:
        word = "below" if sides[0][0] > 0 else "above"
        return Evidence(
            Verdict.REFUTED,
            f"the slack is {_short(sides[0][0])} at β = {(place - unit).evalf(8)} and "
            f"{_short(sides[1][0])} at {(place + unit).evalf(8)}: its zero is {word}",
        )
    start = _ends(one, {beta: 0})
    if not start[1] < 0:
        detail = f"the slack is {_short(start[0])} at β = 0, where the bound is to fail"
        return Evidence(Verdict.REFUTED if start[0] >= 0 else Verdict.UNDECIDED, detail)
    if prediction.root is not None:
        low, high = _ends(prediction.root)
        margin = Rational(1, 10**20)
        early, late = (_ends(one, {beta: end}) for end in (low - margin, high + margin))
        if early[0] > 0 or late[1] < 0:
            detail = f"the slack at {prediction.root} = {_short(low)} is {_short(early[0])}"
            return Evidence(Verdict.REFUTED, detail)
        if not (early[1] < 0 < late[0] and high - low < margin):
            return Evidence(Verdict.UNDECIDED, "the closed form is enclosed too loosely")
    for slack in others:
        found, _ = _positive(slack, {beta: (0, 20)}, budget)
        if found is not None:
            return Evidence(*found)
    if FLINT:
        try:
            certificate = certify_root(one, beta, (0, 1), digits=15)
        except NotCertified as reason:
            return Evidence(Verdict.UNDECIDED, str(reason))
        failed = _rejected(certificate)
        if failed is not None:
            return failed
        low, high = (_number(end) for end in enclosure_of(certificate))
        if not place - unit < low < high < place + unit:
            return Evidence(Verdict.UNDECIDED, f"the zero lies in [{low}, {high}]")
    extra = f"; {len(prediction.never)} more slacks have none in [0, 20]" * bool(prediction.never)
    sizes = "; ".join([str(prediction.size), ", ".join(map(str, prediction.never))])
    scope = {"n": sizes.strip("; "), "beta": "[0, 1], [0, 20]" if others else "[0, 1]"}
    return _verdict(f"one zero in [0, 1], at {prediction.decimals}{extra}", scope)


# Exponent of (D.8) at t = 0 less log 2: 1 <= ½ e^{n² e^β/(2(n + e^{β/2}))} is needed.
_EARLY = FailsBelow(
    n / (n + exp(beta / 2)) * n * exp(beta) / 2 - log(2),
    2 * log((log(2) + sqrt(log(2) ** 2 + 16 * log(2))) / 4),
    "0.046816",
    never=(3, 4, 8, 32),
)

C13 = Claim(
    "C13",
    "At t = 0 (D.8) fails for n = 2, β < 0.046816: log 2 = 2s²/(2+s), s = e^{β/2}; it doesn't for "
    "n = 3, 4, 8, 32 and β <= 20.",
    None,
    _EARLY,
    check_fails_below,
    (
        Control("n = 2 among the n without a zero", prediction=replace(_EARLY, never=(2,))),
        Control("0.046816 -> 0.046817", prediction=replace(_EARLY, decimals="0.046817")),
        Control(
            "other constant in the root",
            prediction=replace(_EARLY, root=2 * log((log(2) + sqrt(17 * log(2))) / 4)),
        ),
    ),
    BEST,
    cases=10,
    origin="extension",
)


# c^{nt} of Remark D.1, c = e^{10 β e^{2β}}, against the antipodal pair's rate e^{-β}.
_CONSTANT = FailsBelow(10 * n * beta * exp(3 * beta) - 1, None, "0.04384")

CONSTANT_D_1 = Claim(
    "Remark D.1 threshold",
    "n = 2, β in [0, 1]: the printed c(β)^{nt} is below the growth of an antipodal pair exactly "
    "for β < 0.04384.",
    None,
    _CONSTANT,
    check_fails_below,
    (
        Control("n = 2 -> n = 3", prediction=replace(_CONSTANT, size=3)),
        Control(
            "e^{3β} -> e^{2β}",
            prediction=replace(_CONSTANT, slack=10 * n * beta * exp(2 * beta) - 1),
        ),
    ),
    BEST,
    cases=10,
    origin="extension",
)


# -- γ ---------------------------------------------------------------------------------------

Curve = Callable[[float, float, int, str], float]
"""``γ(t, β, n, model)`` in doubles."""


def _off_curve(flow: Model, name: str) -> str:
    """Say how far γ' of a flow is from (6.9) or (6.10), "" if it is that."""
    gap = simplify(equiangular(flow).rate - equiangular_rate(model=name))
    shown = gap.subs({gamma: Rational(1, 2), beta: 2, n: 3})
    off = f"{flow.name}: γ' is off by {_short(shown)} at γ = 1/2, β = 2, n = 3"
    return off if gap != 0 else ""


def check_gamma(model: Any, prediction: Curve, budget: Budget) -> Evidence:
    """Enclose γ at random t, β, n and compare the doubles with the enclosure.

    Parameters
    ----------
    model : tuple of Model
        SA, USA or both; their equations are derived and compared with (6.9) and (6.10).
    prediction : Curve
        γ in doubles.
    budget : Budget
    """
    worst = 0.0
    for flow in model:
        name = "SA" if circle_angles(flow).normaliser is not None else "USA"
        wrong = _off_curve(flow, name)
        if wrong:
            return Evidence(Verdict.REFUTED, wrong)
        for _ in range(budget.cases):
            size = int(budget.rng.integers(2, 33))
            hot = Fraction(int(budget.rng.integers(1, 49)), 16)
            target = float(budget.rng.uniform(0.05, 0.95))
            curve = equiangular_time(gamma, _number(hot), size, name)
            time = Fraction(int(2**20 * curve.subs(gamma, target).evalf(12)) + 1, 2**20)
            value = Fraction(prediction(float(time), float(hot), size, name))
            slack = Fraction(1, 10**12)
            case = f"{name}, n = {size}, β = {hot}, t = {time}"
            if FLINT:
                certificate = certify_equiangular(time, hot, size, name, digits=15)
                failed = _rejected(certificate)
                if failed is not None:
                    return failed
                low, high = enclosure_of(certificate)
                off = max(low - value, value - high, Fraction(0))
            else:
                sides = [curve.subs(gamma, _number(value + s)).evalf(30) for s in (-slack, slack)]
                off = Fraction(0) if sides[0] < _number(time) < sides[1] else 2 * slack
                low = high = value
            if off > slack:
                return Evidence(
                    Verdict.REFUTED,
                    f"{case}: γ is {float(value)!r} in doubles, outside [{float(low)!r}, "
                    f"{float(high)!r}] by {float(off):.3g}",
                )
            worst = max(worst, float(off))
    return _verdict(
        f"doubles within 1e-12 of enclosures of 15 decimals, the worst {worst:.1g} outside",
        {"n": "2 to 32", "beta": "(0, 3]", "gamma": "0.05 to 0.95"},
        cases=len(model) * budget.cases,
        margin=1 - worst / 1e-12,
    )


def _gamma(time: float, hot: float, size: int, name: str) -> float:
    return float(equiangular_gamma(time, hot, size, name))


def _gamma_more(time: float, hot: float, size: int, name: str) -> float:
    return _gamma(time, hot, size + 1, name)


def _gamma_warm(time: float, hot: float, size: int, name: str) -> float:
    return _gamma(time, hot * (1 + 1e-9), size, name)


def _gamma_swapped(time: float, hot: float, size: int, name: str) -> float:
    return _gamma(time, hot, size, "USA" if name == "SA" else "SA")


GAMMA_ENCLOSURE = Claim(
    "γ enclosure",
    "equiangular_gamma is within 1e-12 of the solution of (6.9), (6.10) in each sampled case, each "
    "certified.",
    (SA, USA),
    _gamma,
    check_gamma,
    (
        Control("γ of n + 1 tokens", prediction=_gamma_more),
        Control("γ of the other model", prediction=_gamma_swapped),
        Control("β -> (1 + 1e-9) β", prediction=_gamma_warm),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    BEST,
    cases=3,
    origin="extension",
)


# -- modes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Switches:
    """Degree k+1 overtakes degree k at one β, in [low, high], functions of ``MODE``."""

    low: Expr
    high: Expr


def check_switches(model: Expr, prediction: Switches, budget: Budget) -> Evidence:
    """Compare the rates of neighbouring degrees at both ends, and the fastest of all beside them.

    Parameters
    ----------
    model : Expr
        Growth rate on the circle, in ``MODE`` and ``beta``, up to a factor free of MODE.
    prediction : Switches
        Where they switch.
    budget : Budget
        ``full`` goes on to degree 24.
    """
    top = 24 if budget.full else 8
    for k in range(1, top + 1):
        ends = [bound.subs(MODE, k) for bound in (prediction.low, prediction.high)]
        gain = model.subs(MODE, k + 1) - model.subs(MODE, k)
        (_, before), (after, _) = (_ends(gain, {beta: end}) for end in ends)
        if before >= 0 or after <= 0:
            where, value = (ends[0], before) if before >= 0 else (ends[1], after)
            word = "already" if before >= 0 else "not yet"
            return Evidence(
                Verdict.REFUTED,
                f"at β = {where} degree {k + 1} is {word} faster than {k}: by {_short(value)}",
            )
        around = [fastest_mode(end) for end in ends]
        if around != [k, k + 1]:
            return Evidence(Verdict.REFUTED, f"the fastest at β = {ends} are {around}, not {k}, +1")
        if FLINT:
            found = [certify_switch(k, ends=tuple(ends))]
            found += [certify_fastest(end) for end in ends]
            for certificate in found:
                failed = _rejected(certificate)
                if failed is not None:
                    return failed
    last = "" if not FLINT else f"; the first at {float(enclosure_of(certify_switch(1))[0]):.8f}"
    return _verdict(
        f"the fastest degree changes from k to k+1 at one β in [{prediction.low}, "
        f"{prediction.high}], k = 1 to {top}{last}",
        {"d": "2", "k": f"1 to {top}"},
        assumptions=("I_{ν+1}/I_ν increases (Amos)",),
    )


_SWITCHES = Switches(MODE * (MODE + 1) / 2, MODE * (MODE + 1) / 2 + Rational(1, 4))

MODE_SWITCHES = Claim(
    "Mode switches",
    "On the circle, k = 1, …, 8 (full: 24): degree k+1 overtakes k at one β, between k(k+1)/2 and "
    "k(k+1)/2 + 1/4.",
    mode_growth_rate(MODE, beta, 2, "USA"),
    _SWITCHES,
    check_switches,
    (
        Control("1/4 -> 1/5", prediction=replace(_SWITCHES, high=_SWITCHES.low + Rational(1, 5))),
        Control("k(k+1)/2 -> (k+1)²/2", prediction=Switches((MODE + 1) ** 2 / 2, (MODE + 1) ** 2)),
        Control(
            "rates without k²", model=mode_growth_rate(MODE, beta, 2, "USA") / MODE**2
        ),
        Control("rates on the sphere, d = 3", model=mode_growth_rate(MODE, beta, 3, "USA")),
    ),
    BEST,
    origin="extension",
)  # fmt: skip


# -- (D.9) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dimensions:
    """Least dimension of (D.9): ``d/log d >= factor e^{2 rate max(1, β)}/γ_β(1/n)²``.

    Attributes
    ----------
    table : tuple of (n, β, decimals of log10 d)
    factor, rate : int
    """

    table: tuple[tuple[int, int, str], ...]
    factor: int = 16
    rate: int = 10


def check_dimensions(model: Model, prediction: Dimensions, budget: Budget) -> Evidence:
    """Compare both sides of (D.9) beside the decimals predicted, γ(1/n) enclosed by its T(γ).

    Parameters
    ----------
    model : Model
        The flow whose γ is meant.
    prediction : Dimensions
    budget : Budget
        Not used.
    """
    inner = Symbol("inner", positive=True)
    lost = leaves_sphere(model, budget.rng)
    if lost:
        return Evidence(Verdict.REFUTED, lost)
    name = "SA" if circle_angles(model).normaliser is not None else "USA"
    wrong = _off_curve(model, name)
    if wrong:
        return Evidence(Verdict.REFUTED, wrong)
    for size, hot, decimals in prediction.table:
        unit = Rational(1, 2 * 10 ** len(decimals.partition(".")[2]))
        curve = equiangular_time(inner, hot, size, name) - Rational(1, size)
        guess = Fraction(float(equiangular_gamma(1 / size, float(hot), size, name)))
        low, high = (_number(guess * (1 + Fraction(sign, 10**9))) for sign in (-1, 1))
        if not (_ends(curve, {inner: low})[1] < 0 < _ends(curve, {inner: high})[0]):
            return Evidence(Verdict.UNDECIDED, f"γ(1/{size}) isn't within 1e-9 of {float(guess)}")
        need = log(prediction.factor) + 2 * prediction.rate * max(1, hot)
        gaps = []
        for shift, value in ((-unit, high), (unit, low)):
            u = (Rational(decimals) + shift) * log(10)
            gaps.append(_ends(u - log(u) - need + 2 * log(value)))
        if gaps[0][0] > 0 or gaps[1][1] < 0:
            return Evidence(
                Verdict.REFUTED,
                f"{name}, n = {size}, β = {hot}: log(d/log d) less its bound at log10 d = "
                f"{decimals} is {_short(gaps[0][0])}",
            )
        if FLINT:
            certificate = certify_dimension(hot, size)
            failed = _rejected(certificate)
            if failed is not None:
                return failed
            found = [_number(end) for end in enclosure_of(certificate)]
            place = Rational(decimals)
            if not place - unit < found[0] < found[1] < place + unit:
                return Evidence(Verdict.UNDECIDED, f"n = {size}, β = {hot}: log10 d in {found}")
    rows = "; ".join(f"n = {a}, β = {b}: 10^{c}" for a, b, c in prediction.table)
    return _verdict(f"(D.9) asks for d at least {rows}", {"n": "2, 32", "beta": "0, 1, 9"})


_TABLE = (
    (2, 0, "12.002"),
    (2, 1, "12.423"),
    (2, 9, "89.508"),
    (32, 1, "16.920"),
    (32, 9, "91.932"),
)

DIMENSIONS = Claim(
    "(D.9) dimensions",
    "Theorem 6.9 thresholds: d/log d >= 16 c²/γ(1/n)² needs log10 d >= 12.002 (n = 2, β = 0) etc.",
    SA,
    Dimensions(_TABLE),
    check_dimensions,
    (
        Control("16 -> 4", prediction=Dimensions(_TABLE, factor=4)),
        Control("c = e^{10 max} -> e^{9 max}", prediction=Dimensions(_TABLE, rate=9)),
        Control("γ of USA", model=USA),
        Control("last digit", prediction=Dimensions((*_TABLE[:4], (32, 9, "91.933")))),
    ),
    BEST,
    origin="extension",
)


# -- Figure 3 --------------------------------------------------------------------------------


_DELTA = Rational(1, 1000)


@dataclass(frozen=True)
class DrawnCurve:
    """The curve of (6.12) passes ``time`` at β = reading ± tolerance.

    Attributes
    ----------
    time_of : Expr
        T(γ) in ``gamma``, ``beta`` and ``n``.
    reading, tolerance : Expr
    size, time : int
    delta : Expr
    """

    time_of: Expr
    reading: Expr
    tolerance: Expr
    size: int = 32
    time: int = 30
    delta: Expr = _DELTA


def check_curve(model: Model, prediction: DrawnCurve, budget: Budget) -> Evidence:
    """Compare T(1-δ) with the time at both ends of the reading.

    Parameters
    ----------
    model : Model
        The flow whose γ' is 1/T'.
    prediction : DrawnCurve
    budget : Budget
        Not used.
    """
    rate = equiangular(model).rate
    at = {gamma: Rational(1, 2), beta: Rational(5, 4), n: 4}
    value = (prediction.time_of.diff(gamma) * rate).subs(at).evalf(15)
    if abs(value - 1) > Rational(1, 10**6):
        return Evidence(Verdict.REFUTED, f"γ' dT/dγ = {value} at γ = 1/2, β = 5/4, n = 4, not 1")
    hot = Symbol("hot", positive=True)
    put = {gamma: 1 - prediction.delta, n: prediction.size, beta: hot}
    curve = prediction.time_of.subs(put)
    ends = [prediction.reading + sign * prediction.tolerance for sign in (-1, 1)]
    early, late = (_ends(curve, {hot: end}) for end in ends)
    if early[0] > prediction.time or late[1] < prediction.time:
        return Evidence(
            Verdict.REFUTED,
            f"T(1-δ) runs from {_short(early[0])} at β = {_short(ends[0])} to {_short(late[1])} at "
            f"β = {_short(ends[1])}: it isn't {prediction.time} there",
        )
    if not early[1] < prediction.time < late[0]:
        return Evidence(Verdict.UNDECIDED, "T at an end is enclosed too loosely")
    detail = f"T(1-δ) = {prediction.time} at β = {_short(prediction.reading)}"
    if FLINT:
        delta = str(prediction.delta)
        failed = _rejected(certify_level(prediction.time, prediction.size, delta, ends=tuple(ends)))
        if failed is not None:
            return failed
        low, high = enclosure_of(certify_level(prediction.time, prediction.size, delta, digits=9))
        detail += f", in [{float(low):.9f}, {float(high):.9f}]"
    return _verdict(
        f"{detail}, within {prediction.tolerance}",
        {"n": str(prediction.size), "delta": str(prediction.delta), "d": ">= n"},
    )


_DRAWN = DrawnCurve(equiangular_time(model="SA"), Rational("6.9065"), Rational(1, 2000))

FIGURE_3 = Claim(
    "E.Figure 3",
    "For n = 32, δ = 0.001 the curve of (6.12) passes t = 30 at β = 6.9065; it is drawn at 6.45.",
    SA,
    _DRAWN,
    check_curve,
    (
        Control("T of USA", prediction=replace(_DRAWN, time_of=equiangular_time(model="USA"))),
        Control("n = 32 -> 31", prediction=replace(_DRAWN, size=31)),
        Control("δ = 0.001 -> 0.0011", prediction=replace(_DRAWN, delta=Rational(11, 10000))),
    ),
    BEST,
    printed=Control(
        "as drawn: 6.45, read to 0.1",
        prediction=replace(_DRAWN, reading=Rational("6.45"), tolerance=Rational(1, 10)),
    ),
    origin="erratum",
)


# -- trajectories ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """Rational tokens on the circle by stereographic coordinates, and β: they form one cluster."""

    tokens: tuple[str, ...]
    hot: str


def check_start(model: Model, prediction: Start, budget: Budget) -> Evidence:
    """Follow the exact solution into an open hemisphere.

    A set of tokens that equals its mirror image -X stays so, in no open hemisphere. For a flow
    without error bounds a run in doubles that comes to rest elsewhere refutes.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Start
    budget : Budget
        ``full`` adds USA, β = 4 and a start on the sphere.
    """
    lost = leaves_sphere(model, budget.rng)
    if lost:
        return Evidence(Verdict.REFUTED, lost)
    rows = [stereographic([u]) for u in prediction.tokens]
    if sorted(rows) == sorted([-entry for entry in row] for row in rows):
        detail = "the tokens are symmetric about 0, so they stay outside every open hemisphere"
        return Evidence(Verdict.REFUTED, f"{model.name}, u = {prediction.tokens}: {detail}")
    first = np.array([[float(entry) for entry in row] for row in rows])
    height = hemisphere_pole(first)[1]
    if height > 1e-9:
        return Evidence(Verdict.UNDECIDED, "the tokens start in a half circle: nothing to show")
    if not FLINT or model not in (SA, USA):
        return _in_doubles(model, first, prediction)
    cases = [(model, prediction.hot, rows)]
    if budget.full:
        solid = [stereographic(u) for u in (("3", "0"), ("-1", "2"), ("-1", "-2"), ("0", "1/8"))]
        cases += [(USA, prediction.hot, rows), (SA, "4", rows), (SA, "2", solid)]
    parts = []
    for flow, hot, points in cases:
        try:
            certificate = certify_consensus(points, hot, flow)
        except NotCertified as reason:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}, β = {hot}: {reason}")
        failed = _rejected(certificate)
        if failed is not None:
            return failed
        time = float(Fraction(certificate.parameters["time"]))
        count = len(certificate.evidence["steps"])
        parts.append(f"{flow.name}, β = {hot}, d = {len(points[0])}: t = {time:.3f}, {count} steps")
    return _verdict(
        f"an open hemisphere is reached: {'; '.join(parts)}",
        {"n": str(len(rows)), "d": "2", "beta": prediction.hot, "masses": "1/n"},
        assumptions=("Lemma 6.4",),
    )


def _in_doubles(model: Model, first: Any, prediction: Start) -> Evidence:
    field = compile_model(model, beta=float(Fraction(prediction.hot)))
    run = integrate(field, first, 60.0, rtol=1e-10)
    times = [t for t, x in zip(run.times, run.points, strict=True) if hemisphere_pole(x)[1] > 1e-2]
    speed = float(np.abs(field(run.points[-1])).max())
    if times:
        found = f"a run in doubles is in a half circle at {times[0]:.3f}"
        return Evidence(
            Verdict.UNDECIDED if FLINT else Verdict.SUPPORTED,
            found if FLINT else _MISSING + found,
            {"n": str(len(first)), "d": "2", "beta": prediction.hot},
            cases=1,
        )
    if speed < 1e-8:
        shown = np.array2string(run.points[-1], precision=3).replace("\n", "")
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}, β = {prediction.hot}, u = {prediction.tokens}: at rest (speed "
            f"{speed:.1g}) at t = 60 in {shown}, in no open half circle",
        )
    return Evidence(Verdict.UNDECIDED, f"no half circle until t = 60, speed {speed:.2g}")


_TOKENS = ("3", "1/4", "-1/2", "-5")

VALIDATED = Claim(
    "Validated trajectory",
    "Four tokens in no half circle, β = 1: the exact solution comes to an open one, so to a point.",
    SA,
    Start(_TOKENS, "1"),
    check_start,
    (
        Control("a square", prediction=Start(("3", "-1/3", "1/2", "-2"), "1")),
        Control("two antipodal pairs", prediction=Start(("3", "-1/3", "1/4", "-4"), "1")),
        Control("V = -I", model=REPULSIVE),
    ),
    BEST,
    origin="extension",
)


@dataclass(frozen=True)
class RunError:
    """A run in doubles of ``flow`` at ``warm·β`` is within ``error`` of the exact solution."""

    error: float
    flow: Model = SA
    warm: float = 1.0
    rtol: float = 1e-8


def check_run_error(model: Model, prediction: RunError, budget: Budget) -> Evidence:
    """Certify an accurate run of the model, and compare the run predicted with it.

    Parameters
    ----------
    model : Model
        The exact flow.
    prediction : RunError
        The run and its error.
    budget : Budget
        ``full`` takes 8 tokens on the sphere at β = 2 too.
    """
    parts = []
    for size, d, hot, end in [(4, 2, 1.25, 1.0)] + ([(8, 3, 2.0, 2.0)] if budget.full else []):
        points = budget.rng.standard_normal((size, d))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        times = np.linspace(0, end, 7)
        best = integrate(compile_model(model, beta=hot), points, end, t_eval=times, rtol=1e-12)
        other = compile_model(prediction.flow, beta=prediction.warm * hot)
        run = integrate(other, points, end, t_eval=times, rtol=prediction.rtol)
        apart = float(geodesic_distance(run.points, best.points).max())
        bound = 0.0
        if FLINT:
            own = _own_error(run, model, hot)
            if own is not None and own <= prediction.error:
                parts.append(f"n = {size}, d = {d}, β = {hot}: at most {own:.2g}")
                continue
            certified = certify_run(best)
            failed = _rejected(certified.certificate)
            if failed is not None:
                return failed
            bound = float(certified.errors.max())
        if apart - bound > prediction.error:
            return Evidence(
                Verdict.REFUTED,
                f"n = {size}, d = {d}, β = {hot}: the run is {apart:.3g} away from one that is "
                f"within {bound:.2g} of the exact solution",
            )
        if FLINT:
            return Evidence(Verdict.UNDECIDED, f"the error lies between {apart - bound:.2g} and ?")
        parts.append(f"n = {size}, d = {d}, β = {hot}: {apart:.2g} from a run at rtol 1e-12")
    return _verdict(
        f"error of a run at rtol 1e-8: {'; '.join(parts)}",
        {"n": "4, 8" if budget.full else "4", "d": "2, 3" if budget.full else "2", "t": "[0, 1]"},
        cases=len(parts),
    )


def _own_error(run: Trajectory, model: Model, hot: float) -> float | None:
    """Largest proved error of a run of the model itself, if a bound can be had."""
    if run.field.model != model or run.field.parameters["beta"] != hot:
        return None
    try:
        certified = certify_run(run)
    except NotCertified:
        return None
    return float(certified.errors.max()) if check(certified.certificate).ok else None


VALIDATED_RUN = Claim(
    "Validated run",
    "One ordinary run at rtol 1e-8 (n = 4, d = 2) is proved to be within 1e-5 of the exact "
    "solution.",
    SA,
    RunError(1e-5),
    check_run_error,
    (
        Control("β -> 1.01 β in the run", prediction=RunError(1e-5, warm=1.01)),
        Control("a run of USA", prediction=RunError(1e-5, flow=USA)),
    ),
    BEST,
    origin="extension",
)

CLAIMS_CERTIFIED = (
    C11,
    DIMENSIONS,
    C13,
    CONSTANT_D_1,
    GAMMA_ENCLOSURE,
    MODE_SWITCHES,
    VALIDATED,
    VALIDATED_RUN,
    FIGURE_3,
)
"""The claims of this file."""

__all__ = [
    "BEST",
    "C11",
    "C13",
    "CLAIMS_CERTIFIED",
    "CONSTANT_D_1",
    "DIMENSIONS",
    "FIGURE_3",
    "FLINT",
    "GAMMA_ENCLOSURE",
    "MODE",
    "MODE_SWITCHES",
    "VALIDATED",
    "VALIDATED_RUN",
    "CircleGrowth",
    "Dimensions",
    "DrawnCurve",
    "FailsBelow",
    "RunError",
    "Start",
    "Switches",
    "check_circle_growth",
    "check_curve",
    "check_dimensions",
    "check_fails_below",
    "check_gamma",
    "check_run_error",
    "check_start",
    "check_switches",
]
