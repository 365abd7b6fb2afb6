"""From a random start to one cluster, at a temperature where that takes e^{150} units of time.

python examples/coarsening.py
"""

from numerics import sphere
from numerics.coarsening import coarsen, compare_with_forecast
from numerics.plot import plot_dendrogram, plot_space_time

points = sphere.random_points(64, 2, rng=1)
result = coarsen(points, beta=81, rtol=1e-6)
print(result.status.message)

for comparison in compare_with_forecast(result)[-8:]:
    merge = comparison.merge
    print(
        f"log t = {merge.log_time:10.5f}   forecast {comparison.predicted:10.5f}   "
        f"mass {merge.mass:.3f}   energy {merge.energy_after:.4f}"
    )

plot_dendrogram(result).figure.savefig("dendrogram.png")
plot_space_time(result).figure.savefig("space_time.png")
