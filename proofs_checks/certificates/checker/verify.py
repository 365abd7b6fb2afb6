"""The checker of certificates: reads one, verifies its seal, replays its evidence in balls.

It uses nothing of the searches that found the evidence. How to add a kind:

1. Write a module ``certificates/checker/<subject>.py`` that imports nothing from a search, only
   ``certificates.format``, the wording in ``certificates.checker.texts`` and the standard
   library, and flint inside functions by ``with ball_arithmetic(precision) as flint``.
2. Export ``KINDS = {"kind name": check_function}`` there, where ``check_function(parameters,
   evidence, precision) -> (statement, assumptions)`` validates every field of the two objects
   (``demand_fields``, ``rational``), replays the proof, and returns what it has shown: the text
   of the theorem and a tuple of the lemmas it cites, both built from the parameters alone. It
   raises ``Rejected(reason)`` when anything fails or is undecided.
3. Import the module below and list it in ``_MODULES``.

A search may use the checker, its wording first of all; never the other way round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.checker import codes, landscape, scalars, trajectory
from proofs_checks.certificates.format import Certificate, Rejected

Checker = Callable[[Mapping[str, Any], Mapping[str, Any], int], tuple[str, tuple[str, ...]]]

_MODULES = (scalars, landscape, trajectory, codes)

KINDS: dict[str, Checker] = {
    kind: function for module in _MODULES for kind, function in module.KINDS.items()
}
"""The function that replays each kind of certificate."""


@dataclass(frozen=True)
class CheckResult:
    """Outcome of a check.

    Parameters
    ----------
    ok : bool
        Whether the evidence shows the statement.
    statement : str
        The theorem, "" for a certificate that was rejected.
    reason : str
        Why it was rejected, "" if it wasn't; printable text, whatever the certificate holds.
    seconds : float
        Time the check took.
    assumptions : tuple of str
        Lemmas that the theorem cites.
    """

    ok: bool
    statement: str
    reason: str
    seconds: float
    assumptions: tuple[str, ...] = ()


def _verify(certificate: Certificate) -> tuple[str, tuple[str, ...]]:
    """Return what the certificate shows, and raise Rejected unless that is what it states."""
    certificates.demand_types(certificate)
    if certificates.digest(certificate) != certificate.digest:
        raise Rejected(f"the digest is not {certificate.digest}: the contents were changed")
    function = KINDS.get(certificate.kind)
    if function is None:
        raise Rejected(f"Expected one of {sorted(KINDS)} but got kind={certificate.kind!r}.")
    statement, assumptions = function(
        certificate.parameters, certificate.evidence, certificate.precision
    )
    if certificate.statement != statement:
        raise Rejected(f"the evidence shows {statement!r}, not {certificate.statement!r}")
    if certificate.assumptions != assumptions:
        raise Rejected(f"the argument cites {assumptions}, not {certificate.assumptions}")
    return statement, assumptions


def _printable(text: str) -> str:
    """Escape what a terminal could take for an order."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def check(certificate: Certificate | str | Path) -> CheckResult:
    """Check a certificate, or the file that holds one.

    Parameters
    ----------
    certificate : Certificate, str or Path
        The certificate.

    Returns
    -------
    CheckResult
        A certificate that is malformed, tampered with or insufficient is rejected with a reason,
        never an exception.

    Raises
    ------
    OSError
        When the file can't be read.
    """
    start = time.perf_counter()
    statement, reason = "", ""
    assumptions: tuple[str, ...] = ()
    try:
        if not isinstance(certificate, Certificate):
            certificate = certificates.load(certificate)
        statement, assumptions = _verify(certificate)
    except Rejected as rejection:
        reason = _printable(str(rejection))
    except (ValueError, RecursionError) as error:  # integers or nesting beyond what JSON carries
        reason = _printable(f"{type(error).__name__}: {error}")
    return CheckResult(not reason, statement, reason, time.perf_counter() - start, assumptions)


__all__ = ["KINDS", "CheckResult", "Checker", "check"]
