"""Certificates of modes for Rocq: where two degrees are equally fast, and which is the fastest.

The theorems speak of Bessel functions by their series, ``prelude/Bessel.v``, of whole order for
even d and of half order for odd d. Both are decided in whole numbers by ``prelude/Modes.v``:
partial sums and a tail between one and two times the last term. That quotients of neighbours
increase with b, which a certificate cites, and fall with the order is proved there.
"""

from __future__ import annotations

import math
from fractions import Fraction

from proofs_checks.certificates import Certificate
from proofs_checks.rocq.theorems import CertificateTheorem, header, number

_READING = (
    "rate d k b is k (k + d - 2) bessel (2 k + d - 2) b, and bessel q is I_(q/2) by its series, as "
    "in prelude/Modes.v and prelude/Bessel.v; what the certificate cites is proved"
)
_HEAD = """\
From Coq Require Import Reals Lra ZArith.
From attnflow Require Import Modes.
Open Scope R_scope.
"""
_PLACE = "unfold place; cbn [fst snd]; lra."
_SECONDS = 120.0


def terms(place: Fraction, lowest: Fraction, bits: int) -> int:
    """Count the terms of the series after which the next is below 2^-bits, of order ``lowest``.

    It is a hint: where they are too few, Rocq refuses.

    Examples
    --------
    >>> terms(Fraction(1), Fraction(1, 2), 53)
    9
    """
    square, size, m = float(place) ** 2 / 4, 0.0, 0
    while True:
        m += 1
        step = square / (m * (m + float(lowest)))
        size += math.log2(step)
        if step < 0.25 and size < -bits:
            return m


def _pair(value: Fraction) -> str:
    return f"({value.numerator}%Z, {value.denominator}%positive)"


def _whole(
    certificate: Certificate, name: str, statement: str, proof: list[str]
) -> CertificateTheorem:
    body = [header(certificate), _HEAD, statement, "Proof.", *proof, "Qed.", ""]
    return CertificateTheorem(name, "\n".join(body), _READING, seconds=_SECONDS, shares=True)


def switch(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "switch", with its proof."""
    parameters, bits = certificate.parameters, certificate.precision
    d, degree = parameters["d"], parameters["mode"]
    left, right = (Fraction(end) for end in parameters["enclosure"])
    name = f"switch_{d}_{degree}_{certificate.digest[:8]}"
    statement = (
        f"Theorem {name} : exists b : R,\n"
        f"  ({number(left)} <= b <= {number(right)} /\\\n"
        f"   rate {d} {degree} b = rate {d} {degree + 1} b) /\\\n"
        f"  forall z : R, 0 < z -> rate {d} {degree} z = rate {d} {degree + 1} z -> z = b."
    )
    count = terms(right, degree + Fraction(d, 2) - 1, bits)
    proof = [
        f"  apply (switch_of {d} {degree} {count} (2 ^ {bits}) {_pair(left)} {_pair(right)}).",
        f"  - {_PLACE}",
        f"  - {_PLACE}",
        "  - vm_cast_no_check (eq_refl true).",
    ]
    return _whole(certificate, name, statement, proof)


def fastest(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "fastest", with its proof."""
    parameters, bits = certificate.parameters, certificate.precision
    d, degree = parameters["d"], parameters["mode"]
    hot = Fraction(parameters["beta"])
    name = f"fastest_{d}_{degree}_{certificate.digest[:8]}"
    place = number(hot)
    statement = (
        f"Theorem {name} : forall k : nat, (1 <= k)%nat -> k <> {degree}%nat ->\n"
        f"  rate {d} k {place} < rate {d} {degree} {place}."
    )
    count = terms(hot, Fraction(d, 2), bits)
    proof = [
        f"  apply (fastest_of {d} {degree} {count} (2 ^ {bits}) {_pair(hot)}).",
        f"  - {_PLACE}",
        "  - vm_cast_no_check (eq_refl true).",
    ]
    return _whole(certificate, name, statement, proof)
