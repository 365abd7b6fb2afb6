"""What a row says of a model by a theorem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from proofs_checks.proof import Step
from proofs_checks.theorems import Conclusion


@dataclass(frozen=True)
class Shown:
    """What a row says of a model by a theorem.

    Attributes
    ----------
    sentence : str
    own : Conclusion
    more : tuple of Step
        What follows, by arguments that aren't typed.
    words : Mapping
        Scope that these add.
    high : bool
        Whether its starts are in an open hemisphere, though that isn't among what is given.
    """

    sentence: str
    own: Conclusion
    more: tuple[Step, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    high: bool = False


__all__ = ["Shown"]
