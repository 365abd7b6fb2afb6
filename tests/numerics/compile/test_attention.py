"""Attention by its parts, compiled: against sums written out with 50 digits, and extreme scores."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
import pytest

from numerics import compile_model, integrate
from numerics.fused import parted
from numerics.sphere import random_points
from theory import SA, catalogue
from theory.atoms import Tangent
from theory.models import CROSS_ATTENTION, ENCODER_DECODER, EXTRA_KEY, Model, attention_model
from theory.models.by_parts import POSITIONS, SLOTS, WEIGHTS
from theory.positions import Distances
from theory.symbols import X, beta, m, n

VALUES = {
    "beta": 1.75, "slope": 0.375, "base": 50.0, "sink": 0.625, "bias": -0.5, "exponent": 1.25,
    "alpha": 1.5, "tau": 0.5,
}  # fmt: skip
MASSES = [1.0, 0.5, 0.25, 2.0, 0.75, 1.5]
RING = np.roll(np.eye(6), 1, axis=1) + np.eye(6)
SEES: dict[str, Callable[[int, int], bool]] = {
    "causal": lambda i, j: j <= i,
    "strictly causal": lambda i, j: j < i,
    "window": lambda i, j: abs(i - j) <= 2,
    "graph": lambda i, j: RING[i, j] == 1,
    "bipartite": lambda i, j: (i < 2) != (j < 2),
}


def bound(model: Model) -> dict[str, object]:
    """Values for the parameters of a model on six tokens."""
    names = [str(parameter) for parameter in model.parameters]
    return {name: RING if name == "W" else VALUES[name] for name in names}


def turned(row, place):
    """Row turned by its place, planes of the components (0, 1), (2, 3), ..."""
    out, width = list(row), len(row)
    for c in range(width // 2):
        angle = place * mp.mpf(VALUES["base"]) ** (mp.mpf(-2 * c) / width)
        a, b = row[2 * c], row[2 * c + 1]
        out[2 * c] = a * mp.cos(angle) - b * mp.sin(angle)
        out[2 * c + 1] = a * mp.sin(angle) + b * mp.cos(angle)
    return out


def weights_of(points, masses, parts):
    """Weights ``A_ij`` as nested lists, from the definitions."""
    positions, mask, kind = (parts.get(slot) for slot in ("positions", "mask", "weights"))
    size = len(points)
    rows = [turned(x, i) for i, x in enumerate(points)] if positions == "RoPE" else points
    rate = VALUES["exponent"] * mp.log(size) if kind == "long context" else mp.mpf(VALUES["beta"])
    sees = SEES.get(mask, lambda i, j: True)
    out = []
    for i in range(size):
        scores = []
        for j in range(size):
            if kind == "L2":
                near = -sum((a - b) ** 2 for a, b in zip(rows[i], rows[j], strict=True))
            else:
                near = mp.fdot(rows[i], rows[j])
            scores.append(
                rate * near - (VALUES["slope"] * abs(i - j) if positions == "ALiBi" else 0)
            )
        kernel = {
            "sigmoid": lambda s: 1 / (1 + mp.exp(-s - VALUES["bias"])),
            "summed sigmoid": lambda s: size / (1 + mp.exp(-(s - mp.log(size)))),
            "linear": lambda s: s,
            "ReLU": lambda s: max(s, mp.mpf(0)),
        }.get(kind, mp.exp)
        row = [masses[j] * kernel(scores[j]) if sees(i, j) else mp.mpf(0) for j in range(size)]
        total = sum(row)
        if kind in ("sink", "softmax-off-by-one"):
            total += mp.exp(VALUES["sink"] if kind == "sink" else 0) / size
        if kind not in ("sigmoid", "summed sigmoid", "linear", "ReLU") and total:
            row = [w / total for w in row]
        out.append(row)
    return out


def by_hand(points, masses, parts):
    """Velocity with 50 digits, and the largest row of absolute weights."""
    with mp.workdps(50):
        points = [[mp.mpf(float(a)) for a in x] for x in points]
        weights = weights_of(points, [mp.mpf(a) for a in masses], parts)
        velocity = []
        for x, row in zip(points, weights, strict=True):
            mean = [mp.fdot(row, column) for column in zip(*points, strict=True)]
            radial = mp.fdot(x, mean)
            velocity.append([float(a - radial * b) for a, b in zip(mean, x, strict=True)])
        return np.array(velocity), float(max(sum(map(abs, row)) for row in weights))


PARTS = [
    *({"positions": part} for part in POSITIONS),
    *({"mask": part} for part in SEES),
    *({"weights": part} for part in WEIGHTS),
    {"positions": "RoPE", "weights": "sink"},
    {"positions": "ALiBi", "mask": "causal"},
    {"positions": "ALiBi", "mask": "window", "weights": "sigmoid"},
    {"positions": "RoPE", "mask": "graph", "weights": "L2"},
    {"mask": "strictly causal", "weights": "softmax-off-by-one"},
    {"mask": "bipartite", "weights": "ReLU"},
    {"positions": "ALiBi", "weights": "long context"},
    {"mask": "causal", "weights": "linear"},
]


@pytest.mark.every(5)
@pytest.mark.parametrize("dimension", [2, 3, 6])
@pytest.mark.parametrize("parts", PARTS, ids=lambda parts: " + ".join(parts.values()))
def test_velocity_is_what_the_definitions_say(parts, dimension):
    points = random_points(6, dimension, rng=dimension)
    model = catalogue(" + ".join(parts.values()))
    velocity = compile_model(model, masses=MASSES, **bound(model))(points)
    expected, size = by_hand(points, MASSES, parts)
    rate = max(VALUES["beta"], VALUES["exponent"] * np.log(6))
    assert np.abs(velocity - expected).max() <= 16 * (1 + rate) * np.finfo(float).eps * size


def projected(points, output):
    return output - (output * points).sum(axis=1, keepdims=True) * points


@pytest.mark.parametrize("size", [2, 5, 40])
def test_the_summed_sigmoid_is_its_paper_s_and_counts_n_once(size):
    """arXiv 2409.04431: Σ_j σ(s_ij - log n) x_j, a sum over the tokens and no mean."""
    points = random_points(size, 3, rng=size)
    weights = 1 / (1 + np.exp(-(1.75 * points @ points.T - np.log(size))))
    field = compile_model(catalogue("summed sigmoid"), beta=1.75)
    assert np.allclose(field(points), projected(points, weights @ points), atol=1e-14)
    mean = compile_model(catalogue("sigmoid"), beta=1.75, bias=0.0)(points)
    own = 1 / (1 + np.exp(-1.75 * points @ points.T)) / size
    assert np.allclose(mean, projected(points, own @ points), atol=1e-14)


def test_positive_features_are_linear_attention_of_its_paper():
    """arXiv 2006.16236: φ = elu + 1 of queries and keys, rows divided by their sums."""
    points = random_points(6, 4, rng=4)
    scaled = 1.75 * points
    features = np.where(scaled > 0, scaled + 1, np.exp(np.minimum(scaled, 0)))
    weights = features @ features.T * MASSES
    weights /= weights.sum(axis=1, keepdims=True)
    field = compile_model(catalogue("positive features"), beta=1.75, masses=MASSES)
    assert np.allclose(field(points), projected(points, weights @ points), atol=1e-14)
    other = compile_model(catalogue("linear"), beta=1.75, masses=MASSES)(points)
    assert np.allclose(other, projected(points, 1.75 * (points @ points.T * MASSES) @ points))


def test_alibi_of_its_paper_sees_the_tokens_before():
    """arXiv 2108.12409: q_i·k_j - slope (i - j) for j <= i."""
    points = random_points(6, 3, rng=4)
    weights = np.zeros((6, 6))
    for i in range(6):
        for j in range(i + 1):
            weights[i, j] = np.exp(1.75 * points[i] @ points[j] - 0.375 * (i - j))
    weights /= weights.sum(axis=1, keepdims=True)
    expected = projected(points, weights @ points)
    for name in ("causal ALiBi", "ALiBi + causal"):
        field = compile_model(catalogue(name), beta=1.75, slope=0.375)
        assert np.allclose(field(points), expected, atol=1e-14)
    both = compile_model(catalogue("ALiBi"), beta=1.75, slope=0.375)(points)
    assert not np.allclose(both, expected, atol=1e-3), "the symmetric one sees all"


def test_softmax_off_by_one_is_the_field_s_for_equal_masses():
    points = random_points(5, 3, rng=2)
    scores = np.exp(0.8 * points @ points.T)
    rows = (scores / (1 + scores.sum(axis=1, keepdims=True))) @ points
    expected = rows - (rows * points).sum(axis=1, keepdims=True) * points
    model = catalogue("softmax-off-by-one")
    assert np.allclose(compile_model(model, beta=0.8)(points), expected, atol=1e-15)


def test_l2_attention_is_sa_at_twice_the_temperature():
    points = random_points(7, 4, rng=3)
    near = compile_model(catalogue("L2"), beta=1.5)(points)
    assert np.allclose(near, compile_model(SA, beta=3.0)(points), rtol=0, atol=4e-15)


def test_l2_attention_is_summed_in_the_pass_of_sa():
    for name in ("L2", "causal + L2", "L2 + pre-LN"):
        (output,) = parted(tuple(catalogue(name).velocities.values())).outputs
        assert output.rate == 2 * beta


def test_a_long_context_is_sa_at_its_temperature():
    points = random_points(9, 3, rng=3)
    long = compile_model(catalogue("long context"), exponent=0.75)(points)
    assert np.allclose(long, compile_model(SA, beta=0.75 * np.log(9))(points), atol=1e-15)


@pytest.mark.parametrize("name", ["sink", "softmax-off-by-one", "L2", "sigmoid", "causal + sink"])
@pytest.mark.parametrize("rate", [-3000.0, 0.0, 900.0])
def test_no_score_overflows(name, rate):
    model = catalogue(name)
    points = random_points(5, 3, rng=1)
    field = compile_model(model, **{**bound(model), "beta": rate})
    assert np.all(np.isfinite(field(points)))


@pytest.mark.parametrize("score", [-2000.0, 2000.0])
def test_a_sink_takes_nothing_or_everything(score):
    points = random_points(5, 3, rng=1)
    velocity = compile_model(catalogue("sink"), beta=2.0, sink=score)(points)
    expected = compile_model(SA, beta=2.0)(points) if score < 0 else np.zeros_like(points)
    assert np.allclose(velocity, expected, atol=1e-15)


def test_a_fixed_key_pulls_with_the_share_of_the_sink():
    points, key = random_points(4, 3, rng=5), np.array([[0.5, -1.0, 2.0]])
    rows = np.vstack([points, key])
    scores = np.exp(1.25 * points @ rows.T) / 4
    mean = scores @ rows / scores.sum(axis=1, keepdims=True)
    expected = mean - (mean * points).sum(axis=1, keepdims=True) * points
    assert np.allclose(compile_model(EXTRA_KEY, beta=1.25, y=key)(points), expected, atol=1e-15)


@pytest.mark.parametrize("name", ["sink", "RoPE", "ALiBi", "L2", "RoPE + causal + sink"])
def test_batches_of_points_and_of_parameters(name):
    model = catalogue(name)
    batch = np.stack([random_points(6, 5, rng=seed) for seed in range(3)])
    values = {key: VALUES[key] * np.array([1.0, 0.5, 2.0]) for key in bound(model)}
    field = compile_model(model, **values)
    for i, points in enumerate(batch):
        alone = compile_model(model, **{key: value[i] for key, value in values.items()})
        assert np.allclose(field(batch)[i], alone(points), rtol=0, atol=1e-15)
    assert np.allclose(field(batch[0])[0], field(batch)[0], rtol=0, atol=1e-15)


def test_rotary_scores_depend_on_the_distance_of_places_alone():
    """Equal tokens: the weights of row i are a function of i - j, so all inner rows agree."""
    from theory.positions import Rotary

    model = Model("turned", Rotary(X, 50), parameters=(), space="euclidean", kind="map")
    field = compile_model(model)
    for width in (1, 2, 5, 6):
        rng = np.random.default_rng(width)
        x, y = rng.normal(size=(2, width))
        rows = field(np.tile(x, (9, 1))) @ field(np.tile(y, (9, 1))).T
        for shift in range(-8, 9):
            diagonal = np.diagonal(rows, shift)
            assert np.ptp(diagonal) < 1e-13
        assert np.allclose(np.linalg.norm(field(np.tile(x, (9, 1))), axis=1), np.linalg.norm(x))


def test_cross_attention_reads_keys_that_stay():
    points, keys = random_points(5, 3, rng=1), 2 * random_points(3, 3, rng=2)
    scores = np.exp(1.5 * points @ keys.T)
    mean = scores @ keys / scores.sum(axis=1, keepdims=True)
    expected = mean - (mean * points).sum(axis=1, keepdims=True) * points
    field = compile_model(CROSS_ATTENTION, beta=1.5)
    found = field({"X": points, "Y": keys})
    assert list(found) == ["X"]
    assert np.allclose(found["X"], expected, atol=1e-15)
    run = integrate(field, {"X": points, "Y": keys}, 2.0)
    assert np.array_equal(run.state["Y"], keys)
    with pytest.raises(ValueError, match="Expected a state with the blocks"):
        field({"X": points})
    with pytest.raises(ValueError, match="Expected Y of shape"):
        field({"X": points, "Y": random_points(3, 4, rng=2)})


def test_two_species_each_on_its_sphere():
    points, keys = random_points(5, 3, rng=1), random_points(4, 3, rng=2)
    field = compile_model(ENCODER_DECODER, beta=1.5)
    found = field({"X": points, "Y": keys})
    assert np.allclose(found["Y"], compile_model(SA, beta=1.5)(keys), atol=1e-15)
    read = compile_model(CROSS_ATTENTION, beta=1.5)({"X": points, "Y": keys})["X"]
    assert np.allclose(found["X"], compile_model(SA, beta=1.5)(points) + read, atol=1e-15)
    run = integrate(field, {"X": points, "Y": keys}, 30.0)
    for name in ("X", "Y"):
        assert np.allclose(np.linalg.norm(run.state[name][-1], axis=-1), 1, atol=1e-12)
    assert np.allclose(run.state["X"][-1], run.state["Y"][-1][0], atol=1e-5)


@pytest.mark.every(3)
@pytest.mark.parametrize("scheme", [s for s in SLOTS["scheme"] if s != "LNS with scores"])
def test_schemes_of_other_weights(scheme):
    """Direction and length under a scheme, from the output of the weights alone."""
    model = catalogue(f"causal + sink + {scheme}")
    points, lengths = random_points(6, 3, rng=8), np.linspace(0.5, 2.0, 6)[:, None]
    with mp.workdps(30):
        exact = [[mp.mpf(float(a)) for a in x] for x in points]
        table = weights_of(exact, [mp.mpf(1) / 6] * 6, {"mask": "causal", "weights": "sink"})
    output = np.array(table, dtype=float) @ points
    size = np.linalg.norm(output, axis=1, keepdims=True)
    moment = 0.75  # after tau
    speed = {
        "post-LN": 1.0, "pre-LN": 1 / lengths, "peri-LN": 1 / (lengths * size),
        "mix-LN": 1 / lengths, "nGPT": VALUES["alpha"] / size, "CoD": 1 / np.sqrt(1 + moment),
        "LNS": 1 / lengths / np.sqrt(1 + moment),
    }[scheme]  # fmt: skip
    tangent = output - (output * points).sum(axis=1, keepdims=True) * points
    field = compile_model(model, **bound(model))
    if len(model.blocks) == 1:
        assert np.allclose(field(points, moment), speed * tangent, atol=1e-14)
        return
    found = field({"X": points, "r": lengths}, moment)
    along = (output * points).sum(axis=1, keepdims=True)
    assert np.allclose(found["X"], speed * tangent, atol=1e-14)
    growth = {"peri-LN": 1 / size, "LNS": 1 / np.sqrt(1 + moment)}.get(scheme, 1.0)
    assert np.allclose(found["r"], growth * along, atol=1e-14)


@pytest.mark.parametrize("moment", [0.0, 0.75, 8.0])
@pytest.mark.parametrize("name", ["LNS", "LNS with scores"])
def test_layer_norm_scaling_is_its_paper_s(name, moment):
    """arXiv 2502.05795: layer l = t + 1 reads v/|v| times l^(-1/2); its sum isn't normalised."""
    points, lengths = random_points(6, 3, rng=8), np.linspace(0.5, 2.0, 6)[:, None]
    read = points / np.sqrt(moment + 1)
    scored = read if name == "LNS with scores" else points
    weights = np.exp(1.75 * scored @ scored.T)
    weights /= weights.sum(axis=1, keepdims=True)
    step = weights @ read  # v' of v = r x
    found = compile_model(catalogue(name), beta=1.75)({"X": points, "r": lengths}, moment)
    assert np.allclose(found["r"], (points * step).sum(axis=1, keepdims=True), atol=1e-14)
    assert np.allclose(found["X"], projected(points, step) / lengths, atol=1e-14)


def test_scores_of_any_temperature_are_scaled():
    points, lengths = random_points(6, 3, rng=8), np.ones((6, 1))
    long = compile_model(catalogue("long context + LNS with scores"), exponent=0.75)
    plain = compile_model(catalogue("LNS with scores"), beta=0.75 * np.log(6))
    for moment in (0.0, 3.0):
        state = {"X": points, "r": lengths}
        assert np.allclose(long(state, moment)["X"], plain(state, moment)["X"], atol=1e-14)


def test_places_far_apart_are_counted_exactly():
    model = Model("far", Tangent(X, Distances(n) * X), parameters=())
    points = random_points(40, 2, rng=0)
    table = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    rows = table @ points
    expected = rows - (rows * points).sum(axis=1, keepdims=True) * points
    assert np.allclose(compile_model(model)(points), expected, atol=1e-11)
    assert attention_model() is SA and beta in SA.parameters and m in SA.velocity.free_symbols
