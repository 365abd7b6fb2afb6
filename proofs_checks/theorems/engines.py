"""Engines: each decides the proposition that is shown, from it and from facts, exactly.

A relation says that its sides are defined, so an engine that meets a quotient asks for a fact that
its denominator isn't 0. Along a solution the time is at least 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Function,
    Mul,
    Piecewise,
    Pow,
    S,
    StrictLessThan,
    Transpose,
    cos,
    cosh,
    count_ops,
    exp,
    expand,
    log,
    oo,
    preorder_traversal,
    sin,
    sinh,
)

from proofs_checks.decide import as_waves, bounds, climbs, has_values, limit_at, sign_until
from proofs_checks.proof import How
from proofs_checks.propositions import Definition, Is, Proposition, Rel, Tends, written
from proofs_checks.theorems.cosines import (
    NONNEGATIVE,
    POSITIVE,
    UNKNOWN,
    cosine_of,
    over_cosines,
    rises,
    wave_of,
)
from proofs_checks.theorems.kernel import Engine, Fact, Found, NotConcluded, Theorem, settle
from theory.atoms import Sinkhorn
from theory.masks import Mask
from theory.positive_part import PositivePart
from theory.symbols import d, n, t, z
from theory.terms import (
    Elapsed,
    Entry,
    Equation,
    Greatest,
    Index,
    Inner,
    Item,
    Least,
    Norm,
    Number,
    Row,
    Smaller,
    Sort,
    TokenSum,
    denominators,
    is_value,
    match,
    moving,
    parts_of,
    residual,
    sort_of,
    weight,
)

TIME = Dummy("t", nonnegative=True)
"""The time, which SymPy knows to be at least 0."""


FINITE = Definition(
    "a number", "{0} is a number, the limit where parts of it are infinite", (Sort.NUMBER,)
)
"""Algebra of terms made of such parts holds where logarithms are finite, and at limits of that."""


def equations(facts: Iterable[Fact]) -> list[Equation]:
    """Return the equations among facts, with the indices that they hold for all of."""
    return [
        Equation(fact.says.left, fact.says.right, _indices(fact))
        for fact in facts
        if isinstance(fact.says, Rel) and fact.says.op == "="
    ]


def _indices(fact: Fact) -> frozenset[Any]:
    return frozenset(v for v in fact.variables if isinstance(v, Index))


# -- signs -------------------------------------------------------------------------------------


def known_sign(a: Any, facts: tuple[Fact, ...]) -> int:
    """Return what facts and assumptions say of the sign of a number: 2 if > 0, 1 if >= 0, else 0.

    Parameters
    ----------
    a : Expr
    facts : tuple of Fact
        Relations with 0, or between two numbers, whose difference is looked for.
    """
    found = max((_of_fact(a, fact) for fact in facts), default=UNKNOWN)
    if found == POSITIVE:
        return found
    if not a.has(Number):
        plain = a.xreplace({t: TIME, **_counts(a, facts)})
        own = POSITIVE if plain.is_positive else NONNEGATIVE if plain.is_nonnegative else UNKNOWN
        found = max(found, own or _over_time(a))
    found = max(found, _by_shape(a, facts))
    g = cosine_of(a) or wave_of(a)
    if found != POSITIVE and g is not None and of_unit_vectors(g, facts):
        return max(found, over_cosines(a, g, lambda b: known_sign(b, facts)))
    return found


def _counts(a: Any, facts: tuple[Fact, ...]) -> dict[Any, Any]:
    """Return ``n = 2 + k`` and ``d = 2 + k`` for those that facts say are at least 2, or more."""
    found: dict[Any, Any] = {}
    for fact in facts:
        says = fact.says
        if isinstance(says, Rel) and says.op == "<=" and says.right in (n, d) and a.has(says.right):
            if says.left.is_Integer and says.left >= 2:
                found[says.right] = max(says.left, found.get(says.right, says.left))
    return {s: k + Dummy("k", integer=True, nonnegative=True) for s, k in found.items()}


def _entire_in(a: Any) -> Any:
    """Return the one symbol of a function without poles, of waves and exponentials, or None."""
    powers = all(one.exp.is_integer and one.exp.is_nonnegative for one in a.atoms(Pow))
    if len(a.free_symbols) != 1 or not powers or not a.atoms(Function) <= a.atoms(sin, cos, exp):
        return None
    (symbol,) = a.free_symbols
    return symbol


def _over_time(a: Any) -> int:
    """Sign of a function of a time alone, for all t >= 0, that has a value at all of them."""
    time = _entire_in(a)
    if time is None or (time != t and not time.is_nonnegative):
        return POSITIVE if climbs(a, t) else UNKNOWN
    if bounds(a, time)[0].is_positive:
        return POSITIVE
    rises = a.subs(time, 0).is_nonnegative and sign_until(a.diff(time), time, oo) == 1
    return NONNEGATIVE if rises or sign_until(a, time, oo) == 1 else UNKNOWN


def of_unit_vectors(g: Any, facts: tuple[Fact, ...]) -> bool:
    """Whether facts say that a number is in [-1, 1]."""
    rooms = () if isinstance(g, cos) else (g + 1, 1 - g)
    return all(any(_of_fact(room, fact) for fact in facts) for room in rooms)


def _of_fact(a: Any, fact: Fact) -> int:
    says = fact.says
    if not isinstance(says, Rel) or says.op not in ("<", "<="):
        return UNKNOWN
    if sort_of(says.left) is not Sort.NUMBER:
        return UNKNOWN
    if match(says.right - says.left, a, _indices(fact)) is None:
        return UNKNOWN
    return POSITIVE if says.op == "<" else NONNEGATIVE


def _grown(a: Any, facts: tuple[Fact, ...]) -> int:
    """Return the sign of f(s), s > 0 as facts say: f(0) >= 0 and f' > 0, f without poles."""
    s = None if a.has(Number) else _entire_in(a := a.rewrite((sinh, cosh), exp))
    if s is None or all(fact.says != Rel("<", 0, s) for fact in facts):
        return UNKNOWN
    slope = a.diff(s).xreplace({s: Dummy("s", positive=True)})
    return POSITIVE if a.subs(s, 0).is_nonnegative and slope.is_positive else UNKNOWN


