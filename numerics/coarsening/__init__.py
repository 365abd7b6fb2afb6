"""Coarsening at any β on a clock of log t: runs, merge trees, counts, forecasts of theory."""

from numerics.coarsening.backends import choose_backend
from numerics.coarsening.compiled import exp_in_place, numba
from numerics.coarsening.counts import ClusterCounts, cluster_counts
from numerics.coarsening.forecast import (
    Comparison,
    PairForecast,
    _first,
    compare_with_forecast,
    forecast_merges,
    plateau_energy,
)
from numerics.coarsening.neighbour_lists import NumbaPairs
from numerics.coarsening.pair_times import (
    M1,
    M2,
    MERGE_ANGLE,
    THETA,
    pair_log_time,
    pair_rate,
    two_cluster_log_time,
)
from numerics.coarsening.pairs import FloatArray, IntArray, NumpyPairs
from numerics.coarsening.result import (
    MERGE_DISTANCE,
    Coarsening,
    CoarsenStatus,
    Merge,
)
from numerics.coarsening.run import coarsen
from numerics.coarsening.trees import clusters_at, linkage, merge_tree, newick
from numerics.coarsening.twin import LARGEST_LOG_TIME_ERROR, marked_by_repeat
from numerics.coarsening.verdict import escape_log_rate, stationary_verdict

__all__ = [
    "LARGEST_LOG_TIME_ERROR",
    "M1",
    "M2",
    "MERGE_ANGLE",
    "MERGE_DISTANCE",
    "THETA",
    "ClusterCounts",
    "CoarsenStatus",
    "Coarsening",
    "Comparison",
    "FloatArray",
    "IntArray",
    "Merge",
    "NumbaPairs",
    "NumpyPairs",
    "PairForecast",
    "_first",
    "choose_backend",
    "cluster_counts",
    "clusters_at",
    "coarsen",
    "compare_with_forecast",
    "escape_log_rate",
    "exp_in_place",
    "forecast_merges",
    "linkage",
    "marked_by_repeat",
    "merge_tree",
    "newick",
    "numba",
    "pair_log_time",
    "pair_rate",
    "plateau_energy",
    "stationary_verdict",
    "two_cluster_log_time",
]
