"""Spectra of clusters and of explicit points, from the differential of the velocity.

The Jacobian is always ``differential(velocity, X, U)`` of the model, in the tangent space of
(S^{d-1})^n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from sympy import (
    Add,
    Derivative,
    DiagMatrix,
    Expr,
    Function,
    Integer,
    Matrix,
    MatrixSymbol,
    Poly,
    Rational,
    S,
    Symbol,
    cancel,
    cos,
    cosh,
    fraction,
    radsimp,
    simplify,
    sin,
    sinh,
    sympify,
    tanh,
    together,
)
from sympy import (
    exp as exponential,
)
from sympy.polys.matrices import DomainMatrix

from theory.atoms import Elementwise, Tangent
from theory.bounded import BUDGET, cost
from theory.engines import Evaluator, Rows, differential
from theory.linearize.eigenvalues import (
    FormalRing,
    exact_eigenvalues,
    multiplied_out,
    ring_eigenvalues,
    without_denominators,
)
from theory.linearize.spectrum import Found, Spectrum, assembled_spectrum
from theory.models import AttentionForm, Model, attention_form
from theory.noise import require_noiseless
from theory.symbols import X, d, m, n, z

_U = MatrixSymbol("U", n, d)

_LETTER, _LETTER_SLOPE = Function("k", real=True), Function("k'", real=True)


@dataclass(frozen=True)
class PairResponse:
    """What a unit mass at angle φ does to a token at angle 0 of a great circle.

    All are entries of the velocity, or of its differential, of two tokens of masses 0 and 1.
    """

    kernel: Expr
    angle: Symbol
    entries: tuple[Expr, ...]

    @classmethod
    def of(cls, model: Model) -> PairResponse:
        """Work the entries out from the velocity of a model and its differential."""
        kernel, angle = scalar_form(model).kernel, Symbol("phi", real=True)
        flow = _numerator(kernel)
        here = {
            X: [[S.One, S.Zero, S.Zero], [cos(angle), sin(angle), S.Zero]],
            m: [[S.Zero], [S.One]],
        }
        still = Evaluator(
            here,
            {n: 2, d: 3},
            apply=lambda body, at: _primed(body).subs(z, at),
            width=d,
            form=[[Integer(i == j) for j in range(3)] for i in range(3)],
        )
        slope = differential(flow, X, _U)

        def moved(first: list[Any], second: list[Any], component: int) -> Expr:
            return still.with_value(_U, [first, second])(slope)[0][component]

        nothing, across = [S.Zero] * 3, [S.Zero, S.Zero, S.One]
        along = [-sin(angle), cos(angle), S.Zero]
        return cls(
            kernel,
            angle,
            (
                still(flow)[0][1],
                moved([S.Zero, S.One, S.Zero], nothing, 1),
                moved(nothing, along, 1),
                moved(across, nothing, 2),
                moved(nothing, across, 2),
            ),
        )

    def _at(self, place: int, angle: Any) -> Expr:
        return self.entries[place].subs(self.angle, angle).doit()

    def weight(self, angle: Any) -> Expr:
        """Kernel at that angle."""
        return self.kernel.subs(z, cos(angle))

    def pull(self, angle: Any) -> Expr:
        """Velocity along the circle."""
        return self._at(0, angle)

    def own(self, angle: Any) -> Expr:
        """Slope of the pull when the token moves along the circle."""
        return self._at(1, angle)

    def other(self, angle: Any) -> Expr:
        """Slope of the pull when the mass moves along the circle."""
        return self._at(2, angle)

    def own_across(self, angle: Any) -> Expr:
        """Velocity off the circle for each unit by which the token leaves it."""
        return self._at(3, angle)

    def other_across(self, angle: Any) -> Expr:
        """Velocity off the circle for each unit by which the mass leaves it."""
        return self._at(4, angle)


@lru_cache(maxsize=64)
def _numerator(kernel: Expr) -> Tangent:
    """Velocity before division by Z: at an equilibrium division only divides row i by Z_i."""
    return Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X)


def scalar_form(model: Model) -> AttentionForm:
    """Give the model's form by scalar attention, its kernel multiplied out; refuse others.

    A kernel too long for that, or with functions of functions, is a function without a definition:
    its values and slopes are letters until `spelled_out`.
    """
    _check_flow(model)
    form = attention_form(model)
    if form is None:
        raise ValueError(
            "Expected a model that depends on inner products only, with value matrix c·I, but got "
            f"model={model.name}: for others such as a general V the configuration need not be "
            "an equilibrium; use configuration(model, points) with explicit points and matrices."
        )
    nested = any(f.args[0].has(Function) for f in form.kernel.atoms(Function))
    if nested or cost(form.kernel) > BUDGET:
        return AttentionForm(_LETTER(z), form.normalised, form.scale)
    kernel = _primed(form.kernel.rewrite((sinh, cosh, tanh), exponential))
    above, below = fraction(together(kernel))
    if z not in below.free_symbols and not form.normalised:
        return AttentionForm(multiplied_out(above), form.normalised, form.scale / below)
    plain = multiplied_out(above / below) if z not in below.free_symbols else kernel
    return AttentionForm(plain, form.normalised, form.scale)


def spelled_out(model: Model, expr: Expr) -> Expr:
    """Put the values and slopes of the model's kernel in place of those of the letter."""
    form = attention_form(model)
    assert form is not None  # scalar_form has asked
    return expr.replace(_LETTER, lambda at: form.kernel.subs(z, at)).replace(
        _LETTER_SLOPE, lambda at: form.kernel.diff(z).subs(z, at)
    )


