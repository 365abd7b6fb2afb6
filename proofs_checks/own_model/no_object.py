"""Rows whose object a model hasn't, as other rows found: one γ(t) of all angles, one sum Z."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from proofs_checks.claim import Evidence, Question, Verdict
from proofs_checks.decide import decide_positive
from proofs_checks.own_model.by_matrices import moving
from proofs_checks.own_model.by_species import species
from proofs_checks.own_model.nothing_moves import stands_still
from proofs_checks.own_model.two_species import species_of
from proofs_checks.proof import CONTINUOUS, Flow, parts_of
from theory.atoms import RowSoftmax
from theory.symbols import X, z

_Ask = Callable[[Question, Flow], Evidence]


def _no_angle(rows: tuple[str, ...], flow: Flow, ask: _Ask) -> str:
    """Say that equal angles don't stay equal, from one start or from an orthonormal one."""
    from proofs_checks.discovery import questions

    for row in rows:
        found = ask(questions()[row], flow)
        if found.verdict is None:
            return found.detail
        apart = "<x_1,x_2>' =" in found.detail or "all <x_i,x_j> = " in found.detail
        if found.verdict is Verdict.REFUTED and apart:
            return f"angles have no one γ(t): {found.detail}"
    return ""


def _no_sum(flow: Flow, ask: _Ask) -> str:
    """Say that weights are of other scores than ``c <x_i,x_j>``."""
    parts = parts_of(flow)
    if parts is None:
        return ""
    heads = {head for part in parts[0] for head in part.atoms(RowSoftmax)}
    other = [h.scores for h in heads if h.scores.as_coeff_mmul()[1] != X * X.T]
    return "weights other than e^{c<x_i,x_j>}" if other and len(other) == len(heads) else ""


def _no_rest(flow: Flow, ask: _Ask) -> str:
    """Say that consensus isn't at rest, for some matrices, or beside keys that stay."""
    if species(flow) is None:
        return moving(flow)
    found = species_of(flow)
    stays = found is not None and set(found.weights) == {X}
    return "consensus isn't at rest: all tokens at e_1, keys at e_2, x' = P_x e_2" if stays else ""


def _no_energy(flow: Flow, ask: _Ask) -> str:
    """Say that tokens of two species move and no energy is stated."""
    found = None if flow.model.energy is not None else species_of(flow)
    two = found is not None and found.all_move
    return "no energy is stated, of two species" if two else ""


def _no_metric(flow: Flow, ask: _Ask) -> str:
    """Say why no metric makes an energy of pairs of the tokens one that climbs."""
    from proofs_checks.discovery import questions

    found = ask(questions()["(3.16)"], flow)
    return found.detail if found.verdict is None else ""


def _no_run(flow: Flow, ask: _Ask) -> str:
    """Say that no run goes to consensus: nothing moves, or all weights near it are below 0."""
    if stands_still(flow):
        return "nothing moves: no run goes to consensus"
    weight = flow.weight
    if weight is None or not flow.autonomous.holds or not CONTINUOUS.test(flow).holds:
        return ""
    repels = decide_positive(-weight.subs(z, 1)).for_all
    return "near consensus tokens repel: no run goes there" if repels else ""


def _no_law(flow: Flow, ask: _Ask) -> str:
    """Say that angles don't stay equal, or that consensus isn't at rest beside keys that stay."""
    return _no_angle(_ANGLES[:1], flow, ask) or (_no_rest(flow, ask) if species(flow) else "")


_ANGLES = ("equiangular ODE", "Theorem 6.8")
_LACKS: Mapping[str, Callable[[Flow, _Ask], str]] = {
    "(6.11)": partial(_no_angle, _ANGLES),
    "(6.12)": partial(_no_angle, _ANGLES),
    "rates of schemes": _no_law,
    "(3.3)": _no_sum,
    "(6.1)": _no_run,
    "Theorem 4.1 rates": _no_rest,
    "consensus spectrum": _no_rest,
    "Remark 3.8": _no_metric,
    "dissipation identity": _no_energy,
    "dissipation identity with ∂E/∂t": _no_energy,
    "gradient structure": _no_energy,
}


def lacks(row: str, flow: Flow, ask: _Ask) -> str:
    """Return what a row speaks of and a flow hasn't, or "".

    Parameters
    ----------
    row : str
    flow : Flow
    ask : callable
        Evidence of another row on the flow.
    """
    return _LACKS[row](flow, ask) if row in _LACKS else ""


__all__ = ["lacks"]
