"""
Repulsion and codes: twelve points find the icosahedron
=======================================================

Shows: (9.1); Definition 9.1; Energy of a code; Sharp codes

Tokens that repel each other spread out. Twelve of them end in the icosahedron at every β, which is
recognised from its inner products, exactly.
"""

import numpy as np

import attnflow as af

found = af.codes(12, 3, beta=5.0, starts=6)
print(f"{found.recognised.name}, by {found.successes} of 6 starts; H = {found.energy:.12f}")
figure = af.plot.plot_code(found).figure

# %%
# Measured: the energy is that of the closed form, to rounding.

exact = float(af.predictions.icosahedron_energy(5))
print(f"closed form {exact:.12f}")

# %%
# The control: no other twelve points may lie lower, and perturbed ones don't.

rng = np.random.default_rng(0)
moved = af.sphere.project(found.points + 0.01 * rng.standard_normal(found.points.shape))
field = af.compile_model(af.SA, beta=5.0)
print(f"perturbed by 0.01: energy higher by {field.energy(moved) - field.energy(found.points):.2e}")
assert field.energy(moved) > field.energy(found.points)
