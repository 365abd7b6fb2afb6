"""Short forms of results: a few lines in a terminal, a small table in a notebook.

What an object consists of is said by name: numbers as numbers, arrays by their shape, times by
their range, models by their name. No array is printed whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from html import escape
from typing import Any, ClassVar

from sympy import Basic

__all__ = ["Formulas", "Summarised", "Tabled", "brief", "html_table", "short_form"]

_SIGN = re.compile(r"( = | \\leftarrow | \\sim )")
_WIDTH, _LINES, _LONGEST = 88, 5, 72
_FEW = 4


class Summarised:
    """Gives a class a short ``repr``.

    It shows the attributes that the class names in ``_shown``, or all public fields of a
    dataclass, but for those that are None.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Run(Summarised):
    ...     steps: int
    ...     error: float
    >>> Run(12, 1 / 3)
    Run(steps=12, error=0.333333)
    """

    _shown: ClassVar[tuple[str, ...]] = ()
    """What is shown, in this order."""
    _spread: ClassVar[tuple[str, ...]] = ()
    """What of it is shown in its place where it is a part of something else."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Put the short form where `dataclass` would put its long one."""
        super().__init_subclass__(**keywords)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Summarised.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        """Return the short form, of five lines at most."""
        return _lines(type(self).__name__, self._summary())

    def _summary(self) -> tuple[tuple[str, str], ...]:
        """Names and short forms of what the object consists of."""
        return tuple(_rows(self))


class Tabled(Summarised):
    """Gives a class a table for notebooks too."""

    def _repr_html_(self) -> str:
        """Return the same as a table."""
        return html_table(type(self).__name__, self._summary())


class Formulas(Summarised):
    """Gives a class its formulas for notebooks."""

    def formulas(self) -> Sequence[str]:
        """Write what it says as LaTeX, an equation each; none where only the short form says it."""
        return ()

    def _repr_latex_(self) -> str | None:
        """Return the equations, aligned at their signs; None lets a notebook show the `repr`."""
        lines = list(self.formulas())
        if not lines:
            return None
        if len(lines) == 1:
            return rf"$\displaystyle {lines[0]}$"
        marked = [_SIGN.sub(r"&\1", line, count=1) for line in lines]
        return "$$\\begin{aligned}" + r" \\ ".join(marked) + "\\end{aligned}$$"


def _lines(title: str, rows: Sequence[tuple[str, str]]) -> str:
    """Fill lines with names and values."""
    head = f"{title}("
    parts = [f"{name}={value}" for name, value in rows]
    lines = [head]
    for place, part in enumerate(parts):
        piece = part + ("," if place + 1 < len(parts) else ")")
        gap = "" if lines[-1].endswith(("(", "    ")) else " "
        if lines[-1] != head and len(lines[-1]) + len(gap + piece) > _WIDTH:
            if len(lines) == _LINES:
                lines[-1] += " ...)"
                break
            lines.append("    ")
            gap = ""
        lines[-1] += gap + piece
    return "\n".join(lines) + ("" if parts else ")")


def _rows(value: Any, names: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    names = names or value._shown
    if not names and is_dataclass(value):
        names = [part.name for part in fields(value) if not part.name.startswith("_")]
    for name in names:
        part = getattr(value, name)
        if isinstance(part, Summarised) and part._spread:
            yield from _rows(part, part._spread)
        elif name == "parameters" and isinstance(part, Mapping):
            yield from ((str(key), brief(inner)) for key, inner in part.items())
        elif part is not None and not (isinstance(part, str | tuple) and not part):
            yield name, brief(part)


def short_form(value: Any, names: Sequence[str]) -> str:
    """Return the short form of any object: the attributes named.

    Examples
    --------
    >>> short_form(1j, ("real", "imag"))
    'complex(real=0, imag=1)'
    """
    return _lines(type(value).__name__, tuple(_rows(value, names)))


def brief(value: Any) -> str:
    """Write a value in one short line.

    Parameters
    ----------
    value : object

    Examples
    --------
    >>> brief(0.1 + 0.2), brief((1, 2)), brief([0.5] * 100)
    ('0.3', '(1, 2)', '100 numbers')
    """
    name = getattr(value, "name", None)
    if isinstance(value, Formulas) and isinstance(name, str):
        return name
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        return _cut(value)
    shape = getattr(value, "shape", None)
    if shape is not None and not isinstance(value, Basic) and hasattr(value, "dtype"):
        return brief(value.item()) if shape == () else _array(value)
    if isinstance(value, float | complex):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return _cut("{" + ", ".join(f"{a}: {brief(b)}" for a, b in value.items()) + "}")
    if isinstance(value, tuple | list | frozenset | set):
        return _several(list(value))
    if isinstance(value, Basic):
        return _cut(str(value))
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    return _cut(" ".join(repr(value).split()))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _array(value: Any) -> str:
    """Range of ascending numbers, shape of others."""
    kind = str(value.dtype)
    if len(value.shape) == 1 and value.shape[0] > 1 and "float" in kind:
        if bool((value[1:] >= value[:-1]).all()):
            return f"{value[0].item():.6g} to {value[-1].item():.6g} ({value.shape[0]})"
    sizes = ", ".join(map(str, value.shape)) + ("," if len(value.shape) == 1 else "")
    return f"({sizes})" if kind.endswith("float64") else f"({sizes}) of {kind.split('.')[-1]}"


def _several(parts: list[Any]) -> str:
    """Write a few simple things, count others."""
    simple = all(isinstance(part, int | float | str | Basic) for part in parts)
    if simple and len(parts) <= _FEW:
        inner = ", ".join(brief(part) for part in parts) + ("," if len(parts) == 1 else "")
        return _cut(f"({inner})")
    kinds = {type(part).__name__ for part in parts}
    if all(isinstance(part, int | float) for part in parts):
        return f"{len(parts)} numbers"
    return f"{len(parts)} of {kinds.pop()}" if len(kinds) == 1 else f"{len(parts)} entries"


def html_table(
    title: str, rows: Sequence[Sequence[str]], head: Sequence[str] = (), note: str = ""
) -> str:
    """Write a table for a notebook: escaped text, no colours of its own, nothing from outside.

    Parameters
    ----------
    title : str
        Its caption.
    rows : sequence of sequences of str
        The first cell of each is its heading.
    head : sequence of str
        Headings of the columns.
    note : str
        A line below.
    """
    left = ' style="text-align: left; vertical-align: top"'

    def line(cells: Sequence[str], first: str, others: str) -> str:
        kinds = [first, *[others] * (len(cells) - 1)]
        inner = "".join(
            f"<{kind}{left}>{escape(cell)}</{kind}>"
            for kind, cell in zip(kinds, cells, strict=True)
        )
        return f"<tr>{inner}</tr>"

    parts = ["<table>", f'<caption style="text-align: left"><b>{escape(title)}</b></caption>']
    if head:
        parts.append(f"<thead>{line(head, 'th', 'th')}</thead>")
    parts += ["<tbody>", *(line(row, "th", "td") for row in rows), "</tbody>"]
    if note:
        width = max((len(row) for row in rows), default=1)
        parts.append(f'<tfoot><tr><td{left} colspan="{width}">{escape(note)}</td></tr></tfoot>')
    return "\n".join([*parts, "</table>"])
