"""(4.3) where the law of two tokens isn't asked for: at β = 0 almost all starts are clustered late.

Where at β = 0 almost every start ends in consensus, the share of the starts that are clustered at
the time m tends to 1, for any law of starts with a density.
"""

from __future__ import annotations

from sympy import S

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import COLD_ONLY, Flow, How, Sheet, Statement, Step, cited
from proofs_checks.proof.kinds import HEATED
from theory.symbols import beta

NULL = "starts with Σ_j m_j x_j = 0 are null, zeros of a polynomial that isn't 0"
SCOPE = ("n", "d", "masses", "given", "existence")
DOMINATED = "dominated convergence: the shares of sets whose indicators tend to 1 almost everywhere"


def derive_meeting(flow: Flow) -> Evidence | None:
    """Return what Theorem 4.1 says of the model, where it is proved."""
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    if flow.values.get(beta, S.Zero) != 0 or flow.code:
        return None
    found = asked(questions()["Theorem 4.1"], flow)
    return found if found.verdict is Verdict.PROVED else None


def decide_share(flow: Flow, found: Evidence) -> Sheet:
    """Join Theorem 4.1 and dominated convergence."""
    said = found.sentence or "β = 0: consensus from almost every start"
    meets = Step(f"Theorem 4.1: {said}", How.BY_STATEMENT, cites=found.assumptions)
    text = "so from almost every start all <x_i,x_j> > 3/4 from some time on"
    late = Step(text, How.BY_RULE, evidence="<x_i,x_j> -> 1")
    words = {key: found.scope[key] for key in SCOPE if key in found.scope}
    null = (cited(NULL, meets),) if "0 < <Σ_j m_j x_j" in words.get("given", "") else ()
    steps = (meets, *null, late, cited(DOMINATED, meets, *null, late))
    return Sheet(steps, {**words, "beta": "0"}, (), "P(S_0^m) -> 1, by Theorem 4.1")


def say_share(flow: Flow, found: Evidence) -> str:
    """Say of which starts."""
    lengths = lengths_of(flow)
    whose = f"(X, {lengths[0]}(0))" if lengths else "X(0)"
    kept = ", of starts that keep their lengths" if "existence" in found.scope else ""
    return f"β = 0: P(S_0^m) -> 1 as m -> ∞, for any law of {whose} with a density{kept}"


SHARE: Statement[Evidence] = Statement(
    "(4.3)",
    "β = 0: P(S_0^m) -> 1",
    decide_share,
    derive_meeting,
    domain=(HEATED, COLD_ONLY),
    several_blocks=True,
    says=say_share,
)


__all__ = ["SHARE"]
