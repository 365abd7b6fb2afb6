"""Kernels as SymPy writes them: refused where they have no value, or what their text is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from sympy import Abs, DiagMatrix, Heaviside, Max, Rational, Symbol, sqrt

from numerics import compile_model
from proofs_checks.own_model import check_model
from theory import catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.derivations import equiangular
from theory.energy import interaction_energy
from theory.models import SA, Model, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, t, z

HALF = Rational(1, 2)
CAP = Symbol("c", positive=True)
WHOLE = Symbol("q", integer=True)


def climbing(kernel: sp.Expr) -> Model:
    return gradient_flow(interaction_energy(kernel), f"h = {kernel}")


def moved_by(weight: sp.Expr) -> Model:
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    free = tuple(sorted(weight.free_symbols - {z}, key=str))
    field = Elementwise(weight, X * X.T) * DiagMatrix(m) * X
    return Model(f"k = {weight}", Tangent(X, field), parameters=free)


def scored(score: sp.Expr, *parameters: Symbol) -> Model:
    """A softmax of f(g_ij)."""
    field = RowSoftmax(Elementwise(score, X * X.T), m) * X
    return Model(f"softmax of {score}", Tangent(X, field), parameters=parameters)


SINGULAR = {
    sp.asin(z): "-1",
    -sqrt(1 - z): "1",
    sqrt(1 + z): "-1",
    -1 / (z - 1 / sqrt(2)): "sqrt(2)/2",
    -1 / (z - HALF): "1/2",
    1 / (z - Rational(1, 3)) ** 2: "1/3",
    1 / (z**2 + z - 1): "-1/2 + sqrt(5)/2",
    (1 - z) * sp.log(1 - z): "1",
    sp.log(z - 3 * HALF): "0",
    sp.tan(2 * z): "-0.785398",
    z + Abs(z) / 2: "0",
    Max(z - HALF, 0) + z: "1/2",
    1 / (sp.exp(z) - 1): "0",
    beta / (3 * z - 1): "1/3",
}
"""Kernels h, and an inner product at which h' has no value."""


@pytest.mark.parametrize("kernel", SINGULAR, ids=str)
def test_a_kernel_without_a_value_is_refused(kernel: sp.Expr) -> None:
    with pytest.raises(ValueError, match="Expected a model with a value for all") as caught:
        check_model(climbing(kernel), only="Gram closure")
    assert f"at z = <x_i,x_j> = {SINGULAR[kernel]}" in str(caught.value)


@pytest.mark.parametrize("weight", [1 / z, sp.sinh(z) / z, sqrt(z - HALF)], ids=str)
def test_a_weight_without_a_value_is_refused(weight: sp.Expr) -> None:
    with pytest.raises(ValueError, match="has none at z"):
        check_model(moved_by(weight), only="Gram closure")


@pytest.mark.parametrize(
    "kernel",
    [1 / (beta - z), sp.log(beta + z), (1 - z) ** (3 * HALF), sp.asin(z / 2), sp.exp(beta * z)],
    ids=str,
)
def test_a_kernel_with_a_value_somewhere_is_asked(kernel: sp.Expr) -> None:
    assert check_model(climbing(kernel), only="Gram closure")["Gram closure"].verdict


FOLDED = {
    Max(z, 0) ** 2 / 2: "max(t,0)**2/2",
    Abs(z - HALF) ** (3 * HALF) + 2 * z: "abs(t-1/2)**1.5+2*t",
    z * Abs(z): "t*abs(t)",
    sp.Min(z, 0) ** 2 * z: "min(t,0)**2*t",
    Abs(z) * Max(z, 0): "abs(t)*max(t,0)",
}
ROWS = ("Lipschitz bound", "Theorem 6.1", "energy ascent", "(8.1)", "discrete layer", "Lemma 6.4")


@pytest.mark.slow
@pytest.mark.parametrize("kernel", FOLDED, ids=str)
def test_a_kernel_with_folds_is_what_its_text_is(kernel: sp.Expr) -> None:
    text = check_model(FOLDED[kernel], only=ROWS)
    found = check_model(climbing(kernel), only=ROWS)
    assert {r.name: r.evidence.verdict for r in found.rows} == {
        r.name: r.evidence.verdict for r in text.rows
    }


def test_the_slope_of_a_squared_positive_part_is_bounded() -> None:
    """h = max(z,0)²/2: |h'| <= 1 and |h''| <= 1, so the rate is 2(1 + 1)."""
    found = check_model(climbing(Max(z, 0) ** 2 / 2), only="Lipschitz bound")["Lipschitz bound"]
    assert found.verdict.name == "CERTIFIED" and found.detail.endswith("<= 4")


