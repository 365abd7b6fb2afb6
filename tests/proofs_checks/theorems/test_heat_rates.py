"""(4.4) and (4.5) of other weights, along pairs of runs, and models without such a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Abs, DiagMatrix, Max, Rational, S, exp, lambdify, log, tanh

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    apply,
    as_sheet,
    assume,
    parting,
    parting_at,
    read,
    staying,
    staying_at,
    steps_of,
)
from proofs_checks.theorems.heat_forces import (
    BALANCED_DIFFER,
    EXPONENTIAL_APART,
    KERNEL_DIFFERS,
    MULTIPLE_DIFFERS,
    PARTS_DIFFER,
    SHARES_DIFFER,
    SPREAD,
    steepest,
)
from proofs_checks.theorems.heat_gap import COMPARED, HEATED
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.readers import MOTION, OTHER, TOKEN
from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.models import SA, USA, Model, catalogue
from theory.symbols import X, beta, m, n, t, z
from theory.terms import Inner, Item, Row, Vec, at, total
from theory.weights import SinkSoftmax

MASS = total(at(Item(m, OTHER)), OTHER)


def asked(model, row):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=row)[row]


def bound_of(model):
    """v of ``max_i |x_i - y_i| <= v``, in t and β; None where it isn't concluded."""
    own = parting(Subject.of(catalogue(model) if isinstance(model, str) else model))
    put = {MASS: S.One, Abs(beta): beta}
    return None if own is None else own.says.then.right.xreplace(put)


@pytest.mark.parametrize("name", ["RoPE", "causal", "graph", "softmax-off-by-one"])
def test_a_softmax_of_any_sight_has_the_bound_of_sa(name):
    evidence = asked(name, "(4.4)")
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds and evidence.sheet.typed
    assert "|x_j - y_j| <= (e^(2 t) - 1) |β|/2" in evidence.sentence


def test_a_schedule_has_its_own_clock_and_heat():
    assert "<= (e^(4 √(t + 1) - 4) - 1) |β|/2" in asked("CoD", "(4.4)").sentence
    evidence = asked("ALiBi", "(4.5)")
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.typed
    assert "while 4 (e^(2 t) - 1) |β| <= 1: " in evidence.sentence
    assert "3/4 <= <y_i,y_j> implies 1/2 <= <x_i,x_j>" in evidence.sentence


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("sigmoid", "(exp_bias + 1) (e^(2 t exp_bias (Σ_j m_j(0))/(exp_bias + 1)) - 1) |β|/(8 exp"),
        ("summed sigmoid", "(n + 1) (e^(2 t n (Σ_j m_j(0))/(n + 1)) - 1) |β|/8"),
        ("linear", "t |β| (Σ_j m_j(0))"),
        ("ReLU", "t |β| (Σ_j m_j(0))"),
    ],
)
def test_weights_that_are_not_divided_move_by_their_steepest_slope(name, bound):
    """sup σ' = 1/4, and n/4 of n σ(u - log n); of z and its positive part 1, from a field 0."""
    evidence = asked(name, "(4.4)")
    assert evidence.verdict is Verdict.PROVED and f"<= {bound}" in evidence.sentence


def test_kernels_of_another_shape_are_left_alone():
    """e^{u²}, u², max(u, 0)²: no such slope is read."""
    for body in (beta**2 * z**2, exp(beta**2 * z**2), Max(beta * z, 0) ** 2):
        field = Tangent(X, Elementwise(body, X * X.T) * DiagMatrix(m) * X)
        assert bound_of(Model("own", field, parameters=(beta,))) is None, body


@pytest.mark.parametrize(
    ("name", "hot"),
    [("RoPE", 2.0), ("causal", 4.0), ("CoD", 1.0), ("ReLU", 0.5), ("summed sigmoid", 0.5)],
)
def test_pairs_of_runs_stay_within_it_and_start_at_a_tenth_of_it_or_more(name, hot):
    rng, step, model = np.random.default_rng(1), 4e-3, catalogue(name)
    more = {"base": 100.0} if name == "RoPE" else {}
    warm, cold = (compile_model(model, beta=b, **more) for b in (hot, 0.0))
    bound = lambdify(t, bound_of(model).subs({beta: hot, n: 4}))
    closest = 0.0
    for _ in range(4):
        first = second = random_points(4, 2, rng)
        for k in range(60):
            first = first + step * warm.unchecked(first, k * step)
            second = second + step * cold.unchecked(second, k * step)
            first, second = (p / np.linalg.norm(p, axis=1, keepdims=True) for p in (first, second))
            apart = np.linalg.norm(first - second, axis=1).max()
            allowed = bound((k + 1) * step)
            assert apart <= allowed + 1e-3
            closest = max(closest, apart / allowed)
    assert closest > 0.1


