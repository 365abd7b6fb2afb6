"""The format of certificates: what can be sealed, how rationals are spelled."""

from __future__ import annotations

from fractions import Fraction

import pytest

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
