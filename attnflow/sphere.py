"""``numerics.sphere`` itself, by its name at the front door."""

import sys

from numerics import sphere
from numerics.sphere import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = sphere
