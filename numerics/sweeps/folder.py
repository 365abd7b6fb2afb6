"""The folder of a sweep: manifest, lock, and chunks that are written whole or not at all.

Nothing in it is a pickle. The manifest holds all that fixes the bits of the result. The digest of
its first part, the function's name and arguments, the cells and the seed, is part of the checksum
of each chunk, so that a chunk of another sweep is never taken; the second is the code, a change of
which is refused unless it is accepted (`numerics.sweeps.code`).
"""

from __future__ import annotations

import enum
import functools
import hashlib
import importlib.metadata
import inspect
import io
import itertools
import json
import os
import platform
import re
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import srepr
from sympy.core.basic import Basic

from numerics.arguments import shown
from numerics.sweeps.code import Code, changes
from numerics.whole_files import write_npz, write_whole

__all__ = [
    "CHECKSUM",
    "Folder",
    "SweepError",
    "cannot_write",
    "identity_of",
    "open_folder",
    "qualified",
]

Array: TypeAlias = NDArray[Any]

SCHEMA = 2
CHECKSUM = "sha256"
"""Name of the member of a chunk that holds its checksum."""


class SweepError(RuntimeError):
    """A sweep that can't go on: a cell failed, a worker died, or its folder is in use."""


# ---------------------------------------------------------------------------------------- manifest


