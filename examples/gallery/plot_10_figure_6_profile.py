"""
Figure 6: the profile g(τ) behind Theorem 4.2
=============================================

Shows: Figure 6; (B.1)

Two tokens at the angle τ pull each other's Hessian by :math:`g(\\tau)`, which is
:math:`e^{\\beta\\cos\\tau}(\\cos\\tau - \\beta\\sin^2\\tau)`: one positive peak, two wells.
"""

import numpy as np

import attnflow as af

angles = np.linspace(-3.2, 3.2, 801)
ax = af.plot.new_axes()
for beta in (2.0, 6.0):
    g = np.exp(beta * np.cos(angles)) * (np.cos(angles) - beta * np.sin(angles) ** 2)
    ax.plot(angles, g, label=f"β = {beta:g}")
    well = abs(angles[np.argmin(g)])
    zero = angles[(angles > 0) & (g < 0)][0]
    print(f"β = {beta:g}: g(0) = {g.max():.3f}, zero near {zero:.3f}, well near {well:.3f}")
ax.axhline(0, color="0.6", linewidth=0.8)
ax.set(xlabel="τ", ylabel="g(τ)", ylim=(-4, 7.8), title="Figure 6")
ax.legend()
figure = ax.figure

# %%
# The claim encloses zero and well in exact arithmetic, and its controls, a sign or a factor
# changed, are refuted.

(report,) = af.verify("Figure 6")
assert report.ok
report
