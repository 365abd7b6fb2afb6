"""
The energy climbs, and so does nothing else
===========================================

Shows: (3.6); (3.12)-(3.14)

Self-attention ascends its interaction energy: :math:`\\dot E = \\sum_i m_i Z_i |\\dot x_i|^2`. The
identity is derived from the model, proved for every number of tokens, and seen along a run.
"""

import numpy as np

import attnflow as af

af.derivations.dissipation(af.SA)

# %%
# Thirty-two tokens on the sphere: the integral of what is dissipated is the energy that is gained.

points = af.sphere.random_points(32, 3, rng=0)
times = np.linspace(0, 12, 241)
run = af.integrate(af.SA, points, 12.0, t_eval=times, beta=4.0)
assert np.all(np.diff(run.energy) >= 0)

field = af.compile_model(af.SA, beta=4.0)


def dissipated(x):
    """The right-hand side, from the velocity alone."""
    partition = np.exp(4.0 * x @ x.T).mean(axis=1)
    return (partition * (field(x) ** 2).sum(axis=1)).mean()


gained = run.energy[-1] - run.energy[0]
integral = np.trapezoid([dissipated(x) for x in run.points], times)
print(f"energy gained {gained:.6f}, integral of the dissipation {integral:.6f}")

figure = run.plot("energy")

# %%
# The control turns the values around, V = −I: the same energy now falls.

turned = af.QKV.subs({"Q": np.eye(3), "K": np.eye(3), "V": -np.eye(3)})
back = af.integrate(turned, points, 12.0, t_eval=times, beta=4.0)
energies = field.energy(back.points)
assert np.all(np.diff(energies) <= 0)
print(f"with V = -I it changes by {energies[-1] - energies[0]:.6f}")
