"""Blocks: what the state of a model consists of, and the space that each part lives in.

Most models have one block, the tokens ``X``. Others carry magnitudes beside directions, masses that
move, a second species of tokens, or positions that stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import MatrixSymbol

SPACES = ("sphere", "euclidean", "positive", "simplex", "constant")


@dataclass(frozen=True)
class Block:
    """One part of a model's state.

    Parameters
    ----------
    symbol : MatrixSymbol
        Its symbol: one row a token, such as ``X`` (n, d), magnitudes (n, 1), masses ``m``.
    space : {"sphere", "euclidean", "positive", "simplex", "constant"}
        Unit rows; any rows; one positive number a row; positive numbers with a constant sum; or
        what the velocity depends on and never changes, such as positions.
    implied : bool, optional
        Whether it stands for a model's ``space`` alone, and follows when that is replaced.

    Raises
    ------
    ValueError
        For an unknown space, or rows of several numbers where one is meant.

    Examples
    --------
    >>> from sympy import MatrixSymbol
    >>> from theory.symbols import X, n
    >>> Block(X), Block(MatrixSymbol("r", n, 1), "positive")
    (Block(symbol=X, space='sphere'), Block(symbol=r, space='positive'))
    """

    symbol: Any
    space: str = "sphere"
    implied: bool = field(default=False, compare=False, repr=False)
    """Whether it stands for a model's ``space`` alone, and follows when that is replaced."""

    def __post_init__(self) -> None:
        """Refuse what has no retraction."""
        if not isinstance(self.symbol, MatrixSymbol):
            raise TypeError(
                f"Expected symbol a MatrixSymbol but got symbol={self.symbol!r}; use "
                'theory.symbols.X or MatrixSymbol("r", n, 1).'
            )
        if self.space not in SPACES:
            raise ValueError(f"Expected space one of {SPACES} but got space={self.space!r}.")
        if self.space in ("positive", "simplex") and self.symbol.shape[1] != 1:
            raise ValueError(
                f"Expected one number a row for a {self.space} block but got symbol={self.symbol} "
                f"of shape {self.symbol.shape}; use a symbol of shape (n, 1)."
            )

    @property
    def moves(self) -> bool:
        """Whether it has a velocity."""
        return self.space != "constant"
