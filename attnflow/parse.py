"""``theory.parse`` itself, as a module of the front door."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from theory.parse import *  # noqa: F403
else:
    import theory.parse as own

    sys.modules[__name__] = own
