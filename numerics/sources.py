"""What computed a result: the version of each library, and digests of our own sources.

Digests are of theory and numerics, pictures excepted, however the lines of the files end.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

import theory

__all__ = ["LIBRARIES", "file_digests", "source_digest", "version", "versions"]

LIBRARIES = ("numpy", "scipy", "numba")
"""Libraries whose versions may move the last bits of a result."""

PICTURES = "numerics/plot/"
"""What no number depends on."""


def version(distribution: str = "attnflow") -> str:
    """Return the version of a distribution, or ``"not installed"``."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Return the versions of Python, of this package and of the libraries beneath it."""
    names = ("attnflow", "sympy", *LIBRARIES)
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


@functools.lru_cache(maxsize=1)
def file_digests() -> dict[str, str]:
    """Digest each source file of theory and numerics: name -> digest, however its lines end."""
    digests = {}
    for root in (Path(str(theory.__file__)).parent, Path(__file__).parent):
        for path in sorted(root.rglob("*.py")):
            name = path.relative_to(root.parent).as_posix()
            if not name.startswith(PICTURES):
                text = path.read_bytes().replace(b"\r\n", b"\n")
                digests[name] = hashlib.sha256(text).hexdigest()
    return digests


def source_digest() -> str:
    """Return one digest of all of `file_digests`: equal sources, equal digests."""
    lines = (f"{name} {digest}\n" for name, digest in file_digests().items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()
