"""The rewriting must never claim what numbers deny."""

from sympy import DiagMatrix, MatrixSymbol, Symbol, exp

from theory import Model
from theory.atoms import Elementwise, MatrixExponential
from theory.derivations import is_permutation_equivariant, is_rotation_equivariant
from theory.engines.rewriting import Rewriter
from theory.symbols import X, beta, n, z


def test_rewriter_normal_form():
    A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
    c = Symbol("c")
    rewriter = Rewriter()
    expanded = c * A * A + c * B * A - A * B.T - B * B.T
    assert rewriter.difference((A + B) * (c * A - B.T), expanded) == {}
    assert rewriter.difference((A * B).T, B.T * A.T) == {}
    assert rewriter.difference(Elementwise(exp(beta * z), A.T).T, Elementwise(exp, beta * A)) == {}
    assert rewriter.difference(A * B, B * A) != {}
    u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n, 1)
    first, second = DiagMatrix(u), DiagMatrix(v)
    assert rewriter.difference(first * second * A, second * first * A) == {}
    assert rewriter.difference(first * second**-1 * first**-1, second**-1) == {}


def test_exponential_of_the_covariance_turns_along():
    model = Model("covariance", X * MatrixExponential(X.T * X), parameters=(), space="euclidean")
    assert is_rotation_equivariant(model)
    assert is_permutation_equivariant(model)
