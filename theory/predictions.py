"""Closed forms: what the theory predicts, as exact expressions to compare computations with.

Extremal energies, the equiangular time T(γ) of (6.9)-(6.10), Wendel's probability, growth rates of
modes, merge times, contraction and Lipschitz constants, thresholds, spectra and energies of codes.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sympy import (
    Ei,
    Eq,
    Expr,
    Integer,
    Matrix,
    Piecewise,
    Rational,
    S,
    acos,
    besseli,
    binomial,
    cos,
    exp,
    gamma,
    log,
    ones,
    pi,
    sin,
    sqrt,
    sympify,
    tan,
)

from theory import symbols

Value: TypeAlias = Any
"""What SymPy can read as a scalar: a number, a symbol, an expression."""

MODELS = ("SA", "USA")
HALF = Rational(1, 2)


def _model(model: str) -> bool:
    """Tell whether the model is SA; refuse anything but SA and USA."""
    if model not in MODELS:
        raise ValueError(
            f"Expected one of {', '.join(MODELS)} but got model={model!r}; "
            "closed forms are known for the paper's two models only."
        )
    return model == "SA"


def _count(value: Value, name: str, least: int) -> Expr:
    """Read a whole number or a symbol for one."""
    count = sympify(value)
    if count.is_number and not (count.is_Integer and count >= least):
        raise ValueError(
            f"Expected a whole number >= {least} but got {name}={value}; "
            "pass such a number or a symbol."
        )
    return count


def _inverse_temperature(value: Value) -> Expr:
    """Read β >= 0; the statements of this file are not made for β < 0."""
    beta = sympify(value)
    if beta.is_number and (not beta.is_finite or beta < 0):
        raise ValueError(
            f"Expected a finite inverse temperature >= 0 but got beta={value}; "
            "the closed form holds for attraction only."
        )
    return beta


def _positive(value: Value, name: str) -> Expr:
    number = sympify(value)
    if number.is_number and not (number.is_finite and number > 0):
        raise ValueError(f"Expected a positive number but got {name}={value}; pass one > 0.")
    return number


# ----------------------------------------------------------------------------- energies (A.11)


def gegenbauer_coefficient(k: Value, beta: Value = symbols.beta, d: Value = symbols.d) -> Expr:
    r"""Coefficient of degree k of ``e^{βt}`` in dimension d; also its Funk-Hecke multiplier.

    .. math:: \hat f_k = \Gamma(d/2)\,(2/\beta)^{d/2-1} I_{k+d/2-1}(\beta) > 0

    With λ = d/2 - 1 > 0, ``e^{βt} = Σ_k f̂_k ((k+λ)/λ) C_k^λ(t)``; for d = 2,
    ``e^{β cos θ} = f̂_0 + 2 Σ_{k≥1} f̂_k cos kθ`` with ``f̂_k = I_k(β)``. For every d,
    ``∫ e^{β<x,y>} Y(y) dσ(y) = f̂_k Y(x)`` for a spherical harmonic Y of degree k.

    Parameters
    ----------
    k : int or Expr
        Degree, k >= 0.
    beta, d : number or Expr
        Inverse temperature β >= 0 and dimension d >= 2.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Source: the proof of Proposition 3.4; the multiplier is the Funk-Hecke formula.

    Examples
    --------
    >>> gegenbauer_coefficient(3, d=2)
    besseli(3, beta)
    >>> gegenbauer_coefficient(0, 0, 5), gegenbauer_coefficient(2, 0, 5)
    (1, 0)
    """
    k, d = _count(k, "k", 0), _count(d, "d", 2)
    beta = _inverse_temperature(beta)
    if beta.is_zero:
        return Piecewise((S.One, Eq(k, 0)), (S.Zero, True))
    order = d / 2 - 1
    return gamma(d / 2) * (2 / beta) ** order * besseli(k + order, beta)


def energy_minimum(beta: Value = symbols.beta, d: Value = symbols.d, mass: Value = 1) -> Expr:
    """Least interaction energy of a measure of the given mass: that of the uniform measure.

    Zero at β = 0, where the energy is the limit of ``E - mass²/(2β)``.

    Notes
    -----
    Source: Proposition 3.4.

    Examples
    --------
    >>> energy_minimum(d=2)
    besseli(0, beta)/(2*beta)
    """
    mass = _positive(mass, "mass")
    beta = _inverse_temperature(beta)
    if beta.is_zero:
        return S.Zero
    return mass**2 * gegenbauer_coefficient(0, beta, d) / (2 * beta)


def energy_maximum(beta: Value = symbols.beta, mass: Value = 1) -> Expr:
    """Greatest interaction energy of a measure of the given mass: that of a point mass.

    At β = 0 the energy is the limit of ``E - mass²/(2β)``, and its maximum ``mass²/2``.

    Notes
    -----
    Source: Proposition 3.4.

    Examples
    --------
    >>> energy_maximum()
    exp(beta)/(2*beta)
    """
    mass = _positive(mass, "mass")
    beta = _inverse_temperature(beta)
    if beta.is_zero:
        return mass**2 / 2
    return mass**2 * exp(beta) / (2 * beta)


def simplex_energy(n: Value = symbols.n, beta: Value = symbols.beta) -> Expr:
    """Energy of n equal atoms at the vertices of a regular simplex (n <= d + 1).

    The minimum over all n-point configurations: by Jensen's inequality the off-diagonal sum is
    least where all inner products are ``-1/(n-1)``. Source: Section 9.1 (extension).

    Examples
    --------
    >>> simplex_energy(2)
    (2*exp(beta) + 2*exp(-beta))/(8*beta)
    """
    n, beta = _count(n, "n", 2), _positive(beta, "beta")
    return _code_energy(n, beta, n * (n - 1) * exp(-beta / (n - 1)))


def cross_polytope_energy(d: Value = symbols.d, beta: Value = symbols.beta) -> Expr:
    """Energy of 2d equal atoms at ±e_1, …, ±e_d. Source: Section 9.1 (extension)."""
    d, beta = _count(d, "d", 1), _positive(beta, "beta")
    return _code_energy(2 * d, beta, 2 * d * (exp(-beta) + 2 * d - 2))


def icosahedron_energy(beta: Value = symbols.beta) -> Expr:
    """Energy of 12 equal atoms at an icosahedron's vertices. Source: Section 9.1 (extension)."""
    beta = _positive(beta, "beta")
    near = exp(beta / sqrt(5)) + exp(-beta / sqrt(5))
    return _code_energy(Integer(12), beta, 12 * (exp(-beta) + 5 * near))


