"""Hardmax dynamics against exact mathematics: Example 9.3, hulls, event times, sliding."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numerics import HardmaxStatus, hardmax

EXAMPLE = [[1, 1], [-1, 1], [0, 0]]


def test_example_9_3_has_a_path_and_two_families():
    run = hardmax(EXAMPLE, 2.0, reading="literal")
    assert run.status is HardmaxStatus.FINISHED and not run.unique
    middle, *families = run.branches
    s = 1 - np.exp(-1.5)
    np.testing.assert_allclose(middle.at(1.5)[2], [0, s], atol=1e-14)
    assert middle.leaves == () and [b.leaves for b in families] == [((0.0, 2.0),)] * 2
    u = 1 - np.exp(-0.5)  # left at t = 1
    a = 1 - np.exp(-1.0)
    ends = sorted(tuple(b.at(1.5)[2]) for b in families)
    np.testing.assert_allclose(ends, [(-u, a + (1 - a) * u), (u, a + (1 - a) * u)], atol=1e-14)


def test_filippov_may_rest_and_a_family_may_be_left_at_once():
    run = hardmax(EXAMPLE, 1.0, leave=lambda low, high: low)
    rests = run.branches[0]
    np.testing.assert_allclose(rests.at(1.0)[2], 0, atol=1e-14)
    assert len(run.branches) == 4
    ends = {tuple(np.round(b.at(1.0)[2], 9)) for b in run.branches[1:]}
    s = round(1 - float(np.exp(-1.0)), 9)
    assert ends == {(0.0, s), (s, s), (-s, s)}


def test_a_unique_case_is_reported_unique():
    run = hardmax([[1, 1], [-1, 1], [0.1, 0.2]], 2.0)
    assert run.unique and run.events == ()
    np.testing.assert_allclose(run.branches[0].at(1.0)[2], 1 - np.exp(-1.0) * np.array([0.9, 0.8]))


def test_an_event_time_is_exact():
    # z_3 follows z_1 by a score that falls: Q^T K = diag(1, -1), all by hand.
    points, form = [[2, 0], [0, -3], [1, 2]], np.diag([1.0, -1.0])
    run = hardmax(points, 3.0, K=form)
    t = sp.Symbol("t", positive=True)
    first = run.branches[0].events[0]
    z = [sp.Matrix(p) for p in points]
    sets = run.branches[0].legs[0].sets
    matrix = sp.zeros(3, 3)
    for i, followed in enumerate(sets):
        matrix[i, followed[0]] += 1
        matrix[i, i] -= 1
    state = (matrix * t).exp() * sp.Matrix([list(p) for p in z])
    scores = state * sp.Matrix([[1, 0], [0, -1]]) * state.T
    gap = scores[first.token, first.before[0]] - scores[first.token, first.after[0]]
    exact = sp.nsolve(gap, t, first.time, prec=30)
    assert abs(first.time - float(exact)) < 1e-12


@pytest.mark.parametrize("seed", range(6))
def test_the_hull_never_grows(seed):
    rng = np.random.default_rng(seed)
    forms = {"Q": rng.standard_normal((2, 2)), "K": rng.standard_normal((2, 2))}
    run = hardmax(rng.standard_normal((5, 2)), 1.5, **forms)
    directions = rng.standard_normal((64, 2))
    for branch in run.branches:
        support = [(branch.at(t) @ directions.T).max(0) for t in np.linspace(0, branch.t_end, 30)]
        assert (np.diff(support, axis=0) < 1e-13).all()


def test_sliding_keeps_the_tie():
    run = hardmax([[1, 0.5], [-1, 0.5], [0.2, 0.4]], 0.5, V=-np.eye(2))
    branch = run.branches[0]
    for leg in branch.legs:
        z = leg.at(leg.end)
        for i, followed in enumerate(leg.sets):
            scores = z @ z[i]
            assert scores[list(followed)].min() >= scores.max() - 1e-11


@pytest.mark.parametrize(
    "bad", [[[1.0, 2.0]], [[1.0], [2.0]], [[1.0, np.nan], [0.0, 1.0]], [1.0, 2.0]]
)
def test_bad_points(bad):
    with pytest.raises(ValueError, match="Expected"):
        hardmax(bad, 1.0)


def test_bad_matrices():
    points = np.eye(3)[:, :2]
    with pytest.raises(ValueError, match="V of shape"):
        hardmax(points, 1.0, V=np.ones((2, 3)))
    with pytest.raises(TypeError, match="real numbers"):
        hardmax(points, 1.0, V=1j * np.eye(2))
    with pytest.raises(ValueError, match="t_end > 0"):
        hardmax(points, 0.0)


def test_too_many_branches_is_said():
    run = hardmax(EXAMPLE, 1.0, max_branches=2)
    assert run.status is HardmaxStatus.TOO_MANY_BRANCHES and run.branches


SMALL = st.integers(-3, 3).map(float)
"""Coordinates on a lattice: ties at the start and later are frequent."""


def tokens(n):
    return arrays(float, (n, 2), elements=SMALL)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    points=st.integers(2, 5).flatmap(tokens),
    query=arrays(float, (2, 2), elements=SMALL),
    key=arrays(float, (2, 2), elements=SMALL),
    reading=st.sampled_from(["filippov", "literal"]),
)
def test_no_branch_leaves_the_hull(points, query, key, reading):
    """Across events, ties and families: V = I draws every token towards others."""
    run = hardmax(points, 1.5, Q=query, K=key, reading=reading, max_branches=16)
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    for branch in run.branches:
        if not branch.legs:  # too many ways to go on, or none, from the start itself
            assert branch.status is not HardmaxStatus.FINISHED
            with pytest.raises(ValueError, match="without a leg"):
                branch.at(0.0)
            continue
        events = [event.time for event in branch.events]
        times = np.unique([*np.linspace(0, branch.t_end, 25), *events])
        support = [(branch.at(time) @ directions).max(axis=0) for time in times]
        assert (np.diff(support, axis=0) < 1e-12 * (1 + np.abs(points).max())).all()
        assert events == sorted(events)
        for one, two in zip(branch.legs, branch.legs[1:], strict=False):
            np.testing.assert_allclose(one.at(one.end), two.at(two.start), atol=1e-12)


def test_undetermined_weights_stay_positive():
    """Four tokens whose ties leave a continuum of weights: what is shown ends before one is < 0."""
    points = [[-2.0, 2.0], [-2.0, -3.0], [2.0, -2.0], [1.0, 0.0]]
    query, key = np.array([[0.0, 0.0], [-3.0, -1.0]]), np.array([[1.0, -1.0], [2.0, 3.0]])
    run = hardmax(points, 1.5, Q=query, K=key, max_branches=16)
    ended = [b for b in run.branches if b.status is HardmaxStatus.NOT_DETERMINED]
    assert ended and any(b.t_end < 1.5 for b in ended)
    for branch in ended:
        for time in np.linspace(0, branch.t_end, 50):
            assert branch.weights(time).min() > -1e-9


@pytest.mark.slow
def test_ties_that_nothing_keeps_end_a_branch():
    """A choice whose weights don't exist beyond the first order is no leg without pieces."""
    points = [[2.0, 1.0], [-3.0, 0.0], [0.0, 3.0], [3.0, -2.0], [3.0, 3.0]]
    query, key = np.array([[-3.0, 1.0], [0.0, 0.0]]), np.array([[3.0, 1.0], [1.0, -1.0]])
    run = hardmax(points, 1.5, Q=query, K=key, max_branches=16)
    assert all(leg.pieces for branch in run.branches for leg in branch.legs)


