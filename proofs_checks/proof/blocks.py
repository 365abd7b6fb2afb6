"""A velocity as heads and neurons: what is read off it for (2.7) and (2.8).

A layer ``w σ(a x_i + b)`` with matrices is the sum of its neurons, w_q the columns of w and a_q the
rows of a: entries are compared, for every width.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Add, Expr, MatAdd, MatMul, OneMatrix, S, Sum, Symbol, Transpose
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.matexpr import MatrixElement

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.projection import summands
from proofs_checks.proof.sheet import Step, derived
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.finite_sums import FiniteSum, Member
from theory.symbols import X, d, m, n

NEURON = Symbol("q", integer=True, positive=True)
"""Which neuron."""


def layer_of(node: Any) -> tuple[Any, Any, Any, Expr] | None:
    """Matrices w, a, b and the activation of a term ``w σ(a x_i + b)``, c σ of c times it."""
    if not isinstance(node, MatMul):
        return None
    parts: tuple[Any, ...] = (S.One, *node.args)
    factor, (*left, hidden, back) = node.as_coeff_mmul()[0], parts
    if [part for part in left if part.is_Matrix]:
        return None
    if not isinstance(hidden, Elementwise):
        return None
    inside = hidden.expr.args if isinstance(hidden.expr, MatAdd) else ()
    found = {term.args[0]: term.args[1:] for term in inside if isinstance(term, MatMul)}
    if set(found) != {X, OneMatrix(n, 1)}:
        return None
    matrices = ((back,), found[X], found[OneMatrix(n, 1)])
    if not all(len(part) == 1 and isinstance(part[0], Transpose) for part in matrices):
        return None
    w, a, b = (part[0].arg for part in matrices)
    return w, a, b, factor * hidden.body


def neuron(body: Expr, index: Any, names: tuple[str, str, str] = ("w", "a", "b")) -> MatrixExpr:
    """``w_q σ(<a_q, x_i> + b_q)`` in row i."""
    w, a, b = names
    row, shift, column = Member(a, 1, d, index), Member(b, 1, 1, index), Member(w, d, 1, index)
    return Elementwise(body, X * row.T + OneMatrix(n, 1) * shift) * column.T


@lru_cache(maxsize=64)
def _entries_apart(node: MatrixExpr, alone: MatrixExpr, w: Any, a: Any, b: Any) -> Expr:
    """Entry of ``w σ(a x_i + b)``, minus that of the sum of neurons: term by term, or all terms."""
    i, c = Symbol("i", integer=True), Symbol("c", integer=True)

    def entry(place: Any) -> Expr:
        """Entry of the neuron that the layer counts as ``place``, from 0."""

        def of_layer(matrix: Any, row: Any, column: Any) -> Any:
            if not isinstance(matrix, Member):
                return matrix[row, column]
            name = str(matrix.args[0])
            return {str(a): a[place, column], str(b): b[place, 0], str(w): w[row, place]}[name]

        return alone[i, c].replace(MatrixElement, of_layer).as_dummy()

    summed = node[i, c]
    if isinstance(summed, Sum):
        left, right = summed.function.as_dummy(), entry(summed.limits[0][0])
    else:
        left, right = summed.as_dummy(), Add(*map(entry, range(int(w.shape[1]))))
    return S.Zero if left == right else left - right


def by_neuron(velocity: MatrixExpr) -> tuple[MatrixExpr, tuple[Step, ...]]:
    """Velocity with its layers as sums over neurons, and the steps that compare entries."""
    sums: dict[Any, Any] = {}
    steps: list[Step] = []
    for node in velocity.atoms(MatMul):
        layer = layer_of(node)
        if layer is not None:
            w, a, b, body = layer
            alone = neuron(body, NEURON, (str(w), str(a), str(b)))
            sums[node] = FiniteSum(alone, w.shape[1], NEURON)
            text = f"{w} σ({a} x_i + {b}) = Σ_q {w}_q σ(<{a}_q,x_i> + {b}_q), entry by entry"
            inward = Elementwise(body, X * a.T + OneMatrix(n, 1) * b.T) * w.T  # a factor in σ
            steps.append(derived(text, _entries_apart(inward, alone, w, a, b)))
    return velocity.xreplace(sums), tuple(steps)


def _is_head(term: MatrixExpr) -> bool:
    """Whether a term is ``Σ_j A_ij V x_j``, A the softmax of ``<x_i, M x_j>``, with any M and V."""
    factors = [f for f in term.args if isinstance(f, MatrixExpr)] if term.args else []
    if len(factors) < 2 or type(factors[0]) is not RowSoftmax or factors[1] != X:
        return False
    scores = factors[0].scores
    letters = [f for f in scores.args if isinstance(f, MatrixExpr)]
    inside = (*letters[1:-1], *factors[2:])
    ends = len(letters) >= 2 and letters[0] == X and letters[-1] == X.T
    fixed = all(not letter.has(X) for letter in inside)
    return isinstance(scores, MatMul) and ends and fixed and factors[0].masses == m


def parts_of(flow: Flow) -> tuple[tuple[MatrixExpr, ...], tuple[MatrixExpr, ...]] | None:
    """Heads and layers that a projected field is the sum of, or None where it holds others."""
    velocity = flow.model.velocity
    if flow.model.kind != "flow" or not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    terms = summands(velocity.field)
    bare = [t.term if isinstance(t, FiniteSum) else t for t in terms]
    kinds = [_is_head(t) for t in bare]
    layers = tuple(t for t, is_head in zip(terms, kinds, strict=True) if not is_head)
    found = tuple(t for t, is_head in zip(terms, kinds, strict=True) if is_head)
    return (found, layers) if found and all(map(layer_of, layers)) else None


def projected(term: MatrixExpr) -> MatrixExpr:
    """P_i of a part, or of each one of a sum."""
    if isinstance(term, FiniteSum):
        return FiniteSum(Tangent(X, term.term), term.count, term.args[2])
    return Tangent(X, term)


def sum_of(terms: tuple[MatrixExpr, ...]) -> MatrixExpr:
    """Sum of one matrix or more."""
    return MatAdd(*terms) if len(terms) > 1 else terms[0]
