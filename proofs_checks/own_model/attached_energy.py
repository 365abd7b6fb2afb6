"""Rows on an energy, (3.5) and Proposition 3.4, of models that state none and climb that of SA.

What they say is of E alone. That a model climbs E is a theorem, T5a: so E is the model's own.
"""

from __future__ import annotations

from sympy import S, Symbol, exp, simplify

from proofs_checks.own_model.moves_at_rest import at_each_time
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, ascent, attached, is_of_attention, of_energy
from theory.energy import ENERGY as STATED
from theory.models import USA
from theory.symbols import X, beta, m
from theory.terms import Index, Inner, Item, Row
from theory.terms import Number as Term


def of_attention(flow: Flow) -> tuple[str, Flow] | str:
    """Return USA at the model's own β, whose energy is that of SA, for a model that climbs it."""
    if flow.code or flow.model.energy not in (None, STATED):
        return "no energy is attached"
    climbs = of_energy(ascent, Subject.of(flow.model, flow.values))
    if climbs is None or not is_of_attention(climbs[1], flow.values):
        return _at_another_heat(flow)
    given = {str(p): value for p, value in flow.given.items() if str(p) == str(beta)}
    return f"of the energy of SA, which {flow.name} climbs (T5a)", Flow.of(USA, **given)


def _at_another_heat(flow: Flow) -> tuple[str, Flow] | str:
    """Return USA at every β > 0, for a model that climbs at each time the energy of SA at b > 0."""
    none, held = "no energy of all tokens alike is attached", at_each_time(flow)
    if isinstance(held, str) or not flow.values.get(beta, S.One).is_positive:
        return none
    own = attached(Subject.of(held[1].model, held[1].values))
    if isinstance(own, Refusal):
        return none
    i, j = Index("i"), Index("j")
    kernel = own.weight / (Item(m, i) * Item(m, j))
    if not isinstance(kernel, exp):
        return none
    hot = kernel.args[0] / Inner(Row(X, i), Row(X, j))
    warm = Symbol("beta", positive=True)
    if hot.has(Term) or not hot.subs(beta, warm).is_positive:
        return none
    if simplify(2 * hot * own.pairs / own.weight) != 1:
        return none
    return f"of the energy of SA at {hot} > 0 for β, at each time", Flow.of(USA)


OF_ENERGY = tuple(
    OfAnother(name, of_attention)
    for name in (
        "(3.5)",
        "Proposition 3.4",
        "Proposition 3.4 maximum",
        "Proposition 3.4 minimum",
        "Proposition 3.4 uniqueness",
    )
)


__all__ = ["OF_ENERGY", "of_attention"]
