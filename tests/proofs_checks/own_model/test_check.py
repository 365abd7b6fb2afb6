"""check_model against the known answers of the kernel table."""

import numpy as np
import pytest
import sympy as sp

from numerics import compile_model
from numerics.integration import integrate
from proofs_checks.claim import Verdict
from proofs_checks.own_model.check import BASIC, check_model
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
    attention_form,
    catalogue,
    gradient_flow,
)
from theory.symbols import d, z

THEOREMS = (
    "Lemma 6.4",
    "Theorem 6.8",
    "Theorem 6.3",
    "Theorem 6.7",
    "Theorem 6.1",
    "discrete layer",
)


def word(report, name):
    return report[name].word


# ---------------------------------------------------------------------------------- known answers


@pytest.mark.every(4, kept="slow", rest="full")
@pytest.mark.parametrize("model", [SA, USA, "exp(beta*t)/beta", "exp(2*t)"], ids=str)
def test_the_exponential_kernel_survives_everything(model):
    report = check_model(model)
    late = model in (USA, "exp(beta*t)/beta")  # T of weights that aren't divided falls with β
    assert report.refuted == (("(6.12)",) if late else ())
    for name in (*BASIC, *THEOREMS, "Proposition 3.4 maximum", "Proposition 3.4 minimum"):
        assert word(report, name) == "PROVED", name
    assert word(report, "Kuramoto") == "doesn't apply"
    assert word(report, "circle") == "CERTIFIED"


@pytest.mark.slow
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


@pytest.mark.slow
def test_cube_plus_linear():
    report = check_model("t**3 + beta*t")
    for name in (*BASIC, "Lemma 6.4", "Theorem 6.8", "Theorem 6.3", "Theorem 6.7"):
        assert word(report, name) == "PROVED", name
    assert word(report, "Theorem 6.1") == "SUPPORTED"
    assert "drawn starts met" in report["Theorem 6.1"].detail
    assert word(report, "discrete layer") == "REFUTED"


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("text", ["cosh(2*t)", "cosh(beta*t)/beta"])
def test_the_even_kernel(text):
    report = check_model(text)
    assert word(report, "Lemma 6.4") == "REFUTED"
    assert word(report, "Theorem 6.8") == "REFUTED"
    assert report.holds("Proposition 3.4 maximum")
    assert "only" not in report["Proposition 3.4 maximum"].detail
    assert "a minimiser" in report["Proposition 3.4 minimum"].detail
    assert word(report, "consensus spectrum") == "PROVED"
    assert word(report, "discrete layer") == "PROVED"


@pytest.mark.slow
def test_the_logarithm():
    report = check_model("log(2+t)")
    assert word(report, "Lemma 6.4") == "PROVED"
    assert word(report, "Theorem 6.1") == "PROVED"
    assert word(report, "Proposition 3.4 minimum") == "REFUTED"
    assert "degree 2" in report["Proposition 3.4 minimum"].detail
    assert word(report, "discrete layer") == "REFUTED"
    with pytest.raises(ValueError, match="Expected"):
        check_model("-log(1-t)")


@pytest.mark.slow
def test_the_square():
    report = check_model("(1+t)**2")
    for name in ("Lemma 6.4", "Theorem 6.8", "discrete layer"):
        assert word(report, name) == "PROVED", name
    assert word(report, "Theorem 6.1") == "UNDECIDED"
    # Two tokens against one at the antipode have the rates 0, 0 and -4/3: no strict saddle.
    assert word(report, "Theorem 5.1") == "UNDECIDED"
    assert "strict saddle" in report["Theorem 5.1"].detail


@pytest.mark.slow
def test_the_linear_kernel_is_kuramoto():
    report = check_model("t")
    assert word(report, "Kuramoto") == word(report, "circle") == "PROVED"


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.parametrize("text", ["0", "5", "beta*t"])
def test_nothing_moves(text):
    report = check_model(text, **({"beta": 0} if "beta" in text else {}))
    for name in ("discrete layer", "Kuramoto"):
        assert word(report, name) == "VACUOUS", name
        assert "nothing moves" in report[name].detail
    assert word(report, "Lemma 6.4") == "REFUTED"


def test_an_unstable_consensus_is_listed_without_a_stray_comma():
    name = "consensus spectrum"
    detail = check_model("exp(-t)", only=[name])[name].detail
    assert detail.endswith("exp(-1) ((d - 1)*(n - 1) times)")


def test_an_absolute_value_in_disguise_is_refused():
    with pytest.raises(ValueError, match="not C² as written"):
        check_model("sqrt(cos(t)**2)")


def test_a_power_stays_whole_in_the_velocity():
    model = gradient_flow(interaction_energy((1 + z) ** sp.Rational(5, 2)))
    assert attention_form(model).kernel == sp.Rational(5, 2) * (1 + z) ** sp.Rational(3, 2)
    x = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert np.all(np.isfinite(compile_model(model)(x)))


@pytest.mark.parametrize("rng", ["x", 1.5, -1, object()])
def test_a_seed_that_is_none(rng):
    with pytest.raises(ValueError, match=r"Expected a seed .*but got rng="):
        check_model("t", rng=rng)


