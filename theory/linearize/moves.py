"""Where consensus doesn't rest: explicit tokens at one point, and how they move.

A witness holds rational points and parameters, and reads its numbers off the velocity again.
"""

from __future__ import annotations

from sympy import ImmutableMatrix, Integer, N, ZeroMatrix

from theory.derivations import (
    SEEN,
    Reading,
    Witness,
    entries,
    explicit_values,
    generic_points,
)
from theory.linearize.pulls import token_weights
from theory.models import Model
from theory.symbols import X


def consensus_break(model: Model, tokens: int = 3, dimension: int = 3) -> Witness | None:
    """Find a point at which tokens that coincide move apart, or move on; None where they rest.

    Parameters
    ----------
    model : Model
        The model.
    tokens, dimension : int
        The numbers n and d of the state.

    Returns
    -------
    Witness or None
        ``again()`` is the difference of two tokens' velocities or, where all move alike, an entry
        of their velocity less 0.

    Examples
    --------
    >>> from theory.models import CROSS_ATTENTION, SA
    >>> consensus_break(SA) is None
    True
    >>> print(consensus_break(CROSS_ATTENTION).statement)
    all x_i = x*, where they move on: x_1' has the entry 0.407797, not 0
    """
    if token_weights(model) is not None:
        return None  # P_i x_j = 0 at every point
    point = generic_points(3, dimension)[1, :]
    points = ImmutableMatrix([list(point)] * tokens)
    values = explicit_values(model, points)
    velocity = model.velocities[X]
    if model.kind == "map":
        velocity = velocity - X
    table = entries(velocity, values)
    places = [(i, c) for i in range(tokens) for c in range(dimension)]
    gaps = {(i, c): abs(table[i][c] - table[0][c]) for i, c in places}
    i, c = max(gaps, key=gaps.__getitem__)
    if gaps[i, c] > SEEN:
        text = f"all x_i = x*, yet entry {c + 1} of x_1' is {{}} and of x_{i + 1}' is {{}}"
        return _witness(text, Reading(velocity, (0, c), values), Reading(velocity, (i, c), values))
    _, c = max(((0, c) for c in range(dimension)), key=lambda at: abs(table[0][at[1]]))
    if not abs(table[0][c]) > SEEN:
        return None
    rest = Reading(ZeroMatrix(*X.shape), (0, c), values)
    text = "all x_i = x*, where they move on: x_1' has the entry {}, not {}"
    return _witness(text, Reading(velocity, (0, c), values), rest)


def _witness(text: str, first: Reading, second: Reading) -> Witness:
    one, other = first.value(), second.value()
    shown = (Integer(0) if value == 0 else N(value, 6) for value in (one, other))
    return Witness(text.format(*shown), first, second, N(one - other, 15))
