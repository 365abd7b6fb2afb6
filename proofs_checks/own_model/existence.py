"""Remark 3.1 where the paper's proof doesn't reach: solutions for all time, or lengths that vanish.

A velocity that is locally Lipschitz on a compact state that it keeps has solutions for all time.
Two opposite tokens, one heavy, pull the lengths of the light one down wherever lengths grow by
<x_i, A_i>.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import DiagMatrix as Diagonal
from sympy import (
    Expr,
    MatrixSymbol,
    OneMatrix,
    Piecewise,
    S,
    Symbol,
    Transpose,
    exp,
    simplify,
)

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import (
    INFINITE,
    has_rows_alone,
    lengths_of,
    short,
    velocities_at,
)
from proofs_checks.proof import (
    SYMBOLIC,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    by_statement,
    cited,
    derived,
    gap,
)
from proofs_checks.theorems import rough
from theory.atoms import Elementwise, Sinkhorn
from theory.engines import Rewriter
from theory.symbols import X, beta, m, n, t, z

COMPACT = ("sphere", "simplex", "constant")
"""Spaces of states that stay bounded, the constant ones as they don't move."""


LASTS = "Picard-Lindelöf: a Lipschitz field tangent to a compact space has solutions for all time"
SCALING = "Sinkhorn 1967: a kernel > 0 has one scaling, smooth, as I + P, rows P > 0, is invertible"


def _mass_kept(velocity: Any) -> Any:
    """Return what the algebra leaves of ``Σ_i m_i'``: 1ᵀ diag(m) = mᵀ, and mᵀ1 over Σ m is 1."""
    one, over = OneMatrix(n, 1), Elementwise(1 / z, OneMatrix(1, n) * m)
    share = MatrixSymbol("1/M", n, 1)

    def pair(left: Any, right: Any) -> Any:
        known = {
            (OneMatrix(1, n), Diagonal(m)): (Transpose(m),),
            (one, over): (share,),
            (Transpose(m), share): (),
        }
        return known.get((left, right))

    rewriter = Rewriter(pair=pair)
    left = rewriter.words(OneMatrix(1, n) * velocity)
    return S.Zero if not left else rewriter.assemble(left, (1, 1))


def derive_smooth(flow: Flow) -> tuple[Any, ...] | None:
    """Return the blocks of a compact state, None where it isn't, or where code is asked."""
    spaces = [block.space for block in flow.model.blocks]
    ends = flow.schedule is not None and flow.schedule.ends
    if flow.code or ends or flow.model.kind != "flow" or not set(spaces) <= set(COMPACT):
        return None
    return tuple(block.symbol for block in flow.model.blocks)


def decide_smooth(flow: Flow, blocks: tuple[Any, ...]) -> Sheet:
    """Show that the state is compact and kept, and that its velocity is locally Lipschitz."""
    from proofs_checks.discovery import questions

    named = ", ".join(map(str, blocks))
    compact = Step(f"the state is compact: {named} on spheres, simplices, or constant", How.DERIVED)
    confined = questions()["confinement"]
    assert isinstance(confined, Statement)  # as it is decided for any flow
    kept = [by_statement(confined, flow)]
    masses = flow.model.velocities.get(m)
    if masses is not None:
        kept.append(derived("Σ_i m_i' = 0, and m_i' has the factor m_i", _mass_kept(masses)))
    text = "the velocity is locally Lipschitz on all states"
    parts = [rough(velocity.xreplace(flow.values)) for velocity in flow.model.velocities.values()]
    found = next(filter(None, parts), "")
    evidence = "softmax, kernels and projections of such parts"
    smooth = (
        gap(text, f"not shown of {found}") if found else Step(text, How.DERIVED, evidence=evidence)
    )
    balanced = any(velocity.has(Sinkhorn) for velocity in flow.model.velocities.values())
    scaled = [cited(SCALING)] if balanced else []
    steps = (compact, *kept, *scaled, smooth)
    return Sheet((*steps, cited(LASTS, *steps)), dict(SYMBOLIC))


def lasts(flow: Flow) -> bool:
    """Whether solutions of a flow are shown to exist for all t >= 0, as Remark 3.1 is asked."""
    blocks = derive_smooth(flow)
    return blocks is not None and decide_smooth(flow, blocks).holds


def _starts(hot: Expr) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Opposite tokens, one heavier than what the other weighs for itself; and two equal ones."""
    opposite, same = [[1, 0], [-1, 0]], [[1, 0], [1, 0]]
    yield "x_2 = -x_1, m = (1, 2e^(2β))", opposite, [S.One, 2 * exp(2 * hot)]
    yield "x_2 = -x_1, m = (2e^(2β), 1)", opposite, [2 * exp(2 * hot), S.One]
    yield "x_2 = -x_1, m = (1, e^(2β))", opposite, [S.One, exp(2 * hot)]
    yield "x_2 = x_1, m = (1, 1)", same, [S.One, S.One]


def refute_existence(
    flow: Flow, blocks: tuple[Any, ...] | None, budget: Budget
) -> Counterexample | None:
    """Find two tokens that rest while a length falls to 0, or that have no velocity."""
    if not has_rows_alone(flow):
        return None
    hot = flow.values.get(beta, Symbol("beta", positive=True))
    where = {beta: hot}
    sizes = [Symbol(f"r{i}", positive=True) for i in (1, 2)]
    for named, tokens, masses in _starts(hot):
        try:
            raw = velocities_at(flow, tokens, masses, sizes, where)
            found = {s: [list(map(short, row)) for row in rows] for s, rows in raw.items()}
        except (ValueError, NotImplementedError, ZeroDivisionError):
            continue
        at = f"n = 2, {named}"
        if any(entry.has(*INFINITE) for rows in found.values() for row in rows for entry in row):
            return Counterexample(f"{at}: the velocity has no value there", {"n": "2"})
        if any(entry != 0 for row in found[X] for entry in row):
            continue
        for symbol in lengths_of(flow):
            for i, (rate,) in enumerate(found[symbol], start=1):
                if said := _falls(rate, f"{symbol}_{i}", set(sizes)):
                    return Counterexample(f"{at}: X' = 0, {said}", {"n": "2"})
    return None


def _falls(rate: Expr, name: str, sizes: set[Any]) -> str:
    """Say that a length reaches 0 from a small start, or "": its rate has no length in it."""
    if rate.free_symbols & sizes:
        return ""
    times = {S.Zero: S.Zero}
    for part in rate.atoms(Piecewise):
        (before, condition), (after, _), *more = part.args
        if more or before != 0 or condition != (t < condition.gts):
            return ""
        times = {condition.gts: after}
    ((moment, after),) = times.items()
    now = rate.subs(t, S.Zero) if moment == 0 else simplify(after.subs(t, moment))
    if not now.is_negative:
        return ""
    since = "" if moment == 0 else f" from t = {moment} on, 0 before"
    return f"{name}' = {now if rate.has(t) else rate}{since}: a small {name} falls to 0"


def say_smooth(flow: Flow, blocks: tuple[Any, ...]) -> str:
    """Say what is shown: nothing of measures, or of a constant."""
    return "global existence: the velocity is locally Lipschitz on a compact state, which it keeps"


EXISTENCE: Statement[tuple[Any, ...]] = Statement(
    "Remark 3.1",
    "global existence",
    decide_smooth,
    derive_smooth,
    refute_existence,
    several_blocks=True,
    says=say_smooth,
)


__all__ = ["EXISTENCE", "lasts"]
