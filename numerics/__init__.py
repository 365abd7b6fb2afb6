"""What is computed: array code compiled from the theory, integration, coarsening, clusters."""

from numerics import sphere
from numerics.cluster_counts import ClusterCounts, cluster_counts
from numerics.clusters import Clusters, find_clusters
from numerics.coarsen import Coarsening, CoarsenStatus, Merge, coarsen
from numerics.compile import ArrayPrinter, VelocityField, compile_model
from numerics.forecast import (
    compare_with_forecast,
    forecast_merges,
    stationary_verdict,
    two_cluster_log_time,
)
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
    "ClusterCounts",
    "Clusters",
    "CoarsenStatus",
    "Coarsening",
    "Event",
    "IntegrationStatus",
    "Merge",
    "Trajectory",
    "VelocityField",
    "cluster_counts",
    "clusters_at",
    "coarsen",
    "compare_with_forecast",
    "compile_model",
    "consensus_event",
    "find_clusters",
    "forecast_merges",
    "integrate",
    "linkage",
    "merge_tree",
    "newick",
    "sphere",
    "stationary_verdict",
    "two_cluster_log_time",
]
