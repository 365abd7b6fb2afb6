"""How long clusters persist."""

import numpy as np
import pytest

from numerics.phase.persistence import cluster_persistence
from theory import USA


@pytest.mark.slow
def test_clusters_persist_at_large_beta_and_not_at_small():
    """Figure 4: more clusters at larger β, the same at t = 18 and 30 for most starts."""
    times = [0.0, 18.0, 30.0]
    found = {b: cluster_persistence(b, 64, times=times, runs=40, rng=0) for b in (0.5, 4.0, 9.0)}
    mean = {beta: one.counts[:, 2].mean() for beta, one in found.items()}
    assert 1 <= mean[0.5] < 1.5 < mean[4.0] < mean[9.0]
    assert found[9.0].constant(18, 30) > 0.6 and found[4.0].constant(18, 30) > 0.6
    for beta, clusters in ((4.0, 2), (9.0, 3)):  # the numbers drawn
        assert found[beta].histogram()[2, clusters - 1] > 0.4
    assert np.all(found[9.0].counts[:, 2] <= found[9.0].counts[:, 1])
    np.testing.assert_allclose(found[4.0].histogram().sum(axis=1), 1.0)
    with pytest.raises(ValueError, match="two times"):
        found[4.0].constant(20, 25)


def test_clusters_of_stopped_systems_are_refused():
    with pytest.raises(ArithmeticError, match=r"2 of 2 that were stopped.*coarsen"):
        cluster_persistence(800.0, n=4, runs=2, model=USA)
