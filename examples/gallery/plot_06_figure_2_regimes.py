"""
Figure 2: which theorem covers which temperature and dimension
==============================================================

Shows: Figure 2; Theorem 4.3; Theorem 5.1; Theorem 6.3; Saddles on the circle

The map isn't drawn by hand. Every claim that ends in one cluster is asked whether its own
hypotheses are met at a cell (d, β); a cell that no claim covers stays white.
"""

import numpy as np

from proofs_checks.command_line.plot_regimes import plot_regimes
from proofs_checks.command_line.regimes import regime_map

found = regime_map(8, dimensions=range(2, 11), betas=np.geomspace(1e-3, 1e5, 120))
figure = plot_regimes(found).figure
print(found.text())

# %%
# Measured: nothing is left open. What the paper leaves lies at d = 2 between the thresholds of
# Theorems 4.3 and 5.1, and our "Saddles on the circle" covers it; at d >= 3 Theorem 6.1 leaves
# nothing.

alone = found.covered.sum(axis=0) == 1
ours = found.covered[found.labels.index("Saddles on the circle")] & alone
dimensions = {found.dimensions[column] for column in np.flatnonzero(ours.any(axis=0))}
print(f"dimensions with cells that it alone covers: {sorted(dimensions)}")
assert not found.open.any() and dimensions == {2}
