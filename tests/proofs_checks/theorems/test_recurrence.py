"""No measure with a density stays where an energy climbs: sheets, and twins that are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Matrix

from proofs_checks.propositions import Subject
from proofs_checks.theorems import as_sheet, no_density
from theory.atoms import MaskedSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import NGPT, PRE_LN, SA, catalogue
from theory.symbols import X, beta, m, n


@pytest.mark.parametrize(
    "name", ["pre-LN", "nGPT", pytest.param("window + nGPT", marks=pytest.mark.slow), "bipartite"]
)
def test_what_is_concluded_is_claimed(name):
    own = no_density(Subject.of(catalogue(name)))
    sheet = as_sheet(own.says, own.found, own.names)
    assert sheet.holds and sheet.words["given"].startswith("2 <= n")
    assert sheet.summary == f"no finite measure with a density on the states of {name} is invariant"


def graph(*rows):
    table = Matrix([list(map(int, row)) for row in rows])
    mask = Mask(GRAPH, Mask.graph(table).parameter, n)
    return replace(
        SA, name="graph", velocity=Tangent(X, MaskedSoftmax(beta * X * X.T, m, mask) * X)
    )


def test_a_connected_graph_has_it_and_two_classes_have_not():
    assert no_density(Subject.of(graph("110", "111", "011"))) is not None
    # Each class of one token: nobody moves, and every measure is invariant.
    assert no_density(Subject.of(graph("100", "010", "001"))) is None
    assert no_density(Subject.of(graph("110", "110", "001"))) is None


@pytest.mark.parametrize("name", ["causal", "RoPE", "repulsive", "moving masses", "linear"])
def test_nothing_is_concluded_without_a_climb_of_the_tokens_alone(name):
    assert no_density(Subject.of(catalogue(name))) is None


def test_speeds_of_the_other_sign_are_refused():
    own = {**PRE_LN.velocities, X: -1 * PRE_LN.velocities[X]}
    assert no_density(Subject.of(replace(PRE_LN, name="twin", velocity=own))) is None
    assert no_density(Subject.of(replace(NGPT, name="twin", velocity=-1 * NGPT.velocity))) is None
