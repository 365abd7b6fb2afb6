"""Theorem 6.7: uniform tokens form one cluster with Wendel's probability at least.

How it is proved
----------------
The formula is proved by its recursion C(n,d) = C(n-1,d) + C(n-1,d-1) with C(n,1) = C(1,d) = 2,
term by term in SymPy, and tabulated exactly for n, d <= 10. In a hemisphere Lemma 6.4 gives one
cluster: the weights are positive and the gnomonic identity is derived. Watched: the shares of
drawn points that fit in a hemisphere. Cited: Schläfli's count of cones; Wendel's choice of
signs.

References
----------
- arXiv 2312.10794, Theorem 6.7; Lemma 6.4.
- Schläfli: hyperplanes in general position cut R^d in C(n,d) cones.
- Wendel: given the lines, all choices of signs are equally likely.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import rel_entr
from sympy import Expr, Rational, S, Symbol, binomial, combsimp, expand, simplify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    ONLY_SPEED,
    SCOPE_WARM,
    count_cones,
    doubt,
    each,
    hemispherical,
    pair_trap,
    smallest_weight,
    subjects,
)
from theory.derivations import gnomonic
from theory.models import SA, USA
from theory.symbols import d, n

COUNT = Symbol("k", integer=True, nonnegative=True)
"""Index of the sum in Wendel's formula."""


@dataclass(frozen=True)
class HemisphereProbability:
    """``p(n, d) = prefactor Σ_{k=0}^{last} summand`` that n uniform points fit in a hemisphere."""

    prefactor: Expr
    summand: Expr
    last: Expr

    def at(self, tokens: int, dimension: int) -> Expr:
        """Exact value at numbers."""
        put = {n: tokens, d: dimension}
        terms = range(int(self.last.subs(put)) + 1)
        summand = self.summand.subs(put)
        return self.prefactor.subs(put) * sum((summand.subs(COUNT, k) for k in terms), S.Zero)


def _recursion(p: HemisphereProbability) -> str:
    """Say what of ``C(n,d) = C(n-1,d) + C(n-1,d-1)``, ``C(n,1) = C(1,d) = 2`` fails, if any."""
    scale = simplify(2**n * p.prefactor)
    if n in scale.free_symbols or d in scale.free_symbols:
        return f"2^n times the prefactor is {scale}, not a constant: p(1,1) = {p.at(1, 1)}"
    if expand(p.last.subs(d, d - 1) - p.last + 1) != 0:
        return f"the last index {p.last} doesn't fall by one with d"
    fewer = p.summand.subs(n, n - 1)
    pascal = combsimp(p.summand - fewer - fewer.subs(COUNT, COUNT - 1))
    if pascal != 0:
        return f"summand(n,k) - summand(n-1,k) - summand(n-1,k-1) = {pascal}"
    if p.summand.subs(COUNT, -1) != 0:
        return f"the term at k = -1 is {p.summand.subs(COUNT, -1)}"
    line = simplify(
        scale * sum(p.summand.subs(COUNT, k) for k in range(int(p.last.subs(d, 1)) + 1))
    )
    if line != 2:
        return f"on the line (d = 1) the count is {line}, but n signs agree in 2 of 2^n cases"
    one = p.summand.subs(n, 1)
    if one.subs(COUNT, 0) * scale != 2 or one.subs(COUNT, COUNT + 1) != 0:
        return f"for one point p = {one} scaled by {scale / 2}, but it is 1"
    return ""


def _wendel(size: int, dimension: int) -> Rational:
    return Rational(count_cones(size, dimension), 2**size)


_MISS = 1e-9
"""Probability, over a whole run, that random draws disagree with a right formula."""


def check_wendel(model: Any, prediction: HemisphereProbability, budget: Budget) -> Evidence:
    """Prove the formula by its recursion, tabulate it exactly, compare with random draws."""
    wrong = _recursion(prediction)
    if wrong:
        for size in range(1, 7):
            for dimension in range(1, 7):
                value, right = prediction.at(size, dimension), _wendel(size, dimension)
                if (value - right).is_nonzero:
                    detail = f"p({size},{dimension}) = {value}, exactly it is {right}; {wrong}"
                    return Evidence(Verdict.REFUTED, detail)
        return Evidence(Verdict.UNDECIDED, f"right for n, d <= 6, but {wrong}")
    for size in range(1, 11):
        for dimension in range(1, 11):
            value = prediction.at(size, dimension)
            if (value == 1) != (dimension >= size) or not 0 < value <= 1:
                return Evidence(Verdict.REFUTED, f"p({size},{dimension}) = {value}")
        if prediction.at(2 * size, size) != Rational(1, 2):
            return Evidence(Verdict.REFUTED, f"p({2 * size},{size}) isn't 1/2")
    worst, count = np.inf, 100 * budget.cases
    for size, dimension in ((4, 2), (6, 2), (5, 3), (7, 3)):
        p = float(prediction.at(size, dimension))
        seen = hemispherical(np.asarray(random_points(size, dimension, budget.rng, count))).mean()
        # Chernoff: a divergence of x or more has probability at most 2 e^{-count x}.
        divergence = float(rel_entr(seen, p) + rel_entr(1 - seen, 1 - p))
        margin = 1 - count * divergence / float(np.log(8 / _MISS))
        if margin < 0:
            detail = (
                f"p({size},{dimension}) = {p:.4f} by the recursion but {count} draws gave "
                f"{seen:.4f}, which has probability < {_MISS}: one of the two programs is wrong"
            )
            return Evidence(Verdict.UNDECIDED, detail, cases=count, margin=margin)
        worst = min(worst, margin)
    for flow in each(model):
        trap = pair_trap(flow)
        if trap:
            detail = f"p(2,d) = {prediction.at(2, 2)} for d >= 2, but {trap}"
            return Evidence(Verdict.REFUTED, detail, {"n": "2", "d": ">= 2", "masses": "1/2"})
        reason = smallest_weight(flow)[1]
        if reason or not gnomonic(flow).proved:
            return doubt(flow, reason or f"{flow.name}: Lemma 6.4 isn't proved", budget.rng)
    return Evidence(
        Verdict.PROVED,
        "C(n,d) = C(n-1,d) + C(n-1,d-1), C(n,1) = C(1,d) = 2; exactly, for n, d <= 10: p = 1 iff "
        "d >= n, p(2d,d) = 1/2; in a hemisphere Lemma 6.4 gives one cluster",
        {**SCOPE_WARM, "masses": "symbolic"},
        (
            "Schläfli: hyperplanes in general position cut R^d in C(n,d) cones, by that recursion",
            "Wendel: given the lines, all 2^n choices of signs are equally likely",
        ),
        4 * count,
        worst,
        identity=subjects(model, prediction.prefactor, prediction.summand, prediction.last),
    )


_WENDEL = HemisphereProbability(2 * 2 ** (-n), binomial(n - 1, COUNT), d - 1)


THEOREM_6_7 = Claim(
    "Theorem 6.7",
    "Uniform tokens form one cluster with probability at least 2^{1-n} Σ_{k<d} C(n-1,k).",
    (SA, USA),
    _WENDEL,
    check_wendel,
    (
        Control("sum to k = d in place of d-1", prediction=replace(_WENDEL, last=d)),
        Control("2^{1-n} -> 2^{-n}", prediction=replace(_WENDEL, prefactor=2 ** (-n))),
        Control("C(n-1,k) -> C(n,k)", prediction=replace(_WENDEL, summand=binomial(n, COUNT))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=12,
    equivalents=(ONLY_SPEED, AT_EVERY_BETA),
)


CLAIMS = (THEOREM_6_7,)
