"""Spectra at clustered equilibria against the references and full numeric Jacobians."""

import math

import numpy as np
import pytest
from sympy import (
    Function,
    Matrix,
    Rational,
    Symbol,
    cos,
    cosh,
    exp,
    log,
    pi,
    simplify,
    sin,
    sqrt,
    symbols,
    tanh,
)

from theory.energy import interaction_energy
from theory.layers import DISCRETE_SA
from theory.linearize.clusters import (
    antipodal,
    configuration,
    consensus,
    cross_polytope,
    polygon,
    simplex,
    weighted_clusters_on_circle,
)
from theory.linearize.spectrum import Stability
from theory.models import CAUSAL, QKV, REPULSIVE, SA, SINKHORN, USA, gradient_flow
from theory.symbols import K, Q, V, beta, d, n, z

p, q, r = symbols("p q r", integer=True, positive=True)
CUBE = gradient_flow(interaction_energy(z**3), "cube")
COSH = gradient_flow(interaction_energy(cosh(2 * z)), "cosh")
NUMBER = 1.3


def multiplicity(spectrum, value):
    return sum(k for v, k in spectrum.eigenvalues if simplify(v - value) == 0)


def check(spectrum, expected):
    """Exactly these eigenvalues with these multiplicities, and no others."""
    for value, count in expected:
        assert simplify(multiplicity(spectrum, value) - count) == 0, value
    dimension = spectrum.tokens * (spectrum.dimension - 1)
    assert simplify(sum(k for _, k in spectrum.eigenvalues) - dimension) == 0
    assert simplify(sum(k for _, k in expected) - dimension) == 0
    assert spectrum.residual == 0
    assert spectrum.factors == ()


# ---- an independent velocity and its central-difference Jacobian -------------------------------


def velocity(points, masses, kernel, normalised):
    weights = kernel(points @ points.T) * masses
    if normalised:
        weights = weights / weights.sum(1, keepdims=True)
    pull = weights @ points
    return pull - (pull * points).sum(1, keepdims=True) * points


def jacobian_spectrum(points, masses=None, kernel=None, normalised=False):
    points = np.asarray(points, float)
    count = len(points)
    masses = np.full(count, 1 / count) if masses is None else np.asarray(masses, float)
    kernel = kernel or (lambda g: np.exp(NUMBER * g))
    frames = [np.linalg.svd(row[None])[2][1:] for row in points]
    step, columns = 1e-5, []
    for i, frame in enumerate(frames):
        for tangent in frame:
            ends = []
            for sign in (1, -1):
                moved = points.copy()
                moved[i] = math.cos(step) * points[i] + sign * math.sin(step) * tangent
                ends.append(velocity(moved, masses, kernel, normalised))
            slope = (ends[0] - ends[1]) / (2 * step)
            columns.append(np.concatenate([f @ s for f, s in zip(frames, slope, strict=True)]))
    return np.sort(np.linalg.eigvals(np.array(columns).T).real)


def listed(spectrum, values=None):
    at = spectrum.at({beta: NUMBER, **(values or {})})
    numbers = [float(v.evalf()) for v, k in at.eigenvalues for _ in range(int(k))]
    assert at.factors == ()
    return np.sort(numbers)


def circle(angles):
    return [[math.cos(a), math.sin(a)] for a in angles]


# ---- consensus ----------------------------------------------------------------------------------


def test_consensus_for_all_n_and_d():  # A.7
    check(consensus(SA), [(0, d - 1), (-1, (n - 1) * (d - 1))])
    check(consensus(USA), [(0, d - 1), (-exp(beta), (n - 1) * (d - 1))])
    for model in (SA, USA):
        spectrum = consensus(model)
        assert spectrum.stable is Stability.STABLE
        assert spectrum.morse_index == 0
    assert consensus(REPULSIVE).at({n: 5, d: 3}).stable is Stability.UNSTABLE
    assert consensus(REPULSIVE).at({n: 5, d: 3}).morse_index == 8


def test_consensus_masses():
    total = Symbol("M", positive=True)
    check(consensus(USA, total), [(0, d - 1), (-total * exp(beta), (n - 1) * (d - 1))])
    spectrum = consensus(USA, [Rational(1, 2), 1, 2])
    check(spectrum, [(0, d - 1), (-Rational(7, 2) * exp(beta), 2 * (d - 1))])
    numeric = jacobian_spectrum([[0, 0, 1]] * 3, [0.5, 1, 2])
    assert listed(spectrum, {d: 3}) == pytest.approx(numeric, abs=1e-7)
    check(consensus(SA, total), [(0, d - 1), (-1, (n - 1) * (d - 1))])


