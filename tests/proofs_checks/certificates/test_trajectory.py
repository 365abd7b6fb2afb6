"""Certificates of trajectories against SciPy, exact symmetries, and tampering."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from numerics import compile_model, integrate, sphere
from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.checker.texts import CONE_LEMMA, hemisphere_statement, run_statement
from proofs_checks.certificates.checker.trajectory import (
    _growth,
    _ladder,
    _on_sphere,
    _taylor,
    follow,
)
from proofs_checks.certificates.checker.verify import check
from proofs_checks.certificates.format import Certificate, Rejected, ball_arithmetic
from proofs_checks.certificates.search import trajectory as validated_trajectory
from proofs_checks.certificates.search.scalars import NotCertified
from theory.models import REPULSIVE, SA, USA

pytestmark = pytest.mark.extras

START = [validated_trajectory.stereographic([u]) for u in ("3", "1/4", "-1/2", "-5")]
CONSENSUS = validated_trajectory.certify_consensus(START, 1)


def short_run() -> validated_trajectory.CertifiedRun:
    points = sphere.random_points(3, 3, rng=5)
    times = np.linspace(0, 0.5, 4)
    run = integrate(compile_model(SA, beta=1.5), points, 0.5, t_eval=times, rtol=1e-9)
    return validated_trajectory.certify_run(run)


RUN = short_run()


def velocity(points: Any, hot: float, softmax: bool) -> Any:
    """SA or USA by loops: independent of the compiled model."""
    out = np.zeros_like(points)
    for i, x in enumerate(points):
        weights = [np.exp(hot * (x @ other)) for other in points]
        mean = sum(w * other for w, other in zip(weights, points, strict=True))
        mean = mean / (sum(weights) if softmax else len(points))
        out[i] = mean - (x @ mean) * x
    return out


def exact(points: Any, hot: float, softmax: bool, times: Any) -> Any:
    shape = points.shape

    def rate(_: float, flat: Any) -> Any:
        return velocity(flat.reshape(shape), hot, softmax).ravel()

    run = solve_ivp(
        rate, (0, times[-1]), points.ravel(), "DOP853", t_eval=times, rtol=1e-13, atol=1e-14
    )
    found = run.y.T.reshape(len(times), *shape)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def exact_rows(points: Any) -> list[list[Fraction]]:
    return [[Fraction(float(entry)) for entry in row] for row in points]


def balls(points: Any, flint: Any) -> Any:
    return _on_sphere(exact_rows(points), flint)


# -- what the argument rests on ----------------------------------------------------------------


@pytest.mark.every(3)
@pytest.mark.parametrize("model", [SA, USA])
@pytest.mark.parametrize(("n", "d", "hot"), [(2, 2, 0.0), (4, 2, 1.0), (5, 3, 3.0), (3, 4, 0.25)])
def test_taylor_coefficients(model: Any, n: int, d: int, hot: float) -> None:
    points = sphere.random_points(n, d, rng=n)
    h = 0.05 * (1 if model is SA else np.exp(-hot))
    with ball_arithmetic(120) as flint:
        jets = _taylor(balls(points, flint), flint.arb(hot), model.name, 24, flint)
        jets = np.array([[[float(c.mid()) for c in row] for row in jet] for jet in jets])
    assert np.allclose(jets[..., 1], velocity(points, hot, model is SA), atol=1e-13)
    moved = (jets * h ** np.arange(25)).sum(axis=-1)
    assert np.abs(moved - exact(points, hot, model is SA, [0, h])[-1]).max() < 1e-12


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 5),
    d=st.integers(2, 4),
    hot=st.sampled_from(["0", "1/4", "1", "3", "8"]),
    name=st.sampled_from(["SA", "USA"]),
    spread=st.sampled_from([0.01, 0.3, 5.0]),
)
def test_coefficients_obey_cauchy(
    seed: int, n: int, d: int, hot: str, name: str, spread: float
) -> None:
    # |c_k| ρ(r)^k <= r at every radius: the closed form of ρ is what bounds the remainders.
    rng = np.random.default_rng(seed)
    points = np.eye(d)[0] + spread * rng.standard_normal((n, d))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    with ball_arithmetic(200) as flint:
        at = balls(points, flint)
        warm = flint.arb(Fraction(hot).numerator) / Fraction(hot).denominator
        jets = _taylor(at, warm, name, 30, flint)
        rungs = _ladder(at, jets, warm, name, flint)
        assert rungs
        sizes = [
            max(float(sum(c[k] * c[k] for c in jet).abs_upper().sqrt()) for jet in jets)
            for k in range(1, 31)
        ]
    for r, time in rungs:
        for k, size in enumerate(sizes, 1):
            assert size * float(time.mid()) ** k <= float(r.mid()) * (1 + 1e-9)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 5),
    d=st.integers(2, 4),
    hot=st.floats(0, 6),
    model=st.sampled_from([SA, USA]),
)
def test_distances_grow_at_most_at_the_bound(
    seed: int, n: int, d: int, hot: float, model: Any
) -> None:
    rng = np.random.default_rng(seed)
    points = sphere.random_points(n, d, rng)
    change = rng.standard_normal((n, d))
    change -= (change * points).sum(axis=1, keepdims=True) * points
    # All tangent vectors of one length is the worst for the largest of them.
    change /= np.linalg.norm(change, axis=1, keepdims=True)
    step = 1e-6
    slope = (
        velocity(points + step * change, hot, model is SA)
        - velocity(points - step * change, hot, model is SA)
    ) / (2 * step)
    rate = (change * slope).sum(axis=1).max()
    with ball_arithmetic(80) as flint:
        bound = _growth(balls(points, flint), flint.arb(0), flint.arb(hot), model.name, flint)
        wider = _growth(balls(points, flint), flint.arb("0.1"), flint.arb(hot), model.name, flint)
    assert rate <= float(bound) + 1e-6 * (1 + np.exp(hot))
    assert float(bound) <= float(wider)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    case=st.sampled_from([(SA, 3, 2, 1.0), (USA, 4, 2, 0.5), (SA, 5, 3, 2.0), (SA, 4, 2, 4.0)]),
    rtol=st.sampled_from([1e-3, 1e-6]),
)
def test_the_error_of_a_sloppy_run_is_bounded(seed: int, case: Any, rtol: float) -> None:
    model, n, d, hot = case
    points = sphere.random_points(n, d, rng=seed)
    times = np.linspace(0, 0.8, 5)
    run = integrate(compile_model(model, beta=hot), points, 0.8, t_eval=times, rtol=rtol)
    try:
        found = validated_trajectory.certify_run(run, order=14)
    except NotCertified:
        assert rtol == 1e-3
        return
    truth = exact(run.points[0], hot, model is SA, times)
    errors = sphere.geodesic_distance(run.points, truth).max(axis=-1)
    assert np.all(errors <= found.errors + 1e-10)
    assert found.errors[0] < 1e-300
    # Not vacuous either: within e^{Lt} and the sum of local errors.
    assert found.errors[-1] < 1e4 * max(errors.max(), rtol)
    assert check(found.certificate).ok


# -- consensus -------------------------------------------------------------------------------


def test_the_reference_start_comes_to_a_half_circle() -> None:
    result = check(CONSENSUS)
    assert result.ok, result.reason
    assert result.assumptions == (CONE_LEMMA,)
    first = np.array([[float(entry) for entry in row] for row in START])
    assert validated_trajectory.hemisphere_pole(first)[1] < 1e-9
    time = float(Fraction(CONSENSUS.parameters["time"]))
    end = exact(first, 1.0, True, [0, time])[-1]
    assert validated_trajectory.hemisphere_pole(end)[1] > 0
    node = np.array(CONSENSUS.evidence["nodes"][-1], dtype=float) / 2.0**60
    assert np.abs(node - end).max() < 1e-9


@pytest.mark.every(3)
@pytest.mark.parametrize(("model", "hot"), [(USA, "1"), (SA, "1/4"), (SA, "4")])
def test_other_flows(model: Any, hot: str) -> None:
    assert check(validated_trajectory.certify_consensus(START, hot, model)).ok


@pytest.mark.slow
def test_doubles_count_at_their_exact_values_and_sets_of_starts() -> None:
    points = np.array([[float(entry) for entry in row] for row in START])
    certificate = validated_trajectory.certify_consensus(points, 1, radius="1/100000")
    assert check(certificate).ok
    # A radius that the flow blows up beyond the margin.
    wide = validated_trajectory.certify_consensus(points, 1, radius="1/10")
    assert not check(wide).ok


def test_a_hemisphere_from_the_start_needs_no_steps() -> None:
    points = [validated_trajectory.stereographic([u]) for u in ("3", "2", "1")]
    certificate = validated_trajectory.certify_consensus(points, 5)
    assert certificate.parameters["time"] == "0" and check(certificate).ok


def test_rest_points_have_no_error() -> None:
    # Balls around zero everywhere: speeds, means (β = 0) and variances (consensus).
    square = [validated_trajectory.stereographic([u]) for u in ("3", "-1/3", "1/2", "-2")]
    together = [validated_trajectory.stereographic(["3"])] * 3
    for rows, hot in ((square, 0), (square, 1), (together, 1)):
        for name in ("SA", "USA"):
            with ball_arithmetic(80) as flint:
                errors = follow(name, Fraction(hot), [rows] * 4, [Fraction(1, 64)] * 3, 12, flint)
            assert float(errors[-1]) < 1e-11


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="SA or USA"):
        validated_trajectory.certify_consensus(START, 1, REPULSIVE)
    square = [validated_trajectory.stereographic([u]) for u in ("3", "-1/3", "1/2", "-2")]
    with pytest.raises(NotCertified, match="no open hemisphere"):
        validated_trajectory.certify_consensus(square, 1, t_max=3)
    batch = integrate(compile_model(SA, beta=1.0), sphere.random_points(3, 2, 0, 2), 0.1)
    with pytest.raises(ValueError, match="one system"):
        validated_trajectory.certify_run(batch)


def test_a_run_is_followed_from_its_start() -> None:
    """Rounded points in the middle would be taken for exact ones: the error there isn't 0."""
    points, field = sphere.random_points(3, 2, 0), compile_model(SA, beta=1.0)
    late = integrate(field, points, 0.5, t_eval=[0.25, 0.5])
    with pytest.raises(ValueError, match="begin where the run does"):
        validated_trajectory.certify_run(late)
    moved = integrate(field, points, 1.5, t_start=1.0, t_eval=[1.0, 1.25])
    assert validated_trajectory.certify_run(moved).errors[0] < 1e-15


