"""What is computed: array code compiled from the theory, integration, coarsening, clusters."""

from numerics import sphere
from numerics.cluster_counts import ClusterCounts, cluster_counts
from numerics.clusters import Clusters, find_clusters
from numerics.coarsen import Coarsening, CoarsenStatus, Merge, coarsen
from numerics.compile import ArrayPrinter, VelocityField, compile_model
from numerics.executors import open_executor
from numerics.fastsum import FastField, fast_field
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
from numerics.sweep import Grid, SweepError, SweepResult, grid, sweep

__all__ = [
    "ArrayPrinter",
    "ClusterCounts",
    "Clusters",
    "CoarsenStatus",
    "Coarsening",
    "Event",
    "FastField",
    "Grid",
    "IntegrationStatus",
    "Merge",
    "SweepError",
    "SweepResult",
    "Trajectory",
    "VelocityField",
    "cluster_counts",
    "clusters_at",
    "coarsen",
    "compare_with_forecast",
    "compile_model",
    "consensus_event",
    "fast_field",
    "find_clusters",
    "forecast_merges",
    "grid",
    "integrate",
    "linkage",
    "merge_tree",
    "newick",
    "open_executor",
    "sphere",
    "stationary_verdict",
    "sweep",
    "two_cluster_log_time",
]