def test_consensus_kernels():  # -M h'(1), softmax -1
    check(consensus(CUBE), [(0, d - 1), (-3, (n - 1) * (d - 1))])
    check(consensus(COSH), [(0, d - 1), (exp(-2) - exp(2), (n - 1) * (d - 1))])
    general = consensus(gradient_flow(interaction_energy(Function("h")(z))))
    slope = Function("h'", real=True)
    check(general, [(0, d - 1), (-slope(1), (n - 1) * (d - 1))])
    assert general.stable is Stability.UNDECIDED
    softmax = gradient_flow(interaction_energy(log(2 + z)), flow="softmax")
    check(consensus(softmax), [(0, d - 1), (-1, (n - 1) * (d - 1))])


def test_a_dimension_in_the_kernel_is_that_of_the_tokens():
    model = gradient_flow(interaction_energy(d * z))
    assert consensus(model).eigenvalues == ((0, d - 1), (-d, (d - 1) * (n - 1)))
    rates = {value for value, _ in antipodal(model, 3, 2, dimension=4).eigenvalues}
    assert rates == {0, d, d / 5, -d / 5}


def test_consensus_verdict_takes_two_tokens_or_more():
    decreasing = consensus(gradient_flow(interaction_energy(exp(-z))))
    assert decreasing.stable is Stability.UNSTABLE
    assert decreasing.at({n: 1}).stable is Stability.STABLE


@pytest.mark.parametrize("kernel", [(1 - z) ** 2, z - z**2 / 2])
def test_consensus_with_no_pull_at_one_is_degenerate(kernel):
    spectrum = consensus(gradient_flow(interaction_energy(kernel)))
    check(spectrum, [(0, n * (d - 1))])
    for found in (spectrum, spectrum.at({n: 3, d: 2})):
        assert found.stable is Stability.DEGENERATE
        assert "Every eigenvalue is 0" in found.stable.message
    assert spectrum.at({n: 1}).stable is Stability.STABLE


# ---- antipodal states ---------------------------------------------------------------------------


@pytest.mark.slow
def test_antipodal_for_all_p_q_d():  # A.8
    n_, up, down = p + q, exp(beta), exp(-beta)
    internal = [(p * up - q * down, p), (q * up - p * down, q)]
    check(
        antipodal(USA, p, q),
        [(0, d - 1), (down, d - 1)] + [(-e / n_, (c - 1) * (d - 1)) for e, c in internal],
    )
    plus, minus = p * up + q * down, q * up + p * down
    check(
        antipodal(SA, p, q),
        [
            (0, d - 1),
            (down * (q / plus + p / minus), d - 1),
            (-internal[0][0] / plus, (p - 1) * (d - 1)),
            (-internal[1][0] / minus, (q - 1) * (d - 1)),
        ],
    )
    for model in (SA, USA):
        assert antipodal(model, p, q).stable is Stability.UNSTABLE


def test_antipodal_pair():
    check(antipodal(USA), [(0, d - 1), (exp(-beta), d - 1)])
    check(antipodal(SA), [(0, d - 1), (2 / (exp(2 * beta) + 1), d - 1)])
    assert antipodal(SA).morse_index == d - 1
    check(antipodal(COSH, p, q), [(0, d - 1), (exp(-2) - exp(2), (p + q - 1) * (d - 1))])
    assert antipodal(COSH, p, q).stable is Stability.STABLE


@pytest.mark.parametrize("model", [SA, USA])
def test_antipodal_weighted(model):
    a, b = symbols("a b", positive=True)
    spectrum = antipodal(model, 2, 3, masses=(a, b))
    points = [[0, 0, 1]] * 2 + [[0, 0, -1]] * 3
    masses = [0.25, 0.45, 0.1, 0.3, 0.5]  # only the totals 0.7 and 0.9 matter
    numeric = jacobian_spectrum(points, masses, normalised=model is SA)
    assert listed(spectrum, {d: 3, a: 0.7, b: 0.9}) == pytest.approx(numeric, abs=1e-7)


# ---- polytopes: certificates, section 2 (there for n² E: n times the linearisation of USA) ------


