"""Energies in blocks: pair sums that never hold all pairs, nor all systems, at a time.

``½ ΣΣ m_i m_j h(<x_i, S x_j>)`` row block by row block, and its logarithm for an exponential h;
other terms of an energy as they are printed, a few systems at a time.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions import MatrixExpr

from numerics.arguments import FloatArray
from numerics.compile.printer import clipped, compiled_function, on_sphere
from theory.atoms import Elementwise
from theory.energy import PairTerm, energy_terms, pair_term
from theory.symbols import X, z

_BLOCK = 1 << 17  # pairs at a time: 1 MB, half a common second-level cache


_LARGEST = 700.0  # rates up to which the compiled exponential is in its range


@dataclass(frozen=True)
class Systems:
    """A flat batch of systems, with what their model's parameters are for each.

    Attributes
    ----------
    points : ndarray, shape (count, n, d)
    masses : ndarray, shape (1 or count, n)
    parameters : tuple
        The symbols.
    values : tuple
        For each a number, or an array of shape (1 or count, rows, columns).
    t : float
        Time.
    on_sphere : bool
        Whether inner products are cut to [−1, 1].
    compiled : bool
        Whether numba sums exponential kernels.
    """

    points: FloatArray
    masses: FloatArray
    parameters: tuple[Any, ...]
    values: tuple[Any, ...]
    t: float
    on_sphere: bool
    compiled: bool

    def parts(self) -> Iterator[tuple[slice, Systems]]:
        """Split off as many systems at a time as their pairs fit in a block, one at least."""
        count, n, d = self.points.shape
        step = max(1, _BLOCK // (n * max(n, d)))
        for start in range(0, count, step):
            part = slice(start, min(start + step, count))
            values = tuple(v[part] if np.ndim(v) and len(v) > 1 else v for v in self.values)
            masses = self.masses[part] if len(self.masses) > 1 else self.masses
            yield (
                part,
                Systems(
                    self.points[part], masses, self.parameters, values, self.t,
                    self.on_sphere, self.compiled,
                ),
            )  # fmt: skip

    def evaluate(self, expression: MatrixExpr, points: FloatArray) -> FloatArray:
        """Run the print of an expression in X, with these points for X."""
        function = compiled_function(expression, self.parameters)
        size, dimension = self.points.shape[-2:]
        masses = self.masses[..., None]
        out = function(points, masses, self.t, *self.values, 0.0, size, dimension, np)
        return np.asarray(out, dtype=np.float64)

    def turned(self, form: MatrixExpr | None) -> FloatArray:
        """Points times the matrix of a bilinear form."""
        return self.points if form is None else self.evaluate(X * form, self.points)


@lru_cache(maxsize=256)
def _terms(expression: MatrixExpr) -> tuple[tuple[MatrixExpr, PairTerm | None], ...]:
    """Read the terms of an energy: once, not at every state of a run."""
    return tuple((term, pair_term(term)) for term in energy_terms(expression))


def energy_sum(expression: MatrixExpr, systems: Systems) -> FloatArray:
    """Value of an energy for every system, shape (count,)."""
    out = np.zeros(systems.points.shape[0])
    for part, few in systems.parts():
        for term, pair in _terms(expression):
            if pair is None:
                shown = on_sphere(term) if few.on_sphere else term
                out[part] += few.evaluate(shown, few.points)[..., 0, 0]
            else:
                out[part] += _pair_sum(pair, few)
    return out


def _pair_sum(pair: PairTerm, systems: Systems) -> FloatArray:
    """``½ ΣΣ m_i m_j h(<x_i, S x_j>)``; without S every pair is evaluated once."""
    symmetric = pair.form is None
    if systems.compiled and symmetric:
        factors = exponential_kernel(pair.kernel)
        found = None if factors is None else _compiled_sum(*factors, systems)
        if found is not None:
            return found
    body = clipped(pair.kernel) if systems.on_sphere and symmetric else pair.kernel
    kernel = Elementwise(body, X)
    x, left, mass = systems.points, systems.turned(pair.form), systems.masses
    total = np.zeros(x.shape[0])
    for rows in _row_blocks(x.shape[-2]):
        first = rows.start if symmetric else 0
        values = systems.evaluate(kernel, left[:, rows] @ x[:, first:].mT)
        weight = mass[:, None, first:].copy()
        if symmetric:  # what is beyond the diagonal block stands for its mirror image too
            weight[..., rows.stop - first :] *= 2.0
        total += np.vecdot(mass[:, rows], np.vecdot(values, weight))
    return total / 2


def log_pair_sum(rate: sp.Expr, form: MatrixExpr | None, systems: Systems) -> FloatArray:
    """``log ΣΣ m_i m_j e^{rate <x_i, S x_j>}`` for every system, shape (count,), at any rate."""
    out = np.empty(systems.points.shape[0])
    for part, few in systems.parts():
        rates = few.evaluate(rate, few.points)
        largest = np.max(few.masses, axis=-1)
        mass = few.masses / largest[:, None]
        left = few.turned(form)
        total = np.full(few.points.shape[0], -np.inf)
        for rows in _row_blocks(few.points.shape[-2]):
            exponents = rates * (left[:, rows] @ few.points.mT)
            top = np.max(exponents, axis=(-2, -1))
            exponents -= top[:, None, None]
            np.exp(exponents, out=exponents)
            row = np.vecdot(mass[:, rows], np.vecdot(exponents, mass[:, None]))
            total = np.logaddexp(total, top + np.log(row))
        out[part] = total + 2 * np.log(largest)
    return out


def _row_blocks(size: int) -> Iterator[slice]:
    """Rows at a time, so that their pairs fit in a block."""
    step = min(size, max(1, _BLOCK // size))
    for start in range(0, size, step):
        yield slice(start, min(start + step, size))


@lru_cache(maxsize=256)
def exponential_kernel(kernel: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Read a kernel as ``c e^{a z}``: (c, a), or None.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> exponential_kernel(sp.exp(beta * z) / beta)
    (1/beta, beta)
    """
    factor, rest = kernel.as_independent(z, as_Add=False)
    if not isinstance(rest, sp.exp):
        return None
    rate = rest.args[0] / z
    return None if z in rate.free_symbols else (factor, rate)


def _compiled_sum(factor: sp.Expr, rate: sp.Expr, systems: Systems) -> FloatArray | None:
    """``½ c ΣΣ m_i m_j e^{a<x_i,x_j>}`` by numba; None leaves rates near the overflow to NumPy."""
    count = systems.points.shape[0]
    rates = np.empty(count)
    rates[:] = systems.evaluate(rate, systems.points).reshape(-1)
    if not np.all(np.abs(rates) < _LARGEST):
        return None
    sums = np.empty(count)
    importlib.import_module("numerics.fused.compiled").pair_sums(
        np.array(systems.points), rates, np.array(systems.masses), sums
    )
    return 0.5 * systems.evaluate(factor, systems.points).reshape(-1) * sums
