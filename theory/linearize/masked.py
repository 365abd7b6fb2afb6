"""Spectra at consensus under a mask: the weights there don't depend on the scores.

With value matrix c I the linearisation at ``X = 1 x^T`` is ``c (A - I)`` in each of the d - 1
tangent directions, A the masked masses divided by their row sums: the tokens coincide, so all
scores of a row are equal, and a change of the weights moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Integer, MatMul, Matrix, MatrixBase, S, Symbol, sympify

from theory.atoms import MaskedSoftmax, RowSoftmax, Tangent
from theory.derivations import is_permutation_equivariant
from theory.linearize.eigenvalues import exact_eigenvalues
from theory.linearize.engine import token_masses
from theory.linearize.spectrum import Spectrum, assembled_spectrum
from theory.masks import CAUSAL, GRAPH, Mask
from theory.models import Model
from theory.symbols import X, d, m

PLACE = Symbol("place", integer=True, positive=True)


@dataclass(frozen=True)
class MaskedForm:
    """``x_i' = P_i scale Σ_j A_ij x_j``, A a softmax over the tokens that a mask shows.

    Attributes
    ----------
    scores : MatrixExpr, shape (n, n)
        Scores that treat all tokens alike, such as ``beta X Q^T K X^T``.
    mask : Mask
        Who sees whom.
    scale : Expr
        Factor of the velocity.
    """

    scores: Any
    mask: Mask
    scale: Expr


def masked_form(model: Model) -> MaskedForm | None:
    """Read a model's velocity as masked attention with value matrix ``scale I``, or return None.

    The scores must treat all tokens alike: without its mask the model is permutation equivariant.

    Examples
    --------
    >>> from theory.models import CAUSAL, SA
    >>> masked_form(CAUSAL).mask, masked_form(SA)
    (Mask(causal), None)
    """
    velocity = model.velocity
    if model.kind != "flow" or not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    field = velocity.field
    scale, product = field.as_coeff_mmul() if isinstance(field, MatMul) else (S.One, field)
    factors: tuple[Any, ...] = product.args if isinstance(product, MatMul) else ()
    if len(factors) != 2 or factors[1] != X or not isinstance(factors[0], MaskedSoftmax):
        return None
    head = factors[0]
    plain = Model(
        model.name,
        Tangent(X, scale * RowSoftmax(head.scores, head.masses) * X),
        parameters=model.parameters,
        space=model.space,
    )
    if head.masses != m or not is_permutation_equivariant(plain):
        return None
    return MaskedForm(head.scores, head.mask, scale)


def masked_consensus(model: Model, tokens: Any, masses: Any = None, dimension: Any = d) -> Spectrum:
    """Spectrum at consensus of masked attention, for a number of tokens and symbolic d.

    Parameters
    ----------
    model : Model
        Attention with a mask, value matrix c I and any Q, K.
    tokens : int or Matrix, shape (n, n)
        Number of tokens; or the 0/1 matrix of a graph mask that is a symbol.
    masses : sequence, optional
        One mass a token, 1/n by default.
    dimension : int or Expr
        d.

    Returns
    -------
    Spectrum
        c (λ(A) - 1), each ``dimension - 1`` times, A the masked masses over their row sums. With a
        row that sees nobody that token stays: 0.

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
    form = _required(model)
    mask = form.mask
    if mask.kind == GRAPH and isinstance(mask.parameter, MatrixBase):
        tokens = mask.parameter
    if mask.kind == GRAPH and not hasattr(tokens, "rows"):
        raise ValueError(
            f"Expected the matrix of who sees whom for mask={mask} but got tokens={tokens}; give "
            "tokens=Matrix([[1, 0], [1, 1]])."
        )
    table = Mask.graph(Matrix(tokens)).parameter if mask.kind == GRAPH else mask.on(int(tokens))
    weights = token_masses(masses, table.rows)
    rows: list[list[Expr]] = []
    for i in range(table.rows):
        seen = [table[i, j] * weights[j] for j in range(table.rows)]
        total = Add(*seen)
        own = [S.One if i == j and total != 0 else S.Zero for j in range(table.rows)]
        rows.append([a / (total or 1) - e for a, e in zip(seen, own, strict=True)])
    found, left = exact_eigenvalues(rows, form.scale)
    dimension = sympify(dimension)
    copies = dimension - 1
    return assembled_spectrum(
        [(value, count * copies, modes) for value, count, modes in found],
        f"consensus, {mask}",
        S.Zero,
        Integer(table.rows),
        dimension,
        1,
        [(poly, count * copies) for poly, count in left],
    )


def causal_rates(model: Model) -> Expr:
    """Eigenvalue that the token at ``place`` (from 1) adds at consensus, for every n.

    The linearisation is triangular: its eigenvalues are its diagonal, ``c (1/place - 1)`` for equal
    masses, each d - 1 times.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> causal_rates(CAUSAL)
    -1 + 1/place
    """
    form = _required(model)
    if form.mask.kind != CAUSAL:
        raise ValueError(
            f"Expected a causal mask but got mask={form.mask} in model={model.name}; use "
            "masked_consensus with a number of tokens."
        )
    return form.scale * (1 / PLACE - 1)


def _required(model: Model) -> MaskedForm:
    form = masked_form(model)
    if form is None:
        raise ValueError(
            "Expected attention with a mask, value matrix c I and scores that treat all tokens "
            f"alike but got model={model.name}; use configuration at explicit points."
        )
    return form
