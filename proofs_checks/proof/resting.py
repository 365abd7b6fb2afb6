"""Tokens at two places of an open hemisphere that stand still for ever, exactly, for any velocity.

They refute that all such tokens meet. Where they stand still at every angle they do so next to
consensus too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Dummy, Expr, Integer, MatMul, Rational, S, cancel, factor, together
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.given import with_numbers
from proofs_checks.proof.verdict import Counterexample
from theory.bounded import FAR, vanishes
from theory.engines import Evaluator
from theory.hardmax import TopK
from theory.masks import Mask
from theory.models import Model, pair_weights
from theory.symbols import X, d, m, n, t, z

_CLUMPS = ((1, 1), (2, 2), (1, 2), (3, 3))
"""Numbers of tokens at the two places: a pair, and clumps that hold each other."""

_ANGLES = (S.Half, S.One, Rational(1, 4), Integer(2))
"""Tangents of half the angle, where it doesn't stay a symbol: <u,v> = 3/5, 0, 15/17, -3/5."""

ANGLE = Dummy("a", positive=True)
"""Tangent of half of any angle."""

_SOME = Rational(7, 10)
"""A value of it, at which nothing happens by chance."""


class _Exact(Evaluator):
    """Evaluator that also takes the greatest scores of a row, where signs show which they are."""

    def _compute(self, expr: Any) -> Any:
        if isinstance(expr, MatMul):  # that <v,v> = 1 shows only when it is cancelled
            rows = super()._compute(expr)
            return [[cancel(v) if v.is_rational_function() else v for v in row] for row in rows]
        if not isinstance(expr, TopK):
            return super()._compute(expr)
        scores, masses = self(expr.scores), [row[0] for row in self(expr.masses)]
        return [_greatest(expr, row, masses) for row in scores]


def _greatest(head: TopK, scores: list[Expr], masses: list[Expr]) -> list[Expr]:
    """Weights of a row of `TopK`."""
    above = [sum(_leads(other, own) for other in scores) for own in scores]
    shares = [
        mass * head._weight(score) if count < head.count else S.Zero
        for mass, score, count in zip(masses, scores, above, strict=True)
    ]
    return [share / sum(shares) for share in shares]


def _leads(one: Expr, other: Expr) -> bool:
    apart = factor(together(one - other))
    if apart.is_positive or apart.is_nonpositive:
        return bool(apart.is_positive)
    raise NotImplementedError(f"Expected scores that can be compared but got {one}, {other}.")


def two_places(counts: tuple[int, int], angle: Expr) -> list[list[Expr]]:
    """Rows (1, 0), and (c, s) with ``tan(φ/2)`` an angle's.

    Examples
    --------
    >>> two_places((1, 2), S.Half)
    [[1, 0], [3/5, 4/5], [3/5, 4/5]]
    """
    square = 1 + angle**2
    other = [(1 - angle**2) / square, 2 * angle / square]
    return [[S.One, S.Zero] for _ in range(counts[0])] + [list(other) for _ in range(counts[1])]


def parted_clumps(flow: Flow) -> Counterexample | None:
    """Give an open set of tokens of an open hemisphere that never meet, or None.

    As nothing moves for some number of tokens, or as each sees the nearest alone.
    """
    count, place, values = _zero_of_weight(flow)
    if flow.weight is not None and place is None and count:
        text = f"{count} tokens: the weight is 0, nothing moves{values}"
        return Counterexample(text, {"n": str(count), "d": ">= 2", "masses": "any"})
    nearest = _nearest(flow)
    if not nearest:
        return None
    words = "token" if nearest == 1 else f"{nearest} tokens"
    return Counterexample(
        f"{words} near u, as many near v, <u,v> < 1: the greatest scores of each are those of its "
        "own clump, whose cone never grows, so that the clumps never meet",
        {"n": str(2 * nearest), "d": ">= 2", "masses": "any"},
    )


def _nearest(flow: Flow) -> int:
    """Return k where each token sees the k that are nearest to it alone, else 0."""
    if (flow.model.kind, flow.model.space) != ("flow", "sphere") or flow.schedule is None:
        return 0
    matrix = pair_weights(flow.model.velocity)
    head = matrix.as_coeff_mmul()[1] if isinstance(matrix, MatMul) else matrix
    if not isinstance(head, TopK) or head.masses != m:
        return 0
    factor, scores = head.scores.as_coeff_mmul() if head.scores.is_MatMul else (S.One, head.scores)
    positive = {s: Dummy(str(s), positive=True) for s in factor.free_symbols - set(flow.values)}
    factor = factor.subs(flow.values).xreplace(positive)
    return int(head.count) if scores == X * X.T and factor.is_positive else 0


