"""Two tokens under common noise on the value matrix: which ends of their inner product attract."""

from __future__ import annotations

from sympy import Expr, S, cosh, tanh

from theory import symbols
from theory.predictions.arguments import (
    NONNEGATIVE,
    Value,
    choice,
    inverse_temperature,
    whole_number,
    within,
)


def common_noise_exponent(
    end: int,
    beta: Value = symbols.beta,
    d: Value = symbols.d,
    convention: str = "ito",
    strength: Value = S.Half,
) -> Expr:
    """Rate of ``log|γ - end|`` near an end of (-1, 1), γ the inner product of two tokens of SA.

    The value matrix is pure noise, ``dV = sqrt(2κ) dB``, common to both tokens; κ = 1/2 is a matrix
    of standard Brownian motions. With T = tanh β, at -1: ``(d-2-cosh 2β)/cosh² β`` for a step that
    is then normalised (Itô), which is negative iff cosh 2β > d - 2; ``(1+T)(d-2-(d-1)T)`` for
    Stratonovich noise, negative iff T > (d-2)/(d-1). At 1: ``-(d-1)`` for both.

    Parameters
    ----------
    end : {-1, 1}
        End of the interval, -1 or 1.
    beta, d : number or Expr
        Inverse temperature β, and the dimension: points lie on the sphere of R^d.
    convention : {"ito", "stratonovich"}
        How the noise is read.
    strength : number or Expr
        Strength κ of the noise.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        For other arguments.

    Notes
    -----
    Source: the phase transition for two tokens of arXiv 2601.21942 (Itô); Stratonovich is ours.

    Examples
    --------
    >>> common_noise_exponent(1)
    1 - d
    >>> common_noise_exponent(-1, beta=0, d=3), common_noise_exponent(-1, 0, 3, "stratonovich")
    (0, 1)
    """
    choice(end, "end", (-1, 1))
    choice(convention, "convention", ("ito", "stratonovich"))
    beta, d = inverse_temperature(beta), whole_number(d, "d", 2)
    size = 2 * within(strength, "strength", NONNEGATIVE, "κ is half of a variance.")
    if end == 1:
        return size * (1 - d)
    if convention == "ito":
        return size * (d - 2 - cosh(2 * beta)) / cosh(beta) ** 2
    return size * (1 + tanh(beta)) * (d - 2 - (d - 1) * tanh(beta))
