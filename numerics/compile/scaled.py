"""The scaled form of a velocity: its largest exponential factored out, no overflow at any beta."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from sympy import MatAdd, MatMul
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.matrices.expressions import MatrixExpr

from numerics.compile.printer import SHIFT
from theory.atoms import Elementwise, Tangent
from theory.bounded import TERMS, expanded_terms


@dataclass(frozen=True)
class _Scaled:
    """A velocity times e^{-shift}, and the matrices whose largest entry is the shift."""

    velocity: MatrixExpr
    exponents: tuple[MatrixExpr, ...]
    floor: bool


def _by_exponentials(body: sp.Expr) -> sp.Expr:
    """Write hyperbolic functions by exponentials; powers and sines stay: z < 0 has no real log."""
    return body.rewrite(HyperbolicFunction, sp.exp)


def _scaled_expression(velocity: MatrixExpr) -> _Scaled:
    """Factor the largest exponential out of a velocity that is linear in its kernels.

    A velocity without such kernels (SA: its softmax is already scaled), or with one that has too
    many terms, is returned as it is.
    """
    inner = velocity.field if isinstance(velocity, Tangent) else velocity
    terms = inner.args if isinstance(inner, MatAdd) else (inner,)
    exponents: list[MatrixExpr] = []
    scaled: list[MatrixExpr] = []
    plain = False
    for term in terms:
        factors = term.args if isinstance(term, MatMul) else (term,)
        kernels = [
            a
            for a in factors
            if isinstance(a, Elementwise) and _by_exponentials(a.body).has(sp.exp)
        ]
        divided = any(isinstance(a, sp.MatPow) for a in factors)
        if divided or len(kernels) != 1:
            scaled.append(sp.exp(-SHIFT) * term)
            plain = True
            continue
        kernel = kernels[0]
        written = _by_exponentials(kernel.body)
        if expanded_terms(written) > TERMS:
            return _Scaled(velocity, (), False)
        pieces = sp.Add.make_args(sp.expand(written, power_exp=False))
        body = sp.S.Zero
        for piece in pieces:
            exponentials = [f for f in sp.Mul.make_args(piece) if isinstance(f, sp.exp)]
            rest = piece / sp.Mul(*exponentials)
            argument = sp.Add(*(f.args[0] for f in exponentials))
            if rest.has(sp.exp):
                return _Scaled(velocity, (), False)
            plain = plain or not exponentials
            if exponentials:
                exponents.append(Elementwise(argument, kernel.expr))
            body += rest * sp.exp(argument - SHIFT)
        scaled.append(
            MatMul(*(Elementwise(body, kernel.expr) if a is kernel else a for a in factors))
        )
    if not exponents:
        return _Scaled(velocity, (), False)
    total = MatAdd(*scaled) if len(scaled) > 1 else scaled[0]
    if isinstance(velocity, Tangent):
        total = Tangent(velocity.points, total)
    return _Scaled(total, tuple(exponents), plain)


@lru_cache(maxsize=256)
def scaled_of(velocity: MatrixExpr) -> _Scaled:
    """Give the scaled form of a velocity, made once for each."""
    return _scaled_expression(velocity)