@pytest.mark.slow
def test_repulsion():
    report = check_model(REPULSIVE)
    for name in BASIC:
        assert word(report, name) == "PROVED"
    for name in (*THEOREMS, "consensus spectrum", "Proposition 3.4 maximum"):
        assert word(report, name) == "REFUTED", name


@pytest.mark.slow
def test_negative_temperature():
    report = check_model("exp(beta*t)/beta", beta=-3)
    assert word(report, "Lemma 6.4") == "PROVED"
    # The layer, as Theorems 6.1 and 6.8, is said for β >= 0: outside nothing is refuted.
    assert word(report, "discrete layer") == "VACUOUS"
    assert report.holds("energy ascent")


@pytest.mark.slow
def test_zero_temperature_is_the_linear_kernel():
    report = check_model(USA, beta=0)
    assert word(report, "Kuramoto") == "PROVED"
    assert word(report, "Lemma 6.4") == "PROVED"


@pytest.mark.slow
def test_softmax_flow():
    report = check_model("log(2+t)", flow="softmax", only=["gradient structure", "Lemma 6.4"])
    assert word(report, "gradient structure") in ("PROVED", "CERTIFIED")
    assert report.holds("Lemma 6.4")
    with pytest.raises(ValueError, match="softmax"):
        check_model("t**2", flow="softmax")


@pytest.mark.slow
def test_sinkhorn():
    report = check_model(SINKHORN)
    assert report.refuted == ()
    for name in (*BASIC, "Lemma 6.4"):
        assert report.holds(name), name


@pytest.mark.slow
def test_causal_attention_is_not_permutation_equivariant():
    report = check_model(CAUSAL)
    assert word(report, "permutation equivariance") == "REFUTED"
    assert "at X = [" in report["permutation equivariance"].detail
    assert word(report, "rotation equivariance") == "PROVED"
    assert word(report, "energy ascent") == "REFUTED"  # of SA, which has no energy here
    assert word(report, "equiangular ODE") == "REFUTED"


@pytest.mark.slow
def test_general_matrices():
    report = check_model(QKV)
    assert word(report, "rotation equivariance") == word(report, "Gram closure") == "REFUTED"
    assert word(report, "Lemma 6.4") == "REFUTED"
    tied = check_model(QKV.subs({sp.MatrixSymbol("V", d, d): sp.Identity(d)}))
    assert word(tied, "Lemma 6.4") == "PROVED"


@pytest.mark.slow
def test_symmetric_values():
    symmetric = np.array([[1.0, 0.5], [0.5, -1.0]])
    assert check_model(SYMMETRIC_QKV, V=symmetric).holds("gradient structure")
    report = check_model(SYMMETRIC_QKV, V=np.array([[1.0, 0.5], [-0.5, 2.0]]))
    assert word(report, "gradient structure") == "REFUTED"


@pytest.mark.slow
def test_a_map():
    report = check_model(DISCRETE_SA)
    assert word(report, "confinement") == "PROVED"
    assert word(report, "energy ascent") == "SUPPORTED"
    assert word(report, "Lemma 6.4") == "PROVED", "T10a"


# --------------------------------------------------------------------------------------- reports


def test_errors_name_what_came():
    with pytest.raises(ValueError, match=r"Expected a theory\.Model or a kernel as text"):
        check_model(3)
    with pytest.raises(ValueError, match="gamma; drop them"):
        check_model(SA, gamma=2)
    with pytest.raises(ValueError, match="cases=0"):
        check_model(SA, cases=0)
    with pytest.raises(ValueError, match="Expected"):
        check_model("__import__('os')")


@pytest.mark.slow
def test_verdicts_do_not_depend_on_the_seed():
    tables = []
    for seed in range(2):
        report = check_model(CAUSAL, rng=seed)
        tables.append(tuple(row.evidence.verdict for row in report.rows))
    assert len(set(tables)) == 1
    again = check_model(CAUSAL, rng=2)
    assert [r.evidence for r in again.rows] == [r.evidence for r in check_model(CAUSAL, rng=2).rows]


def fields(model, **values):
    return compile_model(model, **values)


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize(
    ("kernel", "lost"),
    [("max(t - 1/2, 0)**2", True), ("max(t, 0)**2", True), ("t**3", True), ("(t + 1)**2", False)],
)
def test_kernels_that_vanish_somewhere_are_judged_with_their_row_sums(kernel, lost):
    """h' >= 0 and h'(1) > 0: SA's rate at consensus; two tokens at 90 degrees may rest."""
    report = check_model(kernel, flow="softmax", only=["consensus spectrum", "Lemma 6.4"])
    spectrum, lemma = (row.evidence for row in report.rows)
    assert spectrum.verdict is Verdict.PROVED and "the eigenvalue -1" in spectrum.detail
    assert (lemma.verdict is Verdict.REFUTED) == lost
    assert lemma.verdict is not Verdict.SUPPORTED or not lost
    assert not lost or "are stationary inside an open hemisphere" in lemma.detail


@pytest.mark.every(4)
@pytest.mark.parametrize("label", ["Theorem 4.1", "confinement", "consensus spectrum"])
@pytest.mark.parametrize("name", ["LNS", "causal ALiBi", "summed sigmoid", "positive features"])
def test_new_names_are_judged_without_an_error_of_ours(name, label):
    (row,) = check_model(catalogue(name), only=[label]).rows
    assert "an error of ours" not in row.evidence.detail
