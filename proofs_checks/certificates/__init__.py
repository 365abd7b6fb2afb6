"""Certificates: the format, the checker that replays one in balls, and the searches that find them.

The face offers `check`, the functions ``certify_...``, `Certificate` and its errors.
"""

from proofs_checks.certificates.checker import BESSEL_QUOTIENT, KINDS, CheckResult, check
from proofs_checks.certificates.format import (
    Certificate,
    Rejected,
    ball_arithmetic,
    load,
    save,
)
from proofs_checks.certificates.search import (
    PRECISION,
    CertifiedRun,
    NotCertified,
    NotFound,
    certify_code,
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
    enclosure_of,
    find_critical_points,
    hemisphere_pole,
    stereographic,
)

__all__ = [
    "BESSEL_QUOTIENT",
    "KINDS",
    "PRECISION",
    "Certificate",
    "CertifiedRun",
    "CheckResult",
    "NotCertified",
    "NotFound",
    "Rejected",
    "ball_arithmetic",
    "certify_code",
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
    "enclosure_of",
    "find_critical_points",
    "hemisphere_pole",
    "load",
    "save",
    "stereographic",
]
