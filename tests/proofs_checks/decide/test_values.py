"""Places without a value, against SymPy's own limits and against plain arithmetic."""

from __future__ import annotations

import pytest
import sympy as sp

from proofs_checks.decide import decide_positive, without_value
from theory.positive_part import PositivePart
from theory.symbols import beta, z

POLES = [1 / (7 * z - 3), 1 / (z**2 - sp.Rational(1, 9)), 1 / (z**3 + z - 1), (1 - z) ** -2]


@pytest.mark.parametrize("expr", POLES, ids=str)
def test_the_place_of_a_pole(expr: sp.Expr) -> None:
    place = without_value(expr)
    assert place is not None and -1 <= place <= 1
    assert abs((1 / expr).subs(z, place).evalf(20)) < 1e-12


@pytest.mark.parametrize(
    "expr",
    [
        *(sp.exp(beta * z), sp.sqrt(1 - z), 1 / (2 - z), 1 / (z**2 + 1), sp.Abs(z), sp.asin(z)),
        *(1 - 1 / sp.log((1 - z) / 8), PositivePart(z, sp.Rational(1, 2)), 1 / (beta - z)),
        *(beta, sp.tan(z), sp.Integer(3), (z + 2) ** sp.pi),
    ],
    ids=str,
)
def test_nothing_is_said_where_there_is_a_value(expr: sp.Expr) -> None:
    assert without_value(expr) is None


@pytest.mark.parametrize("expr", [sp.sqrt(z), sp.log(z - 2), sp.asin(2 * z)], ids=str)
def test_what_is_not_real_is_no_value(expr: sp.Expr) -> None:
    place = without_value(expr)
    assert place is not None and sp.im(expr.subs(z, place).evalf()) != 0


@pytest.mark.parametrize(
    ("expr", "strict", "holds"),
    [
        (PositivePart(z, 0), False, True),
        (1 - PositivePart(z, 0), False, True),
        (2 - PositivePart(z, 0) - PositivePart(-z, 0), True, True),
        (PositivePart(z, 0) - sp.Rational(1, 2), False, False),
        (1 - z**2 + PositivePart(-z, 2), False, True),
        (PositivePart(z - sp.Rational(1, 2), sp.Rational(1, 2)) - z, False, False),
    ],
    ids=str,
)
def test_signs_with_positive_parts(expr: sp.Expr, strict: bool, holds: bool) -> None:
    found = decide_positive(expr, strict=strict)
    assert found.holds is holds and found.refuted is not holds


def test_a_sample_that_is_not_real_is_looked_at_exactly() -> None:
    assert not decide_positive(sp.sqrt(z) + 2).holds
