"""Weights of a trained network from a safetensors file, by a mapping of names.

A mapping says where each matrix is: names hold ``{layer}``, matrices are (outputs, inputs) as
torch keeps them unless ``"transposed": true``, and ``name[a:b]`` takes rows a to b of one that
holds several, as the fused queries, keys and values of GPT-2. Nothing is unpickled, sizes are
compared with the memory of this machine before any is taken.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from numerics.arguments import FloatArray, check_choice, check_number, check_whole, shown
from numerics.trained.network import ACTIVATIONS, Embedding, TrainedLayer, TrainedNetwork
from theory.layers import TRAINED_SCHEMES

REQUIRED = ("query", "key", "value", "output", "up", "down")
"""Matrices without which a layer isn't one."""

OPTIONAL = (
    "query_bias",
    "key_bias",
    "value_bias",
    "output_bias",
    "up_bias",
    "down_bias",
    "attention_norm",
    "attention_norm_bias",
    "neurons_norm",
    "neurons_norm_bias",
)
"""Columns that are 0, or 1 for a gain, where the mapping doesn't name them."""

EMBEDDING = ("words", "positions", "types", "norm", "norm_bias")
"""Names under ``"embedding"``: the first two are needed, the others optional."""

PARTS = ("attention", "neurons")
"""The two parts of a layer, each with a norm."""

SETTINGS = ("scheme", "heads", "activation", "eps", "causal", "transposed", "layers", "embedding")

_PART = re.compile(r"(?P<name>.+?)(?:\[(?P<first>\d+):(?P<last>\d+)\])?$")


@dataclass(frozen=True)
class Tensors:
    """Named arrays of a file, read one by one.

    Attributes
    ----------
    source : str
        How messages call the file.
    shapes : Mapping
        Shape of each name.
    read : callable
        The array of a name.
    """

    source: str
    shapes: Mapping[str, tuple[int, ...]]
    read: Callable[[str], Any]

    def names(self) -> str:
        """Say which names there are, layers folded into one."""
        folded = sorted({re.sub(r"\.\d+\.", ".{layer}.", name) for name in self.shapes})
        return ", ".join(folded[:40]) + (", ..." if len(folded) > 40 else "")


