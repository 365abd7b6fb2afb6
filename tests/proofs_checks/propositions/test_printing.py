"""One walk, three styles; what prints alike is found."""

from __future__ import annotations

from xml.parsers.expat import ParserCreate

import pytest
from sympy import Symbol, factorial, oo

from proofs_checks.propositions import (
    All,
    Any_,
    Definition,
    Implies,
    Is,
    Not,
    Proposition,
    Rel,
    Subject,
    Tends,
    Words,
    alike,
    every,
    some,
    written,
)
from theory.models import SA
from theory.symbols import X, beta
from theory.terms import Index, Inner, Name, Row, Vec, at

i, j = map(Index, "ij")
x, w = Row(X, i), Vec("w")
WARM = Rel("<=", 0, beta)
CASES: list[tuple[Proposition, str]] = [
    (WARM, "0 <= β"),
    (Rel("!=", x, w), "x_i != w"),
    (All(WARM, Rel("<", beta, 1)), "0 <= β and β < 1"),
    (Any_(WARM, Not(WARM)), "0 <= β or not: 0 <= β"),
    (Implies(WARM, WARM), "0 <= β implies 0 <= β"),
    (Implies(WARM, Implies(Rel("<", beta, 1), WARM)), "0 <= β and β < 1 implies 0 <= β"),
    (
        Implies(Any_(WARM, Rel("<", beta, 1)), Implies(WARM, WARM)),
        "(0 <= β or β < 1) and 0 <= β implies 0 <= β",
    ),
    (Implies(WARM, WARM, True), "0 <= β if and only if 0 <= β"),
    (every(i, Rel("<=", beta, at(Inner(x, w)))), "for every j: β <= <x_j,w>(0)"),
    (every((i, j), Rel("<=", beta, Inner(x, Row(X, j)))), "for every j, k: β <= <x_j,x_k>"),
    (some(w, every(i, Tends(x, w, oo))), "there is z: for every j: x_j -> z as t -> ∞"),
    (Is(Definition("solves", "X solves {0}", (Subject,)), Subject.of(SA)), "X solves SA"),
    (Words("as its label says"), "as its label says"),
]


@pytest.mark.parametrize(("what", "text"), CASES)
def test_three_styles(what: Proposition, text: str) -> None:
    assert written(what) == text
    ParserCreate().Parse(written(what, "mathml"), True)
    latex = written(what, "latex")
    assert latex.count("{") == latex.count("}") and "β" not in latex


def test_no_part_takes_along_the_next() -> None:
    """What a quantifier or a hypothesis is over ends where it is said to."""
    low, mark = every(i, Rel("<=", beta, Inner(x, w))), Rel("<", beta, 1)
    assert written(All(low, mark)) == "for every j: β <= <x_j,w>; and β < 1"
    assert written(every(i, All(Rel("<=", beta, Inner(x, w)), mark))) == (
        "for every j: β <= <x_j,w> and β < 1"
    )
    assert written(All(mark, low)) == "β < 1 and for every j: β <= <x_j,w>"
    assert written(Any_(Not(WARM), mark)) == "not: 0 <= β; or β < 1"
    several = written(Implies(All(low, mark), All(low, mark)))
    said = "(for every j: β <= <x_j,w>; and β < 1)"
    assert several == f"{said} implies {said}"
    inner = some(w, All(low, mark))
    assert written(All(inner, mark)) == (
        "there is z: (for every j: β <= <x_j,z>; and β < 1); and β < 1"
    )


def test_what_prints_alike_is_found() -> None:
    one, two = Rel("=", Inner(x, w), 1), Rel("=", beta, 1)
    assert alike((one, two, one)) == ()
    named = (Name("a", Inner(x, w)), Name("a", beta))
    assert alike((one, Rel("=", Vec("s"), w), two), named[:1]) == ()
    confused = (Name("beta", Inner(x, w)),)
    assert alike((one, two), confused) == (one, two)


def test_a_factorial_is_written_as_one() -> None:
    j = Symbol("j", integer=True, nonnegative=True)
    assert written(Rel("<", 0, factorial(j + 1) / factorial(j))) == "0 < (j + 1)!/j!"
