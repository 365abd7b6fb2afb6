"""Mode switches: degree k+1 overtakes k at one β, between k(k+1)/2 and k(k+1)/2 + 1/4.

How it is proved
----------------
On the circle, k = 1 to 8 (24 in full). The rates of neighbouring degrees are enclosed at both
ends, and the fastest degree there is asked for. Certificates on the switch and on the fastest
degree are checked in balls. That I_{ν+1}/I_ν increases (Amos) is cited.

References
----------
Amos on quotients of Bessel functions. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Rational, Symbol

from proofs_checks.certificates import certify_fastest, certify_switch, enclosure_of
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    NO_FLOW,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    accepted,
    enclosure_ends,
    not_asked,
    six_digits,
)
from theory.models import Model
from theory.predictions import fastest_mode, mode_growth_rate
from theory.symbols import beta

MODE = Symbol("k", integer=True, positive=True)
"""Degree of a mode."""


@dataclass(frozen=True)
class Switches:
    """Degree k+1 overtakes degree k at one β, in [low, high], functions of ``MODE``."""

    low: Expr
    high: Expr


def _rates(model: Expr, prediction: Switches) -> tuple[tuple[Model, tuple[Expr, Switches]], ...]:
    """Case of rates and where they switch: no flow."""
    return ((NO_FLOW, (model, prediction)),)


def decide(flow: Flow, prediction: tuple[Expr, Switches]) -> Sheet:
    """Name the rates; each degree has certificates of its own, which are searched for."""
    rate, _ = prediction
    return Sheet((Step(f"r(k) = {rate}, up to a factor free of k", How.DERIVED),))


def enclose(
    flow: Flow, prediction: tuple[Expr, Switches], budget: Budget
) -> Sheet | Counterexample:
    """Compare the rates of neighbouring degrees at both ends, and the fastest of all beside them.

    ``full`` goes on to degree 24.
    """
    rate, said = prediction
    top, steps = 24 if budget.full else 8, []
    for k in range(1, top + 1):
        ends = [bound.subs(MODE, k) for bound in (said.low, said.high)]
        gain = rate.subs(MODE, k + 1) - rate.subs(MODE, k)
        (_, before), (after, _) = (enclosure_ends(gain, {beta: end}) for end in ends)
        if before >= 0 or after <= 0:
            where, value = (ends[0], before) if before >= 0 else (ends[1], after)
            word = "already" if before >= 0 else "not yet"
            return Counterexample(
                f"at β = {where} degree {k + 1} is {word} faster than {k}: by {six_digits(value)}"
            )
        around = [fastest_mode(end) for end in ends]
        if around != [k, k + 1]:
            return Counterexample(f"the fastest at β = {ends} are {around}, not {k}, +1")
        signs = f"r({k + 1}) - r({k}) < 0 at β = {ends[0]}, > 0 at {ends[1]}"
        steps.append(Step(signs, How.ENCLOSED, enclosed=True))
        text = f"degree {k + 1} overtakes {k} at one β, in [{ends[0]}, {ends[1]}]"
        steps.append(accepted(text, certify_switch(k, ends=tuple(ends))))
        for fastest, end in zip((k, k + 1), ends, strict=True):
            text = f"degree {fastest} is the fastest at β = {end}"
            steps.append(accepted(text, certify_fastest(end)))
    first = float(enclosure_of(certify_switch(1))[0])
    return Sheet(
        tuple(steps),
        {"d": "2", "k": f"1 to {top}"},
        summary=f"the fastest degree changes from k to k+1 at one β in [{said.low}, {said.high}], "
        f"k = 1 to {top}; the first at {first:.8f}",
    )


SWITCHES: Statement[tuple[Expr, Switches]] = Statement(
    "",
    "degree k+1 overtakes k at one β",
    decide,
    not_asked,
    search=enclose,
    cases=_rates,
)


_SWITCHES = Switches(MODE * (MODE + 1) / 2, MODE * (MODE + 1) / 2 + Rational(1, 4))


MODE_SWITCHES = Claim(
    "Mode switches",
    "On the circle, k = 1, …, 8 (full: 24): degree k+1 overtakes k at one β, between k(k+1)/2 and "
    "k(k+1)/2 + 1/4.",
    mode_growth_rate(MODE, beta, 2, "USA"),
    _SWITCHES,
    SWITCHES,
    (
        Control("1/4 -> 1/5", prediction=replace(_SWITCHES, high=_SWITCHES.low + Rational(1, 5))),
        Control("k(k+1)/2 -> (k+1)²/2", prediction=Switches((MODE + 1) ** 2 / 2, (MODE + 1) ** 2)),
        Control("rates without k²", model=mode_growth_rate(MODE, beta, 2, "USA") / MODE**2),
        Control("rates on the sphere, d = 3", model=mode_growth_rate(MODE, beta, 3, "USA")),
    ),
    Verdict.CERTIFIED,
    origin="extension",
    equivalents=(
        Equivalent(
            "rates are compared with each other: a factor free of k, or a square, keeps their "
            "order",
            ("model: × β", "model: squared"),
        ),
    ),
)


CLAIMS = (MODE_SWITCHES,)
