"""Pages that the claims write: a page a section of the paper, the errata, our own statements.

All claims are verified while the gallery runs, in a process of their own; ATTNFLOW_CLAIMS names a
file that ``attnflow --out FOLDER`` has written, which is then taken.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from gallery import shown_labels

from proofs_checks.claim import PRINTED, Verdict
from proofs_checks.discovery import discover, module_of
from proofs_checks.paper.contents import CONTENTS, spoken_for

ROOT = Path(__file__).resolve().parents[2]
PAPER = Path(__file__).resolve().parents[1] / "paper"

TITLES = {
    "section_2": "Section 2: the particle system",
    "section_3": "Section 3: measures, energy and gradient flows",
    "section_4": "Section 4: a single cluster for small β",
    "section_5": "Section 5: a single cluster for large β",
    "section_6": "Section 6: high dimension",
    "section_7": "Section 7: the circle",
    "section_8": "Section 8: the hierarchy (8.1)",
    "section_9": "Section 9: repulsion, general matrices, noise",
    "appendix_a": "Appendix A: without temperature, β = 0",
    "appendix_b": "Appendix B: Hessians, and Figure 6",
    "appendix_c": "Appendix C: near zero",
    "appendix_d": "Appendix D: many dimensions",
}

HEAD = """..
   Written by docs/site/claims_pages.py from the claims. Don't edit.

"""


def _plain(text):
    """Escape what reStructuredText reads as markup, and keep a text on its line."""
    text = " ".join(text.split())
    return re.sub(r"([\\*`|_\[\]<>])", r"\\\1", text)


def _anchor(label):
    words = re.sub(r"[^0-9a-z]+", "-", label.lower()).strip("-")
    return f"claim-{'erratum-' if label.startswith('E.') else ''}{words}"


def _anchors(claims):
    """A different anchor for each label, also where letters alone don't tell two apart."""
    found = {}
    for claim in claims:
        name, k = _anchor(claim.label), 2
        while name in found.values():
            name, k = f"{_anchor(claim.label)}-{k}", k + 1
        found[claim.label] = name
    return found


def start(app, config):
    """Begin to verify, beside whatever else is built."""
    given = os.environ.get("ATTNFLOW_CLAIMS")
    app.attnflow_claims = Path(given) if given else None
    if given:
        return
    app.attnflow_folder = tempfile.TemporaryDirectory()
    command = [sys.executable, "-m", "proofs_checks", "--out", app.attnflow_folder.name]
    app.attnflow_process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def rows_of(app):
    """Reports by label, as plain data; waits until all are there."""
    path = app.attnflow_claims
    if path is None:
        said, _ = app.attnflow_process.communicate()
        if app.attnflow_process.returncode:
            raise ValueError(f"Expected every claim as it should be but got\n{said[-3000:]}")
        path = Path(app.attnflow_folder.name) / "claims.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["claims"]
    labels = {row["label"] for row in rows}
    missing = [claim.label for claim in discover() if claim.label not in labels]
    if missing:
        raise ValueError(f"Expected a report of every claim but {path.name} lacks {missing}.")
    return {row["label"]: row for row in rows}


def _pictures(labels, examples):
    """Examples of the gallery that show one of the labels."""
    return [stem for stem, _, shown in examples if any(label in shown for label in labels)]


def _scope(row):
    symbolic = [k for k, how in row["scope"].items() if how.startswith("symbolic")]
    if symbolic:
        return "all " + ", ".join(symbolic)
    return f"{row['cases']} cases" if row["cases"] else "as stated"


def _head(title, mark="="):
    return f"{title}\n{mark * (2 * len(title))}\n\n"


def _verdict(row):
    return f":verdict:`{row['verdict']}`"


def _table(claims, rows, anchors, examples):
    """A line a claim: label, verdict, scope, file, picture."""
    lines = [
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 18 12 22 36 12",
        "   :class: claims",
        "",
        "   * - statement",
        "     - verdict",
        "     - scope",
        "     - file",
        "     - picture",
    ]
    for claim in claims:
        row = rows[claim.label]
        seen = _pictures((claim.label, *(spoken_for(claim.label) or ())), examples)
        links = ", ".join(f":ref:`{_short(stem)} <{example_ref(stem)}>`" for stem in seen[:2])
        lines += [
            f"   * - :ref:`{_plain(claim.label)} <{anchors[claim.label]}>`",
            f"     - {_verdict(row)}",
            f"     - {_plain(_scope(row))}",
            f"     - :source:`{module_of(claim).__name__}`",
            f"     - {links}",
        ]
    return "\n".join(lines) + "\n\n"


def _short(stem):
    """Name an example in a word or two, for the column of pictures."""
    return " ".join(stem.split("_")[2:])


def example_ref(stem):
    """The label that the gallery gives the page of an example."""
    return f"sphx_glr_gallery_{stem}.py"


