"""``proofs_checks.strategies`` itself, as a module of the front door."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofs_checks.strategies import *  # noqa: F403
else:
    import proofs_checks.strategies as own

    sys.modules[__name__] = own
