"""Attention inside velocities in fused passes, against the print: masks, lengths, schemes."""

import pickle

import numpy as np
import pytest
from sympy import MatrixSymbol, log

from numerics import compile_model, sphere
from numerics.fused import parted
from numerics.fused.intervals import ROWS, columns_seen
from theory import QKV, SINKHORN, Block, Model, catalogue
from theory.atoms import RowSoftmax, Tangent
from theory.masks import Mask
from theory.symbols import X, beta, m, n, r

pytestmark = pytest.mark.extras

EPS = np.finfo(float).eps
SHAPES = [(1, 2), (3, 1), (7, 3), (ROWS + 7, 2), (2 * ROWS + 1, 5), (9, 40)]
MASKS = [Mask.causal(), Mask.strictly_causal(), Mask.band(2), Mask.band(300), Mask.bipartite(2)]
SCHEMES = {
    "pre-LN": {}, "peri-LN": {}, "mix-LN": {"tau": 0.5}, "nGPT": {"alpha": 0.7}, "CoD": {},
    "LNS": {}, "LNS with scores": {},
}  # fmt: skip


def masked(mask):
    """Attention under a mask."""
    return Model(str(mask), Tangent(X, RowSoftmax(beta * X * X.T, m, mask=mask) * X))


def agree(model, state, backend, t=0.0, **values):
    """Compare every block with the print, to the rounding of both."""
    bound = 64 * (1 + np.max(np.abs(values["beta"]))) * EPS
    fused = compile_model(model, backend=backend, **values).unchecked(state, t)
    plain = compile_model(model, backend="plain", **values).unchecked(state, t)
    if not isinstance(fused, dict):
        fused, plain = {"X": fused}, {"X": plain}
    for name, value in fused.items():
        assert value.shape == plain[name].shape
        assert np.max(np.abs(value - plain[name]), initial=0.0) <= bound, name


@pytest.mark.every(7)
@pytest.mark.parametrize("mask", MASKS, ids=str)
@pytest.mark.parametrize(
    "shape", [(1, 2), (3, 1), (7, 3), (ROWS + 7, 2), (2 * ROWS + 1, 5), (9, 40)]
)
def test_masks_are_those_of_the_print(mask, shape, backend):
    points = sphere.random_points(*shape, 1)
    weights = np.random.default_rng(0).uniform(0.1, 2.0, shape[0])
    for value in (-300.0, -4.0, 0.0, 3.0, 600.0):
        for masses in (None, weights):
            agree(masked(mask), points, backend, beta=value, masses=masses)


@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_masks_in_batches(mask, backend):
    points = sphere.random_points(9, 3, 0, batch=(2, 40))
    rng = np.random.default_rng(1)
    rates, masses = rng.uniform(-3, 9, (2, 40)), rng.uniform(0.5, 1.5, (40, 9))
    agree(masked(mask), points, backend, beta=rates, masses=masses)
    agree(masked(mask), points[0, 0], backend, beta=rates)
    agree(masked(mask), points[:, ::3, ::-1, ::-1], backend, beta=2.0)
    assert compile_model(masked(mask), beta=1.0, backend=backend).unchecked(points[:0]).size == 0
    many = sphere.random_points(150, 3, 0, batch=(70,))
    fields = [compile_model(masked(mask), beta=2.0, backend=backend, threads=k) for k in (1, 3)]
    assert np.array_equal(*(field.unchecked(many) for field in fields))


def test_columns_seen_are_those_of_the_masks():
    for mask in MASKS:
        for size in (1, 2, 5):
            first, last = columns_seen(mask, size)
            place = np.arange(size)
            sees = (place >= first[:, None]) & (place < last[:, None])
            assert np.array_equal(sees, np.array(mask.on(size)).astype(bool)), (mask, size)
    assert columns_seen(Mask.graph(MatrixSymbol("W", n, n)), 4) is None


@pytest.mark.every(7)
@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("shape", [(1, 2), (8, 3), (300, 3), (9, 40)])
def test_schemes_are_those_of_the_print(name, shape, backend):
    model, rng = catalogue(name), np.random.default_rng(2)
    points, lengths = sphere.random_points(*shape, 3), rng.uniform(0.5, 2.0, (shape[0], 1))
    state = {"X": points, "r": lengths} if len(model.blocks) > 1 else points
    for value in (-300.0, 0.0, 4.0):
        for t in (0.0, 2.0):
            masses = None if t else rng.uniform(0.1, 2.0, shape[0])
            agree(model, state, backend, t, beta=value, masses=masses, **SCHEMES[name])


def test_schemes_in_batches_and_in_time(backend):
    points = sphere.random_points(6, 3, 0, batch=(4,))
    state = {"X": points, "r": np.ones((6, 1))}
    agree(catalogue("peri-LN"), state, backend, beta=np.linspace(0, 3, 4))
    field = compile_model(catalogue("pre-LN"), beta=lambda t: 1.0 + t, backend=backend)
    still = compile_model(catalogue("pre-LN"), beta=3.0, backend=backend)
    assert np.array_equal(field.unchecked(state, 2.0)["X"], still.unchecked(state)["X"])


def test_a_mask_and_lengths_and_a_rate_in_n(backend):
    mean = RowSoftmax(beta * log(n) * X * X.T, m, mask=Mask.causal()) * X
    model = Model("long", {X: Tangent(X, mean), r: r}, blocks=(Block(X), Block(r, "positive")))
    (output,) = parted(tuple(model.velocities.values())).outputs
    assert output.rate == beta * log(n) and output.mask == Mask.causal()
    agree(model, {"X": sphere.random_points(7, 3, 0), "r": np.ones((7, 1))}, backend, beta=2.0)


def test_each_output_is_summed_once(monkeypatch):
    calls = []
    real = type(parted((catalogue("causal").velocity,)).outputs[0]).sums

    def sums(self, *args):
        calls.append(self)
        return real(self, *args)

    monkeypatch.setattr("numerics.fused.outputs.Output.sums", sums)
    state = {"X": sphere.random_points(5, 3, 0), "r": np.ones((5, 1))}
    compile_model(catalogue("peri-LN"), beta=1.0)(state)
    assert len(calls) == 1
    compile_model(catalogue("peri-LN"), beta=1.0, backend="plain")(state)
    assert len(calls) == 1


def test_what_has_no_pass_is_printed():
    assert not parted((QKV.velocity,)).outputs and not parted((SINKHORN.velocity,)).outputs
    for model in (catalogue("causal"), catalogue("pre-LN")):
        field = pickle.loads(pickle.dumps(compile_model(model, beta=2.0)))
        assert field.backend == "numpy"


def test_other_dtypes_are_printed():
    points = sphere.random_points(6, 3, 0)
    field = compile_model(catalogue("causal"), beta=1.0)
    assert np.allclose(field.unchecked(points.astype("f4")), field.unchecked(points), atol=1e-6)


def test_the_comparison_can_fail(backend):
    points = sphere.random_points(7, 3, 0)
    wrong = compile_model(masked(Mask.band(1)), beta=2.0, backend=backend)(points)
    right = compile_model(masked(Mask.band(2)), beta=2.0, backend="plain")(points)
    assert np.max(np.abs(wrong - right)) > 1e-3
