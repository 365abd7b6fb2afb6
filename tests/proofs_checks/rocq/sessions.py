"""Theorems put to one session of Rocq."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable

from proofs_checks.rocq import Theorem, text_of
from proofs_checks.rocq.compiler import prelude_options


def accepted(listed: Iterable[Theorem], seconds: int = 60) -> set[Theorem]:
    """Theorems that become a Qed: one session takes them all, for it goes on after an error."""
    names = {theorem: f"t{k}" for k, theorem in enumerate(dict.fromkeys(listed))}
    head, _ = text_of([("t", theorem) for theorem in names], "").split("\nTheorem t ", 1)
    parts = [f"{theorem.text(name)}\nAbort All.\nCheck {name}." for theorem, name in names.items()]
    said = subprocess.run(
        ["coqtop", "-q", "-quiet", *prelude_options(head)],
        input="\n".join([head, f"Set Default Timeout {seconds}.", *parts, ""]),
        capture_output=True,
        text=True,
        timeout=900,
    ).stdout
    there = set(re.findall(r"^(t\d+)$", said, re.MULTILINE))
    return {theorem for theorem, name in names.items() if name in there}
