"""Proposition 3.4, E.Proposition 3.4: extremisers of the energy.

Main results
------------
- Proposition 3.4: the uniform measure alone minimises E, Dirac masses alone maximise it.
- E.Proposition 3.4: at d = 2 the expansion is a Fourier series; the printed one is 0/0.

How it is proved
----------------
The kernel has positive Taylor coefficients and the recurrence of the Gegenbauer polynomials
positive ones, so each coefficient of degree >= 1 is positive, for symbolic d. The minimum is
compared with the series of the Bessel function term by term. The erratum is exact power by power
in β; the limit of the printed term is taken for k = 1, 2, 3, and 31 terms are watched at drawn
angles. Cited: Schoenberg; uniqueness by harmonic moments; the recurrence; moments of a
coordinate.

References
----------
- arXiv 2312.10794, Proposition 3.4 and its proof.
- Schoenberg: Gegenbauer polynomials are positive definite on the sphere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import (
    Add,
    Expr,
    Integer,
    Poly,
    Rational,
    S,
    Symbol,
    besseli,
    besselj,
    binomial,
    cos,
    exp,
    expand,
    factorial,
    gamma,
    gammasimp,
    gegenbauer,
    lambdify,
    limit,
    oo,
    rf,
    simplify,
)

from proofs_checks.claim import (
    Budget,
    Claim,
    Control,
    Equivalent,
    Evidence,
    Hypothesis,
    Part,
    Verdict,
)
from proofs_checks.proof import energy_of
from theory.derivations import phi as PHI
from theory.energy import interaction_energy, pair_kernel
from theory.models import REPULSIVE, USA, Model, gradient_flow
from theory.predictions import EnergyBounds, energy_bounds
from theory.symbols import beta, d, n, z


@dataclass(frozen=True)
class _Series:
    """A kernel ``Σ_l p_l z^l + c e^{az}``: the polynomial's coefficients, c and a."""

    powers: tuple[tuple[int, Expr], ...]
    amplitude: Expr
    rate: Expr

    def mean(self, dimension: Any) -> Expr:
        """Mean over the uniform measure; the even moments are (1/2)_j / (d/2)_j."""
        half = dimension / Integer(2)
        total = sum(
            (
                c * rf(Rational(1, 2), e // 2) / rf(half, e // 2)
                for e, c in self.powers
                if e % 2 < 1
            ),
            S.Zero,
        )
        if self.amplitude == 0:
            return total
        order = half - 1
        bessel = gamma(half) * (2 / self.rate) ** order * besseli(order, self.rate)
        return total + self.amplitude * bessel


_POSITIVE = Symbol("beta", positive=True)


def _series(kernel: Expr) -> _Series | None:
    """Read a kernel as a polynomial and one exponential, or return None."""
    powers: dict[int, Expr] = {}
    exponential = S.Zero
    for term in Add.make_args(kernel.subs(beta, _POSITIVE).expand()):
        if term.is_polynomial(z):
            for (e,), c in Poly(term, z).terms():
                powers[int(e)] = powers.get(int(e), S.Zero) + c
        else:
            exponential += term
    if exponential == 0:
        return _Series(tuple(powers.items()), S.Zero, S.Zero)
    rate = simplify(exponential.diff(z) / exponential)
    amplitude = simplify(exponential / exp(rate * z))
    if z in rate.free_symbols or z in amplitude.free_symbols:
        return None
    return _Series(tuple(powers.items()), amplitude, rate)


def _recurrence_is_positive() -> bool:
    """Whether ``t P_k = a P_{k+1} + b P_{k-1}`` has a > 0 and b > 0 for k >= 1 and every d >= 2.

    P_k is the Gegenbauer polynomial of the sphere with P_k(1) = 1; t P_0 = P_1. Hence t^l has
    a positive coefficient along P_k whenever l >= k and l - k is even, and none else.
    """
    degree = Symbol("k", integer=True, positive=True)
    excess = Symbol("e", integer=True, nonnegative=True)  # d - 2
    up = (degree + excess) / (2 * degree + excess)
    down = degree / (2 * degree + excess)
    return bool(up.is_positive and down.is_positive and simplify(up + down - 1) == 0)


def check_extremisers(model: Model, prediction: EnergyBounds, budget: Budget) -> Evidence:
    """Check that the uniform measure alone minimises the energy and Dirac masses alone maximise it.

    With non-negative Taylor coefficients of h, of which all but finitely many are positive, each
    Gegenbauer coefficient from k = 1 on is positive; the values are compared term by term.

    Parameters
    ----------
    model : Model
        Its energy is ``½∬ h(<x,y>) dmu dmu``.
    prediction : EnergyBounds
        Least and largest value.
    budget : Budget
        Not used: the measures tried as counterexamples are fixed.
    """
    kernel = pair_kernel(energy_of(model))
    if kernel is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name} has no isotropic pair energy")
    series = _series(kernel)
    found = _other_extremiser(kernel, series)
    if found:
        return Evidence(Verdict.REFUTED, found, {"d": "2", "beta": "5/4"})
    if series is None:
        return Evidence(Verdict.UNDECIDED, f"no Taylor coefficients for the kernel {kernel}")
    lowest = prediction.minimum.subs(beta, _POSITIVE)
    highest = prediction.maximum.subs(beta, _POSITIVE)
    top = kernel.subs(beta, _POSITIVE).subs(z, 1) / 2
    for name, claimed, value in (
        ("minimum", lowest.subs(d, 2), series.mean(Integer(2)) / 2),
        ("maximum", highest, top),
    ):
        gap = (claimed - value).subs({_POSITIVE: Rational(5, 4), n: 3}).evalf(30)
        if abs(gap) > Rational(1, 10**20):
            return Evidence(
                Verdict.REFUTED,
                f"the {name} is {gap.n(6)} off at d = 2, beta = 5/4: {claimed} against {value}",
                {"d": "2", "beta": "5/4"},
            )
    signs = [c.is_nonnegative for e, c in series.powers if e > 0]
    positive = series.amplitude.is_positive and series.rate.is_positive and all(signs)
    values = simplify(highest - top) == 0 and _same_minimum(series, lowest)
    if positive and values and _recurrence_is_positive():
        return Evidence(
            Verdict.PROVED,
            "h has Taylor coefficients c a^l / l! > 0, so every Gegenbauer coefficient of degree "
            ">= 1 is positive; h(t) < h(1) for t < 1; the minimum agrees term by term with the "
            "series of the Bessel function",
            {
                "n": "any measure",
                "d": "symbolic, at least 2",
                "beta": "symbolic, positive",
                "masses": "any measure of mass one",
            },
            (
                "Schoenberg: the Gegenbauer polynomials are positive definite on the sphere",
                "a measure whose spherical harmonic moments of degree >= 1 vanish is uniform",
                "three-term recurrence of the Gegenbauer polynomials",
                "the moments of a coordinate under the uniform measure, (1/2)_j / (d/2)_j",
            ),
            identity=(model.energy, prediction.minimum, prediction.maximum),
        )
    return Evidence(Verdict.UNDECIDED, f"signs of the Taylor coefficients of {kernel} unknown")


