"""Pictures of runs, densities, noise, codes, limits, phase diagrams; matplotlib only."""

from numerics.plot.cluster_regimes import plot_count_regimes
from numerics.plot.coarsening import (
    animate,
    plot_cluster_counts,
    plot_dendrogram,
    plot_space_time,
    plot_sphere_tracks,
    plot_staircase,
)
from numerics.plot.codes import plot_code
from numerics.plot.density import plot_density, plot_density_profiles
from numerics.plot.distances import plot_distances
from numerics.plot.hardmax import plot_hardmax
from numerics.plot.hierarchy import plot_pair_distance, plot_pair_law
from numerics.plot.high_dimension import plot_dimensions
from numerics.plot.layers import (
    plot_layer_energies,
    plot_layer_histograms,
    plot_layer_means,
    plot_layer_shares,
)
from numerics.plot.limits import plot_hull, plot_shapes
from numerics.plot.noise import plot_bifurcation, plot_states
from numerics.plot.order import plot_order
from numerics.plot.phase import (
    draw_figure,
    draw_metastable,
    plot_bands,
    plot_cluster_histogram,
    plot_phase,
    plot_tracks,
)
from numerics.plot.pictures import draw
from numerics.plot.style import (
    COLOURS,
    STYLES,
    Picture,
    Style,
    cyclic,
    drawn_in,
    heading,
    new_axes,
    styled,
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
    "COLOURS",
    "STYLES",
    "Picture",
    "Style",
    "animate",
    "cyclic",
    "draw",
    "draw_figure",
    "draw_metastable",
    "drawn_in",
    "heading",
    "inner_product_histogram",
    "new_axes",
    "plot_angles",
    "plot_bands",
    "plot_bifurcation",
    "plot_cluster_counts",
    "plot_cluster_histogram",
    "plot_code",
    "plot_count_regimes",
    "plot_dendrogram",
    "plot_density",
    "plot_density_profiles",
    "plot_dimensions",
    "plot_disc",
    "plot_distances",
    "plot_energy",
    "plot_hardmax",
    "plot_hull",
    "plot_inner_products",
    "plot_layer_energies",
    "plot_layer_histograms",
    "plot_layer_means",
    "plot_layer_shares",
    "plot_order",
    "plot_pair_distance",
    "plot_pair_law",
    "plot_phase",
    "plot_shapes",
    "plot_space_time",
    "plot_sphere",
    "plot_sphere_tracks",
    "plot_staircase",
    "plot_states",
    "plot_tracks",
    "styled",
]
