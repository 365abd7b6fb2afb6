"""The equation of the angles on the circle, (7.1) for USA.

The velocity is read as sums over pairs, each dotted with the tangent of the circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    ImmutableMatrix,
    IndexedBase,
    Inverse,
    MatMul,
    OneMatrix,
    S,
    Sum,
    Symbol,
    Transpose,
    ZeroMatrix,
    cos,
    diff,
    rem,
    sin,
    symbols,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, RowSoftmax
from theory.derivations.reduction import (
    Reduction,
    Residual,
    gram_of_tokens,
    require_flow,
    velocity_terms,
)
from theory.engines import Rewriter, Word
from theory.latex import latex_of
from theory.models import Model
from theory.summaries import Summarised
from theory.symbols import G, X, m, n, z
from theory.weights import on_unit_rows

phi = Symbol("phi", real=True)
"""Difference theta_i - theta_j."""


@dataclass(frozen=True)
class PairSum(Summarised):
    """One sum ``coefficient · Σ_j m_j kernel(g_ij) x_j``, divided by ``Σ_j m_j normaliser(g_ij)``.

    Parameters
    ----------
    coefficient : Expr
        Constant in front.
    kernel : Expr
        In ``theory.symbols.z``.
    normaliser : Expr or None
        In ``theory.symbols.z``; None when there is no division.
    """

    coefficient: Expr
    kernel: Expr
    normaliser: Expr | None


@dataclass(frozen=True)
class CircleAngles(Reduction):
    """``theta_i' = Σ_terms [Σ_j m_j c(phi_ij)] / [Σ_j m_j w(phi_ij)]``, phi_ij = theta_i - theta_j.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    terms : tuple of (c, w)
        Two functions of ``phi`` each; w is None when there is no division.
    """

    _shown = ("model", "invariant", "proved")

    terms: tuple[tuple[Expr, Expr | None], ...]

    def formulas(self) -> list[str]:
        """Write the equation of one angle.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        between = {phi: r"\theta_i - \theta_j"}
        text = ""
        for pull, weight in self.terms:
            sign = "-" if pull.could_extract_minus_sign() else "+" if text else ""
            pull = -pull if sign == "-" else pull
            inner = latex_of(pull, names=between)
            sums = rf"\sum_j m_j \left({inner}\right)" if pull.is_Add else rf"\sum_j m_j {inner}"
            if weight is not None:
                below = latex_of(weight, names=between)
                sums = rf"\frac{{{sums}}}{{\sum_j m_j {below}}}"
            text += f" {sign} {sums}"
        return [r"\dot\theta_i = " + " ".join(text.split())]

    @property
    def summand(self) -> Expr:
        """The function c of ``phi`` when there is one sum.

        Raises
        ------
        ValueError
            When there are several; use ``terms``.
        """
        if len(self.terms) != 1:
            raise ValueError(
                f"Expected one sum but got terms={self.terms}; read them from `terms`."
            )
        return self.terms[0][0]

    @property
    def normaliser(self) -> Expr | None:
        """The function w of ``phi`` when there is one sum."""
        if len(self.terms) != 1:
            raise ValueError(
                f"Expected one sum but got terms={self.terms}; read them from `terms`."
            )
        return self.terms[0][1]

    @property
    def equation(self) -> Expr:
        """Right side of ``theta_i'`` with sums over j = 1..n, in indexed ``theta`` and ``m``."""
        angle, mass = IndexedBase("theta"), IndexedBase("m")
        i, j = (Symbol(name, integer=True, positive=True) for name in ("i", "j"))

        def total(function: Expr) -> Expr:
            return Sum(mass[j] * function.subs(phi, angle[i] - angle[j]), (j, 1, n))

        return sum((total(c) / (1 if w is None else total(w)) for c, w in self.terms), S.Zero)

    def rates(self, angles: Sequence[Any], masses: Sequence[Any] | None = None) -> tuple[Expr, ...]:
        """Write out ``theta_i'`` for given angles.

        Parameters
        ----------
        angles : sequence
            Numbers or symbols, one a token.
        masses : sequence, optional
            One a token; 1/n each by default.

        Returns
        -------
        tuple of Expr
            One rate a token.
        """
        weights = (
            (S.One / len(angles),) * len(angles)
            if masses is None
            else tuple(sympify(v) for v in masses)
        )
        pairs = list(zip(map(sympify, angles), weights, strict=True))

        def total(function: Expr, at: Expr) -> Expr:
            return sum((w * function.subs(phi, at - other) for other, w in pairs), S.Zero)

        return tuple(
            sum((total(c, at) / (1 if w is None else total(w, at)) for c, w in self.terms), S.Zero)
            for at, _ in pairs
        )


