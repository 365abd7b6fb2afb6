"""Activations of feed-forward layers: GELU and SiLU, each a smooth ``u F(u)``.

``F`` is the distribution function of a normal or of a logistic variable. Any other function of
SymPy will do as an activation too, such as ``sympy.tanh``.
"""

from __future__ import annotations

from sympy import Lambda, erf, sqrt, tanh

from theory.symbols import z

GELU = Lambda(z, z * (1 + erf(z / sqrt(2))) / 2)
"""Gaussian error linear unit ``u Φ(u)``, exactly, not by its usual approximation."""

SILU = Lambda(z, z * (1 + tanh(z / 2)) / 2)
"""Sigmoid linear unit ``u/(1 + e^{-u})``, written so that nothing overflows."""