def memory() -> float:
    """Bytes of memory that this machine has; infinite where the system doesn't say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return float("inf")


def check_memory(size: float, what: str, remedy: str) -> None:
    """Refuse to read more than half of the memory.

    Raises
    ------
    MemoryError
    """
    limit = memory() / 2
    if size > limit:
        raise MemoryError(
            f"Expected {what} of at most {limit / 1e9:.3g} GB, half of this machine's memory, but "
            f"got {size / 1e9:.3g} GB; {remedy}."
        )


def open_tensors(path: str | os.PathLike[str]) -> Tensors:
    """Open a safetensors file without reading the arrays.

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``trained``.
    FileNotFoundError, ValueError
        For no file, or another or damaged format.
    """
    library = require("safetensors")
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"Expected a safetensors file but got {file}, which isn't one.")
    try:
        opened = library.safe_open(str(file), framework="numpy")
        shapes = {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}
    except (library.SafetensorError, OSError, ValueError) as error:
        raise ValueError(
            f"Expected a safetensors file but got {file} ({error}); export the model again, or "
            "fetch the file again: it may be cut short."
        ) from error

    def read(name: str) -> Any:
        try:
            return opened.get_tensor(name)
        except (TypeError, library.SafetensorError) as error:
            raise ValueError(
                f"Expected weights of float16, float32 or float64 but got {name} in {file} "
                f"({error}); convert it to float32."
            ) from error

    return Tensors(str(file), shapes, read)


def require(library: str) -> Any:
    """Import a library of the extra ``trained``.

    Raises
    ------
    ModuleNotFoundError
    """
    try:
        return __import__(library)
    except ImportError as error:
        raise ModuleNotFoundError(
            f"Expected {library} to be importable but it isn't; install it with "
            "pip install 'attnflow[trained]'."
        ) from error


def read_mapping(source: Mapping[str, Any] | str | os.PathLike[str]) -> dict[str, Any]:
    """Read a mapping of names, a dictionary or a JSON file, and check what it says.

    Raises
    ------
    FileNotFoundError, ValueError
        For no file, no JSON, an unknown or missing key, or a value out of range.
    """
    if isinstance(source, Mapping):
        mapping = dict(source)
    else:
        file = Path(source)
        if not file.is_file():
            raise FileNotFoundError(f"Expected a mapping file (JSON) but got {file}; write one.")
        try:
            mapping = json.loads(file.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"Expected a mapping in JSON but got {file} ({error}).") from error
        if not isinstance(mapping, dict):
            raise ValueError(f"Expected a mapping in JSON but got {file} with {shown(mapping)}.")
    known = (*SETTINGS, *REQUIRED, *OPTIONAL)
    unknown = [key for key in mapping if key not in known]
    missing = [key for key in ("heads", *REQUIRED) if key not in mapping]
    if unknown or missing:
        said = f"without {', '.join(missing)}" if missing else f"with {', '.join(unknown)}"
        raise ValueError(
            f"Expected a mapping with {', '.join(('heads', *REQUIRED))}, and maybe "
            f"{', '.join(k for k in known if k not in ('heads', *REQUIRED))}, but got one {said}."
        )
    check_whole(mapping["heads"], "heads", 1)
    for role in (*REQUIRED, *OPTIONAL):
        if not isinstance(mapping.get(role, ""), str):
            raise ValueError(
                f"Expected a name for {role} but got {role}={shown(mapping[role])}; write the "
                "name that it has in the file."
            )
    check_choice(mapping.setdefault("scheme", "post-LN"), "scheme", TRAINED_SCHEMES, "name one")
    choices = tuple(ACTIVATIONS)
    check_choice(mapping.setdefault("activation", "gelu"), "activation", choices, "name one")
    if not check_number(mapping.setdefault("eps", 1e-12), "eps", "give a small number") > 0:
        raise ValueError(f"Expected eps > 0 but got eps={mapping['eps']!r}; 1e-12 is usual.")
    return mapping


def read_network(
    weights: str | os.PathLike[str] | Tensors,
    mapping: Mapping[str, Any] | str | os.PathLike[str],
) -> TrainedNetwork:
    """Read a trained network.

    Parameters
    ----------
    weights : path or Tensors
        A ``.safetensors`` file.
    mapping : mapping or path
        Where each matrix is, as a dictionary or a JSON file: ``heads``, the names of ``query``,
        ``key``, ``value``, ``output``, ``up`` and ``down`` with ``{layer}`` in them, and, where
        there are some, ``query_bias``, ``key_bias``, ``value_bias``, ``output_bias``, ``up_bias``,
        ``down_bias``, ``attention_norm``, ``neurons_norm`` and their ``_bias``; ``scheme``,
        ``activation``, ``eps``, ``causal``, ``transposed``, ``layers`` (counted by default), and
        ``embedding`` with ``words``, ``positions``, ``types``, ``norm``, ``norm_bias``.

    Returns
    -------
    TrainedNetwork

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``trained``.
    FileNotFoundError, ValueError, MemoryError
        For a damaged file, a name that isn't there (the message lists those that are), shapes
        that don't fit, NaN, or more than half of the memory.
    """
    names = read_mapping(mapping)
    tensors = weights if isinstance(weights, Tensors) else open_tensors(weights)
    return _Reader(tensors, names).network()


@dataclass(frozen=True)
class _Reader:
    """A file and what its names mean."""

    tensors: Tensors
    mapping: dict[str, Any]

    def network(self) -> TrainedNetwork:
        count = self._count()
        size = sum(
            np.prod(shape, dtype=float) * 8
            for name, shape in self.tensors.shapes.items()
            if re.search(r"\d", name)
        )
        check_memory(float(size), "weights", "use a machine with more, or a smaller model")
        layers = tuple(self._layer(number) for number in range(count))
        return TrainedNetwork(
            Path(self.tensors.source).name,
            layers,
            self.mapping["scheme"],
            self.mapping["activation"],
            float(self.mapping["eps"]),
            bool(self.mapping.get("causal", False)),
            self._embedding(layers[0].query.shape[-1]),
        )

    def _count(self) -> int:
        if "layers" in self.mapping:
            check_whole(self.mapping["layers"], "layers", 1)
            return int(self.mapping["layers"])
        name = self._plain(self.mapping["query"])
        count = 0
        while name.format(layer=count) in self.tensors.shapes and "{layer}" in name:
            count += 1
        if not count:
            self._missing("query", name.format(layer=0))
        return count

    @staticmethod
    def _plain(template: str) -> str:
        found = _PART.match(template)
        return template if found is None else found["name"]

    def _missing(self, role: str, name: str) -> None:
        near = get_close_matches(name, self.tensors.shapes, 3, 0.5)
        hint = f" (nearest: {', '.join(near)})" if near else ""
        raise ValueError(
            f"Expected {role} under the name {name} but got {self.tensors.source} without it"
            f"{hint}; it holds {self.tensors.names()}."
        )

    def _array(self, role: str, template: Any, layer: int, turned: bool = False) -> FloatArray:
        """Return the array of a name, in doubles, finite; turned from (inputs, outputs)."""
        part = _PART.match(template) if isinstance(template, str) else None
        if part is None:
            raise ValueError(f"Expected a name for {role} but got {role}={shown(template)}.")
        name = part["name"].replace("{layer}", str(layer))
        if name not in self.tensors.shapes:
            self._missing(role, name)
        raw = np.asarray(self.tensors.read(name))
        if raw.dtype.kind != "f":
            raise ValueError(f"Expected {role} of real numbers but got {name} of {raw.dtype}.")
        found = raw.astype(np.float64)
        if not np.isfinite(found).all():
            raise ValueError(
                f"Expected finite weights but got {name} with {int((~np.isfinite(found)).sum())} "
                "entries NaN or infinite; export the model again."
            )
        if turned and found.ndim == 2:
            found = np.ascontiguousarray(found.T)
        if part["first"] is not None:
            found = found[int(part["first"]) : int(part["last"])]
        return found

    def _matrix(self, role: str, layer: int, shape: tuple[int | None, ...]) -> FloatArray:
        turned = bool(self.mapping.get("transposed", False))
        return self._fits(role, self._array(role, self.mapping[role], layer, turned), shape)

    def _fits(self, role: str, found: FloatArray, shape: tuple[int | None, ...]) -> FloatArray:
        wanted = tuple(
            have if want is None else want for want, have in zip(shape, found.shape, strict=False)
        )
        if found.ndim != len(shape) or found.shape != wanted:
            text = " × ".join("any" if size is None else str(size) for size in shape)
            raise ValueError(
                f"Expected {role} of shape {text} but got {role}.shape={found.shape} in "
                f'{self.tensors.source}; name another, or set "transposed": true if matrices are '
                "(inputs, outputs)."
            )
        return found

    def _column(self, role: str, layer: int, size: int, default: float = 0.0) -> FloatArray:
        if role not in self.mapping:
            return np.full((size, 1), default)
        return self._fits(role, self._array(role, self.mapping[role], layer), (size,))[:, None]

    def _layer(self, number: int) -> TrainedLayer:
        heads = int(self.mapping["heads"])
        query = self._matrix("query", number, (None, None))
        rows, size = query.shape
        if rows % heads:
            raise ValueError(
                f"Expected query with a multiple of heads={heads} rows but got {rows}; "
                "mend heads in the mapping."
            )
        key, value = (self._matrix(role, number, (rows, size)) for role in ("key", "value"))
        output = self._matrix("output", number, (size, rows))
        up = self._matrix("up", number, (None, size))
        down = self._matrix("down", number, (size, len(up)))
        apart = (heads, rows // heads)
        value_bias = self._column("value_bias", number, rows)
        return TrainedLayer(
            query.reshape(*apart, size),
            key.reshape(*apart, size),
            value.reshape(*apart, size),
            np.ascontiguousarray(output.reshape(size, *apart).transpose(1, 0, 2)),
            self._column("query_bias", number, rows).reshape(*apart, 1),
            self._column("key_bias", number, rows).reshape(*apart, 1),
            output @ value_bias + self._column("output_bias", number, size),
            up,
            self._column("up_bias", number, len(up)),
            down,
            self._column("down_bias", number, size),
            np.stack([self._column(f"{part}_norm", number, size, 1.0) for part in PARTS]),
            np.stack([self._column(f"{part}_norm_bias", number, size) for part in PARTS]),
        )

    def _embedding(self, size: int) -> Embedding | None:
        names = self.mapping.get("embedding")
        if names is None:
            return None
        if not isinstance(names, Mapping) or not {"words", "positions"} <= set(names) <= set(
            EMBEDDING
        ):
            raise ValueError(
                f"Expected embedding with words, positions and maybe {', '.join(EMBEDDING[2:])} "
                f"but got embedding={shown(names)}."
            )

        def table(role: str) -> FloatArray:
            return self._fits(role, self._array(role, names[role], 0), (None, size))

        gain = shift = None
        if "norm" in names:
            gain = self._fits("norm", self._array("norm", names["norm"], 0), (size,))[:, None]
            shift = np.zeros((size, 1))
            if "norm_bias" in names:
                column = self._array("norm_bias", names["norm_bias"], 0)
                shift = self._fits("norm_bias", column, (size,))[:, None]
        constant = table("types")[0] if "types" in names else np.zeros(size)
        return Embedding(table("words"), table("positions"), constant, gain, shift)
