"""The merge tree of a coarsening run: a networkx graph, SciPy linkage, Newick text, cuts in time.

Leaves 0, …, n−1 are particles; every other node is a cluster that came to be by a merge. Edges run
from a cluster to the clusters it was made of. Times are natural logarithms throughout.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import check_log_time, checked_first, named
from numerics.coarsening.result import Coarsening, check_run

if TYPE_CHECKING:  # networkx takes as long to import as NumPy: it is imported where a tree is
    import networkx as nx

Tree: TypeAlias = "nx.DiGraph[int]"

__all__ = ["clusters_at", "linkage", "merge_tree", "newick"]


def _check_tree(tree: object) -> None:
    """Refuse what isn't a tree of merges."""
    import networkx as nx

    timed = isinstance(tree, nx.DiGraph) and all("log_time" in tree.nodes[node] for node in tree)
    if not timed:
        raise TypeError(
            f"Expected a tree of merges but got tree={named(tree)}; make one with "
            "merge_tree(coarsen(points, beta=...))."
        )


@checked_first(check_run)
def merge_tree(result: Coarsening) -> Tree:
    """Build the tree of merges.

    A *branching* is a directed graph in which every node has at most one parent and there is no
    cycle: a set of trees. An *arborescence* is a single such tree that holds every node.

    Parameters
    ----------
    result : Coarsening
        A run, finished or not.

    Returns
    -------
    networkx.DiGraph
        A branching with leaves 0, …, n−1, an arborescence exactly when the status is CONSENSUS.
        Node attributes: ``log_time`` (−inf for leaves, and for clusters there from the start) and
        ``mass``; clusters also have ``position``, ``energy_before``, ``energy_after`` and
        ``ill_conditioned``. Edges run from parent to child.

    Examples
    --------
    >>> import networkx as nx
    >>> from numerics.coarsening.run import coarsen
    >>> tree = merge_tree(coarsen([[1, 0], [0.8, 0.6], [0, 1]], beta=4))
    >>> sorted(tree.edges)
    [(3, 0), (3, 1), (4, 2), (4, 3)]
    >>> nx.is_arborescence(tree)
    True
    """
    import networkx as nx

    tree: Tree = nx.DiGraph()
    for particle, mass in enumerate(result.masses):
        tree.add_node(particle, log_time=-math.inf, mass=float(mass))
    for merge in result.merges:
        tree.add_node(
            merge.cluster,
            log_time=merge.log_time,
            mass=merge.mass,
            position=merge.position,
            energy_before=merge.energy_before,
            energy_after=merge.energy_after,
            ill_conditioned=merge.ill_conditioned,
        )
        tree.add_edges_from((merge.cluster, child) for child in merge.children)
    return tree


@checked_first(_check_tree)
def linkage(tree: Tree, top: float | None = None) -> NDArray[np.float64]:
    """Convert to the linkage matrix of `scipy.cluster.hierarchy`, for `dendrogram` and others.

    Parameters
    ----------
    tree : networkx.DiGraph
        As `merge_tree` returns it.
    top : float, optional
        Log time at which the clusters left over are joined, for a forest (a run that stopped
        before consensus). It must not be below the last merge.

    Returns
    -------
    (n − 1, 4) array
        A row per binary merge: the two clusters, the height, the number of particles below. A
        merge of k > 2 clusters becomes k − 1 rows of the same height.

        SciPy wants finite heights ≥ 0. The height is the log time minus an offset, chosen so that
        merges at log time −inf have height 0 and the first finite one has height 1; a run without
        finite merges has height 0 throughout. The difference of two heights of finite merges is
        that of their log times.

    Raises
    ------
    ValueError
        If the tree is a forest and `top` is missing, or `top` is below the last merge.

    Examples
    --------
    >>> from numerics.coarsening.run import coarsen
    >>> linkage(merge_tree(coarsen([[1, 0], [0.8, 0.6], [0, 1]], beta=4)))[:, [0, 1, 3]]
    array([[0., 1., 2.],
           [2., 3., 3.]])
    """
    leaves, clusters = _split(tree)
    roots = _roots(tree)
    times = {node: float(tree.nodes[node]["log_time"]) for node in clusters}
    finite = [time for time in times.values() if time > -math.inf]
    groups = [(times[node], sorted(tree.successors(node)), node) for node in clusters]
    if len(roots) > 1:
        last = max(times.values(), default=-math.inf)
        if top is None:
            raise ValueError(
                f"Expected a tree with one root but got a forest with roots={len(roots)}. "
                "Pass top=<log time> to join what is left, or run coarsen to consensus."
            )
        end = check_log_time(top, "top", "pass the end of the run")
        if not (math.isfinite(end) and end >= last):
            raise ValueError(
                f"Expected a finite log time of at least {last:g} but got top={top}. "
                "Pass the end of the run, result.log_times[-1], or later."
            )
        finite.append(end)
        groups.append((end, roots, -1))
    offset = min(finite, default=0.0) - 1.0

    rows: list[tuple[float, float, float, float]] = []
    index = {leaf: k for k, leaf in enumerate(leaves)}
    size = {k: 1 for k in range(len(leaves))}
    for time, children, node in groups:
        height = time - offset if time > -math.inf else 0.0
        joined = index[children[0]]
        for child in children[1:]:
            other = index[child]
            new = len(leaves) + len(rows)
            size[new] = size[joined] + size[other]
            rows.append((min(joined, other), max(joined, other), height, size[new]))
            joined = new
        index[node] = joined
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


