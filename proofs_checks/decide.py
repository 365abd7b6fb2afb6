"""Decisions about kernels: the sign of a function of one inner product, and positive definiteness.

Exact algebra first (Sturm's theorem on rational functions, positive coefficients), then interval
bisection; what neither decides is UNDECIDED. A sample refutes, with its witness, and never proves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from mpmath import iv
from sympy import Dummy, Expr, Poly, Rational, S, Symbol

from proofs_checks.claim import Verdict
from theory.symbols import z

BOX = (Rational(1, 4), Rational(4))
"""Range of a positive parameter where only intervals decide."""

_SIMPLIFY = 200
"""Operations up to which a value is simplified to see whether it is zero."""

_LONG = 120
"""Operations up to which the sign of a derivative is asked for."""

_GENERIC = (Rational(5, 8), Rational(9, 4), Rational(11, 8), Rational(7, 2), Rational(1, 4))
_SIMPLE = tuple(Rational(a, 4) for a in (0, -2, 2, -4, 4, -3, -1, 1, 3)) + tuple(
    Rational(a, 20) for a in range(-19, 20) if a % 5
)


@dataclass(frozen=True)
class Decision:
    """What was decided, and how.

    Attributes
    ----------
    verdict : Verdict
        PROVED (exact), CERTIFIED (intervals), REFUTED (with a witness) or UNDECIDED.
    detail : str
        The argument, or the witness in words.
    witness : Mapping
        Point and parameter values where the statement fails; empty unless REFUTED.
    scope : Mapping
        The range of each parameter that the decision is about.
    """

    verdict: Verdict
    detail: str
    witness: Mapping[str, Any] = field(default_factory=dict)
    scope: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the statement is proved or certified."""
        return self.verdict in (Verdict.PROVED, Verdict.CERTIFIED)

    @property
    def refuted(self) -> bool:
        """Whether a witness refutes the statement."""
        return self.verdict is Verdict.REFUTED


# ------------------------------------------------------------------------------------- enclosures


def _monotone(function: Callable[[Any], Any], x: Any) -> Any:
    low, high = function(iv.mpf(x.a)), function(iv.mpf(x.b))
    return iv.mpf([low.a, high.b])


def _atan(x: Any) -> Any:
    return iv.atan2(x, iv.mpf(1))


def _tanh(x: Any) -> Any:
    return _monotone(lambda a: 1 - 2 / (iv.exp(2 * a) + 1), x)


def _cosh(x: Any) -> Any:
    y = abs(x)
    return _monotone(lambda a: (iv.exp(a) + iv.exp(-a)) / 2, y)


_FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sp.exp: iv.exp,
    sp.log: iv.log,
    sp.sin: iv.sin,
    sp.cos: iv.cos,
    sp.tan: iv.tan,
    sp.sinh: lambda x: _monotone(lambda a: (iv.exp(a) - iv.exp(-a)) / 2, x),
    sp.cosh: _cosh,
    sp.tanh: _tanh,
    sp.asin: lambda x: _monotone(lambda a: iv.atan2(a, iv.sqrt(1 - a**2)), x),
    sp.acos: lambda x: iv.pi / 2 - _monotone(lambda a: iv.atan2(a, iv.sqrt(1 - a**2)), x),
    sp.atan: lambda x: _monotone(_atan, x),
    sp.asinh: lambda x: _monotone(lambda a: iv.log(a + iv.sqrt(a**2 + 1)), x),
    sp.atanh: lambda x: _monotone(lambda a: iv.log((1 + a) / (1 - a)) / 2, x),
    sp.Abs: abs,
}


class NoEnclosureError(ValueError):
    """The expression can't be enclosed: an unknown function, a division by zero, a bad domain."""


