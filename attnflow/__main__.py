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
from proofs_checks.command_line.process import YOUNG

if multiprocessing.parent_process() is not None:
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])

# SymPy remembers hundreds of megabytes: at the end nobody need look through them for garbage.
atexit.register(gc.freeze)

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
