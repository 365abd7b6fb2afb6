"""Functions of one inner product: signs, bounds and rules on [-1, 1], against numpy on a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Abs, DiagMatrix, S, Symbol, cosh, exp, lambdify, log, sqrt

from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.propositions import Proposition, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, common_sight, pull_of, settle
from proofs_checks.theorems.attraction import PAIR_OVER
from proofs_checks.theorems.engines import RISING, SIGNS
from proofs_checks.theorems.kernel import read
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.order import SIZE
from proofs_checks.theorems.places import DOUBLY
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, H, cosines, gram, height
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, UNIT
from theory.atoms import Elementwise, Sinkhorn, Tangent
from theory.models import SA, Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, t, z
from theory.terms import Entry, Inner, Item, Norm, OperatorNorm, Row, total

i, j, k = TOKEN, OTHER, Symbol("kappa", positive=True)
g, b = gram(i, j), Symbol("b", positive=True)
SUBJECT = Subject.of(SA)
UNITS = cosines(SUBJECT)
WARM = assume(Rel("<=", 0, beta))


def signed(a: Any, *more: Any, strict: bool = True, facts: Any = UNITS) -> bool:
    return isinstance(settle(SIGNS, Rel("<" if strict else "<=", 0, a), *facts, *more), Theorem)


@pytest.mark.parametrize("a", [1 / (3 - g), log(3 + g), b * cosh(b * g), 2 + g**3, exp(-b * g)])
def test_positive_on_the_sphere(a: Any) -> None:
    assert signed(a)
    assert not signed(a - 8, strict=False)
    assert isinstance(settle(SIGNS, Rel("<", 0, 2 + g**3)), Refusal)  # of numbers at large


@pytest.mark.parametrize(
    "a",
    [
        *(1 / (g - S.One / 3) ** 2, 1 / (1 + g), log(1 + g), sqrt(g), (g - S.Half) ** 2),
        *(
            beta + g**2,
            Symbol("n", integer=True, positive=True) * 0 + g,
            g + gram(j, i) * 0 + t * g,
        ),
        5 - PositivePart(b * g, 1),  # boxes of parameters end at 4
        5 - Abs(b * g),
        sqrt(6 - Abs(b * g)) + 1,
        1 / (5 - Abs(b * g)) ** 2,
        log(7 - Abs(b * g)) ** 2 + 1,
    ],
)
def test_poles_zeros_and_signs_that_change_are_not_positive(a: Any) -> None:
    assert not signed(a)


ROOTS = {
    1 + sqrt(1 - g): 1,
    3 + (1 - g) ** (S.One / 3): 3,
    2 + sqrt(1 - g**2): 2,
    1 + sqrt(2 - g): 2,
    sqrt(1 + g): 0,
    1 + log(2 - g): 1,
    1 / log(4 + g): 1 / log(5),
    1 - 1 / log((1 - g) / 8): 1,
    1 + 1 / log((1 - g) / 8): 1 - 1 / log(4),
    1 + sqrt(-1 / log((1 - g) / 8)): 1,
    2 - 1 / log((1 + g) / 8): 2,
    -1 / log((1 - g) / 8): 0,
}
"""Functions of <x_i,x_j>, and the least value of each on [-1, 1], or the limit."""


@pytest.mark.parametrize("a", ROOTS, ids=str)
def test_a_root_of_what_may_be_0_has_a_value(a: Any) -> None:
    """√(1 - g) at g = 1, where every token's own term is: rows of 1 + √(1 - g) were undecided."""
    grid = np.linspace(-1, 1, 2001)
    with np.errstate(divide="ignore"):
        values = lambdify(z, a.xreplace({g: z}))(grid)
    assert values.min() == pytest.approx(float(ROOTS[a]), abs=1e-12)
    assert signed(a) is bool(ROOTS[a] > 0) and signed(a, strict=False)
    assert not signed(a - ROOTS[a] - S.One / 100, strict=False)
    assert not signed(total(sqrt(1 - g) * Item(m, j), j), read(MASSES, SUBJECT))


@pytest.mark.parametrize("a", [1 / sqrt(1 - g), sqrt(S.Half - g), 2 + log(1 - g)])
def test_a_root_below_0_or_divided_by_has_none(a: Any) -> None:
    assert not signed(a, strict=False)


