"""Signs of kernels: exact answers, intervals, honest UNDECIDED."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_checks.decide import Answer, decide_positive, sign, sign_changes, zeros
from theory.symbols import beta, d, n, z

WARM = sp.Symbol("b", positive=True)


@pytest.mark.parametrize(
    ("expr", "every"),
    [
        (5 - sp.Abs(WARM * z), False),  # which is negative at 6
        (5 - sp.Max(WARM * z, 0), False),
        (3 - sp.Abs(z), True),
        (sp.exp(WARM * z), True),
        (1 + WARM * z**2, True),
    ],
    ids=str,
)
def test_what_holds_in_a_box_is_not_said_of_all(expr, every):
    decision = decide_positive(expr)
    assert decision.holds and decision.for_all is every


@pytest.mark.parametrize(
    ("expr", "closed", "answer"),
    [
        (z**2 + 1, (True, True), "DECIDED"),
        (2 * (1 + z), (False, True), "DECIDED"),
        (2 * (1 + z), (True, True), "FAILS"),
        (3 * z**2, (True, True), "FAILS"),
        (1 / (2 + z), (True, True), "DECIDED"),
        (sp.exp(beta * z) * (1 - z), (True, False), "DECIDED"),
        (3 * z**2 + beta, (True, True), "DECIDED"),
        (sp.sinh(beta * z), (True, True), "FAILS"),
        (sp.log(3) - sp.log(2 + z), (True, False), "ENCLOSED"),
        (sp.cos(z), (True, True), "ENCLOSED"),
        (z**2 - sp.Rational(1, 3) * z + sp.Rational(1, 36), (True, True), "FAILS"),
        ((z - sp.sqrt(2) / 3) ** 2, (True, True), "FAILS"),
        ((sp.exp(z) - 2) ** 2, (True, True), "FAILS"),
        ((z**3 - sp.sqrt(2) / 10) ** 2, (True, True), "FAILS"),
        ((sp.sin(z) - sp.S.Half) ** 2, (True, True), "UNDECIDED"),
        (sp.S.Zero, (True, True), "FAILS"),
    ],
    ids=str,
)
def test_signs(expr, closed, answer):
    decision = decide_positive(expr, closed=closed)
    assert decision.answer is Answer[answer], decision
    if decision.refuted:
        value = expr.subs(z, decision.witness["z"])
        value = value.subs(beta, decision.witness.get("beta", 1))
        assert sp.simplify(value) <= 0


def test_a_root_between_all_samples_is_found():
    root = sp.Rational(1234567, 9999999)
    expr = (z - root) ** 2
    assert decide_positive(expr).witness["z"] == root
    assert decide_positive(expr, strict=False).holds
    narrow = (z - root) * (z - root - sp.Rational(1, 10**6))
    witness = decide_positive(narrow, strict=False).witness["z"]
    assert narrow.subs(z, witness) < 0


@pytest.mark.parametrize("place", [sp.Rational(1, 2), sp.Rational(1, 3), 1 / sp.sqrt(2)])
def test_a_witness_is_a_place_where_there_is_a_value(place):
    double = decide_positive((z - place) ** -2)
    assert double.answer is Answer.UNDECIDED and "no value at t = " in double.detail
    odd = decide_positive(1 / (z - place))
    assert odd.refuted and 1 / (odd.witness["z"] - place) < 0


@pytest.mark.parametrize(
    ("expr", "count"),
    [
        ((n - 5) ** 2, 5),
        ((n - 1000) ** 2, 1000),
        ((n - 5) ** 2 + (z - 1 / sp.sqrt(3)) ** 2, 5),
        ((n**2 - 36) ** 2 + z**2, 6),
        ((2 * n - 19) ** 2 - 1, 9),
    ],
    ids=str,
)
@pytest.mark.slow
def test_numbers_of_tokens_are_those_where_the_function_is_least(expr, count):
    decision = decide_positive(expr, closed=(False, False))
    assert decision.refuted and decision.witness["n"] == count
    assert sp.simplify(expr.subs(n, count).subs(z, decision.witness["z"])) <= 0


def test_a_parameter_at_which_the_function_vanishes_is_found():
    decision = decide_positive((n - beta) ** 2)
    assert decision.refuted and decision.witness["beta"] == decision.witness["n"]


def test_the_scope_says_which_parameters():
    proved = decide_positive(sp.exp(beta * z))
    assert proved.scope == {"beta": "> 0"}
    boxed = decide_positive(sp.exp(beta) - sp.exp(beta * z), closed=(True, False))
    assert boxed.answer is Answer.ENCLOSED and boxed.scope == {"beta": "[1/4, 4]"}


def test_floats_are_read_as_the_rationals_they_print():
    assert decide_positive(0.1 * z - 0.1, strict=True).refuted
    assert decide_positive(z + 1.5).answer is Answer.DECIDED


@pytest.mark.slow
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_polynomial_signs_agree_with_a_fine_grid(coefficients):
    expr = sum((c * z**p for p, c in enumerate(coefficients)), sp.S.Zero)
    decision = decide_positive(expr)
    lowest = np.polyval(coefficients[::-1], np.linspace(-1, 1, 2001)).min()
    if decision.answer is Answer.DECIDED:
        assert lowest > 0
    else:
        assert decision.refuted
        assert expr.subs(z, decision.witness["z"]) <= 0


def test_sign_changes():
    assert sign_changes(z**3 - z / 4) == (-sp.Rational(1, 2), 0, sp.Rational(1, 2))
    assert sign_changes(z**2 * (z - sp.Rational(1, 3))) == (sp.Rational(1, 3),)
    (root,) = sign_changes(z * sp.cosh(z) - sp.cosh(z) / 3)
    assert abs(root - 1 / 3) < 1e-12
    assert sign_changes(beta * z) is None


def test_zeros_say_where_a_sign_stays():
    touching = (2 * z + 1) ** 2 * (3 * z - 2)
    assert zeros(touching) == ((-sp.Rational(1, 2), False), (sp.Rational(2, 3), True))
    assert zeros(touching * sp.exp(z)) == zeros(touching)
    assert zeros((z + 1) ** 2 * (3 * z - 2)) == ((sp.Rational(2, 3), True),)  # ends are left out
    assert zeros((sp.exp(z) - 1) ** 2 * (3 * z - 2)) == ((0, False), (sp.Rational(2, 3), True))
    # no root is told from a near miss where none is known in closed form
    assert zeros((sp.exp(z) + z - 1) ** 2 * (3 * z - 2)) is None


@pytest.mark.parametrize(
    ("expr", "closed"),
    [
        (sp.sqrt(1 + z), (False, True)),
        ((1 - z) ** 2 * (2 + z), (True, False)),
        ((z - 1) ** 2 * (9 * z**2 + z * sp.exp(z) + 6 * z + 2 * sp.exp(z)), (True, False)),
        (1 - sp.tanh(50 * z - 10) ** 2, (True, True)),
    ],
    ids=str,
)
def test_a_zero_at_an_end_that_is_left_out_does_no_harm(expr, closed):
    assert decide_positive(expr, closed=closed).holds
    assert decide_positive(expr, strict=False).holds


def test_signs_change_inside_alone():
    h = (1 + z) ** sp.Rational(3, 2)
    assert sign_changes(h.diff(z) * z - h.diff(z, 2) * (1 - z**2)) == (sp.Rational(1, 3),)
    steep = sp.tanh(50 * (z - sp.Rational(1, 5)))
    (root,) = sign_changes(steep.diff(z) * z - steep.diff(z, 2) * (1 - z**2))
    # t + 100 tanh(50 t - 10) (1 - t²) = 0, by bisection at 50 digits
    exact = sp.nsolve(
        z + 100 * sp.tanh(50 * z - 10) * (1 - z**2), z, (0.19, 0.21), solver="bisect", prec=50
    )
    assert abs(root - exact) < 1e-15


@pytest.mark.parametrize("expr", [sp.exp(beta * z) * n, 1 / (3 * d * n + z), n - d * z + 2 * n * d])
def test_what_is_proved_for_all_counts_is_tried_at_none(expr, monkeypatch):
    monkeypatch.setattr(sign, "tried_counts", None)
    found = decide_positive(expr)
    assert found.answer is Answer.DECIDED and "integer" in found.scope["n"]


@pytest.mark.parametrize(
    ("expr", "count"),
    [(beta + n - 5, 2), (n * (7 - n) + beta + z + 2, 12), ((n - 9) ** 2 * sp.exp(beta * z), 9)],
    ids=str,
)
def test_what_fails_at_a_count_fails_there_exactly(expr, count):
    found = decide_positive(expr)
    assert found.refuted and found.witness["n"] == count
    named = {str(s): s for s in expr.free_symbols}
    assert expr.subs({named[a]: b for a, b in found.witness.items() if a in named}) <= 0
