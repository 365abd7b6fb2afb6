"""Theorems: a kernel that concludes propositions, engines and rules that it trusts, and sheets."""

from proofs_checks.audit import SECOND
from proofs_checks.theorems.accelerations import accelerating
from proofs_checks.theorems.acute_pulls import least_product
from proofs_checks.theorems.angle_enclosures import angles_at, dimension_from
from proofs_checks.theorems.angle_laws import law_near_one
from proofs_checks.theorems.angle_signs import POWER, RATIO, in_ratio, rationally
from proofs_checks.theorems.angle_times import later, times
from proofs_checks.theorems.angles import (
    angles_move,
    pairs_convolve,
    potentials_convolve,
    species_angles,
    species_convolve,
)
from proofs_checks.theorems.approach import approaching
from proofs_checks.theorems.asked import (
    Concludes,
    at_pace_one,
    concluded_by,
    in_its_time,
    met_in,
    pull_in,
    sheet_of,
    sight_in,
    subject_in,
    undeclared,
    values_in,
    with_time,
    words_of,
)
from proofs_checks.theorems.averages import mean_of_chords, rows_of_softmax
from proofs_checks.theorems.certified import certificate_of
from proofs_checks.theorems.chord_growth import growing, moving_apart
from proofs_checks.theorems.chord_rates import one_sided
from proofs_checks.theorems.chords import PAIR
from proofs_checks.theorems.circle import convolving, coupled, turning
from proofs_checks.theorems.circle_energies import PairSum, driven, turning_frame, uphill
from proofs_checks.theorems.circle_saddles import LEAST_HEAT
from proofs_checks.theorems.cluster_modes import (
    TOTAL,
    divergence_said,
    modes_said,
    pace_together,
)
from proofs_checks.theorems.clustered_starts import clustered_late, clustered_law
from proofs_checks.theorems.cold import barycentre, drawn
from proofs_checks.theorems.cold_cuts import cut_that_bends, cuts_at_rest
from proofs_checks.theorems.conclusions import (
    LEAST_MASS,
    Conclusion,
    claimed,
    conjunction,
    decaying,
    held_in_cone,
    in_metric_of,
    least_pair,
    lifted,
    lowest,
    meeting,
    meeting_at,
    near_limit,
    nearing,
    of_energy,
    pulled,
    resting,
    standing,
)
from proofs_checks.theorems.consensus_modes import HELD, attracting_consensus, stable_consensus
from proofs_checks.theorems.consensus_runs import EQUAL_MASSES, TO_CONSENSUS, Z
from proofs_checks.theorems.coverings import covered, left_open
from proofs_checks.theorems.curve_bends import bend_of_curve
from proofs_checks.theorems.divided_pairs import BOTH_HIGH
from proofs_checks.theorems.enclosed import crossing, positive
from proofs_checks.theorems.encodings import (
    BASE,
    HALF,
    OTHER_PLACE,
    PLACE,
    SHIFT,
    WAVE,
    encoded,
)
from proofs_checks.theorems.energy import (
    AT_HEAT,
    ENERGY,
    PairEnergy,
    ascent,
    attached,
    climb,
    dissipation,
    gradient,
    heat_along,
    is_of_attention,
)
from proofs_checks.theorems.envelopes import enveloped, pathwise
from proofs_checks.theorems.equal_angles import (
    aligns,
    equal_in_flows,
    equal_in_layers,
    layers_align,
)
from proofs_checks.theorems.equivariances import equivariant
from proofs_checks.theorems.even_weights import as_even, even_pace
from proofs_checks.theorems.existence import lasting_of, lasting_solutions
from proofs_checks.theorems.extreme_measures import Extremes
from proofs_checks.theorems.features import features_in
from proofs_checks.theorems.field_bounds import (
    fields_part,
    fields_parting,
    fields_staying,
    heats_over,
    length_of_field,
)
from proofs_checks.theorems.field_slopes import existence_along, slope_of_field
from proofs_checks.theorems.followers import FOLLOWER, approaching_first
from proofs_checks.theorems.fourier import coupled_by_series, in_cosines
from proofs_checks.theorems.gaussian import stays_gaussian
from proofs_checks.theorems.gram_motion import closed_motion
from proofs_checks.theorems.head_sums import summed_up
from proofs_checks.theorems.heat_claims import parting, parting_at, staying, staying_at
from proofs_checks.theorems.heat_gap import HEATS
from proofs_checks.theorems.hemisphere import (
    common_sight,
    common_sight_given,
    least_weight,
    pull_of,
    pulls_all,
)
from proofs_checks.theorems.independent import almost_surely, at_the_pole, from_radius
from proofs_checks.theorems.inertia import inertia_at_rest
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    Reader,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    replayed,
    settle,
)
from proofs_checks.theorems.late import nearness, of_limits
from proofs_checks.theorems.left_behind import no_mass_left, no_mass_of_few, vanishing
from proofs_checks.theorems.lengths import LONG, R0, SHORT, at_least, at_most
from proofs_checks.theorems.lifts import aligning, cone_sum, rising_late
from proofs_checks.theorems.lingering import exponential, stays_apart
from proofs_checks.theorems.masked_modes import mask_modes
from proofs_checks.theorems.measure_fields import (
    AlongField,
    along_field,
    measure_field,
    stated_field,
    weak_solution,
)
from proofs_checks.theorems.meeting_layers import layers_meet
from proofs_checks.theorems.meeting_shares import clustered_in_time
from proofs_checks.theorems.mode_orders import fastest_in_turn
from proofs_checks.theorems.moved_masses import growing_with_masses
from proofs_checks.theorems.near_orthonormal import near_the_curve, near_tokens
from proofs_checks.theorems.near_the_angle import near_angles, near_said
from proofs_checks.theorems.null_starts import RATES, ascents_caught, caught_at_two
from proofs_checks.theorems.one_solution import rough
from proofs_checks.theorems.orthonormal_law import rates_said
from proofs_checks.theorems.pair_bounds import energy_between
from proofs_checks.theorems.pairings import squares_add_up
from proofs_checks.theorems.perron import exponents
from proofs_checks.theorems.plan_gradients import plan_gradient
from proofs_checks.theorems.potentials import (
    held_convolution,
    held_slope,
    held_slope_of,
    weak_convolution,
)
from proofs_checks.theorems.powers import positive_beyond, silent_up_to
from proofs_checks.theorems.projected_means import (
    divided_field,
    divisor_of_mean,
    length_of_mean,
    mean_field,
)
from proofs_checks.theorems.projection_laws import projected_tokens
from proofs_checks.theorems.projections import dropped
from proofs_checks.theorems.pulls import G0, HIGH, UNIT_AXIS, WARM, H, Pull, gram, height, legend
from proofs_checks.theorems.readers import OTHER, SOLVES, TO_ONE, TOKEN, solving
from proofs_checks.theorems.recurrence import no_density
from proofs_checks.theorems.regular import NO_KERNEL
from proofs_checks.theorems.rescaled import (
    in_coordinates,
    rescaled_motion,
    rescaled_weights,
    weights_on_space,
    words_left,
)
from proofs_checks.theorems.residual_pairs import ABREAST
from proofs_checks.theorems.rooted_modes import STABLE_OF_ANY, consensus_stable
from proofs_checks.theorems.row_sums import stochastic
from proofs_checks.theorems.run_exponents import exponent_said, run_exponent
from proofs_checks.theorems.saddles import IN_SPACE, ONE_MASS
from proofs_checks.theorems.second_derivatives import cut_in_angles, hessian_in_angles
from proofs_checks.theorems.sheets import Says, as_sheet, names_of, shown_step, steps_of
from proofs_checks.theorems.sight import seen_through
from proofs_checks.theorems.skew_means import mean_bend_of_subset
from proofs_checks.theorems.small_heats import small_heat_starts
from proofs_checks.theorems.smallest_arcs import smallest_starts
from proofs_checks.theorems.species_softmaxes import (
    cold_species,
    species_divisor,
    species_no_density,
    species_slopes,
    species_spectrum,
)
from proofs_checks.theorems.speeds import GAP, attending
from proofs_checks.theorems.starts import (
    KINDS,
    almost_every_start,
    cold_saddles,
    cold_starts,
    following,
    saddles_on_circle,
    starts_in_space,
    states_of,
)
from proofs_checks.theorems.stated import (
    OfStated,
    ascends,
    by_distances,
    dissipating,
    in_metric,
    in_metric_growing,
    of_stated,
    rising,
)
from proofs_checks.theorems.tangents import confined
from proofs_checks.theorems.three_tokens import few_saddles, stated_kernel
from proofs_checks.theorems.thresholds import (
    arcs_from,
    few_starts,
    large_starts,
    small_starts,
)
from proofs_checks.theorems.time_changes import retimed
from proofs_checks.theorems.trees_of_boxes import few_on_circle
from proofs_checks.theorems.tried import run_from, tried_along, unproved
from proofs_checks.theorems.turned_pairings import some_pairing_bends
from proofs_checks.theorems.turned_subsets import bend_of_subset, cold_bend_of_subset
from proofs_checks.theorems.two_places import ALONE, LEVEL, WHOLE, TwoPlaces, uneven, valued
from proofs_checks.theorems.two_species import (
    Species,
    cones_of_species,
    lowest_at_limit,
    lowest_of_species,
    species_decay,
    species_growth,
    species_in,
    species_meet,
)
from proofs_checks.theorems.unit_cones import cone_product, near_a_point, start_height
from proofs_checks.theorems.unknown_graph import open_graph
from proofs_checks.theorems.validated import exact_rows, followed, meeting_from
from proofs_checks.theorems.vanishing_speeds import slowing
from proofs_checks.theorems.variations import first_variation, growth_along, weighted_slope
from proofs_checks.theorems.wells import drawn_curve

