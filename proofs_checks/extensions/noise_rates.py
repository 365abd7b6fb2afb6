"""Noise rates: what ambient noise does to harmonics about the uniform state, and its Itô form.

Main results
------------
- dX = F dt + sqrt(2κ) P∘dB: degree l about the uniform state grows by κ l(l+d-2) less than without
  noise, in every dimension d >= 2, for independent noise.
- The Itô form has the drift F - (d-1)κ x.

How it is proved
----------------
The generator on f(<x,w>) is derived from the step: ``κ((1-u²) f'' - (d-1) u f')``. It takes
(1-u)^k to two powers, and the zonal harmonic of degree l to its last coefficient times itself. The
equation of the density is dual to it, on the circle by parts; its noise term is linear. Cited:
harmonics of degree l are spanned by zonal ones.

References
----------
Problem 7; the rates are `theory.predictions.mode_growth_rate` with its argument `noise`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import (
    Derivative,
    Expr,
    Function,
    N,
    Rational,
    S,
    Symbol,
    exp,
    expand,
    log,
    powsimp,
    simplify,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Sheet,
    Statement,
    cited,
    derived,
    gap,
    lettered,
    not_asked,
)
from proofs_checks.said import say, saying
from theory.derivations import (
    ANGLE,
    fokker_planck,
    harmonic_rate,
    ito_correction,
    zonal_coefficients,
    zonal_generator,
)
from theory.models import SA, USA, Model
from theory.noise import Noise
from theory.predictions import mode_growth_rate
from theory.symbols import beta, d, kappa

DEGREE = Symbol("l", integer=True, positive=True)

DEPTH = Symbol("depth", positive=True)
"""1 - u."""

SPANNED = (
    "harmonics of degree l are spanned by the zonal ones f(<x,w>), whose f are polynomials of "
    "degree l in u = <x,w> (Müller, Spherical harmonics)"
)

PLACES = tuple((degree, size) for degree in (1, 2, 5) for size in (2, 3, 8))
"""Degrees and dimensions at which a wrong rate is shown."""


@dataclass(frozen=True)
class NoiseRates:
    """Growth rate of degree l with noise, what it is without, and the coefficient of x in Itô form.

    Attributes
    ----------
    noisy, still : Expr
        In l, d, β and κ.
    correction : Expr
    """

    noisy: Expr
    still: Expr
    correction: Expr


def _own(flow: Flow) -> tuple[Expr, Expr] | str:
    """Change of the rate by the noise, and the coefficient of x, of the model; or why not."""
    noise = flow.model.noise
    try:
        fokker_planck(flow.model)
        assert noise is not None  # of which the equation was written
        return noise.strength * harmonic_rate(DEGREE), ito_correction(noise)
    except ValueError as error:
        return str(error)


def refute_rates(
    flow: Flow, prediction: NoiseRates | None, budget: Budget
) -> Counterexample | None:
    """Compare the rates with those of the model's own noise, at numbers."""
    own = _own(flow)
    if prediction is None or isinstance(own, str):
        return None
    said = prediction.noisy - prediction.still, prediction.correction
    for degree, size in PLACES:
        at = {DEGREE: degree, d: size, kappa: Rational(3, 10), beta: Rational(7, 4)}
        for text, left, right in zip(
            (f"noise changes the rate of degree {degree} by", "the Itô form adds, times x,"),
            own,
            said,
            strict=True,
        ):
            found, wrong = (N(e.subs(at).doit(), 30) for e in (left, right))
            if abs(found - wrong) > Rational(1, 10**20):
                return Counterexample(
                    f"{flow.model.noise}: {text} {float(found):.6g}, not {float(wrong):.6g}, at "
                    f"d = {size}, κ = 3/10"
                )
    return None


