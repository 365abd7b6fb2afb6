"""n tokens approach the continuity equation: like n^{-1/2} from draws, like 1/n from quantiles.

python examples/mean_field_limit.py
"""

import numpy as np

from numerics import mean_field_distances
from numerics.plot import plot_distances
from theory import SA


def density(angle):
    return 1 + np.cos(angle) / 2 + np.cos(2 * angle) / 4


results = {}
for beta in (1.0, 4.0):
    for starts in ("iid", "quantile"):
        found = mean_field_distances(
            SA, density, (100, 1000, 10_000), 2.0, runs=20, starts=starts, beta=beta
        )
        slope, error = found.slope()
        print(f"beta = {beta:g}, {starts:8}: slope {slope:.4f} ± {error:.4f}")
        results[f"β = {beta:g}, {starts}"] = found

plot_distances(results).figure.savefig("mean_field_limit.png")
