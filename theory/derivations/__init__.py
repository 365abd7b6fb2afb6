"""What is derived from a model's velocity: dissipation, equivariance, and smaller equations."""

from theory.derivations.circle import CircleAngles, PairSum, circle_angles, phi
from theory.derivations.cluster_pair import TwoClusters, m1, m2, overlap, theta, two_clusters
from theory.derivations.cone import Gnomonic, gnomonic
from theory.derivations.energy_rate import Dissipation, dissipation
from theory.derivations.equal_angles import Equiangular, equiangular
from theory.derivations.equivariance import (
    Equivariance,
    is_permutation_equivariant,
    is_rotation_equivariant,
)
from theory.derivations.inner_products import GramFlow, Products, gram_flow
from theory.derivations.reduction import NotClosed, Reduction, Residual
from theory.derivations.witness import (
    SEEN,
    Obstruction,
    Reading,
    Witness,
    entries,
    explicit_values,
    generic_points,
)

__all__ = [
    "SEEN",
    "CircleAngles",
    "Dissipation",
    "Equiangular",
    "Equivariance",
    "Gnomonic",
    "GramFlow",
    "NotClosed",
    "Obstruction",
    "PairSum",
    "Products",
    "Reading",
    "Reduction",
    "Residual",
    "TwoClusters",
    "Witness",
    "circle_angles",
    "dissipation",
    "entries",
    "equiangular",
    "explicit_values",
    "generic_points",
    "gnomonic",
    "gram_flow",
    "is_permutation_equivariant",
    "is_rotation_equivariant",
    "m1",
    "m2",
    "overlap",
    "phi",
    "theta",
    "two_clusters",
]
