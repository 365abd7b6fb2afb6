"""From certificates to evidence: enclosures, signs on boxes, and γ' against (6.9) and (6.10).

Each search ends in a certificate that `proofs_checks.certificates.checker` must accept before
the verdict is CERTIFIED. Without python-flint the same checks compare values of 30 digits, or
samples and runs in doubles, and say SUPPORTED.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, lambdify, simplify

from proofs_checks.certificates import (
    PRECISION,
    Certificate,
    NotCertified,
    ball_arithmetic,
    ball_value,
    certify_sign,
    check,
)
from proofs_checks.claim import Budget, Evidence, Verdict
from theory.derivations import equiangular
from theory.models import Model
from theory.predictions import equiangular_rate
from theory.symbols import beta, gamma, n

FLINT = find_spec("flint") is not None
"""Whether python-flint, the extra ``certify``, is installed."""


BEST = Verdict.CERTIFIED if FLINT else Verdict.SUPPORTED
"""The verdict to expect of a claim of this file."""


FLINT_MISSING = "python-flint is missing: values of 30 digits, not enclosures; "


def as_rational(value: Fraction) -> Expr:
    """Bring a fraction of the checker into SymPy."""
    return Rational(value.numerator, value.denominator)


def enclosure_ends(expr: Expr, values: Mapping[Symbol, Any] | None = None) -> tuple[Expr, Expr]:
    """Enclose a value; without python-flint 30 digits, give or take the 25th."""
    put = {name: Rational(value) for name, value in (values or {}).items()}
    if not FLINT:
        value = Rational(str(expr.subs(put).evalf(30)))
        slack = abs(value) / 10**25 + Rational(1, 10**28)
        return value - slack, value + slack
    with ball_arithmetic(PRECISION) as flint:
        balls = {s: flint.arb(flint.fmpq(int(v.p), int(v.q))) for s, v in put.items()}
        ball = ball_value(expr, balls, flint)
        if not ball.is_finite():
            raise NotCertified(f"{expr} at {put} isn't enclosed")
        sides = []
        for side in (ball.lower(), ball.upper()):
            mantissa, exponent = side.man_exp()
            sides.append(Integer(int(mantissa)) * Integer(2) ** int(exponent))
        return sides[0], sides[1]


def six_digits(value: Expr) -> str:
    """Write a value in six significant digits."""
    return str(value.evalf(6))


def rejected(certificate: Certificate) -> Evidence | None:
    """UNDECIDED when the independent checker doesn't accept a certificate."""
    result = check(certificate)
    return None if result.ok else Evidence(Verdict.UNDECIDED, f"rejected: {result.reason}")


def certified_evidence(
    detail: str, scope: Mapping[str, str], cases: int = 0, **more: Any
) -> Evidence:
    """CERTIFIED after certificates were checked; SUPPORTED without python-flint."""
    return Evidence(BEST, detail if FLINT else FLINT_MISSING + detail, scope, cases=cases, **more)


def decided_positive(
    expr: Expr, box: dict[Symbol, tuple[Any, Any]], budget: Budget
) -> tuple[tuple[Verdict, str] | None, int]:
    """Certify that an expression is positive on a box, or sample it; the size of the tree."""
    if not FLINT:
        # A sixth of the coordinates is at the ends of the box.
        unit = np.clip(budget.rng.uniform(-0.1, 1.1, (1000 * budget.cases, len(box))), 0, 1)
        low, high = np.array([[float(Fraction(end)) for end in ends] for ends in box.values()]).T
        drawn = low + (high - low) * unit
        values = np.broadcast_to(lambdify(list(box), expr, "numpy")(*drawn.T), len(drawn))
        case = int(np.argmin(values))
        if not values[case] > 0:
            place = dict(zip(map(str, box), drawn[case].tolist(), strict=True))
            return (Verdict.REFUTED, f"{values[case]:.4g} <= 0 at {place}"), 0
        return None, 0
    try:
        certificate = certify_sign(expr, ">", box)
    except NotCertified as reason:
        verdict = Verdict.UNDECIDED if reason.witness is None else Verdict.REFUTED
        return (verdict, str(reason)), 0
    failed = rejected(certificate)
    size = len(certificate.evidence["tree"])
    return (None if failed is None else (failed.verdict, failed.detail)), size


def off_curve(flow: Model, name: str) -> str:
    """Say how far γ' of a flow is from (6.9) or (6.10), "" if it is that."""
    gap = simplify(equiangular(flow).rate - equiangular_rate(model=name))
    shown = gap.subs({gamma: Rational(1, 2), beta: 2, n: 3})
    off = f"{flow.name}: γ' is off by {six_digits(shown)} at γ = 1/2, β = 2, n = 3"
    return off if gap != 0 else ""
