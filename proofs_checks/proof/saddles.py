"""From strict saddles to one cluster: how Theorems 4.1, 4.3, 5.1 and 6.1 end.

Trees of short arcs lie in a hemisphere, where Lemma 6.4 leaves consensus alone. A climbing flow
converges; Remark B.1 reads its saddles in its metric; by the proof of Lemma A.1 they attract a null
set; a schedule changes the time alone.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, pi

from proofs_checks.proof.chance_rules import CAUGHT, COUNTABLE_COVER, NULL_SETS
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import CLIMBS
from proofs_checks.proof.lemmas import (
    CENTRE_STABLE_DISC,
    CLOSED_CURVE,
    HEMISPHERE,
    LOJASIEWICZ,
    OTHER_METRIC,
)
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import SPANNING_TREE, SUM, TIME_CHANGE
from proofs_checks.proof.sheet import How, Step, cited, gap
from proofs_checks.proof.verdict import Statement, by_statement
from theory.symbols import n


def null_starts(text: str, *needs: Step, codimension: Any = 1) -> tuple[Step, ...]:
    """Conclude that few starts converge to equilibria with positive rates: Lemma A.1's proof.

    Parameters
    ----------
    text : str
        The conclusion.
    *needs : Step
        That the flow is smooth, and that rates are positive.
    codimension : Expr
        How many rates are.
    """
    disc = cited(CENTRE_STABLE_DISC, *needs)
    words = "of these equilibria y, countably many have neighbourhoods B_y that cover all"
    cover = apply(COUNTABLE_COVER, words, disc)
    words = "starts that converge to one of them lie in the Φ_q^{-1}(W_y), q = 0, 1, …, W_y a disc"
    caught = apply(CAUGHT, words, disc, cover)
    return disc, cover, caught, apply(NULL_SETS, text, caught, codimension=codimension)


def almost_every_start(flow: Flow, saddles: Step, inertia: Statement[Any]) -> tuple[Step, ...]:
    """Conclude the limit from "every other equilibrium is a strict saddle of the energy".

    Parameters
    ----------
    flow : Flow
    saddles : Step
        That step.
    inertia : Statement
        Remark B.1: the Hessian has the same signs in the flow's metric.
    """
    climbs, smooth = CLIMBS.test(flow), flow.analytic
    metric = by_statement(inertia, flow, text=OTHER_METRIC)
    text = "almost every start converges to consensus"
    steps = [smooth, cited(LOJASIEWICZ, climbs, smooth), metric]
    steps += null_starts(text, smooth, steps[1], saddles, metric)
    schedule = flow.schedule
    if schedule is not None and not schedule.constant:
        pace, total = schedule.factor, schedule.total
        steps.append(apply(TIME_CHANGE, "τ = ∫s -> ∞", steps[-1], factor=pace, total=total))
    return tuple(steps)


def short_tree_saddles(
    flow: Flow, steps: list[Step], cone: Statement[Any], length: Expr = pi
) -> list[Step]:
    """Conclude that all but consensus are strict saddles, from arcs of length τ* that are short.

    Parameters
    ----------
    flow : Flow
    steps : list of Step
        That pairs further apart than τ* bend upwards, and that ``(n-1) τ* < length``.
    cone : Statement
        Lemma 6.4.
    length : Expr
        Twice it is what the closed curve around a tree is shorter than; the lemma is for π.

    Returns
    -------
    list of Step
        The last one is the conclusion.
    """
    text = "without ascent direction every cut is crossed by a pair at distance <= τ*"
    cuts = apply(SUM, text, *steps, terms={"the bracket beyond τ*": "> 0"})
    tree = apply(SPANNING_TREE, "a tree of n - 1 arcs <= τ*", cuts, edges=n - 1, tokens=n)
    doubled = Step(f"twice its length is below {2 * length}", How.DERIVED)
    if length != pi:
        doubled = gap(doubled.text, f"the tree lemma is for π, not {length}")
    inside = cited(CLOSED_CURVE, tree, doubled)
    meets = by_statement(cone, flow, text=HEMISPHERE)
    text = "every equilibrium but consensus is a strict saddle"
    saddles = apply(SUM, text, inside, meets, terms={"second variation": "> 0"})
    return [cuts, tree, doubled, inside, meets, saddles]
