"""Models made to lead `check_model` astray, with answers known by hand.

Each row: the model, the statement, what is true, why, and the verdict to expect.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    HadamardProduct,
    Heaviside,
    MatrixSymbol,
    Max,
    Piecewise,
    Rational,
    cos,
    cosh,
    exp,
    log,
    pi,
    sin,
    sqrt,
)

from proofs_checks.claim import Budget
from proofs_checks.discovery import discover, questions
from proofs_checks.own_model.by_theorem import asked
from proofs_checks.own_model.check import rows as rows_of_a_model
from proofs_checks.own_model.check import subject_of
from proofs_checks.proof import R0, Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.layers import DISCRETE_SA
from theory.masks import Mask
from theory.models import CAUSAL, SA, USA, Model, gradient_flow
from theory.symbols import X, beta, d, m, n, t, z


class Hostile(NamedTuple):
    """One row of the table."""

    model: Model
    given: dict[str, Any]
    statement: str
    truth: str
    why: str
    expected: tuple[str, ...]


def paced(model: Model, factor: Any) -> Model:
    """The model at another speed; energy and metric as the careless user leaves them."""
    velocity = Tangent(X, factor * model.velocity.field)
    return replace(model, name=f"{factor}·{model.name}", velocity=velocity)


def climbing(kernel: Any) -> Model:
    return gradient_flow(interaction_energy(kernel), f"h = {kernel}")


_W = MatrixSymbol("w", n, 1)
SIGNED = Model(
    "softmax, weights of any sign",
    Tangent(X, RowSoftmax(beta * X * X.T, _W) * X),
    parameters=(beta, _W),
)
HEATING = SA.subs({beta: 1 + 10 * t})
FADING = (
    (paced(SA, exp(-t)), "∫e^{-t} = 1"),
    (paced(USA, exp(-t)), "∫e^{-t} = 1"),
    (climbing(exp(beta * z - t)), "the kernel fades like e^{-t}"),
    (climbing(exp(-5 * t) * z), "the kernel fades like e^{-5t}"),
    (paced(SA, 1 / (1 + t) ** 2), "∫(1+t)^{-2} = 1"),
    (paced(SA, cos(t)), "|∫cos| <= 1"),
)
CONSENSUS = ("Lemma 6.4", "Theorem 6.1", "Theorem 6.3", "Theorem 6.7", "Theorem 6.8")
"""Statements that end in consensus."""


ENERGY = ("energy ascent", "dissipation identity")


def _rows() -> list[Hostile]:
    rows = [
        Hostile(model, {}, name, "motion ends before consensus", why, ("REFUTED",))
        for model, why in FADING
        for name in CONSENSUS
    ]
    rows += [
        Hostile(model, {}, name, "sticks at g = 0.183 from 0.1", "γ' <= 2e^{-β(1-γ)}", ("REFUTED",))
        for model in (HEATING, USA.subs({beta: 1 + 10 * t}))
        for name in CONSENSUS
    ]
    rows += [
        Hostile(paced(SA, factor), {}, name, "consensus, later", "∫s = ∞", ("PROVED",))
        for factor in (1 / (1 + t), 1 / sqrt(1 + t), exp(t), 1 + t)
        for name in CONSENSUS
    ]
    rows += [
        Hostile(SA, {"beta": lambda s: 1 + 10 * s}, name, "as for 1 + 10t", "", ("REFUTED",))
        for name in CONSENSUS
    ]
    rows += [
        Hostile(SA, {"beta": switch}, name, "anything", "β is code", ("UNDECIDED",))
        for name in CONSENSUS
    ]
    rows += [
        Hostile(paced(model, exp(-t)), {}, name, "metric e^t g", "c = e^{-t} > 0", ("PROVED",))
        for model in (SA, USA)
        for name in ENERGY
    ]
    rows += [
        Hostile(model, {}, name, "∂E/∂t is missing", "E depends on t", ("REFUTED",))
        for model in (climbing(exp(beta * z - t)), climbing(exp(-5 * t) * z))
        for name in ENERGY
    ]
    rows += [
        Hostile(paced(SA, cos(t)), {}, name, "falls at t = 3", "cos 3 < 0", ("REFUTED",))
        for name in ENERGY
    ]
    rows += [
        Hostile(
            SA, {"beta": lambda s: s}, "dissipation identity", "∂E/∂t is missing", "β = t",
            ("REFUTED",),
        ),
        Hostile(
            SA, {"beta": lambda s: -5.0}, "Theorem 6.1", "outside β >= 0", "β = -5", ("VACUOUS",)
        ),
        Hostile(SA, {"beta": -5.0}, "Theorem 6.1", "outside β >= 0", "β = -5", ("VACUOUS",)),
        Hostile(
            replace(SA, metric=m), {}, "dissipation identity", "g = m Z", "Z dropped", ("REFUTED",)
        ),
        Hostile(
            paced(SA, Rational(1, 10)), {}, "dissipation identity", "g = 10 m Z", "", ("PROVED",)
        ),
        Hostile(paced(SA, 0.1), {}, "dissipation identity", "g = 10 m Z", "a float", ("PROVED",)),
        Hostile(
            replace(USA, energy=-USA.energy), {}, "energy ascent", "falls", "c = -1", ("REFUTED",)
        ),
        Hostile(
            replace(climbing(-exp(-2 * z) / 2), energy=interaction_energy(exp(4 * z) / 4)), {},
            "Theorem 6.1", "of heats b >= 0 alone", "e^{-2z} against e^{4z}", ("VACUOUS",),
        ),
        Hostile(
            climbing((1 + z) ** Rational(5, 2)), {}, "Theorem 6.1", "unknown",
            "no gradient inequality at z = -1", ("UNDECIDED",),
        ),
        Hostile(
            climbing(z + z**2 / (2 * d)), {}, "Theorem 6.1", "h convex", "d >= 3", ("PROVED",)
        ),
    ]  # fmt: skip
    rows += [
        Hostile(
            SIGNED, {}, "Lemma 6.4", "52 of 200 runs don't cluster", "w_j < 0",
            ("REFUTED", "UNDECIDED"),
        ),
        Hostile(climbing((n - 1) * z), {}, "Lemma 6.4", "k = n - 1 > 0", "n >= 2", ("PROVED",)),
        Hostile(climbing((d - 1) * z), {}, "Lemma 6.4", "k = d - 1 > 0", "d >= 2", ("PROVED",)),
        Hostile(
            climbing(z + z**2 / (2 * d)), {}, "Lemma 6.4", "k = 1 + z/d > 0", "d >= 2", ("PROVED",)
        ),
        Hostile(climbing((n - 3) * z), {}, "Lemma 6.4", "k = -1", "n = 2", ("REFUTED",)),
        Hostile(paced(SA, 5), {}, "Lemma 6.4", "rate 5 r0 e^{-2β}", "scale", ("PROVED",)),
        Hostile(paced(SA, -1), {}, "Lemma 6.4", "tokens repel", "scale < 0", ("REFUTED",)),
    ]  # fmt: skip
    return rows


def switch(time: float) -> float:
    return 1.0 if time < 3 else 2.0


ROWS = _rows()


@pytest.mark.every(35)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.model.name}-{row.statement}")
def test_no_verdict_is_wrong(row: Hostile) -> None:
    evidence = asked(questions()[row.statement], Flow.of(row.model, **row.given))
    assert evidence.verdict.name in row.expected, evidence.detail


def row_of(model: Model | str, name: str, **given: Any) -> tuple[str, str]:
    """Verdict and detail of one row that isn't asked through a statement yet."""
    subject = subject_of(model, 0, None, "wasserstein", None, given)
    evidence = next(check for row, _, check in rows_of_a_model() if row == name)(subject)
    return evidence.word, evidence.detail


