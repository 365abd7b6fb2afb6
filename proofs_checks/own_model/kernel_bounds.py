"""Bounds of weights m_j k(<x_i,x_j>) that aren't divided, with symbols for parameters, T13.

|A_i| <= M max|k|, and A_i moves by M (max|k| + 2 max|k'|) times the largest chord at most,
M = Σ m_j, whoever sees whom. The bounds are read off the form of k: sums, products, powers,
exponentials, positive parts, and reciprocals of sums of positive terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Abs, Add, Dummy, Expr, Mul, Pow, S, exp, expand, powsimp, simplify, sympify

from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, pull_of
from theory.masks import Mask
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, t, z
from theory.terms import Entry, Index, Inner, Item, Row
from theory.terms import Number as Term


@dataclass(frozen=True)
class KernelBounds:
    """k of weights m_j k(<x_i,x_j>), and what |k| and |k'| are at most on [-1, 1]."""

    kernel: Expr
    most: Expr
    slope: Expr


def _positive_terms(total: Expr) -> tuple[Expr, ...]:
    """Return the terms of a sum of exponentials and of positive numbers; () for others."""
    terms = Add.make_args(total)
    known = all(term.is_positive for term in terms)
    return terms if known else ()


def _above(total: Expr) -> Expr | None:
    """Return what 1/D is at most, D a sum of positive terms."""
    terms = _positive_terms(total)
    fixed = [term for term in terms if z not in term.free_symbols]
    if any(term.is_number for term in fixed):
        return 1 / Add(*(term for term in fixed if term.is_number))
    for term in terms:
        factor, rest = term.as_independent(z, as_Add=False)
        if isinstance(rest, exp) and (top := largest(rest.args[0])) is not None:
            return exp(top) / factor
    return 1 / fixed[0] if fixed else None


def largest(expr: Any) -> Expr | None:
    """Return what |expr| is at most for -1 <= z <= 1; None where that isn't read off.

    Examples
    --------
    >>> largest(1 / (1 + exp(-beta * z))), largest(beta * z**3 - z)
    (1, Abs(beta) + 1)
    """
    expr = sympify(expr)
    if z not in expr.free_symbols:
        return Abs(expr)
    if expr == z:
        return S.One
    if isinstance(expr, Add | Mul):
        parts = [largest(part) for part in expr.args]
        return None if None in parts else expr.func(*parts)
    if isinstance(expr, exp):
        top = largest(expr.args[0])
        return None if top is None else exp(top)
    if isinstance(expr, PositivePart) and expr.args[1] >= 0:
        top = largest(expr.args[0])
        return None if top is None else top ** expr.args[1]
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        top = largest(expr.base) if expr.exp > 0 else _above(expr.base)
        return None if top is None else top ** abs(expr.exp)
    return None


def _bounds(kernel: Expr) -> tuple[Expr, Expr] | None:
    """Return what |k| and |k'| are at most; of k = 1/D |k'/k| is at most that of the terms of D."""
    terms = _positive_terms(expand(powsimp(expand(1 / kernel))))
    if terms and (most := _above(Add(*terms))) is not None:
        paces = [largest(simplify(term.diff(z) / term)) for term in terms]
        return None if None in paces else (most, most * Add(*paces))
    top, slope = largest(kernel), largest(kernel.diff(z))
    return None if top is None or slope is None else (top, slope)


def kernel_bounds(flow: Flow) -> KernelBounds | None:
    """Return the bounds of a flow of tokens alone with weights m_j k(<x_i,x_j>), under any mask."""
    ends = flow.schedule is not None and flow.schedule.ends
    if flow.code or ends or {block.symbol for block in flow.model.blocks} != {X}:
        return None
    if flow.model.noise is not None or flow.model.space != "sphere" or flow.model.kind != "flow":
        return None
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal):
        return None
    i, j = Index("i"), Index("j")
    masks = [entry for entry in pull.weight.atoms(Entry) if isinstance(entry.args[0], Mask)]
    kernel = pull.weight / Mul(Item(m, j), *masks)  # entries of a mask are 0 or 1
    kernel = kernel.xreplace({Inner(Row(X, i), Row(X, j)): z})
    if kernel.has(Term) or kernel.has(Index):
        return None
    put = {beta: Dummy("b", real=True), t: Dummy("t", nonnegative=True)}
    kernel = kernel.xreplace(put)
    bounds = _bounds(kernel)
    if bounds is None:
        return None
    back = {one: plain for plain, one in put.items()}
    return KernelBounds(*(found.xreplace(back) for found in (kernel, *bounds)))


__all__ = ["KernelBounds", "kernel_bounds", "largest"]
