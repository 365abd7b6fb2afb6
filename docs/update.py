"""Write what `attnflow` prints into docs/claims.md, and its counts into the README.

python docs/update.py

Needs the extra ``certify``: the README counts the verdicts with it and without it.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from proofs_checks import Verdict

ROOT = Path(__file__).parent.parent
TIME = 75  # columns of a row before the seconds, which differ from run to run


def run(with_balls: bool) -> tuple[list[str], list[dict[str, object]]]:
    """Verify in a process of its own, with python-flint or as if it weren't there.

    Returns the rows of the table without their times, and the reports as plain data.
    """
    hide = "" if with_balls else "sys.modules['flint'] = None; "
    with tempfile.TemporaryDirectory() as folder:
        call = f"main(['--out', {folder!r}])"
        code = f"import sys; {hide}from proofs_checks.__main__ import main; sys.exit({call})"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        reports = json.loads((Path(folder) / "claims.json").read_text(encoding="utf-8"))["claims"]
    lines = done.stdout.splitlines()
    end = max(k for k, line in enumerate(lines) if line.startswith("---"))
    rows = [line[:TIME].rstrip() if line[:1] == " " else line for line in lines[: end + 1]]
    return rows, reports


def counts(balls: list[dict[str, object]], none: list[dict[str, object]]) -> str:
    """Markdown table of the verdicts."""
    numbers = [Counter(row["verdict"] for row in rows) for rows in (balls, none)]
    rows = [
        f"| {v} | {numbers[0][v.name]} | {numbers[1][v.name]} | {v.value} |"
        for v in Verdict
        if numbers[0][v.name] + numbers[1][v.name]
    ]
    printed_forms = sum(row["printed"] is not None for row in balls)
    controls = sum(len(row["controls"]) for row in balls)
    return "\n".join(
        [
            "| verdict | with `certify` | without | what it promises |",
            "|---|---|---|---|",
            *rows,
            "",
            f"{len(balls)} claims; {printed_forms} of them correct a printed form, which is "
            "REFUTED;",
            f"all {controls} controls are refuted.",
        ]
    )


def replace_between(path: Path, start: str, end: str, text: str) -> None:
    """Replace what stands between two markers."""
    old = path.read_text(encoding="utf-8")
    pattern = re.escape(start) + r".*?" + re.escape(end)
    new, times = re.subn(pattern, lambda _: f"{start}\n{text}\n{end}", old, flags=re.DOTALL)
    assert times == 1, f"Expected one {start} … {end} in {path.name} but got {times}."
    path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    table, with_certify = run(True)
    _, without = run(False)
    replace_between(ROOT / "docs" / "claims.md", "```", "```", "\n".join(table))
    replace_between(
        ROOT / "README.md", "<!-- counts -->", "<!-- end -->", counts(with_certify, without)
    )
