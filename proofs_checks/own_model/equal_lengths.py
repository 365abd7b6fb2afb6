"""Theorem 6.8 where weights aren't k(<x_i,x_j>), or lengths, masses, a second species move too.

Equal angles and lengths stay equal, as the derived equation has it; orthonormal tokens lie in an
open hemisphere, so they meet where a theorem says so of the model. A second species that favors
one of the tokens parts their angles.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from sympy import Dummy, Expr, Identity, OneMatrix, Rational, S, ZeroMatrix, eye, simplify

from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.existence import branching
from proofs_checks.proof import (
    MONOTONE_LIMIT,
    SCOPE_WARM,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    apply,
    by_statement,
    decimal,
    derived,
    excludes_zero,
    state_at,
)
from theory.symbols import X, beta, d, gamma, m, n

_SIZE = 3
"""Tokens of a start: with two there is one angle."""


def _equal(flow: Flow) -> Statement[Any]:
    from proofs_checks.discovery import questions

    found = questions()["equiangular ODE"]
    assert isinstance(found, Statement)  # as it is decided for any flow
    return found


def derive_angles(flow: Flow) -> Expr | None:
    """Return γ' of a state, other blocks in it, where it is a flow of one heat."""
    return flow.angle_rate


def decide_meeting(flow: Flow, rate: Expr) -> Sheet:
    """Equal angles stay equal, and what Lemma 6.4 says of an open hemisphere."""
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    equal = by_statement(_equal(flow), flow)
    one, gram = OneMatrix(n, 1), Identity(n)
    heights = (gram * one - one).doit()  # √n <x_i,w> = 1 of every token, so |w|² = 1
    text = "w = Σ_j x_j/√n has <x_i,w> = 1/√n > 0, |w| = 1, for orthonormal tokens"
    pole = derived(text, S.Zero if isinstance(heights, ZeroMatrix) else heights, "G 1 = 1, G = I")
    words = {**SCOPE_WARM, "d": "symbolic, d >= n", "masses": "1/n"}
    found = asked(questions()["Lemma 6.4"], flow)
    known = found.verdict is Verdict.PROVED
    if not known and (rises := _rises(flow, rate, equal)) is not None:
        return Sheet((equal, *rises), words, (), f"γ' = {rate} > 0, so γ rises to 1")
    outcome = Outcome.HOLDS if known else Outcome.GAP
    meets = Step(found.sentence or "Lemma 6.4", How.BY_STATEMENT, outcome, found.detail)
    one_solution = _one_solution(flow)
    words |= {name: found.scope[name] for name in ("given", "existence") if name in found.scope}
    steps = (equal, one_solution, pole, meets)
    return Sheet(steps, words, (), f"γ' = {rate}, and γ -> 1, as tokens meet")


def _one_solution(flow: Flow) -> Step:
    """Say that equal angles stay equal along the one solution that there is."""
    text = "the velocity is locally Lipschitz where it has a value: one solution"
    parts = (
        branching(velocity.xreplace(flow.values)) for velocity in flow.model.velocities.values()
    )
    lost = next(filter(None, parts), "")
    outcome = Outcome.GAP if lost else Outcome.HOLDS
    return Step(text, How.DERIVED, outcome, f"not shown of {lost}" if lost else "")


def _rises(flow: Flow, rate: Expr, equal: Step) -> tuple[Step, Step] | None:
    """Say that γ' = f(γ) > 0 on [0, 1), where f has nothing else that moves."""
    own = {gamma, n, *flow.model.parameters}
    more, above = Dummy("k", positive=True), Dummy("u", nonnegative=True)
    # n = 1 + k tokens at γ = u/(1 + u): what is left is a sum of positive terms, or isn't shown.
    hot = {beta: Dummy("b", nonnegative=True)}
    at = rate.subs({n: 1 + more, gamma: above / (1 + above)}, simultaneous=True).subs(hot)
    if not rate.free_symbols <= own or not simplify(at).is_positive or rate.subs(gamma, 1) != 0:
        return None
    positive = Step(f"γ' = {rate} > 0 on [0, 1), 0 at 1", How.DECIDED)
    return positive, apply(MONOTONE_LIMIT, "γ rises to 1", equal, positive, end=rate.subs(gamma, 1))


def refute_angles(flow: Flow, rate: Expr | None, budget: Budget) -> Counterexample | None:
    """Orthonormal tokens, equal lengths, and a second species at the first: angles that part."""
    model = flow.model
    numbers = set(flow.given) <= {str(p) for p in flow.values}
    if len(model.blocks) == 1 or not numbers or model.velocities[X].shape[1] != d:
        return None
    point = state_at(model, budget.rng, (_SIZE, _SIZE))
    first, one = eye(_SIZE).tolist(), Rational(1)
    for block in model.blocks[1:]:
        rows = len(point.matrices[block.symbol])
        vectors = block.symbol.shape[1] == d
        point.matrices[block.symbol] = [first[0]] * rows if vectors else [[one]] * rows
    point.matrices |= {X: first, m: [[Rational(1, _SIZE)]] * _SIZE}
    if beta in point.scalars:
        point.scalars[beta] = abs(point.scalars[beta])
    moves = point.evaluator()(model.velocities[X])
    rates = {(i, j): moves[i][j] + moves[j][i] for i, j in combinations(range(_SIZE), 2)}
    for before, after in combinations(rates, 2):
        if excludes_zero(rates[before] - rates[after]):
            said = ", ".join(
                f"<x_{i + 1},x_{j + 1}>' = {decimal(rates[i, j])}" for i, j in (before, after)
            )
            text = f"{model.name}, orthonormal tokens: at t = 0 {said} at {point}"
            return Counterexample(text, {"n": str(_SIZE), "d": str(_SIZE)})
    return None


def say_meeting(flow: Flow, rate: Expr) -> str:
    """Say the equation, and that its angle tends to 1."""
    said = _equal(flow).says
    own = said(flow, rate) if said is not None else f"γ' = {rate}"
    return f"from an orthonormal start {own}, and γ -> 1"


MEETING: Statement[Expr] = Statement(
    "Theorem 6.8",
    "from an orthonormal start all angles equal one gamma(t), and gamma -> 1",
    decide_meeting,
    derive_angles,
    refute_angles,
    domain=(WARM_ONLY,),
    several_blocks=True,
    says=say_meeting,
)


__all__ = ["MEETING"]
