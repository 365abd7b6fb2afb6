"""(4.5) and (6.11) where tokens have lengths: how far residual vectors v_i = r_i x_i part.

They are moved by v_i' = s A_i, or s A_i/|A_i|, A_i a mean of the tokens by softmax, and x_i is v_i
over its length: of vectors of length ρ at least directions part by 1/ρ times as much at most. In an
open hemisphere lengths grow, h (r_0 + S) <= r_i with S = ∫s (T8a), so two solutions part by a power
of 1 + S/r_0. Where outputs are divided by their length, nearly opposite tokens undo (4.5).
"""

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
from proofs_checks.propositions import Subject, written
from proofs_checks.theorems import H, Refusal, Theorem, at_least, pull_of
from theory.atoms import RowSoftmax
from theory.symbols import X, beta, m, r, t
from theory.terms import Entry, Index, Inner, Item, Number, Row, residual, total

_I, _J = Index("i"), Index("j")


@dataclass(frozen=True)
class Residual:
    """Tokens whose residual vectors move by ``s A_i``, A the softmax of ``b <x_i,x_j>``.

    Or tokens without lengths, whose outputs are divided by theirs.

    Attributes
    ----------
    pace, heat : Expr
        s > 0 and b, of t.
    divided : bool
        Whether A_i is divided by its length.
    clock : Expr
        ∫s.
    low : Theorem, optional
        ``h (r_0 + ∫s) <= r_i`` from an open hemisphere; of tokens alone, without lengths, none.
    """

    pace: Expr
    heat: Expr
    divided: bool
    clock: Expr
    low: Theorem | None = None

    @property
    def hottest(self) -> Expr | None:
        """Largest |b| at a time t >= 0, if it is the one at 0; None where that isn't seen."""
        hot, later = Dummy("b", nonnegative=True), Dummy("t", nonnegative=True)
        size = Abs(self.heat).subs({beta: hot, t: later})
        start = size.subs(later, 0)
        falls = simplify(start - size)
        return start.subs(hot, beta) if falls.is_nonnegative else None


def residual_of(flow: Flow) -> Residual | None:
    """Return what residual vectors are moved by; None for other models.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [residual_of(Flow.of(catalogue(name))) is None for name in ("peri-LN", "SA", "window")]
    [False, True, True]
    """
    ends = flow.schedule is not None and flow.schedule.ends
    blocks = {block.symbol for block in flow.model.blocks}
    if flow.code or ends or blocks not in ({X, r}, {X}):
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
    if any(residual(Inner(output, output), base) != 0 for base in roots):
        return None
    length = Item(r, _I) if r in blocks else S.One
    pace = simplify(pull.weight * length / share * Mul(*map(sqrt, roots)))
    heat = _heat(share.args[0])
    if heat is None or pace.has(Number):
        return None
    if r not in blocks:
        schedule = schedule_of(pace)
        clock = pace * t if schedule.constant else schedule.elapsed
        known = roots and clock is not None and schedule.sign == 1
        return Residual(pace, heat, True, clock) if known else None
    low, forward, _ = at_least(pull)  # says that r_i x_i moves by a sum of tokens
    if isinstance(low, Refusal) or isinstance(forward, Refusal):
        return None
    clock = forward.says.right
    if simplify(clock.diff(t) - pace) != 0:
        return None
    return Residual(pace, heat, bool(roots), clock, low)


def _heat(weights: Any) -> Expr | None:
    """Return b of a softmax of b <x_i,x_j> over all tokens."""
    if type(weights) is not RowSoftmax or weights.masses != m:
        return None
    scores = weights.scores
    heat, product = scores.as_coeff_mmul() if isinstance(scores, MatMul) else (S.One, scores)
    return heat if product == X * X.T else None


# -- (6.11) --------------------------------------------------------------------------------------


def _radial() -> Step:
    return derived(
        "|v/|v| - w/|w|| <= |v - w|/ρ, |v|, |w| >= ρ: |a x - b y|² >= |x - y|² for a, b >= 1",
        contraction_algebra(),
        "(a - b)² + 2 (a b - 1)(1 - <u,v>)",
    )


