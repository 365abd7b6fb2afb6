"""``theory.symbols`` itself, by its name at the front door."""

import sys

from theory import symbols
from theory.symbols import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = symbols
