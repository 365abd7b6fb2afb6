"""(4.3) where the law of two tokens isn't asked for: at β = 0 almost all starts are clustered late.

Where at β = 0 almost every start ends in consensus, the share of the starts that are clustered at
the time m tends to 1, for any law of starts with a density.
"""

from __future__ import annotations

from sympy import Rational, S

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.paced import where_all_passes
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import COLD_ONLY, Flow
from proofs_checks.proof.kinds import HEATED
from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import Theorem, as_even, at_pace_one, claimed, clustered_late
from theory.symbols import beta

NEAR = Rational(3, 4)
SCOPE = ("n", "d", "masses", "existence")


def concluded(evidence: Evidence) -> Theorem | None:
    """Return the one theorem that evidence rests on; None where it rests on more, or on words."""
    found = [sheet.concludes for _, sheet in evidence.sheets]
    typed = all(sheet.typed for _, sheet in evidence.sheets)
    return found[0] if typed and len(found) == 1 and isinstance(found[0], Theorem) else None


def cold_meeting(flow: Flow) -> tuple[Evidence, Theorem] | None:
    """Return what Theorem 4.1 says of the model, where it is proved, and its theorem.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [cold_meeting(Flow.of(catalogue(a)))[1].by.name for a in ("causal", "Sinkhorn")]
    ['meeting the first token', 'one flow at two paces']
    """
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    if flow.values.get(beta, S.Zero) != 0 or flow.code:
        return None
    found = asked(questions()["Theorem 4.1"], flow)
    theorem = concluded(found) if found.verdict is Verdict.PROVED else None
    if theorem is None:
        return None
    own = as_even(theorem, Subject.of(flow.model, {**flow.values, beta: S.Zero}))
    return found, (own if isinstance(own, Theorem) else theorem)


def in_own_time(flow: Flow) -> tuple[str, Flow] | None:
    """Return a flow at a pace in its own time, where all of that passes, at its end at the latest.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> in_own_time(Flow.of(catalogue("CoD")))[1].autonomous.holds
    True
    """
    if flow.schedule is not None and flow.schedule.ends:
        model = at_pace_one(flow)
        said = f"x(t) = y(τ), τ = ∫({flow.schedule.factor})dt -> ∞ as it ends"
        return None if model is None or flow.code else (said, Flow.of(model))
    paced = where_all_passes(flow)
    return None if isinstance(paced, str) else paced


def of_late(flow: Flow) -> Shown | None:
    """Say from Theorem 4.1 which starts are clustered late; at a pace, as those at the first."""
    known = cold_meeting(flow)
    own = None if known is None else clustered_late(known[1], NEAR)
    if known is None or not isinstance(own, Theorem):
        return None
    found, whose = known[0], own.says.arguments[0]
    lengths = lengths_of(flow)
    starts = f"(X, {lengths[0]}(0))" if lengths else "X(0)"
    kept = ", of starts that keep their lengths" if "existence" in found.scope else ""
    said = f"β = 0: P(S_0^m) -> 1 as m -> ∞, for any law of {starts} with a density{kept}"
    if whose != Subject.of(flow.model, {**flow.values, beta: S.Zero}):
        if (paced := in_own_time(flow)) is None:
            return None
        said = f"{paced[0]}; {said}, m being τ"
    words = {key: found.scope[key] for key in SCOPE if key in found.scope}
    return Shown(
        said,
        claimed(own, own.says, tuple(sorted(own.given, key=written))),
        words={**words, "beta": "0"},
    )


SHARE = stated("(4.3)", of_late, (HEATED, COLD_ONLY))


__all__ = ["SHARE", "cold_meeting", "concluded", "in_own_time"]
