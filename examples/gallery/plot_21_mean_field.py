"""
Infinitely many tokens: the continuity equation
===============================================

Shows: (3.1); (3.4); (7.1) continuity

The density of tokens on the circle, solved as n = ∞. A small bump grows into clusters; mass is
kept to rounding, and the energy climbs.
"""

import numpy as np

import attnflow as af


def bump(angle):
    """Nearly uniform."""
    return 1 + 0.1 * np.cos(angle) + 0.05 * np.cos(3 * angle)


run = af.mean_field(af.SA, bump, 6.0, np.linspace(0, 6, 31), beta=4.0)
print(run.status.message)
figure = af.plot.plot_density(run).figure

# %%
# Measured: the mass, and the energy.

print(f"largest defect of the mass: {np.abs(run.mass - 1).max():.1e}")
assert np.all(np.diff(run.energy) >= -1e-12)

# %%
# The control is the uniform density, which is stationary: nothing may grow out of nothing.

still = af.mean_field(af.SA, lambda angle: np.ones_like(angle), 6.0, beta=4.0)
print(f"energy of the uniform density changes by {abs(still.energy[-1] - still.energy[0]):.1e}")
assert abs(still.energy[-1] - still.energy[0]) < 1e-10
