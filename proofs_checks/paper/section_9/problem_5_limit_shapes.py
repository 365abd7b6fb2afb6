"""Problem 5: which limit shapes occur beyond Table 1? An open problem, with a sweep as evidence.

How it is proved
----------------
Nobody has a proof: random tokens and matrices by spectrum of V (diagonal, a Jordan block, a
complex pair, negative, singular) and sign of Q^T K, which no row of Table 1 speaks of, or rows that
do. Each pair of ensembles names the shapes that its runs end in; others refute it. Runs that have
not come to rest are counted and say nothing.

References
----------
arXiv 2312.10794, Problem 5; Table 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from numerics.limits import Shape, sweep_limit_shapes
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_9.eq_9_1_9_2_9_3_rescaled import EQUATION_9_3
from proofs_checks.proof import (
    HEAT,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    open_problem,
    statement_of,
)
from theory.models import PURE_ATTENTION


@dataclass(frozen=True)
class Seen:
    """Shapes that the runs of a pair of ensembles end in.

    Attributes
    ----------
    values, scores : str
        Names in ``numerics.limits``: how V and Q^T K are drawn.
    shapes : tuple of str
        Names of `Shape`.
    """

    values: str
    scores: str
    shapes: tuple[str, ...]


_PRODUCT = Shape.POLYTOPE_TIMES_SUBSPACE.name
_QUICK, _FULL = (2, 5, 3), (12, 8, 3)
"""Runs of a pair, tokens, dimension."""


def decide(flow: Flow, prediction: tuple[Seen, ...]) -> Sheet:
    """Say what nobody has proved."""
    text = "limit shapes for general Q, K, V"
    return Sheet((open_problem(text, "finitely many draws: evidence, not a classification"),))


def refute(
    flow: Flow, prediction: tuple[Seen, ...] | None, budget: Budget
) -> Counterexample | None:
    """Show a flow that isn't (9.3) in these coordinates."""
    return statement_of(EQUATION_9_3).refute(flow, EQUATION_9_3.prediction, budget)


def draw_shapes(flow: Flow, prediction: tuple[Seen, ...], budget: Budget) -> Trial:
    """Sweep the pairs, and compare the shapes of runs at rest with those that are named."""
    runs, n, d = _FULL if budget.full else _QUICK
    words, cases, unfinished = [], 0, 0
    scope = {"n": str(n), "d": str(d), "beta": "1"}
    for seen in prediction if budget.full else prediction[:_PAIRS]:
        found = sweep_limit_shapes(
            [seen.values], [seen.scores], n=n, d=d, runs=runs, rng=budget.rng, model=flow.model
        )
        counts = found.count(seen.values, seen.scores)
        unfinished += counts.pop(Shape.UNKNOWN, 0)
        cases += runs
        text = ", ".join(f"{shape.value} {count}" for shape, count in counts.items())
        where = f"V {seen.values}, Q^T K {seen.scores}"
        if not {shape.name for shape in counts} <= set(seen.shapes):
            return Trial(f"{where}, {runs} draws: {text}", -1.0, cases, scope=scope)
        levels = found.levels[~np.isin(found.shapes, [tuple(Shape).index(Shape.UNKNOWN)])]
        most = f", {levels.max()} places at most" if levels.size else ""
        outside = "" if found.rows.any() else " (no row of Table 1)"
        words.append(f"{where}{outside}: {text or 'none at rest'}{most}")
    if unfinished == cases:
        return Trial(silent="no run has come to rest", cases=cases, scope=scope)
    left = f"; {unfinished} of {cases} not at rest" if unfinished else ""
    left += "" if budget.full else "; --full adds Jordan blocks, complex pairs, diagonal V"
    rest = 1 - unfinished / cases  # the share of runs that came to rest
    return Trial("", rest, cases, seen=f"{'; '.join(words)}{left}", scope=scope)


def _all_at_once(model: object, prediction: object) -> tuple[tuple[object, object], ...]:
    return ((model, prediction),)


SHAPES: Statement[tuple[Seen, ...]] = Statement(
    "",
    "limit shapes for general Q, K, V",
    decide,
    refute=refute,
    trial=draw_shapes,
    cases=_all_at_once,  # type: ignore[arg-type]
)

_SEEN = (
    Seen("identity", "indefinite", ("POINT", "POLYTOPE")),
    Seen("identity", "negative", ("POINT",)),
    Seen("negative", "identity", ("ORIGIN",)),
    Seen("singular", "minus", ("ESCAPE",)),
    Seen("singular", "identity", ("KERNEL",)),
    Seen("jordan", "identity", (_PRODUCT,)),
    Seen("complex", "negative", (_PRODUCT,)),
    Seen("diagonal", "negative", ("HYPERPLANES", "ESCAPE")),
)
_PAIRS = 5
"""Pairs of a quick run: the others are stiff."""


def _but(values: str, scores: str, *shapes: str) -> tuple[Seen, ...]:
    """Return one pair, said to end in other shapes."""
    return (Seen(values, scores, shapes),)


PROBLEM_5 = Claim(
    "Problem 5",
    "Beyond Table 1: V = I with Q^T K < 0 ends in a point, V < 0 with Q^T K = I at the origin, "
    "singular V <= 0 on its kernel, Jordan blocks and complex pairs in polytope x subspace; -V may "
    "escape.",
    PURE_ATTENTION,
    _SEEN,
    SHAPES,
    (
        Control("V = I, Q^T K = I: one point", prediction=_but("identity", "identity", "POINT")),
        Control(
            "V < 0, Q^T K = I: a polytope", prediction=_but("negative", "identity", "POLYTOPE")
        ),
        Control(
            "V singular, Q^T K = I: the origin", prediction=_but("singular", "identity", "ORIGIN")
        ),
        Control("V = -I, Q^T K = -I: the origin", prediction=_but("minus", "minus", "ORIGIN")),
        Control(
            "x' = -Σ_j A_ij V x_j",
            model=replace(PURE_ATTENTION, name="-V", velocity=-1 * PURE_ATTENTION.velocity),
        ),
    ),
    Verdict.OPEN,
    cases=2,
    equivalents=(Equivalent("the same problem at another temperature", HEAT),),
)


CLAIMS = (PROBLEM_5,)
