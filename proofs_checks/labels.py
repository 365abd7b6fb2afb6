"""What a label may look like: ``thm 6.3`` is Theorem 6.3, ``eq 3.6`` and ``3.6`` are (3.6).

Everything that takes a label as text asks here: claims by `named_claims`, other names by
`find_labels` (all that are meant) and `find_label` (one).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeVar

from proofs_checks.paper.contents import spoken_for

_KINDS = {
    "theorem": "thm|theo?|theorems?",
    "lemma": "lem|lemmas?",
    "proposition": "prop|propositions?",
    "remark": "rem|rmk|remarks?",
    "definition": "defn?|definitions?",
    "example": "ex|examples?",
    "figure": "figs?|figures?",
    "problem": "probs?|problems?",
    "table": "tabs?|tables?",
    "appendix": "app|appendix",
    "": "eqs?|eqns?|equations?|formulas?",
}
_WRITTEN = {re.compile(rf"({forms})\b\.?"): kind for kind, forms in _KINDS.items()}
_NEAREST = 3

Item = TypeVar("Item")


def plain(label: str) -> str:
    """Write a label without what people write differently: case, spaces, parentheses, short forms.

    Examples
    --------
    >>> plain("Thm. 6.3"), plain("Theorem 6.3"), plain("eq 3.6"), plain("(3.6)")
    ('theorem6.3', 'theorem6.3', '3.6', '3.6')
    >>> plain("erratum (6.8)"), plain("E.(6.8)"), plain("eqs. (3.12)–(3.14)")
    ('e.6.8', 'e.6.8', '3.12-3.14')
    """
    text = re.sub("[‐‑–—−]", "-", label.casefold().replace("_", " ")).strip()
    text = re.sub(r"(?<=[a-z])(?=\d)", " ", text)  # thm6.3
    erratum = re.match(r"(e\.|err(atum|\.)?( to| of| in)?\b)\s*", text)
    text = text[erratum.end() :] if erratum else text
    for form, kind in _WRITTEN.items():
        found = form.match(text)
        if found and re.match(r"\s*\(?[\da-d]\b", text[found.end() :]):
            text = kind + text[found.end() :]
            break
    return "e." * bool(erratum) + re.sub(r"[\s()]", "", text)


def nearest(label: str, known: Iterable[str]) -> list[str]:
    """Give the three labels that are most like a text.

    Examples
    --------
    >>> nearest("lemma 6.5", ["Theorem 6.3", "Lemma 6.4", "Lemma 6.6", "(6.5)", "Confinement"])
    ['Lemma 6.4', 'Lemma 6.6', '(6.5)']
    """
    matcher = SequenceMatcher(b=plain(label), autojunk=False)

    def likeness(other: str) -> float:
        matcher.set_seq1(plain(other))
        return -matcher.ratio()

    return sorted(known, key=likeness)[:_NEAREST]


def _unknown(label: Any, known: Sequence[str], what: str, name: str) -> ValueError:
    near = f"; nearest: {', '.join(nearest(label, known))}" if isinstance(label, str) else ""
    return ValueError(f"Expected the label of {what} but got {name}={label!r}{near}.")


def find_labels(
    label: str, known: Sequence[str], what: str = "a claim", name: str = "label"
) -> list[str]:
    """Labels that a text means: those equal to it, else of what speaks for it, else with it inside.

    Parameters
    ----------
    label : str
        As a person writes it.
    known : sequence of str
        The labels that there are.
    what, name : str
        For the message: what the labels are of, and how the argument is called.

    Raises
    ------
    ValueError
        If there is none; it names the nearest three.

    Examples
    --------
    >>> known = ["(3.12)-(3.14)", "Theorem 6.3", "Theorem 6.3 rate", "Table 1, row 1"]
    >>> find_labels("thm 6.3", known), find_labels("eq. 3.13", known), find_labels("rate", known)
    (['Theorem 6.3'], ['(3.12)-(3.14)'], ['Theorem 6.3 rate'])
    """
    wanted = plain(label) if isinstance(label, str) else ""
    if not wanted:
        raise _unknown(label, known, what, name)
    # A number is found whole: 3.1 is not in 3.12.
    before = r"(?<![\d.])" if wanted[0].isdigit() else ""
    after = r"(?!\d)" if wanted[-1].isdigit() else ""
    inside = re.compile(before + re.escape(wanted) + after)
    steps = (
        lambda other: plain(other) == wanted,
        lambda other: wanted in map(plain, spoken_for(other)),
        lambda other: inside.search(plain(other)),
    )
    for meant in steps:
        found = [other for other in known if meant(other)]
        if found:
            return found
    raise _unknown(label, known, what, name)


def find_label(label: str, known: Sequence[str], what: str, name: str) -> str:
    """Give the one label that is equal to a text but for how it is written.

    Raises
    ------
    ValueError
        If there is none; it names the nearest three.

    Examples
    --------
    >>> find_label("lemma 6.4", ["Lemma 6.4", "equiangular ODE"], "a row", "only")
    'Lemma 6.4'
    """
    if isinstance(label, str):
        for other in known:
            if plain(other) == plain(label):
                return other
    raise _unknown(label, known, what, name)


def named_claims(
    claims: Sequence[Item], chosen: str | Item | Iterable[str | Item], name: str = "claims"
) -> list[Item]:
    """Claims by their labels, each once, in the order in which they are named.

    Parameters
    ----------
    claims : sequence of Claim
        Those that labels are looked up in.
    chosen : str, Claim, or iterable of them
        Labels are forgiving; claims are taken as they are.
    name : str
        How the argument is called, for the message.

    Raises
    ------
    ValueError
        For a label that no claim has; it names the nearest three.
    """
    single = isinstance(chosen, str) or hasattr(chosen, "label")
    asked: list[Any] = [chosen] if single else list(chosen)  # type: ignore[arg-type]
    by_label: dict[str, Item] = {claim.label: claim for claim in claims}  # type: ignore[attr-defined]
    found: list[Item] = []
    for each in asked:
        if hasattr(each, "label"):
            meant = [each]
        else:
            meant = [by_label[label] for label in find_labels(each, list(by_label), name=name)]
        found += [claim for claim in meant if not any(claim is other for other in found)]
    return found
