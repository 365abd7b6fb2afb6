"""
Figure 3: the phase diagram of clustering
=========================================

Shows: Figure 3; (6.12)

The share of pairs with ⟨x_i, x_j⟩ ≥ 1 − δ over temperature and time, from random starts. The curve
is Γ of (6.12): where tokens at right angles would be that close.
"""

import numpy as np

import attnflow as af

betas, times = np.linspace(0.25, 9, 12), np.linspace(0, 30, 31)
diagrams = [
    af.phase_diagram(af.SA, d=d, n=16, betas=betas, times=times, runs=8, rng=0) for d in (2, 8, 64)
]
figure = af.plot.draw_figure(diagrams)

# %%
# Measured: how far from Γ is the front where half of the pairs are close?

front = af.gamma_front(betas, 16)
for diagram in diagrams:
    reached = diagram.probability >= 0.5
    inside = reached.any(axis=1) & (front < times[-1])
    seen = times[reached.argmax(axis=1)]
    print(f"d = {diagram.d:3}: {np.abs(seen - front)[inside].mean():.2f} units of time from Γ")

# %%
# The control is the plane, d = 2: at β = 9 tokens stay apart for very long, whatever Γ says.

print(f"close pairs at t = 30, β = 9: {[float(x.probability[-1, -1].round(3)) for x in diagrams]}")
assert diagrams[0].probability[-1, -1] < 0.9 < diagrams[2].probability[0, -1]