@pytest.mark.parametrize(
    ("weight", "pace"),
    [
        *((1 + sqrt(1 - z), 2), (3 + (1 - z) ** Rational(1, 3), 6), (2 + z, 6)),
        *((1 - 1 / sp.log((1 - z) / 8), 2), (3 + sqrt(-1 / sp.log((1 - z) / 8)), 6)),
    ],
)
def test_a_weight_of_infinite_slope_at_consensus_has_a_rate(weight: sp.Expr, pace: int) -> None:
    """1-γ falls as e^{-2k(1)t}, whatever the slope of k at 1."""
    row = "rates of schemes"
    found = check_model(moved_by(weight), only=row)[row]
    assert found.verdict.name == "PROVED" and f"e^(-{pace} t)" in found.detail


def test_the_value_at_consensus_is_the_limit() -> None:
    """Arrays, the algebra and SymPy agree that 1 - 1/log 0 is 1, at tokens that are equal."""
    weight = 1 - 1 / sp.log((1 - z) / 8)
    points = np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]])
    with np.errstate(divide="ignore"):
        found = compile_model(moved_by(weight))(points)
        near = compile_model(moved_by(1 + 0 * z))(points[:2])
    pull = (1 - 1 / np.log(0.4 / 8)) / 3
    assert found[0] == pytest.approx(pull * np.array([0, 0.8]), abs=1e-14)
    assert np.array_equal(found[0], found[1]) and np.array_equal(near, np.zeros((2, 2)))


OF_AN_ENERGY = (
    "dissipation identity",
    "dissipation identity with ∂E/∂t",
    "energy ascent",
    "gradient structure",
)


@pytest.mark.slow
def test_a_weight_that_is_finite_as_a_limit_is_answered() -> None:
    """It says what 1 + √(1 - z) says, whose slope too is infinite at 1."""
    found = check_model(moved_by(1 - 1 / sp.log((1 - z) / 8)))
    words = {row.name: row.evidence.word for row in found.rows if row.applies}
    other = check_model(moved_by(1 + sqrt(1 - z)))
    own = {row.name: row.evidence.word for row in other.rows if row.applies}
    # Of √ the energy is elementary, and a layer may lower it; of 1/log it is li,
    # which is neither enclosed nor a convolution that is written down.
    assert (words.pop("discrete layer"), own.pop("discrete layer")) == ("UNDECIDED", "REFUTED")
    assert (words.pop("(7.1) continuity"), own.pop("(7.1) continuity")) == ("UNDECIDED", "PROVED")
    stated = {a: own.pop(a) for a in [*own] if a not in words}
    assert stated == dict.fromkeys(OF_AN_ENERGY, "PROVED")
    assert words == own
    assert sum(word == "PROVED" for word in words.values()) >= 30


SCORES = {
    CAP * sp.tanh(beta * z / CAP): (beta, CAP),
    beta * sp.sin(z): (beta,),
    sp.atan(beta * z): (beta,),
    beta * (z + z**2): (beta,),
    beta * z**3: (beta,),
    2 * sp.tanh(z): (),
}


@pytest.mark.slow
@pytest.mark.every(3)
@pytest.mark.parametrize("score", SCORES, ids=str)
def test_a_softmax_of_a_function_of_scores_is_the_kernel_of_its_exponential(
    score: sp.Expr,
) -> None:
    soft = scored(score, *SCORES[score])
    kernel = Elementwise(sp.exp(score), X * X.T)
    written = replace(soft, velocity=Tangent(X, row_normalised(kernel, m) * X))
    asked = ("(4.3)", "(7.1)", "equiangular ODE")
    found, said = (check_model(model, only=asked) for model in (soft, written))
    for name in asked[1:]:
        assert found[name].verdict is said[name].verdict, name
    # Theorem 4.1 by T7 is of softmaxes: what is written out is left, or the same.
    assert said["(4.3)"].word in ("UNDECIDED", found["(4.3)"].word)
    assert found["(7.1)"].verdict.name == "PROVED"


def test_a_soft_cap_compiles_to_what_it_is() -> None:
    points = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
    scores = 3 * np.tanh(2 * points @ points.T / 3)
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    field = weights @ points
    expected = field - np.sum(field * points, axis=1, keepdims=True) * points
    soft = scored(CAP * sp.tanh(beta * z / CAP), beta, CAP)
    assert np.allclose(compile_model(soft, beta=2.0, c=3.0)(points), expected, atol=1e-14)