def _same_minimum(series: _Series, claimed: Expr) -> bool:
    """Compare the claimed minimum with ``½∬h``, term by term in the Bessel function's series."""
    j = Symbol("j", integer=True, nonnegative=True)
    size = Symbol("d", integer=True, positive=True)

    def term(order: Any, at: Any) -> Expr:
        return (at / 2) ** (2 * j + order) / (factorial(j) * gamma(j + order + 1))

    moment = gamma(j + Rational(1, 2)) / gamma(Rational(1, 2)) * gamma(size / 2)
    moment = moment / gamma(j + size / 2)
    own = series.amplitude * series.rate ** (2 * j) / factorial(2 * j) * moment / 2
    ratio = claimed.replace(besseli, term) / own
    powers = [c for e, c in series.powers if c != 0]
    return not powers and simplify(gammasimp(ratio.rewrite(gamma))) == 1


def _other_extremiser(kernel: Expr, series: _Series | None) -> str:
    """Try four measures on the circle against the claim; name the first that contradicts it."""
    at = {t: kernel.subs(beta, Rational(5, 4)).subs(z, t) for t in (-1, 0, 1)}
    rivals = [("Dirac", at[1], -1)]
    if series is not None:
        rivals.append(("uniform", series.mean(Integer(2)).subs(_POSITIVE, Rational(5, 4)), 1))
    measures = (
        ("a Dirac mass", at[1]),
        ("two orthogonal points", (at[1] + at[0]) / 2),
        ("two antipodal points", (at[1] + at[-1]) / 2),
        ("the square", (at[1] + 2 * at[0] + at[-1]) / 4),
    )
    for name, value in measures:
        for rival, bound, sign in rivals:
            if name == "a Dirac mass" and rival == "Dirac":
                continue
            gap = sign * (value - bound)
            if gap.free_symbols:
                continue
            if gap == 0 or gap.evalf(30) < -Rational(1, 10**20):
                word = "equal to" if gap == 0 else ("below" if sign > 0 else "above")
                return (
                    f"{name} has energy {(value / 2).n(6)}, {word} that of the {rival} measure, "
                    f"{(bound / 2).n(6)}, at d = 2, beta = 5/4, h = {kernel}"
                )
    return ""


