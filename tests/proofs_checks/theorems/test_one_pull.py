"""T7f: at β = 0 tokens with lengths keep their differences, by numpy, and twins are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, S, exp

from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import Found, Refusal, Theorem, replayed
from proofs_checks.theorems.energy import attached
from proofs_checks.theorems.one_pull import one_pull
from proofs_checks.theorems.states import States
from theory.atoms import Tangent
from theory.models import PRE_LN, catalogue
from theory.symbols import X, beta, r, t


def asked(model: Any) -> Found:
    own = attached(Subject.of(model, {beta: S.Zero}))
    return own if isinstance(own, Refusal) else one_pull(own, States(own).cold())


@pytest.mark.parametrize("kind", ["pre-LN", "peri-LN"])
def test_differences_stay_and_tokens_meet(kind: str) -> None:
    """In steps of v, of any masses and lengths, on the circle too."""
    rng = np.random.default_rng(8)
    for dim in (2, 3):
        masses, v = 10 ** rng.uniform(-2, 0, 6), rng.normal(size=(6, dim))
        v *= 10 ** rng.uniform(-1, 1, (6, 1))
        start, least = v - v[0], 0.0
        for _ in range(4000):
            x = v / np.linalg.norm(v, axis=1, keepdims=True)
            centre = masses @ x
            size = np.linalg.norm(centre)
            assert size >= least - 1e-3 * masses.sum()
            least = size
            v = v + 0.2 * centre / (masses.sum() if kind == "pre-LN" else size)
        x = v / np.linalg.norm(v, axis=1, keepdims=True)
        assert np.allclose(v - v[0], start)
        assert (x @ x.T).min() > 0.99


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("peri-LN", "there is z: for every j: x_j -> z as t -> ∞"),
        ("mix-LN", "there is z: for every j: x_j -> z as t -> ∞"),
        ("LNS", "there is z: for every j: x_j -> z as t -> ∞"),
        ("nGPT", "from almost every start all tokens of nGPT at beta = 0 tend to one point"),
    ],
)
def test_what_is_concluded(name: str, said: str) -> None:
    found = asked(catalogue(name))
    assert isinstance(found, Theorem) and written(found.says) == said
    assert isinstance(replayed(found), Theorem)
    given = "; ".join(map(written, found.given))
    assert ("<Σ_j m_j x_j,Σ_j m_j x_j>(0)" in given) == (name != "nGPT")
    assert ("solves" in given) == (name != "nGPT")


def _with(tokens: Any = None, lengths: Any = None) -> Any:
    rates = PRE_LN.velocities
    own = {X: tokens or rates[X], r: lengths or rates[r]}
    return replace(PRE_LN, name="twin of pre-LN", velocity=own)


def test_twins() -> None:
    """A clock that converges, lengths that shrink or are divided by twice, who doesn't see all."""
    rates = PRE_LN.velocities
    field, rate = rates[X].field, rates[r]
    assert isinstance(asked(_with()), Theorem)
    wrong = [
        _with(Tangent(X, exp(-t) * field), exp(-t) * rate),
        _with(Tangent(X, -field), -rate),
        _with(Tangent(X, field), -rate),
        _with(Tangent(X, 2 * field), rate),
        _with(Tangent(X, DiagMatrix(r) * field), rate),
        _with(Tangent(X, exp(-t) * field), rate),
        catalogue("causal + pre-LN"),
        catalogue("window + nGPT"),
        catalogue("ALiBi + pre-LN"),
        catalogue("bipartite"),
    ]
    assert [isinstance(asked(model), Refusal) for model in wrong] == [True] * len(wrong)
