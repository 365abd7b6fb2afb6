"""Linearisation about clustered equilibria: spectra in the tangent space of (S^{d-1})^n.

Consensus and antipodal states with symbolic n and d, regular k-gons, simplices, cross-polytopes
and any user configuration. The Jacobian is always ``differential(velocity, X, U)`` of the model.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from sympy import (
    QQ,
    Add,
    Derivative,
    DiagMatrix,
    Dummy,
    Expr,
    Float,
    Function,
    Integer,
    Matrix,
    MatrixSymbol,
    Mul,
    Piecewise,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    cancel,
    collect,
    cos,
    cosh,
    expand,
    factor,
    fraction,
    lcm,
    pi,
    radsimp,
    simplify,
    sin,
    sinh,
    sqrt,
    sympify,
    tanh,
    together,
)
from sympy import exp as exponential
from sympy.matrices import MatrixBase
from sympy.polys.matrices import DomainMatrix

from theory.atoms import Elementwise, Tangent
from theory.differential import Evaluator, Rows, differential
from theory.models import AttentionForm, Model, attention_form
from theory.symbols import X, d, m, n, z

_U = MatrixSymbol("U", n, d)
_LAMBDA = Symbol("lambda")
_CODIMENSION = Dummy("d1", integer=True, positive=True)
_OTHERS = Dummy("n1", integer=True, positive=True)
_TOLERANCE = 1e-8


def _expand(expr: Any) -> Expr:
    """Products multiplied out, exponentials of sums left whole."""
    return expand(expr, power_exp=False)


class Stability(Enum):
    """Verdict on an equilibrium, rotations of the whole configuration apart."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    DEGENERATE = "degenerate"
    UNDECIDED = "undecided"

    @property
    def message(self) -> str:
        """What the verdict rests on, and what to do when there is none."""
        return {
            "stable": "Every eigenvalue is negative but the zeros of the rotations.",
            "unstable": "An eigenvalue is positive: the equilibrium is a strict saddle.",
            "degenerate": "Every eigenvalue is 0, beyond the rotations, as at consensus when "
            "h'(1) = 0: higher orders decide.",
            "undecided": "A sign depends on the parameters, or a zero is not a rotation; "
            "give numbers with spectrum.at({beta: 4}).",
        }[self.value]


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of the linearisation at an equilibrium.

    Parameters
    ----------
    configuration : str
        The equilibrium in words.
    eigenvalues : tuple of (value, multiplicity)
        Both may hold symbols. A multiplicity is never the integer 0.
    residual : Expr
        Size of the velocity at the configuration: 0 where exact, tiny for floats.
    tokens, dimension : Expr
        n and d; the tangent space has dimension n(d-1).
    rotations : Expr
        Dimension of the orbit under rotations, which is the least multiplicity of 0; set to 0 for
        a model with matrices, which breaks the symmetry.
    factors : tuple of (Poly, multiplicity)
        Factors of degree three or more of the characteristic polynomial, in the symbol
        ``lambda``, whose roots have no closed form here; irreducible over the rationals, and left
        whole where the configuration has square roots. ``at`` solves them.
    vectors : tuple of tuple of Matrix, optional
        For each eigenvalue, displacements of the clusters (one row a cluster), when asked for.
        A column beyond those of the points is a direction orthogonal to all of them. Motion
        within a cluster isn't listed: there, any displacements with weighted mean zero.
    """

    configuration: str
    eigenvalues: tuple[tuple[Expr, Expr], ...]
    residual: Expr
    tokens: Expr
    dimension: Expr
    rotations: Expr
    factors: tuple[tuple[Poly, Expr], ...] = ()
    vectors: tuple[tuple[Any, ...], ...] | None = field(default=None, repr=False)

    @property
    def morse_index(self) -> Expr:
        """Number of unstable directions: for a flow that climbs E, of the directions of increase.

        A sign that isn't decided stays as a condition. With unsolved ``factors`` this is an error.
        """
        if self.factors:
            raise ValueError(
                f"Expected every eigenvalue in closed form but got factors={self.factors}; "
                "give numbers first with spectrum.at({beta: 4})."
            )
        return Add(
            *(
                multiplicity * Piecewise((1, value > 0), (0, True))
                if _sign(value) is None
                else multiplicity * max(_sign(value) or 0, 0)
                for value, multiplicity in self.eigenvalues
            )
        )

    @property
    def stable(self) -> Stability:
        """Verdict from the assumptions on the symbols; n and d are taken to be at least 2."""
        signs = [(_sign(v), _room(k)) for v, k in self.eigenvalues]
        if any(sign == 1 and _sign(k) == 1 for sign, k in signs):
            return Stability.UNSTABLE
        if self.factors or any(sign is None or sign == 1 for sign, _ in signs):
            return Stability.UNDECIDED
        zeros = Add(*(k for sign, k in signs if sign == 0))
        excess = simplify(zeros - _room(self.rotations))
        if excess == 0:
            return Stability.STABLE
        flat = all(sign == 0 for sign, _ in signs)
        return Stability.DEGENERATE if flat else Stability.UNDECIDED

    def at(self, values: Mapping[Any, Any]) -> Spectrum:
        """Put numbers, or other symbols, in place of symbols."""
        put = {key: sympify(value) for key, value in values.items()}
        pairs = [(_settle(v.subs(put)), sympify(k).subs(put)) for v, k in self.eigenvalues]
        vectors = list(self.vectors) if self.vectors is not None else [()] * len(pairs)
        left = []
        for poly, multiplicity in self.factors:
            moved = Poly(poly.as_expr().subs(put), _LAMBDA)
            if moved.free_symbols_in_domain:
                left.append((moved, multiplicity))
                continue
            roots = Poly([c.evalf(40) for c in moved.all_coeffs()], _LAMBDA).nroots(n=20)
            pairs += [(root, multiplicity) for root in roots]
        vectors += [()] * (len(pairs) - len(vectors))
        merged = _merge([(v, k, w) for (v, k), w in zip(pairs, vectors, strict=True)])
        return replace(
            self,
            eigenvalues=tuple((v, k) for v, k, _ in merged),
            factors=tuple(left),
            vectors=None if self.vectors is None else tuple(w for _, _, w in merged),
            tokens=self.tokens.subs(put),
            dimension=self.dimension.subs(put),
            rotations=self.rotations.subs(put),
        )


def consensus(
    model: Model, masses: Any = None, dimension: Any = d, eigenvectors: bool = False
) -> Spectrum:
    """Spectrum where all tokens coincide, for symbolic n and d.

    Parameters
    ----------
    model : Model
        A flow that depends on inner products only (``attention_form(model)`` isn't None).
    masses : sequence or Expr, optional
        The masses of the tokens, or their sum M with n left symbolic; 1 by default.
    dimension : int or Expr
        d.
    eigenvectors : bool
        Whether to list the motions of the cluster.

    Examples
    --------
    >>> from theory.models import SA, USA
    >>> consensus(SA).eigenvalues
    ((0, d - 1), (-1, (d - 1)*(n - 1)))
    >>> consensus(USA).stable.name
    'STABLE'
    """
    count, total = _count_and_total(masses)
    return _cluster_spectrum(
        model, Matrix([[1]]), [total], [count], dimension, "consensus", eigenvectors
    )


def antipodal(
    model: Model,
    p: Any = 1,
    q: Any = 1,
    masses: Any = None,
    dimension: Any = d,
    eigenvectors: bool = False,
) -> Spectrum:
    """Spectrum with p tokens at a point and q at its antipode, p, q and d symbolic if wished.

    Parameters
    ----------
    model : Model
        A flow that depends on inner products only.
    p, q : int or Expr
        Numbers of tokens.
    masses : pair of Expr, optional
        Total masses of the two clusters; p/(p+q) and q/(p+q) by default.
    dimension : int or Expr
        d.
    eigenvectors : bool
        Whether to list the motions of the two clusters.

    Examples
    --------
    >>> from theory.models import USA
    >>> antipodal(USA).eigenvalues
    ((0, d - 1), (exp(-beta), d - 1))
    """
    p, q = sympify(p), sympify(q)
    _check_counts([p, q])
    if masses is None:
        masses = (p / (p + q), q / (p + q))
    if len(masses) != 2:
        raise ValueError(
            f"Expected two masses but got masses={masses}; give the total mass of each cluster."
        )
    return _cluster_spectrum(
        model,
        Matrix([[1], [-1]]),
        [sympify(w) for w in masses],
        [p, q],
        dimension,
        f"antipodal, {p} against {q}",
        eigenvectors,
    )


def simplex(
    model: Model, count: int, dimension: Any = None, eigenvectors: bool = False
) -> Spectrum:
    """Spectrum at the regular simplex of ``count`` tokens; ``dimension`` is count - 1 or more.

    Examples
    --------
    >>> from theory.models import USA
    >>> simplex(USA, 3).eigenvalues
    ((0, 1), ((3*beta + 2)*exp(-beta/2)/4, 2))
    """
    if not isinstance(count, int) or count < 2:
        raise ValueError(f"Expected a count >= 2 but got count={count!r}; use an integer.")
    points = Matrix.zeros(count, count - 1)
    for axis in range(count - 1):
        left = count - axis  # tokens that the earlier axes don't tell apart
        height = sqrt(Rational(left * count, (left - 1) * (count - 1)) / left) * (left - 1)
        points[axis, axis] = height / sqrt(left)
        for row in range(axis + 1, count):
            points[row, axis] = -height / sqrt(left) / (left - 1)
    return _cluster_spectrum(
        model,
        _on_sphere(points),
        [Rational(1, count)] * count,
        [S.One] * count,
        count - 1 if dimension is None else dimension,
        f"regular simplex, {count} tokens",
        eigenvectors,
    )


def cross_polytope(
    model: Model, axes: int, dimension: Any = None, eigenvectors: bool = False
) -> Spectrum:
    """Spectrum at the 2·axes tokens ±e_i; ``dimension`` is ``axes`` or more.

    Examples
    --------
    >>> from theory.models import USA
    >>> len(cross_polytope(USA, 3).eigenvalues)
    4
    """
    if not isinstance(axes, int) or axes < 1:
        raise ValueError(f"Expected a number of axes >= 1 but got axes={axes!r}; use an integer.")
    points = Matrix.vstack(Matrix.eye(axes), -Matrix.eye(axes))
    return _cluster_spectrum(
        model,
        points,
        [Rational(1, 2 * axes)] * (2 * axes),
        [S.One] * (2 * axes),
        axes if dimension is None else dimension,
        f"cross-polytope, {2 * axes} tokens",
        eigenvectors,
    )


def configuration(
    model: Model,
    points: Any,
    masses: Any = None,
    matrices: Mapping[Any, Any] | None = None,
    eigenvectors: bool = False,
) -> Spectrum:
    """Spectrum at a user's equilibrium.

    Parameters
    ----------
    model : Model
        A flow on the sphere, of inner products only or not.
    points : Matrix or nested sequence, shape (n, d)
        Unit rows. Integers, rationals and square roots give exact eigenvalues, with beta
        symbolic if it is; floats give floats and need a number for beta.
    masses : sequence, optional
        One mass a token, 1/n by default.
    matrices : mapping, optional
        Values of the model's matrix parameters, such as ``{V: Matrix(...)}``.
    eigenvectors : bool
        Whether to list eigenvectors: exact points, and a model of inner products only.

    Raises
    ------
    ValueError
        When the velocity at the points isn't zero, among others.

    Examples
    --------
    >>> from theory.models import SA
    >>> configuration(SA, [[1, 0], [0, 1], [-1, 0], [0, -1]]).stable.name
    'UNDECIDED'
    """
    matrix = Matrix(points)
    count = matrix.rows
    weights = _weights(masses, count)
    given = {symbol: Matrix(entries) for symbol, entries in (matrices or {}).items()}
    if eigenvectors and (matrix.has(Float) or attention_form(model) is None):
        raise ValueError(
            "Expected exact points and a model of inner products only for eigenvectors=True but "
            f"got model={model.name}, points={points}; leave eigenvectors out."
        )
    if matrix.has(Float) or any(w.has(Float) for w in weights):
        return _float_spectrum(model, matrix, weights, given)
    matrix = _on_sphere(matrix)
    name = f"{count} tokens"
    if attention_form(model) is None:
        return _direct_spectrum(model, matrix, weights, given, name)
    rows: list[list[Any]] = []
    totals: list[Expr] = []
    counts: list[Expr] = []
    for row, weight in zip(matrix.tolist(), weights, strict=True):
        if row in rows:
            place = rows.index(row)
            totals[place] += weight
            counts[place] += 1
        else:
            rows.append(row)
            totals.append(weight)
            counts.append(S.One)
    return _cluster_spectrum(model, Matrix(rows), totals, counts, matrix.cols, name, eigenvectors)


def polygon(model: Model, k: int, size: Any = 1, mass: Any = 1, dimension: Any = 2) -> Spectrum:
    """Spectrum with equal clusters of ``size`` tokens at the vertices of a regular k-gon.

    The Jacobian is circulant: the eigenvalues are the Fourier sums of one row of it.

    Parameters
    ----------
    model : Model
        A flow that depends on inner products only.
    k : int
        Number of vertices, at least 2.
    size : int or Expr
        Tokens at each vertex; n = size·k.
    mass : Expr
        Total mass.
    dimension : int or Expr
        d, at least 2.

    Examples
    --------
    >>> from theory.models import USA
    >>> polygon(USA, 3).eigenvalues
    ((0, 1), ((3*beta + 2)*exp(-beta/2)/4, 2))
    """
    if not isinstance(k, int) or k < 2:
        raise ValueError(f"Expected a number of vertices k >= 2 but got k={k!r}; use an integer.")
    size, mass, dimension = sympify(size), sympify(mass), sympify(dimension)
    _check_counts([size])
    form, pair = _form(model), _Pair.of(model)
    angles = [2 * pi * b / k for b in range(k)]
    residual = _expand(Add(*(pair.pull(a) for a in angles)))
    _require_equilibrium(model, f"regular {k}-gon", residual)
    share = form.scale * mass / k
    if form.normalised:
        share = share / Add(*(mass / k * pair.weight(a) for a in angles))
    found: Found = []
    copies = [(pair.own, pair.other, S.One)]
    if dimension != 2:
        copies.append((pair.own_across, pair.other_across, dimension - 2))
    for own, other, copy in copies:
        diagonal = Add(*map(own, angles))
        for wave in range(k // 2 + 1):
            total = Add(diagonal, *(other(a) * cos(wave * a) for a in angles))
            twice = 1 if wave == 0 or 2 * wave == k else 2
            found.append((share * _tidy(total), copy * twice, ()))
        found.append((share * _tidy(diagonal), copy * k * (size - 1), ()))
    return _spectrum(
        found,
        f"regular {k}-gon, {size} at each vertex",
        residual,
        k * size,
        dimension,
        rank=1 if k == 2 else 2,
    )


def weighted_clusters_on_circle(
    model: Model,
    angles: Sequence[Any],
    masses: Sequence[Any] | None = None,
    counts: Sequence[Any] | None = None,
    dimension: Any = 2,
) -> Spectrum:
    """Spectrum with clusters at the given angles of a great circle.

    Parameters
    ----------
    model : Model
        A flow that depends on inner products only.
    angles : sequence
        One angle a cluster; exact multiples of pi give exact eigenvalues, floats give floats
        (and then beta must be a number).
    masses : sequence, optional
        Total mass of each cluster; in proportion to ``counts`` by default.
    counts : sequence, optional
        Tokens in each cluster, 1 by default; may be symbolic.
    dimension : int or Expr
        d, at least 2.
    """
    turns = [sympify(a) for a in angles]
    sizes = [S.One] * len(turns) if counts is None else [sympify(c) for c in counts]
    _check_counts(sizes)
    if masses is None:
        masses = [c / Add(*sizes) for c in sizes]
    if not len(turns) == len(masses) == len(sizes) or not turns:
        raise ValueError(
            "Expected as many masses and counts as angles but got "
            f"angles={list(angles)}, masses={list(masses)}, counts={counts}; one a cluster."
        )
    weights = [sympify(w) for w in masses]
    form, pair, size = _form(model), _Pair.of(model), len(turns)
    numeric = any(a.has(Float) for a in [*turns, *weights])

    def table(function: Callable[[Any], Expr], loads: list[Expr]) -> list[list[Expr]]:
        return [[w * function(b - a) for b, w in zip(turns, loads, strict=True)] for a in turns]

    gaps = [cos(b - a).rewrite(sqrt) for a in turns for b in turns]
    if not numeric and any(not g.is_number or g.atoms(cos, sin) for g in gaps):
        raise ValueError(
            "Expected angles whose cosines are square roots, or floats, but got "
            f"angles={list(angles)}; use polygon(model, k) for equal clusters at 2*pi*j/k."
        )
    residual = Add(*(abs(Add(*row)) for row in table(pair.pull, weights)))
    residual = _number(residual) if numeric else simplify(residual)
    _require_equilibrium(model, f"{size} clusters on a circle", residual)
    whole, shares = _clear(weights)
    dimension = sympify(dimension)
    parts = [(pair.own, pair.other, S.One)]
    if dimension != 2:
        parts.append((pair.own_across, pair.other_across, dimension - 2))
    found: Found = []
    left: list[tuple[Poly, Expr]] = []
    below = [Add(*row) if form.normalised else whole for row in table(pair.weight, shares)]
    for own, other, copy in parts:
        diagonal = [Add(*row) for row in table(own, shares)]
        rows = table(other, shares)
        for a in range(size):
            rows[a][a] += diagonal[a]
            value = _tidy(form.scale * diagonal[a] / below[a])
            found.append((value, copy * (sizes[a] - 1), ()))
        if numeric:
            scaled = [
                [complex(_number(form.scale * e / below[a])) for e in row]
                for a, row in enumerate(rows)
            ]
            found += [(_clean(v), copy, ()) for v in _qr_eigenvalues(scaled)]
            continue
        formal = _Formal([_expand(e) for e in [*below, *(e for row in rows for e in row)]])
        solved, unsolved = _eigenvalues(
            formal,
            [[formal.into(e) for e in row] for row in rows],
            [formal.into(e) for e in below],
            form.scale,
        )
        found += [(v, copy * k, ()) for v, k, _ in solved]
        left += [(poly, copy * k) for poly, k in unsolved]
    straight = all((a - turns[0]) % pi == 0 for a in turns)
    return _spectrum(
        found,
        f"{size} clusters on a circle",
        residual,
        Add(*sizes),
        dimension,
        rank=1 if straight else 2,
        factors=left,
    )


@dataclass(frozen=True)
class _Pair:
    """What a unit mass at angle φ does to a token at angle 0 of a great circle.

    All are entries of the velocity, or of its differential, of two tokens of masses 0 and 1.
    """

    kernel: Expr
    angle: Symbol
    entries: tuple[Expr, ...]

    @classmethod
    def of(cls, model: Model) -> _Pair:
        kernel, angle = _form(model).kernel, Symbol("phi", real=True)
        flow = _numerator(kernel)
        here = {
            X: [[S.One, S.Zero, S.Zero], [cos(angle), sin(angle), S.Zero]],
            m: [[S.Zero], [S.One]],
        }
        still = Evaluator(here, {n: 2, d: 3}, apply=lambda body, at: _primed(body).subs(z, at))
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


def _numerator(kernel: Expr) -> Tangent:
    """Velocity before division by Z: at an equilibrium division only divides row i by Z_i."""
    return Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X)


def _form(model: Model) -> AttentionForm:
    _check_flow(model)
    form = attention_form(model)
    if form is None:
        raise ValueError(
            "Expected a model that depends on inner products only, with value matrix c·I, but got "
            f"model={model.name}: for others such as a general V the configuration need not be "
            "an equilibrium; use configuration(model, points) with explicit points and matrices."
        )
    kernel = _primed(form.kernel.rewrite((sinh, cosh, tanh), exponential))
    above, below = fraction(together(kernel))
    if z not in below.free_symbols and not form.normalised:
        return AttentionForm(_expand(above), form.normalised, form.scale / below)
    plain = _expand(above / below) if z not in below.free_symbols else kernel
    return AttentionForm(plain, form.normalised, form.scale)


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


def _check_counts(counts: Sequence[Expr]) -> None:
    for count in counts:
        if count.is_integer is False or count.is_positive is False:
            raise ValueError(
                f"Expected a number of tokens >= 1 but got count={count}; use a positive integer."
            )


def _weights(masses: Any, count: int) -> list[Expr]:
    if masses is None:
        return [Rational(1, count)] * count
    weights = [sympify(w) for w in masses]
    if len(weights) != count or any(w.is_positive is False for w in weights):
        raise ValueError(f"Expected {count} positive masses but got masses={masses}; one a token.")
    return weights


def _count_and_total(masses: Any) -> tuple[Expr, Expr]:
    if masses is None:
        return n, S.One
    if isinstance(masses, Sequence | MatrixBase):
        weights = _weights(masses, len(masses))
        return Integer(len(weights)), Add(*weights)
    return n, sympify(masses)


def _on_sphere(points: Any) -> Any:
    points = points.applyfunc(radsimp)
    for place, row in enumerate(points.tolist()):
        if simplify(Add(*(a * a for a in row)) - 1) != 0:
            raise ValueError(
                f"Expected unit rows but got points[{place}]={row}; divide it by its length."
            )
    return points


def _require_equilibrium(model: Model, name: str, residual: Expr) -> None:
    size = abs(residual)
    if residual == 0 or (residual.is_number and residual.has(Float) and size < _TOLERANCE):
        return
    raise ValueError(
        f"Expected an equilibrium of {model.name} but got {name} with velocity={residual}; "
        "correct the points, or polish floats with Newton's method."
    )


# ---- exact arithmetic: polynomials in the parameters and in formal exponentials -----------------


class _Formal:
    """Exact ring for given expressions: every transcendental value is one more generator."""

    def __init__(self, expressions: Sequence[Any]) -> None:
        self.table: dict[Expr, Symbol] = {}
        self.surds: set[Expr] = set()
        self.symbols: set[Symbol] = set()
        for expr in expressions:
            self.put(sympify(expr))
        field_ = QQ.algebraic_field(*sorted(self.surds, key=str)) if self.surds else QQ
        generators = [*sorted(self.symbols, key=str), *self.table.values()] or [Dummy("one")]
        self.domain = field_[tuple(generators)]
        self.back = {symbol: expr for expr, symbol in self.table.items()}

    def put(self, expr: Expr) -> Expr:
        """Replace what isn't polynomial by generators."""
        if expr.is_Rational:
            return expr
        if expr.is_Symbol:
            self.symbols.add(expr)
            return expr
        if isinstance(expr, Add | Mul):
            return expr.func(*map(self.put, expr.args))
        if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
            return Pow(self.put(expr.base), expr.exp)
        if isinstance(expr, Pow) and expr.is_algebraic and not expr.free_symbols:
            self.surds |= {Pow(expr.base, Rational(1, expr.exp.q))}
            return expr
        if expr not in self.table:
            self.table[expr] = Dummy(f"E{len(self.table)}")
        return self.table[expr]

    def into(self, expr: Any) -> Any:
        return self.domain.from_sympy(self.put(_expand(sympify(expr))))

    def out(self, element: Any, domain: Any = None) -> Expr:
        return (domain or self.domain).to_sympy(element).xreplace(self.back)


Found = list[tuple[Expr, Expr, tuple[Any, ...]]]


def _eigenvalues(
    formal: _Formal, rows: Rows, divisors: list[Any], scale: Expr, vectors: bool = False
) -> tuple[Found, list[tuple[Poly, Expr]]]:
    """Eigenvalues of ``scale · diag(divisors)^{-1} rows`` over the ring of ``formal``."""
    if not rows:
        return [], []
    domain = formal.domain
    common = divisors[0]
    for divisor in divisors[1:]:
        if divisor != common:
            common = domain.lcm(common, divisor)
    scaled = [
        [a if divisor == common else a * domain.exquo(common, divisor) for a in row]
        for divisor, row in zip(divisors, rows, strict=True)
    ]
    size = len(rows)
    matrix = DomainMatrix(scaled, (size, size), domain)
    unit = scale / formal.out(common)
    found: Found = []
    left: list[tuple[Poly, Expr]] = []
    steady, rest = _constant_eigenvectors(matrix)
    for value, kernel in steady:
        drawn = (
            [
                [formal.out(domain.convert_from(e, kernel.domain)) for e in row]
                for row in kernel.to_list()
            ]
            if vectors
            else []
        )
        found.append((_tidy(formal.out(value) * unit), Integer(kernel.shape[0]), tuple(drawn)))
    for coefficients, multiplicity in _charpoly_factors(rest):
        degree = len(coefficients) - 1
        if degree == 1:
            root = -formal.out(coefficients[1]) / formal.out(coefficients[0])
            modes: tuple[Any, ...] = ()
            if vectors:
                field_ = domain.get_field()
                shift = -field_.convert_from(coefficients[1], domain)
                shift /= field_.convert_from(coefficients[0], domain)
                over = matrix.to_field()
                space = (over - DomainMatrix.eye(size, over.domain) * shift).nullspace()
                modes = tuple([formal.out(e, over.domain) for e in row] for row in space.to_list())
            found.append((_tidy(root * unit), Integer(multiplicity), modes))
            continue
        values = [formal.out(c) for c in coefficients]
        if degree == 2:
            lead, middle, last = values
            half = sqrt(factor(middle**2 - 4 * lead * last))
            for sign in (1, -1):
                root = (-middle + sign * half) / (2 * lead)
                found.append((root * unit, Integer(multiplicity), ()))
            continue
        poly = Poly([c / unit ** (degree - j) for j, c in enumerate(values)], _LAMBDA)
        left.append((Poly(cancel(poly.as_expr()), _LAMBDA), Integer(multiplicity)))
    return found, left


def _constant_eigenvectors(matrix: Any) -> tuple[list[tuple[Any, Any]], Any]:
    """Eigenvalues whose eigenvectors don't depend on the parameters, and the block that is left.

    Candidates are the eigenspaces at one arbitrary point of the parameter space; each is kept only
    if it satisfies ``A v = λ v`` identically. Modulo the kept ones the matrix acts as the block.
    """
    domain, size = matrix.domain, matrix.shape[0]
    ground = domain.domain
    point = [
        (g, ground(_PRIMES[j % len(_PRIMES)] + 100 * (j // len(_PRIMES))))
        for j, g in enumerate(domain.ring.gens)
    ]
    rows = matrix.to_list()
    special = DomainMatrix(
        [[ground.convert(e.evaluate(point)) for e in row] for row in rows], (size, size), ground
    )
    kept: list[tuple[Any, Any]] = []
    for coefficients, _ in special.charpoly_factor_list():
        if len(coefficients) != 2:
            continue
        root = -coefficients[1] / coefficients[0]
        kernel = (special - DomainMatrix.eye(size, ground) * root).nullspace()
        vectors = [[domain.convert_from(e, ground) for e in row] for row in kernel.to_list()]
        values = set()
        for raw, vector in zip(kernel.to_list(), vectors, strict=True):
            image = [
                sum((a * v for a, v in zip(row, vector, strict=True) if v), domain.zero)
                for row in rows
            ]
            first = next(j for j, v in enumerate(vector) if v)
            value = image[first] * domain.convert_from(ground.one / raw[first], ground)
            if all(w == value * v for w, v in zip(image, vector, strict=True)):
                values.add(value)
            else:
                values |= {None, value}
        if len(values) == 1:
            kept.append((values.pop(), kernel))
    basis = [row for _, kernel in kept for row in kernel.to_list()]
    if len(basis) == size:
        return kept, DomainMatrix([], (0, 0), domain)
    if not basis:
        return kept, matrix
    spread = DomainMatrix(basis, (len(basis), size), ground)
    _, pivots = spread.rref()
    for axis in range(size):
        if axis not in pivots:
            basis.append([ground.one if j == axis else ground.zero for j in range(size)])
    change = DomainMatrix(basis, (size, size), ground).transpose()
    turned = (change.inv().convert_to(domain) * matrix * change.convert_to(domain)).to_list()
    start = len(pivots)
    block = [row[start:] for row in turned[start:]]
    return kept, DomainMatrix(block, (size - start, size - start), domain)


_PRIMES = (11, 17, 23, 31, 41, 47, 59, 67, 73, 83, 97)


def _charpoly_factors(matrix: Any) -> list[tuple[list[Any], int]]:
    """Factors of the characteristic polynomial, irreducible when there are no square roots."""
    if matrix.shape[0] == 0:
        return []
    if matrix.domain.domain.is_QQ:
        factors: list[tuple[list[Any], int]] = matrix.charpoly_factor_list()
        return factors
    return [(matrix.charpoly(), 1)]


def _exact_eigenvalues(rows: Rows, scale: Expr) -> tuple[Found, list[tuple[Poly, Expr]]]:
    """Eigenvalues of a matrix of expressions that may be quotients."""
    parts = [[fraction(cancel(together(e))) for e in row] for row in rows]
    shared = [lcm([below for _, below in row] + [S.One]) for row in parts]
    cleared = [
        [_expand(cancel(above * common / below)) for above, below in row]
        for common, row in zip(shared, parts, strict=True)
    ]
    shared = [_expand(common) for common in shared]
    formal = _Formal([*shared, *(e for row in cleared for e in row)])
    return _eigenvalues(
        formal,
        [[formal.into(e) for e in row] for row in cleared],
        [formal.into(common) for common in shared],
        scale,
    )


def _cluster_spectrum(
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
    form, dimension = _form(model), sympify(dimension)
    size = points.rows
    gram = (points * points.T).applyfunc(lambda e: radsimp(_expand(e)))
    ground = _Formal(list(gram)).domain.domain
    entries = [[ground.from_sympy(e) for e in row] for row in gram.tolist()]
    reduced, pivots = DomainMatrix(entries, (size, size), ground).rref()
    rank = len(pivots)
    coordinates = [
        [ground.to_sympy(reduced[p, j].element) for p in range(rank)] for j in range(size)
    ]
    if dimension.is_number and dimension < rank:
        raise ValueError(
            f"Expected a dimension >= {rank} for {name} but got dimension={dimension}; "
            "leave it out."
        )
    outside = dimension != rank
    width = rank + (1 if outside else 0)
    metric = [[gram[p, q] for q in pivots] + [S.Zero] * (width - rank) for p in pivots]
    metric += [[S.Zero] * rank + [S.One]] * (width - rank)
    inner = sorted(set(gram), key=str)
    values = {g: _expand(form.kernel.subs(z, g).doit()) for g in inner}
    slopes = {g: _expand(_primed(form.kernel.diff(z)).subs(z, g).doit()) for g in inner}
    whole, shares = _clear(weights)
    formal = _Formal(
        [
            *gram,
            *values.values(),
            *slopes.values(),
            *shares,
            *(e for row in coordinates for e in row),
        ]
    )
    cache: dict[tuple[Expr, Any], Any] = {}

    def apply(body: Expr, value: Any) -> Any:
        key = (body, value)
        if key not in cache:
            at = radsimp(formal.out(value))
            known = values if body == form.kernel else slopes
            cache[key] = formal.into(known[at] if at in known else body.subs(z, at))
        return cache[key]

    massless = [a for a in range(size) if counts[a] != 1]
    places = [*range(size), *massless]
    tail = [S.Zero] * (width - rank)
    rows = [[formal.into(e) for e in [*coordinates[a], *tail]] for a in places]
    heavy = [[formal.into(w)] for w in [*shares, *[S.Zero] * len(massless)]]
    base = Evaluator(
        {X: rows, m: heavy},
        {n: len(places), d: width},
        formal.into,
        apply,
        width=d,
        form=[[formal.into(e) for e in row] for row in metric],
    )
    flow = _numerator(form.kernel)
    speeds = [simplify(formal.out(e)) for row in base(flow) for e in row]
    residual = form.scale * Add(*(abs(e) for e in speeds if e != 0))
    _require_equilibrium(model, name, residual)
    one = formal.into(S.One)
    divisors = [one] * len(places)
    if form.normalised:
        divisors = [row[0] for row in base(Elementwise(form.kernel, X * X.T) * m)]
    zero = formal.into(S.Zero)
    slope = differential(flow, X, _U)
    bases = [_tangent_basis(formal, base.form or [], rows[a], rank) for a in range(size)]

    def image(place: int, vector: list[Any]) -> Rows:
        moved = [[zero] * width for _ in places]
        moved[place] = vector
        return base.with_value(_U, moved)(slope)

    def block(chosen: list[int], across: bool) -> tuple[Rows, list[Any], list[Any]]:
        """Jacobian restricted to the chosen rows, in the span of the points or across it."""
        directions = []
        for place in chosen:
            if across:
                directions.append((place, rank, [zero] * rank + [one]))
            else:
                for axis, vector in bases[places[place]]:
                    directions.append((place, axis, [*vector, *[zero] * (width - rank)]))
        images = [image(place, vector) for place, _, vector in directions]
        matrix = [[moved[place][axis] for moved in images] for place, axis, _ in directions]
        return matrix, [divisors[place] for place, _, _ in directions], directions

    scale = form.scale if form.normalised else form.scale / whole
    basis_points = Matrix([list(points.row(p)) for p in pivots])
    found: Found = []
    left: list[tuple[Poly, Expr]] = []
    jobs = [(list(range(size)), S.One)]
    jobs += [([size + j], counts[a] - 1) for j, a in enumerate(massless)]
    for chosen, copies in jobs:
        for across in (False, True) if outside else (False,):
            matrix, below, directions = block(chosen, across)
            many = copies * (dimension - rank if across else 1)
            wanted = vectors and len(chosen) == size and chosen[0] == 0
            solved, unsolved = _eigenvalues(formal, matrix, below, scale, wanted)
            for value, multiplicity, modes in solved:
                drawn = tuple(
                    _displacement(formal, mode, directions, basis_points, size, rank, outside)
                    for mode in modes
                )
                found.append((value, multiplicity * many, drawn))
            left += [(poly, multiplicity * many) for poly, multiplicity in unsolved]
    return _spectrum(
        found, name, residual, Add(*counts), dimension, rank, left, keep_vectors=vectors
    )


def _clear(weights: list[Expr]) -> tuple[Expr, list[Expr]]:
    """Find the weights' common denominator, and the weights times it."""
    parts = [fraction(together(w)) for w in weights]
    common = lcm([below for _, below in parts] + [S.One])
    return common, [_expand(cancel(above * common / below)) for above, below in parts]


def _tangent_basis(
    formal: _Formal, metric: Rows, row: list[Any], rank: int
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
    formal: _Formal,
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


def _direct_spectrum(
    model: Model, points: Any, weights: list[Expr], matrices: dict[Any, Any], name: str
) -> Spectrum:
    """Spectrum of any model whose differential exists, from explicit points."""
    base = _base(model, points, weights, matrices, sympify, _exact_value)
    residual = Add(*(abs(simplify(e)) for row in base(model.velocity) for e in row))
    _require_equilibrium(model, name, residual)
    matrix = _jacobian(base, model, points.tolist(), S.Zero, S.One)
    solved, left = _exact_eigenvalues(matrix, S.One)
    count, width = points.shape
    return _spectrum(
        solved,
        name,
        residual,
        Integer(count),
        Integer(width),
        points.rank(),
        left,
        isotropic=not matrices,
    )


def _base(
    model: Model,
    points: Any,
    weights: list[Expr],
    matrices: dict[Any, Any],
    scalar: Callable[[Any], Any],
    apply: Callable[[Expr, Any], Any],
) -> Evaluator:
    """Make an evaluator with explicit points, masses and matrices."""
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


def _jacobian(base: Evaluator, model: Model, points: Rows, zero: Any, one: Any) -> Rows:
    """Jacobian in the tangent space, for orthonormal coordinates of the points.

    A tangent vector is given by its coordinates but the one where the point's is largest.
    """
    slope, width = differential(model.velocity, X, _U), len(points[0])
    labels: list[tuple[int, int]] = []
    images: list[Rows] = []
    for place, row in enumerate(points):
        pivot = max(range(width), key=lambda j: abs(float(row[j])))
        for axis in range(width):
            if axis == pivot:
                continue
            moved = [[zero] * width for _ in points]
            moved[place][axis] = one
            moved[place][pivot] = -row[axis] / row[pivot]
            labels.append((place, axis))
            images.append(base.with_value(_U, moved)(slope))
    return [[moved[place][axis] for moved in images] for place, axis in labels]


# ---- floats -------------------------------------------------------------------------------------


def _number(expr: Any) -> Expr:
    value = sympify(expr).evalf()
    if not value.is_number:
        raise ValueError(
            f"Expected a number for every parameter but got {sorted(map(str, value.free_symbols))} "
            "with float points; use model.subs({beta: 4.0}), or exact points."
        )
    return value


def _float_spectrum(
    model: Model, points: Any, weights: list[Expr], matrices: dict[Any, Any]
) -> Spectrum:
    """Spectrum in double precision."""

    def scalar(expr: Any) -> float:
        return float(_number(expr))

    def apply(body: Expr, value: float) -> float:
        return scalar(body.subs(z, value))

    places = [[scalar(e) for e in row] for row in points.tolist()]
    for place, row in enumerate(places):
        if abs(sum(a * a for a in row) - 1) > _TOLERANCE:
            raise ValueError(
                f"Expected unit rows but got points[{place}]={row}; divide it by its length."
            )
    base = _base(model, points, weights, matrices, scalar, apply)
    residual = Float(max(abs(e) for row in base(model.velocity) for e in row))
    _require_equilibrium(model, f"{points.rows} tokens", residual)
    matrix = _jacobian(base, model, places, 0.0, 1.0)
    values = _qr_eigenvalues([[complex(e) for e in row] for row in matrix])
    return _spectrum(
        [(_clean(v), S.One, ()) for v in values],
        f"{points.rows} tokens",
        residual,
        Integer(points.rows),
        Integer(points.cols),
        Matrix(places).rank(iszerofunc=lambda e: abs(e) < _TOLERANCE),
        isotropic=not matrices,
    )


def _clean(value: complex) -> Expr:
    if abs(value) < _TOLERANCE:
        return S.Zero
    if abs(value.imag) < _TOLERANCE * abs(value):
        return Float(value.real)
    return Float(value.real) + Float(value.imag) * S.ImaginaryUnit


def _qr_eigenvalues(matrix: list[list[complex]]) -> list[complex]:
    """Eigenvalues of a small dense matrix: Hessenberg form, then shifted QR with deflation."""
    a, size = [row[:] for row in matrix], len(matrix)
    for column in range(size - 2):
        vector = [a[i][column] for i in range(column + 1, size)]
        length = sum(abs(v) ** 2 for v in vector) ** 0.5
        if length == 0:
            continue
        vector[0] += length * (vector[0] / abs(vector[0]) if vector[0] else 1.0)
        square = sum(abs(v) ** 2 for v in vector)
        for j in range(size):
            dot = sum(v.conjugate() * a[column + 1 + i][j] for i, v in enumerate(vector))
            for i, v in enumerate(vector):
                a[column + 1 + i][j] -= 2 * v * dot / square
        for i in range(size):
            dot = sum(a[i][column + 1 + j] * v for j, v in enumerate(vector))
            for j, v in enumerate(vector):
                a[i][column + 1 + j] -= 2 * dot * v.conjugate() / square
    values: list[complex] = []
    scale = max((abs(e) for row in a for e in row), default=0.0)
    high, steps = size, 0
    while high > 0:
        low = high - 1
        while low > 0 and abs(a[low][low - 1]) > 2.3e-16 * (
            abs(a[low][low]) + abs(a[low - 1][low - 1]) + 1e-3 * scale
        ):
            low -= 1
        if low == high - 1:
            values.append(a[low][low])
            high, steps = low, 0
            continue
        p, q, r, s = (a[i][j] for i in (high - 2, high - 1) for j in (high - 2, high - 1))
        root = cmath.sqrt((p - s) ** 2 / 4 + q * r)
        shift = min(((p + s) / 2 + root, (p + s) / 2 - root), key=lambda w: abs(w - s))
        steps += 1
        if steps % 11 == 0:
            shift += abs(a[high - 1][high - 2])
        if steps > 500:
            raise ArithmeticError(
                f"Expected convergence of the QR iteration but got steps={steps}; use exact points."
            )
        turns = []
        for i in range(low, high):
            a[i][i] -= shift
        for i in range(low, high - 1):
            x, y = a[i][i], a[i + 1][i]
            length = (abs(x) ** 2 + abs(y) ** 2) ** 0.5
            c, w = (x / length, y / length) if length else (1.0 + 0j, 0j)
            turns.append((c, w))
            for j in range(i, high):
                u, v = a[i][j], a[i + 1][j]
                a[i][j] = c.conjugate() * u + w.conjugate() * v
                a[i + 1][j] = c * v - w * u
        for i, (c, w) in zip(range(low, high - 1), turns, strict=True):
            for j in range(low, min(i + 2, high - 1) + 1):
                u, v = a[j][i], a[j][i + 1]
                a[j][i] = u * c + v * w
                a[j][i + 1] = v * c.conjugate() - u * w.conjugate()
        for i in range(low, high):
            a[i][i] += shift
    return values


# ---- assembling ---------------------------------------------------------------------------------


def _spectrum(
    found: Found,
    name: str,
    residual: Expr,
    tokens: Expr,
    dimension: Expr,
    rank: int,
    factors: Sequence[tuple[Poly, Expr]] = (),
    keep_vectors: bool = False,
    isotropic: bool = True,
) -> Spectrum:
    merged = _merge(found)
    joined: dict[Poly, Expr] = {}
    for poly, multiplicity in factors:
        joined[poly] = joined.get(poly, S.Zero) + multiplicity
    return Spectrum(
        configuration=name,
        eigenvalues=tuple((v, k) for v, k, _ in merged),
        residual=sympify(residual),
        tokens=tokens,
        dimension=dimension,
        rotations=rank * dimension - Rational(rank * (rank + 1), 2) if isotropic else S.Zero,
        factors=tuple((poly, factor(k)) for poly, k in joined.items() if k != 0),
        vectors=tuple(w for _, _, w in merged) if keep_vectors else None,
    )


def _merge(found: Found) -> Found:
    """Join equal eigenvalues; drop multiplicity 0; zero first."""
    merged: Found = []
    for value, multiplicity, modes in found:
        multiplicity = factor(multiplicity)
        if multiplicity == 0:
            continue
        for place, (other, count, drawn) in enumerate(merged):
            if _equal(value, other):
                merged[place] = (other, factor(count + multiplicity), (*drawn, *modes))
                break
        else:
            merged.append((value, multiplicity, modes))
    return sorted(merged, key=lambda item: item[0] != 0)


def _equal(first: Expr, second: Expr) -> bool:
    if first == second:
        return True
    gap = first - second
    if gap.has(Float):
        return bool(gap.is_number and abs(gap) <= _TOLERANCE * (1 + abs(first.evalf())))
    symbols = sorted(gap.free_symbols, key=str)
    try:
        probe = gap.subs({s: Rational(7 + 3 * j, 5 + j) for j, s in enumerate(symbols)}).evalf()
        if probe.is_number and abs(probe) > Rational(1, 10**9):
            return False
    except (TypeError, ValueError):
        pass
    return bool(simplify(gap) == 0)


def _settle(value: Expr) -> Expr:
    """Plain float where a float came in."""
    return value.evalf() if value.is_number and value.has(Float) else value


def _tidy(expr: Expr) -> Expr:
    """One factor for each exponential, or one fraction; exponents stay as they are."""
    names = {e: Dummy(f"E{j}") for j, e in enumerate(sorted(expr.atoms(exponential), key=str))}
    plain = together(expr.xreplace(names))
    if fraction(plain)[1].free_symbols:
        plain = factor(cancel(plain))
    elif len(names) > 1:
        plain = collect(_expand(plain), list(names.values()), factor)
    else:
        plain = factor(plain)
    return plain.xreplace({symbol: e for e, symbol in names.items()})


def _room(multiplicity: Expr) -> Expr:
    """Write n and d as 1 + a positive integer."""
    return sympify(multiplicity).subs({n: 1 + _OTHERS, d: 1 + _CODIMENSION})


def _sign(value: Expr) -> int | None:
    """1, 0 or -1, or None when the assumptions leave it open."""
    if value.is_number:
        real = value.evalf()
        if real.is_real is False:
            real = real.as_real_imag()[0]
        if abs(real) < Rational(1, 10**12):
            return 0 if value.has(Float) or simplify(value) == 0 else (1 if real > 0 else -1)
        return 1 if real > 0 else -1
    for candidate in (value, factor(value)):
        for answer, known in (
            (0, candidate.is_zero),
            (1, candidate.is_positive),
            (-1, candidate.is_negative),
        ):
            if known:
                return answer
    return None
