"""Functions f(points, t) as fields, and the shapes of calls: models, texts, old orders."""

import math

import numpy as np
import pytest

from numerics import (
    ClosePairs,
    FunctionField,
    IntegrationStatus,
    coarsen,
    compile_model,
    ensemble,
    find_clusters,
    forecast_merges,
    hardmax,
    integrate,
    limit_shape,
    noisy,
    order_parameter,
    phase_diagram,
    polish,
    rescaled_run,
    spectrum_at,
    sphere,
)
from numerics.ensembles import EnsembleStatus
from theory import QKV, SA, USA

POINTS = sphere.random_points(5, 3, rng=3)


def attention(x, t):
    """SA at β = 2, as an author of a variant writes it: without the projection."""
    weights = np.exp(2.0 * x @ np.swapaxes(x, -1, -2))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ x


def test_a_function_is_integrated_as_the_model_is():
    run = integrate(attention, POINTS, 3.0, rtol=1e-10)
    model = integrate(SA, POINTS, 3.0, rtol=1e-10, beta=2.0)
    assert run.status is IntegrationStatus.FINISHED
    assert np.max(np.abs(run.points[-1] - model.points[-1])) < 1e-8
    assert np.max(np.abs(run.at(1.5) - model.at(1.5))) < 1e-8
    assert math.isnan(run.rounding) and model.rounding < 1e-10
    assert run.energy is None
    with pytest.raises(ValueError, match="Expected a model for log_energy"):
        run.log_energy  # noqa: B018


def test_what_points_along_a_row_is_taken_out():
    run = integrate(lambda x, t: 5.0 * x, POINTS, 2.0)
    assert np.max(np.abs(run.points[-1] - POINTS)) < 1e-15
    grown = integrate(FunctionField(lambda x, t: x, "euclidean"), POINTS, 2.0, rtol=1e-10)
    assert grown.points[-1] == pytest.approx(math.e**2 * POINTS, rel=1e-8)


def test_time_reaches_the_function():
    # tan of half the angle to the pole falls as e^{-t²/2}
    run = integrate(lambda x, t: t * np.array([0.0, 1.0]), [[1.0, 0.0]], 2.0, rtol=1e-11)
    angle = math.acos(run.points[-1, 0, 1])
    assert math.tan(angle / 2) == pytest.approx(math.exp(-2.0), rel=1e-8)


def test_an_ensemble_of_a_function():
    starts = sphere.random_points(4, 3, rng=1, batch=(3, 2))
    times = [0.0, 0.5, 2.0]
    found = ensemble(attention, starts, t_eval=times, rtol=1e-9)
    model = ensemble(SA, starts, t_eval=times, rtol=1e-9, beta=2.0, backend="numpy")
    assert found.points.shape == (3, 3, 2, 4, 3)
    assert np.max(np.abs(found.points - model.points)) < 1e-7
    assert (found.status == EnsembleStatus.FINISHED).all()
    close = ensemble(attention, starts, t_eval=[0.0, 40.0], observe=ClosePairs(1e-3))
    assert (close.observed[-1] == 6).all()


def test_systems_of_an_ensemble_have_times_of_their_own():
    starts = sphere.random_points(2, 2, rng=0, batch=(4,))

    def turning(x, t):
        return np.cos(t) * np.array([0.0, 1.0]) * np.ones_like(x)

    found = ensemble(turning, starts, t_eval=[math.pi], rtol=1e-10)
    # the integral of cos over half a turn is 0: all are back
    assert np.max(np.abs(found.points[0] - starts)) < 1e-8


def test_a_compiled_field_as_a_model_of_an_ensemble():
    field = compile_model(USA, beta=1.0, masses=np.full(5, 0.3))
    found = ensemble(field, POINTS, t_eval=[1.0], rtol=1e-9)
    run = integrate(field, POINTS, 1.0, rtol=1e-11)
    assert np.max(np.abs(found.points[-1] - run.points[-1])) < 1e-7


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, t: x[..., :1, :2], r"shape \(5, 3\) but got .*<lambda>.* of shape \(1, 2\)"),
        (lambda x, t: x * 1j, "dtype complex128"),
        (lambda x, t: "text", "dtype <U4"),
        (lambda x, t: x * np.nan, "finite velocity"),
        (lambda x: x, r"which fails at points of shape .*TypeError"),
        (lambda x, t: x @ x, r"which fails at points of shape .*ValueError"),
    ],
)
def test_functions_that_return_something_else(function, message):
    with pytest.raises(ValueError, match=message):
        integrate(function, POINTS, 1.0)
    with pytest.raises(ValueError):
        ensemble(function, POINTS, t_eval=[1.0])


def test_one_system_must_not_see_another():
    starts = sphere.random_points(3, 2, rng=0, batch=(4,))
    with pytest.raises(ValueError, match="treats each system by itself"):
        ensemble(lambda x, t: x - x.mean(axis=0), starts, t_eval=[1.0])


