"""Decisions on functions of one inner product, or of time: sign, definiteness, enclosures.

A `Decision` carries answer, argument and witness. It imports theory only.
"""

from proofs_checks.decide.changes import sign_changes, zeros
from proofs_checks.decide.climbing import climbs
from proofs_checks.decide.decision import Answer, Decision, Question, exact
from proofs_checks.decide.definite import (
    decide_positive_definite,
    positive_taylor,
    zonal_coefficient,
)
from proofs_checks.decide.fourth_derivative import bending, bends_little
from proofs_checks.decide.half_line import (
    adds_up,
    bounds,
    end_of,
    limit_at,
    moments,
    rest_of,
    sign_until,
)
from proofs_checks.decide.intervals import (
    Interval,
    NoEnclosureError,
    enclose,
    enclose_ball,
    enclosed_sign,
    interval,
)
from proofs_checks.decide.norms import bounds_norm, exact_rows, norm_bound
from proofs_checks.decide.roots import exact_zeros, whole_zeros
from proofs_checks.decide.sign import decide_positive
from proofs_checks.decide.sizes import decide_weight, first_count
from proofs_checks.decide.sphere_slopes import sphere_slope
from proofs_checks.decide.values import has_value_at, has_values, without_value
from proofs_checks.decide.waves import CONTINUOUS, amplitude, as_waves, is_wave

__all__ = [
    "CONTINUOUS",
    "Answer",
    "Decision",
    "Interval",
    "NoEnclosureError",
    "Question",
    "adds_up",
    "amplitude",
    "as_waves",
    "bending",
    "bends_little",
    "bounds",
    "bounds_norm",
    "climbs",
    "decide_positive",
    "decide_positive_definite",
    "decide_weight",
    "enclose",
    "enclose_ball",
    "enclosed_sign",
    "end_of",
    "exact",
    "exact_rows",
    "exact_zeros",
    "first_count",
    "has_value_at",
    "has_values",
    "interval",
    "is_wave",
    "limit_at",
    "moments",
    "norm_bound",
    "positive_taylor",
    "rest_of",
    "sign_changes",
    "sign_until",
    "sphere_slope",
    "whole_zeros",
    "without_value",
    "zeros",
    "zonal_coefficient",
]
