"""Rows of Table 1: draws that meet a row's hypothesis, and its geometric test, with margins.

For the statements on limits of attention on R^d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Expr

from numerics.limits import (
    CLEAR,
    NEAR,
    SCORES,
    VALUES,
    LimitShape,
    RowHypothesis,
    limit_shape,
    places,
    symmetric_levels,
    table_1,
    vertices,
)
from proofs_checks.proof.alphabet import Array
from proofs_checks.proof.flow import Flow


@dataclass(frozen=True)
class Row:
    """A row of Table 1.

    Attributes
    ----------
    number : str
        "1" to "4".
    values, scores : str
        Names in ``numerics.limits.triples``: how V and Q^T K are drawn.
    most : int
        Largest number of places at which leading parts end; None: any number.
    slope : Expr
        Of log max|x| in log t, where nothing grows.
    along : {"G", "right angles"}
        How tokens are projected to F.
    starts : {"spread", "flat"}
        Starts of smallest singular value at least 0.3, or less.
    """

    number: str
    values: str
    scores: str
    most: int | None = None
    slope: Expr | None = None
    along: str = "G"
    starts: str = "spread"


_TRIES = 50
"""Draws among which one is to meet the hypothesis: the sign of a score is a coin."""

_LEAST = 0.3
"""Smallest singular value of a start of row 4: below, the decay takes longer to show."""

_SYMMETRY = 1e-12
"""Rounding of a velocity, relative to it."""

_HULL = 1e-8
"""What the integrator, of relative tolerance 1e-9, may add to a support function."""


_SLOPE = 0.01
"""What a slope of row 4 may be off."""


@dataclass(frozen=True)
class RowDraw:
    """Tokens and matrices; Q = I."""

    points: Array
    form: Array
    value: Array
    beta: float

    def hypothesis(self, row: Row) -> RowHypothesis:
        """Evaluate the hypothesis of the row."""
        rows = table_1(np.eye(len(self.value)), self.form, self.value, self.beta)
        return rows[int(row.number) - 1]


def drawn(row: Row, rng: np.random.Generator) -> RowDraw:
    """Draw tokens and matrices of a row; in row 2 the form gets the sign that is asked for."""
    d = int(rng.integers(3 if row.number == "3" else 2, 5))
    n = int(rng.integers(3 * d, 15))
    value = VALUES[row.values](rng, d)
    form = SCORES[row.scores](rng, d)
    points = rng.standard_normal((n, d))
    while row.starts == "spread" and np.linalg.svd(points, compute_uv=False)[-1] < _LEAST:
        points = rng.standard_normal((n, d))
    if row.starts == "flat":
        points[:, -1] *= 0.1 / np.linalg.norm(points[:, -1])
    hot = 1.0 if row.number == "4" else float(rng.uniform(0.5, 3.0))
    return RowDraw(points, form, value, hot)


def unmet(row: Row) -> str:
    """Say which hypothesis of a row no draw meets, "" if one does."""
    rng, reason = np.random.default_rng(0), ""
    for _ in range(_TRIES):
        draw = drawn(row, rng)
        told = draw.hypothesis(row)
        least = float(np.linalg.svd(draw.points, compute_uv=False)[-1])
        if row.number == "4" and least < _LEAST:
            return f"start of smallest singular value {least:.2g} < {_LEAST}"
        if told.holds:
            return ""
        reason = f"hypothesis of row {row.number} not met: {told.text}: {told.reason}"
    return reason


def _at_right_angles(found: LimitShape) -> tuple[float, str]:
    """Test of row 1 on projections to F at right angles, in place of those along G."""
    run, size = found.run, found.leading_dimension
    heads = run.z_at(-1) @ run.parts.basis[:, :size]
    extent = float(np.linalg.norm(run.leading[0] - run.leading[0].mean(axis=0), axis=1).max())
    there = places(heads, NEAR * extent)
    ends = there.centres[vertices(there.centres, NEAR * extent)]
    away = np.linalg.norm(heads[:, None] - ends[None], axis=-1).min(axis=1).max() / extent
    return 1 - away / NEAR, f"{away:.3g} from the vertices, at right angles to F"


def _ends_at_vertices(found: LimitShape, row: Row) -> tuple[float, str]:
    margin = 1 - found.to_vertices / NEAR
    words = f"a leading part is {found.to_vertices:.3g} from every vertex of their hull"
    if row.along != "G":
        margin, words = _at_right_angles(found)
    if row.most and found.levels > row.most:
        margin, words = -1.0, f"leading parts end at {found.levels} places, not {row.most}"
    return margin, words


def _ends_on_levels(found: LimitShape, row: Row) -> tuple[float, str]:
    margin = min(found.gap_ratio / CLEAR - 1, 1e6)
    words = f"gaps are {found.gap_ratio:.3g} spreads only"
    if row.most is not None and found.levels > row.most:
        margin, words = -1.0, f"{found.levels} levels, not {row.most} at most"
    return margin, words


def _decays(found: LimitShape, row: Row) -> tuple[float, str]:
    lengths = np.linalg.norm(found.run.leading, axis=-1).max(axis=1)
    if lengths[-1] > lengths[0]:
        return -1.0, f"max|x| grows, from {lengths[0]:.3g} to {lengths[-1]:.3g}"
    margin = 1 - abs(found.slope - float(row.slope or 0)) / _SLOPE
    return margin, f"slope {found.slope:.5f} of log max|x|, not {row.slope}"


_TESTS: Mapping[str, Callable[[LimitShape, Row], tuple[float, str]]] = {
    "1": _ends_at_vertices,
    "2": _ends_on_levels,
    "3": _ends_at_vertices,
    "4": _decays,
}


def looked_at(flow: Flow, row: Row, draw: RowDraw) -> tuple[float, str, LimitShape]:
    """Margin of a draw, negative where it fails, and the words for that."""
    eye = np.eye(len(draw.value))
    found = limit_shape(draw.points, eye, draw.form, draw.value, draw.beta, model=flow.model)
    if row.number != "4" and found.hull_growth > _HULL:
        return -1.0, f"a support function of the hull grows, by {found.hull_growth:.3g}", found
    if row.number != "4" and not found.run.status.settled:
        return np.inf, f"unfinished: {found.run.status.message}", found
    margin, words = _TESTS[row.number](found, row)
    return margin, words, found


def three_levels(flow: Flow, row: Row, rng: np.random.Generator) -> tuple[float, str]:
    """Margin and words for tokens a, -a, 0: three levels, kept by the symmetry z -> -z."""
    draw = drawn(row, rng)
    while not draw.hypothesis(row).holds:
        draw = drawn(row, rng)
    eye = np.eye(len(draw.value))
    found = symmetric_levels(eye, draw.form, draw.value, draw.beta, model=flow.model)
    ends = np.append(0.0, np.sort(np.abs(found.levels[:2])))
    count = 3 if ends[1] > NEAR else 1
    words = f"tokens a, -a, 0 end at {count} levels, {ends[-1]:.3f} of a, its opposite and 0"
    if found.broken > _SYMMETRY:
        return -1.0, f"tokens a, -a, 0 don't stay so, off by {found.broken:.2g}"
    if row.most is not None and count > row.most:
        return -1.0, f"{words}, not {row.most} at most"
    return 1 - found.motion / NEAR, words
