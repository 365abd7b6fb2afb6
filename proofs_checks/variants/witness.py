"""Why an equation doesn't follow: a state, and a number there that is 0 where it would follow.

- Gram flow: two states with one Gram matrix whose Gram matrices move differently.
- equiangular: tokens at equal angles whose angles don't stay equal.
- spectrum: coinciding tokens that part, or that move together.
- dissipation: directions in which the velocity turns, so that it is no gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from numerics.arguments import FloatArray
from numerics.sphere import project
from proofs_checks.sample import Sample, equal_angles, levelled, sample_of, unit_rows
from theory.models import Model

SMALLEST = 1e-6
"""A number below this breaks nothing."""

STEP = 1e-5
"""Step of a central difference."""


class Seen(Protocol):
    """What any witness has, the theory's too: a number that can be read again."""

    @property
    def number(self) -> Any:
        """By how much an equation fails."""

    @property
    def values(self) -> Any:
        """Values of the state and of the parameters."""

    def again(self) -> Any:
        """Evaluate the number once more."""


def plain(witness: Seen) -> dict[str, Any]:
    """Return a witness as plain data: the number, what is seen, and at which values."""
    values = {
        str(name): np.array(getattr(value, "tolist", lambda value=value: value)(), dtype=float)
        for name, value in witness.values.items()
    }
    return {
        "number": float(witness.number),
        "seen": str(witness),
        "values": {name: value.tolist() for name, value in values.items()},
    }


@dataclass(frozen=True)
class Witness:
    """A sample at which an equation of a reduction fails.

    Attributes
    ----------
    part : str
        What fails: "gram", "equiangular", "spectrum", "dissipation"; or "moving", of consensus,
        "turned", of equal angles in another position.
    sample : Sample
        The model with numbers and a state.
    number : float
        By how much it fails there.
    """

    part: str
    sample: Sample
    number: float

    def again(self) -> float:
        """Evaluate the number once more."""
        return _MEASURES[self.part].number(self.sample)

    @property
    def values(self) -> dict[str, Any]:
        """Values of the blocks and of the parameters."""
        return {**self.sample.state, **self.sample.values}

    @property
    def words(self) -> str:
        """What fails, and by how much."""
        return f"{_MEASURES[self.part].words} {self.number:.4g}"

    def __str__(self) -> str:
        """Say what fails, by how much, and where."""
        return f"{self.words} at {self.sample}"


@dataclass(frozen=True)
class _Measure:
    """A number of a sample, in words, and the tokens to look at."""

    words: str
    number: Callable[[Sample], float]
    start: Callable[[Model], Sample]


def _largest(array: FloatArray) -> float:
    return float(np.max(np.abs(array), initial=0.0))


def _gram_rate(sample: Sample) -> FloatArray:
    """Velocity of the Gram matrix; for a map, the Gram matrix of the image."""
    value, points = sample.velocity()["X"], sample.state["X"]
    if sample.model.kind == "map":
        return np.asarray(value @ value.T)
    return np.asarray(value @ points.T + points @ value.T)


def _opened(sample: Sample) -> float:
    """How differently the inner products move once two coordinates are exchanged."""
    points = np.array(sample.state["X"])
    points[:, [0, 1]] = points[:, [1, 0]]
    other = sample.at(X=points)
    apart = _largest(_gram_rate(sample) - _gram_rate(other))
    here, there = sample.velocity(), other.velocity()
    columns = [name for name in here if here[name].shape[1] == 1]
    return max([apart, *(_largest(here[name] - there[name]) for name in columns)])


def _spread(sample: Sample) -> float:
    """How far apart the rates are, of inner products that are equal and of equal columns."""
    rate = _gram_rate(sample)
    off = rate[~np.eye(len(rate), dtype=bool)]
    found = [float(np.ptp(off)), float(np.ptp(np.diag(rate)))]
    if sample.model.kind == "map" or sample.model.space == "euclidean":
        unit = 1.0 if sample.model.kind == "map" else 0.0
        found.append(_largest(np.diag(rate) - unit))
    velocity = sample.velocity()
    return max([*found, *(float(np.ptp(velocity[name])) for name in _columns(sample))])


def _columns(sample: Sample) -> list[str]:
    blocks = sample.model.blocks[1:]
    return [str(b.symbol) for b in blocks if b.moves and b.symbol.shape[1] == 1]


