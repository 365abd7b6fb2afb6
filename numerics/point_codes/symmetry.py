"""Permutations that keep a coloured matrix: are two codes isometric, how many are there.

Two points that lie the same way to a spanning set are one point, so a permutation is known from
the images of a base. Images are tried one after another; after each, the points fall into classes
by their colours to the images so far, and both sides must have the same classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import IntArray

Classes = NDArray[np.intp]


def _refined(
    first: IntArray, second: IntArray, sides: tuple[Classes, Classes], images: tuple[int, int]
) -> tuple[Classes, Classes] | None:
    """Classes after one more image, named alike on both sides, or None where they differ."""
    colours = int(max(first.max(), second.max())) + 1
    left = sides[0] * colours + first[images[0]]
    right = sides[1] * colours + second[images[1]]
    names, left = np.unique(left, return_inverse=True)
    place = np.searchsorted(names, right)
    place = np.minimum(place, len(names) - 1)
    if not np.array_equal(names[place], right):
        return None
    if not np.array_equal(np.bincount(left), np.bincount(place, minlength=len(names))):
        return None
    return left, place


def _extended(first: IntArray, second: IntArray, sides: tuple[Classes, Classes]) -> Classes | None:
    """Permutation p with ``second[p[i], p[j]] = first[i, j]`` within the classes, or None."""
    left, right = sides
    if len(np.unique(left)) == len(left):
        image = np.argsort(right)[left]
        return image if np.array_equal(second[np.ix_(image, image)], first) else None
    sizes = np.bincount(left)
    # The smallest class that isn't one point leaves the fewest images to try.
    sizes = np.where(sizes > 1, sizes, len(left) + 1)
    point = int(np.argmin(sizes[left]))
    for candidate in np.flatnonzero(right == left[point]):
        finer = _refined(first, second, sides, (point, int(candidate)))
        if finer is not None:
            found = _extended(first, second, finer)
            if found is not None:
                return found
    return None


def _start(size: int) -> tuple[Classes, Classes]:
    return np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.intp)


def isometric(first: IntArray, second: IntArray) -> bool:
    """Whether a permutation takes one symmetric matrix of colours to another.

    Parameters
    ----------
    first, second : ndarray of int, shape (n, n)
        Colours >= 0 of the pairs of points; the diagonal has a colour of its own.

    Examples
    --------
    >>> path = np.array([[2, 0, 1], [0, 2, 0], [1, 0, 2]])
    >>> isometric(path, path[[1, 0, 2]][:, [1, 0, 2]]), isometric(path, 2 - path)
    (True, False)
    """
    if first.shape != second.shape:
        return False
    return _extended(first, second, _start(len(first))) is not None


def symmetry_order(colours: IntArray) -> int:
    """Count the permutations that keep a symmetric matrix of colours.

    The product, over a base, of the orbits of each base point under the permutations that fix
    those before it (Schreier and Sims); permutations found deeper spare searches further up.

    Parameters
    ----------
    colours : ndarray of int, shape (n, n)
        Colours >= 0; the diagonal has a colour of its own.

    Examples
    --------
    >>> square = np.array([[2, 1, 0, 1], [1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2]])
    >>> symmetry_order(square)
    8
    """
    size = len(colours)
    levels, base = [_start(size)], list[int]()
    while len(np.unique(levels[-1][0])) < size:
        names = levels[-1][0]
        sizes = np.bincount(names)
        base.append(int(np.argmax(sizes[names])))
        finer = _refined(colours, colours, levels[-1], (base[-1], base[-1]))
        assert finer is not None, "a matrix has the classes that it has"
        levels.append(finer)
    order, generators = 1, list[Classes]()
    for depth in range(len(base) - 1, -1, -1):
        point, sides = base[depth], levels[depth]
        # Every generator so far fixes the base points before this one.
        orbit, tried = _closed({point}, generators), set[int]()
        for image in np.flatnonzero(sides[1] == sides[0][point]):
            if int(image) in orbit or int(image) in tried:
                continue
            finer = _refined(colours, colours, sides, (point, int(image)))
            found = None if finer is None else _extended(colours, colours, finer)
            if found is None:
                # What known permutations make of a point without a way is out of reach, too.
                tried |= _closed({int(image)}, generators)
            else:
                generators.append(found)
                orbit = _closed(orbit, generators)
        order *= len(orbit)
    return order


def _closed(points: set[int], generators: list[Classes]) -> set[int]:
    """Points that permutations reach from some."""
    reached, fresh = set(points), list(points)
    while fresh:
        point = fresh.pop()
        for permutation in generators:
            image = int(permutation[point])
            if image not in reached:
                reached.add(image)
                fresh.append(image)
    return reached
