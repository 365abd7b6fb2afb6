"""A parameter is what its symbol declares: the range is proved about, and refuted in."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import FiniteSet, Interval, Rational, Symbol, exp, log, oo, sin, sinh

from proofs_checks import Verdict, check_model
from proofs_checks.proof import Flow, parameters_of, pieces_of
from theory import gradient_flow, interaction_energy
from theory.atoms import Tangent
from theory.models import SA, catalogue
from theory.symbols import X, beta, eta, z

PROVED, REFUTED, UNDECIDED = Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED


def climbs(kernel):
    """Gradient flow of a kernel in z."""
    return gradient_flow(interaction_energy(kernel), "h")


def scaled(factor):
    """A multiple of SA."""
    field = factor * SA.velocity.field
    parts = (beta, *sorted(factor.free_symbols, key=str))
    return replace(
        SA,
        name="multiple of SA",
        velocity=Tangent(X, field),
        energy=None,
        metric=None,
        parameters=parts,
    )


def verdict(model, row, **given):
    """Verdict of one row, and its evidence."""
    return check_model(model, only=row, **given).rows[0].evidence


DECLARED = {
    "plain": ({}, Interval.open(0, oo)),
    "positive": ({"positive": True}, Interval.open(0, oo)),
    "negative": ({"negative": True}, Interval.open(-oo, 0)),
    "nonpositive": ({"nonpositive": True}, Interval(-oo, 0)),
    "nonnegative": ({"nonnegative": True}, Interval(0, oo)),
    "real": ({"real": True}, Interval(-oo, oo)),
}


@pytest.mark.parametrize("name", DECLARED)
def test_the_table_reads_what_a_symbol_declares(name):
    assumptions, where = DECLARED[name]
    a = Symbol("a", **assumptions)
    (found,) = parameters_of(Flow.of(climbs(a * z)))
    assert (found.symbol, found.range, found.value) == (a, where, None)


def test_beta_and_the_step_of_a_layer_are_positive_unless_a_number_says_otherwise():
    layer = Flow.of(catalogue("discrete layer"))
    assert {p.symbol: p.range for p in parameters_of(layer)} == {
        beta: Interval.open(0, oo),
        eta: Interval.open(0, oo),
    }
    assert pieces_of(layer) == () == pieces_of(Flow.of(SA, beta=-1))


def test_pieces_cover_the_range_and_no_more():
    for _, (assumptions, where) in DECLARED.items():
        a = Symbol("a", **assumptions)
        pieces = pieces_of(Flow.of(climbs(a * z)))
        for number in (-oo, -3, Rational(-1, 7), 0, Rational(1, 7), 3):
            held = sum(number in piece.ranges[a] for piece in pieces)
            assert held == (number in where and bool(pieces)), (assumptions, number)


# -- signs --------------------------------------------------------------------------------------


REPELS = ("Lemma 6.4", "Theorem 6.3", "consensus spectrum")


@pytest.mark.slow
@pytest.mark.parametrize("row", REPELS)
@pytest.mark.parametrize(
    "kernel",
    [lambda a: a * z, lambda a: a * exp(z), lambda a: a * sinh(z), lambda a: a * z**3 + a * z],
)
def test_a_negative_factor_repels(row, kernel):
    """Independent mathematics: at a = -1 the kernel is the negative of one that attracts."""
    negative = kernel(Symbol("a", negative=True))
    found = verdict(climbs(negative), row)
    assert found.verdict is REFUTED is verdict(climbs(kernel(-1)), row).verdict
    assert found.scope["a"] == "< 0"
    assert verdict(climbs(kernel(Symbol("a"))), row).verdict is PROVED


@pytest.mark.slow
@pytest.mark.parametrize("row", ["Lemma 6.4", "consensus spectrum"])
def test_a_negative_multiple_of_attention_repels(row):
    assert verdict(scaled(Symbol("a", negative=True)), row).verdict is REFUTED
    assert verdict(scaled(Symbol("a", positive=True)), row).verdict is PROVED
    assert verdict(scaled(Symbol("a")), row).verdict is PROVED


@pytest.mark.slow
@pytest.mark.parametrize("row", ["Lemma 6.4", "consensus spectrum", "energy ascent"])
def test_what_holds_for_either_sign_is_proved_for_both(row):
    """h = e^{az}/a has h' = e^{az} > 0 whatever the sign of a."""
    a = Symbol("a", negative=True)
    found = verdict(climbs(exp(a * z) / a), row)
    assert (found.verdict, found.scope["a"]) == (PROVED, "< 0")


