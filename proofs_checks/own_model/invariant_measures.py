"""Remark 6.2 where no energy climbs: tokens that meet leave no mass behind.

Along an invariant finite measure the integral of the spread of the tokens is constant. Where it
tends to 0 from almost every start, or from every start in an open hemisphere, that measure lives at
consensus there, which is null. At a consensus at rest a smooth invariant density vanishes where the
divergence, the trace of the linearisation, isn't 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Add, Dummy, Expr, MatMul, MatrixSymbol, Max, ZeroMatrix

from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.by_choice import values_of
from proofs_checks.own_model.by_witness import graph_of, unknown_graph
from proofs_checks.own_model.states import plain_consensus
from proofs_checks.proof import Counterexample, Flow, How, Sheet, Statement, Step, cited, gap
from theory.atoms import Tangent
from theory.symbols import X, beta, d, n, z

MEETING = ("Theorem 6.1", "Lemma 6.4")
"""Rows that say from which starts tokens meet: almost all, or those of an open hemisphere."""


@dataclass(frozen=True)
class Attracted:
    """What is known of starts whose tokens meet, or of the divergence at a consensus at rest.

    Attributes
    ----------
    row : str
        The row of `MEETING`; "" for the divergence.
    said : str
        What it says.
    words : Mapping
        Its scope.
    trace : Expr or None
        The divergence at consensus.
    """

    row: str
    said: str = ""
    words: Any = None
    trace: Expr | None = None


def derive_attracted(flow: Flow) -> Attracted | None:
    """Return what is known of a flow, the strongest first."""
    from proofs_checks.own_model.by_theorem import by_theorem

    if flow.code or flow.model.kind != "flow" or flow.model.noise is not None:
        return None
    for row in MEETING:
        found = by_theorem(row, flow)
        if found.verdict is Verdict.PROVED:
            return Attracted(row, found.sentence, found.scope)
    if _still(flow) or _resting(flow):
        return None
    trace = divergence(flow)
    return None if trace is None else Attracted("", trace=trace)


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


def decide_attracted(flow: Flow, found: Attracted) -> Sheet:
    """Integrate the spread over an invariant measure, or read off the divergence."""
    wide = (n - 1) * (d - 1)
    text = f"consensus has {wide} dimensions less than all states: > 0 for n, d >= 2, so it is null"
    thin = Step(text, How.DECIDED) if _sizes(wide).is_positive else gap(text, "no sign")
    if found.trace is not None:
        return _of_trace(found.trace)
    meets = Step(found.said, How.BY_STATEMENT)
    lemma = "dominated convergence: ∫D(φ_t x) dμ -> 0, D = max |x_i - x_j|, where D(φ_t x) -> 0"
    if found.row == MEETING[0]:
        moved = cited(lemma, meets)
        said = "∫D dμ is constant for an invariant μ, so 0: μ is at consensus, without a density"
    else:
        kept = "tokens of an open hemisphere stay in it: U with φ_t(U) in U, μ(φ_t(U)) = μ(U)"
        moved = cited(lemma, meets, Step(kept, How.BY_STATEMENT))
        said = "∫_U D dμ is constant for an invariant μ, so 0: μ has no density > 0 in U"
    words = found.words
    null = Step(said, How.BY_RULE, evidence="∫ f(φ_t x) dμ = ∫ f dμ")
    return Sheet((thin, meets, moved, null), {**words, "n": "symbolic, >= 2"}, (), said)


def _of_trace(trace: Expr) -> Sheet:
    sign, warm = _sign(trace)
    value = Step(f"div F = {trace} at consensus, where F = 0", How.DERIVED, evidence="its spectrum")
    text = "div F < 0 there, for n, d >= 2"
    falls = Step(text, How.DECIDED) if sign < 0 else gap(text, f"the sign of {trace}")
    text = "div(ρF) = ρ div F + <grad ρ, F> = ρ div F there: div(ρF) = 0 needs ρ = 0"
    density = Step(text, How.BY_RULE)
    words = {"n": "symbolic, >= 2", "d": "symbolic, >= 2", "beta": warm, "masses": "1/n"}
    return Sheet((value, falls, density), words, (), f"div F = {trace} < 0 at consensus")


def say_attracted(flow: Flow, found: Attracted) -> str:
    """Say of which measures it is shown."""
    if found.row == MEETING[0]:
        return f"no finite measure with a density is invariant: {found.said}"
    if found.row:
        return f"no finite measure with a positive density is invariant: {found.said}"
    if found.trace is None or _sign(found.trace)[0] > 0:
        return f"{MEASURES.sentence}, div F < 0 at consensus"
    said = f"div F = {found.trace} < 0 at consensus, where an invariant density vanishes"
    return f"no measure with a positive smooth density is invariant: {said}"


def refute_attracted(
    flow: Flow, prediction: Attracted | None, budget: Budget
) -> Counterexample | None:
    """Find parameters at which nothing moves, an open set at rest, or a divergence > 0."""
    if prediction is not None and prediction.row:
        return None
    if found := _still(flow) or _resting(flow):
        return Counterexample(found)
    if prediction is None or prediction.trace is None or _sign(prediction.trace)[0] <= 0:
        return None
    return Counterexample(f"{flow.name}: div F = {prediction.trace} > 0 at consensus, n, d >= 2")


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


MEASURES: Statement[Attracted] = Statement(
    "Remark 6.2",
    "no smooth measure is invariant",
    decide_attracted,
    derive_attracted,
    refute_attracted,
    several_blocks=True,
    says=say_attracted,
)


__all__ = ["MEASURES", "Attracted", "divergence"]
