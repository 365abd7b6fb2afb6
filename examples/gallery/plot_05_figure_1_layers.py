"""
Figure 1, for layers of our own
===============================

Shows: Figure 1; (2.3); Discrete layer

The paper's histograms are of a trained network whose data aren't at hand, so its claim stays OPEN.
The same histograms here are of a network with many layers, each ``x <- N(x + η y)``.
"""

import numpy as np

import attnflow as af

af.DISCRETE_SA

# %%
# Inner products of 48 tokens in 16 dimensions, after 0, 20, 40 and 60 layers with η = 0.1.

n, d = 48, 16
layer = af.compile_model(af.DISCRETE_SA, beta=2.0, eta=0.1)
states = [af.sphere.random_points(n, d, rng=0)]
for _ in range(60):
    states.append(layer(states[-1]))

ax = af.plot.new_axes()
edges = np.linspace(-1, 1, 41)
above = np.triu_indices(n, 1)
for count in (0, 20, 40, 60):
    products = af.sphere.gram(states[count])[above]
    ax.hist(np.clip(products, -1, 1), edges, histtype="step", label=f"{count} layers", log=True)
    print(f"{count:3} layers: {np.mean(products > 0.9):.1%} of the pairs above 0.9")
ax.set(xlabel="⟨x_i, x_j⟩", ylabel="pairs", title="Tokens come together, layer by layer")
ax.legend()
figure = ax.figure

# %%
# Measured: small steps follow the flow. Halving η halves the distance to it at t = 2, and a layer
# without attention, η = 0, is the control: nothing moves.

flow = af.integrate(af.SA, states[0], 2.0, beta=2.0).points[-1]


def distance(eta):
    """From the flow at t = 2, in layers of size η."""
    step = af.compile_model(af.DISCRETE_SA, beta=2.0, eta=eta)
    x = states[0]
    for _ in range(round(2.0 / eta)):
        x = step(x)
    return np.abs(x - flow).max()


print(f"ratio of the distances at η = 0.04 and 0.02: {distance(0.04) / distance(0.02):.3f}")
still = af.compile_model(af.DISCRETE_SA, beta=2.0, eta=0.0)(states[0])
assert np.abs(still - states[0]).max() < 1e-15
