"""
Variants V: oscillators, the case β = 0 with frequencies
========================================================

Shows: (7.2); Kuramoto threshold; Kuramoto runs

At β = 0 the circle is Kuramoto's model. With frequencies of a Cauchy law order sets in at the
coupling K = 2, and then :math:`r = \\sqrt{1 - 2/K}`.
"""

import numpy as np
from scipy.stats import cauchy

import attnflow as af

frequencies = af.quantile_frequencies(cauchy.ppf, 200)
couplings = np.array([1.0, 2.0, 2.5, 3.0, 5.0])
order = []
for coupling in couplings:
    run = af.oscillate(frequencies, coupling, np.linspace(0, 40, 21), rng=0)
    order.append(run.order[-10:].mean())
order = np.array(order)

ax = af.plot.new_axes()
fine = np.linspace(1, 5, 400)
ax.plot(fine, np.sqrt(np.clip(1 - 2 / fine, 0, None)), label="√(1 − 2/K)")
ax.plot(couplings, order, "o", label="200 oscillators")
ax.set(xlabel="coupling K", ylabel="order r", title="Order sets in at K = 2")
ax.legend()
figure = ax.figure

# %%
# Measured: above the threshold the runs follow the law. Below it, the control, what is left is of
# the size :math:`n^{-1/2}`, not zero order by luck.

law = np.sqrt(np.clip(1 - 2 / couplings, 0, None))
print(f"largest distance at K >= 2.5: {np.abs(order - law)[couplings >= 2.5].max():.4f}")
print(f"order at K = 1: {order[0]:.4f}; 1/√n = {200**-0.5:.4f}")
assert order[0] < 0.2 < order[-1]
