"""
Verify a prediction
===================

Tokens that start at right angles keep one common inner product γ(t): Theorem 6.8 of the paper. We
look at the model, ask for the proof, read it, and then see the curve in an experiment that could
have gone otherwise. Ten minutes.

The model
---------

A model is one expression. Self-attention on the sphere, as one token sees it:
"""

import numpy as np

import attnflow as af

af.SA

# %%
# ``P`` projects to the tangent space at :math:`x_i`; the fraction is the softmax, with masses
# :math:`m_j` that are 1/n unless you say otherwise. Nothing else is written down anywhere: the
# array code that runs, and the equations that proofs use, come from this expression.
#
# The proof
# ---------
#
# `verify` takes a label as the paper prints it, or nearly so: "thm 6.8" would do.

(report,) = af.verify("Theorem 6.8")
report

# %%
# The verdict is PROVED: an exact argument, here for every n, d and β. Three things stand behind the
# word. First the **scope**, which says what was symbolic:

for name, how in report.evidence.scope.items():
    print(f"{name}: {how}")

# %%
# Second the **sheet**, the proof in steps that can be read one by one. A step is derived (something
# reduces to 0 in an exact algebra), decided (an exact sign), by a rule, or cited.

name, sheet = report.evidence.sheets[0]
sheet

# %%
# Third the **controls**. Each is the same claim with one small error, and the same check must
# refute it. A check that can't fail proves nothing.

for change, evidence in report.controls:
    print(f"{change}\n    {evidence.word}: {evidence.detail[:90]}")
assert report.ok

# %%
# The prediction
# --------------
#
# The equation for γ is derived from the model; n and β are symbols in it.

af.derivations.equiangular(af.SA)

# %%
# The experiment
# --------------
#
# Uniform tokens in a high dimension are nearly at right angles: in 512 dimensions, inner products
# have the size 1/√512 ≈ 0.04. Do they follow γ, which knows nothing of d?

from numerics.equiangular import equiangular_gamma

n, d, beta = 16, 512, 2.0
times = np.linspace(0, 6, 49)
points = af.sphere.random_points(n, d, rng=0)
run = af.integrate(af.SA, points, t_end=6.0, t_eval=times, beta=beta)
pairs = af.sphere.gram(run.points)[:, *np.triu_indices(n, 1)]
gamma = equiangular_gamma(times, beta, n)

ax = af.plot.new_axes()
ax.plot(times, pairs, color="0.75", linewidth=0.5)
ax.plot(times, gamma, color="C0", linewidth=2, label="γ(t)")
ax.set(xlabel="time t", ylabel="⟨x_i, x_j⟩", title=f"SA, n = {n}, d = {d}, β = {beta:g}")
ax.legend()
figure = ax.figure

# %%
# All 120 pairs, in grey, stay close to the curve. How close?

print(f"a pair is at most {np.abs(pairs - gamma[:, None]).max():.3f} from γ,")
print(f"the mean of the pairs {np.abs(pairs.mean(axis=1) - gamma).max():.3f}")

# %%
# That is an experiment, so it SUPPORTS; it proves nothing for other draws. What d is needed for
# which distance is a statement of its own, with numbers: :doc:`/high-dimension`.
#
# A control of your own
# ---------------------
#
# Ask the claim something false. The unnormalised flow USA has another curve; is the experiment
# able to tell?

other = equiangular_gamma(times, beta, n, model="USA")
print(f"from the curve of USA the mean is {np.abs(pairs.mean(axis=1) - other).max():.3f}")
assert np.abs(pairs.mean(axis=1) - other).max() > 5 * np.abs(pairs.mean(axis=1) - gamma).max()

# %%
# Where to go on
# --------------
#
# - ``attnflow verify "Theorem 6.8"`` prints the same in a terminal, ``--show latex`` as a document.
# - Every statement of the paper has its place: :doc:`/paper/index`.
# - What the words promise, and what they rest on: :doc:`/trust`.
