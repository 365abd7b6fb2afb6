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
    Dummy,
    Expr,
    HadamardProduct,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Max,
    OneMatrix,
    Piecewise,
    Pow,
    S,
    Symbol,
    Transpose,
    ZeroMatrix,
    exp,
    log,
    simplify,
)
from sympy.core.function import Application
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.claim import Budget
from proofs_checks.decide import CONTINUOUS
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
    analytic,
    by_statement,
    cited,
    derived,
    gap,
)
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Sinkhorn, Tangent
from theory.engines import Rewriter
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, t, z
from theory.weights import SinkSoftmax

COMPACT = ("sphere", "simplex", "constant")
"""Spaces of states that stay bounded, the constant ones as they don't move."""
_STILL = (MatrixSymbol, OneMatrix, ZeroMatrix, Identity, Mask, Distances)
_LINEAR = (MatAdd, MatMul, HadamardProduct, Transpose, Diagonal, DiagonalMatrix, Tangent, Rotary)


LASTS = "Picard-Lindelöf: a Lipschitz field tangent to a compact space has solutions for all time"
SCALING = "Sinkhorn 1967: a kernel > 0 has one scaling, smooth, as I + P, rows P > 0, is invertible"


def _rough_number(expr: Expr) -> str:
    """Part of a factor that isn't shown to be continuous for t >= 0, or ""."""
    if t not in expr.free_symbols:
        return ""
    later = expr.subs(t, Dummy("t", nonnegative=True))
    bases = [p.base for p in later.atoms(Pow) if not (p.exp.is_integer and p.exp.is_nonnegative)]
    bases += [f.args[0] for f in later.atoms(log)]
    known = all(isinstance(f, (*CONTINUOUS, log)) for f in later.atoms(Application))
    fine = known and all(base.is_positive for base in bases) and not later.has(Piecewise)
    return "" if fine else str(expr)


def _lipschitz(body: Expr) -> bool:
    """Whether a function of z is Lipschitz on bounded intervals, by its form."""
    powers = [p for p in body.atoms(Pow) if z in p.base.free_symbols]
    rest = (f for f in body.atoms(Application) if not isinstance(f, CONTINUOUS))
    return all(isinstance(f, PositivePart) and f.args[1] >= 1 for f in rest) and all(
        p.exp.is_integer and p.exp.is_positive for p in powers
    )


def _positive(node: Any) -> bool:
    """Whether a column is bounded below by a number > 0: a sum of the masses, with weights > 0."""
    if not isinstance(node, MatMul) or node.args[-1] != m:
        return False
    parts = node.args[:-1]
    return all(isinstance(part, OneMatrix) or _above_zero(part) for part in parts)


def _above_zero(part: Any) -> bool:
    if not isinstance(part, Elementwise):
        return False
    plain = part.body.replace(PositivePart, lambda u, p: Max(u, 0) ** p)
    return bool(plain.is_positive) and _lipschitz(part.body)


def _divided(node: Any) -> bool:
    """Whether what is divided by is a positive column."""
    power = isinstance(node, Inverse) or (isinstance(node, MatPow) and node.exp == -1)
    return power and isinstance(node.args[0], Diagonal) and _positive(node.args[0].args[0])


def rough(node: Any) -> str:
    """Part of a velocity that isn't shown to be locally Lipschitz on all states, or "".

    Sums, products and projections of such parts are, softmax, sinks and Sinkhorn's weights of such
    scores are, as what they divide by is more than 0, and functions are that are analytic on
    [-1, 1] of inner products, or made of functions that are Lipschitz on bounded intervals.
    """
    if isinstance(node, _STILL):
        return ""
    if isinstance(node, Expr) and not isinstance(node, MatrixExpr):
        return _rough_number(node)
    if isinstance(node, Elementwise):
        inner = node.expr == X * X.T
        smooth = (inner and analytic(node.body).holds) or _lipschitz(node.body)
        if not smooth and not (node.body == 1 / z and _positive(node.expr)):
            return str(node)
        return _rough_number(node.body) or rough(node.expr)
    if type(node) in (RowSoftmax, MaskedSoftmax, Sinkhorn):
        known = node.masses == m or isinstance(node.masses, OneMatrix)
        return rough(node.scores) if known else str(node.masses)
    if isinstance(node, SinkSoftmax):
        still = not getattr(node.sink, "free_symbols", set()) & {X, t}
        return rough(node.scores) if still and node.masses == m else str(node)
    if isinstance(node, _LINEAR) or _divided(node):
        return next((found for part in node.args if (found := rough(part))), "")
    return str(node)


def branching(velocity: Any) -> str:
    """Part of a velocity that isn't shown to be locally Lipschitz where it has a value, or "".

    Roots and quotients of what isn't 0 are so: of lengths, say, which are positive.
    """

    def off_zero(node: Any) -> bool:
        body = getattr(node, "body", None)
        if not isinstance(node, Elementwise) or body is None or node.expr == X * X.T:
            return False
        cases = body.args if isinstance(body, Piecewise) else ((body, S.true),)
        if any(z in when.free_symbols for _, when in cases):
            return False
        plain = (
            one.replace(lambda a: isinstance(a, Pow) and a.base == z, lambda a: z)
            for one, _ in cases
        )
        return all(map(_lipschitz, plain))

    def steps(node: Any) -> bool:
        pieces = (
            [part for pair in node.args for part in pair] if isinstance(node, Piecewise) else []
        )
        known = all(z not in part.free_symbols for part in pieces)
        return bool(pieces) and known and not any(_rough_number(part) for part, _ in node.args)

    smooth = velocity.replace(off_zero, lambda node: node.expr)
    return rough(smooth.replace(steps, lambda node: S.One))  # times at which it jumps are few


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
