"""Mutations that leave a statement true: Sections 6–7 and Appendix D, asymptotics, certified.

See `proofs_checks.equivalent_mutations`.
"""

from __future__ import annotations

from proofs_checks.equivalent_mutations import Reviewed

REVIEWED_LATER: Reviewed = ()
"""Reason, labels and names of each group of equivalent mutations, reviewed one by one."""

__all__ = ["REVIEWED_LATER"]
