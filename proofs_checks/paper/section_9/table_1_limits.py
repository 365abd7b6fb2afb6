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
its geometric test. Row 4 is slow: the slope of log max|x| in log t is measured from 10³ to 10⁵.
Where a hypothesis fails, as for Q^T K = -I, nothing is asserted.

References
----------
arXiv 2312.10794, Table 1, which quotes arXiv 2305.05465.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Rational, S

from numerics.limits import (
    CLEAR,
    NEAR,
    SCORES,
    VALUES,
    LimitShape,
    RowHypothesis,
    limit_shape,
    places,
    table_1,
    vertices,
)
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_9.eq_9_1_9_2_9_3_rescaled import EQUATION_9_3
from proofs_checks.proof import (
    HEAT,
    LEAST,
    SPEED,
    Array,
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
from theory.atoms import RowSoftmax
from theory.masks import Mask
from theory.models import PURE_ATTENTION
from theory.symbols import K, Q, V, X, beta, m


@dataclass(frozen=True)
class Row:
    """A row of Table 1.

    Attributes
    ----------
    number : str
        "1" to "4".
    values, scores : str
        Names in ``numerics.limits.triples``: how V and Q^T K are drawn.
    most : int
        Largest number of places at which leading parts end; None: any number.
    slope : Expr
        Of log max|x| in log t, where nothing grows.
    along : {"G", "right angles"}
        How tokens are projected to F.
    starts : {"spread", "flat"}
        Starts of smallest singular value at least 0.3, or less.
    """

    number: str
    values: str
    scores: str
    most: int | None = None
    slope: Expr | None = None
    along: str = "G"
    starts: str = "spread"


_FULL = 60
"""Draws of a full run."""

_TRIES = 50
"""Draws among which one is to meet the hypothesis: the sign of a score is a coin."""

_LEAST = 0.3
"""Smallest singular value of a start of row 4: below, the decay takes longer to show."""

_HULL = 1e-8
"""What the integrator, of relative tolerance 1e-9, may add to a support function."""


_SLOPE = 0.01
"""What a slope of row 4 may be off."""


@dataclass(frozen=True)
class Draw:
    """Tokens and matrices; Q = I."""

    points: Array
    form: Array
    value: Array
    beta: float

    def hypothesis(self, row: Row) -> RowHypothesis:
        """Evaluate the hypothesis of the row."""
        rows = table_1(np.eye(len(self.value)), self.form, self.value, self.beta)
        return rows[int(row.number) - 1]


def _drawn(row: Row, rng: np.random.Generator) -> Draw:
    """Draw tokens and matrices of a row; in row 2 the form gets the sign that is asked for."""
    d = int(rng.integers(3 if row.number == "3" else 2, 5))
    n = int(rng.integers(3 * d, 15))
    value = VALUES[row.values](rng, d)
    form = SCORES[row.scores](rng, d)
    points = rng.standard_normal((n, d))
    while row.starts == "spread" and np.linalg.svd(points, compute_uv=False)[-1] < _LEAST:
        points = rng.standard_normal((n, d))
    if row.starts == "flat":
        points[:, -1] *= 0.1 / np.linalg.norm(points[:, -1])
    hot = 1.0 if row.number == "4" else float(rng.uniform(0.5, 3.0))
    return Draw(points, form, value, hot)


def _vacuous(row: Row) -> str:
    """Say which hypothesis of a row no draw meets, "" if one does."""
    rng, reason = np.random.default_rng(0), ""
    for _ in range(_TRIES):
        draw = _drawn(row, rng)
        told = draw.hypothesis(row)
        least = float(np.linalg.svd(draw.points, compute_uv=False)[-1])
        if row.number == "4" and least < _LEAST:
            return f"start of smallest singular value {least:.2g} < {_LEAST}"
        if told.holds:
            return ""
        reason = f"hypothesis of row {row.number} not met: {told.text}: {told.reason}"
    return reason


def refute(flow: Flow, row: Row | None, budget: Budget) -> Counterexample | None:
    """Rows 1 to 3 are of z in (9.3): show a flow that isn't (9.3) in these coordinates."""
    if row is None or row.number == "4":
        return None
    claim = EQUATION_9_3
    return statement_of(claim).refute(flow, claim.prediction, budget)


def decide(flow: Flow, row: Row) -> Sheet:
    """Prove that the hull never grows, of rows 1 to 3; the limit is a gap."""
    missing = _vacuous(row)
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


def _at_right_angles(found: LimitShape) -> tuple[float, str]:
    """Test of row 1 on projections to F at right angles, in place of those along G."""
    run, size = found.run, found.leading_dimension
    heads = run.z_at(-1) @ run.parts.basis[:, :size]
    extent = float(np.linalg.norm(run.leading[0] - run.leading[0].mean(axis=0), axis=1).max())
    there = places(heads, NEAR * extent)
    ends = there.centres[vertices(there.centres, NEAR * extent)]
    away = np.linalg.norm(heads[:, None] - ends[None], axis=-1).min(axis=1).max() / extent
    return 1 - away / NEAR, f"{away:.3g} from the vertices, at right angles to F"


def _ends_at_vertices(found: LimitShape, row: Row) -> tuple[float, str]:
    margin = 1 - found.to_vertices / NEAR
    words = f"a leading part is {found.to_vertices:.3g} from every vertex of their hull"
    if row.along != "G":
        margin, words = _at_right_angles(found)
    if row.most and found.levels > row.most:
        margin, words = -1.0, f"leading parts end at {found.levels} places, not {row.most}"
    return margin, words


def _ends_on_levels(found: LimitShape, row: Row) -> tuple[float, str]:
    margin = min(found.gap_ratio / CLEAR - 1, 1e6)
    words = f"gaps are {found.gap_ratio:.3g} spreads only"
    if row.most is not None and found.levels > row.most:
        margin, words = -1.0, f"{found.levels} levels, not {row.most} at most"
    return margin, words


def _decays(found: LimitShape, row: Row) -> tuple[float, str]:
    lengths = np.linalg.norm(found.run.leading, axis=-1).max(axis=1)
    if lengths[-1] > lengths[0]:
        return -1.0, f"max|x| grows, from {lengths[0]:.3g} to {lengths[-1]:.3g}"
    margin = 1 - abs(found.slope - float(row.slope or 0)) / _SLOPE
    return margin, f"slope {found.slope:.5f} of log max|x|, not {row.slope}"


_TESTS: Mapping[str, Callable[[LimitShape, Row], tuple[float, str]]] = {
    "1": _ends_at_vertices,
    "2": _ends_on_levels,
    "3": _ends_at_vertices,
    "4": _decays,
}


def _looked_at(flow: Flow, row: Row, draw: Draw) -> tuple[float, str, LimitShape]:
    """Margin of a draw, negative where it fails, and the words for that."""
    eye = np.eye(len(draw.value))
    found = limit_shape(draw.points, eye, draw.form, draw.value, draw.beta, model=flow.model)
    if row.number != "4" and found.hull_growth > _HULL:
        return -1.0, f"a support function of the hull grows, by {found.hull_growth:.3g}", found
    if row.number != "4" and not found.run.status.settled:
        return np.inf, f"unfinished: {found.run.status.message}", found
    margin, words = _TESTS[row.number](found, row)
    return margin, words, found


def draw_rows(flow: Flow, row: Row, budget: Budget) -> Trial:
    """Run random draws to their limits, and test the shapes."""
    missing = _vacuous(row)
    if missing:
        return Trial(silent=missing)
    cases = max(budget.cases, _FULL) if budget.full else budget.cases
    worst, counts = np.inf, list[int]()
    shown: dict[str, float] = {"off": 0.0, "hull": 0.0, "ratio": np.inf, "slope": 0.0}
    for case in range(1, cases + 1):
        draw = _drawn(row, budget.rng)
        told = draw.hypothesis(row)
        while not told.holds:  # the sign of a score is a coin
            draw = _drawn(row, budget.rng)
            told = draw.hypothesis(row)
        margin, words, found = _looked_at(flow, row, draw)
        if margin == np.inf:
            return Trial(silent=words)
        worst = min(worst, margin)
        n, d = draw.points.shape
        if margin < 0:
            text = f"{flow.name}, n = {n}, d = {d}, β = {draw.beta:.4g}, draw {case}: {words}"
            return Trial(text, margin, case)
        counts.append(found.levels)
        shown["off"] = max(shown["off"], found.to_vertices)
        shown["hull"] = max(shown["hull"], found.hull_growth)
        shown["ratio"] = min(shown["ratio"], found.gap_ratio)
        shown["slope"] = max(shown["slope"], abs(found.slope - float(row.slope or 0)))
    return Trial("", worst, cases, seen=_summary(row, shown, counts, budget))


def _summary(row: Row, shown: dict[str, float], counts: list[int], budget: Budget) -> str:
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
    return f"{len(counts)} draws: {text}{more}"


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
        Control("x' = -Σ_j A_ij V x_j", model=GROWING),
    ),
    Verdict.SUPPORTED,
    cases=4,
    equivalents=(
        _AT_ANY_BETA,
        Equivalent("four levels at most is weaker", ("prediction.most: + 1",)),
        Equivalent(
            "two levels: the third, 0, is that of exceptional starts, which no draw is",
            ("prediction.most: - 1",),
        ),
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
