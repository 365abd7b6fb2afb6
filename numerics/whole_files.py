"""Files that appear with all their bytes or not at all, and archives of arrays that are alike.

What is written goes under a temporary name first, is flushed to the disk, and is then renamed.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["write_npz", "write_whole"]


def write_npz(
    stream: Any, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write what `numpy.savez` writes, with fixed dates: equal results are equal files.

    Parameters
    ----------
    stream : binary file
    arrays : mapping from str to array
    texts : mapping from str to str
        Further members, by their full names.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(arrays[name]), allow_pickle=False)
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)


def write_whole(path: Path, write: Callable[[Any], None]) -> None:
    """Let a file appear with all its bytes on the disk, or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with open(temporary, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if os.name == "posix":  # the rename itself: elsewhere a folder can't be flushed
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