@checked_first(_check_tree)
def newick(tree: Tree) -> str:
    """Write the tree in Newick format, as programs for phylogenetic trees read it.

    Parameters
    ----------
    tree : networkx.DiGraph
        As `merge_tree` returns it.

    Returns
    -------
    str
        One tree, ended by ``;``; a forest gives one tree a line. Nodes are named by their ids.
        The length of a branch is the difference of the heights of `linkage` (log time, with the
        first finite merge at 1 and everything at log time −inf at 0).

    Examples
    --------
    >>> from numerics.coarsening.run import coarsen
    >>> newick(merge_tree(coarsen([[1, 0], [1, 0]], beta=4)))
    '(0:0,1:0)2;'
    """
    times = [float(tree.nodes[node]["log_time"]) for node in tree]
    finite = [time for time in times if time > -math.inf]
    offset = min(finite, default=0.0) - 1.0

    def height(node: int) -> float:
        time = tree.nodes[node]["log_time"]
        return float(time - offset) if time > -math.inf else 0.0

    # clusters are visited in the order of their ids, children before parents: no recursion,
    # whose depth a chain of thousands of merges would exceed
    text: dict[int, str] = {}
    leaves, clusters = _split(tree)
    for node in (*leaves, *clusters):
        parts = (
            f"{text.pop(child)}:{height(node) - height(child):.12g}"
            for child in sorted(tree.successors(node))
        )
        inside = ",".join(parts)
        text[node] = f"({inside}){node}" if inside else f"{node}"
    return "\n".join(f"{text[root]};" for root in _roots(tree))


@checked_first(_check_tree)
def clusters_at(tree: Tree, log_time: float) -> tuple[frozenset[int], ...]:
    """Cut the tree: who is together at a time.

    Parameters
    ----------
    tree : networkx.DiGraph
        As `merge_tree` returns it.
    log_time : float
        Natural logarithm of the time; merges at this very time have happened.

    Returns
    -------
    tuple of frozenset of int
        The sets of particles, ordered by their smallest member.

    Raises
    ------
    ValueError
        If the time is NaN.

    Examples
    --------
    >>> from numerics.coarsening.run import coarsen
    >>> tree = merge_tree(coarsen([[1, 0], [0.8, 0.6], [0, 1]], beta=4))
    >>> clusters_at(tree, 2.1)
    (frozenset({0, 1}), frozenset({2}))
    """
    remedy = "give the logarithm of a time, -inf for the start and inf for the end"
    when = check_log_time(log_time, "log_time", remedy)
    leaves, clusters = _split(tree)
    inside = {leaf: frozenset((leaf,)) for leaf in leaves}
    for node in clusters:
        if tree.nodes[node]["log_time"] <= when:
            inside[node] = frozenset().union(*(inside.pop(c) for c in tree.successors(node)))
    return tuple(sorted(inside.values(), key=min))


def _split(tree: Tree) -> tuple[list[int], list[int]]:
    """Leaves and clusters, ascending; a cluster's id is larger than those of its children."""
    leaves = sorted(node for node, degree in tree.out_degree() if degree == 0)
    clusters = sorted(node for node, degree in tree.out_degree() if degree > 0)
    return leaves, clusters


def _roots(tree: Tree) -> list[int]:
    """Nodes without a parent, ascending."""
    return sorted(node for node, degree in tree.in_degree() if degree == 0)