def _positive_beta(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


def _at_least_two(d: float = 2, **_: float) -> float:
    return d - 2


EXTREMISERS = Claim(
    label="Proposition 3.4",
    statement="The uniform measure alone minimises the energy, and Dirac masses alone maximise it.",
    model=USA,
    prediction=energy_bounds(),
    check=check_extremisers,
    controls=(
        Control("h(t) = t^2", model=gradient_flow(interaction_energy(z**2))),
        Control("h(t) = -e^{βt}/β", model=gradient_flow(interaction_energy(-exp(beta * z) / beta))),
        Control(
            "minimum e^{-β}/2β",
            prediction=replace(energy_bounds(), minimum=exp(-beta) / (2 * beta)),
        ),
    ),
    expected=Verdict.PROVED,
    hypotheses=(
        Hypothesis("beta > 0", _positive_beta),
        Hypothesis("d >= 2", _at_least_two),
    ),
    about=frozenset({Part.ENERGY}),
)


DEGREE = Symbol("k", integer=True, positive=True)


ORDER = Symbol("lambda", nonnegative=True)
"""λ = (d-2)/2, 0 on the circle."""


@dataclass(frozen=True)
class Zonal:
    """``e^{β cos φ} = constant + Σ_k term`` at λ = 0, term in ``DEGREE``, ``ORDER`` and ``PHI``."""

    constant: Expr
    term: Expr


def _coefficient_of_cosine() -> bool:
    """Whether ``Σ_l β^l/l! [cos kφ] cos^l φ`` is ``2 I_k(β)``, power by power, l = k + 2j."""
    j = Symbol("j", integer=True, nonnegative=True)
    power = DEGREE + 2 * j
    # cos^l φ = 2^{-l} Σ_i C(l,i) cos((l-2i)φ), where cos kφ occurs for i = j and i = l-j.
    own = 2 * Rational(1, 2) ** power * binomial(power, j) / factorial(power)
    bessel = 2 * Rational(1, 2) ** power / (factorial(j) * gamma(DEGREE + j + 1))
    return bool(simplify(gammasimp((own / bessel).rewrite(gamma))) == 1)


def check_zonal(model: Model, prediction: Zonal, budget: Budget) -> Evidence:
    """Put λ = 0 in the expansion, compare it with the kernel at points and power by power.

    Parameters
    ----------
    model : Model
        Its pair kernel is e^{βz}/β.
    prediction : Zonal
        The expansion.
    budget : Budget
        Angles and temperatures to draw.
    """
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name} has no pair energy")
    own = lambdify((PHI, beta), (beta * kernel).subs(z, cos(PHI)), "numpy")
    angles = budget.rng.uniform(0, np.pi, 20 * budget.cases)
    hot = budget.rng.uniform(0.2, 3.0, angles.size)
    total = lambdify(beta, prediction.constant, "scipy")(hot) + np.zeros_like(hot)
    for degree in range(1, 31):
        value = prediction.term.subs(ORDER, 0).subs(DEGREE, degree)
        if value.has(S.NaN, S.ComplexInfinity, oo):
            detail = f"λ = 0, degree {degree}: the term {prediction.term.subs(DEGREE, degree)} is "
            return Evidence(Verdict.REFUTED, f"{detail}{value}, no number")
        total = total + lambdify((PHI, beta), value, "scipy")(angles, hot)
    gap = np.abs(total - own(angles, hot)) / np.exp(hot)
    case, margin = int(gap.argmax()), 1 - float(gap.max()) / 1e-12
    if margin < 0:
        detail = (
            f"{model.name}, φ = {angles[case]:.4g}, β = {hot[case]:.4g}: 31 terms give "
            f"{total[case]:.6g}, the kernel is {own(angles[case], hot[case]):.6g}"
        )
        return Evidence(Verdict.REFUTED, detail, cases=angles.size, margin=margin)
    identity = (
        prediction.constant - besseli(0, beta),
        prediction.term.subs(ORDER, 0) - 2 * besseli(DEGREE, beta) * cos(DEGREE * PHI),
    )
    first, rest = map(simplify, identity)
    # ((k+λ)/λ) C_k^λ(cos φ) -> 2 cos kφ as λ -> 0: the printed form has the right limit.
    limits = [
        simplify(
            limit((k + ORDER) / ORDER * expand(gegenbauer(k, ORDER, cos(PHI))), ORDER, 0)
            - 2 * cos(k * PHI).expand(trig=True)
        )
        for k in range(1, 4)
    ]
    if (first, rest) != (0, 0) or any(limits) or not _coefficient_of_cosine():
        return Evidence(Verdict.UNDECIDED, f"the expansion leaves {first}, {rest}, {limits}")
    return Evidence(
        Verdict.PROVED,
        "e^{β cos φ} = I_0 + 2 Σ I_k cos kφ power by power in β, all I_k(β) > 0; at λ = 0 the "
        "printed term is 0/0, its limit is 2 I_k cos kφ (k = 1, 2, 3); 31 terms agree at points",
        {"d": "2", "beta": "symbolic", "k": "symbolic"},
        ("the binomial expansion of cos^l φ",),
        angles.size,
        margin,
        identity=identity,
    )