def _primed(expr: Expr) -> Expr:
    """Write derivatives of an undefined function h as functions h', h'' that take values."""
    names = {}
    for derivative in expr.atoms(Derivative):
        order = sum(int(count) for _, count in derivative.variable_count)
        name = derivative.expr.func.__name__ + "'" * order
        names[derivative] = Function(name, real=True)(z)
    return expr.xreplace(names)


def _check_flow(model: Model) -> None:
    if model.space != "sphere" or model.kind != "flow":
        raise ValueError(
            "Expected a flow on the sphere but got "
            f"model={model.name} (space={model.space!r}, kind={model.kind!r}); "
            "linearise the flow that it discretises."
        )
    require_noiseless(model)


def require_equilibrium(model: Model, name: str, residual: Expr) -> None:
    """Refuse a configuration that moves, or that noise moves."""
    require_noiseless(model)
    if residual != 0:
        raise ValueError(
            f"Expected an equilibrium of {model.name} but got {name} with velocity={residual}; "
            "correct the points; numerics.polish(model, points) finds the equilibrium near floats."
        )


def token_masses(masses: Any, count: int) -> list[Expr]:
    """One positive mass a token, 1/n by default.

    Parameters
    ----------
    masses : object
        Masses of the tokens, > 0.
    count : int
        Number of tokens.

    Returns
    -------
    list of Expr
        Masses, an entry a token.
    """
    if masses is None:
        return [Rational(1, count)] * count
    weights = [sympify(w) for w in masses]
    if len(weights) != count or any(w.is_positive is False for w in weights):
        raise ValueError(f"Expected {count} positive masses but got masses={masses}; one a token.")
    return weights


@dataclass(frozen=True)
class _Span:
    """Points in coordinates of those of them that span the others.

    Attributes
    ----------
    gram : Matrix
        Inner products of the points.
    pivots : tuple of int
        The points that make the basis.
    coordinates : list of list of Expr
        A row for each point.
    """

    gram: Any
    pivots: tuple[int, ...]
    coordinates: list[list[Expr]]

    @classmethod
    def of(cls, points: Any) -> _Span:
        """Reduce the Gram matrix to its row echelon form."""
        size = points.rows
        gram = (points * points.T).applyfunc(lambda e: radsimp(multiplied_out(e)))
        ground = FormalRing(list(gram)).domain.domain
        entries = [[ground.from_sympy(e) for e in row] for row in gram.tolist()]
        reduced, pivots = DomainMatrix(entries, (size, size), ground).rref()
        coordinates = [
            [ground.to_sympy(reduced[p, j].element) for p in range(len(pivots))]
            for j in range(size)
        ]
        return cls(gram, tuple(pivots), coordinates)

    @property
    def rank(self) -> int:
        """Dimension of the span."""
        return len(self.pivots)

    def metric(self, width: int) -> list[list[Expr]]:
        """Inner products of the basis, and of unit vectors across it up to the width."""
        more = width - self.rank
        inside = [[self.gram[p, q] for q in self.pivots] + [S.Zero] * more for p in self.pivots]
        return inside + [[S.Zero] * self.rank + [S.One]] * more


