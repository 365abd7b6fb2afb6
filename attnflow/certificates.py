"""``proofs_checks.certificates`` itself, by its name at the front door."""

import sys

from proofs_checks import certificates
from proofs_checks.certificates import *  # noqa: F403  for readers and type checkers

sys.modules[__name__] = certificates
