"""How far a function of <x,y> bends: steps that bound its Hessian by its two derivatives."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Expr, simplify

from proofs_checks.proof.curvature import CROSS, FIRST, NORMS, bend_said, pair_bend
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import CAUCHY_SCHWARZ
from proofs_checks.proof.sheet import Step, derived
from theory.symbols import z


@lru_cache(maxsize=64)
def pair_hessian(slope: Expr, name: str) -> tuple[Step, Step]:
    """Return the chain rule for ``name(<x,y>)`` along v at x and w at y, and its bound.

    Parameters
    ----------
    slope : Expr
        Derivative of the function, in ``z``.
    name : str
        Letter of the function.

    Returns
    -------
    tuple of Step
        The second derivative; that it is at most 2N (sup|name''| + sup|name'|), N = |v|² + |w|².
    """
    expected = slope.diff(z) * FIRST**2 + slope * (2 * CROSS - NORMS * z)
    chain = derived(
        f"d²{name}(<x,y>) = {name}'' s² + {name}' (2<v,w> - N g), s = <v,y> + <x,w>, "
        "N = |v|² + |w|²",
        simplify(pair_bend(slope) - expected),
    )
    chain = replace(chain, formal=bend_said(slope, expected))
    text = f"s² <= 2N, |2<v,w> - N g| <= 2N: |d²{name}| <= 2N (sup|{name}''| + sup|{name}'|)"
    return chain, apply(CAUCHY_SCHWARZ, text, chain)
