"""Strategies: what they draw, and what holds for every drawn model; broken twins are caught."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sympy import MatMul, Matrix

from numerics.sphere import project
from proofs_checks.sample import masks_of
from proofs_checks.strategies import (
    falsify,
    kernels,
    masks,
    masses,
    matrices,
    models,
    points,
    relabellings,
    systems,
)
from theory import Block, Mask, Model, catalogue
from theory.atoms import RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.parse import parse_kernel
from theory.symbols import X, beta, d, m, z

FLOWS = [name for name in catalogue() if catalogue(name).kind == "flow"]
PLACES = ("ALiBi", "RoPE")
KEYS = ("cross-attention", "encoder-decoder")
"""A second species stays where it is when the tokens turn."""
ALL = settings(max_examples=40, deadline=None, derandomize=True, database=None)
FEW = settings(ALL, max_examples=25)


def test_falsify_shrinks_and_depends_on_the_seed():
    smallest = falsify(
        points(n=(1, 5), d=2), lambda x: x.shape[0] < 3, 200, np.random.default_rng(0)
    )
    assert smallest.shape == (3, 2)
    seen = []
    for seed in (0, 1):
        drawn = []
        strategy = st.integers(0, 10**9)
        falsify(
            strategy,
            lambda v, drawn=drawn: drawn.append(v) or True,
            20,
            np.random.default_rng(seed),
        )
        seen.append(drawn)
    assert seen[0] != seen[1]
    assert falsify(points(), lambda x: True, 5, np.random.default_rng(0)) is None


# -- what is drawn ------------------------------------------------------------------------------


@settings(ALL, max_examples=8)
@given(kernels(), kernels(""))
def test_kernels_are_read_and_make_models(text, bare):
    made = gradient_flow(interaction_energy(parse_kernel(text)))
    assert set(made.parameters) <= {beta}
    assert parse_kernel(bare, parameters=()).free_symbols == {z}


@ALL
@given(st.data())
def test_matrices_are_of_their_kind(data):
    a = data.draw(matrices(3, kind="symmetric"))
    assert np.array_equal(a, a.T)
    assert np.linalg.eigvalsh(data.draw(matrices(3, kind="definite"))).min() > 0
    q = data.draw(matrices(3, kind="orthogonal"))
    assert np.array_equal(q @ q.T, np.eye(3))
    c = data.draw(matrices(2, kind="scalar"))
    assert np.array_equal(c, c[0, 0] * np.eye(2))
    assert data.draw(matrices(2, 5)).shape == (2, 5)


def test_matrices_refuse():
    with pytest.raises(ValueError, match=r"Expected kind one of .* but got kind='round'"):
        matrices(2, kind="round")
    with pytest.raises(ValueError, match=r"Expected a square matrix .* but got rows=2, columns=3"):
        matrices(2, 3, kind="symmetric")


@ALL
@given(st.integers(1, 5).flatmap(lambda n: st.tuples(st.just(n), masks(n), masks(n, False))))
def test_masks_show_somebody_and_keep_their_facts(found):
    n, mask, any_mask = found
    table = np.array(mask.on(n).tolist(), dtype=int)
    assert table.shape == (n, n) and table.any(axis=1).all()
    for one in (mask, any_mask):
        entries = np.array(one.on(n).tolist(), dtype=int)
        assert entries[1:].any(axis=1).all()
        if one.triangular:
            assert not np.triu(entries, 1).any()
        if one.symmetric:
            assert np.array_equal(entries, entries.T)


@ALL
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), masks(n))), st.data())
def test_relabellings_keep_the_mask(found, data):
    n, mask = found
    order = data.draw(relabellings(mask, n))
    table = np.array(mask.on(n).tolist(), dtype=int)
    assert np.array_equal(table[np.ix_(order, order)], table)
    assert sorted(data.draw(relabellings(None, n))) == list(range(n))


def test_models_have_one_parameter():
    assert falsify(models(), lambda a: a.parameters == (beta,), 20, rng()) is None


@pytest.mark.every(5)
@pytest.mark.parametrize("name", [*catalogue(), "causal + pre-LN", "RoPE + sink"])
def test_every_name_can_be_drawn(name):
    drawn = []

    @settings(max_examples=2, phases=[Phase.generate], database=None, derandomize=True)
    @given(systems([name], n=2, d=2))
    def draw(sample):
        drawn.append(sample)

    draw()
    assert drawn[-1].model is catalogue(name) and drawn[-1].velocity()["X"].shape == (2, 2)


def rng():
    return np.random.default_rng(5)


# -- confinement of each block in its space -----------------------------------------------------


def confined(sample):
    """Whether every block's velocity, or its next layer, fits its space."""
    velocity = sample.velocity()
    for block in sample.model.blocks:
        if not block.moves:
            if str(block.symbol) in velocity:
                return False
            continue
        value, at = velocity[str(block.symbol)], sample.state[str(block.symbol)]
        size = 1 + float(np.max(np.abs(value)))
        if value.shape != at.shape or not np.all(np.isfinite(value)):
            return False
        if block.space == "sphere":
            radial = np.sum(value * at, axis=1)
            if sample.model.kind == "map":
                radial = np.sum(value**2, axis=1) - 1
            if np.max(np.abs(radial)) > 1e-9 * size:
                return False
        if block.space == "simplex" and abs(float(np.sum(value))) > 1e-9 * size:
            return False
    return True


