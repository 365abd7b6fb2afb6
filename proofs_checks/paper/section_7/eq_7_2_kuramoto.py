"""(7.2): with equal ω_i the Kuramoto model is n grad F in the frame that turns at ω.

How it is proved
----------------
F = (K/2)|(1/n) Σ e^{iθ}|². The coupling is derived from both flows at β = 0, and a pair's part
of θ_i' - n dF/dθ_i is reduced to 0 by SymPy, for every n and K. That F is the order parameter
squared is the identity of cos(a-b) and e^{ia} e^{-ib}. All of it is exact; no runs.

References
----------
arXiv 2312.10794, Section 7, (7.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Expr,
    Rational,
    S,
    Symbol,
    cos,
    diff,
    exp,
    expand,
    im,
    re,
    simplify,
    sin,
)
from sympy import (
    I as IMAGINARY,
)

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import AT_BETA_ZERO, each, unreached
from theory.derivations import circle_angles
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n

OMEGA = Symbol("omega", real=True)
"""The common frequency."""


DETUNING = Symbol("delta_i", real=True)
"""What the frequency of a token differs from the common one by."""


COUPLING = Symbol("K", positive=True)
"""Strength of the coupling."""


@dataclass(frozen=True)
class Kuramoto:
    """``θ_i' = ω_i + (K/n) Σ_j sin(θ_j - θ_i)``, seen from a frame that turns.

    Attributes
    ----------
    frequency : Expr
        ω_i, in ``OMEGA`` and ``DETUNING``.
    frame : Expr
        Angular velocity of the frame in which no frequency is left.
    pair : Expr
        Summand of F over i and j, in ``PHI``, ``COUPLING`` and ``n``: θ' = n grad F there.
    temperature : Expr
        The β at which the flow is the coupling.
    """

    frequency: Expr
    frame: Expr
    pair: Expr
    temperature: Expr = S.Zero


def check_kuramoto(model: Any, prediction: Kuramoto, budget: Budget) -> Evidence:
    """Derive the coupling from the flow, then the frame, the gradient and the order parameter.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows that are Kuramoto's coupling at β = 0.
    prediction : Kuramoto
        Frequencies, frame and potential.
    budget : Budget
        Not used.
    """
    left = expand(prediction.frequency - prediction.frame)
    at = {OMEGA: S.One, DETUNING: Rational(1, 3), COUPLING: S(2), n: S(5), PHI: S.One}
    if left != 0:
        return Evidence(
            Verdict.REFUTED,
            f"in the frame the frequency {left} is left, {left.subs(at)} at ω = 1, δ_i = 1/3",
        )
    slope = diff(prediction.pair, PHI)
    gradient = slope - slope.subs(PHI, -PHI)
    identity: list[Expr] = []
    for flow in each(model):
        reduced = circle_angles(flow)
        if not reduced.proved or len(reduced.terms) != 1:
            return unreached(flow, f"{flow.name}: no single sum of angles", budget.rng)
        summand, divided = reduced.terms[0]
        where = {beta: prediction.temperature}
        force = summand.subs(where) / (S.One if divided is None else divided.subs(where))
        gap = simplify(force + sin(PHI))
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}, β = {prediction.temperature}: a pair's force plus sin φ is "
                f"{gap.subs(at).n(6)} at φ = 1",
            )
        identity += [COUPLING * force / n, n * gradient]
        gap = simplify(COUPLING * force / n - n * gradient)
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: a pair's part of θ_i' - n dF/dθ_i is {gap.subs(at).n(6)} at φ = 1, "
                "K = 2, n = 5",
            )
    # cos(θ_i-θ_j) = Re e^{iθ_i} conj(e^{iθ_j}), and the imaginary parts of (i,j), (j,i) cancel.
    a, b = Symbol("a", real=True), Symbol("b", real=True)
    product = exp(IMAGINARY * a) * exp(-IMAGINARY * b)
    real = simplify(re(expand(product, complex=True)) - cos(a - b))
    odd = simplify(im(expand(product, complex=True)) - sin(a - b))
    level = simplify(prediction.pair * n**2 / cos(PHI))
    if real != 0 or odd != 0 or level.has(PHI):
        return Evidence(Verdict.UNDECIDED, f"order parameter: {real}, {odd}, {level}")
    return Evidence(
        Verdict.PROVED,
        f"differences don't see the frame; θ' = n grad F, F = ({level}) |(1/n) Σ e^(iθ_j)|² <= "
        f"{level}, equal for equal angles; the coupling is odd, so the mean moves at the mean "
        "frequency",
        {"n": "symbolic", "d": "2", "beta": str(prediction.temperature), "K": "symbolic, > 0"},
        identity=tuple(identity),
    )


_KURAMOTO = Kuramoto(OMEGA, OMEGA, COUPLING * cos(PHI) / (2 * n**2))


EQUATION_7_2 = Claim(
    "(7.2)",
    "With equal ω_i, in the frame that turns at ω, (7.2) is n grad F, F = (K/2)|(1/n) Σ e^{iθ}|².",
    (USA, SA),
    _KURAMOTO,
    check_kuramoto,
    (
        Control("different frequencies", prediction=replace(_KURAMOTO, frequency=OMEGA + DETUNING)),
        Control("the frame turns at -ω", prediction=replace(_KURAMOTO, frame=-OMEGA)),
        Control("K/(2n²) -> K/n²", prediction=replace(_KURAMOTO, pair=2 * _KURAMOTO.pair)),
        Control("β = 1/10", prediction=replace(_KURAMOTO, temperature=Rational(1, 10))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    equivalents=(AT_BETA_ZERO,),
)


CLAIMS = (EQUATION_7_2,)
