"""The sign of a function of one inner product on an interval, for all positive parameters.

By SymPy's assumptions, Sturm's theorem, positive coefficients or interval bisection; a sampled
point, checked exactly, refutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise, product
from math import lcm
from typing import Any

import numpy as np
import sympy as sp
from sympy import Add, Dummy, Expr, Integer, Poly, Rational, S, Symbol

from proofs_checks.decide.decision import (
    BOX,
    GENERIC_VALUES,
    SIMPLE_VALUES,
    WHOLE_VALUES,
    Answer,
    Decision,
    Question,
    exact,
)
from proofs_checks.decide.intervals import (
    Interval,
    NoEnclosureError,
    enclose,
    enclosed_sign,
    interval,
)
from proofs_checks.decide.roots import exact_zeros, tried_counts
from theory.bounded import (
    BUDGET,
    NOISE,
    TERMS,
    checkpoint,
    cost,
    deciding,
    expanded_terms,
    vanishes,
)
from theory.symbols import d, n, z

BOXES, WORK = 4000, 60_000
"""Most boxes of a bisection, and most operations in all of them."""

_INFINITE = (sp.oo, -sp.oo, sp.zoo, sp.nan)


@dataclass(frozen=True)
class _Problem:
    """An expression with generic positive parameters, on an interval of z."""

    expr: Expr
    low: Rational
    high: Rational
    strict: bool
    closed: tuple[bool, bool]
    parameters: tuple[Any, ...]

    def excluded(self, point: Any) -> bool:
        return bool(
            (point == self.low and not self.closed[0])
            or (point == self.high and not self.closed[1])
        )

    def without(self, end: Any) -> _Problem:
        """Return the same where one end doesn't belong to the interval."""
        low, high = self.closed
        return replace(self, closed=(low and end != self.low, high and end != self.high))

    def fails(self, at: Mapping[Any, Any]) -> bool | None:
        """Whether the value at a point violates the sign, None if SymPy can't tell."""
        sign = enclosed_sign(self.expr, at)
        if sign:
            return sign < 0
        with suppress(NoEnclosureError):
            box = enclose(self.expr, at)
            if box.a == box.b == 0:  # SymPy has no e^{-log(0)²}
                return self.strict
        value = self.expr.xreplace(dict(at))
        if value.has(*_INFINITE):  # there is nothing that could have a sign
            return None
        if value.is_Rational:
            return bool(value <= 0) if self.strict else bool(value < 0)
        number = value.evalf(30)
        if number.is_Float and abs(number) > NOISE:
            return bool(number < 0)
        if vanishes(value):
            return self.strict
        return None


def decide_positive(
    expr: Any,
    low: Any = -1,
    high: Any = 1,
    *,
    strict: bool = True,
    closed: tuple[bool, bool] = (True, True),
) -> Decision:
    """Decide whether an expression in z is positive on an interval, for all positive parameters.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z``; every other symbol is a parameter and is taken to be positive, a
        whole number where it is declared to be one, and n and d are integers >= 2.
    low, high : number
        Ends of the interval.
    strict : bool
        Decide ``> 0``; otherwise ``>= 0``.
    closed : pair of bool
        Whether each end belongs to the interval.

    Returns
    -------
    Decision

    Examples
    --------
    >>> decide_positive(3 * z**2).witness
    {'z': 0}
    >>> decide_positive(2 + z).answer.name
    'DECIDED'
    """
    asked = Question(exact(expr), Rational(low), Rational(high), strict, (closed[0], closed[1]))
    with deciding():
        found = _decided(asked.expr, asked.low, asked.high, strict, asked.closed)
    return replace(found, asked=asked)


@lru_cache(maxsize=256)
def _positive(name: str, whole: bool = False) -> Dummy:
    """Return the same positive symbol for a name each time: what is known of it is kept."""
    return Dummy(name, positive=True, integer=True) if whole else Dummy(name, positive=True)


