"""Pulls without the self term: ``p_ij = (x_j − x_i) + e_ij x_i``, ``e_ij = |x_i − x_j|²/2``.

p_ij = P_i x_j is what token j adds to the velocity of token i. As x_j − <x_i,x_j> x_i it is lost in
the rounding of a row's own weight once that outweighs the others; written with differences it keeps
its relative accuracy at every distance. Beyond a right angle the same is said with −x_i for x_i.
The array form stands here, the compiled one in `numerics.compiled_pulls`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray


def pull(own: Any, other: Any, sign: Any, radial: Any) -> Any:
    """Coordinates of ``p_ij = (x_j + sign x_i) + radial x_i``, the tangent part of x_j at x_i.

    Near, up to a right angle: sign −1 and radial e_ij = |x_i − x_j|²/2. Beyond: sign 1 and radial
    e_ij − 2 = −|x_i + x_j|²/2. At neither end is a small vector the difference of two large ones.
    """
    return (other + sign * own) + radial * own


CAP = 0.9
"""Points whose inner product with a token is beyond ± this are summed about that token."""


ENOUGH = 8.0
"""A sum of products is kept where its rounding is at most this many ulp of its pulls' lengths."""


_ROUNDING = 1e-14  # more than an inner product of unit rows can be beyond 1, squared


_SPARSE = 0.1  # share of near pairs up to which they are picked one by one


_PAIRS = 1 << 13  # picked pairs at a time: their differences stay in the second-level cache


_BLOCK = 1 << 17  # numbers of the differences of whole rows at a time: 1 MB


class PullSums(NamedTuple):
    """Sums over the pulls on r rows.

    Attributes
    ----------
    sums : array, shape (..., r, d)
        ``Σ_{j≠i} w_ij p_ij`` up to a radial part, which `tangent_pulls` takes out.
    lengths : array, shape (..., r)
        ``Σ_{j≠i} |w_ij| |p_ij|``.
    total : array, shape (..., r)
        ``Σ_j w_ij``, the own weight among them.
    """

    sums: Any
    lengths: Any
    total: Any


def pull_sums(
    x: Any, rows: slice, gram: Any, weights: Any, signed: bool = True, xp: Any = np
) -> PullSums:
    """Sum the pulls on some rows of unit points.

    With NumPy, by matrix products where a bound on their rounding allows it: first without the own
    weight, then about a token in the cap around it; the rows left over pair by pair.

    Parameters
    ----------
    x : array, shape (..., n, d)
        Unit rows.
    rows : slice
        The rows i whose sums are wanted, r of them.
    gram, weights : array, shape (..., r, n)
        Inner products <x_i, x_j> and weights w_ij; NumPy's weights are overwritten.
    signed : bool
        Whether weights may be negative.
    xp : namespace
        The array library of x.
    """
    if xp is not np:
        found = _differences(x, x[..., rows, :], gram, weights, xp)
        return PullSums(*found, xp.sum(weights, axis=-1))
    mine = _take_diagonal(weights[..., :, rows])
    sums, others = weights @ x, np.sum(weights, axis=-1)
    total = others + mine
    sizes = np.abs(weights) if signed else weights
    length = gram * gram
    np.subtract(1.0 + _ROUNDING, length, out=length)
    np.sqrt(length, out=length)
    lengths = np.vecdot(sizes, length)
    lost = ENOUGH * lengths < (np.sum(sizes, axis=-1) if signed else others)
    if lost.any():
        _about_a_token(x, rows, weights, length, lost, sums, lengths)
        for system in np.ndindex(lost.shape[:-1]):
            left = np.flatnonzero(lost[system])
            if left.size:
                at = (*system, left)
                own = x[system][rows][left]
                sums[at], lengths[at] = _pair_by_pair(x[system], own, gram[at], weights[at])
    return PullSums(sums, lengths, total)


def tangent_pulls(x: Any, sums: Any, xp: Any = np) -> Any:
    """Take out of sums of pulls the radial part that lengths off by an ulp leave."""
    return sums - xp.vecdot(x, sums)[..., None] * x


def _take_diagonal(block: FloatArray) -> FloatArray:
    """Return the diagonal, and set it to 0."""
    diagonal = np.einsum("...ii->...i", block)
    out = diagonal.copy()
    diagonal[...] = 0.0
    return out


