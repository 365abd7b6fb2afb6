"""Zeros of functions of one variable, against values at them and counts of sign changes."""

import numpy as np
import pytest
import sympy as sp

from proofs_checks.decide.roots import exact_zeros, whole_zeros
from theory import bounded
from theory.symbols import n, z

ROOT = sp.sqrt(2)


@pytest.mark.parametrize(
    ("expr", "zeros"),
    [
        ((z - 1 / ROOT) ** 2, ((1 / ROOT, 2),)),
        (z**2 - ROOT * z + sp.S.Half, ((1 / ROOT, 2),)),
        ((z**2 - sp.Rational(1, 3)) * (z - 2), ((-1 / sp.sqrt(3), 1), (1 / sp.sqrt(3), 1))),
        ((sp.exp(2 * z) - 3) ** 2 * (z + sp.S.Half), ((-sp.S.Half, 1), (sp.log(3) / 2, 2))),
        (sp.tanh(z) - 2, ()),
        (sp.atan(z) - 2, ()),
        (sp.exp(z) + 1, ()),
        (sp.sinh(z) - sp.S.Half, ((sp.asinh(sp.S.Half), 1),)),
        ((z - sp.pi / 8) ** 2, ((sp.pi / 8, 2),)),
        (z**2 + ROOT, ()),
        (sp.sin(z) - sp.S.Half, None),
        (sp.exp(z) + z, None),
    ],
    ids=str,
)
def test_zeros(expr, zeros):
    found = exact_zeros(expr, z, -sp.S.One, sp.S.One)
    assert (found is None) is (zeros is None)
    for (place, count), (wanted, times) in zip(found or (), zeros or (), strict=True):
        assert sp.simplify(place - wanted) == 0 and count == times
        assert abs(sp.N(expr.subs(z, place))) < 1e-12


def test_all_zeros_are_found():
    rng = np.random.default_rng(2)
    for _ in range(20):
        own = sorted(sp.Rational(int(k), 12) for k in rng.choice(range(-11, 12), 3, replace=False))
        expr = sp.expand(sp.prod([z - ROOT * place for place in own]))
        inside = [place for place in own if abs(float(ROOT * place)) <= 1]
        found = exact_zeros(expr, z, -sp.S.One, sp.S.One)
        assert found is None or len(found) == len(inside)


def test_whole_numbers_beside_zeros_and_least_values():
    assert whole_zeros((n - 5) ** 2 + 1, n) == (5,)
    assert whole_zeros(2 * n - 19, n) == (9, 10)
    assert whole_zeros(n + 1, n) == ()


def test_a_budget_that_is_spent_ends_the_search(monkeypatch):
    monkeypatch.setattr(bounded, "thread_time", lambda: 0.0)
    with bounded.metered(5), bounded.deciding(), pytest.raises(bounded.BudgetSpentError):
        monkeypatch.setattr(bounded, "thread_time", lambda: 9.0)
        exact_zeros((z - 1) * (z + 2), z, -sp.S.One, sp.S.One)