def _formal_tokens(
    kernel: Expr, span: _Span, shares: list[Expr], massless: list[int], width: int
) -> tuple[FormalRing, Evaluator]:
    """Make a ring that holds all entries, and an evaluator at the heavy and massless tokens."""
    inner = sorted(set(span.gram), key=str)
    values = {g: multiplied_out(kernel.subs(z, g).doit()) for g in inner}
    slopes = {g: multiplied_out(_primed(kernel.diff(z)).subs(z, g).doit()) for g in inner}
    entries = (e for row in span.coordinates for e in row)
    formal = FormalRing([*span.gram, *values.values(), *slopes.values(), *shares, *entries])
    cache: dict[tuple[Expr, Any], Any] = {}

    def apply(body: Expr, value: Any) -> Any:
        key = (body, value)
        if key not in cache:
            at = radsimp(formal.out(value))
            known = values if body == kernel else slopes
            cache[key] = formal.into(known[at] if at in known else body.subs(z, at))
        return cache[key]

    places = [*range(len(span.coordinates)), *massless]
    tail = [S.Zero] * (width - span.rank)
    rows = [[formal.into(e) for e in [*span.coordinates[a], *tail]] for a in places]
    heavy = [[formal.into(w)] for w in [*shares, *[S.Zero] * len(massless)]]
    metric = [[formal.into(e) for e in row] for row in span.metric(width)]
    sizes = {n: len(places), d: width}
    return formal, Evaluator({X: rows, m: heavy}, sizes, formal.into, apply, width=d, form=metric)


@dataclass(frozen=True)
class _Jacobian:
    """The differential of the velocity, in blocks that it leaves invariant.

    ``bases`` has the tangent vectors at each token, within the span of ``rank`` dimensions;
    ``width`` is one more where there is a direction across it.
    """

    formal: FormalRing
    base: Evaluator
    slope: Any
    divisors: list[Any]
    bases: list[list[tuple[int, list[Any]]]]
    rank: int
    width: int

    def block(self, chosen: list[int], across: bool) -> tuple[Rows, list[Any], list[Any]]:
        """Jacobian restricted to the chosen rows, in the span of the points or across it."""
        zero, one = self.formal.into(S.Zero), self.formal.into(S.One)
        directions = []
        for place in chosen:
            if across:
                directions.append((place, self.rank, [zero] * self.rank + [one]))
            else:
                for axis, vector in self.bases[place]:
                    directions.append((place, axis, [*vector, *[zero] * (self.width - self.rank)]))
        images = [self._image(place, vector) for place, _, vector in directions]
        matrix = [[moved[place][axis] for moved in images] for place, axis, _ in directions]
        return matrix, [self.divisors[place] for place, _, _ in directions], directions

    def _image(self, place: int, vector: list[Any]) -> Rows:
        moved = [[self.formal.into(S.Zero)] * self.width for _ in self.divisors]
        moved[place] = vector
        return self.base.with_value(_U, moved)(self.slope)


