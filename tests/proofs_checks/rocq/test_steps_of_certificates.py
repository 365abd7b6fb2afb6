"""A step that rests on a certificate is covered by the certificate's theorem, or says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Symbol, exp

from proofs_checks import CLAIMS
from proofs_checks.certificates import Certificate, certify_dimension, certify_root
from proofs_checks.command_line import main
from proofs_checks.proof import How, Sheet, Step
from proofs_checks.rocq import (
    INSTALL,
    ClaimExport,
    Fate,
    Recorded,
    compile_export,
    export_claim,
    rocq_available,
)

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
THRESHOLD = next(claim for claim in CLAIMS if claim.label == "Remark D.1 threshold")
x = Symbol("x")
ROOT = certify_root(x * exp(x) - 1, x, (0, 1), digits=6)


def of_steps(*certificates: Certificate) -> ClaimExport:
    steps = [
        Step(f"step {k}", How.ENCLOSED, enclosed=True, formal=certificate)
        for k, certificate in enumerate(certificates)
    ]
    return export_claim(THRESHOLD, [("no flow", Sheet(tuple(steps)))], Recorded())


@needs_rocq
@pytest.mark.slow
def test_the_command_proves_the_certificates_of_a_claim(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["verify", THRESHOLD.label, "--rocq"], claims=[THRESHOLD]) == 0
    said = capsys.readouterr().out
    assert "1 of 1 certificates are theorems of Rocq." in said and "exists v_" in said


@needs_rocq
@pytest.mark.slow
def test_a_wrong_certificate_is_refused_beside_a_right_one() -> None:
    high = ROOT.parameters["enclosure"][1]
    wrong = replace(ROOT, parameters={**ROOT.parameters, "enclosure": [high, "1"]}, digest="f" * 64)
    done = compile_export(of_steps(ROOT, wrong))
    assert [step.fate for step in done.steps] == [Fate.COVERED, Fate.REFUSED]
    assert done.refuses and done.steps[1].message


def test_a_kind_without_a_theorem_is_said() -> None:
    (step,) = of_steps(certify_dimension(1, 2)).steps
    assert step.fate is Fate.UNCOVERED and "'dimension'" in step.reason
    assert step.certificate is None
