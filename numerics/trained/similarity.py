"""What hidden states alone say: inner products, clusters, merges along the layers, energies.

Figure 1's histograms for any network. A state is an array (layers + 1, n, d); rows are taken as
directions.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from numerics import sphere
from numerics.arguments import FloatArray, IntArray, as_float, shown
from numerics.clusters import AMBIGUITY, find_clusters
from numerics.compile import compile_model
from numerics.records import Result
from numerics.trained.heads import unit_rows
from numerics.trained.weights import check_memory, open_tensors
from theory.models import USA

BINS = 80
"""Of the histograms, over [-1, 1]."""

NEAR = 0.9
"""Pairs above this inner product are counted as close."""

TWO_SCALES = 3.0
"""How many times faster clusters must tighten than they approach each other."""

STILL = 1e-12
"""A rate a layer that may be rounding: states that stay have 1e-16."""


@dataclass(frozen=True, eq=False)
class TwoTimeScales:
    """Whether groups tighten long before they meet.

    Attributes
    ----------
    groups : int
        Number of clusters compared, those of the last layer.
    inside, between : float
        Rates a layer at which mean distances inside groups and between their centres fall,
        by least squares of the logarithms; negative where they grow.
    found : bool
        Whether ``inside`` is positive and at least three times ``|between|``.
    """

    groups: int
    inside: float
    between: float
    found: bool


@dataclass(frozen=True)
class LastingMerge:
    """Groups that come within a distance of each other and stay so to the last layer.

    Attributes
    ----------
    node : int
        The new group; numbers below n are tokens.
    layer : int
        From which layer on.
    size : int
        Number of its tokens.
    children : tuple of int
        The groups that it was.
    """

    node: int
    layer: int
    size: int
    children: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class LayerStatistics(Result):
    """Statistics of hidden states layer by layer; row 0 is the state before the first layer.

    Attributes
    ----------
    histograms : ndarray, shape (layers + 1, 80)
        Share of the pairs i != j in each bin of ⟨x_i, x_j⟩ on [-1, 1].
    mean, near : ndarray, shape (layers + 1,)
        Mean of ⟨x_i, x_j⟩ over i != j, and share of the pairs above 0.9.
    participation : ndarray, shape (layers + 1,)
        ``(Σλ)²/Σλ²`` of the Gram matrix: how many dimensions are used.
    betas, energies : ndarray, shapes (k,), (layers + 1, k)
        E_β of the directions, masses 1/n.
    clusters : ndarray of int, shape (layers + 1,)
        Number of clusters at the largest relative gap between distances that join clusters; 0 where
        nothing stands apart, the persistence being below 3.
    persistence : ndarray, shape (layers + 1,)
        Smallest distance between those clusters divided by the largest diameter.
    labels : ndarray of int, shape (layers + 1, n)
        Cluster of each token.
    merges : tuple of LastingMerge
        Where groups come within ``eps`` of each other for good; `tree` is the graph of them.
    eps : float
        Geodesic distance of that tree.
    scales : TwoTimeScales or None
        None where the last layer has one cluster, none, or as many as tokens.
    """

    histograms: FloatArray
    mean: FloatArray
    near: FloatArray
    participation: FloatArray
    betas: FloatArray
    energies: FloatArray
    clusters: IntArray
    persistence: FloatArray
    labels: IntArray
    merges: tuple[LastingMerge, ...]
    eps: float
    scales: TwoTimeScales | None

    def tree(self) -> Any:
        """Return the merge tree, a networkx.DiGraph.

        Leaves are the tokens 0..n-1; every node has ``layer``, from which on it is there for good,
        and ``size``.
        """
        import networkx as nx

        graph = nx.DiGraph()
        graph.add_nodes_from((k, {"layer": 0, "size": 1}) for k in range(len(self.labels[0])))
        for merge in self.merges:
            graph.add_node(merge.node, layer=merge.layer, size=merge.size)
            graph.add_edges_from((merge.node, child) for child in merge.children)
        return graph

    def monotone(self, beta_index: int = 0) -> bool:
        """Whether an energy never falls from layer to layer."""
        return bool((np.diff(self.energies[:, beta_index]) >= 0).all())


def read_hidden_states(path: str | os.PathLike[str]) -> list[FloatArray]:
    """Read hidden states that a user exported.

    Parameters
    ----------
    path : path
        ``.npy`` or ``.npz`` (nothing is unpickled) or ``.safetensors``; each array has the shape
        (layers, n, d), or (texts, layers, n, d) for a batch.

    Returns
    -------
    list of ndarray, each of shape (layers, n, d)
        One a text.

    Raises
    ------
    FileNotFoundError, ValueError, MemoryError
        For no file, another or damaged format, another shape, NaN, or more than half of the
        memory of this machine.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"Expected a file of hidden states but got {file}; export them.")
    if file.suffix == ".safetensors":
        tensors = open_tensors(file)
        check_memory(
            sum(map(_doubles, tensors.shapes.values())),
            "hidden states",
            "give fewer texts at a time",
        )
        arrays = {name: tensors.read(name) for name in sorted(tensors.shapes)}
    elif file.suffix in (".npy", ".npz"):
        arrays = _numpy_arrays(file)
    else:
        raise ValueError(
            f"Expected .npy, .npz or .safetensors but got {file}; save the array as .npy."
        )
    texts: list[FloatArray] = []
    for name, array in arrays.items():
        texts += _texts(array, f"{file}:{name}" if name else str(file))
    if not texts:
        raise ValueError(f"Expected arrays of hidden states but got {file} without any.")
    return texts


