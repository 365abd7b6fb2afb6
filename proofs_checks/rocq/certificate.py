"""Certificates for Rocq: which kinds have a theorem, and what Rocq says of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from proofs_checks.certificates import Certificate, Rejected
from proofs_checks.proof import Step
from proofs_checks.rocq.compiler import compile_text
from proofs_checks.rocq.enclosures import equiangular, root, sign, value
from proofs_checks.rocq.modes import fastest, switch
from proofs_checks.rocq.theorems import CertificateTheorem, NoExport
from proofs_checks.rocq.trees import saddles
from proofs_checks.theorems import Theorem, certificate_of

EXPORTS: Mapping[str, Callable[[Certificate], CertificateTheorem]] = {
    "equiangular": equiangular,
    "fastest": fastest,
    "root": root,
    "sign": sign,
    "strict-saddles-circle": saddles,
    "switch": switch,
    "value": value,
}
"""What writes the theorem of each kind of certificate that has one."""

WITHOUT: Mapping[str, str] = {
    "codes": "linear programming bounds on sums over a code",
    "critical-point-circle": "a uniqueness test in every box",
    "critical-points-circle": "a uniqueness test in every box",
    "dimension": "γ(1/n) inside a function of log d",
    "hemisphere": "validated integration of a trajectory",
    "level": "T(γ) as a function of β",
    "run": "validated integration of a trajectory",
    "strict-saddles-circle-masses": "cuts and forces weighed by unequal masses",
}
"""What the prelude has not, of each kind of certificate without a theorem."""


@dataclass(frozen=True)
class Proved:
    """What Rocq says of a certificate.

    Attributes
    ----------
    accepted : bool
        Whether the theorem is a Qed on allowed axioms.
    name : str
        Of the theorem and its file; "" without one.
    theorem : str
        The theorem as Rocq prints it; "" where there is none.
    reading : str
        How the certificate's words are written in the theorem.
    missing : tuple of str
        Parts of the certificate's statement that the theorem doesn't have.
    seconds : float
        Wall time of Rocq, loading of its libraries included.
    axioms : tuple of str
        What the theorem rests on.
    reason : str
        Why there is no theorem, or why it was refused; "" if it was accepted.
    """

    accepted: bool
    name: str = ""
    theorem: str = ""
    reading: str = ""
    missing: tuple[str, ...] = ()
    seconds: float = 0.0
    axioms: tuple[str, ...] = ()
    reason: str = ""


def rests_on(step: Step) -> Certificate | None:
    """Return the certificate that a step rests on, or that of its theorem."""
    one = step.formal
    if isinstance(one, Theorem):
        return certificate_of(one)
    return one if isinstance(one, Certificate) else None


def theorem_of(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate, with its proof.

    The certificate isn't checked: what its evidence doesn't show, Rocq refuses.

    Raises
    ------
    NoExport
        When its kind, or its range, has no theorem in Rocq; the message says why.
    Rejected
        When its evidence can't be read.

    Examples
    --------
    >>> from proofs_checks.certificates import certify_strict_saddles
    >>> theorem_of(certify_strict_saddles(3)).name
    'strict_saddles_3'
    """
    export = EXPORTS.get(certificate.kind)
    if export is None:
        kind, known = certificate.kind, ", ".join(sorted(EXPORTS))
        lack = f": the prelude hasn't {WITHOUT[kind]}" if kind in WITHOUT else ""
        raise NoExport(f"certificates of the kind {kind!r}{lack}; there are those of {known}")
    return export(certificate)


def prove(certificate: Certificate, *, folder: Path | None = None) -> Proved:
    """Have Rocq prove what a certificate states, from its evidence, sharing nothing with flint.

    Parameters
    ----------
    certificate : Certificate
    folder : Path, optional
        Where the file is kept, with what Rocq made of it.

    Raises
    ------
    RocqMissing
        There is no coqc.
    """
    try:
        theorem = theorem_of(certificate)
    except NoExport as reason:
        return Proved(False, reason=f"no export: {reason}")
    except (Rejected, KeyError, TypeError, ValueError) as reason:
        return Proved(False, reason=f"the evidence can't be read: {reason}")
    found = compile_text(theorem.text, theorem.name, folder=folder, seconds=theorem.seconds)
    return Proved(
        found.accepted,
        theorem.name,
        found.statement,
        theorem.reading,
        theorem.missing,
        found.seconds,
        found.axioms,
        "" if found.accepted else f"Rocq refuses the proof: {found.message}",
    )
