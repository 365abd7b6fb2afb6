"""(4.4) and (4.5) of other weights: how far flows at β and at 0 part, and lengths that undo it.

Scores S + θ s, s what β brings in, |s| <= L/2, move the output c A_i by |c| L/2 at most: its slope
in θ is a covariance of numbers in [-L/2, L/2] and of vectors in the unit ball, under weights whose
sum is at most 1. At β = 0 weights are constants, and chords grow at the rate 2|c| at most. Weights
m_j k(β<x_i,x_j>) that aren't divided move it by β sup|k'| Σ_j m_j, chords grow at 2 k(0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Dummy,
    Expr,
    Integral,
    MatAdd,
    Rational,
    S,
    Symbol,
    cancel,
    exp,
    fraction,
    integrate,
    limit,
    log,
    oo,
    simplify,
    solve,
    together,
)

from proofs_checks.claim import Budget
from proofs_checks.own_model.shares import Shares, shares_of
from proofs_checks.own_model.states import has_rows_alone, lengths_of, short, velocities_at
from proofs_checks.proof import (
    MEAN_VALUE,
    SUM,
    SYMBOLIC,
    TRIANGLE,
    Counterexample,
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
from theory.engines import inner, residual, vectors
from theory.positive_part import PositivePart
from theory.symbols import X, beta, t, z

NEAR = Symbol("rho", positive=True)
"""Lengths that tend to 0."""


@dataclass(frozen=True)
class Parting:
    """A bound of ``max_i |x_i^β(t) - x_i^0(t)|``.

    Attributes
    ----------
    pace, force : Expr
        |c|, and f = |c| L/2.
    bound : Expr
        L/4 (e^(2 ∫|c|) - 1).
    hottest : Expr
        β at which that is 1/8.
    slope : Expr
        sup |k'| of weights m_j k(β<x_i,x_j>); 0 of a softmax.
    featured : bool
        Whether scores are the logarithms of products of features.
    """

    pace: Expr
    force: Expr
    bound: Expr
    hottest: Expr
    slope: Expr = S.Zero
    featured: bool = False


def derive_parting(flow: Flow) -> Parting | None:
    """Return the bound of a softmax that has constant weights at β = 0."""
    if beta not in flow.model.parameters:
        return None
    own = left_free(flow, [str(beta)])
    found = shares_of(own)
    if found is None:
        return _of_kernel(own)
    if not _constant_when_cold(found):
        return None
    factor, spread = found.factor, found.spread
    hot, later = Dummy("b", positive=True), Dummy("t", positive=True)
    share = simplify((spread / beta).subs({beta: hot, t: later}))
    pace = simplify(Abs(factor).subs(t, later))
    if not share.is_positive or hot in share.free_symbols or later in share.free_symbols:
        return None
    total = integrate(pace, (later, 0, t))
    if total.has(Integral) or not pace.is_positive:
        return None
    grown = exp(2 * total) - 1
    bound = simplify(share * beta / 4 * grown)
    pace = pace.subs(later, t)
    force, hottest = simplify(pace * share * beta / 2), simplify(1 / (2 * share * grown))
    return Parting(pace, force, bound, hottest, featured=found.softmax is None)


def _constant_when_cold(found: Shares) -> bool:
    """Whether at β = 0 weights are constants, and nothing but the scores of pairs has β."""
    if found.softmax is None:
        return found.at_rest and beta not in found.factor.free_symbols
    weights = found.softmax
    parts = weights.scores.args if isinstance(weights.scores, MatAdd) else (weights.scores,)
    moved = [part for part in parts if X in part.free_symbols]
    if any(part.as_coeff_mmul()[0].subs(beta, 0) != 0 for part in moved):
        return False
    rest = [part for part in parts if part not in moved]
    return all(
        beta not in getattr(a, "free_symbols", ()) for a in (found.factor, _sink(weights), *rest)
    )


def _of_kernel(flow: Flow) -> Parting | None:
    """Return the bound of weights m_j k(β<x_i,x_j>), k(0) >= 0, of masses that sum to 1."""
    form = flow.form
    if form is None or form.normalised or not flow.autonomous.holds or flow.code:
        return None
    place, weight = Symbol("u", real=True), form.scale * form.kernel
    function = weight.subs({beta: S.One, z: place})
    if simplify(function.subs(place, beta * z) - weight) != 0:
        return None
    slope, start = _steepest(function, place), function.subs(place, 0)
    if slope is None or not start.is_nonnegative:
        return None
    later = t if start == 0 else (exp(2 * start * t) - 1) / (2 * start)
    bound = simplify(slope * beta * later)
    return Parting(start, slope * beta, bound, simplify(1 / (8 * slope * later)), slope)


def _steepest(function: Expr, place: Symbol) -> Expr | None:
    """Return sup |k'| of k linear, the positive part of it, or rational in e^u; else None."""
    plain = function.replace(lambda e: isinstance(e, PositivePart), lambda e: e.args[0])
    if plain.is_polynomial(place):
        straight = all(part.args[1] == 1 for part in function.atoms(PositivePart))
        slope = plain.diff(place)
        constant = straight and place not in slope.free_symbols and slope.is_nonzero
        return Abs(slope) if constant else None
    power = Symbol("w", positive=True)
    rising = simplify(function.diff(place)).subs(place, log(power))
    top = cancel(together(rising))
    if not top.is_rational_function(power):
        return None
    others = {s: Dummy(str(s), positive=True) for s in top.free_symbols - {power}}
    ends = [limit(top.subs(others), power, end) for end in (0, oo)]
    turns = solve(fraction(cancel(top.diff(power)))[0], power)
    values = [simplify(top.subs(power, turn)) for turn in turns]
    if ends != [0, 0] or not values or not all(value.is_positive for value in values):
        return None
    return values[0] if len(values) == 1 else None


