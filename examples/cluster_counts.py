"""How many clusters: the fastest mode from near-uniform starts, Kac and Rice's number from draws.

A cluster is a maximum of the density smoothed by e^{β cos}. Starts are equally spaced tokens, each
moved by ε times a normal number; counts are taken when the fastest mode, which starts from
min(ε, n^{-1/2}), has grown to size 1 and has had five units of its time more.

python examples/cluster_counts.py
"""

import numpy as np

from numerics import density_maxima, ensemble, sphere
from numerics.plot import plot_count_regimes
from theory import SA
from theory.predictions import expected_maxima, fastest_mode, mode_growth_rate

N, RUNS = 256, 100
SPREADS = (1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, np.inf)

rng = np.random.default_rng(0)
grid = 2 * np.pi * np.arange(N) / N
ax = None
for place, beta in enumerate((9, 25)):
    fastest, random = fastest_mode(beta), float(expected_maxima(beta))
    rate = float(mode_growth_rate(fastest, beta))
    counts = []
    for spread in SPREADS:
        angles = grid + spread * rng.normal(size=(RUNS, N)) if np.isfinite(spread) else None
        start = (
            sphere.random_points(N, 2, rng, RUNS)
            if angles is None
            else np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        )
        time = (np.log(1 / min(spread, N**-0.5)) + 5) / rate
        run = ensemble(SA, start, t_eval=[0.0, time], beta=float(beta))
        counts.append(density_maxima(run.points[-1], beta))
        at_start = density_maxima(run.points[0], beta).mean()
        print(
            f"beta = {beta}, spread {spread:8.0e}: {counts[-1].mean():5.2f} clusters, "
            f"{at_start:5.2f} maxima at the start; k* = {fastest}, Kac-Rice {random:.2f}"
        )
    ax = plot_count_regimes(SPREADS, counts, fastest, random, f"β = {beta}", place, ax)

ax.figure.savefig("cluster_counts.png")
