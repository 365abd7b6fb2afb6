"""What is computed: array code compiled from the theory, integration, coarsening, clusters."""

from numerics import sphere
from numerics.clusters import Clusters, find_clusters
from numerics.coarsen import Coarsening, CoarsenStatus, Merge, coarsen
from numerics.compile import ArrayPrinter, VelocityField, compile_model
from numerics.integrate import (
    Event,
    IntegrationStatus,
    Trajectory,
    consensus_event,
    integrate,
)
from numerics.mergetree import clusters_at, linkage, merge_tree, newick

__all__ = [
    "ArrayPrinter",
    "Clusters",
    "CoarsenStatus",
    "Coarsening",
    "Event",
    "IntegrationStatus",
    "Merge",
    "Trajectory",
    "VelocityField",
    "clusters_at",
    "coarsen",
    "compile_model",
    "consensus_event",
    "find_clusters",
    "integrate",
    "linkage",
    "merge_tree",
    "newick",
    "sphere",
]
