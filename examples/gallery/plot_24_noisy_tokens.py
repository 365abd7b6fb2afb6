"""
Noisy tokens keep a finite spread
=================================

Shows: Noise rates; Problem 7, dichotomy

The same model with noise, integrated by a weak second order scheme. Tokens of a cluster don't meet
any more: they hold a distance that the noise decides.
"""

from dataclasses import replace

import numpy as np

import attnflow as af

kappa = af.symbols.kappa
model = replace(af.SA, noise=af.Noise(kappa), parameters=(*af.SA.parameters, kappa))
pole = np.array([0.0, 0.0, 1.0])
starts = af.sphere.project(pole + af.sphere.random_points(32, 3, rng=0, batch=16) / 2)
times = np.linspace(0, 10, 51)
ax = af.plot.new_axes()
levels = {}
for strength in (0.0, 0.01, 0.05, 0.2):
    run = af.noisy(model, starts, 10.0, 0.02, "weak2", 0, t_eval=times, beta=2.0, kappa=strength)
    mean = af.order_parameter(run.points).mean(axis=-1)
    levels[strength] = mean[-10:].mean()
    ax.plot(times, mean, label=f"κ = {strength:g}")
ax.set(xlabel="time t", ylabel="|mean of the tokens|", title="SA with noise, β = 2, d = 3")
ax.legend()
figure = ax.figure

# %%
# Measured: the order that is left. Without noise, the control, it is 1.

print({strength: round(float(level), 4) for strength, level in levels.items()})
assert levels[0.0] > 0.999 and levels[0.2] < levels[0.05] < levels[0.01]
