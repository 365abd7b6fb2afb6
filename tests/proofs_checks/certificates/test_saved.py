"""The certificates of the package: small, sealed, of what they are named for; forgeries fall."""

from __future__ import annotations

import lzma
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proofs_checks.certificates import (
    SAVED_SADDLES,
    Certificate,
    Rejected,
    certify_strict_saddles,
    check,
    load,
    save,
    saved_saddles,
)
from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.checker import saddles_text

SAVED = saved_saddles(10)


def forged(**evidence: Any) -> Certificate:
    """The saved certificate with other evidence, sealed anew."""
    return certificates.reseal(replace(SAVED, evidence={**SAVED.evidence, **evidence}))


def with_first_tree(tree: str) -> Certificate:
    return forged(trees=[tree, *SAVED.evidence["trees"][1:]])


def test_it_is_small_and_of_ten_tokens() -> None:
    entry = SAVED_SADDLES[10]
    assert entry.path.stat().st_size < 2_000_000
    assert SAVED.parameters == {"n": 10, "beta_from": "0", "beta_to": "infinity"}
    assert SAVED.statement == saddles_text(10, Fraction(0), None)[0]
    assert SAVED.digest == certificates.digest(SAVED)
    trees = "".join(SAVED.evidence["trees"])
    assert sum(trees.count(symbol) for symbol in ".+!") == entry.boxes
    with pytest.raises(ValueError, match="among 10"):
        saved_saddles(11)


def test_a_change_breaks_the_seal() -> None:
    trees = [*SAVED.evidence["trees"][:-1], SAVED.evidence["trees"][-1] + "."]
    result = check(replace(SAVED, evidence={**SAVED.evidence, "trees": trees}))
    assert not result.ok and "digest" in result.reason


@pytest.mark.slow
def test_forgeries_that_are_sealed_anew_are_refused() -> None:
    tree = SAVED.evidence["trees"][0]
    leaf = tree.index("+")
    first, last = tree[leaf + 1 : leaf + 3]
    reasons = {
        "leaf": with_first_tree("."),
        "Expected tokens": with_first_tree(f"{tree[:leaf]}+A{last}{tree[leaf + 3 :]}"),
        "Expected a split": with_first_tree("A" + tree[1:]),
        "large-β": forged(knots=SAVED.evidence["knots"][:9], trees=SAVED.evidence["trees"][:8]),
        "Expected a tree": forged(trees=SAVED.evidence["trees"][:-1]),
        "rise": forged(knots=["0", *SAVED.evidence["knots"][:-1]]),
    }
    assert (first, last) != ("A", "A")
    for reason, certificate in reasons.items():
        result = check(certificate)
        assert not result.ok and reason in result.reason, (reason, result.reason)


def test_its_trees_say_nothing_of_other_numbers_of_tokens() -> None:
    for n in (9, 11):
        statement, assumptions = saddles_text(n, Fraction(0), None)
        other = replace(
            SAVED,
            parameters={**SAVED.parameters, "n": n},
            statement=statement,
            assumptions=assumptions,
        )
        assert not check(certificates.reseal(other)).ok


@pytest.mark.full
def test_the_checker_accepts_it_and_no_cut_tree() -> None:
    result = check(SAVED_SADDLES[10].path)
    assert result.ok, result.reason
    assert "n = 10 tokens" in result.statement and "every beta >= 0" in result.statement
    tree = SAVED.evidence["trees"][0]
    for broken in (tree[:-1], tree + "."):
        assert not check(with_first_tree(broken)).ok
    # The tree of the hottest slice isn't one for the coldest.
    assert not check(with_first_tree(SAVED.evidence["trees"][-1])).ok


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
