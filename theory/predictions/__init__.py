"""Closed forms: what the theory predicts, as exact expressions to compare computations with."""

from theory.predictions.arguments import MODELS, Value, whole_number
from theory.predictions.asymptotics import (
    PARTS,
    EquiangularModes,
    crossing_deviation,
    equiangular_modes,
    escape_time,
    mode_amplitude,
    normal_form,
    pair_variance,
)
from theory.predictions.brownian import STEP, brownian_multiplier, jump_law
from theory.predictions.codes import (
    EnergyBounds,
    cross_polytope_energy,
    energy_bounds,
    energy_maximum,
    energy_minimum,
    icosahedron_energy,
    polygon_energy,
    simplex_energy,
)
from theory.predictions.common_noise import common_noise_exponent
from theory.predictions.cone import cone_constant, cone_opening, cone_rate
from theory.predictions.equiangular import (
    equiangular_inner_product,
    equiangular_rate,
    equiangular_time,
)
from theory.predictions.hierarchy import early_mean_force
from theory.predictions.high_dimension import (
    curve_growth,
    nonlinear_loss,
    orthonormal_radius,
    sufficient_dimension,
)
from theory.predictions.kuramoto import (
    FREQUENCY,
    kuramoto_consistency,
    kuramoto_order,
    kuramoto_threshold,
    twisted_state_rate,
)
from theory.predictions.lipschitz import (
    chord_lipschitz,
    geodesic_lipschitz,
    mean_lipschitz,
    temperature_deviation,
    transport_lipschitz,
)
from theory.predictions.long_context import (
    ATTENTION_OUTPUT,
    RESIDUAL_OUTPUT,
    OutputLimits,
    Regime,
    output_cosine,
    output_limit,
    output_limits,
    output_regimes,
)
from theory.predictions.modes import (
    expected_maxima,
    fastest_mode,
    gegenbauer_coefficient,
    mode_growth_rate,
)
from theory.predictions.noise import (
    dichotomy_beta,
    landau_coefficient,
    noise_dichotomy,
    noise_onset,
    noise_threshold,
)
from theory.predictions.spectra import (
    Spectrum,
    antipodal_rates,
    consensus_rates,
    polygon_mode_rate,
    polygon_splitting_rate,
)
from theory.predictions.thresholds import (
    ThresholdRow,
    critical_angle,
    hessian_profile,
    large_beta_threshold,
    saddle_bracket,
    small_beta_threshold,
    threshold_table,
)
from theory.predictions.two_clusters import (
    two_cluster_rate,
    two_cluster_time,
    two_cluster_time_asymptotic,
)
from theory.predictions.wendel import theorem_6_9_dimension, wendel_probability

__all__ = [
    "ATTENTION_OUTPUT",
    "FREQUENCY",
    "MODELS",
    "PARTS",
    "RESIDUAL_OUTPUT",
    "STEP",
    "EnergyBounds",
    "EquiangularModes",
    "OutputLimits",
    "Regime",
    "Spectrum",
    "ThresholdRow",
    "Value",
    "antipodal_rates",
    "brownian_multiplier",
    "chord_lipschitz",
    "common_noise_exponent",
    "cone_constant",
    "cone_opening",
    "cone_rate",
    "consensus_rates",
    "critical_angle",
    "cross_polytope_energy",
    "crossing_deviation",
    "curve_growth",
    "dichotomy_beta",
    "early_mean_force",
    "energy_bounds",
    "energy_maximum",
    "energy_minimum",
    "equiangular_inner_product",
    "equiangular_modes",
    "equiangular_rate",
    "equiangular_time",
    "escape_time",
    "expected_maxima",
    "fastest_mode",
    "gegenbauer_coefficient",
    "geodesic_lipschitz",
    "hessian_profile",
    "icosahedron_energy",
    "jump_law",
    "kuramoto_consistency",
    "kuramoto_order",
    "kuramoto_threshold",
    "landau_coefficient",
    "large_beta_threshold",
    "mean_lipschitz",
    "mode_amplitude",
    "mode_growth_rate",
    "noise_dichotomy",
    "noise_onset",
    "noise_threshold",
    "nonlinear_loss",
    "normal_form",
    "orthonormal_radius",
    "output_cosine",
    "output_limit",
    "output_limits",
    "output_regimes",
    "pair_variance",
    "polygon_energy",
    "polygon_mode_rate",
    "polygon_splitting_rate",
    "saddle_bracket",
    "simplex_energy",
    "small_beta_threshold",
    "sufficient_dimension",
    "temperature_deviation",
    "theorem_6_9_dimension",
    "threshold_table",
    "transport_lipschitz",
    "twisted_state_rate",
    "two_cluster_rate",
    "two_cluster_time",
    "two_cluster_time_asymptotic",
    "wendel_probability",
    "whole_number",
]