@lru_cache(maxsize=4096)
def _decided(
    given: Expr, low: Rational, high: Rational, strict: bool, closed: tuple[bool, bool]
) -> Decision:
    """Decide a sign once: statements on one flow ask the same again and again."""
    if given.has(sp.DiracDelta):
        return Decision(Answer.UNDECIDED, "it isn't a function: a derivative of a jump is in it")
    if given.has(*_INFINITE):
        return Decision(Answer.UNDECIDED, "it isn't finite")
    counts = [count for count in (n, d) if count in given.free_symbols]
    if counts:
        return _for_counts(given, counts, (low, high), strict, closed)
    problem, scope = _posed(given, low, high, strict, closed)
    witness = _refute(problem)  # cheaper than what follows
    if witness is not None and not vanishes(problem.expr):
        return Decision(Answer.FAILS, _words(witness, strict), witness, scope)
    for end in _limits(problem):
        if problem.fails({z: end}) is not False:
            if near := _fails_near(end, problem):
                return Decision(Answer.FAILS, _words(near, strict), near, scope)
            return Decision(Answer.UNDECIDED, f"its limit at t = {end} isn't decided", {}, scope)
        problem = problem.without(end)
    core = _signed(_core(problem.expr), problem)
    if core.is_zero:
        middle = (problem.low + problem.high) / 2
        if strict:
            return Decision(Answer.FAILS, "zero everywhere", {"z": middle}, scope)
        return Decision(Answer.DECIDED, "zero everywhere", {}, scope)
    if witness is not None:
        return Decision(Answer.FAILS, _words(witness, strict), witness, scope)
    for method in (_by_assumptions, _by_roots, _by_coefficients):
        checkpoint()
        decided = method(core, problem)
        if decided is not None:
            argument, found = decided
            if found is None:
                return Decision(Answer.DECIDED, argument, {}, scope)
            if not found:
                return Decision(Answer.UNDECIDED, argument, {}, scope)
            return Decision(Answer.FAILS, _words(found, strict), found, scope)
    witness = _zero_at_values(core, problem) if strict else None
    if witness is not None:
        return Decision(Answer.FAILS, _words(witness, strict), witness, scope)
    spent = False
    for candidate in dict.fromkeys((core, problem.expr)):
        enclosed = _by_intervals(candidate, problem)
        spent = spent or enclosed is None
        if enclosed:
            boxed = {name: f"[{BOX[0]}, {BOX[1]}]" for name in scope}
            return Decision(Answer.ENCLOSED, "interval bisection", {}, boxed)
    budget = ", within the budget of boxes" if spent else ""
    detail = f"neither algebra nor intervals decide it{budget}"
    return Decision(Answer.UNDECIDED, detail, {}, scope)


def _posed(
    given: Expr, low: Rational, high: Rational, strict: bool, closed: tuple[bool, bool]
) -> tuple[_Problem, dict[str, str]]:
    """Put the same positive symbols for all parameters, and name the range of each."""
    names = sorted(given.free_symbols - {z}, key=str)
    swap = {s: _positive(str(s), bool(s.is_integer)) for s in names}
    problem = _Problem(given.xreplace(swap), low, high, strict, closed, tuple(swap.values()))
    return problem, {str(s): "> 0" for s in names}


def _limits(problem: _Problem) -> list[Any]:
    """Return ends that belong to the interval, where a part of a function is infinite."""
    inside = [part.args[0] for part in problem.expr.atoms(sp.log)]
    inside += [1 - part.args[0] ** 2 for part in problem.expr.atoms(sp.atanh)]
    ends = [end for end in (problem.low, problem.high) if not problem.excluded(end)]
    return [end for end in ends if any(part.subs(z, end) == 0 for part in inside)]


def _fails_near(end: Any, problem: _Problem) -> dict[str, Any]:
    """Return a point near an end at which the sign is wrong, as of what is infinite there."""
    width = problem.high - problem.low
    if problem.parameters:
        return {}
    for power in (10, 20, 40):
        near = end + (1 if end == problem.low else -1) * width / 2**power
        if problem.fails({z: near}):
            return {"z": near}
    return {}


def _for_counts(
    expr: Expr, counts: list[Any], ends: tuple[Any, Any], strict: bool, closed: tuple[bool, bool]
) -> Decision:
    """Decide a sign for all integers n, d >= 2: from 2 on to prove, at small ones to refute."""
    # Every count is 2, or 2 plus a positive number: real ones are more than is asked.
    argument, scope = "", {str(count): ">= 2, integer" for count in counts}
    for chosen in product((False, True), repeat=len(counts)):
        more = {
            c: 2 + Symbol(f"_{c}") if moved else Integer(2)
            for c, moved in zip(counts, chosen, strict=True)
        }
        decision = decide_positive(expr.subs(more), *ends, strict=strict, closed=closed)
        if decision.answer is not Answer.DECIDED:
            break
        argument = decision.detail
        scope.update({a: b for a, b in decision.scope.items() if not a.startswith("_")})
    else:
        return Decision(Answer.DECIDED, argument, {}, scope)
    for values in tried_counts(expr, counts):
        at = dict(zip(counts, map(Integer, values), strict=True))
        here = exact(expr.subs(at))
        if here.has(*_INFINITE):
            continue
        checkpoint()
        problem, others = _posed(here, *ends, strict, closed)
        found = _counterexample(problem)
        if found:
            witness = {**found, **{str(count): value for count, value in at.items()}}
            return Decision(Answer.FAILS, _words(witness, strict), witness, others)
    detail = f"not decided for all integers {', '.join(map(str, counts))} >= 2"
    return Decision(Answer.UNDECIDED, detail, {}, scope)


