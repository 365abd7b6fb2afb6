"""Figure 2: what the theorems cover, and what they leave open.

How it is proved
----------------
That tokens meet from almost every start is taken from the theorems: 6.1 for d >= 3, 5.1 at d = 2
for large β, and "Saddles on the circle" for β <= 1 there, where the paper cites arXiv 2405.18273.
That no hypothesis holds for d = 2 and 1 < β < (n-1)²/π², and that there are such β iff n >= 5, are
orders of numbers for symbolic n. A counterexample is looked for at and between the thresholds, for
six n. It is what the paper leaves open: "Saddles on the circle" closes the strip too.

References
----------
- arXiv 2312.10794, Figure 2; Theorems 4.3, 5.1, 6.1 and 6.3.
- arXiv 2405.18273: β <= 1 at d = 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from sympy import Expr, Integer, S, oo, pi

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_5.theorem_5_1_large_beta import LARGE, THEOREM_5_1
from proofs_checks.paper.section_6.theorem_6_1_saddles import SADDLES, THEOREM_6_1
from proofs_checks.proof import Counterexample, Flow, Statement
from proofs_checks.propositions import Rel
from proofs_checks.theorems import (
    LEAST_HEAT,
    Concludes,
    Conclusion,
    Refusal,
    concluded_by,
    conjunction,
    covered,
    left_open,
    saddles_on_circle,
    subject_in,
)
from theory.models import SA, USA, Model
from theory.symbols import beta, d, n


@dataclass(frozen=True)
class Rule:
    """A theorem that gives one cluster for β in an interval, ends included, in some dimensions.

    Attributes
    ----------
    source : str
    first, last : Expr
        Range of d, in ``n``.
    low, high : Expr
        Range of β, in ``n`` and ``d``.
    """

    source: str
    first: Expr
    last: Expr
    low: Expr
    high: Expr

    def interval(self, size: int, dimension: int) -> tuple[Expr, Expr] | None:
        """Return the ends of the range of β to 40 digits, or None where d is out of range."""
        at = {n: size, d: dimension}
        if not self.first.subs(at) <= dimension <= self.last.subs(at):
            return None
        return self.low.subs(at).evalf(40), self.high.subs(at).evalf(40)


@dataclass(frozen=True)
class OpenStrip:
    """The region of Figure 2 without a result: d in a range, low < β < high.

    Attributes
    ----------
    dimension : int
    low, high : Expr
        Ends of the range of β, in ``n``.
    empty : int
        The largest n for which it is empty.
    """

    dimension: int
    low: Expr
    high: Expr
    empty: int = 4

    def interval(self, size: int) -> tuple[Expr, Expr]:
        """Return the ends of the range of β to 40 digits."""
        return self.low.subs(n, size).evalf(40), self.high.subs(n, size).evalf(40)


_TREE = (d - 1) * (n - 1) ** 2 / pi**2


@dataclass(frozen=True)
class Map:
    """Theorems, and what they are said to leave open."""

    rules: tuple[Rule, ...]
    strip: OpenStrip

    def sample(self, size: int) -> Iterator[tuple[int, Expr, list[str], bool]]:
        """Yield d, β at and between thresholds, what covers it, and whether it is said open."""
        low, high = self.strip.interval(size)
        for dimension in sorted({2, 3, size}):
            spans = [(r.source, r.interval(size, dimension)) for r in self.rules]
            active = [(source, span) for source, span in spans if span is not None]
            ends = {low, high, *(e for _, span in active for e in span if e.is_finite)}
            finite = sorted(ends, key=float)
            middles = [(a + b) / 2 for a, b in pairwise(finite)]
            for hot in (*finite, *middles, finite[-1] + 1):
                names = [source for source, (a, b) in active if a <= hot <= b]
                said = dimension == self.strip.dimension and bool(low < hot < high)
                yield dimension, hot, names, said


AT_MOST_ONE = "Saddles on the circle, β <= 1 at d = 2, in print: arXiv 2405.18273"
"""The one rule of Figure 2 that no theorem of the paper proves."""


RULES = (
    Rule("Theorem 6.1", Integer(3), oo, S.Zero, oo),
    Rule("Theorem 6.3", n, oo, S.Zero, oo),
    Rule("Theorem 4.3, β <= 1/n", Integer(2), oo, S.Zero, 1 / n),
    Rule(AT_MOST_ONE, Integer(2), Integer(2), S.Zero, S.One),
    Rule("Theorem 5.1, β >= (d-1)(n-1)²/π²", Integer(2), oo, _TREE, oo),
)
"""What the theorems cover; each holds for almost every initial condition."""


def refute(flow: Flow, prediction: Map | None, budget: Budget) -> Counterexample | None:
    """Find a point that is covered and said open, or the other way round, for six n."""
    assert prediction is not None  # a claim's
    count = 0
    for size in (2, 3, 4, 5, 8, 32):
        for dimension, hot, names, said in prediction.sample(size):
            count += 1
            if said == bool(names):
                found = f"covered by {names[0]}" if names else "covered by no theorem: OPEN"
                return Counterexample(
                    f"n = {size}, d = {dimension}, β = {float(hot):.4g} is {found}",
                    {"n": str(size), "d": str(dimension)},
                    count,
                )
        low, high = prediction.strip.interval(size)
        if (size <= prediction.strip.empty) == bool(low < high):
            found = f"n = {size}: the strip from {low.n(5)} to {high.n(5)} is "
            found += "not empty" if low < high else "empty"
            return Counterexample(found, {"n": str(size)}, count)
    return None


def _hypotheses(rule: Rule) -> tuple[Rel, ...]:
    """Return what a theorem asks of n, d and β, but for what holds of all of them."""
    said = (
        (rule.first, d),
        (d, rule.last),
        (rule.low, beta),
        (beta, rule.high),
    )
    trivial = {(Integer(2), d), (d, oo), (S.Zero, beta), (beta, oo)}
    return tuple(Rel("<=", *one) for one in said if one not in trivial)


def conclude(flow: Flow, prediction: Map) -> Conclusion | Refusal:
    """Say what is covered for d >= 3 and at d = 2, and that no theorem covers the strip.

    Examples
    --------
    >>> print(conclude(Flow.of(SA), Map(RULES[1:], FIGURE_2.prediction)).reason)
    Theorem 6.1, of d >= 3, is none of the theorems
    """
    subject, strip = subject_in(flow), prediction.strip
    if isinstance(subject, Refusal):
        return subject
    for rule in (RULES[0], RULES[3], RULES[4]):  # they cover all that is covered
        if rule not in prediction.rules:
            return Refusal(f"{rule.source}, of d >= {rule.first}, is none of the theorems")
    if strip.dimension != 2:
        return Refusal("what is left open is said of d = 2")
    rests = (
        concluded_by(SADDLES, flow, THEOREM_6_1.prediction),
        saddles_on_circle(subject, Integer(8), LEAST_HEAT),
        concluded_by(LARGE, flow, THEOREM_5_1.prediction),
    )
    bare = left_open(map(_hypotheses, prediction.rules), strip.low, strip.high, strip.empty)
    if isinstance(bare, Refusal):
        return bare
    found = [own if isinstance(own, Refusal) else own.found for own in rests]
    return conjunction(*covered(subject, *found, low=strip.low, high=strip.high), *bare)


def _of_the_map(model: tuple[Rule, ...], prediction: OpenStrip) -> tuple[tuple[Model, Map], ...]:
    """Return the theorems, and what they leave open, of both models."""
    return tuple((each, Map(model, prediction)) for each in (SA, USA))


MAP: Statement[Map] = Statement(
    "",
    "what the theorems cover of (d, β), and what they leave open",
    Concludes(conclude),
    refute=refute,
    cases=_of_the_map,
    typed=True,
)


FIGURE_2 = Claim(
    "Figure 2",
    "The theorems, with β <= 1 at d = 2 (in print: arXiv 2405.18273), cover all d and β > 0 for "
    "every n >= 2 but d = 2, 1 < β < (n-1)²/π², which is empty iff n <= 4.",
    RULES,
    OpenStrip(2, S.One, (n - 1) ** 2 / pi**2),
    MAP,
    (
        Control("no open strip", prediction=OpenStrip(2, S.One, S.One)),
        Control("open up to n²/π², as drawn", prediction=OpenStrip(2, S.One, n**2 / pi**2)),
        Control("empty for n <= 5", prediction=OpenStrip(2, S.One, (n - 1) ** 2 / pi**2, 5)),
        Control("without Theorem 6.1", model=RULES[1:]),
        Control("without β <= 1", model=(*RULES[:3], RULES[4])),
        Control(
            "Theorem 5.1 with the printed proof's 4(d-1)(n-1)²/π²",
            model=(*RULES[:-1], replace(RULES[-1], low=4 * _TREE)),
        ),
    ),
    Verdict.CERTIFIED,
    equivalents=(
        Equivalent("Theorem 6.3 adds nothing to 6.1, 4.3 and 5.1", ("1.*",)),
        Equivalent("β <= 1/n adds nothing to 6.1 and to β <= 1 at d = 2", ("2.*",)),
        Equivalent("d >= 2 always", ("?.first: sign", "?.first: ÷ 2")),
        Equivalent("d = 3, 4 are in Theorem 6.1", ("3.last: + 1", "3.last: × 2")),
    ),
)


CLAIMS = (FIGURE_2,)