DOWN = replace(
    paced(USA, -1), name="repulsive USA, metric -m", metric=-1 * m
)  # velocity = G^{-1} ∇E with G < 0
_SQUARES = Elementwise(log(z**2), X * X.T)
SQUARES = Model("softmax of log g²", Tangent(X, RowSoftmax(_SQUARES, m) * X))
_COSINES = Elementwise(cos(3 * z), X * X.T)
COSINES = Model("softmax of cos 3g", Tangent(X, RowSoftmax(_COSINES, m) * X))
WIDE, NARROW = climbing((d - Rational(5, 2)) * z), climbing((4 - d) * z)
LONG = {"beta": Rational(10**40 + 1, 10**40)}
MISMATCH = replace(climbing(-exp(-2 * z) / 2), energy=interaction_energy(exp(4 * z) / 4))
EUCLIDEAN = replace(USA, name="USA in space", space="euclidean")
PROJECTED_MAP = Model("x <- P F", USA.velocity, kind="map")
LINEAR_GROWTH = Model("x' = x", 1 * X, space="euclidean")
NOT_ON_THE_SPHERE = ("Theorem 4.1 rates", "(4.3)", "Remark 6.2", "(6.1)", "Remark 6.5")
LATE = ("(6.7)", "(6.8)", "(6.11)")
OTHER_KIND = "doesn't apply"
_SEEN = HadamardProduct(Mask.causal(), Elementwise(exp(beta * z), X * X.T))
CAUSAL_USA = Model("causal USA", Tangent(X, _SEEN * DiagMatrix(m) * X), parameters=(beta,))
MASKED = replace(CAUSAL, energy=SA.energy, metric=SA.metric)
OTHERS = [
    *((EUCLIDEAN, {}, name, OTHER_KIND, "tokens on R^d") for name in NOT_ON_THE_SPHERE),
    *((PROJECTED_MAP, {}, name, OTHER_KIND, "a map") for name in NOT_ON_THE_SPHERE),
    (EUCLIDEAN, {}, "consensus spectrum", OTHER_KIND, "tokens on R^d"),
    (LINEAR_GROWTH, {}, "Remark 3.1", OTHER_KIND, "tokens on R^d"),
    (DISCRETE_SA, {}, "consensus spectrum", "SUPPORTED", "multipliers"),
    (DISCRETE_SA, {"eta": -0.5}, "consensus spectrum", "REFUTED", "multipliers"),
    (PROJECTED_MAP, {}, "consensus spectrum", OTHER_KIND, "isn't at rest"),
    (DISCRETE_SA, {"eta": -0.5}, "discrete layer", "VACUOUS", "η = -1/2"),
    (DISCRETE_SA, {"eta": 2}, "discrete layer", "PROVED", ""),
    # a light token goes to the first, which it sees, and not to the heavy one behind it
    (MASKED, {}, "energy ascent", "REFUTED", "m = [0.01"),
    (MASKED, {}, "Lemma 6.4", "PROVED", "m_1(0)"),  # all see token 1, and ∫t = ∞
    *((model, {}, "circle", "REFUTED", "") for model, _ in FADING),
    *((model, {}, "Theorem 5.1", "REFUTED", "") for model, _ in FADING),
    (SA, {"beta": lambda s: -5.0}, "Theorem 6.8", "VACUOUS", "β = -5"),
    (SA, {"beta": lambda s: -5.0}, "discrete layer", "VACUOUS", "β = -5"),
    (SA, {"beta": lambda s: -5.0}, "Theorem 5.1", "VACUOUS", "β = -5"),
    (SA, {"beta": switch}, "Theorem 5.1", "UNDECIDED", "code"),
    (SA, {"beta": switch}, "discrete layer", "UNDECIDED", "code"),
    (MISMATCH, {}, "Theorem 5.1", "VACUOUS", "b = -2"),
    ("(1+t)**2/2", {}, "Theorem 5.1", "UNDECIDED", "strict saddle"),
    (DOWN, {}, "discrete layer", "REFUTED", "falls"),
    *(
        (kernel, {}, f"Proposition 3.4 {part}", verdict, words)
        for kernel, word in (
            ("cosh(t)*sinh(t)", "odd"),
            ("sinh(t)**2 + cosh(t)", "<x,y> = -1"),
            ("exp(t**2)*sinh(t)", "odd"),
        )
        for part, verdict, words in (
            ("minimum", "PROVED", "a minimiser"),
            ("uniqueness", "REFUTED", word),
        )
    ),
    ("exp(2*t)", {}, "Proposition 3.4 minimum", "PROVED", "the only minimiser"),
    ("1/(2-t)", {}, "Proposition 3.4 minimum", "PROVED", "the only minimiser"),
    ("1/(2-t)", {}, "discrete layer", "PROVED", ""),
    ("1/(3-t)", {}, "discrete layer", "PROVED", ""),
    ("1/(2-t)**2", {}, "discrete layer", "PROVED", ""),
    ("-log(2-t)", {}, "discrete layer", "PROVED", ""),
    ("exp(exp(t))", {}, "discrete layer", "PROVED", ""),
    ("exp(t)/(2-t)", {}, "discrete layer", "PROVED", ""),
    (climbing((n - 1) * z), {}, "discrete layer", "PROVED", ""),
    # the weights are g²: a pair at 120° of each other comes to a right angle and stays
    *((SQUARES, {}, name, "REFUTED", "<x1,x2> = 0") for name in ("Lemma 6.4", "(6.3)", "(6.4)")),
    *((SQUARES, {}, name, "REFUTED", "") for name in ("Theorem 6.3", "Theorem 6.7")),
    *((COSINES, {}, name, "PROVED", "") for name in ("Lemma 6.4", "(6.3)", "Theorem 6.3")),
    (WIDE, {}, "Theorem 6.1", "PROVED", "d >= 3"),
    (WIDE, {}, "Theorem 6.3", "REFUTED", "d = 2"),
    (NARROW, {}, "Theorem 6.1", "REFUTED", "d = 4"),
    (NARROW, {}, "circle", "SUPPORTED", "starts met"),  # 4 - d is 2 there
    (WIDE, {}, "Theorem 4.1 rates", "PROVED", ""),
    *((climbing(exp(d * z)), {}, f"({label})", "PROVED", "e^(-d)") for label in ("6.7", "6.8")),
    # k = 1 + t is 0 at -1, but tokens at most 60° from x* have g >= -1/2
    *(("(1+t)**2/2", {}, f"({label})", "PROVED", ")/4") for label in ("6.7", "6.8")),
    *((USA, LONG, f"Theorem {label}", "PROVED", "") for label in ("5.1", "6.1", "6.8")),
    (USA, LONG, "circle", "CERTIFIED", ""),
    ("exp(t)+t*1e-30", {}, "Theorem 5.1", "CERTIFIED", "c <= 1/2"),
    # θ' is still a sum over differences, at another pace
    *(
        (model, {}, name, said, "")
        for model, other in ((paced(SA, cos(t)), "UNDECIDED"), (paced(USA, t**2), "PROVED"))
        for name, said in (("(7.1) continuity", "PROVED"), ("(7.2)", other), ("(7.3)", other))
    ),
    *((paced(model, pace), {}, "(7.1)", "PROVED", "") for model, pace in ((SA, cos(t)), (USA, t))),
    (SA, {"beta": lambda s: 1 + s}, "(7.1)", "PROVED", "e^((t + 1) cos(θ_i - θ_j))"),
    (SA, {"beta": switch}, "(7.1)", "UNDECIDED", "code"),
    # (6.2) and (6.5) are said of each time, of any pole
    *((model, {}, "(6.2)", "PROVED", "") for model, _ in FADING[:-1]),
    (SA, {"beta": switch}, "(6.2)", "PROVED", ""),
    (climbing(beta * z), {"beta": switch}, "(6.2)", "UNDECIDED", "code"),
    *((HEATING, {}, name, "PROVED", "") for name in ("(6.2)", "(6.5)")),
    *((paced(SA, cos(t)), {}, name, "REFUTED", "t = 7/4") for name in ("(6.2)", "(6.5)")),
    *((paced(SA, cos(t)), {}, name, "UNDECIDED", "negative at t = 7/4") for name in LATE),
    *((paced(SA, exp(-t)), {}, name, "PROVED", "τ = ∫(exp(-t))dt") for name in LATE),
    (paced(SA, exp(-t)), {}, "(6.5)", "PROVED", "e^(-t)"),
    *((paced(SA, 1 / (1 + t)), {}, name, "PROVED", "not with the paper's") for name in LATE[:2]),
    *((paced(USA, exp(t)), {}, name, "PROVED", "e^(-β)/(2 n)") for name in LATE[:2]),
    *((paced(SA, pace), {}, "(6.11)", "PROVED", "") for pace in (1 / (1 + t), t, exp(t))),
    *((paced(USA, pace), {}, "(7.1) continuity", "PROVED", "") for pace in (5, -3)),
    # where nothing moves for a while the energy doesn't fall, and no metric makes 0 its gradient
    *(
        (paced(model, pace), {}, name, said, word)
        for model in (SA, USA)
        for pace, time in (
            (Heaviside(t - 1), "1/2"),
            (Heaviside(5 - t), "6"),
            (Max(0, t - 1), "1/2"),
            (2 * Piecewise((1, t < 1), (0, t < 2), (t, True)), "3/2"),
        )
        for name, said, word in (
            ("energy ascent", "PROVED", ""),
            ("gradient structure", "REFUTED", f"about t = {time} nothing moves"),
            ("(3.16)", "REFUTED", f"about t = {time} nothing moves"),
        )
    ),
    *(
        (paced(SA, 1 + Heaviside(5 - t)), {}, name, "PROVED", "")
        for name in ("energy ascent", "gradient structure", "(2.6)", "Theorem 6.1")
    ),
    *((paced(SA, Heaviside(t - 1)), {}, name, "PROVED", "t - 1") for name in CONSENSUS[:1]),
    (paced(SA, -Heaviside(t - 1)), {}, "energy ascent", "REFUTED", ""),
    (paced(SA, Heaviside(t - 1) - Heaviside(5 - t)), {}, "energy ascent", "REFUTED", ""),
    *(
        (model, {}, "Lemma 6.4", said, word)
        for model, said, word in (
            (replace(SA, velocity=exp(t) * SA.velocity), "PROVED", "(e^t - 1)"),
            (replace(SA, velocity=Tangent(X, SA.velocity.field - 3 * X)), "PROVED", "e^(-2 β)"),
            (paced(SA, exp(-t) * cosh(t)), "PROVED", "e^(-τ h"),
            (paced(SA, 1 / (2 + sin(t))), "PROVED", "e^(-τ h"),
            (paced(SA, sin(2 * pi * t) ** 2), "PROVED", "π t - cos(2 π t)"),
            (paced(SA, exp(-(t**2))), "REFUTED", "sqrt(pi)/2"),
            (CAUSAL_USA, "PROVED", "(Σ_j m_j(0)) e^β/(h (n - 1))"),
        )
    ),
    (paced(SA, exp(-t)), {}, "consensus spectrum", "PROVED", "t_0"),
    (paced(SA, exp(-t)), {}, "Lipschitz bound", "PROVED", "2 (|β| + 1) D e^(-t)"),
]