def _counterexample(problem: _Problem) -> dict[str, Any] | None:
    """Find a point where a sign is wrong, and look for no proof."""
    witness = _refute(problem)
    if witness is not None:
        return witness
    core = _signed(_core(problem.expr), problem)
    at_roots = None if core.is_zero else _by_roots(core, problem)
    if at_roots is not None:
        return at_roots[1]
    return _zero_at_values(core, problem) if problem.strict else None


def _words(witness: Mapping[str, Any], strict: bool) -> str:
    at = ", ".join(f"{'t' if name == 'z' else name} = {v}" for name, v in witness.items())
    return f"not {'positive' if strict else '>= 0'} at {at}"


def _core(expr: Expr) -> Expr:
    """Expression without factors that are positive by their form."""
    # The sign of a function and of minus it are often asked one after the other.
    turned = expr.could_extract_minus_sign()
    factored = -_factored(-expr) if turned else _factored(expr)
    rest = []
    for factor in sp.Mul.make_args(factored):
        if factor.is_positive:
            continue
        base, power = factor.as_base_exp()
        if base.is_real and power.is_Integer and power < 0:
            factor = base ** (-power)  # the same sign where it is defined
        rest.append(factor)
    return sp.Mul(*rest)


@lru_cache(maxsize=1024)
def _factored(expr: Expr) -> Expr:
    """Write an expression as a product, as far as that is cheap."""
    factored = sp.factor_terms(_with_sech(expr))
    written = expr.rewrite([sp.sinh, sp.cosh, sp.tanh], sp.exp)
    if _is_short(written):
        # Multiplied out, denominators don't show what they have in common.
        rational = written.is_rational_function(*written.free_symbols)
        plain = written if rational else sp.powsimp(sp.expand(written))
        factored = together = sp.together(plain)
        with suppress(sp.PolynomialError, NotImplementedError):
            factored = sp.factor(together)
    return factored


def _with_sech(expr: Expr) -> Expr:
    """Write ``tanh²`` as ``1 - cosh^{-2}``: the slope of tanh is positive, and shows it."""
    squares = [p for p in expr.atoms(sp.Pow) if isinstance(p.base, sp.tanh) and p.exp == 2]
    if not squares or expanded_terms(expr) > TERMS:
        return expr
    return sp.expand_mul(expr.xreplace({p: 1 - sp.cosh(p.base.args[0]) ** -2 for p in squares}))


def _is_short(expr: Expr) -> bool:
    """Whether an expression may be multiplied out and factored: few terms, of low degree in e^z.

    To SymPy ``e^{100z}`` is the hundredth power of ``e^z``, ``e^{3z/7}`` the third of ``e^{z/7}``.
    """
    exponents = [term for e in expr.atoms(sp.exp) for term in Add.make_args(e.args[0])]
    rates = [Rational(term.as_coeff_Mul()[0]) for term in exponents]
    degree = lcm(*(int(r.q) for r in rates)) * max(map(abs, rates), default=1)
    return bool(expanded_terms(expr) * max(degree, 1) <= TERMS and cost(expr) <= 10 * BUDGET)


def _points(problem: _Problem) -> list[Rational]:
    inside = [
        p for p in SIMPLE_VALUES if problem.low <= p <= problem.high and not problem.excluded(p)
    ]
    width = problem.high - problem.low
    fractions = [problem.low + width * Rational(k, 16) for k in range(1, 16)]
    return list(dict.fromkeys([*inside, *fractions]))


