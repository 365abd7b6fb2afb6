"""How a result or a picture was made: command, seed, versions, and a digest of the sources.

The record goes into the metadata of a picture and is read from there; in it are no dates and no
folders, so that equal runs write equal files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from numerics.arguments import shown
from numerics.sources import source_digest, version, versions

__all__ = ["FILM", "FORMATS", "embedded", "film_with", "provenance", "recorded"]

FORMATS = ("png", "pdf", "svg")
"""Kinds of picture that carry a record."""

FILM = "gif"
"""Kind of film, whose comment is the record."""

_FIELD = {"png": "Description", "svg": "Description", "pdf": "Subject"}
"""Name under which a kind of picture holds the record."""


def provenance(command: str | None = None, seed: int | None = None, **more: Any) -> dict[str, Any]:
    """Say how something is made: what, from which seed, with which versions and sources.

    Parameters
    ----------
    command : str, optional
        The command line.
    seed : int, optional
    **more
        Further entries, as JSON has them.

    Returns
    -------
    dict
        ``command``, ``seed``, ``versions`` (name to version), ``sources`` (one digest of
        those of theory and numerics), and what else is given.

    Examples
    --------
    >>> record = provenance("attnflow codes 12 3", seed=0)
    >>> record["command"], len(record["sources"])
    ('attnflow codes 12 3', 64)
    """
    return {
        "command": command,
        "seed": seed,
        "versions": {**versions(), "matplotlib": version("matplotlib")},
        "sources": source_digest(),
        **more,
    }


def embedded(kind: str, record: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write a record as the metadata that matplotlib's ``savefig`` takes.

    Parameters
    ----------
    kind : str
        File format; one without room for a record gets no metadata.
    record : Mapping, optional
        From `provenance`; versions and sources alone by default.

    Returns
    -------
    dict
    """
    if kind not in _FIELD:
        return {}
    text = json.dumps(provenance() if record is None else record, ensure_ascii=True)
    dates: dict[str, Any] = {
        "png": {},
        "svg": {"Date": None},
        "pdf": {"CreationDate": None, "ModDate": None},
    }[kind]
    maker = {"png": "Software", "svg": "Creator", "pdf": "Creator"}[kind]
    return {_FIELD[kind]: text, maker: f"attnflow {version()}", **dates}


def film_with(data: bytes, record: Mapping[str, Any] | None = None) -> bytes:
    """Put a record into a GIF, as a comment before its first picture.

    Parameters
    ----------
    data : bytes
        The file.
    record : Mapping, optional
        From `provenance`; versions and sources alone by default.

    Returns
    -------
    bytes
    """
    text = json.dumps(provenance() if record is None else record, ensure_ascii=True).encode()
    flags = data[10]
    start = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)  # behind the table of colours
    parts = [text[k : k + 255] for k in range(0, len(text), 255)]
    blocks = b"".join(bytes([len(part)]) + part for part in parts)
    return data[:start] + b"\x21\xfe" + blocks + b"\x00" + data[start:]


def recorded(path: Path) -> dict[str, Any]:
    """Read the record of a picture that attnflow wrote.

    Parameters
    ----------
    path : Path
        A file .png, .svg, .pdf or .gif.

    Returns
    -------
    dict
        As `provenance` made it.

    Raises
    ------
    ValueError
        For a file of another kind, or without a record.
    FileNotFoundError
        If there is no file.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in (*FORMATS, FILM):
        raise ValueError(
            "Expected a picture .png, .svg, .pdf or .gif but got "
            f"path={shown(str(path))}; give one."
        )
    data = path.read_bytes()
    try:
        text = {"png": _of_png, "svg": _of_svg, "pdf": _of_pdf, FILM: _of_film}[kind](path, data)
        record = json.loads(text or "")
    except (ValueError, SyntaxError, OSError) as error:
        raise ValueError(
            f"Expected a picture that attnflow wrote but got {path}, which doesn't say how it was "
            "made; give one that `attnflow ... --out DIR` wrote."
        ) from error
    if not isinstance(record, dict) or "versions" not in record:
        raise ValueError(
            f"Expected a picture that attnflow wrote but got {path}, whose description is "
            "another's; give one that `attnflow ... --out DIR` wrote."
        )
    return record


def _of_png(path: Path, data: bytes) -> str | None:
    from PIL import Image

    with Image.open(path, formats=("PNG",)) as picture:
        found = picture.info.get(_FIELD["png"])
    return None if found is None else str(found)


def _of_film(path: Path, data: bytes) -> str | None:
    from PIL import Image

    with Image.open(path, formats=("GIF",)) as picture:
        found = picture.info.get("comment")
    return None if found is None else bytes(found).decode("ascii")


def _of_svg(path: Path, data: bytes) -> str | None:
    root = ElementTree.fromstring(data.decode("utf-8"))
    return root.findtext(".//{http://purl.org/dc/elements/1.1/}description")


def _of_pdf(path: Path, data: bytes) -> str | None:
    found = re.search(rb"/Subject \(((?:\\.|[^\\()])*)\)", data, re.DOTALL)
    if found is None:
        return None
    return re.sub(rb"\\([\\()])", rb"\1", found[1]).decode("ascii")
