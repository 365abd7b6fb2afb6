"""Mutations that leave a statement true, with the reason: Sections 6 and 7, Appendix D, asymptotics, certified, figures.

See `proofs_checks.equivalent_mutations`.
"""

from __future__ import annotations

from proofs_checks.equivalent_mutations import Reviewed

REVIEWED_LATER: Reviewed = ()
"""Reason, labels and names of each group of equivalent mutations, reviewed one by one."""

__all__ = ["REVIEWED_LATER"]
