"""A graph that is left open, as a sentence gives it: some token is reached from all (T3).

And its converse: without such a token two sets of tokens see nobody else (T4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from proofs_checks.own_model.by_graph import softmax_of_graph
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.proof import Flow, Statement
from proofs_checks.propositions import All, Implies, Subject, written
from proofs_checks.theorems import open_graph
from theory.atoms import MaskedSoftmax, RowSoftmax

_ROW = "hemisphere under a mask"


def of_open_graph(flow: Flow) -> Shown | None:
    """T3 where some token is reached from all, and T4 where none is."""
    graph = softmax_of_graph(flow)
    own = None if graph is None else open_graph(Subject.of(flow.model, flow.values))
    if graph is None or own is None:
        return None
    assert isinstance(own.says.then, All) and isinstance(own.says.then.args[0], Implies)
    bound = written(own.says.then.args[0].args[1].args[0], "text", own.names)
    given = f"where by {graph} every token sees one and some token is reached from all"
    said = f"from an open hemisphere, h <= <x_i(0),w>: consensus, {bound}"
    text = f"{given}: {said}; else an open set of starts there doesn't meet"
    return Shown(text, own, words={graph: "given: some token is reached from all"})


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


OF_GIVEN_GRAPHS: Mapping[str, Statement[Shown] | OfAnother] = {
    _ROW: stated(_ROW, of_open_graph),
    **{row: OfAnother(row, all_seen) for row in ("(6.7)", "(6.8)")},
}
"""Rows of a graph that is left open, under what they say of it."""


__all__ = ["OF_GIVEN_GRAPHS"]