E = {c: exp(beta * c) for c in (-1, 0, Rational(-1, 2), Rational(-1, 3), Rational(-1, 4))}
HALF, THIRD, QUARTER = (E[Rational(-1, c)] for c in (2, 3, 4))
SIMPLICES = {
    (3, 2): [((9 * beta + 6) * HALF / 4, 2), (0, 1)],
    (4, 3): [(8 * beta * THIRD / 3, 2), ((16 * beta + 24) * THIRD / 9, 3), (0, 3)],
    (5, 4): [((25 * beta + 60) * QUARTER / 16, 4), (5 * beta * QUARTER / 2, 5), (0, 6)],
    # one dimension more: n E, and the rotations into it
    (5, 5): [
        ((25 * beta + 60) * QUARTER / 16, 4),
        (5 * beta * QUARTER / 2, 5),
        (5 * QUARTER, 1),
        (0, 10),
    ],
}


@pytest.mark.every(2)
@pytest.mark.parametrize("size", SIMPLICES)
def test_simplices(size):
    count, width = size
    expected = SIMPLICES[size]
    check(simplex(USA, count, width), [(v / count, k) for v, k in expected])
    partition = exp(beta) + (count - 1) * exp(-beta / (count - 1))
    check(simplex(SA, count, width), [(v / partition, k) for v, k in expected])


def test_square():
    expected = [(4 * beta, 1), (2 * beta + 2 * E[-1], 2), (0, 1)]
    square = configuration(USA, [[1, 0], [0, 1], [-1, 0], [0, -1]])
    check(square, [(v / 4, k) for v, k in expected])
    above = square.at({beta: Symbol("b", positive=True)})
    assert above.stable is Stability.UNSTABLE
    assert above.morse_index == 3
    check(polygon(USA, 4), [(v / 4, k) for v, k in expected])


