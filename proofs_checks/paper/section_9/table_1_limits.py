"""Table 1: limit shapes of attention on R^d, one claim a row.

Main results
------------
- Row 1: V = I, Q^T K positive definite: z of (9.3) ends at vertices of a convex polytope.
- Row 2: λ_1 simple, of largest real part, > 0, <Qφ_1, Kφ_1> > 0: along φ_1, at three levels.
- Row 3: paranormal V, Q^T K positive definite: polytope x subspaces.
- Row 4: V = -I, Q^T K = I: x of (9.1) tends to 0.

How it is proved
----------------
The hull of z along F is proved never to grow in rows 1 to 3, where V = λ there: z_i' = λ Σ_j A_ij
(z_j - z_i), A_ij > 0. Where tokens end is tried: random draws, hypotheses of the row first, then
its geometric test. Draws that aren't at rest in time say nothing, and are counted. Of row 2 no draw
has the third level, 0: it is left at the least push. Tokens a, -a, 0 keep it, by symmetry.
Row 4 is slow: the slope of log max|x| in log t is measured from 10³ to 10⁵. Where a hypothesis
fails, as for Q^T K = -I, nothing is asserted.

References
----------
arXiv 2312.10794, Table 1, which quotes arXiv 2305.05465.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Rational, S

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_9.eq_9_1_9_2_9_3_rescaled import EQUATION_9_3
from proofs_checks.proof import (
    HEAT,
    LEAST,
    SPEED,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    statement_of,
    unproved,
)
from proofs_checks.proof.limit_rows import Row, drawn, looked_at, three_levels, unmet
from theory.atoms import RowSoftmax
from theory.masks import Mask
from theory.models import PURE_ATTENTION
from theory.symbols import K, Q, V, X, beta, m

_FULL = 60
"""Draws of a full run."""

_LATE = 10
"""Of so many draws one may not come to rest before the solver stops, and two in all."""


def refute(flow: Flow, row: Row | None, budget: Budget) -> Counterexample | None:
    """Rows 1 to 3 are of z in (9.3): show a flow that isn't (9.3) in these coordinates."""
    if row is None or row.number == "4":
        return None
    claim = EQUATION_9_3
    return statement_of(claim).refute(flow, claim.prediction, budget)


def decide(flow: Flow, row: Row) -> Sheet:
    """Prove that the hull never grows, of rows 1 to 3; the limit is a gap."""
    missing = unmet(row)
    if missing:
        return Sheet((Step(missing, How.DERIVED),), vacuous=missing)
    words = {
        "n": "6 to 14",
        "d": "3, 4" if row.number == "3" else "2 to 4",
        "beta": "1" if row.number == "4" else "0.5 to 3",
        "V": row.values,
        "Q^T K": row.scores,
    }
    if row.number == "4":
        return Sheet((unproved("max|x_i| -> 0 like t^(-1/2)"),), words)
    statement, said = statement_of(EQUATION_9_3), EQUATION_9_3.prediction
    moved = by_statement(statement, flow, said, "(9.3): z_i' = Σ_j A_ij V (z_j - z_i)")
    weights = Step(
        "A_ij > 0; V = λ > 0 on F: <z_i,e>' = λ Σ_j A_ij <z_j - z_i, e> <= 0 where <z_i,e> is the "
        "largest, e in the dual of F",
        How.DERIVED,
    )
    hull = apply(LEAST, "max_i <z_i,e> never rises: the hull along F never grows", moved, weights)
    end = "z_i, along F, ends at vertices of a convex polytope"
    if row.number == "2":
        end = f"<z_i,ψ_1> ends at {row.most} levels at most"
    return Sheet((moved, weights, hull, unproved(end)), words)


def draw_rows(flow: Flow, row: Row, budget: Budget) -> Trial:
    """Run random draws to their limits, and test the shapes."""
    missing = unmet(row)
    if missing:
        return Trial(silent=missing)
    cases = max(budget.cases, _FULL) if budget.full else budget.cases
    worst, counts, late = np.inf, list[int](), list[str]()
    shown: dict[str, float] = {"off": 0.0, "hull": 0.0, "ratio": np.inf, "slope": 0.0}
    while len(counts) < cases:
        draw = drawn(row, budget.rng)
        told = draw.hypothesis(row)
        while not told.holds:  # the sign of a score is a coin
            draw = drawn(row, budget.rng)
            told = draw.hypothesis(row)
        margin, words, found = looked_at(flow, row, draw)
        if margin == np.inf:
            late.append(words)
            if len(late) > 2 + cases // _LATE:
                return Trial(silent=f"{len(late)} draws, {words}")
            continue
        worst = min(worst, margin)
        n, d = draw.points.shape
        if margin < 0:
            case = len(counts) + len(late) + 1
            text = f"{flow.name}, n = {n}, d = {d}, β = {draw.beta:.4g}, draw {case}: {words}"
            return Trial(text, margin, case)
        counts.append(found.levels)
        shown["off"] = max(shown["off"], found.to_vertices)
        shown["hull"] = max(shown["hull"], found.hull_growth)
        shown["ratio"] = min(shown["ratio"], found.gap_ratio)
        shown["slope"] = max(shown["slope"], abs(found.slope - float(row.slope or 0)))
    seen = _summary(row, shown, counts, len(late), budget)
    if row.number == "2":
        margin, words = three_levels(flow, row, budget.rng)
        if margin < 0:
            return Trial(f"{flow.name}: {words}", margin, cases + 1)
        worst, seen = min(worst, margin), f"{seen}; {words}"
    return Trial("", worst, cases, seen=seen)


