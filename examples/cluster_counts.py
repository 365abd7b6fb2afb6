"""How many clusters: the fastest mode from near-uniform starts, Kac and Rice's number from draws.

A cluster is a maximum of the density smoothed by e^{β cos}. Starts are equally spaced tokens, each
moved by ε times a normal number; counts are taken when the fastest mode, which starts from
min(ε, n^{-1/2}), has grown to size 1 and has had five units of its time more.

python examples/cluster_counts.py
"""

from numerics import count_regimes
from numerics.plot import plot_count_regimes

ax = None
for place, beta in enumerate((9.0, 25.0)):
    found = count_regimes(beta)
    for row, spread in enumerate(found.spreads):
        print(
            f"beta = {beta:g}, spread {spread:8.0e}: {found.mean[row]:5.2f} clusters, "
            f"{found.at_start[row].mean():5.2f} maxima at the start"
        )
    print(
        f"beta = {beta:g}: k* = {found.fastest}, Kac-Rice {found.random:.2f}, "
        f"crossover at ε = {found.crossover}"
    )
    ax = plot_count_regimes(
        found.spreads, found.counts, found.fastest, found.random, f"β = {beta:g}", place, ax
    )

ax.figure.savefig("cluster_counts.png")
