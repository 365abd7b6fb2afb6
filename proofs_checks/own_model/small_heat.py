"""Theorem 4.2 where no explicit β is asked for: P(S_β) -> 1 as β -> 0, from Theorem 4.1 at β = 0.

A start that ends in consensus at β = 0 is in an open hemisphere at some time; so it is at small β,
as solutions up to a time depend on β continuously; and from a hemisphere tokens meet, by Lemma 6.4.
Lengths, and what a field is divided by, are more than 0 along the solution at β = 0, so near it.
Where a velocity changes at a time, that time is past by then, and the lemma is of what comes after.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Dummy, Piecewise, StrictLessThan

from proofs_checks.claim import Budget
from proofs_checks.own_model.clustered_law import cold_meeting, concluded
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import Counterexample, Flow
from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import HELD, Theorem, claimed, small_heat_starts
from theory.symbols import X, beta, gamma, n, r, t, z

SCOPE = ("n", "d", "masses", "existence")
_LENGTHS = (r,)


def in_turn(flow: Flow) -> tuple[Flow, ...]:
    """Return what a flow is before a time at which it changes and after it, or itself.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [len(in_turn(Flow.of(catalogue(name)))) for name in ("mix-LN", "pre-LN", "CoD")]
    [2, 1, 1]
    """
    moves = {block: how.xreplace(flow.values) for block, how in flow.model.velocities.items()}
    changes = {one for how in moves.values() for one in how.atoms(Piecewise)}
    times = {one.args[0].cond for one in changes}
    if len(times) != 1 or any([on for _, on in one.args[1:]] != [True] for one in changes):
        return (flow,)
    (first,) = times
    if not isinstance(first, StrictLessThan) or first.lhs != t or first.rhs.has(t, z):
        return (flow,)
    return tuple(_case(flow, moves, changes, place) for place in (0, 1))


def _case(flow: Flow, moves: dict[Any, Any], changes: set[Any], place: int) -> Flow:
    """Return the flow of one of two cases, at all times."""
    case = {one: one.args[place].expr for one in changes}
    velocity = {block: how.xreplace(case) for block, how in moves.items()}
    name = f"{flow.model.name} {('before', 'after')[place]} its change"
    return Flow.of(replace(flow.model, name=name, velocity=velocity))


def _later(flow: Flow) -> Flow:
    """Return a flow from a time t_0 on."""
    late = {block: how.xreplace({t: t + HELD}) for block, how in flow.model.velocities.items()}
    if late == dict(flow.model.velocities):
        return flow
    parameters = (*flow.model.parameters, HELD)
    return Flow.of(replace(flow.model, velocity=late, parameters=parameters))


def of_cold(flow: Flow) -> Shown | None:
    """Join Theorem 4.1 at β = 0 and Lemma 6.4 of tokens and lengths, where both are proved.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [of_cold(Flow.of(catalogue(name))).own.found.by.name for name in ("causal", "LNS")]
    ['small heats', 'small heats, of those that last']
    """
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    model = flow.model
    lengths = lengths_of(flow)
    known = {block.symbol for block in model.blocks} == {X, *lengths} == set(model.velocities)
    of_flow = (model.kind, model.space) == ("flow", "sphere") and model.noise is None
    if flow.code or not known or not of_flow or not set(lengths) <= {*_LENGTHS}:
        return None
    if beta not in model.parameters or beta in flow.values or str(beta) in flow.given:
        return None
    cold = cold_meeting(flow)
    if cold is None or ("existence" in cold[0].scope and not lengths):
        return None
    lemma = asked(questions()["Lemma 6.4"], _later(in_turn(flow)[-1]))
    near = concluded(lemma)
    if near is None or lemma.scope.get("existence", "") == "not shown":
        return None
    own = small_heat_starts(Subject.of(model, flow.values), near, cold[1])
    if not isinstance(own, Theorem):
        return None
    meets = cold[0].scope
    words = {key: meets[key] for key in SCOPE if key in meets}
    if words.get("n", "symbolic") == "symbolic":
        words["n"] = lemma.scope.get("n", "symbolic")
    conclusion = claimed(own, own.says, tuple(sorted(own.given, key=written)))
    return Shown(_said(flow, "existence" in meets), conclusion, words={**words, "beta": "-> 0"})


def _said(flow: Flow, ends: bool) -> str:
    """Say which laws of starts."""
    whose = f"(X, {_LENGTHS[0]})(0)" if lengths_of(flow) else "X(0)"
    if not ends:
        return f"P(S_β) -> 1 as β -> 0, for any law of {whose} with a density"
    kept = "P(the starts whose lengths last at β = 0)"
    return f"lim inf P(S_β) >= {kept} as β -> 0, for any law of {whose} with a density"


def pairs_part(flow: Flow, found: Shown | None, budget: Budget) -> Counterexample | None:
    """Find that two tokens of mass 1/2 at an obtuse angle come no nearer, at any β > 0.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import catalogue
    >>> found = pairs_part(Flow.of(catalogue("ReLU")), None, Budget(1, np.random.default_rng(0)))
    >>> found.text[:43]
    "n = 2, -1 < γ <= 0: γ' = -(gamma - 1)*(gamm"
    """
    rate, parameters = flow.angle_rate, flow.model.parameters
    if found is not None or rate is None or len(flow.model.blocks) > 1 or flow.code:
        return None
    if beta not in parameters or not rate.free_symbols <= {gamma, n, *parameters}:
        return None
    below, hot = Dummy("u", nonnegative=True), Dummy("b", positive=True)
    pair = rate.subs(n, 2)
    if not pair.subs({gamma: -below / (1 + below), beta: hot}).simplify().is_nonpositive:
        return None
    text = f"n = 2, -1 < γ <= 0: γ' = {pair} <= 0 at each β > 0, so two tokens that start at an"
    return Counterexample(f"{text} obtuse angle never meet: uniform starts do with P <= 1/2", _TWO)


_TWO = {"n": "2", "d": ">= 2", "masses": "1/2"}
SMALL_HEAT = replace(
    stated("Theorem 4.2", of_cold, varies=(beta,), refute=pairs_part),
    sentence="P(S_β) -> 1 as β -> 0",
)


__all__ = ["SMALL_HEAT"]
