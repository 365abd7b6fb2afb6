"""Pictures of trajectories, coarsening runs, phase diagrams, dimensions; matplotlib only."""

from numerics.plot.coarsening import (
    animate,
    plot_cluster_counts,
    plot_dendrogram,
    plot_space_time,
    plot_sphere_tracks,
    plot_staircase,
)
from numerics.plot.hierarchy import plot_pair_distance, plot_pair_law
from numerics.plot.high_dimension import plot_dimensions
from numerics.plot.phase import (
    draw_figure,
    draw_metastable,
    plot_bands,
    plot_cluster_histogram,
    plot_phase,
)
from numerics.plot.trajectories import (
    inner_product_histogram,
    plot_angles,
    plot_disc,
    plot_energy,
    plot_inner_products,
    plot_sphere,
)

__all__ = [
    "animate",
    "draw_figure",
    "draw_metastable",
    "inner_product_histogram",
    "plot_angles",
    "plot_bands",
    "plot_cluster_counts",
    "plot_cluster_histogram",
    "plot_dendrogram",
    "plot_dimensions",
    "plot_disc",
    "plot_energy",
    "plot_inner_products",
    "plot_pair_distance",
    "plot_pair_law",
    "plot_phase",
    "plot_space_time",
    "plot_sphere",
    "plot_sphere_tracks",
    "plot_staircase",
]