def _over_start(a: Add, of: Callable[[Any], int]) -> int:
    """Sign of ``k e^p - l`` of numbers 0 < l <= k, which p says: e^p >= 1 where p >= 0."""
    below, rising = a.as_coeff_Add()
    factor, power = rising.as_coeff_Mul()
    if not isinstance(power, exp) or not 0 < -below <= factor:
        return UNKNOWN
    sign = of(power.args[0])
    return POSITIVE if sign == NONNEGATIVE and factor > -below else sign


def _by_shape(a: Any, facts: tuple[Fact, ...]) -> int:
    def of(b: Any) -> int:
        return known_sign(b, facts)

    if isinstance(a, exp):
        return POSITIVE if _defined(a.args[0], facts) else UNKNOWN
    if isinstance(a, Mul):
        return min(map(of, a.args)) or _of_product(a, facts) or _of_function(a, of)
    if isinstance(a, Smaller):
        return min(map(of, a.args))
    if isinstance(a, PositivePart):
        return max(of(a.args[0]), NONNEGATIVE) if a.args[1] > 0 else UNKNOWN
    if isinstance(a, Add):
        signs = list(map(of, a.args))
        if min(signs) >= NONNEGATIVE:
            return max(signs)
        return _grown(a, facts) or _over_start(a, of)
    if isinstance(a, Piecewise):  # each case is signed at every time, though it counts in its own
        covered = a.args[-1].cond == True  # noqa: E712 - SymPy's truth
        return min(of(branch) for branch, _ in a.args) if covered else UNKNOWN
    if isinstance(a, Pow) and not a.exp.is_number and a.exp.is_real:
        return POSITIVE if of(a.base) == POSITIVE else UNKNOWN
    if isinstance(a, Pow):
        if a.exp.is_number and a.exp.is_rational:
            base = of(a.base)
            if base == POSITIVE:
                return POSITIVE
            if a.exp.is_positive and base == NONNEGATIVE:
                return NONNEGATIVE
            even = a.exp.is_integer and a.exp.is_even and a.exp.is_positive
            return NONNEGATIVE if even and _defined(a.base, facts) else UNKNOWN
        return UNKNOWN
    if isinstance(a, Inner) and a.args[0] == a.args[1]:
        return NONNEGATIVE
    if isinstance(a, Entry):
        return _of_entry(a, facts)
    if isinstance(a, TokenSum) and a.but:  # nobody may be left to sum over
        return min(of(a.body), NONNEGATIVE)
    if isinstance(a, TokenSum) and of(a.body) == NONNEGATIVE:
        return POSITIVE if any(of(own) == POSITIVE for own in _own_terms(a, facts)) else NONNEGATIVE
    if isinstance(a, TokenSum | Least):
        return of(a.body)
    if isinstance(a, Greatest | Elapsed):
        inside = a.body if isinstance(a, Greatest) else a.args[0]
        always = all(fact.general(t) for fact in facts)
        return min(of(inside), NONNEGATIVE) if always else UNKNOWN
    if is_value(a):  # what SymPy knows of a term it knows at every time
        return NONNEGATIVE if a.args[0].is_nonnegative else UNKNOWN
    return NONNEGATIVE if a.is_nonnegative else _grown(a, facts)


