"""The entry of ``attnflow``: reads the arguments, runs the subcommand, returns the exit status.

0 all as expected, 1 a verdict differs from the expected one or a certificate is rejected, 2 bad
usage. Claims, and a subcommand's own imports, come only where it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from proofs_checks.command_line.parser import build_parser
from proofs_checks.command_line.pictures import as_typed

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
    parser = build_parser(late=True)
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    args.typed = as_typed(sys.argv[1:] if argv is None else argv)
    try:
        if args.out is not None and not getattr(args, "certificate", None):
            if args.out.exists() and not args.out.is_dir():
                raise ValueError(
                    f"Expected a folder but got --out={args.out}, which is a file; name another."
                )
            args.out.mkdir(parents=True, exist_ok=True)
        if "run" in args:
            return int(args.run(args))
        if claims is None:
            from proofs_checks import CLAIMS

            claims = CLAIMS
        if args.command == "claims":
            from proofs_checks.command_line.claims import run_claims as run
        else:
            from proofs_checks.command_line.verify import run_verify as run
        return run(args, claims)
    except BrokenPipeError:
        # The reader has seen enough (`attnflow | head`): nothing more to say, to anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError) as error:
        print(f"attnflow: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nattnflow: interrupted", file=sys.stderr)
        return 130