def moved_by(a: Any) -> Model:
    field = Elementwise(a.xreplace({g: z}), X * X.T) * DiagMatrix(m) * X
    return Model("k", Tangent(X, field))


@pytest.mark.every(6)
@pytest.mark.parametrize("a", [a for a in ROOTS if ROOTS[a] > 0], ids=str)
def test_tokens_meet_at_the_least_weight_of_such_a_kernel(a: Any) -> None:
    report = check_model(moved_by(a), only=("Lemma 6.4", "(4.2)", "(6.2)"))
    assert {row.evidence.word for row in report.rows} == {"PROVED"}
    rate = {1: "", 2: "2 ", 3: "3 "}.get(ROOTS[a], "")
    end = "/log(5)" if ROOTS[a] == 1 / log(5) else ""
    said = report["Lemma 6.4"].sentence.replace("t h (1 - 1/log(4)) ", "(1 - 1/log(4)) t h ")
    rate = "(1 - 1/log(4)) " if ROOTS[a] == 1 - 1 / log(4) else rate
    assert f"D <= D(0) e^(-{rate}t h (Σ_j m_j(0)){end})" in said


@pytest.mark.every(3)
@pytest.mark.parametrize(
    "a",
    [
        S.Half + 1 / log((1 - g) / 8),
        1 + 2 / log((1 - g) / 8),
        1 - 2 * sqrt(-1 / log((1 - g) / 8)),
        -1 - 1 / log((1 - g) / 8),
    ],
    ids=str,
)
def test_a_weight_below_0_of_infinite_slope_is_refuted(a: Any) -> None:
    found = check_model(moved_by(a), only=("Lemma 6.4", "(4.2)", "(6.2)"))
    words = {row.name: row.evidence.word for row in found.rows}
    assert words["Lemma 6.4"] == words["(6.2)"] == "REFUTED" and words["(4.2)"] != "PROVED"


@pytest.mark.every(3)
@pytest.mark.parametrize("a", [-1 / log((1 - g) / 8), 1 / (2 - log(1 - g)), 1 / cosh(log(1 - g))])
def test_a_weight_that_ends_at_0_gives_no_rate(a: Any) -> None:
    """Tokens may meet, slower than any e^{-ct}: an own weight 0 isn't positive."""
    found = check_model(moved_by(a), only=("Lemma 6.4", "(4.2)"))
    assert found["Lemma 6.4"].verdict is not Verdict.PROVED
    assert found["(4.2)"].verdict is Verdict.PROVED


def test_a_parameter_that_may_be_0_is_tried_at_0() -> None:
    assert signed(1 + beta * (1 + g), WARM)
    assert signed(beta * (1 + g), WARM, strict=False) and not signed(beta * (2 + g), WARM)
    assert not signed(1 + beta * g)  # of either sign


def test_the_own_term_of_a_sum() -> None:
    whole = total(g**2 * Item(m, j), j)
    masses = read(MASSES, SUBJECT)
    assert signed(whole, masses)
    assert not signed(whole, masses, facts=UNITS[:2])  # |x_i| = 1 isn't known
    assert not signed(total((1 - g) * Item(m, j), j), masses)  # 0 at consensus


@pytest.mark.parametrize("a", [2 + t, exp(t) - 1 - t, exp(t) - 1], ids=str)
def test_functions_of_time(a: Any) -> None:
    assert signed(a, strict=False, facts=())
    assert not signed(a - 3, strict=False, facts=())


def test_what_rises_is_least_at_the_least() -> None:
    low = assume(Rel("<=", 2 * H**2 - 1, g))
    floor = assume(Rel("<=", -1, 2 * H**2 - 1))
    says = Rel("<=", (2 * H**2) ** 3, (1 + g) ** 3)
    assert isinstance(settle(RISING, says, low, floor, *UNITS), Theorem)
    for facts in ((low, *UNITS), (floor, *UNITS), (low, floor)):
        assert isinstance(settle(RISING, says, *facts), Refusal)
    falls = Rel("<=", (3 - 2 * H**2), 2 - g)
    bowl = Rel("<=", (2 * H**2 - 1) ** 2, g**2)
    for other in (falls, bowl, Rel("<=", 2 * H**2, (1 + g) ** 3)):
        assert isinstance(settle(RISING, other, low, floor, *UNITS), Refusal)


