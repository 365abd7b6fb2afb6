"""One solution from each start: velocities that are locally Lipschitz where they have a value."""

from __future__ import annotations

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
    Transpose,
    ZeroMatrix,
    log,
)
from sympy.core.function import Application
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.decide import CONTINUOUS, bounds, sphere_slope
from proofs_checks.proof import analytic
from proofs_checks.propositions import Definition, Is, Subject
from proofs_checks.theorems.kernel import NotConcluded, Reader
from proofs_checks.theorems.readers import Facts
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Sinkhorn, Tangent
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.positive_part import PositivePart
from theory.symbols import X, m, t, z
from theory.weights import SinkSoftmax, SquaredDistances

UNIQUE = Definition(
    "one solution", "{0} has one solution at most from each start, as long as it lives", (Subject,)
)
_STILL = (MatrixSymbol, OneMatrix, ZeroMatrix, Identity, Mask, Distances)
_POLYNOMIAL = (
    MatAdd, MatMul, HadamardProduct, Transpose, Diagonal, DiagonalMatrix, Tangent, Rotary,
    SquaredDistances,
)  # fmt: skip


def _rough_number(expr: Expr) -> str:
    """Part of a factor that isn't shown to be continuous for t >= 0, or ""."""
    if t not in expr.free_symbols:
        return ""
    time = Dummy("t", nonnegative=True)
    later = expr.subs(t, time)
    bases = [p.base for p in later.atoms(Pow) if not (p.exp.is_integer and p.exp.is_nonnegative)]
    bases += [f.args[0] for f in later.atoms(log)]
    known = all(isinstance(f, (*CONTINUOUS, log)) for f in later.atoms(Application))
    above = (base.is_positive or bounds(base, time)[0].is_positive for base in bases)
    fine = known and all(above) and not later.has(Piecewise)
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


def _projected_kernel(node: Any) -> bool:
    """Whether it is P_i Σ_j m_j k(<x_i,x_j>) x_j, of a k that moves little as unit vectors move."""
    if not isinstance(node, Tangent) or node.points != X or not isinstance(node.field, MatMul):
        return False
    _, letters = node.field.as_coeff_matrices()
    if len(letters) < 2:  # a pace before a sum, or before the tokens alone
        return False
    first, *masses, last = letters
    pairs = isinstance(first, Elementwise) and first.expr == X * X.T and last == X
    return pairs and masses in ([], [Diagonal(m)]) and sphere_slope(first.body) is not None


def rough(node: Any) -> str:
    """Part of a velocity that isn't shown to be locally Lipschitz on all states, or "".

    Sums, products and projections of such parts are, softmax, sinks and Sinkhorn's weights of such
    scores are, as what they divide by is more than 0, and functions are that are analytic on
    [-1, 1] of inner products, or made of functions that are Lipschitz on bounded intervals. So is
    k(<x_i,x_j>) before P_i x_j where (1 - g²) k' is bounded: P_i x_j is √(1 - g²) long.
    """
    if isinstance(node, _STILL):
        return ""
    if _projected_kernel(node):
        return _rough_number(node.field.as_coeff_matrices()[0])
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
    if isinstance(node, _POLYNOMIAL) or _divided(node):
        return next((found for part in node.args if (found := rough(part))), "")
    return str(node)


def _steady(a: Any) -> bool:
    """Whether it is a power of z that is Lipschitz near each place where it has a value."""
    power = isinstance(a, Pow) and a.base == z
    return power and bool(a.exp.is_negative or (a.exp - 1).is_nonnegative)


def branching(velocity: Any) -> str:
    """Part of a velocity that isn't shown to be locally Lipschitz where it has a value, or "".

    Quotients are so, and roots that are divided by: at 0 they have none.
    """

    def off_zero(node: Any) -> bool:
        body = getattr(node, "body", None)
        if not isinstance(node, Elementwise) or body is None or node.expr == X * X.T:
            return False
        cases = body.args if isinstance(body, Piecewise) else ((body, S.true),)
        if any(z in when.free_symbols for _, when in cases):
            return False
        return all(_lipschitz(one.replace(_steady, lambda power: z)) for one, _ in cases)

    def steps(node: Any) -> bool:
        pieces = (
            [part for pair in node.args for part in pair] if isinstance(node, Piecewise) else []
        )
        known = all(z not in part.free_symbols for part in pieces)
        return bool(pieces) and known and not any(_rough_number(part) for part, _ in node.args)

    smooth = velocity.replace(off_zero, lambda node: node.expr)
    return rough(smooth.replace(steps, lambda node: S.One))  # times at which it jumps are few


def _unique(subject: Subject) -> Facts:
    if subject.kind != "flow" or subject.noisy:
        raise NotConcluded(f"{subject.name} is no flow without noise")
    for block, velocity in subject.velocities.items():
        if lost := branching(velocity):
            raise NotConcluded(f"{block}' isn't shown to be locally Lipschitz: {lost}")
    said = "the velocity is locally Lipschitz where it has a value, but at few times"
    return frozenset(), Is(UNIQUE, subject), said


ONE_SOLUTION = Reader("one solution", _unique)
