"""``proofs_checks.certificates`` itself, as a module of the front door."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofs_checks.certificates import *  # noqa: F403
else:
    import proofs_checks.certificates as own

    sys.modules[__name__] = own
