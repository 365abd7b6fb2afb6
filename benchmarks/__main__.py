"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--quick] [--threads N] [--json]``.

``--page docs/performance.md`` writes them into the page of that name, between its markers.

Each prints ratios to something measured in the same run (a floor, Euler 0.1, the direct sums) and
the accuracy that both sides reach. A time in seconds is never a result, and nothing is asserted.
"""

from benchmarks.machine import machine, one_thread

import argparse  # isort: skip
import json
import re
import sys
from pathlib import Path

from benchmarks import coarsening, fastsum, phase, stepping, velocity

BENCHMARKS = {
    "velocity": velocity,
    "stepping": stepping,
    "coarsening": coarsening,
    "fastsum": fastsum,
    "phase": phase,
}


MARKERS = "<!-- benchmarks -->", "<!-- /benchmarks -->"


def page(where, reports, options):
    """Markdown of what was measured: the machine, the command, a table a benchmark."""
    command = " ".join(["python -m benchmarks", *options.names, *["--quick"] * options.quick])
    parts = [
        f"Measured by `{command}` on: " + ", ".join(f"{k} {v}" for k, v in where.items()) + "."
    ]
    for name, report in reports.items():
        summary = (BENCHMARKS[name].__doc__ or name).strip().split("\n\n")[0].replace("\n", " ")
        text = BENCHMARKS[name].text(report)
        parts += [f"## {name}", summary, f"```text\n{text.rstrip()}\n```"]
    return "\n\n".join(parts)


def write_page(path, text):
    """Put the text between the markers of a page."""
    start, end = MARKERS
    pattern = f"{re.escape(start)}.*{re.escape(end)}"
    old = path.read_text(encoding="utf-8")
    if not re.search(pattern, old, flags=re.DOTALL):
        raise ValueError(f"Expected {start} … {end} in the page but got page={path}; add them.")
    new = re.sub(pattern, lambda _: f"{start}\n{text}\n{end}", old, flags=re.DOTALL)
    path.write_text(new, encoding="utf-8")


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller cases")
    parser.add_argument("--threads", type=int, default=1, help="threads of the fused kernels (1)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the tables into a page")
    options = parser.parse_args(argv)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"Expected a name among {', '.join(BENCHMARKS)} but got {unknown[0]}.")
    where = machine()
    if not options.json:
        print(", ".join(f"{key} {value}" for key, value in where.items()), end="\n\n", flush=True)
    reports = {}
    with one_thread():
        for name in options.names or BENCHMARKS:
            reports[name] = BENCHMARKS[name].measure(options.quick, options.threads)
            if not options.json:
                print(BENCHMARKS[name].text(reports[name]), end="\n\n", flush=True)
    if options.page:
        write_page(options.page, page(where, reports, options))
    if options.json:
        print(json.dumps({"machine": where, **reports}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
