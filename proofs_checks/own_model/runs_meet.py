"""Consensus from almost every start, tried: drawn starts in the range of a row, run to the end.

Uniform tokens, tokens near two opposite places and near regular polygons, equal masses and drawn
ones. All that meet make a row SUPPORTED, with what chance of another end that leaves; one that
doesn't refutes nothing, as it might yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from numerics.compile import compile_model
from numerics.sphere import project, random_points
from proofs_checks.claim import Evidence
from proofs_checks.own_model.report import SUPPORTED, UNDECIDED, Array
from proofs_checks.own_model.subject import Subject
from theory.models import Model
from theory.symbols import X, beta, m, n

_CASES = 24
"""Starts of one n and d, as one batch: 96 in all leave a chance of 3 % at most for another end."""
_SIZES, _CROWD = (3, 4), 3
"""Numbers of tokens: at large β more take exponentially long; those of a second species."""
_STEP, _STEPS, _PACED = 0.7, 900, 25
"""Step of Runge and Kutta's method, over the rate near consensus; most; when that is looked at."""
_SHRINKS = 0.3
"""Largest change of a length in one step, relative: a token turns round where one is small."""
_TOGETHER = 1 - 1e-3
"""Least inner product at which tokens have met: far inside a hemisphere."""


class Range(NamedTuple):
    """Where a row is tried: dimensions, and β of n, d and the least masses.

    Where its range is one of β, ``of_heat``, a number given for it leaves some n, or none.
    """

    dimensions: tuple[int, ...]
    heats: Callable[[np.random.Generator, int, int, Array], Array]
    of_heat: bool = True


def _cold(rng: np.random.Generator, size: int, width: int, least: Array) -> Array:
    return np.zeros(len(least))


def _small(rng: np.random.Generator, size: int, width: int, least: Array) -> Array:
    return -np.log(1 - least) * rng.uniform(0.05, 1, len(least))


def _large(rng: np.random.Generator, size: int, width: int, least: Array) -> Array:
    bound: Array = (width - 1) * (size - 1) ** 2 / np.pi**2 * rng.uniform(1, 1.3, len(least))
    return bound


def _any(rng: np.random.Generator, size: int, width: int, least: Array) -> Array:
    return rng.uniform(0.05, 2, len(least))


RANGES: Mapping[str, Range] = {
    "Theorem 4.1": Range((2, 3), _cold),
    "Theorem 4.3": Range((2, 3), _small),
    "Theorem 5.1": Range((2, 3), _large),
    "Theorem 6.1": Range((3, 4), _any, of_heat=False),
    "circle": Range((2,), _any, of_heat=False),
}


