"""Completion of a shell: the script for ``attnflow --print-completion SHELL``, made by shtab."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

from proofs_checks.command_line.parser import build_parser


def completion(shell: str) -> str:
    """Return the script that completes commands, options and files.

    Parameters
    ----------
    shell : str
        ``"bash"``, ``"zsh"`` or ``"tcsh"``.

    Returns
    -------
    str

    Raises
    ------
    ModuleNotFoundError
        Without shtab, the extra ``completion``.
    """
    try:
        shtab: Any = importlib.import_module("shtab")
    except ImportError as error:
        raise ModuleNotFoundError(
            "Expected shtab to be importable but it isn't; install it with "
            "pip install 'attnflow[completion]'."
        ) from error
    parser = build_parser()
    _files(parser, shtab)
    return str(shtab.complete(parser, shell=shell))


def _files(parser: argparse.ArgumentParser, shtab: Any) -> None:
    """Let options that take a file or a folder be completed by names of such."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in dict.fromkeys(action.choices.values()):
                _files(inner, shtab)
        elif action.type is Path:
            kind = shtab.DIRECTORY if action.dest == "out" else shtab.FILE
            action.complete = kind  # type: ignore[attr-defined]
