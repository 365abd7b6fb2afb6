"""``attnflow layers``: from hidden states and weights to text, JSON, page and pictures."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from numerics.trained.all_minilm import MAPPING
from proofs_checks.command_line import layers, main
from tests.numerics.trained.conftest import HEADS
from tests.numerics.trained.small_bert import bert, random_tensors

NUMBERS = [3, 7, 7, 1, 29, 0, 12]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network's weights, mapping and hidden states in files."""
    library = pytest.importorskip("safetensors.numpy")
    place = tmp_path_factory.mktemp("network")
    tensors = random_tensors()
    library.save_file(tensors, place / "small.safetensors")
    names = {**MAPPING, "heads": HEADS}
    (place / "names.json").write_text(json.dumps(names), encoding="utf-8")
    np.save(place / "states.npy", bert(tensors, NUMBERS, HEADS))
    return place


@pytest.mark.slow
def test_hidden_states_alone(tmp_path, capsys):
    """Without weights: statistics, the nearest steps, and a word on what is missing."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "states.npy", rng.standard_normal((2, 4, 9, 6)))
    out = tmp_path / "out"
    arguments = ["layers", "--hidden-states", str(tmp_path / "states.npy"), "--number", "1"]
    code = main([*arguments, "--out", str(out)])
    text = capsys.readouterr().out
    assert code == 0
    assert "states.npy: 9 tokens, 3 layers" in text
    assert max(map(len, text.splitlines())) <= 80
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "needs the weights" in page
    assert not list(out.glob("*.tmp"))
    data = json.loads((out / "layers.json").read_text(encoding="utf-8"))
    assert len(data["layers"]) == 4
    assert "energy" not in data["steps"][0]


class _Tags(HTMLParser):
    """Counts open tags and links to elsewhere."""

    def __init__(self):
        super().__init__()
        self.depth, self.outside = 0, []

    def handle_starttag(self, tag, attrs):
        self.depth += tag not in ("meta", "br", "img", "link", "input")
        self.outside += [v for k, v in attrs if k in ("src", "href") and not v.startswith("#")]

    def handle_startendtag(self, tag, attrs):
        self.outside += [v for k, v in attrs if k in ("src", "href") and not v.startswith("#")]

    def handle_endtag(self, tag):
        self.depth -= 1


@pytest.mark.slow
def test_with_weights(folder, tmp_path, capsys):
    """Shares add up in the JSON; the table keeps to 80 columns; the page needs no network."""
    arguments = ["layers", "--hidden-states", str(folder / "states.npy")]
    arguments += ["--weights", str(folder / "small.safetensors")]
    arguments += ["--mapping", str(folder / "names.json"), "--iterate", "5"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    for words in ("Where E_8 goes", "Heads of SA form", "V = cI", "again and again"):
        assert words in text
    assert main([*arguments, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    saved = json.loads((tmp_path / "layers.json").read_text(encoding="utf-8"))
    assert data["steps"] == saved["steps"]
    for k, step in enumerate(data["steps"]):
        for place, energy in enumerate(step["energy"]):
            change = data["layers"][k + 1]["energies"][place] - data["layers"][k]["energies"][place]
            assert sum(energy["shares"].values()) == pytest.approx(change, abs=1e-11)
        assert set(step["failing"]) >= {"Lemma 6.4", "Theorem 6.3"}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    tags = _Tags()
    tags.feed(page)
    assert tags.depth == 0
    assert tags.outside == []
    assert "<script" not in page
    names = {file.name for file in tmp_path.iterdir()}
    assert {"histograms.svg", "histograms.png", "energies.svg", "shares_beta_1.png"} <= names
    again = tmp_path / "again"
    assert main(["plot", str(tmp_path / "layers.npz"), "--out", str(again)]) == 0
    assert {file.name for file in again.iterdir()} == {
        n for n in names if n[-4:] in (".png", ".svg")
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a text or --hidden-states but got neither"),
        (["text", "--hidden-states", "x.npy"], "but got both"),
        (["text", "--weights", "w"], "--weights and --mapping together"),
        (["text", "--weights", "w", "--mapping", "m"], "--hidden-states with --weights"),
        (["--hidden-states", "nowhere.npy"], "nowhere.npy"),
        (["--hidden-states", "STATES", "--number", "3"], "--number from 0 to 0"),
        (["--hidden-states", "STATES", "--beta", "0"], "other than 0"),
        (["--hidden-states", "STATES", "--weights", "no", "--mapping", "MAP"], "no"),
    ],
)
def test_bad_usage(folder, capsys, arguments, message):
    """Exit status 2 and a remedy, nothing written."""
    places = {"STATES": str(folder / "states.npy"), "MAP": str(folder / "names.json")}
    assert main(["layers", *(places.get(word, word) for word in arguments)]) == 2
    assert message in capsys.readouterr().err


def test_states_of_another_network(folder, tmp_path, capsys):
    """Layers that the network doesn't have."""
    np.save(tmp_path / "more.npy", np.random.default_rng(0).standard_normal((4, 7, 12)))
    arguments = ["layers", "--hidden-states", str(tmp_path / "more.npy")]
    arguments += ["--weights", str(folder / "small.safetensors")]
    assert main([*arguments, "--mapping", str(folder / "names.json")]) == 2
    assert "states of 2 layers" in capsys.readouterr().err


