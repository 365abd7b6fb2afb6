"""What is computed: array code compiled from the theory, integration, coarsening, clusters."""

from numerics import sphere
from numerics.cluster_counts import ClusterCounts, cluster_counts
from numerics.clusters import Clusters, find_clusters
from numerics.coarsen import Coarsening, CoarsenStatus, Merge, coarsen
from numerics.compile import ArrayPrinter, VelocityField, compile_model
from numerics.ensemble import ClosePairs, Ensemble, EnsembleStatus, ensemble
from numerics.executors import open_executor
from numerics.fastsum import FastField, fast_field
from numerics.forecast import (
    compare_with_forecast,
    forecast_merges,
    stationary_verdict,
    two_cluster_log_time,
)
from numerics.front import finite_size_front, gamma_front
from numerics.integrate import Event, IntegrationStatus, Trajectory, consensus_event, integrate
from numerics.mergetree import clusters_at, linkage, merge_tree, newick
from numerics.phase import ClusterPersistence, PhaseDiagram, cluster_persistence, phase_diagram
from numerics.random_matrices import MATRICES
from numerics.sweep import Grid, SweepResult, grid, sweep
from numerics.sweep_folder import SweepError

__all__ = [
    "MATRICES",
    "ArrayPrinter",
    "ClosePairs",
    "ClusterCounts",
    "ClusterPersistence",
    "Clusters",
    "CoarsenStatus",
    "Coarsening",
    "Ensemble",
    "EnsembleStatus",
    "Event",
    "FastField",
    "Grid",
    "IntegrationStatus",
    "Merge",
    "PhaseDiagram",
    "SweepError",
    "SweepResult",
    "Trajectory",
    "VelocityField",
    "cluster_counts",
    "cluster_persistence",
    "clusters_at",
    "coarsen",
    "compare_with_forecast",
    "compile_model",
    "consensus_event",
    "ensemble",
    "fast_field",
    "find_clusters",
    "finite_size_front",
    "forecast_merges",
    "gamma_front",
    "grid",
    "integrate",
    "linkage",
    "merge_tree",
    "newick",
    "open_executor",
    "phase_diagram",
    "sphere",
    "stationary_verdict",
    "sweep",
    "two_cluster_log_time",
]
