"""(3.5): energies of pairs, E = ½ Σ_i Σ_j m_i m_j h(<x_i,x_j>): their bounds, their limit at β = 0.

An h that rises, or falls, on [-1, 1] lies between its values at the ends, and so does each pair; a
limit of h, a constant apart where it is infinite, is one of the finite sum.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Pow,
    S,
    cosh,
    exp,
    expand,
    factor_terms,
    factorial,
    log,
    simplify,
    sinh,
    sympify,
    tanh,
)

from proofs_checks.proof import How
from proofs_checks.propositions import All, Is, Proposition, Rel, Subject, Tends
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.cosines import NONNEGATIVE, cosine_of, over_cosines, valued
from proofs_checks.theorems.engines import (
    ADDED,
    EQUAL,
    SIGNS,
    known_sign,
    needed,
    of_unit_vectors,
    spared,
    undefined,
)
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import rename, together
from proofs_checks.theorems.order import CHAIN, SCALE, TOKEN_SUM
from proofs_checks.theorems.pulls import cosines_of, gram
from proofs_checks.theorems.readers import OTHER, STATE, STATE_POSITIVE, STATE_UNIT, TOKEN
from proofs_checks.theorems.stated import pairs_in
from theory.energy import is_infinite
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, t, z
from theory.terms import (
    Inner,
    Item,
    Name,
    Number,
    Row,
    at,
    is_value,
    moving,
    parts_of,
    scalar,
    total,
)

HOT = Rel("<", 0, beta)
WHOLE = Rel("=", total(Item(m, OTHER), OTHER), 1)
"""Masses add up to 1, at one time."""
_WARM = Dummy("t", positive=True)


# -- between the ends --------------------------------------------------------------------------


def _at_the_ends(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``h(e) <= h(g)`` or ``h(g) <= h(e)``, e = ±1, of an h that rises, or falls."""
    if not isinstance(says, Rel) or says.op != "<=":
        raise NotConcluded("it is no bound")
    sides = says.left, says.right
    inside = [one for one in sides if cosine_of(one) is not None]
    if len(inside) != 1:
        raise NotConcluded("it isn't a bound of a function of one inner product")
    (value,) = inside
    g: Any = cosine_of(value)
    end, below = (sides[0], True) if value == sides[1] else (sides[1], False)
    if not of_unit_vectors(g, facts):
        raise NotConcluded(f"nothing says that {g} is in [-1, 1]")
    if z in value.free_symbols:
        raise NotConcluded("z stands for the product")
    plain = value.xreplace({g: z})
    slope = plain.diff(z).xreplace({z: g})
    signs = [k for k in (1, -1) if simplify(plain.subs(z, -k if below else k) - end) == 0]

    def of(one: Any) -> int:
        return known_sign(one, facts)

    for sign in signs:  # rising where it is 1
        if valued(plain) and over_cosines(sign * slope, g, of) >= NONNEGATIVE:
            return f"its slope is {'>=' if sign == 1 else '<='} 0 on [-1, 1]"
    raise NotConcluded("it isn't seen to rise to that end, or to fall to it")


BETWEEN_ENDS = Engine("between the ends", How.DECIDED, _at_the_ends)


# -- as a parameter goes to 0 ------------------------------------------------------------------


