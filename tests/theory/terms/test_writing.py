"""One way through a term: text, LaTeX and MathML that parses; names are the reader's."""

from __future__ import annotations

from typing import Any
from xml.parsers.expat import ParserCreate

import pytest
from sympy import Rational, Symbol, exp, sqrt

from theory.atoms import RowSoftmax
from theory.symbols import X, beta, m, t
from theory.terms import (
    Diameter,
    Elapsed,
    Image,
    Index,
    Inner,
    Item,
    Latex,
    Least,
    MathML,
    Name,
    Norm,
    OperatorNorm,
    Projected,
    Row,
    Smaller,
    Text,
    Vec,
    Writer,
    at,
    ddt,
    entry,
    total,
)

i, j, k = map(Index, "ijk")
w, h = Vec("w"), Symbol("h", positive=True)
x, y = Row(X, i), Row(X, j)
s = Inner(x, w)
A = RowSoftmax(beta * X * X.T, m)
p = entry(A, i, j)
LEGEND = (
    Name("D", Diameter(x / s, i)),
    Name("y", x / s, (i,)),
    Name("s", s, (i,)),
    Name("p", p, (i, j)),
    Name("g", Inner(x, y), (i, j)),
)
CASES: list[tuple[Any, str, str]] = [
    (beta - 1, "β - 1", r"\beta - 1"),
    (-beta, "-β", r"-\beta"),
    (1 - beta, "1 - β", r"1 - \beta"),
    (Rational(-3, 2) * beta, "-3 β/2", r"-\frac{3 \, \beta}{2}"),
    (2 * sqrt(h**-2 - 1), "2 √(1/h^2 - 1)", r"2 \, \sqrt{\frac{1}{h^{2}} - 1}"),
    (exp(-2 * beta) * s, "s_i e^(-2 β)", r"s_{i} \, e^{-2 \, \beta}"),
    (1 / (beta * h), "1/(β h)", r"\frac{1}{\beta \, h}"),
    (beta / (1 + h), "β/(h + 1)", r"\frac{\beta}{h + 1}"),
    (ddt(x), "x_i'", r"\dot{x_{i}}"),
    (ddt(x / s), "y_i'", r"\dot{y_{i}}"),
    (ddt(2 * s), "(2 s_i)'", r"\frac{d}{dt}\left(2 \, s_{i}\right)"),
    (x - w * h, "x_i - h w", r"x_{i} - h \, w"),
    (total(Item(m, j) * (y - x), j), "", ""),
    (at(Diameter(x / s, i)), "D(0)", r"D\left(0\right)"),
    (total(p, j), "Σ_j p_ij", r"\sum_{j} \, p_{ij}"),
]


@pytest.mark.parametrize(("term", "text", "latex"), CASES)
def test_three_styles(term: Any, text: str, latex: str) -> None:
    if text:
        assert Writer(Text(), LEGEND).term(term) == text
        assert Writer(Latex(), LEGEND).term(term) == latex
    markup = Writer(MathML(), LEGEND).term(term)
    ParserCreate().Parse(f"<math>{markup}</math>", True)


def test_letters_of_what_is_bound_are_not_taken() -> None:
    writer = Writer(Text(), LEGEND)
    assert writer.term(total(Inner(x, y), i)) == "Σ_k g_jk"
    pairs = Least(p + total(Smaller(p, entry(A, j, i)), k, (i, j)), (i, j))
    assert writer.term(pairs) == "min_(j≠k) (p_jk + Σ_(l≠j,k) min(p_jk, p_kj))"
    more = [Image(X.T * X, w), OperatorNorm(X), Norm(x), Projected(x, w), Elapsed(s), t * p]
    written = [writer.term(one) for one in more]
    assert written == ["X^T X w", "|X|", "|x_i|", "P_(x_i) w", "∫_0^t s_i", "t p_ij"]
