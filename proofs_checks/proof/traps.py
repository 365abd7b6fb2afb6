"""Exact reasons why tokens of a flow never meet, or meet more slowly than a rate says.

Off the sphere; an integral of the schedule that is bounded; a barrier that weights which fade in
time can't lift tokens over; two tokens that stand still or move apart; two tokens that are slow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
from mpmath import workprec
from sympy import (
    Dummy,
    Expr,
    Float,
    Integer,
    Integral,
    Piecewise,
    Poly,
    Rational,
    S,
    cos,
    exp,
    integrate,
    lambdify,
    nan,
    oo,
    sin,
    zoo,
)

from proofs_checks.decide import Decision, decide_positive, enclose, rest_of
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.given import with_numbers
from proofs_checks.proof.pairs import pair_trap
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import FINITE_TIME
from proofs_checks.proof.weights import R0
from proofs_checks.proof.witness import leaves_sphere
from theory.bounded import simplified, vanishes
from theory.symbols import beta, d, n, t, z

PAIR = {"n": "2", "d": ">= 2", "masses": "1/2"}
"""Scope of a witness of two tokens."""


_BARRIERS = (
    (Rational(1, 10), Rational(2, 5)),
    (-Rational(9, 10), -Rational(1, 4)),
    (-Rational(9, 10), -S.Half),
    (S.Zero, S.Half),
)
"""Where two tokens start, and what they are shown not to reach."""


def pair_weight(flow: Flow) -> Expr:
    """Rate f in ``g' = f(g)(1-g²)`` of two tokens of mass 1/2 with inner product g."""
    form = flow.still_form
    assert form is not None  # asked before
    weight = form.scale * form.kernel
    if not form.normalised:
        return weight.subs(n, 2)
    return (2 * weight / (form.kernel.subs(z, 1) + form.kernel)).subs(n, 2)


def falling_pair(rate: Expr, places: tuple[Expr, ...]) -> tuple[Expr, Expr, str] | None:
    """Place among some at which two tokens move apart, f there, and for which parameters.

    Parameters are 1 and d is 2 or 3: a rate that is negative nowhere else isn't seen.
    """
    others = {s: S.One for s in rate.free_symbols - {z, d}}
    for place, size in product(places, (2, 3) if d in rate.free_symbols else (2,)):
        value = rate.subs(others).subs({d: size, z: place})
        if value.is_negative:
            named = f", d = {size}" if d in rate.free_symbols else ""
            return place, value, f"(parameters 1{named})"
    return None


def never_meet_in_time(flow: Flow) -> str:
    """Why distinct tokens never meet, by the flow's dependence on time alone, or ""."""
    if flow.form is None:
        return ""
    schedule = flow.schedule
    if schedule is None:
        return _barrier(flow)
    if schedule.constant or schedule.total in (None, oo) or not _is_smooth(flow):
        return ""
    step = apply(
        FINITE_TIME,
        f"|∫s dt| <= {schedule.total}: distinct tokens never meet",
        flow.value_is_identity,
        factor=schedule.factor,
        total=schedule.total,
    )
    if not step.holds:
        return ""
    return f"velocity = s(t) F(X), s = {schedule.factor}, {step.text} (rule: {step.evidence})"


def _is_smooth(flow: Flow) -> bool:
    """Whether the weight has a bounded slope at the ends too, and row sums don't vanish."""
    assert flow.weight is not None  # there is a schedule
    slope = flow.weight.diff(z)
    ends = [value.subs(z, end) for value in (flow.weight, slope) for end in (-1, 0, 1)]
    if any(value.has(oo, zoo, nan, -oo) for value in ends):
        return False
    return not flow.normalised or flow.attracts.holds


