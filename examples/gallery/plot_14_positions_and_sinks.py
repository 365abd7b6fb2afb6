"""
Variants IV: positions and attention sinks
==========================================

Shows: Remark 3.2; Lemma 6.4

Names of the catalogue combine. RoPE turns queries and keys by their places, ALiBi takes a slope off
the score, a sink takes a share of the attention: what each does to the speed of clustering.
"""

import numpy as np

import attnflow as af

names = ("SA", "RoPE", "ALiBi", "sink", "RoPE + sink")
points = af.sphere.random_points(12, 4, rng=2)
times = np.linspace(0, 25, 126)
ax = af.plot.new_axes()
reached = {}
for name in names:
    model = af.catalogue(name)
    values = {"beta": 1.0, "base": 100.0, "slope": 0.5, "sink": 3.0}
    known = {str(symbol) for symbol in model.parameters}
    given = {key: value for key, value in values.items() if key in known}
    run = af.integrate(model, points, times[-1], t_eval=times, **given)
    smallest = af.sphere.gram(run.points).min(axis=(1, 2))
    ax.plot(times, smallest, label=name)
    reached[name] = times[np.argmax(smallest > 0.99)] if smallest[-1] > 0.99 else np.inf
    print(f"{name:12} all pairs above 0.99 at t = {reached[name]:.1f}")
ax.set(xlabel="time t", ylabel="min ⟨x_i, x_j⟩", title="Positions and sinks, β = 1")
ax.legend()
figure = ax.figure

# %%
# The control: a sink slows, it doesn't turn. Its rate at consensus is derived.

assert reached["sink"] > reached["SA"]
af.derivations.equiangular(af.catalogue("sink"))
