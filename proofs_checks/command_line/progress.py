"""One line on a terminal about what takes more than two seconds; none in logs, none with --json."""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PATIENCE = 2.0
"""Seconds without a word."""

_EVERY = 0.25
"""Seconds between two looks at the time."""


def on_terminal(args: argparse.Namespace) -> bool:
    """Whether somebody watches: standard error is a terminal, and --json wasn't asked for."""
    return not args.json and sys.stderr.isatty()


@contextmanager
def progress(args: argparse.Namespace, what: str) -> Iterator[Callable[[str], None]]:
    """Say on a terminal what is being done and for how long, from the third second on.

    Parameters
    ----------
    args : Namespace
        Of the command.
    what : str
        What is being done, such as ``"integrating"``.

    Yields
    ------
    callable
        Takes a few words on how far it is; nothing is printed by the call itself.
    """
    if not on_terminal(args):
        yield lambda words: None
        return
    line = _Line(what)
    try:
        yield line.tell
    finally:
        line.end()


class _Line:
    """The line, and the thread that writes it."""

    def __init__(self, what: str) -> None:
        self.what, self.words, self.width = what, "", 0
        self._began = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def tell(self, words: str) -> None:
        """Keep what will be shown next."""
        self.words = words

    def end(self) -> None:
        """Wipe the line."""
        self._over.set()
        self._thread.join()
        if self.width:
            self._write("")

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            seconds = time.monotonic() - self._began
            if seconds >= PATIENCE:
                words = f" {self.words}" if self.words else ""
                self._write(f"{self.what} …{words}, {seconds:.0f} s")

    def _write(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]
        end = "" if text else "\r"
        with suppress(OSError, ValueError):  # the terminal has been closed
            print(f"\r{text:<{self.width}}", end=end, file=sys.stderr, flush=True)
        self.width = len(text)
