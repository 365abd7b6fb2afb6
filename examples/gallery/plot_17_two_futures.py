"""
Variants VII: temperature zero, and two futures
===============================================

Shows: Example 9.3; (9.4)-(9.6)

As β → ∞ attention becomes hardmax: each token follows the one with the largest score. Where two
scores are equal the future isn't determined; every solution is followed as a branch of its own.
"""

import attnflow as af

start = [[1.0, 1.0], [-1.0, 1.0], [0.0, 0.0]]
run = af.hardmax(start, 2.0, reading="literal")
print(f"{len(run.branches)} branches; unique: {run.unique}")
figure = af.plot.plot_hardmax(run).figure

# %%
# The control moves the third token off the tie: one future is left.

aside = af.hardmax([[1.0, 1.0], [-1.0, 1.0], [0.1, 0.2]], 2.0, reading="literal")
print(f"off the tie: {len(aside.branches)} branch; unique: {aside.unique}")
assert aside.unique and not run.unique
