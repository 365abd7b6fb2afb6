"""The network as our model: against a second implementation, small here, MiniLM where it is."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from numerics.trained import read_network
from numerics.trained.all_minilm import MAPPING
from numerics.trained.weights import check_memory, read_mapping
from tests.numerics.trained.conftest import HEADS, as_network
from tests.numerics.trained.small_bert import bert, random_tensors

NUMBERS = [3, 7, 7, 1, 29, 0, 12]


def test_forward_pass(tensors, network):
    """Every layer, to rounding."""
    states = network.hidden_states(network.embed(NUMBERS))
    expected = bert(tensors, NUMBERS, HEADS)
    assert states.shape == (3, 7, 12)
    assert np.abs(states - expected).max() < 1e-13


@pytest.mark.parametrize(
    "name", ["query.bias", "key.weight", "value.bias", "attention.output.dense.bias"]
)
def test_every_weight_matters(tensors, network, name):
    """A weight that changes a state in the reference changes it here, and the same way."""
    key = next(k for k in tensors if k.endswith(name))
    shift = np.linspace(-0.5, 0.5, tensors[key].size, dtype=np.float32)
    other = {**tensors, key: tensors[key] + shift.reshape(tensors[key].shape) ** 2}
    moved = as_network(other)
    states = moved.hidden_states(moved.embed(NUMBERS))
    assert np.abs(states - bert(other, NUMBERS, HEADS)).max() < 1e-13
    same = network.hidden_states(network.embed(NUMBERS))
    assert np.abs(states - same).max() > 1e-3


def test_key_bias_cancels_in_a_row(tensors, network):
    """⟨q, r⟩ is a constant of a row: a bias of the keys changes no attention matrix."""
    key = "encoder.layer.0.attention.self.key.bias"
    moved = as_network({**tensors, key: tensors[key] + np.float32(3)})
    x = network.embed(NUMBERS)
    assert np.allclose(moved.layer(0)(x), network.layer(0)(x), atol=1e-13)


def test_pre_ln_and_causal(tensors):
    """Norms inside the branches, and a mask: by hand."""
    network = as_network(tensors, scheme="pre-LN", causal=True)
    x = network.embed(NUMBERS)
    layer = network.layers[0]

    def norm(y, place):
        z = (y - y.mean(1, keepdims=True)) / np.sqrt(y.var(1, keepdims=True) + 1e-12)
        return z * layer.gains[place].T + layer.shifts[place].T

    from scipy.special import erf

    read, total = norm(x, 0), np.zeros_like(x)
    for h in range(HEADS):
        scores = (read @ layer.query[h].T + layer.query_bias[h].T) @ (
            read @ layer.key[h].T + layer.key_bias[h].T
        ).T
        weights = np.tril(np.exp(scores / 2))  # √k = 2
        total += (
            weights / weights.sum(1, keepdims=True) @ read @ layer.value[h].T @ layer.output[h].T
        )
    y = x + total + layer.attention_constant.T
    inner = norm(y, 1) @ layer.up.T + layer.up_bias.T
    end = y + inner * (1 + erf(inner / np.sqrt(2))) / 2 @ layer.down.T + layer.neurons_constant.T
    assert np.abs(network.layer(0)(x) - end).max() < 1e-12


def test_parts_of_a_layer(tensors, network):
    """Heads and the constant row add up to the branch; transposed maps are the transposes."""
    x = network.embed(NUMBERS)
    rows = np.broadcast_to(x, (HEADS, *x.shape))
    heads = network.heads(1)(rows)
    branch = network.branch(1, "attention")(x)
    constant = network.layers[1].attention_constant.T
    assert np.abs(heads.sum(axis=0) + constant - branch).max() < 1e-13
    maps = network.layers[1].head_maps
    turned = network.heads(1, transposed=True)(rows)
    for h in range(HEADS):
        mixed = heads[h] @ np.linalg.pinv(maps[h])  # the averages, within the range of the head
        assert np.allclose(mixed @ maps[h], heads[h], atol=1e-9)
    layer = network.layers[1]
    swapped = replace(
        layer, value=layer.output.transpose(0, 2, 1), output=layer.value.transpose(0, 2, 1)
    )
    assert np.allclose(swapped.head_maps, maps.transpose(0, 2, 1))
    other = replace(network, layers=(network.layers[0], swapped), _fields={})
    assert np.array_equal(other.heads(1)(rows), turned)


def test_file_and_mapping(tmp_path, tensors, network):
    """A safetensors file by a mapping file, matrices turned, fused in one."""
    library = pytest.importorskip("safetensors.numpy")
    file, mapping = tmp_path / "small.safetensors", tmp_path / "names.json"
    arrays = dict(tensors)
    for layer in range(2):
        name = f"encoder.layer.{layer}."
        parts = [arrays.pop(f"{name}attention.self.{p}.weight") for p in ("query", "key", "value")]
        arrays[f"{name}fused.weight"] = np.concatenate(parts).T.copy()
        for part in ("attention.output.dense", "intermediate.dense", "output.dense"):
            arrays[f"{name}{part}.weight"] = arrays[f"{name}{part}.weight"].T.copy()
    library.save_file(arrays, file)
    fused = {
        part: "encoder.layer.{layer}.fused.weight" + f"[{12 * k}:{12 * k + 12}]"
        for k, part in enumerate(("query", "key", "value"))
    }
    names = {**MAPPING, "heads": HEADS, "transposed": True, **fused}
    mapping.write_text(json.dumps(names), encoding="utf-8")
    again = read_network(file, mapping)
    x = network.embed(NUMBERS)
    assert np.array_equal(again.embed(NUMBERS), x)
    assert np.array_equal(again.hidden_states(x), network.hidden_states(x))
    assert repr(again) == "TrainedNetwork('small.safetensors', 2 post-LN layers of 3 heads, d = 12)"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-40], "cut short"),
        (lambda data: data[:5], "Expected a safetensors file"),
        (lambda data: b"not at all", "Expected a safetensors file"),
        (lambda data: struct.pack("<Q", 2**60) + data[8:], "Expected a safetensors file"),
    ],
)
def test_damaged_files(tmp_path, tensors, damage, message):
    """Cut, foreign, or with a header that lies."""
    library = pytest.importorskip("safetensors.numpy")
    file = tmp_path / "small.safetensors"
    file.write_bytes(damage(library.save(tensors)))
    with pytest.raises(ValueError, match=message):
        read_network(file, {**MAPPING, "heads": HEADS})


def _without(tensors, name):
    return {k: v for k, v in tensors.items() if not k.endswith(name)}


def _spoilt(tensors, name, change):
    return {k: change(v) if k.endswith(name) else v for k, v in tensors.items()}


def test_bad_weights(tensors):
    """Missing names list what was found; NaN, wrong shapes and kinds are named."""
    with pytest.raises(ValueError, match=r"nearest: .*it holds .*encoder\.\{layer\}|it holds") as e:
        as_network(_without(tensors, "query.weight"))
    assert "attention.self.key.weight" in str(e.value)

    def poison(array):
        array = array.copy()
        array.flat[3] = np.nan
        return array

    with pytest.raises(ValueError, match=r"value\.weight with 1 entries NaN"):
        as_network(_spoilt(tensors, "value.weight", poison))
    with pytest.raises(ValueError, match=r"Expected key of shape 12 × 12 but got key.shape=\(11"):
        as_network(_spoilt(tensors, "key.weight", lambda a: a[:-1]))
    with pytest.raises(ValueError, match="of int32"):
        as_network(
            _spoilt(tensors, "down", lambda a: a)
            | {k: v.astype(np.int32) for k, v in tensors.items() if k.endswith("query.weight")}
        )
    with pytest.raises(ValueError, match="multiple of heads=5"):
        as_network(tensors, heads=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scheme": "mid-LN"}, "scheme"),
        ({"activation": "swish9"}, "activation"),
        ({"heads": 0}, "heads"),
        ({"eps": 0.0}, "eps"),
        ({"quary": "x"}, "with quary"),
        ({"query": 3}, "Expected a name for query"),
        ({"embedding": {"words": "embeddings.word_embeddings.weight"}}, "Expected embedding with"),
    ],
)
def test_bad_mappings(tensors, changes, message):
    """What a mapping may say."""
    with pytest.raises((ValueError, TypeError), match=message):
        as_network(tensors, **changes)


def test_mapping_files(tmp_path):
    """No file, no JSON, no mapping, a key too few."""
    with pytest.raises(FileNotFoundError, match="mapping"):
        read_mapping(tmp_path / "none.json")
    file = tmp_path / "names.json"
    for text in ("{", "[1]", '{"query": "q"}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="Expected a mapping"):
            read_mapping(file)


def test_embedding_bounds(network):
    """Numbers of the vocabulary, as many as there are places."""
    for bad in ([], [30], [-1], [0] * 17, [[1, 2]], [0.5]):
        with pytest.raises(ValueError, match="Expected"):
            network.embed(bad)
    with pytest.raises(ValueError, match="embedding"):
        replace(network, embedding=None).embed([1])
    with pytest.raises(ValueError, match="layer"):
        network.layer(2)
    with pytest.raises(ValueError, match=r"shape \(n, 12\)"):
        network.hidden_states(np.zeros((3, 11)))


def test_memory():
    """More than half of the memory isn't taken."""
    with pytest.raises(MemoryError, match="half of this machine's memory"):
        check_memory(1e18, "weights", "take less")
    check_memory(1e3, "weights", "take less")


