"""
General matrices: tokens flee to the corners of a polytope
==========================================================

Shows: Table 1, row 1; Problem 5; (9.3)

Attention on R^d without projection lets tokens grow. Rescaled by the growth of V they come to rest,
and their limits are corners of a convex hull.
"""

import numpy as np

import attnflow as af

rng = np.random.default_rng(4)
points = rng.standard_normal((12, 2))
eye = np.eye(2)
found = af.limit_shape(points, eye, eye, eye)
print(f"{found.shape.name}: {found.levels} different rows of {len(points)}")
figure = af.plot.plot_hull(found).figure

# %%
# The control is another V. With one eigenvalue alone positive tokens leave along one axis, to the
# two ends of a segment or to hyperplanes, not to the corners of a polygon.

other = af.limit_shape(points, eye, eye, np.diag([1.0, -0.5]))
print(f"V = diag(1, -1/2): {other.shape.name}")
assert other.shape is not found.shape
