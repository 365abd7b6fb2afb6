"""What is derived from a model's velocity: dissipation, equivariance, and smaller equations."""

from theory.derivations.circle import CircleAngles, PairSum, circle_angles, phi
from theory.derivations.cluster_pair import TwoClusters, m1, m2, overlap, theta, two_clusters
from theory.derivations.cone import Gnomonic, gnomonic
from theory.derivations.energy_rate import Dissipation, dissipation
from theory.derivations.equal_angles import SQUARE, Equiangular, equiangular
from theory.derivations.equivariance import (
    Equivariance,
    is_permutation_equivariant,
    is_rotation_equivariant,
)
from theory.derivations.gaussian import (
    COVARIANCE,
    MEAN,
    GaussianClosure,
    gaussian_closure,
)
from theory.derivations.inner_products import GramFlow, Products, gram_flow
from theory.derivations.reduction import NotClosed, Reduction, Residual
from theory.derivations.witness import Obstruction, Reading, Witness

__all__ = [
    "COVARIANCE",
    "MEAN",
    "SQUARE",
    "CircleAngles",
    "Dissipation",
    "Equiangular",
    "Equivariance",
    "GaussianClosure",
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
    "equiangular",
    "gaussian_closure",
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
