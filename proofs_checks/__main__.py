"""Run the command line: ``python -m proofs_checks`` is ``attnflow``."""

import sys

from proofs_checks.command_line import main

if __name__ == "__main__":
    sys.exit(main())
