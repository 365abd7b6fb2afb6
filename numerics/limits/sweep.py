"""Limit shapes over spectra of V and signs of Q^T K: the sweep that Problem 5 asks for, resumable.

Each cell draws tokens and matrices, and keeps the shape with its numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from numerics.arguments import FloatArray, IntArray, check_choice, check_number, check_whole, shown
from numerics.limits.rescaled import LimitStatus, check_flow
from numerics.limits.shape import Shape, limit_shape
from numerics.limits.triples import SCORES, VALUES
from numerics.records import Result
from numerics.sphere import Rng
from numerics.sweeps import SweepResult, grid, sweep
from theory.models import PURE_ATTENTION, Model

_SHAPES, _STATUSES = tuple(Shape), tuple(LimitStatus)


@dataclass(frozen=True, eq=False)
class ShapeSweep(Result):
    """Limit shapes of random tokens, by spectrum of V and sign of Q^T K.

    All arrays have the shape (values, scores, runs).

    Parameters
    ----------
    values, scores : tuple of str
        Names of the ensembles.
    shapes, statuses : ndarray of int
        Places in ``tuple(Shape)`` and ``tuple(LimitStatus)``.
    rank, levels, vertices : ndarray of int
        See `LimitShape`.
    gap_ratio, to_vertices, hull_growth, slope : ndarray
        Gap between levels over their width. Distance of the tokens to the nearest corner. Growth of
        the hull. The fitted slope.
    rows : ndarray of bool, shape (values, scores, runs, 4)
        Rows of Table 1 whose hypotheses hold.
    n, d : int
        Number of tokens. Dimension: points lie on the sphere of R^d.
    beta : float
        Inverse temperature β.
    result : SweepResult
        What was computed, cell by cell.
    """

    values: tuple[str, ...]
    scores: tuple[str, ...]
    shapes: IntArray
    statuses: IntArray
    rank: IntArray
    levels: IntArray
    vertices: IntArray
    gap_ratio: FloatArray
    to_vertices: FloatArray
    hull_growth: FloatArray
    slope: FloatArray
    rows: Any
    n: int
    d: int
    beta: float
    result: SweepResult

    def count(self, values: str, scores: str) -> dict[Shape, int]:
        """How many runs of a pair of ensembles ended in each shape; those that occur.

        Parameters
        ----------
        values : str
            Name of the ensemble of V.
        scores : str
            Name of the ensemble of Q^T K.

        Returns
        -------
        Mapping
            Number of runs by shape.
        """
        own = self.shapes[self.values.index(values), self.scores.index(scores)]
        return {s: int(np.sum(own == a)) for a, s in enumerate(_SHAPES) if np.any(own == a)}

    @property
    def outside_table(self) -> Any:
        """Whether no row of Table 1 speaks of a run, shape (values, scores, runs)."""
        return ~self.rows.any(axis=-1)


def one_limit(
    cell: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    n: int,
    d: int,
    beta: float,
    model: Model,
) -> dict[str, Any]:
    """Draw tokens and matrices of a cell, and return the shape with its numbers."""
    value = VALUES[cell["values"]](rng, d)
    form = SCORES[cell["scores"]](rng, d)
    points = rng.standard_normal((n, d))
    found = limit_shape(points, np.eye(d), form, value, beta, model=model)
    return {
        "shape": _SHAPES.index(found.shape),
        "status": _STATUSES.index(found.run.status),
        "rank": found.rank,
        "levels": found.levels,
        "vertices": len(found.vertices),
        "gap_ratio": found.gap_ratio,
        "to_vertices": found.to_vertices,
        "hull_growth": found.hull_growth,
        "slope": found.slope,
        "rows": np.array([row.holds for row in found.hypotheses]),
    }


def _names(given: Sequence[str] | None, known: Mapping[str, Any], name: str) -> tuple[str, ...]:
    if given is None:
        return tuple(known)
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise ValueError(
            f"Expected a list of names but got {name}={shown(given)}; leave it out for all of "
            f"{', '.join(known)}."
        )
    for one in given:
        check_choice(one, name, tuple(known), "leave it out for all")
    if len(set(given)) < len(given):
        raise ValueError(f"Expected each name once but got {name}={shown(given)}; drop one.")
    return tuple(given)


def sweep_limit_shapes(
    values: Sequence[str] | None = None,
    scores: Sequence[str] | None = None,
    *,
    n: int = 8,
    d: int = 3,
    beta: float = 1.0,
    runs: int = 8,
    rng: Rng = 0,
    out: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], None] = False,
    accept_changes: bool = False,
    model: Model = PURE_ATTENTION,
) -> ShapeSweep:
    """Tell the limit shapes of random tokens over spectra of V and signs of Q^T K.

    Parameters
    ----------
    values : sequence of str, optional
        Spectra of V, names in ``numerics.limits.triples.VALUES``; all by default.
    scores : sequence of str, optional
        Signs of Q^T K, names in ``numerics.limits.triples.SCORES``; all by default.
    n, d : int
        Tokens, >= 2, and dimension, >= 2.
    beta : float
        Inverse temperature, >= 0.
    runs : int
        Draws of each pair.
    rng, out, executor, progress, accept_changes : object, optional
        Of `sweep`: with a folder it is resumable.
    model : Model
        A flow on R^d with the parameters beta, Q, K, V; (9.1) by default.

    Returns
    -------
    ShapeSweep
        Shapes over all cells.

    Raises
    ------
    TypeError, ValueError
        For arguments that are not as described.

    References
    ----------
    arXiv 2312.10794, Problem 5.

    Examples
    --------
    >>> found = sweep_limit_shapes(["identity"], ["definite"], n=4, d=2, runs=2)
    >>> {shape.name for shape in found.count("identity", "definite")} <= {"POINT", "POLYTOPE"}
    True
    """
    listed = _names(values, VALUES, "values")
    forms = _names(scores, SCORES, "scores")
    for name, whole, least in (("n", n, 2), ("d", d, 2), ("runs", runs, 1)):
        check_whole(whole, name, least, 100_000)
    check_flow(model)
    heat = check_number(beta, "beta", "give a number >= 0")
    if heat < 0:
        raise ValueError(f"Expected beta >= 0 but got beta={shown(beta)}; use scores='negative'.")
    result = sweep(
        partial(one_limit, n=int(n), d=int(d), beta=heat, model=model),
        grid(values=listed, scores=forms, run=range(int(runs))),
        rng=rng,
        out=out,
        executor=executor,
        progress=progress,
        accept_changes=accept_changes,
    )
    shape = (len(listed), len(forms), int(runs))

    def kept(name: str) -> Any:
        array = result.values[name]
        return array.reshape(*shape, *array.shape[1:])

    return ShapeSweep(
        values=listed,
        scores=forms,
        shapes=kept("shape"),
        statuses=kept("status"),
        rank=kept("rank"),
        levels=kept("levels"),
        vertices=kept("vertices"),
        gap_ratio=kept("gap_ratio"),
        to_vertices=kept("to_vertices"),
        hull_growth=kept("hull_growth"),
        slope=kept("slope"),
        rows=kept("rows"),
        n=int(n),
        d=int(d),
        beta=heat,
        result=result,
    )
