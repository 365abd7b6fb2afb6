"""Remark 3.8 of any energy of pairs: whether weights w_i of a metric are one factor, by two places.

A token alone and all others are at two places, as any two tokens are. Where w_1² - w_2² there is
(m_1 - μ)(k(1) - k(g)) times what is positive, and k isn't constant, the weights agree at all
states for two equal masses alone. At equal angles equal masses have one value.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, Poly, S, Symbol, exp, expand, factor_list, log, powsimp, together
from sympy.polys.polyerrors import PolynomialError

from proofs_checks.decide import decide_positive
from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.almost_every import HOT
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed, of_energy
from proofs_checks.theorems.energy import gradient
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import together as both
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.readers import STATE, STATE_POSITIVE, STATE_ROOTED, TOKEN
from theory.symbols import X, beta, m, n, r, t, z
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Multiple,
    Row,
    Sort,
    TokenSum,
    VectorTokenSum,
)
from theory.terms import Number as Term
from theory.terms import weight as as_quotient

_ALONE, _REST, _LEVEL = Symbol("m_1", positive=True), Symbol("mu", positive=True), Symbol("g")
"""Mass of the token at one place, of all at the other, and their inner product."""
_NEAR, _FAR = Symbol("K", positive=True), Symbol("k", positive=True)
"""k(1) and k(g), for k > 0."""
PARTED = Definition(
    "weights at two places",
    "where a token of mass m_1 is at x, all others, of mass mu, at y, <x,y> = g, the squares of "
    "the values of {0} there differ by {2}, K and k being the values of {1} at z = 1 and g",
    (Sort.NUMBER, Sort.NUMBER, Sort.NUMBER),
)
ALONE, WHOLE = Symbol("m_1", positive=True), Symbol("M", positive=True)
"""Mass of a token alone at its place, and of all tokens."""
LEVEL = Symbol("g", real=True)
"""Inner product of two places, or of different tokens."""
AT_PLACES = Definition(
    "excess at two places",
    "where a token of mass m_1 is at x, all others at y, <x,y> = g, of mass M with it, the value "
    "of {0} there minus that of the others is {1}",
    (Sort.NUMBER, Sort.NUMBER),
)
AT_EQUAL_ANGLES = Definition(
    "value at equal angles",
    "where n tokens of mass 1/n have equal angles, <x_i,x_j> = g for i != j, {0} = {1} for every i",
    (Sort.NUMBER, Sort.NUMBER),
)
RISES = Definition("rises", "{0} is positive and rises on -1 <= z <= 1", (Sort.NUMBER,))
ONE_FACTOR = Definition(
    "one factor",
    "{0} has one value for all n >= 2 tokens at every state exactly if n = 2 and the masses are "
    "equal",
    (Sort.NUMBER,),
)


class TwoPlaces:
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
        return self._number(term.xreplace({TOKEN: self.places[place]}))

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


def parted(weight: Any, kernel: Expr) -> Expr:
    """Return ``w_1² - w_2²`` at two places, in the values K and k of the kernel there.

    Raises
    ------
    NotImplementedError
        Where a weight knows more than masses and inner products.
    """
    if weight.has(r):
        raise NotImplementedError("lengths enter the weights")
    at = TwoPlaces((_ALONE, _REST), (S.One, S.One), _LEVEL)
    ends = {kernel.subs(z, 1): _NEAR, kernel.subs(z, _LEVEL): _FAR}
    first, second = (at(weight, place).xreplace(ends) for place in (0, 1))
    return together(first**2 - second**2)


def _places(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Is) or says.definition is not PARTED:
        raise NotConcluded("it isn't about weights at two places")
    weight, kernel, apart = says.arguments
    try:
        left = together(parted(weight, kernel) - apart)
    except NotImplementedError as short:
        raise NotConcluded(str(short)) from short
    if left != 0 and expand(left) != 0:
        raise NotConcluded("they differ by something else")
    return "sums over tokens have two parts"


PLACES = Engine("two places", How.DERIVED, _places)


def at_places(weight: Any) -> Expr:
    """Return ``w_1 - w_2`` at two places, in the mass of the one that is alone and of all."""
    at = TwoPlaces((ALONE, WHOLE - ALONE), (S.One, S.One), LEVEL)
    return at(weight, 0) - at(weight, 1)


def at_equal_angles(weight: Any) -> Expr:
    """Return the value of a term in i of n tokens of mass 1/n at equal angles.

    A sum over tokens has the one's own part, and n - 1 others that are alike.

    Raises
    ------
    NotImplementedError
        Where it isn't a sum over one token of masses and inner products.
    """
    one, other = Index("a"), Index("b")

    def number(term: Any, summed: bool) -> Any:
        if isinstance(term, TokenSum) and not (term.but or summed or len(term.args[1]) > 1):
            mine, rest = (number(term.opened(place), summed=True) for place in (one, other))
            return mine + (n - 1) * rest
        if isinstance(term, Item) and term.args[0] == m and term.args[1] in (one, other):
            return 1 / n
        if isinstance(term, Inner):
            tokens = [Row(X, one), Row(X, other)]
            if not set(term.args) <= set(tokens):
                raise NotImplementedError(f"Expected inner products of tokens but got {term}.")
            return S.One if term.args[0] == term.args[1] else LEVEL
        if isinstance(term, Term):
            raise NotImplementedError(f"Expected a sum over one token but got {term}.")
        return term.func(*(number(a, summed) for a in term.args)) if term.args else term

    return number(weight.xreplace({TOKEN: one}), summed=False)


def _by_places(says: Proposition, facts: tuple[Fact, ...]) -> str:
    ways = {AT_PLACES: at_places, AT_EQUAL_ANGLES: at_equal_angles}
    if not isinstance(says, Is) or says.definition not in ways:
        raise NotConcluded("it isn't a value at two places, or at equal angles")
    weight, value = says.arguments
    if weight.has(r, LEVEL, ALONE, WHOLE):
        raise NotConcluded("lengths enter the weights, or what is named here")
    try:
        left = ways[says.definition](weight) - value
    except NotImplementedError as short:
        raise NotConcluded(str(short)) from short
    if powsimp(expand(left)) != 0 and expand(together(left)) != 0:
        raise NotConcluded("it is something else")
    return "sums over tokens have two parts"


BY_PLACES = Engine("values by places", How.DERIVED, _by_places)


def _rises(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Is) or says.definition is not RISES:
        raise NotConcluded("it isn't that a kernel rises")
    (kernel,) = says.arguments
    hot = any(fact.says == HOT for fact in facts)
    if kernel.has(Term) or (beta in kernel.free_symbols and not hot):
        raise NotConcluded("it is about functions of z, at b > 0")
    for one in (kernel, kernel.diff(z)):
        decision = decide_positive(one)
        if not decision.for_all or decision.enclosed:
            raise NotConcluded(f"{one} isn't known to be positive on [-1, 1]")
    return "its sign and its slope's on [-1, 1]"


RISING_KERNEL = Engine("rising kernel", How.DECIDED, _rises)


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


def _powers(expr: Expr) -> set[Any]:
    """Return what is positive and no polynomial: exponentials of parameters."""
    return {e for e in expr.atoms(exp, log) if e.is_positive}


def factored(left: Expr) -> bool:
    """Whether it is (m_1 - μ)(K - k), to powers, times what is not 0 for positive symbols.

    Examples
    --------
    >>> factored((_ALONE - _REST) * (_NEAR - _FAR) * (1 + _FAR))
    True
    >>> factored((_ALONE - _REST) * (_NEAR - 2 * _FAR)), factored(_ALONE - _REST)
    (False, False)
    """
    names = {
        e: Symbol(f"p{i}", positive=True) for i, e in enumerate(sorted(_powers(left), key=str))
    }
    numerator, denominator = left.xreplace(names).as_numer_denom()
    try:
        _, parts = factor_list(numerator)
        _, under = factor_list(denominator)
    except PolynomialError:
        return False
    rest = [part for part, _ in parts]
    for one in (_ALONE - _REST, _NEAR - _FAR):
        found = [part for part in rest if 0 in (expand(part - one), expand(part + one))]
        if len(found) != 1:
            return False
        rest.remove(found[0])
    signs = [*rest, *(part for part, _ in under)]
    return all(_is_positive(part) or _is_positive(-part) for part in signs)


def shown(left: Expr) -> Expr:
    """Write such a difference as a product."""
    names = {
        e: Symbol(f"p{i}", positive=True) for i, e in enumerate(sorted(_powers(left), key=str))
    }
    numerator, denominator = left.xreplace(names).as_numer_denom()
    content, parts = factor_list(numerator)
    below, under = factor_list(denominator)
    product = content / below * Mul(*(p**k for p, k in parts)) / Mul(*(p**k for p, k in under))
    return product.xreplace({value: name for name, value in names.items()})


def _of_one_sign(weight: Any) -> tuple[Proposition, ...]:
    return Rel("<=", 0, weight), Rel("<=", weight, 0)


def _uneven(apart: Fact, rises: Fact, sign: Fact, several: Fact) -> Concluded:
    if not isinstance(apart.says, Is) or apart.says.definition is not PARTED:
        raise NotConcluded("it needs weights at two places")
    weight, kernel, left = apart.says.arguments
    wants(rises, Is(RISES, kernel))
    if sign.says not in _of_one_sign(weight):
        raise NotConcluded(f"nothing says that {weight} has one sign")
    wants(several, SEVERAL)
    states = [one for one in sign.given if isinstance(one, Is) and one.definition is STATE]
    if sign.given != set(states) or apart.given or len(states) > 1:
        raise NotConcluded("it isn't so at every state")
    of_all(sign, TOKEN, t)
    if not factored(left):
        raise NotConcluded("it isn't (m_1 - mu)(K - k) times what is never 0")
    return Concluded(Is(ONE_FACTOR, weight), spares=frozenset(states))


UNEVEN = Rule(
    "weights at two places",
    "w_1² - w_2² = (m_1 - μ)(k(1) - k(g)) c at two places, c != 0; 0 < k rises on [-1, 1]; at "
    "every state 0 <= w_i, or w_i <= 0; 2 <= n: the w_i agree at every state exactly if n = 2 and "
    "m_1 = m_2",
    "two tokens are always at two places, where m_1 = μ makes w_1 = w_2; else, any token being the "
    "one that is alone, g < 1, all m_i = M/2: n M/2 = M",
    _uneven,
)


def uneven(subject: Subject, kernel: Expr, weight: Any) -> Conclusion | None:
    """Claim the gradient in a metric, and that its weights are one factor for two equal masses.

    Parameters
    ----------
    subject : Subject
    kernel : Expr
        k, a function of ``z``.
    weight : Expr
        w_i, a term in the index i.

    Examples
    --------
    >>> from proofs_checks.theorems.energy import attached
    >>> from theory.models import NGPT
    >>> own = attached(Subject.of(NGPT))
    >>> uneven(Subject.of(NGPT), exp(beta * z), own.pace / Item(m, TOKEN)).found.by.name
    'and'
    """
    found = of_energy(gradient, subject)
    if found is None:
        return None
    metric, _ = found
    if not weight.has(Term):
        return metric  # it is round
    try:
        left = parted(weight, kernel)
    except NotImplementedError:
        return None
    if left == 0 or not factored(left):
        return None  # such as the same k at both places: nothing is seen
    hot = (assume(HOT),) if beta in kernel.free_symbols else ()
    rises = settle(RISING_KERNEL, Is(RISES, kernel), *hot)
    roots = [a for a in (read(STATE_ROOTED, subject),) if isinstance(a, Theorem)]
    facts = read(STATE_POSITIVE, subject), *roots
    signs = [settle(SIGNS, one, *facts) for one in _of_one_sign(weight)]
    sign = next((one for one in signs if isinstance(one, Theorem)), signs[0])
    apart = settle(PLACES, Is(PARTED, weight, kernel, shown(left)))
    whole = both_of(metric, apart, apply(UNEVEN, apart, rises, sign, assume(SEVERAL)))
    return whole


def valued(
    subject: Subject, kernel: Expr, weight: Any, factor: Expr, excess: Expr
) -> Conclusion | Refusal:
    """Claim values of weights at equal angles and at two places, and what metric they are of.

    Where there is an energy of pairs its slope in the metric is claimed; where k is known to be
    positive and to rise, that the weights are one factor for two equal masses alone.

    Parameters
    ----------
    subject : Subject
    kernel : Expr
        k, a function of ``z``.
    weight : Expr
        w_i, a term in the index i; that of the metric but for a factor that is one for all tokens.
    factor, excess : Expr
        As `AT_EQUAL_ANGLES` and `AT_PLACES` have them.

    Examples
    --------
    >>> from theory.models import USA
    >>> own = valued(Subject.of(USA), S.One, S.One, S.One, S.Zero)
    >>> own.found.by.name
    'and'
    """
    said: tuple[Proposition, ...] = (
        Is(AT_EQUAL_ANGLES, weight, factor),
        Is(AT_PLACES, weight, excess),
    )
    found = [settle(BY_PLACES, one) for one in said]
    known = of_energy(gradient, subject)
    if known is None:
        return claimed(apply(both, *found), All(*said), ())
    metric, pairs = known
    if (pairs.pace / (Item(m, TOKEN) * weight)).has(Term):
        return Refusal(f"the weights of the metric of {subject.name} are others")
    whole = uneven(subject, kernel, weight) if weight.has(Term) else None
    own = metric if whole is None else whole
    then = All(*said, own.says.then)
    return claimed(apply(both, *found, own.found), then, (*own.says.given, HOT), own.names)


def both_of(metric: Conclusion, *found: Any) -> Conclusion | None:
    """Join what is said of weights to what is said of the gradient."""
    joined = apply(both, metric.found, *found)
    if isinstance(joined, Refusal):
        return None
    return claimed(joined, joined.says, (*metric.says.given, HOT, SEVERAL), metric.names)


__all__ = ["TwoPlaces", "uneven", "valued"]