def _numpy_arrays(file: Path) -> dict[str, Any]:
    """Read the arrays of a NumPy file, sizes first."""
    remedy = "give fewer texts at a time"
    try:
        with file.open("rb") as stream:  # by content, not by the name
            if stream.peek(6)[:6] == np.lib.format.MAGIC_PREFIX:
                check_memory(_doubles(_shape(stream)), "hidden states", remedy)
                stream.seek(0)
                return {"": np.load(stream, allow_pickle=False)}
            with np.load(stream, allow_pickle=False) as archive:
                shapes = []
                for name in archive.zip.namelist():
                    with archive.zip.open(name) as member:
                        shapes.append(_shape(member))
                check_memory(sum(map(_doubles, shapes)), "hidden states", remedy)
                return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, KeyError, BadZipFile, zlib.error) as error:
        raise ValueError(
            f"Expected arrays of numbers written by numpy.save or savez but got {file} ({error}); "
            "write it again, without objects."
        ) from error


def _shape(stream: Any) -> tuple[int, ...]:
    """Shape of the array that an ``.npy`` stream begins with, without reading it."""
    if np.lib.format.read_magic(stream) == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)[0]
    return np.lib.format.read_array_header_2_0(stream)[0]


def _doubles(shape: tuple[int, ...]) -> float:
    """Bytes of an array in double precision, which all are read into."""
    return float(np.prod(shape, dtype=float)) * 8


def _texts(array: Any, name: str) -> list[FloatArray]:
    """Return the texts of one array."""
    found = as_float(array, name)
    if found.ndim not in (3, 4) or 0 in found.shape or found.shape[-3] < 2 or found.shape[-2] < 2:
        raise ValueError(
            "Expected hidden states (layers, n, d) or (texts, layers, n, d), two layers and two "
            f"tokens at least, but got {name} of shape {found.shape}; stack the layers first."
        )
    bad = np.argwhere(~np.isfinite(found))
    if len(bad):
        raise ValueError(
            f"Expected finite hidden states but got {name} with {len(bad)} entries NaN or "
            f"infinite, the first at {tuple(int(k) for k in bad[0])}; export in float32."
        )
    return [found] if found.ndim == 3 else list(found)


def layer_statistics(
    states: ArrayLike, betas: Sequence[float] = (1.0, 8.0), eps: float | None = None
) -> LayerStatistics:
    """Say what hidden states show, layer by layer.

    Parameters
    ----------
    states : array_like, shape (layers, n, d)
        Hidden states of one text; row 0 is the state before the first layer.
    betas : sequence of float
        Of the energies E_β; nonzero.
    eps : float, optional
        Geodesic distance of the merge tree; half the mean distance of two tokens before the
        first layer by default.

    Returns
    -------
    LayerStatistics

    Raises
    ------
    ValueError
        For another shape, NaN, a zero row, or β = 0.

    Examples
    --------
    >>> import numpy as np
    >>> angles = np.array([[0.0, 1.0, 2.5], [0.2, 0.4, 2.3], [0.3, 0.31, 2.2]])
    >>> found = layer_statistics(np.stack([np.cos(angles), np.sin(angles)], axis=-1))
    >>> found.clusters.tolist(), found.mean.round(3).tolist()
    ([0, 2, 2], [-0.063, 0.051, 0.121])
    """
    texts = _texts(states, "states")
    if len(texts) != 1 or np.ndim(states) != 3:
        raise ValueError("Expected one text (layers, n, d) but got a batch; take them one by one.")
    strengths = as_float(list(betas), "betas")
    if strengths.ndim != 1 or not len(strengths) or not np.isfinite(strengths).all():
        raise ValueError(f"Expected finite betas but got betas={shown(betas)}; give (1, 8).")
    if (strengths == 0).any():
        raise ValueError("Expected betas other than 0 but got a 0; give a small number.")
    x = unit_rows(texts[0])
    count, n = x.shape[:2]
    grams = x @ np.swapaxes(x, 1, 2)
    apart = ~np.eye(n, dtype=bool)
    pairs = grams[:, apart]
    edges = np.linspace(-1.0, 1.0, BINS + 1)
    clipped = np.clip(pairs, -1, 1)
    histograms = np.stack([np.histogram(row, edges)[0] / row.size for row in clipped])
    distances = np.stack([sphere.pairwise_distances(row) for row in x])
    found = [_clusters(x[k], distances[k]) for k in range(count)]
    labels = np.stack([one[0] for one in found])
    persistence = np.array([one[1] for one in found])
    clusters = np.where(persistence >= AMBIGUITY, labels.max(axis=1) + 1, 0)
    threshold = float(distances[0][apart].mean() / 2) if eps is None else float(eps)
    energies = [np.asarray(compile_model(USA, beta=float(b)).energy(x)) for b in strengths]
    return LayerStatistics(
        histograms,
        pairs.mean(axis=1),
        (pairs > NEAR).mean(axis=1),
        n**2 / (grams**2).sum(axis=(1, 2)),
        strengths,
        np.stack(energies, axis=1),
        clusters,
        persistence,
        labels,
        merges_for_good(distances, threshold),
        threshold,
        two_time_scales(x, labels[-1]) if clusters[-1] else None,
    )


