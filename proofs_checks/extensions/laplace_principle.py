"""Laplace principle, Laplace principle, enclosed: -(1/β) log ∫ e^{-βf} dρ tends to the least f.

Section 9.4 quotes it for consensus-based optimisation. Here f = (x - 1/3)², ρ uniform on [0, 1].

How it is proved
----------------
The integral is at most that over the line, √(π/β), and at least that over |x - 1/3| <= β^{-1/2},
where the integrand is at least 1/e: two bounds whose logarithms differ by a constant. At given β
the integral is a difference of error functions, enclosed by balls.

References
----------
arXiv 2312.10794, Section 9.4; Dembo and Zeitouni, Large Deviations, Section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import (
    E,
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    erf,
    exp,
    integrate,
    log,
    oo,
    pi,
    simplify,
    sqrt,
)

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    IMPLICATION,
    MONOTONE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    decimal,
    derived,
    gap,
    not_asked,
    of_no_flow,
)
from proofs_checks.said import say, saying

HEAT = Symbol("beta", positive=True)
_X = Symbol("x", real=True)
_LEAST = Rational(1, 3)


def integral(heat: Expr) -> Expr:
    """``∫_0^1 e^{-β(x-1/3)²} dx`` by error functions."""
    root = sqrt(heat)
    return sqrt(pi / heat) / 2 * (erf(root * (1 - _LEAST)) + erf(root * _LEAST))


LOW = (log(HEAT) - log(pi)) / (2 * HEAT)
HIGH = log(HEAT) / (2 * HEAT) + (1 - log(2)) / HEAT


@dataclass(frozen=True)
class Principle:
    """Bounds on ``sign · (1/β) log ∫ e^{-βf} dρ``, functions of β, from some β on.

    Attributes
    ----------
    low, high : Expr
    sign : int
    since : Expr
        The β from which on.
    heats : tuple of Expr
        Where the value is enclosed; none for the statement at every β.
    """

    low: Expr = LOW
    high: Expr = HIGH
    sign: int = -1
    since: int = 9
    heats: tuple[Expr, ...] = ()


_TRIED = (Integer(9), Integer(10), Integer(100), Integer(1000), Integer(10000))


def refute(flow: Flow, said: Principle | None, budget: Budget) -> Counterexample | None:
    """Find a β at which the value is outside the bounds."""
    if said is None:
        return None
    for heat in (h for h in _TRIED if h >= said.since):
        value = enclose(said.sign * log(integral(heat)) / heat)
        low, high = (enclose(bound.subs(HEAT, heat)) for bound in (said.low, said.high))
        if value.b < low.a or value.a > high.b:
            return Counterexample(
                f"β = {heat}: {said.sign}/β log ∫ is {decimal(value)}, not in "
                f"[{decimal(low)}, {decimal(high)}]"
            )
    return None


def decide(flow: Flow, said: Principle) -> Sheet:
    """Bound the integral on both sides; or enclose it where asked."""
    if said.heats:
        return Sheet(
            tuple(_inside(said, heat) for heat in said.heats),
            {"beta": ", ".join(map(str, said.heats))},
        )
    if said.sign != -1:
        return Sheet((gap("the limit is the least value", "the sign"),))
    line = integrate(exp(-HEAT * _X**2), (_X, -oo, oo))
    above = derived("∫_0^1 e^{-βf} <= ∫ over the line = √(π/β)", simplify(line - sqrt(pi / HEAT)))
    room = Step(
        "β >= 9: |x - 1/3| <= β^{-1/2} lies in [0, 1]",
        How.DECIDED if said.since >= 9 else How.DERIVED,
        evidence="β^{-1/2} <= 1/3",
    )
    if said.since < 9:
        room = gap(room.text, f"β >= {said.since}")
    reach = 1 / sqrt(HEAT)
    inner = integrate(exp(-1), (_X, _LEAST - reach, _LEAST + reach))
    below = derived(
        "there βf <= 1: ∫_0^1 e^{-βf} >= 2 β^{-1/2}/e", simplify(inner - 2 / (E * sqrt(HEAT)))
    )
    near = say(HEAT * _X**2, "<=", 1)
    room = saying(
        room,
        say(_LEAST + _X, "<=", 1, (near, say(said.since, "<=", HEAT))),
        say(0, "<=", _LEAST + _X, (near, say(said.since, "<=", HEAT))),
    )
    smaller, larger = Symbol("a", positive=True), Symbol("b", positive=True)
    rising = Step("log rises, and -1/β < 0 turns the order", How.DECIDED)
    given = (say(smaller, "<=", larger),)
    turned = say(-larger / HEAT, "<=", -smaller / HEAT, given)
    rising = saying(rising, say(log(smaller), "<=", log(larger), given), turned)
    low = derived("-(1/β) log √(π/β)", simplify(_expanded(-log(pi / HEAT) / (2 * HEAT) - said.low)))
    low = saying(low, say(-(log(pi) - log(HEAT)) / (2 * HEAT), "=", said.low))
    high = derived(
        "-(1/β) log(2 β^{-1/2}/e)",
        simplify(_expanded(-(log(2) - log(HEAT) / 2 - 1) / HEAT - said.high)),
    )
    high = saying(high, say(-(log(2) - log(HEAT) / 2 - 1) / HEAT, "=", said.high))
    bounds = apply(
        MONOTONE, "-(1/β) log ∫ lies between the two", above, room, below, rising, low, high
    )
    gap_text = "both bounds are log β/(2β) + O(1/β): the error is O(log β/β), and no less"
    order = apply(IMPLICATION, gap_text, bounds, derived(
        "(high - low) β is constant",
        simplify(_expanded((said.high - said.low) * HEAT)).diff(HEAT),
    ))  # fmt: skip
    return Sheet(
        (above, room, below, rising, low, high, bounds, order),
        {"f": "(x - 1/3)²", "ρ": "uniform on [0, 1]", "beta": f">= {said.since}"},
        summary="2β^{-1/2}/e <= ∫ e^{-βf} <= √(π/β): the logarithm is -log β/2 up to a constant",
    )


def _expanded(value: Expr) -> Expr:
    return value.replace(lambda e: e.func is log, lambda e: log(e.args[0]).expand(force=True))


def _inside(said: Principle, heat: Expr) -> Step:
    """Step of one β: the value is enclosed between the bounds."""
    value = enclose(said.sign * log(integral(heat)) / heat)
    low, high = (enclose(bound.subs(HEAT, heat)) for bound in (said.low, said.high))
    text = f"β = {heat}: -(1/β) log ∫ = {decimal(value)}, above inf f = 0 by at most log β/β"
    if low.b <= value.a and value.b <= high.a:
        return Step(text, How.ENCLOSED, evidence=f"{value}", enclosed=True)
    return gap(text, f"{value} against [{low}, {high}]")


RATE: Statement[Principle] = Statement(
    "", "the Laplace principle with its rate", decide, not_asked, refute, cases=of_no_flow
)

_RATE = Principle()
_AT = Principle(S.Zero, log(HEAT) / HEAT, heats=_TRIED[1:])

PRINCIPLE = Claim(
    "Laplace principle",
    "f = (x-1/3)² on uniform [0,1]: -(1/β) log ∫e^{-βf} is log β/(2β) + O(1/β) above inf f = 0, "
    "between explicit bounds, for β >= 9.",
    None,
    _RATE,
    RATE,
    (
        Control("-1/β -> +1/β", prediction=replace(_RATE, sign=1)),
        Control("log β/(2β) -> log β/β", prediction=replace(_RATE, low=LOW + log(HEAT) / HEAT / 2)),
        Control("O(log β/β) -> 1/β", prediction=replace(_RATE, high=1 / HEAT)),
    ),
    Verdict.PROVED,
    origin="extension",
    about=frozenset(),
)

ENCLOSED = Claim(
    "Laplace principle, enclosed",
    "f = (x-1/3)² on uniform [0,1]: -(1/β) log ∫e^{-βf} is in [0, log β/β] at β = 10, 100, 1000, "
    "10000.",
    None,
    _AT,
    RATE,
    (
        Control("-1/β -> +1/β", prediction=replace(_AT, sign=1)),
        Control("log β/β -> 1/(2β)", prediction=replace(_AT, high=1 / (2 * HEAT))),
    ),
    Verdict.CERTIFIED,
    origin="extension",
    about=frozenset(),
)

CLAIMS = (PRINCIPLE, ENCLOSED)
