"""``theory.predictions`` itself, by its name at the front door."""

import sys

from theory import predictions
from theory.predictions import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = predictions
