"""How a statement about a flow is proved, watched or refuted; no statement is in here.

The face offers the algebra, the exact witnesses, the runs and the evidence that files share.
"""

from proofs_checks.proof.acceleration import (
    acceleration_bound,
    fast_pair,
    sampled_acceleration,
)
from proofs_checks.proof.alphabet import (
    COMBINATION,
    EVENT,
    HEIGHT,
    HOT,
    ROOM,
    SCOPE_ANY_MASSES,
    SCOPE_WARM,
    SCOPE_WARM_ANY_MASSES,
    SCOPE_WARM_EQUAL_MASSES,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    TAU,
    THETA,
    Array,
    P,
    Q,
    W,
    short,
)
from proofs_checks.proof.arcs import (
    quadratic_below_sine,
    short_arcs,
    sign_of_profile,
    stable_polygon,
    tree_outside_hemisphere,
)
from proofs_checks.proof.bends import pair_hessian
from proofs_checks.proof.blocks import (
    NEURON,
    by_neuron,
    layer_of,
    neuron,
    parts_of,
    projected,
    sum_of,
)
from proofs_checks.proof.certified import (
    accepted,
    as_rational,
    count_boxes,
    enclosure_ends,
    off_curve,
    positive_on_box,
    six_digits,
)
from proofs_checks.proof.chance_rules import (
    ALL_SIGNS,
    FALLING_RATIO,
    GENERAL_POSITION,
    HALF_SPACES,
    LARGER_EVENT,
    MARKOV,
    ONE_MORE,
    RECURSION,
    TRACES,
)
from proofs_checks.proof.chords import (
    CHORD,
    FIRST_MATRIX,
    GROWN,
    OPPOSED,
    OTHER_TOKENS,
    Force,
    at_value,
    chord_algebra,
    crossed,
    force_of,
    growth,
    half_angle_rate,
    opposed,
    score_share,
)
from proofs_checks.proof.circle import (
    CIRCLE_KERNEL,
    CURVATURE,
    DROPPED,
    WARM_BETA,
    circle_normal_form,
    circle_terms,
    climbs_curvature,
    not_zero_on_circle,
    off_curvature,
    shown_on_circle,
)
from proofs_checks.proof.clocks import in_own_time, with_tau
from proofs_checks.proof.cluster_pairs import pair_law, pair_step
from proofs_checks.proof.cold_steps import cold_slope
from proofs_checks.proof.columns import entry_in_words
from proofs_checks.proof.cone import (
    CONE,
    SMALLEST,
    ConeRate,
    TimedCone,
    cone_rate_of,
    contraction_algebra,
    excess_rate,
    in_words,
    least_weight,
    matrix_parameters,
    sampled_values,
    scope_of_scores,
    watch_hemispheres,
    watch_independent,
)
from proofs_checks.proof.consensus_modes import HELD, modes, pull_law
from proofs_checks.proof.continuity import CONTINUOUS, CONTINUOUS_AT_EQUAL_ANGLES
from proofs_checks.proof.curvature import (
    CROSS,
    FIRST,
    HESSIAN,
    NORMS,
    SKEW_AVERAGE,
    PairAverage,
    U,
    V,
    along_curve,
    average_doubt,
    basis_average,
    bend_said,
    covariant_jacobian,
    energy_slope,
    geodesic,
    pair_bend,
    rotated_pair,
)
from proofs_checks.proof.defined import first_size, scalars_of, singular_places
from proofs_checks.proof.envelopes import (
    Envelope,
    TimedEnvelope,
    ahead_at_the_event,
    fast_start,
    leaves_gamma,
    monotone_said,
    off_pace,
    size_and_heat,
    watch_envelope,
)
from proofs_checks.proof.equiangular_runs import (
    DRAWN_BETA,
    FLOWS_BY_NAME,
    PAIR_DELTA,
    SETTING,
    SNAPSHOT_LEVEL,
    WRONG_CURVE,
    Statistic,
    amplitude_values,
    draw_runs,
    moment_in_words,
    number_of_runs,
    sizes_of,
)
from proofs_checks.proof.equilibria import (
    ALL_ALIKE,
    COUNT_P,
    COUNT_Q,
    CRITICAL,
    FOUR_FIFTHS,
    MORE_D,
    OCTAHEDRON,
    PART_P,
    PART_Q,
    SIZES,
    SQUARE,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    THREE_FIFTHS,
    Rows,
    cold_kernel,
    cold_limit,
    cold_speed,
    dot,
    field_energies,
    tokens_off_sphere,
    total_of_rows,
)
from proofs_checks.proof.equivalents import (
    AT_BETA_ZERO,
    AT_CONSENSUS,
    AT_EVERY_BETA,
    EVEN_BOUND,
    FASTER,
    FIELD,
    HEAT,
    KERNEL_AT_BETA_ZERO,
    ONLY_SPEED,
    SCALAR,
    SMALL_CHANGE_IN_BETA,
    SPEED,
    WITHIN_PRINTED_GROWTH,
)
from proofs_checks.proof.experiments import (
    DIFFERENCES_AGREE,
    compared,
    experiment,
    refute_off_sphere,
    unproved,
    unrun,
)
from proofs_checks.proof.exponential import (
    ONE_CHANGE,
    STRICT_CUTS,
    FewTokens,
    few_tokens,
    heat,
    heat_share,
    softmax_heat,
)
from proofs_checks.proof.fields import beyond_integrals, field_of
from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Climb, Flow
from proofs_checks.proof.geodesics import exponential_weights, geodesic_growth, linearised
from proofs_checks.proof.graph_rules import PATHS
from proofs_checks.proof.hemispheres import (
    count_cones,
    hemispherical,
    listed_cones,
    moment_points,
    traces_along,
)
from proofs_checks.proof.hypotheses import (
    ANALYTIC,
    ANY_SCORES,
    ATTENTION,
    AUTONOMOUS,
    CLIMBS,
    COLD_ONLY,
    EQUAL_ANGLES,
    HOT_ONLY,
    KNOWN,
    LINEAR,
    MOVES,
    NONNEGATIVE_EACH_TIME,
    NONNEGATIVE_WEIGHTS,
    ON_SPHERE,
    OWN_VALUES,
    PACED,
    PAIR_ENERGY,
    POSITIVE_WEIGHTS,
    RISES,
    SCHEDULED,
    STILL_ENERGY,
    WARM_ONLY,
    WARM_OR_SCORES,
    Domain,
    Premise,
    at_zero,
    unequal_angles,
)
from proofs_checks.proof.identity import MOVE, PROBE_MOVE, Identity, at_tokens
from proofs_checks.proof.induction import row_growth, row_residual
from proofs_checks.proof.latex import latex_document, tex
from proofs_checks.proof.lattice import STEPS, falling_layer, lattice_vectors
from proofs_checks.proof.lemmas import (
    ALMOST_ALL_INDEPENDENT,
    CENTRE_STABLE_DISC,
    COMPLETE,
    CONTINUITY,
    HEMISPHERE,
    OTHER_METRIC,
    POLAR,
    SYLVESTER,
)
from proofs_checks.proof.letters import lettered
from proofs_checks.proof.mean_field import (
    FINITE_MEASURES_ARE_DENSE,
    KERNEL_MASS,
    MEAN_FIELD,
    ONE_PROBE,
    PROBE_KERNEL,
    PROBE_POTENTIAL,
    SUM_FIELD,
    TEMPERATURES,
    TEST_FUNCTION,
    slope_along,
    slope_along_at,
    tested_witness,
)
from proofs_checks.proof.measures import (
    DEGREE,
    DIRAC,
    LEAST_VALUE,
    POSITIVE_BETA,
    UNIFORM,
    below_top,
    kernel_series,
    less_than_minimum,
    more_than_maximum,
    recurrence_is_positive,
    same_minimum,
    tie_of,
)
from proofs_checks.proof.metastable_runs import (
    PAIR_WEIGHT,
    RTOL,
    cluster_state,
    distinct_start,
    longest_plateau,
    run_scope,
    spread_masses,
    token_count,
)
from proofs_checks.proof.models import (
    MORE_TOKENS,
    ByModel,
    antipodal_spectrum,
    consensus_spectrum,
    equiangular_law,
    has_softmax,
    never_exceeds,
    rational_form,
    spectrum_trace,
    without_temperature,
)
from proofs_checks.proof.near_curve import (
    LARGER_PARTS,
    LATE,
    SMALLER,
    TOLERANCE,
    WARMTH,
    NearCurve,
    farthest_from_curve,
)
from proofs_checks.proof.pair_rates import factored_rate, slowed_by_heat, summed_rate
from proofs_checks.proof.pair_sums import (
    COLUMN,
    MASS,
    ROW,
    PairSum,
    exchanged,
    over_pairs,
    over_tokens,
)
from proofs_checks.proof.pairs import models_of, pair_sum, pair_trap, products, subjects
from proofs_checks.proof.parameters import left_free, parameters_of, pieces_of, refuse_impossible
from proofs_checks.proof.perturbation import (
    LEVEL,
    ORDER,
    PRINTED_GROWTH,
    START,
    at_least,
    equiangular_speed,
    grown,
)
from proofs_checks.proof.polygons import polygon_bends_down, polygon_is_maximum, types_at, wide_gap
from proofs_checks.proof.power_law import SIGMAS, fit_power_law
from proofs_checks.proof.residuals import Vanishing, identities, vanishes
from proofs_checks.proof.resting import parted_clumps, resting_near_consensus, resting_tokens
from proofs_checks.proof.row_algebra import PROBES, SYMBOLIC, RowAlgebra
from proofs_checks.proof.row_weights import positive_entries, weights_at_a_point, weights_of
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import (
    AVERAGE,
    BERNOULLI,
    CARRIED,
    CAUCHY_SCHWARZ,
    CHAIN,
    COMPARISON,
    COMPOSITION,
    CONTRACTION,
    DISJOINT,
    EXTREME,
    GERSHGORIN,
    GRONWALL,
    IMPLICATION,
    LARGEST_POWER,
    LEAST,
    LIMIT_POINT,
    MEAN_VALUE,
    MONOTONE,
    MONOTONE_LIMIT,
    OPERATOR_NORM,
    PRODUCT_AT_ZERO,
    QUOTIENT,
    RAYLEIGH,
    RISING,
    RULES,
    SECANT,
    SHARE,
    SPANNING_TREE,
    SUM,
    TANGENT,
    TIME_CHANGE,
    TRIANGLE,
)
from proofs_checks.proof.saddles import almost_every_start, null_starts, short_tree_saddles
from proofs_checks.proof.schedules import schedule_of
from proofs_checks.proof.score_twins import drawn_matrices, parting_values, refute_in_family, twins
from proofs_checks.proof.scores import NORM, numbers_of, scores_of
from proofs_checks.proof.sheet import (
    SENTENCE,
    How,
    Outcome,
    Sheet,
    Step,
    cited,
    decided,
    derived,
    equal,
    gap,
    open_problem,
    reduced,
    sheet_lines,
)
from proofs_checks.proof.sight import (
    LED,
    ONE_ROOT,
    ORDERED,
    SEES,
    masked_attention,
    parted_groups,
    parting_pair,
    sight_of,
    slopes_of,
)
from proofs_checks.proof.simulations import (
    PAIR_GAP,
    diagram_of,
    level_note,
    run_count,
    shown_numbers,
    start_law,
)
from proofs_checks.proof.small_heat import (
    ONE_MASS,
    alone_bend,
    below_exponential,
    chord_above,
    largest_pull,
    opposed_moves,
    small_threshold,
)
from proofs_checks.proof.smooth import analytic, continuous, entire, lipschitz
from proofs_checks.proof.speeds import watch_speeds
from proofs_checks.proof.symmetry import (
    commutators,
    floats,
    seen,
    state_at,
    symmetry_defect,
    unprojected,
)
from proofs_checks.proof.traps import (
    PAIR,
    apart,
    descends,
    explicit_change,
    falling_pair,
    far_from_limit,
    light_token_falls,
    never_meet_in_time,
    pair_weight,
    slow_clock,
    slow_pair,
    witness_values,
)
from proofs_checks.proof.variations import (
    NONZERO,
    convolution,
    energy_of,
    gradient_row,
    orthonormal_apart,
    potential_slope,
    row_defect,
    row_dot,
    slope_defect,
    vector_difference,
)
from proofs_checks.proof.verdict import (
    NO_FLOW,
    Counterexample,
    Statement,
    Trial,
    by_statement,
    judge,
    not_asked,
    of_no_flow,
    of_tokens,
    pairwise,
    statement_of,
)
from proofs_checks.proof.weights import R0, least_said, refuse_sign, smallest_weight
from proofs_checks.proof.witness import (
    Witness,
    decimal,
    excludes_zero,
    leaves_sphere,
    off_sphere,
    on_sphere,
    random_unit,
)

