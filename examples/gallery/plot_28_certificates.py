"""
A certificate, and what becomes of one that is tampered with
============================================================

Shows: Problem 3, n=3..6; Saddles below zero

That consensus is the only local maximum for six tokens on the circle, at every β ≥ 0, is found by a
search and checked by another program, in ball arithmetic.
"""

from dataclasses import replace

import numpy as np

import attnflow as af
from proofs_checks.certificates.format import reseal

certificate = af.certificates.certify_strict_saddles(5)
print(certificate.statement)
result = af.certificates.check(certificate)
print(f"accepted: {result.ok}; it rests on")
print(*result.assumptions, sep="\n")

# %%
# The control: the same evidence for a bolder statement is rejected, with the old digest and with a
# new one that fits.

bolder = replace(certificate, parameters={**certificate.parameters, "beta_from": "-2"})
for forged in (bolder, reseal(bolder)):
    tampered = af.certificates.check(forged)
    print(f"accepted: {tampered.ok}; {tampered.reason}")
    assert not tampered.ok

# %%
# Where it fails: below zero the pentagon itself becomes a maximum, at the β where its largest
# transverse rate changes sign.

betas = np.linspace(-3, 1, 161)
ax = af.plot.new_axes()
for n in (3, 4, 5, 6):
    rates = [
        max(float(af.predictions.polygon_mode_rate(mode, n, beta)) for mode in range(1, n))
        for beta in betas
    ]
    ax.plot(betas, rates, label=f"n = {n}")
ax.axhline(0, color="0.6", linewidth=0.8)
ax.set(xlabel="β", ylabel="largest rate", title="Stability of the regular n-gon", ylim=(-1, 2))
ax.legend()
figure = ax.figure
