"""Coarsening at any β on a clock of log t: runs, merge trees, counts, forecasts of theory."""

from numerics.coarsening.counts import ClusterCounts, cluster_counts
from numerics.coarsening.forecast import (
    Comparison,
    PairForecast,
    compare_with_forecast,
    forecast_merges,
)
from numerics.coarsening.pair_times import (
    M1,
    M2,
    THETA,
    pair_log_time,
    pair_rate,
    two_cluster_log_time,
)
from numerics.coarsening.result import Coarsening, CoarsenStatus, Merge
from numerics.coarsening.run import coarsen
from numerics.coarsening.trees import clusters_at, linkage, merge_tree, newick
from numerics.coarsening.twin import LARGEST_LOG_TIME_ERROR
from numerics.coarsening.verdict import escape_log_rate, stationary_verdict

__all__ = [
    "LARGEST_LOG_TIME_ERROR",
    "M1",
    "M2",
    "THETA",
    "ClusterCounts",
    "CoarsenStatus",
    "Coarsening",
    "Comparison",
    "Merge",
    "PairForecast",
    "cluster_counts",
    "clusters_at",
    "coarsen",
    "compare_with_forecast",
    "escape_log_rate",
    "forecast_merges",
    "linkage",
    "merge_tree",
    "newick",
    "pair_log_time",
    "pair_rate",
    "stationary_verdict",
    "two_cluster_log_time",
]
