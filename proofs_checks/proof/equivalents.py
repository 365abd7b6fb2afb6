"""Mutations that leave statements true: the patterns and the reasons that several claims share.

What one statement alone has stands in its own file.
"""

from __future__ import annotations

from proofs_checks.claim import Equivalent

HEAT = ("*.velocity: e^u -> e^2u", "*.velocity: β -> β²")
"""The velocity at another temperature."""

SA_HEAT = ("SA.velocity: e^u -> e^2u", "SA.velocity: β -> β²")

SPEED = ("*.velocity: × n",)

SCALAR = ("*.velocity: sign", "*.velocity: × β", *SPEED, *HEAT)
"""A scalar factor of the velocity, or another temperature."""

FIELD = (*SCALAR, "*.velocity: no projection")
"""Every change of the velocity that keeps it a function of inner products."""

ONLY_SPEED = Equivalent("n > 0 is a constant: only the speed changes", SPEED)

FASTER = Equivalent("n >= 1 only makes the convergence faster", SPEED)

AT_BETA_ZERO = Equivalent("at β = 0 the exponents 2β and β² are 0 as well", HEAT)

AT_EVERY_BETA = Equivalent(
    "the flow at 2β or β² in place of β, and the statement is for every β >= 0", HEAT
)

AT_CONSENSUS = Equivalent(
    "at consensus the softmax weights are m_j/M at every temperature", SA_HEAT
)

KERNEL_AT_BETA_ZERO = Equivalent(
    "e^{β²z}/β² has the limit z as well, up to its constant, as β -> 0", ("*.energy: β -> β²",)
)

EVEN_BOUND = Equivalent(
    "the same bound holds for -F: |F^β - F^0| and the Lipschitz constants are even in F",
    ("*.velocity: sign",),
)

SMALL_CHANGE_IN_BETA = Equivalent(
    "|∂F/∂β| <= 1/2 and |F| <= 1: |F^{2β} - F^0| and |F^{β²} - F^0| are at most β", SA_HEAT
)

WITHIN_PRINTED_GROWTH = (
    Equivalent(
        "the bounds of F are those of -F: |dm_i| and |<x_i,m_i>| are even in F",
        ("*.velocity: sign",),
    ),
    Equivalent(
        "masses 1/n: β A_ij (1-g_ij) <= 1/e for j != i, so the constant is at most 5n at every β",
        ("*.velocity: × β", *HEAT),
    ),
    Equivalent("n (3 + 2β) <= 10 n max(1, β)", SPEED),
)
"""Of (D.1), (D.4), (D.6), (D.7), whose bounds are in the printed constant 10 n max(1, β)."""

__all__ = [
    "AT_BETA_ZERO",
    "AT_CONSENSUS",
    "AT_EVERY_BETA",
    "EVEN_BOUND",
    "FASTER",
    "FIELD",
    "HEAT",
    "KERNEL_AT_BETA_ZERO",
    "ONLY_SPEED",
    "SA_HEAT",
    "SCALAR",
    "SMALL_CHANGE_IN_BETA",
    "SPEED",
    "WITHIN_PRINTED_GROWTH",
]
