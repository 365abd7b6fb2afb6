"""
Figure 2: which theorem covers which temperature and dimension
==============================================================

Shows: Figure 2; Theorem 4.3; Theorem 5.1; Theorem 6.3

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
# Measured: what is left open lies between the thresholds of Theorems 4.3 and 5.1, and at no
# d >= n; at d >= 3 Theorem 6.1 leaves nothing.

open_dimensions = {found.dimensions[column] for column in np.flatnonzero(found.open.any(axis=0))}
print(f"dimensions with open cells: {sorted(open_dimensions)}")
assert not any(d >= 8 for d in open_dimensions)
