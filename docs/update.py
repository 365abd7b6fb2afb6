"""Write what the code knows into the documents: the rooms, the claims, and their counts.

python docs/update.py             # all of it: docs/architecture.md, docs/claims.md, README.md
python docs/update.py --catalogue # the table of docs/catalogue.md alone
python docs/update.py --rocq      # the table of docs/rocq.md alone: needs coqc, takes minutes
python docs/update.py --rooms     # the table of rooms alone: verifies nothing, takes no time
python docs/update.py --check     # write nothing; exit 1 and name the files that are out of date
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("theory", "numerics", "proofs_checks")


def rooms(root: Path) -> str:
    """Markdown table of the folders that hold code, read from the tree without importing any."""
    rows = ["| room | what you find there | files |", "|---|---|---|"]
    for room in ROOMS:
        inside = (p for p in (root / room).rglob("*") if p.is_dir() and p.name != "__pycache__")
        for folder in sorted([root / room, *inside]):
            files = list(folder.glob("*.py"))
            if not files:
                continue
            face = folder / "__init__.py"
            text = face.read_text(encoding="utf-8") if face.exists() else ""
            line = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
            count = len(files) - face.exists()
            name = folder.relative_to(root).as_posix()
            rows.append(f"| `{name}` | {line.replace('|', chr(92) + '|')} | {count} |")
    return "\n".join(rows)


def run() -> list[dict[str, object]]:
    """Verify in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "proofs_checks", "--out", folder],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        reports = json.loads((Path(folder) / "claims.json").read_text(encoding="utf-8"))["claims"]
    return list(reports)


def claims_table(reports: list[dict[str, object]]) -> str:
    """Markdown table of the claims in paper order, with the file that decides each."""
    from proofs_checks.discovery import discover, where

    homes = {claim.label: where(claim)[0].resolve().relative_to(ROOT) for claim in discover()}
    rows = ["| claim | verdict | scope | controls refuted | file |", "|---|---|---|---|---|"]
    first = {name: place for place, name in enumerate(("n", "d", "beta", "masses"))}
    for row in reports:
        home = homes[row["label"]]
        short = home.relative_to("proofs_checks").with_suffix("").as_posix().removeprefix("paper/")
        verdict = row["verdict"]
        if row["kind"] is not None:
            verdict = f"{row['kind']} -> {verdict}"
        said = [key for key, how in row["scope"].items() if how.startswith("symbolic")]
        names = dict.fromkeys(name for key in said for name in key.split(", "))
        symbolic = sorted(names, key=lambda name: first.get(name, len(first)))
        scope = f"{row['cases']} cases" if row["cases"] else "fixed"
        if symbolic:
            scope = "all " + ", ".join(symbolic)
        refuted = sum(control["verdict"] == "REFUTED" for control in row["controls"])
        controls = f"{refuted}/{len(row['controls'])}"
        link = f"[{short}](../{home.as_posix()})"
        rows.append(f"| {row['label']} | {verdict} | {scope} | {controls} | {link} |")
    return "\n".join(rows)


def counts(reports: list[dict[str, object]]) -> str:
    """Markdown table of the verdicts."""
    from proofs_checks import Verdict
    from proofs_checks.claim import PRINTED

    numbers = Counter(row["verdict"] for row in reports)
    rows = [f"| {v} | {numbers[v.name]} | {v.value} |" for v in Verdict if numbers[v.name]]
    errata = Counter(row["kind"] for row in reports if row["kind"] is not None)
    controls = sum(len(row["controls"]) for row in reports)
    return "\n".join(
        [
            "| verdict | claims | what it promises |",
            "|---|---|---|",
            *rows,
            "",
            f"{len(reports)} claims; {errata.total()} of them correct what is printed "
            f"({', '.join(f'{errata[kind]} {kind}' for kind in PRINTED if errata[kind])});",
            f"all {controls} controls are refuted.",
        ]
    )


def catalogue_table(root: Path) -> str:
    """Markdown of all models by name: compiled, derived or obstructed, judged, with controls."""
    sys.path.insert(0, str(root))
    from proofs_checks.variants import entry_of, markdown
    from theory import catalogue

    return markdown([entry_of(name) for name in catalogue()])


