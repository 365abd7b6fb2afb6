"""The code that computes a sweep: what of it a folder remembers, and what differs from it.

Digests of the sources of theory and numerics (pictures excepted), the versions of the libraries
whose bits enter the result, and the source of the cell function. Unlike the arguments of a sweep
they aren't part of the checksums of its chunks: whoever knows that a change leaves the finished
cells as they are may accept it, and the folder records that.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from numerics.sources import LIBRARIES, file_digests, version

__all__ = ["Code", "changes", "code_of", "source_of", "unwrapped"]

Code: TypeAlias = Mapping[str, Any]
"""``attnflow``, ``function``, ``versions`` and ``files``: what `code_of` gives, as JSON."""


def unwrapped(function: Any) -> Any:
    """Take the function out of its partials."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def source_of(function: Any) -> str | None:
    """Digest the source without comments and layout; None where there is no source to read."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(unwrapped(function))))
    except (OSError, TypeError, SyntaxError):
        return None
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()


def code_of(function: Any) -> Code:
    """Say as JSON what computes a cell.

    Parameters
    ----------
    function : callable
        The cell function, or a partial of it.

    Returns
    -------
    Mapping
    """
    return {
        "attnflow": version(),
        "function": source_of(function),
        "versions": {name: version(name) for name in LIBRARIES},
        "files": dict(file_digests()),
    }


def changes(old: Code, new: Code) -> Iterator[str]:
    """Name what differs; a function without a source, then or now, can't be compared."""
    if new["function"] and old["function"] not in (new["function"], None):
        yield "the function is an edited one"
    pairs = {"attnflow": (old["attnflow"], new["attnflow"])}
    for name in dict.fromkeys([*old["versions"], *new["versions"]]):
        pairs[name] = (old["versions"].get(name), new["versions"].get(name))
    for name, (there, now) in pairs.items():
        if there != now:
            yield f'{name} is "{there}" there, "{now}" now'
    for name in sorted({*old["files"], *new["files"]}):
        there, now = old["files"].get(name), new["files"].get(name)
        if there != now:
            yield f"{name} is {'new' if there is None else 'gone' if now is None else 'edited'}"
