"""``theory.linearize`` itself, by its name at the front door."""

import sys

from theory import linearize
from theory.linearize import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = linearize
