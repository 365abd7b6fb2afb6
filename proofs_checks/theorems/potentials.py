"""(3.7): tokens move along the gradient of a function of their own place, in which all is held.

``φ_i = (c/b) log Σ_j f_j(0) e^(b <y_i,x_j(0)>)`` has the slope ``P_i Σ_j c a_ij x_j(0)`` at y_i,
which is the velocity at y_i = x_i: f_j is a mass, of a softmax, or ``m_j e^(p_j)`` where rows and
columns both add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Mul, Symbol, Transpose, exp, log

from proofs_checks.audit import SECOND
from proofs_checks.proof import PROBES as POINTS
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
from proofs_checks.theorems.gradients import SHARES
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import rename, together
from proofs_checks.theorems.measure_fields import weak_solution
from proofs_checks.theorems.order import START, of_all, relation
from proofs_checks.theorems.places import softmax_of
from proofs_checks.theorems.plans import SCALING
from proofs_checks.theorems.pulls import between, gram
from proofs_checks.theorems.readers import (
    LIVE_MASSES,
    LIVE_MOTION,
    LIVE_UNIT,
    LIVES,
    OTHER,
    TOKEN,
    Facts,
    pulled,
    weights_of,
)
from theory.atoms import RowSoftmax, Sinkhorn, SinkhornPotential
from theory.symbols import X, m, t
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Name,
    Norm,
    Projected,
    Row,
    at,
    ddt,
    entry,
    item,
    moving,
    total,
)

_K = Index("k")
HELD_TIME = {t: Symbol("s", positive=True)}
"""A time at which potentials that change are held."""


def _potential(softmax: Any, j: Index) -> Any:
    return Item(SinkhornPotential(softmax.scores, softmax.masses), j)


def _balanced(mass: Fact, share: Any) -> Any:
    softmax = softmax_of(share, mass)
    if type(softmax) is not Sinkhorn or Transpose(softmax.scores).doit() != softmax.scores:
        raise NotConcluded(f"{share} has no potential of symmetric scores")
    return softmax


def _whole(mass: Fact, share: Any, index: Index) -> Proposition:
    _balanced(mass, share)
    if share.args[2] != index or share.args[1] == index:
        raise NotConcluded(f"{share} isn't summed over {index}")
    return Rel("=", total(share, index), 1)


def _divided(mass: Fact, share: Any) -> Proposition:
    softmax, (_, i, j) = _balanced(mass, share), share.args
    other = _K if _K not in (i, j) else Index("l")

    def part(k: Index) -> Any:
        score = entry(softmax.scores, i, k) + _potential(softmax, k)
        return Item(softmax.masses, k) * exp(score)

    return Rel("=", share, part(j) / total(part(other), other))


def _across(unit: Fact, slope: Fact) -> Proposition:
    says, length = relation(slope, "="), relation(unit, "=")
    x = length.left.args[0] if isinstance(length.left, Norm) else None
    if x is None or length.right != 1 or not moving(x):
        raise NotConcluded("it needs a vector of length 1")
    of_all(unit, t)
    if not isinstance(says.right, Inner) or ddt(x) not in says.right.args:
        raise NotConcluded("it is about a product with the derivative of that vector")
    (v,) = (arm for arm in says.right.args if arm != ddt(x))
    return Rel("=", says.left, Inner(ddt(x), Projected(x, v)))


BALANCED_ROWS = Rule(
    "whole rows of balanced shares",
    "0 < m_j for every j; S symmetric: Σ_j A_ij = 1, of A_ij = e^(p_i + S_ij + p_j) m_j of rows "
    "that sum to 1",
    "as they are defined",
    _whole,
    (SCALING,),
)
DIVIDED = Rule(
    "shares with a potential",
    "0 < m_j for every j; S symmetric: A_ij = m_j e^(S_ij + p_j)/Σ_k m_k e^(S_ik + p_k), of A_ij = "
    "e^(p_i + S_ij + p_j) m_j of rows that sum to 1",
    "e^(-p_i) = Σ_k m_k e^(S_ik + p_k)",
    _divided,
    (SCALING,),
)
ACROSS = Rule(
    "across a unit vector",
    "|x| = 1 at every time; a = <x',v>: a = <x',P_x v>",
    "<x',x> = 0",
    _across,
)


PROBES = Definition(
    "probes", "Y moves smoothly on the spheres of {0}, whatever its tokens do", (Subject,)
)
PROBE = Row(SECOND, TOKEN)


def _on_spheres(subject: Subject) -> Facts:
    weights_of(subject)  # refuses what isn't kept on the sphere
    return frozenset({Is(PROBES, subject)}), Rel("=", Norm(PROBE), 1), "their space"


PROBE_UNIT = Reader("probes on the sphere", _on_spheres)


def probed(probe: Found, unit: Found) -> tuple[Found, Found]:
    """Return ``-1 <= <y_i,x_j(0)>`` and ``<y_i,x_j(0)> <= 1``, of tokens of length 1."""
    return between(probe, apply(START, apply(rename, unit, values={TOKEN: OTHER})))


@dataclass(frozen=True)
class Attention:
    """Weights ``p_ij = c A_ij``, A_ij the part ``f_j e^(b <x_i,x_j>)`` of a row.

    Attributes
    ----------
    share, factor, heat : Expr
        A_ij, c and b.
    mass : Theorem or Refusal
        ``0 < m_j``.
    """

    share: Any
    factor: Any
    heat: Any
    mass: Found

    @property
    def softmax(self) -> Any:
        """The weights."""
        return self.share.args[0]

    @property
    def plan(self) -> bool:
        """Whether rows and columns both add up."""
        return type(self.softmax) is Sinkhorn

    @property
    def potential(self) -> Any:
        """p_j."""
        return _potential(self.softmax, OTHER)

    def part(self, j: Index) -> Any:
        """``f_j e^(b <x_i,x_j>)``."""
        inside = self.heat * gram(TOKEN, j)
        return Item(m, j) * exp(inside + (_potential(self.softmax, j) if self.plan else 0))

    def held(self, j: Index) -> Any:
        """``f_j(0) e^(b <y_i,x_j(0)>)``."""
        inside = self.heat * Inner(PROBE, at(Row(X, j)))
        potential = at(_potential(self.softmax, j)) if self.plan else 0
        return at(Item(m, j)) * exp(inside + potential)

    @property
    def height(self) -> Any:
        """``φ_i``."""
        return self.factor / self.heat * log(total(self.held(OTHER), OTHER))


def attention_in(subject: Subject) -> Attention:
    """Return the one share of all tokens that a model's weights are a multiple of.

    Raises
    ------
    NotConcluded
        For other weights.
    """
    weight = weights_of(subject)
    shares = [a for a in Mul.make_args(weight) if isinstance(a, Entry)]
    if len(shares) != 1 or set(subject.velocities) != {X}:
        raise NotConcluded("the weights aren't a multiple of shares, or more than tokens moves")
    softmax, factor = shares[0].args[0], weight / shares[0]
    if type(softmax) not in (RowSoftmax, Sinkhorn) or softmax.masses != m:
        raise NotConcluded("they aren't shares of all tokens by their masses")
    heat = entry(softmax.scores, TOKEN, OTHER) / gram(TOKEN, OTHER)
    if heat == 0 or moving(heat) or moving(factor):
        raise NotConcluded("they aren't c and scores b <x_i,x_j>, b not 0")
    return Attention(shares[0], factor, heat, _mass(subject))


def held_slope(subject: Subject) -> Conclusion | None:
    """Claim that tokens move along the gradient of φ, in which the state is held.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN, USA
    >>> [held_slope(Subject.of(one)) is None for one in (SA, SINKHORN, USA)]
    [False, False, True]
    """
    try:
        own = attention_in(subject)
    except NotConcluded:
        return None
    hot = heated(1 / own.heat)
    found = apply(together, _slope(subject, own, hot), _motion(subject, own))
    if isinstance(found, Refusal):
        return None
    names = Name("φ", own.height, (TOKEN,)), Name("p", own.potential, (OTHER,))
    still = (one.says for one in hot if not isinstance(one, Refusal))
    given = Is(PROBES, subject), Is(LIVES, subject), *still
    return claimed(found, found.says, given, names if own.plan else names[:1])


def held_slope_of(subject: Subject, potential: Any) -> Conclusion | Refusal:
    """Claim `held_slope` of a column φ of potentials at the rows of ``PROBES`` or `SECOND`.

    Examples
    --------
    >>> from sympy import log
    >>> from theory.atoms import Elementwise
    >>> from theory.models import SA
    >>> from theory.symbols import beta, z
    >>> sums = Elementwise(exp(beta * z), SECOND * X.T) * m
    >>> own = held_slope_of(Subject.of(SA), Elementwise(log(z) / beta, sums))
    >>> own.found.says == own.says.then
    True
    """
    own = held_slope(subject)
    if own is None:
        return Refusal("the weights aren't shares of all tokens by scores b <x_i,x_j>, b not 0")
    height = held(potential)
    shares = attention_in(subject)
    hot = heated(1 / shares.heat)
    found = apply(together, _slope(subject, shares, hot, height), _motion(subject, shares))
    slope, *rest = own.says.then.args
    then = All(Rel("=", ddt(height), slope.right), *rest)
    return claimed(found, then, own.says.given, (Name("φ", height, (TOKEN,)), *own.names[1:]))


def held_convolution(subject: Subject, potential: Any) -> Conclusion | Refusal:
    """Claim of undivided weights that tokens move along the gradient of a column of potentials.

    Parameters
    ----------
    subject : Subject
    potential : MatrixExpr, shape (n, 1)
        φ at the rows of ``PROBES``, in which tokens and masses are held.

    Examples
    --------
    >>> from theory.atoms import Elementwise
    >>> from theory.models import USA
    >>> from theory.symbols import beta, z
    >>> subject, product = Subject.of(USA), POINTS * X.T
    >>> powers = exp(beta * z) / beta, exp(beta * z)
    >>> own = [held_convolution(subject, Elementwise(a, product) * m) for a in powers]
    >>> [one.found.says == one.says.then for one in own]
    [True, False]
    """
    try:
        weight = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    if weight.has(Entry) or set(subject.velocities) != {X}:
        return Refusal("the weights are divided, or more than tokens moves")
    height = held(potential).xreplace(HELD_TIME)
    places = {gram(TOKEN, OTHER): Inner(PROBE, at(Row(X, OTHER))), **HELD_TIME}
    field = total(at(Row(X, OTHER)) * _at_start(weight.xreplace(places)), OTHER)
    hot = heated(height)
    slope = Rel("=", ddt(height), Inner(ddt(PROBE), field))
    probe, unit = read(PROBE_UNIT, subject), read(LIVE_UNIT, subject)
    across = apply(ACROSS, probe, spared(EQUAL, slope, *hot, *probed(probe, unit)))
    found = apply(together, across, read(LIVE_MOTION, subject))
    then = All(Rel("=", ddt(height), Inner(ddt(PROBE), Projected(PROBE, field))), pulled(weight))
    still = (one.says for one in hot if not isinstance(one, Refusal))
    given = Is(PROBES, subject), Is(LIVES, subject), *still
    return claimed(found, then, given, (Name("φ", height, (TOKEN,)),))


def weak_convolution(subject: Subject, potential: Any) -> Conclusion | Refusal:
    """Claim (3.10): `weak_solution`, along the field that `held_convolution` has.

    Examples
    --------
    >>> from theory.atoms import Elementwise
    >>> from theory.models import USA
    >>> from theory.symbols import beta, z
    >>> sums = Elementwise(exp(beta * z) / beta, POINTS * X.T) * m
    >>> own = weak_convolution(Subject.of(USA), sums)
    >>> own.found.says == own.says.then
    True
    """
    weakly, own = weak_solution(subject), held_convolution(subject, potential)
    if weakly is None or isinstance(own, Refusal):
        return own if isinstance(own, Refusal) else Refusal("no field of the measure is seen")
    found = apply(together, weakly.found, own.found)
    then = All(weakly.says.then, own.says.then)
    return claimed(found, then, (*weakly.says.given, *own.says.given), own.names)


def _at_start(term: Any) -> Any:
    """Hold tokens and masses in a term."""
    held = term.xreplace({at(one): one for one in (Row(X, OTHER), Item(m, OTHER))})
    return held.replace(lambda one: isinstance(one, Row | Item) and one.args[0] in (X, m), at)


def held(potential: Any) -> Any:
    """Return a column of potentials at a probe, in which tokens and masses are held."""
    return _at_start(item(potential.xreplace({POINTS: SECOND}), TOKEN))


def _mass(subject: Subject) -> Found:
    return apply(rename, read(LIVE_MASSES, subject), values={TOKEN: OTHER})


def _slope(subject: Subject, own: Attention, hot: tuple[Found, ...], height: Any = None) -> Found:
    """``φ_i' = <y_i', P_i Σ_j c a_ij x_j(0)>``, a_ij of the state at the start."""
    sums = total(own.held(OTHER), OTHER)
    height = own.height if height is None else height
    divided = dict.fromkeys((sums, *sorted((a.args[0] for a in height.atoms(log)), key=str)))
    start = apply(START, _mass(subject))
    positive = tuple(spared(SIGNS, Rel("<", 0, one), start) for one in divided)
    pull = total(at(Row(X, OTHER)) * (own.factor * own.held(OTHER) / sums), OTHER)
    says = Rel("=", ddt(height), Inner(ddt(PROBE), pull))
    return apply(ACROSS, read(PROBE_UNIT, subject), spared(EQUAL, says, *positive, *hot))


def _motion(subject: Subject, own: Attention) -> Found:
    """``x_i' = P_i Σ_j c a_ij x_j``, a_ij as it is written out."""
    mass, motion = _mass(subject), read(LIVE_MOTION, subject)
    sums = total(own.part(_K), _K)
    positive = settle(SIGNS, Rel("<", 0, sums), mass)
    shared = Rel("=", own.share, own.part(OTHER) / sums)
    divided = apply(DIVIDED, mass, share=own.share)
    if not own.plan:
        divided = settle(SHARES, shared, positive)
    says = pulled(own.factor * own.part(OTHER) / sums)
    return spared(EQUAL, says, motion, divided, positive)
