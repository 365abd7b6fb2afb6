"""A graph that is left open, as a sentence gives it: some token is reached from all (T3).

And its converse: without such a token two sets of tokens see nobody else (T4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import simplify, symbols

from proofs_checks.own_model.by_graph import softmax_of_graph
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import (
    LEAST,
    LIMIT_POINT,
    PATHS,
    SYMBOLIC,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    derived,
)
from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.engines import inner, project, residual, vectors


def _quotients() -> Step:
    """Reduce the rate of <x,u>/s, for every u, of one pull."""
    g, s, r, a, b = symbols("g s r a b")  # <x,z>, <x,w>, <z,w>, <x,u>, <z,u>
    rate = (b - g * a) / s - a * (r - g * s) / s**2
    left = simplify(rate - (r / s) * (b / r - a / s))
    return derived("y_i' = Σ_j c_ij (y_j - y_i), y = x/s, c_ij = p_ij s_j/s_i", left)


def decide_rooted(flow: Flow, graph: str) -> Sheet:
    """Follow averages along the graph, as it is given."""
    x, z, w = vectors("x z w", unit="x")
    left = residual(inner(project(x, z), w) - (inner(z, w) - inner(x, z) * inner(x, w)))
    text = f"given: by {graph} every token sees one, and some token is reached from all"
    given = Step(text, How.DERIVED, evidence="the hypothesis of the sentence")
    text = "A_ij >= κ m_j, κ > 0, where i sees j, else 0; Σ_j A_ij = 1"
    form = Step(text, How.DERIVED, evidence="a softmax over the tokens seen, on a compact space")
    rate = derived("s_i' = Σ_j A_ij (s_j - g_ij s_i), s = <x,w>", left, "P_i z = z - <x_i,z> x_i")
    heights = apply(LEAST, "h = min s_i > 0 never falls", form, rate)
    text = "a_ij >= h κ min m where i sees j, Σ_j a_ij <= 1/h: D(t+1) <= (1-η) D(t)"
    shrinks = apply(PATHS, text, _quotients(), form, heights, given, leader=True)
    meets = apply(LIMIT_POINT, "x_i -> x*, |x_i - x*| <= D", shrinks)
    text = (
        "without such a token two sets see nobody else: starts of disjoint cones, an open set of "
        "those in a hemisphere, don't meet, as cones never grow"
    )
    apart = Step(
        text, How.DERIVED, evidence="a finite graph has closed classes; one is reached by all"
    )
    steps = (given, form, rate, heights, shrinks, meets, apart)
    return Sheet(
        steps, {**SYMBOLIC, graph: "given: some token is reached from all"}, (), meets.text
    )


def say_rooted(flow: Flow, graph: str) -> str:
    """Say the hypothesis, and its converse."""
    given = f"where by {graph} every token sees one and some token is reached from all"
    said = "consensus from an open hemisphere, exponentially"
    return f"{given}: {said}; else an open set of starts there doesn't meet"


def all_seen(flow: Flow) -> tuple[str, Flow] | str:
    """Return the softmax over all tokens: by other graphs the least weight is 0.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> all_seen(Flow.of(catalogue("graph")))[0]
    'κ > 0 only where by W all see all, and there'
    """
    graph = softmax_of_graph(flow)
    if graph is None:
        return "no graph that is left open, of one softmax"

    def plain(rate: Any) -> Any:
        return rate.replace(MaskedSoftmax, lambda scores, masses, *_: RowSoftmax(scores, masses))

    model = replace(flow.model, velocity=plain(flow.model.velocity))
    kept = tuple(p for p in model.parameters if str(p) != graph)
    alone = replace(model, parameters=kept)
    return f"κ > 0 only where by {graph} all see all, and there", Flow.of(alone, **flow.given)


OF_GIVEN_GRAPHS: Mapping[str, Statement[str] | OfAnother] = {
    "hemisphere under a mask": Statement(
        "hemisphere under a mask", "", decide_rooted, softmax_of_graph, says=say_rooted
    ),
    **{row: OfAnother(row, all_seen) for row in ("(6.7)", "(6.8)")},
}
"""Rows of a graph that is left open, under what they say of it."""


__all__ = ["OF_GIVEN_GRAPHS"]
