"""Results as JSON and arrays, and back: no pickle, and every array bit for bit.

A result is a tree of dataclasses, statuses, numbers, containers, expressions and arrays. The tree
becomes JSON; arrays are put aside and referred to. Those of the result itself keep their names,
so that `numpy.load` finds them; all others of one type are put one after another.
"""

from __future__ import annotations

import enum
import importlib
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from fractions import Fraction
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import Basic, MatrixBase

from numerics.arguments import shown
from numerics.records.expressions import UnreadableError, read, written

Array: TypeAlias = NDArray[Any]

ROOMS = ("numerics.", "theory.")
"""Where the classes of results are defined; no other class is ever made of a file."""


class Writer:
    """Turns a result into JSON, and gathers its arrays."""

    def __init__(self) -> None:
        self.named: dict[str, Array] = {}
        self._kinds: dict[str, list[Array]] = {}
        self._sizes: dict[str, int] = {}
        self._known: dict[int, tuple[Any, Any]] = {}

    def arrays(self) -> dict[str, Array]:
        """All arrays by the names that the JSON uses."""
        joined = {f"nested_{kind}": np.concatenate(parts) for kind, parts in self._kinds.items()}
        return self.named | joined

    def result(self, value: Any) -> Any:
        """Encode a result; arrays among its attributes keep their names."""
        for name, part in _state(value).items():
            if isinstance(part, np.ndarray) and not name.startswith("_"):
                self._check(part, name)
                self.named[name] = part
                self._known[id(part)] = (part, {"array": name})
        return self.encode(value, type(value).__name__)

    def encode(self, value: Any, where: str) -> Any:
        """Encode any part of a result.

        Raises
        ------
        ValueError
            For what no file can hold, such as a function.
        """
        if isinstance(value, np.ndarray | np.generic):
            return self._array(value, where)
        if isinstance(value, enum.Enum):
            return {"enum": _name(type(value)), "member": value.name}
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, complex):
            return {"complex": [self.encode(x, where) for x in (value.real, value.imag)]}
        if isinstance(value, Fraction):
            return {"fraction": str(value)}
        if isinstance(value, Basic | MatrixBase):
            try:
                return {"expression": written(value)}
            except UnreadableError as error:
                raise _refused(where, value) from error
        if isinstance(value, PurePath):
            return {"path": value.as_posix()}
        if isinstance(value, np.random.SeedSequence):
            parts = {"entropy": value.entropy, "spawn_key": value.spawn_key}
            return {"seeds": self._parts(parts, where)}
        return self._container(value, where)

    def _container(self, value: Any, where: str) -> Any:
        if isinstance(value, list):
            return [self.encode(part, f"{where}[{k}]") for k, part in enumerate(value)]
        if isinstance(value, Mapping):
            pairs = [
                [self.encode(key, where), self.encode(part, f"{where}[{key!r}]")]
                for key, part in value.items()
            ]
            return {"map": pairs}
        if isinstance(value, tuple) and not hasattr(value, "_fields"):
            return {"tuple": [self.encode(part, f"{where}[{k}]") for k, part in enumerate(value)]}
        if isinstance(value, set | frozenset):
            return {"set": sorted((self.encode(part, where) for part in value), key=str)}
        if isinstance(value, SimpleNamespace):
            return {"namespace": self._parts(vars(value), where)}
        if type(value).__module__.startswith(ROOMS) and not isinstance(value, type):
            return {"class": _name(type(value)), "state": self._parts(_state(value), where)}
        foreign = getattr(value, "__array_namespace__", None) or hasattr(value, "detach")
        if foreign:  # PyTorch, JAX: kept as NumPy's
            return self._array(np.asarray(getattr(value, "cpu", lambda: value)()), where)
        raise _refused(where, value)

    def _parts(self, parts: Mapping[str, Any], where: str) -> dict[str, Any]:
        return {name: self.encode(part, f"{where}.{name}") for name, part in parts.items()}

    def _check(self, array: Array, where: str) -> None:
        if array.dtype.hasobject:
            raise _refused(where, array)

    def _array(self, value: Any, where: str) -> Any:
        scalar = isinstance(value, np.generic)
        if id(value) in self._known and not scalar:
            return self._known[id(value)][1]
        array = np.asarray(value)
        self._check(array, where)
        kind = array.dtype.str.lstrip("<|=").replace(">", "big_")
        start = self._sizes.get(kind, 0)
        found: dict[str, Any] = {"array": [f"nested_{kind}", start, list(array.shape)]}
        if scalar:
            found["scalar"] = True
        self._kinds.setdefault(kind, []).append(array.reshape(-1))
        self._sizes[kind] = start + array.size
        self._known[id(value)] = (value, found)  # kept, so that no other array has its id
        return found


