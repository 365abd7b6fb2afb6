"""`evaluate`: numbers, tokens and flows against values by hand; what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Piecewise, Rational, exp, log, oo

import attnflow as af
from proofs_checks import evaluate
from proofs_checks.propositions import Rel, Subject, Tends
from proofs_checks.theorems import pull_of
from theory.models import SA, USA, catalogue
from theory.symbols import X, beta, m, r, t
from theory.terms import Elapsed, Index, Inner, Item, Norm, Row, Vec, at, ddt, total

i, j, w = Index("i"), Index("j"), Vec("w")
TWO = [[1, 0], [0.6, 0.8]]


def test_it_is_public() -> None:
    assert af.evaluate is evaluate


def test_numbers_alone() -> None:
    says = Rel("<=", exp(-2 * beta), 1 / (1 + beta))
    assert evaluate(says, point={"beta": 1}) is True
    assert evaluate(says, point={beta: 0.01}) is True
    assert evaluate(Rel("<", says.right, says.left), point={"beta": 1}) is False


def test_pieces_that_are_not_taken() -> None:
    """They may have no value there: a bound of mix-LN has log(1 + (t - τ)/R) from τ on."""
    late = Piecewise((0, t < beta), (log(1 + t - beta), True))
    for time, value in ((1, 0), (4, log(2))):
        says = Rel("=", late, value)
        assert evaluate(says, point={"beta": 3, "t": time}) is True
        assert evaluate(says, point={"beta": 3 + 1 / 8, "t": time}) is (time == 1)


def test_tokens_alone() -> None:
    here: Any = {"X": TWO, "m": [1, 3], "i": 2, "w": [0, 1]}
    assert evaluate(Rel("=", Inner(Row(X, i), w), Rational(4, 5)), None, here) is True
    assert evaluate(Rel("=", total(Item(m, j), j), 4), None, {"X": TWO, "m": [1, 3]}) is True
    assert evaluate(Rel("=", Norm(total(Row(X, j), j)), 2), None, {"X": TWO}) is False


@pytest.mark.parametrize("time", [0.0, 0.75])
def test_derivatives_along_a_flow(time: float) -> None:
    """Two tokens, masses 1/2, USA: g' = (1 - g²) e^(β g), at the start too."""
    gram = Inner(Row(X, i), Row(X, j))
    slope = (1 - gram**2) * exp(beta * gram)
    here = {"X": TWO, "beta": 0.5, "i": 1, "j": 2, "t": time}
    assert evaluate(Rel("=", ddt(gram), slope), USA, here) is True
    assert evaluate(Rel("=", ddt(gram), slope * Rational(1001, 1000)), USA, here) is False
    assert evaluate(Rel("<=", gram, at(gram)), USA, here) is (time == 0)


def test_lengths_and_integrals() -> None:
    """Tokens at one point under pre-LN: r' = 1, whatever β."""
    here = {"X": [[1, 0], [1, 0]], "r": [[1], [2]], "beta": 3, "i": 2, "t": 2}
    model = catalogue("pre-LN")
    assert evaluate(Rel("=", Item(r, i), 4), model, here) is True
    assert evaluate(Rel("=", Elapsed(Item(r, i)), 6), model, here) is True
    assert evaluate(Rel("=", Item(r, i), at(Item(r, i)) + t), model, here) is True


def test_a_theorem_is_evaluated() -> None:
    fact = pull_of(Subject.of(SA)).heights
    here = {"X": TWO, "beta": 2, "w": [0.8, 0.6], "i": 1, "t": 0.3}
    h = next(one for one in fact.says.free_symbols if str(one) == "h")
    assert evaluate(fact.says, SA, {**here, h: 0.8}) is True
    assert evaluate(fact.says, SA, {**here, h: 1.0}) is False


def test_limits_are_not_told() -> None:
    says = Tends(Row(X, i), w, oo)
    assert evaluate(says, SA, {"X": TWO, "beta": 1, "i": 1, "w": [1, 0]}) is None


GROWS = Rel("<", 0, ddt(Inner(Row(X, i), w)))
FULL = {"X": TWO, "beta": 1.0, "i": 1, "w": [1, 0]}


@pytest.mark.parametrize(
    ("says", "flow", "point", "error", "words"),
    [
        ("0 < β", None, {}, TypeError, "Expected a proposition"),
        (GROWS, "SA", FULL, TypeError, "Expected a Model of kind 'flow'"),
        (GROWS, catalogue("discrete layer"), FULL, TypeError, "a discrete layer"),
        (GROWS, None, FULL, ValueError, "say what moves the tokens"),
        (GROWS, SA, {**FULL, "gamma": 1}, ValueError, "Expected names among .* but got gamma"),
        (GROWS, SA, {"X": TWO, "i": 1}, ValueError, "Expected a value of beta, w but got none"),
        (GROWS, SA, {**FULL, "i": 0}, ValueError, "Expected a token from 1 to 2 but got i=0"),
        (GROWS, SA, {**FULL, "X": [1, 0]}, ValueError, "Expected X of shape"),
        (GROWS, SA, {**FULL, "X": [[1, 0], [1, 1]]}, ValueError, "length 1"),
    ],
)
def test_what_is_refused(says: Any, flow: Any, point: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        evaluate(says, flow, point)


def test_a_flow_brings_its_numbers() -> None:
    from proofs_checks.proof import Flow

    point = {k: v for k, v in FULL.items() if k != "beta"}
    assert evaluate(GROWS, Flow.of(SA, beta=1), {**point, "i": 2}) is True
