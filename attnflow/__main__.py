"""Run the command line: ``python -m attnflow`` is ``attnflow``."""

import multiprocessing
import signal
import sys

if multiprocessing.parent_process() is not None:
    # A worker of --jobs that begins: at Ctrl-C it ends without a word, the command speaks.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from proofs_checks.command_line import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