def rocq_table(root: Path) -> str:
    """Markdown of the steps that Rocq checks, of every proved or certified claim."""
    done = subprocess.run(
        [sys.executable, "-m", "proofs_checks", "claims", "--rocq", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    data = json.loads(done.stdout)
    share = round(100 * data["covered"] / data["steps"])
    counted = ("derived", "decided")
    rows = [
        f"Rocq {data['rocq']}: {data['covered']} of {data['steps']} derived and decided steps "
        f"covered, {share} %, each theorem counted once; {data['premises']['all']} of them are "
        f"premises ({data['premises']['covered']} covered); "
        f"{data['certificates']['proved']} of {data['certificates']['all']} "
        "certificates are theorems.",
        "",
        "| claim | derived, decided | covered | certificates | assumed | what is covered "
        "| why the rest isn't |",
        "|---|---|---|---|---|---|---|",
    ]
    for claim in data["claims"]:
        own = [step for step in claim["steps"] if step["how"] in counted]
        covered = [step["text"] for step in own if step["fate"] == "covered"]
        assumed = sum(step["fate"] == "hypothesis" for step in claim["steps"])
        held = [step for step in claim["steps"] if step["certificate"]]
        proved = sum(step["fate"] == "covered" for step in held)
        rest = [step for step in own + held if step["fate"] != "covered"]
        reasons = Counter(step["reason"] for step in rest)
        why = claim["reason"] or "; ".join(f"{k} × {text}" for text, k in reasons.most_common())
        what = "; ".join(dict.fromkeys(covered))
        certificates = f"{proved} of {len(held)}" if held else ""
        cells = (claim["label"], len(own), len(covered), certificates, assumed, what, why)
        shown = (re.sub(r"([|\[\]])", r"\\\1", str(cell)) for cell in cells)  # no cells, no links
        rows.append(f"| {' | '.join(shown)} |")
    return "\n".join(rows)


def replace_between(path: Path, start: str, end: str, text: str, check: bool) -> bool:
    """Replace what stands between two markers, or with ``check`` only see; return if it differs."""
    old = path.read_text(encoding="utf-8")
    pattern = re.escape(start) + r".*?" + re.escape(end)
    new, times = re.subn(pattern, lambda _: f"{start}\n{text}\n{end}", old, flags=re.DOTALL)
    if times != 1:
        raise ValueError(f"Expected one {start} … {end} in {path.name} but got {times}.")
    if new != old and not check:
        path.write_text(new, encoding="utf-8")
    return new != old


def main(argv: list[str] | None = None) -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rooms", action="store_true", help="the table of rooms alone")
    parser.add_argument("--catalogue", action="store_true", help="the catalogue of models alone")
    parser.add_argument("--rocq", action="store_true", help="the steps that Rocq checks alone")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if it would")
    options = parser.parse_args(argv)
    docs = ROOT / "docs"
    places = [(docs / "architecture.md", "<!-- rooms -->", "<!-- /rooms -->", rooms(ROOT))]
    models = docs / "catalogue.md"
    if options.catalogue:
        places = [(models, "<!-- models -->", "<!-- /models -->", catalogue_table(ROOT))]
    elif options.rocq:
        places = [(docs / "rocq.md", "<!-- steps -->", "<!-- /steps -->", rocq_table(ROOT))]
    elif not options.rooms:
        places.append((models, "<!-- models -->", "<!-- /models -->", catalogue_table(ROOT)))
        reports = run()
        places += [
            (docs / "claims.md", "<!-- claims -->", "<!-- /claims -->", claims_table(reports)),
            (ROOT / "README.md", "<!-- counts -->", "<!-- end -->", counts(reports)),
        ]
    stale = [place[0] for place in places if replace_between(*place, check=options.check)]
    for path in stale:
        what = "is out of date; run python docs/update.py" if options.check else "written"
        print(f"{path.relative_to(ROOT)} {what}{' --rooms' * (options.check and options.rooms)}")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
