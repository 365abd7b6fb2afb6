"""
One curve for all pairs: γ(t)
=============================

Shows: Theorem 6.8; (6.9); (6.10)

Tokens that start at right angles keep one common inner product γ(t), whose equation is derived for
every n. Uniform tokens in a high dimension are nearly so.
"""

import numpy as np

import attnflow as af
from numerics.equiangular import equiangular_gamma

af.derivations.equiangular(af.SA)

# %%
# Sixteen tokens on the sphere in 512 dimensions, and in 8: all 120 pairs, and γ.

n, beta, times = 16, 2.0, np.linspace(0, 6, 61)
gamma = equiangular_gamma(times, beta, n)
ax = af.plot.new_axes()
for d, colour in ((8, "C1"), (512, "C0")):
    points = af.sphere.random_points(n, d, rng=0)
    run = af.integrate(af.SA, points, times[-1], t_eval=times, beta=beta)
    pairs = af.sphere.gram(run.points)[:, *np.triu_indices(n, 1)]
    ax.plot(times, pairs, color=colour, linewidth=0.4, alpha=0.5)
    print(f"d = {d}: a pair is up to {np.abs(pairs - gamma[:, None]).max():.3f} from γ")
ax.plot(times, gamma, color="black", label="γ(t)")
ax.set(xlabel="time t", ylabel="⟨x_i, x_j⟩", title=f"SA, n = {n}, β = {beta:g}: d = 8 and d = 512")
ax.legend()
figure = ax.figure

# %%
# The control: the curve of USA, the flow without the softmax, is another one.

other = equiangular_gamma(times, beta, n, model="USA")
print(f"largest distance of the two curves: {np.abs(other - gamma).max():.3f}")
assert np.abs(other - gamma).max() > 0.1
