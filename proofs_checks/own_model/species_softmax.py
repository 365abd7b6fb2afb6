"""Two species that attend by softmax: (3.3), (3.7), Remark 6.2, (7.1) and rates at consensus."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.two_species import SCOPE, named, species_of, whose
from proofs_checks.proof import Flow, Statement, by_statement
from proofs_checks.propositions import All
from proofs_checks.theorems import (
    Conclusion,
    Species,
    cold_species,
    species_angles,
    species_convolve,
    species_divisor,
    species_no_density,
    species_slopes,
    species_spectrum,
    words_of,
)
from theory.models import SA
from theory.symbols import beta


def _concluded(
    flow: Flow, conclude: Callable[[Species], Conclusion | None]
) -> tuple[Species, Conclusion] | None:
    own = species_of(flow)
    found = None if own is None else conclude(own)
    return None if own is None or found is None else (own, found)


def of_slopes(flow: Flow) -> Shown | None:
    """(3.7): each softmax is a logarithmic derivative."""
    if (both := _concluded(flow, species_slopes)) is None:
        return None
    _, found = both
    said = "velocities = grad φ_i at the tokens, all else held"
    return Shown(f"{said}: {words_of(found)}{named(found)}", found, words={"l": "symbolic"})


def of_divisor(flow: Flow) -> Shown | None:
    """(3.3): a softmax is what its sum divides."""
    if (both := _concluded(flow, species_divisor)) is None:
        return None
    _, found = both
    said = "Z_i takes x_i' with 1/Z to x_i' without"
    return Shown(f"{said}: {words_of(found)}{named(found)}", found, words=SCOPE)


def of_measures(flow: Flow) -> Shown | None:
    """Remark 6.2: each token climbs a function of its own that isn't constant."""
    if (both := _concluded(flow, species_no_density)) is None:
        return None
    words = {"l": "symbolic", "d": ">= 2"}
    return Shown(words_of(both[1]), both[1], words=words)


def of_circle(flow: Flow) -> Shown | None:
    """(7.1): angles of all tokens on the circle."""
    if (both := _concluded(flow, species_angles)) is None:
        return None
    own, found = both
    said = f"on the circle, {whose(own)}: {words_of(found)}{named(found)}"
    return Shown(said, found, words={**SCOPE, "d": "2"})


def of_convolutions(flow: Flow) -> Shown | None:
    """(7.1) on measures: quotients of convolutions."""
    if (both := _concluded(flow, species_convolve)) is None:
        return None
    own, found = both
    said = f"on the circle, {whose(own)}, quotients (h' * ν)/(h * ν) up to factors"
    return Shown(f"{said}: {words_of(found)}", found, words={"l": "symbolic", "d": "2"})


def of_cold_rates(flow: Flow) -> Shown | None:
    """Theorem 4.1 rates: at β = 0 the species that all see moves as SA's tokens do, in the time kt.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> found = of_cold_rates(Flow.of(catalogue("encoder-decoder")))
    >>> found.sentence[:60]
    "β = 0: y_a' = P_(y_a) Σ_(b <= l) y_b/l, SA's tokens at β = 0"
    """
    from proofs_checks.discovery import questions

    values = {**flow.given, str(beta): flow.given.get(str(beta), 0)}
    if values[str(beta)] != 0:
        return None
    if (both := _concluded(Flow.of(flow.model, **values), cold_species)) is None:
        return None
    own, found = both
    paper = questions()["Theorem 4.1 rates"]
    assert isinstance(paper, Statement)  # as it is decided for any flow
    rates = by_statement(paper, Flow.of(SA), text="the rates of SA at β = 0, of masses 1/l")
    motion, spectrum = (words_of(found, place) for place in (0, 1))
    size = own.common.shape[0]
    pace = own.least(own.common, own.common) * size  # e^0/l of each, times factors
    time = "" if pace == 1 else f" in the time kt, k = {pace}"
    law = f"1-γ = {size}/(e^(2{'' if pace == 1 else 'k'}t) + {size} - 1) of equal angles"
    said = f"β = 0: {motion}, SA's tokens at β = 0{time}: {law}, p against q repel; {spectrum}"
    return Shown(said, found, (rates,), {"l": "symbolic", "beta": "0"})


def of_spectrum(flow: Flow) -> Shown | None:
    """Rates at consensus of both species: between their means, and inside each."""
    if (both := _concluded(flow, species_spectrum)) is None:
        return None
    own, found = both
    assert isinstance(found.says.then, All)  # as it is claimed
    values = sorted(mode.args[2] for mode in found.says.then.args[:-1])
    rates = ", ".join(str(value) for value in values if value != 0)
    said = f"consensus of all tokens, {whose(own)}, is linearly stable, rotations apart"
    return Shown(f"{said}: rates {rates}; {words_of(found)}", found, words=SCOPE)


OF_SOFTMAXES: Mapping[str, Statement[Shown]] = {
    name: stated(name, ask)
    for name, ask in (
        ("(3.7)", of_slopes),
        ("(3.3)", of_divisor),
        ("Remark 6.2", of_measures),
        ("(7.1)", of_circle),
        ("(7.1) continuity", of_convolutions),
        ("consensus spectrum", of_spectrum),
        ("Theorem 4.1 rates", of_cold_rates),
    )
}
"""Rows on softmaxes of two species, as statements of their own."""


__all__ = ["OF_SOFTMAXES"]