def _barrier(flow: Flow) -> str:
    """Two tokens that start at g_0 and never pass g_1, since their weight fades, or ""."""
    weight = flow.weight_in_time
    assert weight is not None and flow.form is not None  # asked before
    if flow.form.normalised:
        top = flow.form.kernel.subs(z, 1)
        weight = 2 * simplified(weight / top)
    weight = simplified(weight)
    if weight.free_symbols - {z, t}:
        return ""
    now = Dummy("t", nonnegative=True)
    rises = weight.diff(z).subs(t, now)
    if not rises.is_nonnegative:
        return ""
    if flow.form.normalised and not flow.form.kernel.is_positive:
        return ""
    for start, end in _BARRIERS:
        total = _fading(weight.subs(z, end))
        if total is not None and (start + total - end).is_negative:
            reached = (start + total).evalf(15)
            return (
                f"two tokens of mass 1/2 at <x1,x2> = {start} never pass {reached}: up to {end} "
                f"the inner product rises at most at the rate {weight.subs(z, end)}, of integral "
                f"{total}"
            )
    return ""


def _fading(rate: Expr) -> Expr | None:
    """Integral over t >= 0 of ``c e^{a + bt}`` with b < 0, or None."""
    rate = simplified(rate)
    _, rest = rate.as_independent(t, as_Add=False)
    if not isinstance(rest, exp) or not rest.exp.is_polynomial(t):
        return None
    inside = Poly(rest.exp, t)
    if inside.degree() != 1 or not inside.coeff_monomial(t).is_negative:
        return None
    now = Dummy("t", nonnegative=True)
    total = integrate(rate.subs(t, now), (now, 0, oo))
    return None if total.has(Integral, Piecewise) or not total.is_finite else total


def witness_values(decision: Decision, room: Expr = d) -> str:
    """Parameters of a decision's witness, in words; the dimension is a function of its d."""
    named = {a: b for a, b in decision.witness.items() if a not in ("z", "degree")}
    if "d" in named:
        named["d"] = room.subs(d, named["d"])
    return ", ".join(f"{a} = {b}" for a, b in named.items())


def standing_pair(flow: Flow, room: Expr = d) -> str:
    """Two tokens that never meet as the weight isn't positive somewhere in (-1, 1), or ""."""
    schedule, pull = flow.schedule, flow.pull
    if schedule is None or schedule.sign not in (1, -1) or pull is None:
        return ""
    assert flow.weight is not None  # there is a pull
    rate = flow.weight.subs(d, room)
    if schedule.sign == -1 or rate != flow.weight:
        pull = decide_positive(schedule.sign * rate, closed=(False, False))
    if not pull.refuted:
        return ""
    where = pull.witness["z"]
    for symbol in rate.free_symbols - {z}:
        rate = rate.subs(symbol, pull.witness.get(str(symbol), symbol))
    # The counts in a witness of two tokens: n is 2.
    if n in flow.weight.free_symbols and pull.witness.get("n", 2) != 2:
        return ""
    stays = vanishes(rate.subs(z, where))
    values = witness_values(pull, room)
    return (
        f"two points with <x1,x2> = {where} {'are stationary' if stays else 'move apart'}"
        f" inside an open hemisphere{', ' + values if values else ''}"
    )


def apart(
    flow: Flow,
    rng: np.random.Generator,
    heats: tuple[Expr, ...] | None = None,
    room: Expr = d,
) -> str:
    """Why an open set of tokens never meets, exactly, or "".

    Parameters
    ----------
    flow : Flow
    rng : Generator
        Draws the points at which a flow is tried to leave the sphere.
    heats : tuple of Expr, optional
        Values of β that the statement is about, where none is given; those of the flow.
    room : Expr, optional
        Dimensions that it is about, as a function of an integer d >= 2: d + 1 for d >= 3.
    """
    found = leaves_sphere(flow.model, rng) or never_meet_in_time(flow) or standing_pair(flow, room)
    model = None if found else with_numbers(flow.model, flow.values, flow.given)
    if model is not None:
        heats, wide = flow.heats if heats is None else heats, room.subs(d, 2)
        found = pair_trap(model, hot=heats, room=wide)
    return found


