"""Sinkhorn's weights, A_ij = e^(p_i + S_ij + p_j) m_j of rows that sum to 1: how far p moves.

Scores of a row differ by at most L, so potentials do, and A_ij >= ε m_j/M, ε = e^(-2L). Where
scores move by dS, dp = -b - A dp, b_i = Σ_k A_ik dS_ik, and A shrinks ranges by 1 - ε: that of dp
is at most that of b over ε. The rest is as for a softmax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Dummy,
    Expr,
    Integral,
    MatMul,
    Min,
    Rational,
    S,
    Symbol,
    exp,
    integrate,
    simplify,
)

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.proof import (
    MEAN_VALUE,
    SUM,
    SYMBOLIC,
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    chord_algebra,
    derived,
    left_free,
)
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.models import Model
from theory.symbols import X, beta, m, t

_RANGE = Symbol("w", nonnegative=True)
_COLD = Rational(1, 4)
"""L up to which e^(2L) < 2, as e < 4: there the force is at most 3L/2, which is easy to invert."""


@dataclass(frozen=True)
class Potentials:
    """A field c A X with A_ij = e^(p_i + h <x_i,x_j> + p_j) m_j.

    Attributes
    ----------
    factor, heat : Expr
        c and h.
    """

    factor: Expr
    heat: Expr

    @property
    def reach(self) -> Expr:
        """L = 2|h|: scores differ by at most L, and move by at most L times the largest move."""
        return self._plain(2 * Abs(self.heat))

    @property
    def pace(self) -> Expr:
        """|c|."""
        return self._plain(Abs(self.factor))

    def _plain(self, expr: Expr) -> Expr:
        hot, later = Dummy("b", nonnegative=True), Dummy("t", nonnegative=True)
        return simplify(expr.subs({beta: hot, t: later})).subs({hot: beta, later: t})


def potentials_of(flow: Flow) -> Potentials | None:
    """Return c and h of Sinkhorn's weights over all tokens; None for other fields.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN
    >>> potentials_of(Flow.of(SINKHORN)), potentials_of(Flow.of(SA))
    (Potentials(factor=1, heat=beta), None)
    """
    model, velocity = flow.model, flow.model.velocities.get(X)
    ends = flow.schedule is not None and flow.schedule.ends
    if flow.code or ends or len(model.blocks) > 1 or model.kind != "flow":
        return None
    if not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    field = velocity.field.xreplace(flow.values)
    factor, rest = field.as_coeff_mmul() if isinstance(field, MatMul) else (S.One, field)
    parts: tuple[Any, ...] = rest.args if isinstance(rest, MatMul) else ()
    if len(parts) != 2 or parts[1] != X or not isinstance(parts[0], Sinkhorn):
        return None
    scores = parts[0].scores
    heat, product = scores.as_coeff_mmul() if isinstance(scores, MatMul) else (S.One, scores)
    known = parts[0].masses == m and product == X * X.T
    return Potentials(factor, heat) if known else None


def _form(own: Potentials) -> tuple[Step, Step, Step]:
    """Say the weights, how far potentials are apart, and how far they move."""
    reach = own.reach
    form = Step(
        f"A_ij = e^(p_i + S_ij + p_j) m_j, S = {own.heat} X X^T, Σ_j A_ij = 1, A_i = Σ_j A_ij x_j",
        How.DERIVED,
    )
    low = "e^(-p_i) = Σ_k m_k e^(S_ik + p_k), |S_ik - S_jk| <= L: |p_i - p_j| <= L"
    shares = apply(MEAN_VALUE, f"{low}, so A_ij >= e^(-2L) m_j/M, L = {reach}", form)
    words = (
        "dp = -b - A dp, b_i = Σ_k A_ik dS_ik; I + A has an inverse, as A > 0 is stochastic and "
        "its powers are m-symmetric; rows of A share e^(-2L): range(A u) <= (1 - e^(-2L)) range(u)"
    )
    contracts = "r <= range(b) + (1 - e^(-2L)) r for r = range(dp)"
    moves = Step(f"range(dp) <= e^(2L) range(b): {words}", How.BY_RULE, evidence=contracts)
    return form, shares, moves


# -- β beside 0 ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parted:
    """Bounds of max |x_i^β - x_i^0|.

    Attributes
    ----------
    own : Potentials
    force, bound : Expr
        f = L/2 + (e^(2L) - 1)/4, and |c| times it added up with the growth of chords.
    cold, hottest : Expr
        β with L = 1/4, and β where the bound by f <= 3L/2 is 1/8.
    """

    own: Potentials
    force: Expr
    bound: Expr
    cold: Expr
    hottest: Expr


def derive_parted(flow: Flow) -> Parted | None:
    """Return the bounds where L is a multiple of β and c is free of it."""
    if beta not in flow.model.parameters:
        return None
    own = potentials_of(left_free(flow, [str(beta)]))
    if own is None or beta in own.factor.free_symbols:
        return None
    share = simplify(own.reach / beta)
    later = Dummy("t", positive=True)
    total = integrate(own.pace.subs(t, later), (later, 0, t))
    if not share.is_positive or share.free_symbols & {beta, t} or total.has(Integral):
        return None
    grown = exp(2 * total) - 1
    force = own.reach / 2 + (exp(2 * own.reach) - 1) / 4
    return Parted(own, force, force / 2 * grown, _COLD / share, 1 / (6 * share * grown))


def decide_parted(flow: Flow, parted: Parted) -> Sheet:
    """Compare D with the solution of v' = 2|c| v + |c| f that starts at 0."""
    own, pace = parted.own, parted.own.pace
    chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    form, shares, moves = _form(own)
    words = "scores θ S: |dA_i/dθ| <= (range(S_i·) + range(dp/dθ))/2 <= L/2 + L e^(2Lθ)/2"
    slope = apply(MEAN_VALUE, words, form, moves)
    whole = integrate(own.reach / 2 + own.reach * exp(2 * own.reach * _RANGE) / 2, (_RANGE, 0, 1))
    added = derived(f"its integral over θ is f = {parted.force}", simplify(whole - parted.force))
    cold = Step("at β = 0 weights are m_j/M: |A_i(x) - A_i(y)| <= D", How.DERIVED)
    text = f"D' <= 2 ({pace}) D + ({pace}) f, D = max_i |x_i^β - x_i^0|"
    grows = apply(SUM, text, chords, slope, added, cold, terms={"|x-y|²": ">= 0"})
    left = parted.bound.diff(t) - 2 * pace * parted.bound - pace * parted.force
    solves = derived(f"v = {parted.bound} has v' = 2|c| v + |c| f", simplify(left))
    starts = derived("v(0) = 0", simplify(parted.bound.subs(t, 0)))
    below = Step(f"D <= {parted.bound}", How.BY_RULE, evidence="comparison, D(0) = 0")
    steps = (chords, form, shares, moves, slope, added, cold, grows, solves, starts, below)
    return Sheet(steps, {**SYMBOLIC, "beta": "symbolic, >= 0"}, (), f"D <= {parted.bound}")


