"""Mode growth: rates at which harmonics of the uniform measure grow, from the kernel, for any d.

Main results
------------
- SA ``k(k+d-2) F_k/(β F_0)`` and USA ``k(k+d-2) F_k/β``, F_k the multiplier of ``e^{βt}``:
  on the circle ``k² I_k/(β I_0)`` and ``k² I_k/β``, for every degree k and every d.
- ``h = z²/2 + z³/3``: degree 3 grows at ``6(d+1)/(d(d+2)(d+4))``.

How it is proved
----------------
`theory.measures` reads f and g off the velocity, ``X[μ] = ∇∫h dμ / ∫g dμ`` with h' = f. About
the uniform measure the numerator is H_k times the gradient of a harmonic (Funk-Hecke) and the
denominator ĝ_0. The multipliers are compared power by power, for symbolic k, d and β. Velocities
of weighted tokens, which know of no multiplier, watch the rates.

References
----------
Funk-Hecke formula and Rodrigues' formula: Müller, Analysis of Spherical Symmetries in Euclidean
Spaces (1998). No paper states the claim for all d.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Derivative,
    Expr,
    Integral,
    Rational,
    S,
    Subs,
    Symbol,
    besseli,
    expand_func,
    factorial,
    gamma,
    gammasimp,
    lambdify,
    rf,
    simplify,
    symbols,
    sympify,
)

from numerics import compile_model
from numerics.arguments import FloatArray
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    KNOWN,
    ON_SPHERE,
    SPEED,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    Trial,
    cited,
    derived,
    enclosure_ends,
    gap,
    leaves_sphere,
    lettered,
    not_asked,
    pairwise,
    six_digits,
    subjects,
)
from proofs_checks.said import say, saying
from theory.bounded import vanishes
from theory.energy import interaction_energy
from theory.measures import ContinuityEquation, continuity_equation
from theory.models import SA, USA, gradient_flow
from theory.predictions import mode_growth_rate
from theory.symbols import beta, d, z

MODE = Symbol("k", integer=True, positive=True)
"""Degree of a mode."""

TERM = Symbol("j", integer=True, nonnegative=True)
RATE = Symbol("a", positive=True)


@dataclass(frozen=True)
class Growth:
    """Modes of a degree, or of every degree ``MODE``, grow at a rate in ``d`` and parameters."""

    rate: Expr
    degree: int | None = None

    @property
    def mode(self) -> Expr:
        """The degree, as an expression."""
        return MODE if self.degree is None else sympify(self.degree)


def _equation(flow: Flow) -> ContinuityEquation | str:
    """Derive the flow's continuity equation, or say why it has none."""
    try:
        return continuity_equation(flow.model)
    except ValueError as error:
        return str(error)


def _is_continuous(flow: Flow) -> Step:
    text = "x_i' = P_i Σ_j m_j f(<x_i,x_j>) x_j, over Σ_j m_j g(<x_i,x_j>) or not"
    found = _equation(flow)
    if isinstance(found, str):
        return Step(text, How.DERIVED, Outcome.FAILS, found)
    return Step(text, How.DERIVED, evidence=f"f = {found.pull}, g = {found.weight or 1}")


FUNK_HECKE = "Funk-Hecke: ∫ f(<x,y>) Y(y) dσ(y) = F_k Y(x), F_k = ∫ f P_k w_d, Y of degree k"
RODRIGUES = (
    "Rodrigues: ∫ f P_k w_d = Γ((d-1)/2)/(2^k Γ(k+(d-1)/2)) ∫ f^(k)(z) (1-z²)^(k+(d-3)/2) dz c_d"
)
LAPLACE = "harmonics of degree k: -ΔY = k(k+d-2) Y on S^{d-1}"


def _power(degree: Any, term: Any) -> Expr:
    """Multiplier of ``z^(degree + 2 term)`` by Rodrigues' formula."""
    power = degree + 2 * term
    share = factorial(power) / (factorial(2 * term) * 2**degree)
    return share * rf(Rational(1, 2), term) / rf(d / 2, degree + term)


