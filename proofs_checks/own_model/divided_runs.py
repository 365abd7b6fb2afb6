"""(6.11) of tokens without lengths whose outputs are divided by theirs, as those of nGPT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Dummy,
    Expr,
    MatMul,
    Mul,
    Pow,
    S,
    simplify,
    sqrt,
)

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.proof import (
    MEAN_VALUE,
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    chord_algebra,
    contraction_algebra,
    derived,
    schedule_of,
)
from proofs_checks.proof.kinds import ALIKE, IN_TIME, SPHERE
from proofs_checks.propositions import Subject
from proofs_checks.theorems import H, Refusal, pull_of
from theory.atoms import RowSoftmax
from theory.symbols import X, beta, m, t
from theory.terms import Entry, Index, Inner, Number, Row, residual, total

_I, _J = Index("i"), Index("j")


@dataclass(frozen=True)
class Divided:
    """Tokens that move by ``s P_i A_i/|A_i|``, A the softmax of ``b <x_i,x_j>``.

    Attributes
    ----------
    pace, heat : Expr
        s > 0 and b, of t.
    clock : Expr
        ∫s.
    """

    pace: Expr
    heat: Expr
    clock: Expr

    @property
    def hottest(self) -> Expr | None:
        """Largest |b| at a time t >= 0, if it is the one at 0; None where that isn't seen."""
        hot, later = Dummy("b", nonnegative=True), Dummy("t", nonnegative=True)
        size = Abs(self.heat).subs({beta: hot, t: later})
        start = size.subs(later, 0)
        falls = simplify(start - size)
        return start.subs(hot, beta) if falls.is_nonnegative else None


def divided_of(flow: Flow) -> Divided | None:
    """Return what divided outputs move tokens by; None for other models.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [divided_of(Flow.of(catalogue(name))) is None for name in ("nGPT", "SA", "peri-LN")]
    [False, True, True]
    """
    if is_code_or_ends(flow) or {block.symbol for block in flow.model.blocks} != {X}:
        return None
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal):
        return None
    shares = {a for a in pull.weight.atoms(Entry) if a.args[1:] == (_I, _J)}
    if len(shares) != 1:
        return None
    share = shares.pop()
    output = total(Row(X, _J) * share, _J)
    roots = {a.base for a in pull.weight.atoms(Pow) if a.exp == -S.Half and a.base.has(Number)}
    if not roots or any(residual(Inner(output, output), base) != 0 for base in roots):
        return None
    pace = simplify(pull.weight / share * Mul(*map(sqrt, roots)))
    heat = _heat(share.args[0])
    if heat is None or pace.has(Number):
        return None
    schedule = schedule_of(pace)
    clock = pace * t if schedule.constant else schedule.elapsed
    return Divided(pace, heat, clock) if clock is not None and schedule.sign == 1 else None


def _heat(weights: Any) -> Expr | None:
    """Return b of a softmax of b <x_i,x_j> over all tokens."""
    if type(weights) is not RowSoftmax or weights.masses != m:
        return None
    scores = weights.scores
    heat, product = scores.as_coeff_mmul() if isinstance(scores, MatMul) else (S.One, scores)
    return heat if product == X * X.T else None


def _radial() -> Step:
    return derived(
        "|v/|v| - w/|w|| <= |v - w|/h, |v|, |w| >= h: |a x - b y|² >= |x - y|² for a, b >= 1",
        contraction_algebra(),
        "(a - b)² + 2 (a b - 1)(1 - <u,v>)",
    )


@dataclass(frozen=True)
class Near:
    """Early and late bounds of |g_ij - γ|.

    Attributes
    ----------
    own : Divided
    rate : Expr
        ``1 + (1 + 2κ)/h``, κ the largest |b|.
    meets : Evidence
        The row Theorem 6.3.
    """

    own: Divided
    rate: Expr
    meets: Evidence

    @property
    def early(self) -> str:
        """How the early bound is written."""
        return f"2 ε_0 e^(({self.rate}) {self.own.clock})"


def derive_near(flow: Flow) -> Near | None:
    """Return both bounds where tokens of a hemisphere are known to meet."""
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    own = divided_of(flow)
    most = None if own is None else own.hottest
    if own is None or most is None or flow.equal_angles[0] is None:
        return None
    meets = asked(questions()["Theorem 6.3"], flow)
    if meets.verdict is not Verdict.PROVED or meets.scope.get("existence") == "not shown":
        return None
    return Near(own, 1 + (1 + 2 * most) / H, meets)


def decide_near(flow: Flow, near: Near) -> Sheet:
    """Compare tokens with those of equal angles, and split a difference."""
    own = near.own
    words = "|dA_i| <= D + max |ds_ij| <= (1 + 2κ) D, D = max |dx_j|, κ the largest |b|"
    form = Step(f"x_i' = s P_i A_i/|A_i|, s = {own.pace}", How.DERIVED)
    long = apply(TRIANGLE, "|A_i| >= <A_i,w> >= h: |dA_i/|A_i|| <= |dA_i|/h", form)
    chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    steps = (form, apply(MEAN_VALUE, words, form), _radial(), long, chords)
    text = f"W' <= s ({near.rate}) W, W = max |x_i - y_i|, y_i of equal angles"
    grows = apply(TRIANGLE, text, *steps)
    grown = f"W <= ε_0 e^(({near.rate}) {own.clock})"
    grow = Step(grown, How.BY_RULE, evidence="Gronwall's inequality")
    early = apply(TRIANGLE, f"|g_ij - γ| <= 2 max |x_i - y_i| <= {near.early}", grow)
    meets = Step(f"Theorem 6.3: {near.meets.sentence}", How.BY_STATEMENT)
    late = apply(TRIANGLE, "|g_ij - γ| <= max(1 - g_ij, 1 - γ) <= 2 δ², δ the bound of D", meets)
    words_of = {"n": "symbolic", "d": "symbolic, >= n", "masses": "1/n"}
    words_of |= {k: v for k, v in near.meets.scope.items() if k in ("beta", "given", "existence")}
    return Sheet((*steps, grows, grow, early, meets, late), words_of, (), "both bounds")


def say_near(flow: Flow, near: Near) -> str:
    """Say both bounds."""
    said = "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)"
    return f"{said}, early {near.early}; late 2 δ², δ the bound of Theorem 6.3, h the least height"


OF_DIVIDED: Mapping[str, Statement[Near]] = {
    "(6.11)": Statement[Near](
        "(6.11)",
        "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)",
        decide_near,
        derive_near,
        domain=(IN_TIME, SPHERE, ALIKE),
        several_blocks=True,
        says=say_near,
    ),
}


__all__ = ["OF_DIVIDED", "Divided", "divided_of"]
