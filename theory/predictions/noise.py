"""Noise at which the uniform state loses stability (Problem 7), and how it does."""

from __future__ import annotations

from sympy import Expr, besseli

from theory import symbols
from theory.predictions.arguments import Value, positive_number, whole_number
from theory.predictions.modes import mode_drive


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
    return mode_drive(whole_number(mode, "mode", 1), beta, whole_number(d, "d", 2), model)


def noise_dichotomy(beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """``I_{d/2+1}/I_{d/2} - 1/d``: negative where USA's transition is continuous.

    The root in β is the critical β_* beyond which the transition is discontinuous.
    Source: the expansion of the stationary state at the threshold for d = 2; arXiv 2606.05140 for
    every d (extension).
    """
    beta, d = positive_number(beta, "beta"), whole_number(d, "d", 2)
    return besseli(d / 2 + 1, beta) / besseli(d / 2, beta) - 1 / d
