"""What a label may look like: ``thm 6.3`` is Theorem 6.3, ``eq 3.6`` and ``3.6`` are (3.6).

Everything that takes a label as text asks here: claims by `named_claims`, other names by
`find_labels` (all that are meant) and `find_label` (one). `joined_words` finds labels in words that
a shell has split.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
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

NO_CLAIM = ("implementation", "Gram closure")
"""Rows of ``check_model`` on a user's model alone, which no claim decides."""

Item = TypeVar("Item")


@cache
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
        if found and re.match(r"\s*\(?\s*[\da-d]\b", text[found.end() :]):
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
    if isinstance(label, str) and plain(label) in map(plain, NO_CLAIM):
        near = f"; that is a row of attnflow check alone, --label {label!r}, and no claim"
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
    for found in _meant(label, known):
        if found:
            return found
    raise _unknown(label, known, what, name)


def _meant(label: Any, known: Sequence[str]) -> Iterator[list[str]]:
    """Labels that are equal to a text, those that speak for it, those that have it inside."""
    wanted = plain(label) if isinstance(label, str) else ""
    if not wanted:
        return
    # A number is found whole: 3.1 is not in 3.12.
    before = r"(?<![\d.])" if wanted[0].isdigit() else ""
    after = r"(?!\d)" if wanted[-1].isdigit() else ""
    inside = re.compile(before + re.escape(wanted) + after)
    yield [other for other in known if plain(other) == wanted]
    yield [other for other in known if wanted in map(plain, spoken_for(other))]
    yield [other for other in known if inside.search(plain(other))]


def _is_kind(word: str) -> bool:
    """Whether a word is what labels begin with, Theorem or eq, and no label by itself."""
    text = word.casefold()
    return any(form.fullmatch(text) for form in _WRITTEN) or text in ("erratum", "err", "to", "of")


def joined_words(words: Sequence[str], known: Sequence[str]) -> list[str]:
    """Labels among words that a shell has split: ``Theorem 6.3`` without quotes is one.

    The longest run of words that is a label counts, else the longest that is part of one; what has
    a space in it was quoted, and stands for itself. ``Theorem`` always takes the word after it.

    Parameters
    ----------
    words : sequence of str
        As the shell gives them.
    known : sequence of str
        The labels that there are.

    Returns
    -------
    list of str
        Texts for `find_labels`.

    Examples
    --------
    >>> known = ["Theorem 6.3", "Lemma 6.4", "(3.6)", "Merge law"]
    >>> joined_words(["Theorem", "6.3", "(3.6)", "merge", "law"], known)
    ['Theorem 6.3', '(3.6)', 'merge law']
    >>> joined_words(["Theorem", "9.9"], known)
    ['Theorem 9.9']
    """
    found = []
    at = 0
    while at < len(words):
        end = at + 1
        while end < len(words) and _splittable(words[end - 1], words[end]):
            end += 1
        runs = [" ".join(words[at:stop]) for stop in range(end, at, -1)]
        kinds = next((k for k, word in enumerate(words[at:end]) if not _is_kind(word)), 0)
        own = runs[: len(runs) - kinds]  # Theorem alone is none of them
        equal = (run for run in runs if _is_label(run, known))
        inside = (run for run in own if any(_meant(run, known)))
        chosen = next(equal, None) or next(inside, None) or own[-1]
        found.append(chosen)
        at += len(runs) - runs.index(chosen)
    return found


def _splittable(left: str, right: str) -> bool:
    """Whether a shell may have split one label here: not at what was quoted, nor two numbers."""
    quoted = len(left.split()) > 1 or len(right.split()) > 1
    return not (quoted or (left[-1:].isdigit() and right[:1].isdigit()))


def _is_label(text: str, known: Sequence[str]) -> bool:
    return any(list(_meant(text, known))[:2])


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


def find_rows(label: str, known: Sequence[str], claims: Sequence[Any], name: str) -> list[str]:
    """Rows of ``check_model`` that a text means: the one of that name, else those of a claim.

    Raises
    ------
    ValueError
        If there is none; it names the nearest three.

    Examples
    --------
    >>> from proofs_checks import CLAIMS
    >>> find_rows("eq 6.9", ["Lemma 6.4", "equiangular ODE"], CLAIMS, "only")
    ['equiangular ODE']
    """
    wanted = plain(label) if isinstance(label, str) else ""
    found = [other for other in known if plain(other) == wanted]
    for claim in () if found else claims:
        said = {plain(other) for other in (claim.label, *spoken_for(claim.label))}
        if wanted in said and hasattr(claim.check, "also"):
            asked = [question.name for question in (claim.check, *claim.check.also)]
            found += [row for row in asked if row in known and row not in found]
    if not found:
        raise _unknown(label, known, "a row", name)
    return found


def named_claims(
    claims: Sequence[Item], chosen: str | Item | Iterable[str | Item], name: str = "claims"
) -> list[Item]:
    """Claims by their labels, each once, in the order in which they are named.

    Parameters
    ----------
    claims : sequence of Claim
        Those that labels are looked up in.
    chosen : str, Claim, or iterable of them
        Labels are forgiving; claims are taken as they are. A row of ``check_model`` names the
        claim that decides it.
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
    deciding = {plain(row): label for row, label in _rows(claims).items()}
    found: list[Item] = []
    for each in asked:
        if hasattr(each, "label"):
            meant = [each]
        else:
            labels = next(iter(_meant(each, list(by_label))), [])
            row = None if labels else deciding.get(plain(each) if isinstance(each, str) else "")
            labels = [row] if row else find_labels(each, list(by_label), name=name)
            meant = [by_label[label] for label in labels]
        found += [claim for claim in meant if not any(claim is other for other in found)]
    return found


def _rows(claims: Sequence[Any]) -> dict[str, str]:
    """Label of the claim that decides each row of ``check_model``, an erratum's only if none else.

    Rows that follow from another are decided with it.
    """
    found: dict[str, str] = {}
    for claim in sorted(claims, key=lambda claim: claim.origin == "erratum"):
        if hasattr(claim.check, "also"):  # a Question
            for asked in (claim.check, *claim.check.also):
                found.setdefault(asked.name, claim.label)
    found.pop("", None)  # a question that is asked of the paper's models alone
    return found


def typed_claims(claims: Sequence[Any], words: Sequence[str], name: str) -> list[Any]:
    """Claims whose labels, or whose rows' names, stand in the words of a command line.

    Raises
    ------
    ValueError
        As `named_claims` does.
    """
    known = [*(claim.label for claim in claims), *_rows(claims)]
    return named_claims(claims, joined_words(words, known), name)