@lru_cache(maxsize=64)
def slow_pair(flow: Flow, rate: Expr) -> str:
    """Two tokens at ±acos(r0) of the pole that approach slower than the rate, exactly, or "".

    Their gnomonic distance is 2 tan(θ/2), and tan(θ/2) shrinks at the rate f(g) of `pair_weight`.
    """
    if flow.weight is None or not rate.free_symbols <= {R0, beta}:
        return ""
    if flow.schedule is None or not flow.schedule.constant:
        return ""
    weight, pull = pair_weight(flow), _light_token(flow)
    given = flow.number(beta)
    heats = (S.Half, Integer(3), Integer(30), Integer(64), *((S.Zero,) if flow.from_zero else ()))
    here = {s: S.One for s in weight.free_symbols | pull.free_symbols} | {n: S(2), d: S(2)}
    contracts, approaches, said_at = (
        _in_digits(expr.subs({s: v for s, v in here.items() if s not in (z, R0, beta)}))
        for expr in (weight, pull, rate)
    )
    for hot in heats if given is None else (given,):
        for low in (S.Half, Rational(3, 10), Rational(1, 10), Rational(1, 16), Rational(19, 20)):
            said = said_at(hot, low, S.One)
            rates = {
                "two tokens on both sides of the pole approach it, at last": contracts(
                    hot, low, S.One
                ),
                "two tokens on both sides of the pole contract": contracts(
                    hot, low, 2 * low**2 - 1
                ),
                "a token of mass 1/1000 at the pole approaches one at the height r0": approaches(
                    hot, low, low
                ),
            }
            for words, seen in rates.items():
                if seen < said * (1 - Rational(1, 10**9)):
                    return (
                        f"{flow.name}, n = 2, β = {hot}, r0 = {low}: {words} at the rate "
                        f"{seen.n(5)} < {said.n(5)}"
                    )
    return ""


@lru_cache(maxsize=256)  # a control changes one of the three rates
def _in_digits(expr: Expr) -> Callable[[Expr, Expr, Expr], Expr]:
    """Evaluate an expression in beta, R0 and z with thirty digits."""
    values = lambdify((beta, R0, z), expr, "mpmath")

    def at(*numbers: Expr) -> Expr:
        with workprec(140):
            return Float(values(*(number._to_mpmath(140) for number in numbers)), 30)

    return at


def _light_token(flow: Flow) -> Expr:
    """Rate at which two tokens contract at first, of mass q at the pole and p at the height r0.

    By (A.10), ``A_12 s_2/s_1 + A_21 s_1/s_2`` with s = (1, r0) and <x_1,x_2> = r0.
    """
    form = flow.still_form
    assert form is not None  # asked before
    light = Rational(1, 1000)
    to_heavy, to_light = form.kernel * (1 - light), form.kernel * light
    if form.normalised:
        top = form.kernel.subs(z, 1)
        to_heavy, to_light = (
            to_heavy / (light * top + to_heavy),
            to_light / ((1 - light) * top + to_light),
        )
    return form.scale * (to_heavy * R0 + to_light / R0)


_HEAVY = Rational(99, 100)
"""Mass of the token that hardly moves."""


def far_from_limit(kernel: Expr, constant: Expr) -> str:
    """Two tokens, one of them further from the limit at t = 0 than a constant says, or "".

    They are at ±φ of the pole, r0 = cos φ, of masses p and q. If k(g) <= k(1) then the light one
    turns by p of the angle 2φ at least: m_1 k/Z_1 against m_2 k/Z_2, where Z_2 <= Z_1.
    """
    for angle in (Rational(1, 10), Rational(1, 2), Rational(1), Rational(5, 4)):
        apart = enclose(2 * sin(_HEAVY * angle))
        said = enclose(constant.subs(R0, cos(angle)))
        if apart.a > said.b:  # which is cheap to ask, and rarely so
            if not decide_positive(kernel.subs(z, 1) - kernel, strict=False).holds:
                return ""
            return (
                f"two tokens of masses {_HEAVY}, {1 - _HEAVY} at ±{angle} rad of the pole: the "
                f"light one turns by {_HEAVY} of their angle at least, |x_2 - x*| >= "
                f"{float(apart.mid):.5g} > C = {float(said.mid):.5g} at t = 0"
            )
    return ""


