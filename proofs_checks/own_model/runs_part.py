"""(6.1): what theorems say of the exponents of runs to a consensus."""

from __future__ import annotations

from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown
from proofs_checks.proof import CONTINUOUS_AT_EQUAL_ANGLES, SYMBOLIC, Flow
from proofs_checks.propositions import Is, Subject
from proofs_checks.theorems import (
    EQUAL_MASSES,
    NO_KERNEL,
    ONE_MASS,
    exponents,
    run_exponent,
    words_of,
)


def of_runs(flow: Flow) -> Shown | None:
    """(6.1): the exponent of runs to a consensus, in the clock of speeds and lengths."""
    if is_code_or_ends(flow):
        return None
    subject = Subject.of(flow.model, flow.values)
    own = run_exponent(subject)
    if own is None:
        return None
    if Is(NO_KERNEL, subject) in own.says.given:  # of matrices that are given it is asked
        if not CONTINUOUS_AT_EQUAL_ANGLES.test(flow).holds:
            return None
    said = f"along each run to a consensus, x_i -> z: {words_of(own)}"
    masses = {EQUAL_MASSES: "1/n", ONE_MASS: "symbolic, sum 1"}
    words = [("masses", of) for one, of in masses.items() if one in own.says.given]
    return Shown(said, own, words=dict(words))


def of_exponents(flow: Flow) -> Shown | None:
    """(6.1) of smooth flows, several species among them, with their modes where they are listed."""
    if flow.code or flow.form is not None:
        return None
    own = exponents(Subject.of(flow.model, flow.values))
    return None if own is None else Shown(words_of(own), own, words=SYMBOLIC)


__all__ = ["of_exponents", "of_runs"]
