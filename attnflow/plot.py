"""``numerics.plot`` itself, by its name at the front door."""

import sys

from numerics import plot
from numerics.plot import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = plot
