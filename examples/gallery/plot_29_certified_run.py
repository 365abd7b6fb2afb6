"""
An ordinary run with a certified error
======================================

Shows: Validated run; Validated trajectory; γ enclosure

A run in double precision is bounded afterwards in ball arithmetic: at each of its times the exact
solution is this close, not by an estimate.
"""

import numpy as np

import attnflow as af

points = af.sphere.random_points(4, 2, rng=0)
run = af.integrate(af.SA, points, 3.0, t_eval=np.linspace(0, 3, 7), rtol=1e-8, beta=1.0)
certified = af.certificates.certify_run(run)
print([f"{float(error):.1e}" for error in certified.errors])

# %%
# Measured: the bound, and the difference to a run with a far smaller tolerance: never below it.

fine = af.integrate(af.SA, points, 3.0, t_eval=run.times, rtol=1e-13, beta=1.0)
seen = np.abs(run.points - fine.points).max(axis=(1, 2))
bound = np.asarray(certified.errors, dtype=float)
ax = af.plot.new_axes()
ax.semilogy(run.times[1:], bound[1:], "o-", label="certified bound")
ax.semilogy(run.times[1:], np.maximum(seen[1:], 1e-17), "s--", label="seen")
ax.set(xlabel="time t", ylabel="error", title="A bound, and what it bounds")
ax.legend()
figure = ax.figure
assert np.all(bound[1:] >= seen[1:] - 1e-12)