def _claim(claim, row, anchors, examples):
    """All about one claim: sentence, verdict, evidence, controls, what else is shown."""
    parts = [f".. _{anchors[claim.label]}:\n\n", _head(_plain(claim.label), "-")]
    parts.append(f"{_plain(claim.statement)}\n\n")
    fields = [
        ("Verdict", f"{_verdict(row)}, {_plain(Verdict[row['verdict']].value)}"),
        ("Scope", _plain("; ".join(f"{k}: {v}" for k, v in row["scope"].items())) or "as stated"),
        ("Evidence", _plain(row["detail"])),
    ]
    if row["assumptions"]:
        fields.append(("Uses", _plain("; ".join(row["assumptions"]))))
    unmet = [hypothesis.text for hypothesis in claim.hypotheses]
    if unmet:
        fields.append(("Hypotheses", _plain("; ".join(unmet))))
    refuted = [c for c in row["controls"] if c["verdict"] == "REFUTED"]
    changes = "; ".join(_plain(c["change"]) for c in row["controls"])
    count = f"{len(refuted)} of {len(row['controls'])} refuted"
    fields.append(("Controls", f"{count}: {changes}"))
    fields.append(("File", f":source:`{module_of(claim).__name__}`"))
    fields.append(("Run it", f'``attnflow verify "{claim.label}"``'))
    parts += [f":{name}: {text}\n" for name, text in fields]
    parts.append("\n")
    for stem in _pictures((claim.label,), examples):
        parts.append(
            f".. figure:: /gallery/images/thumb/sphx_glr_{stem}_thumb.png\n"
            f"   :target: ../gallery/{stem}.html\n"
            f"   :alt: {_title(stem, examples)}\n   :class: thumb\n\n"
            f"   :ref:`{example_ref(stem)}`\n\n"
        )
    return "".join(parts)


def _title(stem, examples):
    return next(title for name, title, _ in examples if name == stem)


def _page(title, text, claims, rows, anchors, examples):
    counts = Counter(rows[claim.label]["verdict"] for claim in claims)
    words = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    return (
        HEAD
        + _head(title)
        + f"{text}{len(claims)} claims: {words}.\n\n"
        + _table(claims, rows, anchors, examples)
        + "".join(_claim(claim, rows[claim.label], anchors, examples) for claim in claims)
    )


def _errata(rows, anchors):
    """The register: what is printed, what holds, the kind, and the evidence for both."""
    errata = [claim for claim in discover() if claim.origin == "erratum"]
    kinds = Counter(claim.kind for claim in errata)
    parts = [
        HEAD,
        _head("Errata"),
        f"{len(errata)} claims correct what the paper prints: "
        + ", ".join(f"{kinds[kind]} {kind}" for kind in PRINTED if kinds[kind])
        + ". A formula, a statement or a proof step that is printed is REFUTED by the same check "
        "that shows the corrected form; a gap, a vacuous bound or mere notation refutes nothing."
        "\n\n",
        ".. list-table::\n   :header-rows: 1\n   :widths: 25 15 20 20\n   :class: claims\n\n",
        "   * - erratum\n     - kind\n     - printed form\n     - corrected form\n",
    ]
    for claim in errata:
        row = rows[claim.label]
        printed = row["printed"]
        parts.append(
            f"   * - :ref:`{_plain(claim.label)} <register-{anchors[claim.label]}>`\n"
            f"     - {claim.kind}\n"
            f"     - {_verdict(printed) if printed else 'differs in words only'}\n"
            f"     - {_verdict(row)}\n"
        )
    parts.append("\n")
    for claim in errata:
        row = rows[claim.label]
        printed = row["printed"]
        evidence = f"{_verdict(printed)}: {_plain(printed['detail'])}" if printed else "none needed"
        parts += [
            f".. _register-{anchors[claim.label]}:\n\n",
            _head(_plain(claim.label), "-"),
            f"{_plain(claim.statement)}\n\n",
            f":Kind: {claim.kind}\n:Printed form: {evidence}\n",
            f":Corrected form: {_verdict(row)}: {_plain(row['detail'])}\n",
            f":Claim: :ref:`{_plain(claim.label)} <{anchors[claim.label]}>`\n\n",
        ]
    return "".join(parts)


def pages(app):
    """Yield name and text of each page."""
    rows, examples, anchors = rows_of(app), shown_labels(), _anchors(discover())
    known = set(rows) | {name for row in rows for name in spoken_for(row) or ()}
    strange = [(s, label) for s, _, shown in examples for label in shown if label not in known]
    if strange:
        raise ValueError(f"Expected labels of claims in the gallery but got {strange}.")
    homes = {}
    for claim in discover():
        _, room, *folders = module_of(claim).__name__.split(".")
        homes.setdefault(folders[0] if room == "paper" else room, []).append(claim)
    names = [*CONTENTS, "literature", "extensions"]
    for name in names:
        if name in CONTENTS:
            title, labels = TITLES[name], len(CONTENTS[name])
            text = (
                f"The paper prints {labels} numbered statements, figures and problems here; "
                f"``attnflow verify`` decides them by the files named. "
            )
        elif name == "literature":
            title, text = "Papers that follow", "Statements of later papers. "
        else:
            title, text = "Statements of ours", "No paper states these. "
        yield name, _page(title, text, homes[name], rows, anchors, examples)
    yield "errata", _errata(rows, anchors)
    total = Counter(row["verdict"] for row in rows.values())
    yield (
        "index",
        HEAD
        + _head("The paper, statement by statement")
        + "Each page maps the statements of a section to the file that decides them, the claim, "
        "its verdict and a picture. The claims were verified while this site was built: "
        + ", ".join(f"{number} {verdict}" for verdict, number in total.items())
        + ". :doc:`/trust` says what the words promise.\n\n.. toctree::\n   :maxdepth: 1\n\n"
        + "".join(f"   {name}\n" for name in [*names]),
    )


def write(app):
    """Write the pages that differ, and remove what is no page any more."""
    PAPER.mkdir(exist_ok=True)
    wanted = set()
    for name, text in pages(app):
        path = PAPER / f"{name}.rst"
        wanted.add(path)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in set(PAPER.glob("*.rst")) - wanted:
        path.unlink()


def _verdict_role(name, rawtext, text, lineno, inliner, options=None, content=None):
    from docutils import nodes

    return [nodes.inline(rawtext, text, classes=["verdict", f"verdict-{text.lower()}"])], []


def setup(app):
    app.add_role("verdict", _verdict_role)
    app.connect("config-inited", start)
    app.connect("builder-inited", write, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
