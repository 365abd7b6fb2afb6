"""Run the command line: ``python -m attnflow`` is ``attnflow``."""

import sys

from proofs_checks.command_line import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