def _clusters(x: FloatArray, distances: FloatArray) -> tuple[IntArray, float]:
    """Cluster one layer at the largest relative gap between heights of single linkage."""
    n = len(x)
    heights = linkage(squareform(distances, checks=False))[:, 2]
    if n == 2 or heights[-1] == 0:
        wide = float(distances.max())
        return np.zeros(n, dtype=np.int64), float(np.pi / wide) if wide > 0 else float("inf")
    low = np.maximum(heights[:-1], 1e-300)
    place = int(np.argmax(heights[1:] / low))
    # a gap below 3/2 isn't one: all tokens are one cloud
    if heights[place + 1] < 1.5 * low[place]:
        return np.zeros(n, dtype=np.int64), float(np.pi / distances.max())
    middle = float(np.sqrt(low[place] * heights[place + 1]))
    clusters = find_clusters(x, eps=min(middle, np.pi))
    if clusters.persistence < AMBIGUITY <= np.pi / distances.max():  # parts of one clear cluster
        return np.zeros(n, dtype=np.int64), float(np.pi / distances.max())
    return clusters.labels, float(clusters.persistence)


def merges_for_good(distances: FloatArray, eps: float) -> tuple[LastingMerge, ...]:
    """Return the merges of groups that stay together from some layer on.

    Tokens i and j are together in a layer when a chain of steps of at most `eps` joins them. From
    layer l on for good is an equivalence that only coarsens with l, so its classes form a tree.
    """
    layers, n = distances.shape[:2]
    together = np.ones((n, n), dtype=bool)
    since = np.full((n, n), layers)
    for layer in range(layers - 1, -1, -1):
        links = linkage(squareform(distances[layer], checks=False))
        groups = fcluster(links, eps, "distance")
        together &= groups[:, None] == groups[None, :]
        since[together] = layer
    roots = {frozenset([token]): token for token in range(n)}
    merges: list[LastingMerge] = []
    for layer in range(layers):
        for token in range(n):
            group = frozenset(np.flatnonzero(since[token] <= layer).tolist())
            if len(group) < 2 or group in roots:
                continue
            children = tuple(roots.pop(part) for part in list(roots) if part < group)
            roots[group] = n + len(merges)
            merges.append(LastingMerge(roots[group], layer, len(group), children))
    return tuple(merges)


def two_time_scales(x: FloatArray, labels: IntArray) -> TwoTimeScales | None:
    """Compare how fast groups tighten and how fast their centres approach each other.

    Parameters
    ----------
    x : ndarray, shape (layers, n, d)
        Unit rows.
    labels : ndarray of int, shape (n,)
        The groups.
    """
    count, n = int(labels.max()) + 1, len(labels)
    if count == 1 or count == n or len(x) < 3:
        return None
    members = [labels == group for group in range(count)]
    centres = np.stack([unit_rows(x[:, who].mean(axis=1)) for who in members], axis=1)
    own = np.take(centres, labels, axis=1)
    inside = sphere.geodesic_distance(x, own).mean(axis=1)
    apart = ~np.eye(count, dtype=bool)
    between = np.stack([sphere.pairwise_distances(row)[apart].mean() for row in centres])
    rates = [_decay(inside), _decay(between)]
    return TwoTimeScales(
        count, rates[0], rates[1], bool(rates[0] > STILL and rates[0] >= TWO_SCALES * abs(rates[1]))
    )


def _decay(values: FloatArray) -> float:
    """Rate a layer at which positive numbers fall, by least squares of their logarithms."""
    logs = np.log(np.maximum(values, 1e-300))
    return -float(np.polyfit(np.arange(len(logs)), logs, 1)[0])
