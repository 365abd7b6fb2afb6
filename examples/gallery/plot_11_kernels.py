"""
Variants I: other kernels
=========================

Shows: Lemma 6.4; (3.6); Theorem 6.1

A kernel h in the energy :math:`\\frac12\\sum m_i m_j h(\\langle x_i, x_j\\rangle)` is a variant.
Which statements survive is decided for each, with a proof or a counterexample.
"""

import numpy as np

import attnflow as af

kernels = ("exp(beta*t)/beta", "t**3", "(1 + t)**2", "log(2 + t)")
names = ["energy ascent", "Lemma 6.4", "Theorem 6.1"]
reports = {
    kernel: af.check_model(kernel, only=names, **({"beta": 2} if "beta" in kernel else {}))
    for kernel in kernels
}
for kernel, report in reports.items():
    verdicts = {row.name: row.evidence.word for row in report.rows}
    print(f"{kernel:17}", "  ".join(f"{name}: {verdicts[name]}" for name in names))
assert reports["t**3"].refuted

# %%
# The same start under each of them. The cubic kernel is the control: it alone is refuted.

points = af.sphere.random_points(12, 12, rng=3)
times = np.linspace(0, 30, 121)
ax = af.plot.new_axes()
for kernel in kernels:
    energy = af.interaction_energy(af.parse.parse_kernel(kernel))
    flow = af.gradient_flow(energy, name=kernel)
    values = {"beta": 2.0} if "beta" in kernel else {}
    run = af.integrate(flow, points, times[-1], t_eval=times, **values)
    ax.plot(times, af.sphere.gram(run.points).min(axis=(1, 2)), label=kernel)
ax.set(xlabel="time t", ylabel="min ⟨x_i, x_j⟩", title="One start, four kernels")
ax.legend()
figure = ax.figure
