"""More cells in the folder of fewer: what is finished is taken over, bit by bit.

Cell i draws from its number alone, so the first cells of a longer sweep are those of a shorter one.
Only the checksums of the chunks change, which name the sweep, and how many cells a chunk holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.sweeps.differences import CHECKSUM

if TYPE_CHECKING:
    from numerics.sweeps.folder import Folder

__all__ = ["extends", "take_over"]

Array = NDArray[Any]


def extends(
    old: Mapping[str, Any], new: Mapping[str, Any], digest_of_first: Callable[[int], str]
) -> bool:
    """Whether a sweep is another one with more cells behind its own.

    Parameters
    ----------
    old, new : Mapping
        What the manifests say of them.
    digest_of_first : callable
        Gives the digest of the first k cells of the new one.
    """
    rest = [{k: v for k, v in one.items() if k not in ("cells", "cells_per_chunk")}
            for one in (old, new)]  # fmt: skip
    there, now = old["cells"], new["cells"]
    if rest[0] != rest[1] or there["axes"] is not None or now["axes"] is not None:
        return False
    count = there["count"]
    return bool(count < now["count"]) and digest_of_first(count) == there[CHECKSUM]


def take_over(
    before: Folder, after: Folder, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    """Write the finished chunks of the shorter sweep as those of the longer one.

    Whatever stops it, the same call goes on: chunks of either are told apart by their checksums. A
    chunk of the longer sweep begins with no earlier cell than the one of the same number, so that
    none is replaced before it has been read.

    Parameters
    ----------
    before, after : Folder
        The folder as that of either sweep.
    old, new : Mapping
        What the manifests say of them.
    """
    count, (short, long) = old["cells"]["count"], (old["cells_per_chunk"], new["cells_per_chunk"])
    read: dict[int, dict[str, Array] | None] = {}

    def cell(i: int) -> dict[str, Array] | None:
        k = i // short
        if k not in read:
            read.clear()
            read[k] = _readable(before, k)
        chunk = read[k]
        return None if chunk is None else {name: a[i - k * short] for name, a in chunk.items()}

    for k in range(-(-count // short)):
        if _readable(after, k) is not None:
            continue
        members = range(k * long, (k + 1) * long)
        finished = [cell(i) for i in members] if members.stop <= count else [None]
        whole = [one for one in finished if one is not None]
        if len(whole) == len(finished):
            after.write(k, {name: np.stack([one[name] for one in whole]) for name in whole[0]})
        elif before.chunk_path(k).is_file():
            before.chunk_path(k).unlink()


def _readable(folder: Folder, k: int) -> dict[str, Array] | None:
    """Return a chunk; None if it isn't there, is damaged, or is another sweep's."""
    try:
        return folder.read(k)
    except ValueError:
        return None
