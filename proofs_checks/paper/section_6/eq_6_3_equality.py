"""(6.3): (6.2) is an equality at consensus only, hence x_i(t) -> x*.

How it is proved
----------------
A theorem on models in pull form, x_i' = P_i Σ_j p_ij x_j with p_ij > 0: the tokens of an open
hemisphere meet, a lowest one rises at least at r Σ_j p_ij (1 - g_ij) >= 0, and that sum is 0 only
where all g_ij are 1. No point is drawn for the proof.

References
----------
arXiv 2312.10794, (6.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, S, Symbol

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CONTINUOUS,
    ON_SPHERE,
    ONLY_SPEED,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    SCHEDULED,
    Counterexample,
    Flow,
    Statement,
    apart,
    of_tokens,
    parted_groups,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    H,
    Refusal,
    in_its_time,
    resting,
    sight_in,
    with_time,
    words_of,
)
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import z

_HEIGHT, _RISE, _GAP = (Symbol(name, nonnegative=True) for name in ("r", "e", "u"))


@dataclass(frozen=True)
class EqualityCase:
    """Where the least height r stops rising: with r > least, only at ``1 - <x_i,x_j> = gap``."""

    least: Expr = S.Zero
    strict: bool = True
    gap: Expr = S.Zero


def derive_equality(flow: Flow) -> EqualityCase:
    """Return consensus, for any r > 0."""
    return EqualityCase()


_SUMMAND = _RISE + _HEIGHT - _HEIGHT * z
"""Summand of d/dt <x_i,w> over A_ij, at heights r and r + e, as the Gram algebra has it."""


def refute_equality(
    flow: Flow, prediction: EqualityCase | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that never meet, or tokens at which the summand isn't what is said."""
    if groups := parted_groups(flow):
        return groups
    found = apart(flow, budget.rng)
    if found or prediction is None:
        return Counterexample(found, PAIR) if found else None
    summand = _SUMMAND.subs(z, 1 - _GAP)
    if prediction.gap != 0:
        value = summand.subs({_HEIGHT: 1, _RISE: 0, _GAP: prediction.gap})
        return Counterexample(
            f"r = 1, e = 0, 1-g = {prediction.gap}: the summand is {value}, not 0"
        )
    if prediction.strict:
        return None
    value = summand.subs({_HEIGHT: 0, _RISE: 0})
    return Counterexample(
        f"tokens (1, 0), (-1, 0), w = (0, 1): r = 0, the summand is {value}, and <x,y> = -1"
    )


_LOWEST = Symbol("h", nonnegative=True)
"""Least height of a closed hemisphere."""


def conclude_equality(flow: Flow, prediction: EqualityCase) -> Conclusion | Refusal:
    """Say that tokens of an open hemisphere meet, and that a lowest one rests at consensus only."""
    found = sight_in(flow)
    if isinstance(found, Refusal):
        return found
    lowest = H if prediction.strict else _LOWEST
    own = resting(*found, least=prediction.least + lowest, gap=prediction.gap)
    return own if isinstance(own, Refusal) else in_its_time(flow, own)


def say_equality(flow: Flow, prediction: EqualityCase) -> str:
    """Say it in the weights of a flow."""
    own = conclude_equality(flow, prediction)
    if isinstance(own, Refusal):
        return ""
    said = "from an open hemisphere x_i -> x*; a lowest token rests at consensus only"
    return with_time(flow, own, f"{said}: {words_of(own, 2)}")


EQUALITY: Statement[EqualityCase] = Statement(
    "(6.3)",
    "r' = 0 at consensus only, so that x_i -> x* from an open hemisphere",
    Concludes(conclude_equality),
    derive_equality,
    of_tokens(refute_equality),
    premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
    several_blocks=True,
    says=say_equality,
    typed=True,
)


EQUATION_6_3 = Claim(
    "(6.3)",
    "In an open hemisphere (6.2) is an equality at consensus only, hence x_i(t) -> x* for all i.",
    (SA, USA),
    EqualityCase(),
    EQUALITY,
    (
        Control("r > 0 -> r >= 0, a closed hemisphere", prediction=EqualityCase(strict=False)),
        Control("equality also at g = 1/2", prediction=EqualityCase(gap=S.Half)),
        Control(
            "weights that vanish at g = 0",
            model=gradient_flow(interaction_energy(z**2 / 2), "quadratic"),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("said of fewer r", ("prediction.least: + 1",)),
    ),
)


CLAIMS = (EQUATION_6_3,)
