"""A function whose first argument is fixed, equal to another of the same function and argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fixed:
    """``f(first, ...)`` as a function of the rest; unlike ``partial`` it survives pickling equal.

    Attributes
    ----------
    function : callable
    first : object

    Examples
    --------
    >>> Fixed(max, 3)(5), Fixed(max, 3) == Fixed(max, 3)
    (5, True)
    """

    function: Callable[..., Any]
    first: Any

    def __call__(self, *rest: Any) -> Any:
        """Call the function."""
        return self.function(self.first, *rest)