def test_two_tokens_over_an_equator() -> None:
    unit = read(UNIT, SUBJECT)
    other = apply(rename, unit, values={i: j})
    sign = settle(SIGNS, Rel("<=", 0, H))
    heights = [assume(Rel("<=", H, height(one))) for one in (i, j)]
    found = apply(PAIR_OVER, unit, other, assume(UNIT_AXIS), *heights, sign)
    assert isinstance(found, Theorem) and found.says == Rel("<=", 2 * H**2 - 1, g)
    below = assume(Rel("<=", H, height(i)))
    assert isinstance(apply(PAIR_OVER, unit, other, assume(UNIT_AXIS), below, below, sign), Refusal)
    longer = assume(Rel("=", Norm(Row(X, j)), 2))
    assert isinstance(apply(PAIR_OVER, unit, longer, assume(UNIT_AXIS), *heights, sign), Refusal)
    rng = np.random.default_rng(0)
    for _ in range(500):
        x, y, w = (v / np.linalg.norm(v) for v in rng.standard_normal((3, 3)))
        low = min(x @ w, y @ w)
        assert low < 0 or x @ y >= 2 * low**2 - 1 - 1e-12


def test_multiples_of_either_sign() -> None:
    low, high = assume(Rel("<=", -k, g)), assume(Rel("<=", g, k))
    found = apply(SIZE, low, high, factor=beta)
    assert isinstance(found, Theorem)
    assert found.says.args == (
        Rel("<=", -Abs(beta) * k, beta * g),
        Rel("<=", beta * g, Abs(beta) * k),
    )
    assert isinstance(apply(SIZE, assume(Rel("<=", -2 * k, g)), high, factor=beta), Refusal)


def test_balanced_rows_need_one_bound_of_all_symmetric_scores() -> None:
    share = Entry(Sinkhorn(X * X.T, m), i, j)
    masses, (low, high, _) = read(MASSES, SUBJECT), UNITS
    found = apply(DOUBLY, masses, low, high, share=share)
    whole = total(Item(m, j), j)
    assert isinstance(found, Theorem)
    assert found.says == Rel("<=", exp(-4) * Item(m, j) / whole, share)
    for facts in (
        (masses, low, low),
        (masses, low, assume(Rel("<=", g, k))),  # of one pair
        (low, low, high),
        (masses, high, low),
    ):
        assert isinstance(apply(DOUBLY, *facts, share=share), Refusal)
    assert isinstance(apply(DOUBLY, masses, low, high, share=Entry(X * X.T, i, j)), Refusal)


def kernel(body: Any) -> Model:
    from sympy import DiagMatrix

    from theory.symbols import z

    field = Elementwise(body.subs(g, z), X * X.T) * DiagMatrix(m) * X
    return Model("kernel", Tangent(X, field), parameters=())


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("body", "rate"),
    [
        (1 / (3 - g), "/4)"),
        ((1 + g) ** 2, "4 t h^5"),
        (2 + g, "t h (Σ_j m_j(0))"),
        (3 - g, "2 t h"),
    ],
)
def test_tokens_meet_at_what_the_kernel_is_at_least(body: Any, rate: str) -> None:
    found = common_sight(Subject.of(kernel(body)))
    assert isinstance(found, Theorem) and rate in str(found)


@pytest.mark.every(2)
@pytest.mark.parametrize("body", [g, g**2, -1 - g, 1 / (g - S.One / 3) ** 2, (g - S.Half) ** 2])
def test_kernels_that_vanish_or_repel_prove_nothing(body: Any) -> None:
    assert isinstance(common_sight(Subject.of(kernel(body))), Refusal)


def test_sinkhorn_meets_at_its_own_rate() -> None:
    found = common_sight(Subject.of(catalogue("Sinkhorn")))
    assert isinstance(found, Theorem) and "e^(-t h e^(-4 β))" in str(found)


def test_queries_and_keys_of_either_sign() -> None:
    from theory.models import QK_SA

    found = common_sight(Subject.of(QK_SA))
    assert isinstance(found, Theorem)
    says: Proposition = found.says
    assert says.atoms(OperatorNorm) and says.atoms(Abs)
    assert not any(one == Rel("<=", 0, beta) for one in found.given)
    assert HIGH in found.given and isinstance(pull_of(SUBJECT).unit, Theorem)
    assert Inner(Row(X, i), Row(X, i)) not in says.atoms(Inner)
