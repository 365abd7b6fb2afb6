"""What noise does: the generator on zonal functions, the law of an inner product, Fokker–Planck.

A noise field is a linear function of basis vectors e (and f, of a matrix e f^T); the second-order
part of a generator is a sum over orthonormal bases. Here the sums are taken exactly, for every d:
``Σ_a <e_a,u> <e_a,w> = <u,w>`` and ``Σ_a <e_a,e_a> = d``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import (
    Expr,
    Function,
    Integral,
    Poly,
    S,
    Symbol,
    cos,
    expand,
    factor,
    pi,
    powsimp,
    simplify,
    sin,
)

from theory.atoms import Tangent
from theory.latex import latex_of
from theory.models import AttentionForm, Model, attention_form
from theory.noise import CONVENTIONS, Noise, carried_rows
from theory.summaries import Formulas
from theory.symbols import d, gamma, t, z

_S = Symbol("s1", real=True), Symbol("s2", real=True)
"""``<e, x_1>`` and ``<e, x_2>``."""
_Q = Symbol("q1", real=True), Symbol("q2", real=True)
"""``<f, x_1>`` and ``<f, x_2>``."""
_LENGTH = Symbol("ee", real=True)
"""``<e, e>``."""
_CROSS = Symbol("ef", real=True)
"""``<e, f>``."""
_ROWS = Symbol("own", real=True), Symbol("other", real=True)
"""Weights of ``y_1 = own x_1 + other x_2``, functions of γ."""
_SLOPES = Symbol("own'", real=True), Symbol("other'", real=True)
"""Their derivatives by γ."""


def _gram(i: int, j: int) -> Expr:
    return S.One if i == j else gamma


def summed(form: Expr) -> Expr:
    """Sum a form, quadratic in e and in f or free of f, over orthonormal bases of e and f.

    Examples
    --------
    >>> summed(_S[0] * _S[1]), summed(_LENGTH), summed(_S[0] ** 2 * _Q[0] * _Q[1])
    (gamma, d, gamma)
    """
    over_e = S.Zero
    for powers, coefficient in Poly(expand(form), *_S, _LENGTH, _CROSS).terms():
        first, second, length, cross = powers
        vectors = [0] * first + [1] * second
        if (length, cross, len(vectors)) == (1, 0, 0):
            value: Expr = d
        elif (length, cross, len(vectors)) == (0, 1, 1):
            value = _Q[vectors[0]]
        elif (length, cross, len(vectors)) == (0, 0, 2):
            value = _gram(*vectors)
        else:
            raise ValueError(f"Expected a form quadratic in e but got form={form}.")
        over_e += coefficient * value
    total = S.Zero
    for (first, second), coefficient in Poly(expand(over_e), *_Q).terms():
        vectors = [0] * first + [1] * second
        if len(vectors) not in (0, 2):
            raise ValueError(f"Expected a form quadratic in f, or free of it, but got form={form}.")
        total += coefficient * (_gram(*vectors) if vectors else S.One)
    return total


@dataclass(frozen=True)
class _Field:
    """A noise field on two tokens, ``σ_i = P_i e a_i``, its amplitudes a_i linear in f or numbers.

    The amplitudes are <f, y_i> where it carries rows y_i, and 1 for ambient noise.
    """

    moved: tuple[bool, bool]
    carries: bool

    def amplitude(self, i: int) -> Expr:
        """``<f, y_i>``, 1 or 0."""
        if not self.moved[i]:
            return S.Zero
        if not self.carries:
            return S.One
        own, other = _ROWS
        return own * _Q[i] + other * _Q[1 - i]

    @property
    def rate(self) -> Expr:
        """``σ γ``, the derivative of γ along the field."""
        first, second = _S
        return (second - gamma * first) * self.amplitude(0) + (
            first - gamma * second
        ) * self.amplitude(1)

    def along(self, form: Expr) -> Expr:
        """Differentiate a form in s, q and γ along the field."""
        by_gamma = form.diff(gamma)
        for weight, slope in zip(_ROWS, _SLOPES, strict=True):
            by_gamma += form.diff(weight) * slope
        total = by_gamma * self.rate
        for i in (0, 1):
            amplitude = self.amplitude(i)
            total += form.diff(_S[i]) * (_LENGTH - _S[i] ** 2) * amplitude
            total += form.diff(_Q[i]) * (_CROSS - _S[i] * _Q[i]) * amplitude
        return total

    @property
    def stepped(self) -> Expr:
        """Second-order term of γ in a step along the field, then divided by its length.

        ``<x_1 + εσ_1, x_2 + εσ_2> / (|x_1 + εσ_1| |x_2 + εσ_2|)`` at ε².
        """
        first, second = _S
        a, b = self.amplitude(0), self.amplitude(1)
        product = (_LENGTH - first**2 - second**2 + gamma * first * second) * a * b
        lengths = (_LENGTH - first**2) * a**2 + (_LENGTH - second**2) * b**2
        return product - gamma * lengths / 2


@dataclass(frozen=True)
class PairDiffusion(Formulas):
    """Inner product of two tokens of masses 1/2: ``dγ = (pull + drift) dt + sqrt(variance) dB``.

    Parameters
    ----------
    pull : Expr
        Rate of γ by the drift of the model, in `theory.symbols.gamma`.
    drift : Expr
        What the noise adds to it.
    variance : Expr
        ``d<γ>/dt``.
    """

    pull: Expr
    drift: Expr
    variance: Expr

    def formulas(self) -> list[str]:
        """Write the equation of the inner product.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        return [
            r"d\gamma = \left(a + b\right) dt + \sqrt{v}\, dB",
            *(
                f"{name} = {latex_of(value)}"
                for name, value in zip("abv", (self.pull, self.drift, self.variance), strict=True)
            ),
        ]

    @property
    def rate(self) -> Expr:
        """``pull + drift``."""
        return self.pull + self.drift

    def exponent(self, end: int) -> Expr:
        """Rate at which ``log|γ - end|`` grows near an end, -1 or 1, of the interval.

        ``a - v/2`` of the linearised equation ``du = a u dt + sqrt(v) u dB``: γ = end attracts iff
        it is negative.

        Parameters
        ----------
        end : int
            End of the interval, -1 or 1.

        Returns
        -------
        Expr
            The value, exact, in the symbols given.

        Raises
        ------
        ValueError
            For another end, or noise that doesn't vanish there.
        """
        if end not in (-1, 1):
            raise ValueError(f"Expected end -1 or 1 but got end={end!r}.")
        for name, rate in (("variance", self.variance), ("rate", self.rate)):
            left = simplify(rate.subs(gamma, end))
            if left != 0:
                raise ValueError(
                    f"Expected noise that keeps γ = {end} but got a {name} {left} there; "
                    "only noise that is common to both tokens does."
                )
        slope, spread = self.rate.diff(gamma), self.variance.diff(gamma, 2) / 2
        return simplify(slope.subs(gamma, end) - spread.subs(gamma, end) / 2)


