"""Theorem 6.9 dimensions: from which d on uniform tokens follow γ(t) within 1/10, in a table.

How it is proved
----------------
θ of "Near the curve" is enclosed at ε = 1/10 and the η of the row; the probability that
Gram-Schmidt moves no token by more, a product of Beta laws, is enclosed at d and at 0.99 d: it is
at least 1/2 at d, hence from d on, and not yet at 0.99 d. So the table is of the proof, not of the
least d for which the statement is true.

References
----------
arXiv 2312.10794, Theorem 6.9; (D.5), (D.9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, reduce

from sympy import Expr, Integer, Rational, sin, sqrt

from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.decide import Interval, enclose, interval
from proofs_checks.extensions.theorem_6_9_explicit import THEOREM_6_9_EXPLICIT
from proofs_checks.proof import (
    LATE,
    ONLY_SPEED,
    ROOM,
    TOLERANCE,
    WARMTH,
    Counterexample,
    Flow,
    How,
    NearCurve,
    Sheet,
    Statement,
    Step,
    by_statement,
    exponential_weights,
    gap,
    heat,
    not_asked,
    statement_of,
)
from theory.models import SA, USA
from theory.symbols import beta, n


@dataclass(frozen=True)
class DimensionTable:
    """Dimensions at which the bound of the probability reaches a level, to three digits.

    Attributes
    ----------
    rows : tuple of str
        n, β, η in hundredths of ε, and d.
    near : NearCurve
    tolerance, level : Rational
    """

    rows: tuple[str, ...]
    near: NearCurve
    tolerance: Rational
    level: Rational


@lru_cache(maxsize=256)
def _square_of_radius(near: NearCurve, tolerance: Rational, row: str, warm: Expr) -> Interval:
    """Enclose sin²θ of a row."""
    size, _, part, _ = row.split()
    put = {TOLERANCE: tolerance, LATE: tolerance * int(part) / 100, WARMTH: warm, n: int(size)}
    return enclose(sin(near.radius.subs(put)) ** 2)


def _probability(square: Interval, size: int, dimension: int) -> Interval:
    """Enclose the product of the Beta laws at sin²θ."""
    laws = (square.beta_law(Fraction(i, 2), Fraction(dimension - i, 2)) for i in range(1, size))
    return reduce(lambda found, law: found * law, laws, interval(1))


def _shown(row: str) -> str:
    size, warm, _, place = row.split()
    return f"n = {size}, β = {warm}: d = {place}"


def _sides(flow: Flow, prediction: DimensionTable, row: str) -> tuple[Interval, Interval]:
    """Enclose the probability at d and at 0.99 d, or at d - 1 where that is less of a step."""
    size, warm, _, place = row.split()
    hot = heat(flow)
    assert hot is not None  # "Theorem 6.9 explicit" holds
    square = _square_of_radius(
        prediction.near, prediction.tolerance, row, hot.subs(beta, Integer(warm))
    )
    top = int(Decimal(place))
    at, below = (_probability(square, int(size), d) for d in (top, min(top - 1, top * 99 // 100)))
    return at, below


def refute(flow: Flow, prediction: DimensionTable | None, budget: Budget) -> Counterexample | None:
    """Find a start that leaves γ, or a row with a wrong digit."""
    if prediction is None:
        return None
    explicit = replace(THEOREM_6_9_EXPLICIT.prediction, near=prediction.near)
    found = statement_of(THEOREM_6_9_EXPLICIT).refute(flow, explicit, budget)
    if found is not None or not exponential_weights(flow).holds:
        return found
    level = interval(prediction.level)
    for row in prediction.rows:
        at, below = _sides(flow, prediction, row)
        if at.b < level.a:
            return Counterexample(f"{_shown(row)}: the probability bound is {at.mid:.6g} there")
        if below.a > level.b:
            return Counterexample(f"{_shown(row)}: it is {below.mid:.6g} already 1 % below")
    return None


def decide(flow: Flow, prediction: DimensionTable) -> Sheet:
    """Enclose the probability at both sides of each d."""
    joined = by_statement(
        statement_of(THEOREM_6_9_EXPLICIT),
        flow,
        replace(THEOREM_6_9_EXPLICIT.prediction, near=prediction.near),
        "Theorem 6.9 explicit: P >= Π_i I_s(i/2, (d-i)/2), s = sin²θ, which rises with d",
    )
    if not joined.holds:
        return Sheet((joined,))
    steps, level = [joined], interval(prediction.level)
    for row in prediction.rows:
        at, below = _sides(flow, prediction, row)
        text = f"{_shown(row)}: the product passes {prediction.level} within 1 % below"
        good = bool(at.a >= level.b) and bool(below.b < level.a)
        shown = f"{below.mid:.6g}, {at.mid:.6g}"
        steps.append(
            Step(text, How.ENCLOSED, evidence=shown, enclosed=True) if good else gap(text, shown)
        )
    scope = {
        "n": ", ".join(map(str, dict.fromkeys(row.split()[0] for row in prediction.rows))),
        "beta": ", ".join(map(str, dict.fromkeys(row.split()[1] for row in prediction.rows))),
        "d": "from the table on",
        "masses": "1/n",
        "start": "uniform",
    }
    return Sheet(tuple(steps), scope, summary="; ".join(map(_shown, prediction.rows)))


TABLE: Statement[DimensionTable] = Statement(
    "",
    "dimensions from which on uniform tokens follow γ within 1/10 with probability 1/2",
    decide,
    not_asked,
    refute,
)


ROWS = (
    "2 0 2 5.19e2",
    "2 1 19 1.41e4",
    "2 3 51 2.52e6",
    "2 9 81 9.11e11",
    "4 0 4 9.05e3",
    "4 1 27 5.03e5",
    "4 3 61 2.05e8",
    "4 9 85 6.51e14",
    "8 0 4 5.45e4",
    "8 1 31 4.78e6",
    "8 3 65 3.38e9",
    "8 9 87 4.84e16",
    "16 0 5 2.55e5",
    "16 1 34 3.09e7",
    "16 3 67 3.25e10",
    "16 9 88 1.39e18",
    "32 0 5 1.10e6",
    "32 1 36 1.68e8",
    "32 3 69 2.37e11",
    "32 9 88 2.24e19",
    "64 0 5 4.52e6",
    "64 1 37 8.33e8",
    "64 3 70 1.46e12",
    "64 9 89 2.45e20",
)
"""n, β, 100 η/ε and d, at ε = 1/10."""


_TABLE = DimensionTable(ROWS, THEOREM_6_9_EXPLICIT.prediction.near, Rational(1, 10), Rational(1, 2))
_NEAR = _TABLE.near


DIMENSIONS = Claim(
    "Theorem 6.9 dimensions",
    "With probability 1/2 |g_ij - γ| <= 1/10 for all pairs and t >= 0 from d = 519 (n = 2, β = 0), "
    "4.78·10^6 (n = 8, β = 1), 2.45·10^20 (n = 64, β = 9) etc. on.",
    (SA, USA),
    _TABLE,
    TABLE,
    (
        Control("519 -> 513", prediction=replace(_TABLE, rows=("2 0 2 5.13e2",))),
        Control("e^A -> √n", prediction=replace(_TABLE, near=replace(_NEAR, growth=sqrt(n)))),
        Control("ε = 1/10 -> 1/9", prediction=replace(_TABLE, tolerance=Rational(1, 9))),
        Control("1/2 -> 51/100", prediction=replace(_TABLE, level=Rational(51, 100))),
        Control("loss / 2", prediction=replace(_TABLE, near=replace(_NEAR, loss=_NEAR.loss / 2))),
    ),
    Verdict.CERTIFIED,
    (ROOM, WARM),
    origin="extension",
    equivalents=(ONLY_SPEED,),
)


CLAIMS = (DIMENSIONS,)
