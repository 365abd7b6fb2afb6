"""Certificates: the format, the checker that replays one in balls, and the searches that find them.

The face offers `check`, the functions ``certify_...``, `Certificate` and its errors.
"""

from proofs_checks.certificates.checker import check
from proofs_checks.certificates.format import Certificate, MissingFlint, Rejected, ball_arithmetic
from proofs_checks.certificates.search import (
    PRECISION,
    NotCertified,
    ball_value,
    certify_consensus,
    certify_critical_point,
    certify_critical_points,
    certify_dimension,
    certify_equiangular,
    certify_fastest,
    certify_level,
    certify_root,
    certify_run,
    certify_sign,
    certify_strict_saddles,
    certify_switch,
    count_critical_points,
    enclosure_of,
    find_critical_points,
    hemisphere_pole,
    signs_at,
    stereographic,
)

__all__ = [
    "PRECISION",
    "Certificate",
    "MissingFlint",
    "NotCertified",
    "Rejected",
    "ball_arithmetic",
    "ball_value",
    "certify_consensus",
    "certify_critical_point",
    "certify_critical_points",
    "certify_dimension",
    "certify_equiangular",
    "certify_fastest",
    "certify_level",
    "certify_root",
    "certify_run",
    "certify_sign",
    "certify_strict_saddles",
    "certify_switch",
    "check",
    "count_critical_points",
    "enclosure_of",
    "find_critical_points",
    "hemisphere_pole",
    "signs_at",
    "stereographic",
]
