"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--quick] [--threads N] [--json]``.

Each prints ratios to something measured in the same run (a floor, Euler 0.1, the direct sums) and
the accuracy that both sides reach. A time in seconds is never a result, and nothing is asserted.
"""

from benchmarks.machine import machine, one_thread

import argparse  # isort: skip
import json
import sys

from benchmarks import coarsening, fastsum, phase, stepping, velocity

BENCHMARKS = {
    "velocity": velocity,
    "stepping": stepping,
    "coarsening": coarsening,
    "fastsum": fastsum,
    "phase": phase,
}


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller cases")
    parser.add_argument("--threads", type=int, default=1, help="threads of the fused kernels (1)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
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
    if options.json:
        print(json.dumps({"machine": where, **reports}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
