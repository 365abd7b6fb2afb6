"""A verification run as one HTML page: counts, a row a claim, and all evidence behind it.

The page needs no network and no scripts; what the claims say is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from proofs_checks.claim import Evidence, Report, Verdict

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .25rem .9rem .25rem 0; }
details { border-top: 1px solid #ddd; padding: .35rem 0; } summary { cursor: pointer; }
summary .label { display: inline-block; min-width: 13rem; font-weight: 600; }
.verdict { display: inline-block; min-width: 6.5rem; font-size: .8rem; font-weight: 700; }
.PROVED { color: #1b7837; } .CERTIFIED { color: #2166ac; } .SUPPORTED { color: #7a5c00; }
.VACUOUS, .OPEN, .UNDECIDED { color: #666; } .REFUTED { color: #b2182b; }
.bad { background: #fde0dd; }
dl { margin: .5rem 0 .8rem 1rem; } dt { font-weight: 600; margin-top: .4rem; }
dd { margin: 0 0 0 1rem; overflow-wrap: anywhere; }
"""


def _verdict(verdict: Verdict) -> str:
    return f'<span class="verdict {verdict.name}" title="{escape(verdict.value)}">{verdict}</span>'


def _evidence(evidence: Evidence) -> str:
    parts = [f"{_verdict(evidence.verdict)} {escape(evidence.detail)}"]
    if evidence.scope:
        scope = ", ".join(f"{name} {how}" for name, how in evidence.scope.items())
        parts.append(f"<em>scope:</em> {escape(scope)}")
    if evidence.assumptions:
        parts.append(f"<em>assumes:</em> {escape('; '.join(evidence.assumptions))}")
    if evidence.cases:
        margin = "" if evidence.margin is None else f", worst margin {evidence.margin:.3g}"
        parts.append(f"<em>cases:</em> {evidence.cases}{margin}")
    return "<br>".join(parts)


def _claim(report: Report) -> str:
    rows = [("statement", escape(report.statement)), ("evidence", _evidence(report.evidence))]
    if report.printed is not None:
        rows.append(("as printed", _evidence(report.printed)))
    rows += [(f"control: {change}", _evidence(found)) for change, found in report.controls]
    rows += [("not as expected", escape(complaint)) for complaint in report.complaints]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in rows)
    bad = "" if report.ok else ' class="bad" open'
    return (
        f'<details{bad}><summary><span class="label">{escape(report.label)}</span>'
        f"{_verdict(report.verdict)}{escape(report.statement)}</summary><dl>{listed}</dl></details>"
    )


def html_page(reports: Sequence[Report], version: str, seconds: float) -> str:
    """Return the page.

    Parameters
    ----------
    reports : sequence of Report
        What ``verify`` returned.
    version : str
        Version of attnflow.
    seconds : float
        How long the run took.
    """
    counts = Counter(report.verdict for report in reports)
    rows = "".join(
        f"<tr><td>{_verdict(verdict)}</td><td>{counts[verdict]}</td>"
        f"<td>{escape(verdict.value)}</td></tr>"
        for verdict in Verdict
        if counts[verdict]
    )
    controls = sum(len(report.controls) for report in reports)
    refuted = sum(report.controls_refuted for report in reports)
    bad = [report.label for report in reports if not report.ok]
    state = "All as expected." if not bad else "Not as expected: " + "; ".join(bad)
    seed = reports[0].seed if reports else 0
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>attnflow: {len(reports)} claims</title><style>{_STYLE}</style></head><body>"
        f"<h1>{len(reports)} claims on self-attention as an interacting particle system</h1>"
        f"<p>{escape(state)} {refuted} of {controls} controls refuted. attnflow "
        f"{escape(version)}, seed {seed}, {seconds:.0f} s.</p>"
        f"<table><tr><th>verdict</th><th>claims</th><th>what it promises</th></tr>{rows}</table>"
        f"<h2>Claims</h2>{''.join(_claim(report) for report in reports)}</body></html>\n"
    )


__all__ = ["html_page"]
