"""Kernels of a coarsening run: log h' as a function of e = 1 − <x, y>, whatever h' > 0 is.

The pair loops see a kernel as exponents: the weight of a pair is m_j e^{ψ(e)} with ψ = log h' less
its maximum, so that nothing over- or underflows. For an exponential ψ(e) = −βe. Any other is read
once, with fifty digits, into panels of polynomials that are right to rounding, narrow where ψ
bends; the loops read the panels, and so need neither the expression nor code of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from numerics.arguments import FloatArray
from theory.symbols import z

TERMS = 12
"""Chebyshev coefficients of ψ in a panel."""

LOW, HIGH, TOP, SLOPE, FIRST = range(5)
"""Columns of the table: ends of a panel in e, bounds on ψ and on |ψ'| there, coefficients."""

_DIGITS = 50
_NARROWEST = 1e-13  # width of a panel that is as good as a point
_STEP = 0.1  # a change of ψ in a panel too small to matter, unless h' vanishes there
_MOST = 4000  # panels
_DENSE = 16  # coefficients of e^ψ
_NODES = np.cos(np.pi * (np.arange(TERMS) + 0.5) / TERMS)
_EPS = float(np.finfo(np.float64).eps)
NO_TABLE: FloatArray = np.empty((0, FIRST + TERMS))


