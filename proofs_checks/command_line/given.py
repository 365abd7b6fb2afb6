"""What ``verify`` is given beside labels: hidden states, or leave to look at MiniLM's weights.

A claim that needs them is UNDECIDED without, on every machine: an option says to look, not what
happens to be installed.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from typing import Any

from numerics.trained import read_hidden_states
from proofs_checks.claim import Claim
from proofs_checks.proof.trained import (
    DecidedByStates,
    HiddenStates,
    MostTexts,
    with_hidden_states,
    with_weights,
)


def with_given(args: argparse.Namespace, claims: Sequence[Claim[Any, Any]]) -> list[Any]:
    """Return the claims, those that were given what they need in place of those that lack it.

    Raises
    ------
    ValueError
        Where no chosen claim needs what was given, or a file isn't what it should be.
    ModuleNotFoundError
        Where the weights aren't installed.
    """
    found: list[Any] = list(claims)
    if getattr(args, "minilm", False):
        _some(found, MostTexts, "--minilm", 'the claims of MiniLM, such as "MiniLM: histograms"')
        found = [with_weights(c) if isinstance(c.check, MostTexts) else c for c in found]
    file = getattr(args, "hidden_states", None)
    if file is not None:
        _some(found, DecidedByStates, "--hidden-states", '"Figure 1"')
        states = HiddenStates(file.name, tuple(read_hidden_states(file)))
        found = [
            with_hidden_states(c, states) if isinstance(c.check, DecidedByStates) else c
            for c in found
        ]
    return found


def _some(claims: Sequence[Claim[Any, Any]], kind: type, option: str, which: str) -> None:
    """Refuse what no claim takes."""
    if not any(isinstance(claim.check, kind) for claim in claims):
        labels = ", ".join(claim.label for claim in claims[:3])
        raise ValueError(f"Expected {which} with {option} but got {labels}; name it, or none.")


def given_files(args: argparse.Namespace) -> dict[str, Any]:
    """Say what was given, by its content, for whoever keeps reports."""
    file = getattr(args, "hidden_states", None)
    content = "" if file is None else hashlib.sha256(file.read_bytes()).hexdigest()
    return {"minilm": getattr(args, "minilm", False), "hidden_states": content}
