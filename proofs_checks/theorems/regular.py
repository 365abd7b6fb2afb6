"""Velocities that are continuous near consensus: by the form of their parts, and what divides.

A function that jumps, as one of cases in <x_i,x_j>, has other weights at consensus than near it.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    OneMatrix,
    Piecewise,
    Pow,
    S,
    Transpose,
    ZeroMatrix,
    log,
    nan,
    oo,
    preorder_traversal,
    zoo,
)
from sympy.core.function import Application
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.decide import CONTINUOUS, has_value_at
from proofs_checks.proof import CONTINUOUS_AT_EQUAL_ANGLES, Flow
from proofs_checks.propositions import Definition, Is, Subject
from proofs_checks.theorems.consensus_modes import HELD
from proofs_checks.theorems.equal_angles import model_of
from proofs_checks.theorems.kernel import NotConcluded, Reader
from proofs_checks.theorems.readers import Facts, flows
from theory.atoms import (
    Elementwise,
    MaskedSoftmax,
    RowNormalize,
    RowSoftmax,
    Sinkhorn,
    Tangent,
)
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.positive_part import PositivePart
from theory.symbols import X, m, t, z
from theory.weights import SinkSoftmax, SquaredDistances

REGULAR = Definition(
    "continuous at consensus",
    "near each consensus all parts of the velocity of {0} are continuous in the state",
    (Subject,),
)
NO_KERNEL = Definition(
    "no kernel",
    "matrices of {0} whose products with tokens are divided by their lengths have no kernel",
    (Subject,),
)
_STILL = (MatrixSymbol, OneMatrix, ZeroMatrix, Identity, Mask, Distances)
_JOINED = (
    MatAdd, MatMul, MatPow, Inverse, HadamardProduct, Transpose, Diagonal, DiagonalMatrix, Tangent,
    Rotary, RowNormalize, SquaredDistances,
)  # fmt: skip
"""Matrix expressions that are continuous in what stands in them, where divisors aren't 0."""
_INFINITE = (nan, oo, -oo, zoo)
_ANY = Dummy("z", real=True)


def _smooth_number(body: Expr) -> bool:
    """Whether a number is made of functions that are continuous where they have a value."""
    cases = [
        one for one in body.atoms(Piecewise) if any(z in on.free_symbols for _, on in one.args)
    ]
    calls = body.atoms(Application) - body.atoms(Piecewise)
    known = (*CONTINUOUS, log)
    parts = (isinstance(f, known) or (isinstance(f, PositivePart) and f.args[1] > 0) for f in calls)
    return not cases and all(parts)


def _has_value(node: Elementwise) -> bool:
    """Whether a function has a value at consensus, or divides by a column, which is asked apart."""
    roots = [p.base for p in node.body.atoms(Pow) if not (p.exp.is_number and p.exp > 0)]
    bases = [b for b in (*roots, *(f.args[0] for f in node.body.atoms(log))) if z in b.free_symbols]
    if all(base.xreplace({z: _ANY}).is_positive for base in bases):
        return True
    if node.expr == X * X.T:
        return not node.body.subs(z, 1).has(*_INFINITE) or has_value_at(node.body, S.One)
    return bool(node.shape[1] == 1)


def _rough(node: Any) -> str:
    """Part of a velocity that isn't seen to be continuous where it has a value, or ""."""
    if isinstance(node, _STILL):
        return ""
    if isinstance(node, Expr) and not isinstance(node, MatrixExpr):
        return "" if _smooth_number(node) and not node.atoms(MatrixSymbol) else str(node)
    if isinstance(node, Elementwise):
        known = _smooth_number(node.body) and _has_value(node)
        return _rough(node.expr) if known else str(node)
    if type(node) in (RowSoftmax, MaskedSoftmax, Sinkhorn, SinkSoftmax):
        known = node.masses == m or isinstance(node.masses, OneMatrix)
        known &= not getattr(getattr(node, "sink", None), "free_symbols", set()) & {X, t}
        return _rough(node.scores) if known else str(node)
    if type(node) in _JOINED:
        return next((found for part in node.args if (found := _rough(part))), "")
    return str(node)


def _turned(node: Any, moving: Iterable[Any]) -> bool:
    """Whether a matrix is of rows x^T M over their lengths: smooth where M has no kernel."""
    if not isinstance(node, RowNormalize):
        return False
    field = node.args[0].args[0] if isinstance(node.args[0], Rotary) else node.args[0]
    _, letters = field.as_coeff_matrices() if isinstance(field, MatMul) else (1, [field])
    still = all(isinstance(a, MatrixSymbol | Transpose) for a in letters[1:])
    still = still and not any(a.has(m, *moving) for a in letters[1:])
    return len(letters) > 1 and letters[0] == X and still


def normalised(subject: Subject) -> dict[Any, Any]:
    """Return symbols for rows x^T M over their lengths, by what they stand for."""
    parts = [node for how in subject.velocities.values() for node in preorder_traversal(how)]
    turned = sorted({node for node in parts if _turned(node, subject.spaces)}, key=str)
    return {node: MatrixSymbol(f"y_{k}", *node.shape) for k, node in enumerate(turned)}


def _regular(subject: Subject) -> Facts:
    flows(subject)
    if subject.spaces.get(X) != "sphere" or X not in subject.velocities:
        raise NotConcluded(f"no tokens of {subject.name} move on the sphere")
    for block, velocity in subject.velocities.items():
        if lost := _rough(velocity):
            raise NotConcluded(f"{block}' isn't seen to be continuous: {lost}")
    if str(HELD) in map(str, subject.free_symbols):
        raise NotConcluded(f"{HELD} is a parameter of {subject.name} and a name of ours")
    rows = normalised(subject)
    apart = CONTINUOUS_AT_EQUAL_ANGLES.test(Flow.of(model_of(subject, {**rows, t: HELD})))
    if not apart.holds:
        raise NotConcluded(f"{apart.text}: {apart.evidence}")
    given = frozenset({Is(NO_KERNEL, subject)} if rows else ())
    return given, Is(REGULAR, subject), "by the form of its parts; no divisor is 0 there"


CONTINUITY = Reader("continuous at consensus", _regular)
