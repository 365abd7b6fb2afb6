"""Scalar certificates as Rocq's theorems: signs, roots, values, γ(t) of both models."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sympy import Symbol, cos, exp, log, sin, sqrt

from proofs_checks.certificates import (
    Certificate,
    certify_equiangular,
    certify_root,
    certify_sign,
)
from proofs_checks.certificates.checker.texts import value_statement
from proofs_checks.certificates.format import seal
from proofs_checks.rocq import INSTALL, allowed_axiom, prove, rocq_available, theorem_of
from proofs_checks.rocq.enclosures import conditions, node, plain

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
x, y = Symbol("x"), Symbol("y")


def value_of(formula: Any, low: str, high: str) -> Certificate:
    parameters = {"formula": formula, "enclosure": [low, high]}
    return seal("value", value_statement(parameters), parameters, {}, (), 128)


SIGN = certify_sign((sin(x) ** 2 - x**2 * cos(x)) * (2 + y), ">", {x: ("1/10", 1), y: (0, 1)})
RISING = certify_root(10 * x * exp(3 * x) + log(1 + x) - 1, x, (0, 1))
FALLING = certify_root(2 - x - sqrt(x), x, ("1/2", 3))
VALUE = value_of(
    ["+", ["sqrt", "2"], ["^", "pi", -2]], "151553474/100000000", "151553475/100000000"
)
SA = certify_equiangular("1/2", "3/2", 3)
COARSE = certify_equiangular("1/2", "3/2", 3, digits=6)
USA = certify_equiangular("1/4", 1, 4, "USA")


@needs_rocq
@pytest.mark.full
@pytest.mark.parametrize(
    "certificate", [SIGN, RISING, FALLING, VALUE, SA, USA], ids=lambda c: c.kind
)
def test_certificates_are_theorems(certificate: Certificate) -> None:
    found = prove(certificate)
    assert found.accepted, found.reason
    assert found.axioms and all(map(allowed_axiom, found.axioms)) and not found.missing


def moved(certificate: Certificate, ends: tuple[Fraction, Fraction]) -> Certificate:
    changed = {**certificate.parameters, "enclosure": [str(end) for end in ends]}
    return replace(certificate, parameters=changed)


@needs_rocq
@pytest.mark.full
@pytest.mark.parametrize("certificate", [RISING, VALUE, COARSE], ids=lambda c: c.kind)
def test_an_enclosure_beside_the_value_is_refused(certificate: Certificate) -> None:
    low, high = map(Fraction, certificate.parameters["enclosure"])
    found = prove(moved(certificate, (high, 2 * high - low)))
    assert not found.accepted and found.reason.startswith("Rocq refuses")


@needs_rocq
@pytest.mark.full
def test_a_wider_box_is_refused() -> None:
    box = [["x", "-1/10", "1"], ["y", "0", "1"]]
    assert not prove(replace(SIGN, parameters={**SIGN.parameters, "box": box})).accepted
    flipped = {**SIGN.parameters, "relation": "<"}
    assert not prove(replace(SIGN, parameters=flipped)).accepted


def test_statements_hold_functions_and_where_they_are_defined() -> None:
    formula = ["log", ["+", ["^", "x", -2], ["sqrt", ["*", "-1/3", "β"]]]]
    assert plain(formula) == "(ln ((/ (v_x ^ 2)) + (sqrt ((-1 / 3) * v_β))))"
    assert conditions(formula) == [
        "v_x <> 0",
        "0 <= ((-1 / 3) * v_β)",
        "0 < ((/ (v_x ^ 2)) + (sqrt ((-1 / 3) * v_β)))",
    ]
    assert node(["+", "x", "1", ["^", "x", -1]]) == "(Add (Add Var (Num 1)) (Inverse Var))"
    text = theorem_of(SA).text
    assert "is_derive gamma t" in text and "exp ((3 / 2) * gamma t)" in text
    assert "0 < (1 + v_x)" in theorem_of(RISING).text.replace("((1 + v_x))", "(1 + v_x)")