def _parted(sample: Sample) -> float:
    """How far apart coinciding tokens move."""
    velocity = sample.velocity()
    return max(float(np.max(np.ptp(velocity[name], axis=0))) for name in ["X", *_columns(sample)])


def _moving(sample: Sample) -> float:
    """How fast coinciding tokens move; for a map, how far."""
    moved = sample.velocity()["X"]
    return _largest(moved - sample.state["X"] if sample.model.kind == "map" else moved)


def _turning(sample: Sample) -> float:
    """Return the largest ``Σ m_i (<D_b F_i, a_i> - <D_a F_i, b_i>)`` over some directions a and b.

    It is 0 where ``Σ m_i <F_i, dx_i>`` is the differential of a function of the tokens.
    """
    points, weights = sample.state["X"], sample.weights
    sphere = sample.model.space == "sphere"
    rows, columns = points.shape
    directions = []
    for place in range(rows):
        for axis in range(columns):
            step = np.zeros_like(points)
            step[place, axis] = 1.0
            if sphere:
                step -= np.sum(step * points, axis=1, keepdims=True) * points
            directions.append(step)
    slopes = [_slope(sample, step, sphere) for step in directions]
    form = np.array([[np.sum(weights[:, None] * a * s) for a in directions] for s in slopes])
    return _largest(form - form.T)


def _slope(sample: Sample, step: FloatArray, sphere: bool) -> FloatArray:
    """Differentiate the velocity along a motion of the tokens."""
    ends = []
    for sign in (1, -1):
        moved = sample.state["X"] + sign * STEP * step
        ends.append(sample.at(X=project(moved) if sphere else moved).velocity()["X"])
    return np.asarray((ends[0] - ends[1]) / (2 * STEP))


def _level(model: Model) -> Sample:
    sample = sample_of(model)
    count, size = sample.state["X"].shape
    return levelled(sample, equal_angles(count, size))


def _turned(model: Model) -> Sample:
    """Equal angles in another position: reflected at (1, 2, …, d), which no axis singles out."""
    sample = _level(model)
    normal = np.arange(1.0, sample.state["X"].shape[1] + 1)
    mirror = np.eye(len(normal)) - 2 * np.outer(normal, normal) / (normal @ normal)
    return replace(sample, state={**sample.state, "X": sample.state["X"] @ mirror})


def _together(model: Model) -> Sample:
    sample = sample_of(model)
    count, size = sample.state["X"].shape
    return levelled(sample, np.repeat(unit_rows(1, size), count, axis=0))


_MEASURES: Mapping[str, _Measure] = {
    "gram": _Measure(
        "with two coordinates of every token exchanged, G is the same and G' is off by",
        _opened,
        sample_of,
    ),
    "equiangular": _Measure("the rates of equal angles (and lengths) differ by", _spread, _level),
    "turned": _Measure("the rates of equal angles (and lengths) differ by", _spread, _turned),
    "spectrum": _Measure("coinciding tokens part at the speed", _parted, _together),
    "moving": _Measure("coinciding tokens move together at the speed", _moving, _together),
    "dissipation": _Measure(
        "no gradient in the metric m, as its derivative is asymmetric by", _turning, sample_of
    ),
}


_FURTHER: Mapping[str, tuple[str, ...]] = {"spectrum": ("moving",), "equiangular": ("turned",)}
"""What else may be in the way of a reduction."""


def obstruction(part: str, model: Model) -> Witness | None:
    """Look for a state at which an equation fails.

    Parameters
    ----------
    part : {"gram", "equiangular", "spectrum", "dissipation"}
        The reduction.
    model : Model

    Returns
    -------
    Witness or None
        None where nothing fails at the state looked at.

    Examples
    --------
    >>> from theory import CAUSAL, SA
    >>> print(obstruction("equiangular", CAUSAL).words)
    the rates of equal angles (and lengths) differ by 0.0462
    >>> obstruction("equiangular", SA) is None
    True
    """
    for kind in (part, *_FURTHER.get(part, ())):
        sample = _MEASURES[kind].start(model)
        number = _MEASURES[kind].number(sample)
        if number > SMALLEST:
            return Witness(kind, sample, number)
    return None
