"""Several results of one run, in one file: what its pictures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numerics.records.result import Result

__all__ = ["Album"]


@dataclass(frozen=True, eq=False)
class Album(Result):
    """Results that are drawn together.

    Attributes
    ----------
    kind : str
        What they are of: the command that computed them.
    parts : Mapping
        Name to result, or what a file can hold: numbers, arrays, containers.
    """

    kind: str
    parts: Mapping[str, Any]
