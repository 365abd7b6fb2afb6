"""Remark 3.8 and (7.1) on measures, of models that climb an energy of pairs at speeds, T5.

With τ_i p_ij = m_i m_j k(<x_i,x_j>) the metric that makes the velocity a gradient weighs token i by
w_i = τ_i/m_i, and on the circle x_i' is s_i = 1/w_i times a convolution with h', h' = k. Two places
tell whether the w_i are one factor: a token alone and all others are at two places, as any two are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Expr,
    Mul,
    Poly,
    S,
    Symbol,
    exp,
    expand,
    factor_list,
    log,
    simplify,
    sympify,
    together,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.polys.polyerrors import PolynomialError

from proofs_checks.claim import Budget
from proofs_checks.decide import decide_positive
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import (
    RISING,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Witness,
    apply,
    decided,
    decimal,
    derived,
    excludes_zero,
)
from proofs_checks.proof.kinds import UNLABELLED
from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import (
    Refusal,
    attached,
    names_of,
    pairs_convolve,
    potentials_convolve,
    words_of,
)
from theory.symbols import X, m, n, r, t, z
from theory.terms import Entry, Index, Inner, Item, Multiple, Row, TokenSum, VectorTokenSum
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


class _TwoPlaces:
    """Values of terms where tokens are at two places, by their masses and lengths."""

    def __init__(self, masses: tuple[Any, Any], lengths: tuple[Any, Any], level: Any) -> None:
        self.places = (Index("a"), Index("b"))
        self.items = {
            Item(symbol, place): value
            for symbol, values in ((m, masses), (r, lengths))
            for place, value in zip(self.places, values, strict=True)
        }
        self.level = level

    def __call__(self, term: Any, place: int) -> Expr:
        """Return the value of a term in i, of the token at a place."""
        return self._number(term.xreplace({_I: self.places[place]}))

    def _number(self, term: Any) -> Any:
        if isinstance(term, Entry):
            return self._number(as_quotient(term))
        if isinstance(term, TokenSum) and not term.but:
            return Add(*(self._number(term.opened(place)) for place in self.places))
        if isinstance(term, Item) and term in self.items:
            return self.items[term]
        if isinstance(term, Inner):
            one, two = map(self._vector, term.args)
            pairs = ((a, b, p == q) for p, a in one.items() for q, b in two.items())
            return Add(*(a * b * (S.One if same else self.level) for a, b, same in pairs))
        if isinstance(term, Term):
            raise NotImplementedError(f"Expected sums over two places but got {term}.")
        return term.func(*map(self._number, term.args)) if term.args else term

    def _vector(self, term: Any) -> dict[Any, Any]:
        if isinstance(term, Row) and term.args[0] == X:
            return {term.args[1]: S.One}
        if isinstance(term, Multiple):
            by = self._number(term.args[0])
            return {place: by * value for place, value in self._vector(term.args[1]).items()}
        if isinstance(term, VectorTokenSum):
            parts = [self._vector(term.opened(place)) for place in self.places]
            return {p: Add(*(part.get(p, S.Zero) for part in parts)) for p in self.places}
        raise NotImplementedError(f"Expected a sum of tokens but got {term}.")


def _parted(own: Weighed) -> Expr:
    """Return ``w_1² - w_2²`` at two places, in the values K and k of the kernel there."""
    at = _TwoPlaces((_ALONE, _REST), (S.One, S.One), _LEVEL)
    ends = {own.kernel.subs(z, 1): _NEAR, own.kernel.subs(z, _LEVEL): _FAR}
    first, second = (at(own.weight, place).xreplace(ends) for place in (0, 1))
    return together(first**2 - second**2)


def _is_positive(factor: Expr) -> bool:
    """Whether a polynomial in positive symbols, and t >= 0, has positive coefficients alone."""
    if t in factor.free_symbols and not _is_positive(factor.subs(t, 0)):
        return False
    free = sorted(factor.free_symbols, key=str)
    if not free:
        return bool(factor.is_positive)
    try:
        return all(c.is_positive for c in Poly(factor, *free).coeffs()) and all(
            s.is_positive or s == t for s in free
        )
    except PolynomialError:
        return False


@lru_cache(maxsize=16)
def _told_apart(own: Weighed) -> tuple[str, bool] | None:
    """Return w_1² - w_2² as written, and whether it is 0 for all masses; None where not seen.

    It is seen where it is (m_1 - μ)(K - k), to powers, times what is positive.
    """
    if not own.weight.has(Term):
        return "0", True
    try:
        left = _parted(own)
    except NotImplementedError:
        return None
    if left == 0:
        return None  # such as the same k at both places: nothing is seen
    names = {
        e: Symbol(f"p{i}", positive=True) for i, e in enumerate(sorted(_powers(left), key=str))
    }
    numerator, denominator = left.xreplace(names).as_numer_denom()
    try:
        content, parts = factor_list(numerator)
        below, under = factor_list(denominator)
    except PolynomialError:
        return None
    rest = [part for part, _ in parts]
    for one in (_ALONE - _REST, _NEAR - _FAR):
        found = [part for part in rest if 0 in (expand(part - one), expand(part + one))]
        if len(found) != 1:
            return None
        rest.remove(found[0])
    signs = [content * below, *rest, *(part for part, _ in under)]
    if not all(_is_positive(part) or _is_positive(-part) for part in signs):
        return None
    shown = {value: name for name, value in names.items()}
    product = content / below * Mul(*(p**k for p, k in parts)) / Mul(*(p**k for p, k in under))
    return str(product.xreplace(shown)), False


def _powers(expr: Expr) -> set[Any]:
    """Return what is positive and no polynomial: exponentials of parameters."""
    return {e for e in expr.atoms(exp, log) if e.is_positive}


def decide_weights(flow: Flow, own: Weighed) -> Sheet:
    """Compare the weights at two places, and count the tokens that have half of the mass."""
    metric = Step(
        f"τ_i p_ij = m_i m_j k(g_ij), k = {own.kernel}: the metric is Σ_i m_i w_i <a_i,b_i>, "
        f"w_i = {own.said}, conformal where the w_i agree",
        How.DERIVED,
    )
    words = {"n": "symbolic", "d": "symbolic", "beta": "symbolic", "masses": "symbolic"}
    found = _told_apart(own)
    assert found is not None  # asked before
    said, round_ = found
    if round_:
        even = Step("w_i = 1 for every token: the metric is round", How.DERIVED)
        return Sheet((metric, even), words, (), "the metric is round")
    two = "m_1 at one place, mass μ at another, g = <x,y>, K = k(1), k = k(g)"
    apart = Step(f"{two}: w_1² - w_2² = {said}", How.DERIVED, evidence="factored")
    equal = Step("n = 2 and m_1 = μ: w_1 = w_2, as both are positive", How.DERIVED)
    left = simplify(n * S.Half - 1 - (n - 2) * S.Half)
    halves = derived("m_i = M/2 for every i: n M/2 = M, so n = 2", left)
    decision = decide_positive(flow.put(own.kernel.diff(z)))
    rises = decided(f"k' = {own.kernel.diff(z)} > 0 on [-1, 1], parameters > 0", decision)
    differ = "w_1 ≠ w_2 where token 1 is apart from all others and m_1 ≠ M/2, as K ≠ k for g < 1"
    alone = apply(RISING, differ, rises)
    return Sheet((metric, apart, equal, halves, rises, alone), words, (), f"w_1² - w_2² = {said}")


def derive_round(flow: Flow) -> Weighed | None:
    """Return the weights where two places tell whether they are one factor."""
    own = derive_weights(flow)
    if own is None or (lengths_of(flow) != () and own.weight.has(Item(r, _I))):
        return None
    found = _told_apart(own)
    if found is None or (not found[1] and z not in own.kernel.free_symbols):
        return None
    return own


def unequal_lengths(
    flow: Flow, prediction: Weighed | None, budget: Budget
) -> Counterexample | None:
    """Find two tokens of equal masses, and lengths 1 and 2, with different weights."""
    own = derive_weights(flow)
    if prediction is not None or own is None or not own.weight.has(Item(r, _I)):
        return None
    at = _TwoPlaces((S.Half, S.Half), (S.One, S(2)), S.Zero)
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


def say_weights(flow: Flow, own: Weighed) -> str:
    """Say what the weights are."""
    if not own.weight.has(Term):
        return "the metric is round: its weights are 1 for every token"
    said = "are one factor for n = 2 equal masses, else not where k varies"
    return f"the weights w_i = {own.said} of the metric {said}"


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


ROUND: Statement[Weighed] = Statement(
    "Remark 3.8",
    "the weights of the metric are one factor for n = 2 equal masses, else not where k varies",
    decide_weights,
    derive_round,
    unequal_lengths,
    domain=(UNLABELLED,),
    several_blocks=True,
    says=say_weights,
)
CONVOLVES = stated("(7.1) continuity", of_convolution, (UNLABELLED,), refute=other_when_turned)


__all__ = ["CONVOLVES", "ROUND", "Weighed"]
