"""
Coarsening: from a random start to one cluster, in e^150 units of time
======================================================================

Shows: Merge law; Energy rises at merges; Pairwise merging

At a low temperature clusters merge at times that are exponentials of β. `coarsen` follows them on
a clock of log t: a dendrogram, and an energy that climbs in steps.
"""

import attnflow as af

result = af.coarsen(af.sphere.random_points(48, 2, rng=1), beta=81.0, rtol=1e-6)
print(result.status.message)
print(f"last merge at log t = {result.merges[-1].log_time:.3f}, {result.steps} steps")
figure = result.plot()

# %%
# The staircase: the energy is constant between merges, and rises at each.

staircase = af.plot.plot_staircase(result).figure
assert all(merge.energy_after >= merge.energy_before for merge in result.merges)

# %%
# Measured: theory forecasts when neighbours meet, from their angle and masses alone. The control
# is the forecast at another temperature.

late = [one for one in af.compare_with_forecast(result) if one.merge.log_time > 5]
for one in late[-5:]:
    print(f"log t = {one.merge.log_time:9.4f}, forecast {one.predicted:9.4f}")
worst = max(abs(one.merge.log_time - one.predicted) for one in late[-5:])
print(f"largest difference: {worst:.2g}")
cooler = af.coarsen(af.sphere.random_points(48, 2, rng=1), beta=90.0, rtol=1e-6)
assert abs(cooler.merges[-1].log_time - result.merges[-1].log_time) > 1
