"""
Figure 5: random matrices Q, K and V
====================================

Shows: Figure 5; Problem 2

The phase diagram again with matrices drawn afresh for each run, in four ensembles. Identity
matrices are the control: they give Figure 3 back.
"""

import numpy as np

import attnflow as af

betas, times = np.linspace(1, 9, 5), np.linspace(0, 30, 16)
panels = ("identity", "a", "b", "c")
diagrams = [
    af.phase_diagram(
        af.QKV, d=16, n=12, betas=betas, times=times, runs=6, matrices=af.MATRICES[panel], rng=0
    )
    for panel in panels
]
figure = af.plot.draw_figure(diagrams, titles=panels)

# %%
# Measured: the share of close pairs at the end, averaged over β.

for panel, diagram in zip(panels, diagrams, strict=True):
    print(f"{panel:8}: {diagram.probability[:, -1].mean():.3f}")
assert diagrams[0].probability[0, -1] > 0.99
