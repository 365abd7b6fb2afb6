"""
Figure 4: clusters that stay
============================

Shows: Figure 4; Problem 1

One start on the circle, at two temperatures. At β = 9 the tokens are in a few clusters soon, and
these hardly move; the number of clusters is constant for a long time.
"""

import numpy as np

import attnflow as af

figure = af.plot.draw_metastable(betas=(9.0, 4.0), times=(0.0, 18.0, 30.0), n=48, rng=0)

# %%
# One start supports no frequency. Over forty starts, how many clusters are there at t = 18 and
# t = 30, and in how many is the number the same?

for beta in (4.0, 9.0):
    found = af.cluster_persistence(beta, n=32, runs=40, times=(0.0, 18.0, 30.0), rng=0)
    same = np.mean(found.counts[:, 1] == found.counts[:, 2])
    print(f"β = {beta:g}: {found.counts[:, 1:].mean(axis=0)} clusters; the same in {same:.0%}")

# %%
# They do merge in the end. `coarsen` follows them on a clock of log t: the control that a state
# which looks stationary isn't.

result = af.coarsen(af.sphere.random_points(32, 2, rng=0), beta=9.0)
print(result.status.message)
print(f"the last two clusters merge at log t = {result.merges[-1].log_time:.2f}")
assert result.status.name == "CONSENSUS"
