"""Errors of the rooms in the words of the command line: ``beta=-1`` is ``--beta=-1`` there.

The rooms speak of arguments of Python functions. Here, and nowhere else, they are put into options
of the command that was given; what has none is left as it stands.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence

from proofs_checks.command_line.parser import LateParser, build_parser

_ALSO = {
    "rng": "seed",
    "t_end": "t",
    "t_eval": "rows",
    "executor": "jobs",
    "kappas": "loop",
    "kernel": "model",
    "name": "model",
    "only": "label",
}
"""Arguments of Python functions by the option that gives them, where the names differ."""

_PHRASES = (
    (r"accept_changes=True \(--accept-changes\)", "--accept-changes"),
    (r"; run the same sweep again and it resumes", ""),
    (r"; others need parameters=\('(\w+)',\)", r"; others are named by derive --parameters \1"),
    (r"use numerics\.integrate, which takes", "use attnflow simulate, which takes"),
    (r"; call numerics\.mean_field, which takes them by name", "; give them values in Python"),
    (r"pass numpy\.linspace\([^)]*\), for example", "give --betas 0.1 9 90, for example"),
    (r"with out= they'd be kept", "with --out DIR they'd be kept"),
    (r"(?:call with|pass) masses=", "give --masses "),
    (r", or None to (run to the end)", r", or leave it out to \1"),
    (r"; (?:use|pass) numerics\.MATRICES\[[^]]*\], for example", "; see --help"),
    (r", or use jobs=N", ", or use --jobs"),
)
"""Words of a remedy that aren't an argument, as patterns, and what to say in their place."""


def _command(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command that the words name, or of all."""
    parser = build_parser(late=True)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word in words:
                if word in action.choices:
                    found: LateParser = action.choices[word]
                    found.complete()
                    return found
    return parser


def _options(words: Sequence[str]) -> dict[str, str]:
    """Options by the name of their argument; positional ones by their name in the help."""
    found: dict[str, str] = {}
    for action in _command(words)._actions:
        name = max(action.option_strings, key=len, default="")
        if not name:
            shown = action.metavar if isinstance(action.metavar, str) else action.dest
            name = shown.partition("|")[0].upper()
        if action.dest not in ("help", argparse.SUPPRESS):
            found[action.dest] = name
    for argument, dest in _ALSO.items():
        if dest in found:
            found.setdefault(argument, found[dest])
    if "names" in found:
        found["name"] = found["names"]
    return found


def rewritten(message: str, options: Mapping[str, str]) -> str:
    """Put options in place of arguments.

    Parameters
    ----------
    message : str
        Of an error.
    options : mapping of str to str
        Option by argument, such as ``{"beta": "--beta"}``.

    Returns
    -------
    str

    Examples
    --------
    >>> rewritten("Expected beta >= 0 but got beta=-1; raise max_steps.", {"beta": "--beta"})
    'Expected --beta >= 0 but got --beta=-1; raise max_steps.'
    """
    for pattern, words in _PHRASES:
        message = re.sub(pattern, words, message)
    names = "|".join(map(re.escape, sorted(options, key=len, reverse=True)))
    if not names:
        return message
    # name=value; name >= 1; and a name with an underscore is an argument wherever it stands
    message = re.sub(
        rf"(?<![\w.'\"-])({names})=(?:True|False)\b", lambda found: options[found[1]], message
    )
    given = rf"(?<![\w.'\"-])({names})(?==(?!=)| (?:>=|<=|>|<|≥|≤) )"
    message = re.sub(given, lambda found: options[found[1]], message)
    return re.sub(
        r"(?<![\w.'\"-])[a-z]+(?:_[a-z]+)+(?![\w('\"])",
        lambda found: options.get(found[0], found[0]),
        message,
    )


def in_options(message: str, words: Sequence[str]) -> str:
    """Say an error of the rooms in the options of the command that the words name.

    Parameters
    ----------
    message : str
        Of an error.
    words : sequence of str
        The words of the command line.

    Returns
    -------
    str
    """
    return rewritten(message, _options(words))
