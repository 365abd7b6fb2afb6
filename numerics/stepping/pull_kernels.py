"""Velocities of the compiled loop by differences, without the self term (numba).

The fused forms, whose parameters are those of `numerics.stepping.kernels`, and kernels printed from
SymPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from numerics.arguments import FloatArray, IntArray
from numerics.compiled_pulls import pull, velocity_by_pulls
from numerics.machine_code import jit
from numerics.stepping.ledger import ROUNDING
from numerics.stepping.signature import Address, velocity
from numerics.stepping.velocity import COLUMNS, DIMENSION, FIRST, START
from theory.positive_part import PositivePart
from theory.symbols import z


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


_KNOWN = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh, sp.tanh,
    sp.asinh, sp.acosh, sp.atanh, sp.Abs, sp.Max, sp.Min,
)  # fmt: skip
"""Functions that numba has as Python prints them."""


@lru_cache(maxsize=32)
def printed(kernel: sp.Expr, parameters: tuple[sp.Symbol, ...]) -> Address | None:
    """Make the velocity ± P_i Σ_j m_j k(<x_i,x_j>) x_j of a kernel k(z), or over the row sum.

    It is compiled in each process anew, which takes a second. Row b of its parameters is the
    values of the kernel's own, the factor of the sums, whether they are divided by the sum of the
    weights, and the steepness of the kernel. None: the kernel has a function that numba lacks.
    """
    kernel = kernel.replace(_is_power, lambda part: sp.Max(part.args[0], 0) ** part.args[1])
    used = kernel.atoms(sp.Function, sp.Max, sp.Min, sp.Piecewise)
    if not all(isinstance(function, _KNOWN) for function in used):
        return None
    if not kernel.free_symbols <= {z, *parameters}:
        return None
    places = {symbol: sp.Symbol(f"p[{k}]") for k, symbol in enumerate(parameters)}
    body = PythonCodePrinter().doprint(kernel.xreplace({**places, z: sp.Symbol("g")}))
    names: dict[str, Any] = {"math": math}
    exec(f"def kernel(g, p):\n    return {body}\n", names)
    return velocity(_by_kernel(jit(names["kernel"])))


def _is_power(part: Any) -> bool:
    return isinstance(part, PositivePart) and bool(part.args[1] > 0)


def _by_kernel(kernel: Callable[[float, FloatArray], float]) -> Callable[..., float]:
    """Make the velocity whose weights are a compiled kernel's values."""

    def one(
        x: FloatArray, i: int, mass: FloatArray, p: FloatArray, out: FloatArray
    ) -> tuple[float, float]:
        """Write the pulls on a column to out; the sums of their weights and of their lengths."""
        d, m = x.shape
        total, length = 0.0, 0.0
        for j in range(m):
            if mass[j] == 0.0:
                continue
            along, square = 0.0, 0.0
            for a in range(d):
                along += x[a, i] * x[a, j]
            sign = -1.0 if along > 0.0 else 1.0
            for a in range(d):
                square += (x[a, j] + sign * x[a, i]) ** 2
            half = 0.5 * square
            w = mass[j] * kernel(-sign * (1.0 - half), p)
            for a in range(d):
                out[a, i] += w * pull(x[a, i], x[a, j], sign, -sign * half)
            total += w
            length += abs(w) * np.sqrt(half * (2.0 - half))
        return total, length

    pulls_on = jit(one)

    def by_kernel(
        t: float, x: FloatArray, out: FloatArray, blocks: IntArray, masses: FloatArray,
        parameters: FloatArray, scratch: FloatArray,
    ) -> float:  # fmt: skip
        bound = 0.0
        for b in range(blocks.shape[0]):
            s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
            first = blocks[b, FIRST]
            u, v = x[s : s + d * m].reshape((d, m)), out[s : s + d * m].reshape((d, m))
            mass, p = masses[first : first + m], parameters[b]
            v[:] = 0.0
            largest = 0.0
            for i in range(m):
                if mass[i] == 0.0:  # moves like the first column
                    for a in range(d):
                        v[a, i] = v[a, 0]
                    continue
                total, length = pulls_on(u, i, mass, p, v)
                factor = p[-3] / total if p[-2] > 0.0 else p[-3]
                length *= abs(factor)
                if length > largest or np.isnan(length):
                    largest = length
                radial = 0.0
                for a in range(d):
                    v[a, i] *= factor
                    radial += u[a, i] * v[a, i]
                for a in range(d):
                    v[a, i] -= radial * u[a, i]
            bound = max(bound, ROUNDING * (1.0 + p[-1]) * largest)
        return bound

    return by_kernel
