"""Ctrl-C at the command line: it is never lost, and says what is kept and how to go on."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

_SOON = 0.01
"""Seconds until a Ctrl-C that was lost comes again."""


def _interrupt_again() -> None:
    """Send it to the main thread, and where signals go to threads, wake it."""
    sleeper = main_thread().ident
    if hasattr(signal, "pthread_kill") and sleeper is not None:
        signal.pthread_kill(sleeper, signal.SIGINT)
    else:
        interrupt_main()


@contextmanager
def no_interrupt_lost() -> Iterator[None]:
    """Repeat a Ctrl-C that came where Python can't raise: in a finaliser, or called from C.

    Otherwise it would print a traceback there, and the command would go on.
    """
    before = sys.unraisablehook

    def hear(unraisable: UnraisableHookArgs) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            Timer(_SOON, _interrupt_again).start()  # not here, where it would be lost again
        else:
            before(unraisable)

    sys.unraisablehook = hear
    try:
        yield
    finally:
        sys.unraisablehook = before


def interrupted(stop: KeyboardInterrupt, words: list[str], args: argparse.Namespace | None) -> str:
    """Say what was kept, and the command that goes on from there."""
    from proofs_checks.command_line.remedies import in_options

    notes = [in_options(note, words).rstrip(".") for note in getattr(stop, "__notes__", ())]
    kept = bool(notes) and args is not None and args.out is not None
    lines = [f"\nattnflow: interrupted; {'; '.join(notes) or 'nothing is kept'}."]
    verb = "go on" if kept else "begin again"
    return "\n".join([*lines, f"attnflow: to {verb}: {shlex.join(['attnflow', *words])}"])
