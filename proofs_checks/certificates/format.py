"""Certificates: what interval arithmetic has shown, in a form that another program can check again.

A certificate states one theorem and carries the evidence that replays its proof without a
search: subdivision trees, balls, step lists. Its numbers are integers and exact rationals as
text, never floats, so that it reads the same everywhere; a SHA-256 digest seals the whole.

To add a kind of certificate, write a module beside ``certificates/checker/landscape.py`` that
exports ``KINDS = {"kind name": check_function}``, and name it in ``_MODULES`` of
``certificates/checker/verify.py``.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import numbers
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint

VERSION = 1
"""Version of the format that this program reads and writes."""

_COMPRESSED = ".xz"
_MOST_BYTES = 1 << 28  # of a file when it is unpacked
_RATIONAL = re.compile(r"-?(0|[1-9][0-9]*)(/[1-9][0-9]*)?")
_FIELDS = frozenset(
    ("kind", "statement", "parameters", "evidence", "assumptions", "precision", "version", "digest")
)


class Rejected(ValueError):
    """A certificate does not show what it states; the message says where it fails."""


@dataclass(frozen=True)
class Certificate:
    """A theorem with the evidence for it.

    Parameters
    ----------
    kind : str
        Which checker reads it.
    statement : str
        The theorem, complete with its quantifiers. The checker writes it anew from the parameters
        and compares.
    parameters : Mapping
        What the statement speaks of: sizes, temperatures, points. Plain data: dictionaries, lists,
        text and integers; rationals are text "p/q" in lowest terms.
    evidence : Mapping
        What the checker replays, plain data too.
    assumptions : tuple of str
        Lemmas used without proof, each by name.
    precision : int
        Bits of the ball arithmetic at which the evidence checks.
    version : int
        Version of the format.
    digest : str
        SHA-256 over everything else, in hexadecimal.

    Examples
    --------
    >>> certificate = seal("example", "1 < 2.", {"n": 2}, {"gap": "1/2"}, (), 53)
    >>> certificate.digest == digest(certificate)
    True
    """

    kind: str
    statement: str
    parameters: Mapping[str, Any]
    evidence: Mapping[str, Any]
    assumptions: tuple[str, ...]
    precision: int
    version: int
    digest: str

    def __repr__(self) -> str:
        """Return the theorem; the evidence of one may be millions of boxes."""
        return (
            f"Certificate(kind={self.kind!r}, statement={self.statement!r},\n"
            f"    precision={self.precision!r}, digest={self.digest!r})"
        )


def _plain(certificate: Certificate) -> dict[str, Any]:
    """Return the fields that the digest covers."""
    return {
        "kind": certificate.kind,
        "statement": certificate.statement,
        "parameters": certificate.parameters,
        "evidence": certificate.evidence,
        "assumptions": list(certificate.assumptions),
        "precision": certificate.precision,
        "version": certificate.version,
    }


def _demand_plain(value: Any, where: str) -> None:
    """Refuse anything but dictionaries, lists, text and integers."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise Rejected(f"Expected text as a key but got {where}={key!r}.")
            _demand_plain(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            _demand_plain(item, f"{where}[{i}]")
    elif isinstance(value, bool) or not isinstance(value, int | str):
        raise Rejected(
            f'Expected an integer, a rational "p/q" or other text but got {where}={value!r}; '
            "write the number exactly."
        )


def _canonical(value: Any) -> str:
    """Return the one text of plain data: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(certificate: Certificate) -> str:
    """Return the SHA-256 digest, in hexadecimal, of all fields but ``digest``.

    Raises
    ------
    Rejected
        When a field holds a float or another value that isn't plain data.
    """
    plain = _plain(certificate)
    _demand_plain(plain, "certificate")
    return hashlib.sha256(_canonical(plain).encode("ascii")).hexdigest()


def reseal(certificate: Certificate) -> Certificate:
    """Return the certificate with the digest that its other fields have."""
    return replace(certificate, digest=digest(certificate))


def seal(
    kind: str,
    statement: str,
    parameters: Mapping[str, Any],
    evidence: Mapping[str, Any],
    assumptions: tuple[str, ...],
    precision: int,
) -> Certificate:
    """Return a certificate with its digest, in the current version of the format."""
    return reseal(
        Certificate(kind, statement, parameters, evidence, assumptions, precision, VERSION, "")
    )


def save(certificate: Certificate, path: str | Path) -> None:
    """Write a certificate as canonical JSON, one line; compressed if the path ends in ``.xz``.

    Parameters
    ----------
    certificate : Certificate
        The certificate.
    path : str | Path
        Where the file is.
    """
    text = _canonical({**_plain(certificate), "digest": certificate.digest})
    raw = f"{text}\n".encode("ascii")
    if Path(path).suffix == _COMPRESSED:
        raw = lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)
    Path(path).write_bytes(raw)


def _unpacked(raw: bytes) -> bytes:
    """Undo the compression, of one stream and to a bounded size."""
    try:
        reader = lzma.LZMADecompressor(lzma.FORMAT_XZ)
        found = reader.decompress(raw, _MOST_BYTES)
    except (lzma.LZMAError, EOFError) as error:
        raise Rejected(f"Expected a file compressed by xz but got {error}.") from error
    if not reader.eof or reader.unused_data:
        raise Rejected(f"Expected one whole stream of at most {_MOST_BYTES} bytes.")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: readers would differ on which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Rejected(f"Expected every key once but got keys={[key for key, _ in pairs]}.")
    return found


def _no_float(text: str) -> Any:
    raise Rejected(f'Expected integers and rationals "p/q" but got number={text}.')


def load(path: str | Path) -> Certificate:
    """Read a certificate, strictly: every field, no other, no float, no key twice.

    A path that ends in ``.xz`` is of a compressed file.
    The digest and the evidence aren't checked here; ``proofs_checks.certificates.check`` does that.

    Parameters
    ----------
    path : str | Path
        Where the file is.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

    Raises
    ------
    Rejected
        When the file isn't a certificate of this format.
    OSError
        When it can't be read.
    """
    raw = Path(path).read_bytes()
    if Path(path).suffix == _COMPRESSED:
        raw = _unpacked(raw)
    try:
        data = json.loads(
            raw.decode("ascii"),
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Rejected(f"Expected a certificate in JSON but got {error}.") from error
    except ValueError as error:
        # Python refuses integers of thousands of digits.
        raise error if isinstance(error, Rejected) else Rejected(str(error)) from error
    if not isinstance(data, dict) or set(data) != _FIELDS:
        names = sorted(data) if isinstance(data, dict) else type(data).__name__
        raise Rejected(f"Expected the fields {sorted(_FIELDS)} but got fields={names}.")
    if not isinstance(data["assumptions"], list):
        raise Rejected(f"Expected a list but got assumptions={data['assumptions']!r}.")
    certificate = Certificate(**{**data, "assumptions": tuple(data["assumptions"])})
    demand_types(certificate)
    return certificate


def demand_types(certificate: Certificate) -> None:
    """Refuse a certificate whose fields have other types than they should, or another version."""
    if not isinstance(certificate.assumptions, tuple):
        raise Rejected(f"Expected a tuple but got assumptions={certificate.assumptions!r}.")
    texts = (certificate.kind, certificate.statement, certificate.digest, *certificate.assumptions)
    for text in texts:
        if not isinstance(text, str):
            raise Rejected(f"Expected text but got field={text!r}.")
    for name in ("parameters", "evidence"):
        if not isinstance(getattr(certificate, name), Mapping):
            raise Rejected(f"Expected an object but got {name}={getattr(certificate, name)!r}.")
    if type(certificate.precision) is not int or not 53 <= certificate.precision <= 4096:
        raise Rejected(f"Expected 53 to 4096 bits but got precision={certificate.precision!r}.")
    if type(certificate.version) is not int or certificate.version != VERSION:
        raise Rejected(
            f"Expected version {VERSION} but got version={certificate.version!r}; "
            "read it with the attnflow that wrote it."
        )


def demand_fields(data: Any, fields: Mapping[str, type], where: str) -> None:
    """Refuse an object that hasn't exactly these fields with exactly these types.

    Parameters
    ----------
    data : object
        Read from a certificate.
    fields : Mapping
        Name and type (``int``, ``str``, ``list`` or ``dict``) of each field.
    where : str
        Named in the message.

    Raises
    ------
    Rejected

    Examples
    --------
    >>> demand_fields({"n": 3}, {"n": int}, "parameters")
    >>> demand_fields({"n": "3"}, {"n": int}, "parameters")
    Traceback (most recent call last):
    ...
    proofs_checks.certificates.format.Rejected: Expected int but got parameters.n='3'.
    """
    if not isinstance(data, Mapping) or set(data) != set(fields):
        names = sorted(data) if isinstance(data, Mapping) else type(data).__name__
        raise Rejected(f"Expected {sorted(fields)} but got {where}={names}.")
    for name, kind in fields.items():
        # bool is an int in Python and must not pass for one.
        if type(data[name]) is not kind:
            raise Rejected(f"Expected {kind.__name__} but got {where}.{name}={data[name]!r}.")


def rational(text: Any, where: str) -> Fraction:
    """Read a rational "p/q" or "p" in lowest terms, the only spelling that is accepted.

    Raises
    ------
    Rejected

    Examples
    --------
    >>> rational("-3/4", "beta")
    Fraction(-3, 4)
    """
    if isinstance(text, str) and len(text) <= 4000 and _RATIONAL.fullmatch(text):
        value = Fraction(text)
        if str(value) == text:
            return value
    raise Rejected(f'Expected a rational "p/q" in lowest terms but got {where}={text!r}.')


def fraction(value: Any) -> Fraction:
    """Take an exact rational from a user: an int, a Fraction, SymPy's Rational, or text.

    Raises
    ------
    ValueError
        For a float, which seldom is the number that its decimals say, and for what isn't one.

    Examples
    --------
    >>> fraction("0.3")
    Fraction(3, 10)
    """
    if isinstance(value, numbers.Rational) and not isinstance(value, bool):
        return Fraction(int(value.numerator), int(value.denominator))
    try:
        if isinstance(value, str):
            return Fraction(value)
    except (ValueError, ZeroDivisionError):
        pass
    raise ValueError(
        f'Expected an exact rational but got value={value!r}; write a decimal as text, "0.1".'
    )


@contextmanager
def ball_arithmetic(bits: int) -> Iterator[Any]:
    """Give the ``flint`` module with the working precision set, and restored at the end.

    Parameters
    ----------
    bits : int
        Precision of ``flint.arb`` inside the block; it is one global setting of the library.

    Yields
    ------
    module
        The module ``flint``.

    Examples
    --------
    >>> with ball_arithmetic(100) as flint:
    ...     bool(flint.arb(2).sqrt() ** 2 > 3)
    False
    """
    with flint.ctx.workprec(bits):
        yield flint


__all__ = [
    "VERSION",
    "Certificate",
    "Rejected",
    "ball_arithmetic",
    "demand_fields",
    "demand_types",
    "digest",
    "fraction",
    "load",
    "rational",
    "reseal",
    "save",
    "seal",
]
