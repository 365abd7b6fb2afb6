"""``python -m proofs_checks.mutations``."""

import sys

from proofs_checks.mutations.table import main

if __name__ == "__main__":
    sys.exit(main())
