"""Hypothesis strategies for tokens, masses, kernels, matrices, masks and models; and a search.

Tokens are drawn on a lattice and normalised, so that a failing example shrinks to few points with
small integer coordinates; numbers are multiples of 1/8 or 1/2. `systems` draws a model of the
catalogue together with values of all that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sympy import Matrix, MatrixSymbol

from numerics.arguments import FloatArray
from proofs_checks.sample import Sample, masks_of, sample_of
from proofs_checks.scratch import nothing_left_behind
from theory.masks import Mask
from theory.models import REPULSIVE, SA, USA, Model, catalogue
from theory.symbols import m


@st.composite
def points(
    draw: st.DrawFn,
    n: int | tuple[int, int] = (1, 6),
    d: int | tuple[int, int] = (2, 4),
    spread: int = 4,
) -> FloatArray:
    """Draw unit rows on a lattice: integers in [-spread, spread], normalised.

    Duplicates and antipodes are drawn too.

    Parameters
    ----------
    n, d : int or pair of int
        Number of tokens and dimension, or their range.
    spread : int
        Largest coordinate before normalising.
    """
    rows = n if isinstance(n, int) else draw(st.integers(*n))
    columns = d if isinstance(d, int) else draw(st.integers(*d))
    entry = st.integers(-spread, spread)
    vector = st.lists(entry, min_size=columns, max_size=columns).filter(any)
    lattice = np.array(draw(st.lists(vector, min_size=rows, max_size=rows)), dtype=np.float64)
    unit: FloatArray = lattice / np.linalg.norm(lattice, axis=1, keepdims=True)
    return unit


@st.composite
def hemispherical_points(
    draw: st.DrawFn, n: int | tuple[int, int] = (1, 6), d: int | tuple[int, int] = (2, 4)
) -> FloatArray:
    """Draw points in an open hemisphere: the last coordinate of every row is positive.

    Parameters
    ----------
    n, d : int or (int, int)
        Numbers of tokens and of coordinates, or their least and greatest.

    Returns
    -------
    SearchStrategy[ndarray]
        A strategy of Hypothesis.
    """
    drawn: FloatArray = draw(points(n, d))
    lifted = np.array(drawn)
    lifted[:, -1] = np.abs(lifted[:, -1]) + 0.25
    unit: FloatArray = lifted / np.linalg.norm(lifted, axis=1, keepdims=True)
    return unit


def masses(n: int, smallest: float = 0.1, largest: float = 4.0) -> st.SearchStrategy[FloatArray]:
    """Positive masses, multiples of 1/10, of any sum.

    Parameters
    ----------
    n : int
        Number of masses.
    smallest : float, optional
        The least mass, a multiple of 1/10.
    largest : float, optional
        The largest mass.

    Returns
    -------
    SearchStrategy[ndarray]
        A strategy of Hypothesis.
    """
    steps = st.integers(max(1, round(10 * smallest)), round(10 * largest))
    return st.lists(steps, min_size=n, max_size=n).map(lambda s: np.array(s, dtype=float) / 10)


def betas(low: float = 0.0, high: float = 9.0) -> st.SearchStrategy[float]:
    """Inverse temperatures, multiples of 1/8 between two bounds.

    Parameters
    ----------
    low : float, optional
        Least value.
    high : float, optional
        Largest value.

    Returns
    -------
    SearchStrategy[float]
        A strategy of Hypothesis.
    """
    return st.integers(round(8 * low), round(8 * high)).map(lambda s: s / 8)


def kernels(parameter: str = "beta") -> st.SearchStrategy[str]:
    """Draw kernels h(t) as text: sums of powers and exponentials with small coefficients.

    Parameters
    ----------
    parameter : str
        What the exponentials hold; an empty string for none.

    Returns
    -------
    SearchStrategy[str]
        A strategy of Hypothesis.

    Examples
    --------
    >>> falsify(kernels(), lambda text: "exp" not in text, 100, np.random.default_rng(0))
    'exp(beta*t)'
    """
    rate = f"{parameter}*t" if parameter else "t"
    bases = ("t", "t**2", "t**3", f"exp({rate})", f"exp(-{rate})", f"cosh({rate})")
    term = st.tuples(st.sampled_from(["", "2*", "1/2*", "-"]), st.sampled_from(bases))
    # at most two: three exponentials may cancel, and a constant makes no flow
    terms = st.lists(term, min_size=1, max_size=2, unique_by=lambda pair: pair[1])
    return terms.map(lambda found: " + ".join(map("".join, found)).replace("+ -", "- "))


def matrices(
    rows: int, columns: int | None = None, kind: str = "any"
) -> st.SearchStrategy[FloatArray]:
    """Draw matrices such as Q, K and V: multiples of 1/2.

    Parameters
    ----------
    rows, columns : int
        Shape; square where one number is given.
    kind : {"any", "symmetric", "definite", "orthogonal", "scalar"}
        Any entries; symmetric ones; positive definite; a signed permutation; ``c I``.

    Returns
    -------
    SearchStrategy[ndarray]
        A strategy of Hypothesis.

    Examples
    --------
    >>> turned = matrices(2, kind="orthogonal")
    >>> falsify(turned, lambda a: a[0, 0] == 1, 100, np.random.default_rng(0)).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    kinds = ("any", "symmetric", "definite", "orthogonal", "scalar")
    if kind not in kinds:
        raise ValueError(f"Expected kind one of {kinds} but got kind={kind!r}.")
    width = rows if columns is None else columns
    if kind != "any" and width != rows:
        raise ValueError(
            f"Expected a square matrix for kind={kind!r} but got rows={rows}, columns={columns}."
        )
    halves = st.integers(-4, 4).map(lambda v: v / 2)
    line = st.lists(halves, min_size=width, max_size=width)
    table = st.lists(line, min_size=rows, max_size=rows).map(np.array)
    if kind == "symmetric":
        return table.map(lambda a: (a + a.T) / 2)
    if kind == "definite":
        return table.map(lambda a: a @ a.T + np.eye(rows) / 2)
    if kind == "orthogonal":
        signs = st.lists(st.sampled_from([1.0, -1.0]), min_size=rows, max_size=rows)
        order = st.permutations(list(range(rows)))
        return st.builds(lambda s, o: np.diag(s)[:, o], signs, order)
    if kind == "scalar":
        return halves.map(lambda v: v * np.eye(rows))
    return table