@pytest.mark.every(21)
@pytest.mark.parametrize("row", OTHERS, ids=lambda row: f"{row[0]}-{row[2]}"[-60:])
def test_the_other_rows(row: tuple[Any, dict[str, Any], str, str, str]) -> None:
    model, given, name, expected, word = row
    verdict, detail = row_of(model, name, **given)
    assert verdict == expected and word in detail, (verdict, detail)


@pytest.mark.parametrize("value", [np.eye(2), "abc", "(", float("inf"), float("nan"), 1j])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="finite real number or a function of t"):
        row_of(SA, "(7.1)", beta=value)


def test_a_repulsive_potential_has_its_least_value_at_equal_angles() -> None:
    verdict, detail = row_of(paced(USA, -3), "(7.2)")
    assert verdict == "PROVED" and "<=" not in detail


def test_the_lipschitz_bound_has_the_scale() -> None:
    """For 5·SA at β = 1 a pair of systems parts at the rate 12.49."""
    verdict, detail = row_of(paced(SA, 5), "Lipschitz bound", beta=1)
    assert verdict == "PROVED"
    assert float(detail.rsplit("<=", 1)[1]) >= 12.49


def judged(label: str, prediction: Any) -> str:
    (claim,) = (claim for claim in discover() if claim.label == label)
    budget = Budget(claim.cases, np.random.default_rng(0))
    return claim.check(claim.model, prediction(claim.prediction), budget).verdict.name


