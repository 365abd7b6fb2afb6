"""Theorem 6.7: uniform tokens form one cluster with Wendel's probability at least.

How it is proved
----------------
The tokens are in general position almost surely, and all 2^n choices of signs are equally likely:
as many of them are in a hemisphere as hyperplanes cut R^d in cells. One hyperplane more adds the
cells of the others' traces in it: Schläfli's recursion C(n,d) = C(n-1,d) + C(n-1,d-1), with
C(n,1) = C(1,d) = 2. Each of these is a rule with its proof; the counts are checked one by one at
exact points, n <= 6, d <= 4. The formula solves the recursion, term by term in SymPy. In a
hemisphere Lemma 6.4 gives one cluster. Watched: the shares of drawn points that fit in one.

References
----------
- arXiv 2312.10794, Theorem 6.7; Lemma 6.4.
- Schläfli; Wendel, A problem in geometric probability, Math. Scand. 11 (1962).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.special import rel_entr
from sympy import Expr, Identity, Rational, S, Symbol, binomial, combsimp, det, expand, simplify

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    ALL_SIGNS,
    AT_EVERY_BETA,
    CONTINUOUS,
    GENERAL_POSITION,
    HALF_SPACES,
    ONE_MORE,
    ONLY_SPEED,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    RECURSION,
    SCHEDULED,
    SCOPE_WARM,
    TRACES,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apart,
    apply,
    by_statement,
    count_cones,
    gap,
    hemispherical,
    listed_cones,
    moment_points,
    parted_groups,
    statement_of,
    subjects,
    traces_along,
)
from proofs_checks.proof.kinds import FLOWS
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


def _too_large(p: HemisphereProbability) -> str:
    """Exact values of a formula that exceed the probability of a hemisphere, or ""."""
    for size, dimension in product(range(1, 11), repeat=2):
        value, right = p.at(size, dimension), _wendel(size, dimension)
        if (value - right).is_positive:
            return f"p({size},{dimension}) = {value}, exactly it is {right}"
    return ""


def _share(p: HemisphereProbability) -> Expr | None:
    """Return c <= 1 with ``p = c p_Wendel``, or None."""
    if p.summand != _WENDEL.summand or p.last != _WENDEL.last:
        return None
    ratio = simplify(p.prefactor / _WENDEL.prefactor)
    return ratio if ratio.is_number and ratio.is_nonnegative and (1 - ratio).is_positive else None


def derive_probability(flow: Flow) -> HemisphereProbability | None:
    """Return Wendel's formula, which no flow changes."""
    return _WENDEL


def refute_wendel(
    flow: Flow, prediction: HemisphereProbability | None, budget: Budget
) -> Counterexample | None:
    """Find a wrong value of the formula, or tokens of a hemisphere that never meet."""
    p = _WENDEL if prediction is None else prediction
    wrong = _too_large(p)
    if wrong:
        return Counterexample(f"{wrong}; {_recursion(p)}")
    if groups := parted_groups(flow):
        return groups
    trap = apart(flow, budget.rng)
    return Counterexample(f"p(2,d) = {p.at(2, 2)} for d >= 2, but {trap}", PAIR) if trap else None


def _counts() -> tuple[tuple[int, int, int], ...]:
    """Cells of exact points, of all but the last, and of the traces, listed one by one."""
    systems = (moment_points(size, room) for size, room in product(range(2, 7), range(2, 5)))
    return tuple(
        (listed_cones(x), listed_cones(x[:-1, :]), listed_cones(traces_along(x))) for x in systems
    )


def _cells() -> list[Step]:
    """Derive that ``C(n,d) = C(n-1,d) + C(n-1,d-1)`` cells, with 2 for n = 1 and for d = 1."""
    one = det(Identity(d))
    shown = Step(f"det(e_1, …, e_d) = {one}", How.DERIVED)
    text = "any d of the x_i are independent, almost surely"
    general = apply(GENERAL_POSITION, text, shown, value=one)
    text = "C(n,d) cells of the hyperplanes <x_i,w> = 0, as many signs with all s_i x_i in a "
    cells = apply(HALF_SPACES, f"{text}hemisphere", general)
    text = "the traces of n - 1 of them in the last one are in general position in R^{d-1}"
    traces = apply(TRACES, text, general)
    counts = _counts()
    text = f"C(n,d) = C(n-1,d) + C(n-1,d-1) for n, d >= 2; {len(counts)} times counted one by one"
    more = apply(ONE_MORE, text, cells, traces, counts=counts)
    ends = Step("C(1,d) = 2, the sides of a hyperplane; C(n,1) = 2, those of 0", How.DERIVED)
    return [shown, general, cells, traces, more, ends]