def _refute(problem: _Problem) -> dict[str, Any] | None:
    """Simplest sampled point where the sign is wrong, checked exactly."""
    points = _points(problem)
    letters, modules = [z, *problem.parameters], ["scipy", "numpy"]
    numeric = sp.lambdify(letters, problem.expr, modules=modules, docstring_limit=0)
    choices: Iterable[tuple[Any, ...]] = [()]
    if problem.parameters:
        tried = [WHOLE_VALUES if p.is_integer else GENERIC_VALUES for p in problem.parameters]
        choices = [tuple(v[(a + b) % 5] for b, v in enumerate(tried)) for a in range(5)]
    for choice in choices:
        try:
            with np.errstate(all="ignore"):
                found = numeric(np.array(points, dtype=float), *(float(c) for c in choice))
                found = np.broadcast_to(np.asarray(found), (len(points),))
                # What isn't real there is looked at exactly, as what has no number is.
                values = np.where(np.imag(found) == 0, np.real(found), -np.inf).astype(float)
        except (NameError, TypeError):  # a function that neither SciPy nor NumPy has
            values = np.full(len(points), -np.inf)  # each is looked at exactly
        largest = np.max(np.abs(values), initial=0.0, where=np.isfinite(values))
        for index in np.argwhere(values <= 1e-12 * (1 + largest)).ravel():
            point = points[int(index)]
            at = {z: point, **dict(zip(problem.parameters, choice, strict=True))}
            if problem.fails(at):
                named = {"z": point}
                named.update({s.name: v for s, v in at.items() if s != z})
                return named
    return None


_Found = tuple[str, dict[str, Any] | None] | None


def _by_assumptions(core: Expr, problem: _Problem) -> _Found:
    """Sign by SymPy's assumptions, with z of one sign at a time."""
    pieces = []
    if problem.low < 0:
        pieces.append(Dummy("z", negative=True))
    if problem.high > 0:
        pieces.append(Dummy("z", positive=True))
    for expr in dict.fromkeys((core, problem.expr, _signed_logarithms(problem))):
        values = [expr.xreplace({z: piece}) for piece in pieces]
        if problem.low <= 0 <= problem.high:
            values.append(expr.subs(z, 0))
        if all(v.is_positive if problem.strict else v.is_nonnegative for v in values):
            return "every term has that sign", None
        for value in _from_the_ends(expr, problem):
            if value.is_positive if problem.strict else value.is_nonnegative:
                return "every term has that sign, in the distance from an end", None
    return None


def _signed_logarithms(problem: _Problem) -> Expr:
    """Put a positive number for ``log f`` where f > 1 on the interval, a negative where 0 < f < 1.

    At an end that doesn't belong to the interval f may be 0 or 1.
    """
    signs: dict[Expr, Expr] = {}
    for part in problem.expr.atoms(sp.log):
        f = part.args[0]
        if problem.parameters or f.atoms(sp.log):
            continue
        asked = (problem.low, problem.high, True, problem.closed)
        if _decided(f - 1, *asked).answer is Answer.DECIDED:
            signs[part] = Dummy("L", positive=True)
        elif all(_decided(one, *asked).answer is Answer.DECIDED for one in (f, 1 - f)):
            signs[part] = Dummy("L", negative=True)
    return problem.expr.xreplace(signs)


def _signed(core: Expr, problem: _Problem) -> Expr:
    """Core without the factors that have one sign on the interval, a minus for the negative."""
    rest = []
    for factor in sp.Mul.make_args(core):
        values = tuple(_from_the_ends(factor, problem))
        if any(value.is_negative for value in values):
            rest.append(S.NegativeOne)
        elif not any(value.is_positive for value in values):
            rest.append(factor)
    return sp.Mul(*rest)


def _from_the_ends(expr: Expr, problem: _Problem) -> Iterable[Expr]:
    """Yield an expression in the distance of z from either end of the interval."""
    for end, sign in ((problem.low, 1), (problem.high, -1)):
        away = {"positive": True} if problem.excluded(end) else {"nonnegative": True}
        yield expr.xreplace({z: end + sign * Dummy("u", **away)})


def _by_roots(core: Expr, problem: _Problem) -> _Found:
    """Sign between all zeros: those of a polynomial, by Sturm's theorem, or in closed form."""
    if problem.parameters:
        return None
    zeros = exact_zeros(core, z, problem.low, problem.high)
    if zeros is None:
        return None
    inside = [(root, count) for root, count in zeros if not problem.excluded(root)]
    poles = [root for root, _ in inside if problem.expr.subs(z, root).has(*_INFINITE)]
    held = [root for root, _ in inside if root not in poles]
    if problem.strict and held:
        return "", {"z": held[0]}
    ends = [problem.low, *(root for root, _ in zeros), problem.high]
    for left, right in pairwise(ends):
        point = _between(left, right)
        if point is not None and enclose(core, {z: point}).b < 0:
            return "", {"z": point}
    if poles:
        return f"it has no value at t = {poles[0]}", {}
    rational = core.is_polynomial(z) and all(c.is_Rational for c in Poly(core, z).all_coeffs())
    return ("Sturm: no sign change on the interval", None) if rational else None


def _between(left: Expr, right: Expr) -> Rational | None:
    """Rational number between two others, or None if they are equal."""
    if left == right:
        return None
    middle = (left + right) / 2
    return middle if middle.is_Rational else sp.Rational(str(sp.N(middle, 20)))


