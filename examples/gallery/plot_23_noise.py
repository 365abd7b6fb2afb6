"""
Noise: where order sets in, with a jump
=======================================

Shows: Problem 7; Problem 7, threshold; Problem 7, transition; Problem 7, hysteresis

With noise of strength κ the uniform state is stable above a threshold. At β = 3 the ordered branch
reaches beyond it and folds back: order appears with a jump.
"""

import attnflow as af

found = af.transition(af.USA, beta=3.0)
print(f"uniform state unstable below κ = {found.kappa_uniform:.6f}")
print(f"free energies meet at        κ = {found.kappa_transition:.6f}")
print(f"ordered branch ends at       κ = {found.kappa_fold:.6f}")
print(f"order parameter at the jump      {found.order_parameter:.4f}")

branch = af.ordered_branch(af.USA, beta=3.0)
figure = af.plot.plot_bifurcation(branch, found).figure

# %%
# The control is β = 1, where order sets in continuously.

mild = af.transition(af.USA, beta=1.0)
assert mild.continuous and not found.continuous
print(f"β = 1: continuous, at κ = {mild.kappa_uniform:.6f}")
