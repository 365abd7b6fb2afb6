"""Where Hypothesis keeps what it reads off sources while a search of ours runs: not with the user.

Hypothesis collects constants of all local modules and writes them to ``.hypothesis/constants`` in
the current folder, with ``database=None`` too. A user of `check_model` never asked for that folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from hypothesis import configuration

__all__ = ["nothing_left_behind"]

_LOCK = Lock()
_RUNNING: list[Path | None] = []
"""A search each; the first one of some that overlap knows the folder to go back to."""
_OWN: list[TemporaryDirectory[str]] = []
"""Made at the first search, removed with the process."""


def _home() -> Path | None:
    """Folder that Hypothesis uses; None for versions that keep no constants."""
    found = configuration.storage_directory("constants", intent_to_write=False)
    home = getattr(found, "home_directory", None)
    return home if isinstance(home, Path) else None


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Let Hypothesis write to a folder of this process meanwhile.

    A folder that is there already is used as it is: its owner runs Hypothesis, and it saves the
    reading of sources.
    """
    with _LOCK:
        home = None if _RUNNING else _home()
        if home is not None and home.is_dir():
            home = None
        if home is not None:
            if not _OWN:
                _OWN.append(TemporaryDirectory(prefix="attnflow-", ignore_cleanup_errors=True))
            configuration.set_hypothesis_home_dir(_OWN[0].name)
        _RUNNING.append(home)
    try:
        yield
    finally:
        with _LOCK:
            home = _RUNNING.pop()  # the first one's is popped last, whichever search ends first
            if home is not None:
                configuration.set_hypothesis_home_dir(home)