def enclose(expr: Expr, values: Mapping[Any, Any]) -> Any:
    """Enclosure of an expression over intervals.

    Parameters
    ----------
    expr : Expr
        Built from numbers, symbols, sums, products, powers and the elementary functions.
    values : Mapping
        An ``mpmath.iv`` interval for every symbol.

    Returns
    -------
    mpmath.iv.mpf
        An interval that holds every value.

    Raises
    ------
    NoEnclosureError
        When there is none.

    Examples
    --------
    >>> from mpmath import iv
    >>> 2 in enclose(z**2 + 1, {z: iv.mpf([0, 2])})
    True
    """
    known: dict[Any, Any] = dict(values)

    def walk(node: Any) -> Any:
        if node in known:
            return known[node]
        if node.is_Integer:
            value = iv.mpf(int(node))
        elif node.is_Rational:
            value = iv.mpf(int(node.p)) / iv.mpf(int(node.q))
        elif node.is_Float:
            exact = Fraction(float(node))
            value = iv.mpf(exact.numerator) / iv.mpf(exact.denominator)
        elif node is S.Pi:
            value = iv.pi
        elif node is S.Exp1:
            value = iv.e
        elif node.is_Add:
            value = walk(node.args[0])
            for arg in node.args[1:]:
                value = value + walk(arg)
        elif node.is_Mul:
            value = walk(node.args[0])
            for arg in node.args[1:]:
                value = value * walk(arg)
        elif node.is_Pow and node.base is S.Exp1:
            value = iv.exp(walk(node.exp))
        elif node.is_Pow:
            value = _power(walk(node.base), node.exp, walk)
        elif node.func in _FUNCTIONS:
            value = _FUNCTIONS[node.func](walk(node.args[0]))
        else:
            raise NoEnclosureError(
                f"Expected elementary functions but got {node}; no enclosure is known for it."
            )
        known[node] = value
        return value

    try:
        result = walk(sp.sympify(expr))
    except NoEnclosureError:
        raise
    except Exception as error:  # mpmath raises several kinds outside a function's domain
        raise NoEnclosureError(f"Expected a finite value of {expr} but got {error}.") from error
    if not (abs(result.a) < iv.inf and abs(result.b) < iv.inf):
        raise NoEnclosureError(f"Expected a finite value of {expr} but got {result}.")
    return result


def _power(base: Any, exponent: Expr, walk: Callable[[Any], Any]) -> Any:
    if exponent.is_Integer:
        power = int(exponent)
        if power < 0:
            if base.a <= 0 <= base.b:
                raise NoEnclosureError(f"Expected a non-zero denominator but got {base}.")
            return 1 / base ** (-power)
        return base**power
    if exponent.is_Rational and exponent.q == 2 and base.a >= 0:
        root = iv.sqrt(base)
        power = int(exponent.p)
        return root**power if power > 0 else 1 / root ** (-power)
    if base.a <= 0:
        raise NoEnclosureError(f"Expected a positive base but got {base}.")
    return iv.exp(walk(exponent) * iv.log(base))


# ------------------------------------------------------------------------------------------ signs


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

    def fails(self, value: Any) -> bool | None:
        """Whether an exact value violates the sign, None if SymPy can't tell."""
        if value.is_Rational:
            return bool(value <= 0) if self.strict else bool(value < 0)
        number = value.evalf(30)
        if number.is_Float and abs(number) > Rational(1, 10**20):
            return bool(number < 0)
        if value.count_ops() < _SIMPLIFY and sp.simplify(value) == 0:
            return self.strict
        return None


