"""Tokens on a lattice of the plane: layers that lower the energy, fewest tokens first.

Lattice vectors are also what a shrunk case of a user's model is made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np

from numerics import sphere
from numerics.compile import compile_model
from proofs_checks.proof.alphabet import Array
from theory.models import Model

STEPS = (1.0, 2.0, 4.0, 8.0, 32.0, 128.0)
"""Values of η."""


@lru_cache(maxsize=8)
def lattice_vectors(dimension: int, spread: int = 3) -> Array:
    """Integer vectors without a common factor, shortest first: what a shrunk case is made of."""
    grid = product(range(-spread, spread + 1), repeat=dimension)
    primitive = [v for v in grid if np.gcd.reduce(v) == 1]
    return np.array(sorted(primitive, key=lambda v: (np.dot(v, v), [-a for a in v])), dtype=float)


def falling_layer(
    layer: Model,
    choices: tuple[Mapping[str, float], ...],
    scale: float = 1.0,
    steps: tuple[float, ...] = STEPS,
) -> tuple[str, int, float]:
    """Find the fewest tokens in the plane of which a layer lowers the energy.

    Rotations are used up by the first token at (1, 0); more dimensions hold the same plane.

    Parameters
    ----------
    layer : Model
        A map with the parameter ``eta``.
    choices : tuple of Mapping
        Values of its other parameters.
    scale : float, optional
        Size of its weights: of a slow layer larger steps are tried, and smaller falls are seen.
    steps : tuple of float, optional
        Values of η, times ``scale``.

    Returns
    -------
    tuple
        What was found in words ("" if nothing), the number of tokens, and the largest fall.
    """
    directions = sphere.project(lattice_vectors(2))
    found, tokens_of_found, worst = "", 0, 0.0
    more = ""
    for size in (2, 3, 4):
        chosen = np.array(list(combinations_with_replacement(range(len(directions)), size - 1)))
        start = np.broadcast_to(np.array([1.0, 0.0]), (len(chosen), 1, 2))
        tokens = np.concatenate([start, directions[chosen]], axis=1)
        for step, values in product(steps, choices):
            numbers = {**values, "eta": step / scale}
            amount, place = _largest_fall(layer, tokens, numbers, scale)
            if amount <= 0:
                continue
            if not found:
                words = [f"x = {_shown(tokens[place])}", f"eta = {step / scale:g}"]
                words += [f"{a} = {float(v):.4g}" for a, v in values.items()]
                found = f"the energy falls by {amount:.4g} at {', '.join(words)}"
                tokens_of_found = size
            elif amount > worst and size > tokens_of_found:
                more = f"; by {amount:.4g} with n = {size}"
            worst = max(worst, amount)
    return found + more, tokens_of_found, worst


def _largest_fall(
    layer: Model, tokens: Array, values: Mapping[str, float], scale: float
) -> tuple[float, int]:
    """Fall of the energy, 0 if it is no more than rounding, and which of the systems it is."""
    named: dict[str, Any] = dict(values)
    field = compile_model(layer, **named)
    after = field.unchecked(tokens)
    # Elsewhere x_i + η y_i = 0: outside the statement.
    usable = np.flatnonzero(np.all(np.isfinite(after), axis=(1, 2)))
    if not usable.size:
        return 0.0, 0
    before = field.energy(tokens[usable])
    fall = (before - field.energy(after[usable])) / (scale + np.abs(before))
    index = int(np.argmax(fall))
    if fall[index] <= 1e-6:
        return 0.0, 0
    return float(fall[index] * (scale + abs(before[index]))), int(usable[index])


def _shown(array: Any) -> str:
    rows = (", ".join(f"{v:.4g}" for v in row) for row in np.round(array, 4) + 0.0)
    return "[" + ", ".join(f"[{row}]" for row in rows) + "]"
