"""What a row says of a model by a theorem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from proofs_checks.own_model.for_all_time import lasting, lasts
from proofs_checks.proof import Domain, Flow, Sheet, Statement, Step
from proofs_checks.propositions import Is, Proposition
from proofs_checks.theorems import (
    ABREAST,
    HEATS,
    HIGH,
    PAIR,
    SOLVES,
    TO_CONSENSUS,
    Conclusion,
    sheet_of,
)


@dataclass(frozen=True)
class Shown:
    """What a row says of a model by a theorem.

    Attributes
    ----------
    sentence : str
    own : Conclusion
    more : tuple of Step
        What follows, by arguments that aren't typed.
    words : Mapping
        Scope that these add.
    high : bool
        Whether its starts are in an open hemisphere, though that isn't among what is given.
    """

    sentence: str
    own: Conclusion
    more: tuple[Step, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    high: bool = False


def existence(flow: Flow, given: tuple[Proposition, ...]) -> dict[str, str]:
    """Say whether the solutions exist that are given, where not all of the flow do."""
    said = {one.definition for one in given if isinstance(one, Is)}
    if not said & {SOLVES, HEATS, PAIR, ABREAST} or TO_CONSENSUS in given or lasts(flow):
        return {}
    over = (HIGH,) if ABREAST in said else ()
    return {"existence": lasting(flow, (*given, *over)) or "not shown"}


def _decide(flow: Flow, shown: Shown) -> Sheet:
    """Return the sheet of a theorem, with the range of β, and what isn't shown, in its scope."""
    own = shown.own
    sheet = sheet_of(flow, own)
    words = {**sheet.words, **shown.words}
    given = (*own.says.given, HIGH) if shown.high else own.says.given
    words |= existence(flow, given)
    steps = (*sheet.steps, *shown.more)
    return replace(sheet, steps=steps, words=words, typed=not shown.more)


def _say(flow: Flow, shown: Shown) -> str:
    return shown.sentence


def stated(
    name: str,
    ask: Callable[[Flow], Shown | None],
    domain: tuple[Domain, ...] = (),
    varies: tuple[Any, ...] = (),
    **more: Any,
) -> Statement[Shown]:
    """Make a row that a theorem answers, as a statement of its own."""
    more |= {"domain": domain, "several_blocks": True, "says": _say, "varies": varies}
    return Statement(name, "", _decide, ask, **more)


__all__ = ["Shown", "existence", "stated"]
