"""Regular polygons on the circle that attract, where an energy of pairs of all tokens climbs.

Along angles a the second derivative of ``E = ½ Σ m_i m_j h(<x_i,x_j>)`` is ``-½ Σ m_i m_j w (a_i -
a_j)²``, w = k cos φ - k' sin² φ, h' = k. At the n-gon, masses 1/n, this is minus a circulant form:
of the eigenvalues ``Σ_j w(2πj/n) (1 - cos(2πpj/n))``, all above 0 where only rotations keep E.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from sympy import Expr, Integer, S, cos, lambdify, pi

from proofs_checks.claim import Budget
from proofs_checks.decide import NoEnclosureError, enclose
from proofs_checks.proof import CLIMBS, Counterexample, Flow
from theory.symbols import beta, n, t, z

_SIZES = range(3, 8)
"""A narrow kernel makes a ring of five; more tokens make longer rings."""
_HEATS = (1, 5, 20, 40)
"""Values of β where it is free: kernels that saturate do so at large ones."""


def _bends(slope: Expr) -> Expr:
    """Return w of two tokens at the angle of z = cos φ."""
    return slope * z - slope.diff(z) * (1 - z**2)


def _mode(size: int, mode: int, weights: Any) -> Any:
    """Add up an eigenvalue from the weights of the angles 2πj/n."""
    return sum((1 - cos(2 * pi * mode * j / size)) * weights[j] for j in range(1, size))


def _attracts(bend: Expr, size: int) -> bool:
    """Whether all eigenvalues of the polygon are above 0: in floats first, then in balls."""
    rate = lambdify([z], bend)
    angle = 2 * np.pi * np.arange(1, size) / size
    with np.errstate(all="ignore"):
        weights = np.array([rate(np.cos(one)) for one in angle])
    turns = 1 - np.cos(np.outer(np.arange(1, size), angle))
    if not (turns @ weights > 1e-9).all():
        return False
    exact = {j: bend.subs(z, cos(2 * pi * j / size)) for j in range(1, size)}
    try:
        return all(enclose(_mode(size, p, exact)).a > 0 for p in range(1, size // 2 + 1))
    except NoEnclosureError:
        return False


def _spoken(size: int, heat: Expr | None) -> bool:
    return True


def polygon_attracts(
    flow: Flow,
    prediction: None,
    budget: Budget,
    speaks: Callable[[int, Expr | None], bool] = _spoken,
) -> Counterexample | None:
    """Find n tokens of masses 1/n at a regular polygon that is a strict maximum but for rotations.

    Parameters
    ----------
    flow, prediction, budget
        As statements are asked.
    speaks : callable
        Whether the row speaks of a number n of tokens at a β, None where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import SA, catalogue
    >>> budget = Budget(1, np.random.default_rng(0))
    >>> polygon_attracts(Flow.of(catalogue("sigmoid"), bias=0), None, budget).scope["n"]
    '5'
    >>> polygon_attracts(Flow.of(SA), None, budget) is None
    True
    """
    kernel = flow.kernel
    if flow.code or kernel is None or t in kernel.free_symbols or not CLIMBS.test(flow).holds:
        return None
    free = sorted(kernel.free_symbols - {z, n}, key=str)
    if any(one.is_nonpositive for one in free):
        return None
    sizes = [size for size in _SIZES if flow.values.get(n, size) == size]
    for size, heat in product(sizes, map(Integer, _HEATS if beta in free else _HEATS[:1])):
        chosen = {one: heat if one == beta else S.One for one in free}
        slope = kernel.diff(z).subs({**chosen, n: size})
        heated = {**flow.values, **chosen}.get(beta)
        if not speaks(size, heated) or not _attracts(_bends(slope), size):
            continue
        values = "".join(f", {one} = {value}" for one, value in chosen.items())
        why = (
            "all Σ_j (k cos φ_j - k' sin² φ_j)(1 - cos p φ_j) > 0 in balls, φ_j = 2πj/n, k = h', "
            "so E'' < 0 there but for rotations"
        )
        rest = "E climbs, so an open set of starts stays near it"
        said = f"the regular {size}-gon, masses 1/{size}{values}: {why}; {rest}"
        return Counterexample(said, {"n": str(size), "d": "2"})
    return None


__all__ = ["polygon_attracts"]