def _tokens(rng: np.random.Generator, size: int, width: int) -> Array:
    """Draw a third of the starts uniformly, the rest near two opposite places and polygons."""
    third = _CASES // 3
    uniform = np.stack([random_points(size, width, rng=rng) for _ in range(third)])
    two = np.zeros((third, size, width))
    two[..., 0] = np.where(np.arange(size) < (size + 1) // 2, 1, -1)
    ring = np.zeros((third, size, width))
    angles = 2 * np.pi * np.arange(size) / size
    ring[..., 0], ring[..., 1] = np.cos(angles), np.sin(angles)
    near = [at + 0.05 * rng.normal(size=at.shape) for at in (two, ring)]
    drawn: Array = project(np.concatenate([uniform, *near]))
    return drawn


def _masses(rng: np.random.Generator, size: int) -> Array:
    """Equal masses, and every second time drawn ones."""
    drawn = rng.dirichlet(np.full(size, 3.0), _CASES)
    drawn[::2] = 1 / size
    return drawn


def _state(model: Model, rng: np.random.Generator, points: Array, masses: Array) -> dict[str, Any]:
    """Draw the blocks beside the tokens."""
    size, width = points.shape[1:]
    state: dict[str, Any] = {"X": points}
    for block in model.blocks:
        rows, columns = block.symbol.shape
        if block.symbol == X:
            continue
        if block.symbol == m:
            state["m"] = masses[..., None]
        elif block.space == "positive" and (rows, columns) == (n, 1):
            state[block.symbol.name] = np.exp(0.5 * rng.normal(size=(_CASES, size, 1)))
        elif block.space == "sphere":
            more = [random_points(_CROWD, width, rng=rng) for _ in range(_CASES)]
            state[block.symbol.name] = np.stack(more)
        else:
            raise NotImplementedError(f"no starts of {block.symbol.name} are drawn")
    return state


def _shift(state: Mapping[str, Any], rate: Mapping[str, Any], step: Any) -> dict[str, Any]:
    moved = {key: value + step * rate.get(key, 0.0) for key, value in state.items()}
    return moved | {"X": project(moved["X"])}


def _rate(field: Any, state: dict[str, Any], time: float, spheres: tuple[str, ...]) -> Array:
    """Return how fast tokens meet near consensus, of each system at its lengths and masses."""
    drawn = np.random.default_rng(1)
    near: dict[str, Any] = {}
    for name in spheres:
        cap = drawn.normal(size=state[name].shape[1:])
        cap[:, 0] = 3
        near[name] = np.broadcast_to(project(cap), state[name].shape)
    speed = field({**state, **near}, time)["X"]
    apart = near["X"][0] - near["X"][0].mean(axis=0)
    rates: Array = np.linalg.norm(speed, axis=2).max(axis=1)[:, None, None]
    return rates / np.linalg.norm(apart, axis=1).max()


def _gone(state: Mapping[str, Any], one: Mapping[str, Any], lengths: tuple[str, ...]) -> Any:
    """Return the longest steps in which no length shrinks by much."""
    with np.errstate(divide="ignore"):
        each = [state[name] / np.abs(one[name]) for name in lengths]
    return _SHRINKS * np.min(each, axis=(0, 2))[:, None] if each else np.inf


def _apart(field: Any, state: dict[str, Any], model: Model, alike: bool) -> tuple[int, float]:
    """Run a batch, and count the starts whose tokens haven't met, at the time of the end.

    Where t enters, ``alike``, all systems have the same steps.
    """
    spheres = tuple(b.symbol.name for b in model.blocks if b.space == "sphere")
    lengths = tuple(b.symbol.name for b in model.blocks if b.space == "positive" and b.symbol != m)
    time, step, apart = np.zeros((len(state["X"]), 1, 1)), np.array(0.0), len(state["X"])
    now = 0.0
    for number in range(_STEPS):
        if number % _PACED == 0:
            tokens = np.concatenate([state[name] for name in spheres], axis=1)
            least = (tokens @ np.swapaxes(tokens, 1, 2)).min(axis=(1, 2))
            apart = int(np.sum(~(least > _TOGETHER)))
            if apart == 0:
                break
        if alike or number % _PACED == 0:
            pace = _STEP / _rate(field, state, now, spheres)
            if not np.isfinite(pace).all():
                break
        one = field(state, now)
        step = np.minimum(pace, _gone(state, one, lengths))
        step = step.min() if alike else step
        two = field(_shift(state, one, step / 2), now + step.max() / 2)
        three = field(_shift(state, two, step / 2), now + step.max() / 2)
        four = field(_shift(state, three, step), now + step.max())
        mean = {key: (one[key] + 2 * two[key] + 2 * three[key] + four[key]) / 6 for key in one}
        state, time, now = _shift(state, mean, step), time + step, now + float(step.max())
        for name in spheres:
            state[name] = project(state[name])
    return apart, float(time.max())


def _compiled(subject: Subject, heats: Array, masses: Array) -> Any:
    """Return the velocities of all blocks as a function of a batch and t."""
    model = subject.model
    values: dict[str, Any] = {name: float(value) for name, value in subject.numbers.items()}
    if beta in model.parameters:
        values["beta"] = heats
    held = any(block.symbol == m for block in model.blocks)
    own: dict[str, Any] = {} if held else {"masses": masses}
    field: Any = compile_model(model, **own, **values)
    if len(model.blocks) > 1:
        return field.unchecked
    return lambda state, time: {"X": field.unchecked(state["X"], time)}


def meeting_sampled(row: str, subject: Subject) -> Evidence:
    """Run drawn starts in the range of a row until all tokens have met.

    Parameters
    ----------
    row : str
        One of `RANGES`.
    subject : Subject

    Returns
    -------
    Evidence
        SUPPORTED where every start met; else UNDECIDED, with what was in the way.
    """
    model, given = subject.model, subject.flow.values.get(beta)
    plain = (model.kind, model.space) == ("flow", "sphere") and model.noise is None
    if subject.implementation is not None or not plain or subject.flow.code or subject.undrawn:
        return Evidence(UNDECIDED, "no starts are run")
    where = RANGES[row]
    if where.of_heat and (given is not None or beta not in model.parameters):
        return Evidence(UNDECIDED, "the range of the row is one of β, which isn't free")
    rng, sizes = subject.rng(row), (subject.tokens,) if subject.tokens else _SIZES
    runs, hottest, end = 0, 0.0, 0.0
    for size, width in product(sizes, where.dimensions):
        masses = _masses(rng, size)
        heats = where.heats(rng, size, width, masses.min(axis=1))
        heats = heats if given is None else np.full(_CASES, float(given))
        try:
            state = _state(model, rng, _tokens(rng, size, width), masses)
            field = _compiled(subject, heats, masses)
            with np.errstate(all="ignore"):
                apart, time = _apart(field, state, model, not subject.flow.autonomous.holds)
        except (ArithmeticError, NotImplementedError, TypeError, ValueError) as error:
            return Evidence(UNDECIDED, f"not run: {str(error).splitlines()[0]}")
        if apart:
            said = f"{apart} of {_CASES} starts hadn't met at t = {time:.3g}, n = {size}"
            return Evidence(UNDECIDED, f"not shown: {said}, d = {width}")
        runs, hottest, end = runs + _CASES, max(hottest, heats.max()), max(end, time)
    chance = 100 * (1 - 0.05 ** (1 / runs))
    detail = (
        f"{runs} of {runs} drawn starts met, by t = {end:.3g}: another end has a chance below "
        f"{chance:.1f} %, at 95 %"
    )
    scope = {name: str(value) for name, value in subject.numbers.items()}
    if beta in model.parameters:
        scope["beta"] = f"drawn in the range of the row, up to {hottest:.3g}"
    scope |= {"n": _listed(sizes), "d": _listed(where.dimensions)}
    return Evidence(SUPPORTED, detail, scope, cases=runs, margin=0.0)


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


__all__ = ["RANGES", "meeting_sampled"]