@lru_cache(maxsize=64)
def pair_diffusion(model: Model, value: Expr = S.Zero) -> PairDiffusion:
    """Derive the equation of the inner product of two tokens of a model with noise.

    Parameters
    ----------
    model : Model
        Scalar attention with noise; with noise on V attention with any V.
    value : Expr
        With noise on V, its mean is ``value I``.

    Returns
    -------
    PairDiffusion
        For every d; in Itô's sense, whatever the convention of the noise.

    Raises
    ------
    ValueError
        For a model without noise, or whose inner products depend on more than themselves.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory import SA
    >>> common = replace(SA, noise=Noise(1, scope="common"))
    >>> pair_diffusion(common).drift.factor()
    -2*(gamma - 1)*(d - gamma - 2)
    """
    noise = model.noise
    if noise is None:
        raise ValueError(f"Expected a model with noise but got model={model.name}; give it one.")
    if noise.on is None:
        form = _form(model.velocity, model)
        rows, pull = None, _pull(form)
    else:
        form = _form(Tangent(model.velocity.points, carried_rows(model.velocity, noise.on)), model)
        rows, pull = _rows(form), value * _pull(form)
    stepped = noise.on is None or noise.convention == CONVENTIONS[0]
    drift, variance = _of_rows(noise.scope == "common", rows is not None, stepped)
    if rows is not None:
        slopes = [row.diff(gamma) for row in rows]
        at = dict(zip((*_ROWS, *_SLOPES), (*rows, *slopes), strict=True))
        drift, variance = drift.subs(at), variance.subs(at)
    return PairDiffusion(pull, noise.strength * drift, noise.strength * variance)


