"""Wasserstein distances of measures on the sphere, with the geodesic distance as cost."""

from numerics.transport.circle import Arcs, cell_distance
from numerics.transport.distance import METHODS, Density, density_arcs, wasserstein

__all__ = ["METHODS", "Arcs", "Density", "cell_distance", "density_arcs", "wasserstein"]
