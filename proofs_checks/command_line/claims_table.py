"""A table of verified claims for a paper: booktabs rows, with what was run in a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofs_checks.claim import Report
from proofs_checks.proof import tex

_ROWS_OF_A_PAGE = 20
_COLUMNS = (
    r"@{}>{\raggedright\arraybackslash}p{0.15\linewidth}>{\raggedright\arraybackslash}"
    r"p{0.30\linewidth}l>{\raggedright\arraybackslash}p{0.15\linewidth}r@{}"
)
_HEAD = r"claim & statement & verdict & scope & controls \\"


def latex_table(reports: Sequence[Report], record: Mapping[str, Any]) -> str:
    r"""Write reports as a table that a paper takes with ``\input``.

    Parameters
    ----------
    reports : sequence of Report
    record : Mapping
        How they came about, as `numerics.provenance.provenance` says it.

    Returns
    -------
    str
        A tabular; a longtable, which breaks over pages, of more than 20 claims. Controls are those
        refuted of all.
    """
    long = len(reports) > _ROWS_OF_A_PAGE
    packages = "array,booktabs,longtable" if long else "array,booktabs"
    name = "longtable" if long else "tabular"
    lines = [
        rf"% \usepackage{{{packages}}}",
        f"% made by: {_comment(record['command'])}",
        f"% attnflow {record['versions']['attnflow']}, seed {record['seed']}, "
        f"sources {record['sources']}",
        r"\begingroup\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\begin{{{name}}}{{{_COLUMNS}}}",
        r"\toprule",
        _HEAD,
        r"\midrule",
    ]
    if long:
        lines.append(r"\endhead")
    for report in reports:
        cells = (
            tex(report.label.replace(")-(", ")–(")),
            tex(report.statement),
            tex(report.evidence.word),
            tex(_scope(report)),
            f"{report.controls_refuted}/{len(report.controls)}",
        )
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", rf"\end{{{name}}}", r"\endgroup"]) + "\n"


def _scope(report: Report) -> str:
    """Ranges of the parameters, each range once; how many cases where they were drawn."""
    alike: dict[str, list[str]] = {}
    for name, how in report.evidence.scope.items():
        alike.setdefault("; ".join(dict.fromkeys(how.split("; "))), []).append(name)
    parts = [f"{', '.join(names)}: {how}" for how, names in alike.items()]
    if not parts and report.evidence.cases:
        parts = [f"{report.evidence.cases} cases"]
    return "; ".join(parts) or "as stated"


def _comment(text: str | None) -> str:
    """One line, as a comment is."""
    return " ".join((text or "attnflow verify").split())