def decide_rates(flow: Flow, prediction: NoiseRates) -> Sheet:
    """Derive generator, multipliers, correction and duality."""
    own = _own(flow)
    if isinstance(own, str):
        return Sheet((gap("a Fokker-Planck equation with independent ambient noise", own),))
    rate, correction = own
    u, k = Symbol("u", real=True), Symbol("k", integer=True, nonnegative=True)
    test = Function("f")(u)
    laplacian = (1 - u**2) * test.diff(u, 2) - (d - 1) * u * test.diff(u)
    generator = derived(
        "the generator of the noise on f(u), u = <x,w>, is κ((1-u²) f'' - (d-1) u f')",
        simplify(zonal_generator(test, u) - laplacian),
    )
    generator = saying(generator, say(zonal_generator(test, u), "=", laplacian))
    down, same = zonal_coefficients(k)
    image = zonal_generator((1 - u) ** k, u).subs(u, 1 - DEPTH)
    powers = derived(
        f"over κ it takes (1-u)^k to {down} (1-u)^(k-1) + {same} (1-u)^k",
        expand(powsimp(expand((image - down * DEPTH ** (k - 1) - same * DEPTH**k) / DEPTH**k))),
    )
    power = Symbol("p", real=True)
    raised, (lower, kept) = exp(power * log(1 - u)), zonal_coefficients(power)
    moved = (1 - u**2) * Derivative(raised, (u, 2)) - (d - 1) * u * Derivative(raised, u)
    target = (lower / (1 - u) + kept) * raised
    powers = saying(powers, say(moved, "=", target, (say(-1, "<", u), say(u, "<", 1))))
    dual = derived(
        "on the circle ∂_t p = -∂_θ(χ p) + κ ∂_θ² p is dual to the generator χ f' + κ f''",
        fokker_planck(flow.model).duality(Function("f")(ANGLE)),
    )
    rates = derived(
        f"degree l grows by {rate} through the noise",
        simplify(prediction.noisy - prediction.still - rate),
    )
    noisy, still = lettered(prediction.noisy, prediction.still)
    rates = saying(rates, say(noisy - still, "=", rate))
    form = derived(
        f"P∘dB = P dB + c x dt / sqrt(2κ) with c = {correction}",
        simplify(prediction.correction - correction),
    )
    form = saying(form, say(prediction.correction, "=", correction))
    return Sheet(
        (generator, powers, cited(SPANNED, generator, powers), dual, rates, form),
        {"d": "symbolic, >= 2", "beta": "symbolic, >= 0", "n": "∞"},
        (flow.model.velocity, rate, correction),
        f"{flow.name}: noise changes the rate of degree l by {rate}",
    )


RATES: Statement[NoiseRates] = Statement(
    "", "what noise does to harmonics", decide_rates, not_asked, refute_rates, noisy=True
)


def _driven(model: Model, noise: Noise) -> Model:
    return replace(model, noise=noise, parameters=(*model.parameters, kappa))


_NOISY = tuple(_driven(model, Noise(kappa)) for model in (SA, USA))

_STILL = mode_growth_rate(DEGREE, beta, d, "USA")

_RATES = NoiseRates(mode_growth_rate(DEGREE, beta, d, "USA", noise=kappa), _STILL, -(d - 1) * kappa)


NOISE_RATES = Claim(
    "Noise rates",
    "With independent noise sqrt(2κ) P∘dB degree l about the uniform state grows by κ l(l+d-2) "
    "less than without, for every d >= 2; the Itô form has the drift F - (d-1)κ x.",
    _NOISY,
    _RATES,
    RATES,
    (
        Control("l² in every d", prediction=replace(_RATES, noisy=_STILL - kappa * DEGREE**2)),
        Control(
            "sqrt(κ) dB",
            model=tuple(_driven(model, Noise(kappa / 2)) for model in (SA, USA)),
        ),
        Control("dB that isn't projected", prediction=replace(_RATES, correction=S.Zero)),
        Control(
            "dB that isn't projected: harmonics keep their means",
            prediction=replace(_RATES, noisy=_STILL),
        ),
        Control("-dκ x", prediction=replace(_RATES, correction=-d * kappa)),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        Equivalent(
            "the noise doesn't know the drift, and the rate is compared with that without noise",
            ("*.velocity: *",),
        ),
    ),
)


CLAIMS = (NOISE_RATES,)