def cluster_spectrum(
    model: Model,
    points: Any,
    weights: list[Expr],
    counts: list[Expr],
    dimension: Any,
    name: str,
    vectors: bool,
) -> Spectrum:
    """Spectrum of tokens in clusters, from the clusters and one massless token on each.

    To first order a motion that keeps every cluster's weighted mean leaves the field as it is, so
    each token moves like a massless one: that is the differential in the massless rows. The other
    motions are those of the clusters as heavy tokens. Directions orthogonal to all points are
    copies of one.
    """
    form, dimension = scalar_form(model), sympify(dimension)
    size = points.rows
    span = _Span.of(points)
    rank = span.rank
    if dimension.is_number and dimension < rank:
        raise ValueError(
            f"Expected a dimension >= {rank} for {name} but got dimension={dimension}; "
            "leave it out."
        )
    outside = dimension != rank
    width = rank + (1 if outside else 0)
    whole, shares = without_denominators(weights)
    massless = [a for a in range(size) if counts[a] != 1]
    formal, base = _formal_tokens(form.kernel, span, shares, massless, width)
    flow = _numerator(form.kernel)
    speeds = [simplify(formal.out(e)) for row in base(flow) for e in row]
    residual = spelled_out(model, form.scale * Add(*(abs(e) for e in speeds if e != 0)))
    require_equilibrium(model, name, residual)
    places = [*range(size), *massless]
    divisors = [formal.into(S.One)] * len(places)
    if form.normalised:
        divisors = [row[0] for row in base(Elementwise(form.kernel, X * X.T) * m)]
    rows, metric = base.values[X], base.form or []
    bases = [_tangent_basis(formal, metric, rows[a], rank) for a in range(size)]
    slope = differential(flow, X, _U)
    at_places = [bases[a] for a in places]
    jacobian = _Jacobian(formal, base, slope, divisors, at_places, rank, width)
    scale = form.scale if form.normalised else form.scale / whole
    basis_points = Matrix([list(points.row(p)) for p in span.pivots])
    found: Found = []
    left: list[tuple[Poly, Expr]] = []
    jobs = [(list(range(size)), S.One)]
    jobs += [([size + j], counts[a] - 1) for j, a in enumerate(massless)]
    for chosen, copies in jobs:
        for across in (False, True) if outside else (False,):
            matrix, below, directions = jacobian.block(chosen, across)
            many = copies * (dimension - rank if across else 1)
            wanted = vectors and len(chosen) == size and chosen[0] == 0
            solved, unsolved = ring_eigenvalues(formal, matrix, below, scale, wanted)
            for value, multiplicity, modes in solved:
                drawn = tuple(
                    _displacement(formal, mode, directions, basis_points, size, rank, outside)
                    for mode in modes
                )
                found.append((value, multiplicity * many, drawn))
            left += [(poly, multiplicity * many) for poly, multiplicity in unsolved]
    return assembled_spectrum(
        found, name, residual, Add(*counts), dimension, rank, left, keep_vectors=vectors
    ).applied(partial(spelled_out, model))


def _tangent_basis(
    formal: FormalRing, metric: Rows, row: list[Any], rank: int
) -> list[tuple[int, list[Any]]]:
    """Pairs (axis, vector): a basis of the vectors orthogonal to ``row`` within the span.

    A tangent vector's coefficient on a basis vector is its own entry at that axis.
    """
    ground = formal.domain.domain
    normal = [
        ground.convert_from(
            sum((row[i] * metric[i][j] for i in range(rank)), formal.domain.zero), formal.domain
        )
        for j in range(rank)
    ]
    pivot = next(j for j in range(rank) if normal[j])
    basis = []
    for axis in range(rank):
        if axis != pivot:
            vector = [formal.domain.zero] * rank
            vector[axis] = formal.domain.one
            vector[pivot] = formal.domain.convert_from(-normal[axis] / normal[pivot], ground)
            basis.append((axis, vector))
    return basis


def _displacement(
    formal: FormalRing,
    mode: list[Expr],
    directions: list[Any],
    basis_points: Any,
    size: int,
    rank: int,
    outside: bool,
) -> Any:
    """Rows of displacement of the clusters for the coefficients ``mode``."""
    rows = Matrix.zeros(size, rank + 1)
    for coefficient, (place, _, vector) in zip(mode, directions, strict=True):
        for axis, entry in enumerate(vector):
            rows[place, axis] += coefficient * formal.out(entry)
    inside = (rows[:, :rank] * basis_points).applyfunc(lambda e: radsimp(cancel(e)))
    return Matrix.hstack(inside, rows[:, rank]) if outside else inside


