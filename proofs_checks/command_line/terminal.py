"""What a terminal, a log or a pipe can show.

Letters that the encoding of a stream lacks are spelled in ASCII (β is beta, ≥ is >=), whatever the
command that prints them; a reader who has gone away ends a command without a word.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_SPELLED = "attnflow.spelled"
"""Name of our way to encode what an encoding lacks."""

_SIGNS = {
    "Σ": "sum", "∏": "prod", "∫": "int", "∬": "iint", "√": "sqrt", "∞": "inf", "∇": "grad",
    "∂": "d", "½": "1/2", "¼": "1/4", "¾": "3/4", "·": "*", "×": "x", "÷": "/", "−": "-",
    "±": "+-", "∓": "-+", "…": "...", "≠": "!=", "≤": "<=", "≥": ">=", "≪": "<<", "≫": ">>",
    "≈": "~", "≁": "!~", "≡": "==", "∝": "~", "→": "->", "⇒": "=>", "⟨": "<", "⟩": ">", "∘": "o",
    "⊥": "perp", "⌊": "floor(", "⌋": ")", "°": " deg", "⊕": "(+)", "⊗": "(x)", "⪰": ">=",
    "∈": "in", "∉": "not in", "∪": "or", "∩": "and", "⊂": "in", "∀": "for all",
    "∃": "there is", "∅": "{}", "–": "-", "—": "-", "‑": "-", "′": "'", "’": "'", "‘": "'",
    "“": '"', "”": '"', "ᵀ": "^T", "ℓ": "l", "ø": "o", "ł": "l", "Ł": "L", "ß": "ss",
    "\N{COMBINING DOT ABOVE}": "'",
}  # fmt: skip

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))


def _letter(char: str) -> str:
    """Spell one character that ASCII lacks."""
    if char.isascii() or char in _SIGNS:
        return _SIGNS.get(char, char)
    name = unicodedata.name(char, "")
    greek = re.match(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)$", name)
    if greek:
        word = greek[2].lower().replace("lamda", "lambda")
        return word if greek[1] == "SMALL" else word.capitalize()
    if unicodedata.combining(char):
        return ""
    parts = unicodedata.normalize("NFKD", char)
    return "".join(map(_letter, parts)) if parts != char else "?"


def spelled(text: str) -> str:
    """Spell in ASCII what isn't.

    Parameters
    ----------
    text : str
        Anything; what ASCII holds is left alone.

    Returns
    -------
    str

    Examples
    --------
    >>> spelled("β ≥ 2, e⁻¹⁰, ẋ_i, Gröbner")
    "beta >= 2, e^-10, x'_i, Grobner"
    """
    for digits, mark in ((_RAISED, "^"), (_LOWERED, "_")):
        runs = re.findall(f"[{''.join(digits)}]+", text)
        for run in sorted(runs, key=len, reverse=True):
            text = text.replace(run, mark + run.translate(str.maketrans(digits)))
    words = ""
    for char in text:
        word = _letter(char)
        # ΣΣ is "sum sum": words that two signs stand for don't run into one
        apart = words[-1:].isalpha() and word[:1].isalpha() and len(word) > 1
        words += f" {word}" if apart and not char.isascii() else word
    return words


def _spell(error: UnicodeError) -> tuple[str | bytes, int]:
    """Give the replacement of what can't be encoded, for `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return spelled(error.object[error.start : error.end]), error.end


codecs.register_error(_SPELLED, _spell)


@contextmanager
def readable_streams() -> Iterator[None]:
    """Have standard output and error spell what their encoding lacks; leave them as they were."""
    changed: list[tuple[Any, str]] = []
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # not every stand-in has an encoding
        if reconfigure is not None:
            changed.append((stream, stream.errors or "strict"))
            reconfigure(errors=_SPELLED)
    try:
        yield
    finally:
        for stream, errors in changed:
            with suppress(OSError, ValueError):  # closed meanwhile, or read by nobody
                stream.reconfigure(errors=errors)


def close_unread() -> None:
    """Send what is left for a reader who has gone away (`attnflow | head`) nowhere."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError, ValueError):  # a stand-in without a descriptor
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (OSError, ValueError, AttributeError):
            pass
