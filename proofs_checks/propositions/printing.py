"""One way through a proposition: words, terms and signs, which three styles write down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from proofs_checks.propositions.definitions import Is, Subject
from proofs_checks.propositions.kinds import (
    All,
    Any_,
    Bound,
    Implies,
    Not,
    Proposition,
    Rel,
    Tends,
    Words,
)
from theory.symbols import n, t
from theory.terms import Index, Latex, MathML, Name, Text, Writer

STYLES: dict[str, type[Text]] = {"text": Text, "latex": Latex, "mathml": MathML}


def pieces(what: Proposition, writer: Writer) -> Iterator[tuple[str, Any]]:
    """Yield what a proposition is made of: ("words", text), ("sign", text), ("term", term)."""
    if isinstance(what, Rel):
        yield from (("term", what.left), ("sign", what.op), ("term", what.right))
    elif isinstance(what, All | Any_):
        between = " and " if isinstance(what, All) else " or "
        if _parted(what):
            between = f";{between}"
        for place, part in enumerate(what.args):
            if place:
                yield "words", between
            yield from pieces(part, writer)
    elif isinstance(what, Not):
        yield "words", "not: "
        yield from pieces(what.args[0], writer)
    elif isinstance(what, Implies):
        given, then, both = what.args
        several = not both and isinstance(then, Implies) and not then.args[2]
        yield from _grouped(given, writer, _binds(given) or (several and isinstance(given, Any_)))
        if several:  # A implies (B implies C): A and B implies C
            yield "words", " and "
            yield from pieces(then, writer)
            return
        yield "words", " if and only if " if both else " implies "
        yield from _grouped(then, writer, _reaches(then))
    elif isinstance(what, Bound):
        letters = writer.letters(what)
        yield "words", f"{what.quantifier} "
        for place, letter in enumerate(letters):
            if place:
                yield "words", ", "
            yield "term", letter
            if isinstance(letter, Index) and letter.count != n:
                yield from (("sign", "<="), ("term", letter.count))
        yield "words", ": "
        body = what.opened(*letters)
        yield from _grouped(body, writer, _parted(body))
    elif isinstance(what, Tends):
        term, limit, to = what.args
        yield from (("term", term), ("sign", "->"), ("term", limit), ("words", " as "))
        yield from (("term", t), ("sign", "->"), ("term", to))
    elif isinstance(what, Is):
        meant = {"t": t, **{str(place): one for place, one in enumerate(what.arguments)}}
        for place, text in enumerate(re.split(r"\{(\w+)\}", what.definition.words)):
            yield ("term", meant[text]) if place % 2 else ("words", text)
    elif isinstance(what, Words):
        yield "words", str(what.args[0])
    else:
        raise TypeError(f"Expected one of the nine kinds but got {what!r}; add its words here.")


def _grouped(what: Proposition, writer: Writer, brackets: bool) -> Iterator[tuple[str, Any]]:
    """Yield the pieces of a part of a proposition, in brackets where others could join it."""
    yield from [("words", "(")] if brackets else []
    yield from pieces(what, writer)
    yield from [("words", ")")] if brackets else []


def _parted(what: Proposition) -> bool:
    """Whether parts are set off by semicolons: one before the last would take along the next."""
    if not isinstance(what, All | Any_):
        return False
    implied = any(isinstance(part, Implies) for part in what.args)
    return implied or any(isinstance(part, Bound | Not) for part in what.args[:-1])


def _binds(given: Proposition) -> bool:
    """Whether a hypothesis would take along what follows it."""
    if isinstance(given, All):
        return _parted(given) or isinstance(given.args[-1], Bound)
    return isinstance(given, Bound | Implies)


def _reaches(then: Proposition) -> bool:
    """Whether a conclusion has a hypothesis of its own, or is several that aren't all said."""
    return _parted(then) or isinstance(then, Implies)


SIGNS = {
    "text": {"=": " = ", "<": " < ", "<=": " <= ", "!=": " != ", "->": " -> "},
    "latex": {"=": " = ", "<": " < ", "<=": r" \le ", "!=": r" \ne ", "->": r" \to "},
    "mathml": {"=": "=", "<": "<", "<=": "≤", "!=": "≠", "->": "→"},
}


def written(what: Proposition, style: str = "text", legend: Iterable[Name] = ()) -> str:
    r"""Write a proposition.

    Parameters
    ----------
    what : Proposition
    style : {"text", "latex", "mathml"}
    legend : iterable of Name
        Names of long terms.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> written(Rel("<=", 0, beta)), written(Rel("<=", 0, beta), "latex")
    ('0 <= β', '0 \\le \\beta')
    """
    return _written(what, style, tuple(legend), called(what))[0]


def names_in(what: Proposition, legend: Iterable[Name]) -> frozenset[Name]:
    """Return the names of a legend that a proposition is written with."""
    return _written(what, "text", tuple(legend), called(what))[1]


def called(what: Any) -> tuple[str, ...]:
    """Return what the models of a proposition are called: they are equal under any name."""
    found: list[str] = []
    for one in what.args:
        if isinstance(one, Subject):
            found.append(one.name)
        elif isinstance(one, Proposition):
            found += called(one)
    return tuple(found)


@lru_cache(maxsize=2048)
def _written(
    what: Proposition, style: str, legend: tuple[Name, ...], called: tuple[str, ...]
) -> tuple[str, frozenset[Name]]:
    """Write it for models of these names: a proposition on a model of another one is equal."""
    own = STYLES[style]()
    writer = Writer(own, legend, what)
    found = ""
    for kind, piece in pieces(what, writer):
        if kind == "words":
            found += own.words(piece) if piece else ""
        elif kind == "sign":
            found += own.sign(SIGNS[style][piece])
        else:
            found += own.words(piece.name) if isinstance(piece, Subject) else writer.term(piece)
    found = f"<math><mrow>{found}</mrow></math>" if style == "mathml" else found
    return found, frozenset(writer.used)


def alike(what: Iterable[Proposition], legend: Iterable[Name] = ()) -> tuple[Proposition, ...]:
    """Return two propositions that differ and print alike, or nothing."""
    seen: dict[str, Proposition] = {}
    legend = tuple(legend)
    for one in what:
        text = written(one, "text", legend)
        if seen.setdefault(text, one) != one:
            return seen[text], one
    return ()