@lru_cache(maxsize=8)
def _of_rows(common: bool, carries: bool, stepped: bool) -> tuple[Expr, Expr]:
    """Drift and variance of γ for noise of strength 1, in the weights of the rows."""
    moved = ((True, True),) if common else ((True, False), (False, True))
    fields = [_Field(which, carries) for which in moved]
    drift = sum(
        (2 * summed(f.stepped) if stepped else summed(f.along(f.rate)) for f in fields), S.Zero
    )
    variance = sum((2 * summed(f.rate**2) for f in fields), S.Zero)
    return factor(drift), factor(variance)


def _form(velocity: object, model: Model) -> AttentionForm:
    """Read a velocity as scalar attention, or refuse it."""
    form = attention_form(replace(model.drift, velocity=velocity, energy=None, metric=None))
    if form is None:
        raise ValueError(
            "Expected noisy rows that are scalar attention, weights of <x_i,x_j> alone, but got "
            f"model={model.name}; put the identity for Q and K."
        )
    return form


def _rows(form: AttentionForm) -> tuple[Expr, Expr]:
    """Weights (own, other) of the row ``y_1 = own x_1 + other x_2`` of masses 1/2."""
    own, other = (form.kernel.subs(z, at) / 2 for at in (S.One, gamma))
    total = own + other if form.normalised else S.One
    return form.scale * own / total, form.scale * other / total


def _pull(form: AttentionForm) -> Expr:
    """Rate of γ under the drift alone: each token moves by its other weight along P_i x_j."""
    return 2 * _rows(form)[1] * (1 - gamma**2)


@lru_cache(maxsize=16)
def zonal_generator(function: Expr, u: Symbol) -> Expr:
    """Apply the generator of ambient noise of strength 1 to ``f(<x,w>)``, w a fixed unit vector.

    ``(1-u²) f'' - (d-1) u f'``: the Laplacian of the sphere, derived from the step.

    Parameters
    ----------
    function : Expr
        The function f(u).
    u : Symbol
        Its variable, the inner product with w.

    Examples
    --------
    >>> from sympy import Symbol
    >>> u = Symbol("u")
    >>> zonal_generator(u, u).factor()
    -u*(d - 1)
    """
    # The second token stands for w: it doesn't move.
    field = _Field((True, False), False)
    drift, variance = (2 * summed(form).subs(gamma, u) for form in (field.stepped, field.rate**2))
    return expand(variance) / 2 * function.diff(u, 2) + drift * function.diff(u)


def harmonic_rate(degree: Expr) -> Expr:
    """Rate at which ambient noise of strength 1 multiplies harmonics of degree l: ``-l(l+d-2)``.

    The generator takes ``(1-u)^k`` to ``k(2k+d-3) (1-u)^{k-1} - k(k+d-2) (1-u)^k``. The zonal
    harmonic, the polynomial of degree l in 1-u that it multiplies by a number, is multiplied by
    the last coefficient at k = l.

    Parameters
    ----------
    degree : Expr
        Degree of the harmonics, >= 0.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> harmonic_rate(Symbol("l"))
    -l*(d + l - 2)
    """
    _, same = zonal_coefficients(Symbol("k", integer=True, nonnegative=True))
    return same.subs(Symbol("k", integer=True, nonnegative=True), degree)


def zonal_coefficients(k: Symbol) -> tuple[Expr, Expr]:
    """Give those of ``(1-u)^{k-1}`` and ``(1-u)^k`` in the generator's image of ``(1-u)^k``.

    Parameters
    ----------
    k : Symbol
        The power, >= 1.

    Returns
    -------
    tuple[Expr, Expr]
        Both, exact.

    Examples
    --------
    >>> zonal_coefficients(Symbol("k"))
    (k*(d + 2*k - 3), -k*(d + k - 2))
    """
    u, depth = Symbol("u", real=True), Symbol("depth", positive=True)
    image = zonal_generator((1 - u) ** k, u).subs(u, 1 - depth)
    polynomial = Poly(expand(powsimp(expand(image / depth ** (k - 1)))), depth)
    if polynomial.degree() > 1:
        raise AssertionError(f"Expected two powers but got {polynomial}.")
    return factor(polynomial.coeff_monomial(1)), factor(polynomial.coeff_monomial(depth))


