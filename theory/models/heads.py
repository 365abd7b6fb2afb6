"""Several heads of attention that differ in rank or share their keys.

With V_h free, low-rank values are included: multi-query attention has V_h = O_h W with W shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import MatAdd, MatrixSymbol, sympify
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import RowSoftmax, Tangent
from theory.models.model import Model
from theory.symbols import K, X, beta, d, k, m


def ranked_heads(
    ranks: Sequence[Any], shared_key: bool = False, name: str = "", reference: str = ""
) -> Model:
    """Attention with several heads, each of its own rank: ``Σ_h softmax(β X Q_hᵀ K_h Xᵀ) X V_hᵀ``.

    Parameters
    ----------
    ranks : sequence of int or Symbol
        Rows k_h of the query and key matrices of each head.
    shared_key : bool
        Whether all heads read the same key matrix ``K``; their ranks must then be equal.
    name, reference : str
        Of the model.

    Examples
    --------
    >>> [str(matrix.shape) for matrix in ranked_heads([1, 2]).parameters[1:3]]
    ['(1, d)', '(1, d)']
    """
    sizes = [sympify(rank) for rank in ranks]
    if not sizes or any(size.is_positive is False or size.is_integer is False for size in sizes):
        raise ValueError(f"Expected a rank >= 1 for each head but got ranks={ranks}.")
    if shared_key and len(set(sizes)) > 1:
        raise ValueError(
            f"Expected one rank for heads that share their keys but got ranks={ranks}."
        )
    shared = K if sizes[0] == k else MatrixSymbol("K", sizes[0], d)
    terms: list[MatrixExpr] = []
    parameters: list[Any] = [beta, shared] if shared_key else [beta]
    for h, size in enumerate(sizes, 1):
        query, value = MatrixSymbol(f"Q_{h}", size, d), MatrixSymbol(f"V_{h}", d, d)
        key = shared if shared_key else MatrixSymbol(f"K_{h}", size, d)
        terms.append(RowSoftmax(beta * X * query.T * key * X.T, m) * X * value.T)
        parameters += [query, value] if shared_key else [query, key, value]
    total = MatAdd(*terms) if len(terms) > 1 else terms[0]
    return Model(
        name or f"{len(sizes)} heads",
        Tangent(X, total),
        parameters=tuple(parameters),
        reference=reference or "(2.7)",
    )


LOW_RANK_HEADS = ranked_heads([1, 2], name="low-rank heads", reference="arXiv 2002.07028")
"""Two heads, of ranks one and two."""


MULTI_QUERY = ranked_heads(
    [k, k], shared_key=True, name="multi-query", reference="arXiv 1911.02150"
)
"""Two heads with queries of their own and one key matrix."""
