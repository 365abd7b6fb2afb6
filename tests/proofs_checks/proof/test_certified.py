"""Steps of certificates: accepted by the checker, a witness, or a gap."""

from dataclasses import replace

from sympy import Symbol, cos

from proofs_checks.certificates import certify_sign
from proofs_checks.proof import Outcome, accepted, positive_on_box

G = Symbol("g", real=True)


def test_a_certificate_is_an_enclosed_step():
    step = accepted("cos g > 0", certify_sign(cos(G), ">", {G: (0, "3/2")}))
    assert step.holds and step.enclosed


def test_a_tampered_certificate_is_a_gap():
    certificate = certify_sign(cos(G), ">", {G: (0, "3/2")})
    step = accepted("cos g > 0", replace(certificate, evidence={"tree": "0."}))
    assert step.outcome is Outcome.GAP and step.evidence.startswith("rejected")


def test_a_sign_on_a_box_holds_fails_or_is_left_open():
    assert positive_on_box("a", cos(G), ((G, 0, "3/2"),)).holds
    assert positive_on_box("a", cos(G), ((G, 0, 2),)).outcome is Outcome.FAILS
    assert positive_on_box("a", G**2, ((G, -1, "1/2"),)).outcome is Outcome.GAP
