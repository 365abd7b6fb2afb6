"""Proposition 3.4: which probabilities on the sphere have the least and the most energy.

Of ``∬ f(<x,y>) dμ(x) dμ(y)``: where no Gegenbauer coefficient of f of degree >= 1 is negative the
uniform μ has the least, alone if all are positive; where f is largest at <x,y> = 1, Dirac masses
have the most, alone if it is so there alone. Tokens of mass one are such a μ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import S, simplify

from proofs_checks.decide import decide_positive_definite
from proofs_checks.proof import (
    POSITIVE_BETA,
    How,
    kernel_series,
    recurrence_is_positive,
    same_minimum,
)
from proofs_checks.propositions import (
    Definition,
    Implies,
    Is,
    Proposition,
    Rel,
    Subject,
    conjoined,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.circle_energies import peaked
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.cosines import POSITIVE, valued
from proofs_checks.theorems.engines import EQUAL, known_sign, spared
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import NONZERO, of_all, wants
from proofs_checks.theorems.pair_bounds import WHOLE, signed
from proofs_checks.theorems.pulls import between, cosines_of, gram
from proofs_checks.theorems.readers import OTHER, STATE, STATE_POSITIVE, STATE_UNIT, TOKEN
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.symbols import X, beta, d, m, n, z
from theory.terms import Inner, Item, Name, Norm, Number, Row, Sort, Vec, moving, scalar, total

PLACES = Vec("x"), Vec("y")
COSINE = Inner(*PLACES)
"""<x,y> of two points of the sphere."""
ON_SPHERE = tuple(Rel("=", Norm(one), 1) for one in PLACES)
LOW = Rel("<=", d, 4)
"""Dimensions that are looked at one by one, where coefficients have no common sign."""

NONNEGATIVE = Definition(
    "nonnegative zonal coefficients",
    "no Gegenbauer coefficient of degree >= 1 of {0} is negative",
    (Sort.NUMBER,),
)
ALL_POSITIVE = Definition(
    "positive zonal coefficients",
    "each Gegenbauer coefficient of degree >= 1 of {0} is positive",
    (Sort.NUMBER,),
)
MEAN = Definition(
    "mean over the sphere",
    "∬ {0} dσ(x) dσ(y) = {1}, σ the uniform probability on the sphere",
    (Sort.NUMBER,) * 2,
)
LEAST = Definition(
    "least at the uniform measure",
    "of ∬ {0} dμ(x) dμ(y), μ a probability on the sphere, the uniform one is a minimiser",
    (Sort.NUMBER,),
)
LEAST_ALONE = Definition(
    "least at the uniform measure alone",
    "of ∬ {0} dμ(x) dμ(y), μ a probability on the sphere, the uniform one is the only minimiser",
    (Sort.NUMBER,),
)
MOST = Definition(
    "most at Dirac masses",
    "∬ {0} dμ(x) dμ(y) <= {1} for every probability μ on the sphere, and Dirac masses have it",
    (Sort.NUMBER,) * 2,
)
MOST_ALONE = Definition(
    "most at Dirac masses alone",
    "of ∬ {0} dμ(x) dμ(y), μ a probability on the sphere, Dirac masses are the only maximisers",
    (Sort.NUMBER,),
)

SCHOENBERG = "Schoenberg: the Gegenbauer polynomials are positive definite on the sphere"
HARMONIC = "a measure whose spherical harmonic moments of degree >= 1 vanish is uniform"
MOMENTS = "the moments of a coordinate under the uniform measure, (1/2)_j / (d/2)_j"
RECURRENCE = "t P_k = a P_{k+1} + b P_{k-1}, a and b > 0 for k >= 1 and d >= 2 (DLMF 18.9)"


# -- engines -----------------------------------------------------------------------------------


def _plain(f: Any, facts: tuple[Fact, ...]) -> Any:
    """Return f in z: it has values on [-1, 1], and its parameters are positive.

    Raises
    ------
    NotConcluded
    """
    if ON_CIRCLES not in {fact.says for fact in facts}:
        raise NotConcluded("nothing says that there are spheres of this dimension")
    plain = f.xreplace({COSINE: z})
    if z in f.free_symbols or plain.has(Number, *PLACES) or moving(plain) or not valued(plain):
        raise NotConcluded("it is no function of <x,y> that is finite on [-1, 1]")
    for s in plain.free_symbols - {z, n, d}:
        if known_sign(s, facts) != POSITIVE:
            raise NotConcluded(f"nothing says that {s} is positive")
    return plain


def _definite(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide signs of Gegenbauer coefficients, in every dimension or in those that are low."""
    if not isinstance(says, Is) or says.definition not in (NONNEGATIVE, ALL_POSITIVE):
        raise NotConcluded("it isn't of Gegenbauer coefficients")
    found = decide_positive_definite(_plain(says.arguments[0], facts))
    if not found.for_all:
        raise NotConcluded(found.detail)
    every = found.scope.get("d") == "symbolic"
    if not every and LOW not in {fact.says for fact in facts}:
        raise NotConcluded("they have no common sign in all dimensions")
    if says.definition is NONNEGATIVE:
        return found.detail
    if not every or found.scope.get("unique") != "yes" or not recurrence_is_positive():
        raise NotConcluded("infinitely many even and odd Taylor coefficients aren't seen")
    return f"{found.detail}, infinitely many even and odd ones > 0; {RECURRENCE}"


