"""What hidden states alone say, and how they are read."""

import shutil
import zipfile
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import sphere
from numerics.trained import layer_statistics, read_hidden_states
from numerics.trained.similarity import merges_for_good, two_time_scales


def states(layers=4, n=7, d=5, seed=0):
    """Hidden states with lengths of their own."""
    rng = np.random.default_rng(seed)
    return 3 * rng.standard_normal((layers, n, d))


def test_against_plain_loops():
    """Means, shares, participation and energies as they are defined."""
    x = states()
    found = layer_statistics(x, betas=(1.0, -2.0))
    for layer, rows in enumerate(x):
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        pairs = [unit[i] @ unit[j] for i in range(7) for j in range(7) if i != j]
        assert found.mean[layer] == pytest.approx(np.mean(pairs), abs=1e-14)
        assert found.near[layer] == np.mean(np.array(pairs) > 0.9)
        values = np.linalg.eigvalsh(unit @ unit.T)
        expected = values.sum() ** 2 / (values**2).sum()
        assert found.participation[layer] == pytest.approx(expected, rel=1e-12)
        counts, _ = np.histogram(pairs, np.linspace(-1, 1, 81))
        assert np.allclose(found.histograms[layer], counts / 42)
        for k, beta in enumerate((1.0, -2.0)):
            e = sum(np.exp(beta * unit[i] @ unit[j]) for i in range(7) for j in range(7))
            assert found.energies[layer, k] == pytest.approx(e / 49 / (2 * beta), rel=1e-12)
    assert found.histograms.sum(axis=1) == pytest.approx(1)


def test_diagonal_is_left_out():
    """Pairs i = j would put 1/n of the mass at 1: a twin that counts them is told apart."""
    x = states(n=4, d=200)
    found = layer_statistics(x)
    assert found.histograms[:, -1].max() == 0
    assert (found.near == 0).all()


def test_clusters_that_are_there():
    """Three tight groups: three clusters, large persistence; one cloud: one."""
    rng = np.random.default_rng(1)
    centres = sphere.random_points(3, 6, rng)
    groups = np.repeat(centres, 4, axis=0)
    noise = rng.standard_normal((12, 6))
    x = np.stack([groups + scale * noise for scale in (0.5, 0.1, 0.01, 0.001)])
    found = layer_statistics(x)
    assert found.clusters[-2:].tolist() == [3, 3]
    assert found.labels[-1].tolist() == np.repeat([0, 1, 2], 4).tolist()
    assert found.persistence[-1] > 50
    assert found.scales is not None
    assert found.scales.groups == 3
    assert found.scales.found
    assert found.scales.inside > 10 * abs(found.scales.between)
    still = layer_statistics(np.stack([x[-1]] * 4))
    assert still.scales is not None
    assert not still.scales.found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 8), st.integers(2, 5), st.floats(0.1, 3.0))
def test_tree_is_that_of_groups_for_good(seed, n, layers, eps):
    """A forest over the tokens; a node's tokens are linked in its layer and all later ones."""
    x = sphere.random_points(n, 3, seed, batch=layers)
    distances = np.stack([sphere.pairwise_distances(row) for row in x])
    tree = replace(layer_statistics(x), merges=merges_for_good(distances, eps)).tree()
    assert nx.is_branching(tree)
    for node in tree:
        tokens = sorted(k for k in {node, *nx.descendants(tree, node)} if k < n)
        assert tree.nodes[node]["size"] == len(tokens)
        if node < n:
            continue
        first = tree.nodes[node]["layer"]
        for layer in range(first, layers):
            links = nx.Graph(
                (i, j) for i in range(n) for j in range(n) if distances[layer, i, j] <= eps
            )
            assert any(set(tokens) <= part for part in nx.connected_components(links))


def test_two_scales_needs_groups():
    """One group, or as many as tokens: nothing to compare."""
    x = sphere.random_points(5, 3, 0, batch=4)
    assert two_time_scales(x, np.zeros(5, dtype=np.int64)) is None
    assert two_time_scales(x, np.arange(5)) is None