def say_parted(flow: Flow, parted: Parted) -> str:
    """Say the bound."""
    return f"flows at β and at 0 part by {parted.bound} at most"


def decide_kept(flow: Flow, parted: Parted) -> Sheet:
    """Put β_m in the bound by 3L/2."""
    whole = decide_parted(flow, parted)
    reach = parted.own.reach
    text = "L <= 1/4: (e^(2L) - 1)/4 <= L e^(2L)/2 <= L, as e < 4, so f <= 3L/2"
    less = apply(MEAN_VALUE, text, *whole.steps[5:6])
    line = 3 * reach / 4 * (parted.bound / (parted.force / 2))
    left = simplify(line.subs(beta, parted.hottest) - Rational(1, 8))
    hottest = derived(f"3L/4 (e^(2∫|c|) - 1) = 1/8 at β = {parted.hottest}", left)
    kept = apply(TRIANGLE, "<x',y'> >= 3/4 - 2/8 = 1/2, as both tokens move by 1/8", hottest, less)
    words = {**whole.words, "beta": "0 <= β <= β_m"}
    said = f"the bound is 1/8 at most for β <= β_m = {heat_kept(parted)}"
    return Sheet((*whole.steps, less, hottest, kept), words, (), said)


def heat_kept(parted: Parted) -> Expr:
    """Return β_m, the smaller of both."""
    return Min(parted.cold, parted.hottest)


def say_kept(flow: Flow, parted: Parted) -> str:
    """Say β_m."""
    said = f"up to the time t at β <= {heat_kept(parted)}: a deviation of at most 1/8"
    return f"{said}; 3/4-clustered becomes 1/2-clustered"


# -- the velocity as a gradient ------------------------------------------------------------------


def derive_slope(flow: Flow) -> Evidence | None:
    """Return (3.7) of the softmax of the same scores, for masses m_k e^(p_k) that are held."""
    from proofs_checks.discovery import questions

    own = potentials_of(flow)
    if own is None or own.factor.free_symbols or flow.values:
        return None
    softmax = Tangent(X, own.factor * RowSoftmax(own.heat * X * X.T, m) * X)
    found = questions()["(3.7)"].ask(Flow.of(Model("softmax", softmax, parameters=(beta,))))
    return found if found.verdict is Verdict.PROVED else None


def decide_slope(flow: Flow, found: Evidence) -> Sheet:
    """Read Sinkhorn's weights as the softmax of masses m_k e^(p_k)."""
    own = potentials_of(flow)
    assert own is not None  # the row is of it
    form, *_ = _form(own)
    text = "e^(-p_i) = Σ_k m_k e^(p_k) e^(S_ik): A is the softmax of S for masses m_k e^(p_k)"
    shares = Step(text, How.DERIVED)
    row = Step(f"(3.7) for every masses: {found.sentence}", How.BY_STATEMENT)
    words = {**SYMBOLIC, "beta": "symbolic, nonzero"}
    return Sheet((form, shares, row), words, (), "(3.7) for masses m_k e^(p_k), p held")


def say_slope(flow: Flow, found: Evidence) -> str:
    """Say the potential."""
    own = potentials_of(flow)
    assert own is not None  # the row is of it
    return (
        f"velocity = grad of {own.factor / own.heat}*log ∫e^({own.heat}<x,y> + p(y)) dμ(y), p the "
        "potential of μ, held"
    )


OF_POTENTIALS: Mapping[str, Statement[Any]] = {
    one.name: one
    for one in (
        Statement[Parted](
            "(4.4)",
            "flows at β and at 0 part by f(β) (e^{2t}-1)/2 at most, f the bound of the force",
            decide_parted,
            derive_parted,
            says=say_parted,
            varies=(beta,),
        ),
        Statement[Parted](
            "(4.5)",
            "up to the time m at β <= β_m: a deviation of at most 1/8",
            decide_kept,
            derive_parted,
            says=say_kept,
            varies=(beta,),
        ),
        Statement[Evidence](
            "(3.7)",
            "velocity = grad of β^{-1} log ∫e^{β<x,y> + p(y)} dμ(y), p the potential",
            decide_slope,
            derive_slope,
            says=say_slope,
        ),
    )
}


__all__ = ["OF_POTENTIALS", "Potentials", "potentials_of"]