def _mean(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``∬ f dσ dσ = v``: term by term in the series of a Bessel function, or as it is."""
    if not isinstance(says, Is) or says.definition is not MEAN:
        raise NotConcluded("it isn't a mean over the sphere")
    f, value = says.arguments
    series = kernel_series(2 * _plain(f, facts))
    if series is None:
        raise NotConcluded("no closed form of the mean is known")
    lowest = value.subs(beta, POSITIVE_BETA)
    if not same_minimum(series, lowest) and simplify(lowest - series.mean(d) / 2) != 0:
        raise NotConcluded("the series of the two differ")
    return "term by term"


DEFINITE = Engine("Gegenbauer coefficients", How.DECIDED, _definite)
UNIFORM_MEAN = Engine("mean of a series", How.DERIVED, _mean, (MOMENTS,))


# -- rules -------------------------------------------------------------------------------------


def _of(fact: Fact, definition: Definition) -> tuple[Any, ...]:
    """Return of what a definition is said."""
    if not isinstance(fact.says, Is) or fact.says.definition is not definition:
        raise NotConcluded(f"it needs {definition.name}")
    of_all(fact, *PLACES)
    return fact.says.arguments


def _least(coefficients: Fact) -> Proposition:
    return Is(LEAST, *_of(coefficients, NONNEGATIVE))


def _least_alone(coefficients: Fact) -> Proposition:
    return Is(LEAST_ALONE, *_of(coefficients, ALL_POSITIVE))


def _below(f: Any) -> Any:
    """``f(1) - f(<x,y>)``."""
    return f.xreplace({COSINE: 1}) - f


def _most(bound: Fact, kernel: Any) -> Any:
    wants(bound, Rel("<=", 0, _below(kernel)))
    of_all(bound, *PLACES, without=ON_SPHERE)
    return Concluded(Is(MOST, kernel, kernel.xreplace({COSINE: 1})), spares=frozenset(ON_SPHERE))


def _most_alone(bound: Fact, strict: Fact, kernel: Any) -> Any:
    top = _most(bound, kernel)
    wants(strict, Implies(Rel("=", _below(kernel), 0), Rel("=", COSINE, 1)))
    of_all(strict, *PLACES, without=ON_SPHERE)
    return Concluded(Is(MOST_ALONE, kernel), spares=top.spares)


def _pairs(f: Any) -> Any:
    """``Σ_i Σ_j m_i m_j f(<x_i,x_j>)``."""
    inside = Item(m, TOKEN) * Item(m, OTHER) * f.xreplace({COSINE: gram(TOKEN, OTHER)})
    return total(total(inside, OTHER), TOKEN)


def _probability(unit: Fact, mass: Fact, whole: Fact) -> None:
    """Refuse what isn't that tokens are on the sphere, of positive masses that add up to 1."""
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    wants(whole, WHOLE)
    for one in (unit, mass):
        of_all(one, TOKEN)


def _over_tokens(least: Fact, mean: Fact, unit: Fact, mass: Fact, whole: Fact) -> Proposition:
    (f,), (same, value) = _of(least, LEAST), _of(mean, MEAN)
    if same != f:
        raise NotConcluded("the mean is of another function")
    _probability(unit, mass, whole)
    return Rel("<=", value, _pairs(f))


def _under_tokens(most: Fact, unit: Fact, mass: Fact, whole: Fact) -> Proposition:
    f, value = _of(most, MOST)
    _probability(unit, mass, whole)
    return Rel("<=", _pairs(f), value)


UNIFORM_LEAST = Rule(
    "least energy",
    "no Gegenbauer coefficient of degree >= 1 of f is negative: ∬ f(<x,y>) dμ dμ is least at the "
    "uniform measure",
    "the coefficient of degree k times the sum of squares of the moments of degree k is >= 0",
    _least,
    (SCHOENBERG,),
)
UNIFORM_ALONE = Rule(
    "least energy, alone",
    "each Gegenbauer coefficient of degree >= 1 of f is positive: ∬ f(<x,y>) dμ dμ is least at the "
    "uniform measure alone",
    "if it is as little, all moments of degree >= 1 vanish",
    _least_alone,
    (SCHOENBERG, HARMONIC),
)
DIRAC_MOST = Rule(
    "most energy",
    "|x| = |y| = 1: 0 <= f(1) - f(<x,y>); hence ∬ f(<x,y>) dμ dμ <= f(1), as Dirac masses have it",
    "the integral of a function that is >= 0",
    _most,
)
DIRAC_ALONE = Rule(
    "most energy, alone",
    "|x| = |y| = 1: 0 <= f(1) - f(<x,y>), = 0 at <x,y> = 1 alone; hence Dirac masses alone have "
    "the most ∬ f(<x,y>) dμ dμ",
    "a continuous function >= 0 of integral 0 vanishes on the support: <x,y> = 1 for any two of it",
    _most_alone,
)
OVER_TOKENS = Rule(
    "energy of tokens",
    "∬ f dμ dμ is least at the uniform measure, and is v there; |x_i| = 1; 0 < m_i; Σ_j m_j = 1: "
    "v <= Σ_i Σ_j m_i m_j f(<x_i,x_j>)",
    "Σ_i m_i δ_(x_i) is a probability on the sphere",
    _over_tokens,
)
UNDER_TOKENS = Rule(
    "energy of tokens, at most",
    "∬ f dμ dμ <= v; |x_i| = 1; 0 < m_i; Σ_j m_j = 1: Σ_i Σ_j m_i m_j f(<x_i,x_j>) <= v",
    "Σ_i m_i δ_(x_i) is a probability on the sphere",
    _under_tokens,
)


# -- what is claimed ---------------------------------------------------------------------------


_Part = tuple[Proposition, Found]


@dataclass(frozen=True)
class Extremes:
    """What is claimed of an energy ``E = Σ_i Σ_j m_i m_j f(<x_i,x_j>)``.

    Attributes
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
        As the model states it.
    kernel : Expr
        f, in ``z``.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import USA
    >>> own = Extremes(Subject.of(USA), USA.energy, exp(beta * z) / (2 * beta))
    >>> for claim in (own.least(None), own.most(exp(beta) / (2 * beta)), own.alone()):
    ...     print(claim.found.says == claim.says.then)
    True
    True
    True
    >>> type(own.most(exp(beta) / beta).found).__name__
    'Refusal'
    """

    subject: Subject
    energy: Any
    kernel: Any

    def least(self, value: Any) -> Conclusion:
        """Claim that the uniform measure has the least energy, and its value where one is given."""
        alone = self._alone(self._f)
        only = [] if isinstance(alone[1], Refusal) else [alone]
        return self._claimed(*self._least(value), *only)

    def most(self, value: Any) -> Conclusion:
        """Claim that Dirac masses have the most energy, and its value."""
        parts, alone = self._most(value), self._top_alone(self._f, self._bound(self._f))
        only = [] if isinstance(alone[1], Refusal) else [alone]
        return self._claimed(*parts, *only)

    def alone(self) -> Conclusion:
        """Claim that no other measure is extreme, of f or of -f."""
        kernels = self._f, -self._f
        found = [(self._alone(f), self._top_alone(f, self._bound(f))) for f in kernels]
        own = next((two for two in found if isinstance(two[0][1], Theorem)), found[0])
        return self._claimed(*own)

    def both(self, low: Any, high: Any) -> Conclusion:
        """Claim that the uniform measure alone has the least energy, Dirac masses the most."""
        alone = self._alone(self._f), self._top_alone(self._f, self._bound(self._f))
        return self._claimed(*self._least(low), *self._most(high), *alone)

    @property
    def _f(self) -> Any:
        return self.kernel.xreplace({z: COSINE})

    @property
    def _heats(self) -> tuple[Found, ...]:
        """Parameters are positive, unless SymPy knows it."""
        names = sorted(self._f.free_symbols - {n, d}, key=str)
        return tuple(assume(Rel("<", 0, s)) for s in names if s.is_Symbol and not s.is_positive)

    @property
    def _numbers(self) -> tuple[Found, ...]:
        return (*self._heats, assume(SEVERAL)) if self.kernel.has(n) else self._heats

    @property
    def _facts(self) -> tuple[Found, ...]:
        return (*self._numbers, *between(*map(assume, ON_SPHERE)))

    @property
    def _tokens(self) -> tuple[Found, ...]:
        return read(STATE_UNIT, self.subject), read(STATE_POSITIVE, self.subject), assume(WHOLE)

    def _definite(self, says: Proposition) -> Found:
        """Decide it in every dimension, or else in low ones."""
        facts = assume(ON_CIRCLES), *self._heats
        found = settle(DEFINITE, says, *facts)
        low = isinstance(found, Refusal)
        return settle(DEFINITE, says, *facts, assume(LOW)) if low else found

    def _least(self, value: Any) -> list[_Part]:
        says = Is(LEAST, self._f)
        found = apply(UNIFORM_LEAST, self._definite(Is(NONNEGATIVE, self._f)))
        if value is None:
            return [(says, found)]
        mean = Is(MEAN, self._f, value)
        seen = settle(UNIFORM_MEAN, mean, assume(ON_CIRCLES), *self._heats)
        over = apply(OVER_TOKENS, found, seen, *self._tokens)
        return [(says, found), (mean, seen), (Rel("<=", value, _pairs(self._f)), over)]

    def _bound(self, f: Any) -> Found:
        return peaked(Rel("<=", 0, _below(f)), *self._facts)

    def _most(self, value: Any) -> list[_Part]:
        top = self._f.xreplace({COSINE: S.One})
        says = Is(MOST, self._f, top)
        found = apply(DIRAC_MOST, self._bound(self._f), kernel=self._f)
        under = apply(UNDER_TOKENS, found, *self._tokens)
        same = Rel("=", top, value)
        equal = [] if top == value else [(same, spared(EQUAL, same, *self._heats))]
        return [(says, found), *equal, (Rel("<=", _pairs(self._f), top), under)]

    def _alone(self, f: Any) -> _Part:
        found = self._definite(Is(ALL_POSITIVE, f))
        return Is(LEAST_ALONE, f), apply(UNIFORM_ALONE, found)

    def _top_alone(self, f: Any, bound: Found) -> _Part:
        strict = Implies(Rel("=", _below(f), 0), Rel("=", COSINE, 1))
        found = apply(DIRAC_ALONE, bound, peaked(strict, *self._facts), kernel=f)
        return Is(MOST_ALONE, f), found

    def _stated(self, says: Proposition) -> Found:
        """Conclude what the energy is: parameters aren't 0, and what is rooted is positive."""
        found = spared(EQUAL, says, *(apply(NONZERO, one) for one in self._heats))
        if isinstance(found, Theorem):
            return found
        here = self.kernel.xreplace({z: gram(TOKEN, OTHER)})
        return spared(EQUAL, says, *signed(here, *self._numbers, *cosines_of(self._tokens[0])[:2]))

    def _claimed(self, *parts: _Part) -> Conclusion:
        """Claim them beside what E is, where it isn't stated so."""
        pairs, value = _pairs(self._f), scalar(self.energy)
        tie = Rel("=", value, pairs)
        known = [] if value == pairs else [(tie, self._stated(tie))]
        says, found = zip(*known, *parts, strict=True)
        then = conjoined(says)
        whole = apply(together, *found) if len(found) > 1 else found[0]
        given = Is(STATE, self.subject), WHOLE, ON_CIRCLES, LOW, SEVERAL
        heats = (one.says for one in self._heats if isinstance(one, Theorem))
        return claimed(whole, then, (*given, *heats), (Name("E", pairs),))


__all__ = ["Extremes"]