def _of_product(a: Mul, facts: tuple[Fact, ...]) -> int:
    """Sign of a product of what a fact says the sign of, a product too, and of the rest."""
    for fact in facts:
        known = fact.says.right if isinstance(fact.says, Rel) and fact.says.left == 0 else S.One
        if isinstance(known, Mul) and set(known.args) <= set(a.args):
            rest = Mul(*(one for one in a.args if one not in known.args))
            if found := min(_of_fact(known, fact), known_sign(rest, facts)):
                return found
    return UNKNOWN


def _of_function(a: Mul, of: Callable[[Any], int]) -> int:
    """Sign of a product of a function of inner products, numbers in it, and of the rest."""
    near = [one for one in a.args if one.is_number or one.has(Inner)]
    head, rest = Mul(*near), Mul(*(one for one in a.args if one not in near))
    return min(of(head), of(rest)) if head not in (1, a) and len(head.args) > 1 else UNKNOWN


def _own_terms(a: TokenSum, facts: tuple[Fact, ...]) -> Iterator[Any]:
    """Yield the term of a sum over tokens that is of a token itself, <x_i,x_i> = 1 put in it."""
    for fact in facts:
        says = fact.says
        if isinstance(says, Rel) and isinstance(says.left, Norm) and says.right == 1:
            unit = says.left.args[0]
            if isinstance(unit, Row) and _indices(fact) == {unit.args[1]}:
                own = (one for one in a.free_symbols if isinstance(one, Index))
                for i in (
                    one for one in own if {a.bound[0].count} == {one.count, unit.args[0].shape[0]}
                ):
                    x = Row(unit.args[0], i)
                    yield a.opened(i).xreplace({Inner(x, x): S.One})


def _of_entry(a: Entry, facts: tuple[Fact, ...]) -> int:
    matrix = a.args[0]
    if isinstance(matrix, Sinkhorn):  # A_ij = e^(p_i + S_ij + p_j) m_j; symmetric scores have a p
        even = Transpose(matrix.scores).doit() == matrix.scores
        return known_sign(Item(matrix.masses, a.args[2]), facts) if even else UNKNOWN
    mask = matrix if isinstance(matrix, Mask) else getattr(matrix, "mask", None)
    if mask is not None:
        # An entry of a mask is 0 or 1; a masked softmax is 0 where nobody is seen.
        masses = isinstance(matrix, Mask) or known_sign(weight_of(a), facts)
        return NONNEGATIVE if masses else UNKNOWN
    try:
        return known_sign(weight(a), facts)
    except ValueError:
        return UNKNOWN


def weight_of(a: Entry) -> Any:
    """Return the numerator of an entry of a masked softmax."""
    return weight(a).as_numer_denom()[0]


def _defined(a: Any, facts: tuple[Fact, ...]) -> bool:
    return not undefined((a,), facts)


def undefined(terms: Iterable[Any], facts: tuple[Fact, ...]) -> list[Any]:
    """Return denominators and roots in terms that nothing says are positive, or not 0."""
    terms = tuple(part for term in terms for part in _in_cases(term))
    meant = {Dummy("k", real=True): one for term in terms for one in said_finite(term, facts)}
    terms = tuple(term.xreplace({one: name for name, one in meant.items()}) for term in terms)
    lost = [b for b in denominators(*terms) if not _nonzero(b.xreplace(meant), facts)]
    roots = {a for term in terms for a in parts_of(term, Pow) if a.exp.is_integer is not True}
    lost += [a.base for a in roots if known_sign(a.base.xreplace(meant), facts) == UNKNOWN]
    logs = {a.args[0] for term in terms for a in parts_of(term, log)}
    return lost + [b for b in logs if known_sign(b.xreplace(meant), facts) != POSITIVE]


