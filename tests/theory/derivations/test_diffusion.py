"""What noise does, against independent mathematics: Gegenbauer, explicit bases, other noise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import (
    Function,
    Matrix,
    Symbol,
    diff,
    eye,
    gegenbauer,
    simplify,
    symbols,
)

from theory import QKV, SA, USA, Noise
from theory.derivations import (
    ANGLE,
    fokker_planck,
    harmonic_rate,
    ito_correction,
    pair_diffusion,
    zonal_generator,
)
from theory.predictions import mode_growth_rate
from theory.symbols import V, beta, d, gamma, kappa

u = Symbol("u", real=True)


@pytest.mark.parametrize("size", [3, 4, 7])
@pytest.mark.parametrize("degree", [1, 2, 5])
def test_harmonics_are_multiplied(degree, size):
    zonal = gegenbauer(degree, (Symbol("d") - 2) / 2, u).subs(Symbol("d"), size)
    image = zonal_generator(zonal, u).subs(d, size)
    assert simplify(image - harmonic_rate(degree).subs(d, size) * zonal) == 0


def test_rates_agree_with_the_prediction():
    k = Symbol("k", integer=True, positive=True)
    for name in ("SA", "USA"):
        noisy, still = (mode_growth_rate(k, beta, d, name, noise=x) for x in (kappa, 0))
        assert simplify(noisy - still - kappa * harmonic_rate(k)) == 0


@pytest.mark.parametrize("size", [2, 3, 4])
def test_the_correction_by_explicit_components(size):
    """½ Σ_a Dσ_a σ_a of the columns of P at a point of the sphere, entry by entry."""
    x = Matrix(symbols(f"x:{size}", real=True))
    point = dict(zip(x, Matrix([3, 4] + [0] * (size - 2)) / 5, strict=True))
    projection = eye(size) - x * x.T
    total = Matrix([0] * size)
    for a in range(size):
        column = projection[:, a]
        total += Matrix([[diff(entry, y) for y in x] for entry in column]) * column
    said = ito_correction(Noise(kappa)).subs(d, size) / kappa * x
    assert (total - said).subs(point).applyfunc(simplify) == Matrix([0] * size)


def test_inner_products_under_ambient_noise():
    own = pair_diffusion(replace(SA, noise=Noise(kappa), parameters=(beta, kappa)))
    assert simplify(own.drift + 2 * kappa * (d - 1) * gamma) == 0
    assert simplify(own.variance - 4 * kappa * (1 - gamma**2)) == 0
    common = pair_diffusion(
        replace(SA, noise=Noise(kappa, scope="common"), parameters=(beta, kappa))
    )
    # the same noise for both: tokens that meet stay together, and only those
    assert common.drift.subs(gamma, 1) == common.variance.subs(gamma, 1) == 0
    assert simplify(common.variance.subs(gamma, -1)) == 0
    assert common.drift.subs({gamma: -1, d: 3}) != 0
    with pytest.raises(ValueError, match="Expected noise that keeps"):
        common.exponent(-1)
    with pytest.raises(ValueError, match="Expected noise that keeps"):
        own.exponent(1)


def test_refusals():
    with pytest.raises(ValueError, match="Expected a model with noise"):
        pair_diffusion(SA)
    with pytest.raises(ValueError, match="put the identity for Q and K"):
        pair_diffusion(replace(QKV, noise=Noise(1, on=V)))
    for noise in (None, Noise(1, scope="common")):
        with pytest.raises(ValueError, match="Expected independent ambient noise"):
            fokker_planck(replace(SA, noise=noise))
    with pytest.raises(ValueError, match="Expected ambient noise"):
        ito_correction(Noise(1, on=V))


def test_the_equation_of_the_density_is_dual_to_the_generator():
    test = Function("f")(ANGLE)
    for model in (SA, USA):
        equation = fokker_planck(replace(model, noise=Noise(kappa), parameters=(beta, kappa)))
        assert equation.duality(test) == 0
        # a wrong sign of the flux isn't
        wrong = replace(equation, rate=equation.rate.subs(kappa, 2 * kappa))
        assert wrong.duality(test) != 0
