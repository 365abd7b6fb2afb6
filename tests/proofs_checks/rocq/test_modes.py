"""Switches of modes and fastest modes as Rocq's theorems: all digits, and no other ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proofs_checks.certificates import (
    Certificate,
    certify_fastest,
    certify_switch,
    save,
)
from proofs_checks.command_line import main
from proofs_checks.rocq import (
    INSTALL,
    NoExport,
    allowed_axiom,
    prove,
    rocq_available,
    theorem_of,
)
from proofs_checks.rocq.modes import terms

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
FIRST = certify_switch(1, digits=14)


def changed(certificate: Certificate, **parameters: object) -> Certificate:
    return replace(certificate, parameters={**certificate.parameters, **parameters})


@needs_rocq
@pytest.mark.slow
def test_the_first_switch_to_fourteen_digits() -> None:
    found = prove(FIRST)
    assert found.accepted, found.reason
    said = " ".join(found.theorem.split())
    assert said == (
        f"{theorem_of(FIRST).name} : exists b : R, "
        "(104445686210777 / 100000000000000 <= b <= 52222843105389 / 50000000000000 /\\ "
        "rate 2 1 b = rate 2 2 b) /\\ "
        "(forall z : R, 0 < z -> rate 2 1 z = rate 2 2 z -> z = b)"
    )
    assert found.axioms and all(map(allowed_axiom, found.axioms)) and not found.missing


@needs_rocq
@pytest.mark.slow
def test_a_wrong_last_digit_is_refused() -> None:
    low, high = map(Fraction, FIRST.parameters["enclosure"])
    for ends in ((high, 2 * high - low), (2 * low - high, low)):
        found = prove(changed(FIRST, enclosure=[str(end) for end in ends]))
        assert not found.accepted and "check_switch" in found.reason


@needs_rocq
@pytest.mark.slow
def test_the_fastest_mode_of_all_and_no_other() -> None:
    hot = certify_fastest("145/4")
    found = prove(hot)
    assert found.accepted, found.reason
    assert (
        found.theorem.split()
        == (
            f"{theorem_of(hot).name} : forall k : nat, (1 <= k)%nat -> k <> 9%nat -> "
            "rate 2 k (145 / 4) < rate 2 9 (145 / 4)"
        ).split()
    )
    for other in ({"mode": 8}, {"mode": 10}, {"beta": "36"}):
        assert not prove(changed(hot, **other)).accepted, other


@needs_rocq
@pytest.mark.full
@pytest.mark.parametrize("degree", range(2, 25))
def test_every_switch_of_the_claim(degree: int) -> None:
    low = Fraction(degree * (degree + 1), 2)
    for certificate in (
        certify_switch(degree, digits=14),
        certify_switch(degree, ends=(low, low + Fraction(1, 4))),
        certify_fastest(low),
    ):
        found = prove(certificate)
        assert found.accepted, found.reason


@needs_rocq
@pytest.mark.slow
def test_the_command_proves_a_file_and_refuses_a_forged_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(FIRST, tmp_path / "first.json")
    assert main(["prove", str(tmp_path / "first.json"), "--rocq"]) == 0
    said = capsys.readouterr().out
    assert "Qed (" in said and "the theorem says all that the certificate states" in said
    save(changed(FIRST, mode=2), tmp_path / "forged.json")
    assert main(["prove", str(tmp_path / "forged.json"), "--rocq"]) == 1
    assert "rejected" in capsys.readouterr().out


def test_the_statement_is_written_from_the_parameters_alone() -> None:
    wider = changed(FIRST, enclosure=["1", "2"])
    assert "(1 <= b <= 2 /\\" in theorem_of(wider).text
    assert theorem_of(certify_switch(3, d=4)).name.startswith("switch_4_3_")


def test_odd_dimensions_have_no_export() -> None:
    with pytest.raises(NoExport, match="half order"):
        theorem_of(certify_switch(1, d=3))
    with pytest.raises(NoExport, match="half order"):
        theorem_of(certify_fastest(2, d=3))


def test_terms_grow_with_digits_and_place() -> None:
    counts = [terms(Fraction(x), 1, bits) for x, bits in ((1, 53), (1, 128), (40, 128))]
    assert counts == sorted(set(counts))