def _zero_at_values(core: Expr, problem: _Problem) -> dict[str, Any] | None:
    """Place, or value of one parameter, at which the core is 0, the others being simple numbers."""
    for variable in (z, *problem.parameters):
        others = {s: S.One for s in problem.parameters if s != variable}
        others |= {} if variable == z else {z: (problem.low + problem.high) / 2}
        ends = (problem.low, problem.high) if variable == z else (S.Zero, sp.oo)
        for root, _ in exact_zeros(core.subs(others), variable, *ends) or ():
            at = {**others, variable: root}
            if root != 0 and not problem.excluded(at[z]) and problem.fails(at):
                return {s.name: value for s, value in at.items()}
    return None


def _by_coefficients(core: Expr, problem: _Problem) -> _Found:
    """Positive coefficients after ``z = (low + high·s)/(1 + s)``, s > 0, parameters > 0."""
    variables = (z, *problem.parameters)
    if not core.is_polynomial(*variables):
        return None
    s = Dummy("s", positive=True)
    degree = Poly(core, z).degree()
    moved = core.subs(z, (problem.low + problem.high * s) / (1 + s)) * (1 + s) ** degree
    poly = Poly(sp.cancel(moved), s, *problem.parameters)
    if not all(c.is_Rational for c in poly.coeffs()):
        return None
    for power in range(0, 9, 2):  # Pólya: a multiplier can bring out the sign
        raised = poly * Poly((1 + s) ** power, s, *problem.parameters)
        if all(c > 0 for c in raised.coeffs()):
            powers = [mono[0] for mono in raised.monoms()]
            ends_ok = (not problem.closed[0] or min(powers) == 0) and (
                not problem.closed[1] or max(powers) == degree + power
            )
            if not problem.strict or ends_ok:
                return "all coefficients are positive in a positive variable", None
    return None


def _by_intervals(core: Expr, problem: _Problem) -> bool | None:
    """Bisect z (and the parameters over BOX) until the sign is certain; None beyond the budget."""
    slope = core.diff(z)
    budget = min(BOXES, WORK // max(int(core.count_ops() + slope.count_ops()), 1))
    if problem.excluded(problem.low) or problem.excluded(problem.high):
        ends = [p for p in (problem.low, problem.high) if problem.excluded(p)]
    else:
        ends = []
    open_ends = ends if problem.strict else [problem.low, problem.high]

    @cache
    def flat(end: Rational) -> bool:
        return end in open_ends and bool(vanishes(core.subs(z, end)))

    start = [(problem.low, problem.high), *((BOX[0], BOX[1]) for _ in problem.parameters)]
    pending = [tuple(start)]
    symbols = (z, *problem.parameters)
    while pending:
        checkpoint()
        budget -= 1
        if budget < 0:
            return None
        box = pending.pop()
        ranges = {s: interval(a, b) for s, (a, b) in zip(symbols, box, strict=True)}
        try:
            value = enclose(core, ranges)
            if value.a > 0 or (value.a >= 0 and not problem.strict):
                continue
            if value.b < 0:
                return False
            if not problem.parameters and _from_the_middle(core, slope, *box[0]).a > 0:
                continue
            if flat(box[0][0]) and enclose(slope, ranges).a > 0:
                continue
            if flat(box[0][1]) and enclose(slope, ranges).b < 0:
                continue
        except NoEnclosureError:
            pass
        widths = [b - a for a, b in box]
        axis = widths.index(max(widths))
        if widths[axis] < Rational(1, 2**20):
            return False
        a, b = box[axis]
        middle = (a + b) / 2
        for half in ((a, middle), (middle, b)):
            pending.append((*box[:axis], half, *box[axis + 1 :]))
    return True


def _from_the_middle(core: Expr, slope: Expr, low: Rational, high: Rational) -> Interval:
    """Enclose a function of z by its value in the middle and its slope: sharper on a short box."""
    middle = (low + high) / 2
    moved = enclose(slope, {z: interval(low, high)}) * interval(low - middle, high - middle)
    return enclose(core, {z: middle}) + moved


def reduced(expr: Any, low: Any, high: Any) -> Expr:
    """Return an expression in z without factors of one sign between two numbers.

    Examples
    --------
    >>> reduced((z - 3) * sp.exp(z) * (2 * z - 1), -1, 1)
    1 - 2*z
    """
    inside = _Problem(S.One, Rational(low), Rational(high), True, (False, False), ())
    return _signed(_core(exact(expr)), inside)
