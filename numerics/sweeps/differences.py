"""What differs between two sweeps, in the names of their arguments and without digests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["CHECKSUM", "differences"]

CHECKSUM = "sha256"
"""Key of a digest in a manifest."""

_LONGEST = 60
"""Longest text that is shown as it stands."""

_STRUCTURE = ("function", "keywords", "partial", "fields")
"""Keys of a manifest that hold arguments and aren't one themselves."""

_NAMES = {
    "cells.count": "number of cells",
    "cells.order": "order of the axes",
    "seed.entropy": "seed entropy",
    "function.args": "positional arguments",
}
"""Entries of a manifest by what people call them."""


def _name(path: str) -> str:
    """Name an entry as whoever called the sweep knows it."""
    for entry, name in _NAMES.items():
        if path == entry or path.startswith(f"{entry}["):
            return name + path[len(entry) :]
    parts = path.removeprefix("cells.").split(".")
    kept = [part for part in parts if part not in _STRUCTURE]
    return ".".join(kept) or "function"


def _short(value: Any) -> str | None:
    """Show a value; None if it is too long to tell anything."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST else None


def _is_array(value: Any) -> bool:
    return isinstance(value, Mapping) and "array" in value and CHECKSUM in value


def _many(shape: list[int]) -> str:
    """Say how many values an array has."""
    return f"{shape[0]} values" if len(shape) == 1 else f"shape {tuple(shape)}"


def _arrays(old: Any, new: Any, name: str) -> str:
    if old["array"] != new["array"]:
        return f"{name} has {_many(old['array'])} there, {_many(new['array'])} now"
    if old["dtype"] != new["dtype"]:
        return f"{name} is of dtype {old['dtype']} there, {new['dtype']} now"
    return f"{name} has other values there ({_many(old['array'])})"


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Name what differs between what two manifests say.

    Parameters
    ----------
    old, new : JSON values
        Of the folder, and of the call.
    path : str
        Where they stand in their manifests.

    Yields
    ------
    str
        Such as ``"betas has 9 values there, 12 now"``.
    """
    if json.dumps(old) == json.dumps(new) or path.endswith(CHECKSUM):
        return
    name = _name(path)
    if _is_array(old) and _is_array(new):
        yield _arrays(old, new, name)
    elif isinstance(old, dict) and isinstance(new, dict):
        if "class" in old and "class" in new:
            names = [value["fields"].get("name") for value in (old, new)]
            if None not in names and names[0] != names[1]:
                yield f"{name} is {names[0]} there, {names[1]} now"
                return
        if set(old) != set(new) and path.startswith("function"):
            yield f"{name} is another one there"
            return
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new, strict=True)):
            yield from differences(*pair, f"{path}[{i}]")
    elif isinstance(old, list) and isinstance(new, list):
        yield f"{name} has {_many([len(old)])} there, {_many([len(new)])} now"
    else:
        there, now = _short(old), _short(new)
        if there is None or now is None:
            yield f"{name} is another one there"
        else:
            yield f"{name} is {there} there, {now} now"
