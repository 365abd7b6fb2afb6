"""
Many tokens: sums in O(n log n)
===============================

On the circle the sums over all pairs are convolutions. Twenty thousand tokens cost what a few
hundred do directly, with a stated error.
"""

import time

import numpy as np

import attnflow as af

ax = af.plot.new_axes()
sizes = (500, 1000, 2000, 4000)
direct, fast = [], []
for n in (*sizes, 20_000, 100_000):
    points = af.sphere.random_points(n, 2, rng=0)
    sums = af.fast_field(af.SA, beta=10.0)
    sums(points)
    start = time.process_time()
    found = sums(points)
    fast.append(time.process_time() - start)
    if n in sizes:
        field = af.compile_model(af.SA, beta=10.0)
        field.unchecked(points)
        start = time.process_time()
        exact = field(points)
        direct.append(time.process_time() - start)
        print(f"n = {n}: largest difference {np.abs(found - exact).max():.1e}")
        assert np.abs(found - exact).max() < 1e-11
ax.loglog(sizes, direct, "o-", label="direct")
ax.loglog((*sizes, 20_000, 100_000), fast, "s-", label="fast sums")
ax.set(xlabel="tokens n", ylabel="seconds of the processor", title="One velocity on the circle")
ax.legend()
figure = ax.figure

# %%
# The control is the tolerance: asked for less, it is as far off as it may be, not further.

points = af.sphere.random_points(20_000, 2, rng=0)
few = points[:100]
weights = np.exp(10.0 * (few @ points.T - 1))
pulled = weights @ points / weights.sum(axis=1, keepdims=True)
exact = pulled - (pulled * few).sum(axis=1, keepdims=True) * few
for tolerance in (1e-3, 1e-6, 1e-10):
    rough = af.fast_field(af.SA, beta=10.0, tolerance=tolerance)(points)[:100]
    print(f"tolerance {tolerance:g}: largest difference {np.abs(rough - exact).max():.1e}")
    assert np.abs(rough - exact).max() <= tolerance
