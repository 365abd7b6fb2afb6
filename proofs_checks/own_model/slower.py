"""Remark 6.5 where consensus attracts slower than exponentially, T2 from below, or not at all."""

from __future__ import annotations

from sympy import Rational

from proofs_checks.claim import Budget
from proofs_checks.own_model.bounded_time import never_meets
from proofs_checks.own_model.for_all_time import is_code_or_ends, lasting, lasts
from proofs_checks.proof import Counterexample, Flow, Sheet, Statement, gap
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
from theory.symbols import r

_HEIGHT = Rational(4, 5)


def _no_proof(flow: Flow, prediction: None) -> Sheet:
    return Sheet((gap("consensus attracts exponentially", "no constant rate is read off"),))


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
