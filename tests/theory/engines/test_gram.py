"""Inner-product algebra: the identities it proves, and the broken twins it must not prove."""

import numpy as np
import pytest
from sympy import Symbol, exp, latex, simplify, symbols

from theory.engines.gram import (
    InnerProduct,
    LinearMap,
    basis_trace,
    evaluate,
    inner,
    project,
    residual,
    vectors,
)
from theory.symbols import beta, d, n

w = Symbol("w", positive=True)
mass = Symbol("mu", positive=True)


def test_confinement_holds_for_any_weight_and_fails_without_projection():
    x, f = vectors("x f", unit="x")
    assert inner(x, project(x, f) / w) == 0
    assert residual(inner(x, f / w)) == inner(f, x) / w


def test_projection_is_idempotent_and_self_adjoint():
    x, a, b = vectors("x a b", unit="x")
    assert project(x, project(x, a)) == project(x, a)
    assert residual(inner(project(x, a), b) - inner(a, project(x, b))) == 0


def test_projection_needs_a_unit_vector():
    x, a = vectors("x a")
    with pytest.raises(ValueError, match="Expected a foot point of length one"):
        project(x, a)


@pytest.mark.parametrize("weight", [n, w, exp(beta) * n])
def test_energy_rate_with_weights(weight):
    # dE/dt term mu <F, x'> against mu w |x'|^2 where x' = P F / w: USA w = 1, SA w = Z
    x, f = vectors("x f", unit="x")
    velocity = project(x, f) / weight
    assert residual(mass * inner(f, velocity) - mass * weight * inner(velocity, velocity)) == 0
    wrong = residual(mass * inner(f, velocity) - mass * inner(velocity, velocity))
    assert wrong != 0
    tangential = inner(f, f) - inner(f, x) ** 2
    assert simplify(wrong - mass * tangential * (weight - 1) / weight**2) == 0


def test_wrong_normalisation_leaves_the_documented_factored_residual():
    x, m = vectors("x m", unit="x")
    f = project(x, m) / n
    left = residual(inner(m, f) / n**2 - inner(f, f))
    expected = -(n - 1) * (inner(m, m) - inner(m, x) ** 2) / n**3
    assert n - 1 in left.args
    assert residual(left - expected) == 0
    assert n in left.free_symbols


def _hessian_summand(coefficient_beta):
    x, y, z = vectors("x y z", unit="x y")
    u, v = project(x, z), project(y, z)
    g = inner(x, y)
    stretch = inner(u, y) + inner(x, v)
    form = (coefficient_beta * stretch**2 + 2 * inner(u, v) - (inner(u, u) + inner(v, v)) * g) / 2
    return basis_trace(form, z), g


def test_hessian_identity_a6_in_every_dimension():
    value, g = _hessian_summand(beta)
    expected = (1 - g) * (d - 2 - g + beta * (1 - g**2))
    assert residual(value - expected) == 0
    assert {beta, d} <= value.free_symbols
    assert residual(_hessian_summand(2 * beta)[0] - expected) != 0


def test_hessian_trace_agrees_with_numpy():
    rng = np.random.default_rng(1)
    for size in (2, 3, 5):
        x, y = (v / np.linalg.norm(v) for v in rng.normal(size=(2, size)))
        total, b, g = 0.0, 1.7, x @ y
        for z in np.linalg.qr(rng.normal(size=(size, size)))[0]:
            u, v = z - (x @ z) * x, z - (y @ z) * y
            total += 0.5 * (b * (u @ y + x @ v) ** 2 + 2 * u @ v - (u @ u + v @ v) * g)
        value, product = _hessian_summand(beta)
        assert float(value.subs({product: g, beta: b, d: size})) == pytest.approx(total)


def test_basis_sums_of_a6():
    x, y, z = vectors("x y z", unit="x y")
    g = inner(x, y)
    assert residual(basis_trace((inner(x, z) + inner(y, z)) ** 2, z) - 2 - 2 * g) == 0
    assert residual(basis_trace(inner(project(x, z), project(x, z)), z) - (d - 1)) == 0


