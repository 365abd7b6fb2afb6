"""Rows that fail for some matrices of heads and neurons: exact numbers, whatever the scores are.

A head without free values keeps |A_i| <= 1, and gives 0 where all tokens are one. So a neuron that
pulls along e_1, one way on either side of it, keeps two caps apart, and one that pulls one way, or
a value matrix e_1 e_1^T, moves consensus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Abs, Expr, Integer, MatrixSymbol, Min, Rational, S, Transpose, ceiling, sympify

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import unproved
from proofs_checks.proof import Counterexample, Flow, Statement, layer_of, parts_of
from theory.atoms import RowSoftmax
from theory.symbols import X, d, z

NEAR, FAR = Rational(3, 5), Rational(4, 5)
"""Height <x,e_1> at the edge of a cap, and |P_x e_1| there."""
_PLACES = (S.Zero, S.One, -S.One, Integer(2), -Integer(2))
"""Where an activation is looked at: signs and slopes of those in use show there."""


@dataclass(frozen=True)
class Parts:
    """What of a velocity is free.

    Attributes
    ----------
    values : tuple of MatrixSymbol
        Values V of heads, free.
    weight : Expr
        Sum of the factors |c| of heads whose values are the identity.
    layers : tuple
        w, a, b and the activation of each layer, all three free.
    """

    values: tuple[MatrixSymbol, ...]
    weight: Expr
    layers: tuple[tuple[Any, Any, Any, Expr], ...]


def _is_free(matrix: Any, flow: Flow) -> bool:
    """Whether a matrix is a parameter that nobody gave."""
    known = {*flow.values, *flow.model.numbers}
    own = isinstance(matrix, MatrixSymbol) and matrix in flow.model.parameters
    return own and matrix not in known and str(matrix) not in flow.given


def free_parts(flow: Flow) -> Parts | None:
    """Read off which values and neurons of a flow are free; None where a part is neither.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> free_parts(Flow.of(catalogue("low-rank heads"))).values, free_parts(Flow.of(SA))
    ((V_1, V_2), None)
    """
    model = flow.model
    if flow.code or model.space != "sphere" or model.kind != "flow" or len(model.blocks) > 1:
        return None
    found = parts_of(flow)
    if found is None:
        return None
    values, weight, layers = [], S.Zero, []
    for head in found[0]:
        scale, factors = head.xreplace(flow.values).as_coeff_matrices()
        if type(factors[0]) is not RowSoftmax or not scale.is_number:
            return None
        *_, last = factors
        if factors[1:] == [X]:
            weight += Abs(scale)
        elif len(factors) == 3 and isinstance(last, Transpose) and _is_free(last.arg, flow):
            values.append(last.arg)
        else:
            return None
    for term in found[1]:
        w, a, b, body = layer_of(term) or (None, None, None, S.Zero)
        if not all(_is_free(one, flow) for one in (w, a, b)) or body.free_symbols - {z}:
            return None
        layers.append((w, a, b, body))
    values = [v for v in dict.fromkeys(values) if v.shape == (d, d)] if values else []
    return Parts(tuple(values), weight, tuple(layers)) if values or layers else None


def _rest(parts: Parts, used: Any) -> Iterator[str]:
    """Words for what is put to 0 beside what is used."""
    others = [str(v) for v in parts.values if v != used]
    others += [str(w) for w, *_ in parts.layers if w != used]
    if others:
        yield " = ".join([*others, "0"])


def _neurons(parts: Parts) -> Iterator[tuple[str, Any, Callable[[Expr], Expr]]]:
    """Yield neurons along e_1: their words, w, and the pull f(<x,e_1>) for w = ±e_1 of size 1.

    One neuron a = e_1, and two, a = ±e_1 with w of opposite signs, each with a shift b.
    """
    for w, a, b, body in parts.layers:

        def one(g: Expr, at: Expr, body: Expr = body) -> Expr:
            return sympify(body.subs(z, g / NEAR + at))

        def two(g: Expr, at: Expr, one: Any = one) -> Expr:
            return sympify(one(g, at) - one(-g, at))

        for at in _PLACES:
            named = f"{a}_1 = (5/3) e_1, {b}_1 = {at}"
            yield f"{named}, {w} = C (e_1, 0, …)", w, partial(one, at=at)
        if w.shape[1] != 1:
            for at in _PLACES:
                named = f"{a}_1 = -{a}_2 = (5/3) e_1, {b}_1 = {b}_2 = {at}"
                yield f"{named}, {w} = C (e_1, -e_1, 0, …)", w, partial(two, at=at)


def two_caps(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find neurons that keep the tokens of two caps, <x,e_1> >= 3/5 and <= -3/5, in them.

    At the edges |P_x e_1| = 4/5, so the heads move <x,e_1> by 4/5 of their factors at most, and the
    neurons by C f (16/25).
    """
    parts = free_parts(flow)
    if parts is None:
        return None
    for named, w, pull in _neurons(parts):
        up, down = pull(NEAR), pull(-NEAR)
        if not (up * down).is_negative:
            continue
        size = ceiling(parts.weight / FAR / Min(Abs(up), Abs(down))) + 1
        gain = size if up.is_positive else -size
        words = ", ".join((named, f"C = {gain}", *_rest(parts, w)))
        rates = f"C f = {(gain * up).evalf(6)} and {(gain * down).evalf(6)}"
        text = (
            f"{words}: where <x,e_1> = ±3/5 the neurons move it by (16/25) {rates}, heads by at "
            f"most (4/5) {parts.weight}, so tokens stay in the caps <x,e_1> >= 3/5, <= -3/5: an "
            "open set of starts, some in a hemisphere, for every β"
        )
        return Counterexample(text, {"n": ">= 2", "d": ">= 2"})
    return None