def polygon_energy(n: Value, beta: Value = symbols.beta) -> Expr:
    """Energy of n equal atoms at the vertices of a regular n-gon, a finite sum.

    Equal to ``Σ_{j ≡ 0 mod n} I_j(β)/(2β)``. Source: Section 9.1 (extension).
    """
    n, beta = _count(n, "n", 1), _positive(beta, "beta")
    if not n.is_Integer:
        raise ValueError(f"Expected a number of vertices but got n={n}; the sum needs a number.")
    pairs = sum((exp(beta * cos(2 * pi * b / n)) for b in range(1, int(n))), S.Zero)
    return _code_energy(n, beta, n * pairs)


def _code_energy(n: Expr, beta: Expr, pairs: Expr) -> Expr:
    """``(n e^β + S)/(2β n²)``, S the sum over ordered pairs of different atoms."""
    return (n * exp(beta) + pairs) / (2 * beta * n**2)


# ------------------------------------------------- equiangular configurations, (6.9) and (6.10)


def equiangular_rate(
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: str = "SA",
) -> Expr:
    """Right side of (6.9) (SA) or (6.10) (USA): the speed of the common inner product γ.

    Parameters
    ----------
    gamma : number or Expr
        Common inner product, -1/(n-1) <= γ <= 1.
    beta, n : number or Expr
        Inverse temperature and number of tokens, n >= 2, of mass 1/n each.
    model : {"SA", "USA"}

    Raises
    ------
    ValueError
        If a number is out of range or the model has no such formula.

    Examples
    --------
    >>> equiangular_rate(0, beta=0)
    2/n
    """
    gamma, beta, n = sympify(gamma), sympify(beta), _count(n, "n", 2)
    shape = 2 * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1)
    return shape / (exp(beta) + (n - 1) * exp(beta * gamma)) if _model(model) else shape / n