def test_positive_definite_for_one_sign_only():
    """e^{az}/a has the Taylor coefficient a/2 of degree 2: negative for a < 0."""
    for assumptions, expected in (({"negative": True}, REFUTED), ({"positive": True}, PROVED)):
        a = Symbol("a", **assumptions)
        assert verdict(climbs(exp(a * z) / a), "Proposition 3.4").verdict is expected


@pytest.mark.every(3)
@pytest.mark.parametrize("assumptions", [{"real": True}, {"nonpositive": True}, {"integer": True}])
def test_a_range_that_holds_a_repulsive_sign_is_refuted_there(assumptions):
    found = verdict(climbs(Symbol("a", **assumptions) * z), "consensus spectrum")
    assert found.verdict is REFUTED
    assert "a < 0" in found.detail


def test_a_factor_that_may_vanish_moves_nothing_there():
    found = verdict(climbs(Symbol("a", nonnegative=True) * z), "Lemma 6.4")
    assert found.verdict is REFUTED
    assert "a = 0: REFUTED" in found.detail and "a > 0: PROVED" in found.detail


@pytest.mark.slow
def test_real_parameters_of_either_sign_are_proved_about():
    """A square is nonnegative whatever the sign, and 2 + a² pulls."""
    a = Symbol("a", real=True)
    found = verdict(climbs((2 + a**2) * z), "Lemma 6.4")
    assert (found.verdict, found.scope["a"]) == (PROVED, "any real number")


@pytest.mark.slow
def test_two_parameters_and_matrices_beside():
    a, b = Symbol("a", negative=True), Symbol("b", positive=True)
    assert verdict(climbs((b - a) * z), "Lemma 6.4").verdict is PROVED
    assert verdict(climbs(a * b * z), "Lemma 6.4").verdict is REFUTED
    heads = catalogue("no projection")
    parts = (*heads.parameters, a)
    backwards = replace(heads, velocity=a * heads.velocity, energy=None, parameters=parts)
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    for given in ({}, {"Q": turn, "K": np.eye(2), "V": turn}):
        found = verdict(backwards, "permutation equivariance", **given)
        assert (found.verdict, found.scope["a"]) == (PROVED, "< 0")


@pytest.mark.parametrize("name", ["sink", "sigmoid"])
@pytest.mark.slow
def test_real_parameters_of_the_catalogue_are_asked_of_either_sign(name):
    symbol = next(str(p) for p in catalogue(name).parameters if p != beta)
    found = verdict(catalogue(name), "Lemma 6.4")
    assert (found.verdict, found.scope[symbol]) == (PROVED, "any real number")


# -- ranges that a user gives -------------------------------------------------------------------


@pytest.mark.slow
def test_a_range_in_place_of_a_number():
    a = Symbol("a", real=True)
    model = climbs(exp(a * z))
    assert verdict(model, "consensus spectrum", a=Interval.open(0, oo)).verdict is PROVED
    assert verdict(model, "consensus spectrum", a=Interval(-2, -1)).verdict is REFUTED
    found = verdict(model, "consensus spectrum", a=Interval(1, 2))
    assert (found.verdict, found.scope["a"]) == (PROVED, "[1, 2]")
    assert verdict(model, "consensus spectrum", a=FiniteSet(1, 3)).verdict is PROVED


@pytest.mark.slow
def test_a_range_of_beta_keeps_what_every_beta_has():
    found = verdict(SA, "Lemma 6.4", beta=Interval(1, 4))
    assert (found.verdict, found.scope["beta"]) == (PROVED, "[1, 4]")


@pytest.mark.slow
def test_a_number_in_every_form_is_the_same_parameter():
    model = climbs(Symbol("a", negative=True) * z)
    for value in (-2, -2.0, Fraction(-2), Rational(-2), np.float64(-2), np.array(-2), -(2.0**63)):
        assert verdict(model, "consensus spectrum", a=value).verdict is REFUTED, value


