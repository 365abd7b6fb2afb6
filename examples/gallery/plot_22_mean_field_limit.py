"""
How fast n tokens approach the continuity equation
==================================================

Shows: Remark 3.3; Mean-field limit

The Wasserstein distance between n tokens and the density at time t falls like 1/√n for independent
draws, and like 1/n for quantiles.
"""

import numpy as np

import attnflow as af


def density(angle):
    """The start."""
    return 1 + np.cos(angle) / 2


results = {}
for starts in ("iid", "quantile"):
    found = af.mean_field_distances(
        af.SA, density, (50, 200, 800), 1.0, runs=8, starts=starts, beta=1.0
    )
    results[starts] = found
    slope, error = found.slope()
    print(f"{starts:8}: slope {slope:.3f} ± {error:.3f}")
figure = af.plot.plot_distances(results).figure

# %%
# Each is the other's control: the exponents differ by a half.

gap = results["iid"].slope()[0] - results["quantile"].slope()[0]
assert 0.3 < gap < 0.7