@lru_cache(maxsize=64)
def circle_angles(model: Model) -> CircleAngles:
    """Derive the equation of the angles for d = 2, (7.1) for USA.

    Parameters
    ----------
    model : Model
        A flow by scalar attention: kernels of ``<x_i,x_j>``, normalised or not.

    Returns
    -------
    CircleAngles
        From ``x_i = (cos, sin)`` and x_j turned by the difference of the angles, each summand
        dotted with the tangent ``(-sin, cos)``. The proof holds that the radial part vanishes and
        that only differences of angles enter.

    Raises
    ------
    ValueError
        When the velocity isn't a sum over pairs.

    Examples
    --------
    >>> from theory.models import SA, USA
    >>> circle_angles(USA).summand
    -exp(beta*cos(phi))*sin(phi)
    >>> circle_angles(SA).normaliser
    exp(beta*cos(phi))
    """
    require_flow(model)
    # x_i = (u, v) and x_j = x_i turned by -phi; polynomials modulo u^2 + v^2 = C^2 + S^2 = 1
    u, v, cosine, sine = symbols("u v C S", real=True)
    token = ImmutableMatrix([u, v])
    other = ImmutableMatrix([u * cosine + v * sine, v * cosine - u * sine])
    tangent = ImmutableMatrix([-v, u])

    def reduced(expr: Expr) -> Expr:
        return rem(rem(expr, u**2 + v**2 - 1, u), cosine**2 + sine**2 - 1, sine)

    def in_phi(expr: Expr) -> Expr:
        return expr.subs({cosine: cos(phi), sine: sin(phi)})

    product = reduced(token.dot(other))
    terms, proof = [], []
    for projected, term in _pair_terms(model):
        field = other - token.dot(other) * token if projected else other
        along = reduced(tangent.dot(field))
        proof += [
            Residual("the velocity is tangent", in_phi(reduced(token.dot(field)))),
            *(
                Residual("only theta_i - theta_j enters", diff(expr, symbol))
                for expr in (product, along)
                for symbol in (u, v)
            ),
        ]
        angle = in_phi(product)
        weight = None if term.normaliser is None else term.normaliser.subs(z, angle)
        terms.append((term.coefficient * term.kernel.subs(z, angle) * in_phi(along), weight))
    invariant = "d = 2, x_i = (cos theta_i, sin theta_i)"
    return CircleAngles(model, invariant, tuple(proof), tuple(terms))


def _spread_softmax(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    """Write softmax rows as ``diag(K m)^{-1} K diag(m)``."""
    if type(node) is not RowSoftmax:
        return None
    flat = isinstance(node.scores, ZeroMatrix)
    kernel = OneMatrix(*node.shape) if flat else node.kernel()
    return (Inverse(DiagMatrix(kernel * node.masses)), kernel, DiagMatrix(node.masses))


_PAIRS = Rewriter(pair=gram_of_tokens, atom=_spread_softmax, symmetric=frozenset([G]))


def _kernel(letter: MatrixExpr) -> Expr | None:
    """Kernel of a matrix ``[kernel(G_ij)]``."""
    if letter == G:
        return z
    if isinstance(letter, OneMatrix) and letter.shape == (n, n):
        return S.One
    if isinstance(letter, Elementwise) and letter.expr == G:
        return letter.body
    return None


def _pair_terms(model: Model) -> Iterator[tuple[bool, PairSum]]:
    velocity = on_unit_rows(model.velocity) if model.space == "sphere" else model.velocity
    for projected, field in velocity_terms(velocity):
        for word, coefficient in _PAIRS.words(field).items():
            term = _read_pair(word, coefficient)
            if term is None:
                raise ValueError(
                    "Expected a velocity Σ_j m_j kernel(<x_i,x_j>) x_j, normalised or not, but "
                    f"got velocity={model.velocity} in model={model.name}; on the circle only "
                    "scalar attention with V = cI is a function of angle differences."
                )
            yield projected, term


def _read_pair(word: Word, coefficient: Expr) -> PairSum | None:
    if not word or word[-1] != X or coefficient.has(G, X):
        return None
    head = list(word[:-1])
    normaliser = None
    if head and isinstance(head[0], Inverse) and isinstance(head[0].arg, DiagMatrix):
        total = head.pop(0).arg.args[0]
        if not isinstance(total, MatMul) or len(total.args) != 2 or total.args[1] != m:
            return None
        normaliser = _kernel(total.args[0])
        if normaliser is None:
            return None
    if head == [OneMatrix(n, 1), Transpose(m)]:
        return PairSum(coefficient, S.One, normaliser)
    if len(head) != 2 or head[1] != DiagMatrix(m):
        return None
    kernel = _kernel(head[0])
    return None if kernel is None else PairSum(coefficient, kernel, normaliser)
