"""Write what `attnflow` prints into docs/claims.md, and its counts into the README.

python docs/update.py
"""

import contextlib
import io
import re
from collections import Counter
from pathlib import Path

from proofs_checks import Report, Verdict, verify
from proofs_checks.__main__ import main

ROOT = Path(__file__).parent.parent
TIME = 75  # columns of a row before the seconds, which differ from run to run


def printed() -> list[str]:
    """Rows of the table, without their times."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([]) == 0, "a verdict differs from the expected one"
    lines = out.getvalue().splitlines()
    end = max(k for k, line in enumerate(lines) if line.startswith("---"))
    return [line[:TIME].rstrip() if line[:1] == " " else line for line in lines[: end + 1]]


def counts(reports: tuple[Report, ...]) -> str:
    """Markdown table of the verdicts."""
    found = Counter(report.verdict for report in reports)
    rows = [f"| {v} | {found[v]} | {v.value} |" for v in Verdict if found[v]]
    printed_forms = sum(report.printed is not None for report in reports)
    controls = sum(len(report.controls) for report in reports)
    return "\n".join(
        [
            "| verdict | claims | what it promises |",
            "|---|---|---|",
            *rows,
            "",
            f"{len(reports)} claims; {printed_forms} of them correct a printed form, which is",
            f"REFUTED; all {controls} controls are refuted.",
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
    replace_between(ROOT / "docs" / "claims.md", "```", "```", "\n".join(printed()))
    replace_between(ROOT / "README.md", "<!-- counts -->", "<!-- end -->", counts(verify()))
