"""Figure 2: what the theorems cover, and what they leave open.

How it is proved
----------------
The theorems are rules: intervals of β in ranges of d. For symbolic n >= 2 the signs of
polynomial coefficients show that at d = 2 just 1 < β < (n-1)²/π² is left, and that it is empty
iff n <= 4; Theorem 6.1 covers d >= 3. A counterexample is looked for at and between the
thresholds, for six n. The theorems themselves are taken as they are, and β <= 1 at d = 2 is
cited. It is what the paper leaves open: "Saddles on the circle" closes the strip.

References
----------
- arXiv 2312.10794, Figure 2; Theorems 4.3, 5.1, 6.1 and 6.3.
- arXiv 2405.18273: β <= 1 at d = 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from sympy import Dummy, Expr, Integer, Poly, S, oo, pi, together

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    NO_FLOW,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    cited,
    gap,
)
from theory.bounded import simplified
from theory.models import Model
from theory.symbols import d, n


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


CITED = "Theorem 4.3, β <= 1 at d = 2, cited: arXiv 2405.18273"
"""The one rule of Figure 2 that no claim of the paper proves."""


RULES = (
    Rule("Theorem 6.1", Integer(3), oo, S.Zero, oo),
    Rule("Theorem 6.3", n, oo, S.Zero, oo),
    Rule("Theorem 4.3, β <= 1/n", Integer(2), oo, S.Zero, 1 / n),
    Rule(CITED, Integer(2), Integer(2), S.Zero, S.One),
    Rule("Theorem 5.1, β >= (d-1)(n-1)²/π²", Integer(2), oo, _TREE, oo),
)
"""What the theorems cover; each holds for almost every initial condition."""


def _at_least(value: Expr, least: int, *, strict: bool = False) -> bool:
    """Whether value >= 0 (or > 0) for every n >= least: by its coefficients in n - least."""
    excess = Dummy("k", nonnegative=True)
    fraction = together(value.subs(n, least + excess))
    numerator, denominator = (Poly(part, excess) for part in fraction.as_numer_denom())
    if not all(c.is_positive or c.is_zero for c in denominator.coeffs()):
        return False
    signs = all(c.is_nonnegative for c in numerator.coeffs())
    return signs and not (strict and not numerator.eval(0).is_positive)


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


def _said(text: str, reason: str, evidence: str = "") -> Step:
    """Step that is decided unless there is a reason why not."""
    return gap(text, reason) if reason else Step(text, How.DECIDED, evidence=evidence)


def _high_dimensions(rules: tuple[Rule, ...]) -> Step:
    """Whether one rule covers every d >= 3."""
    whole = [
        r.source
        for r in rules
        if (r.low, r.high, r.last) == (S.Zero, oo, oo) and r.first.is_number and r.first <= 3
    ]
    reason = "" if whole else "no rule for every d >= 3 and β >= 0"
    return _said("d >= 3: every β >= 0 is covered", reason, ", ".join(whole))


def _plane(prediction: Map) -> tuple[Step, ...]:
    """Prove what is covered at d = 2: up to the largest upper end, and from the smallest lower."""
    strip = prediction.strip
    text = f"the strip is of d = {strip.dimension}"
    place = _said(text, "" if strip.dimension == 2 else "the argument is for d = 2")
    rules = [r for r in prediction.rules if r.first.is_number and r.first <= 2 <= r.last]
    between = [r.source for r in rules if r.low != 0 and r.high != oo]
    text = "d = 2: every rule covers β up to a threshold, or from one on"
    steps = [place, _said(text, f"{between[0]} has two" if between else "")]
    uppers = [r.high.subs(d, 2) for r in rules if r.low == 0]
    lowers = [r.low.subs(d, 2) for r in rules if r.high == oo]
    for end, found, sign, name in (
        (strip.low, uppers, 1, "largest upper"),
        (strip.high, lowers, -1, "smallest lower"),
    ):
        reason = ""
        if not any(simplified(value - end) == 0 for value in found):
            reason = "no rule ends there"
        elif not all(_at_least(sign * (end - value), 2) for value in found):
            reason = "a rule passes it"
        text = f"d = 2, n >= 2: the {name} threshold is {end}"
        steps.append(_said(text, reason, "n = 2 + k: signs of the coefficients in k"))
    # Rules for some n at d = 2, such as d >= n, only add to what is covered: n = 2 = d.
    odd = [r.first for r in prediction.rules if not r.first.is_number and r.first != n]
    text = "the other rules are of d >= n: at d = 2 of n = 2, whose strip is empty"
    steps.append(_said(text, f"rules with d from {odd[0]}" if odd else ""))
    return tuple(steps)


def _emptiness(strip: OpenStrip) -> Step:
    """Whether the strip is empty exactly for the n said."""
    width = strip.high - strip.low
    small = all(width.subs(n, size).is_nonpositive for size in range(2, strip.empty + 1))
    empty = small and _at_least(width, strip.empty + 1, strict=True)
    reason = "" if empty else "not shown"
    return _said(f"{width} > 0 iff n > {strip.empty}", reason, "n = 2, …; signs beyond")


def decide(flow: Flow, prediction: Map) -> Sheet:
    """Prove for symbolic n that the rules leave open the strip alone."""
    taken = tuple(cited(rule.source) for rule in prediction.rules)
    steps = (
        *taken,
        _high_dimensions(prediction.rules),
        *_plane(prediction),
        _emptiness(prediction.strip),
    )
    shown = []
    for size in (4, 8):
        bare = [
            f"β = {float(hot):.3g}"
            for d_, hot, names, _ in prediction.sample(size)
            if d_ == 2 and not names
        ]
        shown.append(f"n = {size}, d = 2: open for {', '.join(bare) or 'no β'}")
    return Sheet(
        steps,
        {"n": "symbolic, >= 2", "d": "every d >= 2", "beta": "every β >= 0"},
        (prediction.strip.low, prediction.strip.high),
        "d >= 3 is Theorem 6.1; at d = 2 the upper ends are at most 1 and the lower ends at least "
        "(n-1)²/π², for n = 2 + k by the signs of coefficients; (n-1)² < π² iff n - 1 <= 3; "
        f"{'; '.join(shown)}; the strip drawn up to n²/π² is covered from (n-1)²/π² on",
    )


def _of_the_map(model: tuple[Rule, ...], prediction: OpenStrip) -> tuple[tuple[Model, Map], ...]:
    """Return the case of theorems and of what they leave open: nothing moves."""
    return ((NO_FLOW, Map(model, prediction)),)


MAP: Statement[Map] = Statement(
    "",
    "what the theorems cover of (d, β), and what they leave open",
    decide,
    refute=refute,
    cases=_of_the_map,
)


FIGURE_2 = Claim(
    "Figure 2",
    "The theorems, with β <= 1 at d = 2 cited (arXiv 2405.18273), cover all (d, β) for every "
    "n >= 2 but d = 2, 1 < β < (n-1)²/π², which is empty iff n <= 4.",
    RULES,
    OpenStrip(2, S.One, (n - 1) ** 2 / pi**2),
    MAP,
    (
        Control("no open strip", prediction=OpenStrip(2, S.One, S.One)),
        Control("open up to n²/π², as drawn", prediction=OpenStrip(2, S.One, n**2 / pi**2)),
        Control("empty for n <= 5", prediction=OpenStrip(2, S.One, (n - 1) ** 2 / pi**2, 5)),
        Control("without Theorem 6.1", model=RULES[1:]),
        Control("without the cited rule", model=(*RULES[:3], RULES[4])),
        Control(
            "Theorem 5.1 with the printed proof's 4(d-1)(n-1)²/π²",
            model=(*RULES[:-1], replace(RULES[-1], low=4 * _TREE)),
        ),
    ),
    Verdict.PROVED,
    equivalents=(
        Equivalent("Theorem 6.3 adds nothing to 6.1, 4.3 and 5.1", ("1.*",)),
        Equivalent("β <= 1/n adds nothing to 6.1 and to β <= 1 at d = 2", ("2.*",)),
        Equivalent("d >= 2 always", ("?.first: sign", "?.first: ÷ 2")),
        Equivalent("d = 3, 4 are in Theorem 6.1", ("3.last: + 1", "3.last: × 2")),
    ),
)


CLAIMS = (FIGURE_2,)
