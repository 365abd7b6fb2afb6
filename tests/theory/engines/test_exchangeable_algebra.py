"""The algebra aI + bJ against explicit matrices written out with NumPy."""

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    Identity,
    ImmutableMatrix,
    OneMatrix,
    Rational,
    Trace,
    ZeroMatrix,
    exp,
    simplify,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct

from theory.atoms import Elementwise, RowSoftmax, Sinkhorn
from theory.engines.exchangeable_algebra import (
    ClassColumn,
    ClassMatrix,
    evaluate,
    exchangeable,
    uniform,
)
from theory.masks import Mask
from theory.symbols import G, X, beta, gamma, m, n, z

a, b, c, e = symbols("a b c e")


def _dense(value, substitutions):
    """Write a class-constant value out as an array."""
    sizes = [int(s.subs(substitutions)) for s in value.sizes]
    label = np.repeat(np.arange(len(sizes)), sizes)
    if isinstance(value, ClassColumn):
        return np.array([float(value.values[k].subs(substitutions)) for k in label])
    out = np.array([[float(value.blocks[k, q].subs(substitutions)) for q in label] for k in label])
    return out + np.diag([float(value.excess[k].subs(substitutions)) for k in label])


def test_rules_of_the_algebra_hold_for_symbolic_n():
    product = exchangeable(a, b) @ exchangeable(c, e)
    assert product.excess == (a * c,)
    assert simplify(product.off_diagonal() - (a * e + b * c + n * b * e)) == 0
    assert exchangeable(a, b).diagonal().values == (a + b,)
    assert simplify(exchangeable(a, b).row_sums().values[0] - (a + n * b)) == 0
    mapped = exchangeable(a, b).map(exp)
    assert mapped.excess == (exp(a + b) - exp(b),)
    assert n in product.off_diagonal().free_symbols


def test_inverse_for_symbolic_n():
    matrix = exchangeable(a, b)
    left = matrix @ matrix.inverse() - exchangeable(1, 0)
    assert left.residuals() == (0, 0)
    with pytest.raises(ValueError, match="no inverse"):
        exchangeable(0, b).inverse()


def test_consensus_operator_has_the_two_eigenvalues_of_a7():
    operator = exchangeable(-1, 1 / n)
    assert (operator @ (operator + exchangeable(1, 0))).residuals() == (0, 0)
    assert simplify(n * operator.diagonal().values[0] - (1 - n)) == 0


def test_two_classes_against_numpy():
    p, q = symbols("p q", integer=True, positive=True)
    rng = np.random.default_rng(2)

    def random():
        entries = rng.integers(1, 9, 6)
        blocks = ImmutableMatrix(2, 2, [Rational(int(v), 7) for v in entries[:4]])
        return ClassMatrix((p, q), tuple(Rational(int(v), 5) for v in entries[4:]), blocks)

    first, second = random(), random()
    at = {p: 3, q: 2}
    dense = _dense(first, at), _dense(second, at)
    assert np.allclose(_dense(first @ second, at), dense[0] @ dense[1])
    assert np.allclose(_dense(first.inverse(), at), np.linalg.inv(dense[0]))
    assert np.allclose(_dense(first.T, at), dense[0].T)
    assert np.allclose(_dense(first.map(exp), at), np.exp(dense[0]))
    assert np.allclose(_dense(first.hadamard(second), at), dense[0] * dense[1])
    assert np.allclose(_dense(first.row_sums(), at), dense[0].sum(axis=1))
    assert np.allclose(_dense(first.diagonal(), at), np.diag(dense[0]))


def test_class_of_one_token_has_no_off_diagonal_entries():
    one = ClassMatrix((1, 1), (a, b), ImmutableMatrix([[c, e], [e, c]]))
    assert one.excess == (a + c, b + c)
    assert one.blocks[0, 0] == 0


def test_evaluate_against_numpy():
    size, g, b0 = 5, 0.3, 1.4
    gram = (1 - g) * np.eye(size) + g * np.ones((size, size))
    weight = np.exp(b0 * gram)
    attention = weight / weight.sum(axis=1, keepdims=True)
    values = {G: exchangeable(1 - gamma, gamma), m: uniform(1 / n)}
    at = {gamma: g, beta: b0, n: size}
    kernel = Elementwise(exp(beta * z), G)
    cases = {
        RowSoftmax(beta * G, m): attention,
        Sinkhorn(beta * G, m): attention,
        kernel * DiagMatrix(m): weight / size,
        DiagMatrix(kernel * m) ** -1 * kernel * DiagMatrix(m): attention,
        DiagonalMatrix(RowSoftmax(beta * G, m) * G) * G: np.diag(np.diag(attention @ gram)) @ gram,
        G * OneMatrix(n, n) + 2 * Identity(n) - ZeroMatrix(n, n): gram @ np.ones((size, size))
        + 2 * np.eye(size),
        (kernel * G.T) ** 2: np.linalg.matrix_power(weight @ gram, 2),
        G**-1: np.linalg.inv(gram),
        HadamardProduct(G, kernel): gram * weight,
        HadamardPower(G, 3): gram**3,
        kernel * m * m.T: weight @ np.full((size, size), size**-2),
        kernel * m: weight.sum(axis=1) / size,
    }
    for expr, expected in cases.items():
        assert np.allclose(_dense(evaluate(expr, values), at), expected), expr
    energy = evaluate(m.T * kernel * m, values)
    assert float(energy.subs(at)) == pytest.approx(weight.sum() / size**2)
    scaled = evaluate(Trace(G * G) * Trace(m.T * kernel * m) * G, values)
    factor = np.trace(gram @ gram) * weight.sum() / size**2
    assert np.allclose(_dense(scaled, at), factor * gram)
    row = evaluate(m.T * kernel, values)
    assert row.is_row


def test_softmax_rows_sum_to_one_for_symbolic_n():
    values = {G: exchangeable(1 - gamma, gamma), m: uniform(1 / n)}
    total = evaluate(RowSoftmax(beta * G, m), values).row_sums().values[0]
    assert simplify(total - 1) == 0


def test_what_is_not_exchangeable_is_refused():
    values = {G: exchangeable(1 - gamma, gamma), m: uniform(1 / n)}
    with pytest.raises(ValueError, match="causal mask"):
        evaluate(RowSoftmax(beta * G, m, Mask.causal()), values)
    with pytest.raises(ValueError, match="give it a value"):
        evaluate(G * X, values)
    with pytest.raises(ValueError, match="a single entry"):
        evaluate(G[0, 1] * G, values)
    with pytest.raises(ValueError, match="Expected a power"):
        evaluate(G ** symbols("s"), values)
    with pytest.raises(ValueError, match="one excess a class"):
        ClassMatrix((n,), (a, b), ImmutableMatrix([[c]]))