@pytest.mark.slow
@pytest.mark.parametrize("axes", [3, 4])
def test_cross_polytopes(axes):
    expected = [
        (4 * beta, axes * (axes - 1) // 2),
        (2 * E[-1] + 2 * beta + 2 * (axes - 2), axes),
        (2 * E[-1] + 2 * beta - 2, axes * (axes - 2)),
        (0, axes * (axes - 1) // 2),
    ]
    check(cross_polytope(USA, axes), [(v / (2 * axes), k) for v, k in expected])
    partition = exp(beta) + exp(-beta) + 2 * axes - 2
    check(cross_polytope(SA, axes), [(v / partition, k) for v, k in expected])


# ---- regular polygons: 5.2 ----------------------------------------------------------------------


def g(x):
    return (cos(x) - beta * sin(x) ** 2) * exp(beta * cos(x))


@pytest.mark.every(2)
@pytest.mark.parametrize("k", [2, 3, 5, 6, 7])
def test_polygons(k):
    angles = [2 * pi * b / k for b in range(k)]
    modes = [
        -sum(g(a) * (1 - cos(wave * a)) for a in angles).subs(beta, NUMBER).evalf() / k
        for wave in range(k)
    ]
    splitting = -sum(g(a) for a in angles).subs(beta, NUMBER).evalf() / k
    partition = sum(exp(beta * cos(a)) for a in angles).subs(beta, NUMBER).evalf() / k
    expected = np.sort(np.array([*modes, *[splitting] * (2 * k)], float))
    assert listed(polygon(USA, k, r), {r: 3}) == pytest.approx(expected, abs=1e-12)
    assert listed(polygon(SA, k, r), {r: 3}) == pytest.approx(
        expected / float(partition), abs=1e-12
    )
    points = circle([2 * math.pi * (b % k) / k for b in range(3 * k)])
    assert expected == pytest.approx(jacobian_spectrum(points), abs=1e-7)


def test_polygon_closed_forms():
    assert multiplicity(polygon(USA, 2, r), exp(-beta)) == 1
    half_beta = (Rational(1, 2) + 3 * beta / 4) * exp(-beta / 2)
    assert multiplicity(polygon(USA, 3, r), half_beta) == 2
    assert multiplicity(polygon(SA, 2, r), (1 - tanh(beta)).rewrite(exp)) == 1


@pytest.mark.slow
def test_polygon_off_the_circle():
    spectrum = polygon(USA, 5, 2, dimension=d)
    points = np.pad(circle([2 * math.pi * (b % 5) / 5 for b in range(10)]), ((0, 0), (0, 1)))
    assert listed(spectrum, {d: 3}) == pytest.approx(jacobian_spectrum(points), abs=1e-7)
    assert simplify(multiplicity(spectrum, 0) - spectrum.rotations) == 0


def test_control_stable_triangle():  # β = -0.7, below -2/3
    below = polygon(USA, 3, 2).at({beta: Rational(-7, 10)})
    assert below.stable is Stability.STABLE
    assert below.morse_index == 0
    assert polygon(USA, 3, 2).at({beta: Rational(-6, 10)}).stable is Stability.UNSTABLE
    at_threshold = polygon(USA, 3, 2).at({beta: Rational(-2, 3)})
    assert at_threshold.stable is Stability.UNDECIDED


# ---- other configurations -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("model", [SA, USA])
def test_bipyramid(model):
    side = [[1, 0, 0], [-Rational(1, 2), sqrt(3) / 2, 0], [-Rational(1, 2), -sqrt(3) / 2, 0]]
    points = Matrix([*side, [0, 0, 1], [0, 0, -1]])
    spectrum = configuration(model, points)
    numeric = jacobian_spectrum(np.array(points.tolist(), float), normalised=model is SA)
    assert listed(spectrum) == pytest.approx(numeric, abs=1e-7)
    assert multiplicity(spectrum, 0) == 3 == spectrum.rotations


@pytest.mark.parametrize("model", [SA, USA])
def test_unequal_masses_with_coincident_points(model):
    points = [[1, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]
    masses = [Rational(1, 9), Rational(2, 9), Rational(1, 6), Rational(1, 3), Rational(1, 6)]
    numeric = jacobian_spectrum(points, masses, normalised=model is SA)
    assert listed(configuration(model, points, masses)) == pytest.approx(numeric, abs=1e-7)
    merged = weighted_clusters_on_circle(
        model,
        [0, pi / 2, pi, 3 * pi / 2],
        [Rational(1, 3), Rational(1, 6), Rational(1, 3), Rational(1, 6)],
        counts=[2, 1, 1, 1],
    )
    assert listed(merged) == pytest.approx(numeric, abs=1e-7)


@pytest.mark.slow
def test_pentagon_over_square_roots():
    points = [[cos(2 * pi * b / 5), sin(2 * pi * b / 5)] for b in range(5)]
    assert listed(configuration(USA, points)) == pytest.approx(listed(polygon(USA, 5)), abs=1e-12)


def test_polynomial_kernel():
    points = [[1, 0], [0, 1]]  # stationary inside an open hemisphere
    spectrum = configuration(CUBE, points)
    numeric = jacobian_spectrum(points, kernel=lambda g: 3 * g**2)
    assert listed(spectrum) == pytest.approx(numeric, abs=1e-7)


LONG = sin(cos(z) * tanh(z)) + log(3 + z)


def slope_of_long(g):
    inside = np.cos(g) * np.tanh(g)
    turned = -np.sin(g) * np.tanh(g) + np.cos(g) * (1 - np.tanh(g) ** 2)
    return np.cos(inside) * turned + 1 / (3 + g)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spectrum_of", "angles"),
    [
        (lambda model: simplex(model, 3), [0, 2 * pi / 3, 4 * pi / 3]),
        (lambda model: cross_polytope(model, 2), [0, pi / 2, pi, 3 * pi / 2]),
        (lambda model: polygon(model, 5), [2 * pi * k / 5 for k in range(5)]),
    ],
)
def test_kernels_too_long_to_multiply_out(spectrum_of, angles):
    spectrum = spectrum_of(gradient_flow(interaction_energy(LONG), "long"))
    numeric = jacobian_spectrum(circle(angles), kernel=slope_of_long)
    assert listed(spectrum) == pytest.approx(numeric, abs=1e-7)


def test_a_long_kernel_is_spelled_out_in_an_error():
    with pytest.raises(ValueError, match="Expected an equilibrium") as raised:
        weighted_clusters_on_circle(gradient_flow(interaction_energy(LONG), "long"), [0, pi / 3])
    assert "tanh" in str(raised.value)


def test_eigenvalues_that_meet_when_spelled_out_are_joined():  # h'(1) = 0
    flat = gradient_flow(interaction_energy(cos(sin(z - 1) ** 2)), "flat")
    ((value, count),) = consensus(flat).eigenvalues
    assert value == 0 and simplify(count - n * (d - 1)) == 0


def test_models_with_matrices():
    matrices = {Q: Matrix.eye(2), K: Matrix.eye(2), V: Matrix([[2, 0], [0, 1]])}
    spectrum = configuration(QKV.subs({beta: 1}), [[1, 0], [1, 0]], matrices=matrices)
    check(spectrum, [(-1, 1), (-2, 1)])
    assert spectrum.stable is Stability.STABLE
    with pytest.raises(ValueError, match="Expected an equilibrium"):
        tilted = {**matrices, V: Matrix([[2, 1], [1, 1]])}
        configuration(QKV, [[1, 0], [1, 0]], matrices=tilted)
    with pytest.raises(ValueError, match="pass matrices"):
        configuration(QKV, [[1, 0], [1, 0]])


def test_general_path_agrees_with_the_clusters():
    same = QKV.subs({}, name="QKV")
    matrices = {Q: Matrix.eye(2), K: Matrix.eye(2), V: Matrix.eye(2)}
    points = [[1, 0], [-1, 0]]
    assert listed(configuration(same, points, matrices=matrices)) == pytest.approx(
        listed(configuration(SA, points)), abs=1e-12
    )


def test_causal():  # the first token feels no one: 0; triangular
    check(configuration(CAUSAL, [[1, 0], [1, 0]]), [(0, 1), (-Rational(1, 2), 1)])


def test_eigenvectors():
    spectrum = simplex(USA, 3, eigenvectors=True)
    for (_value, count), vectors in zip(spectrum.eigenvalues, spectrum.vectors, strict=True):
        assert len(vectors) == count
    rotation = spectrum.vectors[0][0]
    points = np.array([[1, 0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    turned = np.array(rotation.tolist(), float)
    assert turned / turned[0, 1] == pytest.approx(points @ [[0, 1], [-1, 0]], abs=1e-12)
    unequal = antipodal(SA, 1, 2, eigenvectors=True)
    assert [len(w) for w in unequal.vectors] == [1, 1, 0]


@pytest.mark.slow
def test_factors_of_degree_three():
    """Balanced tokens under h(t) = t: the nonzero eigenvalues are those of a 3x3 matrix."""
    axes = [
        [1, 0, 0],
        [Rational(3, 5), Rational(4, 5), 0],
        [Rational(2, 7), Rational(3, 7), Rational(6, 7)],
    ]
    points = axes + [[-a for a in row] for row in axes]
    spectrum = configuration(gradient_flow(interaction_energy(z)), points)
    assert [poly.degree() for poly, _ in spectrum.factors] == [3]
    assert spectrum.stable is Stability.UNDECIDED
    with pytest.raises(ValueError, match="closed form"):
        _ = spectrum.morse_index
    numeric = jacobian_spectrum(points, kernel=np.ones_like)
    assert listed(spectrum) == pytest.approx(numeric, abs=1e-7)
    assert spectrum.at({}).morse_index == 3


def test_weighted_square():
    a, b = Rational(1, 5), Rational(3, 10)
    spectrum = weighted_clusters_on_circle(SA, [0, pi / 2, pi, 3 * pi / 2], [a, b, a, b])
    numeric = jacobian_spectrum(
        circle([0, math.pi / 2, math.pi, 1.5 * math.pi]), [0.2, 0.3, 0.2, 0.3], normalised=True
    )
    assert listed(spectrum) == pytest.approx(numeric, abs=1e-7)


def test_errors_name_the_remedy():
    cases = [
        (lambda: antipodal(QKV), "configuration"),
        (lambda: antipodal(SINKHORN), "inner products"),
        (lambda: antipodal(DISCRETE_SA), "flow on the sphere"),
        (lambda: configuration(SA, [[1, 0], [0, 1]]), "Expected an equilibrium"),
        (lambda: configuration(SA, [[2, 0], [0, 1]]), "Expected unit rows"),
        (lambda: configuration(SA, [[1.0, 0.0], [-1.0, 0.0]]), r"numerics\.spectrum_at"),
        (lambda: weighted_clusters_on_circle(SA, [0.0, 1.0]), r"numerics\.spectrum_at"),
        (lambda: configuration(SA, [[1, 0]], [-1]), "positive masses"),
        (lambda: configuration(CAUSAL, [[1, 0]], eigenvectors=True), "leave eigenvectors out"),
        (lambda: antipodal(SA, 0, 2), "number of tokens"),
        (lambda: antipodal(SA, masses=(1,)), "two masses"),
        (lambda: polygon(SA, 1), "k >= 2"),
        (lambda: simplex(SA, 1), "count >= 2"),
        (lambda: simplex(SA, 4, 2), "dimension >= 3"),
        (lambda: cross_polytope(SA, 0), "axes >= 1"),
        (lambda: weighted_clusters_on_circle(SA, [0, 1], [1]), "as many"),
        (lambda: weighted_clusters_on_circle(SA, [0, 2 * pi / 7]), "polygon"),
    ]
    for action, message in cases:
        with pytest.raises(ValueError, match=message):
            action()