def exact(expr: Any) -> Expr:
    """Expression with every float replaced by the exact rational it prints as."""
    expr = sp.sympify(expr)
    floats = expr.atoms(sp.Float)
    return expr.xreplace({f: Rational(str(f)) for f in floats})


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
        In ``theory.symbols.z``; every other symbol is a parameter and is taken to be positive.
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
    >>> decide_positive(2 + z).verdict.name
    'PROVED'
    """
    given = exact(expr)
    names = sorted(given.free_symbols - {z}, key=str)
    swap = {s: Dummy(str(s), positive=True) for s in names}
    parameters = tuple(swap.values())
    problem = _Problem(
        given.xreplace(swap), Rational(low), Rational(high), strict, closed, parameters
    )
    scope = {str(s): "> 0" for s in names}
    core = _core(problem.expr)
    if core.is_zero:
        middle = (problem.low + problem.high) / 2
        if strict:
            return Decision(Verdict.REFUTED, "zero everywhere", {"z": middle}, scope)
        return Decision(Verdict.PROVED, "zero everywhere", {}, scope)
    witness = _refute(problem)
    if witness is not None:
        return Decision(Verdict.REFUTED, _words(witness, strict), witness, scope)
    for method in (_by_assumptions, _by_roots, _by_coefficients):
        decided = method(core, problem)
        if decided is not None:
            argument, found = decided
            if found is None:
                return Decision(Verdict.PROVED, argument, {}, scope)
            return Decision(Verdict.REFUTED, _words(found, strict), found, scope)
    for candidate in dict.fromkeys((core, problem.expr)):
        if _by_intervals(candidate, problem):
            boxed = {str(s): f"[{BOX[0]}, {BOX[1]}]" for s in names}
            return Decision(Verdict.CERTIFIED, "interval bisection", {}, boxed)
    return Decision(Verdict.UNDECIDED, "neither algebra nor intervals decide it", {}, scope)


def _words(witness: Mapping[str, Any], strict: bool) -> str:
    at = ", ".join(f"{'t' if name == 'z' else name} = {v}" for name, v in witness.items())
    return f"not {'positive' if strict else '>= 0'} at {at}"


def _core(expr: Expr) -> Expr:
    """Expression without factors that are positive by their form."""
    together = sp.together(sp.powsimp(sp.expand(expr.rewrite([sp.sinh, sp.cosh, sp.tanh], sp.exp))))
    try:
        factored = sp.factor(together)
    except (sp.PolynomialError, NotImplementedError):
        factored = together
    rest = []
    for factor in sp.Mul.make_args(factored):
        if factor.is_positive:
            continue
        base, power = factor.as_base_exp()
        if base.is_real and power.is_Integer and power < 0:
            factor = base ** (-power)  # the same sign where it is defined
        rest.append(factor)
    return sp.Mul(*rest)


def _points(problem: _Problem) -> list[Rational]:
    inside = [p for p in _SIMPLE if problem.low <= p <= problem.high and not problem.excluded(p)]
    width = problem.high - problem.low
    fractions = [problem.low + width * Rational(k, 16) for k in range(1, 16)]
    return list(dict.fromkeys([*inside, *fractions]))


def _refute(problem: _Problem) -> dict[str, Any] | None:
    """Simplest sampled point where the sign is wrong, checked exactly."""
    points = _points(problem)
    numeric = sp.lambdify([z, *problem.parameters], problem.expr, modules=["numpy"])
    choices: Iterable[tuple[Any, ...]] = [()]
    if problem.parameters:
        count = len(problem.parameters)
        choices = [tuple(_GENERIC[(a + b) % 5] for b in range(count)) for a in range(5)]
    for choice in choices:
        with np.errstate(all="ignore"):
            values = np.asarray(
                numeric(np.array(points, dtype=float), *(float(c) for c in choice)), dtype=float
            )
        values = np.broadcast_to(values, (len(points),))
        for index in np.argwhere(values <= 1e-12 * (1 + np.nanmax(np.abs(values)))).ravel():
            point = points[int(index)]
            at = {z: point, **dict(zip(problem.parameters, choice, strict=True))}
            if problem.fails(problem.expr.xreplace(at)):
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
    for expr in (core, problem.expr):
        values = [expr.xreplace({z: piece}) for piece in pieces]
        if problem.low <= 0 <= problem.high:
            values.append(expr.subs(z, 0))
        if all(v.is_positive if problem.strict else v.is_nonnegative for v in values):
            return "every term has that sign", None
    return None


def _by_roots(core: Expr, problem: _Problem) -> _Found:
    """Sturm's theorem on a polynomial with rational coefficients."""
    if problem.parameters or not core.is_polynomial(z):
        return None
    poly = Poly(core, z)
    if not all(c.is_Rational for c in poly.all_coeffs()):
        return None
    inside = []
    for root, multiplicity in sp.real_roots(poly, multiple=False):
        if problem.low <= root <= problem.high and not problem.excluded(root):
            inside.append((root, multiplicity))
    if problem.strict:
        if inside:
            return "", {"z": inside[0][0]}
    elif any(mult % 2 and problem.low < root < problem.high for root, mult in inside):
        bad = next(r for r, mult in inside if mult % 2 and problem.low < r < problem.high)
        return "", {"z": _negative_beside(poly, bad, problem)}
    middle = _off_roots(poly, problem)
    if poly.eval(middle) > 0:
        return "Sturm: no sign change on the interval", None
    return "", {"z": middle}


def _off_roots(poly: Poly, problem: _Problem) -> Rational:
    width = problem.high - problem.low
    for k in range(1, poly.degree() + 3):
        point = problem.low + width * Rational(k, poly.degree() + 3)
        if poly.eval(point) != 0:
            return point
    raise AssertionError("a polynomial has no more roots than its degree")


