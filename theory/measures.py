"""Tokens as a probability measure: the continuity equation (3.1)-(3.4) of a model, mode by mode.

``∂_t μ + div(X[μ] μ) = 0`` for scalar attention ``X[μ](x) = P_x ∫ f(<x,y>) y dμ(y)``, divided by
``∫ g(<x,y>) dμ(y)`` where rows are normalised; its multipliers by Funk-Hecke, the growth of the
modes of the uniform state for any kernel, the energy ``½∬ h dμ dμ`` with h' = f and what it gains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    Integral,
    Mul,
    Poly,
    Rational,
    S,
    Symbol,
    binomial,
    chebyshevt,
    cos,
    cosh,
    diff,
    exp,
    factorial,
    gamma,
    gegenbauer,
    pi,
    rf,
    sin,
    sinh,
    sympify,
)

from theory import symbols
from theory.bounded import BUDGET, cost, exponential_parts, simplified, vanishes
from theory.derivations import harmonic_rate
from theory.energy import pair_kernel
from theory.latex import latex_of
from theory.models import Model, attention_form
from theory.predictions import Value, gegenbauer_coefficient, whole_number
from theory.summaries import Formulas
from theory.symbols import t, z

_ANGLE = Symbol("phi", real=True)


@dataclass(frozen=True)
class ContinuityEquation(Formulas):
    """The equation ``∂_t μ + div(X[μ] μ) = 0`` of a model of scalar attention.

    ``X[μ](x) = P_x ∫ f(<x,y>) y dμ(y) / ∫ g(<x,y>) dμ(y)``, without the denominator where `weight`
    is None. With ``h' = f`` the numerator is the gradient of ``Φ(x) = ∫ h(<x,y>) dμ(y)``, and the
    energy ``½∬ h dμ dμ`` grows at the rate ``∫ |X|² ∫ g(<x,y>) dμ(y) dμ(x)`` (g = 1 without it).

    Parameters
    ----------
    name : str
        The model's.
    pull : Expr
        The pull f in ``theory.symbols.z``.
    weight : Expr or None
        The weight g; None where rows aren't normalised.
    potential : Expr
        A kernel h with h' = f: the model's own where it has an energy.
    parameters : tuple of Symbol
        The model's.
    """

    name: str
    pull: Expr
    weight: Expr | None
    potential: Expr
    parameters: tuple[Any, ...]

    def formulas(self) -> list[str]:
        """Write the equation, and the field.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        between, measure = {z: r"\langle x, y\rangle"}, r"d\mu(y)"
        field = rf"\int {latex_of(self.pull, names=between)}\, y\, {measure}"
        if self.weight is not None:
            field = rf"\frac{{{field}}}{{\int {latex_of(self.weight, names=between)}\, {measure}}}"
        return [
            r"\partial_t \mu = -\operatorname{div}\left(\mathcal{X}[\mu]\, \mu\right)",
            rf"\mathcal{{X}}[\mu](x) = P_x^\perp {field}",
        ]

    def potential_multiplier(self, degree: Value, d: Value = 2) -> Expr:
        """Funk-Hecke multiplier of h for a degree >= 1, from f alone (h has a free constant).

        ``∫ h(<x,y>) Y(y) dσ(y) = ĥ_l Y(x)``, ``ĥ_l = (f̂_{l-1} - f̂_{l+1})/(2l+d-2)`` for harmonics
        Y of degree l >= 1, which is finite wherever f is, at β = 0 too.

        Parameters
        ----------
        degree : number or Expr
            Degree of the harmonics, >= 0.
        d : number or Expr, optional
            Dimension: points lie on the sphere of R^d.

        Returns
        -------
        Expr
            The value, exact, in the symbols given.

        Examples
        --------
        >>> from theory.models import USA
        >>> continuity_equation(USA).potential_multiplier(2)
        besseli(2, beta)/beta
        """
        degree, d = whole_number(degree, "degree", 1), whole_number(d, "d", 2)
        return _primitive_multiplier(self.pull, degree, d)

    def growth_rate(self, mode: Value, d: Value = 2, noise: Value = 0) -> Expr:
        """Rate at which a mode of the uniform state grows: ``l(l+d-2) ĥ_l``, over ĝ_0 with weights.

        Independent ambient noise ``sqrt(2κ) P∘dB`` takes ``κ l(l+d-2)`` off it.

        Parameters
        ----------
        mode : int or Expr
            Degree l >= 1; on the circle the frequency.
        d : int or Expr
            Dimension >= 2.
        noise : number or Expr
            The strength κ.

        Returns
        -------
        Expr
            A closed form where the kernel is a sum of ``z^p e^{az}``, otherwise with an
            ``Integral`` over an angle.

        Notes
        -----
        Source: (3.2)-(3.4) linearised about the uniform measure, with the Funk-Hecke formula. For
        the paper's two models it is `theory.predictions.mode_growth_rate`.

        Examples
        --------
        >>> from theory.models import SA, USA, gradient_flow
        >>> from theory.energy import interaction_energy
        >>> continuity_equation(USA).growth_rate(2)
        4*besseli(2, beta)/beta
        >>> square = gradient_flow(interaction_energy(z**2), "square")
        >>> [continuity_equation(square).growth_rate(k, 3) for k in (1, 2, 3)]
        [0, 4/5, 0]
        >>> continuity_equation(square).growth_rate(2, 3, noise=Rational(1, 10))
        1/5
        """
        mode, d = whole_number(mode, "mode", 1), whole_number(d, "d", 2)
        rate = mode * (mode + d - 2) * self.potential_multiplier(mode, d)
        rate = rate if self.weight is None else rate / funk_hecke(self.weight, 0, d)
        return rate + sympify(noise) * harmonic_rate(mode).subs(symbols.d, d)