# -- refused in words ---------------------------------------------------------------------------


@pytest.mark.parametrize("assumptions", [{"positive": True}, {"negative": True}, {}])
def test_two_parameters_of_one_name(assumptions):
    other = Symbol("beta", **assumptions)
    with pytest.raises(ValueError, match=r"two symbols beta, one with.*real=True"):
        climbs((1 + beta - other) * z)


@pytest.mark.parametrize("name", ["t", "n", "d", "z", "m", "X"])
def test_a_parameter_named_like_the_alphabet(name):
    with pytest.raises(ValueError, match=f"two symbols {name}"):
        replace(SA, parameters=(beta, Symbol(name, positive=True)))


@pytest.mark.parametrize(
    ("assumptions", "value"),
    [
        ({"negative": True}, 2),
        ({"negative": True}, 0.0),
        ({"positive": True}, Fraction(-1, 2)),
        ({"integer": True}, 0.5),
        ({"nonnegative": True}, np.float64(-1)),
        ({"negative": True}, Interval(0, 1)),
        ({"integer": True}, Interval.open(0, 1)),
        ({}, Interval(2, 1)),
        ({"imaginary": True}, None),
    ],
)
def test_an_impossible_range(assumptions, value):
    model = climbs(Symbol("a", **assumptions) * z)
    given = {} if value is None else {"a": value}
    with pytest.raises(ValueError, match=r"Expected .*a.* but got"):
        check_model(model, only="Lemma 6.4", **given)


def test_a_range_is_not_for_a_matrix():
    with pytest.raises(ValueError, match="a range is for a scalar"):
        check_model(catalogue("no projection"), only="confinement", Q=Interval(0, 1))


# -- whole numbers ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("row", ["consensus spectrum", "energy ascent"])
def test_whole_numbers_are_tried_at_whole_numbers(row):
    """h = z^(2q-1), q = 1, 2, …: h'(1) = 2q - 1 > 0, though 2q - 1 < 0 at q = 1/4."""
    q = Symbol("q", integer=True, positive=True)
    found = verdict(climbs(z ** (2 * q - 1)), row)
    assert found.verdict is PROVED


def test_a_parity_is_written_out():
    with pytest.raises(ValueError, match=r"write an even number as 2\*q"):
        check_model(climbs(Symbol("q", even=True) * z), only="Lemma 6.4")


@pytest.mark.full
def test_sigmoid_has_saddles_at_every_bias():
    """Theorem 6.1 was enclosed for e^bias in [1/4, 4] alone."""
    for given in ({}, {"bias": 10}, {"bias": -10}, {"bias": 40}):
        assert verdict(catalogue("sigmoid"), "Theorem 6.1", **given).verdict is Verdict.PROVED


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("assumptions", "factor", "given", "place"),
    [
        ({"real": True}, lambda a: 1 / a, {}, "a = 0"),
        ({"nonnegative": True}, lambda a: 1 / a, {}, "a = 0"),
        ({"integer": True}, lambda a: 1 / a**2, {}, "a = 0"),
        ({"real": True}, log, {}, "a = 0"),
        ({}, lambda a: 1 / (a - 1), {"a": Interval(1, 2)}, "a = 1"),
        ({"real": True, "nonzero": True}, lambda a: 1 / a, {}, ""),
        ({"real": True}, lambda a: 1 / a, {"a": Interval(1, 2)}, ""),
        ({"real": True}, lambda a: sin(a) / a, {}, "a = 0"),
        ({"real": True}, lambda a: 1 / (1 + a**2), {}, ""),
        ({}, lambda a: 1 / a, {}, ""),
    ],
)
def test_a_range_with_a_pole_in_it(assumptions, factor, given, place):
    """1/c for any real c: ten rows were errors of ours, of infinities that a sample held."""
    model = scaled(factor(Symbol("a", **assumptions)))
    if place:
        with pytest.raises(ValueError, match=f"every a, .* no value at {place}; declare it"):
            check_model(model, only="confinement", **given)
    else:
        evidence = verdict(model, "confinement", **given)
        assert evidence.verdict is PROVED
