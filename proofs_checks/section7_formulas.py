"""(7.2), Kuramoto's model with frequencies, and Problem 2, random query, key and value matrices.

The rotating frame and the order parameter hold for every n; Problem 2 stays open, with the measured
spread of the inner products as evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational, S, Symbol, cos, diff, exp, expand, im, re, simplify, sin
from sympy import I as IMAGINARY

from numerics.compile import compile_model
from numerics.integrate import integrate
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.power_law import fit_power_law
from proofs_checks.row_algebra import leaves_sphere, unreached
from proofs_checks.section4_small_beta import each
from theory.models import QKV, REPULSIVE, SA, USA, Model
from theory.reductions import circle_angles
from theory.reductions import phi as PHI
from theory.symbols import beta, n

Array = NDArray[np.float64]

OMEGA = Symbol("omega", real=True)
"""The common frequency."""
DETUNING = Symbol("delta_i", real=True)
"""What the frequency of a token differs from the common one by."""
COUPLING = Symbol("K", positive=True)
"""Strength of the coupling."""


# -- (7.2) -----------------------------------------------------------------------------------


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
)


# -- Problem 2 -------------------------------------------------------------------------------

Ensemble = Literal["ginibre", "identity", "strong"]


@dataclass(frozen=True)
class Spread:
    """How the spread of ``<x_i,x_j>(t)`` over i != j goes with d, orthonormal tokens at first.

    Attributes
    ----------
    exponent : float
        Spread ~ d^exponent.
    ensemble : {"ginibre", "identity", "strong"}
        Q, K, V of N(0, 1/d) entries; all I; or Q^T K of N(0, 1) entries and V = I.
    exact : bool
        Claim, in place of the exponent, that the spread is 0, as in Theorem 6.8.
    """

    exponent: float = -0.5
    ensemble: Ensemble = "ginibre"
    exact: bool = False


_ZERO = 1e-6  # what the integrator leaves of an exact equality


def _matrices(ensemble: Ensemble, draws: int, d: int, rng: np.random.Generator) -> dict[str, Any]:
    if ensemble == "identity":
        same = np.broadcast_to(np.eye(d), (draws, d, d))
        return {"Q": same, "K": same, "V": same}
    drawn = {name: rng.standard_normal((draws, d, d)) / np.sqrt(d) for name in "QKV"}
    if ensemble == "strong":
        drawn = {name: drawn[name] * d**0.25 for name in "QK"}
        drawn["V"] = np.broadcast_to(np.eye(d), (draws, d, d))
    return drawn


def check_spread(model: Model, prediction: Spread, budget: Budget) -> Evidence:
    """Measure the spread of the products at t = 1 and β = 2, and fit its exponent in d.

    Parameters
    ----------
    model : Model
        Attention with query, key and value matrices.
    prediction : Spread
        The exponent, or exact equality.
    budget : Budget
        Draws of the matrices for each d; dimensions up to 384 in full.
    """
    sizes = (24, 48, 96, 192, 384) if budget.full else (24, 48, 96, 192)
    lost = leaves_sphere(model, budget.rng)
    if lost:
        return Evidence(Verdict.REFUTED, lost)
    n_tokens, spreads = 8, list[Array]()
    draws = max(budget.cases, 12)  # a standard error needs some
    upper = np.triu_indices(n_tokens, 1)
    for d in sizes:
        matrices = _matrices(prediction.ensemble, draws, d, budget.rng)
        points = np.broadcast_to(np.eye(d)[:n_tokens], (draws, n_tokens, d))
        field = compile_model(model, beta=2.0, **matrices)
        end = integrate(field, points, 1.0, t_eval=[1.0], rtol=1e-6).points[-1]
        spread = (end @ end.swapaxes(-1, -2))[:, upper[0], upper[1]].std(axis=-1)
        scope = {"n": str(n_tokens), "d": str(d), "beta": "2", "t": "1"}
        if prediction.exact and spread.max() > _ZERO:
            return Evidence(
                Verdict.REFUTED,
                f"d = {d}: the products of orthonormal tokens differ, by {spread[0]:.4g} "
                "(standard deviation over pairs) in the first draw",
                scope,
                cases=draws,
            )
        if not prediction.exact and spread.max() <= _ZERO:
            return Evidence(
                Verdict.REFUTED,
                f"d = {d}: all products are equal to {spread.max():.1e}, as Theorem 6.8 says",
                scope,
                cases=draws,
            )
        spreads.append(np.maximum(spread, _ZERO))
    cases = len(sizes) * draws
    if prediction.exact:
        return Evidence(Verdict.SUPPORTED, "all products agree", scope, cases=cases)
    fit = fit_power_law(sizes, spreads)
    margin = fit.margin(prediction.exponent)
    scope = {"n": str(n_tokens), "d": ", ".join(map(str, sizes)), "beta": "2", "t": "1"}
    if margin < 0:
        return Evidence(
            Verdict.REFUTED,
            f"spread ~ d^({fit}), not d^({prediction.exponent:g})",
            scope,
            cases=cases,
            margin=margin,
        )
    return Evidence(
        Verdict.OPEN,
        f"spread ~ d^({fit}), {spreads[-1].mean():.3g} at d = {sizes[-1]}: one "
        "curve in the limit is plausible, while at any finite d the products differ",
        scope,
        ("finitely many draws: evidence, not a proof",),
        cases,
        margin,
    )


PROBLEM_2 = Claim(
    "Problem 2",
    "Random Q, K, V, orthonormal tokens: the products differ, by the order d^{-1/2} as d grows "
    "(n = 8, β = 2, t = 1).",
    QKV,
    Spread(),
    check_spread,
    (
        Control("Theorem 6.8 at finite d: no spread", prediction=Spread(exact=True)),
        Control("Q = K = V = I", prediction=Spread(ensemble="identity")),
        Control("Q^T K with entries N(0, 1), V = I", prediction=Spread(ensemble="strong")),
        Control("d^{-1/2} -> d^{-1}", prediction=Spread(-1.0)),
    ),
    Verdict.OPEN,
    (WARM,),
    cases=32,
)

CLAIMS_SECTION_7_FORMULAS = (EQUATION_7_2, PROBLEM_2)
"""The claims of this file; Problem 2 is of Section 6.3."""

__all__ = [
    "CLAIMS_SECTION_7_FORMULAS",
    "COUPLING",
    "DETUNING",
    "EQUATION_7_2",
    "OMEGA",
    "PROBLEM_2",
    "Kuramoto",
    "Spread",
    "check_kuramoto",
    "check_spread",
]