@lru_cache(maxsize=128)
def continuity_equation(model: Model) -> ContinuityEquation:
    """Derive the continuity equation of a model from its expression.

    Parameters
    ----------
    model : Model
        A flow on the sphere ``c P_i Σ_j m_j f(<x_i,x_j>) x_j``, divided by its row sums or not.

    Raises
    ------
    ValueError
        For a model that isn't of this form, or that depends on time or on the number of tokens;
        the message says which.

    Notes
    -----
    Source: (3.1)-(3.4) and (3.8)-(3.10).

    Examples
    --------
    >>> from theory.models import SA
    >>> equation = continuity_equation(SA)
    >>> equation.pull, equation.weight, equation.potential
    (exp(beta*z), exp(beta*z), exp(beta*z)/beta)
    """
    if not isinstance(model, Model):
        raise ValueError(f"Expected a theory.Model but got model={model!r}; pass theory.SA.")
    remedy = "follow its tokens with numerics.integrate"
    if model.space != "sphere" or model.kind != "flow" or len(model.blocks) != 1:
        raise ValueError(
            "Expected a flow of tokens on the sphere alone but got "
            f"model={model.name} (kind {model.kind!r}, space {model.space!r}, "
            f"{len(model.blocks)} block{'s' * (len(model.blocks) > 1)}); {remedy}."
        )
    form = attention_form(model)
    if form is None:
        raise ValueError(
            "Expected weights that are a function of <x_i,x_j>, divided by their row sum or not, "
            f"and a value matrix that is a multiple of I, but got model={model.name} with "
            f"velocity {model.velocity}; {remedy}."
        )
    pull = simplified(form.scale * form.kernel)
    weight = form.kernel if form.normalised else None
    left = (pull.free_symbols | form.kernel.free_symbols) - {z, *model.parameters}
    if left:
        raise ValueError(
            f"Expected a kernel of <x_i,x_j> and the parameters alone but got model={model.name}, "
            f"whose kernel depends on {', '.join(sorted(map(str, left)))}"
            f"{' (time)' if t in left else ''}; {remedy}."
        )
    return ContinuityEquation(
        model.name, pull, weight, _potential(model, pull), tuple(model.parameters)
    )


