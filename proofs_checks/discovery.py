"""Which claims there are: every statement's file of paper/, extensions/ and literature/, in order.

The tree is the list: a new file with a tuple ``CLAIMS`` is found, and nothing else is edited.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from proofs_checks.claim import Claim, Question
from proofs_checks.paper.contents import CONTENTS, LABELS, labels_of, spoken_for

ROOMS = ("paper", "extensions", "literature")
"""Folders that hold statements."""


_UNNUMBERED = {
    **{"confinement": "section_2", "permutation equivariance": "section_2"},
    **{"rotation equivariance": "section_2", "Gram closure": "section_2"},
    **{"circle": "section_4", "Kuramoto": "section_7", "consensus spectrum": "appendix_a"},
}
"""Where rows without a number belong that no statement's file decides."""


def statement_modules() -> Iterator[ModuleType]:
    """Every module that holds a statement, room by room, the paper's sections in printed order."""
    for room in ROOMS:
        try:
            package = importlib.import_module(f"proofs_checks.{room}")
        except ModuleNotFoundError:
            continue  # no claim of the literature yet
        found = [
            found.name
            for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
            if not found.ispkg and not found.name.endswith(".contents")
        ]
        yield from (importlib.import_module(name) for name in sorted(found, key=_place))


def _place(name: str) -> tuple[int, int, str]:
    """Where a module stands: its folder, the first label that its name bears, its name."""
    *_, folder, stem = name.split(".")
    section = list(CONTENTS).index(folder) if folder in CONTENTS else 0
    labels = labels_of(stem)
    return section, LABELS.index(labels[0]) if labels else len(LABELS), name


def _order(
    claim: Claim[Any, Any], module: ModuleType, position: int
) -> tuple[int, int, int, bool, int]:
    """Key of a claim: the label it speaks for, errata after their statement, then its file."""
    *_, folder, stem = module.__name__.split(".")
    if folder not in CONTENTS:
        return len(CONTENTS), 0, position, False, 0
    labels = spoken_for(claim.label) or labels_of(stem)
    first = LABELS.index(labels[0]) if labels else len(LABELS)
    return list(CONTENTS).index(folder), first, 0, claim.origin == "erratum", position


@cache
def _found() -> tuple[tuple[Claim[Any, Any], ModuleType], ...]:
    pairs = [(claim, module) for module in statement_modules() for claim in module.CLAIMS]
    keys = [_order(claim, module, k) for k, (claim, module) in enumerate(pairs)]
    return tuple(pairs[k] for k in sorted(range(len(pairs)), key=lambda k: keys[k]))


def discover() -> tuple[Claim[Any, Any], ...]:
    """All claims: the paper's in printed order, each erratum after its statement, then ours.

    Examples
    --------
    >>> [claim.label for claim in discover() if "(6.8)" in claim.label]
    ['(6.8)', 'E.(6.8)']
    """
    return tuple(claim for claim, _ in _found())


_OWN_PAPER = "2312.10794"


@cache
def papers() -> dict[str, tuple[Claim[Any, Any], ...]]:
    """Claims by the arXiv number of the paper whose folder they stand in; extensions are of none.

    Examples
    --------
    >>> sorted(papers())[0], [claim.label for claim in papers()["2510.22026"]]
    ('2312.10794', ['Theorem 4.3 [2510.22026]'])
    """
    found: dict[str, list[Claim[Any, Any]]] = {}
    for claim, module in _found():
        _, room, folder, *_ = module.__name__.split(".")
        number = re.search(r"_(\d{4})_(\d{5})$", folder)
        named = _OWN_PAPER if room == "paper" else number and ".".join(number.groups())
        if named:
            found.setdefault(named, []).append(claim)
    return {number: tuple(claims) for number, claims in found.items()}


@cache
def _asking() -> tuple[tuple[Claim[Any, Any], ModuleType, tuple[Question, ...]], ...]:
    """Claims that are decided for any flow, each with what it is asked as.

    Kept, as whether something is a `Question` is looked up attribute by attribute.
    """
    found: list[tuple[Claim[Any, Any], ModuleType, tuple[Question, ...]]] = []
    for claim, module in _found():
        if isinstance(claim.check, Question):
            found.append((claim, module, (claim.check, *claim.check.also)))
    return tuple(found)


@cache
def questions() -> dict[str, Question]:
    """Statements that are decided for any flow, by the name of their row in ``check_model``.

    Examples
    --------
    >>> questions()["Lemma 6.4"].sentence
    'from an open hemisphere: consensus, exponentially in ∫s'
    """
    found = {each.name: each for _, _, asked in _asking() for each in asked}
    return {name: each for name, each in found.items() if name}


@cache
def claim_of(row: str) -> Claim[Any, Any] | None:
    """Claim that a row of ``check_model`` decides, at the paper's models; None of a corollary.

    Examples
    --------
    >>> claim_of("Lemma 6.4").label, claim_of("Proposition 3.4 maximum")
    ('Lemma 6.4', None)
    """
    named = (claim for claim, _, (first, *_) in _asking() if first.name == row)
    return next((claim for claim in named if claim.origin != "erratum"), None)


class Place(NamedTuple):
    """Where a row of ``check_model`` stands; places compare in the order of the paper."""

    section: int
    label: int
    folder: str


_BEYOND = Place(len(CONTENTS), 0, "extensions")


@cache
def place_of(name: str) -> Place:
    """Section of the paper that a row of ``check_model`` belongs to, and its place there.

    Examples
    --------
    >>> place_of("Lemma 6.4").folder, place_of("Proposition 3.4 maximum").folder
    ('section_6', 'section_3')
    >>> place_of("Theorem 6.1") < place_of("Lemma 6.4") < place_of("Lipschitz bound")
    True
    """
    said = name
    for claim, module, asked in _asking():
        if name in [each.name for each in asked]:
            if ".paper." not in module.__name__:
                return _BEYOND
            said = (spoken_for(claim.label) or (claim.label,))[0]
    folders = list(CONTENTS)
    labels = [label for label in LABELS if said.startswith(label)]
    if labels:
        label = max(labels, key=len)
        folder = next(folder for folder, held in CONTENTS.items() if label in held)
        return Place(folders.index(folder), LABELS.index(label), folder)
    if name in _UNNUMBERED:
        return Place(folders.index(_UNNUMBERED[name]), -1, _UNNUMBERED[name])
    return _BEYOND


def module_of(claim: Claim[Any, Any]) -> ModuleType:
    """Return the module of the statement's file that a claim is from.

    Raises
    ------
    ValueError
        If it isn't one of those that `discover` returns.
    """
    for found, module in _found():
        if found is claim:
            return module
    raise ValueError(f"Expected a claim of this project but got claim={claim.label!r}.")


def where(claim: Claim[Any, Any]) -> tuple[Path, int]:
    """File and line in which a claim is defined.

    Parameters
    ----------
    claim : Claim
        One of those that `discover` returns.

    Raises
    ------
    ValueError
        If it isn't one of them.
    """
    module = module_of(claim)
    path = Path(inspect.getfile(module))
    names = [name for name, value in vars(module).items() if value is claim]
    return path, min((_lines(path)[name] for name in names if name in _lines(path)), default=1)


@cache
def _lines(path: Path) -> dict[str, int]:
    """Line at which a file assigns each of its names."""
    return {
        target.id: node.lineno
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
