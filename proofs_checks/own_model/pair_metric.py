"""Remark 3.8 and (7.1) on measures, of models that climb an energy of pairs at speeds, T5.

With τ_i p_ij = m_i m_j k(<x_i,x_j>) the metric that makes the velocity a gradient weighs token i by
w_i = τ_i/m_i, and on the circle x_i' is s_i = 1/w_i times a convolution with h', h' = k. Two places
tell whether the w_i are one factor: a token alone and all others are at two places, as any two are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    Expr,
    S,
    Symbol,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Witness,
    decimal,
    excludes_zero,
)
from proofs_checks.proof.kinds import UNLABELLED
from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import (
    Refusal,
    TwoPlaces,
    attached,
    names_of,
    pairs_convolve,
    potentials_convolve,
    uneven,
    words_of,
)
from theory.symbols import X, m, n, r, t, z
from theory.terms import Entry, Index, Inner, Item, Row
from theory.terms import Number as Term
from theory.terms import weight as as_quotient

_I, _J = Index("i"), Index("j")
_ALONE, _REST, _LEVEL = Symbol("m_1", positive=True), Symbol("mu", positive=True), Symbol("g")
"""Mass of the token at one place, of all at the other, and their inner product."""
_NEAR, _FAR = Symbol("K", positive=True), Symbol("k", positive=True)
"""k(1) and k(g), for k > 0."""
_PHI = Symbol("phi", real=True)


@dataclass(frozen=True)
class Weighed:
    """What τ_i p_ij = m_i m_j k(g_ij) is read off.

    Attributes
    ----------
    kernel : Expr
        k, a function of ``z``.
    weight : Expr
        w_i = τ_i/m_i, a term in the index i.
    """

    kernel: Expr
    weight: Any

    @property
    def said(self) -> str:
        """How w_i is written."""
        return _words(self.weight)


def _words(term: Any) -> str:
    found, _, _ = written(Rel("=", term, term)).partition(" = ")
    return found


@lru_cache(maxsize=16)
def _weighed(subject: Subject) -> Weighed | None:
    own = attached(subject)
    if isinstance(own, Refusal):
        return None
    kernel = (own.weight / (Item(m, _I) * Item(m, _J))).xreplace({Inner(Row(X, _I), Row(X, _J)): z})
    if kernel.has(Term) or kernel.has(Index):
        return None
    return Weighed(sympify(kernel), own.pace / Item(m, _I))


def derive_weights(flow: Flow) -> Weighed | None:
    """Return the kernel and the weights of the metric, for tokens all alike."""
    if is_code_or_ends(flow) or flow.model.noise is not None or flow.model.space != "sphere":
        return None
    return _weighed(Subject.of(flow.model, flow.values))


def of_weights(flow: Flow) -> Shown | None:
    """Say whether weights are one factor, where two places tell."""
    own = derive_weights(flow)
    if own is None or (lengths_of(flow) != () and own.weight.has(Item(r, _I))):
        return None
    if own.weight.has(Term) and z not in own.kernel.free_symbols:
        return None
    found = uneven(Subject.of(flow.model, flow.values), own.kernel, own.weight)
    if found is None:
        return None
    if not own.weight.has(Term):
        return Shown("the metric is round: its weights are 1 for every token", found)
    said = "are one factor for n = 2 equal masses, else not where k varies"
    return Shown(f"the weights w_i = {own.said} of the metric {said}", found)


def unequal_lengths(flow: Flow, prediction: Shown | None, budget: Budget) -> Counterexample | None:
    """Find two tokens of equal masses, and lengths 1 and 2, with different weights."""
    own = derive_weights(flow)
    if prediction is not None or own is None or not own.weight.has(Item(r, _I)):
        return None
    at = TwoPlaces((S.Half, S.Half), (S.One, S(2)), S.Zero)
    free = {p: S.One for p in flow.model.parameters if p not in flow.values and p.is_Symbol}
    put = {**free, n: S(2)}
    for time in (S.Zero, S(100)):  # before and after a change of regime
        try:
            one, two = (at(own.weight, k).subs({**put, t: time}) for k in (0, 1))
        except NotImplementedError:
            return None
        gap = (two / one).evalf(30)
        if gap.is_number and abs(gap - 1) > S(10) ** -20:
            shown = ", ".join(f"{p} = 1" for p in free)
            text = (
                f"two orthogonal tokens, masses 1/2, lengths 1 and 2: w_2/w_1 = {gap.n(6)}, "
                f"w_i = {own.said}"
            )
            return Counterexample(f"{text}{'; ' if shown else ''}{shown}, t = {time}", {"n": "2"})
    return None


# -- the circle ----------------------------------------------------------------------------------


def of_convolution(flow: Flow) -> Shown | None:
    """(7.1) on measures: a sum over tokens that is the slope of another, at speeds 1/w_i."""
    if is_code_or_ends(flow) or flow.model.noise is not None or flow.model.space != "sphere":
        return None
    own, subject = derive_weights(flow), Subject.of(flow.model, flow.values)
    turned = own is not None and _is_turned(own.weight)
    found = pairs_convolve(subject) if turned else potentials_convolve(subject)
    if found is None:
        return None
    names = names_of(found.names, [found.says.then])
    said = "on the circle, a convolution with h' at a speed"
    more = f"; {names}" if names else ""
    return Shown(f"{said}: {words_of(found)}{more}", found, words={"d": "2"})


def _is_turned(term: Any) -> bool:
    """Whether a weight knows masses, lengths and inner products alone: it is that of turned tokens.

    A multiple that knows the place of a token makes anything a multiple of anything.
    """
    if isinstance(term, Entry):
        try:
            return _is_turned(as_quotient(term))
        except ValueError:
            return False
    if isinstance(term, Item):
        return bool(term.args[0] in (m, r))
    if isinstance(term, Row):
        return bool(term.args[0] == X)
    return not isinstance(term, MatrixExpr) and all(map(_is_turned, term.args))


def other_when_turned(
    flow: Flow, prediction: Shown | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that move otherwise when all are turned: of convolutions they don't."""
    alone = {block.symbol for block in flow.model.blocks} == {X}
    if prediction is not None or not alone or flow.code or flow.model.noise is not None:
        return None
    if flow.model.kind != "flow" or flow.model.space != "sphere":
        return None
    velocity = flow.model.velocities[X]
    point = Witness(budget.rng, [velocity], tokens=3, width=2)
    turned = [[(3 * a - 4 * b) / 5, (4 * a + 3 * b) / 5] for a, b in point.matrices[X]]
    before, after = point.evaluator()(velocity), point.evaluator({X: turned})(velocity)
    for i, ((a, b), (c, d)) in enumerate(zip(before, after, strict=True), start=1):
        gaps = c - (3 * a - 4 * b) / 5, d - (4 * a + 3 * b) / 5
        for left in gaps:
            if excludes_zero(left):
                said = f"with all tokens turned by the angle of (3/5, 4/5) x_{i}' isn't turned"
                return Counterexample(f"{said}: off by {decimal(left)}, at {point}", {"d": "2"})
    return None


ROUND = replace(
    stated("Remark 3.8", of_weights, (UNLABELLED,), refute=unequal_lengths),
    sentence=(
        "the weights of the metric are one factor for n = 2 equal masses, else not where k varies"
    ),
)
CONVOLVES = stated("(7.1) continuity", of_convolution, (UNLABELLED,), refute=other_when_turned)


__all__ = ["CONVOLVES", "ROUND"]