@st.composite
def masks(draw: st.DrawFn, n: int, sighted: bool = True) -> Mask:
    """Draw a mask for n tokens: of each kind, and graphs with explicit 0/1 matrices.

    Parameters
    ----------
    n : int
        Number of tokens.
    sighted : bool
        Whether every token sees somebody: without the strictly causal mask, whose first doesn't.

    Examples
    --------
    >>> falsify(masks(3), lambda mask: mask.triangular, 100, np.random.default_rng(0))
    Mask(band 1)
    """
    kinds = ["causal", "band", "graph"] + (["bipartite"] if n > 1 else [])
    kind = draw(st.sampled_from(kinds if sighted else [*kinds, "strictly causal"]))
    if kind == "causal":
        return Mask.causal()
    if kind == "strictly causal":
        return Mask.strictly_causal()
    if kind == "band":
        return Mask.band(draw(st.integers(0, n - 1)))
    if kind == "bipartite":
        return Mask.bipartite(draw(st.integers(1, n - 1)))
    line = st.lists(st.sampled_from([0, 1]), min_size=n, max_size=n).filter(any)
    return Mask.graph(Matrix(draw(st.lists(line, min_size=n, max_size=n))))


def relabellings(mask: Mask | None, n: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw relabellings of n tokens under which a mask stays the same: all without a mask.

    Attention with a mask that knows no other places is equivariant under these.

    Parameters
    ----------
    mask : Mask
        Who sees whom; everybody everybody by default.
    n : int
        Number of tokens.

    Returns
    -------
    SearchStrategy[tuple of int]
        A strategy of Hypothesis.

    Examples
    --------
    >>> orders = relabellings(Mask.band(1), 3)
    >>> falsify(orders, lambda order: order[0] == 0, 100, np.random.default_rng(0))
    (2, 1, 0)
    """
    orders = list(permutations(range(n)))
    if mask is not None:
        table = np.array(mask.on(n).tolist(), dtype=int)
        orders = [o for o in orders if np.array_equal(table[np.ix_(o, o)], table)]
    return st.sampled_from(orders)


def models() -> st.SearchStrategy[Model]:
    """Draw one of the models with the single parameter beta.

    Returns
    -------
    SearchStrategy[Model]
        A strategy of Hypothesis.
    """
    return st.sampled_from([SA, USA, REPULSIVE])


@st.composite
def systems(
    draw: st.DrawFn,
    names: Sequence[str] | None = None,
    n: int | tuple[int, int] = (1, 5),
    d: int | tuple[int, int] = (2, 4),
) -> Sample:
    """Draw a model of the catalogue with parameters, masses and a state: all that it needs.

    Parameters
    ----------
    names : sequence of str, optional
        Names or combinations to draw from; all of the catalogue by default.
    n, d : int or pair of int
        Number of tokens and dimension, or their range. The dimension is even where it must be.

    Returns
    -------
    Sample
        With ``.model``, ``.values`` of the parameters, ``.state``, ``.velocity()``.

    Examples
    --------
    >>> drawn = systems(["pre-LN"], n=(2, 3))
    >>> sample = falsify(drawn, lambda sample: False, 1, np.random.default_rng(0))
    >>> sorted(sample.state), sample.velocity()["r"].shape
    (['X', 'r'], (2, 1))
    """
    name = draw(st.sampled_from(list(names or catalogue())))  # type: ignore[arg-type]
    model = catalogue(name)
    assert isinstance(model, Model)  # a name was given
    rows = n if isinstance(n, int) else draw(st.integers(*n))
    columns = d if isinstance(d, int) else draw(st.integers(*d))
    try:
        sample = sample_of(model, rows, columns)
    except ValueError:  # rotations of pairs of coordinates
        sample = sample_of(model, rows, columns + columns % 2)
    graphs = [mask.parameter for mask in masks_of(model)]
    values: dict[str, Any] = {}
    for parameter in model.parameters:
        shape = np.shape(sample.values[str(parameter)])
        if parameter.is_integer:
            values[str(parameter)] = draw(st.integers(1, 3))
        elif not isinstance(parameter, MatrixSymbol):
            low = 1 if parameter.is_nonnegative else -16
            values[str(parameter)] = draw(st.integers(low, 32).filter(bool)) / 8
        elif parameter in graphs:
            values[str(parameter)] = draw(_graphs(rows))
        else:
            values[str(parameter)] = draw(matrices(*shape))
    state = {
        str(block.symbol): draw(_block_values(block, *sample.state[str(block.symbol)].shape))
        for block in model.blocks
    }
    weights = None
    if m not in [block.symbol for block in model.blocks] and draw(st.booleans()):
        weights = draw(masses(rows))
    return replace(sample, values=values, state=state, masses=weights)


def _graphs(n: int) -> st.SearchStrategy[FloatArray]:
    line = st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n).filter(any)
    return st.lists(line, min_size=n, max_size=n).map(np.array)


def _block_values(block: Any, rows: int, columns: int) -> st.SearchStrategy[FloatArray]:
    """Draw values of a block in its space."""
    if block.space == "simplex":
        return masses(rows).map(lambda found: (found / found.sum())[:, None])
    if block.space == "positive":
        return masses(rows, smallest=0.5).map(lambda found: found[:, None])
    if columns == 1:
        halves = st.integers(-4, 4).map(lambda v: v / 2)
        return st.lists(halves, min_size=rows, max_size=rows).map(lambda v: np.array(v)[:, None])
    return points(rows, columns)


def falsify(
    strategy: st.SearchStrategy[Any],
    holds: Callable[[Any], bool],
    cases: int,
    rng: np.random.Generator,
) -> Any | None:
    """Smallest case found that a property fails on, or None.

    Parameters
    ----------
    strategy : SearchStrategy
        Where the cases come from.
    holds : callable
        The property; a case it returns False on is a counterexample.
    cases : int
        How many cases to draw.
    rng : Generator
        Seeds the search; nothing is stored on disk.

    Returns
    -------
    object
        The case; None if every case holds.
    """
    failing: list[Any] = []

    @seed(int(rng.integers(2**63)))
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(strategy)
    def run(case: Any) -> None:
        if not holds(case):
            failing.append(case)
            raise AssertionError

    try:
        with nothing_left_behind():
            run()
    except AssertionError:
        return failing[-1]
    return None