def unstable(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find neurons at which consensus e_2 rests and tokens near it part.

    The linearisation along e_1 is K (A - I) + μ I, of norm K at most 2 times the factors; that in
    another direction K (A - I), so for d = 3 the trace is n μ - 2 (n-1) K at least.
    """
    parts = free_parts(flow)
    if parts is None:
        return None
    for named, w, pull in _neurons(parts):
        slope = sympify(pull(z).diff(z).subs(z, 0))
        if pull(S.Zero) != 0 or not slope.is_nonzero:
            continue
        size = ceiling((2 * parts.weight + 1) / Abs(slope))
        gain = size if slope.is_positive else -size
        words = ", ".join((named, f"C = {gain}", *_rest(parts, w)))
        text = (
            f"{words}: all tokens at e_2 rest, and differences along e_1 grow there, at the rate "
            f"{(gain * slope).evalf(6)} - {2 * parts.weight} at least; for d = 3 the trace is > 0"
        )
        return Counterexample(text, {"n": ">= 2", "d": ">= 2"})
    return None


def _moves(parts: Parts) -> tuple[str, str] | None:
    """Choose matrices for which tokens that are one move along ε P_x e_1, or ε <x,e_1> P_x e_1."""
    for w, a, b, body in parts.layers:
        for at in _PLACES:
            value = sympify(body.subs(z, at))
            if value.is_nonzero:
                words = f"{a} = 0, {b}_1 = {at}, {w} = (ε/({value})) (e_1, 0, …)"
                return ", ".join((words, *_rest(parts, w))), ""
    for v in parts.values:
        return ", ".join((f"{v} = ε e_1 e_1^T", *_rest(parts, v))), "<x,e_1> "
    return None


_MOVED: Mapping[str, str] = {
    "(3.3)": "so Z x' is e^h x', h > 0 that of the scores, where the flow without 1/Z has x'",
    "(3.7)": "so x' is not 0, where the gradient is P_x x = 0",
    "(7.1)": "d = 2: θ' is 0 at e_1 and not at x, though all differences of angles are 0",
    "(7.1) continuity": "d = 2: θ' is 0 at e_1 and not at x, where convolutions are the same",
    **dict.fromkeys(
        ("(6.2)", "(6.5)"), "over w = e_2 the least height 4/5 falls, where the bound is 0"
    ),
    "(6.4)": "they tend to e_1, off the cone of their start",
    "(6.7)": "they tend to e_1, α = <x,e_1> has α' <= 2ε(1-α), less than (κ/2n)(1-α) for small ε",
    "(6.8)": "they tend to e_1, 1-α >= (1-α(t0)) e^{-2ε(t-t0)}, more than the bound for small ε",
}
"""What fails of each row where tokens that are one move."""


def consensus_moves(
    row: str, flow: Flow, prediction: None, budget: Budget
) -> Counterexample | None:
    """Find matrices for which tokens that are one move, to e_1 from <x,e_1> > 0."""
    parts = free_parts(flow)
    moved = None if parts is None else _moves(parts)
    if parts is None or moved is None:
        return None
    if row == "(3.3)" and not (parts.layers and parts.weight != 0):
        return None  # what heads alone add up to has its own Z
    words, factor = moved
    text = f"{words}, ε > 0: tokens at x = (3/5, 4/5) have x' = ε {factor}P_x e_1; {_MOVED[row]}"
    return Counterexample(text, {"n": "symbolic", "d": "2" if "(7.1)" in row else ">= 2"})


def moving(flow: Flow) -> str:
    """Say for which matrices consensus isn't at rest, or ""."""
    parts = free_parts(flow)
    moved = None if parts is None else _moves(parts)
    return "" if moved is None else f"consensus isn't at rest: {moved[0]}"


APART = (
    "Theorem 4.1",
    "circle",
    "Theorem 4.2",
    "(4.3)",
    "Theorem 4.3",
    "Theorem 5.1",
    "Theorem 6.1",
    "Theorem 6.3",
    "Lemma 6.4",
    "(6.3)",
    "Theorem 6.7",
)
"""Rows that two caps refute: consensus from almost every start, or from a hemisphere."""


def _row(name: str, refute: Any) -> Statement[None]:
    return Statement(name, "", unproved, refute=refute)


OF_MATRICES: Mapping[str, Statement[None]] = {
    one.name: one
    for one in (
        *(_row(name, two_caps) for name in APART),
        *(_row(name, partial(consensus_moves, name)) for name in _MOVED),
        _row("Remark 6.5", unstable),
        _row("Remark 6.2", unstable),
    )
}
"""Rows that some matrices refute, as statements of their own."""


__all__ = [
    "OF_MATRICES",
    "Parts",
    "consensus_moves",
    "free_parts",
    "moving",
    "two_caps",
    "unstable",
]
