"""Places without a value, against SymPy's own limits and against plain arithmetic."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from proofs_checks.decide import decide_positive, enclose, has_values, without_value
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


U = 1 - z
FINITE = {
    1 - 1 / sp.log(U / 8): 1,
    sp.sqrt(-1 / sp.log(U / 8)): 0,
    2 + sp.tanh(sp.log(U)): 1,
    1 + sp.exp(-(sp.log(U) ** 2)): 1,
    3 + sp.atan(sp.log(U)): 3 - sp.pi / 2,
    1 / (2 - sp.log(U)): 0,
    1 / sp.cosh(sp.log(U)): 0,
    2 - 1 / (3 + sp.atanh(z) ** 2): 2,
    sp.erf(sp.atanh(z)): 1,
}
"""Functions with infinite parts at z = 1, and their limits there."""


@pytest.mark.parametrize("expr", FINITE, ids=str)
def test_what_is_finite_where_parts_are_infinite_has_a_value(expr: sp.Expr) -> None:
    assert has_values(expr) and without_value(expr) is None
    with mpmath.workdps(400):
        near = sp.lambdify(z, expr, "mpmath")(1 - mpmath.mpf(10) ** -390)
    assert float(near) == pytest.approx(float(FINITE[expr]), abs=0.06)  # 1/log is slow
    assert enclose(expr, {z: 1}).a <= float(FINITE[expr]) + 1e-15
    assert enclose(expr, {z: 1}).b >= float(FINITE[expr]) - 1e-15


@pytest.mark.parametrize(
    "expr",
    [
        *(sp.log(U), 2 - sp.log(U), 1 / sp.log(U / 2), 1 / sp.log(z**2), sp.sin(sp.log(U))),
        *(U * sp.log(U), sp.exp(-1 / U), sp.tanh(1 / U), sp.log(U) + sp.atanh(z)),
        *(PositivePart(z, 0), sp.exp(-sp.log(U)), sp.sqrt(z), sp.cosh(sp.log(U))),
    ],
    ids=str,
)
def test_what_is_infinite_or_not_seen_to_be_finite_has_none(expr: sp.Expr) -> None:
    """0·∞ and 1/0 are no numbers of arrays either: they give NaN, or either infinity."""
    assert not has_values(expr)


@pytest.mark.parametrize(
    ("expr", "strict", "answer"),
    [
        (1 - 1 / sp.log(U / 8), True, "DECIDED"),
        (1 + sp.sqrt(-1 / sp.log(U / 8)), True, "DECIDED"),
        (2 + sp.tanh(sp.log(U)), True, "DECIDED"),
        (1 + sp.exp(-(sp.log(U) ** 2)), True, "DECIDED"),
        (1 + 1 / sp.log(U / 8), True, "ENCLOSED"),
        (3 + sp.atan(sp.log(U)), True, "ENCLOSED"),
        (-1 / sp.log(U / 8), False, "DECIDED"),
        (-1 / sp.log(U / 8), True, "FAILS"),
        (1 / (2 - sp.log(U)), True, "FAILS"),
        (1 / sp.cosh(sp.log(U)), True, "FAILS"),
        (sp.exp(-(sp.log(U) ** 2)), True, "FAILS"),
        (sp.Rational(1, 2) + 1 / sp.log(U / 8), True, "FAILS"),
        (1 + 2 / sp.log(U / 8), False, "FAILS"),
        (sp.Rational(1, 1000) - sp.sqrt(-1 / sp.log(U / 8)), False, "FAILS"),
        (100 + sp.log(U), True, "UNDECIDED"),
        (100 - 1 / (U * sp.log(U / 8) ** 2), False, "FAILS"),
        (2 - sp.log(U), True, "UNDECIDED"),
    ],
    ids=str,
)
def test_signs_up_to_ends_where_parts_are_infinite(
    expr: sp.Expr, strict: bool, answer: str
) -> None:
    assert decide_positive(expr, strict=strict).answer.name == answer
