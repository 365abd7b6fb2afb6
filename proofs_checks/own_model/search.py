"""A search for a case that a property fails on, made of small integers, and made simpler.

Hypothesis reads the constants of all modules that are loaded and draws some of them: seconds of a
first question, and cases that depend on what else was imported. Here a seed draws the same cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

SHRINKS = 500
"""Cases tried to make a failing one simpler; cases of five tokens came to rest within 200."""


class Choices:
    """Integers that a case is made of: read off a list, and after its end drawn, or 0.

    Parameters
    ----------
    values : sequence of int, optional
        What is read first, each at most its bound.
    rng : Generator, optional
        Draws what the list doesn't hold; without it that is 0, the simplest.

    Examples
    --------
    >>> choices = Choices([2, 9])
    >>> [choices.below(4) for _ in range(3)], choices.made
    ([2, 3, 0], [2, 3, 0])
    """

    def __init__(self, values: Sequence[int] = (), rng: np.random.Generator | None = None) -> None:
        self._values, self._rng = values, rng
        self.made: list[int] = []

    def below(self, bound: int) -> int:
        """Choose an integer from 0, the simplest, to bound - 1."""
        place = len(self.made)
        if place < len(self._values):
            chosen = min(self._values[place], bound - 1)
        else:
            chosen = 0 if self._rng is None else int(self._rng.integers(bound))
        self.made.append(chosen)
        return chosen


Make = Callable[[Choices], Any]
"""What makes a case of choices."""


def failing_case(
    make: Make, holds: Callable[[Any], Any], cases: int, rng: np.random.Generator
) -> Any | None:
    """Return the simplest case found that a property fails on, or None.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> failing_case(lambda choices: choices.below(100), lambda v: v < 17, 100, rng)
    17
    """
    for k in range(cases):
        choices = Choices((), rng if k else None)  # the simplest case of all is tried first
        if not holds(make(choices)):
            return make(Choices(_simplest(make, holds, choices.made)))
    return None


def _simplest(make: Make, holds: Callable[[Any], Any], made: list[int]) -> list[int]:
    """Lower choices, and leave some out, as long as the property fails."""
    left, simpler = SHRINKS, True
    while simpler:
        simpler = False
        for values in _simpler(made):
            if left == 0:
                return made
            left -= 1
            choices = Choices(values)
            if not holds(make(choices)) and _size(choices.made) < _size(made):
                made, simpler = choices.made, True
                break
    return made


def _size(made: list[int]) -> tuple[int, list[int]]:
    return len(made), made


def _simpler(made: list[int]) -> Iterator[list[int]]:
    """Yield choices with one lowered; then with a later one left out too, that of a token."""
    for i, chosen in enumerate(made):
        for value in dict.fromkeys((0, chosen // 2, chosen - 1)):
            if 0 <= value < chosen:
                yield [*made[:i], value, *made[i + 1 :]]
    for i, j in combinations(range(len(made)), 2):
        if made[i]:
            yield [*made[:i], made[i] - 1, *made[i + 1 : j], *made[j + 1 :]]
