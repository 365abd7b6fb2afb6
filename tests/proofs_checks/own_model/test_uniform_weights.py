"""Models that are SA at β = 0, by numbers, and twins that aren't."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, OneMatrix

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.discovery import questions
from proofs_checks.own_model.by_theorem import asked
from proofs_checks.own_model.uniform_weights import cold_pace
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.masks import Mask
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, n, t, z


def _model(name: str) -> Model:
    model = catalogue(name)
    assert isinstance(model, Model)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Sinkhorn", "positive features"])
def test_they_are_sa_at_zero_beta(name: str) -> None:
    """Of unequal masses, by the compiled fields."""
    points = random_points(4, 3, np.random.default_rng(0))
    weights = np.array([0.1, 0.2, 0.3, 0.4])
    fields = [compile_model(model, beta=0.0) for model in (_model(name), SA)]
    own, other = (replace(f, masses=weights).unchecked(points) for f in fields)
    assert np.allclose(own, other, atol=1e-9)
    for row in ("(4.1)", "Theorem 4.1", "Theorem 4.1 rates"):
        assert asked(questions()[row], Flow.of(_model(name))).verdict is Verdict.PROVED, row


@pytest.mark.parametrize("name", ["sink", "causal", "ALiBi", "USA", "CoD", "pre-LN", "nGPT"])
def test_others_are_not_taken_for_it(name: str) -> None:
    assert not cold_pace(Flow.of(_model(name)))


@pytest.mark.slow
def test_twins() -> None:
    """Coordinates that weigh, one side alone, masses left out, 1 + βz of another number."""
    one = Elementwise(1 + beta * z, X)
    bent = Elementwise(z + beta, X)
    for field in (
        DiagMatrix(bent * bent.T * m) ** -1 * bent * bent.T * DiagMatrix(m) * X,
        DiagMatrix(one * one.T * OneMatrix(n, 1)) ** -1 * one * one.T * DiagMatrix(m) * X,
        one * one.T * DiagMatrix(m) * X,
        RowSoftmax((1 + beta) * X * X.T, m) * X,
        RowSoftmax(beta * X * X.T, m, mask=Mask.causal(n)) * X,
        t * RowSoftmax(beta * X * X.T, m) * X,
    ):
        twin = Model("twin", Tangent(X, field), parameters=(beta,))
        assert not cold_pace(Flow.of(twin)), field
    same = DiagMatrix(one * one.T * m) ** -1 * one * one.T * DiagMatrix(m) * X
    assert cold_pace(Flow.of(Model("1 + βz", Tangent(X, same), parameters=(beta,))))
    twice = Model("twice", Tangent(X, 2 * RowSoftmax(beta * X * X.T, m) * X), parameters=(beta,))
    assert cold_pace(Flow.of(twice)) == 2
    back = replace(twice, name="back", velocity=Tangent(X, -twice.velocity.field))
    assert cold_pace(Flow.of(back)) == -2
    rows = check_model(back, only=["Theorem 4.1", "Theorem 4.1 rates"])
    words = [row.evidence.verdict for row in rows.rows]
    assert words == [Verdict.REFUTED, Verdict.PROVED]  # the rates are said of any k
