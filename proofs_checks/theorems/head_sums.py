"""(2.7) and (2.8): velocities that are sums over heads and neurons, however many there are.

Equations of matrices, row by row, by induction on each number of terms: nothing is used of a sum
but its first term, and that one more adds a term. A sum of equal terms is a multiple.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer, ZeroMatrix
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import How, by_neuron, row_growth, row_residual
from proofs_checks.propositions import All, Proposition, Rel
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, apply, settle
from proofs_checks.theorems.logic import together
from theory.finite_sums import FiniteSum
from theory.symbols import d, n


def _multiples(expr: MatrixExpr) -> MatrixExpr:
    """Write sums of equal terms as multiples."""
    equal = {
        node: node.count * node.term
        for node in expr.atoms(FiniteSum)
        if not node.term.has(node.args[2])
    }
    return expr.xreplace(equal).doit() if equal else expr


def _counts(*sides: MatrixExpr) -> list[Any]:
    """Return the numbers of terms that aren't given."""
    found = {s for side in sides for a in side.atoms(FiniteSum) for s in a.count.free_symbols}
    return sorted(found, key=str)


def _rows_agree(left: MatrixExpr, right: MatrixExpr) -> None:
    """Refuse rows that differ for some number of terms."""
    counts = _counts(left, right)
    if not counts:
        if (rest := row_residual(left.doit(), right.doit())) != 0:
            raise NotConcluded(f"residual {rest}")
        return
    count = counts[0]
    if not count.is_integer or not count.is_nonnegative:
        raise NotConcluded(f"{count} is no number of terms")
    first = {count: Integer(1 if count.is_positive else 0)}
    if (rest := row_growth(left, right, count)) != 0:
        raise NotConcluded(f"from {count} to {count} + 1 the sides grow by what differs by {rest}")
    _rows_agree(left.xreplace(first).doit(), right.xreplace(first).doit())


def _every_count(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide an equation of matrices with a row a token, for every number of heads and neurons."""
    if not isinstance(says, Rel) or says.op != "=" or not isinstance(says.left, MatrixExpr):
        raise NotConcluded("it is no equation of matrices")
    if says.left.shape != (n, d) or says.right.shape != (n, d):
        raise NotConcluded("it has other rows than those of tokens")
    own = says.left.doit() if says.left.has(ZeroMatrix) else says.left
    left, entries = by_neuron(_multiples(own))
    if lost := [step.text for step in entries if not step.holds]:
        raise NotConcluded(f"{lost[0]} isn't so")
    right = _multiples(says.right)
    try:
        _rows_agree(left, right)
    except (ValueError, NotImplementedError) as short:
        raise NotConcluded(str(short)) from short
    counts = ", ".join(map(str, _counts(left, right)))
    last = f"induction on {counts}: residuals 0" if counts else "residual 0"
    return "; ".join((*(step.text for step in entries), last))


EVERY_COUNT = Engine("terms of sums", How.DERIVED, _every_count)


def summed_up(*sides: tuple[MatrixExpr, MatrixExpr]) -> Conclusion:
    """Claim that matrices are equal for every number of terms of the sums in them.

    Parameters
    ----------
    *sides : tuple of MatrixExpr
        Both sides of each equation, shape (n, d); of what is written alike nothing is said.

    Examples
    --------
    >>> from theory.atoms import Tangent
    >>> from theory.layers import HEAD, multi_head
    >>> from theory.symbols import X, heads
    >>> many = multi_head(heads).velocity
    >>> split = FiniteSum(Tangent(X, many.field.term), heads, HEAD)
    >>> [summed_up((many, a)).found.says == Rel("=", many, split) for a in (split, 2 * split)]
    [True, False]
    """
    told = [pair for pair in sides if pair[0] != pair[1]] or sides[:1]
    says = [Rel("=", *pair) for pair in told]
    found = [settle(EVERY_COUNT, one) for one in says]
    if len(says) == 1:
        return claimed(found[0], says[0], ())
    return claimed(apply(together, *found), All(*says), ())
