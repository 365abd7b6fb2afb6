"""The command ``attnflow``: a module a subcommand, with its options and what it prints."""

from proofs_checks.command_line.entry import main

__all__ = ["main"]
