"""Lipschitz bounds of any softmax, T13, and states where no constant bounds the growth of chords.

For ``A_i = Σ_j a_ij x_j`` with weights >= 0 of sum at most 1, |A_i| <= 1; scores that move by at
most L times the largest chord move A_i by at most 1 + L of it, so chords grow at most at the rate
2 + L, whoever sees whom. Two families of states show that there is no constant: short lengths, and
outputs near 0 that are divided by their length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    MatAdd,
    MatMul,
    Rational,
    S,
    Symbol,
    exp,
    limit,
    oo,
    simplify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget
from proofs_checks.own_model.kernel_bounds import KernelBounds, kernel_bounds
from proofs_checks.own_model.states import (
    INFINITE,
    has_rows_alone,
    lengths_of,
    short,
    velocities_at,
)
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
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, features_in, pull_of
from theory.atoms import MaskedSoftmax, RowSoftmax, Tangent
from theory.bounded import affordable, simplified
from theory.function_ranges import log_slope
from theory.positions import Rotary
from theory.symbols import X, beta, m, t, z
from theory.terms import Index, Item, Number, total
from theory.weights import SinkSoftmax

OTHER = Index("j")
TOTAL = Symbol("M", positive=True)
"""Sum of the masses."""


def _slope(scores: Any) -> Expr | None:
    """Return L: the scores move by at most L times the largest move of a row, in the unit ball."""
    if isinstance(scores, MatAdd):
        parts = [_slope(part) for part in scores.args]
        return None if None in parts else Add(*parts)
    if X not in scores.free_symbols:
        return S.Zero
    if not isinstance(scores, MatMul):
        return None
    factor, rest = scores.as_coeff_mmul()
    rows: tuple[Any, ...] = rest.args if isinstance(rest, MatMul) else ()
    if len(rows) != 2 or rows[1].T != rows[0]:
        return None
    turned = isinstance(rows[0], Rotary) and rows[0].args[0] == X
    return 2 * Abs(factor) if rows[0] == X or turned else None


@dataclass(frozen=True)
class Shares:
    """A field c A X with A_ij = m_j e^(s_ij) over its sum, or over that and a sink's share.

    Attributes
    ----------
    factor : Expr
        c.
    slope : Expr
        L: scores s_ij move by at most L times the largest move of a token.
    spread : Expr
        The most that scores of a row differ by, what they have of places apart.
    softmax : RowSoftmax, SinkSoftmax or None
        A as it stands; None for features, s_ij = log <φ(x_i), ψ(x_j)>.
    at_rest : bool
        Whether scores of features are one number at β = 0.
    """

    factor: Expr
    slope: Expr
    spread: Expr
    softmax: Any = None
    at_rest: bool = False


def shares_of(flow: Flow) -> Shares | None:
    """Return the shares of a softmax with any mask, places or sink, or of positive features."""
    model, velocity = flow.model, flow.model.velocity
    ends = flow.schedule is not None and flow.schedule.ends
    if flow.code or ends or len(model.blocks) > 1 or model.kind != "flow":
        return None
    if not isinstance(velocity, Tangent) or not isinstance(velocity.field, MatMul):
        return None
    field = velocity.field.xreplace(flow.values)
    factor, rest = field.as_coeff_mmul()
    parts: tuple[Any, ...] = rest.args if isinstance(rest, MatMul) else ()
    if len(parts) != 2 or parts[1] != X or not isinstance(parts[0], MatrixExpr):
        return _of_features(flow)
    weights = parts[0]
    if type(weights) not in (RowSoftmax, MaskedSoftmax, SinkSoftmax) or weights.masses != m:
        return None
    if isinstance(weights, SinkSoftmax) and X in getattr(weights.sink, "free_symbols", ()):
        return None
    slope = _slope(weights.scores)
    return None if slope is None else Shares(factor, slope, slope, weights)


def _of_features(flow: Flow) -> Shares | None:
    """Return the shares <φ(x_i), ψ(x_j)> m_j over their sum, by |d log φ| <= L |dx|."""
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal) or isinstance(pull.positive, Refusal):
        return None
    found = features_in(pull.weight)
    if found is None:
        return None
    product, rows = found
    term = product * Item(m, OTHER)
    factor = pull.weight * total(term, OTHER) / term
    if factor.has(Number):
        return None
    names = {s: Dummy(str(s), nonnegative=True) for s in (beta, t)}
    slopes = [log_slope(body.xreplace(names), far) for body, far in rows]
    if any(slope is None for slope in slopes):
        return None
    back: dict[Any, Any] = {new: old for old, new in names.items()}
    back |= {c: Symbol(f"|{c.args[0]}|", nonnegative=True) for _, c in rows if c.args}
    own, other = ((a * far).xreplace(back) for a, (_, far) in zip(slopes, rows, strict=True))
    cold = all(z not in body.subs(beta, 0).free_symbols for body, _ in rows)
    return Shares(factor, own + other, 2 * other, at_rest=cold)


def derive_rate(flow: Flow) -> Expr | None:
    """Return ``|c| (2 + L)`` of a field c A X, A a softmax with any mask, places or sink.

    A may be of positive features too. Of weights m_j k(<x_i,x_j>) it is 2 M (max|k| + max|k'|).
    """
    found = shares_of(flow)
    if found is None:
        own = kernel_bounds(flow)
        return None if own is None else 2 * TOTAL * (own.most + own.slope)
    hot, later = Dummy("b", nonnegative=True), Dummy("t", nonnegative=True)
    rate = (Abs(found.factor) * (2 + found.slope)).subs({beta: hot, t: later})
    return simplify(rate).subs({hot: beta, later: t})


def _of_kernel(flow: Flow, own: KernelBounds, rate: Expr) -> Sheet:
    """Add up the bounds of a sum that isn't divided."""
    chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    form = Step(
        f"A_i = Σ_j m_j k(<x_i,x_j>) x_j over the tokens seen, k = {own.kernel}", How.DERIVED
    )
    bounded = Step(f"|k| <= {own.most}, |k'| <= {own.slope} on [-1, 1]", How.DERIVED)
    short = apply(TRIANGLE, "|A_i| <= M max|k|, M = Σ_j m_j", form, bounded)
    words = "|dA_i| <= M (max|k| + 2 max|k'|) D, as |d<x_i,x_j>| <= 2 D, D = max |dx_j|"
    moved = apply(MEAN_VALUE, words, form, bounded)
    grows = apply(SUM, f"D' <= {rate} D", chords, short, moved, terms={"|x-y|²": ">= 0"})
    steps = (chords, form, bounded, short, moved, grows)
    return Sheet(steps, {**SYMBOLIC}, (), f"one-sided constant {rate}, M = Σ m_j")


def decide_rate(flow: Flow, rate: Expr) -> Sheet:
    """Add up the bounds of the output and of its move."""
    found = shares_of(flow)
    own = None if found is not None else kernel_bounds(flow)
    if own is not None:
        return _of_kernel(flow, own, rate)
    chords = derived("<x-y, P_x m - P_y m'> by chords (CHORD)", chord_algebra())
    form = Step(f"A_i = Σ_j a_ij x_j, a_ij >= 0, Σ_j a_ij <= 1, {scores_said(found)}", How.DERIVED)
    short = apply(TRIANGLE, "|A_i| <= 1", form)
    words = "da_ij = a_ij (ds_ij - Σ_k a_ik ds_ik): |dA_i| <= D + max |ds_ij|, D = max |dx_j|"
    moved = apply(MEAN_VALUE, words, form)
    grows = apply(SUM, f"D' <= {rate} D", chords, short, moved, terms={"|x-y|²": ">= 0"})
    words_of = {**SYMBOLIC, "beta": "symbolic, >= 0"}
    return Sheet((chords, form, short, moved, grows), words_of, (), f"one-sided constant {rate}")


def scores_said(found: Shares | None) -> str:
    """Say what scores are, and for features how fast they move."""
    if found is None or found.softmax is not None:
        return "scores <x_i,x_j> turned"
    said = "scores s_ij = log <φ(x_i),ψ(x_j)>"
    return f"{said}: |ds_ij| <= {found.slope} D, as |d log φ| + |d log ψ| is at most that"


def say_rate(flow: Flow, rate: Expr) -> str:
    """Say the constant."""
    said = f"(max_i |x_i - y_i|)' <= {rate} times it"
    mass = ", M = Σ m_j" if TOTAL in rate.free_symbols else ""
    return f"one-sided Lipschitz in max_i |x_i - y_i|: {said}{mass}"


NEAR = Symbol("s", positive=True)
"""What tends to 0 along a family of pairs of states."""


def _turned(s: Any) -> list[Any]:
    """Return the unit vector at the angle 2 atan s, rational in s."""
    return [(1 - s**2) / (1 + s**2), 2 * s / (1 + s**2)]


def _opposite(vector: list[Any]) -> list[Any]:
    return [-entry for entry in vector]


def _families(hot: Expr) -> tuple[tuple[str, Any, Any, list[Any], list[Any]], ...]:
    """Name, both starts, masses and lengths; the starts differ in the last token alone."""
    east = [S.One, S.Zero]
    tilted = [Rational(4, 5), Rational(3, 5)]
    up, down = _opposite(_turned(NEAR)), _opposite(_turned(-NEAR))
    equal = [Rational(1, 2)] * 2
    return (
        (
            "x = (u, -u), y = (u, -v), <u,v> = 4/5, lengths s, masses 1/2",
            [east, _opposite(east)],
            [east, _opposite(tilted)],
            equal,
            [NEAR, NEAR],
        ),
        (
            "x_1 = y_1 = u, x_2, y_2 at the angle 2 atan s from -u on either side, "
            "m = (e^(-β<x_1,x_2>), e^(-β)), so that token 2 weighs both alike",
            [east, up],
            [east, down],
            [exp(hot * _turned(NEAR)[0]), exp(-hot)],
            [S.One, S.One],
        ),
    )


def _grows(growth: Expr) -> bool:
    """Whether a quotient grows along a family, by two values: limits of others take minutes."""
    far, near = (growth.subs(NEAR, Rational(1, 10**k)).evalf(60) for k in (4, 8))
    told = all(value.is_number and value.is_finite for value in (far, near))
    return told and bool(abs(near) > 100 * abs(far))


def _other_masses(flow: Flow) -> Counterexample | None:
    """Find the same tokens with other masses, which are of the state: they part at once."""
    at = {p: S.One for p in flow.model.parameters if p not in flow.values}
    tokens, heavy = [[S.One, S.Zero], [S.Zero, S.One]], [Rational(3, 4), Rational(1, 4)]
    try:
        one, two = (
            velocities_at(flow, tokens, masses, (), at)[X][0] for masses in ([S.Half] * 2, heavy)
        )
    except (ValueError, NotImplementedError, ZeroDivisionError):
        return None
    apart = sum((a - b) ** 2 for a, b in zip(one, two, strict=True))
    if not simplify(apart).is_positive:
        return None
    said = "the same orthogonal tokens with masses 1/2, and 3/4, 1/4: D = 0, x_1' differ, so D' > 0"
    put = ", ".join(f"{a} = {b}" for a, b in at.items())
    return Counterexample(f"n = 2, {said}{'; ' if put else ''}{put}", {"n": "2"})


def refute_rate(flow: Flow, rate: Expr | None, budget: Budget) -> Counterexample | None:
    """Find a family of pairs of states along which the growth of chords has no bound."""
    if rate is not None or not has_rows_alone(flow) or X not in flow.model.velocities:
        return None
    if m in flow.model.velocities:
        return _other_masses(flow)
    timed = (t,) if any(t in v.free_symbols for v in flow.model.velocities.values()) else ()
    at = {p: S.One for p in (*flow.model.parameters, *timed) if p not in flow.values}
    hot = flow.values.get(beta, S.One)
    if not hot.is_number:
        return None
    for named, first, second, masses, lengths in _families(hot)[not lengths_of(flow) :]:
        try:
            one, two = (
                velocities_at(flow, tokens, masses, lengths, at)[X][-1]
                for tokens in (first, second)
            )
        except (ValueError, NotImplementedError, ZeroDivisionError):
            continue
        chord = [a - b for a, b in zip(first[-1], second[-1], strict=True)]
        length = sum(a * a for a in chord)

        moved = [(c / length, a, b) for c, a, b in zip(chord, one, two, strict=True) if c != 0]
        if not _grows(sum(c * (a - b) for c, a, b in moved)):
            continue
        growth = sum(c * (short(a) - short(b)) for c, a, b in moved)
        growth = simplified(growth)
        if growth.has(*INFINITE) or NEAR not in growth.free_symbols or not affordable(growth):
            continue
        if limit(growth, NEAR, 0, "+") == oo:
            scaled = simplify(limit(NEAR * growth, NEAR, 0, "+"))
            put = ", ".join(f"{a} = {b}" for a, b in {**flow.values, **at}.items())
            text = f"n = 2, {named}: D'/D s -> {scaled} as s -> 0, D = |x_2 - y_2|, at {put}"
            return Counterexample(text, {"n": "2"})
    return None


ONE_SIDED: Statement[Expr] = Statement(
    "Lipschitz bound",
    "one-sided Lipschitz in max_i |x_i - y_i|",
    decide_rate,
    derive_rate,
    refute_rate,
    several_blocks=True,
    says=say_rate,
)


__all__ = ["ONE_SIDED", "Shares", "scores_said", "shares_of"]
