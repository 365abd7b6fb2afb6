"""BERT written a second time: whole matrices, no head apart; and its tokeniser in a few lines."""

import unicodedata

import numpy as np
from scipy.special import erf

LAYER = "encoder.layer.{}."


def random_tensors(seed=0, layers=2, d=12, heads=3, width=20, vocabulary=30, places=16):
    """Weights of a small network under BERT's names, biases and gains included."""
    rng = np.random.default_rng(seed)

    def draw(*shape, scale=0.4):
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    found = {
        "embeddings.word_embeddings.weight": draw(vocabulary, d, scale=1.0),
        "embeddings.position_embeddings.weight": draw(places, d),
        "embeddings.token_type_embeddings.weight": draw(2, d),
        "embeddings.LayerNorm.weight": 1 + draw(d, scale=0.2),
        "embeddings.LayerNorm.bias": draw(d),
    }
    for layer in range(layers):
        name = LAYER.format(layer)
        for part in ("query", "key", "value"):
            found[f"{name}attention.self.{part}.weight"] = draw(d, d)
            found[f"{name}attention.self.{part}.bias"] = draw(d)
        sizes = {"attention.output": (d, d), "intermediate": (width, d), "output": (d, width)}
        for part, shape in sizes.items():
            found[f"{name}{part}.dense.weight"] = draw(*shape)
            found[f"{name}{part}.dense.bias"] = draw(shape[0])
        for part in ("attention.output", "output"):
            found[f"{name}{part}.LayerNorm.weight"] = 1 + draw(d, scale=0.2)
            found[f"{name}{part}.LayerNorm.bias"] = draw(d)
    return found


def _linear(tensors, name, x):
    return x @ tensors[f"{name}.weight"].astype(float).T + tensors[f"{name}.bias"].astype(float)


def _norm(tensors, name, x, eps):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt(x.var(-1, keepdims=True) + eps)
    return scaled * tensors[f"{name}.weight"].astype(float) + tensors[f"{name}.bias"].astype(float)


def bert(tensors, numbers, heads, eps=1e-12):
    """Hidden states (layers + 1, n, d)."""
    x = tensors["embeddings.word_embeddings.weight"].astype(float)[list(numbers)]
    x = x + tensors["embeddings.position_embeddings.weight"].astype(float)[: len(x)]
    x = x + tensors["embeddings.token_type_embeddings.weight"].astype(float)[0]
    x = _norm(tensors, "embeddings.LayerNorm", x, eps)
    states, layer = [x], 0
    while LAYER.format(layer) + "output.dense.weight" in tensors:
        x = bert_layer(tensors, layer, x, heads, eps)
        states.append(x)
        layer += 1
    return np.stack(states)


def bert_layer(tensors, layer, x, heads, eps=1e-12):
    """One layer."""
    name = LAYER.format(layer)
    n, d = x.shape
    k = d // heads
    query, key, value = (
        _linear(tensors, f"{name}attention.self.{part}", x).reshape(n, heads, k)
        for part in ("query", "key", "value")
    )
    mixed = np.empty((n, heads, k))
    for h in range(heads):
        scores = query[:, h] @ key[:, h].T / np.sqrt(k)
        weights = np.exp(scores - scores.max(1, keepdims=True))
        mixed[:, h] = weights / weights.sum(1, keepdims=True) @ value[:, h]
    x = x + _linear(tensors, f"{name}attention.output.dense", mixed.reshape(n, d))
    x = _norm(tensors, f"{name}attention.output.LayerNorm", x, eps)
    inner = _linear(tensors, f"{name}intermediate.dense", x)
    inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
    x = x + _linear(tensors, f"{name}output.dense", inner)
    return _norm(tensors, f"{name}output.LayerNorm", x, eps)


def wordpiece(text, vocabulary):
    """Token texts: clean, lower, strip accents, split at punctuation and CJK, longest match."""
    cleaned = []
    for letter in text:
        category = unicodedata.category(letter)
        if letter in "\t\n\r" or category == "Zs":
            cleaned.append(" ")
        elif letter in ("\x00", "�") or category in ("Cc", "Cf", "Co", "Cn", "Cs"):
            continue
        elif _ideograph(ord(letter)):
            cleaned += [" ", letter, " "]
        else:
            cleaned.append(letter)
    plain = unicodedata.normalize("NFD", "".join(cleaned))
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
    tokens = ["[CLS]"]
    for word in plain.lower().split():
        for piece in _punctuated(word):
            tokens += _longest(piece, vocabulary)
    return [*tokens, "[SEP]"]


def _ideograph(code):
    ranges = (
        (0x4E00, 0x9FFF),
        (0x3400, 0x4DBF),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F),
        (0x2B740, 0x2B81F),
        (0x2B820, 0x2CEAF),
        (0xF900, 0xFAFF),
        (0x2F800, 0x2FA1F),
    )
    return any(low <= code <= high for low, high in ranges)


def _punctuated(word):
    pieces = [""]
    for letter in word:
        code = ord(letter)
        ascii_mark = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
        if ascii_mark or unicodedata.category(letter).startswith("P"):
            pieces += [letter, ""]
        else:
            pieces[-1] += letter
    return [piece for piece in pieces if piece]


def _longest(word, vocabulary):
    if len(word) > 100:
        return ["[UNK]"]
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:
            return ["[UNK]"]
        found.append(piece)
        start = end
    return found
