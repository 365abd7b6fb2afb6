"""``numerics.plot`` itself, as a module of the front door."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numerics.plot import *  # noqa: F403
else:
    import numerics.plot as own

    sys.modules[__name__] = own
