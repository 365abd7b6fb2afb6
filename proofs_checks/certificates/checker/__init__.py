"""The checker of certificates, the base that is trusted: it uses nothing of the searches.

The face offers `check`, the wording of each kind of statement, and what the searches may use.
"""

from proofs_checks.certificates.checker.codes import INDICES
from proofs_checks.certificates.checker.landscape import (
    DIGITS,
    FINE,
    LIST,
    POINT,
    SADDLES,
    WEIGHTED,
    arrangements,
    count_signs,
    point_types,
    unique_point,
)
from proofs_checks.certificates.checker.slices import Slice
from proofs_checks.certificates.checker.texts import (
    BESSEL_QUOTIENT,
    CONE_LEMMA,
    DIVIDED_DIFFERENCES,
    ZONAL_SUMS,
    code_statement,
    dimension_statement,
    equiangular_statement,
    fastest_statement,
    hemisphere_statement,
    level_statement,
    list_text,
    point_text,
    root_statement,
    run_statement,
    saddles_text,
    sign_statement,
    switch_statement,
    value_statement,
)
from proofs_checks.certificates.checker.trajectory import follow
from proofs_checks.certificates.checker.verify import KINDS, CheckResult, check

__all__ = [
    "BESSEL_QUOTIENT",
    "CONE_LEMMA",
    "DIGITS",
    "DIVIDED_DIFFERENCES",
    "FINE",
    "INDICES",
    "KINDS",
    "LIST",
    "POINT",
    "SADDLES",
    "WEIGHTED",
    "ZONAL_SUMS",
    "CheckResult",
    "Slice",
    "arrangements",
    "check",
    "code_statement",
    "count_signs",
    "dimension_statement",
    "equiangular_statement",
    "fastest_statement",
    "follow",
    "hemisphere_statement",
    "level_statement",
    "list_text",
    "point_text",
    "point_types",
    "root_statement",
    "run_statement",
    "saddles_text",
    "sign_statement",
    "switch_statement",
    "unique_point",
    "value_statement",
]
