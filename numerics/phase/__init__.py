"""Phase diagrams over (β, t), their fronts, and the random matrices of Figure 5."""

from numerics.phase.diagram import PhaseDiagram, has_band, wilson_error
from numerics.phase.front import finite_size_front, gamma_front
from numerics.phase.persistence import ClusterPersistence, cluster_persistence
from numerics.phase.random_matrices import MATRICES, Draw
from numerics.phase.run import STATISTICS, phase_diagram, run_function
from numerics.phase.tracks import CircleTracks, circle_tracks

__all__ = [
    "MATRICES",
    "STATISTICS",
    "CircleTracks",
    "ClusterPersistence",
    "Draw",
    "PhaseDiagram",
    "circle_tracks",
    "cluster_persistence",
    "finite_size_front",
    "gamma_front",
    "has_band",
    "phase_diagram",
    "run_function",
    "wilson_error",
]
