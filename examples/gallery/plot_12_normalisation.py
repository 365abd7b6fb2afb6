"""
Variants II: where the norm stands
==================================

Shows: Theorem 4.3 [2510.22026]

Post-LN, pre-LN, nGPT and CoD move the same direction at different speeds. The law by which tokens
come together is derived from each model: exponential for some, a power of t for others.
"""

import numpy as np
from sympy import lambdify

import attnflow as af

schemes = {"post-LN": {}, "pre-LN": {"r": 1.0}, "nGPT": {"alpha": 0.5}, "CoD": {}}
ax = af.plot.new_axes()
times = np.linspace(0, 20, 101)
start = af.sphere.project(np.array([1.0, 0, 0]) + 0.02 * af.sphere.random_points(6, 3, rng=0))
for name in schemes:
    law = af.derivations.equiangular(af.catalogue(name)).decay
    print(f"{name:8} 1-γ ~ {law}")
    others = [s for s in law.free_symbols if s.name != "t"]
    t = next(s for s in law.free_symbols if s.name == "t")
    at = law.subs({s: schemes[name].get(s.name, 1.0) for s in others})
    predicted = lambdify(t, at, "numpy")(times) / float(at.subs(t, 0))

    model = af.catalogue(name)
    state = {"X": start, "r": np.ones((6, 1))} if len(model.blocks) > 1 else start
    values = {k: v for k, v in schemes[name].items() if k != "r"}
    run = af.integrate(model, state, times[-1], t_eval=times, beta=1.0, **values)
    gap = 1 - af.sphere.gram(run.points).min(axis=(1, 2))
    (line,) = ax.semilogy(times, gap / gap[0], label=name)
    ax.semilogy(times, predicted, "--", color=line.get_color(), linewidth=0.8)
    ratio = (gap / gap[0] / predicted)[gap > 1e-12]
    off = np.abs(np.log(ratio)).max()
    print(f"         off by {off:.4f} in log(1-γ)")
    assert off < 0.01
ax.set(xlabel="time t", ylabel="1 − min ⟨x_i, x_j⟩, scaled", ylim=(1e-9, 2))
ax.set_title("Runs (lines) and laws (dashed)")
ax.legend()
figure = ax.figure

# %%
# The control: the law of post-LN isn't that of pre-LN. At t = 20 they differ by a factor of

print(f"{np.exp(2 * 20) / 21**2:.1e}")
