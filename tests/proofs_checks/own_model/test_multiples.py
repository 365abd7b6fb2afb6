"""c·F, and E in place of its multiples: which verdicts change, and that sentences say the constant.

What is said of F is said of c·F with the flow's own constants; of an energy that it was the
gradient flow of, it is that of a multiple, so that c > 0 changes the metric and c < 0 refutes.
"""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, Symbol, exp, simplify

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_4.eq_4_4_deviation import EQUATION_4_4
from proofs_checks.paper.section_4.eq_4_5_small_deviation import EQUATION_4_5
from theory import gradient_flow, interaction_energy
from theory.atoms import Tangent
from theory.models import CAUSAL, QK_SA, QK_USA, SA, SINKHORN, USA
from theory.symbols import beta, t, z

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED
C = Symbol("c", positive=True)
CUBIC = gradient_flow(interaction_energy(z + z**2 / 2 + z**3 / 6), "cubic")
FACTORS = [3, Rational(1, 2), C, -3]


def times(factor, model):
    """c·F beside the energy of F."""
    more = (factor,) if isinstance(factor, Symbol) and factor not in model.parameters else ()
    velocity = Tangent(model.velocity.points, factor * model.velocity.field)
    return replace(model, velocity=velocity, parameters=(*model.parameters, *more))


def asked(model, *names):
    return {row.name: row for row in check_model(model, only=list(names)).rows}


def verdicts(model, *names):
    return {name: row.evidence.verdict for name, row in asked(model, *names).items()}


CLIMBING = ("dissipation identity", "energy ascent", "gradient structure", "(3.16)")
"""PROVED for c > 0 with 1/c in the weights; REFUTED for c < 0, where the energy falls."""

OWN_CONSTANT = {SA.name: ("(2.6)", "(3.2)", "(3.7)"), USA.name: (), CUBIC.name: ()}
"""PROVED for every c, with the constant in the sentence."""

OF_SMALL_BETA = ("(4.4)", "(4.5)", "Theorem 4.2")
"""Of c·F time runs |c| times as fast; only the last tells c > 0 from c < 0."""

OF_THE_ENERGY = ("Lemma 3.6", "(3.10)", "Lemma 3.7", "(7.4)")
"""Of flows without row sums: the velocity is the energy's own gradient, and only c = 1 holds."""


@pytest.mark.every(21)
@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("model", [SA, USA, CUBIC], ids=lambda model: model.name)
def test_a_multiple_of_the_velocity(model, factor):
    rises = factor != -3
    made = times(factor, model)
    assert set(verdicts(made, *CLIMBING).values()) == {PROVED if rises else REFUTED}
    assert set(verdicts(made, *OWN_CONSTANT[model.name]).values()) <= {PROVED}
    if model is not SA:
        # of a c without a number (7.4) isn't decided: it holds at c = 1
        named = OF_THE_ENERGY if factor is not C else OF_THE_ENERGY[:-1]
        assert set(verdicts(made, *named).values()) == {REFUTED}
    assert verdicts(made, "Lemma 6.4") == {"Lemma 6.4": PROVED if rises else REFUTED}
    assert verdicts(made, "equiangular ODE") == {"equiangular ODE": PROVED}


@pytest.mark.every(17)
@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("model", [SA, USA, QK_SA, QK_USA], ids=lambda model: model.name)
def test_a_multiple_stays_near_beta_zero_for_a_shorter_time(model, factor):
    rows = asked(times(factor, model), *OF_SMALL_BETA)
    found = {name: row.evidence.verdict for name, row in rows.items()}
    cold = REFUTED if factor == -3 else PROVED
    assert found == {"(4.4)": PROVED, "(4.5)": PROVED, "Theorem 4.2": cold}
    soon = {t: abs(factor) * t}  # c·F at t is F at c t, of which the paper speaks
    bound = EQUATION_4_4.prediction.of(model).subs(soon)
    hottest = EQUATION_4_5.prediction.hottest.of(model).subs(soon)
    assert simplify(rows["(4.4)"].evidence.prediction.of(model) - bound) == 0
    assert simplify(rows["(4.5)"].evidence.prediction.hottest.of(model) - hottest) == 0
    assert "f(β)" not in rows["(4.4)"].statement


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("factor", "verdict"), [(3, PROVED), (Rational(1, 2), PROVED), (-1, REFUTED)]
)
@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_a_multiple_of_the_energy(model, factor, verdict):
    found = verdicts(replace(model, energy=factor * model.energy), *CLIMBING)
    assert set(found.values()) == {verdict}


@pytest.mark.every(2)
@pytest.mark.parametrize("given", [{"b": 0}, {}], ids=["b = 0", "any b"])
@pytest.mark.parametrize("kernel", [z, z**2, exp(beta * z)], ids=str)
def test_a_multiple_that_may_be_zero(kernel, given):
    b = Symbol("b", real=True)
    own = (b, beta) if kernel.has(beta) else (b,)
    flow = gradient_flow(interaction_energy(b * kernel), parameters=own)
    names = (*CLIMBING, *OF_THE_ENERGY[:-1], "(7.1)")
    found = check_model(flow, only=names, **given)
    assert {row.evidence.verdict for row in found.rows} == {PROVED}
    assert "nan" not in found["(3.16)"].sentence


