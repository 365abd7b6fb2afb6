"""Velocities of the compiled loop: the fused forms by differences, without the self term (numba).

The parameters are those of `numerics.stepping.kernels`.
"""

from __future__ import annotations

from numerics.arguments import FloatArray, IntArray
from numerics.compiled_pulls import velocity_by_pulls
from numerics.stepping.ledger import ROUNDING
from numerics.stepping.signature import velocity
from numerics.stepping.velocity import COLUMNS, DIMENSION, FIRST, START


def _differences(
    t: float,
    x: FloatArray,
    out: FloatArray,
    blocks: IntArray,
    masses: FloatArray,
    parameters: FloatArray,
    scratch: FloatArray,
) -> float:
    """Velocity of ± P_i Σ_j m_j e^{β<x_i,x_j>} x_j, over the row sum if normalised."""
    bound = 0.0
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        beta, shift = parameters[b, 0], parameters[b, 1]
        factor, normalised = parameters[b, 2], parameters[b, 3] > 0.0
        largest = velocity_by_pulls(
            x[s : s + d * m].reshape((d, m)),
            masses[blocks[b, FIRST] : blocks[b, FIRST] + m],
            beta,
            0.0 if normalised else beta - shift,
            normalised,
            factor,
            scratch[: (d + 2) * m].reshape((d + 2, m)),
            out[s : s + d * m].reshape((d, m)),
        )
        bound = max(bound, ROUNDING * (1.0 + abs(beta)) * largest * abs(factor))
    return bound


differences = velocity(_differences)
