"""Certificates that a sharp code minimises H_β at every β > 0: from points, or an exact code.

The search is the recognition of `numerics.recognise`; what it finds is written down for the
checker, which does the bound of Cohn and Kumar anew.
"""

from __future__ import annotations

from fractions import Fraction

from numpy.typing import ArrayLike

from numerics import Recognised, recognise
from proofs_checks.certificates.checker import (
    DIVIDED_DIFFERENCES,
    INDICES,
    ZONAL_SUMS,
    code_statement,
)
from proofs_checks.certificates.format import Certificate, seal
from proofs_checks.certificates.search.formulas import PRECISION, NotCertified

_NARROW = Fraction(1, 2**40)


def certify_code(code: ArrayLike | Recognised, precision: int = PRECISION) -> Certificate:
    """Certify that a code minimises ``Σ_{i≠j} e^{β<x_i,x_j>}`` at every β > 0.

    Parameters
    ----------
    code : array_like of shape (n, d), or Recognised
        Points as precise as `numerics.codes` returns them, or what `numerics.recognise` made of
        them.
    precision : int
        Bits, of the signs of algebraic numbers.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

    Raises
    ------
    NotCertified
        For a code that isn't sharp, or has more than 36 inner products.
    ValueError
        For points that aren't recognised.

    Examples
    --------
    >>> from numerics.point_codes import known_code
    >>> certificate = certify_code(known_code("icosahedron"))
    >>> certificate.parameters["counts"]
    [12, 60, 60]
    """
    found = code if isinstance(code, Recognised) else recognise(code)
    exact = found.code
    if not exact.sharp:
        raise NotCertified(
            f"a code with m = {exact.m} inner products needs strength {2 * exact.m - 1}, but it is "
            f"a {exact.strength}-design: it isn't sharp"
        )
    if exact.m > len(INDICES):
        raise NotCertified(f"m = {exact.m} inner products are more than {len(INDICES)}")
    field = exact.field
    low, high = field.enclosure(_NARROW)
    if low == high:
        low, high = low - 1, high + 1
    parameters = {
        "n": exact.n,
        "d": exact.d,
        "root": {"polynomial": list(field.minimal), "low": str(low), "high": str(high)},
        "products": [[str(c) for c in t] for t in exact.products],
        "counts": list(exact.counts),
    }
    letters = INDICES[: exact.m] + "="
    gram = ["".join(letters[k] for k in row) for row in found.classes]
    lemmas = (ZONAL_SUMS, DIVIDED_DIFFERENCES)
    statement = code_statement(parameters)
    return seal("codes", statement, parameters, {"gram": gram}, lemmas, precision)
