"""Columns in words: the entry of a token, such as ``m_i Σ_j m_j exp(beta*<x_i,x_j>)``.

For sentences that carry what was derived for a flow: its metric, its potential.
"""

from __future__ import annotations

import re
from typing import Any

from sympy import HadamardProduct, MatMul, OneMatrix, S, Transpose

from proofs_checks.proof.row_algebra import PROBES
from theory.atoms import Elementwise
from theory.symbols import X, m


def entry_in_words(column: Any) -> str:
    """Write an entry of a column: that of token i, or at a point x for a field of a measure.

    Examples
    --------
    >>> from sympy import exp, log
    >>> from theory.symbols import beta, z
    >>> totals = Elementwise(exp(beta * z), X * X.T) * m
    >>> entry_in_words(HadamardProduct(m, totals) / 3)
    'm_i Σ_j m_j exp(beta*<x_i,x_j>)/3'
    >>> entry_in_words(Elementwise(2 * log(z), Elementwise(z**2, PROBES * X.T) * m))
    '2*log(∫<x,y>**2 dmu)'
    """
    factor, rest = column.as_coeff_mmul() if isinstance(column, MatMul) else (S.One, column)
    if isinstance(rest, MatMul) and len(rest.args) == 1:
        rest = rest.args[0]
    words = _plain(rest)
    if factor == 1 or words == "1":
        return words if factor == 1 else str(factor)
    above, below = factor.as_numer_denom()
    front = {"1": "", "-1": "-"}.get(str(above), f"({above}) " if above.is_Add else f"{above} ")
    back = "" if below == 1 else f"/({below})" if below.args else f"/{below}"
    return f"{front}{words}{back}"


def _plain(column: Any) -> str:
    if column == m:
        return "m_i"
    if isinstance(column, OneMatrix):
        return "1"
    if isinstance(column, HadamardProduct):
        return " ".join(sorted(map(entry_in_words, column.args), key=len))
    if isinstance(column, Elementwise) and column.shape[1] == 1:
        return _at(column.body, entry_in_words(column.expr))
    if isinstance(column, MatMul) and len(column.args) == 2 and column.args[1] == m:
        kernel = column.args[0]
        if isinstance(kernel, Elementwise) and kernel.expr == X * X.T:
            return f"Σ_j m_j {_at(kernel.body, '<x_i,x_j>')}"
        if isinstance(kernel, Elementwise) and kernel.expr == PROBES * Transpose(X):
            return f"∫{_at(kernel.body, '<x,y>')} dmu"
    return str(column)


def _at(body: Any, words: str) -> str:
    return re.sub(r"\bz\b", words, str(body))


__all__ = ["entry_in_words"]
