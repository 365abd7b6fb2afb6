"""Claims that no theorem makes: a proposition, and runs along which the audit evaluates it.

What is printed is what is tried, and no number of runs makes a theorem of it: `unproved` is a
refusal of the kernel, whose step is a gap, or an open problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from proofs_checks.audit import Doubt, Solution, audit, beside, ending, solved
from proofs_checks.proof import Trial
from proofs_checks.propositions import Proposition, written
from proofs_checks.theorems.chords import PAIR
from proofs_checks.theorems.conclusions import Conclusion
from proofs_checks.theorems.kernel import Fact
from proofs_checks.theorems.sheets import Says, Unproved, Unsolved
from theory.models import Model
from theory.symbols import X, beta, k, n
from theory.terms import Name

NO_PROOF = "no proof known: experiments"


def unproved(
    then: Proposition,
    given: tuple[Proposition, ...],
    names: tuple[Name, ...] = (),
    reason: str = NO_PROOF,
    open_problem: bool = False,
) -> Conclusion:
    """Claim what only experiments speak for.

    Examples
    --------
    >>> from proofs_checks.propositions import Rel
    >>> from proofs_checks.theorems import as_sheet
    >>> from theory.symbols import beta
    >>> own = unproved(Rel("<", beta, 1), ())
    >>> sheet = as_sheet(own.says, own.found)
    >>> sheet.holds, sheet.tried == own.says
    (False, True)
    """
    kind = Unsolved if open_problem else Unproved
    return Conclusion(Says(given, then), kind(reason, then), names)


def run_from(
    model: Model,
    heat: float,
    points: Any,
    times: tuple[float, ...],
    scale: float = 1.0,
    second: Any = None,
) -> Solution:
    """Integrate tokens of masses 1/n from their places, beside second ones Y where they are given.

    Parameters
    ----------
    model : Model
        With the one parameter β.
    heat : float
    points : array_like, shape (n, d)
    times : tuple of float
        Times to evaluate at, in units of ``scale``.
    scale : float
    second : array_like, optional
        Where Y starts.
    """
    masses = np.full(len(points), 1 / len(points))
    own = {"beta": heat}
    run = solved(model, own, {X: np.asarray(points)}, masses, times=times, scale=scale)
    return run if second is None else beside(run, PAIR.name, np.asarray(second))


def tried_along(
    own: Conclusion, solutions: Iterable[Solution], scope: Mapping[str, str], seen: str = ""
) -> Trial:
    """Evaluate what is claimed along solutions: the first at which it isn't so ends it.

    Parameters
    ----------
    own : Conclusion
        Each solution must meet its hypotheses at one time at least: else nothing was tried.
    solutions : iterable of Solution
    scope : Mapping
        Sizes and parameters of the runs.
    seen : str
        What agreed, in a line.

    Returns
    -------
    Trial
        With the least margin of its inequalities, between 0 and 1.
    """
    fact = Fact(own.says.then, frozenset(own.says.given))
    worst, count = 1.0, 0
    for on in solutions:
        count, found = count + 1, ending(fact, on)
        if found.doubt is not None:
            said = written(found.doubt.says, "text", own.names)
            broken = f"{said}: not so at {_where(on, found.doubt)}"
            return Trial(broken, -1.0, count, scope=scope, tried=own.says)
        if not audit([fact], on).held:
            return Trial(silent=f"nothing is told of it along run {count}", scope=scope)
        worst = min([worst, *found.margins.values()])
    return Trial("", worst, count, seen=seen, scope=scope, tried=own.says)


def _where(on: Solution, doubt: Doubt) -> str:
    """Write at which time of which run a claim isn't so."""
    numbers = {a: v for a, v in on.numbers.items() if np.ndim(v) == 0}
    tokens = {a: v + 1 for a, v in doubt.values.items()}
    listed = {"t": doubt.time, **{a: on.sizes[a] for a in (n, k) if a in on.sizes}}
    listed |= {"β" if a == beta else a: v for a, v in numbers.items()} | tokens
    return ", ".join(f"{'d' if a == k else a} = {v:g}" for a, v in listed.items())


__all__ = ["NO_PROOF", "run_from", "tried_along", "unproved"]
