"""Proof sheets as LaTeX: one document, a section a statement, its steps numbered.

The texts of the steps are words and symbols as a terminal shows them. They are set as they stand,
each symbol by its LaTeX command, so that any sheet compiles with plain pdflatex.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from proofs_checks.claim import Evidence
from proofs_checks.proof.sheet import Sheet

_GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta"},
    **{"η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu"},
    **{"ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon"},
    **{"φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta"},
    **{"Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi"},
    **{"Ψ": "Psi", "Ω": "Omega"},
}
_SIGNS = {
    **{
        "∫": "int",
        "∂": "partial",
        "∇": "nabla",
        "∞": "infty",
        "≥": "ge",
        "≤": "le",
        "≠": "ne",
        "⌊": "lfloor",
        "⌋": "rfloor",
    },
    **{"≈": "approx", "±": "pm", "∓": "mp", "×": "times", "·": "cdot", "∈": "in", "∉": "notin"},
    **{"⟨": "langle", "⟩": "rangle", "→": "to", "⇒": "Rightarrow", "∘": "circ", "∪": "cup"},
    **{"∩": "cap", "⊂": "subset", "∀": "forall", "∃": "exists", "…": "ldots", "√": "surd"},
    **{"≪": "ll", "≫": "gg", "⊥": "perp", "∅": "emptyset", "∝": "propto", "÷": "div"},
    "⪰": "succeq",
}
_PLAIN = {
    **{"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#"},
    **{"%": r"\%", "_": r"\_", "^": r"\^{}", "~": r"\~{}", "<": r"\ensuremath{<}"},
    **{">": r"\ensuremath{>}", "|": r"\ensuremath{|}", "*": r"\ensuremath{*}", '"': "''"},
    **{"∬": r"\ensuremath{\int\!\!\int}"},
    **{"½": r"\ensuremath{\frac12}", "¼": r"\ensuremath{\frac14}", "¾": r"\ensuremath{\frac34}"},
    **{"-": r"\ensuremath{-}", "−": r"\ensuremath{-}", "°": r"\ensuremath{{}^\circ}"},
    **{"ł": r"\l{}", "Ł": r"\L{}", "ß": r"\ss{}", "ø": r"\o{}", "ℓ": r"\ensuremath{\ell}"},
    **{"′": r"\ensuremath{{}'}", "–": "--", "—": "---", "’": "'", "“": "``", "”": "''"},
}
_ACCENTS = {
    **{"\u0301": "'", "\u0300": "`", "\u0308": '"', "\u0302": "^", "\u0303": "~", "\u0307": "."},
    **{"\u0306": "u", "\u030c": "v", "\u0327": "c", "\u0304": "="},
}


_MARK = re.compile(
    r"(?P<sign><=|>=|->|!=)|(?<=[A-Za-z])(?P<hyphen>-)(?=[a-z]{2})"
    r"|(?P<mark>\*\*|\^|_)(?:\{(?P<group>[^{}]*)\}|\((?P<round>[^()]*)\)|(?P<short>\w{1,2}\b))"
)
"""Signs of two characters, and the marks of powers and indices: ``e^{-λτ}``, ``x_i``."""

_OPERATORS = {"<=": "le", ">=": "ge", "->": "to", "!=": "ne"}


def tex(text: str) -> str:
    r"""Write text with symbols for LaTeX's text mode.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> print(tex("x_i -> λ²"))
    x\ensuremath{{}_{i}} \ensuremath{\to} \ensuremath{\lambda}\ensuremath{{}^{2}}
    """
    text = unicodedata.normalize("NFC", text)
    parts: list[str] = []
    end = 0
    for found in _MARK.finditer(text):
        parts += map(_symbol, text[end : found.start()])
        end = found.end()
        if found["sign"]:
            parts.append(rf"\ensuremath{{\{_OPERATORS[found['sign']]}}}")
        elif found["hyphen"]:
            parts.append("-")
        else:
            inside = tex(found["group"] or found["round"] or found["short"] or "")
            mark = "_" if found["mark"] == "_" else "^"
            parts.append(rf"\ensuremath{{{{}}{mark}{{{inside}}}}}")
    return "".join([*parts, *map(_symbol, text[end:])])


def _symbol(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    name = _GREEK.get(character) or _SIGNS.get(character)
    if name is not None:
        return rf"\ensuremath{{\{name}}}"
    if character.isascii():
        return character
    shape = unicodedata.decomposition(character).split()
    if shape[:1] == ["<font>"]:
        return _symbol(chr(int(shape[1], 16)))
    if shape[:1] in (["<super>"], ["<sub>"]):
        mark = "^" if shape[0] == "<super>" else "_"
        inside = "".join(_symbol(chr(int(code, 16))) for code in shape[1:])
        return rf"\ensuremath{{{{}}{mark}{{{inside}}}}}"
    letter = unicodedata.normalize("NFD", character)
    if letter[0].isascii() and letter[0].isalpha():
        accent = _ACCENTS.get(letter[1:])
        return rf"\{accent}{{{letter[0]}}}" if accent else letter[0]
    return rf"\texttt{{[{unicodedata.name(character, hex(ord(character)))}]}}"


def latex_document(statements: Iterable[tuple[str, str, Evidence]]) -> str:
    """Write what was decided of some statements as a document that compiles with pdflatex.

    Parameters
    ----------
    statements : iterable of (str, str, Evidence)
        Label, sentence, and what was found.
    """
    lines = [
        r"\documentclass{article}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage[margin=25mm]{geometry}",
        r"\setlength{\parindent}{0pt}",
        r"\sloppy",
        r"\begin{document}",
    ]
    for label, sentence, evidence in statements:
        lines += ["", *_section(label, sentence, evidence)]
    return "\n".join([*lines, "", r"\end{document}"]) + "\n"


def _section(label: str, sentence: str, evidence: Evidence) -> list[str]:
    scope = ", ".join(f"{name} {how}" for name, how in evidence.scope.items())
    lines = [
        rf"\section*{{{tex(label)}: {evidence.word}}}",
        rf"\textbf{{Statement.}} {tex(sentence)}",
        "",
    ]
    if scope:
        lines += [rf"\textbf{{Scope.}} {tex(scope)}", ""]
    if evidence.assumptions:
        lines += [rf"\textbf{{Cited.}} {tex('; '.join(evidence.assumptions))}", ""]
    if not evidence.sheets:
        return [*lines, rf"\textbf{{Evidence.}} {tex(evidence.detail)}"]
    for name, sheet in evidence.sheets:
        words = "Proof" if evidence.word in ("PROVED", "CERTIFIED") else "Steps"
        lines += [rf"\textbf{{{words}}} for {tex(name)}.", *steps_of(sheet)]
    return lines


def steps_of(sheet: Sheet) -> list[str]:
    """Write the heading of a sheet and its steps, a numbered item each."""
    lines = [rf"\emph{{{title}}}: {tex(text)}.\\" for title, text in sheet.heading.items()]
    lines.append(r"\begin{enumerate}")
    for _, step, evidence in sheet.shown(every=True):
        found = f" {tex(evidence)}." if evidence else ""
        lines.append(rf"\item {tex(step.text)}. \emph{{({tex(step.how_words)})}}{found}")
    return [*lines, r"\end{enumerate}"]
