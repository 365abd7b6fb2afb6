"""
Coarsening in space and time
============================

Shows: C11; Two clusters: time; Two time scales

Angles of 40 tokens over log t. Every line is a token; a merge of two clusters is decided by their
angle: the smallest gap goes first.
"""

from itertools import pairwise

import numpy as np

import attnflow as af

result = af.coarsen(af.sphere.random_points(40, 2, rng=5), beta=25.0)
figure = af.plot.plot_space_time(result).figure

# %%
# The time at which two clusters of equal mass meet, as a formula and as a run.

angle = 1.2
pair = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
for beta in (9.0, 25.0):
    seen = af.coarsen(pair, beta=beta).merges[0].log_time
    formula = af.two_cluster_log_time(angle, beta, 0.5, 0.5)
    print(f"β = {beta:g}: log t = {seen:.6f}, formula {formula:.6f}")

# %%
# The control: the number of clusters never grows along the run.

tree = af.merge_tree(result)
counts = [len(af.clusters_at(tree, t)) for t in np.linspace(-2, 12, 30)]
assert all(b <= a for a, b in pairwise(counts))
print(counts)
