"""The rules of the tree, read off it: names by labels, citations, faces, discovery, sizes.

R1 a room a statement, named by its labels. R2 a statement's file holds all of it. R3 statements
cite, they don't borrow. R4 a folder is a room with one face. R5 the tree is the list, in files of a
size that one can read. Run as a script it prints where each label is, and every citation.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from proofs_checks.claim import Claim  # noqa: E402
from proofs_checks.discovery import discover, statement_modules, where  # noqa: E402
from proofs_checks.paper.contents import (  # noqa: E402
    CONTENTS,
    LABELS,
    NOT_YET,
    labels_of,
    spoken_for,
)
from proofs_checks.proof import Statement  # noqa: E402

PACKAGES = ("theory", "numerics", "proofs_checks")
STATEMENTS = ("proofs_checks.paper.", "proofs_checks.extensions.", "proofs_checks.literature.")
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
"""Every module by its dotted name."""
FACES = {name for name, path in FILES.items() if path.name == "__init__.py"}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
PAPER = {
    path: labels_of(path.stem)
    for path in sorted((ROOT / "proofs_checks" / "paper").glob("*/*.py"))
    if path.name != "__init__.py"
}


def is_statement(name: str) -> bool:
    return name.startswith(STATEMENTS) and name not in FACES and not name.endswith(".contents")


def room(name: str) -> str:
    """The folder that a module stands in; a file directly in a package is a room of its own."""
    if name in FACES or name.count(".") <= 1:
        return name
    return name.rpartition(".")[0]


def imported(name: str, late: bool = True) -> Iterator[tuple[str, str]]:
    """Yield (module, name imported from it) for imports of this project, late ones if wanted.

    What only a type checker sees doesn't count.
    """

    def walk(node: ast.AST) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not late:
                continue
            if isinstance(child, ast.ImportFrom) and child.module:
                if child.module.split(".")[0] in PACKAGES:
                    for alias in child.names:
                        inner = f"{child.module}.{alias.name}"
                        yield (inner, "") if inner in FILES else (child.module, alias.name)
            elif isinstance(child, ast.Import):
                for alias in child.names:
                    if alias.name.split(".")[0] in PACKAGES:
                        yield alias.name, ""
            yield from walk(child)

    yield from walk(TREES[name])


# -- R1: a room a statement, named by its labels -----------------------------------------------


def files_of(label: str) -> list[Path]:
    """Find the files whose name bears a label, from the label alone."""
    return [path for path, labels in PAPER.items() if label in labels]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_has_one_file(label: str) -> None:
    found = files_of(label)
    if label in NOT_YET:
        assert found == [], f"{label} has a file: take it out of NOT_YET"
        return
    assert len(found) == 1, [str(path) for path in found]
    section = next(folder for folder, labels in CONTENTS.items() if label in labels)
    assert found[0].parent.name == section


@cache
def speakers() -> dict[str, list[Claim]]:
    """Find the claims that speak for each label."""
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in discover():
        for label in spoken_for(claim.label):
            found[label].append(claim)
    return found


@pytest.mark.parametrize("label", [label for label in LABELS if label not in NOT_YET])
def test_the_claim_of_a_label_is_in_its_file(label: str) -> None:
    (path,) = files_of(label)
    speaking = speakers()[label]
    assert speaking, f"no claim speaks for {label}"
    assert path in {where(claim)[0] for claim in speaking}


def test_not_yet_has_reasons() -> None:
    assert set(NOT_YET) <= set(LABELS)
    assert all(NOT_YET.values())
    assert len(set(LABELS)) == len(LABELS)


@pytest.mark.parametrize("path", PAPER, ids=lambda path: path.stem)
def test_names_and_heads_of_statements(path: Path) -> None:
    labels = PAPER[path]
    head = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    for label in labels:
        # "(3.12)-(3.14)" is three labels, "E.(3.7)" speaks for (3.7).
        said = {named for part in re.split(r", |: ", head) for named in spoken_for(part)}
        assert label in said, f"{head!r} does not begin with {label}"
    words = path.stem
    for label in labels:
        number = re.sub(r"[^\w.]|[A-Z][a-z]+ ", "", label).lower().replace(".", "_")
        words = words.replace(number, "", 1)
    kinds = "theorem|lemma|proposition|remark|eq|figure|problem|table|definition|example|erratum"
    rest = [word for word in re.sub(kinds, "", words).split("_") if word]
    assert 1 <= len(rest) <= 3, f"{path.stem} ends in {rest}, not in one or two words"


# -- R2: a statement's file holds all of it ----------------------------------------------------


def test_claims_stand_with_their_labels() -> None:
    for module in statement_modules():
        path = Path(str(module.__file__))
        for claim in module.CLAIMS:
            assert where(claim)[0] == path, claim.label
            if path in PAPER and claim.origin != "extension" and PAPER[path]:
                assert set(spoken_for(claim.label)) <= set(PAPER[path]), claim.label


def test_errata_stand_beside_their_statement() -> None:
    home = {claim.label: where(claim)[0] for claim in discover()}
    for label, path in home.items():
        statement = label.removeprefix("E.")
        if label.startswith("E.") and statement in home:
            assert path == home[statement], label


# -- R3: statements cite, they don't borrow ----------------------------------------------------


def is_citation(module: ModuleType, name: str) -> bool:
    """Whether a name of a statement is a Claim, a Statement, its decision or a prediction."""
    value = getattr(module, name)
    if isinstance(value, FunctionType):
        return name.startswith(("decide", "derive"))
    if isinstance(value, Claim | Statement) or any(
        value is claim.prediction for claim in module.CLAIMS
    ):
        return True
    predictions = tuple(type(claim.prediction) for claim in module.CLAIMS)
    if isinstance(value, type):
        return is_dataclass(value) and issubclass(value, predictions)
    return is_dataclass(value) and isinstance(value, predictions)


def citations() -> list[tuple[str, str, str]]:
    """Every import of a statement from another one: (statement, cited statement, name)."""
    return [
        (name, target, what)
        for name in FILES
        if is_statement(name)
        for target, what in imported(name)
        if is_statement(target)
    ]


def test_statements_cite_and_do_not_borrow() -> None:
    borrowed = [
        f"{name} borrows {what} of {target}"
        for name, target, what in citations()
        if not what or not is_citation(importlib.import_module(target), what)
    ]
    assert borrowed == []


def test_machinery_imports_no_statement() -> None:
    found = [
        f"{name} imports {target}"
        for name in FILES
        if not is_statement(name)
        for target, _ in imported(name)
        if is_statement(target)
    ]
    assert found == []


# -- R4: a folder is a room with one face ------------------------------------------------------

# theory.x, numerics.x, proofs_checks.x as files are their own faces; paper.contents is a list.
OWN_FACE = {"proofs_checks.paper.contents", "proofs_checks.said"}
# numba is imported when one of these is; so they are reached by name and late.
LATE = {
    "numerics.fused.compiled",
    "numerics.fused.compiled_intervals",
    "numerics.ensembles.compiled",
    "numerics.coarsening.compiled",
    "numerics.stepping.compiled",
}

_STATED = {
    "proof", "decide", "certificates", "claim", "readings", "said", "shared_runs",
}  # fmt: skip

_TYPED = {"propositions", "theorems"}

MAY_IMPORT = {
    "command_line": {"*"},
    "pages": {"claim", "discovery", "own_model", "paper"},
    "own_model": {
        *_TYPED,
        "discovery",
        "labels",
        "verification",
        "strategies",
        "proof",
        "decide",
        "claim",
    },
    "mutations": {"discovery", "labels", "verification", "proof", "decide", "claim"},
    "discovery": {"claim", "paper", "extensions", "literature"},
    # where the paper's proof doesn't reach, a theorem of the literature is cited
    "paper": {*_STATED, *_TYPED, "paper", "literature"},
    "extensions": {*_STATED, *_TYPED, "paper", "extensions"},
    "literature": {*_STATED, *_TYPED, "paper", "extensions", "literature"},
    "proof": {*_STATED} - {"proof"},
    "audit": {"propositions", "proof", "sample"},
    "theorems": {"propositions", "proof", "decide", "audit", "certificates"},
    "propositions": set(),
    "rocq": {
        *_TYPED,
        "proof",
        "decide",
        "certificates",
        "claim",
        "discovery",
        "readings",
        "said",
    },
    "certificates": {"decide", "claim"},
    "decide": {"claim"},
    "verification": {"claim", "labels"},
    "labels": {"paper"},
    "bibliography": {"claim", "discovery", "proof"},
    "variants": {"own_model", "propositions", "sample"},
    "strategies": {"sample", "scratch"},
    "scratch": set(),
    "sample": set(),
    "claim": {"evidence", "shared_runs"},
    "evidence": set(),
    "shared_runs": set(),
    "readings": set(),
    "said": set(),
}
"""Arrows between the rooms of proofs_checks; its face and ``__main__`` may import all of them."""


def test_rooms_of_proofs_checks_import_downwards() -> None:
    found = set()
    for name in FILES:
        parts = name.split(".")
        if parts[0] != "proofs_checks" or len(parts) == 1 or parts[1] == "__main__":
            continue
        for target, what in imported(name):
            goal = f"{target}.{what}" if target == "proofs_checks" else target
            if not goal.startswith("proofs_checks."):
                continue
            other = goal.split(".")[1]
            lazy = {"CLAIMS": "discovery", "check_model": "own_model", "verify": "verification"}
            other = lazy.get(other, other)
            allowed = MAY_IMPORT[parts[1]]
            if other not in (parts[1], *allowed) and "*" not in allowed:
                found.add(f"{name} imports {goal}")
    # `verify` and the mutation run take all claims where none are given: asked for late.
    assert {line for line in found if not line.endswith("proofs_checks.CLAIMS")} == set()


def test_the_checker_is_the_trusted_base() -> None:
    """It imports the format, its own files and the standard library; flint inside functions."""
    for name, tree in TREES.items():
        if not name.startswith("proofs_checks.certificates.checker"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                own = ("proofs_checks.certificates.checker", "proofs_checks.certificates.format")
                module = node.module or ""
                inside = module.startswith(own) or module == "proofs_checks.certificates"
                assert inside or module.split(".")[0] in sys.stdlib_module_names, (name, module)
                if module == "proofs_checks.certificates":
                    assert {alias.name for alias in node.names} == {"format"}, name
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    assert alias.name.split(".")[0] in sys.stdlib_module_names, (name, alias.name)


@pytest.mark.parametrize("name", FILES)
def test_nobody_imports_what_is_private(name: str) -> None:
    private = [
        f"{target}.{what}"
        for target, what in imported(name)
        if any(part.startswith("_") and part != "__main__" for part in (*target.split("."), what))
    ]
    assert private == []


@pytest.mark.parametrize("name", FILES)
def test_other_rooms_are_entered_by_their_face(name: str) -> None:
    deep = []
    for target, what in imported(name):
        inside = room(target) == room(name) or name.startswith(room(target) + ".")
        parents = room(name).startswith(room(target)) or room(target).startswith(room(name) + ".")
        face = target in FACES or target.count(".") == 1 or target in OWN_FACE
        if not (inside or face or is_statement(target) or (parents and name in FACES)):
            if target not in LATE:
                deep.append(f"{target} ({what})")
        elif target in FACES and what and target.count(".") >= 1 and not inside:
            if name not in FACES and what not in names_of(target):
                deep.append(f"{what} is not on the face of {target}")
    assert deep == []


def names_of(face: str) -> set[str]:
    """Read ``__all__`` of a face."""
    for node in TREES[face].body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


@pytest.mark.parametrize("face", sorted(FACES))
def test_faces(face: str) -> None:
    """A docstring, a sorted list of public names, and no module behind its own function."""
    assert ast.get_docstring(TREES[face])
    names = names_of(face)
    assert not any(name.startswith("_") for name in names)
    modules = {name.rpartition(".")[2] for name in FILES if room_above(name) == face}
    module = importlib.import_module(face)
    for shadowed in names & modules:
        assert isinstance(getattr(module, shadowed), ModuleType), f"{face}.{shadowed}"
    if face.startswith(STATEMENTS) or face + "." in STATEMENTS:
        assert not names


def room_above(name: str) -> str:
    return name.rpartition(".")[0]


@pytest.mark.parametrize("late", [False], ids=["at import"])
def test_no_circle(late: bool) -> None:
    """Modules in the order in which they can be imported; a face runs all of its room."""
    edges: dict[str, set[str]] = defaultdict(set)
    for name in FILES:
        for target, what in imported(name, late):
            goals = {target}
            if target in FACES and what and not name.startswith(f"{target}."):
                goals = {target}
            edges[name] |= goals - {name}
    state: dict[str, int] = {}
    path: list[str] = []

    def visit(name: str) -> None:
        state[name] = 1
        path.append(name)
        for target in sorted(edges[name]):
            if state.get(target) == 1:
                raise AssertionError(" -> ".join([*path[path.index(target) :], target]))
            if target not in state:
                visit(target)
        path.pop()
        state[name] = 2

    for name in FILES:
        if name not in state:
            visit(name)


@pytest.mark.skipif(not (ROOT / ".ci").is_dir(), reason="a source distribution has no .ci")
def test_the_forge_runs_every_stage() -> None:
    """The workflow has a job for each stage of ``.ci/run``."""
    order = re.search(r"^order=\((.*)\)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    forge = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    stages = re.search(r"^ *stage: \[(.*)\]$", forge, re.MULTILINE)
    assert order is not None and stages is not None
    assert stages[1].split(", ") == order[1].split()
    assert "run: .ci/run --quick" in forge and "run: .ci/run ${{ matrix.stage }}" in forge


# -- R5: the tree is the list; sizes ------------------------------------------------------------


def test_the_tree_is_the_list() -> None:
    """Every statement has a tuple of claims, which holds all of its claims; nothing is listed."""
    found = []
    for module in statement_modules():
        assert isinstance(module.CLAIMS, tuple) and module.CLAIMS, module.__name__
        made = {id(value) for value in vars(module).values() if isinstance(value, Claim)}
        cited = {
            id(getattr(importlib.import_module(target), what))
            for target, what in imported(module.__name__)
            if is_statement(target)
        }
        assert made - cited == {id(claim) for claim in module.CLAIMS}, module.__name__
        found += module.CLAIMS
    assert len(found) == len(discover()) == len({claim.label for claim in found})


def test_claims_come_in_the_order_of_the_paper() -> None:
    claims = [c for c in discover() if spoken_for(c.label) and "paper" in str(where(c)[0])]
    places = [LABELS.index(spoken_for(claim.label)[0]) for claim in claims]
    assert places == sorted(places)
    for before, after in itertools.pairwise(claims):
        if LABELS.index(spoken_for(before.label)[0]) == LABELS.index(spoken_for(after.label)[0]):
            assert (before.origin == "erratum") <= (after.origin == "erratum"), after.label


LINES_OF_A_STATEMENT, LINES, LINES_OF_A_FUNCTION = 400, 600, 80

LONGER: dict[str, tuple[int, str]] = {
    "numerics/coarsening/compiled.py::error_squares": (85, "one compiled loop over a step's rows"),
    "numerics/compile/field.py": (732, "one class; a third are parameters of its public methods"),
    "theory/models/model.py": (614, "one class; a third are docstrings of its public methods"),
}
"""What may be longer, how long it is, and why. At most ten; each entry may only shrink or go."""


def lengths() -> dict[str, tuple[int, int]]:
    """Length and limit of every file and, without its docstring, of every function."""
    found = {}
    for name, path in FILES.items():
        text = path.read_text(encoding="utf-8")
        limit = LINES_OF_A_STATEMENT if is_statement(name) else LINES
        found[path.relative_to(ROOT).as_posix()] = (text.count("\n"), limit)
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = int(node.end_lineno or 0) - node.lineno + 1
                first = node.body[0]
                if ast.get_docstring(node, clean=False) is not None:
                    length -= int(first.end_lineno or 0) - first.lineno + 1
                key = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
                found[key] = max(found.get(key, (0, 0)), (length, LINES_OF_A_FUNCTION))
    return found


def test_sizes() -> None:
    found = lengths()
    long = {key: length for key, (length, limit) in found.items() if length > limit}
    assert set(long) - set(LONGER) == set(), {key: long[key] for key in set(long) - set(LONGER)}
    for key, (length, reason) in LONGER.items():
        assert reason, key
        assert long.get(key) == length, f"{key} has {long.get(key, 'no more than the limit')} lines"
    assert len(LONGER) <= 10


# -- the rules can be broken -------------------------------------------------------------------


def test_names_that_are_not_understood() -> None:
    assert labels_of("section6_clustering") == ()
    assert labels_of("theorem_6_3") == ("Theorem 6.3",)
    assert labels_of("eq_6_2_6_5_heights") == ("(6.2)", "(6.5)")
    assert labels_of("problem_3_landscape") == ("Problem 3",)
    assert spoken_for("Theorem 6.33") == ()
    assert spoken_for("(6.1)0") == ()
    assert spoken_for("Problem 3, n=3..6") == ("Problem 3",)
    assert spoken_for("Problem 3, n = 3") == ("Problem 3",)


def test_a_helper_is_no_citation() -> None:
    module = importlib.import_module("proofs_checks.paper.section_6.lemma_6_4_cone")
    assert is_citation(module, "LEMMA_6_4") and is_citation(module, "derive_cone")
    assert not is_citation(module, "replace") and not is_citation(module, "WARM")


if __name__ == "__main__":
    for label in LABELS:
        place = [path.relative_to(ROOT).as_posix() for path in files_of(label)]
        print(f"{label:<16} {place[0] if place else 'not yet: ' + NOT_YET[label]}")
    print()
    for name, target, what in citations():
        print(f"{name.removeprefix('proofs_checks.')} cites {what} of {target.rpartition('.')[2]}")
