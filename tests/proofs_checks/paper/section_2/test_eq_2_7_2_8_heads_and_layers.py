"""(2.7) and (2.8): twins of our own, models with heads, and sums that NumPy makes."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import MatrixSymbol, Min, OneMatrix, Piecewise, Rational, Symbol, sympify, tanh

from numerics.compile import compile_model
from proofs_checks.discovery import questions
from proofs_checks.own_model import check_model
from proofs_checks.paper.section_2.eq_2_7_2_8_heads_and_layers import FEED_FORWARD, MULTI_HEAD
from proofs_checks.proof import Flow, by_neuron
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.finite_sums import FiniteSum
from theory.layers import HEAD, discrete_layer, feed_forward, multi_head
from theory.models import CAUSAL, QKV, SA, USA, Model, catalogue
from theory.symbols import V, X, beta, d, heads, m, n, t, width

HEADS = MULTI_HEAD.model.velocity.field
SPLIT = MULTI_HEAD.prediction.split


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def moving(claim, velocity):
    return replace(claim, model=replace(claim.model, velocity=velocity))


TWINS = {
    "four heads": replace(MULTI_HEAD, model=multi_head(4)),
    "four heads at most": moving(
        MULTI_HEAD, Tangent(X, HEADS.func(HEADS.term, Min(heads, 4), HEAD))
    ),
    "heads that aren't projected": moving(MULTI_HEAD, HEADS),
    "V/H for H <= 4 only": changed(
        MULTI_HEAD, share=Piecewise((1 / heads, heads <= 4), (Rational(1, 4), True))
    ),
    "the heads of a block projected only": moving(
        FEED_FORWARD, FEED_FORWARD.model.velocity.field - HEADS + Tangent(X, HEADS)
    ),
    "a block of four heads at most": changed(
        FEED_FORWARD,
        split=FEED_FORWARD.prediction.split - SPLIT + FiniteSum(SPLIT.term, Min(heads, 4), HEAD),
    ),
    "what is left without w has one head": changed(FEED_FORWARD, rest=multi_head(1).velocity),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def attention(x, masses, query, key, value, hot):
    weights = masses * np.exp(hot * (x @ query.T) @ (x @ key.T).T)
    return (weights / weights.sum(axis=1, keepdims=True)) @ x @ value.T


def project(x, field):
    return field - np.sum(x * field, axis=1, keepdims=True) * x


def test_five_heads_and_four_neurons_at_seven_tokens():
    rng = np.random.default_rng(5)
    tokens, dim, rank, count, neurons, hot = 7, 3, 2, 5, 4, 0.8
    x = rng.normal(size=(tokens, dim))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    masses = rng.uniform(0.5, 2, tokens)
    queries, keys = rng.normal(size=(2, count, rank, dim))
    values = rng.normal(size=(count, dim, dim))
    w, a, b = (rng.normal(size=s) for s in ((dim, neurons), (neurons, dim), (neurons, 1)))
    parts = [attention(x, masses, *own, hot) for own in zip(queries, keys, values, strict=True)]
    parts += [np.outer(np.tanh(x @ a[q] + b[q, 0]), w[:, q]) for q in range(neurons)]
    each = sum(project(x, part) for part in parts)
    given = {
        f"{letter}_{h + 1}": stack[h]
        for letter, stack in (("Q", queries), ("K", keys), ("V", values))
        for h in range(count)
    }
    field = compile_model(feed_forward(count), beta=hot, masses=masses, w=w, a=a, b=b, **given)
    assert field(x) == pytest.approx(each, abs=1e-12)
    equal = {
        f"{letter}_{h + 1}": matrix
        for letter, matrix in (("Q", queries[0]), ("K", keys[0]), ("V", values[0] / count))
        for h in range(count)
    }
    many = compile_model(multi_head(count), beta=hot, masses=masses, **equal)(x)
    one = project(x, attention(x, masses, queries[0], keys[0], values[0], hot))
    assert many == pytest.approx(one, abs=1e-12)


def test_a_layer_is_its_neurons_by_entries():
    layer = next(t for t in FEED_FORWARD.model.velocity.field.args if t.has(tanh))
    split, steps = by_neuron(layer)
    assert split.count == width and len(steps) == 1 and steps[0].holds
    assert by_neuron(HEADS) == (HEADS, ())


def layer(number, rows):
    w, a, b = (
        MatrixSymbol(f"{name}{number}", *shape)
        for name, shape in (("w", (d, rows)), ("a", (rows, d)), ("b", (rows, 1)))
    )
    return Elementwise(tanh, X * a.T + OneMatrix(n, 1) * b.T) * w.T, (w, a, b)


@pytest.mark.slow
def test_two_layers_and_layers_of_four_neurons():
    (wide, first), (narrow, second) = layer(1, width), layer(2, 4)
    model = Model(
        "two", Tangent(X, SA.velocity.field + wide + narrow), parameters=(beta, *first, *second)
    )
    found = questions()["(2.8)"].ask(Flow.of(model))
    assert found.verdict.name == "PROVED" and "w2 σ(a2 x_i + b2)" in " ".join(
        str(found.sheet).split()
    )
    fixed = Model("one", Tangent(X, SA.velocity.field + narrow), parameters=(beta, *second))
    assert questions()["(2.8)"].ask(Flow.of(fixed)).verdict.name == "PROVED"


@pytest.mark.every(4)
@pytest.mark.parametrize("factor", [3, Symbol("c"), -1, 1 / (1 + t)], ids=str)
@pytest.mark.parametrize("name", ["MLP block", "low-rank heads"])
def test_a_multiple_of_a_sum_is_a_sum_of_multiples(name, factor):
    plain = catalogue(name)
    more = tuple(sympify(factor).free_symbols - {t})
    field = Tangent(X, factor * plain.velocity.field)
    made = Model("multiple", field, parameters=(*plain.parameters, *more))
    assert questions()["(2.8)"].ask(Flow.of(made)).verdict.name == "PROVED"


W = MatrixSymbol("W", d, d)
OWN = Model(
    "two heads of my own",
    Tangent(X, RowSoftmax(2 * X * W * X.T, m) * X * V - 3 * RowSoftmax(beta * X * X.T, m) * X),
    parameters=(beta, V, W),
)


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("model", "said", "block"),
    [
        (SA, "1", True),
        (QKV, "1", True),
        (multi_head(2), "2", True),
        (multi_head(5), "5", True),
        (OWN, "2", True),
        (feed_forward(3), None, True),
        (USA, None, False),
        (CAUSAL, None, False),
        (discrete_layer(SA), None, False),
        (replace(OWN, velocity=OWN.velocity.field), None, False),
        (replace(OWN, velocity=Tangent(X, OWN.velocity.field + X)), "2", True),
        (replace(OWN, velocity=Tangent(X, Elementwise(tanh, X * W) * W)), None, False),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_model_is_asked_for_its_heads(model, said, block):
    rows = questions()
    found = rows["(2.7)"].ask(Flow.of(model))
    assert found.word == ("doesn't apply" if said is None else "PROVED")
    assert found.scope.get("heads") == said
    assert rows["(2.8)"].ask(Flow.of(model)).word == ("PROVED" if block else "doesn't apply")


def test_check_model_has_the_rows():
    report = check_model(multi_head(3), only=["(2.7)", "(2.8)"])
    assert {report[row].verdict.name for row in ("(2.7)", "(2.8)")} == {"PROVED"}
