"""Spectra at consensus under a mask: for a number of tokens, or place by place under a causal one.

With value matrix c I the linearisation at ``X = 1 x^T`` is ``W - diag(W 1)`` in each of the d - 1
tangent directions, W the weights there: the tokens coincide, so a change of the weights moves
nothing. Without positions in the scores those of a softmax are the masked masses over their sums.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from theory.linearize.one_point import spectrum_at_one_point, triangular_rate
from theory.linearize.pulls import token_weights
from theory.linearize.spectrum import Spectrum
from theory.masks import CAUSAL, Mask
from theory.models import Model
from theory.symbols import X, d


def masked_consensus(model: Model, tokens: Any, masses: Any = None, dimension: Any = d) -> Spectrum:
    """Spectrum at consensus of attention with a mask or positions, for a number of tokens.

    Parameters
    ----------
    model : Model
        Attention with value matrix c I and any scores and weights.
    tokens : int or Matrix, shape (n, n)
        Number of tokens; or the 0/1 matrix of a graph mask that is a symbol.
    masses : sequence, optional
        One mass a token, 1/n by default.
    dimension : int or Expr
        The dimension d.

    Returns
    -------
    Spectrum
        Eigenvalues of ``W - diag(W 1)``, each ``dimension - 1`` times; for a softmax under a mask
        c (λ(A) - 1), A the masked masses over their row sums. With a row that sees nobody that
        token stays: 0.

    Raises
    ------
    ValueError
        For another model, or a graph without its matrix.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> masked_consensus(CAUSAL, 3).eigenvalues
    ((0, d - 1), (-1/2, d - 1), (-2/3, d - 1))
    """
    if token_weights(model) is None:
        raise ValueError(
            "Expected attention with value matrix c I and weights of any kind but got "
            f"model={model.name}; use configuration at explicit points."
        )
    return spectrum_at_one_point(model, tokens, masses, dimension)


def causal_rates(model: Model) -> Expr:
    """Eigenvalue that the token at ``place`` adds at consensus, for every n.

    The linearisation is triangular: its eigenvalues are its diagonal, ``c (1/place - 1)`` for a
    softmax and equal masses, each d - 1 times.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> causal_rates(CAUSAL)
    (1 - place)/place
    """
    weights = token_weights(model)
    kinds = {mask.kind for expr in model.velocities.values() for mask in expr.atoms(Mask)}
    if weights is None or kinds != {CAUSAL}:
        raise ValueError(
            f"Expected a causal mask and value matrix c I but got masks={sorted(kinds)} in "
            f"model={model.name}; use masked_consensus with a number of tokens."
        )
    return triangular_rate(model, weights[X][X])