def _negative_beside(poly: Poly, root: Expr, problem: _Problem) -> Rational:
    centre = Rational(str(sp.N(root, 20)))
    step = (problem.high - problem.low) / 4
    while True:
        for point in (centre - step, centre + step):
            if problem.low <= point <= problem.high and poly.eval(point) < 0:
                return point
        step /= 2


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


def _by_intervals(core: Expr, problem: _Problem, budget: int = 4000) -> bool:
    """Bisect z (and the parameters over BOX) until the sign is certain everywhere."""
    if problem.excluded(problem.low) or problem.excluded(problem.high):
        ends = [p for p in (problem.low, problem.high) if problem.excluded(p)]
    else:
        ends = []
    slope = core.diff(z)
    flat = {
        end: sp.simplify(core.subs(z, end)) == 0
        for end in (problem.low, problem.high)
        if not problem.strict or end in ends
    }
    start = [(problem.low, problem.high), *((BOX[0], BOX[1]) for _ in problem.parameters)]
    pending = [tuple(start)]
    symbols = (z, *problem.parameters)
    while pending:
        budget -= 1
        if budget < 0:
            return False
        box = pending.pop()
        ranges = {
            s: iv.mpf([_interval(a).a, _interval(b).b])
            for s, (a, b) in zip(symbols, box, strict=True)
        }
        try:
            value = enclose(core, ranges)
            if value.a > 0 or (value.a >= 0 and not problem.strict):
                continue
            if value.b < 0:
                return False
            if flat.get(box[0][0]) and enclose(slope, ranges).a > 0:
                continue
            if flat.get(box[0][1]) and enclose(slope, ranges).b < 0:
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


def _interval(value: Rational) -> Any:
    return iv.mpf(int(value.p)) / iv.mpf(int(value.q))


def sign_changes(expr: Any, low: Any = -1, high: Any = 1) -> tuple[Expr, ...] | None:
    """Points of an open interval where an expression in z changes sign, or None if undecided.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z`` alone.
    low, high : number
        Ends of the interval.

    Returns
    -------
    tuple of Expr or None
        Exact roots of a polynomial; enclosed to 15 digits otherwise.

    Examples
    --------
    >>> sign_changes(z**3 - z / 4, -1, 1)
    (-1/2, 0, 1/2)
    """
    core = _core(exact(expr))
    low, high = Rational(low), Rational(high)
    if core.free_symbols - {z}:
        return None
    if core.is_polynomial(z):
        poly = Poly(core, z)
        if poly.is_zero:
            return None
        if all(c.is_Rational for c in poly.all_coeffs()):
            roots = sp.real_roots(poly, multiple=False)
            return tuple(r for r, mult in roots if mult % 2 and low < r < high)
    return _isolate(core, low, high)


def _isolate(core: Expr, low: Rational, high: Rational) -> tuple[Expr, ...] | None:
    slope = core.diff(z)
    found: list[Expr] = []
    pending = [(low, high)]
    budget = 2000
    while pending:
        a, b = pending.pop()
        budget -= 1
        if budget < 0 or b - a < Rational(1, 2**24):
            return None
        box = {z: iv.mpf([_interval(a).a, _interval(b).b])}
        try:
            value = enclose(core, box)
            if value.a > 0 or value.b < 0:
                continue
            rate = enclose(slope, box)
            if rate.a > 0 or rate.b < 0:
                left, right = (enclose(core, {z: _interval(p)}) for p in (a, b))
                if left.a > 0 or left.b < 0:
                    if right.a > 0 or right.b < 0:
                        if (left.a > 0) != (right.a > 0):
                            found.append(sp.nsolve(core, z, (a, b), solver="bisect", prec=20))
                        continue
        except NoEnclosureError:
            pass
        # An off-centre cut, so that a symmetric root doesn't fall on the boundary.
        middle = a + (b - a) * Rational(499, 1000)
        pending += [(a, middle), (middle, b)]
    return tuple(sorted(found))


# -------------------------------------------------------------------------- positive definiteness


