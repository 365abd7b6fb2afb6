"""How hardmax motion can go on from a tie: every choice of argmax sets that what follows keeps.

A choice is kept if the scores in the set of each token agree from now on, all others fall below,
and no weight is negative. A choice that a longer tie reaches by leaving at once is the first member
of that family, and isn't counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations, product
from math import comb, prod

import numpy as np
from scipy.optimize import linprog

from numerics.arguments import FloatArray
from numerics.limits.series import (
    LEADING,
    Matrices,
    Series,
    Sets,
    evaluate,
    expand,
    first_sign,
    slack,
)

MOST_CHOICES = 4096
"""Combinations of sets that are tried at one tie."""


class TooManyChoicesError(Exception):
    """A tie among so many tokens that its choices aren't listed."""


@dataclass(frozen=True)
class Tie:
    """Tokens at one time, and for each token those that tie for its greatest score."""

    points: FloatArray
    sets: Sets

    @property
    def units(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For each token the tied tokens, in groups that move as one.

        Tokens in one place form a group if none of them has a choice of its own.
        """
        places = self.places
        single = [len({places[k] for k in tied}) == 1 for tied in self.sets]
        found = []
        for tied in self.sets:
            groups: dict[tuple[int, int], list[int]] = {}
            for k in tied:
                groups.setdefault((places[k], -1 if single[k] else k), []).append(k)
            found.append(tuple(tuple(group) for group in groups.values()))
        return tuple(found)

    @property
    def places(self) -> tuple[int, ...]:
        """For each token the first one in the same place."""
        near = 1e-13 * float(np.abs(self.points).max())
        apart = np.abs(self.points[:, None] - self.points[None]).max(axis=-1)
        return tuple(int(np.flatnonzero(row <= near)[0]) for row in apart)

    @property
    def open(self) -> bool:
        """Whether some token has a choice."""
        return any(len(groups) > 1 for groups in self.units)


def _candidates(tie: Tie, matrices: Matrices) -> Iterator[Sets]:
    """Every combination of sets, those with the longest ties first.

    Raises
    ------
    TooManyChoicesError
        If they aren't listed.
    """
    options = []
    for i, groups in enumerate(tie.units):
        sizes = range(len(groups), 0, -1) if not _rests(tie, i, matrices) else (len(groups),)
        if sum(comb(len(groups), size) for size in sizes) > MOST_CHOICES:
            raise TooManyChoicesError
        picked = chain.from_iterable(combinations(groups, size) for size in sizes)
        options.append([tuple(sorted(chain(*some))) for some in picked])
    if prod(map(len, options)) > MOST_CHOICES:
        raise TooManyChoicesError
    return product(*options)


def _rests(tie: Tie, i: int, matrices: Matrices) -> bool:
    """Whether a token where all scores vanish stays there, by an inequality with one solution.

    Its velocity v = V(w - z_i), w in the hull of the tied tokens, has <v, B(w - y)> >= 0 for all y
    there; two solutions contradict each other if V^T B is negative definite.
    """
    points = tie.points
    if not matrices.convex or len(tie.sets[i]) < 2:
        return False
    if np.abs(points[i] @ matrices.scores @ points.T).max() > 1e-12 * matrices.size(points):
        return False
    form = matrices.values.T @ matrices.scores
    if np.linalg.eigvalsh(form + form.T)[-1] >= 0:
        return False
    hull = np.vstack([points[list(tie.sets[i])].T, np.ones(len(tie.sets[i]))])
    found = linprog(np.zeros(hull.shape[1]), A_eq=hull, b_eq=np.append(points[i], 1.0))
    return bool(found.success)


def kept(tie: Tie, sets: Sets, matrices: Matrices) -> Series | None:
    """Leading terms of the motion by a choice, None if what follows doesn't keep it."""
    for order in (1, LEADING):  # most choices fail at once
        series = expand(tie.points, sets, matrices, order, centred=False)
        if series is None or not _lasts(tie, sets, series, matrices, order == LEADING):
            return None
    return series


def _lasts(tie: Tie, sets: Sets, series: Series, matrices: Matrices, strict: bool) -> bool:
    """Whether scores outside the sets fall below and weights stay >= 0, by the terms given."""
    noise = 1e-9 * matrices.size(tie.points)
    for i, (tied, followed) in enumerate(zip(tie.sets, sets, strict=True)):
        for k in set(tied) - set(followed):
            gap = series.scores[1:, i, followed[0]] - series.scores[1:, i, k]
            if first_sign(gap, noise) < strict:
                return False
        if matrices.convex and len(followed) > 1 and not series.loose:
            for k in followed:
                share = series.weights[:, i, k].copy()
                if abs(share[0]) < 1e-9:
                    share[0] = 0.0
                if first_sign(share, 1e-9) < 0:
                    return False
    if not (series.loose and strict):
        return True
    soon = evaluate(series.points, 1e-3 * _scale(series))
    return slack(soon, sets, matrices) >= -1e-9


def choices(tie: Tie, matrices: Matrices, held: Sets | None = None) -> tuple[Sets, ...]:
    """Choices that are kept, each once.

    Parameters
    ----------
    tie : Tie
    matrices : Matrices
    held : Sets, optional
        The choice that lasts, when what is asked is how it can be left; it isn't among the answers.

    Raises
    ------
    TooManyChoicesError
        If they aren't listed.
    """
    found = {
        sets: series for sets in _candidates(tie, matrices) if (series := kept(tie, sets, matrices))
    }
    found.pop(held or (), None)
    return tuple(
        sets
        for sets in found
        if not any(_leads(other, sets, found[other], matrices) for other in found)
    )


def _leads(longer: Sets, sets: Sets, series: Series, matrices: Matrices) -> bool:
    """Whether a choice is what comes of leaving a longer tie at once."""
    wider = all(set(a) >= set(b) for a, b in zip(longer, sets, strict=True))
    if longer == sets or not wider:
        return False
    soon = evaluate(series.points, 1e-3 * _scale(series))
    return kept(Tie(soon, longer), sets, matrices) is not None


def _scale(series: Series) -> float:
    speed = float(np.abs(series.points[1]).max())
    return min(1.0, float(np.abs(series.points[0]).max()) / speed) if speed > 0 else 1.0
