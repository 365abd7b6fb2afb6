"""Hypothesis strategies for tokens, masses, temperatures and models, and a search that shrinks.

Tokens are drawn on a lattice and normalised, so that a failing example shrinks to few points with
small integer coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from numerics.arguments import FloatArray
from theory.models import REPULSIVE, SA, USA, Model


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
    """Points in an open hemisphere: the last coordinate of every row is positive."""
    drawn: FloatArray = draw(points(n, d))
    lifted = np.array(drawn)
    lifted[:, -1] = np.abs(lifted[:, -1]) + 0.25
    unit: FloatArray = lifted / np.linalg.norm(lifted, axis=1, keepdims=True)
    return unit


def masses(n: int, smallest: float = 0.1, largest: float = 4.0) -> st.SearchStrategy[FloatArray]:
    """Positive masses, multiples of 1/10, of any sum."""
    steps = st.integers(max(1, round(10 * smallest)), round(10 * largest))
    return st.lists(steps, min_size=n, max_size=n).map(lambda s: np.array(s, dtype=float) / 10)


def betas(low: float = 0.0, high: float = 9.0) -> st.SearchStrategy[float]:
    """Inverse temperatures, multiples of 1/8 between two bounds."""
    return st.integers(round(8 * low), round(8 * high)).map(lambda s: s / 8)


def models() -> st.SearchStrategy[Model]:
    """Draw one of the models with the single parameter beta."""
    return st.sampled_from([SA, USA, REPULSIVE])


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
        run()
    except AssertionError:
        return failing[-1]
    return None
