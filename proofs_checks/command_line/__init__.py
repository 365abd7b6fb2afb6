"""The command ``attnflow``: a module a subcommand, with its options and what it prints.

The face offers `main`.
"""

from proofs_checks.command_line.entry import main

__all__ = ["main"]
