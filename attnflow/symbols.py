"""``theory.symbols`` itself, as a module of the front door."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from theory.symbols import *  # noqa: F403
else:
    import theory.symbols as own

    sys.modules[__name__] = own
