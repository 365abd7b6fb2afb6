"""Activations of feed-forward layers: GELU, its usual approximation, SiLU, each ``u F(u)``.

``F`` is the distribution function of a normal or of a logistic variable. Any other function of
SymPy will do as an activation too, such as ``sympy.tanh``.
"""

from __future__ import annotations

from sympy import Integer, Lambda, Rational, erf, pi, sqrt, tanh

from theory.symbols import z

GELU = Lambda(z, z * (1 + erf(z / sqrt(2))) / 2)
"""Gaussian error linear unit ``u Φ(u)``, exactly, not by its usual approximation."""

GELU_TANH = Lambda(
    z, z * (1 + tanh(sqrt(Integer(2) / pi) * (z + Rational(44715, 10**6) * z**3))) / 2
)
"""The approximation of `GELU` by a hyperbolic tangent that GPT-2 was trained with."""

SILU = Lambda(z, z * (1 + tanh(z / 2)) / 2)
"""Sigmoid linear unit ``u/(1 + e^{-u})``, written so that nothing overflows."""
