"""Results in the folder of --out: whole files or none, and what an interrupted command kept."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from numerics.interrupts import interrupts_later


@contextmanager
def whole_files(args: argparse.Namespace) -> Iterator[Path]:
    """Let the files that are written to ``args.out`` meanwhile appear whole, or not at all.

    ``args.out`` is a folder beside the results until then; whatever stops the command, the results
    of an earlier one stay as they are.

    Parameters
    ----------
    args : Namespace
        With a folder ``out`` that exists.

    Yields
    ------
    Path
        Where to write.
    """
    folder: Path = args.out
    staging = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    args.out = staging
    try:
        yield staging
        written = sorted(staging.iterdir())
        for path in written:
            with open(path, "r+b") as stream:
                os.fsync(stream.fileno())
        with interrupts_later():
            for path in written:
                os.replace(path, folder / path.name)
    finally:
        with interrupts_later():
            args.out = folder
            shutil.rmtree(staging, ignore_errors=True)


def check_place(path: Path | None) -> None:
    """Refuse the name of a page whose folder isn't there, before anything is run.

    Raises
    ------
    ValueError
    """
    if path is not None and not path.absolute().parent.is_dir():
        raise ValueError(
            f"Expected a file in a folder that exists but got --html={path}; make the folder."
        )


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Let one file appear whole, or not at all.

    Parameters
    ----------
    path : Path
        Its name.

    Yields
    ------
    Path
        Where to write.
    """
    part = path.with_name(f".unfinished-{path.name}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def kept(words: str) -> Iterator[None]:
    """Say of a Ctrl-C what it leaves; the entry prints it.

    Parameters
    ----------
    words : str
        Such as ``"finished legs are kept in DIR"``.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        if not getattr(stop, "__notes__", ()):  # a sweep that was interrupted has said more
            stop.add_note(words)
        raise
