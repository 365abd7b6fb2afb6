"""Starts placed by a model's matrices turn along with them, and end where tokens never meet."""

import numpy as np
import pytest
from sympy import MatrixSymbol

from proofs_checks.claim import Verdict
from proofs_checks.own_model.check import check_model, subject_of
from proofs_checks.own_model.consensus import hemispheres
from proofs_checks.own_model.frames import axes_of, nearly_opposite
from theory import QKV, catalogue
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, Model
from theory.symbols import X, d, m

QUARTER = np.array([[0.0, -1.0], [1.0, 0.0]])
TURN = np.array([[0.6, -0.8], [0.8, 0.6]])


def of(model, values):
    return subject_of(model, 0, None, "wasserstein", None, values)


def turned(model, values, turn):
    """Values in coordinates that are turned: each side of length d."""
    found = {}
    for symbol in model.parameters:
        if (name := str(symbol)) in values:
            left, right = (
                turn if s == d else np.eye(side)
                for s, side in zip(symbol.shape, np.shape(values[name]), strict=True)
            )
            found[name] = left @ np.array(values[name]) @ right.T
    return found


def drawn(model):
    rng = np.random.default_rng(0)
    matrices = [p for p in model.parameters if getattr(p, "shape", ()) != ()]
    shapes = {p: tuple(int(s) if s.is_Integer else 2 for s in p.shape) for p in matrices}
    return {str(p): rng.integers(-3, 4, size=shape) / 2 for p, shape in shapes.items()}


def value_alone():
    """No side but those of V turns: the field is odd, and one sign of the axes is free."""
    own = MatrixSymbol("V", d, d)
    return Model("V alone", Tangent(X, RowSoftmax(X * X.T, m) * X * own.T), parameters=(own,))


MODELS = {
    "QKV": QKV,
    "V alone": value_alone(),
    **{name: catalogue(name) for name in ("multi-query", "low-rank heads", "MLP block")},
}


@pytest.mark.parametrize("turn", [QUARTER, TURN], ids=["quarter", "3-4-5"])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_starts_turn_along_with_the_matrices(model, turn):
    values = drawn(model)
    here, there = of(model, values), of(model, turned(model, values, turn))
    for starts in (nearly_opposite, lambda subject, size: hemispheres(subject, size, (2, 3, 5))):
        both = zip(starts(here, 2), starts(there, 2), strict=True)
        cases = [(a.points @ turn.T, b.points) for a, b in both]
        sign = 1 if model.name != "V alone" or np.allclose(*cases[0]) else -1
        assert cases and all(np.allclose(a, sign * b, atol=1e-9) for a, b in cases)


def test_nearly_opposite_pairs_are_in_an_open_hemisphere():
    subject = of(MODELS["multi-query"], drawn(MODELS["multi-query"]))
    pairs = [case.points for case in nearly_opposite(subject, 2)]
    assert len(pairs) >= 8
    for one, other in pairs:
        assert -1 < one @ other < -0.99
        assert min((one + other) @ one, (one + other) @ other) > 0


def test_a_model_without_matrices_has_no_axes():
    assert axes_of(of(SA, {}), 2) is None
    assert not list(nearly_opposite(of(SA, {}), 2))


@pytest.mark.every(2, kept="slow", rest="full")  # runs of three seconds
@pytest.mark.parametrize("turn", [np.eye(2), TURN], ids=["own", "3-4-5"])
def test_heads_at_which_opposite_tokens_attract(turn):
    """No support, however the matrices are written: a pair ends at <x_i,x_j> = -1."""
    model = MODELS["multi-query"]
    values = turned(model, drawn(model), turn)
    found = check_model(model, only=["Lemma 6.4"], **values)["Lemma 6.4"]
    assert found.verdict is Verdict.UNDECIDED and "<x_i,x_j> = -1" in found.detail