@lru_cache(maxsize=1)
def _multipliers() -> tuple[Step, ...]:
    """Compare the multipliers with Rodrigues' formula, power by power."""
    order = d / 2 - 1
    own = RATE ** (MODE + 2 * TERM) / factorial(MODE + 2 * TERM) * _power(MODE, TERM)
    half = (RATE / 2) ** (2 * TERM + MODE + order)
    bessel = half / (factorial(TERM) * gamma(TERM + MODE + order + 1))
    closed = gamma(d / 2) * (2 / RATE) ** order * bessel
    return (
        derived(
            "e^{az}: Σ_j a^p/p! ∫z^p P_k w_d, p = k+2j, is Γ(d/2)(2/a)^{d/2-1} I_{k+d/2-1}(a), "
            "term by term",
            simplify(gammasimp((own / closed).rewrite(gamma))) - 1,
        ),
        derived(
            "h = z^{p+1}/(p+1), h' = z^p: H_k = (F_{k-1} - F_{k+1})/(2k+d-2), for every p",
            _primitive(S.Zero) ** 2 + _primitive(TERM + 1) ** 2,
        ),
    )


def _primitive(term: Expr) -> Expr:
    """``(F_{k-1} - F_{k+1})/((2k+d-2) H_k) - 1`` for f = z^p, p + 1 = k + 2 term."""
    above = _power(MODE + 1, term - 1) if term != 0 else S.Zero
    share = (_power(MODE - 1, term) - above) / (2 * MODE + d - 2)
    ratio = share * (MODE + 2 * term) / _power(MODE, term)
    return simplify(expand_func(gammasimp(ratio.rewrite(gamma)))) - 1


@lru_cache(maxsize=1)
def _linearised() -> Step:
    """Differentiate the quotient whose numerator vanishes at the uniform measure."""
    part, slope, total, other = symbols("epsilon N Z Y")
    quotient = part * slope / (total + part * other)
    change = quotient.diff(part).subs(part, 0)
    step = derived(
        "X[σ] = 0, as ∫h dσ is constant: d/dε X[σ + εYσ] = (H_k/ĝ_0) ∇Y at ε = 0",
        simplify(change - slope / total),
    )
    return saying(step, say(Subs(Derivative(quotient, part), part, 0), "=", slope / total))


@lru_cache(maxsize=32)
def _own_rate(flow: Flow, degree: Expr) -> Expr | None:
    """Rate from the kernel, or None where it has no closed form."""
    equation = _equation(flow)
    if isinstance(equation, str):
        return None
    rate = equation.growth_rate(degree, d)
    return None if rate.has(Integral) else rate


def decide(flow: Flow, prediction: Growth) -> Sheet:
    """Linearise about the uniform measure, and compare the rate with the prediction."""
    form, equation = _is_continuous(flow), _equation(flow)
    rate = _own_rate(flow, prediction.mode)
    if isinstance(equation, str) or rate is None:
        return Sheet((form, gap("the multipliers of f and g", "no closed form")))
    potential = equation.potential
    slope = potential.doit() if potential.has(Integral) else potential
    primitive = derived("h' = f, so f(<x,y>) P_x y = ∇_x h(<x,y>)", _left(slope, equation))
    primitive = saying(primitive, say(Derivative(slope, z), "=", equation.pull))
    hecke, laplace = cited(FUNK_HECKE, primitive), cited(LAPLACE)
    own, said = lettered(rate, prediction.rate)
    steps = (
        form,
        primitive,
        hecke,
        cited(RODRIGUES),
        *_multipliers(),
        _linearised(),
        laplace,
        saying(
            derived(
                f"-div X = {prediction.rate} εY for Y of degree {prediction.mode}",
                0 if vanishes(_difference(rate, prediction.rate)) else rate - prediction.rate,
            ),
            say(own, "=", said),
        ),
    )
    return Sheet(
        steps,
        {
            "d": "symbolic, >= 2",
            "beta": "symbolic, positive",
            **({"k": "symbolic"} if prediction.degree is None else {"k": str(prediction.degree)}),
        },
        subjects(flow.model, prediction.rate),
        f"{flow.name}: k(k+d-2) H_k{'' if equation.weight is None else '/ĝ_0'} by Funk-Hecke, "
        "F_k power by power",
    )


