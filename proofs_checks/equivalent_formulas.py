"""Mutations that leave a statement true: formulas of Sections 2–4, Appendices A–C, errata.

See `proofs_checks.equivalent_mutations`.
"""

from __future__ import annotations

from proofs_checks.equivalent_mutations import Reviewed

REVIEWED_FORMULAS: Reviewed = ()
"""Reason, labels and names of each group of equivalent mutations, reviewed one by one."""

__all__ = ["REVIEWED_FORMULAS"]
