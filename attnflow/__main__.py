"""Run the command line: ``python -m attnflow`` is ``attnflow``."""

import atexit
import gc
import multiprocessing
import signal
import sys

if multiprocessing.parent_process() is not None:
    # A worker of --jobs that begins: the command hears a Ctrl-C, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

from proofs_checks.command_line import main

# SymPy remembers hundreds of megabytes: at the end nobody need look through them for garbage.
atexit.register(gc.freeze)

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