def _left(potential: Expr, equation: ContinuityEquation) -> Expr:
    left = potential.diff(z) - equation.pull
    return sympify(0) if vanishes(left) else left


def _difference(own: Expr, said: Expr) -> Expr:
    return sympify(0) if own == said else simplify(gammasimp(own - said))


PLACES = ((2, 3), (1, 2), (5, 8))
"""Degrees and dimensions at which a rate is compared in numbers."""


def refute(flow: Flow, prediction: Growth | None, budget: Budget) -> Counterexample | None:
    """Find a degree and a dimension at which the rate from the kernel is another."""
    off = leaves_sphere(flow.model, budget.rng)
    if off:
        return Counterexample(off)
    if prediction is None or isinstance(_equation(flow), str):
        return None
    for degree, size in PLACES:
        mode = degree if prediction.degree is None else prediction.degree
        own = _own_rate(flow, sympify(mode))
        if own is None:
            return None
        values = {MODE: sympify(mode), d: sympify(size), beta: Rational(5, 4)}
        sides = [side.subs(values) for side in (own, prediction.rate)]
        if any(side.free_symbols for side in sides):
            return None
        (low, high), said = (enclosure_ends(side) for side in sides)
        if low > said[1] or high < said[0]:
            return Counterexample(
                f"at d = {size}, β = 5/4 degree {mode} grows at {six_digits(low)}, not "
                f"{six_digits(said[0])}"
            )
    return None


def _watched(flow: Flow, degree: int, size: int, **values: Any) -> float:
    """Rate of a degree, from velocities of tokens whose masses are perturbed; circle or sphere."""
    tokens, masses, value, slope = _tokens(degree, size)

    def change(part: float) -> float:
        field = compile_model(flow.model, masses=masses * (1 + part * value), **values)
        pull = np.sum(slope * field(tokens), axis=1)
        return float((masses * (1 + part * value)) @ pull)

    part = 1e-3
    odd = [(change(p) - change(-p)) / (2 * p) for p in (part, part / 2)]
    return (4 * odd[1] - odd[0]) / 3 / float(masses @ value**2)


def _tokens(degree: int, size: int) -> tuple[FloatArray, ...]:
    """Tokens of a quadrature, masses, a harmonic of the degree there and its gradient in space."""
    if size == 2:
        angles = 2 * np.pi * np.arange(96) / 96
        tokens = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        tangent = np.stack([-np.sin(angles), np.cos(angles)], axis=1)
        slope = -degree * np.sin(degree * angles)[:, None] * tangent
        return tokens, np.full(96, 1 / 96), np.cos(degree * angles), slope
    heights, weights = np.polynomial.legendre.leggauss(20)
    turns = 2 * np.pi * np.arange(32) / 32
    ring = np.sqrt(1 - heights**2)
    tokens = np.stack(
        [np.outer(ring, np.cos(turns)), np.outer(ring, np.sin(turns)), np.outer(heights, turns**0)],
        axis=-1,
    ).reshape(-1, 3)
    legendre = np.polynomial.Legendre.basis(degree)
    value, rise = legendre(tokens[:, 2]), legendre.deriv()(tokens[:, 2])
    slope = rise[:, None] * np.array([0.0, 0.0, 1.0])
    return tokens, np.repeat(weights / 64, 32), value, slope