def decide(flow: Flow, prediction: HemisphereProbability) -> Sheet:
    """Prove the formula from the cells of hyperplanes, and conclude by Lemma 6.4."""
    share = _share(prediction)
    wrong = _recursion(prediction if share is None else _WENDEL)
    steps = _cells()
    text = "C(n,d) = 2 Σ_{k<d} binom(n-1,k)"
    residual = Step("that sum solves the recursion, with those ends", How.DERIVED)
    if wrong:
        residual = gap("2^n p solves the recursion, with those ends", wrong)
    formula = apply(RECURSION, text, *steps[-2:], residual, residual=wrong)
    even = Step("the uniform law is kept by x -> -x, which is orthogonal", How.DERIVED)
    chance = apply(ALL_SIGNS, "p = C(n,d)/2^n", even, formula, steps[1])
    cluster = by_statement(
        statement_of(LEMMA_6_4), flow, text="in a hemisphere Lemma 6.4 gives one cluster"
    )
    steps += [residual, formula, even, chance, cluster]
    if share is not None:
        steps.append(Step(f"p = {share} p_Wendel <= p_Wendel: a weaker bound", How.DERIVED))
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM, "masses": "symbolic"},
        subjects(flow.model, prediction.prefactor, prediction.summand, prediction.last),
        "p = C(n,d)/2^n, C the number of cells of n hyperplanes, by its recursion; for n, d <= 10: "
        "p = 1 iff d >= n, p(2d,d) = 1/2; in a hemisphere Lemma 6.4 gives one cluster",
    )


def draw(flow: Flow, prediction: HemisphereProbability, budget: Budget) -> Trial:
    """Compare the formula with the share of random tokens that fit in a hemisphere."""
    worst, count = np.inf, 100 * budget.cases
    for size, dimension in ((4, 2), (6, 2), (5, 3), (7, 3)):
        p = float(prediction.at(size, dimension))
        seen = hemispherical(np.asarray(random_points(size, dimension, budget.rng, count))).mean()
        # Chernoff: a divergence of x or more has probability at most 2 e^{-count x}.
        divergence = float(rel_entr(seen, p) + rel_entr(1 - seen, 1 - p))
        # A bound below the share is right.
        margin = 1 - count * divergence / float(np.log(8 / _MISS)) if seen < p else 1.0
        worst = min(worst, margin)
        if margin < 0:
            detail = (
                f"p({size},{dimension}) = {p:.4f} but {count} draws gave {seen:.4f}, which has "
                f"probability < {_MISS}"
            )
            return Trial(detail, margin, count)
    return Trial("", worst, 4 * count)


_WENDEL = HemisphereProbability(2 * 2 ** (-n), binomial(n - 1, COUNT), d - 1)

HEMISPHERES: Statement[HemisphereProbability] = Statement(
    "Theorem 6.7",
    "uniform data: one cluster with Wendel's probability at least",
    decide,
    derive_probability,
    refute_wendel,
    draw,
    premises=(FLOWS, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
)


THEOREM_6_7 = Claim(
    "Theorem 6.7",
    "Uniform tokens form one cluster with probability at least 2^{1-n} Σ_{k<d} C(n-1,k).",
    (SA, USA),
    _WENDEL,
    HEMISPHERES,
    (
        Control("sum to k = d in place of d-1", prediction=replace(_WENDEL, last=d)),
        Control("2^{1-n} -> 2^{2-n}", prediction=replace(_WENDEL, prefactor=4 * 2 ** (-n))),
        Control("C(n-1,k) -> C(n,k)", prediction=replace(_WENDEL, summand=binomial(n, COUNT))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=12,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent(
            "a weaker bound: below 0, or fewer terms, or 2^{2-2n} <= 2^{1-n}",
            (
                "prediction.*: sign",
                "prediction.prefactor: squared",
            ),
        ),
    ),
)


CLAIMS = (THEOREM_6_7,)
