"""Theorems: a kernel that concludes propositions, engines and rules that it trusts, and sheets."""

from proofs_checks.theorems.cold import barycentre
from proofs_checks.theorems.conclusions import (
    Conclusion,
    least_pair,
    lowest,
    lowest_over_limit,
    meeting,
    near_limit,
    of_energy,
    on_sphere,
    pulled,
    pulled_together,
    resting,
)
from proofs_checks.theorems.energy import (
    AT_HEAT,
    ENERGY,
    ascent,
    attached,
    climb,
    dissipation,
    gradient,
    heat_along,
    is_of_attention,
)
from proofs_checks.theorems.hemisphere import (
    WARM,
    common_sight,
    common_sight_given,
    least_weight,
    pull_of,
    pulls_all,
)
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
from proofs_checks.theorems.late import late_decay, late_growth
from proofs_checks.theorems.pulls import Pull, legend
from proofs_checks.theorems.readers import SOLVES, solving
from proofs_checks.theorems.recurrence import no_density
from proofs_checks.theorems.saddles import IN_SPACE
from proofs_checks.theorems.sheets import Says, as_sheet, names_of, steps_of
from proofs_checks.theorems.sight import seen_through
from proofs_checks.theorems.starts import KINDS, almost_every_start

__all__ = [
    "AT_HEAT",
    "ENERGY",
    "IN_SPACE",
    "KINDS",
    "SOLVES",
    "WARM",
    "Conclusion",
    "Engine",
    "Fact",
    "Found",
    "Pull",
    "Reader",
    "Refusal",
    "Rule",
    "Says",
    "Theorem",
    "almost_every_start",
    "apply",
    "as_sheet",
    "ascent",
    "assume",
    "attached",
    "barycentre",
    "climb",
    "common_sight",
    "common_sight_given",
    "dissipation",
    "gradient",
    "heat_along",
    "is_of_attention",
    "late_decay",
    "late_growth",
    "least_pair",
    "least_weight",
    "legend",
    "lowest",
    "lowest_over_limit",
    "meeting",
    "names_of",
    "near_limit",
    "no_density",
    "of_energy",
    "on_sphere",
    "pull_of",
    "pulled",
    "pulled_together",
    "pulls_all",
    "read",
    "replayed",
    "resting",
    "seen_through",
    "settle",
    "solving",
    "steps_of",
]
