"""Row algebra: it reads the numbers of matrix expressions, and gives equal sums equal names."""

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, S, exp

from proofs_checks.proof.row_algebra import RowAlgebra
from proofs_checks.proof.witness import Witness
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.engines import inner, vectors
from theory.engines.gram import evaluate
from theory.layers import feed_forward
from theory.models import REPULSIVE, SA, USA
from theory.symbols import V, X, beta, d, m, n, z

SCORES = beta * X * X.T
PLACES = MatrixSymbol("P", n, d)


@pytest.mark.parametrize(
    "model", [SA, USA, REPULSIVE, feed_forward(1)], ids=lambda model: model.name
)
def test_row_algebra_reads_the_numbers_of_the_matrix_expression(model):
    expr = model.velocity
    if model.name.endswith("feed-forward"):
        expr = Tangent(X, RowSoftmax(SCORES, m) * X + DiagMatrix(m) * PLACES)
    algebra = RowAlgebra()
    (a,) = vectors("a")
    read = inner(a, algebra.vector(expr))
    point = Witness(np.random.default_rng(1), [expr])
    at = point.evaluator()
    for i in range(3):
        table, scalars = {"a": (1, 0)}, {}
        for key, name in algebra.names.items():
            row = [S(str(float(c.mid))) for c in at(key)[i]]
            if len(row) == 2:
                table[name] = row
            else:
                scalars[name] = row[0]
        value = evaluate(read, table)
        value = value.subs({s: scalars[str(s)] for s in value.free_symbols})
        assert float(value) == pytest.approx(float(at(expr)[i][0].mid), abs=1e-12)


def test_row_algebra_gives_equal_sums_equal_names_and_others_their_own():
    algebra = RowAlgebra()
    kernel = Elementwise(exp(beta * z), X * X.T)
    softmax = algebra.vector(RowSoftmax(SCORES, m) * X)
    weights = algebra.column(kernel * m)
    assert not (softmax * weights - algebra.vector(kernel * DiagMatrix(m) * X)).simplify()
    assert not algebra.vector(3 * X) - 3 * algebra.vector(X)
    other = algebra.vector(Elementwise(exp(2 * beta * z), X * X.T) * DiagMatrix(m) * X)
    assert softmax * weights - other


def test_row_algebra_applies_maps_and_uses_symmetry_only_when_told():
    general, symmetric = RowAlgebra(), RowAlgebra(frozenset({V}))
    assert general.vector(X * V) - general.vector(X * V.T)
    assert not symmetric.vector(X * V) - symmetric.vector(X * V.T)


def test_a_sum_with_a_minus_before_it_is_minus_the_sum():
    """SymPy writes -(1 + z) as -1 - z where it is a number's multiple."""
    algebra, behind = RowAlgebra(), DiagMatrix(m) * X
    weights = Elementwise(1 + z, X * X.T)
    other = Elementwise(-1 - z, X * X.T)
    left, right = algebra.vector(-weights * behind), algebra.vector(other * behind)
    assert left == right
