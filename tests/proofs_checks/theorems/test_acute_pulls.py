"""(4.2) of weights that are >= 0 at acute angles: watched in numpy, and what isn't concluded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Rational, S, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.own_model import check_model
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, least_product, replayed
from proofs_checks.theorems.acute_pulls import ACUTE, LEAST_PRODUCT, acute_pull
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.existence import LASTS, LIPSCHITZ
from proofs_checks.theorems.kernel import settle
from proofs_checks.theorems.pulls import G0, LEAST_PAIR, NEAR
from theory.atoms import Elementwise, Tangent
from theory.models import Model, catalogue
from theory.symbols import X, m, z


def moved_by(weight: Any) -> Model:
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    field = Elementwise(weight, X * X.T) * DiagMatrix(m) * X
    return Model(f"k = {weight}", Tangent(X, field), parameters=())


ACUTE_ONLY = (z, z**3, z * exp(z), z + z**2, 2 * z + z**5)


@pytest.mark.parametrize("weight", ACUTE_ONLY, ids=str)
def test_it_is_concluded_again_and_holds_along_steps(weight: Any) -> None:
    model = moved_by(weight)
    own = least_product(Subject.of(model))
    assert own is not None
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    assert ACUTE not in found.given and {NEAR, LEAST_PAIR} <= found.given
    rng, field = np.random.default_rng(0), compile_model(model)
    for size in (2, 3, 5):
        x = np.abs(random_points(size, 3, rng))
        x[0], x[1] = [1, 0, 0], [0, 1, 0]  # the least product is 0
        for _ in range(200):
            least = (x @ x.T).min()
            x = x + 0.02 * field(x)
            x /= np.linalg.norm(x, axis=1, keepdims=True)
            assert (x @ x.T).min() >= least - 1e-12


@pytest.mark.parametrize("weight", [-z, z - Rational(1, 2), z**3 - z, 1 - z, S(1) + 0 * z], ids=str)
def test_weights_that_are_negative_there_or_nowhere_have_none(weight: Any) -> None:
    assert least_product(Subject.of(moved_by(weight))) is None


def test_each_premise_is_asked_for() -> None:
    subject = Subject.of(catalogue("linear"))
    pull = acute_pull(subject)
    assert not isinstance(pull, Refusal)
    start, sign = assume(NEAR), settle(SIGNS, Rel("<=", 0, G0))
    smooth, lasts = assume(Is(LIPSCHITZ, subject)), assume(Is(LASTS, subject))
    facts = [*pull.nearest, pull.unit, start, sign, smooth, lasts]
    assert isinstance(apply(LEAST_PRODUCT, *facts), Refusal)  # these two are assumed of X besides
    own = least_product(subject)
    assert own is not None
    (step,) = {one for one in _steps(own.found) if one.by is LEAST_PRODUCT}
    assert isinstance(apply(LEAST_PRODUCT, *step.premises), Theorem)
    for place in range(len(step.premises)):
        for other in (step.premises[place - 1], sign):
            if other.says == step.premises[place].says:
                continue
            put = [*step.premises[:place], other, *step.premises[place + 1 :]]
            assert isinstance(apply(LEAST_PRODUCT, *put), Refusal), place


def _steps(theorem: Theorem) -> set[Theorem]:
    return {theorem}.union(*map(_steps, theorem.premises))


@pytest.mark.parametrize(
    ("given", "word"), [({}, "PROVED"), ({"beta": 2.0}, "PROVED"), ({"beta": -1.0}, "REFUTED")]
)
def test_the_row_of_linear_attention(given: dict[str, float], word: str) -> None:
    evidence = check_model(catalogue("linear"), only="(4.2)", **given)["(4.2)"]
    assert evidence.word == word
    assert given or evidence.scope["beta"] == "symbolic, >= 0"
