"""Value matrices by spectrum and forms Q^T K by sign: the ensembles that limit shapes are asked of.

A form is drawn as K, with Q = I. Each function takes a Generator and the dimension d >= 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from numerics.arguments import FloatArray

DrawMatrix: TypeAlias = Callable[[np.random.Generator, int], FloatArray]
"""A function of (generator, d) that returns a d x d matrix."""


def _basis(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a basis that is neither orthogonal nor badly conditioned."""
    turned = np.linalg.qr(rng.standard_normal((d, d)))[0]
    while True:
        basis = turned + 0.2 * rng.standard_normal((d, d))
        if np.linalg.cond(basis) < 10:
            return np.asarray(basis)


def _in_basis(block: FloatArray, rng: np.random.Generator) -> FloatArray:
    basis = _basis(rng, len(block))
    return np.asarray(basis @ block @ np.linalg.inv(basis))


def _below(rng: np.random.Generator, size: int, radius: float) -> FloatArray:
    """Draw a matrix of a spectral radius."""
    block = rng.standard_normal((size, size))
    top = np.abs(np.linalg.eigvals(block)).max(initial=0.0)
    return np.asarray(block * (radius / top)) if size else block


def identity(rng: np.random.Generator, d: int) -> FloatArray:
    """Return I."""
    return np.eye(d)


def minus_identity(rng: np.random.Generator, d: int) -> FloatArray:
    """Return -I."""
    return -np.eye(d)


def simple(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a simple real eigenvalue in [0.7, 1.5], the others real in [-1, 0.4]."""
    rates = np.append(rng.uniform(0.7, 1.5), rng.uniform(-1.0, 0.4, d - 1))
    return _in_basis(np.diag(rates), rng)


def paranormal(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw V = λ in [0.7, 1.5] on a space F of dimension max(2, d - 2), V of less radius on G."""
    size = min(max(2, d - 2), d)
    rate = rng.uniform(0.7, 1.5)
    block = np.zeros((d, d))
    block[:size, :size] = rate * np.eye(size)
    block[size:, size:] = _below(rng, d - size, rate * rng.uniform(0.1, 0.6))
    return _in_basis(block, rng)


def diagonal(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a diagonal matrix, entries in [-1, 1.5], the largest one positive."""
    entries = rng.uniform(-1.0, 1.5, d)
    entries[rng.integers(d)] = rng.uniform(0.7, 1.5)
    return np.diag(entries)


def jordan(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw one Jordan block of size 2 for λ in [0.7, 1.5], the rest of radius λ/2."""
    rate = rng.uniform(0.7, 1.5)
    block = np.zeros((d, d))
    block[:2, :2] = [[rate, 1.0], [0.0, rate]]
    block[2:, 2:] = _below(rng, d - 2, rate / 2)
    return _in_basis(block, rng)


def complex_pair(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a leading pair a ± ib, a in [0.7, 1.5], b in [0.5, 3], the rest of radius a/2."""
    rate, turn = rng.uniform(0.7, 1.5), rng.uniform(0.5, 3.0)
    block = np.zeros((d, d))
    block[:2, :2] = [[rate, -turn], [turn, rate]]
    block[2:, 2:] = _below(rng, d - 2, rate / 2)
    return _in_basis(block, rng)


def negative(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a symmetric matrix with eigenvalues in [-2, -0.5]."""
    turned = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return np.asarray(-(turned * rng.uniform(0.5, 2.0, d)) @ turned.T)


def singular(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw eigenvalues 0 and, negative, the others: nothing grows, a direction doesn't move."""
    return _in_basis(np.diag(np.append(0.0, rng.uniform(-2.0, -0.5, d - 1))), rng)


def definite(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a form with a positive definite symmetric part, and a skew part."""
    root, skew = rng.standard_normal((2, d, d))
    return np.asarray(root @ root.T / d + 0.3 * np.eye(d) + 0.15 * (skew - skew.T))


def negative_definite(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw minus a form of `definite`."""
    return -definite(rng, d)


def indefinite(rng: np.random.Generator, d: int) -> FloatArray:
    """Draw a symmetric form with eigenvalues of both signs, sizes in [0.5, 2]."""
    turned = np.linalg.qr(rng.standard_normal((d, d)))[0]
    signs = np.where(np.arange(d) % 2 == 0, 1.0, -1.0)
    return np.asarray((turned * (signs * rng.uniform(0.5, 2.0, d))) @ turned.T)


VALUES: Mapping[str, DrawMatrix] = MappingProxyType(
    {
        "identity": identity,
        "simple": simple,
        "paranormal": paranormal,
        "diagonal": diagonal,
        "jordan": jordan,
        "complex": complex_pair,
        "singular": singular,
        "negative": negative,
        "minus": minus_identity,
    }
)
"""Value matrices V by their spectrum."""

SCORES: Mapping[str, DrawMatrix] = MappingProxyType(
    {
        "identity": identity,
        "definite": definite,
        "indefinite": indefinite,
        "negative": negative_definite,
        "minus": minus_identity,
    }
)
"""Forms Q^T K by their sign."""
