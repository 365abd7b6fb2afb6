"""Sentences with mathematics as HTML: words stay words, what is mathematics becomes MathML.

The texts of claims and steps are written as a terminal shows them: ``x_i``, ``e^{-λt}``, ``>=``,
``<x_i,x_j>``. A text is read in tokens; neighbours that are mathematics make one formula. Nothing
is left out: where a token isn't understood it stands as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

_LETTER = r"[^\W\d_²³¹⁰⁴-⁹ⁱⁿ₀-₉½¼¾]"
"""A letter; for Python ² is one too."""
_FUNCTIONS = frozenset(
    "exp log cos sin tan cosh sinh tanh arctan arccos max min sup inf lim grad div det tr dist "
    "rank ker dim Abs Max Min softmax Hess Var diag".split()
)
_GREEK = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "theta": "θ"},
    **{"lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "tau": "τ", "psi": "ψ"},
    **{"kappa": "κ", "sigma": "σ", "omega": "ω", "phi": "φ", "dmu": "dμ"},
}
_SIGNS = {"<=": "≤", ">=": "≥", "->": "→", "!=": "≠", "-": "−", "*": "∗"}
_RELATIONS = frozenset("=≤≥≠<>→≈∈∉⇒≪≫∝⪰~")
_OPERATORS = _RELATIONS | frozenset("+−∗·×/±∓∘∪∩⊂∂∇∫∬∞⊥∅√|")
_SCRIPTED = frozenset("|∂∇∫∬")
"""Signs that have indices or powers."""
_TIGHT = frozenset("/∂∇∫∬∞⊥∅|")
_OPEN, _CLOSE = "([{⟨⌊", ")]}⟩⌋"
_SHORT_WORDS = frozenset(
    "is of at to in by as it so no on an or if be we up do us my he me go am vs id".split()
)

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<label>\((?:\d+|[A-D])\.\d+\)|\[\d{4}\.\d{4,5}\])"
    r"|(?P<code>[A-Za-z]\w*_\w{3,}|[A-Za-z]{3,}_\w+\(|--\w[\w-]*)"
    r"|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"|(?P<word>[^\W\d_²³¹⁰⁴-⁹ⁱⁿ₀-₉½¼¾α-ωΑ-Ωℓ]{2,}(?:-[^\W\d_²³¹⁰⁴-⁹ⁱⁿ₀-₉½¼¾α-ωΑ-Ωℓ]{2,})*(?:['’][a-z]{1,2}\b)?)"
    r"|(?P<letter>[^\W\d_²³¹⁰⁴-⁹ⁱⁿ₀-₉½¼¾])"
    r"|(?P<angle><(?=[^<>=\s][^<>=]*,[^<>=]*[^<>=\s]>|[^<>=\s,]+>))"
    r"|(?P<sign><=|>=|->|!=|\*\*|[-=<>+*])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SCRIPT = re.compile(
    r"(?P<mark>\*\*|\^|_)(?:\{(?P<braced>(?:[^{}]|\{[^{}]*\})*)\}"
    r"|\((?P<round>(?:[^()]|\([^()]*\))*)\)"
    r"|(?P<named>[a-z]{3,9})(?![\w(])|(?P<short>-?\d+(?:/\d+)?(?![\w.])|[^\W_]{1,2}(?![^\W_])|[⊥*±+](?!\w)))"
)
_SUM = re.compile(r"_\{|_[a-z]|\s[^\s=<>+/*-]")
"""What follows a sum, and not a matrix Σ."""
_ROW = re.compile(r"\d\s+-?\d")
"""Two numbers side by side, as in the row of a matrix: a sign between them is no minus."""
_STOPS = (",", ";", "…")
_STAR = re.compile(r"\*(?![\w(\[√*-])")
"""The mark of x*, and no product."""
_LONGEST_GROUP, _UNBROKEN, _LONGEST = 20, 18, 26
"""Characters of what is one pair of brackets, of a formula that no line breaks, and of what stays
together with a quotient or a factor that follows: a telephone's line is 360 pixels wide."""


@dataclass(frozen=True)
class _Piece:
    """A token or a formula's part: its HTML, and what it is.

    ``kind``: ``math``, ``number`` (mathematics beside mathematics), ``operator``, ``open`` and
    ``close`` of a bracket that a line may break in, ``text``, ``space``.
    """

    html: str
    kind: str
    plain: str

    @property
    def mathematical(self) -> bool:
        return self.kind not in ("text", "space")