def test_basis_trace_with_a_map_is_the_trace():
    x, z = vectors("x z", unit="x")
    V = LinearMap("V")
    value = basis_trace(inner(z, V(project(x, z))), z)
    assert str(value) in ("tr(V) - <x,V x>", "-<x,V x> + tr(V)")


@pytest.mark.parametrize("power", [0, 1, 4])
def test_basis_trace_refuses_forms_that_are_not_quadratic(power):
    x, z = vectors("x z", unit="x")
    with pytest.raises(ValueError, match="quadratic form"):
        basis_trace(inner(x, z) ** power, z)


def test_basis_trace_refuses_a_unit_basis_vector():
    (z,) = vectors("z", unit="z")
    with pytest.raises(ValueError, match="without declared length"):
        basis_trace(inner(z, z), z)


def test_linear_maps():
    x, y = vectors("x y", unit="x y")
    R, V, A = LinearMap("R", "orthogonal"), LinearMap("V", "symmetric"), LinearMap("A")
    assert inner(R(x), R(y)) == inner(x, y)
    assert inner(R(x), R(x)) == 1
    assert R.T(R(x)) == x
    assert inner(V(x), y) == inner(x, V(y))
    assert inner(A(x), y) == inner(x, A.T(y))
    assert inner(A(x), y) != inner(x, A(y))
    assert inner(A(x), A(y)) != inner(x, y)
    with pytest.raises(ValueError, match="Expected a kind"):
        LinearMap("R", "unitary")


def test_rotation_commutes_with_projection():
    x, a = vectors("x a", unit="x")
    R, A = LinearMap("R", "orthogonal"), LinearMap("A", "orthogonal")
    assert project(R(x), R(a)) == R(project(x, a))
    assert project(R(x), A(a)) != R(project(x, a))


def test_metric_gradient_needs_a_symmetric_value_matrix():
    # the pair energy e^{<Vx,y>}: its derivative along u is <u, V y>; the field is P V^T-free
    x, y, u = vectors("x y u", unit="x y")
    tangent = project(x, u)
    for kind, proved in (("symmetric", True), ("general", False)):
        V = LinearMap("V", kind)
        left = inner(V(tangent), y)
        right = inner(tangent, project(x, V(y)))
        assert (residual(left - right) == 0) is proved


def test_consensus_linearisation_is_minus_one():
    # x_i = x + eps u_i, u_i tangent, every weight equal to first order: P_i(mean) -> ubar - u
    eps = Symbol("epsilon")
    x, a, b = vectors("x a b", unit="x")
    u, ubar = project(x, a), project(x, b)
    token, mean = x + u * eps, x + ubar * eps
    velocity = mean - token * inner(token, mean)
    for direction in (x, a, b):
        rate = inner(velocity, direction).diff(eps).subs(eps, 0)
        assert residual(rate - inner(ubar - u, direction)) == 0


def test_evaluate_puts_coordinates():
    x, y = vectors("x y", unit="x")
    assert evaluate(inner(x, y) + inner(y, y), {"x": (1, 0), "y": (3, 4)}) == 28
    with pytest.raises(ValueError, match="coordinates"):
        evaluate(inner(x, y), {"x": (1, 0)})


def test_vectors_form_a_module():
    x, y = vectors("x y")
    a, b = symbols("a b")
    assert not (x + y) * a - x * a - a * y
    assert (x * a + y * b) / a == x + y * (b / a)
    assert not (x / (1 + a) * (1 + a) - x).simplify()
    with pytest.raises(TypeError, match="inner"):
        x * y
    with pytest.raises(ValueError, match="Expected unit vectors"):
        vectors("x", unit="y")


def test_printing():
    x, y = vectors("x y", unit="x")
    A = LinearMap("A")
    assert str(inner(x, A.T(y))) in ("<x,A^T y>", "<y,A x>")
    assert latex(inner(x, y) ** 2) == r"\langle x,  y\rangle^{2}"
    assert str(x - y * 2) == "(1)*x + (-2)*y"
    assert str(x - x) == "0"


def test_inner_products_survive_pickle():
    import pickle

    x, y = vectors("x y", unit="x")
    g = inner(x, y)
    assert isinstance(g, InnerProduct)
    assert pickle.loads(pickle.dumps(g)) == g
