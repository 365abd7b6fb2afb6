"""Five points, Five points, minimisers: bipyramid at small β, square pyramid at large β.

Main results
------------
Five points: on the sphere S^2 the two have the same energy at one β in [1, 40], 6.886160810628.
Five points, minimisers: a search finds nothing below the bipyramid before, the pyramid after.

How it is proved
----------------
The pyramid's base stands at the height -h of least energy. F is the pyramid's energy at h less the
bipyramid's. In balls, each certificate checked anew: F > 0 for every h while β <= 13/2; from 13/2
to 15/2 the least F lies at h in [1/8, 1/6], where F falls with β, so the least F does, and changes
its sign once; from 15/2 on F < 0 at h = 1/β. No code of five points is sharp: that the two are
minimisers is searched, not shown. Subdivision of the seven coordinates would have to look,
at β = 6.8 alone, into 1e5, 1.4e6, 2e7 boxes of caps of 0.1, 0.05, 0.025 rad, estimated from a
million random codes; every β, with two codes equal at the crossing and all codes nearly so at
β = 0, is beyond an hour. For powers of the distance a monograph does it.

References
----------
arXiv 2312.10794, Section 9.1 (n = 5, d = 3 is the first size of Theorem 9.2 without a sharp code).
R. E. Schwartz, arXiv 1610.03303: the analogous statement for powers of the distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from scipy.optimize import minimize_scalar
from sympy import Expr, Integer, Rational, S, Symbol, lambdify

from numerics import codes
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Step,
    Trial,
    derived,
    gap,
    positive_on_box,
)
from theory.bounded import simplified
from theory.models import REPULSIVE, SA
from theory.symbols import beta, z

HEIGHT = Symbol("h", real=True)
"""Depth of the base of the pyramid below the centre."""

_FROM, _LATE, _LAST = Rational(13, 2), Rational(15, 2), Integer(40)
_NEAR, _FAR = Rational(1, 8), Rational(1, 6)
"""Between them is the height of least energy, for β from ``_FROM`` to ``_LATE``."""

_SAME = 1e-9

_UNIT = Rational(1, 10**12)


@dataclass(frozen=True)
class Crossing:
    """The pyramid has less energy than the bipyramid from a β on.

    Attributes
    ----------
    place : Rational
        That β, rounded.
    unit : Rational
        Of its last decimal.
    start : Rational
        The least β that is spoken of, >= 1.
    """

    place: Expr
    unit: Expr = _UNIT
    start: Expr = S.One


def bipyramid(kernel: Expr) -> Expr:
    """``Σ_{i≠j} k`` of the triangular bipyramid."""
    return 2 * kernel.subs(z, -1) + 12 * kernel.subs(z, 0) + 6 * kernel.subs(z, -Rational(1, 2))


def pyramid(kernel: Expr) -> Expr:
    """``Σ_{i≠j} k`` of the square pyramid of base height -h."""
    h = HEIGHT
    across = 8 * kernel.subs(z, h**2) + 4 * kernel.subs(z, 2 * h**2 - 1)
    return 8 * kernel.subs(z, -h) + across


@lru_cache(maxsize=16)
def _difference(kernel: Expr) -> Expr:
    """``β`` times pyramid less bipyramid."""
    return simplified((beta * (pyramid(kernel) - bipyramid(kernel))).expand())


def _kernel(flow: Flow) -> Expr | None:
    return None if flow.kernel is None else -flow.kernel


def _best_height(left: Expr, hot: Expr) -> Expr:
    """Height of least energy, to twelve decimals."""
    value = lambdify(HEIGHT, left.subs(beta, float(hot)), "math")
    found = minimize_scalar(value, bounds=(-1, 1), method="bounded", options={"xatol": 1e-13})
    return Rational(f"{found.x:.12f}")


def refute_crossing(flow: Flow, said: Crossing | None, budget: Budget) -> Counterexample | None:
    """Find the pyramid ahead before the place, or behind after it."""
    kernel = _kernel(flow)
    if kernel is None or said is None:
        return None
    if not (said.unit > 0 and 1 <= said.start < said.place - said.unit):
        raise ValueError(
            f"Expected 1 <= start < place - unit but got start={said.start}, place={said.place}, "
            f"unit={said.unit}; the crossing is looked for from β = 1 on."
        )
    left = _difference(kernel)
    for hot in (said.place - said.unit, said.start):
        h = _best_height(left, hot)
        value = enclose(left.subs({beta: hot, HEIGHT: h}))
        if value.b < 0:
            return Counterexample(
                f"β = {hot.evalf(14)}: the pyramid of height h = {h.evalf(6)} has less energy than "
                f"the bipyramid, by {float(-value.mid):.6g}/β"
            )
    hot = said.place + said.unit
    ahead = positive_on_box(
        f"β = {hot.evalf(14)}: the bipyramid has less energy than every pyramid",
        left.subs(beta, hot),
        ((HEIGHT, -1, 1),),
    )
    least = enclose(left.subs({beta: hot, HEIGHT: _best_height(left, hot)}))
    return Counterexample(f"{ahead.text}, by {float(least.mid):.6g}/β") if ahead.holds else None


def _negative(text: str, expr: Expr, *box: tuple[Symbol, Expr, Expr]) -> Step:
    return positive_on_box(text, -expr, box)


def decide_crossing(flow: Flow, said: Crossing) -> Sheet:
    """Certify the signs of F, and of its slopes."""
    kernel = _kernel(flow)
    text = "F = β (pyramid - bipyramid), k = e^{βt}/β"
    if kernel is None:
        return Sheet((gap(text, "no isotropic pair energy"),))
    left, h = _difference(kernel), HEIGHT
    slope, growth = left.diff(h), left.diff(beta)
    low, high = said.place - said.unit, said.place + said.unit
    best = _best_height(left, high)
    steps = (
        derived(text, simplified(kernel.diff(z) - beta * kernel)),
        positive_on_box(
            f"F > 0 for β in [{said.start}, {_FROM}] and every h",
            left,
            ((beta, said.start, _FROM), (h, -1, 1)),
        ),
        _negative(
            f"F falls with h up to {_NEAR}, for β in [{_FROM}, {_LATE}]",
            slope,
            (beta, _FROM, _LATE),
            (h, S.NegativeOne, _NEAR),
        ),
        positive_on_box(
            f"F rises with h from {_FAR}, for β in [{_FROM}, {_LATE}]",
            slope,
            ((beta, _FROM, _LATE), (h, _FAR, 1)),
        ),
        _negative(
            f"F falls with β in between, for h in [{_NEAR}, {_FAR}]: so does its least value",
            growth,
            (beta, _FROM, _LATE),
            (h, _NEAR, _FAR),
        ),
        positive_on_box(
            f"F > 0 at β = {low.evalf(14)} for h in [{_NEAR}, {_FAR}]",
            left.subs(beta, low),
            ((h, _NEAR, _FAR),),
        ),
        _sign_at(f"F < 0 at β = {high.evalf(14)}, h = {best.evalf(9)}", left, high, best),
        _negative(
            f"F < 0 for β in [{_LATE}, {_LAST}], h = 1/β",
            left.subs(h, 1 / beta),
            (beta, _LATE, _LAST),
        ),
    )
    return Sheet(
        steps,
        {"n": "5", "d": "3", "beta": f"[{said.start}, {_LAST}]", "masses": "1/n"},
        (),
        f"least F over h is > 0 before {said.place.evalf(13)}, < 0 after, within "
        f"{float(said.unit):.0e}; at h = {best.evalf(9)}; certificates checked in balls",
    )


def _sign_at(text: str, expr: Expr, hot: Expr, height: Expr) -> Step:
    # A box of no width is none: the sign holds on a small one about the height.
    around = Rational(1, 10**12)
    return _negative(text, expr.subs(beta, hot), (HEIGHT, height - around, height + around))


CROSSES: Statement[Crossing] = Statement(
    "", "one β at which pyramid and bipyramid are equal", decide_crossing, refute=refute_crossing
)


def nothing_below(flow: Flow, said: Crossing) -> Sheet:
    """Say what no argument is known for."""
    text = "no five points have less energy than the bipyramid before, the pyramid after"
    return Sheet((gap(text, "no sharp code has five points: searched, not shown"),), {"d": "3"})


def search_below(flow: Flow, said: Crossing, budget: Budget) -> Trial:
    """Search for codes of less energy on both sides of the place."""
    kernel = _kernel(flow)
    assert kernel is not None  # refused before
    # k = k(0) e^{ct}: what is searched is the energy at c.
    rate = simplified(kernel.diff(z) / kernel)
    if rate.has(z):
        return Trial(silent="the kernel is no exponential")
    left = _difference(kernel) / (beta * kernel.subs(z, 0))
    base = bipyramid(kernel) / kernel.subs(z, 0)
    starts = 60 if budget.full else 9
    near = (-Rational(1, 10), Rational(1, 10))
    sides = (-3, -1, *near, 1, 3) if budget.full else near
    shares, worst = 0.0, 0.0
    for side in sides:
        hot = said.place + side
        own = base.subs(beta, hot)
        if side > 0:
            own += left.subs({beta: hot, HEIGHT: _best_height(left, hot)})
        found = codes(5, 3, float(rate.subs(beta, hot)), starts=starts, rng=budget.rng)
        # Relative to the sum over pairs, e^{L}.
        ratio = float(own) / float(S.Exp1 ** found.log_pairs.min()) - 1
        if ratio > _SAME:
            said_of = "pyramid" if side > 0 else "bipyramid"
            return Trial(
                f"β = {float(hot):.6g}: five points have less energy than the {said_of}, by "
                f"{ratio:.6g} of it",
                -ratio / _SAME,
                len(sides) * starts,
            )
        worst = max(worst, abs(ratio))
        shares += found.successes / found.starts / len(sides)
    return Trial(
        margin=1 - worst / _SAME,
        cases=len(sides) * starts,
        seen=f"{len(sides)} β, {starts} starts each, {shares:.0%} come to the energy said, within "
        f"{worst:.1e} of it; none below",
        scope={
            "n": "5",
            "d": "3",
            "beta": f"{float(said.place + sides[0]):.4g} to {float(said.place + sides[-1]):.4g}",
            "masses": "1/n",
        },
    )


def _no_energy(flow: Flow, said: Crossing | None, budget: Budget) -> Counterexample | None:
    """Refuse a flow that climbs: one point, repeated, has less energy then."""
    kernel = _kernel(flow)
    if kernel is None:
        return None
    left = enclose((bipyramid(kernel) - 20 * kernel.subs(z, 1)).subs(beta, 2))
    if left.a > 0:
        return Counterexample(
            f"β = 2: one point, five times, has less energy than the bipyramid, by "
            f"{float(left.mid):.6g}"
        )
    return None


MINIMISERS: Statement[Crossing] = Statement(
    "", "minimisers of five points", nothing_below, refute=_no_energy, trial=search_below
)


_CROSSING = Crossing(Rational("6.886160810628"))

_ENERGY_ALONE = Equivalent("the statement is on the energy alone", ("*.velocity: *",))

_WIDTH = Equivalent("an enclosure of another width", ("prediction.unit: *",))

_FEWER = Equivalent("said of fewer β", ("prediction.start: + 1",))

_NOT_SAID = Equivalent("the search speaks of the place alone", ("prediction.start: *",))

_ANY_FACTOR = Equivalent("a factor of the energy moves no minimiser", ("*.energy: × *",))

FIVE_POINTS = Claim(
    "Five points",
    "On S^2 the square pyramid, at its best height, and the triangular bipyramid have the same "
    "energy at one β in [1, 40], 6.886160810628: before, the bipyramid has less, after, more.",
    REPULSIVE,
    _CROSSING,
    CROSSES,
    (
        Control(
            "6.886160810628 -> 6.886160810528",
            prediction=replace(_CROSSING, place=Rational("6.886160810528")),
        ),
        Control("a crossing at 7", prediction=replace(_CROSSING, place=Integer(7))),
        Control("V = -I -> V = I", model=SA),
    ),
    Verdict.CERTIFIED,
    origin="extension",
    about=frozenset({Part.ENERGY}),
    equivalents=(_ENERGY_ALONE, _ANY_FACTOR, _WIDTH, _FEWER),
)


FIVE_MINIMISERS = Claim(
    "Five points, minimisers",
    "Five points of S^2 have least energy at the triangular bipyramid for β < 6.886160810628, and "
    "at a square pyramid above.",
    REPULSIVE,
    _CROSSING,
    MINIMISERS,
    (
        Control("a crossing at 6", prediction=replace(_CROSSING, place=Integer(6))),
        Control("a crossing at 8", prediction=replace(_CROSSING, place=Integer(8))),
        Control("V = -I -> V = I", model=SA),
    ),
    Verdict.SUPPORTED,
    cases=1,
    origin="extension",
    about=frozenset({Part.ENERGY}),
    equivalents=(_ENERGY_ALONE, _ANY_FACTOR, _WIDTH, _NOT_SAID),
)


CLAIMS = (FIVE_POINTS, FIVE_MINIMISERS)
