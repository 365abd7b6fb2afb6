"""Strategies: a falsified property shrinks, and depends on the seed."""

from hypothesis import strategies as st

from proofs_checks.strategies import falsify, points


def test_falsify_shrinks_and_depends_on_the_seed():
    import numpy as np

    smallest = falsify(
        points(n=(1, 5), d=2), lambda x: x.shape[0] < 3, 200, np.random.default_rng(0)
    )
    assert smallest.shape == (3, 2)
    seen = []
    for seed in (0, 1):
        drawn = []
        strategy = st.integers(0, 10**9)
        falsify(
            strategy,
            lambda v, drawn=drawn: drawn.append(v) or True,
            20,
            np.random.default_rng(seed),
        )
        seen.append(drawn)
    assert seen[0] != seen[1]
    assert falsify(points(), lambda x: True, 5, np.random.default_rng(0)) is None