PREDICTIONS = (
    ("Lemma 6.4", lambda p: replace(p, softmax=2 * p.softmax), "1 < 1.9 at β = 0, r0 = 0.95"),
    ("Lemma 6.4", lambda p: replace(p, softmax=exp(-2 * beta)), "a light token at the pole"),
    ("Lemma 6.4", lambda p: replace(p, softmax=sqrt(R0) * exp(-2 * beta)), "the same"),
    ("Lemma 6.4", lambda p: replace(p, plain=exp(-beta)), "the same"),
    ("Proposition 3.4", lambda p: replace(p, minimiser="Dirac masses"), "they have the most"),
    ("Proposition 3.4", lambda p: replace(p, maximiser="uniform measure"), "it has the least"),
    ("(D.15)", lambda p: replace(p, event=False), "an antipodal pair stands"),
    ("(6.4)", lambda p: replace(p, least=1 + Rational(1, 10**6)), "Σθ = 1 at consensus"),
    ("Theorem 6.3", lambda p: replace(p, constant=Rational(3, 5) * p.constant), "99 against 1"),
)
"""Predictions that experiments alone don't tell from the right ones."""


@pytest.mark.parametrize("row", PREDICTIONS, ids=lambda row: f"{row[0]}-{row[2]}")
def test_a_false_constant_is_refuted(row: tuple[str, Any, str]) -> None:
    assert judged(row[0], row[1]) == "REFUTED"


