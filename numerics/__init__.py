"""What is computed: array code compiled from the theory, integration, coarsening, clusters."""

from numerics import sphere
from numerics.clusters import Clusters, find_clusters
from numerics.coarsening import (
    ClusterCounts,
    Coarsening,
    CoarsenStatus,
    Merge,
    cluster_counts,
    clusters_at,
    coarsen,
    compare_with_forecast,
    forecast_merges,
    linkage,
    merge_tree,
    newick,
    stationary_verdict,
    two_cluster_log_time,
)
from numerics.compile import ArrayPrinter, SystemField, VelocityField, compile_model
from numerics.continuity import Agreement, MeanField, MeanFieldStatus, mean_field
from numerics.ensembles import ClosePairs, Ensemble, EnsembleStatus, ensemble
from numerics.equilibria import polish, spectrum_at
from numerics.fastsum import FastField, fast_field
from numerics.integration import (
    Event,
    IntegrationStatus,
    StateTrajectory,
    Trajectory,
    consensus_event,
    integrate,
)
from numerics.mean_field_limit import Convergence, mean_field_distances
from numerics.noise import NoisyRun, NoisyStatus, noisy
from numerics.phase import (
    MATRICES,
    ClusterPersistence,
    PhaseDiagram,
    cluster_persistence,
    finite_size_front,
    gamma_front,
    phase_diagram,
)
from numerics.smoothed_density import density_maxima
from numerics.sweeps import Grid, SweepError, SweepResult, grid, open_executor, sweep
from numerics.transport import wasserstein

__all__ = [
    "MATRICES",
    "Agreement",
    "ArrayPrinter",
    "ClosePairs",
    "ClusterCounts",
    "ClusterPersistence",
    "Clusters",
    "CoarsenStatus",
    "Coarsening",
    "Convergence",
    "Ensemble",
    "EnsembleStatus",
    "Event",
    "FastField",
    "Grid",
    "IntegrationStatus",
    "MeanField",
    "MeanFieldStatus",
    "Merge",
    "NoisyRun",
    "NoisyStatus",
    "PhaseDiagram",
    "StateTrajectory",
    "SweepError",
    "SweepResult",
    "SystemField",
    "Trajectory",
    "VelocityField",
    "cluster_counts",
    "cluster_persistence",
    "clusters_at",
    "coarsen",
    "compare_with_forecast",
    "compile_model",
    "consensus_event",
    "density_maxima",
    "ensemble",
    "fast_field",
    "find_clusters",
    "finite_size_front",
    "forecast_merges",
    "gamma_front",
    "grid",
    "integrate",
    "linkage",
    "mean_field",
    "mean_field_distances",
    "merge_tree",
    "newick",
    "noisy",
    "open_executor",
    "phase_diagram",
    "polish",
    "spectrum_at",
    "sphere",
    "stationary_verdict",
    "sweep",
    "two_cluster_log_time",
    "wasserstein",
]
