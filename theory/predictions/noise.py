"""Noise at which the uniform state loses stability (Problem 7), and how it does."""

from __future__ import annotations

from sympy import Expr, Float, Rational, besseli, nsolve

from theory import symbols
from theory.bounded import exponential_parts
from theory.derivations import Onset, onset
from theory.models import Model, attention_form
from theory.predictions.arguments import (
    TERMS,
    Dynamics,
    Value,
    is_sa,
    positive_number,
    require_model,
    whole_number,
)
from theory.predictions.modes import gegenbauer_coefficient, mode_drive


def noise_threshold(
    beta: Value = symbols.beta, d: Value = 2, model: Dynamics = "SA", mode: Value = 1
) -> Expr:
    """Noise κ at which the uniform state loses stability to the given degree (first: degree 1).

    On the circle ``I_1/β`` (USA) and ``I_1/(β I_0)`` (SA). Source: Problem 7 (extension).

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.
    mode : number or Expr, optional
        Number of the mode, >= 0.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> noise_threshold(model="USA")
    besseli(1, beta)/beta
    >>> noise_threshold(beta=0)
    1/2
    """
    return mode_drive(whole_number(mode, "mode", 1), beta, whole_number(d, "d", 2), model)


def noise_dichotomy(beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """``I_{d/2+1}/I_{d/2} - 1/d``: negative where USA's transition is continuous.

    The root in β is the critical β_* beyond which the transition is discontinuous.
    Source: the expansion of the stationary state at the threshold for d = 2; arXiv 2606.05140 for
    every d (extension).

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    beta, d = positive_number(beta, "beta"), whole_number(d, "d", 2)
    return besseli(d / 2 + 1, beta) / besseli(d / 2, beta) - 1 / d


def landau_coefficient(
    beta: Value = symbols.beta, d: Value = symbols.d, model: Dynamics = "USA"
) -> Expr:
    """Coefficient of m² in ``κ = κ_u (1 + landau·m² + O(m⁴))``, the ordered state near κ_u.

    m = ``|∫x dν|`` and κ_u is `noise_threshold`. With ``ρ = I_{d/2+1}/I_{d/2}`` and
    ``r_k = I_{d/2-1+k}/I_{d/2-1}`` it is

        USA   d (dρ - 1) / ((d+2)(1 - ρ))
        SA    -d (1 - r_1)(d (r_1² - r_2) + r_1 (1 - r_2)) / ((d+2)(r_1 - r_2))

    Negative: the transition is continuous; positive: order sets in with a jump. SA's is negative
    for all β and d, because ``r_2 < r_1² < r_1 < 1``. Source: `noise_onset`, the
    expansion of the stationary state, Problem 7 (extension).

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> landau_coefficient(2, 2).evalf(4), landau_coefficient(2, 2, "SA").evalf(4)
    (-0.1180, -0.3271)
    """
    attention = is_sa(model)
    beta, d = positive_number(beta, "beta"), whole_number(d, "d", 2)
    least, first, second = (besseli(d / 2 - 1 + k, beta) for k in range(3))
    if not attention:
        ratio = second / first
        return d * (d * ratio - 1) / ((d + 2) * (1 - ratio))
    r1, r2 = first / least, second / least
    return -d * (1 - r1) * (d * (r1**2 - r2) + r1 * (1 - r2)) / ((d + 2) * (r1 - r2))


def dichotomy_beta(d: Value = 2, digits: int = 30) -> Expr:
    """Inverse temperature β_* up to which USA's transition under noise is continuous.

    The one root of `noise_dichotomy`, which rises with β, by secants.
    Source: as there.

    Parameters
    ----------
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    digits : int, optional
        Decimal digits of the evaluation.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> dichotomy_beta(2, 15), dichotomy_beta(3, 15)
    (2.44691831128905, 1.81615452543588)
    """
    d, figures = whole_number(d, "d", 2, TERMS), whole_number(digits, "digits", 1, TERMS)
    if not figures.is_Integer:
        raise ValueError(f"Expected a number of digits but got digits={digits}; pass a number.")
    digits = int(figures)
    if not d.is_Integer:
        raise ValueError(f"Expected a number but got d={d}; β_* is the root at one dimension.")
    low, high = Rational(1, 64), Rational(1)
    while noise_dichotomy(high, d).evalf(30) < 0:
        low, high = high, 2 * high
    beta = symbols.beta
    root = nsolve(noise_dichotomy(beta, d), beta, (low, high), maxsteps=100, prec=digits + 10)
    return Float(root, digits)


def noise_onset(model: Model, d: Value = symbols.d) -> Onset:
    """Expand the stationary state of a model with an exponential kernel, as SA and USA.

    Parameters
    ----------
    model : Model
        The model.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Onset
        The expansion near the threshold.

    Raises
    ------
    ValueError
        For another model.

    Examples
    --------
    >>> from theory.models import USA
    >>> noise_onset(USA, 2).threshold
    besseli(1, beta)/beta
    """
    require_model(model)
    form = attention_form(model)
    parts = None if form is None else exponential_parts(form.kernel)
    if form is None or parts is None:
        raise ValueError(
            f"Expected scalar attention with a kernel c·e^{{a<x,y>}} but got model={model.name}; "
            "pass multipliers of another kernel to `onset`."
        )
    amplitude, rate = parts
    kernel = [form.scale * amplitude * gegenbauer_coefficient(k, rate, d) for k in range(3)]
    pulls = kernel[1] / rate, kernel[2] / rate
    if not form.normalised:
        return onset(pulls, None, d)
    return onset(pulls, tuple(value / form.scale for value in kernel), d)
