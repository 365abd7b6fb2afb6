"""Steep kernels, β up to 1e9: as many steps as any, right to the rounding of exponents, as it says.

Where β is large, tokens meet two by two, so that the law of two tells every merge of a run.
"""

import mpmath as mp
import numpy as np
import pytest

from numerics import sphere
from numerics.coarsening.result import MERGE_DISTANCE, CoarsenStatus
from numerics.coarsening.run import coarsen
from numerics.extras import numba_works
from theory import SA, USA

pytestmark = pytest.mark.extras

EPS = float(np.finfo(np.float64).eps)
NUMBA = pytest.mark.skipif(not numba_works(), reason="the extra `fast`")
BACKENDS = pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=NUMBA)])
MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])


# --- the law of two, by mpmath -------------------------------------------------------------------


def unit(x):
    length = mp.sqrt(mp.fsum(c * c for c in x))
    return [c / length for c in x]


def angle_of(x, y):
    return 2 * mp.asin(mp.sqrt(mp.fsum((a - b) ** 2 for a, b in zip(x, y, strict=True))) / 2)


def speeds(model, m, q):
    """How fast the two come to each other, over q sin θ for USA's e^β q."""
    return (m[1] / (m[0] + m[1] * q), m[0] / (m[1] + m[0] * q)) if model is SA else (m[1], m[0])


def meeting(model, beta, m, angle):
    """Log t at which two that are an angle apart meet, and how far the first one has come."""
    first, last = 2 * mp.sin(angle / 2) ** 2, mp.mpf(MERGE_DISTANCE) ** 2 / 2

    def slowness(v):  # over e^{β(1 − cos θ)}, 1 − cos θ = w
        w = first - v / beta
        return mp.exp(-v) / (w * (2 - w) * mp.fsum(speeds(model, m, mp.exp(-beta * w))))

    def share(at):
        one, two = speeds(model, m, mp.exp(-2 * beta * mp.sin(at / 2) ** 2))
        return one / (one + two)

    top = min(beta * (first - last), mp.mpf(110))
    taken = mp.quad(slowness, [0, *(v for v in (1, 4, 12, 30, 60) if v < top), top])
    widths = [k / mp.sqrt(beta) for k in (1, 3, 6, 10, 15, 25)]
    came = mp.quad(share, [0, *(at for at in widths if at < angle), angle])
    late = beta * first + mp.log(taken / beta) - (0 if model is SA else beta)
    return late, came


def merged(model, beta, points, masses):
    """Log times of all merges, one pair after the other: the next one is later by e^{β Δ}."""
    with mp.workdps(30):
        beta, x = mp.mpf(beta), [unit([mp.mpf(float(c)) for c in row]) for row in points]
        m, out = [mp.mpf(float(mass)) for mass in masses], []
        while len(x) > 1:
            pairs = [(i, j) for i in range(len(x)) for j in range(i)]
            i, j = min(pairs, key=lambda p: angle_of(x[p[0]], x[p[1]]))
            angle = angle_of(x[i], x[j])
            late, came = meeting(model, beta, (m[i], m[j]), angle)
            rest, there = mp.sin(angle - came), mp.sin(came)
            met = unit([rest * a + there * b for a, b in zip(x[i], x[j], strict=True)])
            keep = [k for k in range(len(x)) if k not in (i, j)]
            x, m = [*(x[k] for k in keep), met], [*(m[k] for k in keep), m[i] + m[j]]
            out.append(late)
        return out


def errors(result, exact):
    return max(
        abs(float(mp.mpf(merge.log_time) - at))
        for merge, at in zip(result.merges, exact, strict=True)
    )


def allowed(rtol, beta, n):
    """A few tolerances a merge, or roundings of an exponent and of log t, as large as β."""
    return 10 * n * max(rtol, EPS * (1 + beta))


@pytest.mark.every(5)
@BACKENDS
@MODELS
@pytest.mark.parametrize("beta", [1e3, 1e6, 1e9])
def test_two_tokens_meet_when_they_should(beta, model, backend):
    points, masses = sphere.random_points(2, 3, rng=3), [0.3, 0.7]
    exact = merged(model, beta, points, masses)
    for rtol in (1e-6, 1e-10):
        result = coarsen(
            points, model, beta=beta, masses=masses, rtol=rtol, backend=backend, error_bars=False
        )
        assert result.status is CoarsenStatus.CONSENSUS
        assert result.steps + result.rejected < 180
        assert errors(result, exact) < allowed(rtol, beta, 2)


