"""Energies that move where no token does: by time in the scores, or by masses that move.

At consensus no token moves, whatever the speeds; opposite tokens don't either. There dE/dt is what
masses do to E, and ∂E/∂t.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, S, Symbol, simplify

from proofs_checks.claim import Budget
from proofs_checks.own_model.measure_fields import refute_flux
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.own_model.states import has_rows_alone, unproved, velocities_at
from proofs_checks.proof import Counterexample, Flow, Statement
from proofs_checks.proof.kinds import OF_PAIR_ENERGY, UNDIVIDED, UNLABELLED
from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import PairEnergy, Refusal, attached
from theory.energy import pair_kernel
from theory.models import Model
from theory.symbols import X, beta, m, t, z
from theory.terms import Index, Inner, Item, Row
from theory.terms import Number as Term

_HOTTEST = S(2)
"""β at which the energy of SA falls with β at consensus: e^β/β rises above β = 1."""


def _in_time(flow: Flow) -> PairEnergy | None:
    """Return the energy of pairs, with t in it, that a model without a stated one climbs."""
    if flow.code or flow.schedule is not None or flow.model.energy is not None:
        return None
    if any(t in value.free_symbols for value in flow.values.values()):
        return None
    own = attached(Subject.of(flow.model, flow.values))
    return None if isinstance(own, Refusal) or t not in own.pairs.free_symbols else own


def energy_in_time(flow: Flow) -> str | None:
    """Write the energy with t in it that a model climbs, if that has."""
    own = _in_time(flow)
    return None if own is None else written(Rel("=", own.energy, own.energy)).partition(" = ")[0]


def _of_one(flow: Flow) -> Any:
    """Return the energy of one token of mass 1, for a model with t in the energy it climbs."""
    own = _in_time(flow)
    if own is None:
        return None
    i, j = Index("i"), Index("j")
    alone = own.pairs.xreplace(
        {Inner(Row(X, i), Row(X, j)): S.One, Item(m, i): S.One, Item(m, j): S.One}
    )
    return None if alone.has(Term) or alone.has(Index) else alone


def moves_by_time(flow: Flow) -> Counterexample | None:
    """Find ∂E/∂t at consensus."""
    alone = _of_one(flow)
    if alone is None:
        return None
    put = {p: _HOTTEST if p == beta else S.One for p in flow.model.parameters}
    slope = alone.diff(t).subs(put)
    moments = ((time, simplify(slope.subs(t, time))) for time in (S.Zero, S.One))
    moved = ((time, rate) for time, rate in moments if rate.is_number and rate.is_nonzero)
    if (found := next(moved, None)) is None:
        return None
    time, rate = found
    at = ", ".join(f"{p} = {value}" for p, value in put.items() if p in alone.free_symbols)
    said = f"consensus doesn't move, and dE/dt = ∂E/∂t = {rate} at t = {time}"
    return Counterexample(f"{said}{'; ' if at else ''}{at}", {"n": ">= 1"})


def moves_by_masses(flow: Flow) -> Counterexample | None:
    """Find dE/dt ≠ 0 at opposite tokens whose masses move."""
    model = flow.model
    if m not in model.velocities or model.energy is None or not has_rows_alone(flow):
        return None
    try:
        pair = pair_kernel(model.energy)
    except ValueError:
        return None
    if pair is None:
        return None
    at = {p: S.One for p in model.parameters if p not in flow.values}
    masses, tokens = [Rational(3, 4), Rational(1, 4)], [[S.One, S.Zero], [-S.One, S.Zero]]
    try:
        found = velocities_at(flow, tokens, masses, (), at)
    except (ValueError, NotImplementedError, ZeroDivisionError):
        return None
    if any(simplify(entry) != 0 for row in found[X] for entry in row):
        return None
    h = pair.xreplace(flow.values).xreplace(at)
    near, far = h.subs(z, 1), h.subs(z, -1)
    worth = [masses[0] * near + masses[1] * far, masses[0] * far + masses[1] * near]
    rate = sum(a * row[0] for a, row in zip(worth, found[m], strict=True))
    value = simplify(rate)
    if not value.is_number or abs(value.evalf(30)) < S(10) ** -20:
        return None
    put = ", ".join(f"{p} = {number}" for p, number in at.items())
    said = "x_2 = -x_1, masses 3/4, 1/4: no token moves, the masses do, and dE/dt"
    return Counterexample(f"{said} = {value.n(6)}{'; ' if put else ''}{put}", {"n": "2"})


def moves_at_rest(flow: Flow, prediction: str | None, budget: Budget) -> Counterexample | None:
    """Find a state where E moves though no token does."""
    return moves_by_time(flow) or moves_by_masses(flow)


def moves_beside_time(flow: Flow, prediction: str | None, budget: Budget) -> Counterexample | None:
    """Find a state where E moves though no token does, ∂E/∂t apart."""
    return moves_by_masses(flow)


def falls_by_time(flow: Flow) -> Counterexample | None:
    """Find ∂E/∂t < 0 at consensus."""
    found = moves_by_time(flow)
    return found if found is not None and "∂E/∂t = -" in found.text else None


def flux_has_a_source(flow: Flow, prediction: str | None, budget: Budget) -> Counterexample | None:
    """Find a token whose mass moves."""
    return refute_flux(flow, None, budget) if m in flow.model.velocities else None


def _say(flow: Flow, energy: str) -> str:
    return f"dE/dt is the sum over the tokens, at each time; E = {energy}"


_OF_THE_ENERGY = (UNLABELLED, OF_PAIR_ENERGY, UNDIVIDED)
AT_REST = tuple(
    Statement(name, "", unproved, energy_in_time, refute, None, None, domain, (), says=says,
              several_blocks=True)
    for name, domain, refute, says in (
        ("dissipation identity", (), moves_at_rest, _say),
        ("dissipation identity with ∂E/∂t", (), moves_beside_time, None),
        ("(3.16)", (UNLABELLED,), moves_at_rest, _say),
        ("Lemma 3.7", _OF_THE_ENERGY, moves_at_rest, _say),
        ("(3.10)", _OF_THE_ENERGY, flux_has_a_source, None),
    )
)  # fmt: skip
"""Rows that such states refute, asked where no theorem is concluded."""


def at_each_time(flow: Flow) -> tuple[str, Flow] | str:
    """Return the model at a time that is held, where the energy that it climbs has t in it.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> at_each_time(Flow.of(catalogue("LNS with scores")))[0]
    'at each time t, ∂E/∂t apart'
    """
    if _of_one(flow) is None:
        return "no energy with t in it is attached"
    held = Symbol("t_0", positive=True)  # at t = 0 by continuity
    model = flow.model
    rates = {symbol: rate.xreplace({t: held}) for symbol, rate in model.velocities.items()}
    still = Model(
        model.name,
        rates if len(model.blocks) > 1 else rates[X],
        parameters=(*model.parameters, held),
        space=model.space,
        kind=model.kind,
        blocks=model.blocks if len(model.blocks) > 1 else (),
    )
    given = {str(p): value for p, value in flow.given.items()}
    return "at each time t, ∂E/∂t apart", Flow.of(still, **given)


def with_held_masses(flow: Flow) -> tuple[str, Flow] | str:
    """Return the model of the tokens alone, of masses that move, which are weights at each time."""
    model = flow.model
    if flow.code or {block.symbol for block in model.blocks} != {X, m} or model.energy is None:
        return "no masses that move beside tokens, and a stated energy"
    alone = Model(
        model.name,
        model.velocities[X],
        model.energy,
        model.metric,
        model.parameters,
        model.space,
        model.kind,
        noise=model.noise,
    )
    given = {str(p): value for p, value in flow.given.items()}
    return "of the masses at each time", Flow.of(alone, **given)


OF_MASSES = tuple(OfAnother(row, with_held_masses) for row in ("Lemma 3.6", "consensus spectrum"))


__all__ = ["AT_REST", "OF_MASSES", "at_each_time", "energy_in_time", "falls_by_time"]
