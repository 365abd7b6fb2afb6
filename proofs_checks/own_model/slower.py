"""Remark 6.5 where consensus attracts slower than exponentially, T2 from below, or not at all."""

from __future__ import annotations

from dataclasses import replace

from sympy import OneMatrix, Rational

from proofs_checks.claim import Budget
from proofs_checks.own_model.bounded_time import never_meets
from proofs_checks.own_model.for_all_time import is_code_or_ends, lasting, lasts
from proofs_checks.own_model.small_heat import in_turn
from proofs_checks.proof import CONTINUOUS, Counterexample, Flow, Sheet, Statement, gap
from proofs_checks.propositions import Rel, Subject, putting, written
from proofs_checks.theorems import (
    R0,
    H,
    Pull,
    Refusal,
    as_sheet,
    claimed,
    legend,
    pull_of,
    stays_apart,
)
from theory.atoms import Elementwise
from theory.symbols import X, r, t

_HEIGHT = Rational(4, 5)


def _no_proof(flow: Flow, prediction: None) -> Sheet:
    return Sheet((gap("consensus attracts exponentially", "no constant rate is read off"),))


def _reaches_all(flow: Flow) -> bool:
    """Whether each state is one of a solution at each time: lengths stay, on a compact space."""
    rates = dict(flow.model.velocities)
    tokens = rates.pop(X)
    same = {a: OneMatrix(*a.shape) for a in tokens.atoms(Elementwise) if a.body == 1}
    alone = not tokens.xreplace(same).has(*rates, t)
    still = bool(rates) and all(how.as_coeff_mmul()[0] == 0 for how in rates.values())
    return alone and still and CONTINUOUS.test(flow).holds


def lingers(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find tokens whose diameter stays above a bound that no exponential is above.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import catalogue
    >>> found = lingers(Flow.of(catalogue("CoD")), None, Budget(1, np.random.default_rng(0)))
    >>> found.text.partition(": ")[2]
    'D >= D(0) e^(5 - 5 √(t + 1)), D(0) = 3/2, more than K e^(-εt) in the end, any K, ε > 0'
    """
    if is_code_or_ends(flow):
        return None
    before, *after = in_turn(flow)
    if after:
        found = lingers(after[0], None, budget) if _reaches_all(before) else None
        late = "each state is one of a solution at the change, and t from there"
        return None if found is None else replace(found, text=f"{late}: {found.text}")
    if (found := never_meets(flow, None, budget)) is not None:
        return found
    subject = Subject.of(flow.model, flow.values)
    pull, slow = pull_of(subject), stays_apart(subject)
    if not isinstance(pull, Pull) or isinstance(slow, Refusal):
        return None
    own = claimed(slow, slow.says, tuple(slow.given), legend(pull))
    if not as_sheet(own.says, own.found, own.names).holds:
        return None
    if not lasts(flow) and not lasting(flow, slow.given):
        return None
    bound = slow.says.args[0]
    at = putting(Rel("<=", bound.left, bound.right), {H: _HEIGHT, R0: 1})
    least, _, _ = written(at, "text", own.names).partition(" <= ")
    sizes = ", r_i = 1" if r in flow.model.velocities else ""
    where = f"x_1 = (4/5, 3/5), all others (4/5, -3/5), w = (1, 0){sizes}"
    said = f"D >= {least}, D(0) = 3/2, more than K e^(-εt) in the end, any K, ε > 0"
    given = "; ".join(sorted(written(one) for one in slow.given))
    return Counterexample(f"{where}: {said}", {"n": ">= 2", "d": ">= 2", "given": given})


SLOWER: Statement[None] = Statement(
    "Remark 6.5",
    "consensus attracts exponentially, as a set",
    _no_proof,
    refute=lingers,
    several_blocks=True,
)
"""Asked where no constant rate is concluded."""