@pytest.mark.slow
def test_a_batch_as_a_whole(folder, tmp_path, capsys):
    """Several texts: one report on all, one of them by its number, the same pictures again."""
    library = pytest.importorskip("safetensors.numpy")
    tensors = random_tensors()
    file = tmp_path / "texts.safetensors"
    texts = {"a": bert(tensors, NUMBERS, HEADS), "b": bert(tensors, NUMBERS[:4], HEADS)}
    library.save_file({name: np.ascontiguousarray(x) for name, x in texts.items()}, file)
    arguments = ["layers", "--hidden-states", str(file), "--iterate", "3"]
    arguments += ["--weights", str(folder / "small.safetensors")]
    arguments += ["--mapping", str(folder / "names.json")]
    out = tmp_path / "out"
    assert main([*arguments, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "2 texts of 4 to 7 tokens, 2 layers" in text
    assert max(map(len, text.splitlines())) <= 80
    data = json.loads((out / "layers.json").read_text(encoding="utf-8"))
    assert [one["tokens"] for one in data["each"]] == [7, 4]
    page = (out / "report.html").read_text(encoding="utf-8")
    tags = _Tags()
    tags.feed(page)
    assert (tags.depth, tags.outside) == (0, [])
    assert "Clopper and Pearson" in page
    names = {file.name for file in out.iterdir()}
    assert {"histograms.svg", "means.png", "layers.npz"} <= names
    again = tmp_path / "again"
    assert main(["plot", str(out / "layers.npz"), "--out", str(again)]) == 0
    assert {f.name for f in again.iterdir()} == {n for n in names if n[-4:] in (".png", ".svg")}
    capsys.readouterr()
    assert main([*arguments, "--number", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tokens"] == 4


@pytest.mark.parametrize("kind", ["npy", "npz", "safetensors"])
def test_a_batch_larger_than_memory(tmp_path, capsys, monkeypatch, kind):
    """Refused by its size, before anything is read, and nothing is written."""
    from numerics.trained.weights import check_memory

    x = np.zeros((2, 4, 50, 60), dtype=np.float32)
    file = tmp_path / f"large.{kind}"
    if kind == "safetensors":
        pytest.importorskip("safetensors.numpy").save_file({"x": x}, file)
    else:
        (np.save if kind == "npy" else np.savez_compressed)(file, x)
    monkeypatch.setitem(check_memory.__globals__, "memory", lambda: 300_000.0)
    out = tmp_path / "out"
    code = main(["layers", "--hidden-states", str(file), "--out", str(out)])
    assert code == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "half of this machine's memory" in error
    assert "fewer texts at a time" in error
    assert not list(out.iterdir())


def test_a_missing_name_lists_what_there_is(folder, tmp_path, capsys):
    """A name that isn't in the file: those that are, nothing written, an old report untouched."""
    names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
    names["query"] = "encoder.layer.{layer}.attention.self.quary.weight"
    (tmp_path / "names.json").write_text(json.dumps(names), encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "layers.json").write_text("old", encoding="utf-8")
    arguments = ["layers", "--hidden-states", str(folder / "states.npy"), "--out", str(out)]
    arguments += ["--weights", str(folder / "small.safetensors")]
    assert main([*arguments, "--mapping", str(tmp_path / "names.json")]) == 2
    error = capsys.readouterr().err
    assert "attention.self.query.weight" in error
    assert "it holds" in error
    assert [one.name for one in out.iterdir()] == ["layers.json"]
    assert (out / "layers.json").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(
    "name", ["nowhere.txt", "notes/today", "./text", "a.md", "my notes.txt", "states.npy", "x.JSON"]
)
def test_a_mistyped_file_name_is_no_text(name, capsys):
    assert main(["layers", name]) == 2
    assert f"a file that exists but got TEXT={name}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    ["Hello.", "The ship left the harbour.", "It is 3.5 m long", "x", "Read notes.txt!"],
)
def test_a_sentence_is_a_text(text):
    assert layers._text(text) == text


@pytest.mark.slow
def test_what_is_not_there_is_said_so(folder, tmp_path, capsys):
    """No clusters in a cloud, no head of SA form among random ones, no end of an iteration."""
    arguments = ["layers", "--hidden-states", str(folder / "states.npy"), "--iterate", "2"]
    arguments += ["--weights", str(folder / "small.safetensors")]
    assert main([*arguments, "--mapping", str(folder / "names.json")]) == 0
    text = capsys.readouterr().out
    rows = re.findall(r"^ +\d +\S+ +\S+ +\S+ +(\S+) +\S+ +\S+$", text, flags=re.M)
    assert rows[0] == "–", "drawn tokens are one cloud"
    flat = " ".join(text.split())
    assert "Heads of SA form (R² of at least 0.9), layer 1: none; best: head" in flat
    assert "not settled after 2 steps" in flat and "none after" not in flat
