"""
Variants III: who sees whom
===========================

Shows: Masked spectrum; Theorem 4.1 [2411.04990]; Window gap

A causal mask lets a token see itself and those before it; a window those nearby. The spectrum at
consensus is that of the mask's own matrix, derived from the model.
"""

import numpy as np

import attnflow as af

causal, window = af.catalogue("causal"), af.catalogue("window")
points = af.sphere.random_points(10, 2, rng=4)
times = np.linspace(0, 40, 161)
axes = af.plot.new_axes(size=(7.0, 4.0))
for model, style in ((af.SA, "-"), (causal, "--"), (window, ":")):
    run = af.integrate(model, points, times[-1], t_eval=times, beta=1.0)
    gap = 1 - af.sphere.gram(run.points).min(axis=(1, 2))
    axes.semilogy(times, np.maximum(gap, 1e-14), style, label=model.name)
    moved = np.abs(run.points[-1, 0] - points[0]).max()
    print(f"{model.name:7} first token moves by {moved:.2g}")
axes.set(xlabel="time t", ylabel="1 − min ⟨x_i, x_j⟩", title="Ten tokens on the circle, β = 1")
axes.legend()
figure = axes.figure

# %%
# Measured: under the causal mask everyone follows the first token, which never moves. Without a
# mask, the control, it does.

late = {model.name: af.integrate(model, points, 200.0, beta=1.0) for model in (af.SA, causal)}
for name, run in late.items():
    furthest = np.abs(run.points[-1] - points[0]).max()
    print(f"{name:9}: furthest from the first token's start {furthest:.1e}")
assert np.abs(late[causal.name].points[-1] - points[0]).max() < 1e-3
af.linearize.masked_consensus(causal, 6)
