"""(3.2), (4.4), (4.5) and Lipschitz bounds of heads and layers of any matrices, by theorems.

Each is for every Q, K, V and w, a, b, whose norms stand in the constants; of several species it
is of the tokens of each, and keys that rest are of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.heats_part import free_heat
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.proof import Flow, Statement
from proofs_checks.proof.kinds import DIVIDED, UNLABELLED
from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import (
    Conclusion,
    fields_part,
    fields_parting,
    fields_staying,
    length_of_field,
    names_of,
    words_of,
)
from theory.symbols import beta


def _besides(own: Conclusion) -> str:
    """Say what is given besides the motion."""
    more = [written(one, "text", own.names) for one in own.says.given[1:]]
    return f"; where {' and '.join(more)}" if more else ""


def of_length(flow: Flow) -> Shown | None:
    """(3.2): tokens move along a sum of heads and layers that is projected, no faster than it."""
    own = None if is_code_or_ends(flow) else length_of_field(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    said = (
        f"a projected sum of heads and layers is tangent, the same for masses c m: {words_of(own)}"
    )
    words = {"beta": "symbolic"} if beta in flow.model.parameters else {}
    return Shown(f"{said}: {words_of(own)}, {names_of(own.names)}{_besides(own)}", own, words=words)


def of_chords(flow: Flow) -> Shown | None:
    """T13: how fast two solutions part, species by species."""
    own = None if is_code_or_ends(flow) else fields_part(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    return Shown(f"one-sided Lipschitz: {words_of(own)}{_besides(own)}", own)


def of_heats(
    says: str, ask: Callable[[Subject], Conclusion | None]
) -> Callable[[Flow], Shown | None]:
    """Return what asks a theorem on flows at β and at 0."""

    def shown(flow: Flow) -> Shown | None:
        subject = free_heat(flow)
        own = None if subject is None else ask(subject)
        return None if own is None else Shown(f"{says}: {words_of(own)}{_besides(own)}", own)

    return shown


OF_MEAN_FIELDS: Mapping[str, Statement[Shown]] = {
    one.name: one
    for one in (
        stated("(3.2)", of_length, (UNLABELLED, DIVIDED)),
        stated("(4.4)", of_heats("flows at β and at 0 part", fields_parting), varies=(beta,)),
        stated("(4.5)", of_heats("tokens at β are near", fields_staying), varies=(beta,)),
        stated("Lipschitz bound", of_chords),
    )
}
"""Rows of heads and layers, as statements of their own."""


__all__ = ["OF_MEAN_FIELDS"]