def exact_event(points, form, sets, event):
    """Time at which two scores tie on a leg of single followers, to 30 digits: exponentials."""
    n = len(points)
    move = mpmath.matrix(n, n)
    for i, (j,) in enumerate(sets):
        move[i, j] += 1
        move[i, i] -= 1
    start, shape = mpmath.matrix(points.tolist()), mpmath.matrix(form.tolist())
    # the gained token is the one in `after` that wasn't followed before
    (old,), new = event.before, next(k for k in event.after if k not in event.before)

    def gap(time):
        state = mpmath.expm(move * time) * start
        scores = state * shape * state.T
        return scores[event.token, old] - scores[event.token, new]

    return mpmath.findroot(gap, event.time)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 6))
def test_first_events_are_exact_to_twelve_digits(seed, n):
    rng = np.random.default_rng(seed)
    points, form = rng.standard_normal((n, 2)), rng.standard_normal((2, 2))
    run = hardmax(points, 2.0, K=form)
    branch = run.branches[0]
    events = [event for event in branch.events if event.time > 0]
    assume(events and all(len(followed) == 1 for followed in branch.legs[0].sets))
    first = events[0]
    assume(any(k not in first.before for k in first.after))
    with mpmath.workdps(30):
        exact = exact_event(points, form, branch.legs[0].sets, first)
    assert abs(first.time - float(exact)) < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "n"), [(30146, 4), (998956, 6), (770071, 6)])
def test_a_branch_that_stands_still_ends(seed, n):
    """A weight that stays 0 for good, tokens that meet: no thousands of steps of no length."""
    rng = np.random.default_rng(seed)
    run = hardmax(rng.standard_normal((n, 2)), 2.0, K=rng.standard_normal((2, 2)))
    pieces = [
        piece.length for branch in run.branches for leg in branch.legs for piece in leg.pieces
    ]
    assert len(pieces) < 5000
    assert sum(length == 0 for length in pieces) <= 2 * len(run.branches)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_solution_that_is_said_to_be_unique_depends_continuously(seed):
    """Starts 1e-9 away stay near: no other solution is there to go to."""
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((4, 2))
    run = hardmax(points, 1.0)
    assume(run.unique)
    near = hardmax(points + 1e-9 * rng.standard_normal(points.shape), 1.0)
    assert near.unique
    np.testing.assert_allclose(near.branches[0].at(1.0), run.branches[0].at(1.0), atol=1e-6)