def direct_spectrum(
    model: Model, points: Any, weights: list[Expr], matrices: dict[Any, Any], name: str
) -> Spectrum:
    """Spectrum of any model whose differential exists, from explicit points."""
    base = evaluator_at(model, points, weights, matrices, sympify, _exact_value)
    residual = Add(*(abs(simplify(e)) for row in base(model.velocity) for e in row))
    require_equilibrium(model, name, residual)
    matrix = tangent_jacobian(base, model, points.tolist(), S.Zero, S.One)
    solved, left = exact_eigenvalues(matrix, S.One)
    count, width = points.shape
    return assembled_spectrum(
        solved,
        name,
        residual,
        Integer(count),
        Integer(width),
        points.rank(),
        left,
        isotropic=not matrices,
    )


def evaluator_at(
    model: Model,
    points: Any,
    weights: list[Expr],
    matrices: dict[Any, Any],
    scalar: Callable[[Any], Any],
    apply: Callable[[Expr, Any], Any],
) -> Evaluator:
    """Make an evaluator with explicit points, masses and matrices.

    Parameters
    ----------
    model : Model
        The model.
    points : object
        Tokens as unit rows.
    weights : list of Expr
        Weights of the tokens.
    matrices : Mapping
        Values of matrix symbols.
    scalar : callable
        Replacement for numbers in the expression.
    apply : callable
        How a scalar function is applied.

    Returns
    -------
    Evaluator
        Evaluates expressions at these values.
    """
    _check_flow(model)
    missing = [p for p in model.parameters if isinstance(p, MatrixSymbol) and p not in matrices]
    if missing:
        raise ValueError(
            f"Expected a value for every matrix of {model.name} but got none for {missing}; "
            "pass matrices={V: Matrix(...)}."
        )
    sizes = {n: points.rows, d: points.cols}
    for symbol, entries in matrices.items():
        for name, number in zip(symbol.shape, entries.shape, strict=True):
            if sizes.setdefault(name, number) != number:
                raise ValueError(
                    f"Expected {symbol} of shape {symbol.shape} with {name}={sizes[name]} but got "
                    f"{symbol} of shape {entries.shape}; give it the shape of the points."
                )
    values = {X: points, m: Matrix(weights), **matrices}
    return Evaluator(
        {
            key: [[scalar(e) for e in row] for row in entries.tolist()]
            for key, entries in values.items()
        },
        sizes,
        scalar,
        apply,
    )


def _exact_value(body: Expr, value: Any) -> Expr:
    return body.subs(z, value).doit()


def tangent_axes(row: list[Any]) -> tuple[int, list[int]]:
    """Find where a point's coordinate is largest, and the other axes, a tangent vector's own.

    The entry at the first axis follows from orthogonality to the point.

    Parameters
    ----------
    row : list of Any
        Coordinates of a point.

    Returns
    -------
    tuple[int, list[int]]
        The axis, and the others.
    """
    pivot = max(range(len(row)), key=lambda axis: abs(float(row[axis])))
    return pivot, [axis for axis in range(len(row)) if axis != pivot]


def tangent_jacobian(base: Evaluator, model: Model, points: Rows, zero: Any, one: Any) -> Rows:
    """Jacobian in the tangent space, for orthonormal coordinates of the points.

    A tangent vector is given by its coordinates but the one where the point's is largest.

    Parameters
    ----------
    base : Evaluator
        Evaluator of the velocity.
    model : Model
        The model.
    points : Rows
        Tokens as unit rows.
    zero : object
        The number 0 of the field in use.
    one : object
        The number 1 of the field in use.

    Returns
    -------
    Rows
        Square matrix of n(d - 1) rows.
    """
    slope, width = differential(model.velocity, X, _U), len(points[0])
    labels: list[tuple[int, int]] = []
    images: list[Rows] = []
    for place, row in enumerate(points):
        pivot, free = tangent_axes(row)
        for axis in free:
            moved = [[zero] * width for _ in points]
            moved[place][axis] = one
            moved[place][pivot] = -row[axis] / row[pivot]
            labels.append((place, axis))
            images.append(base.with_value(_U, moved)(slope))
    return [[moved[place][axis] for moved in images] for place, axis in labels]
