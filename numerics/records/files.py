"""Results as files: an archive of arrays with a header that says what they are.

The file is what `numpy.load` reads (no pickle): the arrays of the result under their names, and one
member ``header.json``: class, format, metadata (command, seed, versions, digest of the sources),
and the tree that `load` makes the result of.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numerics.arguments import shown
from numerics.records.codec import ROOMS, Reader, Writer
from numerics.sources import source_digest, versions
from numerics.whole_files import write_npz, write_whole

FORMAT = 1
"""Version of the format. A file of a later one is refused."""

HEADER = "header.json"
_KIND = "attnflow result"


def save(
    result: Any,
    path: str | os.PathLike[str],
    command: str | None = None,
    seed: Any = None,
    facts: Mapping[str, Any] | None = None,
) -> Path:
    """Write a result; `load` gives it back with the same bits.

    Parameters
    ----------
    result : Result
        What a function of this package returned.
    path : str or PathLike
        ``.npz`` is appended where it is missing.
    command : str, optional
        How it was computed, for people.
    seed : int, optional
        What it was drawn with; a SeedSequence too.
    facts : Mapping, optional
        What the titles of its pictures say besides, as `numerics.plot.styled` takes it.

    Returns
    -------
    Path
        Of the file, which appears whole or not at all.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        For a result that holds what no file can, such as a parameter that is a function.
    """
    target = _path(path)
    if target.suffix != ".npz":
        target = target.with_name(target.name + ".npz")
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"Expected a file in a folder that exists but got path={str(path)!r}; make "
            f"{str(target.parent)!r} first."
        )
    writer = Writer()
    content = writer.result(result)
    header = {
        "kind": _KIND,
        "class": type(result).__name__,
        "format": FORMAT,
        "metadata": {
            "command": command,
            "seed": _seed(seed),
            "versions": versions(),
            "sources": source_digest(),
            "facts": dict(facts or {}),
        },
        "result": content,
    }
    texts = {HEADER: json.dumps(header, indent=1, allow_nan=False)}
    arrays = {name: np.asarray(getattr(result, name)) for name in type(result)._derived}
    arrays |= writer.arrays()
    write_whole(target, lambda stream: write_npz(stream, arrays, texts))
    return target


def _path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"Expected a path but got path={shown(path)}; give a text such as 'run.npz'."
        )
    return Path(path)


def _seed(seed: Any) -> Any:
    """Write a seed as JSON: a number, numbers, or the entropy and the key of a SeedSequence."""
    if isinstance(seed, np.random.SeedSequence):
        return {"entropy": seed.entropy, "spawn_key": list(seed.spawn_key)}
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if seed is None or whole:
        return None if seed is None else int(seed)
    raise TypeError(
        f"Expected a whole number or a SeedSequence but got seed={shown(seed)}; give what the run "
        "was drawn with, or leave it out."
    )


def read_header(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Say what is in a file: its ``class``, ``format`` and ``metadata``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no file of `save`.
    """
    found = dict(_opened(_path(path))[0])
    del found["result"]
    return found


def load(path: str | os.PathLike[str]) -> Any:
    """Read a result that its ``.save`` has written.

    Parameters
    ----------
    path : str or PathLike
        Where the file is.

    Returns
    -------
    Trajectory, Coarsening, PhaseDiagram, ...
        Of the class that was saved, with the same bits. Arrays of PyTorch or JAX come back as
        NumPy's.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a file that is cut short, damaged, not of `save`, or of a later version.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from numerics import compile_model, integrate, load, sphere
    >>> from theory import SA
    >>> run = integrate(compile_model(SA, beta=4.0), sphere.random_points(8, 2, rng=0), 1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = load(run.save(pathlib.Path(folder) / "run.npz", seed=0))
    >>> bool((again.at(0.5) == run.at(0.5)).all()), again.status.name
    (True, 'FINISHED')
    """
    target = _path(path)
    header, arrays = _opened(target)
    try:
        found = Reader(arrays).decode(header["result"])
    except Exception as error:  # damaged text raises whatever the readers stumble upon
        raise _foreign(target, f"its header can't be read: {error}") from error
    if not type(found).__module__.startswith(ROOMS) or type(found).__name__ != header["class"]:
        raise _foreign(target, f"its header speaks of class={header['class']!r}")
    return found


def _opened(path: Path) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Read header and arrays, or say what is wrong with the file."""
    if not path.exists():
        raise FileNotFoundError(
            f"Expected a file written by .save but got path={str(path)!r}, which isn't there; "
            "mend the path."
        )
    if path.is_dir():
        raise _foreign(path, "it is a folder")
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            if HEADER not in archive.files:
                raise _foreign(path, "it has no header; numpy.load reads its arrays")
            header = json.loads(archive[HEADER])
            arrays = {name: archive[name] for name in archive.files if name != HEADER}
    except OSError as error:
        raise _foreign(path, f"it can't be read ({error})") from error
    except Exception as error:  # damaged bytes raise whatever the parsers stumble upon
        if isinstance(error, ValueError) and str(error).startswith("Expected a file"):
            raise
        raise _foreign(path, "it is cut short, damaged, or another kind of file") from error
    keys = {"kind", "class", "format", "metadata", "result"}
    if not isinstance(header, dict) or not keys <= set(header) or header["kind"] != _KIND:
        raise _foreign(path, "its header is another one")
    if not isinstance(header["format"], int) or header["format"] > FORMAT:
        raise _foreign(path, f"format={header['format']!r}, of a later version; update attnflow")
    return header, arrays


def _foreign(path: Path, why: str) -> ValueError:
    remedy = "" if ";" in why else "; save the result again"
    return ValueError(
        f"Expected a file written by .save but got path={str(path)!r}: {why}{remedy}."
    )