def ito_correction(noise: Noise) -> Expr:
    """Coefficient c of the drift ``c x`` by which the Itô form of ambient noise differs: -(d-1)κ.

    ``sqrt(2κ) P∘dB = sqrt(2κ) P dB + c x dt``, half the derivative of each field along itself. The
    part across x vanishes.

    Parameters
    ----------
    noise : Noise
        The noise of the model.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        For noise on a matrix, where the correction depends on the model.

    Examples
    --------
    >>> from theory.symbols import kappa
    >>> ito_correction(Noise(kappa)).factor()
    -kappa*(d - 1)
    """
    if noise.on is not None:
        raise ValueError(
            f"Expected ambient noise but got noise={noise}; see pair_diffusion for noise on "
            f"{noise.on}."
        )
    first, second = _S
    # σ = e - <e,x> x, along itself: -<e,σ> x - <e,x> σ; against x, and against another unit vector.
    along = summed(-(_LENGTH - first**2))  # <x,σ> = 0
    across = summed(-first * (second - gamma * first))
    if across != 0:
        raise AssertionError(f"Expected a correction along x but got a part {across} across it.")
    return noise.strength * along


@dataclass(frozen=True)
class FokkerPlanck(Formulas):
    """Fokker-Planck equation of the mean field on the circle, and the generator it is dual to.

    ``∂_t p = -∂_θ(χ p) + κ ∂_θ² p``, p a density of the angle, χ[p] the pull on a token at θ.

    Parameters
    ----------
    pull : Expr
        ``∫ k(cos(φ-θ)) sin(φ-θ) p(t,φ) dφ``, over the row sum of a softmax.
    rate : Expr
        The right-hand side.
    strength : Expr
        The strength κ.
    """

    pull: Expr
    rate: Expr
    strength: Expr

    def formulas(self) -> list[str]:
        """Write the equation of the density, and the pull.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        return [
            r"\partial_t p = -\partial_\theta \left(\chi p\right) + D\, \partial_\theta^2 p",
            f"D = {latex_of(self.strength)}",
            rf"\chi = {latex_of(self.pull)}",
        ]

    def generator(self, test: Expr) -> Expr:
        """Apply the generator to a function of θ: ``χ f' + κ f''``.

        Parameters
        ----------
        test : Expr
            The function f of θ.

        Returns
        -------
        Expr
            The value, exact, in the symbols given.
        """
        return self.pull * test.diff(ANGLE) + self.strength * test.diff(ANGLE, 2)

    def duality(self, test: Expr) -> Expr:
        """Residual of ``f ∂_t p - p Lf = ∂_θ (...)``: 0 when generator and equation are dual.

        Parameters
        ----------
        test : Expr
            The function f of θ.

        Returns
        -------
        Expr
            The value, exact, in the symbols given.
        """
        flux = -test * self.pull * DENSITY + self.strength * (
            test * DENSITY.diff(ANGLE) - test.diff(ANGLE) * DENSITY
        )
        return expand(test * self.rate - DENSITY * self.generator(test) - flux.diff(ANGLE))


ANGLE = Symbol("theta", real=True)
"""The angle θ of a token on the circle."""

DENSITY = Function("p")(t, ANGLE)
"""Density of the angle."""


def fokker_planck(model: Model) -> FokkerPlanck:
    """Write the Fokker-Planck equation of a model with independent ambient noise, on the circle.

    Of infinitely many tokens, all masses together 1.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    FokkerPlanck
        The equation and its generator.

    Raises
    ------
    ValueError
        For other noise, or a velocity that isn't scalar attention.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory import USA
    >>> equation = fokker_planck(replace(USA, noise=Noise(1)))
    >>> equation.duality(Function("f")(ANGLE))
    0
    """
    noise = model.noise
    if noise is None or noise.on is not None or noise.scope != "independent":
        raise ValueError(
            f"Expected independent ambient noise but got model={model.name} with noise={noise}; "
            "common noise leaves the density random."
        )
    form = _form(model.velocity, model)
    other = Symbol("phi", real=True)
    there = DENSITY.subs(ANGLE, other)
    weight = form.kernel.subs(z, cos(other - ANGLE))
    pull = form.scale * Integral(weight * sin(other - ANGLE) * there, (other, 0, 2 * pi))
    if form.normalised:
        pull = pull / Integral(weight * there, (other, 0, 2 * pi))
    rate = -(pull * DENSITY).diff(ANGLE) + noise.strength * DENSITY.diff(ANGLE, 2)
    return FokkerPlanck(pull, rate, noise.strength)
