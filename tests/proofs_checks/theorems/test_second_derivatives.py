"""Second derivatives of energies: against differences, and mutated rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm
from sympy import MatrixSymbol, S, Symbol, cos, exp, lambdify, sin

from proofs_checks.proof import CROSS, HESSIAN, Flow
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, settle
from proofs_checks.theorems.curve_bends import PAIRED, bend_of_curve
from proofs_checks.theorems.order import DIFFERENTIATED
from proofs_checks.theorems.pairings import EVEN_BLOCKS, even_pairings
from proofs_checks.theorems.second_derivatives import (
    AT_A_PEAK,
    EQUATIONS,
    PEAKS,
    PHI,
    cut_in_angles,
    hessian_in_angles,
)
from proofs_checks.theorems.turned_subsets import (
    SKEW,
    SKEWED,
    B,
    bend_of_subset,
    cold_bend_of_subset,
)
from theory.models import REPULSIVE, USA
from theory.symbols import X, beta, d, m, n, t, z
from theory.terms import Image, Index, Inner, Item, Row, Vec, ddt, residual, total
from theory.terms.algebra import Equation

i, j = Index("i"), Index("j")
G = Inner(Row(X, i), Row(X, j))
PULL = -sin(PHI) * exp(beta * cos(PHI))
BEND = -PULL.diff(PHI)


def of_all_times(says: Rel) -> Any:
    """Say an equation of every time: what is assumed is of one."""

    class Always:
        def __init__(self) -> None:
            self.says, self.given = says, frozenset[Any]()

        def general(self, *_: Any, **__: Any) -> bool:
            return True

    return Always()


def test_the_hessian_by_differences() -> None:
    rng = np.random.default_rng(3)
    angles, masses, heat, step = rng.uniform(-3, 3, 4), rng.uniform(0.2, 1, 4), 1.7, 1e-4

    def energy(at: Any) -> Any:
        return masses @ np.exp(heat * np.cos(at[:, None] - at)) @ masses / (2 * heat)

    entry = lambdify((PHI, beta), BEND)(angles[:, None] - angles, heat) * np.outer(masses, masses)
    np.fill_diagonal(entry, 0)
    claimed = entry - np.diag(entry.sum(axis=1))
    for _ in range(5):
        speeds = rng.normal(size=4)
        values = [energy(angles + k * step * speeds) for k in (-1, 0, 1)]
        found = (values[0] - 2 * values[1] + values[2]) / step**2
        assert found == pytest.approx(speeds @ claimed @ speeds, rel=1e-4, abs=1e-5)
    own = hessian_in_angles(Flow.of(USA), PULL, BEND, -1, PHI)
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem)


@pytest.mark.parametrize(
    ("slope", "bend", "sign"), [(2 * PULL, BEND, -1), (PULL, BEND + sin(PHI), -1), (PULL, BEND, 1)]
)
def test_another_hessian_isnt_concluded(slope: Any, bend: Any, sign: int) -> None:
    own = hessian_in_angles(Flow.of(USA), slope, bend, sign, PHI)
    assert not isinstance(own, Refusal) and isinstance(own.found, Refusal)


def test_another_cut_isnt_concluded() -> None:
    for model, bend, inside in (
        (USA, BEND, True),
        (USA, BEND + sin(PHI), False),
        (REPULSIVE, BEND, False),
    ):
        own = cut_in_angles(Flow.of(model), bend, PHI, inside)
        assert not isinstance(own, Refusal) and isinstance(own.found, Refusal)


def test_an_equation_is_differentiated_where_it_is_so_at_every_time() -> None:
    same = Rel("=", G, cos(t))
    assert DIFFERENTIATED.conclude(of_all_times(same)) == Rel("=", ddt(G), ddt(cos(t)))
    assert DIFFERENTIATED.conclude(of_all_times(Rel("=", G, 1))) == Rel("=", ddt(G), 0)
    assert isinstance(apply(DIFFERENTIATED, assume(same)), Refusal)
    assert isinstance(apply(DIFFERENTIATED, assume(Rel("<=", 0, beta))), Refusal)


def test_a_peak_is_one_of_what_is_bent() -> None:
    peak, bend = assume(Is(PEAKS, G)), of_all_times(Rel("=", ddt(ddt(G)), beta))
    assert isinstance(peak, Theorem)
    assert AT_A_PEAK.conclude(peak.fact, bend) == Rel("<=", ddt(ddt(G)), 0)
    other = assume(Is(PEAKS, 2 * G))
    for premises in (
        (other, assume(bend.says)),
        (peak, assume(bend.says)),  # of one time
        (peak, assume(Rel("=", ddt(G), beta))),
        (peak, assume(Rel("<=", 0, beta))),
        (assume(Rel("<=", 0, beta)), assume(bend.says)),
    ):
        assert isinstance(apply(AT_A_PEAK, *premises), Refusal)


def test_sums_that_leave_one_token_out() -> None:
    whole, own = total(G * Item(m, j), j), Inner(Row(X, i), Row(X, i)) * Item(m, i)
    assert residual(total(G * Item(m, j), j, (i,)), whole - own) == 0
    assert residual(total(G * Item(m, j), j, (i,)), whole) != 0


def test_squares_of_numbers_that_are_0_or_1() -> None:
    c = Item(m, i)
    so = Equation(c**2, c, frozenset({i}))
    assert residual(total(c**3, i), total(c, i), [so]) == 0
    assert residual(c**2 * n, c * n, [so]) == 0
    assert residual(total(c**2, i), total(c, i)) != 0
    assert residual(total(c**2, i), total(c, i), [Equation(c**2, n * c, frozenset({i}))]) != 0
    assert residual(total(Item(m, i) ** 2, i), total(c, i), [Equation(beta**2, beta)]) != 0


def test_signs_of_odd_functions_go_in_front_of_sums() -> None:
    apart = Item(m, i) - Item(m, j)
    odd = total(total(Item(m, i) * sin(apart), j), i)
    turned = total(total(Item(m, j) * sin(apart), j), i)
    assert residual(odd, -turned) == 0 and residual(odd, turned) != 0
    s = Symbol("s", real=True)
    assert residual(sin(s) * odd, -turned * sin(s)) == 0


def test_equations_are_added() -> None:
    a, b = Rel("=", G, beta), Rel("=", beta, 2 * n)
    facts = assume(a), assume(b)
    assert isinstance(settle(EQUATIONS, Rel("=", G + beta, beta + 2 * n), *facts), Theorem)
    for says, known in (
        (Rel("=", G + beta, beta + n), facts),
        (Rel("=", G + beta, beta + 2 * n), facts[:1]),
        (Rel("=", G, G), (assume(Rel("=", beta, beta)),)),
        (Rel("<=", G, beta), facts[:1]),
        (Rel("=", G, beta), (assume(Rel("<=", G, beta)),)),
        (Rel("=", G / (beta - n), beta / (beta - n)), facts[:1]),
    ):
        assert isinstance(settle(EQUATIONS, says, *known), Refusal)


def test_products_with_a_vector() -> None:
    same = assume(Rel("=", Row(X, i), Row(X, j) * beta))
    found = apply(PAIRED, same, arm=Vec("w"))
    assert isinstance(found, Theorem)
    assert found.says == Rel("=", Inner(Vec("w"), Row(X, i)), Inner(Vec("w"), Row(X, j) * beta))
    for premise in (assume(Rel("<=", 0, beta)), assume(Rel("=", beta, n))):
        assert isinstance(apply(PAIRED, premise, arm=Vec("w")), Refusal)


def test_a_curve_bends_by_its_velocity_where_it_is_critical_alone() -> None:
    own = bend_of_curve(Flow.of(USA), HESSIAN)
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem)
    assert own.found.given == set(own.says.given) and len(own.says.given) == 3
    off = bend_of_curve(Flow.of(USA), HESSIAN, anywhere=True)
    assert not isinstance(off, Refusal) and isinstance(off.found, Theorem)
    assert off.found.given > set(off.says.given)
    v = Symbol("v", positive=True)
    for model, other in ((USA, HESSIAN + CROSS), (USA, v * HESSIAN), (REPULSIVE, HESSIAN)):
        found = bend_of_curve(Flow.of(model), other, length=v)
        assert not isinstance(found, Refusal) and isinstance(found.found, Refusal)


L, BB = Symbol("l", real=True), Symbol("q", real=True)
TURNED = exp(beta * z) * (beta * L**2 + BB)


def test_a_subset_that_turns_by_differences() -> None:
    rng = np.random.default_rng(4)
    x, masses, heat, step = rng.normal(size=(5, 3)), rng.uniform(0.2, 1, 5), 1.3, 1e-4
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    raw, chosen = rng.normal(size=(3, 3)), np.array([1, 0, 1, 0, 0])
    b = raw - raw.T
    values = []
    for k in (-1, 0, 1):
        y = np.where(chosen[:, None], x @ expm(k * step * b).T, x)
        values.append(masses @ np.exp(heat * y @ y.T) @ masses / (2 * heat))
    found = (values[0] - 2 * values[1] + values[2]) / step**2
    pair = lambdify((z, L, BB, beta), TURNED)(x @ x.T, x @ b.T @ x.T, x @ (b @ b).T @ x.T, heat)
    claimed = (np.outer(chosen * masses, (1 - chosen) * masses) * pair).sum()
    assert found == pytest.approx(claimed, rel=1e-4)
    own = bend_of_subset(Flow.of(USA), TURNED, L, BB)
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem)
    assert own.found.given == set(own.says.given)


def test_another_bend_of_a_subset_isnt_concluded() -> None:
    for model, value in ((USA, TURNED + L), (USA, TURNED.subs(BB, -BB)), (REPULSIVE, TURNED)):
        own = bend_of_subset(Flow.of(model), value, L, BB)
        assert not isinstance(own, Refusal) and isinstance(own.found, Refusal)
    even = bend_of_subset(Flow.of(USA), TURNED, L, BB, skew=False)
    assert not isinstance(even, Refusal) and isinstance(even.found, Theorem)
    assert Is(SKEW, B) in even.found.given - set(even.says.given)
    cold = Subject.of(USA, {beta: 0})
    for kernel, block in ((2 * z, ((0, 1), (-1, 0))), (z, ((0, 1), (1, 0)))):
        assert isinstance(cold_bend_of_subset(cold, kernel, 2 / n, block).found, Refusal)


def test_the_algebra_of_a_skew_matrix() -> None:
    x, y, skew = Row(X, i), Row(X, j), assume(Is(SKEW, B))
    once, twice = Image(B, x), Image(B, Image(B, x))
    for left, right in (
        (Inner(once, y), -Inner(x, Image(B, y))),
        (Inner(once, Image(B, y)), -Inner(twice, y)),
        (Inner(twice, y), Inner(x, Image(B, Image(B, y)))),
        (Inner(once, x), S.Zero),
    ):
        assert isinstance(settle(SKEWED, Rel("=", left, right), skew), Theorem)
        assert isinstance(settle(SKEWED, Rel("=", left, right + beta), skew), Refusal)
        assert isinstance(settle(SKEWED, Rel("=", left, right)), Refusal)
        other = assume(Is(SKEW, MatrixSymbol("C", d, d)))
        assert isinstance(settle(SKEWED, Rel("=", left, right), other), Refusal)
    assert isinstance(settle(SKEWED, Rel("=", Inner(twice, x), S.Zero), skew), Refusal)


def test_blocks_of_an_even_number_of_coordinates() -> None:
    assert isinstance(even_pairings(((0, -1), (1, 0)))[0], Theorem)
    for block in (((0, 1), (1, 0)), ((0, 2), (-2, 0))):
        assert isinstance(even_pairings(block)[0], Refusal)
    assert isinstance(apply(EVEN_BLOCKS, assume(Rel("<=", 0, beta))), Refusal)
