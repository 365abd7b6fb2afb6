"""
An open hemisphere collapses
============================

Shows: Lemma 6.4; Theorem 6.3

Tokens in an open hemisphere meet, exponentially fast, under every kernel with h' > 0. With as many
dimensions as tokens they always lie in one (Theorem 6.3).
"""

import numpy as np

import attnflow as af

n, d = 12, 12
points = af.sphere.random_points(n, d, rng=1)
pole, _ = af.certificates.hemisphere_pole(points)
print(f"smallest height over the pole: {(points @ pole).min():.3f}")

# %%
# The distance to consensus on a logarithmic axis is a straight line.

times = np.linspace(0, 16, 81)
ax = af.plot.new_axes()
for name, model, values in (
    ("SA, β = 1", af.SA, {"beta": 1.0}),
    ("causal, β = 1", af.catalogue("causal"), {"beta": 1.0}),
):
    run = af.integrate(model, points, times[-1], t_eval=times, **values)
    gap = 1 - af.sphere.gram(run.points).min(axis=(1, 2))
    ax.semilogy(times, gap, label=name)
    rate = -np.polyfit(times[-20:], np.log(gap[-20:]), 1)[0]
    print(f"{name}: 1 - min⟨x_i, x_j⟩ falls like e^(-{rate:.3f} t)")
ax.set(xlabel="time t", ylabel="1 − min ⟨x_i, x_j⟩", title="Tokens of an open hemisphere")
ax.legend()
figure = ax.figure

# %%
# The control is a kernel with h'(0) = 0. Two tokens at right angles don't feel each other: the
# lemma is refuted for it, with this counterexample.

report = af.check_model("t**3", only=["Lemma 6.4"])
assert report.refuted == ("Lemma 6.4",)
report
