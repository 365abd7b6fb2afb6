"""Remark 3.2 as a theorem: what is claimed, what is broken, and every premise."""

import numpy as np
import pytest
from sympy import S, Symbol, cos, sin

from proofs_checks.propositions import Implies, Is, Rel
from proofs_checks.theorems import BASE, HALF, WAVE, Refusal, apply, assume, encoded, settle
from proofs_checks.theorems.encodings import EACH, FILLING, FILLS, PUT
from proofs_checks.theorems.engines import EQUAL
from theory.symbols import X, t
from theory.terms import Index, Inner, Item, Row, ddt, total

F = BASE ** (-WAVE / HALF)
ENDS = S.Zero, HALF - 1


def test_what_is_claimed_and_what_is_broken():
    own = encoded(F, F, ENDS, HALF)
    assert own.found.says == own.says.then and not own.found.given
    for sine, cosine, ends, square in (
        (F / 2, F / 2, ENDS, HALF),
        (F, F / 2, ENDS, HALF),
        (F**2, F**2, ENDS, HALF),
        (BASE ** (-((WAVE / HALF) ** 2)),) * 2 + (ENDS, HALF),
        (F, F, (S.One, HALF), HALF),
        (F, F, (S.Zero, HALF), HALF),
    ):
        assert isinstance(encoded(sine, cosine, ends, square).found, Refusal)
    other = encoded(F, F, ENDS, 2 * HALF)
    assert other.found.says != other.says.then


def test_a_sum_over_columns_needs_an_equation_of_every_number():
    f, index = Symbol("f", real=True), Index("k", HALF)
    ones = settle(EQUAL, Rel("=", sin(f) ** 2 + cos(f) ** 2, 1))
    found = apply(EACH, ones, symbol=f, name="f", index=index)
    assert found.says.right == total(S.One, index) and found.says.left.has(Item)
    positive, place = Symbol("f", positive=True), Symbol("f", integer=True)
    moved = Rel("=", ddt(Inner(Row(X, Index("i")), Row(X, Index("i")))) + f, f)
    for fact, symbol in (
        (assume(Rel("=", f, 1)), f),
        (settle(EQUAL, Rel("=", positive**2 / positive + 1, 1 + positive)), positive),
        (settle(EQUAL, Rel("=", sin(place) ** 2 + cos(place) ** 2, 1)), place),
        (assume(Rel("<=", f, f)), f),
        (assume(moved), f),
        (settle(EQUAL, Rel("=", (f + t) ** 2, f**2 + 2 * f * t + t**2)), f),
    ):
        assert isinstance(apply(EACH, fact, symbol=symbol, name="f", index=index), Refusal)


@pytest.mark.parametrize(("value", "power"), [(S.Zero, S.One), (HALF, 1 / BASE)])
def test_a_value_that_is_put(value, power):
    said = Implies(Rel("=", WAVE, value), Rel("=", F, power))
    assert not isinstance(settle(PUT, said), Refusal)
    for other in (
        Implies(Rel("=", WAVE, value + 1), Rel("=", F, power)),
        Implies(Rel("=", WAVE, value), Rel("=", F, 2 * power)),
        Implies(Rel("<=", WAVE, value), Rel("=", F, power)),
        Implies(Rel("=", WAVE, value), Rel("=", F, power), True),
        Implies(Rel("=", WAVE, S.Zero), Rel("=", WAVE / WAVE**2, 1 / WAVE)),
    ):
        assert isinstance(settle(PUT, other), Refusal)


def test_pairs_of_coordinates_are_all_of_them():
    assert not isinstance(settle(FILLING, Is(FILLS, *ENDS, HALF)), Refusal)
    for first, last in ((1, HALF), (0, HALF), (0, HALF - 2), (1, HALF - 1)):
        assert isinstance(settle(FILLING, Is(FILLS, S(first), last, HALF)), Refusal)
    real = Symbol("h", positive=True)
    assert isinstance(settle(FILLING, Is(FILLS, S.Zero, real - 1, real)), Refusal)


def test_values_of_encodings():
    """d = 8, M = 10^4: lengths, products of shifted places, and wavelengths."""
    places, frequencies = np.arange(12)[:, None], 1e4 ** (-np.arange(4) / 4)
    p = np.concatenate([np.sin(places * frequencies), np.cos(places * frequencies)], axis=1)
    assert np.allclose(np.sum(p**2, axis=1), 4)
    products = p @ p.T
    assert np.allclose(products[3:, 3:], products[:-3, :-3])
