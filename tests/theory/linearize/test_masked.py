"""Spectra at consensus under masks, against Jacobians by finite differences and by hand."""

import numpy as np
import pytest
from sympy import Matrix, MatrixSymbol, Rational, S

from numerics import compile_model
from theory.atoms import RowSoftmax, Tangent
from theory.linearize import PLACE, causal_rates, configuration, masked_consensus, token_weights
from theory.masks import Mask
from theory.models import CAUSAL, SA, Model
from theory.symbols import K, Q, V, X, beta, d, m, n

W = MatrixSymbol("W", n, n)
RING = Matrix([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]])
PARTED = Matrix([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])


def masked(mask, scores=beta * X * X.T, parameters=(beta,), factor=1):
    """Attention with a mask and value matrix I."""
    field = RowSoftmax(scores, m, mask=mask) * X
    return Model("masked", Tangent(X, factor * field), parameters=parameters)


def jacobian(model, point, count, step=1e-6, **values):
    """Derivative of the velocity at consensus along the tangent axes, by central differences."""
    field = compile_model(model, **values)
    base = np.tile(point, (count, 1))
    axes = np.linalg.svd(np.eye(len(point)) - np.outer(point, point))[0][:, : len(point) - 1].T
    columns = []
    for i in range(count):
        for axis in axes:
            sides = []
            for sign in (1, -1):
                moved = base.copy()
                moved[i] += sign * step * axis
                moved[i] /= np.linalg.norm(moved[i])
                sides.append(field(moved))
            columns.append(((sides[0] - sides[1]) / (2 * step) @ axes.T).ravel())
    return np.array(columns).T


@pytest.mark.every(4)
@pytest.mark.parametrize(
    ("mask", "tokens"),
    [
        (Mask.causal(), 4),
        (Mask.strictly_causal(), 4),
        (Mask.band(1), 5),
        (Mask.bipartite(2), 5),
        (Mask.graph(W), RING),
        (Mask.graph(W), PARTED),
    ],
    ids=str,
)
def test_the_spectrum_is_that_of_the_jacobian_for_any_scores(mask, tokens):
    graph = hasattr(tokens, "rows")
    count = tokens.rows if graph else tokens
    rng = np.random.default_rng(5)
    values = {"beta": -1.7, "Q": rng.normal(size=(2, 3)), "K": rng.normal(size=(2, 3))}
    parameters = (beta, Q, K)
    if graph:
        values["W"], parameters = np.array(tokens, dtype=float), (*parameters, W)
    model = masked(mask, beta * X * Q.T * K * X.T, parameters)
    point = rng.normal(size=3)
    measured = np.linalg.eigvals(jacobian(model, point / np.linalg.norm(point), count, **values))
    found = masked_consensus(model, tokens, dimension=3)
    pairs = found.at({}).eigenvalues
    expected = [complex(value) for value, copies in pairs for _ in range(int(copies))]
    assert len(expected) == 2 * count
    # a defective eigenvalue of multiplicity k moves like the k-th root of the differences' error
    first, second = (np.sort_complex(np.round(v, 2)) for v in (measured, np.array(expected)))
    assert np.allclose(first, second, atol=0.03)


def test_known_spectra():
    assert masked_consensus(CAUSAL, 4).eigenvalues == (
        (0, d - 1),
        (-Rational(1, 2), d - 1),
        (-Rational(2, 3), d - 1),
        (-Rational(3, 4), d - 1),
    )
    strict = masked_consensus(masked(Mask.strictly_causal()), 4)
    assert [v for v, _ in strict.eigenvalues] == [0, -1]
    assert [copies.subs(d, 3) for _, copies in strict.eigenvalues] == [2, 6]
    pair = masked_consensus(masked(Mask.bipartite(2)), 5)
    copies = {value: count.subs(d, 2) for value, count in pair.eigenvalues}
    assert copies == {S.Zero: 1, S(-2): 1, S(-1): 3}
    assert pair.stable.name == "STABLE"
    ring = masked_consensus(masked(Mask.graph(W), parameters=(beta, W)), RING)
    assert (0, d - 1) in ring.eigenvalues
    assert ring.stable.name in ("STABLE", "UNDECIDED")
    parted = masked_consensus(masked(Mask.graph(W), parameters=(beta, W)), PARTED)
    assert dict(parted.eigenvalues)[S.Zero].subs(d, 2) == 2  # two clusters need not agree
    assert parted.stable.name != "STABLE"


def test_causal_rates_are_those_of_every_number_of_tokens():
    rate = causal_rates(CAUSAL)
    for count in (2, 5, 9):
        values = [v for v, _ in masked_consensus(CAUSAL, count).eigenvalues]
        assert values == [rate.subs(PLACE, k) for k in range(1, count + 1)]
    assert causal_rates(masked(Mask.causal(), factor=3)).subs(PLACE, 4) == Rational(-9, 4)


def test_two_causal_tokens_as_in_the_general_route():
    direct = configuration(CAUSAL, [[1, 0], [1, 0]])
    assert set(direct.eigenvalues) == set(masked_consensus(CAUSAL, 2, dimension=2).eigenvalues)


def test_masses_weigh_the_rows():
    found = masked_consensus(CAUSAL, 3, masses=[1, 2, 5]).eigenvalues
    assert [v for v, _ in found] == [0, -Rational(1, 3), -Rational(3, 8)]


@pytest.mark.full
def test_the_slowest_rate_of_a_band_is_that_of_a_wave():
    for count, width in ((40, 1), (60, 3)):
        model = masked(Mask.band(width))
        found = masked_consensus(model, count, dimension=2).at({}).eigenvalues
        rates = sorted(abs(complex(v)) for v, _ in found)
        wave = np.pi**2 * width * (width + 1) / (6 * count**2)
        assert rates[0] < 1e-12
        assert abs(rates[1] / wave - 1) < 2 * width / count


def test_other_models_are_refused():
    assert list(token_weights(SA)) == [X]
    turned = Model(
        "V",
        Tangent(X, RowSoftmax(beta * X * X.T, m, Mask.causal()) * X * V.T),
        parameters=(beta, V),
    )
    with pytest.raises(ValueError, match="value matrix c I"):
        masked_consensus(turned, 3)
    with pytest.raises(ValueError, match="Expected a causal mask"):
        causal_rates(masked(Mask.band(1)))
    with pytest.raises(ValueError, match="matrix of who sees whom"):
        masked_consensus(masked(Mask.graph(W), parameters=(beta, W)), 3)
