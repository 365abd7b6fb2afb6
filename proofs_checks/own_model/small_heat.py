"""Theorem 4.2 where no explicit β is asked for: P(S_β) -> 1 as β -> 0, from Theorem 4.1 at β = 0.

A start that ends in consensus at β = 0 is in an open hemisphere at some time; so it is at small β,
as solutions up to a time depend on β continuously; and from a hemisphere tokens meet, by Lemma 6.4.
Lengths, and what a field is divided by, are more than 0 along the solution at β = 0, so near it.
Where a velocity changes at a time, that time is past by then, and the lemma is of what comes after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Dummy, Expr, OneMatrix, Piecewise, Pow, StrictLessThan, sqrt
from sympy.core.function import Application

from proofs_checks.claim import Budget, Evidence, Verdict
from proofs_checks.decide import CONTINUOUS
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import Counterexample, Flow, How, Sheet, Statement, Step, cited, scalars_of
from proofs_checks.theorems import rough
from theory.atoms import Elementwise
from theory.positive_part import PositivePart
from theory.symbols import X, beta, gamma, n, r, t, z

FATOU = "Fatou's lemma: P(S_β) >= E[liminf 1(X(0) in S_β)] - o(1) >= P(S_0) - o(1)"
DEPENDS = "solutions on [0, T] depend continuously on a parameter (Grönwall)"
SCOPE = ("n", "d", "masses", "given", "existence")
_LENGTHS = (r,)


@dataclass(frozen=True)
class Cold:
    """What is shown at β = 0 of almost every start, and of hemispheres at β >= 0."""

    meets: Evidence
    lemma: Evidence


def _continuous(expr: Expr) -> bool:
    """Whether a number is continuous in β, by its form."""
    for part in expr.atoms(Pow, Application):
        if beta not in part.free_symbols:
            continue
        if isinstance(part, Pow):
            whole = part.exp.is_integer and part.exp.is_positive
            if not whole and not part.base.is_positive:
                return False
        elif isinstance(part, PositivePart):
            if part.args[1] < 1:
                return False
        elif not isinstance(part, CONTINUOUS):
            return False
    return not expr.has(Piecewise)


_DIVIDES = (1 / z, 1 / sqrt(z))


def _smooth(velocity: Any) -> bool:
    """Whether a velocity is locally Lipschitz where what it divides by isn't 0, by its form."""
    divisors = {a for a in velocity.atoms(Elementwise) if a.body in _DIVIDES}
    whole = velocity.xreplace({a: OneMatrix(*a.shape) for a in divisors})
    parts = [whole, *(a.expr for a in divisors if a.expr not in _LENGTHS)]
    return not any(map(rough, parts)) and all(map(_continuous, scalars_of(velocity)))


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


def derive_cold(flow: Flow) -> Cold | None:
    """Return Theorem 4.1 at β = 0 and Lemma 6.4 of tokens and lengths, where both are proved.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_cold(Flow.of(catalogue("causal"))).meets.word
    'PROVED'
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
    parts = in_turn(flow)
    rates = (rate.xreplace(flow.values) for one in parts for rate in one.model.velocities.values())
    if not all(map(_smooth, rates)):
        return None
    meets = asked(questions()["Theorem 4.1"], flow)
    if meets.verdict is not Verdict.PROVED or ("existence" in meets.scope and not lengths):
        return None
    lemma = asked(questions()["Lemma 6.4"], parts[-1])
    warm = lemma.scope.get("beta", "symbolic").startswith("symbolic")
    lasts = lemma.scope.get("existence", "") != "not shown"
    known = lemma.verdict is Verdict.PROVED and warm and lasts
    return Cold(meets, lemma) if known else None


def decide_cold(flow: Flow, found: Cold) -> Sheet:
    """Follow a start at β = 0 into a hemisphere, and back to β > 0."""
    meets, lemma = (
        Step(f"{row}: {one.sentence or said}", How.BY_STATEMENT, cites=one.assumptions)
        for row, one, said in (
            ("Theorem 4.1", found.meets, "β = 0: consensus from almost every start"),
            ("Lemma 6.4", found.lemma, "from an open hemisphere: consensus"),
        )
    )
    text = "at some T, past any change of the velocity, all <x_i(T),x*> > 1/2 at β = 0"
    near = Step(text, How.BY_RULE, evidence="x_i -> x*")
    text = "the velocity is continuous in state and β, locally Lipschitz where no divisor is 0"
    joint = Step(text, How.DERIVED)
    close = cited(DEPENDS, joint)
    text = "so at β below some β(X(0)) > 0 all <x_i(T),x*> > 1/4: an open hemisphere"
    later = Step(text, How.BY_RULE, evidence="|x_i(T) at β - x_i(T) at 0| < 1/4")
    steps = (meets, near, joint, close, later, lemma)
    words = {key: found.meets.scope[key] for key in SCOPE if key in found.meets.scope}
    own = found.lemma.scope.get("n", "symbolic")
    words |= {"n": own} if words.get("n", "symbolic") == "symbolic" else {}
    return Sheet(
        (*steps, cited(FATOU, *steps)), {**words, "beta": "-> 0"}, (), say_cold(flow, found)
    )


def say_cold(flow: Flow, found: Cold) -> str:
    """Say which laws of starts."""
    whose = f"(X, {_LENGTHS[0]})(0)" if lengths_of(flow) else "X(0)"
    if "existence" not in found.meets.scope:
        return f"P(S_β) -> 1 as β -> 0, for any law of {whose} with a density"
    kept = "P(the starts whose lengths last at β = 0)"
    return f"lim inf P(S_β) >= {kept} as β -> 0, for any law of {whose} with a density"


def pairs_part(flow: Flow, found: Cold | None, budget: Budget) -> Counterexample | None:
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
SMALL_HEAT: Statement[Cold] = Statement(
    "Theorem 4.2",
    "P(S_β) -> 1 as β -> 0",
    decide_cold,
    derive_cold,
    pairs_part,
    several_blocks=True,
    says=say_cold,
    varies=(beta,),
)


__all__ = ["SMALL_HEAT"]
