"""Compare two runs of ``attnflow --json`` by label, without seconds and order.

    python .ci/compare.py BEFORE.json AFTER.json

Prints every label that differs, with the fields, and exits with 1; says how many agree otherwise.
Takes ``attnflow claims --json`` as well, also the bare lists that it wrote once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def rows(path: str) -> dict[str, dict[str, Any]]:
    """Read the claims of a file by label, without what a repetition changes."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    found = data["claims"] if isinstance(data, dict) else data
    labels = {row["label"]: {k: v for k, v in row.items() if k != "seconds"} for row in found}
    if len(labels) < len(found):
        raise SystemExit(f"{path}: a label stands twice")
    return labels


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Say what differs, a line a label."""
    lines = [f"only before: {label}" for label in before if label not in after]
    lines += [f"only after: {label}" for label in after if label not in before]
    for label in before:
        if label in after and before[label] != after[label]:
            one, other = before[label], after[label]
            fields = [k for k in {**one, **other} if one.get(k) != other.get(k)]
            lines.append(f"{label}: {', '.join(fields)}")
            lines += [f"    {k}: {one.get(k)!r}\n      -> {other.get(k)!r}" for k in fields]
    return lines


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    before, after = map(rows, sys.argv[1:])
    lines = differences(before, after)
    print("\n".join(lines) or f"{len(before)} labels agree in every field but seconds")
    raise SystemExit(bool(lines))
