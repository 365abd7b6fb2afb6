"""Two tokens that never meet refute clustering, and do so in a simulation."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.eq_6_8_late_decay import ERRATUM_6_8
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.paper.section_6.theorem_6_3_eq_6_1_many_dimensions import THEOREM_6_3
from proofs_checks.paper.section_6.theorem_6_7_wendel import THEOREM_6_7
from theory.energy import interaction_energy
from theory.models import REPULSIVE, gradient_flow
from theory.symbols import z

SQUARE = gradient_flow(interaction_energy(z**2), "square")
CUBE = gradient_flow(interaction_energy(z**3), "cube")


@pytest.mark.every(5)
@pytest.mark.parametrize("model", [REPULSIVE, SQUARE, CUBE], ids=lambda model: model.name)
@pytest.mark.parametrize(
    "claim", [THEOREM_6_3, LEMMA_6_4, THEOREM_6_7, ERRATUM_6_8], ids=lambda claim: claim.label
)
def test_two_tokens_that_never_meet_refute_clustering(claim, model, found):
    evidence = found(replace(claim, model=model))
    assert evidence.verdict is Verdict.REFUTED, evidence.detail
    form = (
        r"two points with <x1,x2> = (\S+) (?:move apart|are stationary) inside an open hemisphere"
    )
    if claim is ERRATUM_6_8:
        form = r"two tokens of mass 1/2 in an open hemisphere.*<x_1,x_2> = (\S+)"
    said = re.search(form, evidence.detail)
    assert said, evidence.detail
    # The witness by simulation: from below the point they don't come closer than it.
    place = float(Rational(said[1]))
    angle = np.arccos(place - 0.1)
    points = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
    field = compile_model(model, **{str(p): 1.0 for p in model.parameters})
    last = integrate(field, points, 20.0).points[-1]
    assert last[0] @ last[1] <= place + 1e-9
