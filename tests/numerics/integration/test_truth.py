"""A run is right or says so: 300 cases, drawn before the code, against independent integrators.

Every run that says FINISHED is within 10·rtol·κ of the truth at the very end time asked for, κ the
growth of a displacement by 1e-7 at the start (at least 1); any other run ends with a status that
says why. Systems of up to four tokens are held to forty digits, larger ones to SciPy.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass

import mpmath
import numpy as np
import pytest

from numerics.compile import compile_model
from numerics.integration.events import IntegrationStatus
from numerics.integration.solve import integrate
from tests.numerics.reference_flows import Attention, exact_end, gap_time, stiff_end
from theory.models import SA, USA

SEED = 2312_10794
DISPLACEMENT = 1e-7
LARGEST_GROWTH = 1e4  # a truth that is more sensitive judges nothing
MAX_STEPS = 10_000  # a tenth of the default, for the time of the test; who needs more says so


@dataclass(frozen=True)
class Case:
    """One drawn run: uniform tokens under SA or USA to time e^log_t."""

    seed: int
    index: int
    d: int
    flow: Attention
    log_t: float
    rtol: float

    @property
    def n(self):
        return len(self.flow.masses)

    @property
    def points(self):
        x = np.random.default_rng([self.seed, self.index]).normal(size=(self.n, self.d))
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    def displaced(self, which):
        """The start with its rows moved along the sphere, the largest by 1e-7."""
        x = self.points
        u = np.random.default_rng([self.seed, self.index, which]).normal(size=x.shape)
        u -= np.sum(u * x, axis=1, keepdims=True) * x
        return x + DISPLACEMENT * u / np.linalg.norm(u, axis=1).max()

    def __str__(self):
        name = "SA" if self.flow.softmax else "USA"
        spread = max(self.flow.masses) / min(self.flow.masses)
        return (
            f"case {self.index}: {name} n={self.n} d={self.d} beta={self.flow.beta:.6g} "
            f"masses 1:{spread:.3g} log t={self.log_t:.6g} rtol={self.rtol:.0e}"
        )


def draw(seed=SEED):
    """The draw, fixed: two cases of five have n <= 4, every second one a log horizon up to 700."""
    rng = np.random.default_rng(seed)
    cases = []
    for index in range(300):
        few = index % 5 in (0, 2)
        n = int(rng.integers(2, 5)) if few else round(5 * (64 / 5) ** rng.uniform())
        d = int(rng.choice([2, 3, 4, 8]))
        beta = 10.0 ** rng.uniform(-1, 3)
        softmax = bool(rng.integers(2))
        ratio = 10.0 ** rng.uniform(0, 3) if rng.integers(2) else 1.0
        masses = ratio ** rng.uniform(size=n)
        flow = Attention(beta, tuple((masses / masses.sum()).tolist()), softmax)
        short = math.log(0.03) + math.log(1000) * rng.uniform()
        if not softmax and rng.integers(2):
            short -= beta  # the time of the velocity itself
        log_t = rng.uniform(0, 700) if index % 2 else short
        rtol = 10.0 ** -rng.integers(4, 11 if few else 9)
        cases.append(Case(seed, index, d, flow, float(log_t), float(rtol)))
    return cases


def distance(x, y):
    """Largest angle between rows."""
    apart, together = np.linalg.norm(x - y, axis=-1), np.linalg.norm(x + y, axis=-1)
    return float(np.max(2 * np.arctan2(apart, together)))


def truth(case):
    """Where the tokens are at the end, and the growth κ of errors at the start."""
    fine = stiff_end(case.points, case.flow, case.log_t)
    moved = [stiff_end(case.displaced(k), case.flow, case.log_t, rtol=1e-9) for k in (1, 2)]
    growth = max(1.0, *(distance(fine, end) / DISPLACEMENT for end in moved))
    if case.n > 4 or growth > LARGEST_GROWTH:
        return fine, growth
    exact = exact_end(case.points, case.flow, case.log_t)
    apart = distance(fine, exact)
    assert apart <= 1e-9 * growth, f"the references differ by {apart:.1e}, κ={growth:.1e}: {case}"
    return exact, growth


def ran(case):
    """The run that is judged, with its seconds."""
    field = compile_model(
        SA if case.flow.softmax else USA, beta=case.flow.beta, masses=case.flow.masses
    )
    start = time.process_time()
    run = integrate(field, case.points, log_t_end=case.log_t, rtol=case.rtol, max_steps=MAX_STEPS)
    return run, time.process_time() - start


def judge(cases):
    """Run all cases: the counts, the faults in words, the slowest ones."""
    counts, faults, seconds = Counter(), [], []
    ran(cases[0])  # compiles before the clock runs
    for case in cases:
        run, spent = ran(case)
        seconds.append((spent, str(case), run.status.name))
        counts[run.status.name] += 1
        if run.status is not IntegrationStatus.FINISHED:
            if run.status.success or len(run.status.message) < 20:
                faults.append(f"{case}: {run.status.name} doesn't say why")
            continue
        if not math.isclose(run.log_times[-1], case.log_t, rel_tol=1e-12, abs_tol=1e-12):
            faults.append(f"{case}: FINISHED at log t={run.log_times[-1]:.15g}")
        exact, growth = truth(case)
        if growth > LARGEST_GROWTH:
            counts["sensitive"] += 1
            continue
        counts["judged"] += 1
        counts["judged, log t > 20"] += case.log_t > 20
        counts["judged, n <= 4"] += case.n <= 4
        off = distance(run.points[-1], exact)
        allowed = 10 * case.rtol * growth
        if not off <= allowed:  # nor is nan
            faults.append(f"{case}: off by {off:.2e}, allowed {allowed:.1e} (κ={growth:.3g})")
    return counts, faults, sorted(seconds, reverse=True)


def report(cases, counts, faults, seconds):
    """What is printed with the test: `pytest -rP` shows it of a test that passed."""
    lines = [f"{len(cases)} cases: " + ", ".join(f"{k} {v}" for k, v in counts.items())]
    lines += [f"slowest: {spent:.2f} s, {what}, {status}" for spent, what, status in seconds[:3]]
    return "\n".join([*lines, f"{len(faults)} faults", *faults])


def test_the_draw_is_what_was_agreed():
    cases = draw()
    assert len(cases) == 300
    assert sum(case.n <= 4 for case in cases) >= 110
    assert {case.n for case in cases if case.n > 4} >= set(range(5, 13))
    assert max(case.n for case in cases) >= 60
    assert 140 <= sum(case.flow.softmax for case in cases) <= 160
    assert sum(case.log_t > 20 for case in cases) >= 130
    betas = [case.flow.beta for case in cases]
    assert min(betas) < 0.12 and max(betas) > 800


@pytest.mark.slow
def test_a_sample_is_right_or_says_so():
    cases = [case for case in draw() if case.n <= 16 and case.n != 4][::8]
    counts, faults, seconds = judge(cases)
    print(report(cases, counts, faults, seconds))
    assert not faults, report(cases, counts, faults, seconds)


@pytest.mark.full
def test_all_are_right_or_say_so():
    cases = draw()
    counts, faults, seconds = judge(cases)
    print(report(cases, counts, faults, seconds))
    assert not faults, report(cases, counts, faults, seconds)
    assert counts["FINISHED"] >= 200
    assert counts["judged, log t > 20"] >= 60
    assert counts["sensitive"] <= len(cases) // 10


@pytest.mark.full
def test_long_runs_of_a_second_draw_are_right_or_say_so():
    cases = [case for case in draw(777) if case.index % 2 and case.n <= 24]
    counts, faults, seconds = judge(cases)
    print(report(cases, counts, faults, seconds))
    assert not faults, report(cases, counts, faults, seconds)


# ------------------------------------------------------------------- the references themselves


@pytest.mark.every(5)
@pytest.mark.parametrize("softmax", [True, False])
@pytest.mark.parametrize("beta", [0.5, 8.0, 120.0])
def test_two_tokens_take_the_time_of_the_quadrature(beta, softmax):
    flow = Attention(beta, (0.3, 0.9), softmax)
    points = np.array([[1.0, 0.0], [0.6, 0.8]])
    with mpmath.workdps(50):
        start = mpmath.atan2(mpmath.mpf(0.8), mpmath.mpf(0.6))
        last = mpmath.mpf(0.1) if beta < 10 else start - mpmath.mpf(0.05)
        log_t = mpmath.log(gap_time(start, last, flow))
    for end, tolerance in (
        (exact_end(points, flow, log_t), 1e-15),
        (stiff_end(points, flow, float(log_t)), 1e-8),
    ):
        assert abs(distance(end[0], end[1]) - float(last)) < tolerance


@pytest.mark.slow
@pytest.mark.parametrize("softmax", [True, False])
def test_three_tokens_are_where_mpmath_puts_them(softmax):
    flow = Attention(2.0, (0.2, 0.5, 0.3), softmax)
    angles = [0.0, 1.25, 2.75]
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    with mpmath.workdps(22):

        def rhs(_, theta):
            out = []
            for a in theta:
                kernel = [mpmath.exp(2 * mpmath.cos(a - b)) for b in theta]
                e = [m * k for m, k in zip(flow.masses, kernel, strict=True)]
                pull = mpmath.fsum(w * mpmath.sin(b - a) for w, b in zip(e, theta, strict=True))
                out.append(pull / mpmath.fsum(e) if softmax else pull)
            return out

        start = [mpmath.atan2(mpmath.mpf(y), mpmath.mpf(x)) for x, y in points.tolist()]
        final = mpmath.odefun(rhs, 0, start, tol=mpmath.mpf(10) ** -17)(mpmath.exp(-1))
        wanted = np.array([[float(mpmath.cos(a)), float(mpmath.sin(a))] for a in final])
    assert distance(exact_end(points, flow, -1.0), wanted) < 1e-15
    assert distance(stiff_end(points, flow, -1.0), wanted) < 1e-11


@pytest.mark.every(2)
@pytest.mark.parametrize("solver", ["LSODA", "Radau"])
def test_merges_at_all_scales_dont_depend_on_the_solver(solver):
    rng = np.random.default_rng(5)
    points = rng.normal(size=(6, 2))
    flow = Attention(60.0, tuple(rng.uniform(0.05, 0.3, 6).tolist()), True)
    end = stiff_end(points, flow, 41.0, solver=solver, rtol=1e-8)
    assert distance(end, stiff_end(points, flow, 41.0, rtol=1e-10)) < 1e-6
