"""What T1, T2 and T5a say of a model, claimed in full: hypotheses, conclusion, names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proofs_checks.propositions import All, Implies, Proposition, Rel, Subject, every
from proofs_checks.theorems.energy import AT_HEAT, ENERGY
from proofs_checks.theorems.hemisphere import WARM, common_sight_given
from proofs_checks.theorems.kernel import Found, Refusal, Theorem, apply, read
from proofs_checks.theorems.logic import discharge, generalise, part, together
from proofs_checks.theorems.pulls import (
    G0,
    LEAST_PAIR,
    LOWEST,
    NEAR,
    THIRD,
    Pull,
    W,
    gram,
    height,
    legend,
)
from proofs_checks.theorems.readers import OTHER, TOKEN, UNIT, solving
from proofs_checks.theorems.sheets import Says
from theory.symbols import X
from theory.terms import Index, Name, Norm, Projected, Row, ddt, total


@dataclass(frozen=True)
class Conclusion:
    """What is claimed of a model, and the theorem that it is to be.

    Attributes
    ----------
    says : Says
        A sheet has a gap where something else was concluded.
    found : Theorem or Refusal
    names : tuple of Name
        Names of long terms.
    """

    says: Says
    found: Found
    names: tuple[Name, ...] = ()


def _claimed(
    found: Found, then: Proposition, given: tuple[Proposition, ...], names: tuple[Name, ...] = ()
) -> Conclusion:
    """Claim a conclusion under those of the hypotheses that are used."""
    used = frozenset[Proposition]() if isinstance(found, Refusal) else found.given
    return Conclusion(Says(tuple(one for one in given if one in used), then), found, names)


def _short(pull: Pull, i: Index, j: Index) -> Any:
    """``Σ_j p_ij (1 - g_ij)``."""
    return total(pull.p(i, j) * (1 - gram(i, j)), j)


def _rate(factor: Any, least: Any) -> Proposition:
    return All(Rel("<=", factor * least, ddt(least)), Rel("<=", 0, factor))


def lowest(pull: Pull) -> Conclusion:
    """``s_i Σ_j p_ij (1 - g_ij) <= s_i'`` for a lowest token, and that sum is >= 0.

    Examples
    --------
    >>> from proofs_checks.theorems import as_sheet, pull_of
    >>> from theory.models import CAUSAL
    >>> own = lowest(pull_of(Subject.of(CAUSAL)))
    >>> as_sheet(own.says, own.found, own.names).holds
    True
    """
    then = _rate(_short(pull, TOKEN, OTHER), height(TOKEN))
    return _claimed(pull.height_rate, then, (solving(pull.subject), LOWEST, WARM), legend(pull))


def least_pair(pull: Pull) -> Conclusion:
    """``g_0 <= g_ij`` if so at the start; ``K_ij g_ij <= g_ij'``, 0 <= K_ij, at a least pair."""
    pair, factor = gram(TOKEN, OTHER), _short(pull, TOKEN, THIRD) + _short(pull, OTHER, THIRD)
    found = apply(together, pull.angles, pull.angle_rate)
    then = All(Rel("<=", G0, pair), _rate(factor, pair))
    names = (Name("K", factor, (TOKEN, OTHER)), *legend(pull))
    return _claimed(found, then, (solving(pull.subject), NEAR, LEAST_PAIR, WARM), names)


def meeting(pull: Pull, sight: Theorem) -> Conclusion:
    """``D <= D(0) e^(-hF)`` and ``x_i -> z``, as `common_sight` has it."""
    return _claimed(sight, sight.says, common_sight_given(pull.subject), legend(pull))


def pulled_together(pull: Pull, sight: Theorem) -> Conclusion:
    """``0 <= p_ij``, ``x_i' = P_i Σ_j p_ij x_j`` and ``x_i -> z``."""
    meets = apply(part, sight, place=1)
    found = apply(together, pull.positive, pull.motion, meets)
    field = total(Row(X, OTHER) * pull.weight, OTHER)
    motion = Rel("=", ddt(Row(X, TOKEN)), Projected(Row(X, TOKEN), field))
    then = All(Rel("<=", 0, pull.weight), motion, sight.says.args[1])
    return _claimed(found, then, common_sight_given(pull.subject), legend(pull))


def lowest_over_limit(pull: Pull, sight: Theorem) -> Conclusion:
    """``x_i -> z``, and of every w, so of z, what `lowest` says."""
    over = apply(discharge, pull.height_rate, hypothesis=LOWEST)
    over = apply(generalise, over, variables=(TOKEN, W))
    found = apply(together, apply(part, sight, place=1), over)
    rate = _rate(_short(pull, TOKEN, OTHER), height(TOKEN))
    then = All(sight.says.args[1], every((TOKEN, W), Implies(LOWEST, rate)))
    return _claimed(found, then, common_sight_given(pull.subject), legend(pull))


def on_sphere(subject: Subject) -> Conclusion:
    """``|x_i| = 1``."""
    then = Rel("=", Norm(Row(X, TOKEN)), 1)
    return _claimed(read(UNIT, subject), then, (solving(subject),))


def of_energy(ask: Callable[[Subject], Found], subject: Subject) -> Conclusion | None:
    """``E' = Σ_i m_i |x_i'|²/σ_i``, or ``0 <= E'``, as `dissipation` or `ascent` has it."""
    found = ask(subject)
    if isinstance(found, Refusal):
        return None
    return _claimed(found, found.says, (solving(subject), AT_HEAT), (Name("E", ENERGY),))