def _tends(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that a sum over pairs, of masses and places that stay, tends to one as t goes to 0."""
    if not isinstance(says, Tends) or says.args[2] != 0:
        raise NotConcluded("it isn't that something tends to a limit as t goes to 0")
    term, limit = (pairs_in(side) for side in says.args[:2])
    held = {
        one
        for side in (term, limit)
        for one in parts_of(side, Number)
        if is_value(one) and isinstance(one.args[0], Inner)
    }
    if len(held) > 1 or any(map(moving, held)) or moving(limit):
        raise NotConcluded("it isn't of t and of one inner product that stays")
    ahead, inside = term.as_independent(t, *held, as_Add=False)
    if moving(ahead) or ahead == 0:
        raise NotConcluded("more than t moves")
    names = {one: z for one in held}
    if inside.has(z) or (inside.xreplace(names)).has(Number):
        raise NotConcluded("it isn't a function of t and of one inner product")
    if simplify(_from_above(inside.xreplace(names)) - (limit / ahead).xreplace(names)) != 0:
        raise NotConcluded(f"{limit} isn't its limit")
    return "its expansion at t = 0, pair by pair"


def _from_above(plain: Expr) -> Expr:
    """Return the limit of a function of t and z as t goes to 0 from above, for every z."""
    warm = plain.xreplace({t: _WARM}).replace(
        lambda one: isinstance(one, PositivePart) and one.args[0].has(_WARM),
        lambda one: _WARM ** one.args[1] * PositivePart(one.args[0] / _WARM, one.args[1]),
    )
    for order in range(3):
        terms = [_WARM**order * one for one in Add.make_args(expand(warm))]
        parts = [Add(*terms).diff(_WARM, k) for k in range(order + 1)]
        if not all(_analytic(one) for one in (*terms, *parts)):
            continue
        values = [simplify(one.subs(_WARM, 0)) for one in parts]
        if any(value != 0 for value in values[:-1]):
            break
        return values[-1] / factorial(order)
    raise NotConcluded("no expansion at t = 0 is seen")


def _analytic(a: Expr) -> bool:
    """Whether a function of t is analytic at t = 0, for every z: by what it is made of."""
    if not a.has(_WARM):
        return not is_infinite(a)
    if isinstance(a, Pow) and not (a.exp.is_integer and a.exp.is_nonnegative):
        start = a.base.subs(_WARM, 0)
        fits = bool(start.is_positive or (a.exp.is_integer and start.is_nonzero))
        return fits and not a.exp.has(_WARM) and _analytic(a.base)
    if isinstance(a, log):
        return bool(a.args[0].subs(_WARM, 0).is_positive) and _analytic(a.args[0])
    known = a == _WARM or isinstance(a, (Add, Mul, Pow, exp, cosh, sinh, tanh))
    return known and all(map(_analytic, a.args))


AT_ZERO = Engine("limit at 0", How.DECIDED, _tends)


# -- what is claimed ---------------------------------------------------------------------------


def _pairs(kernel: Any, product: Any, first: Any, second: Any) -> Any:
    """``½ Σ_i Σ_j m_i m_j h(<x_i,x_j>)``."""
    inside = first * second * kernel.xreplace({z: product}) / 2
    return total(total(inside, OTHER), TOKEN)


def _cold(kernel: Any, limit: Any) -> tuple[Found, Proposition]:
    """Say what E tends to as β goes to 0, without ½ h(0) where that is infinite; t stands for β."""
    own = kernel.xreplace({beta: t})
    start = kernel.subs(z, 0)
    if is_infinite(start.subs(beta, 0)):
        own = own - start.xreplace({beta: t})
    masses = (at(Item(m, one)) for one in (TOKEN, OTHER))
    held = at(Inner(Row(X, TOKEN), Row(X, OTHER))), *masses
    says = Tends(_pairs(own, *held), _pairs(limit, *held), S.Zero)
    return settle(AT_ZERO, says), says


def _summed(bound: Found, index: Any, inside: Any, up: bool, below: list[Found]) -> Found:
    """Sum ``c m_j <= a_j`` over all tokens: ``c <= Σ_j a_j``, as masses add up to 1."""
    found = apply(TOKEN_SUM, bound, index=index)
    if isinstance(found, Refusal):
        return found
    sums = found.says.left if up else found.says.right
    more = inside * WHOLE.left
    ends = (sums, more) if up else (more, sums)
    heat = needed(Rel("<=", *ends), below)
    wide = settle(ADDED, Rel("<=", *ends), found, *heat)
    if more == inside:
        return wide
    same = settle(
        EQUAL, Rel("=", *((more, inside) if up else (inside, more))), assume(WHOLE), *heat
    )
    return apply(CHAIN, *((wide, same) if up else (same, wide)))


def _weaker(found: Found, says: Rel, hot: Found, below: list[Found]) -> Found:
    """Conclude a bound from a nearer one."""
    if isinstance(found, Refusal) or found.says == says:
        return found
    gap = found.says.left - says.left + says.right - found.says.right
    room = spared(SIGNS, Rel("<=", 0, factor_terms(gap)), hot)
    return settle(ADDED, says, found, room, *needed(says, below))


def signed(value: Any, *facts: Found) -> list[Found]:
    """Say of what a number divides by, takes roots or logarithms of that it is > 0, or >= 0.

    Examples
    --------
    >>> [str(one) for one in signed(1 / beta, assume(HOT))]
    ['0 < β (given: 0 < β)']
    """
    found: list[Found] = []
    for one in undefined((value,), ()):
        known = [a for a in facts if isinstance(a, Theorem) and a.says == Rel("<", 0, one)]
        signs = (spared(SIGNS, Rel(op, 0, one), *facts) for op in ("<", "<="))
        found += known[:1] or [a for a in signs if isinstance(a, Theorem)][:1]
    return found


def energy_between(
    subject: Subject, energy: Any, kernel: Any, ends: tuple[Any, Any], cold: Any = None
) -> Conclusion | Refusal:
    """Claim (3.5): E = ½ Σ_i Σ_j m_i m_j h(<x_i,x_j>), where it lies for mass one, and its limit.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1)
        As the model states it.
    kernel : Expr
        h in ``z``.
    ends : tuple of Expr
        Between what it lies.
    cold : Expr, optional
        What h tends to as β goes to 0, without h(0) where that is infinite; None if nothing is
        said of it.

    Examples
    --------
    >>> from theory.models import SA
    >>> ends = exp(-beta) / (2 * beta), exp(beta) / (2 * beta)
    >>> own = energy_between(Subject.of(SA), SA.energy, exp(beta * z) / beta, ends, z)
    >>> own.found.says == own.says.then
    True
    """
    value, product = scalar(energy), gram(TOKEN, OTHER)
    unit, mass = read(STATE_UNIT, subject), read(STATE_POSITIVE, subject)
    other = apply(rename, mass, values={TOKEN: OTHER})
    pairs = _pairs(kernel, product, Item(m, TOKEN), Item(m, OTHER))
    hot = assume(HOT)
    heat = (hot,) if kernel.has(beta) else ()
    several = (assume(SEVERAL),) if kernel.has(n) else ()
    here = kernel.xreplace({z: product})
    below = signed(here, hot, *several, *cosines_of(unit)[:2])
    weight = Item(m, TOKEN) * Item(m, OTHER) / 2
    sign = settle(SIGNS, Rel("<=", 0, weight), mass, other)
    facts: list[Found] = []
    says: list[Proposition] = []
    if value != pairs:
        says.append(Rel("=", value, pairs))
        facts.append(spared(EQUAL, says[0], *below))
    least, most = kernel.subs(z, -1), kernel.subs(z, 1)
    for up, end in enumerate(ends):
        for far in (least, most):
            near = Rel("<=", here, far) if up else Rel("<=", far, here)
            bound = spared(BETWEEN_ENDS, near, *heat, *cosines_of(unit)[:2], *several)
            if not isinstance(bound, Refusal):
                break
        own = apply(SCALE, sign, bound)
        for index, ahead in ((OTHER, Item(m, TOKEN)), (TOKEN, S.One)):
            own = _summed(own, index, ahead * far / 2, bool(up), below)
        says.append(Rel("<=", pairs, end) if up else Rel("<=", end, pairs))
        facts.append(_weaker(own, says[-1], hot, below))
    if cold is not None:
        limit, said = _cold(kernel, sympify(cold))
        facts.append(limit)
        says.append(said)
    found, then = apply(together, *facts), All(*says)
    return claimed(found, then, (Is(STATE, subject), WHOLE, HOT, SEVERAL), (Name("E", pairs),))