def slow_clock(flow: Flow, rate: Expr) -> str:
    """Two tokens whose gnomonic distance exceeds ``D(0) e^{-λt}`` at some t, by the clock, or "".

    With f <= Λ along the pair, ``D(t) >= D(0) e^{-Λτ(t)}``.
    """
    schedule = flow.schedule
    if schedule is None or schedule.constant or schedule.sign != 1 or flow.weight is None:
        return ""
    elapsed, times = schedule.elapsed, schedule.before_end((1, 3, 10, 100, 10**4, 10**8))
    weight = pair_weight(flow)
    if elapsed is None or not rate.free_symbols <= {R0, beta}:
        return ""
    others = {s: S.One for s in weight.free_symbols | elapsed.free_symbols} | {
        n: Integer(2),
        d: Integer(2),
    }
    given = flow.number(beta)
    for hot in (S.Zero, S.Half) if given is None else (given,):
        at = {s: v for s, v in others.items() if s not in (z, t)} | {beta: hot}
        fixed = weight.subs(at)
        most = fixed.subs(z, 1)
        if not decide_positive(most - fixed, strict=False).holds:
            continue
        for low in (Rational(3, 5), Rational(9, 10)):
            said = rate.subs({R0: low, beta: hot})
            for time in times:
                slack = (said * time - most * elapsed.subs(at).subs(t, time)).evalf(20)
                if slack.is_real and slack > Rational(1, 10**6):
                    return (
                        f"{flow.name}, n = 2, β = {hot}, r0 = {low}: at t = {time} the time τ = "
                        f"∫s is {elapsed.subs(at).subs(t, time).n(6)}, and D >= D(0) e^(-Λτ), Λ = "
                        f"{most.n(6)}, which is more than D(0) e^(-λt), λ = {said.n(6)}"
                    )
    return ""


def explicit_change(flow: Flow, *, falls: bool = False) -> str:
    """Equilibrium at which the energy changes, or falls, as it depends on t itself; or ""."""
    if flow.kernel is None or not flow.energy_in_time or flow.form is None:
        return ""
    change = flow.kernel.diff(t)
    others = {s: S.One for s in change.free_symbols - {t, z}}
    for name, rate in (
        ("consensus", change.subs(z, 1) / 2),
        ("two tokens of mass 1/2 at x and -x", (change.subs(z, 1) + change.subs(z, -1)) / 4),
    ):
        for time in (S.Zero, Rational(1, 4), S.One, Integer(2)):
            value = simplified(rate.subs({**others, t: time}))
            if value.is_finite and (value.is_negative if falls else value.is_nonzero):
                shown = value.n(6)
                return f"{name} doesn't move, and dE/dt = ∂E/∂t = {shown} at t = {time}"
    return ""