def _of_parts(says: Rel, fact: Fact) -> bool:
    return bool(said_finite(says.left, (fact,)) | said_finite(says.right, (fact,)))


def said_finite(a: Any, facts: tuple[Fact, ...]) -> set[Any]:
    """Return parts of a term that a fact says are numbers, and powers of them."""
    own = (one for one in facts if isinstance(one.says, Is) and one.says.definition is FINITE)
    said = [(one.says.arguments[0], _indices(one)) for one in own]
    return {
        part
        for known, holes in said
        for part in preorder_traversal(a)
        for one in (part, 1 / part.base if isinstance(part, Pow) and part.exp.is_negative else part)
        if match(known, one, holes) is not None
    }


_LATER = Dummy("later", nonnegative=True)


def _in_cases(term: Any) -> list[Any]:
    """Return a term without its cases, and each case by itself: after τ, t is τ and more."""
    found: list[Any] = []
    cases = {
        one
        for one in parts_of(term, Piecewise)
        if len(one.args) == 2 and ends(one.args[0].cond) and one.args[1].cond == True  # noqa: E712
    }
    for one in cases:
        time = one.args[0].cond.rhs
        found += _in_cases(one.args[0].expr)
        found += _in_cases(one.args[1].expr.xreplace({t: time + _LATER}))
    return [term.xreplace({one: Dummy("case", real=True) for one in cases}), *found]


def _nonzero(b: Any, facts: tuple[Fact, ...]) -> bool:
    for fact in facts:
        says = fact.says
        if isinstance(says, Rel) and says.op == "!=" and says.right == 0:
            if match(says.left, b, _indices(fact)) is not None:
                return True
    own = not b.has(Number) and b.is_nonzero
    return bool(own) or POSITIVE in (known_sign(b, facts), known_sign(-b, facts))


def _require_defined(terms: Iterable[Any], facts: tuple[Fact, ...]) -> None:
    if lost := undefined(terms, facts):
        raise NotConcluded(f"no fact says that {_text(lost[0])} may be divided by, or rooted")


def _text(a: Any) -> str:
    return written(Rel("=", a, a)).partition(" = ")[0]


def _negative(a: Any) -> Any:
    """Change the sign of all terms of a sum."""
    return a.func(-a.body, *a.args[1:]) if isinstance(a, TokenSum) else -a


def _signs(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Rel) or says.op not in ("<", "<=") or 0 not in (says.left, says.right):
        raise NotConcluded("signs are of one number: 0 < a, 0 <= a, a < 0, a <= 0")
    a = says.right if says.left == 0 else _negative(says.left)
    found = known_sign(a, facts)
    if found < (POSITIVE if says.op == "<" else NONNEGATIVE):
        raise NotConcluded(f"the sign of {_text(a)} isn't shown by {_shown(facts)}")
    return "signs of its parts"


def _shown(facts: tuple[Fact, ...]) -> str:
    return "; ".join(written(fact.says) for fact in facts) or "no fact"


# -- equations and sums of inequalities --------------------------------------------------------


def _equal(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Rel) or says.op != "=":
        raise NotConcluded("it is no equation")
    if says.left == says.right:
        raise NotConcluded("both sides are the same as they are written")
    _require_defined((says.left, says.right), facts)
    left = residual(says.left, says.right, equations(facts))
    if left != 0 and not left.has(Number) and left.has(sin, cos):
        left = expand(as_waves(left))  # sin² + cos² is 1
    if left != 0:
        raise NotConcluded(f"residual {_text(left)}")
    return "residual 0"


def divided(*terms: Any) -> set[Any]:
    """Return what stands in a denominator, a root or a logarithm."""
    roots = {a.base for term in terms for a in parts_of(term, Pow) if a.exp.is_integer is not True}
    logs = {a.args[0] for term in terms for a in parts_of(term, log)}
    return denominators(*terms) | roots | logs


