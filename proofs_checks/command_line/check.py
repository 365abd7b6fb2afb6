"""``attnflow check``: which statements hold for a kernel as text, a model by name or in a file.

Exit status: 0 every row that applies holds, 1 one is REFUTED, with a counterexample, or UNDECIDED,
2 bad usage. VACUOUS fails nothing: pytest skips it, as it skips OPEN.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shlex
from collections.abc import Sequence
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from proofs_checks.claim import Verdict
from proofs_checks.command_line.models import model_named
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.parser import installed_version
from proofs_checks.command_line.pictures import record_of
from proofs_checks.command_line.progress import progress
from proofs_checks.command_line.results import check_place, whole_file, whole_files
from proofs_checks.labels import find_rows, plain
from proofs_checks.own_model import ModelReport, check_model
from proofs_checks.own_model import rows as rows_of_a_model
from proofs_checks.proof import latex_document, sheet_lines
from theory.models import Model

FAILS = (Verdict.REFUTED, Verdict.UNDECIDED)
"""Verdicts that make the command fail, as they fail a test of `parametrize_with_invariants`."""


FILE = re.compile(r"(?P<file>.+\.py)(?::(?P<name>\w+))?")
"""A file that defines a model, and which one of it."""


def model_from(text: str) -> Model | str:
    """Return the model that a command names: a kernel as text, or what a file defines.

    Parameters
    ----------
    text : str
        A kernel, the name of a file that ends in ``.py``, or ``FILE.py:NAME`` for what is called
        NAME in it; without NAME it is ``model``, or the only model that the file makes.
    """
    named = FILE.fullmatch(text)
    if named is None:
        return text
    path, name = Path(named["file"]), named["name"] or ""
    if not path.is_file():
        raise ValueError(f"Expected a file that exists but got FILE={text}; name another.")
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None  # the name ends in .py
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # anything may happen in a user's file
        raise ValueError(
            f"Expected a file that can be imported but got FILE={text}, which raises "
            f"{type(error).__name__}: {error}"
        ) from error
    return _chosen(module, name, text)


def _chosen(module: ModuleType, name: str, text: str) -> Model | str:
    """Return what is called by a name in a user's file; without one `model`, or the only model."""
    kept = getattr(module, name or "model", None)
    if isinstance(kept, Model | str):
        return kept
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imported = {
        (alias.asname or alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    made = [
        key
        for key, value in vars(module).items()
        if isinstance(value, Model) and key not in imported and not key.startswith("_")
    ]
    if len(made) == 1 and not name:
        return getattr(module, made[0])
    file = text.removesuffix(f":{name}")
    if made:
        asked = f"no model {name!r}" if name else "no `model`"
        raise ValueError(
            f"Expected which model of {', '.join(made)} but got FILE={text}, with {asked} in it; "
            f"write {file}:{made[0]}, or call one of them `model`."
        )
    raise ValueError(
        f"Expected a file that defines `model`, a theory.Model or a kernel as text, but got "
        f"FILE={text}, whose `{name or 'model'}` is {kept!r}; write for instance "
        "`model = theory.SA`."
    )


def _take_kernel(args: argparse.Namespace, known: Sequence[str]) -> None:
    """Take a kernel from behind the words of --label, which a label without quotes needs all."""
    words = args.label or []
    whole = plain(" ".join(words)) in map(plain, known)
    if args.kernel is None and args.model is None and len(words) > 1 and not whole:
        args.kernel = words.pop()


def command_of(args: argparse.Namespace, label: str) -> str:
    """Write the command that asks one row of the same model."""
    words = ["attnflow", "check", *(["--model", args.model] if args.model is not None else [])]
    words += ["--label", label, "--seed", str(args.seed)]
    words += ["--flow", args.flow] if args.flow is not None else []
    words += ["--beta", repr(args.beta)] if args.beta is not None else []
    if args.kernel is not None:
        words.append(args.kernel)
    return shlex.join(words)


def _write_page(args: argparse.Namespace, report: ModelReport, record: dict[str, Any]) -> None:
    from proofs_checks.pages import check_page

    page = check_page(
        report,
        version=installed_version(),
        command=record["command"] or "attnflow check",
        command_of=partial(command_of, args),
    )
    with whole_file(args.html) as path:
        path.write_text(page, encoding="utf-8")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    check_place(args.html)
    known = [name for name, _, _ in rows_of_a_model() if name != "implementation"]
    _take_kernel(args, known)
    if (args.kernel is None) == (args.model is None):
        given = "both" if args.model is not None else "neither"
        raise ValueError(
            f"Expected KERNEL, FILE or --model NAME but got {given}; write for instance "
            'attnflow check "exp(beta*t)/beta", or attnflow check --model causal.'
        )
    model = model_from(args.kernel) if args.model is None else model_named(args.model)
    options: dict[str, Any] = {} if args.beta is None else {"beta": args.beta}
    if args.flow is not None:
        if isinstance(model, Model):
            raise ValueError(
                f"Expected --flow with a kernel but got --flow={args.flow} and a model; drop it."
            )
        options["flow"] = args.flow
    only, every = None, args.show == "steps"
    if every and (args.label is None or args.json):
        what = "--json" if args.json else "no label"
        raise ValueError(f"Expected --label with --show steps but got {what}; name the rows.")
    if args.label is not None:
        from proofs_checks import CLAIMS

        only = find_rows(" ".join(args.label), known, CLAIMS, "--label")
    with progress(args, "checking") as tell:
        report = check_model(
            model, rng=args.seed, only=only, watch=tell, budget=args.budget, **options
        )
    rows = report.rows
    data = {**report.as_dict(), "provenance": record_of(args)}
    if args.out is not None:
        text = json.dumps(data, indent=1) + "\n"
        with whole_files(args) as folder:
            (folder / "check.json").write_text(text, encoding="utf-8")
    if args.html is not None:
        _write_page(args, report, data["provenance"])
    if args.json:
        print(json.dumps(data, indent=1))
    elif args.show == "latex":
        proofs = [(f"{row.name}, {report.model}", row.statement, row.evidence) for row in rows]
        print(latex_document(proofs), end="")
    elif only is None:
        print(report.text(every=args.all))
    else:
        print(report.only(only))
        for row in rows:
            sheet = row.evidence.sheet
            if sheet is None:
                continue
            print(f"\n  {row.name}:" if len(rows) > 1 else "", end="")
            lines = sheet_lines(sheet, WIDTH - 4, every)
            print("\n".join(["", *(f"    {line}" for line in lines)]))
    return 1 if any(row.evidence.verdict in FAILS for row in rows) else 0