@lru_cache(maxsize=20_000)
def mathematics(text: str) -> str:
    """Write a text as HTML, its formulas as MathML.

    Parameters
    ----------
    text : str
        As claims, steps and evidence have it; what is markup in it is escaped.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> print(mathematics("tokens meet for β >= 0"))
    tokens meet for <math><mi>β</mi><mo>≥</mo><mn>0</mn></math>
    """
    return "".join(_runs(_hyphens(_pieces(unicodedata.normalize("NFC", text)))))


def _pieces(text: str) -> list[_Piece]:
    """Read a text: tokens with their scripts, pairs of brackets that hold mathematics alone."""
    found: list[_Piece] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token is not None  # `other` takes any character
        kind, word = str(token.lastgroup), token.group()
        at = token.end()
        if kind == "code":
            word = word.rstrip("(")
            at = token.start() + len(word)
            found.append(_Piece(escape(word), "text", word))
        elif kind == "angle" or word in _OPEN:
            group, at = _group(text, token.start(), kind == "angle")
            group[-1], at = _with_scripts(group[-1], text, at)
            found += group
        else:
            for piece in _token(kind, word, text, at):
                found.append(piece)
            if found[-1].kind in ("math", "number") or found[-1].plain in _SCRIPTED:
                found[-1], at = _with_scripts(found[-1], text, at)
    return found


def _token(kind: str, word: str, text: str, end: int) -> Iterator[_Piece]:
    """Say what one token is."""
    if kind == "space":
        yield _Piece(word, "space", " ")
    elif kind == "number":
        yield _Piece(f"<mn>{word}</mn>", "number", word)
    elif kind == "letter" and word == "Σ" and _SUM.match(text, end):
        yield _Piece('<mo largeop="false" lspace="0" rspace="0">∑</mo>', "math", word)
    elif kind == "letter":
        yield _letter(word, text, end)
    elif kind == "word":
        yield from _word(word, text, end)
    elif kind == "label":
        yield _Piece(escape(word), "text", word)
    else:
        sign = _SIGNS.get(word, word)
        if sign in _OPERATORS:
            yield _Piece(_operator(sign), "operator", sign)
        elif len(word) == 1 and unicodedata.decomposition(word).startswith("<fraction>"):
            above, below = unicodedata.normalize("NFKD", word).split("\u2044")
            yield _Piece(f"<mfrac><mn>{above}</mn><mn>{below}</mn></mfrac>", "number", word)
        else:
            yield _Piece(escape(word), "text", word)


def _letter(word: str, text: str, end: int) -> _Piece:
    """Take a letter as a variable, but for the article."""
    if word in "aA" and re.match(rf"\s+{_LETTER}{{2,}}", text[end:]):
        before = text[: end - 1].rstrip()
        following = re.match(rf"\s+({_LETTER}+)", text[end:])
        if before[-1:] not in tuple("=<>+*/") and following and following[1] not in _FUNCTIONS:
            return _Piece(word, "text", word)
    return _Piece(f"<mi>{escape(word)}</mi>", "math", word)


def _word(word: str, text: str, end: int) -> Iterator[_Piece]:
    """Tell names of functions, letters by their name and products of two letters from words."""
    scripted = _SCRIPT.match(text, end) is not None
    primed = re.match(rf"'+(?!{_LETTER})", text[end:]) is not None
    if word == "sqrt" and text[end : end + 1] == "(":
        yield _Piece(_operator("√"), "operator", "√")
    elif word in _GREEK:
        letters = _GREEK[word]
        yield from (_Piece(f"<mi>{letter}</mi>", "math", letter) for letter in letters)
    elif word in _FUNCTIONS:
        yield _Piece(f"<mi>{word}</mi>", "math", word)
    elif len(word) == 2 and (scripted or primed or _is_product(word)):
        yield from (_Piece(f"<mi>{escape(letter)}</mi>", "math", letter) for letter in word)
    elif scripted and "-" not in word and "'" not in word:
        yield _Piece(f"<mi>{escape(word)}</mi>", "math", word)
    else:
        yield _Piece(escape(word), "text", word)


def _is_product(word: str) -> bool:
    return word.lower() not in _SHORT_WORDS and not word.isupper() and word[0] not in "LGO"


def _operator(sign: str) -> str:
    if sign in _TIGHT:
        return f'<mo lspace="0" rspace="0" stretchy="false">{sign}</mo>'
    return f"<mo>{escape(sign)}</mo>"


