"""Mode switches: degree k+1 overtakes k at one β, between k(k+1)/2 and k(k+1)/2 + 1/4.

How it is proved
----------------
On the circle, k = 1 to 8. The rates of neighbouring degrees are enclosed at both ends; their
quotient is a multiple of I_{ν+1}/I_ν, of which it is cited that it increases (Amos).

References
----------
Amos on quotients of Bessel functions. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Rational, Symbol

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    NO_FLOW,
    Counterexample,
    Flow,
    Statement,
    enclosure_ends,
    not_asked,
    six_digits,
)
from proofs_checks.theorems import Concludes, Conclusion, fastest_in_turn
from theory.models import Model
from theory.predictions import mode_growth_rate
from theory.symbols import beta

MODE = Symbol("k", integer=True, positive=True)
"""Degree of a mode."""

TOP = 8
"""The last degree that is asked."""


@dataclass(frozen=True)
class Switches:
    """Degree k+1 overtakes degree k at one β, in [low, high], functions of ``MODE``."""

    low: Expr
    high: Expr


def _rates(model: Expr, prediction: Switches) -> tuple[tuple[Model, tuple[Expr, Switches]], ...]:
    """Case of rates and where they switch: no flow."""
    return ((NO_FLOW, (model, prediction)),)


def refute(
    flow: Flow, prediction: tuple[Expr, Switches] | None, budget: Budget
) -> Counterexample | None:
    """Compare the rates of neighbouring degrees at both ends, in balls."""
    if prediction is None:
        return None
    rate, said = prediction
    for k in range(1, TOP + 1):
        ends = [bound.subs(MODE, k) for bound in (said.low, said.high)]
        gain = rate.subs(MODE, k + 1) - rate.subs(MODE, k)
        (_, before), (after, _) = (enclosure_ends(gain, {beta: end}) for end in ends)
        if before >= 0 or after <= 0:
            where, value = (ends[0], before) if before >= 0 else (ends[1], after)
            word = "already" if before >= 0 else "not yet"
            return Counterexample(
                f"at β = {where} degree {k + 1} is {word} faster than {k}: by {six_digits(value)}"
            )
    return None


def conclude(flow: Flow, prediction: tuple[Expr, Switches]) -> Conclusion:
    """Say of each degree between which β the next one overtakes it."""
    rate, said = prediction
    return fastest_in_turn(rate, MODE, beta, TOP, (said.low, said.high))


SWITCHES: Statement[tuple[Expr, Switches]] = Statement(
    "",
    "degree k+1 overtakes k at one β",
    Concludes(conclude, words=(("d", "2"), ("k", f"1 to {TOP}"))),
    not_asked,
    refute,
    cases=_rates,
    typed=True,
)


_SWITCHES = Switches(MODE * (MODE + 1) / 2, MODE * (MODE + 1) / 2 + Rational(1, 4))


MODE_SWITCHES = Claim(
    "Mode switches",
    "On the circle, for the first eight k: degree k+1 overtakes k at one β, between 1 + … + k and "
    "a quarter more.",
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
        Equivalent("between numbers farther apart", ("prediction.high: squared",)),
    ),
)


CLAIMS = (MODE_SWITCHES,)
