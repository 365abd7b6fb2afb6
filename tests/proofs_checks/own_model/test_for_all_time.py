"""When solutions from a hemisphere are known to live for all t, and when they aren't."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import exp

from proofs_checks.own_model.for_all_time import lasting, lasts
from proofs_checks.proof import Flow
from proofs_checks.theorems import HIGH
from proofs_checks.theorems.hemisphere import WARM
from proofs_checks.theorems.places import least_size
from theory.atoms import Tangent
from theory.masks import Mask
from theory.models import Model, catalogue
from theory.symbols import X, r, t


def moved(name: str, factor: Any, other: Any = None) -> Flow:
    """A model whose tokens move by a factor, and its lengths by it or another one."""
    model = catalogue(name)
    assert isinstance(model, Model)
    moves = {X: Tangent(X, factor * model.velocities[X].field)}
    if r in model.velocities:
        moves[r] = (factor if other is None else other) * model.velocities[r]
    return Flow.of(replace(model, velocity=moves))


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "causal + pre-LN", "nGPT"])
def test_hemispheres_where_solutions_live(name: str) -> None:
    flow = Flow.of(catalogue(name))
    assert not lasts(flow)
    assert lasting(flow, [HIGH, least_size(Mask.causal())]).endswith("so for all t")
    assert lasting(flow, []) == ""  # opposite tokens pull lengths down to 0


def test_what_is_needed_is_among_what_is_given() -> None:
    masked, sigmoid = (Flow.of(catalogue(f"{one} + pre-LN")) for one in ("bipartite", "sigmoid"))
    assert lasting(masked, [HIGH]) == ""  # of two tokens nobody sees anybody
    assert lasting(masked, [HIGH, least_size(Mask.bipartite(2))])
    assert lasting(sigmoid, [HIGH]) == "" != lasting(sigmoid, [HIGH, WARM])


@pytest.mark.every(2)
@pytest.mark.parametrize(
    "flow",
    [
        moved("pre-LN", -1),
        moved("nGPT", -1),
        moved("pre-LN", 1, -1),
        moved("pre-LN", 1 / (1 - t)),
        Flow.of(catalogue("linear")),
        Flow.of(catalogue("encoder-decoder")),
    ],
    ids=["lengths fall", "tokens part", "lengths alone fall", "speed ends", "linear", "species"],
)
def test_what_may_end(flow: Flow) -> None:
    assert lasting(flow, [HIGH, WARM]) == ""


def test_a_pace_that_slows_down() -> None:
    """At the pace e^(-t) lengths grow by 1 - e^(-t) at most, and stay away from 0."""
    said = lasting(moved("pre-LN", exp(-t)), [HIGH])
    assert said.startswith("h (r_0 + 1 - e^(-t)) <= r_i") or "e^(-t)" in said
