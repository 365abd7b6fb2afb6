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
    allowed_axiom,
    compile_text,
    prove,
    rocq_available,
    theorem_of,
)
from proofs_checks.rocq.modes import terms

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
FIRST = certify_switch(1, digits=14)
SPHERE = certify_switch(1, d=3, digits=14)


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
@pytest.mark.parametrize(
    ("mode", "d", "left", "right"),
    [
        (1, 3, "45403863135897 / 25000000000000", "181615452543589 / 100000000000000"),
        (4, 5, "169527210032607 / 10000000000000", "1695272100326071 / 100000000000000"),
    ],
)
def test_a_switch_of_half_orders(mode: int, d: int, left: str, right: str) -> None:
    odd = certify_switch(mode, d=d, digits=14)
    found = prove(odd)
    assert found.accepted, found.reason
    this, above = f"rate {d} {mode}", f"rate {d} {mode + 1}"
    assert " ".join(found.theorem.split()) == (
        f"{theorem_of(odd).name} : exists b : R, ({left} <= b <= {right} /\\ {this} b = {above} b) "
        f"/\\ (forall z : R, 0 < z -> {this} z = {above} z -> z = b)"
    )
    assert found.axioms and all(map(allowed_axiom, found.axioms)) and not found.missing


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize("certificate", [FIRST, SPHERE], ids=["d = 2", "d = 3"])
def test_a_wrong_last_digit_is_refused(certificate: Certificate) -> None:
    low, high = map(Fraction, certificate.parameters["enclosure"])
    for ends in ((high, 2 * high - low), (2 * low - high, low)):
        found = prove(changed(certificate, enclosure=[str(end) for end in ends]))
        assert not found.accepted and "check_switch" in found.reason
    other = changed(certificate, d=certificate.parameters["d"] + 1)
    assert not prove(other).accepted


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize(("d", "degree", "before"), [(2, 9, "36"), (3, 8, "63/2")])
def test_the_fastest_mode_of_all_and_no_other(d: int, degree: int, before: str) -> None:
    hot = certify_fastest("145/4", d=d)
    found = prove(hot)
    assert found.accepted, found.reason
    assert (
        found.theorem.split()
        == (
            f"{theorem_of(hot).name} : forall k : nat, (1 <= k)%nat -> k <> {degree}%nat -> "
            f"rate {d} k (145 / 4) < rate {d} {degree} (145 / 4)"
        ).split()
    )
    for other in ({"mode": degree - 1}, {"mode": degree + 1}, {"beta": before}):
        assert not prove(changed(hot, **other)).accepted, other


@needs_rocq
@pytest.mark.parametrize(
    ("known", "value"),
    [
        ("bessel_half", "0 < x -> bessel 1 x = sqrt ({} / (PI * x)) * sinh x"),
        (
            "bessel_whole 3",
            "0 <= x -> bessel 6 x = (x / {}) ^ 3 * "
            "PSeries (fun m => / (INR (fact m) * INR (fact (m + 3)))) ((x / 2) ^ 2)",
        ),
    ],
)
@pytest.mark.slow
def test_bessel_functions_of_known_orders(known: str, value: str) -> None:
    for number, holds in ((2, True), (3, False)):
        said = f"Theorem t : forall x : R, {value.format(number)}.\nProof. exact ({known}). Qed.\n"
        text = (
            "From Coq Require Import Reals.\nFrom Coquelicot Require Import Coquelicot.\n"
            f"From attnflow Require Import Bessel.\nOpen Scope R_scope.\n{said}"
        )
        assert compile_text(text, "t").accepted is holds


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
@pytest.mark.full
@pytest.mark.parametrize("degree", [1, 2, 5, 12])
@pytest.mark.parametrize("d", [3, 4, 7, 16, 33])
def test_switches_and_fastest_modes_in_more_dimensions(degree: int, d: int) -> None:
    turn = certify_switch(degree, d=d, digits=14)
    low, high = map(Fraction, turn.parameters["enclosure"])
    for certificate in (turn, certify_fastest(low, d=d), certify_fastest(high, d=d)):
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


def test_terms_grow_with_digits_and_place() -> None:
    half = Fraction(1, 2)
    counts = [terms(Fraction(x), half, bits) for x, bits in ((1, 53), (1, 128), (40, 128))]
    assert counts == sorted(set(counts))
