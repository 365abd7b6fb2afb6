"""
Variants VI: masses that move
=============================

Shows: Moving masses

A state may hold several blocks. Here tokens climb the energy as always, and masses flow to where it
is high: the same energy ascends in two geometries at once.
"""

import numpy as np

import attnflow as af

af.MOVING_MASSES

# %%
# Eight tokens of equal mass on the circle at β = 4.

start = {"X": af.sphere.random_points(8, 2, rng=3), "m": np.full((8, 1), 1 / 8)}
times = np.linspace(0, 12, 121)
ax = af.plot.new_axes()
ends = {}
for alpha, style in ((1.0, "-"), (0.0, ":")):
    run = af.integrate(af.MOVING_MASSES, start, 12.0, t_eval=times, beta=4.0, alpha=alpha)
    masses = run.state["m"][..., 0]
    ax.plot(times, masses, style, color="C0" if alpha else "0.4")
    ends[alpha] = masses
    print(f"α = {alpha:g}: masses at the end {np.sort(masses[-1]).round(3)}")
ax.set(xlabel="time t", ylabel="masses", title="Masses with α = 1, and fixed ones (dotted)")
figure = ax.figure

# %%
# Measured: their sum stays one. The control α = 0 gives back fixed masses.

print(f"largest defect of the sum: {np.abs(ends[1.0].sum(axis=1) - 1).max():.1e}")
assert np.abs(ends[1.0].sum(axis=1) - 1).max() < 1e-9
assert np.abs(ends[0.0] - 1 / 8).max() < 1e-12
