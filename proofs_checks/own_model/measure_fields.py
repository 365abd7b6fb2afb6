"""(3.1) and (3.4) of tokens with lengths, masses or other weights, T12: fields that read a measure.

A velocity that counts tokens moves differently when a token is split in two, which the measure of
their states doesn't see.
"""

from __future__ import annotations

from typing import Any

from sympy import MatrixSymbol, S

from proofs_checks.claim import Budget
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import Counterexample, Flow, Witness, decimal, excludes_zero, row_defect
from proofs_checks.propositions import Subject
from proofs_checks.theorems import measure_field, weak_solution
from theory.symbols import X, d, m, n


def _states(flow: Flow) -> tuple[str, str]:
    """Return of what the measure is, and which rates are its field."""
    own = [str(symbol) for symbol in lengths_of(flow) if symbol != m]
    others = [str(one).lower() for one in _moving(flow) if one != X]
    states = "S^{d-1}" + " x (0,∞)" * len(own)
    return states, ", ".join(f"{x}_i'" for x in ("x", *own, *others))


def _moving(flow: Flow) -> list[Any]:
    """Return the species that move."""
    return [one for one in flow.model.velocities if one.shape[1] == d]


def _measures(flow: Flow) -> str:
    """Return the measures that the field reads: of tokens, and of other species."""
    rates = flow.model.velocities.values()
    others = [b.symbol for b in flow.model.blocks if b.symbol.shape[1] == d and b.symbol != X]
    own = any(rate.has(m) for rate in rates) or not others
    return ", ".join([*["μ"] * own, *(f"ν_{one}" for one in others)])


def of_field(flow: Flow) -> Shown | None:
    """(3.1): tokens, and points without mass, move along the field of their measure."""
    own = None if is_code_or_ends(flow) else measure_field(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    (states, moves), measures = _states(flow), _measures(flow)
    said = "tokens, and points without mass, move along the field of their measure"
    said += "s" if "," in measures or "ν" in measures else ""
    means = {"μ": "μ = Σ_j m_j δ at the states", "ν": "ν the mean of δ at the rows"}
    of = ", ".join(text for name, text in means.items() if name in measures)
    text = f"{said}: {moves} = F[{measures}], {of}, on {states}"
    return Shown(text, own, words={"d": "symbolic", "beta": "symbolic"})


def of_weak_form(flow: Flow) -> Shown | None:
    """(3.4): the measure of the states solves the continuity equation weakly."""
    own = None if is_code_or_ends(flow) else weak_solution(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    (states, _), read = _states(flow), _measures(flow)
    names = ["μ" if one == X else f"ν_{one}" for one in _moving(flow)]
    equations = " and ".join(f"{name}_t + div(F[{read}] {name}) = 0" for name in names)
    whose = "the measure of the states, on" if len(names) == 1 else "the measures of all rows, on"
    solves = "solves" if len(names) == 1 else "solve"
    text = f"{whose} {states}, {solves} {equations} weakly"
    return Shown(text, own, words={"d": "symbolic", "beta": "symbolic"})


def splits(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find a state where the velocity changes when a token is split in two at its place."""
    if prediction is not None or not _tokens_with_lengths(flow) or n in flow.values:
        return None
    rates = list(flow.model.velocities.values())
    point = Witness(budget.rng, rates)
    if point.own_tokens is not None:
        return None
    lengths = [symbol for symbol in lengths_of(flow) if symbol != m]
    for symbol in lengths:
        point.matrices[symbol] = [[S.One]] * len(point.matrices[X])
    tokens, masses = point.matrices[X], point.matrices[m]
    parts = [[masses[0][0] / 4], [3 * masses[0][0] / 4]]
    more = {X: [tokens[0], *tokens], m: [*parts, *masses[1:]]}
    more |= {symbol: [[S.One], *point.matrices[symbol]] for symbol in lengths}
    velocity = flow.model.velocities[X]
    before, after = point.evaluator()(velocity), point.evaluator(more)(velocity)
    said = "the same measure, another velocity: token 1 split into m_1/4 and 3 m_1/4 changes x_{i}'"
    found = row_defect(after[1:], before, said, point)
    return Counterexample(found) if found else None


def _tokens_with_lengths(flow: Flow) -> bool:
    known = {X, m, *lengths_of(flow)}
    model = flow.model
    blocks = {block.symbol for block in model.blocks} <= known
    scalar = not any(isinstance(p, MatrixSymbol) and n in p.shape for p in model.parameters)
    flows = model.kind == "flow" and model.space == "sphere" and model.noise is None
    return blocks and scalar and flows and not flow.code


def refute_flux(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find a token whose mass moves, or one whose split is seen."""
    if prediction is None and m in flow.model.velocities and _tokens_with_lengths(flow):
        rate: Any = flow.model.velocities[m]
        point = Witness(budget.rng, [rate, flow.model.velocities[X]])
        for i, row in enumerate(point.evaluator()(rate), start=1):
            if len({tuple(x) for x in point.matrices[X]}) == len(point.matrices[X]):
                if excludes_zero(row[0]):
                    said = f"m_{i}' = {decimal(row[0])}, so ∫ f dμ moves for an f that is constant"
                    return Counterexample(f"{said} near each token, at {point}")
    return splits(flow, prediction, budget)


__all__ = ["of_field", "of_weak_form", "refute_flux", "splits"]