def _group(text: str, start: int, angle: bool) -> tuple[list[_Piece], int]:
    """Read a pair of brackets: one piece if it holds mathematics alone, otherwise its pieces."""
    end = _closing(text, start, angle)
    opening = text[start]
    if end is None:
        return [_Piece(escape(opening), "text", opening)], start + 1
    inside, closing = text[start + 1 : end], text[end]
    shown = ("⟨", "⟩") if angle else (opening, closing)
    if _ROW.search(inside) and not re.search(
        r"[^\W\d_²³¹⁰⁴-⁹ⁱⁿ₀-₉½¼¾]", inside.replace("e-", "").replace("e+", "")
    ):
        return [_Piece(escape(f"{opening}{inside}{closing}"), "text", inside)], end + 1
    inner = _hyphens(_pieces(inside))
    held = all(p.mathematical or p.kind == "space" or p.plain in _STOPS for p in inner)
    alone = len(inner) == 1 and inner[0].kind == "math" and not text[:start].strip()[-1:].isalnum()
    panel = alone and inner[0].plain in ("a", "b", "c", "d") and opening == "("
    left, right = (f'<mo stretchy="false">{sign}</mo>' for sign in shown)
    if inner and held and not panel:
        if sum(len(p.plain) for p in inner) <= _LONGEST_GROUP:
            html = "".join(_inner(inner))
            plain = "".join([shown[0], *(p.plain for p in inner), shown[1]])
            kind = "number" if all(p.kind != "math" for p in inner) and not angle else "math"
            return [_Piece(f"<mrow>{left}{html}{right}</mrow>", kind, plain)], end + 1
        stops = [
            _Piece(f"<mo>{p.html}</mo>", "operator", p.plain) if p.plain in _STOPS else p
            for p in inner
        ]
        first, last = _Piece(left, "open", shown[0]), _Piece(right, "close", shown[1])
        return [first, *stops, last], end + 1
    first, last = (_Piece(escape(c), "text", c) for c in shown)
    if _SCRIPT.match(text, end + 1) or (text[end + 1 :] and _raised(text, end + 1)):
        last = _Piece(right, "close", shown[1])
    return [first, *inner, last], end + 1


def _stop(piece: _Piece) -> _Piece:
    return _Piece(f"<mo>{piece.html}</mo>", "operator", piece.plain)


def _closing(text: str, start: int, angle: bool) -> int | None:
    """Find the bracket that closes the one at `start`; of intervals either sort."""
    if angle:
        return text.index(">", start)
    pairs, depth = {"(": ")]", "[": "])", "{": "}", "⟨": "⟩", "⌊": "⌋"}, 0
    for at in range(start, len(text)):
        if text[at] in "([" if text[start] in "([" else text[at] == text[start]:
            depth += 1
        elif text[at] in pairs[text[start]]:
            depth -= 1
            if depth == 0:
                return at
    return None


def _inner(pieces: Sequence[_Piece]) -> Iterator[str]:
    """Write what stands within brackets or in a script: commas and dots are mathematics there.

    A little space stands about names of functions, and where a product is written with one.
    """
    spaced, last = False, "operator"
    for piece in pieces:
        if piece.kind == "space":
            spaced = True
            continue
        factors = piece.kind not in ("operator", "close") and last not in ("operator", "open")
        if factors and (spaced or piece.plain.startswith(tuple(_FUNCTIONS))):
            yield '<mspace width="0.17em"></mspace>'
        spaced, last = False, piece.kind
        if piece.mathematical:
            yield piece.html
        elif piece.plain in _STOPS:
            yield f"<mo>{piece.html}</mo>"
        else:
            yield f"<mtext>{piece.html}</mtext>"


def _with_scripts(piece: _Piece, text: str, at: int) -> tuple[_Piece, int]:
    """Take the primes, powers and indices that follow a piece; digits of ``r0`` are an index."""
    if not piece.mathematical:
        return piece, at
    below, above, plain = "", "", piece.plain
    digits = re.match(r"\d{1,2}(?![\d.\w])", text[at:])
    if digits and len(plain) == 1 and plain.isalpha() and piece.kind == "math":
        below, plain, at = f"<mn>{digits[0]}</mn>", plain + digits[0], at + digits.end()
    while at < len(text):
        primes = re.match(rf"['′]+(?!{_LETTER})", text[at:])
        script = _SCRIPT.match(text, at)
        star = _STAR.match(text, at) if piece.kind == "math" and at else None
        raised = _raised(text, at)
        if primes and piece.kind == "math":
            above += f'<mo lspace="0" rspace="0">{"′" * len(primes[0])}</mo>'
            plain, at = plain + "′" * len(primes[0]), at + primes.end()
        elif star:
            above, plain, at = above + "<mo>∗</mo>", plain + "∗", star.end()
        elif script:
            inside = next(
                t for t in script.group("named", "braced", "round", "short") if t is not None
            )
            html = f"<mtext>{inside}</mtext>" if script["named"] else _script(inside)
            if script["mark"] == "_":
                below += html
            else:
                above += html
            plain, at = plain + inside.replace(" ", ""), script.end()
        elif raised:
            html = _script(raised[0])
            above, below = (
                (above + html, below) if raised[1] == "<super>" else (above, below + html)
            )
            plain, at = plain + raised[0], at + len(raised[0])
        else:
            break
    if not (below or above):
        return piece, at
    tag = "msubsup" if below and above else "msub" if below else "msup"
    parts = "".join(f"<mrow>{part}</mrow>" for part in (below, above) if part)
    kind = "close" if piece.kind == "close" else "math"
    return _Piece(f"<{tag}>{piece.html}{parts}</{tag}>", kind, plain), at