def _potential(model: Model, pull: Expr) -> Expr:
    """Take the kernel of the model's energy where its slope is f, else a primitive of f."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is not None and vanishes(kernel.diff(z) - pull):
        return kernel
    terms = _terms(pull)
    if terms is not None and all(power == 0 or rate == 0 for _, power, rate in terms):
        return Add(
            *(
                c * z ** (power + 1) / (power + 1) if rate == 0 else c * exp(rate * z) / rate
                for c, power, rate in terms
            )
        )
    place = Dummy("s", real=True)
    return Integral(pull.subs(z, place), (place, 0, z))


def harmonics(degree: Value, d: Value) -> Expr:
    """Count the independent spherical harmonics of a degree on S^{d-1}.

    Examples
    --------
    >>> [harmonics(l, 3) for l in range(4)], [harmonics(l, 2) for l in range(3)]
    ([1, 3, 5, 7], [1, 2, 2])
    """
    degree, d = whole_number(degree, "degree", 0), whole_number(d, "d", 2)
    lower = binomial(degree + d - 3, d - 1) if degree != 1 else S.Zero
    return binomial(degree + d - 1, d - 1) - (lower if degree != 0 else S.Zero)


def zonal_harmonic(degree: Value, d: Value = 2) -> Expr:
    """Gegenbauer polynomial P_l of S^{d-1} in ``theory.symbols.z``, with P_l(1) = 1.

    On the circle ``P_k(cos θ) = cos kθ``.

    Examples
    --------
    >>> zonal_harmonic(2, 3).expand(), zonal_harmonic(2, 2)
    (3*z**2/2 - 1/2, 2*z**2 - 1)
    """
    degree, d = whole_number(degree, "degree", 0), whole_number(d, "d", 2)
    if d == 2:
        return chebyshevt(degree, z)
    return gegenbauer(degree, d / 2 - 1, z) * factorial(degree) / rf(d - 2, degree)


def uniform_density(d: Value) -> Expr:
    """Density of ``<x, w>`` for uniform x on S^{d-1}, in ``theory.symbols.z``.

    Examples
    --------
    >>> uniform_density(3)
    1/2
    """
    d = whole_number(d, "d", 2)
    return (1 - z**2) ** ((d - 3) / 2) / _whole(d)


def _whole(d: Expr) -> Expr:
    """Integrate ``sin^{d-2}`` over [0, π]."""
    return gamma(S.Half) * gamma((d - 1) / 2) / gamma(d / 2)


def funk_hecke(kernel: Expr, degree: Value, d: Value = 2) -> Expr:
    r"""Multiplier of a kernel: ``∫ f(<x,y>) Y(y) dσ(y) = f̂_l Y(x)`` for harmonics of degree l.

    .. math:: \hat f_l = \int_{-1}^{1} f(z) P_l(z) w_d(z)\,dz

    Parameters
    ----------
    kernel : Expr
        f in ``theory.symbols.z``.
    degree : int or Expr
        l >= 0.
    d : int or Expr
        Dimension >= 2.

    Returns
    -------
    Expr
        Closed for sums of ``z^p e^{az}``: Bessel functions, and for powers by Rodrigues' formula;
        otherwise the integral above, over the angle (z = cos φ), which numerics evaluates by
        Gauss-Gegenbauer quadrature.

    Notes
    -----
    Source: the Funk-Hecke formula; the exponential's is in the proof of Proposition 3.4.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> funk_hecke(exp(beta * z), 2), funk_hecke(z**3, 1, 3), funk_hecke(z**3, 2, 3)
    (besseli(2, beta), 1/5, 0)
    """
    degree, d = whole_number(degree, "degree", 0), whole_number(d, "d", 2)
    kernel = sympify(kernel)
    terms = _terms(kernel)
    if terms is None or (not degree.is_Integer and any(rate == 0 for _, _, rate in terms)):
        at = cos(_ANGLE)
        harmonic = cos(degree * _ANGLE) if d == 2 else zonal_harmonic(degree, d).subs(z, at)
        body = kernel.subs(z, at) * harmonic * sin(_ANGLE) ** (d - 2) / _whole(d)
        return Integral(body, (_ANGLE, 0, pi))
    return Add(*(c * _multiplier(power, rate, degree, d) for c, power, rate in terms))


def _primitive_multiplier(kernel: Expr, degree: Expr, d: Expr) -> Expr:
    """Multiplier of a primitive of the kernel, for a degree >= 1."""
    terms = _terms(kernel)
    if terms is not None and all(power == 0 and rate != 0 for _, power, rate in terms):
        # I_{ν-1} - I_{ν+1} = (2ν/a) I_ν: what the difference below comes to.
        return Add(*(c * _multiplier(0, rate, degree, d) / rate for c, _, rate in terms))
    below, above = funk_hecke(kernel, degree - 1, d), funk_hecke(kernel, degree + 1, d)
    return (below - above) / (2 * degree + d - 2)


def _multiplier(power: int, rate: Expr, degree: Expr, d: Expr) -> Expr:
    """Multiplier of ``z^p e^{az}``: derivatives by a of that of ``e^{az}``."""
    if rate == 0:
        half = Integer(power) - degree
        if half < 0 or half % 2:
            return S.Zero
        half = half / 2
        return (
            factorial(power)
            / (factorial(2 * half) * 2**degree)
            * rf(Rational(1, 2), half)
            / rf(d / 2, half + degree)
        )
    if power == 0:
        return _exponential(rate, degree, d)
    place = Dummy("a", positive=True)
    slope = diff(_exponential(place, degree, d), place, power)
    if rate.is_negative:
        return (-1) ** (degree + power) * slope.subs(place, -rate)
    return slope.subs(place, rate)


def _exponential(rate: Expr, degree: Expr, d: Expr) -> Expr:
    if rate.is_negative:
        return (-1) ** degree * gegenbauer_coefficient(degree, -rate, d)
    return gegenbauer_coefficient(degree, rate, d)


@lru_cache(maxsize=256)
def _terms(kernel: Expr) -> tuple[tuple[Expr, int, Expr], ...] | None:
    """Write a kernel as ``Σ c z^p e^{az}``, a list of (c, p, a), or return None."""
    if cost(kernel) > BUDGET:
        return None
    found: list[tuple[Expr, int, Expr]] = []
    for term in Add.make_args(kernel.rewrite([cosh, sinh], exp).expand(power_exp=False)):
        if term.is_polynomial(z):
            found += [(c, int(power), S.Zero) for (power,), c in Poly(term, z).terms()]
            continue
        powers = [f for f in Mul.make_args(term) if f == z or (f.is_Pow and f.base == z)]
        power = sum((f.as_base_exp()[1] for f in powers), S.Zero)
        parts = exponential_parts(term / Mul(*powers))
        if parts is None or not (power.is_Integer and power >= 0):
            return None
        found.append((parts[0], int(power), parts[1]))
    return tuple(entry for entry in found if entry[0] != 0)


__all__ = [
    "ContinuityEquation",
    "continuity_equation",
    "funk_hecke",
    "harmonics",
    "uniform_density",
    "zonal_harmonic",
]