@pytest.mark.parametrize("factor", [3, -3, 5])
def test_the_sentence_says_the_constant_of_the_flow(factor):
    said = {
        name: row.statement for name, row in asked(times(factor, SA), *OWN_CONSTANT["SA"]).items()
    }
    assert f"{abs(factor)}*n - {abs(factor)})*exp" in said["(2.6)"]
    assert f"at most {abs(factor)} long" in said["(3.2)"]
    assert said["(3.7)"] == f"velocity = grad of {factor}*log(∫exp(beta*<x,y>) dmu)/beta"
    assert asked(SA, "(3.7)")["(3.7)"].statement == (
        "velocity = grad of log(∫exp(beta*<x,y>) dmu)/beta"
    )


@pytest.mark.parametrize("factor", [3.0, -3.0])
def test_the_bound_that_is_said_holds_and_the_bound_of_one_does_not(factor):
    points = random_points(4, 3, 0, 400)
    near = points[:, :1] + 0.02 * points
    points = near / np.linalg.norm(near, axis=-1, keepdims=True)
    speed = np.linalg.norm(compile_model(times(int(factor), SA), beta=0.25)(points), axis=-1)
    gram = points @ points.swapaxes(-1, -2) - 2 * np.eye(4)
    bound = 3 * np.exp(-0.25 * (1 - gram.max(axis=-1)))
    assert (speed <= abs(factor) * bound).all()
    pair = np.array([[1.0, 0.0], [0.0, 1.0]])
    moved = np.linalg.norm(compile_model(times(int(factor), SA), beta=0.25)(pair), axis=-1)
    assert (moved > np.exp(-0.25)).all()  # (n - 1) e^{-β(1 - g)} of two tokens at a right angle


@pytest.mark.parametrize(
    ("model", "verdict", "words"),
    [
        (SINKHORN, PROVED, "energy"),
        (replace(SINKHORN, energy=3 * SINKHORN.energy), PROVED, "times 1/3"),
        (replace(SINKHORN, energy=-SINKHORN.energy), REFUTED, "energy"),
        (times(3, SINKHORN), PROVED, "times 3"),
        (times(-3, SINKHORN), REFUTED, "energy"),
        (times(C, SINKHORN), PROVED, "times c"),
    ],
)
def test_sinkhorn_says_of_which_multiple_it_is_the_gradient_flow(model, verdict, words):
    row = asked(model, "Remark 3.5")["Remark 3.5"]
    assert row.evidence.verdict is verdict and row.statement.endswith(words)
    if verdict is REFUTED:
        assert "E falls" in row.evidence.detail


@pytest.mark.parametrize(
    ("factor", "verdict", "weights"),
    [
        *((1, PROVED, "m_i"), (3, PROVED, "m_i/3"), (C, PROVED, "m_i/c")),
        pytest.param(-3, REFUTED, "m_i", marks=pytest.mark.slow),
    ],
)
def test_a_multiple_of_sinkhorn_says_its_metric(factor, verdict, weights):
    rows = asked(times(factor, SINKHORN), "dissipation identity", "gradient structure")
    for row in rows.values():
        assert row.evidence.verdict is verdict and row.statement.endswith(f", g_i = {weights}")


@pytest.mark.parametrize("factor", [1, 3])
def test_the_metric_of_a_multiple_of_sinkhorn_by_floats(factor):
    # dE/dt by a difference quotient, beside Σ m_i |x_i'|²/c
    field = compile_model(times(factor, SINKHORN), beta=1.5)
    points = random_points(4, 3, 5)
    moved, step = field(points), 1e-5
    near = [points + sign * step * moved for sign in (1, -1)]
    ahead, behind = (field.energy(x / np.linalg.norm(x, axis=1, keepdims=True)) for x in near)
    rate = (ahead - behind) / (2 * step)
    assert rate == pytest.approx(np.sum(moved**2) / 4 / factor, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1, 3, -3])
def test_two_tokens_part_by_the_force_of_the_flow(factor):
    row = asked(times(factor, USA), "(8.1)")["(8.1)"]
    assert row.evidence.verdict is PROVED
    assert ("h = " + {1: "", 3: "3*", -3: "-3*"}[factor] + "exp") in row.evidence.detail


@pytest.mark.slow
@pytest.mark.parametrize("factor", [beta, beta**2], ids=str)
def test_with_beta_in_front_nothing_is_said_of_beta_at_zero_or_below(factor):
    for model, names in (
        (SA, ("Lemma 6.4", "(6.3)", "hemisphere under a mask")),
        (CAUSAL, ("Lemma 6.4", "leader induction")),
    ):
        found = asked(times(factor, model), *names)
        for name in names:
            assert found[name].evidence.verdict is PROVED, name
            assert found[name].evidence.scope["beta"] == "> 0", name