def watch(flow: Flow, prediction: Growth, budget: Budget) -> Trial:
    """Compare with the motion of weighted tokens on the circle and on S², degrees 1 to 4."""
    if set(flow.model.parameters) - {beta}:
        return Trial(silent="it has other parameters than β")
    worst, cases = 0.0, 0
    rate = lambdify((MODE, d, beta), prediction.rate, ["scipy", "numpy"])
    for size in (2, 3):
        for _ in range(max(1, budget.cases // 4)):
            drawn = int(budget.rng.integers(1, 5))
            degree = drawn if prediction.degree is None else prediction.degree
            hot = float(budget.rng.uniform(0.5, 3.0))
            values = {"beta": hot} if beta in flow.model.parameters else {}
            said, seen = float(rate(degree, size, hot)), _watched(flow, degree, size, **values)
            off = abs(seen - said) / max(abs(said), 1e-3)
            worst, cases = max(worst, off), cases + 1
            if off > _CLOSE:
                text = f"{flow.name}: degree {degree}, d = {size}, β = {hot:.3f}: {seen:.6g}"
                return Trial(f"{text} seen, {said:.6g} said", 1 - off / _CLOSE, cases)
    scope = {"runs": "d = 2, 3, k in 1..4, β in [0.5, 3]; quadratures of 96 and 640 tokens"}
    seen_text = f"velocities of weighted tokens agree to {worst:.1e}"
    return Trial(margin=1 - worst / _CLOSE, cases=cases, seen=seen_text, scope=scope)


_CLOSE = 1e-7

GROWTH: Statement[Growth] = Statement(
    "",
    "modes of the uniform measure grow at the rates of the kernel's multipliers",
    decide,
    not_asked,
    refute,
    watch,
    premises=(KNOWN, ON_SPHERE, Premise("CONTINUITY EQUATION", _is_continuous)),
    cases=pairwise,
)

CUBIC = gradient_flow(interaction_energy(z**2 / 2 + z**3 / 3), "z²/2 + z³/3")

GROWTHS = (
    Growth(mode_growth_rate(MODE, beta, d, "SA")),
    Growth(mode_growth_rate(MODE, beta, d, "USA")),
    Growth(6 * (d + 1) / (d * (d + 2) * (d + 4)), 3),
)


def _with(place: int, rate: Expr) -> tuple[Growth, ...]:
    changed = Growth(rate, GROWTHS[place].degree)
    return (*GROWTHS[:place], changed, *GROWTHS[place + 1 :])


_COLDER = GROWTHS[1].rate.replace(besseli, lambda order, at: besseli(order, at / 2))

MODE_GROWTH = Claim(
    "Mode growth",
    "About the uniform measure degree k grows at k(k+d-2) F_k/(β F_0) for SA, without F_0 for "
    "USA, F_k = Γ(d/2)(2/β)^{d/2-1} I_{k+d/2-1}(β); for z²/2 + z³/3 degree 3 at "
    "6(d+1)/(d(d+2)(d+4)).",
    (SA, USA, CUBIC),
    GROWTHS,
    GROWTH,
    (
        Control("SA's rate for USA", prediction=_with(1, GROWTHS[0].rate)),
        Control("k² for k(k+d-2)", prediction=_with(0, GROWTHS[0].rate * MODE / (MODE + d - 2))),
        Control("one power of k", prediction=_with(1, GROWTHS[1].rate / MODE)),
        Control("without 1/β", prediction=_with(1, GROWTHS[1].rate * beta)),
        Control("I_k(β/2)", prediction=_with(1, _COLDER)),
        Control("the flux the other way", prediction=_with(0, -GROWTHS[0].rate)),
    ),
    Verdict.PROVED,
    cases=8,
    origin="extension",
    equivalents=(
        Equivalent("n times the velocity has no limit of many tokens: a hypothesis fails", SPEED),
    ),
)

CLAIMS = (MODE_GROWTH,)