@pytest.mark.slow
@pytest.mark.extras
@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_minilm_against_transformers(tmp_path, kind):
    """MiniLM, every layer, against the implementation that it was made for."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("all_minilm_l6_v2")
    import zipfile

    from numerics.trained import minilm
    from numerics.trained.all_minilm import find_minilm

    with zipfile.ZipFile(find_minilm()) as archive:
        for name in ("config.json", "model.safetensors"):
            archive.extract(name, tmp_path)
    reference = transformers.BertModel.from_pretrained(tmp_path, attn_implementation="eager")
    reference = reference.to(getattr(torch, kind)).eval()
    model = minilm()
    for text in ("The cat sat on the mat. " * 20, "Größer als das Meer: 你好, naïve café!"):
        numbers = model.tokens(text).numbers
        with torch.no_grad():
            found = reference(input_ids=torch.tensor([numbers]), output_hidden_states=True)
        expected = np.stack([state[0].numpy() for state in found.hidden_states])
        bound = 1e-10 if kind == "float64" else 1e-5
        assert np.abs(model.hidden_states(text) - expected).max() < bound


def test_random_networks():
    """Other sizes and seeds."""
    for seed, heads, d in ((1, 1, 6), (2, 2, 8), (3, 4, 8)):
        tensors = random_tensors(seed, layers=1, d=d, heads=heads)
        network = as_network(tensors, heads=heads)
        states = network.hidden_states(network.embed(NUMBERS[:4]))
        assert np.abs(states - bert(tensors, NUMBERS[:4], heads)).max() < 1e-12
