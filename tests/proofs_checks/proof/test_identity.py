"""Identities: proved for symbolic sizes, refuted with the names of what is left."""

import numpy as np
import pytest
from sympy import ZeroMatrix

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_2.eq_2_3_2_4_attention import EQUATION_2_3, EQUATION_2_4
from proofs_checks.paper.section_2.eq_2_6_self_attention import EQUATION_2_6
from proofs_checks.paper.section_3.eq_3_1_empirical_measure import EQUATION_3_1
from proofs_checks.paper.section_3.eq_3_3_weight import EQUATION_3_3
from proofs_checks.paper.section_4.eq_4_1_cold_flow import EQUATION_4_1
from proofs_checks.proof import identities, vanishes
from proofs_checks.proof.identity import PROBES, Identity, at_tokens
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, USA
from theory.symbols import V, X, d, m, n


@pytest.mark.parametrize(
    "claim", [EQUATION_2_3, EQUATION_2_4, EQUATION_2_6, EQUATION_3_1, EQUATION_3_3, EQUATION_4_1]
)
def test_identities_are_proved_for_symbolic_sizes(claim, monkeypatch):
    seen = []
    own = Identity.residual

    def recorded(self, symmetric):
        found = own(self, symmetric)
        seen.append((self, found[0]))
        return found

    monkeypatch.setattr(Identity, "residual", recorded)
    evidence = claim.check(claim.model, claim.prediction, Budget(1, np.random.default_rng(0)))
    assert evidence.verdict is Verdict.PROVED
    assert evidence.scope["n"] == evidence.scope["d"] == "symbolic"
    assert seen
    for each, left in seen:
        assert left == 0
        assert each.left.shape[0] == n and each.left.shape[1] in (d, 1)
        assert X.shape == (n, d) and X in each.left.free_symbols


def test_a_wrong_identity_is_left_with_its_names():
    wrong = Identity("SA - USA", SA.velocity, USA.velocity)
    left, legend = wrong.residual(frozenset())
    assert left != 0
    assert "DiagMatrix(m)*X" in legend
    budget = Budget(3, np.random.default_rng(0))

    def verdict(identity: Identity) -> Verdict:
        stated = vanishes("", "", identities(lambda flow, said: (said,), "left"), lambda flow: None)
        return stated(SA, identity, budget).verdict

    assert verdict(wrong) is Verdict.REFUTED
    assert verdict(Identity("SA - SA", SA.velocity, SA.velocity)) is Verdict.PROVED
    assert verdict(Identity("V - V^T", X * V, X * V.T)) is Verdict.REFUTED


def test_what_is_0_at_probes_is_0_at_as_many_tokens():
    rows = PROBES.shape[0]
    field = Tangent(PROBES, RowSoftmax(ZeroMatrix(rows, n), m) * X)
    assert at_tokens(field) == Tangent(X, RowSoftmax(ZeroMatrix(n, n), m) * X)
