"""``theory.atoms`` itself, by its name at the front door."""

import sys

from theory import atoms
from theory.atoms import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = atoms