def equiangular_time(
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: str = "SA",
) -> Expr:
    r"""Time T(γ) at which an orthonormal start has reached the common inner product γ.

    With c = 1/(n-1),

    .. math::
        T_{USA} = \tfrac12\{e^{-\beta}[Ei(\beta) - Ei(\beta(1-\gamma))]
                  + e^{\beta c}[Ei(-\beta(\gamma+c)) - Ei(-\beta c)]\},\quad
        T_{SA} = \tfrac{e^\beta}{n} T_{USA}
                  + \tfrac{n-1}{2n}\log\frac{(n-1)\gamma+1}{1-\gamma}

    and at β = 0 half the logarithm. For numbers at high or low β use
    ``numerics.equiangular``, which has neither overflow nor cancellation.

    Parameters
    ----------
    gamma : number or Expr
        0 <= γ < 1.
    beta, n : number or Expr
        Inverse temperature β >= 0 and number of tokens n >= 2, of mass 1/n each.
    model : {"SA", "USA"}

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Source: Theorem 6.8; partial fractions of 1/((1-γ)((n-1)γ+1)) in (6.9) and (6.10).

    Examples
    --------
    >>> equiangular_time(beta=0, n=2)
    log((gamma + 1)/(1 - gamma))/2
    """
    gamma, n = sympify(gamma), _count(n, "n", 2)
    beta = _inverse_temperature(beta)
    if gamma.is_number and not 0 <= gamma < 1:
        raise ValueError(
            f"Expected an inner product in [0, 1) but got gamma={gamma}; "
            "the start is orthonormal, and γ = 1 is not reached."
        )
    attention = _model(model)
    odds = log(((n - 1) * gamma + 1) / (1 - gamma))
    if beta.is_zero:
        return odds / 2
    c = 1 / (n - 1)
    far = exp(-beta) * (Ei(beta) - Ei(beta * (1 - gamma)))
    near = exp(beta * c) * (Ei(-beta * (gamma + c)) - Ei(-beta * c))
    unnormalised = (far + near) / 2
    if not attention:
        return unnormalised
    return exp(beta) / n * unnormalised + (n - 1) / (2 * n) * odds


def equiangular_inner_product(t: Value = symbols.t, n: Value = symbols.n) -> Expr:
    """γ(t) at β = 0 from an orthonormal start, both models: the inverse of T(γ) there.

    For β > 0 there is no closed form: see ``numerics.equiangular``. Source: (6.9) at β = 0.

    Examples
    --------
    >>> equiangular_inner_product()
    (exp(2*t) - 1)/(n + exp(2*t) - 1)
    """
    t, n = sympify(t), _count(n, "n", 2)
    return (exp(2 * t) - 1) / (exp(2 * t) + n - 1)


# -------------------------------------------------------------------------- probability (A.15)


def wendel_probability(n: Value, d: Value) -> Rational:
    """Probability that n independent uniform points of S^{d-1} lie in an open hemisphere.

    Exact, and 1 if and only if d >= n. Source: Theorem 6.7.

    Raises
    ------
    ValueError
        If n or d is not a whole number >= 1.

    Examples
    --------
    >>> wendel_probability(4, 2), wendel_probability(6, 3), wendel_probability(3, 3)
    (1/2, 1/2, 1)
    """
    n, d = _count(n, "n", 1), _count(d, "d", 1)
    if not (n.is_Integer and d.is_Integer):
        raise ValueError(f"Expected numbers but got n={n}, d={d}; the sum needs its length.")
    return sum((binomial(n - 1, k) for k in range(int(d))), S.Zero) / 2 ** (n - 1)


def theorem_6_9_dimension(n: Value) -> Integer:
    """Dimension up to which the printed probability of Theorem 6.9 is not positive.

    ``1 - 2 n² d^{-1/64} > 0`` if and only if ``d > (2 n²)^{64}``.

    Examples
    --------
    >>> theorem_6_9_dimension(2) == 2**192
    True
    """
    return (2 * _count(n, "n", 1) ** 2) ** 64


# ------------------------------------------------------- growth about the uniform state (5.1, 5.8)


def mode_growth_rate(
    mode: Value,
    beta: Value = symbols.beta,
    d: Value = 2,
    model: str = "SA",
    noise: Value = 0,
) -> Expr:
    """Growth rate of a mode of degree ``mode`` about the uniform probability measure.

    ``k(k+d-2) (f̂_k/β - κ)`` for USA, with ``f̂_k/(β f̂_0)`` for SA; ``f̂`` is
    :func:`gegenbauer_coefficient` and κ the noise of ``dx = … + sqrt(2κ) dB``. On the circle it is
    ``k² (I_k(β)/β - κ)`` and ``k² (I_k(β)/(β I_0(β)) - κ)``.

    Parameters
    ----------
    mode : int or Expr
        Degree k >= 1.
    beta, d : number or Expr
        Inverse temperature β >= 0 (at 0 the limit is taken) and dimension d >= 2.
    model : {"SA", "USA"}
    noise : number or Expr
        κ >= 0.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Source: the mean-field equation (3.4) linearised about the uniform measure; with noise its
    Fokker-Planck equation, Problem 7 (extension).

    Examples
    --------
    >>> mode_growth_rate(2, model="USA")
    4*besseli(2, beta)/beta
    >>> mode_growth_rate(1, beta=0), mode_growth_rate(1, beta=0, d=3), mode_growth_rate(2, beta=0)
    (1/2, 2/3, 0)
    """
    mode, d = _count(mode, "mode", 1), _count(d, "d", 2)
    return mode * (mode + d - 2) * (_drive(mode, beta, d, model) - sympify(noise))


