"""Searches for certificates: they decide nothing, what they find is for the checker to replay.

The face offers the functions ``certify_...``, what is found on the way, and `enclosure_of`.
"""

from proofs_checks.certificates.search.boxes import NotFound
from proofs_checks.certificates.search.codes import certify_code
from proofs_checks.certificates.search.formulas import PRECISION, NotCertified
from proofs_checks.certificates.search.landscape import (
    certify_critical_point,
    certify_critical_points,
    certify_strict_saddles,
    find_critical_points,
)
from proofs_checks.certificates.search.scalars import (
    certify_dimension,
    certify_equiangular,
    certify_fastest,
    certify_level,
    certify_root,
    certify_sign,
    certify_switch,
    enclosure_of,
)
from proofs_checks.certificates.search.trajectory import (
    CertifiedRun,
    certify_consensus,
    certify_run,
    hemisphere_pole,
    stereographic,
)

__all__ = [
    "PRECISION",
    "CertifiedRun",
    "NotCertified",
    "NotFound",
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
    "enclosure_of",
    "find_critical_points",
    "hemisphere_pole",
    "stereographic",
]
