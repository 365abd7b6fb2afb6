"""Angles on the circle, against velocities in numbers; Sinkhorn's; premises that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import S, cos, sin

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.audit import audit, in_angles, solution_of, told
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    angles_move,
    apply,
    assume,
    pairs_convolve,
    potentials_convolve,
    read,
    settle,
    solving,
    steps_of,
)
from proofs_checks.theorems.angles import ANGLED, ANGLES, COSINES, WEIGHED_SUM, angle
from proofs_checks.theorems.gradients import SHARES
from proofs_checks.theorems.readers import LIVE_MOTION, MOTION, OTHER, TOKEN, pulled, weights_of
from theory.atoms import Tangent
from theory.models import QKV, SA, SINKHORN, USA, Model, catalogue
from theory.symbols import X, beta
from theory.terms import Projected, Row, ddt, total, weight

ROW = "(7.1) continuity"
SHARE = weights_of(Subject.of(SA))
TURN = sin(angle(Row(X, OTHER)) - angle(Row(X, TOKEN)))


def potential(kernel: np.ndarray, masses: np.ndarray) -> np.ndarray:
    """e^p, of which e^p_i Σ_j K_ij e^p_j m_j = 1, by Sinkhorn's iteration."""
    scale = np.ones(len(masses))
    for _ in range(2000):
        scale = np.sqrt(scale / (kernel @ (scale * masses)))
    return scale


def test_it_is_a_quotient_of_convolutions_with_the_weighted_measure() -> None:
    angles, masses = np.array([0.1, 1.3, 2.9, 4.4]), np.array([0.4, 0.3, 0.2, 0.1])
    gap = angles[:, None] - angles[None, :]
    kernel = np.exp(1.3 * np.cos(gap))
    weighted = masses * potential(kernel, masses)
    assert potential(kernel, masses) * (kernel @ weighted) == pytest.approx(1)
    expected = -(kernel * np.sin(gap)) @ weighted / (kernel @ weighted)
    field = compile_model(SINKHORN, beta=1.3, masses=masses)
    points = np.array([np.cos(angles), np.sin(angles)]).T
    along = np.array([-np.sin(angles), np.cos(angles)]).T
    assert (field(points) * along).sum(axis=1) == pytest.approx(expected, abs=1e-9)
    plain = -(kernel * np.sin(gap)) @ masses / (kernel @ masses)
    assert abs(plain - expected).max() > 1e-3  # of ν itself it isn't


def test_rows() -> None:
    evidence = check_model(SINKHORN, only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and "e^(p_j)" in evidence.sentence
    assert evidence.sheet is not None and evidence.sheet.typed
    causal, free = catalogue("causal"), catalogue("no projection")
    assert isinstance(causal, Model) and isinstance(free, Model)
    for model in (SA, causal):
        assert potentials_convolve(Subject.of(model)) is None
    for model in (QKV, causal, free):
        assert pairs_convolve(Subject.of(model)) is None


NAMES = ("SA", "nGPT", "sink", "mix-LN", "LNS with scores", "long context", "linear", "Sinkhorn")


@pytest.mark.every(3)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("conclude", [angles_move, pairs_convolve])
def test_what_is_claimed_is_so_in_numbers(name: str, conclude: Any) -> None:
    model: Any = catalogue(name)
    own = conclude(Subject.of(model))
    if own is None:
        assert (name, conclude) == ("Sinkhorn", pairs_convolve)
        return
    for seed in range(2):
        on = in_angles(solution_of(model, seed, dimension=2))
        seen = audit(steps_of(own.found), on)
        assert seen.doubts == () and seen.held >= 2
        says = own.says.then if isinstance(own.says.then, Rel) else own.says.then.args[0]
        other = says.replace(sin, cos)
        assert told(says, on, on.times[1], {TOKEN: 1}) is True
        assert told(other, on, on.times[1], {TOKEN: 1}) is False


def test_a_pull_that_is_turned_turns_the_sum() -> None:
    """Opposite pulls are said with their sign."""
    pushed = Model("pushed", Tangent(X, -USA.velocity.field), parameters=(beta,))
    for conclude in (angles_move, pairs_convolve):
        ours, theirs = conclude(Subject.of(USA)), conclude(Subject.of(pushed))
        assert ours is not None and theirs is not None
        assert ours.says.then != theirs.says.then
    said = angles_move(Subject.of(pushed))
    assert said is not None
    assert said.says.then.right == total(-TURN * weights_of(Subject.of(USA)), OTHER)


@pytest.mark.parametrize(
    "says",
    [
        Rel("<=", 0, beta),
        Rel("=", ddt(Row(X, TOKEN)), total(Row(X, OTHER) * SHARE, OTHER)),  # not across x_i
        Rel("=", Row(X, TOKEN), Projected(Row(X, TOKEN), total(Row(X, OTHER) * SHARE, OTHER))),
        Rel("=", ddt(Row(X, OTHER)), pulled(SHARE).right),  # of another token
        pulled(SHARE),  # of no model
    ],
)
def test_what_is_no_pull_has_no_angles(says: Any) -> None:
    assert isinstance(apply(ANGLED, assume(says)), Refusal)


def test_the_hypothesis_on_angles_stays() -> None:
    subject = Subject.of(SA)
    found = apply(ANGLED, read(MOTION, subject))
    assert isinstance(found, Theorem)
    assert found.given == {solving(subject), Is(ANGLES, subject)}
    free: Any = catalogue("no projection")
    assert isinstance(read(COSINES, Subject.of(free)), Refusal)


def test_a_sum_is_multiplied_by_what_it_is_defined_by() -> None:
    angled = apply(ANGLED, read(LIVE_MOTION, Subject.of(SA)))
    kernel, pace = weight(SHARE).as_numer_denom()
    share = settle(SHARES, Rel("=", pace * SHARE, kernel))
    own = {"pace": pace, "weight": SHARE, "factor": TURN}
    assert isinstance(share, Theorem)
    assert isinstance(apply(WEIGHED_SUM, angled, share, **own), Theorem)
    known = assume(Rel("=", 2 * pace * SHARE, kernel))
    for bad in (
        apply(WEIGHED_SUM, angled, known, **own),  # of one token j alone, and twice it
        apply(WEIGHED_SUM, angled, share, **(own | {"factor": S.One})),
        apply(WEIGHED_SUM, angled, share, **(own | {"pace": pace / beta})),
        apply(WEIGHED_SUM, share, angled, **own),
    ):
        assert isinstance(bad, Refusal)