def positive_taylor(expr: Any) -> tuple[bool, bool] | None:
    """Whether every Taylor coefficient in z of degree >= 1 is >= 0, by the form of the expression.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z``; other symbols are positive parameters.

    Returns
    -------
    pair of bool or None
        (infinitely many even, infinitely many odd coefficients are positive), or None when the
        form doesn't show that all are >= 0.

    Examples
    --------
    >>> positive_taylor(sp.exp(z)), positive_taylor(sp.cosh(2 * z)), positive_taylor(sp.log(2 + z))
    ((True, True), (True, False), None)
    """
    given = exact(expr)
    swap = {s: Dummy(str(s), positive=True) for s in given.free_symbols - {z}}
    given = sp.expand(given.xreplace(swap))
    even = odd = False
    for term in sp.Add.make_args(given):
        if z not in term.free_symbols:
            continue
        found = _taylor_sign(term)
        if found is None:
            return None
        even, odd = even or found[0], odd or found[1]
    return even, odd


def _taylor_sign(term: Expr) -> tuple[bool, bool] | None:
    """Infinitely many even and odd positive Taylor coefficients of a term with none negative."""
    if z not in term.free_symbols:
        return (False, False) if term.is_nonnegative else None
    if term == z:
        return False, False
    if term.is_Add:
        parts = [_taylor_sign(arg) for arg in term.args]
        if any(p is None for p in parts):
            return None
        return any(p[0] for p in parts if p), any(p[1] for p in parts if p)
    if term.is_Mul:
        even, odd, shift = False, False, 0
        for arg in term.args:
            found = _taylor_sign(arg)
            if found is None:
                return None
            base, power = arg.as_base_exp()
            if base == z:
                shift += int(power)
            elif arg.is_Pow and base.is_Add and power.is_Integer:
                return None if not term.is_polynomial(z) else (False, False)
            else:
                even, odd = even or found[0], odd or found[1]
        return (odd, even) if shift % 2 else (even, odd)
    if isinstance(term, sp.exp):
        inner = _taylor_terms(term.args[0])
        if inner is None:
            return None
        odd_inside = any(_parity(a) != 0 for a in inner)
        return True, odd_inside
    if term.is_Pow and term.exp.is_Integer and term.exp > 0:
        return _taylor_sign(term.base)
    if isinstance(term, sp.cosh | sp.sinh):
        slope = sp.cancel(term.args[0] / z)
        if z in slope.free_symbols or not slope.is_real:
            return None
        if isinstance(term, sp.cosh):
            return True, False
        return (False, True) if slope.is_positive else None
    return None


def _taylor_terms(expr: Expr) -> list[Expr] | None:
    """Terms in z of an exponent if all are c·z^p with c >= 0, else None."""
    terms = [a for a in sp.Add.make_args(sp.expand(expr)) if z in a.free_symbols]
    for term in terms:
        coefficient, rest = term.as_independent(z)
        base, power = rest.as_base_exp()
        if base != z or not (power.is_Integer and power > 0) or not coefficient.is_nonnegative:
            return None
    return terms


def _parity(term: Expr) -> int:
    return int(term.as_independent(z)[1].as_base_exp()[1]) % 2


def _zonal(degree: int, dimension: int) -> Expr:
    """Zonal polynomial of one degree, 1 at z = 1: Gegenbauer, Chebyshev for d = 2."""
    previous, current = S.One, z
    if degree == 0:
        return previous
    for k in range(1, degree):
        following = ((2 * k + dimension - 2) * z * current - k * previous) / (k + dimension - 2)
        previous, current = current, sp.expand(following)
    return current