@MODELS
@pytest.mark.slow
@pytest.mark.parametrize("beta", [1e4, 1e5, 1e7, 1e9])
@pytest.mark.parametrize(
    ("n", "d", "backend"),
    [(3, 2, "numpy"), *(pytest.param(n, d, "numba", marks=NUMBA) for n, d in ((5, 3), (8, 2)))],
)
def test_every_merge_is_that_of_two(n, d, backend, beta, model):
    """Of eight at 1e9, a first step of length .15 was taken: log t was 14 too late."""
    points = sphere.random_points(n, d, rng=1)
    masses = np.random.default_rng(n).uniform(0.2, 1.0, n)
    masses /= masses.sum()
    exact = merged(model, beta, points, masses)
    for rtol in (1e-8, 1e-12):
        result = coarsen(
            points, model, beta=beta, masses=masses, rtol=rtol, backend=backend, error_bars=False
        )
        assert errors(result, exact) < allowed(rtol, beta, n)
        assert result.steps + result.rejected < 220 * (n - 1)


# --- steps ---------------------------------------------------------------------------------------


@MODELS
@pytest.mark.slow
@NUMBA
@pytest.mark.parametrize("beta", [1e2, 1e4, 1e6, 1e9])
@pytest.mark.parametrize(("n", "d"), [(2, 2), (5, 2), (9, 3)])
def test_both_loops_take_the_same_steps(n, d, beta, model):
    """Stages of the compiled loop, in units of the step's first weight, overflowed from 1e4 on."""
    points = sphere.random_points(n, d, rng=0)
    array, code = (
        coarsen(points, model, beta=beta, backend=backend, error_bars=False)
        for backend in ("numpy", "numba")
    )
    assert array.status is code.status is CoarsenStatus.CONSENSUS
    attempts = array.steps + array.rejected
    assert abs(attempts - code.steps - code.rejected) < 10 + 0.05 * attempts
    for one, two in zip(array.merges, code.merges, strict=True):
        assert one.children == two.children
        assert abs(one.log_time - two.log_time) < allowed(1e-8, beta, n)


@pytest.mark.slow
@NUMBA
def test_forty_tokens_at_any_temperature():
    points = sphere.random_points(40, 2, rng=4)
    steps = []
    for beta in (1.0, 1e4, 1e9):
        result = coarsen(points, beta=beta, backend="numba", error_bars=False)
        assert result.status is CoarsenStatus.CONSENSUS
        steps.append(result.steps + result.rejected)
    assert steps[2] < 220 * 39 and steps[2] < 2.5 * steps[1]


# --- what was reached ----------------------------------------------------------------------------


@BACKENDS
def test_a_run_says_what_its_rounding_left(backend):
    points = sphere.random_points(2, 2, rng=0)
    for beta, floor in ((9.0, 1e-8), (1e6, 1e-8), (1e9, 4 * EPS * 1e9)):
        result = coarsen(points, beta=beta, backend=backend, error_bars=False)
        assert result.rtol == 1e-8
        assert floor * (1 - 1e-9) <= result.reached < 3 * floor
    barred = coarsen(points, beta=1e9, backend=backend)
    assert not barred.ill_conditioned
    assert EPS * 1e9 < barred.merges[0].log_time_error < 1e-4


# --- masses far apart ----------------------------------------------------------------------------


@pytest.mark.every(5)
@BACKENDS
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("least", [1e-299, 1e-290, 1e-160])
@pytest.mark.parametrize("beta", [81.0, 1e4, 1e8])
def test_a_token_of_hardly_any_mass_is_pulled_and_pulls_nobody(beta, least, backend):
    """SA's speed of a token is over its own mass: squares of 1e290 overflowed, nothing moved."""
    points = sphere.random_points(3, 3, rng=5)
    options = {"beta": beta, "backend": backend, "error_bars": False}
    heavy = coarsen(points[1:], masses=[1.0, 2.0], **options)
    whole = coarsen(points, masses=[least, 1.0, 2.0], **options)
    assert whole.status is CoarsenStatus.CONSENSUS and np.isfinite(whole.residual)
    assert len(whole.merges) == 2
    later = [merge.log_time for merge in whole.merges if merge.mass == 3.0]
    apart = min(abs(at - heavy.merges[0].log_time) for at in later)
    assert apart < allowed(1e-8, beta, 3)
