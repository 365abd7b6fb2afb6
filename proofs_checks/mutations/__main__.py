"""The mutation run as a command: counts for each claim, what survives, equivalents by reason.

It exits with 0 if fewer than 2 % survive and each claim has two counted mutations.
"""

import sys

from proofs_checks.mutations.table import main

if __name__ == "__main__":
    sys.exit(main())
