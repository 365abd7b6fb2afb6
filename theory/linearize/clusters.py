"""Spectra at clustered equilibria: consensus and antipodal states with symbolic n and d.

Also regular k-gons, simplices, cross-polytopes, clusters of any masses on the circle, and any
configuration of a user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sympy import (
    Add,
    Expr,
    Float,
    Integer,
    Matrix,
    Poly,
    Rational,
    S,
    cos,
    pi,
    radsimp,
    simplify,
    sin,
    sqrt,
    sympify,
)
from sympy.matrices import MatrixBase

from theory.linearize.eigenvalues import (
    FormalRing,
    multiplied_out,
    ring_eigenvalues,
    tidied,
    without_denominators,
)
from theory.linearize.engine import (
    PairResponse,
    cluster_spectrum,
    direct_spectrum,
    require_equilibrium,
    scalar_form,
    spelled_out,
    token_masses,
)
from theory.linearize.one_point import spectrum_at_one_point
from theory.linearize.spectrum import Found, Spectrum, assembled_spectrum
from theory.models import Model, attention_form
from theory.symbols import d, n


def consensus(
    model: Model,
    masses: Any = None,
    dimension: Any = d,
    eigenvectors: bool = False,
    tokens: Any = None,
) -> Spectrum:
    """Spectrum where all tokens coincide, for symbolic n and d.

    Parameters
    ----------
    model : Model
        Attention with value matrix c I and weights of any kind: sums of softmaxes, sinks, several
        species, lengths beside directions, masks. Or any model that treats all tokens alike.
    masses : sequence or Expr, optional
        The masses of the tokens, or their sum M with n left symbolic; 1 by default.
    dimension : int or Expr
        The dimension d.
    eigenvectors : bool
        Whether to list the motions of the cluster: for a model of inner products only.
    tokens : int or Matrix, optional
        A number of tokens for a mask or positions that tell tokens apart; or the matrix of a graph.

    Returns
    -------
    Spectrum
        Under causal masks with `places`, the eigenvalue that each token adds. Where consensus
        itself moves (`moving`) the eigenvalues are those across it, at the point x*; or of
        `operators`, such as those of a transformer's layer, whose inner values `scalars` name.

    Examples
    --------
    >>> from theory.models import CAUSAL, PRE_LN, QKV, SA, USA
    >>> consensus(SA).eigenvalues
    ((0, d - 1), (-1, (d - 1)*(n - 1)))
    >>> consensus(USA).stable.name
    'STABLE'
    >>> consensus(PRE_LN).eigenvalues
    ((0, d - 1), (-1/r, (d - 1)*(n - 1)))
    >>> consensus(CAUSAL).places
    (((1 - place)/place, d - 1),)
    >>> consensus(QKV).eigenvalues
    ((-<x*,Vx*>, (d - 1)*(n - 1)),)
    """
    if tokens is None and len(model.blocks) == 1 and attention_form(model) is not None:
        count, total = _count_and_total(masses)
        return cluster_spectrum(
            model, Matrix([[1]]), [total], [count], dimension, "consensus", eigenvectors
        )
    if eigenvectors:
        raise ValueError(
            "Expected a model of inner products only for eigenvectors=True but got "
            f"model={model.name}; leave eigenvectors out."
        )
    return spectrum_at_one_point(model, tokens, masses, dimension)


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
        The dimension d.
    eigenvectors : bool
        Whether to list the motions of the two clusters.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

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
    return cluster_spectrum(
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

    Parameters
    ----------
    model : Model
        The model.
    count : int
        Number of tokens.
    dimension : object, optional
        Dimension of the space.
    eigenvectors : bool, optional
        Whether to keep eigenvectors.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

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
    return cluster_spectrum(
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

    Parameters
    ----------
    model : Model
        The model.
    axes : int
        Number of axes.
    dimension : object, optional
        Dimension of the space.
    eigenvectors : bool, optional
        Whether to keep eigenvectors.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

    Examples
    --------
    >>> from theory.models import USA
    >>> len(cross_polytope(USA, 3).eigenvalues)
    4
    """
    if not isinstance(axes, int) or axes < 1:
        raise ValueError(f"Expected a number of axes >= 1 but got axes={axes!r}; use an integer.")
    points = Matrix.vstack(Matrix.eye(axes), -Matrix.eye(axes))
    return cluster_spectrum(
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
        Unit rows of integers, rationals and square roots; the eigenvalues are exact, with beta
        symbolic if it is. For floats there is ``numerics.spectrum_at``.
    masses : sequence, optional
        One mass a token, 1/n by default.
    matrices : mapping, optional
        Values of the model's matrix parameters, such as ``{V: Matrix(...)}``.
    eigenvectors : bool
        Whether to list eigenvectors: exact points, and a model of inner products only.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

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
    weights = token_masses(masses, count)
    given = {symbol: Matrix(entries) for symbol, entries in (matrices or {}).items()}
    if eigenvectors and attention_form(model) is None:
        raise ValueError(
            "Expected a model of inner products only for eigenvectors=True but got "
            f"model={model.name}; leave eigenvectors out."
        )
    if matrix.has(Float) or any(w.has(Float) for w in weights):
        raise ValueError(
            f"Expected exact points and masses but got points={points}, masses={masses}; call "
            "numerics.spectrum_at(model, points, masses) with floats."
        )
    matrix = _on_sphere(matrix)
    name = f"{count} tokens"
    if attention_form(model) is None:
        return direct_spectrum(model, matrix, weights, given, name)
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
    return cluster_spectrum(model, Matrix(rows), totals, counts, matrix.cols, name, eigenvectors)


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
        The dimension d, at least 2.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

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
    form, pair = scalar_form(model), PairResponse.of(model)
    angles = [2 * pi * b / k for b in range(k)]
    residual = spelled_out(model, multiplied_out(Add(*(pair.pull(a) for a in angles))))
    require_equilibrium(model, f"regular {k}-gon", residual)
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
            found.append((share * tidied(total), copy * twice, ()))
        found.append((share * tidied(diagonal), copy * k * (size - 1), ()))
    return assembled_spectrum(
        found,
        f"regular {k}-gon, {size} at each vertex",
        residual,
        k * size,
        dimension,
        rank=1 if k == 2 else 2,
    ).applied(partial(spelled_out, model))


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
        One angle a cluster, an exact multiple of pi (for floats, ``numerics.spectrum_at``).
    masses : sequence, optional
        Total mass of each cluster; in proportion to ``counts`` by default.
    counts : sequence, optional
        Tokens in each cluster, 1 by default; may be symbolic.
    dimension : int or Expr
        The dimension d, at least 2.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.
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
    if any(a.has(Float) for a in [*turns, *weights]):
        raise ValueError(
            f"Expected exact angles and masses but got angles={list(angles)}, masses={masses}; "
            "for floats call numerics.spectrum_at(model, points, masses)."
        )
    form, pair, size = scalar_form(model), PairResponse.of(model), len(turns)

    def table(function: Callable[[Any], Expr], loads: list[Expr]) -> list[list[Expr]]:
        return [[w * function(b - a) for b, w in zip(turns, loads, strict=True)] for a in turns]

    gaps = [cos(b - a).rewrite(sqrt) for a in turns for b in turns]
    if any(not g.is_number or g.atoms(cos, sin) for g in gaps):
        raise ValueError(
            "Expected angles whose cosines are square roots, or floats, but got "
            f"angles={list(angles)}; use polygon(model, k) for equal clusters at 2*pi*j/k."
        )
    residual = Add(*(abs(Add(*row)) for row in table(pair.pull, weights)))
    residual = spelled_out(model, simplify(residual))
    require_equilibrium(model, f"{size} clusters on a circle", residual)
    whole, shares = without_denominators(weights)
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
            value = tidied(form.scale * diagonal[a] / below[a])
            found.append((value, copy * (sizes[a] - 1), ()))
        formal = FormalRing(
            [multiplied_out(e) for e in [*below, *(e for row in rows for e in row)]]
        )
        solved, unsolved = ring_eigenvalues(
            formal,
            [[formal.into(e) for e in row] for row in rows],
            [formal.into(e) for e in below],
            form.scale,
        )
        found += [(v, copy * k, ()) for v, k, _ in solved]
        left += [(poly, copy * k) for poly, k in unsolved]
    straight = all((a - turns[0]) % pi == 0 for a in turns)
    return assembled_spectrum(
        found,
        f"{size} clusters on a circle",
        residual,
        Add(*sizes),
        dimension,
        rank=1 if straight else 2,
        factors=left,
    ).applied(partial(spelled_out, model))


def _check_counts(counts: Sequence[Expr]) -> None:
    for count in counts:
        if count.is_integer is False or count.is_positive is False:
            raise ValueError(
                f"Expected a number of tokens >= 1 but got count={count}; use a positive integer."
            )


def _count_and_total(masses: Any) -> tuple[Expr, Expr]:
    if masses is None:
        return n, S.One
    if isinstance(masses, Sequence | MatrixBase):
        weights = token_masses(masses, len(masses))
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
