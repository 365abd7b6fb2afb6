"""Failure below zero: the β < 0 at which Problem 3 fails, for n = 3 to 7.

Main results
------------
For n = 3, …, 7 a β < 0 at which three clusters are a critical point without a direction of ascent
to second order. Beyond second order there is one: no local maximum is claimed.

How it is proved
----------------
Clusters of a, b, b tokens at 0, φ, -φ balance if a s(φ) + b s(2φ) = 0, s(φ) = sin φ e^{β cos φ}.
Moved as they are, they have two modes: sideways, the lone cluster against the pair, -2ab g(φ), and
breathing, the pair apart, -2ab g(φ) - 4b² g(2φ). One of the two vanishes at the failure, which
gives β in c = cos φ; the balance then is an equation for c, whose root is enclosed by a change of
sign. Of the regular triangle, c = -1/2, both vanish.

References
----------
Continues Problem 3 of arXiv 2312.10794, Section 7. In print: false below -2/3 where 3 divides n,
arXiv 2507.22857; it isn't used. "Saddles below zero" is the statement that fails here.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Derivative, Expr, Rational, Symbol, cos, diff, exp, simplify, sin

from proofs_checks.claim import IN_THE_PLANE, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import Interval, enclose, interval
from proofs_checks.proof import (
    CURVATURE,
    ONLY_SPEED,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    climbs_curvature,
    derived,
    gap,
    off_curvature,
)
from proofs_checks.proof.three_clusters import (
    BREATHING,
    DOUBLE,
    FAILURES,
    SIDEWAYS,
    C,
    Failure,
    balance,
    balanced,
)
from proofs_checks.said import say, saying
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, USA
from theory.symbols import beta

_DIGITS = interval(Rational(1, 2 * 10**6)).b  # half a unit of the sixth place
_REACH = Rational(1, 10**12)  # how far from the root its enclosure ends


def _bend(c: Expr, hot: Expr) -> Expr:
    """Return g at the angle of cosine c."""
    return (c - hot * (1 - c**2)) * exp(hot * c)


def _curvatures(failure: Failure, hot: Expr) -> dict[str, Expr]:
    """Second variations of the energy, up to positive factors, in the directions of ascent."""
    a, b, near, far = failure.lone, failure.pair, _bend(C, hot), _bend(DOUBLE, hot)
    out = {"sideways": -near, "breathing": -a * near - 2 * b * far}
    if a > 1:
        out["lone cluster splits"] = -a * exp(hot) - 2 * b * near
    if b > 1:
        out["a cluster of the pair splits"] = -b * exp(hot) - a * near - b * far
    return out


@lru_cache(maxsize=32)
def _place(failure: Failure) -> Interval | None:
    """Enclose c where the clusters balance: a change of sign nearest to c = -1; None without."""
    force = balance(failure.lone, failure.pair, failure.hot)
    third = Rational(-1, 2)
    if simplify(force.subs(C, third)) == 0:  # the triangle, where the sign doesn't change
        return interval(third)
    for root in map(Rational, balanced(force)):
        low, high = (enclose(force, {C: interval(x)}) for x in (root - _REACH, root + _REACH))
        if (low.b < 0 < high.a) or (high.b < 0 < low.a):
            return interval(root - _REACH, root + _REACH)
    return None


def refute_failures(
    flow: Flow, prediction: tuple[Failure, ...] | None, budget: Budget
) -> Counterexample | None:
    """Find a direction of ascent, another β, or clusters that never balance there."""
    off, sign = off_curvature(flow, CURVATURE), climbs_curvature(flow)
    if off or prediction is None or sign is None:
        return Counterexample(off) if off else None
    for failure in prediction:
        if min(failure.lone, failure.pair) < 1:
            raise ValueError(f"Expected clusters of at least one token but got failure={failure}.")
        place = _place(failure)
        who = f"{failure.lone}, {failure.pair}, {failure.pair} tokens"
        if place is None:
            return Counterexample(f"{who} never balance at β = {failure.hot}")
        hot = enclose(failure.hot, {C: place})
        if abs(hot - interval(failure.value)).a > _DIGITS:
            return Counterexample(f"{who}: β = {hot.mid:.9g}, not {float(failure.value):.9g}")
        for name, value in _curvatures(failure, failure.hot).items():
            found = enclose(sign * value, {C: place})
            if found.a > 0:
                return Counterexample(
                    f"{flow.name}, {who}, β = {hot.mid:.6g}: {name} ascends, to second "
                    f"order {found.mid:.4g}: a strict saddle"
                )
    return None


def _moved(lone: int, pair: int, moves: tuple[int, int, int], kernel: Expr) -> Expr:
    """Second variation of the energy of three clusters, times n²/2, when they are turned so."""
    turn = Symbol("epsilon", real=True)
    places, masses = (0, PHI, -PHI), (lone, pair, pair)
    total = 0
    for i in range(3):
        for j in range(i):
            angle = places[i] - places[j] + turn * (moves[i] - moves[j])
            total += masses[i] * masses[j] * kernel(angle)
    return diff(total, turn, 2).subs(turn, 0)


def _derivations(flow: Flow) -> list[Step]:
    """Derive the two modes of whole clusters, the force, and the β at which a mode vanishes."""
    a, b = (Symbol(name, positive=True) for name in "ab")
    kernel = flow.kernel
    assert kernel is not None
    z = next(iter(kernel.free_symbols - {beta}))

    def pair_energy(angle: Expr) -> Expr:
        return kernel.subs(z, cos(angle))

    near, far = CURVATURE, CURVATURE.subs(PHI, 2 * PHI)
    side, apart = (_moved(a, b, moves, pair_energy) for moves in ((1, 0, 0), (0, 1, -1)))
    force = diff(a * pair_energy(PHI) + b * pair_energy(2 * PHI) / 2, PHI)
    shape = a * exp(beta * cos(PHI)) + 2 * b * cos(PHI) * exp(beta * cos(2 * PHI))
    # Where the clusters balance, e^{β cos 2φ} is this multiple of e^{β cos φ}.
    turned = -a / (2 * b * C)
    breathing = a * (C - beta * (1 - C**2)) + 2 * b * turned * (DOUBLE - beta * (1 - DOUBLE**2))
    energy = a * pair_energy(PHI) + b * pair_energy(2 * PHI) / 2
    # The lone cluster turns: φ + ε and φ - ε; the pair opens: φ + ε twice, and 2φ + 2ε.
    whole = 2 * a * b * pair_energy(PHI) + b**2 * pair_energy(2 * PHI)
    behind = say(C, "<", 0)
    return [
        saying(
            derived(
                "sideways: the second variation is -2ab g(φ)", simplify(side + 2 * a * b * near)
            ),
            say(2 * a * b * Derivative(pair_energy(PHI), (PHI, 2)), "=", -2 * a * b * near),
        ),
        saying(
            derived(
                "breathing: it is -2ab g(φ) - 4b² g(2φ)",
                simplify(apart + 2 * a * b * near + 4 * b**2 * far),
            ),
            say(
                Derivative(whole, (PHI, 2)),
                "=",
                -2 * a * b * near - 4 * b**2 * far,
            ),
        ),
        saying(
            derived(
                "critical where a e^{β cos φ} + 2b cos φ e^{β cos 2φ} = 0",
                simplify(force + sin(PHI) * shape),
            ),
            say(Derivative(energy, PHI), "=", -sin(PHI) * shape),
        ),
        derived(f"g(φ) = 0 at β = {SIDEWAYS}", simplify(_bend(C, SIDEWAYS))),
        saying(
            derived(
                f"balanced, a g(φ) + 2b g(2φ) = 0 at β = {BREATHING}",
                simplify(breathing.subs(beta, BREATHING)),
            ),
            say(breathing.subs(beta, BREATHING), "=", 0, (behind,)),
        ),
    ]


def decide_failures(flow: Flow, prediction: tuple[Failure, ...]) -> Sheet:
    """Derive the modes of three clusters and enclose where one of them vanishes."""
    if climbs_curvature(flow) != 1:
        return Sheet((gap("the energy bends as g says", flow.name),))
    steps, lines = _derivations(flow), []
    for failure in prediction:
        who = f"{failure.lone}, {failure.pair}, {failure.pair} tokens"
        place, mode = _place(failure), _mode(failure)
        if place is None or not mode:
            steps.append(gap(f"{who}: balance and a mode that vanishes", f"β = {failure.hot}"))
            continue
        hot = enclose(failure.hot, {C: place})
        alike = _is_polygon(failure)
        other = {
            k: v
            for k, v in _curvatures(failure, failure.hot).items()
            if k != mode and not (alike and k == "breathing")
        }
        signs = {name: enclose(value, {C: place}) for name, value in other.items()}
        lost = "both modes vanish" if alike else f"{mode} vanishes"
        text = f"n = {failure.tokens}: {who} fail at β = {float(failure.value):.8g}, {lost}"
        falls = all(sign.b < 0 for sign in signs.values())
        shown = ", ".join(f"{name} {sign.mid:.4g}" for name, sign in signs.items())
        near = abs(hot - interval(failure.value)).b <= _DIGITS
        if falls and near:
            steps.append(Step(text, How.ENCLOSED, evidence=shown, enclosed=True))
            lines.append(f"n = {failure.tokens}: {hot.mid:.9g}")
        else:
            steps.append(gap(text, shown))
    return Sheet(
        tuple(steps),
        {"n": "3 to 7", "d": "2", "beta": "the stated one, < 0", "masses": "1/n"},
        summary=f"critical, no direction ascends to second order, at β: {'; '.join(lines)}",
    )


def _mode(failure: Failure) -> str:
    """Name the mode that vanishes at the β of the failure, by its formula; "" if none does."""
    return {SIDEWAYS: "sideways", BREATHING: "breathing"}.get(failure.hot, "")


def _is_polygon(failure: Failure) -> bool:
    """Whether both modes vanish together: equal clusters, c = -1/2, each term of them 0."""
    third = Rational(-1, 2)
    force = balance(failure.lone, failure.pair, failure.hot)
    if failure.lone != failure.pair or simplify(force.subs(C, third)) != 0:
        return False
    there = _curvatures(failure, failure.hot)
    whole = [there.pop("sideways"), there.pop("breathing")]
    if any(simplify(value.subs(C, third)) != 0 for value in whole):
        return False
    return all(enclose(value.subs(C, third)).b < 0 for value in there.values())


FAILURE: Statement[tuple[Failure, ...]] = Statement(
    "",
    "d = 2, three clusters: a critical point, no direction ascends to second order, at one β < 0",
    decide_failures,
    refute=refute_failures,
)


FAILURE_BELOW_ZERO = Claim(
    "Failure below zero",
    "d = 2, equal masses: at β = -2/3 (n = 3, 6), -2.212428 (n = 4), -1.442905 (n = 5), -1.716912 "
    "(n = 7) three clusters are critical, and no direction ascends to second order.",
    USA,
    FAILURES,
    FAILURE,
    (
        Control("n = 4: sideways", prediction=(Failure(2, 1, SIDEWAYS, Rational(-2, 1)),)),
        Control("n = 5: β = -1.4430", prediction=(Failure(1, 2, SIDEWAYS, Rational(-1443, 1000)),)),
        Control(
            "n = 5: clusters of 3, 1, 1",
            prediction=(Failure(3, 1, BREATHING, Rational(-1442905, 10**6)),),
        ),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.CERTIFIED,
    (IN_THE_PLANE,),
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        Equivalent("the statement is on the energy alone", ("*.velocity: *",)),
    ),
)
CLAIMS = (FAILURE_BELOW_ZERO,)
