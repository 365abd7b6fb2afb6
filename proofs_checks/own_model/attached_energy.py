"""Rows on an energy, (3.5) and Proposition 3.4, of models that state none and climb that of SA.

What they say is of E alone. That a model climbs E is a theorem, T5a: so E is the model's own.
Weights m_j k(<x_i,x_j>) are those of the energy of h, h' = k: whoever states it moves no otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial

from sympy import (
    DiagMatrix,
    Expr,
    Function,
    I,
    Integral,
    MatMul,
    Piecewise,
    S,
    Symbol,
    exp,
    integrate,
    log,
    simplify,
)

from proofs_checks.decide import CONTINUOUS
from proofs_checks.own_model.moves_at_rest import at_each_time
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, ascent, attached, is_of_attention, of_energy
from theory.atoms import Elementwise, Tangent
from theory.energy import ENERGY as STATED
from theory.energy import interaction_energy
from theory.models import USA
from theory.symbols import X, beta, d, m, n, t, z
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


@lru_cache(maxsize=64)
def _potential(kernel: Expr) -> Expr | None:
    """Return h, h' = k, where rules of integration find it; it is differentiated again."""
    found = integrate(kernel, z, manual=True)
    known = not found.has(Integral, Piecewise, I)
    return found if known and simplify(found.diff(z) - kernel) == 0 else None


def with_energy(flow: Flow, special: bool = False) -> tuple[str, Flow] | str:
    """Return the same velocity with the energy of its weights, where these are m_j k(<x_i,x_j>).

    Parameters
    ----------
    flow : Flow
    special : bool
        Whether h may be made of functions that aren't enclosed.
    """
    model, none = flow.model, "no energy of weights m_j k(<x_i,x_j>) is attached"
    alone = [block.symbol for block in model.blocks] == [X] and model.noise is None
    if flow.code or model.energy is not None or model.kind != "flow" or not alone:
        return none
    if not isinstance(model.velocity, Tangent) or not isinstance(model.velocity.field, MatMul):
        return none
    factor, letters = model.velocity.field.as_coeff_matrices()
    first = letters[0]
    if letters[1:] != [DiagMatrix(m), X] or not isinstance(first, Elementwise):
        return none
    if model.space != "sphere" or model.velocity.points != X or first.expr != X * X.T:
        return none
    kernel = factor * first.body
    if kernel.has(t, n, d) or z not in kernel.free_symbols:
        return none
    potential = _potential(kernel)
    calls = () if potential is None else potential.atoms(Function)
    if potential is None or not (special or all(isinstance(f, (*CONTINUOUS, log)) for f in calls)):
        return none
    own = replace(model, energy=interaction_energy(potential), metric=m)
    return f"of the energy of h = {potential}, which {flow.name} climbs", Flow.of(own, **flow.given)


OF_KERNELS: Mapping[str, OfAnother] = {
    name: OfAnother(name, partial(with_energy, special=name == "(8.1)"))
    for name in ("circle", "Theorem 5.1", "Theorem 6.1", "(8.1)", "discrete layer")
}
"""Rows that need the energy of the weights, and are of the motion alone, or of both."""
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


__all__ = ["OF_ENERGY", "OF_KERNELS", "of_attention", "with_energy"]
