"""``numerics.sphere`` itself, as a module of the front door."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numerics.sphere import *  # noqa: F403
else:
    import numerics.sphere as own

    sys.modules[__name__] = own