def resting_tokens(flow: Flow) -> Counterexample | None:
    """Tokens at two places of an open hemisphere that stand still for ever, or None.

    That is one start, and nothing is said of those near it.
    """
    if flow.weight is not None:
        return _of_other_counts(flow)
    found = _resting(flow)
    if found is None:
        return None
    counts, angle, others = found
    where = "every c in (-1, 1)" if angle == ANGLE else f"c = {two_places((0, 1), angle)[0][0]}"
    values = "".join(f", {symbol} = {value}" for symbol, value in others)
    named = " and ".join(f"{k} token{'s' if k > 1 else ''}" for k in counts)
    return Counterexample(
        f"{named} at two places u, v with <u,v> = c stand still, inside an open hemisphere, for "
        f"{where}{values}",
        {"n": str(sum(counts)), "d": ">= 2", "masses": "1/n"},
    )


def _zero_of_weight(flow: Flow) -> tuple[int, Expr | None, str]:
    """Return a number of tokens, not 2, and <u,v> at which the weight is 0, and parameters.

    None for <u,v> where it is 0 at all of them, and no tokens where there is no such zero.
    """
    pull, schedule, weight = flow.pull, flow.schedule, flow.weight
    if pull is None or not pull.refuted or schedule is None or schedule.sign not in (1, -1):
        return 0, None, ""
    assert weight is not None  # there is a pull
    named = {str(s): s for s in weight.free_symbols}
    others = {named[a]: b for a, b in pull.witness.items() if a in named and a != "z"}
    place, count = pull.witness["z"], int(pull.witness.get("n", 2))
    weight = weight.subs(others)
    if count == 2 or not vanishes(weight.subs(z, place)):
        return 0, None, ""
    values = "".join(f", {symbol} = {value}" for symbol, value in others.items() if symbol != n)
    return count, None if vanishes(weight) else place, values


def _of_other_counts(flow: Flow) -> Counterexample | None:
    """More tokens than two whose weight k(<u,v>) is 0 for their number; pairs are asked apart."""
    count, place, values = _zero_of_weight(flow)
    if place is None:
        return None
    return Counterexample(
        f"{count} tokens at two places u, v with <u,v> = {place} stand still, inside an open "
        f"hemisphere{values}",
        {"n": str(count), "d": ">= 2", "masses": "any"},
    )


def resting_near_consensus(flow: Flow) -> Counterexample | None:
    """Tokens at two places that stand still however close these are, or None."""
    if flow.weight is not None:
        return None  # the spectrum says it
    found = _resting(flow)
    return resting_tokens(flow) if found is not None and found[1] == ANGLE else None


def _resting(flow: Flow) -> Any:
    """Return counts, angle and parameters of tokens at two places that stand still, or None."""
    if flow.attracts.holds or flow.schedule is None or flow.code:
        return None
    if (flow.model.kind, flow.model.space) != ("flow", "sphere") or len(flow.model.blocks) > 1:
        return None
    model = with_numbers(flow.model, flow.values, flow.given)
    return None if model is None else _search(model)


@lru_cache(maxsize=64)  # the spectrum at consensus and Lemma 6.4 ask for the same
def _search(model: Model) -> Any:
    velocity = model.velocity.xreplace({t: S.One})  # a schedule's zeros aren't asked for
    if velocity.atoms(Mask) or any(isinstance(p, MatrixExpr) for p in model.parameters):
        return None
    names = sorted(velocity.free_symbols - {n, d, z, X, m}, key=str)
    if any(s.is_positive is False for s in names):
        return None
    others = tuple((s, S.One) for s in names)
    velocity = velocity.subs(dict(others))
    tops = {(int(top.count), int(top.count)) for top in velocity.atoms(TopK)}
    for counts in dict.fromkeys((*sorted(tops), *_CLUMPS)):
        for angle in (ANGLE, *_ANGLES):
            if not _moves(velocity, counts, angle) and _stands(velocity, counts, angle):
                return counts, angle, others
    return None


def _moves(velocity: Any, counts: tuple[int, int], angle: Expr) -> bool:
    """Whether numbers show that tokens at two places move: then nothing exact is computed."""
    points = [[float(v.subs(ANGLE, _SOME)) for v in row] for row in two_places(counts, angle)]
    try:
        field = compile_model(Model("two places", velocity, parameters=()))
        speeds = np.abs(field.unchecked(np.array(points)))
    except (ValueError, TypeError, NotImplementedError, ArithmeticError):
        return False
    return bool(np.all(np.isfinite(speeds)) and np.max(speeds) > FAR)


def _stands(velocity: Any, counts: tuple[int, int], angle: Expr) -> bool:
    """Whether tokens at two places have the velocity 0, each entry of it exactly."""
    total = sum(counts)
    values = {X: two_places(counts, angle), m: [[Rational(1, total)]] * total}
    try:
        rows = _Exact(values, {n: total, d: 2})(velocity)
    except (NotImplementedError, TypeError, ValueError, ZeroDivisionError):
        return False
    return all(vanishes(entry) is True for row in rows for entry in row)


__all__ = ["parted_clumps", "resting_near_consensus", "resting_tokens", "two_places"]