HEATED_BEFORE = RowSoftmax((1 + beta) * X * X.T, m), RowSoftmax(exp(beta) * X * X.T, m)


@pytest.mark.parametrize("weights", HEATED_BEFORE, ids=["1 + β", "e^β"])
def test_weights_that_move_at_0_have_the_chords_of_that_flow(weights):
    """At β = 0 scores are <x_i,x_j>: K = 4, and runs part by less."""
    twin = replace(SA, name="twin", velocity=Tangent(X, weights * X), energy=None, metric=None)
    bound = bound_of(twin)
    assert bound.has(exp(4 * t))
    rng, step, hot = np.random.default_rng(5), 4e-3, 0.7
    fields = [compile_model(twin, beta=b) for b in (hot, 0.0)]
    states = [random_points(4, 2, rng)] * 2
    for count in range(1, 150):
        states = [x + step * f(x) for x, f in zip(states, fields, strict=True)]
        states = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in states]
        apart = np.linalg.norm(states[0] - states[1], axis=1).max()
        assert apart <= float(bound.subs({beta: hot, t: step * count}))


@pytest.mark.parametrize(
    "weights",
    [
        SinkSoftmax(beta * X * X.T, m, beta),  # β in the sink
        RowSoftmax(beta * (1 + t) * X * X.T, m),  # a range of scores that grows
        RowSoftmax(Elementwise(beta * z**3, X * X.T), m),
    ],
    ids=["sink", "clock", "cubic"],
)
def test_other_scores_have_no_such_bound(weights):
    assert bound_of(replace(SA, name="twin", velocity=Tangent(X, weights * X), energy=None)) is None


def features(first, second):
    field = row_normalised(Elementwise(first, X) * Elementwise(second, X).T, m) * X
    return Model("own", Tangent(X, field), parameters=(beta,))


def test_positive_features_part_by_the_slope_of_the_keys_logarithm():
    """A row's weights are ratios of ψ(x_j): e^{2βz} beside e^{βz} counts as a key alone."""
    grown = (exp(2 * t) - 1) / 2
    assert (bound_of("positive features") - beta * grown).expand() == 0
    assert (bound_of(features(exp(2 * beta * z), exp(beta * z))) - beta * grown).expand() == 0
    fast = features(exp(beta * z), exp(2 * beta * z))
    assert (bound_of(fast) - 2 * beta * grown).expand() == 0


@pytest.mark.parametrize("body", [exp((1 + beta) * z), 1 + beta * z], ids=str)
def test_features_that_move_at_rest_or_vanish_have_no_such_bound(body):
    """e^{(1+β)z} isn't constant at β = 0; 1 + βz is 0 somewhere from β = 1 on."""
    assert bound_of(features(body, body)) is None


def test_runs_of_features_part_less():
    rng, step = np.random.default_rng(0), 0.01
    for hot in (0.2, 1.0):
        fields = [compile_model(catalogue("positive features"), beta=b) for b in (hot, 0.0)]
        states = [random_points(3, 2, rng)] * 2
        for count in range(1, 100):
            states = [x + step * f(x) for x, f in zip(states, fields, strict=True)]
            states = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in states]
            apart = np.linalg.norm(states[0] - states[1], axis=1).max()
            assert apart <= hot * (np.exp(2 * step * count) - 1) / 2 * (1 + 2e-2)


def test_sinkhorn_runs_part_less():
    bound, model = lambdify((beta, t), bound_of("Sinkhorn")), catalogue("Sinkhorn")
    rng, step = np.random.default_rng(2), 0.02
    for hot in (0.125, 0.6):
        fields = [compile_model(model, beta=b) for b in (hot, 1e-12)]
        states = [random_points(3, 2, rng)] * 2
        for count in range(1, 40):
            states = [x + step * f(x) for x, f in zip(states, fields, strict=True)]
            states = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in states]
            apart = np.linalg.norm(states[0] - states[1], axis=1).max()
            assert apart <= bound(hot, step * count) * 1.05


