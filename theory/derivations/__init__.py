"""What is derived from a model's velocity: dissipation, equivariance, and smaller equations."""

from theory.derivations.circle import CircleAngles, PairSum, circle_angles, phi
from theory.derivations.cluster_pair import TwoClusters, m1, m2, overlap, theta, two_clusters
from theory.derivations.cone import Gnomonic, gnomonic
from theory.derivations.diffusion import (
    ANGLE,
    DENSITY,
    FokkerPlanck,
    PairDiffusion,
    fokker_planck,
    harmonic_rate,
    ito_correction,
    pair_diffusion,
    zonal_coefficients,
    zonal_generator,
)
from theory.derivations.energy_rate import Dissipation, dissipation
from theory.derivations.equal_angles import SQUARE, Equiangular, equiangular
from theory.derivations.equivariance import (
    Equivariance,
    commutes,
    is_permutation_equivariant,
    is_rotation_equivariant,
    relabellings,
    rotations,
)
from theory.derivations.gaussian import (
    COVARIANCE,
    MEAN,
    GaussianClosure,
    gaussian_closure,
)
from theory.derivations.inner_products import GramFlow, Products, gram_flow, plain_rows
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
    "ANGLE",
    "COVARIANCE",
    "DENSITY",
    "MEAN",
    "SEEN",
    "SQUARE",
    "CircleAngles",
    "Dissipation",
    "Equiangular",
    "Equivariance",
    "FokkerPlanck",
    "GaussianClosure",
    "Gnomonic",
    "GramFlow",
    "NotClosed",
    "Obstruction",
    "Onset",
    "PairDiffusion",
    "PairSum",
    "Products",
    "Reading",
    "Reduction",
    "Residual",
    "TwoClusters",
    "Witness",
    "circle_angles",
    "commutes",
    "dissipation",
    "entries",
    "equiangular",
    "explicit_values",
    "fokker_planck",
    "gaussian_closure",
    "generic_points",
    "gnomonic",
    "gram_flow",
    "harmonic_rate",
    "is_permutation_equivariant",
    "is_rotation_equivariant",
    "ito_correction",
    "m1",
    "m2",
    "onset",
    "overlap",
    "pair_diffusion",
    "phi",
    "plain_rows",
    "relabellings",
    "rotations",
    "theta",
    "two_clusters",
    "zonal_coefficients",
    "zonal_generator",
]
