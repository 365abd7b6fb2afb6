"""Run the command line: ``python -m proofs_checks`` is ``attnflow``."""

import multiprocessing
import signal
import sys

if multiprocessing.parent_process() is not None:
    # A worker of --jobs that begins: the command hears a Ctrl-C, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

from proofs_checks.command_line import main

if __name__ == "__main__":
    sys.exit(main())