@pytest.mark.slow
def test_printed_rates_need_the_printed_time() -> None:
    """At β = 0 and r0 = ½ the diameter is 1/(1+t), which is more than e^{-t/2} in the end."""
    (claim,) = (claim for claim in discover() if claim.label == "Lemma 6.4")
    budget = Budget(3, np.random.default_rng(0))
    for factor, expected in (
        (1 / (1 + t), "REFUTED"),
        (1 / sqrt(1 + t), "REFUTED"),
        (exp(t), "PROVED"),
        (1 + t, "PROVED"),
    ):
        evidence = claim.check(paced(SA, factor), claim.prediction, budget)
        assert evidence.verdict.name == expected, (factor, evidence.detail)


PRINTED = (
    *((label, pace, "REFUTED") for label in LATE for pace in (1 / (1 + t), (1 + t) ** -2)),
    *((label, exp(t), "PROVED") for label in LATE[:2]),
    ("(6.11)", exp(t), "REFUTED"),  # γ of the printed time
)


@pytest.mark.every(3)
@pytest.mark.parametrize("row", PRINTED, ids=lambda row: f"{row[0]}-{row[1]}")
def test_late_rates_need_the_printed_time_too(row: tuple[str, Any, str]) -> None:
    label, pace, expected = row
    (claim,) = (claim for claim in discover() if claim.label == label)
    budget = Budget(3, np.random.default_rng(0))
    evidence = claim.check(paced(SA, pace), claim.prediction, budget)
    assert evidence.verdict.name == expected, evidence.detail


def test_the_changed_time_is_in_the_scope() -> None:
    for name in LATE:
        evidence = questions()[name].ask(Flow.of(paced(SA, 1 / (1 + t))))
        if name == "(6.11)":  # of which each bound is written with ∫s itself
            assert "time" not in evidence.scope and "τ" not in evidence.detail
            assert evidence.verdict.name == "PROVED" and "log(t + 1)" in evidence.detail
        else:
            assert evidence.scope["time"] == "τ = ∫(1/(t + 1))dt"


def test_the_rate_has_the_scale() -> None:
    detail = questions()["Lemma 6.4"].ask(Flow.of(paced(SA, sqrt(2) / 10))).detail
    assert "D <= D(0) e^(-t h √(2) e^(-2 β)/10)" in detail


@pytest.mark.parametrize("value", ["x", float("nan"), float("inf"), 1 + 2j, [1, 2]])
def test_a_temperature_is_a_number(value: Any) -> None:
    with pytest.raises(
        ValueError, match="Expected a finite real number or a function of t but got beta"
    ):
        subject_of(SA, 0, None, "wasserstein", None, {"beta": value})
