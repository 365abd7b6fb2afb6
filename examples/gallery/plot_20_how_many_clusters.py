"""
How many clusters? The fastest mode, and random starts
======================================================

Shows: (7.5); Mode growth; Counts near uniform; Counts of random starts

Nearly uniform tokens fall into as many clusters as the fastest mode has maxima. Independent draws
don't: their number is that of the maxima of a random field.
"""

import attnflow as af

found = af.count_regimes(9.0, [1e-6, 1e-3, 0.1, float("inf")], n=96, runs=24)
print(f"fastest mode k* = {found.fastest}, maxima of independent draws {found.random:.2f}")
figure = af.plot.plot_count_regimes(
    found.spreads, found.counts, found.fastest, found.random, "β = 9"
).figure

# %%
# Measured, with both ends as each other's control.

print(f"spread 1e-6: {found.mean[0]:.2f} clusters; independent: {found.mean[-1]:.2f}")
assert abs(found.mean[0] - found.fastest) < 0.3

# %%
# The growth rates of the modes that decide it, exact in β.

rates = [float(af.predictions.mode_growth_rate(k, 9.0)) for k in range(1, 8)]
print({k: round(rate, 4) for k, rate in enumerate(rates, start=1)})