@pytest.mark.full
def test_a_square_that_drifts_by_rounding_is_rejected() -> None:
    # Doubles leave the unstable square; the error bound knows that the exact solution doesn't.
    square = [validated_trajectory.stereographic([u]) for u in ("3", "-1/3", "1/2", "-2")]
    certificate = validated_trajectory.certify_consensus(square, 1, t_max=200, stride=0.8)
    result = check(certificate)
    assert not result.ok and "step" in result.reason


# -- tampering ---------------------------------------------------------------------------------


def test_the_run_is_accepted_and_a_moved_node_is_not() -> None:
    good = RUN.certificate
    assert check(good).ok
    nodes = [[list(row) for row in node] for node in good.parameters["nodes"]]
    nodes[-1][0][0] = str(Fraction(nodes[-1][0][0]) + Fraction(1, 1000))
    parameters = {**good.parameters, "nodes": nodes}
    statement = run_statement(parameters)
    wrong = certificates.reseal(replace(good, parameters=parameters, statement=statement))
    result = check(wrong)
    assert not result.ok and "bounded by" in result.reason


@pytest.mark.parametrize(
    ("field", "value"),
    [("model", "USA"), ("beta", "2"), ("beta", "1001/1000"), ("error", "1/10000000000000000")],
)
def test_another_flow_or_a_smaller_error_is_rejected(field: str, value: str) -> None:
    good = RUN.certificate
    parameters = {**good.parameters, field: value}
    statement = run_statement(parameters)
    wrong = replace(good, parameters=parameters, statement=statement)
    assert not check(certificates.reseal(wrong)).ok