def _sink(weights: Any) -> Any:
    """Return the sink of a softmax, 0 where it has none."""
    return getattr(weights, "sink", S.Zero)


def _kernel_steps(parting: Parting) -> tuple[Step, ...]:
    """Bound the force of weights m_j k(β g) and the growth of chords at k(0)."""
    chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    form = Step("x_i' = P_i Σ_j m_j k(β g_ij) x_j, Σ_j m_j = 1", How.DERIVED)
    steep = Step(f"|k'| <= {parting.slope}, by its extrema", How.DECIDED)
    text = f"|k(β g) - k(0)| <= {parting.force} =: f for |g| <= 1, so |F^β - F^0| <= f"
    force = apply(MEAN_VALUE, text, form, steep)
    cold = Step(f"at β = 0 A = {parting.pace} Σ_j m_j x_j, |A| <= {parting.pace}", How.DERIVED)
    text = f"D' <= 2 ({parting.pace}) D + f, D = max_i |x_i^β - x_i^0|"
    grows = apply(SUM, text, chords, cold, force, terms={"|x-y|²": ">= 0"})
    return chords, form, steep, force, cold, grows


def _steps(parting: Parting) -> tuple[Step, ...]:
    if parting.slope != 0:
        return _kernel_steps(parting)
    chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    scores, largest = "scores S + β s, |s| <= 1 times what is read", "max |s_ij|"
    if parting.featured:
        spread = simplify(2 * parting.force / parting.pace)
        scores = f"scores s_ij = log <φ(x_i),ψ(x_j)>, within {spread} of each other in a row"
        scores += ": a ratio of two is at most the largest of ψ(x_j)/ψ(x_k), |x_j - x_k| <= 2"
        largest = f"{spread}/2"
    form = Step(f"A_i = Σ_j a_ij x_j, a_ij >= 0, Σ_j a_ij <= 1, {scores}", How.DERIVED)
    short_ = apply(TRIANGLE, "|A_i| <= 1", form)
    words = f"dA_i/dθ = Σ_j a_ij (s_ij - Σ_k a_ik s_ik) x_j, a covariance: at most {largest}"
    force = apply(
        MEAN_VALUE, f"|F^β - F^0| <= {parting.force} =: f", form, short_, Step(words, How.DERIVED)
    )
    cold = Step("at β = 0 the weights are constants: |A_i(x) - A_i(y)| <= D", How.DERIVED)
    grows = apply(
        SUM,
        f"D' <= 2 ({parting.pace}) D + f, D = max_i |x_i^β - x_i^0|",
        chords,
        short_,
        cold,
        force,
        terms={"|x-y|²": ">= 0"},
    )
    return chords, form, short_, force, cold, grows


