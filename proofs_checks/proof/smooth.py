"""Functions of an inner product that are analytic or continuous on [-1, 1], by their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import (
    Abs,
    AccumBounds,
    Add,
    Dummy,
    Expr,
    Max,
    Min,
    Mul,
    Piecewise,
    Poly,
    Pow,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    nan,
    oo,
    preorder_traversal,
    sin,
    sinh,
    tanh,
    zoo,
)
from sympy.core.function import Application
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.decide import decide_positive
from proofs_checks.proof.sheet import How, Outcome, Step, decided
from proofs_checks.readings import Analytic
from theory.atoms import Elementwise
from theory.positive_part import PositivePart
from theory.symbols import X, t, z

_ENTIRE = (exp, sin, cos, sinh, cosh, tanh, atan, erf)
"""Functions that are analytic on the real line."""


def analytic(kernel: Expr, *, ends: bool = True) -> Step:
    """Whether a function of z is analytic on [-1, 1], by its form; without ends, on (-1, 1)."""
    text = f"the kernel is analytic on {'[-1, 1]' if ends else '(-1, 1)'}"
    strange = [f for f in kernel.atoms(Application) if not isinstance(f, (*_ENTIRE, log))]
    if strange or kernel.has(Piecewise):
        return Step(text, How.DERIVED, Outcome.GAP, f"{strange or 'pieces'}")
    inside = [f.args[0] for f in kernel.atoms(log)]
    inside += [
        p.base
        for p in kernel.atoms(Pow)
        if z in p.base.free_symbols and not (p.exp.is_integer and p.exp.is_positive)
    ]
    for base in dict.fromkeys(inside):
        step = decided(text, decide_positive(base, closed=(ends, ends)))
        if not step.holds:
            return replace(step, outcome=Outcome.GAP, evidence=f"{base} isn't positive there")
    return Step(text, How.DERIVED, formal=Analytic((), kernel) if ends else None)


def continuous(kernel: Expr) -> Step:
    """Whether a function of z is continuous on [-1, 1], and analytic inside but at folds.

    Those are zeros of the u of parts max(u, 0)^p, p > 0.
    """
    folds = [fold for fold in kernel.atoms(PositivePart) if fold.args[1] > 0]
    names = {fold: Dummy(f"w{place}", real=True) for place, fold in enumerate(folds)}
    plain, parts = kernel.xreplace(names), [fold.args[0] for fold in folds]
    if folds and plain.is_polynomial(*names.values()):
        parts += Poly(plain, *names.values()).coeffs()
        steps = [analytic(part, ends=False) for part in parts]
        step = next((one for one in steps if not one.holds), steps[0])
    else:
        step = analytic(kernel, ends=False)
    ends = (kernel.subs(z, end) for end in (-1, 1))
    infinite = any(value.has(oo, -oo, zoo, nan, AccumBounds) for value in ends)
    if step.holds and infinite:
        return replace(step, outcome=Outcome.GAP, evidence="it isn't finite at the ends")
    return step


def lipschitz(kernel: Expr) -> Step:
    """Whether a function of z has a bounded slope on [0, c] for every c < 1, by its form.

    Sums, products and compositions of such functions are; a power that isn't whole asks for a base
    that is positive there, or for an exponent >= 1.
    """
    text = "k has a bounded slope on [0, c], c < 1"
    strange = _steep(kernel)
    if strange is not None:
        return Step(text, How.DERIVED, Outcome.GAP, f"not shown of {strange}")
    return Step(text, How.DERIVED, evidence="by its form")


def _steep(part: Expr) -> Expr | None:
    """Part of a function of which a bounded slope on [0, c], c < 1, isn't shown, or None."""
    if z not in part.free_symbols:
        return None
    if isinstance(part, Pow):
        base, power = part.as_base_exp()
        if not _has_no_end(base, power):
            return part
    elif isinstance(part, log):
        if not _positive_before_one(part.args[0]):
            return part
    elif isinstance(part, PositivePart):
        if not (part.args[1] - 1).is_nonnegative:
            return part
    elif part != z and not isinstance(part, (Add, Mul, Abs, Max, Min, *_ENTIRE)):
        return part
    return next((found for p in part.args if (found := _steep(p)) is not None), None)


def _has_no_end(base: Expr, power: Expr) -> bool:
    """Whether a power of a function stays away from where its slope is infinite."""
    if z in power.free_symbols:
        return bool(base.is_positive)
    if power.is_integer and power.is_positive:
        return True
    if _positive_before_one(base) or (power.is_integer and _positive_before_one(-base)):
        return True
    closed = (True, False)
    return (
        bool((power - 1).is_nonnegative)
        and decide_positive(base, 0, 1, strict=False, closed=closed).for_all
    )


def _positive_before_one(base: Expr) -> bool:
    return decide_positive(base, 0, 1, closed=(True, False)).for_all


def smooth_scores(scores: MatrixExpr, values: Mapping[Any, Expr]) -> bool:
    """Whether scores are finite and smooth for all tokens on the sphere, by their form.

    A function of the inner products is asked on [-1, 1], a function of other entries on the line.
    An infinite score is a weight 0 or a row without a sum.
    """
    for part in scores.atoms(Elementwise):
        body = part.body.subs(values)
        inner = part.expr == X * X.T
        strange = body.has(oo, -oo, zoo, nan) or t in body.free_symbols
        if strange or not (analytic(body).holds if inner else entire(body)):
            return False
    for symbol, value in values.items():
        coefficients = [
            a
            for a in preorder_traversal(scores)
            if isinstance(a, Expr) and not isinstance(a, MatrixExpr)
        ]
        if any(a.subs(symbol, value).has(oo, -oo, zoo, nan) for a in coefficients):
            return False
    return True


def entire(body: Expr) -> bool:
    """Whether a function of z is analytic on the line, by its form."""
    powers = [p for p in body.atoms(Pow) if z in p.base.free_symbols]
    return (
        all(isinstance(f, _ENTIRE) for f in body.atoms(Application))
        and not body.has(Piecewise)
        and all(p.exp.is_integer and p.exp.is_positive for p in powers)
    )


__all__ = ["analytic", "continuous", "entire", "lipschitz", "smooth_scores"]