def test_files(tmp_path):
    """npy, npz and safetensors; one text or a batch."""
    x = states()
    np.save(tmp_path / "a.npy", x)
    np.savez_compressed(tmp_path / "b.npz", first=x, second=x[:, :5])
    np.save(tmp_path / "c.npy", np.stack([x, x + 1]).astype(np.float32))
    assert np.array_equal(read_hidden_states(tmp_path / "a.npy")[0], x)
    assert [len(one[0]) for one in read_hidden_states(tmp_path / "b.npz")] == [7, 5]
    batch = read_hidden_states(tmp_path / "c.npy")
    assert len(batch) == 2
    assert batch[1].dtype == float
    library = pytest.importorskip("safetensors.numpy")
    library.save_file({"states": x}, tmp_path / "d.safetensors")
    assert np.array_equal(read_hidden_states(tmp_path / "d.safetensors")[0], x)


def test_bad_files(tmp_path):
    """Everything that a file can be."""
    x = states()
    with pytest.raises(FileNotFoundError, match="hidden states"):
        read_hidden_states(tmp_path / "none.npy")
    (tmp_path / "a.txt").write_text("1 2 3")
    with pytest.raises(ValueError, match=r"\.npy, \.npz or \.safetensors"):
        read_hidden_states(tmp_path / "a.txt")
    np.save(tmp_path / "cut.npy", x)
    data = (tmp_path / "cut.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(data[:-100])
    np.save(tmp_path / "objects.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "short.npz", x=x)
    whole = (tmp_path / "short.npz").read_bytes()
    (tmp_path / "short.npz").write_bytes(whole[:-30])
    (tmp_path / "wrong.npz").write_bytes(whole[:300] + bytes(40) + whole[340:])
    (tmp_path / "nothing.npz").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        archive.writestr("a.txt", "hello")
    shutil.copy(tmp_path / "other.npz", tmp_path / "other.npy")
    bad_files = ("cut.npy", "objects.npy", "short.npz", "wrong.npz", "nothing.npz")
    for name in (*bad_files, "other.npz", "other.npy"):
        with pytest.raises(ValueError, match="Expected arrays of numbers"):
            read_hidden_states(tmp_path / name)
    bad = {"flat": x[0], "short": x[:1], "one": x[:, :1], "words": np.array(["a"])}
    for name, array in bad.items():
        np.save(tmp_path / f"{name}.npy", array)
        with pytest.raises((ValueError, TypeError), match="Expected"):
            read_hidden_states(tmp_path / f"{name}.npy")
    x[1, 2, 3] = np.nan
    np.save(tmp_path / "nan.npy", x)
    with pytest.raises(ValueError, match=r"1 entries NaN or infinite, the first at \(1, 2, 3\)"):
        read_hidden_states(tmp_path / "nan.npy")


def test_bad_arguments():
    """Shapes, betas, zero rows."""
    x = states()
    for bad in (x[0], np.stack([x, x])):
        with pytest.raises(ValueError, match="Expected"):
            layer_statistics(bad)
    for betas in ((), (0.0,), (np.inf,)):
        with pytest.raises(ValueError, match="betas"):
            layer_statistics(x, betas)
    x[0, 0] = 0
    with pytest.raises(ValueError, match="zero row"):
        layer_statistics(x)


@pytest.mark.parametrize(
    ("angles", "count"),
    [
        ([0.0, 1.0, 2.5], 0),
        ([0.0, 0.4, 2.5], 2),
        ([0.0, 0.9], 1),
        ([0.0, 2.0], 0),
        ([0.0, 0.2, 0.5], 1),
        ([1.0, 1.0, 1.0], 1),
        ([0.0, 0.7, 1.4, 2.1, 2.8], 0),
    ],
)
def test_clusters_are_counted_where_they_stand_apart(angles, count):
    """By hand: the gap (pi for one cluster) is at least three times the largest diameter."""
    turned = np.array([angles, angles, angles])
    found = layer_statistics(np.stack([np.cos(turned), np.sin(turned)], axis=-1))
    assert found.clusters.tolist() == [count] * 3
    assert found.scales is None or count