@ALL
@given(systems())
def test_every_block_stays_in_its_space(sample):
    assert confined(sample), sample


@pytest.mark.slow
def test_what_leaves_its_space_is_caught():
    drawn = systems(["SA"], n=(1, 3))
    radial = Model("radial", RowSoftmax(beta * X * X.T, m) * X)
    assert falsify(drawn, lambda a: confined(replace(a, model=radial)), 60, rng()) is not None
    moved = systems(["pre-LN"], n=2, d=2)
    loose = {X: catalogue("SA").velocity, m: m}
    heavy = Model("heavy", loose, blocks=(Block(X), Block(m, "simplex")))

    def holds(a):
        weights = np.full((2, 1), 0.5)
        state = {"X": a.state["X"], "m": weights}
        return confined(replace(a, model=heavy, state=state, masses=None))

    assert falsify(moved, holds, 20, rng()) is not None


# -- equivariance: permutations that a mask's facts predict, rotations for V = c I ----------------


def permuted(sample, order):
    """The tokens, their columns and masses in another order."""
    order = list(order)
    state = {}
    for block in sample.model.blocks:
        value = sample.state[str(block.symbol)]
        own = str(block.symbol.shape[0]) == "n"
        state[str(block.symbol)] = value[order] if own else value
    weights = None if sample.masses is None else sample.masses[order]
    return replace(sample, state=state, masses=weights)


def relabels(sample, order):
    """Whether relabelled tokens move as the original ones, relabelled."""
    here, there = sample.velocity(), permuted(sample, order).velocity()
    for block in sample.model.blocks:
        name = str(block.symbol)
        if name in here:
            own = str(block.symbol.shape[0]) == "n"
            wanted = here[name][list(order)] if own else here[name]
            if not np.allclose(there[name], wanted, rtol=1e-9, atol=1e-9):
                return False
    return True


def mask_of(sample):
    """The mask of a drawn model, its graph filled in; None where everybody sees everybody."""
    found = set(masks_of(sample.model))
    assert len(found) <= 1
    for mask in found:
        value = sample.values.get(str(mask.parameter))
        return mask if value is None else Mask.graph(Matrix(value.astype(int).tolist()))
    return None


WITHOUT_PLACES = [name for name in catalogue() if name not in PLACES]


@ALL
@given(systems(WITHOUT_PLACES, n=(2, 4)), st.data())
def test_the_symmetries_of_the_mask_are_those_of_the_model(sample, data):
    order = data.draw(relabellings(mask_of(sample), len(sample.state["X"])))
    assert relabels(sample, order), (sample.model.name, order)


MASKED = ("causal", "strictly causal", "window", "graph", "bipartite")


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("name", MASKED)
def test_other_relabellings_change_a_masked_model(name):
    def holds(found):
        sample, order = found
        return relabels(sample, order)

    drawn = st.tuples(systems([name], n=4, d=2), relabellings(None, 4))
    assert falsify(drawn, holds, 40, rng()) is not None, "a mask that shows all tokens"


@pytest.mark.slow
@pytest.mark.parametrize("name", PLACES)
def test_places_tell_tokens_apart(name):
    drawn = st.tuples(systems([name], n=3, d=2), relabellings(None, 3))
    assert falsify(drawn, lambda found: relabels(*found), 40, rng()) is not None


ISOTROPIC = [
    name
    for name in catalogue()
    if name != "RoPE"
    and name not in KEYS
    and not any(d in getattr(p, "shape", ()) for p in catalogue(name).parameters)
]


def turned(sample, matrix):
    return sample.at(X=project(sample.state["X"] @ matrix))


def turns(sample, matrix):
    """Whether turned tokens move as the original ones, turned."""
    here, there = sample.velocity(), turned(sample, matrix).velocity()
    return all(
        np.allclose(there[name], here[name] @ matrix if name == "X" else here[name], atol=1e-9)
        for name in here
    )


@ALL
@given(systems(ISOTROPIC), st.data())
def test_turned_tokens_move_as_the_original_ones_turned(sample, data):
    normal = data.draw(points(1, sample.state["X"].shape[1]))[0]
    assert turns(sample, np.eye(len(normal)) - 2 * np.outer(normal, normal)), sample.model.name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RoPE", "no projection", "cross-attention"])
def test_what_prefers_directions_is_caught(name):
    def holds(found):
        sample, normal = found
        return turns(sample, np.eye(2) - 2 * np.outer(normal[0], normal[0]))

    drawn = st.tuples(systems([name], n=1 + (name == "RoPE"), d=2), points(1, 2))
    assert falsify(drawn, holds, 40, rng()) is not None


@pytest.mark.slow
def test_a_causal_twin_of_sa_is_caught():
    twin = Model("twin", Tangent(X, MatMul(RowSoftmax(beta * X * X.T, m, mask=Mask.band(1)), X)))
    drawn = st.tuples(systems(["SA"], n=3, d=2), relabellings(None, 3))

    def holds(found):
        sample, order = found
        return relabels(replace(sample, model=twin), order)

    assert falsify(drawn, holds, 100, rng()) is not None


@FEW
@given(masses(3))
def test_masses_are_positive(found):
    assert found.min() > 0