def test_a_longer_step_or_an_earlier_end_is_rejected() -> None:
    good = CONSENSUS
    steps, nodes = good.evidence["steps"], good.evidence["nodes"]
    # Leave out nodes: a step beyond the radius of analyticity, or its remainder, is refused.
    keep = list(range(9, len(steps), 10))
    sparse = {
        **good.evidence,
        "nodes": [nodes[k] for k in keep],
        "steps": [sum(steps[k - 9 : k + 1]) for k in keep],
    }
    time = str(Fraction(sum(sparse["steps"]), 2**60))
    parameters = {**good.parameters, "time": time}
    statement = hemisphere_statement(parameters)
    wrong = replace(good, parameters=parameters, statement=statement, evidence=sparse)
    assert not check(certificates.reseal(wrong)).ok
    half = len(steps) // 2
    early = {**good.evidence, "nodes": nodes[:half], "steps": steps[:half]}
    parameters["time"] = str(Fraction(sum(steps[:half]), 2**60))
    statement = hemisphere_statement(parameters)
    wrong = replace(good, parameters=parameters, statement=statement, evidence=early)
    result = check(certificates.reseal(wrong))
    assert not result.ok and "hemisphere" in result.reason


junk = st.one_of(
    st.integers(-3, 10**6),
    st.sampled_from(["", "x", "1/2", "-5", "0", "2/4", "1e5"]),
    st.lists(st.sampled_from(["0", "1", 3, ["1", "0"], [1, 0]]), max_size=4),
    st.just({}),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=st.data(), good=st.sampled_from([CONSENSUS, RUN.certificate]))
def test_tampering_with_any_field(data: st.DataObject, good: Certificate) -> None:
    name = data.draw(
        st.sampled_from(
            ["kind", "statement", "parameters", "evidence", "assumptions", "precision", "version"]
        )
    )
    value = getattr(good, name)
    if name in ("parameters", "evidence"):
        key = data.draw(st.sampled_from([*value, "extra"]))
        changed = {k: v for k, v in value.items() if k != key}
        if key not in value or data.draw(st.booleans()):
            changed[key] = data.draw(junk)
    elif name == "assumptions":
        changed = (*value, "another lemma")
    elif isinstance(value, int):
        changed = data.draw(st.one_of(st.integers(-10, 200), st.integers(4097, 9999)))
    else:
        changed = value[: data.draw(st.integers(0, len(value)))] + data.draw(st.text(max_size=3))
    if changed == value:
        return
    stale = replace(good, **{name: changed})
    assert not check(stale).ok
    result = check(certificates.reseal(stale))
    if name in ("precision", "evidence"):
        assert not result.ok or result.statement == good.statement
    else:
        assert not result.ok


def test_follow_refuses_times_that_stand_still() -> None:
    with ball_arithmetic(80) as flint, pytest.raises(Rejected, match="positive step"):
        follow("SA", Fraction(1), [START, START], [Fraction(0)], 10, flint)