def _moment(power: int, dimension: int) -> Rational:
    """Mean of z^power under the uniform measure of the sphere."""
    if power % 2:
        return S.Zero
    value = S.One
    for i in range(power // 2):
        value *= Rational(2 * i + 1, dimension + 2 * i)
    return value


def zonal_coefficient(expr: Any, degree: int, dimension: int) -> Expr:
    """Mean of ``h(z) P_degree(z)`` on S^{d-1} for a polynomial h: the sign of its coefficient.

    Examples
    --------
    >>> zonal_coefficient(z**3, 1, 3)
    1/5
    """
    poly = Poly(sp.expand(exact(expr) * _zonal(degree, dimension)), z)
    return sp.Add(*(c * _moment(mono[0], dimension) for mono, c in poly.terms()))


def decide_positive_definite(
    expr: Any, dimensions: Iterable[int] = (2, 3, 4), degrees: int = 12
) -> Decision:
    """Decide whether all zonal coefficients of degree >= 1 of a kernel are >= 0.

    On the circle these are its Fourier coefficients, in dimension d >= 3 its Gegenbauer
    coefficients. Taylor coefficients >= 0 are enough in every dimension (Schoenberg). The degree-k
    coefficient has the sign of the mean of the k-th derivative with weight
    ``(1 - z²)^{k + (d-3)/2}`` (Rodrigues), so a derivative of one sign decides it.

    Parameters
    ----------
    expr : Expr
        Kernel h in ``theory.symbols.z``; other symbols are positive parameters.
    dimensions : iterable of int
        Dimensions to look at when the kernel isn't positive definite in all of them.
    degrees : int
        Largest degree that is looked at.

    Returns
    -------
    Decision
        The witness of a refutation is a degree and the dimensions; ``scope["unique"]`` says
        whether all coefficients are known to be positive.

    Examples
    --------
    >>> decide_positive_definite(sp.log(2 + z)).witness["degree"]
    2
    """
    given = exact(expr)
    names = sorted(given.free_symbols - {z}, key=str)
    scope = {str(s): "> 0" for s in names}
    taylor = positive_taylor(given)
    if taylor is not None:
        strict = "yes" if all(taylor) else "no"
        return Decision(
            Verdict.PROVED,
            "Taylor coefficients >= 0 (Schoenberg)",
            {},
            {**scope, "d": "symbolic", "unique": strict},
        )
    polynomial = given.is_polynomial(z)
    top = min(degrees, Poly(given, z).degree()) if polynomial else degrees
    derivative = given
    mixed: list[int] = []
    for degree in range(1, top + 1):
        derivative = derivative.diff(z)
        if derivative.count_ops() > _LONG:
            degree -= 1
            break
        negative = decide_positive(-derivative, strict=False)
        if negative.holds and not _vanishes(derivative):
            return Decision(
                Verdict.REFUTED,
                f"the coefficient of degree {degree} is negative in every dimension",
                {"degree": degree, "d": "every"},
                {**scope, **negative.scope},
            )
        if not decide_positive(derivative, strict=False).holds:
            mixed.append(degree)
        if len(mixed) > 3 and not polynomial:
            break
    for dimension in dimensions:
        for degree in mixed:
            sign = _coefficient_sign(given, degree, dimension, polynomial)
            if sign == -1:
                return Decision(
                    Verdict.REFUTED,
                    f"the coefficient of degree {degree} is negative for d = {dimension}",
                    {"degree": degree, "d": dimension},
                    {**scope, "d": str(dimension)},
                )
            if sign is None:
                return Decision(
                    Verdict.UNDECIDED, f"sign of the coefficient of degree {degree}", {}, scope
                )
    if polynomial and top == Poly(given, z).degree():
        listed = ", ".join(map(str, dimensions)) if mixed else "symbolic"
        return Decision(
            Verdict.PROVED, "exact coefficients", {}, {**scope, "d": listed, "unique": "no"}
        )
    return Decision(
        Verdict.UNDECIDED, f"coefficients of degree <= {degree} only are >= 0", {}, scope
    )


def _vanishes(expr: Expr) -> bool:
    """Whether an expression is zero at a generic point, so that it may be zero everywhere."""
    at = dict.fromkeys(expr.free_symbols, Rational(7, 11))
    return not abs(expr.xreplace(at).evalf(30)) > Rational(1, 10**20)


def _coefficient_sign(h: Expr, degree: int, dimension: int, polynomial: bool) -> int | None:
    if polynomial:
        swap = {s: Dummy(str(s), positive=True) for s in h.free_symbols - {z}}
        value = sp.factor(zonal_coefficient(h.xreplace(swap), degree, dimension))
        if value.is_nonnegative:
            return 1
        return -1 if value.is_negative else None
    if h.free_symbols - {z}:
        return None
    # Mean with weight sin^{d-2} in the angle, box by box.
    angle = Symbol("angle")
    body = (h * _zonal(degree, dimension)).subs(z, sp.cos(angle)) * sp.sin(angle) ** (dimension - 2)
    total = iv.mpf(0)
    boxes = 400
    try:
        for k in range(boxes):
            ends = iv.mpf([k, k + 1]) * iv.pi / boxes
            total += enclose(body, {angle: ends}) / boxes
    except NoEnclosureError:
        return None
    return 1 if total.a > 0 else -1 if total.b < 0 else None


__all__ = [
    "Decision",
    "NoEnclosureError",
    "decide_positive",
    "decide_positive_definite",
    "enclose",
    "exact",
    "positive_taylor",
    "sign_changes",
    "zonal_coefficient",
]
