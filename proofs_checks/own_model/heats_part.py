"""(4.4) and (4.5): what theorems say of flows at β and at 0."""

from __future__ import annotations

from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown
from proofs_checks.proof import Flow, left_free
from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import parting, staying, words_of
from theory.symbols import beta


def free_heat(flow: Flow) -> Subject | None:
    """Return a flow with β left free; None for one that has no β."""
    if is_code_or_ends(flow) or beta not in flow.model.parameters:
        return None
    free = left_free(flow, [str(beta)])
    return Subject.of(free.model, free.values)


def of_parting(flow: Flow) -> Shown | None:
    """(4.4): flows at β and at 0 part by an explicit function of the time at most."""
    subject = free_heat(flow)
    own = None if subject is None else parting(subject)
    return None if own is None else Shown(f"flows at β and at 0 part: {words_of(own)}", own)


def of_staying(flow: Flow) -> Shown | None:
    """(4.5): where β is small for a time, tokens at β are near those at 0."""
    subject = free_heat(flow)
    own = None if subject is None else staying(subject)
    if own is None:
        return None
    mild = " and ".join(written(one, "text", own.names) for one in own.says.given[1:])
    return Shown(f"while {mild}: {words_of(own)}", own)


__all__ = ["of_parting", "of_staying"]
