"""The entry of ``attnflow``: reads the arguments, runs the subcommand, returns the exit status.

0 all as expected, 1 a verdict differs from the expected one or a certificate is rejected, 2 bad
usage, 130 Ctrl-C. What a subcommand needs is imported with it, the claims only where one needs
them.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from proofs_checks.command_line.interrupts import INTERRUPTED, interrupted, no_interrupt_lost
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.parser import build_parser
from proofs_checks.command_line.pictures import as_typed
from proofs_checks.command_line.process import (
    LONG_MEMORY,
    ONE_THREAD,
    environment_of,
    seldom_collecting,
)
from proofs_checks.command_line.terminal import close_unread, readable_streams

if TYPE_CHECKING:
    from proofs_checks.claim import Claim


def main(argv: Sequence[str] | None = None, claims: Sequence[Claim[Any, Any]] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.
    claims : sequence of Claim, optional
        What ``verify`` and ``claims`` work on; all of them by default.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    status = 0
    try:
        with (
            readable_streams(),
            no_interrupt_lost(),
            seldom_collecting(),
            environment_of("sympy", LONG_MEMORY),
        ):
            status = _answer(words, claims)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()  # here, where a reader who has gone away is understood
            return status
    except BrokenPipeError:
        close_unread()
        return status


def _answer(words: list[str], claims: Sequence[Claim[Any, Any]] | None) -> int:
    """Run a command; say what was wrong with it, or what an interruption leaves."""
    args = None
    try:
        parser = build_parser(late=True)
        try:
            args = parser.parse_args(words)
        except SystemExit as stop:
            return int(stop.code or 0)
        args.typed = as_typed(words)
        return _run(args, claims)
    except BrokenPipeError:
        raise
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError, MemoryError) as error:
        from proofs_checks.command_line.remedies import in_options

        said = str(error) or "the memory of this machine is used up; ask for less at a time"
        # in one piece: a reader who goes after its first line has read it all
        sys.stderr.write(_wrapped(f"attnflow: {in_options(said, words)}") + "\n")
        return 2
    except KeyboardInterrupt as stop:
        print(interrupted(stop, words, args), file=sys.stderr, flush=True)
        return INTERRUPTED


def _run(args: argparse.Namespace, claims: Sequence[Claim[Any, Any]] | None) -> int:
    if args.print_completion is not None:
        from proofs_checks.command_line.completion import completion

        print(completion(args.print_completion))
        return 0
    if args.out is not None and not getattr(args, "certificate", None):
        if args.out.exists() and not args.out.is_dir():
            raise ValueError(
                f"Expected a folder but got --out={args.out}, which is a file; name another."
            )
        args.out.mkdir(parents=True, exist_ok=True)
    if "run" in args:
        return int(args.run(args))
    with environment_of("numpy", ONE_THREAD):
        if claims is None:
            from proofs_checks import CLAIMS

            claims = CLAIMS
        if args.command == "claims":
            from proofs_checks.command_line.claims import run_claims

            return run_claims(args, claims)
        from proofs_checks.command_line.verify import run_verify

        return run_verify(args, claims)


def _wrapped(message: str) -> str:
    """Wrap each line of a message; what has no space in it stays whole."""
    filler = textwrap.TextWrapper(
        WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(map(filler.fill, message.splitlines()))
