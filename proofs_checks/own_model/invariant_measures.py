"""Remark 6.2 where no energy climbs: tokens that meet leave no mass behind.

Along an invariant finite measure the integral of the spread of the tokens is constant. Where it
tends to 0 from almost every start, or from every start in an open hemisphere, that measure lives at
consensus there, which is null. At a consensus at rest a smooth invariant density vanishes where the
divergence, the trace of the linearisation, isn't 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Add, Dummy, Expr, MatMul, MatrixBase, MatrixSymbol, Max, S, ZeroMatrix

from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.by_choice import values_of
from proofs_checks.own_model.by_witness import graph_of, unknown_graph
from proofs_checks.own_model.clustered_law import concluded, in_own_time
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.states import plain_consensus
from proofs_checks.proof import Counterexample, Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import no_density, no_mass_left, no_mass_of_few, vanishing
from theory.atoms import Tangent
from theory.masks import Mask
from theory.symbols import X, beta, d, n, z

SCOPE = ("d", "masses", "beta", "existence")
MEETING = ("Theorem 6.1", "Lemma 6.4")
"""Rows that say from which starts tokens meet: almost all, or those of an open hemisphere."""


def of_attracted(flow: Flow) -> Shown | None:
    """Say what theorems on starts whose tokens meet say, or the divergence, the strongest first."""
    from proofs_checks.own_model.by_theorem import by_theorem

    if flow.code or flow.model.kind != "flow" or flow.model.noise is not None:
        return None
    if (climbs := _in_own_time(flow)) is not None:
        return climbs
    for row in MEETING:
        found = by_theorem(row, flow)
        theorem = concluded(found) if found.verdict is Verdict.PROVED else None
        own = None if theorem is None else no_mass_left(theorem)
        few = no_mass_of_few(theorem) if theorem is not None and _of_three(flow) else None
        if own is not None:
            whole = row == MEETING[0] or few is not None
            density, own = "a density" if whole else "a positive density", few or own
            said = f"no finite measure with {density} is invariant: {found.sentence}"
            words = {key: found.scope[key] for key in SCOPE if key in found.scope}
            wide = ">= 3" if few is not None else words.get("d", "symbolic")
            words["d"] = "symbolic, >= 2" if wide == "symbolic" else wide
            return Shown(said, own, words={**words, "n": "symbolic, >= 2"})
    if _still(flow) or _resting(flow):
        return None
    own, trace = vanishing(Subject.of(flow.model, flow.values)), divergence(flow)
    if own is None:
        return None
    said = f"div F = {trace} < 0 at consensus, where an invariant density vanishes"
    words = {"n": "symbolic, >= 2", "d": "symbolic, >= 2", "masses": "1/n"}
    hot = _sign(trace)[1] if trace is not None else ""
    return Shown(
        f"no measure with a positive smooth density is invariant: {said}",
        own,
        words={**words, "beta": hot},
    )


def _in_own_time(flow: Flow) -> Shown | None:
    """Say it of a flow at a pace, which keeps the measures that it keeps in its own time."""
    paced = in_own_time(flow)
    own = None if paced is None else no_density(Subject.of(paced[1].model, paced[1].values))
    if paced is None or own is None:
        return None
    said = "no finite measure with a density on the states is invariant, as E climbs"
    return Shown(f"{paced[0]}; {said}", own, words={"d": ">= 2", "n": ">= 2"})


def _of_three(flow: Flow) -> bool:
    """Whether a graph is given, of three tokens at most: they are no more than d >= 3."""
    velocity = flow.model.velocities.get(X, S.Zero)
    masks = velocity.xreplace(flow.values).atoms(Mask)
    tables = [mask.parameter for mask in masks if isinstance(mask.parameter, MatrixBase)]
    return bool(tables) and all(table.rows <= 3 for table in tables)


def divergence(flow: Flow) -> Expr | None:
    """Return the trace of the linearisation at a consensus at rest, of tokens alone.

    Examples
    --------
    >>> from theory.models import REPULSIVE
    >>> divergence(Flow.of(REPULSIVE))
    (d - 1)*(n - 1)
    """
    model = flow.model
    if any(block.space != "sphere" for block in model.blocks):
        return None
    found = plain_consensus(model)
    if found is None or found.operators or not found.eigenvalues:
        return None
    trace: Expr = Add(*(value * count for value, count in found.eigenvalues)).subs(flow.values)
    return trace


def _sizes(expr: Expr) -> Expr:
    """Write n and d as 1 + what is positive, and other sizes as positive."""
    more = {n: 1 + Dummy("k", positive=True), d: 1 + Dummy("l", positive=True)}
    rest = {s: Dummy(str(s), positive=True) for s in expr.free_symbols if s.is_integer} | more
    return expr.subs(rest, simultaneous=True)


def _sign(trace: Expr) -> tuple[int, str]:
    """Return the sign of a divergence for n, d >= 2, and the range of β where it is so."""
    for words, hot in (("symbolic, >= 0", {"nonnegative": True}), ("> 0", {"positive": True})):
        at = _sizes(trace).subs(beta, Dummy("b", **hot))
        if at.is_negative or at.is_positive:
            return (-1 if at.is_negative else 1), words
    return 0, ""


def refute_attracted(flow: Flow, prediction: Shown | None, budget: Budget) -> Counterexample | None:
    """Find parameters at which nothing moves, an open set at rest, or a divergence > 0."""
    if prediction is not None or flow.code or flow.model.kind != "flow":
        return None
    if found := _still(flow) or _resting(flow):
        return Counterexample(found)
    trace = None if flow.model.noise is not None else divergence(flow)
    if trace is None or _sign(trace)[0] <= 0:
        return None
    return Counterexample(f"{flow.name}: div F = {trace} > 0 at consensus, n, d >= 2")


def _still(flow: Flow) -> str:
    """Say for which values of its matrices the model doesn't move at all."""
    velocity, graph = flow.model.velocity, unknown_graph(flow)
    if set(flow.model.velocities) != {X} or not isinstance(velocity, Tangent):
        return ""
    if graph is not None and graph_of(flow) is None:
        product = MatMul(velocity.field).doit()
        args = product.as_coeff_matrices()[1] if isinstance(product, MatMul) else []
        alone = len(args) == 2 and args[1] == X and getattr(args[0], "mask", None) is not None
        said = f"{graph} = I: tokens see themselves alone, A = I and P_i x_i = 0"
        return f"{said}: every measure is invariant" if alone else ""
    values = {
        p: ZeroMatrix(*p.shape)
        for p in flow.model.parameters
        if isinstance(p, MatrixSymbol) and p.shape == (d, d) and str(p) not in flow.given
    }
    own = values_of(flow)
    for picked in ({p: none for p, none in values.items() if p in own}, values):
        field: Any = velocity.field.xreplace(picked).doit() if picked else None
        if isinstance(field, ZeroMatrix):
            named = ", ".join(f"{p} = 0" for p in picked)
            return f"{named}: no token moves, so every measure is invariant"
    return ""


def _resting(flow: Flow) -> str:
    """Say that two tokens with <x_1,x_2> < 0 rest, an open set, as k = 0 there."""
    weight = flow.weight
    if weight is None or len(flow.model.blocks) > 1:
        return ""
    low = weight.subs({z: -Dummy("g", positive=True), beta: Dummy("b", positive=True)})
    if z not in weight.free_symbols or low.rewrite(Max).doit() != 0:
        return ""
    return "n = 2, <x_1,x_2> < 0, β > 0: the weight is 0 and both rest, an open set of states"


MEASURES = replace(
    stated("Remark 6.2", of_attracted, refute=refute_attracted),
    sentence="no smooth measure is invariant",
)


__all__ = ["MEASURES", "divergence"]