def light_token_falls(flow: Flow) -> str:
    """Light token between two opposite groups at which the energy falls, enclosed, or "".

    The groups don't feel each other: ``dE/dt = s² ε (f_K f_H/Z + O(ε))`` with
    ``f_K = p K(c) - q K(-c)``, K the weight of the velocity, H that of the gradient. Between the
    ratios K(c)/K(-c) and H(c)/H(-c) of q to p the two pull in opposite directions.
    """
    if flow.form is None or flow.kernel is None or flow.climb.step.holds:
        return ""
    weight, slope = flow.form.scale * flow.form.kernel, flow.kernel.diff(z)
    names = (weight.free_symbols | slope.free_symbols | flow.form.kernel.free_symbols) - {z}
    if t in names:
        return ""
    for hot, (c, s) in product((S.One, S.Half, Integer(3)), _SLOPES):
        put = {**dict.fromkeys(names, S.One), beta: hot, n: Integer(3), d: Integer(2)}
        at = [expr.subs(put) for expr in (weight, slope, flow.form.kernel)]
        pull, climb, own = ({g: expr.subs(z, g) for g in (c, -c, S.One, -S.One)} for expr in at)
        ratios = [
            float(enclose(table[c]).mid) / float(enclose(table[-c]).mid)
            if enclose(table[-c]).a > 0 or enclose(table[-c]).b < 0
            else 0.0
            for table in (pull, climb)
        ]
        if min(ratios) <= 0 or abs(ratios[0] - ratios[1]) < 1e-6 * max(ratios):
            continue
        heavy = Rational(str(round((ratios[0] * ratios[1]) ** 0.5, 9)))
        for light in (Rational(1, 10**3), Rational(1, 10**6)):
            masses = [(1 - light) / (1 + heavy), heavy * (1 - light) / (1 + heavy), light]
            rate = enclose(s**2 * _rate_of_three(masses, c, pull, climb, own, flow.normalised))
            if rate.b < 0:
                values = "".join(f", {a} = {put[a]}" for a in sorted(names - {n, d}, key=str))
                shown = ", ".join(str(mass.n(6)) for mass in masses)
                return (
                    f"{flow.name}{values}: tokens at (1, 0), (-1, 0), ({c}, {s}) of masses {shown} "
                    f"have dE/dt = {float(rate.mid):.4g} < 0"
                )
    return ""


_SLOPES = ((Rational(3, 5), Rational(4, 5)), (Rational(4, 5), Rational(3, 5)))


def _rate_of_three(
    masses: list[Expr],
    c: Expr,
    pull: dict[Expr, Expr],
    climb: dict[Expr, Expr],
    own: dict[Expr, Expr],
    normalised: bool,
) -> Expr:
    """``dE/dt / s²`` of the tokens (1, 0), (-1, 0), (c, s)."""
    p, q, e = masses
    totals = [S.One] * 3
    if normalised:
        totals = [
            p * own[S.One] + q * own[-S.One] + e * own[c],
            p * own[-S.One] + q * own[S.One] + e * own[-c],
            p * own[c] + q * own[-c] + e * own[S.One],
        ]
    between = (p * pull[c] - q * pull[-c]) * (p * climb[c] - q * climb[-c])
    return (
        e * between / totals[2]
        + p * e**2 * pull[c] * climb[c] / totals[0]
        + q * e**2 * pull[-c] * climb[-c] / totals[1]
    )


def descends(flow: Flow, *, or_rests: bool = False) -> str:
    """Time at which ``velocity = c G^{-1} ∇E`` has c < 0, or c = 0 for a while, or ""."""
    if or_rests and (found := _stands_still(flow)):
        return found
    if not flow.climb.step.holds:
        return ""
    ratio = flow.climb.ratio
    names = sorted(ratio.free_symbols - {t}, key=str)
    times: tuple[Expr, ...] = (S.Zero,)
    if t in ratio.free_symbols:
        early = (S.Zero, S.One, Integer(3))
        times = early if flow.schedule is None else flow.schedule.before_end(early)
    for size, time in product((S.One, S.Half, Integer(3)) if names else (S.One,), times):
        at = {s: Integer(2) if s in (n, d) else size for s in names}
        value = ratio.subs({**at, t: time}).evalf(15)
        if value.is_negative:
            where = "".join(f", {s} = {v}" for s, v in at.items() if size != 1)
            where += f", t = {time}" if t in ratio.free_symbols else ""
            return f"fails at any tokens that move{where}: velocity = c G^(-1) ∇E, c = {ratio}"
    return ""


def _stands_still(flow: Flow) -> str:
    """Stretch of time in which nothing moves, whatever an energy of pairs asks for, or ""."""
    schedule, kernel = flow.schedule, flow.kernel
    if schedule is None or schedule.ends or flow.code or kernel is None or vanishes(kernel.diff(z)):
        return ""
    rest = rest_of(schedule.factor, t)
    pair = f"a pair of g = <x_1,x_2> with h'(g) != 0, h = {kernel}"
    return "" if rest is None else f"about t = {rest} nothing moves, but ∇E isn't 0 at {pair}"
