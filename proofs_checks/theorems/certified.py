"""Certificates behind steps of theorems: what another kernel may check of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from proofs_checks.certificates import Certificate
from proofs_checks.propositions import Proposition
from proofs_checks.theorems.enclosed import (
    POSITIVE_BETWEEN,
    RISES_THROUGH,
    root_certificate,
    sign_certificate,
)
from proofs_checks.theorems.kernel import Engine, Theorem
from proofs_checks.theorems.mode_orders import OVERTAKES, switch_certificate
from proofs_checks.theorems.trees_of_boxes import TREES_OF_BOXES, trees_of
from proofs_checks.theorems.validated import (
    ENTERED,
    FOLLOWING,
    certificate_of_entry,
    certificate_of_run,
)

CERTIFICATES: Mapping[Engine, Callable[[Proposition], Certificate | None]] = {
    ENTERED: certificate_of_entry,
    FOLLOWING: certificate_of_run,
    OVERTAKES: switch_certificate,
    POSITIVE_BETWEEN: sign_certificate,
    RISES_THROUGH: root_certificate,
    TREES_OF_BOXES: trees_of,
}
"""What is certified of a proposition, by the engine that decides it."""


def certificate_of(theorem: Theorem) -> Certificate | None:
    """Return the certificate that a step rests on, for another kernel to check; None for others.

    Examples
    --------
    >>> from sympy import S
    >>> from proofs_checks.theorems.enclosed import positive
    >>> from theory.symbols import z
    >>> certificate_of(positive(1 + z**2, z, S.Zero, S.One).found).kind
    'sign'
    """
    own = CERTIFICATES.get(theorem.by) if isinstance(theorem.by, Engine) else None
    return None if own is None else own(theorem.says)


__all__ = ["CERTIFICATES", "certificate_of"]
