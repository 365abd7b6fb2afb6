"""The random matrices of Figure 5: query, key and value for one realisation each.

No variances are printed. The scalings here are those that reproduce the printed panels, G, G', G''
being d×d with independent standard normal entries; fresh matrices are drawn for each realisation.
Each function takes a seed, SeedSequence or Generator (SPEC 7) and the dimension d >= 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from numerics.arguments import FloatArray, check_whole
from numerics.sphere import Rng, generator

__all__ = [
    "MATRICES",
    "Draw",
    "ginibre",
    "ginibre_product",
    "ginibre_product_as_printed",
    "ginibre_unscaled",
    "identity",
    "wigner",
    "wigner_goe",
    "wigner_wishart",
]

Draw: TypeAlias = Callable[[np.random.Generator, int], dict[str, FloatArray]]
"""A function of (generator, d) that returns the matrices Q, K and V."""


_MOST_ROWS = 100_000
"""Largest d: a matrix of 80 GB."""


def _generator(rng: Rng, d: int) -> np.random.Generator:
    check_whole(d, "d", 1, _MOST_ROWS)
    return generator(rng)


def _normal(rng: np.random.Generator, d: int) -> FloatArray:
    return rng.standard_normal((d, d))


def identity(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Q = K = V = I: Figure 3 again, the control of Figure 5."""
    _generator(rng, d)
    one = np.eye(d)
    return {"Q": one, "K": one, "V": one}


def ginibre(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (a): QᵀK = GᵀG'/√d, V = G''/√d."""
    rng = _generator(rng, d)
    q, k, v = (_normal(rng, d) for _ in range(3))
    return {"Q": q, "K": k / np.sqrt(d), "V": v / np.sqrt(d)}


def ginibre_unscaled(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (a) with entries of variance 1 in V: time runs √d faster, exactly (control)."""
    drawn = ginibre(rng, d)
    return {**drawn, "V": np.sqrt(d) * drawn["V"]}


def wigner_wishart(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (b): QᵀK = (G + Gᵀ)/√2, V = G'G'ᵀ/√d.

    Printed is "V ⪰ 0, GOE"; a matrix of the GOE is indefinite, the Wishart matrix is what
    reproduces the panel. Its eigenvalues reach 4√d.
    """
    rng = _generator(rng, d)
    g, root = _normal(rng, d), _normal(rng, d)
    return {"Q": np.eye(d), "K": (g + g.T) / np.sqrt(2), "V": root @ root.T / np.sqrt(d)}


def wigner_goe(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (b) with an indefinite V = (G' + G'ᵀ)/√(2d) of the GOE (control)."""
    rng = _generator(rng, d)
    g, v = _normal(rng, d), _normal(rng, d)
    return {"Q": np.eye(d), "K": (g + g.T) / np.sqrt(2), "V": (v + v.T) / np.sqrt(2 * d)}


def ginibre_product(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (c): QᵀK = B = GᵀG'/√d, V = Bᵀ/√d.

    The label is V = QᵀK; the companion script multiplies rows by B on the right, which makes Bᵀ
    the value matrix, and the panel agrees with it. `ginibre_product_as_printed` is the label.
    """
    rng = _generator(rng, d)
    q, k = _normal(rng, d), _normal(rng, d) / np.sqrt(d)
    return {"Q": q, "K": k, "V": (q.T @ k).T / np.sqrt(d)}


def ginibre_product_as_printed(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (c) by its label: QᵀK = B = GᵀG'/√d, V = B/√d."""
    drawn = ginibre_product(rng, d)
    return {**drawn, "V": drawn["V"].T}


def wigner(rng: Rng, d: int) -> dict[str, FloatArray]:
    """Draw panel (d): QᵀK = B = (G + Gᵀ)/√2, V = B/√(d+1)."""
    rng = _generator(rng, d)
    g = _normal(rng, d)
    both = (g + g.T) / np.sqrt(2)
    return {"Q": np.eye(d), "K": both, "V": both / np.sqrt(d + 1)}


MATRICES: Mapping[str, Draw] = MappingProxyType(
    {
        "a": ginibre,
        "b": wigner_wishart,
        "c": ginibre_product,
        "d": wigner,
        "a-unscaled": ginibre_unscaled,
        "b-goe": wigner_goe,
        "c-as-printed": ginibre_product_as_printed,
        "identity": identity,
    }
)
"""The panels of Figure 5, their readings and controls, by name."""
