"""Two species in pull form: rows on hemispheres, of the tokens of both (T1, T2, T9a).

Every token is pulled by tokens of both species, so cones never grow. Where every token moves and
sees the tokens of one species, weighed alike, those of an open hemisphere meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.uniform_points import wendel_steps
from proofs_checks.proof import ALMOST_ALL_INDEPENDENT, Flow, How, Statement, Step, cited
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Conclusion,
    Species,
    cones_of_species,
    lowest_at_limit,
    lowest_of_species,
    names_of,
    species_decay,
    species_growth,
    species_in,
    species_meet,
    words_of,
)

SCOPE = {"l": "symbolic", "beta": "symbolic"}


def species_of(flow: Flow) -> Species | None:
    """Return what is concluded of a flow of two species in pull form, or None.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> own = species_of(Flow.of(catalogue("encoder-decoder")))
    >>> own.common, own.closed
    (Y, True)
    >>> species_of(Flow.of(catalogue("SA"))) is None
    True
    """
    if is_code_or_ends(flow) or flow.model.kind != "flow" or flow.model.noise is not None:
        return None
    own = species_in(Subject.of(flow.model, flow.values))
    return own if isinstance(own, Species) else None


def whose(own: Species) -> str:
    """Name the species."""
    return "of " + " and ".join(map(str, own.blocks))


def named(own: Conclusion) -> str:
    """Write the names that a conclusion is written with, after a comma."""
    names = names_of(own.names, [own.says.then])
    return f", {names}" if names else ""


def _shown(
    flow: Flow, conclude: Callable[[Species], Conclusion | None], say: Callable[..., str]
) -> Shown | None:
    own = species_of(flow)
    found = None if own is None else conclude(own)
    if own is None or found is None:
        return None
    return Shown(say(own, found), found, words=SCOPE)


def _bound(found: Conclusion) -> str:
    return words_of(found, 0)


def of_heights(flow: Flow) -> Shown | None:
    """(6.2): T1c."""

    def say(own: Species, found: Conclusion) -> str:
        return f"a lowest token of all, {whose(own)}: {words_of(found)}{named(found)}"

    return _shown(flow, lowest_of_species, say)


def of_limits(flow: Flow) -> Shown | None:
    """(6.5): T1c over the point that all tokens tend to."""

    def say(own: Species, found: Conclusion) -> str:
        return f"all tokens, {whose(own)}: {words_of(found)}{named(found)}"

    return _shown(flow, lowest_at_limit, say)


def of_cones(flow: Flow) -> Shown | None:
    """(6.4): T1b."""
    return _shown(flow, cones_of_species, lambda own, found: words_of(found))


def _meeting_words(own: Species, found: Conclusion) -> str:
    said = f"all tokens, {whose(own)}, in an open hemisphere, h <= <x_i(0),w>"
    return f"{said}: consensus, {_bound(found)}{named(found)}"


def of_meeting(flow: Flow) -> Shown | None:
    """Lemma 6.4: T2."""
    return _shown(flow, species_meet, _meeting_words)


def of_attraction(flow: Flow) -> Shown | None:
    """Remark 6.5: an open hemisphere is near consensus too."""

    def say(own: Species, found: Conclusion) -> str:
        return f"consensus attracts exponentially, as a set: {_meeting_words(own, found)}"

    return _shown(flow, species_meet, say)


def of_independent(flow: Flow) -> Shown | None:
    """Theorem 6.3: independent tokens have a pole."""
    own = species_of(flow)
    found = None if own is None else species_meet(own)
    if own is None or found is None:
        return None
    size = " + ".join(str(block.shape[0]) for block in own.blocks)
    pole = Step("independent tokens have w with all <x_i,w> = 1, up to length", How.DERIVED)
    more = pole, cited(ALMOST_ALL_INDEPENDENT, pole)
    said = f"d >= {size}, uniform data {whose(own)}: consensus almost surely, {_bound(found)}"
    return Shown(f"{said}{named(found)}", found, more, {**SCOPE, "d": f"symbolic, d >= {size}"})


def of_uniform(flow: Flow) -> Shown | None:
    """Theorem 6.7, of which the chance is that of N = n + l points in place of n."""
    own = species_of(flow)
    found = None if own is None else species_meet(own)
    if own is None or found is None:
        return None
    size = " + ".join(str(block.shape[0]) for block in own.blocks)
    whole = Step(f"n is N = {size} in what follows on points", How.DERIVED)
    chance = f"one cluster with probability 2^(1-N) Σ_(k<d) C(N-1,k) at least, N = {size}"
    said = f"uniform data {whose(own)}: {chance}; from a hemisphere {_bound(found)}{named(found)}"
    return Shown(said, found, (whole, *wendel_steps()), SCOPE)


def of_late(conclude: Callable[[Species], Conclusion | None], flow: Flow) -> Shown | None:
    """(6.7) or (6.8): T9a over the species that all see."""

    def say(own: Species, found: Conclusion) -> str:
        return f"all tokens, {whose(own)}: {words_of(found)}{named(found)}"

    return _shown(flow, conclude, say)


OF_SPECIES: Mapping[str, Statement[Shown]] = {
    name: stated(name, ask)
    for name, ask in (
        ("(6.2)", of_heights),
        ("(6.5)", of_limits),
        ("(6.4)", of_cones),
        ("Lemma 6.4", of_meeting),
        ("Remark 6.5", of_attraction),
        ("Theorem 6.3", of_independent),
        ("Theorem 6.7", of_uniform),
        ("(6.7)", partial(of_late, species_growth)),
        ("(6.8)", partial(of_late, species_decay)),
    )
}
"""Rows of two species, as statements of their own."""


__all__ = ["OF_SPECIES", "SCOPE", "named", "species_of", "whose"]