def _drive(mode: Expr, beta: Value, d: Expr, model: str) -> Expr:
    attention, beta = _model(model), _inverse_temperature(beta)
    if beta.is_zero:
        # f̂_1 = β/d + O(β³), and f̂_k = O(β^k).
        return Piecewise((1 / d, Eq(mode, 1)), (S.Zero, True))
    drive = gegenbauer_coefficient(mode, beta, d) / beta
    return drive / gegenbauer_coefficient(0, beta, d) if attention else drive


def fastest_mode(beta: Value, d: Value = 2) -> int:
    """Degree of the mode that grows fastest about the uniform measure, the same for SA and USA.

    The ratio of the rate of degree k+1 to that of degree k falls with k, because
    ``I_{ν+1}(β)/I_ν(β)`` falls with ν (Turán's inequality): the rates have one maximum, where the
    ratio passes 1, and bisection finds it. Bessel functions are taken with 30 digits.

    Raises
    ------
    ValueError
        If β is not a positive number or d not a whole number >= 2.

    Notes
    -----
    Source: :func:`mode_growth_rate` (extension). On the circle it is near ``sqrt(2β)`` for large β.

    Examples
    --------
    >>> [fastest_mode(beta) for beta in (1, 4, 9, 81)]
    [1, 3, 4, 13]
    """
    beta, d = _positive(beta, "beta"), _count(d, "d", 2)
    if not (beta.is_number and d.is_Integer):
        raise ValueError(f"Expected numbers but got beta={beta}, d={d}; pass numbers.")
    order = d / 2 - 1

    def rises(k: int) -> bool:
        quotient = (besseli(k + 1 + order, beta) / besseli(k + order, beta)).evalf(30)
        return bool(Rational(k + 1, k) * (k + d - 1) / (k + d - 2) * quotient > 1)

    if not rises(1):
        return 1
    low, high = 1, 2
    while rises(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rises(middle) else (low, middle)
    return high


def noise_threshold(
    beta: Value = symbols.beta, d: Value = 2, model: str = "SA", mode: Value = 1
) -> Expr:
    """Noise κ at which the uniform state loses stability to the given degree (first: degree 1).

    On the circle ``I_1/β`` (USA) and ``I_1/(β I_0)`` (SA). Source: Problem 7 (extension).

    Examples
    --------
    >>> noise_threshold(model="USA")
    besseli(1, beta)/beta
    >>> noise_threshold(beta=0)
    1/2
    """
    return _drive(_count(mode, "mode", 1), beta, _count(d, "d", 2), model)


def noise_dichotomy(beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """``I_{d/2+1}/I_{d/2} - 1/d``: negative where USA's transition is continuous.

    The root in β is the critical β_* beyond which the transition is discontinuous.
    Source: the expansion of the stationary state at the threshold for d = 2; arXiv 2606.05140 for
    every d (extension).
    """
    beta, d = _positive(beta, "beta"), _count(d, "d", 2)
    return besseli(d / 2 + 1, beta) / besseli(d / 2, beta) - 1 / d


# ------------------------------------------------------------------------- two clusters (5.5)


def two_cluster_rate(
    theta: Value,
    beta: Value = symbols.beta,
    m1: Value = HALF,
    m2: Value = HALF,
    model: str = "SA",
) -> Expr:
    """Speed θ' of the angle between two clusters of masses m1 and m2; exact.

    With ``q = e^{-β(1-cos θ)}``, SA: ``-sin θ [m2 q/(m1 + m2 q) + m1 q/(m2 + m1 q)]``; USA:
    ``-sin θ (m1 + m2) e^{β cos θ}``. Source: SA and USA for two atoms (extension).

    Examples
    --------
    >>> two_cluster_rate(symbols.t, model="USA")
    -exp(beta*cos(t))*sin(t)
    """
    theta, beta = sympify(theta), sympify(beta)
    m1, m2 = _positive(m1, "m1"), _positive(m2, "m2")
    if not _model(model):
        return -sin(theta) * (m1 + m2) * exp(beta * cos(theta))
    q = exp(-beta * (1 - cos(theta)))
    return -sin(theta) * (m2 * q / (m1 + m2 * q) + m1 * q / (m2 + m1 * q))


def two_cluster_time(
    theta0: Value,
    theta1: Value,
    beta: Value = symbols.beta,
    m1: Value = HALF,
    m2: Value = HALF,
    model: str = "SA",
) -> Expr:
    r"""Time in which two clusters come from the angle θ0 to a smaller angle θ1; exact.

    For USA of total mass M, with u = cos θ,

    .. math:: T = [F(u_1) - F(u_0)]/M,\quad
              F(u) = \tfrac12[e^{\beta} Ei(-\beta(1+u)) - e^{-\beta} Ei(\beta(1-u))],

    for SA with m1 = m2, ``½ log(tan(θ0/2)/tan(θ1/2)) + ½ e^β T_USA(M=1)``; at β = 0 the logarithm
    alone (divided by M for USA). For SA with unequal masses there is no closed form.

    Raises
    ------
    ValueError
        If a number is out of range, or the model is SA and the masses differ.

    Notes
    -----
    Source: :func:`two_cluster_rate` integrated; the SA form follows because equal masses make
    ``1/|θ'| = (1 + 1/q)/(2 sin θ)``.
    """
    theta0, theta1 = _positive(theta0, "theta0"), _positive(theta1, "theta1")
    if theta0.is_number and theta1.is_number and not theta1 <= theta0 < pi:
        raise ValueError(
            f"Expected angles with theta1 <= theta0 < pi but got theta0={theta0}, "
            f"theta1={theta1}; the angle decreases, and pi is an equilibrium."
        )
    m1, m2 = _positive(m1, "m1"), _positive(m2, "m2")
    attention, beta = _model(model), _inverse_temperature(beta)
    if attention and (m1 - m2).expand() != 0 and not beta.is_zero:
        raise ValueError(
            f"Expected equal masses for SA but got m1={m1}, m2={m2}; integrate "
            "1/two_cluster_rate, or use two_cluster_time_asymptotic."
        )
    drift = log(tan(theta0 / 2) / tan(theta1 / 2))
    if beta.is_zero:
        return drift if attention else drift / (m1 + m2)

    def primitive(u: Expr) -> Expr:
        return (exp(beta) * Ei(-beta * (1 + u)) - exp(-beta) * Ei(beta * (1 - u))) / 2

    unit = primitive(cos(theta1)) - primitive(cos(theta0))
    return drift / 2 + exp(beta) * unit / 2 if attention else unit / (m1 + m2)


def two_cluster_time_asymptotic(
    theta0: Value,
    beta: Value = symbols.beta,
    m1: Value = HALF,
    m2: Value = HALF,
    model: str = "SA",
    corrected: bool = True,
) -> Expr:
    """Merge time of two clusters from the angle θ0 as β grows, whatever the final angle.

    SA: ``e^{β(1-cos θ0)} / ((m1/m2 + m2/m1) β sin² θ0)``; USA: ``e^{-β cos θ0} / (M β sin² θ0)``
    with M = m1 + m2; both times ``1 + 2 cos θ0/(β sin² θ0)`` if corrected. The relative error is
    then O(β^-2), and needs ``β sin² θ0`` large.
    Source: Laplace's method at θ0 in the time integral (extension).
    """
    theta0, beta = _positive(theta0, "theta0"), _positive(beta, "beta")
    m1, m2 = _positive(m1, "m1"), _positive(m2, "m2")
    width = beta * sin(theta0) ** 2
    if _model(model):
        leading = exp(beta * (1 - cos(theta0))) / ((m1 / m2 + m2 / m1) * width)
    else:
        leading = exp(-beta * cos(theta0)) / ((m1 + m2) * width)
    return leading * (1 + 2 * cos(theta0) / width) if corrected else leading


# ------------------------------------------------------- contraction of a cone (A.10, Lemma 6.4)


def cone_opening(gram: Any) -> Expr:
    """``r0 = (1ᵀ G⁻¹ 1)^{-1/2}``: the common cosine of independent rows to one unit vector w.

    ``w = r0 Xᵀ G⁻¹ 1`` has ``<x_i, w> = r0`` for every i.
    Source: Theorem 6.3 with explicit constants (extension).

    Parameters
    ----------
    gram : matrix, shape (n, n)
        Positive definite Gram matrix with unit diagonal.

    Raises
    ------
    ValueError
        If the matrix is not square, or its quadratic form is not positive.

    Examples
    --------
    >>> cone_opening([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    sqrt(3)/3
    """
    matrix = Matrix(gram)
    if matrix.rows != matrix.cols or matrix.rows == 0:
        raise ValueError(
            f"Expected a square Gram matrix but got gram of shape {matrix.shape}; pass X*X.T."
        )
    if matrix.det() == 0:
        raise ValueError(
            f"Expected independent rows but got gram={gram} of determinant 0; "
            "find a direction w with <x_i, w> > 0 by linear programming."
        )
    column = ones(matrix.rows, 1)
    form = (column.T * matrix.LUsolve(column))[0, 0]
    if form.is_number and not form > 0:
        raise ValueError(f"Expected a positive definite Gram matrix but got gram={gram}.")
    return 1 / sqrt(form)


def cone_rate(
    opening: Value,
    beta: Value = symbols.beta,
    model: str = "SA",
    mass: Value = 1,
    norm: Value = 1,
) -> Expr:
    """Rate λ of Lemma 6.4: tokens with ``<x_i, w> >= r0`` meet at least like ``e^{-λt}``.

    ``r0 e^{-2β|QᵀK|}`` for SA and ``M r0 e^{-β|QᵀK|}`` for USA of total mass M, with V = I.

    Parameters
    ----------
    opening : number or Expr
        ``0 < r0 <= 1``, the least ``<x_i, w>`` at the start, such as :func:`cone_opening`.
    beta : number or Expr
        Inverse temperature, β >= 0.
    model : {"SA", "USA"}
    mass : number or Expr
        Total mass M (SA does not depend on it).
    norm : number or Expr
        Operator norm of QᵀK.

    Notes
    -----
    Source: Lemma 6.4 and Theorem 6.3 with explicit constants. The bound is on the diameter in
    gnomonic coordinates, which bounds every ``|x_i - x*|``; its factor is :func:`cone_constant`.

    Examples
    --------
    >>> cone_rate(1)
    exp(-2*beta)
    """
    opening = _positive(opening, "opening")
    beta, mass = _inverse_temperature(beta), _positive(mass, "mass")
    if _model(model):
        return opening * exp(-2 * beta * sympify(norm))
    return mass * opening * exp(-beta * sympify(norm))


def cone_constant(opening: Value) -> Expr:
    """C of Lemma 6.4, ``2 sqrt(r0^{-2} - 1)``: ``|x_i(t) - x*| <= C e^{-λt}``."""
    opening = _positive(opening, "opening")
    return 2 * sqrt(opening**-2 - 1)


# ------------------------------------------------------------- Lipschitz and stability constants


def chord_lipschitz(beta: Value = symbols.beta, model: str = "SA", mass: Value = 1) -> Expr:
    """One-sided Lipschitz constant in ``max_i |x_i - y_i|``: ``2(1+β)``, USA ``2(1+β) e^β M``.

    For every n and d. Source: replaces the constant of (D.1) (extension), from
    ``<x-y, P_x m - P_y m'> <= |x-y||m-m'| + |x-y|²`` and a variance bound of the weights.
    """
    beta, mass = _inverse_temperature(beta), _positive(mass, "mass")
    return 2 * (1 + beta) if _model(model) else 2 * (1 + beta) * exp(beta) * mass


def geodesic_lipschitz(beta: Value = symbols.beta, model: str = "SA", mass: Value = 1) -> Expr:
    """Growth bound in ``max_i dist(x_i, y_i)``: the sharpest one that needs β alone.

    The greatest value over g in [-1, 1] of ``(1-g)(1+2β(1+g))`` for SA, which is
    ``(4β+1)²/(8β)`` for β >= 1/4 and 2 below; for USA of that times ``e^{βg} M``, reached at
    ``g = (sqrt(16β²+8β+17) - 5)/(4β)`` for β >= 1/6 and at -1 below.

    Notes
    -----
    Source: replaces the constant of (D.4) (extension). The distance grows at most at the rate
    ``max_i Σ_j a_ij (1-g_ij)(1+2β(1+g_ij))``; this is that rate maximised over inner products.

    Examples
    --------
    >>> geodesic_lipschitz(0), geodesic_lipschitz(Rational(1, 4)), geodesic_lipschitz(1)
    (2, 2, 25/8)
    """
    beta, mass = _inverse_temperature(beta), _positive(mass, "mass")
    attention = _model(model)
    if beta.is_zero:
        return S(2) if attention else 2 * mass
    if attention:
        return Piecewise((S(2), beta <= Rational(1, 4)), ((4 * beta + 1) ** 2 / (8 * beta), True))
    g = (sqrt(16 * beta**2 + 8 * beta + 17) - 5) / (4 * beta)
    inside = exp(beta * g) * (1 - g) * (1 + 2 * beta * (1 + g))
    return mass * Piecewise((2 * exp(-beta), beta <= Rational(1, 6)), (inside, True))


def mean_lipschitz(beta: Value = symbols.beta) -> Expr:
    """Lipschitz constant of SA in the mean norm, hence for W_1: ``1 + β + (1+2β) e^{2β}``.

    Source: Remark 3.3 with an explicit constant (extension).
    """
    beta = _inverse_temperature(beta)
    return 1 + beta + (1 + 2 * beta) * exp(2 * beta)


def temperature_deviation(
    t: Value = symbols.t, beta: Value = symbols.beta, model: str = "SA"
) -> Expr:
    """Bound on ``|x_i^β(t) - x_i^0(t)|``: ``β(e^{2t}-1)/2`` (SA), ``(e^β-1)(e^{2t}-1)/2`` (USA).

    Source: (4.4) in the proof of Theorem 4.2, with explicit constants. Total mass 1.
    """
    t, beta = sympify(t), _inverse_temperature(beta)
    force = beta if _model(model) else exp(beta) - 1
    return force * (exp(2 * t) - 1) / 2


# --------------------------------------------------- thresholds of Theorems 4.3, 5.1, 6.1 (A.14)


def small_beta_threshold(n: Value = symbols.n, least_mass: Value | None = None) -> Expr:
    """Below this β Theorem 4.3 holds for every d: ``log(n/(n-1))``, or ``-log(1 - min m)``.

    Parameters
    ----------
    n : number or Expr
        Number of tokens of equal mass, n >= 2.
    least_mass : number or Expr, optional
        The least mass, of a total of 1; takes the place of 1/n.

    Notes
    -----
    Source: Theorem 4.3 with the explicit constant C = 1: β <= 1/n suffices. A local maximum then
    lies in an open hemisphere, because ``(e^{βc}-1)c <= e^β-1`` on [-1, 1].

    Examples
    --------
    >>> small_beta_threshold(2)
    log(2)
    """
    if least_mass is None:
        n = _count(n, "n", 2)
        return log(n / (n - 1))
    least = _positive(least_mass, "least_mass")
    if least.is_number and not least < 1:
        raise ValueError(
            f"Expected a mass below the total mass 1 but got least_mass={least_mass}; "
            "divide the masses by their sum."
        )
    return -log(1 - least)


def critical_angle(beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """τ*, the zero in (0, π/2) of :func:`hessian_profile`; decreasing in β.

    ``cos τ* = (-(d-1) + sqrt((d-1)² + 4β²))/(2β)``. Source: (B.3).

    Examples
    --------
    >>> critical_angle(2).evalf(6), critical_angle(6).evalf(6)
    (0.674889, 0.402377)
    """
    beta, d = _positive(beta, "beta"), _count(d, "d", 2)
    return acos((-(d - 1) + sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta))


def hessian_profile(tau: Value, beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """``g(τ) = e^{β cos τ} ((d-1) cos τ - β sin² τ)`` of (B.3); Figure 6 for d = 2."""
    tau, beta, d = sympify(tau), sympify(beta), _count(d, "d", 2)
    return exp(beta * cos(tau)) * ((d - 1) * cos(tau) - beta * sin(tau) ** 2)


def large_beta_threshold(n: Value = symbols.n, d: Value = 2, form: str = "exact") -> Expr:
    """Above this β Theorem 5.1 holds.

    Parameters
    ----------
    n, d : number or Expr
        Number of tokens n >= 2 and dimension d >= 2.
    form : {"exact", "simple", "printed"}
        ``exact``: the β with ``(n-1) τ* = π``, which is 0 for n <= 3; ``simple``: the larger
        ``(d-1)(n-1)²/π²``; ``printed``: the β with ``(n-1) τ* = π/2`` that the printed proof needs.

    Raises
    ------
    ValueError
        If a number is out of range or the form is unknown.

    Notes
    -----
    Source: Theorem 5.1 with explicit constants. ``(n-1) τ* <= π`` is enough because n points
    joined by a tree of n - 1 arcs shorter than τ* lie on a closed curve shorter than 2π, hence in
    an open hemisphere.

    Examples
    --------
    >>> [large_beta_threshold(n).evalf(6) for n in (4, 5, 6)]
    [0.666667, 1.41421, 2.34164]
    >>> large_beta_threshold(3)
    0
    """
    n, d = _count(n, "n", 2), _count(d, "d", 2)
    if form == "simple":
        return (d - 1) * (n - 1) ** 2 / pi**2
    if form not in ("exact", "printed"):
        raise ValueError(
            f"Expected one of exact, simple, printed but got form={form!r}; choose one."
        )
    if form == "printed":
        angle = pi / (2 * (n - 1))
        return (d - 1) * cos(angle) / sin(angle) ** 2
    if n.is_number and n <= 3:  # τ* < π/2 at every β
        return S.Zero
    angle = pi / (n - 1)
    bound = (d - 1) * cos(angle) / sin(angle) ** 2
    return bound if n.is_number else Piecewise((S.Zero, n <= 3), (bound, True))


def saddle_bracket(inner_product: Value, beta: Value = symbols.beta, d: Value = symbols.d) -> Expr:
    """``d - 2 - G + β(1 - G²)``: the factor whose sign decides Theorem 6.1.

    ``Σ_z Hess[Pz, Pz] = Σ_{i≠j} K_ij (1-G_ij) (d - 2 - G_ij + β(1 - G_ij²))``, which is positive
    off consensus for d >= 3. Source: Theorem 6.1 (extension); z runs over an orthonormal basis.
    """
    g, beta, d = sympify(inner_product), sympify(beta), _count(d, "d", 2)
    return d - 2 - g + beta * (1 - g**2)


# --------------------------------------------------------------- spectra (A.7, A.8, 5.2)


Spectrum: TypeAlias = tuple[tuple[Expr, Expr], ...]
"""Pairs (rate, multiplicity); rates of the linearised flow, positive means unstable."""


def consensus_rates(
    n: Value = symbols.n,
    d: Value = symbols.d,
    beta: Value = symbols.beta,
    model: str = "SA",
    mass: Value = 1,
) -> Spectrum:
    """Linearisation at consensus: -1 (SA) or ``-M e^β`` (USA), and 0 from rotations.

    Source: Remark 6.5.

    Examples
    --------
    >>> consensus_rates(model="USA")
    ((-exp(beta), (d - 1)*(n - 1)), (0, d - 1))
    """
    n, d = _count(n, "n", 1), _count(d, "d", 2)
    rate = S.NegativeOne if _model(model) else -sympify(mass) * exp(sympify(beta))
    return ((rate, (n - 1) * (d - 1)), (S.Zero, d - 1))


def antipodal_rates(
    p: Value,
    q: Value,
    d: Value = symbols.d,
    beta: Value = symbols.beta,
    model: str = "SA",
) -> Spectrum:
    """Linearisation at p tokens in one point and q in the opposite one, equal masses.

    In this order: the relative mode, the modes inside the p-cluster and inside the q-cluster,
    rotations. Source: the Jacobian at the antipodal critical points of Lemma A.2 (extension).

    Examples
    --------
    >>> antipodal_rates(1, 1, 2, model="USA")
    ((exp(-beta), 1), (0, 1))
    """
    p, q, d = _count(p, "p", 1), _count(q, "q", 1), _count(d, "d", 2)
    beta = sympify(beta)
    near, far, n = exp(beta), exp(-beta), p + q
    if _model(model):
        z_p, z_q = p * near + q * far, q * near + p * far
    else:
        z_p = z_q = n
    # The relative rate is e^{-β}(q/z_p + p/z_q); with z = n that is e^{-β}.
    relative = far * (q / z_p + p / z_q) if _model(model) else far
    found = (
        (relative, d - 1),
        (-(p * near - q * far) / z_p, (p - 1) * (d - 1)),
        (-(q * near - p * far) / z_q, (q - 1) * (d - 1)),
        (S.Zero, d - 1),
    )
    return tuple((rate, count) for rate, count in found if count != 0)


def polygon_mode_rate(mode: Value, k: Value, beta: Value = symbols.beta, model: str = "SA") -> Expr:
    """Rate μ_p of cluster mode p when k equal clusters sit at the vertices of a regular k-gon.

    ``-(1/k) Σ_b g(2πb/k)(1 - cos(2πpb/k))`` for USA with g of (B.1); SA divides by
    ``(1/k) Σ_b e^{β cos(2πb/k)}``. Mode 0 is the rotation.
    Source: the circulant Hessian (B.2) (extension).

    Examples
    --------
    >>> polygon_mode_rate(1, 2, model="USA")
    exp(-beta)
    """
    k, beta = _count(k, "k", 2), sympify(beta)
    terms = (
        hessian_profile(2 * pi * b / k, beta) * (cos(2 * pi * mode * b / k) - 1)
        for b in range(int(k))
    )
    rate = sum(terms, S.Zero) / k
    return rate / _polygon_weight(k, beta) if _model(model) else rate


def polygon_splitting_rate(k: Value, beta: Value = symbols.beta, model: str = "SA") -> Expr:
    """Rate of the modes that split a cluster of the k-gon, negative.

    Of multiplicity n - k for n tokens. Source: as :func:`polygon_mode_rate`.
    """
    k, beta = _count(k, "k", 2), sympify(beta)
    terms = (hessian_profile(2 * pi * b / k, beta) for b in range(int(k)))
    rate = -sum(terms, S.Zero) / k
    return rate / _polygon_weight(k, beta) if _model(model) else rate


def _polygon_weight(k: Expr, beta: Expr) -> Expr:
    return sum((exp(beta * cos(2 * pi * b / k)) for b in range(int(k))), S.Zero) / k
