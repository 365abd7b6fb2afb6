"""What three tokens feel soon after a uniform start: the first order in t of g in (8.1)."""

from __future__ import annotations

from sympy import Expr, besseli

from theory import symbols
from theory.predictions.arguments import Value, positive_number, whole_number


def early_mean_force(mode: Value, beta: Value = symbols.beta, n: Value = symbols.n) -> Expr:
    """Coefficient of ``sin kx`` in ∂_t g at t = 0, g of (8.1) for USA: ``4k³ I_k(β)²/(nβ)``.

    Positive for every k: with n >= 3 tokens g isn't 0. Kirkwood's closure has the same first order.

    Parameters
    ----------
    mode : int or Expr
        The mode, k >= 1.
    beta, n : number or Expr
        Any β > 0 and the number of tokens, n >= 3.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: the law of three tokens is uniform times 1 - t·div to first order (extension).

    Examples
    --------
    >>> early_mean_force(1)
    4*besseli(1, beta)**2/(beta*n)
    """
    mode, n = whole_number(mode, "mode", 1), whole_number(n, "n", 3)
    beta = positive_number(beta, "beta")
    return 4 * mode**3 * besseli(mode, beta) ** 2 / (n * beta)
