"""``proofs_checks.strategies`` itself, by its name at the front door."""

import sys

from proofs_checks import strategies
from proofs_checks.strategies import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = strategies
