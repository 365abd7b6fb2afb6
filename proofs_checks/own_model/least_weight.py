"""(6.7) and (6.8) bound by the least weight κ: where κ isn't positive they say nothing."""

from __future__ import annotations

from sympy import Dummy, Rational, S

from proofs_checks.proof import (
    POSITIVE_WEIGHTS,
    Domain,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    gap,
)
from proofs_checks.proof.kinds import SPHERE
from theory.symbols import beta, z

_IN_A_CAP = (Rational(-1, 2), S.Zero, S.Half, S.One)
"""Inner products of tokens within 60° of one point, at which weights are looked at."""


def _least_weight(flow: Flow) -> Step:
    """Whether no weight is seen to be 0 or less: unseen tokens, or k(g) in a cap of 60°."""
    text, step = "no weight is seen to be 0 or less", POSITIVE_WEIGHTS.test(flow)
    if step.outcome is Outcome.FAILS and getattr(flow.softmax, "mask", None) is not None:
        return Step(text, How.DERIVED, Outcome.FAILS, f"κ = 0, as {step.evidence}")
    if step.outcome is Outcome.FAILS and flow.scores is not None:
        return Step(text, How.DERIVED, Outcome.FAILS, f"κ < 0, as {step.evidence}")
    for product in _IN_A_CAP:
        least = S.NaN if flow.weight is None else flow.weight.subs(z, product)
        if least.subs(beta, Dummy("b", positive=True)).is_nonpositive:
            return Step(text, How.DECIDED, Outcome.FAILS, f"κ <= k({product}) = {least}")
    return Step(text, How.DECIDED)


LEAST_WEIGHT = Domain("κ > 0, κ the least weight", _least_weight)


def _no_proof(flow: Flow, prediction: None) -> Sheet:
    return Sheet((gap("a bound by κ", "what is shown of κ > 0 is the paper's, or T9a"),))


OF_LEAST = tuple(
    Statement[None](name, "", _no_proof, domain=(SPHERE, LEAST_WEIGHT))
    for name in ("(6.7)", "(6.8)", "(6.11)")
)
"""Asked where none is concluded, for what their domain says."""


__all__ = ["LEAST_WEIGHT", "OF_LEAST"]
