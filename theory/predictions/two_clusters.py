"""Two clusters alone: their rate, their exact merge time, and its asymptotics for large β."""

from __future__ import annotations

from sympy import Ei, Expr, Interval, cos, exp, log, pi, sin, tan

from theory import symbols
from theory.predictions.arguments import (
    HALF,
    Dynamics,
    Value,
    inverse_temperature,
    is_sa,
    positive_number,
    real_temperature,
    within,
)

_ANGLES = Interval.open(0, pi)


def two_cluster_rate(
    theta: Value,
    beta: Value = symbols.beta,
    m1: Value = HALF,
    m2: Value = HALF,
    model: Dynamics = "SA",
) -> Expr:
    """Speed θ' of the angle between two clusters of masses m1 and m2; exact.

    With ``q = e^{-β(1-cos θ)}``, SA: ``-sin θ [m2 q/(m1 + m2 q) + m1 q/(m2 + m1 q)]``; USA:
    ``-sin θ (m1 + m2) e^{β cos θ}``. Source: SA and USA for two atoms (extension).

    Parameters
    ----------
    theta : number or Expr
        Angle between the clusters, in (0, π).
    beta : number or Expr, optional
        Inverse temperature β.
    m1 : number or Expr, optional
        Mass of the first cluster, > 0.
    m2 : number or Expr, optional
        Mass of the second cluster, > 0.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> two_cluster_rate(symbols.t, model="USA")
    -exp(beta*cos(t))*sin(t)
    """
    remedy = "the speed is 0 at both ends."
    theta, beta = within(theta, "theta", _ANGLES, remedy), real_temperature(beta)
    m1, m2 = positive_number(m1, "m1"), positive_number(m2, "m2")
    if not is_sa(model):
        return -sin(theta) * (m1 + m2) * exp(beta * cos(theta))
    q = exp(-beta * (1 - cos(theta)))
    return -sin(theta) * (m2 * q / (m1 + m2 * q) + m1 * q / (m2 + m1 * q))


def two_cluster_time(
    theta0: Value,
    theta1: Value,
    beta: Value = symbols.beta,
    m1: Value = HALF,
    m2: Value = HALF,
    model: Dynamics = "SA",
) -> Expr:
    r"""Time in which two clusters come from the angle θ0 to a smaller angle θ1; exact.

    For USA of total mass M, with u = cos θ,

    .. math:: T = [F(u_1) - F(u_0)]/M,\quad
              F(u) = \tfrac12[e^{\beta} Ei(-\beta(1+u)) - e^{-\beta} Ei(\beta(1-u))],

    for SA with m1 = m2, ``½ log(tan(θ0/2)/tan(θ1/2)) + ½ e^β T_USA(M=1)``; at β = 0 the logarithm
    alone (divided by M for USA). For SA with unequal masses there is no closed form.

    Parameters
    ----------
    theta0 : number or Expr
        Angle at the start, in (0, π).
    theta1 : number or Expr
        Angle at the end, below θ0.
    beta : number or Expr, optional
        Inverse temperature β.
    m1 : number or Expr, optional
        Mass of the first cluster, > 0.
    m2 : number or Expr, optional
        Mass of the second cluster, > 0.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number is out of range, or the model is SA and the masses differ.

    Notes
    -----
    Source: :func:`two_cluster_rate` integrated; the SA form follows because equal masses make
    ``1/|θ'| = (1 + 1/q)/(2 sin θ)``.
    """
    theta0, theta1 = positive_number(theta0, "theta0"), positive_number(theta1, "theta1")
    if theta0.is_number and theta1.is_number and not theta1 <= theta0 < pi:
        raise ValueError(
            f"Expected angles with theta1 <= theta0 < pi but got theta0={theta0}, "
            f"theta1={theta1}; the angle decreases, and pi is an equilibrium."
        )
    m1, m2 = positive_number(m1, "m1"), positive_number(m2, "m2")
    attention, beta = is_sa(model), inverse_temperature(beta)
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
    model: Dynamics = "SA",
    corrected: bool = True,
) -> Expr:
    """Merge time of two clusters from the angle θ0 as β grows, whatever the final angle.

    SA: ``e^{β(1-cos θ0)} / ((m1/m2 + m2/m1) β sin² θ0)``; USA: ``e^{-β cos θ0} / (M β sin² θ0)``
    with M = m1 + m2; both times ``1 + 2 cos θ0/(β sin² θ0)`` if corrected. The relative error is
    then O(β^-2), and needs ``β sin² θ0`` large.
    Source: Laplace's method at θ0 in the time integral (extension).

    Parameters
    ----------
    theta0 : number or Expr
        Angle at the start, in (0, π).
    beta : number or Expr, optional
        Inverse temperature β.
    m1 : number or Expr, optional
        Mass of the first cluster, > 0.
    m2 : number or Expr, optional
        Mass of the second cluster, > 0.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.
    corrected : bool, optional
        Whether to add the next order.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number is out of range, or so near π that the corrected time isn't positive.
    """
    remedy = "at 0 they have met, and pi is an equilibrium."
    theta0 = within(theta0, "theta0", _ANGLES, remedy)
    beta = positive_number(beta, "beta")
    m1, m2 = positive_number(m1, "m1"), positive_number(m2, "m2")
    width = beta * sin(theta0) ** 2
    if corrected and (width + 2 * cos(theta0)).is_nonpositive:
        raise ValueError(
            f"Expected beta*sin(theta0)^2 > -2*cos(theta0) but got theta0={theta0}, beta={beta}, "
            "where the next order exceeds the first; pass a larger beta or corrected=False."
        )
    if is_sa(model):
        leading = exp(beta * (1 - cos(theta0))) / ((m1 / m2 + m2 / m1) * width)
    else:
        leading = exp(-beta * cos(theta0)) / ((m1 + m2) * width)
    return leading * (1 + 2 * cos(theta0) / width) if corrected else leading
