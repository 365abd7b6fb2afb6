"""Figure 2: what the theorems cover, and what they leave open.

How it is proved
----------------
The theorems are rules: intervals of β in ranges of d. For symbolic n >= 2 the signs of
polynomial coefficients show that at d = 2 just 1 < β < (n-1)²/π² is left, and that it is empty
iff n <= 4; Theorem 6.1 covers d >= 3. A counterexample is looked for at and between the
thresholds, for six n. The theorems themselves are taken as they are, and β <= 1 at d = 2 is
cited.

References
----------
- arXiv 2312.10794, Figure 2; Theorems 4.3, 5.1, 6.1 and 6.3.
- arXiv 2405.18273: β <= 1 at d = 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sympy import Dummy, Expr, Integer, Poly, S, oo, pi, simplify, together

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
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


CITED = "Theorem 4.3, β <= 1 at d = 2, cited: arXiv 2405.18273"
"""The one rule of Figure 2 that no claim proves."""


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


def _uncovered(model: Any, prediction: OpenStrip) -> str:
    """Prove for symbolic n that the rules leave open the strip alone, or say what isn't shown.

    At d = 2 the rules for every n cover [0, max of the upper ends] and [min of the lower ends, oo).
    """
    whole = (S.Zero, oo)
    if not any(
        (r.low, r.high) == whole and r.last == oo and r.first.is_number and r.first <= 3
        for r in model
    ):
        return "no rule for every d >= 3 and β >= 0"
    if prediction.dimension != 2:
        return f"the argument is for d = 2, not d = {prediction.dimension}"
    rules = [r for r in model if r.first.is_number and r.first <= 2 <= r.last]
    # Rules for some n at d = 2, such as d >= n, only add to what is covered: n = 2 = d.
    uppers = [r.high.subs(d, 2) for r in rules if r.low == 0]
    lowers = [r.low.subs(d, 2) for r in rules if r.high == oo]
    if any(r.low != 0 and r.high != oo for r in rules):
        return "a rule for β between two thresholds"
    ends = (prediction.low, uppers, 1, "low"), (prediction.high, lowers, -1, "high")
    for end, found, sign, name in ends:
        if not any(simplify(value - end) == 0 for value in found):
            return f"no rule ends at {name} = {end}"
        if not all(_at_least(sign * (end - value), 2) for value in found):
            return f"a rule passes {name} = {end}"
    gap = prediction.high - prediction.low
    if not (
        all(gap.subs(n, size).is_nonpositive for size in range(2, prediction.empty + 1))
        and _at_least(gap, prediction.empty + 1, strict=True)
    ):
        return f"the strip is not shown to be empty exactly for n <= {prediction.empty}"
    odd = [r for r in model if not r.first.is_number and r.first != n]
    return f"rules with d from {odd[0].first}" if odd else ""


def check_map(model: Any, prediction: OpenStrip, budget: Budget) -> Evidence:
    """Prove for every n what no rule covers; look for a counterexample at and between thresholds.

    Parameters
    ----------
    model : tuple of Rule
        The theorems with their hypotheses.
    prediction : OpenStrip
        What is left open.
    budget : Budget
        Not used.
    """
    lines: dict[str, list[tuple[float, list[str]]]] = {}
    sizes, count = (2, 3, 4, 5, 8, 32), 0
    for size in sizes:
        low, high = prediction.interval(size)
        for dimension in sorted({2, 3, size}):
            spans = [(r.source, r.interval(size, dimension)) for r in model]
            active = [(source, span) for source, span in spans if span is not None]
            ends = {low, high, *(e for _, span in active for e in span if e.is_finite)}
            finite = sorted(ends, key=float)
            middles = [(a + b) / 2 for a, b in pairwise(finite)]
            for hot in (*finite, *middles, finite[-1] + 1):
                names = [source for source, (a, b) in active if a <= hot <= b]
                said = dimension == prediction.dimension and bool(low < hot < high)
                count += 1
                if said == bool(names):
                    found = f"covered by {names[0]}" if names else "covered by no theorem: OPEN"
                    return Evidence(
                        Verdict.REFUTED,
                        f"n = {size}, d = {dimension}, β = {float(hot):.4g} is {found}",
                        {"n": str(size), "d": str(dimension)},
                        cases=count,
                    )
                if dimension == 2 and size in (4, 8):
                    lines.setdefault(f"n = {size}", []).append((float(hot), names))
        if (size <= prediction.empty) == bool(low < high):
            found = f"n = {size}: the strip from {low.n(5)} to {high.n(5)} is "
            found += "not empty" if low < high else "empty"
            return Evidence(Verdict.REFUTED, found, {"n": str(size)}, cases=count)
    reason = _uncovered(model, prediction)
    if reason:
        return Evidence(Verdict.UNDECIDED, reason, cases=count)
    shown = "; ".join(
        f"{name}, d = 2: open for "
        + (", ".join(f"β = {hot:.3g}" for hot, names in rows if not names) or "no β")
        for name, rows in lines.items()
    )
    return Evidence(
        Verdict.PROVED,
        "d >= 3 is Theorem 6.1; at d = 2 the upper ends are at most 1 and the lower ends at least "
        "(n-1)²/π², for n = 2 + k by the signs of coefficients; (n-1)² < π² iff n - 1 <= 3; "
        f"{shown}; the strip drawn up to n²/π² is covered from (n-1)²/π² on",
        {"n": "symbolic, >= 2", "d": "every d >= 2", "beta": "every β >= 0"},
        tuple(r.source for r in model),
        count,
        identity=(prediction.low, prediction.high),
    )


FIGURE_2 = Claim(
    "Figure 2",
    "The theorems, with β <= 1 at d = 2 cited (arXiv 2405.18273), cover all (d, β) for every "
    "n >= 2 but d = 2, 1 < β < (n-1)²/π², which is empty iff n <= 4.",
    RULES,
    OpenStrip(2, S.One, (n - 1) ** 2 / pi**2),
    check_map,
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
