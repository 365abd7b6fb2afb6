"""Gram flows of every model: closed rates against the velocities of tokens, and obstructions."""

import pickle

import numpy as np
import pytest
from sympy import ImmutableMatrix, Rational, S, Symbol

from numerics import compile_model
from theory import catalogue
from theory.derivations import Obstruction, gram_flow
from theory.derivations.witness import entries, explicit_values
from theory.layers import DISCRETE_SA, multi_head
from theory.models import QK_SA, QKV, SA, SINKHORN
from theory.symbols import G, X, d, m, n, t

OTHER = (
    *("RoPE", "low-rank heads", "multi-query", "no projection", "MLP block", "RoPE + sink"),
    *("pre-LN layer", "parallel block", "positive features"),
)
MORE = ("causal + pre-LN", "RoPE + sink", "ALiBi + causal", "sink + peri-LN", "L2 + nGPT")


def tokens(count: int, width: int, rng: np.random.Generator) -> ImmutableMatrix:
    rows = rng.normal(size=(count, width))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return ImmutableMatrix(rows.tolist())


def table(value) -> np.ndarray:
    return np.asarray(value.tolist(), float)


def checked(model, seed: int) -> None:
    """Compare the closed equations with the compiled velocity at drawn tokens and masses."""
    flow = gram_flow(model)
    assert flow.proved
    rows = {X, *(b.symbol for b in model.blocks if b.symbol.shape[1] == d)}
    closed = [flow.rate, *(v for _, v in flow.others), *(p.rate for p in flow.products)]
    assert not any(rows & expr.free_symbols for expr in closed)
    rng = np.random.default_rng(seed)
    count, width = int(rng.integers(4, 6)), int(rng.integers(3, 6))
    values = dict(explicit_values(model, tokens(count, width, rng), equal=False))
    masses = rng.uniform(0.2, 1.0, (count, 1))
    values[m] = ImmutableMatrix(masses.tolist())
    products = {p.symbol: values[p.left] * values[p.right].T for p in flow.products}
    given = tuple({**values, **products, G: values[X] * values[X].T}.items())
    named = {
        str(p): table(values[p]) if hasattr(values[p], "shape") else float(values[p])
        for p in model.parameters
        if p in values
    }
    state = {str(b.symbol): table(values[b.symbol]) for b in model.blocks}
    if "m" not in state:
        named["masses"] = masses[:, 0]
    field = compile_model(model, **named)
    alone = len(state) == 1
    moved = {"X": field(state["X"], float(values[t]))} if alone else field(state, float(values[t]))
    rates = {str(k): np.asarray(v) for k, v in moved.items()}

    def change(left, right):
        a, b = table(values[left]), table(values[right])
        da, db = rates.get(str(left), 0 * a), rates.get(str(right), 0 * b)
        return da @ b.T + a @ db.T

    def seen(expr):
        return np.asarray(entries(expr, given), float)

    if model.kind == "map":
        f = rates["X"]
        assert np.allclose(seen(flow.rate), f @ f.T, atol=1e-12)
        return
    assert np.allclose(seen(flow.rate), change(X, X), atol=1e-11)
    for p in flow.products:
        assert np.allclose(seen(p.rate), change(p.left, p.right), atol=1e-11)
    for symbol, velocity in flow.others:
        assert np.allclose(seen(velocity), rates[str(symbol)], atol=1e-11)


@pytest.mark.every(13)
@pytest.mark.parametrize("name", [*catalogue(), *MORE])
def test_gram_flows_are_those_of_tokens(name):
    """Closed for every value matrix c I without turned positions; an obstruction for the others."""
    model = catalogue(name)
    try:
        flow = gram_flow(model)
    except Obstruction:
        assert name in OTHER
        return
    if model is SINKHORN:  # a fixed point has no entries
        assert flow.proved
        return
    checked(model, len(name))


@pytest.mark.parametrize("model", [QK_SA, DISCRETE_SA], ids=lambda v: v.name)
def test_keys_and_layers_close_too(model):
    checked(model, 7)


def test_products_are_named_and_needed():
    found = gram_flow(QK_SA).products
    assert [(str(p.left), str(p.right)) for p in found] == [("X", "Q"), ("X", "K")]
    assert gram_flow(SA).products == ()
    two = gram_flow(catalogue("encoder-decoder")).products
    assert [str(p.symbol) for p in two] == ["G_XY", "G_YY"]
    fixed = gram_flow(catalogue("cross-attention")).products
    assert [p.rate.is_ZeroMatrix for p in fixed] == [False, True]


@pytest.mark.parametrize("model", [QKV, multi_head(2), catalogue("RoPE")], ids=lambda v: v.name)
def test_two_states_with_one_gram_matrix_move_apart(model):
    """The witness of an obstruction, by the compiled velocity."""
    with pytest.raises(Obstruction, match="Witness: X and X R have one Gram matrix") as caught:
        gram_flow(model)
    seen = caught.value.witness
    assert abs(seen.again() - seen.number) < Rational(1, 10**13)
    here, there = dict(seen.first.values), dict(seen.second.values)
    assert here[X] * here[X].T == there[X] * there[X].T
    assert {s for s in here if here[s] != there[s]} == {X}
    named = {
        str(p): table(here[p]) if hasattr(here[p], "shape") else float(here[p])
        for p in model.parameters
        if p in here
    }
    field = compile_model(model, masses=table(here[m])[:, 0], **named)
    rates = []
    for values in (here, there):
        x = table(values[X])
        f = field(x, float(values[t]))
        rates.append((f @ x.T + x @ f.T)[seen.first.place])
    assert rates[0] - rates[1] == pytest.approx(float(seen.number), rel=1e-9)


def test_an_obstruction_travels():
    with pytest.raises(Obstruction) as caught:
        gram_flow(QKV)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.witness == caught.value.witness
    assert str(again) == str(caught.value)
    assert again.witness.values[n] == again.witness.points.rows


def test_unknown_sizes_and_numbers_get_values():
    model = catalogue("cross-attention")
    values = dict(explicit_values(model, ImmutableMatrix.eye(4)))
    assert values[Symbol("l", integer=True, positive=True)] == 2
    assert all(S(value).is_Rational for value in values.values() if not hasattr(value, "shape"))
