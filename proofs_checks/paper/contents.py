"""The paper's own list of labels in printed order, and how a file name says which of them it holds.

*A mathematical perspective on Transformers*, arXiv 2312.10794: Sections 2-9, Appendices A-D.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CONTENTS: Mapping[str, tuple[str, ...]] = {
    "section_2": (
        *("(2.1)", "(2.2)", "(2.3)", "(2.4)", "(2.5)", "(2.6)"),
        *("Remark 2.1", "Remark 2.2", "(2.7)", "(2.8)", "Figure 1"),
    ),
    "section_3": (
        *("(3.1)", "(3.2)", "(3.3)", "(3.4)", "Remark 3.1", "Remark 3.2", "Remark 3.3"),
        *("(3.5)", "(3.6)", "Proposition 3.4", "(3.7)", "Remark 3.5", "(3.8)", "Lemma 3.6"),
        *("(3.9)", "(3.10)", "Lemma 3.7", "Remark 3.8", "(3.11)", "(3.12)", "(3.13)", "(3.14)"),
        *("(3.15)", "(3.16)"),
    ),
    "section_4": (
        *("Figure 2", "(4.1)", "Theorem 4.1", "Theorem 4.2", "(4.2)", "(4.3)", "(4.4)", "(4.5)"),
        "Theorem 4.3",
    ),
    "section_5": ("Theorem 5.1",),
    "section_6": (
        *("Theorem 6.1", "Remark 6.2", "Theorem 6.3", "(6.1)", "Lemma 6.4", "(6.2)", "(6.3)"),
        *("(6.4)", "(6.5)", "(6.6)", "(6.7)", "Remark 6.5", "Lemma 6.6", "Theorem 6.7"),
        *("Theorem 6.8", "(6.8)", "(6.9)", "(6.10)", "Theorem 6.9", "(6.11)", "(6.12)"),
        *("Figure 3", "Problem 1", "Figure 4", "Problem 2", "Figure 5"),
    ),
    "section_7": ("(7.1)", "(7.2)", "(7.3)", "(7.4)", "Problem 3", "(7.5)"),
    "section_8": ("(8.1)", "Problem 4"),
    "section_9": (
        *("Definition 9.1", "Theorem 9.2", "(9.1)", "(9.2)", "(9.3)", "Table 1", "Problem 5"),
        *("(9.4)", "(9.5)", "(9.6)", "Example 9.3", "Problem 6", "Problem 7"),
    ),
    "appendix_a": ("(A.1)", "Lemma A.1", "Lemma A.2", "(A.2)", "(A.3)", "(A.4)"),
    "appendix_b": ("(B.1)", "(B.2)", "(B.3)", "(B.4)", "(B.5)", "Figure 6", "Remark B.1"),
    "appendix_c": ("(C.1)", "(C.2)", "(C.3)", "(C.4)", "Remark C.1"),
    "appendix_d": (
        *("(D.1)", "(D.2)", "(D.3)", "(D.4)", "(D.5)", "(D.6)", "(D.7)", "(D.8)", "Remark D.1"),
        *("(D.9)", "(D.10)", "(D.11)", "(D.12)", "(D.13)", "(D.14)", "(D.15)"),
    ),
}
"""Labels of each folder of ``proofs_checks/paper``, in the order in which the paper prints them."""

LABELS: tuple[str, ...] = tuple(label for labels in CONTENTS.values() for label in labels)
"""All labels in printed order."""

NOT_YET: Mapping[str, str] = {}
"""Labels without a file, with the reason."""

_KINDS = ("theorem", "lemma", "proposition", "remark", "definition", "example")
_PLAIN = ("figure", "problem", "table")


def labels_of(stem: str) -> tuple[str, ...]:
    """Labels that a file name bears; none for a statement without a number.

    ``<kind>_<number>[_<number>…][_<kind>_<number>…]_<one or two words>``: pairs of section and
    number after most kinds, single numbers after figure, problem and table.

    Parameters
    ----------
    stem : str
        A file name without folder and ending.

    Examples
    --------
    >>> labels_of("theorem_4_2_eq_4_2_clustered_in_time")
    ('Theorem 4.2', '(4.2)')
    >>> labels_of("eq_d_9_d_11_dimension"), labels_of("figure_3_phase"), labels_of("confinement")
    (('(D.9)', '(D.11)'), ('Figure 3',), ())
    """
    found = []
    rest = stem + "_"
    while kind := re.match(rf"(eq|{'|'.join((*_KINDS, *_PLAIN))})_", rest):
        rest = rest[kind.end() :]
        number = r"(\d+)_" if kind[1] in _PLAIN else r"(\d+|[a-d])_(\d+)_"
        while parts := re.match(number, rest):
            text = ".".join(parts.groups()).upper()
            found.append(f"({text})" if kind[1] == "eq" else f"{kind[1].capitalize()} {text}")
            rest = rest[parts.end() :]
    return tuple(found)


def spoken_for(label: str) -> tuple[str, ...]:
    """Labels of the contents that the label of a claim stands for.

    Examples
    --------
    >>> spoken_for("(3.12)-(3.14)"), spoken_for("E.Lemma 6.4 proof"), spoken_for("Confinement")
    (('(3.12)', '(3.13)', '(3.14)'), ('Lemma 6.4',), ())
    """
    text = label.removeprefix("E.")
    span = re.fullmatch(r"(\(\w+\.\d+\))-(\(\w+\.\d+\))", text)
    if span:
        return LABELS[LABELS.index(span[1]) : LABELS.index(span[2]) + 1]
    return tuple(
        named
        for named in LABELS
        if text.startswith(named) and not re.match(r"[\w.]", text[len(named) :])
    )
