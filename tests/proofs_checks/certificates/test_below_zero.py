"""Strict saddles at β < 0 and with unequal masses: what is certified, and forgeries that fall.

The independent mathematics: values of g on a fine grid, and Hessians of the energy by hand.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_checks.certificates import Certificate, NotFound, certify_strict_saddles, check
from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.checker.landscape import arrangements
from proofs_checks.certificates.checker.slices import SCALE, Slice
from proofs_checks.certificates.checker.texts import saddles_text

BELOW = {n: certify_strict_saddles(n, low=low, high=0) for n, low in ((3, "-13/20"), (4, -2))}
WEIGHTED = certify_strict_saddles(3, low="-1/4", high="1/4", masses=(1, 2, "7/2"))


def hessian(turns: Any, masses: Any, beta: float) -> Any:
    """Of ½ ΣΣ m_i m_j e^{β cos}/β in angles, by hand."""
    phi = 2 * np.pi * np.subtract.outer(turns, turns)
    g = (np.cos(phi) - beta * np.sin(phi) ** 2) * np.exp(beta * np.cos(phi))
    g *= np.multiply.outer(masses, masses)
    np.fill_diagonal(g, 0.0)
    return g - np.diag(g.sum(axis=1))


@pytest.mark.parametrize(
    "certificate", [*BELOW.values(), WEIGHTED], ids=lambda c: c.statement[28:60]
)
def test_they_are_accepted(certificate: Certificate) -> None:
    result = check(certificate)
    assert result.ok, result.reason


def test_what_is_said() -> None:
    assert "every beta in [-13/20, 0] (at beta = 0" not in BELOW[3].statement
    assert "every beta in [-13/20, 0]" in check(BELOW[3]).statement
    assert "of masses 1, 2, 7/2 and every beta in [-1/4, 1/4]" in check(WEIGHTED).statement


def test_orders_of_masses() -> None:
    half = Fraction(1, 2)
    assert arrangements([half, half, half]) == [(1, 1, 1)]
    assert len(arrangements([Fraction(k) for k in (1, 2, 3, 4)])) == 12
    assert arrangements([half, half, Fraction(1)]) == [(1, 2, 1), (2, 1, 1)]


def test_past_the_failure_nothing_is_found() -> None:
    """At β = -0.7 the triangle is a local maximum, and no search gets past it."""
    eigenvalues = np.linalg.eigvalsh(hessian([0, 1 / 3, 2 / 3], [1, 1, 1], -0.7))
    assert eigenvalues.max() < 1e-12 and eigenvalues[1] < -0.01
    reached = certify_strict_saddles(3, low="-7/10", high=0)
    assert Fraction(-2, 3) < Fraction(reached.parameters["beta_from"]) < Fraction(-6, 10)
    assert check(reached).ok
    with pytest.raises(NotFound, match="no test holds near"):
        certify_strict_saddles(3, low="-3/4", high="-7/10")


def forged(base: Certificate, **changes: Any) -> bool:
    """Whether a certificate with other parts, sealed anew, is refused."""
    return not check(certificates.reseal(replace(base, **changes))).ok


def test_forgeries_that_are_sealed_anew_are_refused() -> None:
    base = BELOW[3]
    knots, trees = list(base.evidence["knots"]), list(base.evidence["trees"])
    past = {**base.parameters, "beta_from": "-7/10"}
    text = saddles_text(3, Fraction(-7, 10), Fraction(0))[0]
    moved = {**base.evidence, "knots": ["-7/10", *knots[1:]]}
    assert forged(base, parameters=past, statement=text, evidence=moved)
    longer = {**base.evidence, "knots": ["-7/10", *knots], "trees": [trees[0], *trees]}
    assert forged(base, parameters=past, statement=text, evidence=longer)
    # A missing box, and one slice for all.
    leaf = trees[0].index("+")
    short = [trees[0][:leaf] + "." + trees[0][leaf + 3 :], *trees[1:]]
    assert forged(base, evidence={**base.evidence, "trees": short})
    assert forged(base, evidence={**base.evidence, "knots": [knots[0], "0"], "trees": trees[:1]})
    # The trees of equal masses for others, and an order of masses too few.
    other = {**WEIGHTED.parameters, "masses": ["1", "2", "40"]}
    said = saddles_text(3, Fraction(-1, 4), Fraction(1, 4), [Fraction(m) for m in (1, 2, 40)])[0]
    assert forged(WEIGHTED, parameters=other, statement=said)
    few = [slices[:-1] for slices in WEIGHTED.evidence["trees"]]
    assert forged(WEIGHTED, evidence={**WEIGHTED.evidence, "trees": few})


def test_wrong_bounds_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a largest value of g that isn't one, the checker would be another: it is used."""
    original = Slice._extreme
    monkeypatch.setattr(Slice, "_extreme", lambda self, b: original(self, b) + 2**SCALE)
    assert not check(BELOW[4]).ok


@settings(deadline=None, max_examples=60)
@given(
    low=st.fractions(-4, 4, max_denominator=50),
    width=st.fractions(0, Fraction(1, 2), max_denominator=50),
    ends=st.tuples(st.integers(-63, 63), st.integers(0, 40)),
)
def test_bounds_hold_for_beta_of_either_sign(
    low: Fraction, width: Fraction, ends: tuple[int, int]
) -> None:
    a, b = ends[0], ends[0] + ends[1]
    bounds = Slice(flint, 6, low, low + width)
    first, second, growth, least, most = bounds.span(a, b)
    phi = 2 * np.pi * np.linspace(a, b, 400) / 64
    slack = 1e-9 * 2**SCALE
    for beta in np.linspace(float(low), float(low + width), 9):
        g = (np.cos(phi) - beta * np.sin(phi) ** 2) * np.exp(beta * np.cos(phi)) * 2**SCALE
        assert least - slack <= g.min() and g.max() <= most + slack
        assert np.exp(beta * np.cos(phi)).max() * 2**SCALE <= growth + slack
        pad = float(bounds.bend) * growth
        assert g.max() <= max(first, second) + pad + slack
