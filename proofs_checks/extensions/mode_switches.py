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
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import enclosure_ends, rejected, six_digits
from theory.predictions import fastest_mode, mode_growth_rate
from theory.symbols import beta

MODE = Symbol("k", integer=True, positive=True)
"""Degree of a mode."""


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
        (_, before), (after, _) = (enclosure_ends(gain, {beta: end}) for end in ends)
        if before >= 0 or after <= 0:
            where, value = (ends[0], before) if before >= 0 else (ends[1], after)
            word = "already" if before >= 0 else "not yet"
            return Evidence(
                Verdict.REFUTED,
                f"at β = {where} degree {k + 1} is {word} faster than {k}: by {six_digits(value)}",
            )
        around = [fastest_mode(end) for end in ends]
        if around != [k, k + 1]:
            return Evidence(Verdict.REFUTED, f"the fastest at β = {ends} are {around}, not {k}, +1")
        found = [certify_switch(k, ends=tuple(ends))]
        found += [certify_fastest(end) for end in ends]
        for certificate in found:
            failed = rejected(certificate)
            if failed is not None:
                return failed
    first = float(enclosure_of(certify_switch(1))[0])
    return Evidence(
        Verdict.CERTIFIED,
        f"the fastest degree changes from k to k+1 at one β in [{prediction.low}, "
        f"{prediction.high}], k = 1 to {top}; the first at {first:.8f}",
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
