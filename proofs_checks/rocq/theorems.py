"""What a certificate is to Rocq: a file with one theorem, and what that theorem leaves out."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from fractions import Fraction

from proofs_checks.certificates import Certificate


class NoExport(ValueError):
    """A certificate that Rocq isn't asked about; the message says why."""


@dataclass(frozen=True)
class CertificateTheorem:
    """A theorem for Rocq, with its proof.

    Attributes
    ----------
    name : str
        Of the theorem, and of the file.
    text : str
        A whole ``.v`` file.
    reading : str
        How the certificate's words are written in the theorem.
    missing : tuple of str
        Parts of the certificate's statement that the theorem doesn't have; none where both say
        the same.
    seconds : float
        Time limit for Rocq.
    shares : bool
        Whether others may stand in the same file: it defines nothing beside the theorem.
    """

    name: str
    text: str
    reading: str
    missing: tuple[str, ...] = ()
    seconds: float = 600.0
    shares: bool = False


def number(value: Fraction) -> str:
    """Write a rational as a real number of Rocq.

    Examples
    --------
    >>> number(Fraction(-3, 4)), number(Fraction(5))
    ('(-3 / 4)', '5')
    """
    if value.denominator == 1:
        return str(value) if value >= 0 else f"({value})"
    return f"({value.numerator} / {value.denominator})"


def header(certificate: Certificate) -> str:
    """Write the comment on top of a file: the certificate's statement, and its digest."""
    lines = textwrap.wrap(certificate.statement.replace("*)", "* )").replace("(*", "( *"), 92)
    text = "\n   ".join([*lines, f"Certificate {certificate.digest}"])
    return f"(* {text} *)"
