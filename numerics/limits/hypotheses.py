"""Hypotheses of the rows of Table 1, evaluated for a triple (Q, K, V) before anything is run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.arguments import FloatArray
from numerics.limits.splitting import splitting
from theory.summaries import Tabled

_ROUNDING = 1e-9


@dataclass(frozen=True)
class RowHypothesis(Tabled):
    """Whether a row of Table 1 speaks of a triple.

    Attributes
    ----------
    row : int
        1 to 4.
    text : str
        The hypothesis.
    holds : bool
    reason : str
        The numbers that it was decided by.
    """

    row: int
    text: str
    holds: bool
    reason: str


def _definite(form: FloatArray) -> float:
    """Least eigenvalue of the symmetric part of ``β Q^T K``, relative to its norm."""
    norm = float(np.linalg.norm(form, 2))
    return float(np.linalg.eigvalsh((form + form.T) / 2)[0]) / norm if norm else 0.0


def table_1(
    Q: FloatArray, K: FloatArray, V: FloatArray, beta: float = 1.0
) -> tuple[RowHypothesis, ...]:
    """Evaluate the hypotheses of Table 1's four rows.

    A multiple λI of the identity, λ > 0, counts as the first row's V = I: it is a change of time.
    Paranormal is taken as: R^d = F ⊕ G, both V-invariant, V = λ > 0 on F, spectral radius of V on
    G less than λ. Positive definite is of the symmetric part.

    Parameters
    ----------
    Q, K : ndarray, shape (k, d)
    V : ndarray, shape (d, d)
    beta : float

    Examples
    --------
    >>> eye = np.eye(2)
    >>> [row.row for row in table_1(eye, eye, np.diag([2.0, 0.0])) if row.holds]
    [2, 3]
    """
    parts = splitting(V)
    form = beta * Q.T @ K
    least = _definite(form)
    definite, grows = least > _ROUNDING, parts.rate > _ROUNDING * parts.norm
    sign = f"least eigenvalue of the symmetric part of Q^T K is {least:.3g} of its norm"
    rate = f"largest real part is {parts.rate:.4g}, of multiplicity {parts.size}"
    whole = parts.size == len(V)
    along = parts.basis[:, 0]
    score = float((Q @ along) @ (K @ along)) * beta
    seen = abs(score) > _ROUNDING * float(np.linalg.norm(form, 2))
    minus = V + np.eye(len(V))
    unit = Q.T @ K - np.eye(len(V))
    ahead = parts.scalar and grows and parts.rest_radius < parts.rate * (1 - _ROUNDING)
    return (
        RowHypothesis(
            1,
            "V = λI, λ > 0; Q^T K positive definite",
            whole and parts.scalar and grows and definite,
            f"{rate}; {sign}",
        ),
        RowHypothesis(
            2,
            "λ_1 simple, of largest real part, > 0; <Q φ_1, K φ_1> > 0",
            parts.size == 1 and grows and score > 0 and seen,
            f"{rate}; <Q φ_1, K φ_1> β = {score:.3g}",
        ),
        RowHypothesis(
            3,
            "V = λ > 0 on F, spectral radius on G less; Q^T K positive definite",
            ahead and definite,
            f"{rate}; spectral radius on G {parts.rest_radius:.4g}; {sign}",
        ),
        RowHypothesis(
            4,
            "V = -I, Q^T K = I",
            bool(max(np.abs(minus).max(), np.abs(unit).max()) <= _ROUNDING) and beta > 0,
            f"|V + I| = {np.abs(minus).max():.3g}, |Q^T K - I| = {np.abs(unit).max():.3g}",
        ),
    )
