"""Smaller equations derived from a model's velocity by substitution: (A.2), (6.9), (6.10), (7.1).

Gram flow, equiangular configurations, angles on the circle, two clusters, gnomonic coordinates.
Each result states its invariant set and carries the residuals that were reduced to zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    ImmutableMatrix,
    IndexedBase,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Mul,
    OneMatrix,
    S,
    Sum,
    Symbol,
    Transpose,
    ZeroMatrix,
    cos,
    diff,
    factor,
    rem,
    sin,
    symbols,
    sympify,
    together,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.equivariance import Rewriter, Word, Words
from theory.exchangeable import ClassColumn, ClassMatrix, evaluate, exchangeable, uniform
from theory.gram import inner, project, residual, vectors
from theory.models import Model
from theory.symbols import G, X, d, gamma, m, n, z


class NotClosed(ValueError):
    """The Gram flow of a model needs more than the Gram matrix."""


@dataclass(frozen=True)
class Residual:
    """One identity, brought to the form ``value = 0``.

    Attributes
    ----------
    statement : str
        The identity in words.
    value : Expr or MatrixExpr
        What is left of it in normal form; zero when proved.
    """

    statement: str
    value: Any

    @property
    def is_zero(self) -> bool:
        """Whether nothing is left."""
        return isinstance(self.value, ZeroMatrix) or self.value == 0


@dataclass(frozen=True)
class Reduction:
    """What every reduction carries.

    Attributes
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to zero.
    """

    model: Model
    invariant: str
    proof: tuple[Residual, ...]

    @property
    def proved(self) -> bool:
        """Whether every residual is zero."""
        return all(item.is_zero for item in self.proof)


# -- the Gram flow ---------------------------------------------------------------------------


def _contract(left: MatrixExpr, right: MatrixExpr) -> Word | None:
    """``X X^T = G``."""
    return (G,) if left == X and right == Transpose(X) else None


def _unit_diagonal(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    """``diag(G) = 1``: the tokens have length one."""
    return () if isinstance(node, DiagonalMatrix) and node.args[0] == G else None


_GRAM = Rewriter(pair=_contract, symmetric=frozenset([G]))
_UNIT = Rewriter(pair=_contract, atom=_unit_diagonal, symmetric=frozenset([G]))


@dataclass(frozen=True)
class GramFlow(Reduction):
    """``G' = rate``, closed in the Gram matrix G of the tokens, in every dimension.

    Attributes
    ----------
    rate : MatrixExpr, shape (n, n)
        Right side in ``theory.symbols.G``, ``m`` and the parameters.
    """

    rate: MatrixExpr


def gram_flow(model: Model) -> GramFlow:
    """Derive the flow of the Gram matrix, ``G' = F X^T + X F^T`` (A.2).

    Parameters
    ----------
    model : Model
        A flow.

    Returns
    -------
    GramFlow
        The closed equation. The proof holds the symmetry of the rate and, for unit tokens, that
        their lengths stay one.

    Raises
    ------
    NotClosed
        When X is left after every ``X X^T`` has become G; the error names the terms.

    Examples
    --------
    >>> from theory.models import SA
    >>> gram_flow(SA).proved
    True
    """
    _needs_flow(model)
    velocity = model.velocity
    rate = velocity * X.T + X * Transpose(velocity)
    words = _GRAM.words(rate)
    left = {word: c for word, c in words.items() if any(X in e.free_symbols for e in (c, *word))}
    if left:
        shown = sorted({str(_GRAM.assemble({word: c}, (n, n))) for word, c in left.items()})
        raise NotClosed(
            f"Expected a velocity that needs X only through X X^T but got {len(shown)} terms with "
            f"X left in model={model.name}: {'; '.join(shown)}; a value matrix must be a multiple "
            "of the identity and the scores a function of <x_i,x_j>."
        )
    closed = _GRAM.assemble(words, (n, n))
    asymmetry = _GRAM.difference(closed, Transpose(closed))
    proof = [Residual("the rate is symmetric", _GRAM.assemble(asymmetry, (n, n)))]
    invariant = "symmetric positive semidefinite matrices of constant rank"
    if model.space == "sphere":
        proof.append(Residual("the diagonal stays 1", _UNIT.form(DiagonalMatrix(closed))))
        invariant += " with unit diagonal"
    return GramFlow(model, invariant, tuple(proof), closed)


def _needs_flow(model: Model) -> None:
    if model.kind != "flow":
        raise ValueError(
            f"Expected a flow but got kind={model.kind!r} in model={model.name}; "
            "a discrete layer has no differential equation to reduce."
        )


# -- equiangular configurations --------------------------------------------------------------


@dataclass(frozen=True)
class Equiangular(Reduction):
    """``gamma' = rate`` for n equal masses with one common inner product gamma.

    Attributes
    ----------
    rate : Expr
        Right side in ``gamma``, ``n`` and the parameters.
    """

    rate: Expr


def equiangular(model: Model) -> Equiangular:
    """Derive the equation of equiangular configurations, (6.9) and (6.10), for symbolic n.

    Parameters
    ----------
    model : Model
        A flow whose Gram flow closes. The masses are 1/n each.

    Returns
    -------
    Equiangular
        The rate at ``G = (1 - gamma) I + gamma J``: one number off the diagonal, so the set is
        invariant once the diagonal residual is zero.

    Raises
    ------
    NotClosed
        When the Gram flow doesn't close.
    ValueError
        When the model distinguishes tokens, as a causal mask does.

    Examples
    --------
    >>> from theory.models import USA
    >>> equiangular(USA).rate
    -2*(gamma - 1)*(gamma*n - gamma + 1)*exp(beta*gamma)/n
    """
    flow = gram_flow(model)
    value = evaluate(flow.rate, {G: exchangeable(1 - gamma, gamma), m: uniform(1 / n)})
    assert isinstance(value, ClassMatrix)
    diagonal, rate = value.residuals()
    proof = (*flow.proof, Residual("the diagonal rate is 0", diagonal))
    invariant = "equal masses 1/n, all <x_i,x_j> = gamma > -1/(n-1) for i != j"
    return Equiangular(model, invariant, proof, rate)


# -- two clusters ----------------------------------------------------------------------------

m1 = Symbol("m_1", positive=True)
"""Mass of the first cluster."""
m2 = Symbol("m_2", positive=True)
"""Mass of the second cluster."""
theta = Symbol("theta", real=True)
"""Angle between the two clusters, in (0, pi)."""
overlap = Symbol("g", real=True)
"""Inner product of the two clusters, cos(theta)."""


@dataclass(frozen=True)
class TwoClusters(Reduction):
    """Two points of masses m_1 and m_2, in any dimension: an equation for their angle.

    Attributes
    ----------
    overlap_rate : Expr
        g' in terms of ``g``.
    angle_rate : Expr
        theta' in terms of ``theta``.
    """

    overlap_rate: Expr
    angle_rate: Expr


def two_clusters(model: Model) -> TwoClusters:
    """Derive the merging law of two clusters of any number of tokens, for every d.

    Parameters
    ----------
    model : Model
        A flow whose Gram flow closes.

    Returns
    -------
    TwoClusters
        Derived from the Gram flow with p tokens in one cluster and q in the other, all p + q
        symbolic in number; the residuals say that clusters stay clusters, that lengths stay one,
        and that p and q have dropped out.

    Raises
    ------
    NotClosed
        When the Gram flow doesn't close.

    Examples
    --------
    >>> from theory.models import USA
    >>> two_clusters(USA).angle_rate
    -(m_1 + m_2)*exp(beta*cos(theta))*sin(theta)
    """
    flow = gram_flow(model)
    p, q = (Symbol(name, integer=True, positive=True) for name in ("p", "q"))
    sizes = (p, q)
    gram = ClassMatrix(
        sizes, (S.Zero, S.Zero), ImmutableMatrix([[S.One, overlap], [overlap, S.One]])
    )
    value = evaluate(flow.rate, {G: gram, m: ClassColumn(sizes, (m1 / p, m2 / q))})
    assert isinstance(value, ClassMatrix)
    first, second, inside1, rate, mirrored, inside2 = value.residuals()
    quotient = together(rate / (1 - overlap**2)).factor()
    proof = (
        *flow.proof,
        Residual("lengths in the first cluster stay 1", first),
        Residual("lengths in the second cluster stay 1", second),
        Residual("the first cluster stays together", inside1),
        Residual("the second cluster stays together", inside2),
        Residual("both ways round the rate is the same", factor(rate - mirrored)),
        *(Residual("the numbers of tokens drop out", factor(diff(rate, size))) for size in sizes),
        Residual("g' = -sin(theta) theta'", factor(rate - (1 - overlap**2) * quotient)),
    )
    angle = (-sin(theta) * quotient.subs(overlap, cos(theta))).powsimp()
    invariant = "two groups of coincident tokens, not antipodal: 0 < theta < pi"
    return TwoClusters(model, invariant, proof, rate, angle)


# -- the circle ------------------------------------------------------------------------------

phi = Symbol("phi", real=True)
"""Difference theta_i - theta_j."""


@dataclass(frozen=True)
class PairSum:
    """One sum ``coefficient · Σ_j m_j kernel(g_ij) x_j``, divided by ``Σ_j m_j normaliser(g_ij)``.

    Attributes
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

    Attributes
    ----------
    terms : tuple of (c, w)
        Two functions of ``phi`` each; w is None when there is no division.
    """

    terms: tuple[tuple[Expr, Expr | None], ...]

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
    _needs_flow(model)
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


def _summands(velocity: MatrixExpr, factor_: Expr = S.One) -> Iterator[tuple[bool, MatrixExpr]]:
    """Split a velocity into (is it projected, field)."""
    if isinstance(velocity, MatAdd):
        for arg in velocity.args:
            yield from _summands(arg, factor_)
    elif isinstance(velocity, Tangent) and velocity.points == X:
        yield True, _multiple(factor_, velocity.field)
    elif isinstance(velocity, MatMul) and isinstance(velocity.args[-1], Tangent):
        *scalars, inside = velocity.args
        if any(isinstance(part, MatrixExpr) for part in scalars):
            yield False, _multiple(factor_, velocity)
        else:
            yield from _summands(inside, factor_ * Mul(*scalars))
    else:
        yield False, _multiple(factor_, velocity)


def _multiple(coefficient: Expr, matrix: MatrixExpr) -> MatrixExpr:
    return matrix if coefficient == 1 else MatMul(coefficient, matrix)


def _spread_softmax(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    """Write softmax rows as ``diag(K m)^{-1} K diag(m)``."""
    if type(node) is not RowSoftmax:
        return None
    flat = isinstance(node.scores, ZeroMatrix)
    kernel = OneMatrix(*node.shape) if flat else node.kernel()
    return (Inverse(DiagMatrix(kernel * node.masses)), kernel, DiagMatrix(node.masses))


_PAIRS = Rewriter(pair=_contract, atom=_spread_softmax, symmetric=frozenset([G]))


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
    for projected, field in _summands(model.velocity):
        for word, coefficient in _PAIRS.words(field).items():
            term = _read_pair(word, coefficient)
            if term is None:
                raise ValueError(
                    "Expected a velocity Σ_j m_j kernel(<x_i,x_j>) x_j, normalised or not, but "
                    f"got term={MatMul(*word)} in model={model.name}; on the circle only scalar "
                    "attention with V = cI is a function of angle differences."
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


# -- gnomonic coordinates --------------------------------------------------------------------

Y = MatrixSymbol("Y", n, d)
"""Gnomonic coordinates y_i = x_i / s_i, one a row."""
s = MatrixSymbol("s", n, 1)
"""Heights s_i = <x_i, w> > 0 over the equator of a unit vector w."""


@dataclass(frozen=True)
class Gnomonic(Reduction):
    """``y_i' = Σ_j A_ij (s_j/s_i) (y_j - y_i)`` and ``s_i' = Σ_j A_ij (s_j - g_ij s_i)`` (A.10).

    Attributes
    ----------
    weights : MatrixExpr, shape (n, n)
        A, in X and m.
    rate : MatrixExpr, shape (n, d)
        ``Y'`` in ``Y``, ``s`` and A.
    heights : MatrixExpr, shape (n, 1)
        ``s'`` in ``s``, A and X.
    """

    weights: MatrixExpr
    rate: MatrixExpr
    heights: MatrixExpr


def gnomonic(model: Model) -> Gnomonic:
    """Derive the flow in gnomonic coordinates over a hemisphere, for any weights A with V = I.

    Parameters
    ----------
    model : Model
        A flow whose field is ``A X``: queries and keys are free, values are the tokens.

    Returns
    -------
    Gnomonic
        Proved summand by summand in the inner-product algebra, hence for every n and d.

    Raises
    ------
    ValueError
        When the field isn't A X.

    Examples
    --------
    >>> from theory.models import SA
    >>> gnomonic(SA).proved
    True
    """
    _needs_flow(model)
    plain = Rewriter()
    total: Words = {}
    tangential = True
    for projected, field in _summands(model.velocity):
        tangential &= projected
        for word, coefficient in plain.words(field).items():
            if not word or word[-1] != X:
                raise ValueError(
                    f"Expected a field A X with values V = I but got term={MatMul(*word)} in "
                    f"model={model.name}; queries and keys are free, the value matrix is not."
                )
            total[word[:-1]] = total.get(word[:-1], S.Zero) + coefficient
    weights = plain.assemble(total, (n, n))

    x, y, w = vectors("x_i x_j w", unit="x_i x_j w")
    weight = Symbol("A_ij", real=True)
    velocity = (project(x, y) if tangential else y) * weight
    s_i, s_j, g = inner(x, w), inner(y, w), inner(x, y)
    height = inner(velocity, w)
    # y_i = x_i / s_i, differentiated by the quotient rule with s_i' = <x_i', w>
    moved = velocity / s_i - x * (height / s_i**2)
    claimed = (y / s_j - x / s_i) * (weight * s_j / s_i)
    left = (moved - claimed).simplify()
    proof = (
        Residual("y_i' = Σ_j A_ij (s_j/s_i)(y_j - y_i), summand j", residual(inner(left, left))),
        *(
            Residual(f"its coefficient along {direction.base}", value)
            for direction, value in left.terms
        ),
        Residual(
            "s_i' = Σ_j A_ij (s_j - g_ij s_i), summand j",
            residual(height - weight * (s_j - g * s_i)),
        ),
    )
    heights = DiagMatrix(s)
    pull = DiagMatrix(plain.form(MatMul(Inverse(heights), weights, s)))
    rate = MatAdd(MatMul(Inverse(heights), weights, heights, Y), MatMul(Integer(-1), pull, Y))
    fall = DiagonalMatrix(MatMul(weights, X, Transpose(X)))
    return Gnomonic(
        model,
        "the tokens of an open hemisphere, s_i > 0 for all i; min_i s_i never falls if A >= 0",
        proof,
        weights,
        plain.form(rate),
        plain.form(MatAdd(MatMul(weights, s), MatMul(Integer(-1), fall, s))),
    )