__all__ = [
    "ABREAST",
    "ALONE",
    "AT_HEAT",
    "BASE",
    "BOTH_HIGH",
    "ENERGY",
    "EQUAL_MASSES",
    "FOLLOWER",
    "G0",
    "GAP",
    "HALF",
    "HEATS",
    "HELD",
    "HIGH",
    "IN_SPACE",
    "KINDS",
    "LEAST_HEAT",
    "LEAST_MASS",
    "LEVEL",
    "LONG",
    "NO_KERNEL",
    "ONE_MASS",
    "OTHER",
    "OTHER_PLACE",
    "PAIR",
    "PLACE",
    "POWER",
    "R0",
    "RATES",
    "RATIO",
    "SECOND",
    "SHIFT",
    "SHORT",
    "SOLVES",
    "STABLE_OF_ANY",
    "TOKEN",
    "TOTAL",
    "TO_CONSENSUS",
    "TO_ONE",
    "UNIT_AXIS",
    "WARM",
    "WAVE",
    "WHOLE",
    "AlongField",
    "Concludes",
    "Conclusion",
    "Engine",
    "Extremes",
    "Fact",
    "Found",
    "H",
    "OfStated",
    "PairEnergy",
    "PairSum",
    "Pull",
    "Reader",
    "Refusal",
    "Rule",
    "Says",
    "Species",
    "Theorem",
    "TwoPlaces",
    "Z",
    "accelerating",
    "aligning",
    "aligns",
    "almost_every_start",
    "almost_surely",
    "along_field",
    "angles_at",
    "angles_move",
    "apply",
    "approaching",
    "approaching_first",
    "arcs_from",
    "as_even",
    "as_sheet",
    "ascends",
    "ascent",
    "ascents_caught",
    "assume",
    "at_least",
    "at_most",
    "at_pace_one",
    "at_the_pole",
    "attached",
    "attending",
    "attracting_consensus",
    "barycentre",
    "bend_of_curve",
    "bend_of_subset",
    "by_distances",
    "caught_at_two",
    "certificate_of",
    "claimed",
    "climb",
    "closed_motion",
    "clustered_in_time",
    "clustered_late",
    "clustered_law",
    "cold_bend_of_subset",
    "cold_saddles",
    "cold_species",
    "cold_starts",
    "common_sight",
    "common_sight_given",
    "concluded_by",
    "cone_product",
    "cone_sum",
    "cones_of_species",
    "confined",
    "conjunction",
    "consensus_stable",
    "convolving",
    "coupled",
    "coupled_by_series",
    "covered",
    "crossing",
    "cut_in_angles",
    "cut_that_bends",
    "cuts_at_rest",
    "decaying",
    "dimension_from",
    "dissipating",
    "dissipation",
    "divergence_said",
    "divided_field",
    "divisor_of_mean",
    "drawn",
    "drawn_curve",
    "driven",
    "dropped",
    "encoded",
    "energy_between",
    "enveloped",
    "equal_in_flows",
    "equal_in_layers",
    "equivariant",
    "even_pace",
    "exact_rows",
    "existence_along",
    "exponent_said",
    "exponential",
    "exponents",
    "fastest_in_turn",
    "features_in",
    "few_on_circle",
    "few_saddles",
    "few_starts",
    "fields_part",
    "fields_parting",
    "fields_staying",
    "first_variation",
    "followed",
    "following",
    "from_radius",
    "gradient",
    "gram",
    "growing",
    "growing_with_masses",
    "growth_along",
    "heat_along",
    "heats_over",
    "height",
    "held_convolution",
    "held_in_cone",
    "held_slope",
    "held_slope_of",
    "hessian_in_angles",
    "in_coordinates",
    "in_cosines",
    "in_its_time",
    "in_metric",
    "in_metric_growing",
    "in_metric_of",
    "in_ratio",
    "inertia_at_rest",
    "is_of_attention",
    "large_starts",
    "lasting_of",
    "lasting_solutions",
    "later",
    "law_near_one",
    "layers_align",
    "layers_meet",
    "least_pair",
    "least_product",
    "least_weight",
    "left_open",
    "legend",
    "length_of_field",
    "length_of_mean",
    "lifted",
    "lowest",
    "lowest_at_limit",
    "lowest_of_species",
    "mask_modes",
    "mean_bend_of_subset",
    "mean_field",
    "mean_of_chords",
    "measure_field",
    "meeting",
    "meeting_at",
    "meeting_from",
    "met_in",
    "modes_said",
    "moving_apart",
    "names_of",
    "near_a_point",
    "near_angles",
    "near_limit",
    "near_said",
    "near_the_curve",
    "near_tokens",
    "nearing",
    "nearness",
    "no_density",
    "no_mass_left",
    "no_mass_of_few",
    "of_energy",
    "of_limits",
    "of_stated",
    "one_sided",
    "open_graph",
    "pace_together",
    "pairs_convolve",
    "parting",
    "parting_at",
    "pathwise",
    "plan_gradient",
    "positive",
    "positive_beyond",
    "potentials_convolve",
    "projected_tokens",
    "pull_in",
    "pull_of",
    "pulled",
    "pulls_all",
    "rates_said",
    "rationally",
    "read",
    "replayed",
    "rescaled_motion",
    "rescaled_weights",
    "resting",
    "retimed",
    "rising",
    "rising_late",
    "rough",
    "rows_of_softmax",
    "run_exponent",
    "run_from",
    "saddles_on_circle",
    "seen_through",
    "settle",
    "sheet_of",
    "shown_step",
    "sight_in",
    "silent_up_to",
    "slope_of_field",
    "slowing",
    "small_heat_starts",
    "small_starts",
    "smallest_starts",
    "solving",
    "some_pairing_bends",
    "species_angles",
    "species_convolve",
    "species_decay",
    "species_divisor",
    "species_growth",
    "species_in",
    "species_meet",
    "species_no_density",
    "species_slopes",
    "species_spectrum",
    "squares_add_up",
    "stable_consensus",
    "standing",
    "start_height",
    "starts_in_space",
    "stated_field",
    "stated_kernel",
    "states_of",
    "staying",
    "staying_at",
    "stays_apart",
    "stays_gaussian",
    "steps_of",
    "stochastic",
    "subject_in",
    "summed_up",
    "times",
    "tried_along",
    "turning",
    "turning_frame",
    "undeclared",
    "uneven",
    "unproved",
    "uphill",
    "valued",
    "values_in",
    "vanishing",
    "weak_convolution",
    "weak_solution",
    "weighted_slope",
    "weights_on_space",
    "with_time",
    "words_left",
    "words_of",
]