def _about_a_token(
    x: FloatArray,
    rows: slice,
    weights: FloatArray,
    length: FloatArray,
    lost: NDArray[np.bool_],
    sums: FloatArray,
    lengths: FloatArray,
) -> None:
    """Sum lost rows by products of y_j = ± x_j − c, c a lost token; those for which that is enough.

    For ±x_j in the cap about c, p_ij is ± (y_j − y_i) up to a radial part.
    """
    centre = np.take_along_axis(x[..., rows, :], np.argmax(lost, axis=-1)[..., None, None], -2)
    along = (x @ centre.mT)[..., 0]
    side = np.where(along < 0, -1.0, 1.0)
    y = side[..., None] * x - centre
    mine, square = y[..., rows, :], np.vecdot(y, y)
    apart = mine @ y.mT
    apart *= -2.0
    apart += square[..., None, :]
    apart += square[..., rows, None]
    apart = np.sqrt(np.maximum(apart * (1.0 - apart / 4.0), 0.0))
    inside = np.abs(along) > CAP
    within = weights * np.where(inside, side, 0.0)[..., None, :]
    sizes = np.abs(within)
    found = within @ y
    found -= np.sum(within, axis=-1, keepdims=True) * mine
    long = np.vecdot(sizes, apart)
    size = np.sqrt(square)
    rounding = np.vecdot(sizes, size[..., None, :]) + np.sum(sizes, axis=-1) * size[..., rows]
    if not inside.all():
        rest = np.where(inside[..., None, :], 0.0, weights)
        found += rest @ x
        np.abs(rest, out=rest)
        long += np.vecdot(rest, length)
        rounding += np.sum(rest, axis=-1)
    enough = lost & inside[..., rows] & (ENOUGH * long >= rounding)
    sums[enough], lengths[enough] = found[enough], long[enough]
    lost &= ~enough


def _pair_by_pair(
    x: FloatArray, own: FloatArray, gram: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Sum rows by differences: of their near pairs where these are few, of all otherwise."""
    sums, lengths = np.empty(own.shape), np.empty(own.shape[0])
    near = (np.abs(gram) > CAP) & (weights != 0.0)
    if np.count_nonzero(near) > _SPARSE * near.size:
        step = max(1, _BLOCK // x.size)
        for start in range(0, own.shape[0], step):
            part = slice(start, start + step)
            sums[part], lengths[part] = _differences(x, own[part], gram[part], weights[part], np)
        return sums, lengths
    rest = np.where(near, 0.0, weights)
    np.matmul(rest, x, out=sums)
    np.vecdot(np.abs(rest), np.sqrt(1.0 + _ROUNDING - gram * gram), out=lengths)
    i, j = np.nonzero(near)
    for start in range(0, i.size, _PAIRS):
        row, column = i[start : start + _PAIRS], j[start : start + _PAIRS]
        sign = np.where(gram[row, column] > 0, -1.0, 1.0)[:, None]
        half = np.sum((x[column] + sign * own[row]) ** 2, axis=-1, keepdims=True) / 2
        found = pull(own[row], x[column], sign, -sign * half)
        found *= weights[row, column][:, None]
        length = np.abs(weights[row, column]) * np.sqrt(half * (2.0 - half))[:, 0]
        runs = np.flatnonzero(np.diff(row, prepend=-1))  # pairs come row by row
        lengths[row[runs]] += np.add.reduceat(length, runs)
        sums[row[runs]] += np.add.reduceat(found, runs, axis=0)
    return sums, lengths


def _differences(x: Any, own: Any, gram: Any, weights: Any, xp: Any) -> tuple[Any, Any]:
    """Sum the pulls of all x (..., n, d) on the rows own (..., r, d), pair by pair."""
    sign = xp.where(gram > 0, -xp.ones_like(gram), xp.ones_like(gram))
    x, own = xp.moveaxis(x, -1, 0)[..., None, :], xp.moveaxis(own, -1, 0)[..., None]
    half = xp.sum((x + sign * own) ** 2, axis=0) / 2
    length = xp.sqrt(half * (2.0 - half))
    sums = xp.moveaxis(xp.sum(weights * pull(own, x, sign, -sign * half), axis=-1), 0, -1)
    return sums, xp.sum(xp.abs(weights) * length, axis=-1)
