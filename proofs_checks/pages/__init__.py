"""Self-contained HTML pages: a run of `verify`, a report of `check_model`, and one frame for all.

The face offers `claims_page`, `check_page`, `document`, and `mathematics`, text with MathML.
"""

from proofs_checks.pages.mathml import mathematics
from proofs_checks.pages.rendering import check_page, claims_page, document

__all__ = ["check_page", "claims_page", "document", "mathematics"]