def test_forces_are_bounds_at_states_in_the_ball():
    """|Σ_j A_ij x_j - Σ_j B_ij x_j| <= N for scores that differ by N, masked or beside a sink."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        points = random_points(5, 3, rng) * rng.uniform(0, 1, (5, 1))
        masses, cold, hot = rng.uniform(0.01, 1, 5), rng.normal(0, 2, (5, 5)), rng.uniform(0, 4)
        warm = cold + rng.uniform(-hot, hot, (5, 5))
        seen = np.tril(np.ones((5, 5)), int(rng.integers(-1, 2)))
        outputs = []
        for scores in (warm, cold):
            weights = np.exp(scores) * masses * seen
            below = weights.sum(axis=1, keepdims=True) + rng.integers(0, 1)
            outputs.append(weights @ points / np.maximum(below, 1e-300))
        assert np.linalg.norm(outputs[0] - outputs[1], axis=1).max() <= np.abs(warm - cold).max()


STEPS = [
    (SHARES_DIFFER, "causal"), (HEATED, "causal"), (COMPARED, "causal"),
    (BALANCED_DIFFER, "Sinkhorn"), (SPREAD, "positive features"), (MULTIPLE_DIFFERS, "CoD"),
    (PARTS_DIFFER, "positive features"), (KERNEL_DIFFERS, "summed sigmoid"),
    (EXPONENTIAL_APART, "USA"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name"), STEPS, ids=[rule.name for rule, _ in STEPS])
def test_every_premise_is_needed(rule, name):
    """Dropped, exchanged for another, of another model, or known of one time alone."""

    def step_of(model):
        found = staying(Subject.of(catalogue(model))).found
        return next((one for one in steps_of(found) if one.by is rule), None)

    own, other = step_of(name), step_of("RoPE + sink")
    assert apply(rule, *own.premises, **own.parameters).says == own.says
    for place, premise in enumerate(own.premises):
        rest = own.premises[:place], own.premises[place + 1 :]
        for facts in ((*rest[0], *rest[1]), (*rest[0], own, *rest[1])):
            found = apply(rule, *facts, **own.parameters)
            assert isinstance(found, Refusal), (place, str(found))
        if other is not None and other.premises[place].says != premise.says:
            mixed = (*rest[0], other.premises[place], *rest[1])
            assert isinstance(apply(rule, *mixed, **own.parameters), Refusal)
        moment = assume(Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))))
        local = apply(part, apply(together, premise, moment), place=0)
        found = apply(rule, *rest[0], local, *rest[1], **own.parameters)
        assert isinstance(found, Refusal) or moment.says in found.given


def test_no_bound_is_claimed_but_that_which_is_shown():
    """(4.4) as it is printed, of masses that add up to 1; e^|β| - 1 stands for |β| in USA."""
    grown = (exp(2 * t) - 1) / 2
    for model, force in ((SA, beta), (USA, exp(beta) - 1), (SA, Abs(beta))):
        for factor in (1, S.Half, exp(-beta)):
            own = parting_at(Subject.of(model), factor * force * grown)
            assert as_sheet(own.says, own.found, own.names).holds is (factor == 1)
    with_usa = parting_at(Subject.of(USA), beta * grown)
    assert isinstance(with_usa.found, Refusal)


def test_nothing_stays_clustered_but_what_is_shown():
    """(4.5): β_m is where the bound (4.4) is 1/8, and <x,y> changes by twice that."""
    grown, eighth, near = exp(2 * t) - 1, Rational(1, 8), Rational(3, 4)
    own = {SA: 1 / (4 * grown), USA: log(1 + 1 / (4 * grown))}

    def holds(model, heat, error=eighth, kept=S.Half):
        found = staying_at(Subject.of(model), beta, heat, error, near, kept)
        return not isinstance(found, Refusal) and as_sheet(found.says, found.found, ()).holds

    for model, heat in own.items():
        assert holds(model, heat)
        assert not holds(model, heat, kept=Rational(5, 8))
        assert not holds(model, heat, error=eighth / 2)
        assert not holds(model, 2 * heat)
    assert not holds(USA, own[SA]) and not holds(SA, own[USA])


def test_the_flow_at_0_is_that_models():
    own = next(s for s in steps_of(staying(Subject.of(SA)).found) if s.by is HEATED)
    motion, _, steady, apart = own.premises
    for wrong in (Subject.of(SA, {beta: 1}), Subject.of(catalogue("CoD"), {beta: 0})):
        assert isinstance(apply(HEATED, motion, read(MOTION, wrong), steady, apart,
                                **own.parameters), Refusal)  # fmt: skip


def test_steepest_slopes_are_those_of_a_grid():
    for kernel, size in ((1 / (1 + exp(-z)), 0.25), (3 / (2 + exp(-z)), 0.375), (tanh(z), None)):
        found = steepest(kernel)
        slope = lambdify(z, kernel.diff(z))(np.linspace(-30, 30, 100001))
        assert found is None if size is None else float(found) == pytest.approx(slope.max())