def _divisors(says: Rel) -> set[Any]:
    """Return what a relation divides by, roots or takes the logarithm of, and its parts."""
    bases = divided(says.left, says.right)
    parts = {-base for base in bases}.union(*map(preorder_traversal, bases))
    return {a for a in parts if isinstance(a, Expr) and not (a.is_number or isinstance(a, Index))}


def spared(engine: Engine, says: Proposition, *facts: Found) -> Found:
    """Let an engine decide, by no more of the facts than it needs: mostly it needs none."""
    alone = settle(engine, says)
    if isinstance(alone, Theorem) or not facts:
        return alone
    found, known = settle(engine, says, *facts), list(facts)
    for fact in facts:
        rest = [one for one in known if one is not fact]
        if isinstance(found, Theorem) and isinstance(less := settle(engine, says, *rest), Theorem):
            known, found = rest, less
    return found


def needed(says: Rel, signs: Iterable[Found]) -> list[Found]:
    """Return those of the signs that are of what a relation divides by."""
    bases = _divisors(says)
    return [
        one
        for one in signs
        if isinstance(one, Theorem)
        and (any(_of_fact(b, one.fact) for b in bases) or _of_parts(says, one.fact))
    ]


def _added(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``L <= R`` if ``R - L`` is the sum of ``R_k - L_k`` over the inequalities given."""
    if not isinstance(says, Rel) or says.op not in ("<", "<="):
        raise NotConcluded("it is no inequality")
    # What says that a denominator isn't 0 is no part of the sum.
    bases = _divisors(says)
    used = [
        fact.says
        for fact in facts
        if isinstance(fact.says, Rel)
        and fact.says.op in ("<", "<=")
        and not (fact.says.left == 0 and any(_of_fact(b, fact) for b in bases))
    ]
    if not used:
        raise NotConcluded("no inequality among the premises")
    if says.op == "<" and all(one.op == "<=" for one in used):
        raise NotConcluded("none of the premises is strict")
    _require_defined((says.left, says.right), facts)
    total = Add(*(one.right - one.left for one in used))
    if (left := residual(says.right - says.left, total, equations(facts))) != 0:
        raise NotConcluded(f"the premises add up to something else, off by {_text(left)}")
    return "sum of the premises"


def limits_in(a: Any) -> list[Any]:
    """Return the smallest parts that have a value where a logarithm of one <x_i,x_j> is infinite.

    Examples
    --------
    >>> from theory.symbols import X
    >>> g = Inner(Row(X, Index("i")), Row(X, Index("j")))
    >>> limits_in(3 - 1 / log((1 - g) / 8)) == [1 / log((1 - g) / 8)], limits_in(log(2 - g))
    (True, [])
    """
    found = set()
    for infinite in a.atoms(log):
        if (g := cosine_of(infinite)) is None or has_values(infinite.xreplace({g: z})):
            continue
        holds = (
            one for one in preorder_traversal(a) if isinstance(one, Expr) and one.has(infinite)
        )
        finite = [one for one in holds if has_values(one.xreplace({g: z}))]
        found |= {min(finite, key=count_ops)} if finite else set()
    return sorted(found, key=str)


def _finite(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that a function of one <x_i,x_j> is continuous, limits included."""
    if not isinstance(says, Is) or says.definition is not FINITE:
        raise NotConcluded("it isn't that something is a number")
    (a,) = says.arguments
    if (g := cosine_of(a)) is None or not of_unit_vectors(g, facts):
        raise NotConcluded("it is no function of one inner product of unit vectors")
    if not has_values(a.xreplace({g: z})):
        raise NotConcluded(f"{_text(a)} isn't shown to be finite on [-1, 1]")
    return "a continuous function on [-1, 1]: where parts are infinite it is its limit"


def _rising(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``k(a) <= k(g)`` for ``-1 <= a <= g <= 1`` and a k that rises on [-1, 1]."""
    if not isinstance(says, Rel) or says.op != "<=" or (g := cosine_of(says.right)) is None:
        raise NotConcluded("it isn't k(a) <= k(g) of one inner product g")
    lows = [f.says.left for f in facts if isinstance(f.says, Rel) and _of_fact(g - f.says.left, f)]
    low = next(
        (one for one in lows if (says.right.xreplace({g: one}) - says.left).expand() == 0), None
    )
    if low is None or not of_unit_vectors(g, facts):
        raise NotConcluded(f"nothing says that -1 <= a <= {_text(g)} <= 1")
    if not any(_of_fact(low + 1, fact) for fact in facts):
        raise NotConcluded(f"nothing says that {_text(low)} is at least -1")
    if not rises(says.right, g):
        raise NotConcluded(f"{_text(says.right)} isn't seen to rise")
    return "its slope is >= 0 on [-1, 1]"


def _weighed(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that an entry of a softmax is what its definition says."""
    if not isinstance(says, Rel) or says.op != "=" or not isinstance(says.left, Entry):
        raise NotConcluded("it isn't an entry on the left of an equation")
    try:
        meant = weight(says.left)
    except ValueError as error:
        raise NotConcluded(str(error)) from error
    if getattr(says.left.args[0], "mask", None) is not None:
        raise NotConcluded("where a mask shows nobody the row isn't that quotient")
    if says.right != meant:
        raise NotConcluded(f"it is {_text(meant)}")
    return "as it is defined"


def _vanishes(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``k e^{-c F(t)} -> 0`` for constants k and c > 0 and F -> infinity."""
    if not isinstance(says, Tends) or says.args[1:] != (S.Zero, oo):
        raise NotConcluded("it isn't that something tends to 0 as t goes to infinity")
    moves = [factor for factor in Mul.make_args(says.args[0]) if moving(factor)]
    if len(moves) != 1 or not isinstance(moves[0], exp | Pow):
        raise NotConcluded("it isn't a constant times an exponential or a power")
    # b^(-c), for a c that doesn't move, is e^(-c log b).
    fast = moves[0]
    power = fast.args[0] if isinstance(fast, exp) else fast.exp * log(fast.base)
    ahead = [a for a in Mul.make_args(-power) if not moving(a)]
    clock = _explicit(Mul(*(a for a in Mul.make_args(-power) if moving(a))), facts)
    if t not in clock.free_symbols or clock.has(Number):
        raise NotConcluded(f"{_text(clock)} is no explicit clock")
    _require_defined((power,), facts)
    if known_sign(Mul(*ahead), facts) != POSITIVE:
        raise NotConcluded(f"nothing says that {_text(Mul(*ahead))} is positive")
    if limit_at(clock, t, oo) != oo:
        raise NotConcluded(f"{_text(clock)} isn't seen to grow without bound")
    return f"{_text(clock)} grows without bound"


def ends(condition: Any) -> bool:
    """Whether a condition is ``t < τ`` for a fixed number τ."""
    before = isinstance(condition, StrictLessThan) and condition.lhs == t
    return before and not moving(condition.rhs) and condition.rhs.is_finite is not False


@lru_cache(maxsize=64)
def _constant(place: int) -> Dummy:
    """Return the symbol of one constant of a clock: the same in all, so that limits are kept."""
    return Dummy(f"c{place}", positive=True)


def _explicit(clock: Any, facts: tuple[Fact, ...]) -> Any:
    """Return a clock late enough for its last case, with symbols for constants that are > 0."""
    last = {
        one: one.args[-1].expr.xreplace({t: t + one.args[0].cond.rhs})
        for one in clock.atoms(Piecewise)
        if len(one.args) == 2 and one.args[1].cond == True and ends(one.args[0].cond)  # noqa: E712
    }
    clock = clock.xreplace(last)
    names: dict[Any, Any] = {}

    def named(a: Any) -> Any:
        if not moving(a):
            if a.is_number or known_sign(a, facts) != POSITIVE:
                return a
            return names.setdefault(a, _constant(len(names)))
        if isinstance(a, Mul):
            still = named(Mul(*(one for one in a.args if not moving(one))))
            return Mul(still, *(named(one) for one in a.args if moving(one)))
        return a.func(*map(named, a.args)) if a.args else a

    if isinstance(clock, Add):  # what stays has no part in whether it grows
        clock = Add(*(one for one in clock.args if moving(one)))
    return named(clock)


EQUAL = Engine("algebra of tokens", How.DERIVED, _equal)
ADDED = Engine("sum", How.DERIVED, _added)
LIMITS = Engine("limits", How.DECIDED, _finite)
SIGNS = Engine("signs", How.DECIDED, _signs)
RISING = Engine("rising function", How.DECIDED, _rising)
WEIGHED = Engine("definition of weights", How.DERIVED, _weighed)
VANISHES = Engine("limit", How.DECIDED, _vanishes)
