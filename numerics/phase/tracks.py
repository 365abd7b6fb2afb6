"""Tracks of one start on the circle at several β: the right side of Figure 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.arguments import FloatArray
from numerics.ensembles import EnsembleStatus, ensemble
from numerics.records import Result
from numerics.sphere import Rng, random_points
from theory.models import SA, Model

__all__ = ["CircleTracks", "circle_tracks"]


@dataclass(frozen=True, eq=False)
class CircleTracks(Result):
    """Where the tokens of one start on the circle are over time, at several β.

    Attributes
    ----------
    model : str
        Name of the model.
    betas : tuple of float
    shown : tuple of float
        Times that a picture shows.
    times : ndarray, shape (t,)
        All times, those among them.
    points : ndarray, shape (t, len(betas), n, 2)
    """

    model: str
    betas: tuple[float, ...]
    shown: tuple[float, ...]
    times: FloatArray
    points: FloatArray


def circle_tracks(
    betas: Sequence[float] = (9.0, 4.0),
    times: Sequence[float] = (0.0, 18.0, 30.0),
    n: int = 64,
    rng: Rng = 0,
    model: Model = SA,
) -> CircleTracks:
    """Follow one start on the circle at several β.

    Parameters
    ----------
    betas : sequence of float
    times : sequence of float
        Times to show; the tracks have 400 more up to the last.
    n : int
        Number of tokens: 64 in the printed panels.
    rng : seed, SeedSequence, Generator or None
        For the start (SPEC 7).
    model : Model
        A flow with the one parameter β.

    Returns
    -------
    CircleTracks

    Raises
    ------
    ArithmeticError
        If a system is stopped before the last time.

    Examples
    --------
    >>> circle_tracks(times=(0.0, 1.0), n=4).points.shape
    (400, 2, 4, 2)
    """
    fine = np.unique(np.concatenate([np.linspace(0.0, max(times), 400), times]))
    start = random_points(n, 2, rng)
    found = ensemble(model, start, t_eval=fine, rtol=1e-8, beta=np.asarray(betas, dtype=float))
    assert found.points is not None
    worst = EnsembleStatus(int(found.status.max(initial=0)))
    if worst >= EnsembleStatus.MAX_STEPS:
        raise ArithmeticError(
            f"Expected all systems to reach t={max(times):g} but got one stopped. {worst.message}"
        )
    return CircleTracks(
        model.name, tuple(map(float, betas)), tuple(map(float, times)), fine, found.points
    )
