"""Random numbers of many systems: one stream for each, the same bits however the work is split."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from numerics.arguments import FloatArray

_ROOM = 1 << 19  # numbers kept at a time


class Stream:
    """Numbers of one kind for some systems, step by step.

    Parameters
    ----------
    root : numpy.random.SeedSequence
    systems : sequence of int
        Numbers of the systems in the whole batch, which name their streams.
    kind : int
        0 for normal numbers, 1 for uniform ones in [0, 1).
    shape : tuple of int
        Numbers of a system in a step.
    """

    def __init__(
        self,
        root: np.random.SeedSequence,
        systems: Sequence[int],
        kind: int,
        shape: tuple[int, ...],
    ) -> None:
        keys = ((*root.spawn_key, system, kind) for system in systems)
        self._sources = [
            np.random.Generator(
                np.random.Philox(
                    np.random.SeedSequence(root.entropy, spawn_key=key, pool_size=root.pool_size)
                )
            )
            for key in keys
        ]
        self._normal = kind == 0
        steps = max(1, min(256, _ROOM // max(1, len(systems) * math.prod(shape))))
        self._kept = np.empty((len(systems), steps, *shape))
        self._next = steps

    def __call__(self) -> FloatArray:
        """Give the numbers of a step, shape (systems, *shape)."""
        if self._next == self._kept.shape[1]:
            for source, out in zip(self._sources, self._kept, strict=True):
                if self._normal:
                    source.standard_normal(out=out)
                else:
                    source.random(out=out)
            self._next = 0
        self._next += 1
        return np.asarray(self._kept[:, self._next - 1])
