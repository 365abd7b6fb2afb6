"""From certificates to steps: enclosures, signs on boxes, and γ' against (6.9) and (6.10).

Each search ends in a certificate that `proofs_checks.certificates.checker` must accept before
the verdict is CERTIFIED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

from proofs_checks.certificates import (
    Certificate,
    NotCertified,
    certify_sign,
    check,
)
from proofs_checks.decide import enclose
from proofs_checks.proof.sheet import How, Outcome, Step
from theory.bounded import remainder
from theory.derivations import equiangular
from theory.models import Model
from theory.predictions import equiangular_rate
from theory.symbols import beta, gamma, n


def as_rational(value: Fraction) -> Expr:
    """Bring a fraction of the checker into SymPy."""
    return Rational(value.numerator, value.denominator)


def enclosure_ends(expr: Expr, values: Mapping[Symbol, Any] | None = None) -> tuple[Expr, Expr]:
    """Rational ends of an enclosure of a value."""
    found = enclose(expr, {name: Rational(value) for name, value in (values or {}).items()})
    sides = []
    for end in (found.a, found.b):
        mantissa, exponent = end.man_exp()
        sides.append(Integer(int(mantissa)) * Integer(2) ** int(exponent))
    return sides[0], sides[1]


def six_digits(value: Expr) -> str:
    """Write a value in six significant digits."""
    return str(value.evalf(6))


def accepted(text: str, certificate: Certificate, evidence: str = "") -> Step:
    """Step of a certificate: a gap unless the independent checker accepts it."""
    result = check(certificate)
    if not result.ok:
        return Step(text, How.ENCLOSED, Outcome.GAP, f"rejected: {result.reason}")
    step = Step(text, How.ENCLOSED, evidence=evidence, enclosed=True, formal=certificate)
    return replace(step, cites=certificate.assumptions)


def count_boxes(certificate: Certificate) -> int:
    """Count the boxes of all trees on strict saddles: a leaf starts with one of three symbols."""
    return sum("".join(certificate.evidence["trees"]).count(symbol) for symbol in ".+!")


@lru_cache(maxsize=64)
def positive_on_box(text: str, expr: Expr, box: tuple[tuple[Symbol, Any, Any], ...]) -> Step:
    """Step of a sign on a box of (symbol, low, high): it fails where a witness is found."""
    try:
        certificate = certify_sign(expr, ">", {name: (low, high) for name, low, high in box})
    except NotCertified as reason:
        outcome = Outcome.GAP if reason.witness is None else Outcome.FAILS
        return Step(text, How.ENCLOSED, outcome, str(reason))
    return accepted(text, certificate, f"{len(certificate.evidence['tree'])} boxes")


def off_curve(flow: Model, name: str) -> str:
    """Say how far γ' of a flow is from (6.9) or (6.10), "" if it is that."""
    gap = remainder(equiangular(flow).rate - equiangular_rate(model=name))
    shown = gap.subs({gamma: Rational(1, 2), beta: 2, n: 3})
    off = f"{flow.name}: γ' is off by {six_digits(shown)} at γ = 1/2, β = 2, n = 3"
    return off if gap != 0 else ""
