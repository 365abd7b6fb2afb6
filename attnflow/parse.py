"""``theory.parse`` itself, by its name at the front door."""

import sys

from theory import parse
from theory.parse import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = parse