def decide_parting(flow: Flow, parting: Parting) -> Sheet:
    """Compare D with the solution of v' = 2|c| v + f that starts at 0."""
    steps = _steps(parting)
    left = parting.bound.diff(t) - 2 * parting.pace * parting.bound - parting.force
    solves = derived(f"v = {parting.bound} has v' = 2|c| v + f", simplify(left))
    starts = derived("v(0) = 0", simplify(parting.bound.subs(t, 0)))
    below = Step(f"D <= {parting.bound}", How.BY_RULE, evidence="comparison, D(0) = 0")
    words = {**SYMBOLIC, "beta": "symbolic, >= 0"}
    words |= {"masses": "symbolic, sum 1"} if parting.slope != 0 else {}
    return Sheet((*steps, solves, starts, below), words, (), f"D <= {parting.bound}")


def say_parting(flow: Flow, parting: Parting) -> str:
    """Say the bound."""
    return f"flows at β and at 0 part by {parting.bound} at most"


def short_lengths(flow: Flow, parting: Parting | None, budget: Budget) -> Counterexample | None:
    """Find lengths near 0 at which flows at 1 and at 0 part faster than any constant at t = 0."""
    if parting is not None or not lengths_of(flow) or not has_rows_alone(flow):
        return None
    if beta not in flow.model.parameters:
        return None
    free = {p: S.One for p in flow.model.parameters if p not in flow.values and p != beta}
    tokens, masses = [[S.One, S.Zero], [S.Zero, S.One]], [S.Half, S.Half]
    own = left_free(flow, [str(beta)])
    moves = []
    for hot in (S.One, S.Zero):
        at = {beta: hot, t: S.Zero, **free}
        try:
            found = velocities_at(own, tokens, masses, [NEAR, NEAR], at)[X][0]
            moves.append([short(entry) for entry in found])
        except (ValueError, NotImplementedError, ZeroDivisionError):
            return None
    parted = [cancel((a - b) * NEAR) for a, b in zip(*moves, strict=True)]
    ends = [limit(entry, NEAR, 0, "+") for entry in parted]
    if not any(end.is_finite and end.is_nonzero for end in ends):
        return None
    named = ", ".join(f"{p} = {value}" for p, value in free.items())
    text = (
        "n = 2, tokens (1, 0), (0, 1), masses 1/2, lengths ρ, β = 1: at t = 0 the velocities of "
        f"x_1 at β and at 0 differ by {ends}/ρ, more than any f as ρ -> 0"
    )
    return Counterexample(f"{text}{'; ' if named else ''}{named}", {"n": "2", "d": "2"})


def decide_kept(flow: Flow, parting: Parting) -> Sheet:
    """Put β_m in the bound, and split a difference of inner products."""
    own = decide_parting(flow, parting)
    value = simplify(parting.bound.subs(beta, parting.hottest))
    hottest = derived(f"at β_m = {parting.hottest} the bound is 1/8, t = m", value - S.One / 8)
    rises = Step(f"{parting.bound} rises with β", How.DERIVED, evidence="it is linear in β")
    x, y, p, q = vectors("x y p q", unit="x y p q")
    left = residual(inner(x, y) - inner(p, q) - inner(x - p, y) - inner(p, y - q))
    part = derived("<x,y> - <x',y'> = <x-x',y> + <x',y-y'>", left)
    kept = apply(TRIANGLE, "<x',y'> >= 3/4 - 2/8 = 1/2", part)
    total = derived("3/4 - 2/8 = 1/2", Rational(3, 4) - Rational(2, 8) - S.Half)
    words = {**own.words, "beta": "0 <= β <= β_m"}
    said = f"the bound is 1/8 at β_m = {parting.hottest}"
    return Sheet((*own.steps, hottest, rises, part, kept, total), words, (), said)


def say_kept(flow: Flow, parting: Parting) -> str:
    """Say β_m."""
    said = f"up to the time t at β <= {parting.hottest}: a deviation of at most 1/8"
    return f"{said}; 3/4-clustered becomes 1/2-clustered"


DEVIATION: Statement[Parting] = Statement(
    "(4.4)",
    "flows at β and at 0 part by f(β) (e^{2t}-1)/2 at most, f the bound of the force",
    decide_parting,
    derive_parting,
    short_lengths,
    several_blocks=True,
    says=say_parting,
    varies=(beta,),
)
KEPT: Statement[Parting] = Statement(
    "(4.5)",
    "up to the time m at β <= β_m: a deviation of at most 1/8; 3/4-clustered becomes 1/2-clustered",
    decide_kept,
    derive_parting,
    several_blocks=True,
    says=say_kept,
    varies=(beta,),
)


__all__ = ["DEVIATION", "KEPT", "Parting"]
