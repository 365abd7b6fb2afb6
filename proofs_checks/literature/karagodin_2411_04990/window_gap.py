"""Window gap: tokens that see w places to both sides agree at the rate π² w(w+1)/(6n²).

Main results
------------
- |i-j| <= w, V = I, masses 1/n: the slowest rate at consensus is -π² w(w+1)/(6n²) to 2w/n of it,
  for w = 1, ..., 4 and n = 12, 24, 48.

How it is proved
----------------
The rate is the least eigenvalue after 0 of D^{-1} (D - W). By inertia, the negative pivots of
D - W - s D count the eigenvalues below s, exactly for rational s; two such s enclose it, with
333/106 < π < 355/113.

References
----------
Extends the masks of arXiv 2411.04990: local attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Rational, Symbol, pi

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.literature.karagodin_2411_04990.consensus_spectrum import MODES
from proofs_checks.proof import (
    HEAT,
    SYLVESTER,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    by_statement,
    cited,
    gap,
    leaves_sphere,
    masked_attention,
    not_asked,
    sight_of,
    subjects,
)
from theory.masks import BAND, Mask
from theory.symbols import d, n

_WIDTH = Symbol("w", integer=True, positive=True)
"""How far a window reaches."""

WIDTHS, SIZES = (1, 2, 3, 4), (12, 24, 48)
"""Windows and numbers of tokens at which the gap is located."""


@dataclass(frozen=True)
class Gap:
    """The slowest rate of a window of width w is ``-rate``, to ``relative`` of it, for large n."""

    rate: Expr
    relative: Expr


_PI = (Fraction(333, 106), Fraction(355, 113))
"""π lies between."""


def _count(width: int, size: int, bound: Fraction) -> int:
    """Count eigenvalues of D^{-1} (D - W) below a bound, by the signs of exact pivots."""
    degrees = [sum(abs(i - j) <= width for j in range(size)) for i in range(size)]
    rows = [
        {j: -Fraction(1) for j in range(max(0, i - width), min(size, i + width + 1))}
        for i in range(size)
    ]
    for i, degree in enumerate(degrees):
        rows[i][i] += degree - bound * degree
    negative = 0
    for i in range(size):
        pivot = rows[i][i]
        if pivot == 0:
            raise ZeroDivisionError(f"the pivot {i} is 0")
        negative += pivot < 0
        for k in range(i + 1, min(size, i + width + 1)):
            share = rows[k].get(i, Fraction(0)) / pivot
            for j in range(i, min(size, i + width + 1)):
                rows[k][j] = rows[k].get(j, Fraction(0)) - share * rows[i].get(j, Fraction(0))
    return negative


def _located(width: int, size: int, said: Gap) -> str:
    """Say where the gap isn't between its bounds, "" if it is."""
    at = {_WIDTH: width, n: size}
    share = Fraction(str(said.relative.subs(at)))
    rates = sorted(Fraction(str(said.rate.subs(at).subs(pi, Rational(str(p))))) for p in _PI)
    low, high = rates[1] * (1 - share), rates[0] * (1 + share)
    below, above = _count(width, size, _round(low)), _count(width, size, _round(high))
    if below <= 1 and above >= 2:
        return ""
    return (
        f"w = {width}, n = {size}: {below} eigenvalues of 1 - D^-1 W are below {float(low):.6g}, "
        f"{above} below {float(high):.6g}: the least one after 0 isn't between"
    )


def _round(bound: Fraction) -> Fraction:
    """Bound with a short denominator, far nearer than bounds are apart."""
    return bound.limit_denominator(10**9)


def _width(flow: Flow) -> int | None:
    sight = sight_of(flow)
    mask = None if sight is None else sight.mask
    return int(mask.parameter) if mask is not None and mask.kind == BAND else None


def refute_gap(flow: Flow, prediction: Gap | None, budget: Budget) -> Counterexample | None:
    """Count eigenvalues below both bounds exactly."""
    if off := leaves_sphere(flow.model, budget.rng):
        return Counterexample(off)
    sight, width = sight_of(flow), _width(flow)
    if sight is None or prediction is None or width is None:
        return None
    if sight.factor != 1:
        text = (
            f"{flow.name}: v_i' = {sight.factor} (Σ_j (D^-1 W)_ij v_j - v_i), a factor other than 1"
        )
        return Counterexample(text)
    found = (_located(width, size, prediction) for size in SIZES)
    wrong = next((words for words in found if words), "")
    return Counterexample(wrong, {"n": str(SIZES), "w": str(width)}) if wrong else None


def decide_gap(flow: Flow, prediction: Gap) -> Sheet:
    """Locate the second eigenvalue of a symmetric pencil between two rational bounds."""
    width = _width(flow)
    assert width is not None  # the models of the claim
    modes = by_statement(MODES, flow, text="the modes are those of c (D^-1 W - 1)")
    sight = sight_of(flow)
    factor = None if sight is None else sight.factor
    unit = Step("c = 1", How.DERIVED) if factor == 1 else gap("c = 1", f"it is {factor}")
    steps = [modes, unit, cited(SYLVESTER, modes)]
    for size in SIZES:
        wrong = _located(width, size, prediction)
        text = f"n = {size}: 0 alone is below the lower bound, one more below the upper one"
        where = "signs of the pivots of D - W - s D"
        steps.append(gap(text, wrong) if wrong else Step(text, How.DECIDED, evidence=where))
    return Sheet(
        tuple(steps),
        {"n": ", ".join(map(str, SIZES)), "w": str(width), "d": "symbolic", "masses": "1/n"},
        subjects(flow.model, prediction.rate, d),
        f"w = {width}: the slowest rate is {prediction.rate} to {prediction.relative} of it",
    )


GAP: Statement[Gap] = Statement("", "the gap of a window", decide_gap, not_asked, refute_gap)


_GAP = Gap(pi**2 * _WIDTH * (_WIDTH + 1) / (6 * n**2), 2 * _WIDTH / n)


WINDOW_GAP = Claim(
    "Window gap",
    "|i-j| <= w: the slowest rate at consensus is -π² w(w+1)/(6n²) to 2w/n of it; w = 1, …, 4, "
    "n = 12, 24, 48.",
    tuple(masked_attention(f"window {width}", Mask.band(width)) for width in WIDTHS),
    _GAP,
    GAP,
    (
        Control("w² for w(w+1)", prediction=Gap(_GAP.rate * _WIDTH / (_WIDTH + 1), _GAP.relative)),
        Control("n^{-1}", prediction=Gap(_GAP.rate * n, _GAP.relative)),
        Control("within 1/n", prediction=Gap(_GAP.rate, 1 / n)),
        Control("V = -I", model=(masked_attention("window 1", Mask.band(1), sign=-1),)),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        Equivalent("at consensus the scores of a row are equal at every temperature", HEAT),
        Equivalent("a wider interval", ("prediction.relative: × n",)),
    ),
)


CLAIMS = (WINDOW_GAP,)