def test_what_is_given_beside_a_function_or_a_field():
    with pytest.raises(TypeError, match="beside a function but got beta"):
        integrate(attention, POINTS, 1.0, beta=1.0)
    with pytest.raises(TypeError, match="beside a compiled field but got beta"):
        integrate(compile_model(SA, beta=1.0), POINTS, 1.0, beta=2.0)
    with pytest.raises(TypeError, match="beside a function but got beta, masses"):
        ensemble(attention, POINTS, t_eval=[1.0], beta=1.0, masses=np.ones(5))
    with pytest.raises(ValueError, match="a function sums by itself"):
        integrate(attention, POINTS, 1.0, sums="fast")
    with pytest.raises(ValueError, match="backend"):
        ensemble(attention, POINTS, t_eval=[1.0], backend="numba")
    with pytest.raises(TypeError, match=r"integrate\(SA, points, 10.0, beta=4.0\)"):
        integrate(None, POINTS, 1.0)
    with pytest.raises(ValueError, match="Expected the parameters"):
        integrate(SA, POINTS, 1.0)


def test_a_model_by_itself_and_a_kernel_as_text():
    masses = np.full(5, 0.2)
    compiled = integrate(compile_model(USA, beta=3.0, masses=masses), POINTS, 1.0)
    short = integrate(USA, POINTS, 1.0, beta=3.0, masses=masses)
    assert np.array_equal(short.points, compiled.points)
    text = integrate("exp(beta*t)/beta", POINTS, 1.0, beta=3.0)
    assert np.max(np.abs(text.points[-1] - compiled.points[-1])) < 1e-7
    soft = integrate("exp(beta*t)/beta", POINTS, 1.0, beta=3.0, flow="softmax")
    model = integrate(SA, POINTS, 1.0, beta=3.0)
    assert np.max(np.abs(soft.points[-1] - model.points[-1])) < 1e-7
    assert integrate("a*t", POINTS, 1.0, a=2.0).field.parameters["a"] == 2.0
    rotated = integrate(QKV, POINTS, 0.1, beta=1.0, Q=np.eye(3), K=np.eye(3), V=np.eye(3))
    assert rotated.status is IntegrationStatus.FINISHED


@pytest.mark.slow
def test_old_orders_say_the_new_call():
    said = r"coarsen takes beta, model by name.*: write coarsen\(points, beta=9.0, model=\.\.\., "
    with pytest.warns(DeprecationWarning, match=said + r"rtol=\.\.\.\)"):
        old = coarsen(POINTS, 9.0, USA, rtol=1e-6)
    new = coarsen(POINTS, model=USA, beta=9.0, rtol=1e-6)
    assert [m.log_time for m in old.merges] == [m.log_time for m in new.merges]
    with pytest.warns(DeprecationWarning, match=r"write coarsen\(points, beta=9\)"):
        coarsen(POINTS, 9)
    shape = {"times": [0.0, 1.0], "runs": 2}
    with pytest.warns(DeprecationWarning, match=r"phase_diagram\(d=2, n=4, betas=\.\.\., times="):
        old = phase_diagram(2, 4, [1.0], **shape, model=USA)
    new = phase_diagram(USA, d=2, n=4, betas=[1.0], **shape)
    assert np.array_equal(old.counts, new.counts)
    assert old.model is new.model is USA


def test_what_was_never_an_order():
    with pytest.raises(TypeError, match="multiple values"), pytest.warns(DeprecationWarning):
        coarsen(POINTS, 9.0, beta=9.0)
    with pytest.raises(TypeError):
        coarsen(POINTS, *range(12))
    with pytest.raises(TypeError):
        phase_diagram(SA, 2, 32)


ORDERS = {
    "coarsen": lambda points, model: coarsen(points, model, beta=9.0),
    "integrate": lambda points, model: integrate(model, points, 1.0, beta=2.0),
    "ensemble": lambda points, model: ensemble(model, points, t_eval=[0.0, 1.0], beta=2.0),
    "noisy": lambda points, model: noisy(model, points, 1.0, 0.1, beta=2.0),
    "polish": lambda points, model: polish(model, points),
    "spectrum_at": lambda points, model: spectrum_at(model, points),
    "forecast_merges": lambda points, model: forecast_merges(points, None, 9.0, model),
    "limit_shape": lambda points, model: limit_shape(points, EYE, EYE, EYE, model=model),
    "rescaled_run": lambda points, model: rescaled_run(points, EYE, EYE, EYE, model=model),
}
EYE = np.eye(3)


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("model", [SA, USA, "exp(beta*t)/beta", "field"])
@pytest.mark.parametrize("points", [POINTS, POINTS.tolist()], ids=["array", "list"])
def test_points_and_model_in_the_wrong_order_are_told_the_right_one(name, model, points):
    given = compile_model(SA, beta=2.0) if model == "field" else model
    with pytest.raises(TypeError, match=rf"Expected {name}\(.*points.*give them in this order"):
        ORDERS[name](given, points)


@pytest.mark.slow
def test_coarsen_takes_its_model_by_position_too():
    given = coarsen(POINTS, USA, beta=9.0, rtol=1e-6)
    named = coarsen(POINTS, model=USA, beta=9.0, rtol=1e-6)
    assert [m.log_time for m in given.merges] == [m.log_time for m in named.merges]
    text = coarsen(POINTS, "exp(beta*t)/beta", beta=9.0, rtol=1e-6)
    assert [m.children for m in text.merges] == [m.children for m in named.merges]


@pytest.mark.parametrize("call", [find_clusters, hardmax, order_parameter])
def test_a_model_is_no_array(call):
    with pytest.raises(TypeError, match="got points=SA, a model; give points"):
        call(SA, 1.0)
