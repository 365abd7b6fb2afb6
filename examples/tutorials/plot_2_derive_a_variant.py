"""
Derive a variant, and see what survives
=======================================

You have an idea for another attention. Write down its energy, and the velocity, the closed
equations and the spectra are derived; then every theorem of the paper is asked anew. Ten minutes.

The variant
-----------

We take another kernel h in the energy
:math:`\\tfrac12\\sum_{i,j} m_i m_j h(\\langle x_i, x_j\\rangle)`: the logarithm, h(z) = log(2 + z),
which rewards agreement less and less.
"""

from sympy import log

import attnflow as af

z = af.symbols.z  # an inner product
model = af.gradient_flow(af.interaction_energy(log(2 + z)), name="log(2+t)")
model

# %%
# This is its gradient flow. It was differentiated as an expression in matrices of symbolic size, so
# it holds for every n and d.
#
# What follows
# ------------
#
# The inner products move by themselves; no other property of the tokens enters:

af.derivations.gram_flow(model)

# %%
# Tokens at equal angles stay at equal angles, with one equation for all of them, and a law of how
# they end:

reduced = af.derivations.equiangular(model)
reduced

# %%

print("1 - γ ~", reduced.decay)

# %%
# Where all tokens coincide, the linearised flow has these eigenvalues, with multiplicities:

af.linearize.consensus(model)

# %%
# So consensus is stable, at a rate of 1/3. And five clusters at the corners of a regular pentagon?

af.linearize.polygon(model, 5)

# %%
# Which theorems survive?
# -----------------------
#
# `check_model` asks what the claims ask of the paper's models. A few rows (all 76 take some seconds
# more):

rows = ["energy ascent", "dissipation identity", "Lemma 6.4", "Theorem 6.1", "Theorem 6.3"]
report = af.check_model(model, only=rows)
report

# %%
# PROVED here speaks of *this* model. Lemma 6.4 needs h' > 0, and 1/(2 + z) is. UNDECIDED would name
# what the proof needs and doesn't find; REFUTED comes with a counterexample.
#
# A variant that fails
# --------------------
#
# The cubic kernel, as text; in a kernel as text the inner product is the letter t.

cubic = af.check_model("t**3", only=["Lemma 6.4", "energy ascent"])
cubic

# %%
# Two orthogonal tokens don't feel each other, since h'(0) = 0: they are in an open hemisphere, and
# never meet. The counterexample is exact, so one can run it:

import numpy as np

flow = af.gradient_flow(af.interaction_energy(z**3), name="t³")
stuck = af.integrate(flow, np.eye(2), 50.0)
print("after t = 50:", stuck.points[-1].round(12).tolist())
assert np.abs(stuck.points[-1] - np.eye(2)).max() < 1e-12

# %%
# See it move
# -----------
#
# The same expression, compiled. The logarithm and the cubic from one start:

points = af.sphere.random_points(24, 3, rng=3)
times = np.linspace(0, 60, 121)
ax = af.plot.new_axes()
for variant in (model, flow):
    run = af.integrate(variant, points, 60.0, t_eval=times)
    ax.plot(times, af.sphere.gram(run.points).min(axis=(1, 2)), label=variant.name)
    assert np.all(np.diff(run.energy) >= -1e-14)  # both climb their energy
ax.set(xlabel="time t", ylabel="min ⟨x_i, x_j⟩", title="24 tokens on the sphere in R³")
ax.legend()
figure = ax.figure

# %%
# Where to go on
# --------------
#
# - Variants that already have a name, and how they combine: :doc:`/catalogue`.
# - Masks, states of several blocks, normalisation: :doc:`/variants`.
# - ``attnflow check "log(2+t)"`` and ``attnflow derive "log(2+t)"`` do this in a terminal.
