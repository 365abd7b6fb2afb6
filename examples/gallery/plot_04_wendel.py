"""
How likely is a hemisphere? Wendel's probability
================================================

Shows: Theorem 6.7

n uniform tokens on the sphere in d dimensions lie in an open hemisphere with probability
:math:`2^{-(n-1)} \\sum_{k<d} \\binom{n-1}{k}`: so often Lemma 6.4 applies to a random start.
"""

import numpy as np
from scipy.optimize import linprog

import attnflow as af

rng = np.random.default_rng(0)
d, draws = 3, 400
sizes = np.arange(3, 13)


def in_hemisphere(x):
    """Whether some w has ⟨x_i, w⟩ >= 1 for all i."""
    found = linprog(np.zeros(d), A_ub=-x, b_ub=-np.ones(len(x)), bounds=(None, None))
    return found.status == 0


exact = np.array([float(af.predictions.wendel_probability(int(n), d)) for n in sizes])
seen = np.array(
    [
        np.mean([in_hemisphere(x) for x in af.sphere.random_points(int(n), d, rng, batch=draws)])
        for n in sizes
    ]
)
error = np.sqrt(exact * (1 - exact) / draws)

ax = af.plot.new_axes()
ax.plot(sizes, exact, label="Theorem 6.7")
ax.errorbar(sizes, seen, 2 * np.maximum(error, 1e-3), fmt="o", label=f"{draws} draws, 2 errors")
ax.set(xlabel="tokens n", ylabel="probability", title="An open hemisphere holds all, d = 3")
ax.legend()
figure = ax.figure

# %%
# Measured: no size is further than four standard errors from the theorem. The control, the formula
# of one dimension more, is.

away = np.abs(seen - exact)[1:] / np.maximum(error[1:], 1e-3)
wrong = np.array([float(af.predictions.wendel_probability(int(n), d + 1)) for n in sizes])
print(f"largest distance in standard errors: {away.max():.2f}")
print(f"of the control: {(np.abs(seen - wrong)[1:] / np.maximum(error[1:], 1e-3)).max():.1f}")
assert away.max() < 4
