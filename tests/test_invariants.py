"""check_model against the known answers of the kernel table, and the properties of the models."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import DiagMatrix, MatMul, OneMatrix

from numerics import compile_model, sphere
from numerics.integration import integrate
from proofs_checks.claim import Verdict
from proofs_checks.own_model import BASIC, check_model, parametrize_with_invariants
from proofs_checks.strategies import betas, masses, points
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.layers import DISCRETE_SA
from theory.models import (
    CAUSAL,
    QKV,
    REPULSIVE,
    SA,
    SINKHORN,
    SYMMETRIC_QKV,
    USA,
    Model,
    attention_form,
    gradient_flow,
)
from theory.symbols import X, beta, d, m, z

THEOREMS = (
    "Lemma 6.4",
    "Theorem 6.8",
    "Theorem 6.3",
    "Theorem 6.7",
    "Theorem 6.1",
    "discrete layer",
)


def word(report, name):
    return report[name].verdict.name


# ---------------------------------------------------------------------------------- known answers


@pytest.mark.parametrize("model", [SA, USA, "exp(beta*t)/beta", "exp(2*t)"], ids=str)
def test_the_exponential_kernel_survives_everything(model):
    report = check_model(model)
    assert report.refuted == ()
    for name in (*BASIC, *THEOREMS, "Proposition 3.4 maximum", "Proposition 3.4 minimum"):
        assert word(report, name) == "PROVED", name
    assert word(report, "Kuramoto") == "VACUOUS"
    assert word(report, "circle") == "UNDECIDED"
    assert report.seconds < 5


def test_the_cube_fails_the_cone_lemma_and_the_layer():
    report = check_model("t**3")
    for name in BASIC:
        assert word(report, name) == "PROVED"
    assert report["Lemma 6.4"].detail == (
        "two points with <x1,x2> = 0 are stationary inside an open hemisphere"
    )
    for name in THEOREMS:
        assert word(report, name) == "REFUTED", name
    assert report["discrete layer"].margin < -0.1
    assert "n = 4" in report["discrete layer"].detail
    assert word(report, "consensus spectrum") == "PROVED"


def test_the_cube_counterexamples_are_true():
    model = gradient_flow(interaction_energy(z**3))
    field = compile_model(model)
    assert np.abs(field(np.eye(2))).max() == 0
    start = np.array([[1.0, 0.0], [np.cos(2.0), np.sin(2.0)]])
    end = integrate(field, start, 50.0).points[-1]
    assert -0.05 < end[0] @ end[1] < 0


def test_cube_plus_linear():
    report = check_model("t**3 + beta*t")
    for name in (*BASIC, "Lemma 6.4", "Theorem 6.8", "Theorem 6.3", "Theorem 6.7"):
        assert word(report, name) == "PROVED", name
    assert word(report, "Theorem 6.1") == "VACUOUS"
    assert "hypothesis not met" in report["Theorem 6.1"].detail
    assert word(report, "discrete layer") == "REFUTED"


@pytest.mark.parametrize("text", ["cosh(2*t)", "cosh(beta*t)/beta"])
def test_the_even_kernel(text):
    report = check_model(text)
    assert word(report, "Lemma 6.4") == "REFUTED"
    assert word(report, "Theorem 6.8") == "REFUTED"
    assert report.holds("Proposition 3.4 maximum")
    assert "not unique" in report["Proposition 3.4 maximum"].detail
    assert "a minimiser" in report["Proposition 3.4 minimum"].detail
    assert word(report, "consensus spectrum") == "PROVED"
    assert word(report, "discrete layer") == "PROVED"


def test_the_logarithm():
    report = check_model("log(2+t)")
    assert word(report, "Lemma 6.4") == "PROVED"
    assert word(report, "Theorem 6.1") == "PROVED"
    assert word(report, "Proposition 3.4 minimum") == "REFUTED"
    assert "degree 2" in report["Proposition 3.4 minimum"].detail
    assert word(report, "discrete layer") == "REFUTED"
    with pytest.raises(ValueError, match="Expected"):
        check_model("-log(1-t)")


def test_the_square():
    report = check_model("(1+t)**2")
    for name in ("Lemma 6.4", "Theorem 6.8", "discrete layer"):
        assert word(report, name) == "PROVED", name
    assert word(report, "Theorem 6.1") == "VACUOUS"
    # Two tokens against one at the antipode have the rates 0, 0 and -4/3: no strict saddle.
    assert word(report, "Theorem 5.1") == "VACUOUS"
    assert "strict saddle" in report["Theorem 5.1"].detail


def test_the_linear_kernel_is_kuramoto():
    report = check_model("t")
    assert word(report, "Kuramoto") == word(report, "circle") == "PROVED"


@pytest.mark.parametrize("text", ["0", "5", "beta*t"])
def test_nothing_moves(text):
    report = check_model(text, **({"beta": 0} if "beta" in text else {}))
    for name in ("discrete layer", "Kuramoto"):
        assert word(report, name) == "VACUOUS", name
        assert "nothing moves" in report[name].detail
    assert word(report, "Lemma 6.4") == "REFUTED"


def test_an_unstable_consensus_is_listed_without_a_stray_comma():
    detail = check_model("exp(-t)")["consensus spectrum"].detail
    assert detail.endswith("exp(-1) ((d - 1)*(n - 1) times)")


def test_an_absolute_value_in_disguise_is_refused():
    with pytest.raises(ValueError, match="not C² as written"):
        check_model("(t**2)**1.5")


def test_a_power_stays_whole_in_the_velocity():
    model = gradient_flow(interaction_energy((1 + z) ** sp.Rational(5, 2)))
    assert attention_form(model).kernel == sp.Rational(5, 2) * (1 + z) ** sp.Rational(3, 2)
    x = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert np.all(np.isfinite(compile_model(model)(x)))


@pytest.mark.parametrize("rng", ["x", 1.5, -1, object()])
def test_a_seed_that_is_none(rng):
    with pytest.raises(ValueError, match=r"Expected a seed .*but got rng="):
        check_model("t", rng=rng)


def test_repulsion():
    report = check_model(REPULSIVE)
    for name in BASIC:
        assert word(report, name) == "PROVED"
    for name in (*THEOREMS, "consensus spectrum", "Proposition 3.4 maximum"):
        assert word(report, name) == "REFUTED", name


def test_negative_temperature():
    report = check_model("exp(beta*t)/beta", beta=-3)
    assert word(report, "Lemma 6.4") == "PROVED"
    # The layer, as Theorems 6.1 and 6.8, is said for β >= 0: outside nothing is refuted.
    assert word(report, "discrete layer") == "VACUOUS"
    assert report.holds("energy ascent")


def test_zero_temperature_is_the_linear_kernel():
    report = check_model(USA, beta=0)
    assert word(report, "Kuramoto") == "PROVED"
    assert word(report, "Lemma 6.4") == "PROVED"


def test_softmax_flow():
    report = check_model("log(2+t)", flow="softmax")
    assert word(report, "gradient structure") in ("PROVED", "CERTIFIED")
    assert report.holds("Lemma 6.4")
    with pytest.raises(ValueError, match="softmax"):
        check_model("t**3", flow="softmax")


def test_sinkhorn():
    report = check_model(SINKHORN)
    assert report.refuted == ()
    for name in (*BASIC, "Lemma 6.4"):
        assert report.holds(name), name
    assert report.seconds < 5


def test_causal_attention_is_not_permutation_equivariant():
    report = check_model(CAUSAL)
    assert word(report, "permutation equivariance") == "REFUTED"
    assert report["permutation equivariance"].detail.count("order = [1, 0]") == 1
    assert word(report, "rotation equivariance") == "PROVED"
    assert word(report, "energy ascent") == "VACUOUS"
    assert word(report, "equiangular ODE") == "REFUTED"


def test_general_matrices():
    report = check_model(QKV)
    assert word(report, "rotation equivariance") == word(report, "Gram closure") == "REFUTED"
    assert word(report, "Lemma 6.4") == "VACUOUS"
    tied = check_model(QKV.subs({sp.MatrixSymbol("V", d, d): sp.Identity(d)}))
    assert word(tied, "Lemma 6.4") == "PROVED"


def test_symmetric_values():
    symmetric = np.array([[1.0, 0.5], [0.5, -1.0]])
    assert check_model(SYMMETRIC_QKV, V=symmetric).holds("gradient structure")
    report = check_model(SYMMETRIC_QKV, V=np.array([[1.0, 0.5], [-0.5, 2.0]]))
    assert word(report, "gradient structure") == "REFUTED"


def test_a_map():
    report = check_model(DISCRETE_SA)
    assert word(report, "confinement") == "PROVED"
    assert word(report, "energy ascent") == "SUPPORTED"
    assert word(report, "Lemma 6.4") == "VACUOUS"


# ------------------------------------------------------------------------------- implementations


def right(x):
    weights = np.exp(2 * x @ x.T)
    field = weights @ x / weights.sum(axis=1, keepdims=True)
    return field - np.sum(field * x, axis=1, keepdims=True) * x


def unprojected(x):
    weights = np.exp(2 * x @ x.T)
    return weights @ x / weights.sum(axis=1, keepdims=True)


def wrong_axis(x):
    weights = np.exp(2 * x @ x.T)
    field = weights / weights.sum(axis=0, keepdims=True) @ x
    return field - np.sum(field * x, axis=1, keepdims=True) * x


def first_axis_only(x):
    field = np.array(x)
    field[:, 1:] = 0
    return field - np.sum(field * x, axis=1, keepdims=True) * x


def index_dependent(x):
    return right(x) * (1 + np.arange(len(x)))[:, None]


def descending(x):
    return -right(x)


def test_a_right_implementation_passes():
    report = check_model(SA, implementation=right, beta=2.0)
    assert report.refuted == ()
    for name in ("implementation", *BASIC):
        assert word(report, name) == "SUPPORTED", name


@pytest.mark.parametrize(
    ("wrong", "caught"),
    [
        (unprojected, ("implementation", "confinement")),
        (wrong_axis, ("implementation", "gradient structure")),
        (first_axis_only, ("implementation", "rotation equivariance", "Gram closure")),
        (index_dependent, ("implementation", "permutation equivariance", "gradient structure")),
        (descending, ("implementation", "energy ascent", "consensus spectrum", "Lemma 6.4")),
        (lambda x: x[:, :1], ("implementation", "confinement")),
    ],
    ids=["unprojected", "wrong axis", "one axis", "index", "descending", "wrong shape"],
)
def test_a_wrong_implementation_is_caught(wrong, caught):
    report = check_model(SA, implementation=wrong, beta=2.0)
    for name in caught:
        assert word(report, name) == "REFUTED", name


def test_the_counterexample_is_small():
    report = check_model(SA, implementation=unprojected, beta=2.0)
    assert report["confinement"].detail == "fails at x = [[1, 0]], beta = 2"


def test_an_implementation_needs_its_parameters():
    with pytest.raises(ValueError, match="Expected a value of every parameter"):
        check_model(SA, implementation=right)


# --------------------------------------------------------------------------------------- reports


def test_the_report():
    report = check_model("t**3")
    assert all(len(line) <= 80 for line in str(report).splitlines())
    data = json.loads(json.dumps(report.as_dict()))
    assert [row["name"] for row in data["rows"]] == [row.name for row in report.rows]
    with pytest.raises(KeyError, match="Expected a row"):
        report["nothing"]
    with pytest.raises(AttributeError):
        report.rows = ()


def test_errors_name_what_came():
    with pytest.raises(ValueError, match=r"Expected a theory\.Model or a kernel as text"):
        check_model(3)
    with pytest.raises(ValueError, match="gamma; drop them"):
        check_model(SA, gamma=2)
    with pytest.raises(ValueError, match="cases=0"):
        check_model(SA, cases=0)
    with pytest.raises(ValueError, match="Expected"):
        check_model("__import__('os')")


def test_verdicts_do_not_depend_on_the_seed():
    tables = []
    for seed in range(2):
        report = check_model(CAUSAL, rng=seed)
        tables.append(tuple(row.evidence.verdict for row in report.rows))
    assert len(set(tables)) == 1
    again = check_model(CAUSAL, rng=2)
    assert [r.evidence for r in again.rows] == [r.evidence for r in check_model(CAUSAL, rng=2).rows]


@parametrize_with_invariants([SA, USA, "t**3", "cosh(2*t)"])
def test_as_a_user_would(model, invariant):
    assert invariant(model).verdict is Verdict.PROVED


def test_the_decorator_fails_with_the_counterexample():
    mark = parametrize_with_invariants([CAUSAL], ["permutation equivariance"])
    ((parameters,),) = [mark.args[1]]
    assert parameters.id == "causal-SA-permutation-equivariance"
    model, invariant = parameters.values
    with pytest.raises(AssertionError, match=r"order = \[1, 0\]"):
        invariant(model)
    with pytest.raises(ValueError, match="Expected invariants among"):
        parametrize_with_invariants([SA], ["nonsense"])


# ------------------------------------------------------------- properties, and their broken twins

ATTENTION = RowSoftmax(beta * X * X.T, m) * X
KERNEL = Elementwise(sp.exp(beta * z), X * X.T)
SYMMETRIC = np.array([[1.0, -0.5, 0.25], [-0.5, 2.0, 0.0], [0.25, 0.0, -1.0]])


def fields(model, **values):
    return compile_model(model, **values)


def confined(field, x):
    value = field.unchecked(x)
    return np.abs(np.sum(value * x, axis=1)).max() <= 1e-12 * (1 + np.abs(value).max())


def permuted(field, x, order):
    moved = replace(field, masses=None if field.masses is None else field.masses[order])
    return np.allclose(moved.unchecked(x[order]), field.unchecked(x)[order], 1e-11, 1e-11)


def rotated(field, x, turn):
    return np.allclose(field.unchecked(x @ turn), field.unchecked(x) @ turn, 1e-11, 1e-11)


def rising(field, x):
    value = field.unchecked(x)
    ahead, behind = (field.energy(sphere.project(x + s * 1e-5 * value)) for s in (1, -1))
    return ahead - behind >= -1e-10 * (1 + abs(ahead))


def gram_closed(field, x, turn):
    def rate(at):
        half = field.unchecked(at) @ at.T
        return half + half.T

    return np.allclose(rate(x @ turn), rate(x), 1e-11, 1e-11)


def turn_of(size, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


@st.composite
def systems(draw, models=(SA, USA)):
    model = draw(st.sampled_from(models))
    x = draw(points(n=(1, 6), d=3))
    weights = draw(st.none() | masses(len(x)))
    values = {"beta": draw(betas(0.25, 6.0))}
    if model is SYMMETRIC_QKV:
        values["V"] = SYMMETRIC
    return compile_model(model, masses=weights, **values), x


@given(systems((SA, USA, SYMMETRIC_QKV, CAUSAL)))
@settings(max_examples=60, deadline=None)
def test_confinement(system):
    assert confined(*system)


@given(systems(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_equivariance_and_gram_closure(system, seed):
    field, x = system
    assert permuted(field, x, np.random.default_rng(seed).permutation(len(x)))
    assert rotated(field, x, turn_of(3, seed))
    assert gram_closed(field, x, turn_of(3, seed))


@given(systems((SA, USA, SYMMETRIC_QKV)))
@settings(max_examples=60, deadline=None)
def test_the_energy_rises(system):
    assert rising(*system)


FIXED = sp.MatrixSymbol("V", d, d)
TWINS = {
    "confinement": Model("no projection", ATTENTION),
    "permutation equivariance": CAUSAL,
    "rotation equivariance": Model(
        "values turned", Tangent(X, ATTENTION * FIXED.T), parameters=(beta, FIXED)
    ),
    "Gram closure": Model(
        "a drift", Tangent(X, ATTENTION + OneMatrix(*X.shape)), parameters=(beta,)
    ),
    "energy ascent": replace(SA, velocity=REPULSIVE.velocity),
    "dissipation identity": replace(SA, metric=m),
    "gradient structure": Model(
        "columns for rows",
        Tangent(X, MatMul(DiagMatrix(KERNEL * m) ** -1, KERNEL, DiagMatrix(m), X)),
        SA.energy,
        m,
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_each_broken_twin_is_caught(name):
    report = check_model(TWINS[name])
    assert word(report, name) == "REFUTED"
    assert "fails at" in report[name].detail or " at X = " in report[name].detail


def test_the_broken_twins_fail_the_properties_too():
    x = sphere.random_points(4, 3, rng=5)
    turn = turn_of(3, 1)
    order = np.array([1, 0, 3, 2])
    drift = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert not confined(compile_model(TWINS["confinement"], beta=2.0), x)
    assert not permuted(compile_model(CAUSAL, beta=2.0), x, order)
    turned = compile_model(TWINS["rotation equivariance"], beta=2.0, V=drift)
    assert not rotated(turned, x, turn)
    assert not gram_closed(turned, x, turn)
    assert not rising(compile_model(TWINS["energy ascent"], beta=2.0), x)
    skew = compile_model(SYMMETRIC_QKV, beta=2.0, V=drift @ np.diag([3.0, -1.0, 1.0]))
    assert not all(rising(skew, sphere.random_points(4, 3, rng=seed)) for seed in range(40))