def _summary(
    row: Row, shown: dict[str, float], counts: list[int], late: int, budget: Budget
) -> str:
    if row.number == "4":
        text = f"slopes within {shown['slope']:.2g} of {row.slope} on [10^3, 10^5]"
    elif row.number == "2":
        ratio = f"gaps at least {shown['ratio']:.2g} spreads"
        text = f"{min(counts)} to {max(counts)} levels, {ratio}"
    else:
        text = (
            f"{min(counts)} to {max(counts)} vertices, ends within {shown['off']:.2g} of them, "
            f"support functions in 64 directions grow by {shown['hull']:.1g} at most"
        )
    more = "" if budget.full else f"; --full draws {_FULL}"
    rest = f" at rest, {late} not in time" if late else ""
    return f"{len(counts)} draws{rest}: {text}{more}"


ROWS: Statement[Row] = Statement(
    "", "limit shapes of Table 1", decide, refute=refute, trial=draw_rows
)

_SCORES = beta * X * Q.T * K * X.T
NEIGHBOURS = replace(
    PURE_ATTENTION,
    name="attention to neighbours on R^d",
    velocity=RowSoftmax(_SCORES, m, Mask.band(1)) * X * V.T,
)
GROWING = replace(PURE_ATTENTION, name="V = +I", velocity=-1 * PURE_ATTENTION.velocity)
_AT_ANY_BETA = Equivalent("another temperature: the row is for every β > 0", HEAT)

_ROW_1 = Row("1", "identity", "definite")
_ROW_2 = Row("2", "simple", "indefinite", most=3)
_ROW_3 = Row("3", "paranormal", "definite")
_ROW_4 = Row("4", "minus", "identity", slope=Rational(-1, 2))


TABLE_1_ROW_1 = Claim(
    "Table 1, row 1",
    "V = I, Q^T K positive definite: the hull of z in (9.3) never grows, and z ends at vertices of "
    "a convex polytope.",
    PURE_ATTENTION,
    _ROW_1,
    ROWS,
    (
        Control("token i sees i - 1, i, i + 1 only", model=NEIGHBOURS),
        Control("all tokens meet in one point", prediction=replace(_ROW_1, most=1)),
        Control("x' = -Σ_j A_ij V x_j", model=GROWING),
    ),
    Verdict.SUPPORTED,
    cases=6,
    equivalents=(_AT_ANY_BETA,),
)


TABLE_1_ROW_2 = Claim(
    "Table 1, row 2",
    "λ_1 of V simple, of largest real part, > 0, <Qφ_1,Kφ_1> > 0: coordinates of z along φ_1 end "
    "at three levels at most, gaps 10³ spreads or more.",
    PURE_ATTENTION,
    _ROW_2,
    ROWS,
    (
        Control("token i sees i - 1, i, i + 1 only", model=NEIGHBOURS),
        Control("at one level", prediction=replace(_ROW_2, most=1)),
        Control("at two levels", prediction=replace(_ROW_2, most=2)),
        Control("x' = -Σ_j A_ij V x_j", model=GROWING),
    ),
    Verdict.SUPPORTED,
    cases=4,
    equivalents=(
        _AT_ANY_BETA,
        Equivalent("four levels at most is weaker", ("prediction.most: + 1",)),
    ),
)


TABLE_1_ROW_3 = Claim(
    "Table 1, row 3",
    "R^d = F + G, both V-invariant, V = λ > 0 on F, spectral radius on G < λ, Q^T K positive "
    "definite: projections of z to F along G end at vertices of a polytope.",
    PURE_ATTENTION,
    _ROW_3,
    ROWS,
    (
        Control(
            "weights e^{β<Qx_i,Kx_j>} m_j, not divided by Z_i", model=EQUATION_9_3.controls[0].model
        ),
        Control("projections at right angles", prediction=replace(_ROW_3, along="right angles")),
        Control("all meet in one point of F", prediction=replace(_ROW_3, most=1)),
    ),
    Verdict.SUPPORTED,
    cases=4,
    equivalents=(_AT_ANY_BETA,),
)


TABLE_1_ROW_4 = Claim(
    "Table 1, row 4",
    "V = -I, Q^T K = I: all x of (9.1) tend to 0, max|x| like t^{-1/2} (starts of smallest "
    "singular value >= 0.3, t to 10^5).",
    PURE_ATTENTION,
    _ROW_4,
    ROWS,
    (
        Control("V = +I", model=GROWING),
        Control("t^{-1/3}", prediction=replace(_ROW_4, slope=Rational(-1, 3))),
        Control("t^{-1}", prediction=replace(_ROW_4, slope=S.NegativeOne)),
    ),
    Verdict.SUPPORTED,
    cases=3,
    equivalents=(
        Equivalent("another speed, or temperature: the same power", ("*.velocity: × β", *SPEED)),
        _AT_ANY_BETA,
    ),
)


CLAIMS = (TABLE_1_ROW_1, TABLE_1_ROW_2, TABLE_1_ROW_3, TABLE_1_ROW_4)
