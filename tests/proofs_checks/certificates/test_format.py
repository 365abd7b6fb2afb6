"""The format of certificates: what can be sealed, how rationals are spelled."""

from __future__ import annotations

import lzma
from fractions import Fraction
from pathlib import Path

import pytest

from proofs_checks.certificates import certify_strict_saddles, check, load, save
from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.format import Rejected

pytestmark = pytest.mark.extras


def test_floats_and_other_objects_are_not_sealed() -> None:
    for value in (0.5, True, None, {1: "a"}, Fraction(1, 2)):
        with pytest.raises(Rejected, match="Expected"):
            certificates.seal("kind", "text", {"value": value}, {}, (), 64)


def test_rationals_have_one_spelling() -> None:
    assert certificates.rational("-7/10", "x") == Fraction(-7, 10)
    for text in ("2/4", "1.5", "+1", " 1", "1/1", "-0", "01", "1/0", 1, "1e3", "²"):
        with pytest.raises(Rejected, match="lowest terms"):
            certificates.rational(text, "x")


def test_the_working_precision_is_restored() -> None:
    import flint

    before = flint.ctx.prec
    with pytest.raises(ZeroDivisionError), certificates.ball_arithmetic(300):
        assert flint.ctx.prec == 300
        raise ZeroDivisionError
    assert flint.ctx.prec == before


# -- compressed files --------------------------------------------------------------------------


def test_a_compressed_file_is_the_same_certificate(tmp_path: Path) -> None:
    certificate = certify_strict_saddles(4)
    for name in ("plain.json", "packed.json.xz"):
        save(certificate, tmp_path / name)
        assert load(tmp_path / name) == certificate
    packed = (tmp_path / "packed.json.xz").read_bytes()
    assert lzma.decompress(packed) == (tmp_path / "plain.json").read_bytes()


def test_what_is_no_single_bounded_stream_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "packed.json.xz"
    save(certify_strict_saddles(3), path)
    raw = path.read_bytes()
    for broken in (b"", b"{}", raw[:-20], raw + b"x", raw + raw, raw[:40] + b"\0" + raw[41:]):
        path.write_bytes(broken)
        with pytest.raises(Rejected):
            load(path)
        assert not check(path).ok
    path.write_bytes(raw)
    monkeypatch.setattr(certificates, "_MOST_BYTES", 100)
    with pytest.raises(Rejected, match="at most 100 bytes"):
        load(path)