def test_normalised_positive_parts_have_no_cold_flow() -> None:
    """At β = 0 every weight is 0, and the sum of a row too."""
    kernel = Elementwise(PositivePart(z, 1), beta * X * X.T)
    model = Model("ReLU", Tangent(X, row_normalised(kernel, m) * X), parameters=(beta,))
    report = check_model(model, only=("(2.5)", "(4.1)", "Lemma 6.4"))
    assert report["(4.1)"].verdict is None or report["(4.1)"].verdict.name != "PROVED"
    assert report["(2.5)"].verdict.name == "REFUTED" and "is not > 0" in report["(2.5)"].detail
    assert report["Lemma 6.4"].verdict.name == "REFUTED"  # two tokens at a right angle rest


@pytest.mark.parametrize(("size", "verdict"), [(2, "PROVED"), (3, "REFUTED")])
def test_modes_are_said_where_there_is_a_velocity(size: int, verdict: str) -> None:
    """-1/(n-2) < 0 for n > 2, and two tokens have none; -1/(n-3) is 1 for two."""
    field = Tangent(X, SA.velocity.field / (n - size))
    model = replace(SA, velocity=field, energy=None, metric=None)
    found = check_model(model, only="consensus spectrum")["consensus spectrum"]
    assert found.verdict.name == verdict, found.detail
    assert size != 2 or found.scope["n"] == "symbolic, >= 3"
    with pytest.raises(ZeroDivisionError, match=rf"a value at n={size}, d=2"):
        compile_model(model, beta=1.0)([[1.0, 0.0]] * size)


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3])
def test_a_number_of_tokens_without_a_velocity_is_no_case(size: int) -> None:
    """SA/(n-2) is so for three tokens and more; two that part refute SA/(n-3)."""
    model = replace(
        SA, velocity=Tangent(X, SA.velocity.field / (n - size)), energy=None, metric=None
    )
    found = check_model(model, only="Lemma 6.4")["Lemma 6.4"]
    assert found.verdict.name == ("PROVED" if size == 2 else "REFUTED")


def test_a_law_of_angles_is_looked_at_where_it_has_a_value() -> None:
    """Of SA/(n-3) at the n = 3 of its points it has none: an error of ours."""
    model = replace(SA, velocity=Tangent(X, SA.velocity.field / (n - 3)), energy=None, metric=None)
    found = check_model(model, only="rates of schemes")["rates of schemes"]
    assert found.verdict.name == "PROVED", found.detail


STEPS = {
    1 + Heaviside(5 - t): lambda at: at + min(at, 5),
    2 - Heaviside(t - 2): lambda at: 2 * at - max(at - 2, 0),
    1 + 3 * Heaviside(t - 1, 0): lambda at: at + 3 * max(at - 1, 0),
}


@pytest.mark.every(3)
@pytest.mark.parametrize("pace", STEPS, ids=str)
def test_a_step_is_a_schedule(pace: sp.Expr) -> None:
    model = replace(SA, velocity=Tangent(X, pace * SA.velocity.field), energy=None, metric=None)
    found = check_model(model, only="time change")["time change"]
    assert found.verdict.name == "PROVED"
    early = Rational(1, 2)  # the clock is in units of its own
    for at in (Rational(3, 2), sp.Integer(7)):
        later, unit = (found.prediction.time.subs(t, time).doit() for time in (at, early))
        assert later / unit == STEPS[pace](at) / STEPS[pace](early)


def paced(pace: sp.Expr) -> Model:
    return replace(SA, velocity=Tangent(X, pace * SA.velocity.field), energy=None, metric=None)


PACES = (1 + Heaviside(5 - t), 2 - Heaviside(t - 2), 1 + Max(t, 1))


@pytest.mark.parametrize("pace", PACES, ids=str)
def test_equal_angles_stay_equal_at_a_pace_by_cases(pace: sp.Expr) -> None:
    """γ' = s f(γ), f that of SA, whatever the cases of s."""
    found = equiangular(paced(pace.rewrite(sp.Piecewise)))
    assert found.proved and equiangular(SA).proved
    for at in (Rational(3, 2), Rational(11, 2)):
        rate, own = found.rate.subs(t, at), equiangular(SA).rate
        assert sp.simplify(rate - pace.subs(t, at) * own) == 0