def _described(name: str, value: Any) -> Any:
    """Say in JSON what a value is, alike in every process, or refuse."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, tuple | list):
        return [_described(f"{name}[{i}]", entry) for i, entry in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _described(f"{name}[{key!r}]", entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufcSU":
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return {"array": list(value.shape), "dtype": value.dtype.str, CHECKSUM: digest}
    if isinstance(value, Basic):
        return re.sub(r", dummy_index=\d+", "", srepr(value))  # drawn anew by each process
    if isinstance(value, enum.Enum):
        return str(value)
    if isinstance(value, functools.partial):
        return {
            "partial": _described(name, value.func),
            "args": _described(name, value.args),
            "keywords": _described(name, value.keywords),
        }
    if is_dataclass(value) and not isinstance(value, type):
        parts = {
            field.name: _described(f"{name}.{field.name}", getattr(value, field.name))
            for field in fields(value)
        }
        return {"class": qualified(type(value)), "fields": parts}
    if inspect.ismethod(value):
        return {"method": value.__name__, "of": _described(name, value.__self__)}
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return {
            "function": qualified(value),
            "defaults": _described(f"{name} defaults", getattr(value, "__defaults__", None)),
            "closure": _described(f"{name} closure", _enclosed(value)),
        }
    raise ValueError(
        "Expected numbers, texts, arrays, SymPy expressions, dataclasses such as Model, functions "
        f"or containers of these but got {name}={value!r}; a sweep with out= must be able to tell "
        "whether a rerun has the same arguments."
    )


def qualified(thing: Any) -> str:
    """Name a function or class by its module and its name there."""
    return f"{getattr(thing, '__module__', None)}.{thing.__qualname__}"


def _enclosed(function: Any) -> dict[str, Any]:
    """Variables of enclosing functions that a function uses, but for itself."""
    if not inspect.isfunction(function):
        return {}
    found = inspect.getclosurevars(function).nonlocals
    return {name: value for name, value in found.items() if value is not function}


def identity_of(
    function: Any,
    cells: Sequence[Mapping[str, Any]],
    axes: Sequence[tuple[str, Sequence[Any]]] | None,
    root: np.random.SeedSequence,
    size: int,
) -> dict[str, Any]:
    """Say as JSON all that fixes the bits of a result.

    Parameters
    ----------
    function : callable
        A function, or a partial of one.
    cells : sequence of mappings
        The parameters of each cell.
    axes : sequence of (name, values), or None
        Their axes if they are a grid: these fix the cells, and tell people what differs.
    root : numpy.random.SeedSequence
        The root of the seeds.
    size : int
        Cells in a chunk.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        For an argument whose identity can't be told by another process.
    """
    encode = json.JSONEncoder(sort_keys=True).encode
    digest = hashlib.sha256()
    for cell in cells if axes is None else axes:
        digest.update(encode(cell).encode() + b"\n")
    identity = {
        "schema": SCHEMA,
        "function": _described("function", function),
        "cells": {
            "count": len(cells),
            "axes": None if axes is None else dict(axes),
            "order": None if axes is None else [name for name, _ in axes],
            CHECKSUM: digest.hexdigest(),
        },
        "seed": {
            "entropy": _described("rng.entropy", root.entropy),
            "spawn_key": [int(key) for key in root.spawn_key],
            "pool_size": root.pool_size,
        },
        "cells_per_chunk": size,
    }
    parsed: dict[str, Any] = json.loads(json.dumps(identity))
    return parsed


def _differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            inner = f"{path}.{key}" if path else key
            yield from _differences(old.get(key), new.get(key), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{path}[{i}]")
    elif json.dumps(old) != json.dumps(new):
        yield f"{path} is {_short(old)} there, {_short(new)} now"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


# ------------------------------------------------------------------------------------------ folder

_LOCKED: dict[Path, object] = {}
"""Folders in use by this process: record locks hold between processes only."""


@dataclass(frozen=True)
class Folder:
    """The files of one sweep: `manifest.json`, `lock`, and one `chunk-*.npz` a chunk."""

    path: Path
    identity: str
    """Digest of the manifest, part of each checksum: no chunk of another sweep is taken."""

    def chunk_path(self, k: int) -> Path:
        """Say where chunk `k` is or will be."""
        return self.path / f"chunk-{k:04d}.npz"

    def write(self, k: int, stacked: Mapping[str, Array]) -> None:
        """Write a chunk under a temporary name, flush it to the disk and rename it."""
        arrays = {**stacked, CHECKSUM: np.array(self._checksum(k, stacked))}
        write_whole(self.chunk_path(k), lambda stream: write_npz(stream, arrays))

    def read(self, k: int) -> dict[str, Array] | None:
        """Read a chunk; None if it isn't there.

        Raises
        ------
        ValueError
            If it is damaged, cut short or belongs to another sweep.
        """
        try:
            data = self.chunk_path(k).read_bytes()
        except FileNotFoundError:
            return None
        except IsADirectoryError as error:
            raise ValueError(self._damaged(k)) from error
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            checksum = str(arrays.pop(CHECKSUM))
        except Exception as error:  # damaged bytes raise whatever the parsers stumble upon
            raise ValueError(self._damaged(k)) from error
        if checksum != self._checksum(k, arrays):
            raise ValueError(self._damaged(k))
        return arrays

    def _damaged(self, k: int) -> str:
        return (
            f"Expected an intact chunk of this sweep but got {self.chunk_path(k)}; "
            "run the sweep again, it recomputes the chunk."
        )

    def _checksum(self, k: int, stacked: Mapping[str, Array]) -> str:
        digest = hashlib.sha256(f"{self.identity} {k}".encode())
        for name in sorted(stacked):
            array = np.ascontiguousarray(stacked[name])
            digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
            digest.update(array.reshape(-1).view(np.uint8).data)
        return digest.hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a folder: a record lock, which ends with the process however it ends."""
    key, token = path.resolve(), object()
    if _LOCKED.setdefault(key, token) is not token:
        raise SweepError(
            f"Expected a folder that no other sweep uses but got out={path}, in use by another "
            "thread of this process; wait for it, or choose another folder."
        )
    try:
        descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                _lock(descriptor)
            except (BlockingIOError, PermissionError) as error:
                owner = (path / "lock").read_text(encoding="utf-8").strip()
                raise SweepError(
                    f"Expected a folder that no other sweep uses but got out={path}, in use by "
                    f"{owner or 'another process'}; wait for it, or choose another folder."
                ) from error
            with suppress(OSError):  # a full disk: the name of the owner is for people only
                os.truncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            yield
        finally:
            os.close(descriptor)
    finally:
        del _LOCKED[key]


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # behind the text, which others may read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # lockf rather than flock: forked workers that outlive us must not inherit it
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def open_folder(
    out: str | os.PathLike[str], identity: dict[str, Any], code: Code, accept_changes: bool = False
) -> Iterator[Folder]:
    """Lock the folder of a sweep, compare or write its manifest, remove stale temporaries.

    Parameters
    ----------
    out : path
        The folder, made if it isn't there.
    identity : dict
        From `identity_of`; part of the checksum of each chunk.
    code : Code
        From `code_of`. It is compared too, but isn't part of the checksums.
    accept_changes : bool
        Go on with other code than the manifest's, and record in it what has changed.

    Raises
    ------
    ValueError
        If it isn't a folder, holds something else in place of a file, or is one of another sweep.
    SweepError
        If another sweep uses it.
    OSError
        If it can't be written.
    """
    if not isinstance(out, str | os.PathLike) or not str(out):
        raise TypeError(
            f"Expected the name of a folder but got out={shown(out)}; "
            "give a text such as 'results', or leave it out."
        )
    path = Path(out)
    if os.path.lexists(path) and not path.is_dir():
        raise ValueError(
            f"Expected a folder but got out={path}, a file or a broken link; choose another name."
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ValueError(
            f"Expected the name of a folder but got out={path}, which goes through "
            f"{error.filename}, a file; choose another name."
        ) from error
    except (OSError, ValueError) as error:
        raise _cannot_make(path, error) from error
    _check_kinds(path)
    with _locked(path):
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        for stale in (*path.glob("chunk-*.npz.tmp"), *path.glob("manifest.json.tmp")):
            stale.unlink()
        manifest = path / "manifest.json"
        if manifest.exists():
            _compare(manifest, identity, code, accept_changes)
        else:
            information = {
                "python": platform.python_version(),
                "sympy": importlib.metadata.version("sympy"),
                "platform": platform.platform(),
            }
            whole = {
                "sweep": identity,
                CHECKSUM: digest,
                "code": code,
                "changes": [],
                "information": information,
            }
            _write_manifest(manifest, whole, "No cell is finished")
        yield Folder(path, digest)


def _write_manifest(manifest: Path, whole: Mapping[str, Any], finished: str) -> None:
    text = json.dumps(whole, indent=2).encode()
    try:
        write_whole(manifest, lambda stream: stream.write(text))
    except OSError as error:
        raise cannot_write(manifest, error, finished) from error


def _check_kinds(path: Path) -> None:
    """Refuse a folder where something else has the name of one of our files."""
    names = ("manifest.json", "lock", "manifest.json.tmp", "chunk-*.npz", "chunk-*.npz.tmp")
    for found in itertools.chain.from_iterable(path.glob(name) for name in names):
        if found.exists() and not found.is_file():
            kind = "a folder" if found.is_dir() else "no regular file"
            raise ValueError(
                f"Expected a file but got {found}, {kind}; remove it, or choose another folder."
            )


def _cannot_make(path: Path, error: Exception) -> Exception:
    """Make the error for a folder that can't be made: a name or a place that isn't allowed."""
    reason = getattr(error, "strerror", None) or str(error)
    message = f"Expected to make the folder {path} but got: {reason}; choose another name or place"
    if isinstance(error, OSError):
        return OSError(error.errno, message, str(path))
    return ValueError(f"{message}.")


def cannot_write(path: Path, error: OSError, finished: str) -> OSError:
    """Make the error for a disk that is full or can't be written: what is kept, and what to do."""
    return OSError(
        error.errno,
        f"Expected to write {path.name} but got: {error.strerror or error}. {finished}; make room "
        "or check the permissions, and run the same sweep again: it resumes. Folder",
        str(path.parent),
    )


def _compare(manifest: Path, identity: dict[str, Any], code: Code, accept_changes: bool) -> None:
    """Refuse another sweep, and other code unless that is accepted: then record it."""
    try:
        whole = json.loads(manifest.read_text(encoding="utf-8"))
        found, schema = whole["sweep"], whole["sweep"]["schema"]
        if schema == SCHEMA:
            other = list(changes(whole["code"], code))
            whole["changes"] = list(whole["changes"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"Expected a manifest that sweep wrote but got {manifest}, which can't be read; "
            "choose another folder."
        ) from error
    if schema != SCHEMA:
        raise ValueError(
            f"Expected a folder of this version of attnflow but got {manifest} of schema="
            f"{shown(schema)} in place of {SCHEMA}: it doesn't say which code computed its cells, "
            "or says it otherwise. Choose another folder and compute the cells again; finish the "
            "old one with the version that began it. Its chunks stay readable with numpy.load."
        )
    everything = list(_differences(found, identity))
    differences = [text for text in everything if not text.startswith("cells.sha256")] or everything
    if differences:
        raise ValueError(
            f"Expected the sweep of {manifest} but got another one: {_listed(differences)}. "
            "Choose another folder, or call with what is there."
        )
    if other and not accept_changes:
        raise ValueError(
            f"Expected the code that {manifest} was made with but got another: {_listed(other)}. "
            "Choose another folder; or, if that leaves the finished cells as they are, go on with "
            "accept_changes=True (--accept-changes), which the manifest will say."
        )
    if other:
        kept = sorted(path.name for path in manifest.parent.glob("chunk-*.npz"))
        whole["changes"].append({"differences": other, "from": whole["code"], "kept": kept})
        whole["code"] = code
        _write_manifest(manifest, whole, "The finished cells are kept")


def _listed(differences: Sequence[str]) -> str:
    more = f"; and {len(differences) - 5} more" if len(differences) > 5 else ""
    return "; ".join(differences[:5]) + more