def _raised(text: str, at: int) -> tuple[str, str] | None:
    """Characters that stand above or below the line as they are: ², ⁻¹, ₀."""
    sort = unicodedata.decomposition(text[at]).split(" ")[0]
    if sort not in ("<super>", "<sub>"):
        return None
    end = at
    while end < len(text) and unicodedata.decomposition(text[end]).startswith(sort):
        end += 1
    return text[at:end], sort


def _script(text: str) -> str:
    """Write an index or a power; its letters are single variables."""
    plain = unicodedata.normalize("NFKC", text)
    if re.fullmatch(rf"{_LETTER}{{2,3}}", plain) and plain not in _FUNCTIONS | set(_GREEK):
        return "".join(f"<mi>{escape(letter)}</mi>" for letter in plain)
    return "".join(_inner(_hyphens(_pieces(plain))))


def _hyphens(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Tell hyphens and slashes between words from signs; roots take what follows them."""
    found: list[_Piece] = []
    for k, piece in enumerate(pieces):
        around = (pieces[k - 1] if k else None, pieces[k + 1] if k + 1 < len(pieces) else None)
        if piece.plain in ("−", "/") and any(
            p is not None and p.kind == "text" and p.plain[-1:].isalpha() for p in around
        ):
            sign = "-" if piece.plain == "−" else piece.plain
            found.append(_Piece(sign, "text", sign))
        elif found and found[-1].plain == "√" and piece.kind in ("math", "number"):
            found[-1] = _Piece(f"<msqrt>{piece.html}</msqrt>", "math", f"√{piece.plain}")
        else:
            found.append(piece)
    return found


def _runs(pieces: Sequence[_Piece]) -> Iterator[str]:
    """Join neighbours that are mathematics to formulas; numbers alone are text."""
    at = 0
    while at < len(pieces):
        if not pieces[at].mathematical:
            yield pieces[at].html
            at += 1
            continue
        end = at + 1
        while end < len(pieces) and (
            pieces[end].mathematical
            or (
                pieces[end].kind == "space"
                and end + 1 < len(pieces)
                and pieces[end + 1].mathematical
            )
        ):
            end += 1
        yield from _formula(pieces[at:end])
        at = end


def _is_space(pieces: Sequence[_Piece]) -> bool:
    return any(piece.kind == "space" for piece in pieces)


def _formula(run: Sequence[_Piece]) -> Iterator[str]:
    """Write one formula, in parts between which a line may break if it is long."""
    if all(piece.kind != "math" for piece in run) and not any(p.plain in _RELATIONS for p in run):
        yield "".join(" " if p.kind == "space" else escape(p.plain) for p in run)
        return
    parts: list[list[_Piece]] = [[]]
    for k, piece in enumerate(run):
        length = sum(len(p.plain) for p in parts[-1])
        left = sum(len(p.plain) for p in run[k:])
        sign = piece.kind == "operator" and piece.plain not in (*_TIGHT, *_STOPS)
        ahead = length + sum(len(p.plain) for p in run[k : k + 1 + (piece.plain == "/")])
        long = length > _UNBROKEN or ahead > _LONGEST
        sign |= piece.plain == "/" and long
        factor = piece.kind in ("math", "open") and run[k - 1].kind in ("math", "number", "space")
        factor &= run[k - 1].plain not in _FUNCTIONS and long
        stop = run[k - 1].plain in _STOPS
        if parts[-1] and length + left > _UNBROKEN and (sign or factor or stop):
            parts.append([])
        parts[-1].append(piece)
    written = ["".join(_inner(part)).strip() for part in parts]
    for k, html in enumerate(written):
        if k and html.startswith("<mo>"):  # it would be a sign in front otherwise
            html = html.replace("<mo>", '<mo form="infix">', 1)
        yield f"{'<wbr>' if k else ''}<math>{html}</math>"


__all__ = ["mathematics"]
