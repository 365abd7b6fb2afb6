"""``theory.derivations`` itself, by its name at the front door."""

import sys

from theory import derivations
from theory.derivations import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = derivations
