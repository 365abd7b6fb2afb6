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
from theory.derivations.landau import Onset, onset
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
    "COVARIANCE",
    "MEAN",
    "SEEN",
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
    "Onset",
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
    "gaussian_closure",
    "generic_points",
    "gnomonic",
    "gram_flow",
    "is_permutation_equivariant",
    "is_rotation_equivariant",
    "m1",
    "m2",
    "onset",
    "overlap",
    "phi",
    "theta",
    "two_clusters",
]