_CIRCLE = Zonal(besseli(0, beta), 2 * besseli(DEGREE, beta) * cos(DEGREE * PHI))


_GEGENBAUER = (
    gamma(ORDER + 1)
    * (2 / beta) ** ORDER
    * besseli(DEGREE + ORDER, beta)
    * ((DEGREE + ORDER) / ORDER)
    * gegenbauer(DEGREE, ORDER, cos(PHI))
)


ERRATUM_PROPOSITION_3_4 = Claim(
    "E.Proposition 3.4",
    "d = 2: e^{β cos φ} = I_0 + 2 Σ I_k cos kφ, I_k(β) > 0; the printed expansion is 0/0 there.",
    USA,
    _CIRCLE,
    check_zonal,
    (
        Control(
            "the factor 2 dropped",
            prediction=replace(_CIRCLE, term=_CIRCLE.term / 2),
        ),
        Control(
            "J_k in place of I_k",
            prediction=replace(_CIRCLE, term=2 * besselj(DEGREE, beta) * cos(DEGREE * PHI)),
        ),
        Control("λ = 0 put into the term", prediction=replace(_CIRCLE, term=_GEGENBAUER)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    cases=2,
    origin="erratum",
    kind="notation",
    equivalents=(Equivalent("the statement is on the energy alone", ("*.velocity: *",)),),
)


CLAIMS = (EXTREMISERS, ERRATUM_PROPOSITION_3_4)
