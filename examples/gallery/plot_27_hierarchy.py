"""
The law of two tokens, and a closure
====================================

Shows: (8.1); Problem 4; Pair law of two tokens

Equation (8.1) for two tokens asks for the law of three. A closure puts a guess in its place;
Monte Carlo says how good the guess is.
"""

import numpy as np

import attnflow as af

times = np.linspace(0, 1, 5)
laws = [
    af.pair_law(af.USA, 4, 1.0, closure=closure, t_eval=times, beta=1.0, cells=128)
    for closure in ("kirkwood", "chaos")
]
samples = af.pair_samples(af.USA, 4, times, copies=20_000, beta=1.0)
figure = af.plot.plot_pair_law([*laws, samples.law(128)]).figure

# %%
# Measured: probability that two tokens are within one radian.

names = ("kirkwood", "chaos", "sampled")
near = [[float(p) for p in law.near_zero(1.0)] for law in (*laws, samples.law(128))]
for name, row in zip(names, near, strict=True):
    print(f"{name:9}", [round(p, 4) for p in row])

# %%
# The control is the closure by independence, "chaos": it is further from what is sampled.

off = [abs(row[-1] - near[-1][-1]) for row in near[:2]]
print(f"off at t = 1: {off[0]:.4f} and {off[1]:.4f}")
assert off[0] < off[1]