@dataclass(frozen=True)
class Near:
    """Early and late bounds of |g_ij - γ|, for equal lengths r_0 at the start.

    Attributes
    ----------
    own : Residual
    power : Expr
        ``(1 + 2κ)/h``, over h once more where outputs are divided by their length; of tokens
        without lengths the rate ``1 + (1 + 2κ)/h``.
    meets : Evidence
        The row Theorem 6.3.
    """

    own: Residual
    power: Expr
    meets: Evidence

    @property
    def early(self) -> str:
        """How the early bound is written."""
        if self.own.low is None:
            return f"2 ε_0 e^(({self.power}) {self.own.clock})"
        base = f"(1 + ({self.own.clock})/r_0)"
        return f"2 ε_0 {base}^({self.power} - 1)/h"


def derive_near(flow: Flow) -> Near | None:
    """Return both bounds where tokens of a hemisphere are known to meet."""
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    own = residual_of(flow)
    most = None if own is None else own.hottest
    if own is None or most is None or flow.equal_angles[0] is None:
        return None
    meets = asked(questions()["Theorem 6.3"], flow)
    if meets.verdict is not Verdict.PROVED or meets.scope.get("existence") == "not shown":
        return None
    slope = (1 + 2 * most) / H
    if own.low is None:
        return Near(own, 1 + slope, meets)
    return Near(own, slope / H if own.divided else slope, meets)


def decide_near(flow: Flow, near: Near) -> Sheet:
    """Compare residual vectors of tokens and of equal angles, and split a difference."""
    own = near.own
    words = "|dA_i| <= D + max |ds_ij| <= (1 + 2κ) D, D = max |dx_j|, κ the largest |b|"
    output = "A_i/|A_i|" if own.divided else "A_i"
    of = "x_i' = s P_i" if own.low is None else "v_i = r_i x_i has v_i' = s"
    form = Step(f"{of} {output}, s = {own.pace}", How.DERIVED)
    steps = [form, apply(MEAN_VALUE, words, form), _radial()]
    if own.divided:
        steps.append(apply(TRIANGLE, "|A_i| >= <A_i,w> >= h: |dA_i/|A_i|| <= |dA_i|/h", form))
    if own.low is None:
        chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
        steps.append(chords)
        text = f"W' <= s ({near.power}) W, W = max |x_i - y_i|, y_i of equal angles"
        grown = f"W <= ε_0 e^(({near.power}) {own.clock})"
    else:
        long = f"T8a, of both: {written(own.low.says)}, S = {own.clock}"
        steps.append(Step(long, How.DERIVED))
        text = f"W' <= s ({near.power}) W/(r_0 + S), W = max |v_i - w_i|, w_i of equal angles"
        grown = f"W <= r_0 ε_0 (1 + S/r_0)^({near.power}), |x_i - y_i| <= W/(h (r_0 + S))"
    grows = apply(TRIANGLE, text, *steps)
    part = Step(grown, How.BY_RULE, evidence="Gronwall's inequality")
    early = apply(TRIANGLE, f"|g_ij - γ| <= 2 max |x_i - y_i| <= {near.early}", part)
    meets = Step(f"Theorem 6.3: {near.meets.sentence}", How.BY_STATEMENT)
    late = apply(TRIANGLE, "|g_ij - γ| <= max(1 - g_ij, 1 - γ) <= 2 δ², δ the bound of D", meets)
    words_of = {"n": "symbolic", "d": "symbolic, >= n", "masses": "1/n"}
    words_of |= {k: v for k, v in near.meets.scope.items() if k in ("beta", "given", "existence")}
    words_of |= {} if own.low is None else {"lengths": "equal at the start, r_0"}
    whole = (*steps, grows, part, early, meets, late)
    return Sheet(whole, words_of, (), "residual vectors part by a power, and tokens meet")


def say_near(flow: Flow, near: Near) -> str:
    """Say both bounds."""
    lengths = "" if near.own.low is None else ", lengths r_0"
    said = f"masses 1/n{lengths}: independent tokens have |g_ij - γ| <= min(early, late)"
    return f"{said}, early {near.early}; late 2 δ², δ the bound of Theorem 6.3, h the least height"


OF_RESIDUALS: Mapping[str, Statement[Any]] = {
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


__all__ = ["OF_RESIDUALS", "Residual", "residual_of"]