class Reader:
    """Makes a result of JSON and arrays."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays
        self._parts: dict[tuple[Any, ...], Array] = {}

    def decode(self, data: Any) -> Any:
        """Make what was encoded.

        Raises
        ------
        ValueError, KeyError, TypeError
            For other JSON than a `Writer` makes.
        """
        if isinstance(data, list):
            return [self.decode(part) for part in data]
        if not isinstance(data, dict):
            return data
        kind = next(iter(data))
        if kind not in self._MAKERS:
            raise ValueError(f"{kind!r} is none of {', '.join(self._MAKERS)}")
        return self._MAKERS[kind](self, data)

    def _array(self, data: Mapping[str, Any]) -> Any:
        where = data["array"]
        if isinstance(where, str):
            return self._arrays[where]
        name, start, shape = where
        size = math.prod(shape)
        part = self._arrays[name][start : start + size]
        if part.size != size:
            raise ValueError(f"{name} ends before {start + size}")
        if data.get("scalar"):
            return part.reshape(shape)[()]
        # What was one array in two places is one again.
        return self._parts.setdefault((name, start, *shape), part.reshape(shape).copy())

    def _object(self, data: Mapping[str, Any]) -> Any:
        found = _found(data["class"])
        state = {name: self.decode(part) for name, part in data["state"].items()}
        if hasattr(found, "_fields"):
            return found(**state)
        if is_dataclass(found):  # a file of an earlier version lacks what came later
            state = {p.name: p.default for p in fields(found) if p.default is not MISSING} | state
        if is_dataclass(found) and set(state) != {part.name for part in fields(found)}:
            raise ValueError(f"{data['class']} has other fields than {', '.join(state)}")
        made = object.__new__(found)
        for name, part in state.items():
            object.__setattr__(made, name, part)
        return made

    def _member(self, data: Mapping[str, Any]) -> Any:
        found = _found(data["enum"])
        if not issubclass(found, enum.Enum):
            raise ValueError(f"{data['enum']} has no members")
        return found[data["member"]]

    _MAKERS: Mapping[str, Any] = {
        "array": _array,
        "class": _object,
        "enum": _member,
        "float": lambda self, data: float(data["float"]),
        "complex": lambda self, data: complex(*map(self.decode, data["complex"])),
        "fraction": lambda self, data: Fraction(*map(int, data["fraction"].split("/"))),
        "expression": lambda self, data: read(data["expression"]),
        "map": lambda self, data: {self.decode(a): self.decode(b) for a, b in data["map"]},
        "tuple": lambda self, data: tuple(map(self.decode, data["tuple"])),
        "path": lambda self, data: Path(data["path"]),
        "seeds": lambda self, data: np.random.SeedSequence(
            **{name: self.decode(part) for name, part in data["seeds"].items()}
        ),
        "set": lambda self, data: frozenset(map(self.decode, data["set"])),
        "namespace": lambda self, data: SimpleNamespace(
            **{name: self.decode(part) for name, part in data["namespace"].items()}
        ),
    }


def _state(value: Any) -> dict[str, Any]:
    """Return what an object consists of, without what it has computed of that."""
    if hasattr(value, "_fields"):
        return dict(value._asdict())
    if is_dataclass(value):
        return {part.name: getattr(value, part.name) for part in fields(value)}
    return dict(vars(value))


def _name(found: type) -> str:
    return f"{found.__module__}:{found.__qualname__}"


def _found(name: str) -> Any:
    """Find a class of ours by its name; nothing else is imported."""
    module, _, own = name.partition(":")
    if not module.startswith(ROOMS):
        raise ValueError(f"{name} is no class of a result")
    found = getattr(importlib.import_module(module), own)
    if not isinstance(found, type) or found.__module__ != module:
        raise ValueError(f"{name} is no class of a result")
    return found


def _refused(where: str, value: Any) -> ValueError:
    return ValueError(
        f"Expected numbers, arrays and expressions but got {where}={shown(value)}, which no file "
        "can hold; a parameter that is a function of time can be written into the model instead, "
        "model.subs({beta: ...}) with theory.symbols.t."
    )