@dataclass(frozen=True, eq=False)
class Kernel:
    """The slope h' of a kernel as exponents.

    Attributes
    ----------
    steepness : float
        β of an exponential; else the largest |d log h'/dg| on [-1, 1].
    top : float
        Logarithm of the factor that ψ leaves out: the largest h'.
    own : float
        ψ(0), the exponent of a token's weight on itself: 0 where h' is largest at 1.
    lipschitz : float
        Largest change of ψ with the distance |x − y|; of use where there is a table.
    table : (k, 16) array
        The panels; empty for an exponential.
    """

    steepness: float
    top: float
    own: float = 0.0
    lipschitz: float = 0.0
    table: FloatArray = field(default_factory=lambda: NO_TABLE)

    @property
    def exponential(self) -> bool:
        """Whether ψ(e) = −βe."""
        return len(self.table) == 0

    def _places(self, e: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Panels of an array of e, and where in [-1, 1] of them they are."""
        rows = self.table[np.searchsorted(self.table[1:, LOW], e, side="right")]
        low, high = rows[..., LOW], rows[..., HIGH]
        return rows, np.clip((2.0 * e - (low + high)) / (high - low), -1.0, 1.0)

    def exponents(self, e: FloatArray) -> FloatArray:
        """ψ at an array of e."""
        if self.exponential:
            return -self.steepness * e
        rows, at = self._places(e)
        return clenshaw(np.moveaxis(rows[..., FIRST:], -1, 0), at)

    def slopes(self, e: FloatArray) -> FloatArray:
        """Evaluate d log h'/dg = −ψ' at an array of e."""
        if self.exponential:
            return np.full(e.shape, self.steepness)
        rows, at = self._places(e)
        derived = np.polynomial.chebyshev.chebder(np.moveaxis(rows[..., FIRST:], -1, 0))
        return -2.0 * clenshaw(derived, at) / (rows[..., HIGH] - rows[..., LOW])

    def bounds(self, e: FloatArray) -> FloatArray:
        """Bounds on |ψ'| near an array of e."""
        if self.exponential:
            return np.full(e.shape, self.steepness)
        return np.asarray(self._places(e)[0][..., SLOPE])

    @cached_property
    def _heights(self) -> tuple[FloatArray, FloatArray]:
        """Panels of H(e) = ∫_e^2 e^ψ over ∫_0^2 e^ψ: their ends, and coefficients."""
        panels = sorted(_integrated(self))
        ends = np.array([high for _, high, _ in panels])
        below = np.array([series[0] for _, _, series in panels])  # integrals from the left end
        whole = np.array([clenshaw(series, np.array(1.0)) for _, _, series in panels])
        rest = np.append(np.cumsum(whole[::-1])[::-1][1:], 0.0)  # beyond each panel
        total = float(rest[0] + whole[0])
        series = -np.array([series for _, _, series in panels])
        series[:, 0] = rest + whole - below
        return ends, series / total

    def energy(self, x: FloatArray, masses: FloatArray) -> float:
        """Σ_ij m_i m_j (h(<x_i,x_j>) − h(−1))/(h(1) − h(−1)) at unit columns."""
        ends, series = self._heights
        lows = np.concatenate(([0.0], ends[:-1]))
        total = float(masses @ masses)
        for i in range(x.shape[1] - 1):
            gap = x[:, i + 1 :] - x[:, i, None]
            e = 0.5 * np.einsum("km,km->m", gap, gap)
            k = np.minimum(np.searchsorted(ends, e, side="right"), len(ends) - 1)
            at = np.clip((2.0 * e - (lows[k] + ends[k])) / (ends[k] - lows[k]), -1.0, 1.0)
            total += 2.0 * float(masses[i] * (masses[i + 1 :] @ clenshaw(series[k].T, at)))
        return total


def exponential_kernel(beta: float, top: float = 0.0) -> Kernel:
    """Make the kernel of h' = e^{βz}, e^top its factor beside e^{−β(1−z)}."""
    return Kernel(float(beta), float(top))


def clenshaw(series: Any, at: FloatArray) -> FloatArray:
    """Sum Chebyshev series, the coefficients along the first axis."""
    one, two = np.zeros_like(at), np.zeros_like(at)
    for c in series[:0:-1]:
        one, two = c + 2.0 * at * one - two, one
    return np.asarray(series[0] + at * one - two)


def _integrated(kernel: Kernel) -> list[tuple[float, float, FloatArray]]:
    """Antiderivatives of e^ψ from the left end of panels in which it is resolved."""
    nodes = np.cos(np.pi * (np.arange(_DENSE) + 0.5) / _DENSE)
    cosines = np.cos(np.outer(np.arange(_DENSE), np.arccos(nodes)))
    highest = [row[TOP] for row in kernel.table]
    floor = 1e-18 * max(
        math.exp(top) * (row[HIGH] - row[LOW])
        for top, row in zip(highest, kernel.table, strict=True)
    )
    todo = [(float(row[LOW]), float(row[HIGH]), float(row[SLOPE])) for row in kernel.table]
    done = []
    while todo:
        low, high, slope = todo.pop()
        psi = kernel.exponents(0.5 * (low + high) + 0.5 * (high - low) * nodes)
        values = np.exp(psi)
        series = 2.0 / _DENSE * (cosines @ values)
        series[0] /= 2.0
        size = float(values.max())
        noise = 8 * _EPS * (1.0 + float(np.abs(psi).max())) * size
        rough = float(np.abs(series[-3:]).max()) > noise
        if rough and size * (high - low) > floor and (high - low) * slope > _STEP:
            middle = 0.5 * (low + high)
            todo += [(low, middle, slope), (middle, high, slope)]
            continue
        antiderivative = 0.5 * (high - low) * np.polynomial.chebyshev.chebint(series, lbnd=-1)
        done.append((low, high, antiderivative))
    return done


def read_kernel(slope: sp.Expr, name: str) -> Kernel:
    """Read h' as exponents.

    Parameters
    ----------
    slope : Expr
        h' in ``theory.symbols.z``, without parameters.
    name : str
        What error messages call the model.

    Raises
    ------
    ValueError
        If h' isn't positive on [-1, 1], or bends too often to be read.
    """
    with mpmath.workdps(_DIGITS):
        value = _evaluated(slope)

        def log_slope(g: Any) -> Any:
            found = value(g)
            if not (mpmath.isfinite(found) and not mpmath.im(found) and mpmath.re(found) > 0):
                raise _refusal(name, g, found)
            return mpmath.log(mpmath.re(found))

        reference = log_slope(mpmath.mpf(1))
        log_slope(mpmath.mpf(-1))
        rows = _panels(lambda e: log_slope(1 - e) - reference, name)
    table = np.array(rows)
    table = np.ascontiguousarray(table[np.argsort(table[:, LOW])])
    own = -float(max(0.0, *(_largest(row) for row in table)))
    table[:, [TOP, FIRST]] += own
    width = table[:, SLOPE] * np.sqrt(2.0 * table[:, HIGH])
    return Kernel(
        float(table[:, SLOPE].max()), float(reference) - own, own, float(width.max()), table
    )


def _refusal(name: str, g: Any, found: Any) -> ValueError:
    return ValueError(
        f"Expected an increasing kernel, h' > 0 on [-1, 1], but got model={name} with "
        f"h'({mpmath.nstr(g, 6)})={mpmath.nstr(found, 6)}. Tokens then also repel: "
        "use numerics.integrate, which takes any model."
    )


def _evaluated(slope: sp.Expr) -> Callable[[Any], Any]:
    """Make a function of mpmath; SymPy's own digits where it has no such function."""
    plain = sp.lambdify(z, slope, "mpmath")
    try:
        mpmath.mpmathify(plain(mpmath.mpf(1) / 3))
    except Exception:  # whatever is missing
        return lambda g: mpmath.mpmathify(sp.N(slope.subs(z, sp.Float(g, _DIGITS)), _DIGITS))
    return lambda g: mpmath.mpmathify(plain(g))


def _largest(row: FloatArray) -> float:
    """Largest value of ψ on a panel, at many places."""
    return float(clenshaw(row[FIRST:], np.linspace(-1.0, 1.0, 33)).max())


def _panels(psi: Callable[[Any], Any], name: str) -> list[FloatArray]:
    """Bisect [0, 2] until ψ is a polynomial in every panel, to rounding."""
    cosines = np.cos(np.outer(np.arange(TERMS), np.arccos(_NODES)))
    checks = np.array([-0.97, -0.31, 0.53, 0.99])
    todo, done = [(0.0, 2.0)], list[FloatArray]()
    while todo:
        low, high = todo.pop()
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        base = psi(mpmath.mpf(middle))  # taken off: what is left has no rounding of its own

        def seen(places: FloatArray, m: float = middle, h: float = half, b: Any = base) -> Any:
            return np.array([float(psi(m + h * mpmath.mpf(at)) - b) for at in places])

        values = seen(_NODES)
        series = 2.0 / TERMS * (cosines @ values)
        series[0] /= 2.0
        tolerance = 4 * _EPS * max(1.0, abs(float(base)))
        fine = float(np.abs(series[-2:]).max()) <= tolerance
        if fine:
            fine = float(np.abs(clenshaw(series, checks) - seen(checks)).max()) <= tolerance
        if not fine and high - low > _NARROWEST:
            todo += [(low, middle), (middle, high)]
            if len(todo) + len(done) > _MOST:
                raise ValueError(
                    f"Expected a kernel that {_MOST} polynomials describe but got model={name}. "
                    "Use numerics.integrate, which takes any model."
                )
            continue
        if not fine:
            if float(np.ptp(values)) > _STEP:
                raise _refusal(name, 1 - mpmath.mpf(middle), mpmath.exp(base))
            series[2:] = 0.0
        slope = float(np.abs(np.polynomial.chebyshev.chebder(series)).sum()) / half
        series[0] += float(base)
        top = float(series[0] + np.abs(series[1:]).sum())
        done.append(np.array([low, high, top, slope, *series]))
    return done