@pytest.mark.slow
@pytest.mark.parametrize("pace", PACES, ids=str)
def test_rows_on_equal_angles_at_a_pace_by_cases(pace: sp.Expr) -> None:
    rows = ("equiangular ODE", "Theorem 6.8", "(6.12)", "rates of schemes")
    found = check_model(paced(pace), only=rows)
    assert [row.evidence.word for row in found.rows] == ["PROVED"] * len(rows)


@pytest.mark.slow
def test_a_sign_with_a_whole_exponent_is_answered() -> None:
    """h = (-1)^q z rises for even q and falls for odd ones."""
    report = check_model(climbing((-1) ** WHOLE * z), only=("discrete layer", "energy ascent"))
    assert report["discrete layer"].verdict.name in ("REFUTED", "UNDECIDED")
    assert report["energy ascent"].verdict.name == "PROVED"


@pytest.mark.slow
@pytest.mark.parametrize("row", ["energy ascent", "dissipation identity", "gradient structure"])
def test_a_number_of_tokens_without_an_energy_is_no_case(row: str) -> None:
    """β = γ log n is 0 for one token, and the energy infinite; at γ = 0 all weigh alike."""
    found = check_model(catalogue("long context"), only=row)[row]
    assert found.verdict.name == "PROVED", found.detail


def of_size(factor: sp.Expr) -> Model:
    field = Tangent(X, factor * SA.velocity.field)
    return replace(SA, name=f"{factor} SA", velocity=field, energy=None, metric=None)


LATE = ("Lemma 6.4", "(6.2)", "Theorem 6.3", "Remark 6.5", "consensus spectrum", "(6.7)", "(3.7)")


@pytest.mark.slow
@pytest.mark.parametrize(
    "factor", [1 / (n - 2), 1 / (n - 2) ** 2, n / ((n - 2) * (n - 3))], ids=str
)
def test_a_model_that_starts_at_a_larger_n_is_proved_from_there_on(factor: sp.Expr) -> None:
    least = 4 if factor.has(n - 3) else 3
    report = check_model(of_size(factor), only=LATE)
    for row in LATE:
        assert report[row].word == "PROVED", (row, report[row].detail)
        assert report[row].scope["n"] == f"symbolic, >= {least}", row


@pytest.mark.parametrize(
    "factor", [1 / (n - 3), (n - 4) / (n - 2), 1 / ((n - 2) * (n - 4))], ids=str
)
def test_a_model_that_repels_at_one_n_is_proved_of_no_other(factor: sp.Expr) -> None:
    """Of n = 2; of n = 3, which is the first; of n = 3, after which there is none at n = 4."""
    assert check_model(of_size(factor), only="Lemma 6.4")["Lemma 6.4"].word != "PROVED"


def test_tokens_meet_at_the_printed_rate_from_the_first_size_on() -> None:
    """n = 3, β = 1, SA/(n-2): D <= D(0) e^{-t h e^{-2}}, along a run by other code."""
    x = np.array([[0.8, 0.6, 0.0], [0.8, -0.6, 0.0], [0.8, 0.0, 0.6]])
    axis, step = np.array([1.0, 0, 0]), 1e-3

    def diameter(at: np.ndarray) -> float:
        flat = at / (at @ axis)[:, None]
        return float(np.linalg.norm(flat[:, None] - flat[None], axis=-1).max())

    start, low = diameter(x), float((x @ axis).min())
    for k in range(1, 8001):
        weights = np.exp(x @ x.T)
        pull = weights / weights.sum(axis=1, keepdims=True) @ x / (3 - 2)
        x = x + step * (pull - (pull * x).sum(axis=1, keepdims=True) * x)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        assert diameter(x) <= start * np.exp(-k * step * low * np.exp(-2)) + 1e-9
    detail = check_model(of_size(1 / (n - 2)), only="Lemma 6.4")["Lemma 6.4"].detail
    assert "D <= D(0) e^(-t h e^(-2 β)/(n - 2))" in detail


def test_the_least_weight_has_what_stands_in_front() -> None:
    """k = 2 + z² isn't monotone: κ is its least over its largest, 2/3, times 1/5."""
    kernel = Elementwise(2 + z**2, X * X.T)
    model = Model("fifth", Tangent(X, row_normalised(kernel, m) * X / 5), parameters=())
    found = check_model(model, only="(6.7)")["(6.7)"]
    assert found.word == "PROVED" and "(1 - α) (min_j m_j)/(15 Σ_j m_j)" in found.sentence


def test_speeds_are_watched_from_the_first_size_on() -> None:
    late = replace(SA, name="k", velocity=SA.velocity / (n - 2))
    assert "an error of ours" not in check_model(late, only="(2.6)")["(2.6)"].detail