# fmt: off
__all__ = [
    "ALL_ALIKE", "ALL_SIGNS", "ALMOST_ALL_INDEPENDENT", "ANALYTIC", "ANY_SCORES", "ATTENTION",
    "AT_BETA_ZERO", "AT_CONSENSUS", "AT_EVERY_BETA", "AUTONOMOUS", "AVERAGE", "BERNOULLI",
    "CARRIED", "CAUCHY_SCHWARZ", "CENTRE_STABLE_DISC", "CHAIN", "CHORD", "CIRCLE_KERNEL", "CLIMBS",
    "COLD_ONLY", "COLUMN", "COMBINATION", "COMPARISON", "COMPLETE", "COMPOSITION", "CONE",
    "CONTINUITY", "CONTINUOUS", "CONTINUOUS_AT_EQUAL_ANGLES", "CONTRACTION", "COUNT_P", "COUNT_Q",
    "CRITICAL", "CROSS", "CURVATURE", "DEGREE", "DIFFERENCES_AGREE", "DIRAC", "DISJOINT",
    "DRAWN_BETA", "DROPPED", "EQUAL_ANGLES", "EVENT", "EVEN_BOUND", "EXTREME",
    "FALLING_RATIO", "FASTER", "FIELD", "FINITE_MEASURES_ARE_DENSE", "FIRST",
    "FIRST_MATRIX", "FLOWS_BY_NAME", "FOUR_FIFTHS", "GENERAL_POSITION", "GERSHGORIN",
    "GRONWALL", "GROWN", "HALF_SPACES", "HEAT", "HEIGHT", "HELD", "HEMISPHERE", "HESSIAN", "HOT",
    "HOT_ONLY", "IMPLICATION", "KERNEL_AT_BETA_ZERO", "KERNEL_MASS",
    "KNOWN", "LARGER_EVENT", "LARGER_PARTS", "LARGEST_POWER", "LATE",
    "LEAST", "LEAST_VALUE", "LED", "LEVEL", "LIMIT_POINT", "LINEAR", "MARKOV", "MASS",
    "MEAN_FIELD", "MEAN_VALUE", "MONOTONE", "MONOTONE_LIMIT", "MORE_D", "MORE_TOKENS",
    "MOVE", "MOVES", "NEURON", "NONNEGATIVE_EACH_TIME", "NONNEGATIVE_WEIGHTS", "NONZERO", "NORM",
    "NORMS", "NO_FLOW", "OCTAHEDRON", "ONE_CHANGE", "ONE_MASS", "ONE_MORE",
    "ONE_PROBE", "ONE_ROOT", "ONLY_SPEED", "ON_SPHERE", "OPERATOR_NORM", "OPPOSED", "ORDER",
    "ORDERED", "OTHER_METRIC", "OTHER_TOKENS", "OWN_VALUES", "PACED", "PAIR", "PAIR_DELTA",
    "PAIR_ENERGY", "PAIR_GAP", "PAIR_WEIGHT", "PART_P", "PART_Q", "PATHS", "POLAR", "POSITIVE_BETA",
    "POSITIVE_WEIGHTS", "PRINTED_GROWTH", "PROBES", "PROBE_KERNEL", "PROBE_MOVE", "PROBE_POTENTIAL",
    "PRODUCT_AT_ZERO", "QUOTIENT", "R0", "RAYLEIGH", "RECURSION",
    "RISES", "RISING", "ROOM", "ROW", "RTOL", "RULES", "SCALAR", "SCHEDULED",
    "SCOPE_ANY_MASSES", "SCOPE_WARM", "SCOPE_WARM_ANY_MASSES", "SCOPE_WARM_EQUAL_MASSES",
    "SCOPE_WARM_EQUAL_MASSES_FROM_TWO", "SECANT", "SEES", "SENTENCE", "SETTING",
    "SHARE", "SIGMAS", "SIZES", "SKEW_AVERAGE", "SMALLER", "SMALLEST", "SMALL_CHANGE_IN_BETA",
    "SNAPSHOT_LEVEL", "SPANNING_TREE", "SPEED", "SQUARE", "SQUARE_TOKENS", "START", "STEPS",
    "STILL_ENERGY", "STRICT_CUTS", "SUM", "SUM_FIELD", "SYLVESTER", "SYMBOLIC", "SYMBOLIC_SIZES",
    "TANGENT", "TAU", "TEMPERATURES", "TEST_FUNCTION", "THETA", "THREE_AGAINST_ONE", "THREE_FIFTHS",
    "TIME_CHANGE", "TOLERANCE", "TRACES", "TRIANGLE",
    "UNIFORM", "WARMTH", "WARM_BETA", "WARM_ONLY", "WARM_OR_SCORES", "WITHIN_PRINTED_GROWTH",
    "WRONG_CURVE", "Array", "ByModel", "Climb", "ConeRate", "Counterexample", "Domain", "Envelope",
    "FewTokens", "Fixed", "Flow", "Force", "How", "Identity", "NearCurve", "Outcome", "P",
    "PairAverage", "PairSum", "Premise", "Q", "RowAlgebra", "Rows", "Sheet", "Statement",
    "Statistic", "Step", "TimedCone", "TimedEnvelope", "Trial", "U", "V", "Vanishing", "W",
    "Witness", "acceleration_bound", "accepted",
    "ahead_at_the_event", "almost_every_start", "alone_bend", "along_curve", "amplitude_values",
    "analytic", "antipodal_spectrum", "apart", "apply", "as_rational", "at_least", "at_tokens",
    "at_value", "at_zero", "average_doubt", "basis_average",
    "below_exponential", "below_top", "bend_said", "beyond_integrals",
    "by_neuron", "by_statement", "chord_above", "chord_algebra", "circle_normal_form",
    "circle_terms", "cited", "climbs_curvature", "cluster_state",
    "cold_kernel", "cold_limit", "cold_slope", "cold_speed", "commutators", "compared",
    "cone_rate_of", "consensus_spectrum", "continuous", "contraction_algebra", "convolution",
    "count_boxes", "count_cones", "covariant_jacobian", "crossed", "decided", "decimal", "derived",
    "descends", "diagram_of", "distinct_start", "dot", "draw_runs", "drawn_matrices", "early_said",
    "enclosure_ends", "energy_of", "energy_slope", "entire", "entry_in_words", "equal",
    "equiangular_law", "equiangular_speed", "excess_rate", "exchanged", "excludes_zero",
    "experiment", "explicit_change", "exponential_weights", "factored_rate", "falling_layer",
    "falling_pair", "far_from_limit", "farthest_from_curve", "fast_pair", "fast_start",
    "few_tokens", "field_energies", "field_of", "first_size", "fit_power_law", "floats",
    "force_of", "gap", "geodesic", "geodesic_growth", "gradient_row", "grown",
    "growth", "half_angle_rate", "has_softmax", "heat", "heat_share",
    "hemispherical", "identities", "in_own_time", "in_time", "in_words", "judge", "kernel_series",
    "largest_pull", "latex_document", "lattice_vectors", "layer_of",
    "least_said", "least_weight", "leaves_gamma", "leaves_sphere", "left_free",
    "less_than_minimum", "lettered", "level_note", "light_token_falls", "linearised", "lipschitz",
    "listed_cones", "longest_plateau", "masked_attention", "matrix_parameters",
    "models_of", "modes", "moment_in_words", "moment_points", "monotone_said",
    "more_than_maximum", "neuron", "never_exceeds", "never_meet_in_time", "not_asked",
    "not_zero_on_circle", "null_starts", "number_of_runs", "numbers_of", "of_no_flow", "of_tokens",
    "off_curvature", "off_curve", "off_pace", "off_sphere", "on_sphere", "open_problem", "opposed",
    "opposed_moves", "orthonormal_apart", "over_pairs", "over_tokens", "pair_bend",
    "pair_hessian", "pair_law", "pair_step", "pair_sum", "pair_trap", "pair_weight", "pairwise",
    "parameters_of", "parted_clumps", "parted_groups", "parting_pair", "parting_values", "parts_of",
    "pieces_of", "polygon_bends_down", "polygon_is_maximum", "positive_entries", "positive_on_box",
    "potential_slope", "products", "projected", "pull_law",
    "quadratic_below_sine", "random_unit", "rational_form", "recurrence_is_positive", "reduced",
    "refuse_impossible", "refuse_sign", "refute_in_family", "refute_off_sphere",
    "resting_near_consensus", "resting_tokens", "rotated_pair", "row_defect", "row_dot",
    "row_growth", "row_residual", "run_count", "run_scope", "same_minimum", "sampled_acceleration",
    "sampled_values", "scalars_of", "schedule_of", "scope_of_scores", "score_share", "scores_of",
    "seen", "sheet_lines", "short", "short_arcs", "short_tree_saddles", "shown_numbers",
    "shown_on_circle", "sight_of", "sign_of_profile", "singular_places", "six_digits",
    "size_and_heat", "sizes_of", "slope_along", "slope_along_at", "slope_defect", "slopes_of",
    "slow_clock", "slow_pair", "slowed_by_heat", "small_threshold", "smallest_weight",
    "softmax_heat", "spectrum_trace", "spread_masses", "stable_polygon", "start_law",
    "state_at", "statement_of", "subjects", "sum_of", "summed_rate", "symmetry_defect", "tail_said",
    "tested_witness", "tex", "tie_of", "token_count", "tokens_off_sphere", "total_of_rows",
    "traces_along", "tree_outside_hemisphere", "twins", "types_at",
    "unequal_angles", "unprojected", "unproved", "unrun", "vanishes", "vector_difference",
    "watch_envelope", "watch_hemispheres", "watch_independent", "watch_speeds",
    "weights_at_a_point", "weights_of", "wide_gap", "with_tau",
    "without_temperature", "witness_values",
]
# fmt: on
