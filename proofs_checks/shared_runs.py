"""Runs that a claim shares with its twins: from one start, under one flow, once.

A claim, its printed form and its controls draw the same cases. Where a twin changes the prediction
alone, the runs that it is held against have been made; its verdict is the same as from new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar, cast

import numpy as np
from sympy import Basic

from numerics import coarsening, ensembles, integration
from theory.models import Model

_F = TypeVar("_F", bound=Callable[..., Any])

_PLAIN = (str, int, float, np.generic, Basic, Enum, Model)
"""What is told apart by its own ``==``, of one type."""

_RUNS: ContextVar[dict[Hashable, Any] | None] = ContextVar("runs", default=None)


class _UnknownError(Exception):
    """An argument that may change from one run to the next."""


@contextmanager
def runs_shared() -> Iterator[None]:
    """Make no run of this block twice."""
    token = _RUNS.set({})
    try:
        yield
    finally:
        _RUNS.reset(token)


def _bits(value: Any) -> Hashable:
    """Tell arguments apart: numbers by their bits, functions by who they are."""
    if value is None or isinstance(value, _PLAIN):
        return type(value), value
    if isinstance(value, FunctionType):
        return value
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, list | tuple):
        return type(value), *map(_bits, value)
    if isinstance(value, Mapping):
        return Mapping, *((name, _bits(value[name])) for name in sorted(value))
    if is_dataclass(value):
        return type(value), *(_bits(getattr(value, f.name)) for f in fields(value))
    raise _UnknownError


def _once(run: _F) -> _F:
    """Run with arguments that were met before: what came of it then."""

    @wraps(run)
    def shared(*args: Any, **named: Any) -> Any:
        runs = _RUNS.get()
        if runs is None:
            return run(*args, **named)
        try:
            key = run, _bits(args), _bits(named)
        except _UnknownError:
            return run(*args, **named)
        if key not in runs:
            runs[key] = run(*args, **named)
        return runs[key]

    return cast(_F, shared)


coarsen = _once(coarsening.coarsen)
ensemble = _once(ensembles.ensemble)
integrate = _once(integration.integrate)


__all__ = ["coarsen", "ensemble", "integrate", "runs_shared"]
