"""Results as labelled data: dimensions with names, coordinates, and how they came about.

A class says which attribute is the coordinate of a dimension (``_coordinates``) and which
dimensions an attribute has (``_variables``); ``...`` in these stands for systems of a batch.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from numerics.sources import source_digest, version
from theory.summaries import brief

Dimensions: TypeAlias = tuple[Any, ...]


def dataset_of(result: Any) -> Any:
    """Make an ``xarray.Dataset`` of a result.

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``xarray``.
    TypeError
        For a class that doesn't say what its dimensions are.
    """
    variables = list(_variables(result))
    if not variables:
        raise TypeError(
            f"Expected a result with arrays along named dimensions but got {brief(result)}; read "
            "its attributes, or save it."
        )
    try:
        xarray = importlib.import_module("xarray")
    except ImportError as error:
        raise ModuleNotFoundError(
            "Expected xarray to be importable but it isn't; install it with "
            "pip install 'attnflow[xarray]', or use save."
        ) from error
    data = {name: (_named(dims, value.ndim), value) for name, dims, value in variables}
    used = {dim for dims, _ in data.values() for dim in dims}
    coordinates = {
        dim: np.asarray(getattr(result, name)) for dim, name in result._coordinates if dim in used
    }
    coordinates |= result._further_coordinates()
    return xarray.Dataset(data, coords=coordinates, attrs=dict(_attributes(result)))


def _variables(result: Any) -> Iterator[tuple[str, Dimensions, Any]]:
    """Name, dimensions and values of each array."""
    for name, dims in result._variables:
        value = getattr(result, name)
        if value is not None:
            yield name, dims, np.asarray(value)
    for name, dims, value in result._further_variables():
        yield name, dims, np.asarray(value)


def _named(dims: Dimensions, count: int) -> tuple[str, ...]:
    """Give the systems of a batch names: ``system``, or one with a number for each axis."""
    if ... not in dims:
        return dims
    place, more = dims.index(...), count - len(dims) + 1
    systems = ("system",) if more == 1 else tuple(f"system_{k}" for k in range(more))
    return (*dims[:place], *systems, *dims[place + 1 :])


def _attributes(result: Any) -> Iterator[tuple[str, Any]]:
    """Numbers and texts that describe the result, in types that netCDF has."""
    yield "class", type(result).__name__
    for name in dict.fromkeys((*(result._shown or vars(result)), "model", "field")):
        value = getattr(result, name, None)
        if isinstance(value, Enum):
            yield name, value.name
            yield f"{name}_message", str(getattr(value, "message", ""))
        elif isinstance(value, bool | np.bool_):
            yield name, int(value)
        elif isinstance(value, int | float | str | np.number) and not name.startswith("_"):
            yield name, value
        elif name == "model" and value is not None:
            yield name, brief(value)
        elif name == "field":
            yield from _field(value)
    yield "attnflow", version()
    yield "sources", source_digest()


def _field(field: Any) -> Iterator[tuple[str, Any]]:
    """Model and parameters of a compiled field."""
    field = getattr(field, "direct", field)
    if field is None:
        return
    yield "model", str(field.model.name)
    parameters: Mapping[str, Any] = getattr(field, "parameters", {})
    for name, value in parameters.items():
        if not callable(value):
            yield name, np.asarray(value).reshape(-1) if np.ndim(value) else float(value)
        else:
            yield name, "a function of time"
