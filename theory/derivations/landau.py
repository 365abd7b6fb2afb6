"""How order sets in under noise: the Landau coefficient of the stationary mean field.

A stationary state without flux solves ``ν ∝ exp(φ[ν]/κ)``, φ = H*ν for sums (USA), and
φ' = (H*ν)'/(f*ν), f = H', for a normalised model (SA). Near the uniform law it is expanded in the
order parameter m = ∫<x,w> dν, exactly and for symbolic d: ``κ = κ_u (1 + landau·m² + O(m⁴))``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import QQ, Expr, Integer, S, Symbol, cancel, ring

from theory import symbols
from theory.latex import latex_of
from theory.summaries import Formulas

_SMALL, _HEIGHT, _CURVED, _LAW = (Symbol(name) for name in ("epsilon", "u", "c", "landau"))
_DIMENSION, _PULL, _SUM_1, _SUM_2 = (Symbol(name) for name in ("d", "h", "f1", "f2"))
_ORDER = 3


@dataclass(frozen=True)
class Onset(Formulas):
    """The ordered state near the uniform one.

    Parameters
    ----------
    threshold : Expr
        Noise κ_u at which it leaves: the uniform state's loss of stability to degree 1.
    landau : Expr
        ``κ = κ_u (1 + landau·m² + O(m⁴))``: negative for a continuous transition, positive for a
        jump.
    second : Expr
        ``m_2 = second·m² + O(m⁴)``, the moment of degree 2.
    """

    threshold: Expr
    landau: Expr
    second: Expr

    def formulas(self) -> list[str]:
        """Write the threshold, and the branch that leaves it.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        rest = r"+ O\left(m^4\right)"
        return [
            rf"\kappa_u = {latex_of(self.threshold)}",
            rf"\kappa / \kappa_u = 1 + \left({latex_of(self.landau)}\right) m^2 {rest}",
            rf"m_2 = \left({latex_of(self.second)}\right) m^2 {rest}",
        ]


def onset(pulls: Sequence[Any], sums: Sequence[Any] | None = None, d: Any = symbols.d) -> Onset:
    """Expand the stationary state about the uniform one.

    Parameters
    ----------
    pulls : (H_1, H_2)
        Funk-Hecke multipliers of H of degrees 1 and 2.
    sums : (f_0, f_1, f_2), optional
        Those of the kernel f = H', for a normalised model.
    d : number or Symbol
        Dimension.

    Returns
    -------
    Onset
        The expansion near the threshold.

    Examples
    --------
    >>> h1, h2 = Symbol("h1"), Symbol("h2")
    >>> found = onset((h1, h2), d=2)
    >>> found.threshold, found.landau
    (h1, (-h1 + 2*h2)/(2*h1 - 2*h2))
    """
    h1, h2 = pulls
    values = {_PULL: h2 / h1, _DIMENSION: d}
    if sums is not None:
        f0, f1, f2 = sums
        values |= {_SUM_1: f1 / f0, _SUM_2: f2 / f0}
    landau, second = (cancel(e.subs(values)) for e in _expansion(sums is not None))
    return Onset(h1 if sums is None else h1 / f0, landau, second)


@lru_cache(maxsize=2)
def _expansion(normalised: bool) -> tuple[Expr, Expr]:
    """Landau coefficient and second moment, in ratios of multipliers to H_1, or f_0."""
    _, eps, u, c, law, d, pull, f1, f2 = ring("epsilon u c landau d h f1 f2", QQ)

    def cut(whole: Any) -> Any:
        """Drop what is beyond the third order."""
        return sum((part for k, part in _parts(whole, eps).items() if k <= _ORDER), 0 * eps)

    # φ' = Σ N_l H_l m_l P_l', with N_1 P_1 = d u and N_2 P_2 = (d+2)(d u² - 1)/2
    slope = d * eps + d * (d + 2) * pull * c * eps**2 * u
    if normalised:
        rest = d * f1 * eps * u + (d + 2) * (d * u**2 - 1) * f2 * c * eps**2 / 2
        slope = cut(slope * (1 - rest + rest**2))
    primitive = sum(
        (part * u / (k + 1) for k, part in _parts(slope, u).items()),
        0 * eps,
    )
    exponent = cut(primitive * (1 - law * eps**2))
    density = cut(1 + exponent + exponent**2 / 2 + exponent**3 / 6)
    mass, mean = (_average(whole, eps, u) for whole in (density, u * density))
    bend = _average((d * u**2 - 1) * density, eps, u)[2] / (_DIMENSION - 1)
    free, slope_c = _linear(bend, _CURVED)
    curved = cancel(free / (1 - slope_c))
    left = (mean[3] - mass[2]).subs(_CURVED, curved)
    free, slope_law = _linear(left, _LAW)
    return cancel(-free / slope_law), curved


def _parts(whole: Any, letter: Any) -> dict[int, Any]:
    """Terms of a polynomial by the power of a letter."""
    place = whole.ring.gens.index(letter)
    found: dict[int, Any] = {}
    for powers, coefficient in whole.terms():
        term = whole.ring({powers: coefficient})
        found[powers[place]] = found.get(powers[place], whole.ring.zero) + term
    return found


def _average(whole: Any, eps: Any, u: Any) -> dict[int, Expr]:
    """Mean over the uniform law by orders: ``E u^2j = 1·3···(2j-1) / d(d+2)···(d+2j-2)``."""
    means = dict.fromkeys(range(_ORDER + 1), S.Zero)
    for order, part in _parts(whole, eps).items():
        for power, term in _parts(part, u).items():
            if power % 2 == 0 and order <= _ORDER:
                share = S.One
                for k in range(power // 2):
                    share *= (2 * k + Integer(1)) / (_DIMENSION + 2 * k)
                means[order] += term.as_expr().subs({_SMALL: 1, _HEIGHT: 1}) * share
    return means


def _linear(expr: Expr, letter: Symbol) -> tuple[Expr, Expr]:
    """Constant and slope of what is linear in a letter."""
    return expr.subs(letter, 0), expr.diff(letter)


__all__ = ["Onset", "onset"]
