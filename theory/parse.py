"""A user's kernel or energy, given as text, read through a whitelist and checked to be regular.

``parse_kernel("exp(beta*t)/beta")`` is the h of ``E_h = 1/2 sum_ij m_i m_j h(<x_i,x_j>)``; the text
is never evaluated, and a kernel that is not shown to be C^1 on [-1, 1] is refused.
"""

from __future__ import annotations

import ast
import itertools
import keyword
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import sympy
from sympy import Expr, Poly, Rational, Symbol
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol

from theory import symbols
from theory.energy import anchor_energy, interaction_energy
from theory.symbols import beta, d, z

__all__ = ["ParseError", "parse_energy", "parse_kernel"]

# Everything is bounded before SymPy sees it, so that no text can make it work for long.
MAX_LENGTH = 1000
MAX_DEPTH = 100
MAX_DIGITS = 40
MAX_EXPONENT = 100
MAX_SIZE = 4096
MAX_DEGREE = 200
STURM_DEGREE = 100
TOO_LARGE = 1e300
BUDGET = 20_000


class ParseError(ValueError):
    """A text that is not a kernel (or an energy) of the accepted form, or not a regular one."""


# --------------------------------------------------------------------------------------------
# Enclosures. A range is an interval of doubles that contains every value; each operation rounds
# outwards. Infinite ends mean "unbounded": the values themselves are always finite reals, hence
# 0 * unbounded = 0.


@dataclass(frozen=True)
class _Range:
    low: float
    high: float
    nonzero: bool = False  # 0 is not a value, even where an end of the interval is 0

    @property
    def without_zero(self) -> bool:
        return self.nonzero or self.low > 0 or self.high < 0

    @property
    def positive(self) -> bool:
        return self.low > 0 or (self.low == 0 and self.nonzero)

    @property
    def negative(self) -> bool:
        return self.high < 0 or (self.high == 0 and self.nonzero)


_REALS = _Range(-math.inf, math.inf)
_LARGEST = math.nextafter(math.inf, 0)


def _range(low: float, high: float, nonzero: bool = False) -> _Range:
    """Clean a computed pair: NaN becomes unbounded, a lower end is never +inf."""
    low = -math.inf if math.isnan(low) else min(low, _LARGEST)
    high = math.inf if math.isnan(high) else max(high, -_LARGEST)
    return _Range(low, high, nonzero)


def _exact(value: Fraction) -> _Range:
    """Return the tightest range around a rational."""
    try:
        near = float(value)
    except OverflowError:
        return _range(_LARGEST, math.inf) if value > 0 else _range(-math.inf, -_LARGEST)
    low = near if Fraction(near) <= value else math.nextafter(near, -math.inf)
    high = near if Fraction(near) >= value else math.nextafter(near, math.inf)
    return _Range(low, high)


def _padded(low: float, high: float) -> _Range:
    """Allow the library's elementary functions four units in the last place.

    A computed 0 is left alone: the functions used here return 0 only where they vanish.
    """
    if low:
        low -= abs(low) * 1e-15
    if high:
        high += abs(high) * 1e-15
    return _range(low, high)


def _sum_end(a: float, b: float, towards: float) -> float:
    total = a + b
    if not math.isfinite(total):
        return total if not (math.isfinite(a) and math.isfinite(b)) else towards
    part = total - a
    exact = (a - (total - part)) + (b - part) == 0.0  # Knuth's two-sum
    return total if exact else math.nextafter(total, towards)


def _product_ends(a: float, b: float) -> tuple[float, float]:
    if a == 0.0 or b == 0.0:
        return 0.0, 0.0
    product = a * b
    if math.isinf(a) or math.isinf(b):
        return product, product
    if math.isfinite(product) and Fraction(a) * Fraction(b) == Fraction(product):
        return product, product
    return math.nextafter(product, -math.inf), math.nextafter(product, math.inf)


def _add(a: _Range, b: _Range) -> _Range:
    low = _sum_end(a.low, b.low, -math.inf)
    high = _sum_end(a.high, b.high, math.inf)
    same_sign = (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0)
    return _range(low, high, same_sign and (a.without_zero or b.without_zero))


def _negate(a: _Range) -> _Range:
    return _Range(-a.high, -a.low, a.nonzero)


def _multiply(a: _Range, b: _Range) -> _Range:
    ends = [_product_ends(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0):
        low = max(low, 0.0)  # an underflow must not cost the sign
    if (a.low >= 0 and b.high <= 0) or (a.high <= 0 and b.low >= 0):
        high = min(high, 0.0)
    return _range(low, high, a.without_zero and b.without_zero)


def _reciprocal(a: _Range) -> _Range:
    if not a.positive and not a.negative:
        return _Range(-math.inf, math.inf, a.without_zero)
    if a.negative:
        return _negate(_reciprocal(_negate(a)))
    low = 0.0 if math.isinf(a.high) else _padded(1 / a.high, 1 / a.high).low
    high = math.inf if a.low < 1e-300 else _padded(1 / a.low, 1 / a.low).high
    return _range(max(low, 0.0), high, True)


def _monotone(function: Callable[[float], float], a: _Range) -> _Range:
    def at(value: float, overflow: float) -> float:
        try:
            return function(value)
        except OverflowError:
            return overflow

    low = at(a.low, -math.inf if a.low < 0 else _LARGEST)
    high = at(a.high, math.inf if a.high > 0 else -_LARGEST)
    return _padded(low, high)


def _exp(a: _Range) -> _Range:
    out = _monotone(math.exp, a)
    return _range(max(out.low, 0.0), out.high or 5e-324, True)


def _log(a: _Range) -> _Range:
    low = math.log(a.low) if a.low > 0 else -math.inf
    high = math.log(a.high) if a.high > 0 else math.inf  # not positive: the caller refuses
    return _padded(low, high)


def _power(a: _Range, exponent: Fraction) -> _Range:
    """Raise to a rational exponent; one that is not whole needs a >= 0."""

    def at(value: float) -> float:
        try:
            return math.pow(value, float(exponent))
        except OverflowError:
            return math.copysign(math.inf, value) if odd else math.inf

    if exponent < 0:
        return _reciprocal(_power(a, -exponent))
    whole = exponent.denominator == 1
    odd = whole and exponent % 2 == 1
    if odd:
        out = _padded(at(a.low), at(a.high))
        return _range(out.low, out.high, a.without_zero)
    low, high = a.low, a.high
    if whole and low < 0:  # an even power depends on |a|
        low, high = (0.0 if high >= 0 else -high), max(-low, high)
    out = _padded(at(max(low, 0.0)), at(max(high, 0.0)))
    # The smallest double stands in for an underflow of a positive value.
    return _range(max(out.low, 0.0), max(out.high, 5e-324), a.without_zero)


def _cosine(a: _Range) -> _Range:
    # Beyond 1e6, reducing the argument costs digits; nobody needs a tight range there.
    if not (abs(a.low) < 1e6 and abs(a.high) < 1e6) or a.high - a.low >= 6.28:
        return _Range(-1.0, 1.0)
    pad = 1e-9
    low = min(math.cos(a.low), math.cos(a.high)) - 1e-14
    high = max(math.cos(a.low), math.cos(a.high)) + 1e-14
    if math.floor((a.high + pad) / math.tau) > math.floor((a.low - pad) / math.tau):
        high = 1.0
    if math.floor((a.high + pad - math.pi) / math.tau) > math.floor(
        (a.low - pad - math.pi) / math.tau
    ):
        low = -1.0
    return _range(max(low, -1.0), min(high, 1.0))


def _sine(a: _Range) -> _Range:
    half_pi = _Range(-math.pi / 2 - 1e-15, -math.pi / 2 + 1e-15)
    return _cosine(_add(a, half_pi))


def _cosh(a: _Range) -> _Range:
    if a.low >= 0:
        magnitude = a
    elif a.high <= 0:
        magnitude = _negate(a)
    else:
        magnitude = _Range(0.0, max(-a.low, a.high))
    out = _monotone(math.cosh, magnitude)
    return _range(max(out.low, 1.0), out.high)


def _tangent(a: _Range) -> _Range:
    return _multiply(_sine(a), _reciprocal(_cosine(a)))


def _clipped(function: Callable[[float], float], low: float, high: float) -> _Rule:
    """Evaluate an increasing function on the part of the range inside its domain."""

    def rule(a: _Range) -> _Range:
        inside = _Range(min(max(a.low, low), high), max(min(a.high, high), low))
        return _monotone(function, inside)

    return rule


_Rule = Callable[[_Range], _Range]

# name -> (SymPy's function, its range, what its argument must satisfy)
_FUNCTIONS: dict[str, tuple[Callable[[Expr], Expr], _Rule, str]] = {
    "exp": (sympy.exp, _exp, ""),
    "log": (sympy.log, _log, "positive"),
    "sqrt": (sympy.sqrt, lambda a: _power(a, Fraction(1, 2)), "positive"),
    "sin": (sympy.sin, _sine, ""),
    "cos": (sympy.cos, _cosine, ""),
    "tan": (sympy.tan, _tangent, "nonzero cosine"),
    "sinh": (sympy.sinh, lambda a: _monotone(math.sinh, a), ""),
    "cosh": (sympy.cosh, _cosh, ""),
    "tanh": (sympy.tanh, lambda a: _monotone(math.tanh, a), ""),
    "asin": (sympy.asin, _clipped(math.asin, -1.0, 1.0), "inside (-1, 1)"),
    "acos": (
        sympy.acos,
        lambda a: _negate(_clipped(lambda v: -math.acos(v), -1.0, 1.0)(a)),
        "inside (-1, 1)",
    ),
    "atan": (sympy.atan, lambda a: _monotone(math.atan, a), ""),
    "asinh": (sympy.asinh, lambda a: _monotone(math.asinh, a), ""),
    "atanh": (sympy.atanh, lambda a: _Range(-math.inf, math.inf), "inside (-1, 1)"),
}

_ROUGH = {
    "abs", "Abs", "sign", "max", "min", "Max", "Min", "floor", "ceil", "ceiling", "round",
    "Piecewise", "Heaviside", "relu",
}  # fmt: skip


_KINKED = (sympy.Abs, sympy.sign, sympy.DiracDelta)

# --------------------------------------------------------------------------------------------
# Terms: the text as a tree of allowed operations, each with its SymPy expression.


@dataclass(frozen=True)
class _Term:
    rule: Callable[[Sequence[_Range]], _Range]
    children: tuple[_Term, ...]
    expr: Expr
    text: str
    size: int  # bounds the digits and the degree of anything SymPy may work out
    degree: int | None  # degree in t of a polynomial with rational coefficients, else None
    variable: str = ""  # "t" or a parameter's name, for leaves
    variables: frozenset[str] = frozenset()

    @property
    def has_t(self) -> bool:
        return "t" in self.variables

    def enclose(self, box: dict[str, _Range], budget: _Budget) -> _Range:
        """Contain every value that the term takes on the box."""
        budget.spend()
        if self.variable:
            return box[self.variable]
        return self.rule([child.enclose(box, budget) for child in self.children])


class _OutOfBudgetError(Exception):
    """The enclosure needs more boxes than the text is worth."""


@dataclass
class _Budget:
    left: int = BUDGET

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _OutOfBudgetError


@dataclass
class _Reader:
    """Reads one text; holds what error messages and checks need to know."""

    source: str
    name: str
    parameters: dict[str, Symbol]
    budget: _Budget = field(default_factory=_Budget)

    # ---- errors

    def error(self, expected: str, problem: str, remedy: str) -> ParseError:
        shown = self.source if len(self.source) <= 80 else self.source[:77] + "..."
        return ParseError(f"Expected {expected} but got {self.name}={shown!r}: {problem}. {remedy}")

    def syntax(self, problem: str, remedy: str = "") -> ParseError:
        listed = ", ".join(_FUNCTIONS)
        default = f"Use numbers, t, declared parameters, pi, E, + - * / ** and {listed}."
        return self.error("a formula in t", problem, remedy or default)

    def singular(self, problem: str) -> ParseError:
        return self.error(
            "a kernel that is real and C^1 on [-1, 1]",
            problem,
            "Inner products reach both ends of [-1, 1]: choose a kernel that is regular there, "
            "for instance log(2 + t) in place of log(1 + t).",
        )

    # ---- text -> tree

    def kernel(self, node: ast.expr) -> Expr:
        """Read a kernel, and refuse one that SymPy knows as an absolute value of t.

        Its derivatives hold sign and DiracDelta, which no later step can evaluate.
        """
        expr = self.read(node).expr
        for found in (expr, expr.diff(z)):
            for part in sorted(found.atoms(*_KINKED), key=str):
                if z in part.free_symbols:
                    shown = _short(str(part.subs(z, Symbol("t"))))
                    raise self.error(
                        "a kernel that is twice differentiable as written",
                        f"it is not C² as written, because it holds {shown}",
                        "Write it without the absolute value, for instance t**3 or t**4 in place "
                        "of (t**2)**1.5.",
                    )
        return expr

    def parse(self) -> ast.expr:
        """Return the syntax tree of the text; nothing is compiled or run."""
        if not self.source.strip():
            raise self.error("a formula in t", "it is empty", "Give one, such as 'exp(beta*t)'.")
        if len(self.source) > MAX_LENGTH:
            raise self.syntax(
                f"it has {len(self.source)} characters", f"Write it in at most {MAX_LENGTH}."
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.source.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as err:
            detail = err.msg if isinstance(err, SyntaxError) else "it cannot be read"
            raise self.syntax(detail) from None
        level: list[ast.AST] = [tree]
        for _ in range(MAX_DEPTH):  # walked by levels: a recursion here could overflow itself
            level = [child for node in level for child in ast.iter_child_nodes(node)]
        if level:
            raise self.syntax(
                f"it nests more than {MAX_DEPTH} operations", "Group its terms by parentheses."
            )
        return tree

    def text(self, node: ast.AST) -> str:
        """Return the user's own words for a node."""
        found = None
        if isinstance(node, ast.expr) and hasattr(node, "lineno"):
            found = ast.get_source_segment(self.source.strip(), node)
        return found or ast.unparse(node)

    # ---- tree -> term

    def read(self, node: ast.expr) -> _Term:
        """Translate one node; every refusal of the whitelist is here or below."""
        text = self.text(node)
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name(id=name):
                return self.variable(name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.negative(self.read(operand), text)
            case ast.BinOp(left=left, op=op, right=right):
                if isinstance(op, ast.BitXor):
                    raise self.syntax(f"{text!r} uses ^", "Write powers as **.")
                if not isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
                    raise self.syntax(f"{text!r} is not arithmetic")
                first, second = self.read(left), self.read(right)
                return self.operation(op, first, second, text)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                if name in _ROUGH:
                    raise self.error(
                        "a kernel that is C^1 on [-1, 1]",
                        f"{name} is not differentiable everywhere",
                        "Use a smooth function; for |t| for instance sqrt(t**2 + 0.01).",
                    )
                if name not in _FUNCTIONS:
                    raise self.syntax(f"the function {name!r} is unknown")
                if len(arguments) != 1 or keywords:
                    raise self.syntax(f"{text!r} does not give {name} one argument")
                return self.call(name, arguments[0], text)
            case ast.Attribute():
                raise self.syntax(f"{text!r} accesses an attribute")
            case _:
                raise self.syntax(f"{text!r} is not arithmetic")

    def number(self, node: ast.Constant) -> _Term:
        text = self.text(node)
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self.syntax(f"{text!r} is not a real number")
        digits = text.replace("_", "").lower()
        mantissa, _, exponent = digits.partition("e") if "x" not in digits else (digits, "", "")
        if len(mantissa) > MAX_DIGITS or (exponent and abs(int(exponent)) > 300):
            raise self.syntax(
                f"the number {text[:20]!r} is too long or too large",
                f"Give at most {MAX_DIGITS} digits and a power of ten between -300 and 300.",
            )
        # From the digits as written: 0.1 is one tenth, not the nearest double.
        value = Fraction(node.value) if isinstance(node.value, int) else Fraction(digits)
        expr = Rational(value.numerator, value.denominator)
        size = max(value.numerator.bit_length(), value.denominator.bit_length(), 1)
        enclosure = _exact(value)
        return _Term(lambda _: enclosure, (), expr, text, size, 0)

    def variable(self, name: str) -> _Term:
        if name == "t":
            return _Term(lambda _: _REALS, (), z, name, 1, 1, "t", frozenset({"t"}))
        if name in self.parameters:
            symbol = self.parameters[name]
            return _Term(lambda _: _REALS, (), symbol, name, 1, None, name, frozenset({name}))
        if name in ("pi", "E"):
            value = math.pi if name == "pi" else math.e
            constant = _padded(value, value)
            expr = sympy.pi if name == "pi" else sympy.E
            return _Term(lambda _: constant, (), expr, name, 1, None)
        if name in ("inf", "nan", "oo", "infinity"):
            raise self.syntax(f"{name!r} is not a finite number")
        if name in _FUNCTIONS:
            raise self.syntax(f"the function {name!r} has no argument", f"Write {name}(...).")
        if name in _reserved():
            raise self.syntax(
                f"the name {name!r} has another meaning",
                "The argument of the kernel is t; give parameters names of their own.",
            )
        known = ", ".join(["t", *self.parameters])
        raise self.syntax(
            f"the name {name!r} is unknown",
            f"The names here are {known}; declare others by parameters=('beta', {name!r}).",
        )

    def term(
        self,
        rule: Callable[[Sequence[_Range]], _Range],
        children: tuple[_Term, ...],
        make: Callable[[], Expr],
        text: str,
        size: int,
        degree: int | None,
    ) -> _Term:
        """Assemble a term, with its size checked before SymPy builds the expression."""
        if size > MAX_SIZE or (degree or 0) > MAX_DEGREE:
            raise self.syntax(
                f"{_short(text)!r} is too large a power or product",
                f"Keep exponents within {MAX_EXPONENT} and the degree within {MAX_DEGREE}.",
            )
        variables = frozenset().union(*(child.variables for child in children))
        expr = make()
        if expr.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I):
            raise self.singular(f"{_short(text)!r} is not a finite real number")
        return _Term(rule, children, expr, text, size, degree, "", variables)

    def moderate(self, a: _Term) -> _Term:
        """Refuse towers of exponentials: no one could evaluate them, SymPy would try."""
        if not (a.variables - {"t"}):
            for t in (-1.0, 0.0, 1.0) if a.has_t else (0.0,):
                found = a.enclose({"t": _Range(t, t)}, _Budget(MAX_LENGTH))
                if max(found.low, -found.high) > TOO_LARGE:
                    raise self.error(
                        "a kernel that is representable in double precision on [-1, 1]",
                        f"{_short(a.text)!r} exceeds {TOO_LARGE:g}" + f" at t = {t:g}" * a.has_t,
                        "Use a parameter, as in exp(beta*t), and give its value later.",
                    )
        return a

    def negative(self, a: _Term, text: str) -> _Term:
        return self.term(lambda r: _negate(r[0]), (a,), lambda: -a.expr, text, a.size, a.degree)

    def operation(self, op: ast.operator, a: _Term, b: _Term, text: str) -> _Term:
        size = a.size + b.size
        both = a.degree is not None and b.degree is not None
        if isinstance(op, ast.Add | ast.Sub):
            subtract = isinstance(op, ast.Sub)
            return self.term(
                lambda r: _add(r[0], _negate(r[1]) if subtract else r[1]),
                (a, b),
                lambda: a.expr - b.expr if subtract else a.expr + b.expr,
                text,
                size,
                max(a.degree or 0, b.degree or 0) if both else None,
            )
        if isinstance(op, ast.Mult):
            return self.term(
                lambda r: _multiply(r[0], r[1]),
                (a, b),
                lambda: a.expr * b.expr,
                text,
                size,
                (a.degree or 0) + (b.degree or 0) if both else None,
            )
        if isinstance(op, ast.Div):
            self.require("nonzero", b, f"the divisor {_short(b.text)!r} of {_short(text)!r}")
            return self.term(
                lambda r: _multiply(r[0], _reciprocal(r[1])),
                (a, b),
                lambda: a.expr / b.expr,
                text,
                size,
                a.degree if b.expr.is_Rational else None,
            )
        return self.power(a, b, text)

    def power(self, a: _Term, b: _Term, text: str) -> _Term:
        if not b.expr.is_Rational:
            # u**v = exp(v log u) with u > 0
            what = f"the base {_short(a.text)!r} of {_short(text)!r}"
            self.require("positive", a, what)
            product = self.term(
                lambda r: _multiply(_log(r[0]), r[1]),
                (a, b),
                lambda: b.expr,
                text,
                a.size + b.size,
                None,
            )
            self.check_exponential(b.expr * sympy.log(a.expr), text)
            return self.moderate(
                self.term(
                    lambda r: _exp(r[0]),
                    (product,),
                    lambda: a.expr**b.expr,
                    text,
                    product.size,
                    None,
                )
            )
        exponent = Fraction(int(b.expr.p), int(b.expr.q))
        if abs(exponent) > MAX_EXPONENT or exponent.denominator > 10**12:
            raise self.syntax(
                f"the exponent of {_short(text)!r} is too large",
                f"Keep exponents within {MAX_EXPONENT}.",
            )
        what = f"the base {_short(a.text)!r} of {_short(text)!r}"
        if exponent.denominator == 1:
            if exponent < 0:
                self.require("nonzero", a, what)
        elif exponent > 1:
            # u**r with r > 1 has the continuous derivative r u**(r-1) u' also where u = 0
            self.require("nonnegative", a, what)
        else:
            self.require("positive", a, what)
        whole = exponent.denominator == 1 and exponent >= 0
        return self.term(
            lambda r: _power(r[0], exponent),
            (a,),
            lambda: a.expr**b.expr,
            text,
            a.size * max(1, math.ceil(abs(exponent))) + b.size,
            a.degree * int(exponent) if whole and a.degree is not None else None,
        )

    def check_exponential(self, argument: Expr, text: str) -> None:
        """SymPy turns exp(c log u) into u**c: bound c as an exponent is bounded."""
        if argument.has(sympy.log) and any(
            abs(number) > MAX_EXPONENT for number in argument.atoms(Rational)
        ):
            raise self.syntax(
                f"the exponent of {_short(text)!r} is too large",
                f"Keep factors of a logarithm inside an exponential within {MAX_EXPONENT}.",
            )

    def call(self, name: str, argument: ast.expr, text: str) -> _Term:
        make, rule, condition = _FUNCTIONS[name]
        a = self.read(argument)
        what = f"the argument {_short(a.text)!r} of {name}"
        if condition == "positive":
            self.require("positive", a, what)
        elif condition == "inside (-1, 1)":
            one = self.read(ast.Constant(1))
            square = self.operation(ast.Mult(), a, a, f"({a.text})**2")
            gap = self.operation(ast.Sub(), one, square, f"1 - ({a.text})**2")
            self.require("positive", gap, f"1 - u**2 for {what}")
        elif condition == "nonzero cosine":
            cosine = self.term(
                lambda r: _cosine(r[0]), (a,), lambda: sympy.cos(a.expr), text, a.size, None
            )
            self.require("nonzero", cosine, f"cos(u) for {what}")
        growth = 1
        if name == "exp":
            self.check_exponential(a.expr, text)
            growth = MAX_EXPONENT if a.expr.has(sympy.log) else 1
        made = self.term(
            lambda r: rule(r[0]), (a,), lambda: make(a.expr), text, a.size * growth + 1, None
        )
        return self.moderate(made) if name in ("exp", "sinh", "cosh") else made

    # ---- regularity

    def require(self, kind: str, a: _Term, what: str) -> None:
        """Prove that a term is nonzero, positive or nonnegative for t in [-1, 1], or refuse.

        Parameters stand for any real number, except that a divisor free of t may vanish at
        isolated values of a parameter, as in ``exp(beta*t)/beta``. The order is: exact root
        counting for polynomials with rational coefficients, outward-rounded enclosures on a
        subdivision of [-1, 1] for the rest, then a search for a counterexample for the message.
        What is not proved is refused.
        """
        if a.degree is not None and a.degree <= STURM_DEGREE and not (a.variables - {"t"}):
            where = _polynomial_violation(a.expr, kind)
            if where is None:
                return
            raise self.singular(_violation(kind, what, {"t": where} if a.has_t else {}))
        others = sorted(a.variables - {"t"})
        try:
            if self.proved(kind, a):
                return
            if kind == "nonzero" and not a.has_t and self.sometimes_nonzero(a):
                return
            witness = self.counterexample(kind, a)
        except _OutOfBudgetError:
            witness = None
        if witness is not None:
            raise self.singular(_violation(kind, what, witness))
        over = ["t in [-1, 1]"] * a.has_t + [f"real {', '.join(others)}"] * bool(others)
        scope = "".join(
            f" {word} every {part}" for word, part in zip(("for", "and"), over, strict=False)
        )
        raise self.singular(f"{what} could not be shown to be {_WORDS[kind]}{scope}")

    def proved(self, kind: str, a: _Term) -> bool:
        """Bisect [-1, 1] until the enclosure on every piece shows the property."""
        box = {name: _REALS for name in a.variables}
        pieces = [(-1.0, 1.0)]
        # Depth first, and no piece below 2**-12: a property that holds only in the limit, or
        # at the edge of rounding, is not going to be shown by going on.
        while pieces:
            low, high = pieces.pop()
            box["t"] = _Range(low, high)
            found = a.enclose(box, self.budget)
            if _shows(kind, found):
                continue
            if not a.has_t or high - low < 2.0**-12:
                return False
            middle = (low + high) / 2
            pieces += [(low, middle), (middle, high)]
        return True

    def sometimes_nonzero(self, a: _Term) -> bool:
        """Show that a term free of t is not identically 0: it then vanishes only at exceptions."""
        names = sorted(a.variables)
        return any(
            a.enclose(
                {n: _Range(v, v) for n, v in zip(names, point, strict=True)}, self.budget
            ).without_zero
            for point in _samples(len(names))
        )

    def counterexample(self, kind: str, a: _Term) -> dict[str, float] | None:
        """Return a point of a fixed small sample where the property fails, or None."""
        names = sorted(a.variables - {"t"})
        ts = [k / 16 for k in range(-16, 17)] if a.has_t else [0.0]
        for values in _samples(len(names)):
            point = dict(zip(names, values, strict=True))
            box = {name: _Range(v, v) for name, v in point.items()}
            previous: tuple[float, _Range] | None = None
            for t in ts:
                box["t"] = _Range(t, t)
                found = a.enclose(box, self.budget)
                at = {"t": t, **point} if a.has_t else point
                if kind == "nonzero" and a.has_t:
                    crossed = previous is not None and (
                        (previous[1].positive and found.negative)
                        or (previous[1].negative and found.positive)
                    )
                    if crossed or found.low == found.high == 0.0:
                        return at
                if kind == "positive" and found.high <= 0:
                    return at
                if kind == "nonnegative" and found.negative:
                    return at
                previous = (t, found)
        return None


_WORDS = {"nonzero": "different from 0", "positive": "positive", "nonnegative": "nonnegative"}


def _shows(kind: str, found: _Range) -> bool:
    if kind == "nonzero":
        return found.without_zero
    return found.positive if kind == "positive" else found.low >= 0


def _samples(count: int) -> Iterator[tuple[float, ...]]:
    values = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 4.0, -4.0, 0.0, 10.0, -10.0)
    if count == 0:
        return iter([()])
    if count == 1:
        return iter([(v,) for v in values])
    return itertools.islice(itertools.product(values, repeat=count), 60)


def _violation(kind: str, what: str, point: dict[str, float]) -> str:
    failing = {"nonzero": "is 0", "positive": "is not positive", "nonnegative": "is negative"}[kind]
    if not point:
        return f"{what} {failing}"
    where = ", ".join(f"{name} = {value:.6g}" for name, value in point.items())
    near = "near" if kind == "nonzero" else "at"
    return f"{what} {failing} {near} {where}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _polynomial_violation(expr: Expr, kind: str) -> float | None:
    """Where a rational polynomial fails the property on [-1, 1]; None if it holds. Exact."""
    poly = Poly(expr, z, domain="QQ")
    if poly.is_zero:
        return None if kind == "nonnegative" else 0.0
    if poly.degree() == 0:
        value = poly.LC()
        holds = value != 0 if kind == "nonzero" else value > 0
        return None if holds else 0.0
    squarefree = poly.sqf_part()
    if kind in ("nonzero", "positive"):
        if squarefree.count_roots(-1, 1):
            return _a_root(squarefree)
        return None if kind == "nonzero" or poly.eval(0) > 0 else 0.0
    for factor, multiplicity in poly.sqf_list()[1]:
        inner = factor.count_roots(-1, 1) - sum(factor.eval(e) == 0 for e in (-1, 1))
        if multiplicity % 2 and inner:
            return _negative_point(poly)
    return _negative_point(poly)


def _negative_point(poly: Poly) -> float | None:
    """Find a point of [-1, 1] where the polynomial is negative; None if there is none.

    Between consecutive roots the sign is constant, so one point of each gap decides.
    """
    squarefree, width = poly.sqf_part(), Rational(1)
    intervals = [] if poly.degree() == 0 else squarefree.intervals(inf=-1, sup=1)
    # Isolating intervals may touch, as (-1, 0) and (0, 0) of z(2z + 1): then no gap lies between.
    while any(left[0][1] >= right[0][0] for left, right in itertools.pairwise(intervals)):
        width /= 16
        intervals = squarefree.intervals(inf=-1, sup=1, eps=width)
    ends = [Rational(-1)]
    for (low, high), _ in intervals:
        ends += [low, high]
    ends.append(Rational(1))
    for low, high in itertools.pairwise(ends):
        for point in (low, (low + high) / 2, high):
            if poly.eval(point) < 0:
                return float(point)
    return None


def _a_root(poly: Poly) -> float:
    (low, high), _ = poly.intervals(inf=-1, sup=1, eps=Rational(1, 10**7))[0]
    return float((low + high) / 2)


# --------------------------------------------------------------------------------------------
# Public functions


def _reserved() -> frozenset[str]:
    shared = {name for name in vars(symbols) if not name.startswith("_")}
    return frozenset((shared | {"t", "pi", "E", "e"} | set(_FUNCTIONS) | _ROUGH) - {"beta"})


def _declared(parameters: Sequence[str]) -> dict[str, Symbol]:
    if isinstance(parameters, str):
        parameters = (parameters,)
    out: dict[str, Symbol] = {}
    for name in parameters:
        usable = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
        if not usable or name in _reserved():
            raise ParseError(
                f"Expected parameter names that are free identifiers but got parameters={name!r}; "
                "choose a name that is not a function, a constant or a shared symbol."
            )
        out[name] = beta if name == "beta" else Symbol(name, real=True)
    return out


def _reader(text: str, parameters: Sequence[str], name: str) -> _Reader:
    if not isinstance(text, str):
        raise ParseError(
            f"Expected a formula as text but got {name}={text!r}; "
            "pass a string such as 'exp(beta*t)/beta'."
        )
    return _Reader(text, name, _declared(parameters))


def parse_kernel(text: str, name: str = "kernel", *, parameters: Sequence[str] = ("beta",)) -> Expr:
    """Read a kernel h(t) as an expression in ``theory.symbols.z``, or refuse it.

    Allowed are numbers (read exactly: ``0.1`` is one tenth), the argument ``t``, the declared
    parameters, ``pi``, ``E``, ``+ - * / **`` and the functions exp, log, sqrt, sin, cos, tan,
    sinh, cosh, tanh, asin, acos, atan, asinh, atanh. Nothing is evaluated: the text is parsed by
    :mod:`ast` and rebuilt node by node, with length, depth, digits and powers bounded first.

    The kernel must be real and C^1 on [-1, 1] *as written*. Every divisor, argument of a logarithm
    or base of a fractional power has to be shown different from 0 (positive; nonnegative for an
    exponent above 1) for all t in [-1, 1] and all real values of the parameters: polynomials by
    exact root counting, the rest by enclosures with outward rounding. Only a divisor free of t
    may vanish at exceptional parameters, as the paper's own ``exp(beta*t)/beta`` does. What cannot
    be decided is refused, and the message says so; a removable singularity such as ``sin(t)/t``
    is refused too, and so is an absolute value in disguise such as ``(t**2)**1.5``.

    Parameters
    ----------
    text : str
        The formula.
    name : str
        What error messages call the text.
    parameters : sequence of str
        Names of the parameters the text may use, each a real number.

    Returns
    -------
    Expr
        h with ``z`` for ``t``, ``theory.symbols.beta`` for ``beta`` and real symbols for the other
        parameters.

    Raises
    ------
    ParseError
        If the text is not of this form, or the kernel is not shown to be regular.

    Notes
    -----
    The source is the convention of the energy (3.5) with a general kernel in place of
    ``exp(beta*t)/beta``.

    Examples
    --------
    >>> parse_kernel("exp(beta*t)/beta")
    exp(beta*z)/beta
    >>> parse_kernel("(1 + t)**1.5")
    (z + 1)**(3/2)
    >>> parse_kernel("1/(2 + a**2 + t)", parameters=["a"])
    1/(a**2 + z + 2)
    >>> parse_kernel("-log(1 - t)")
    Traceback (most recent call last):
    ...
    theory.parse.ParseError: Expected a kernel that is real and C^1 on [-1, 1] but got
    kernel='-log(1 - t)': the argument '1 - t' of log is not positive at t = 1. ...
    """
    reader = _reader(text, parameters, name)
    return reader.kernel(reader.parse())


def parse_energy(
    text: str, name: str = "energy", *, parameters: Sequence[str] = ("beta",)
) -> MatrixExpr:
    """Read an energy, a sum of pair and anchor terms, as a scalar expression in ``X`` and ``m``.

    ``pair(h)`` is ``1/2 sum_ij m_i m_j h(<x_i, x_j>)`` and ``anchor(h, W, c)`` is
    ``sum_i sum_a m_i c_a h(<x_i, w_a>)`` with anchors w_a, the rows of W, and weights c_a; h is a
    kernel in the sense of :func:`parse_kernel`. Each term may carry a factor free of t. A text
    with neither word is one pair term.

    Parameters
    ----------
    text : str
        The energy.
    name : str
        What error messages call the text.
    parameters : sequence of str
        Names of the scalar parameters the text may use, each a real number.

    Returns
    -------
    MatrixExpr, shape (1, 1)
        The energy; W and c of an anchor term are matrix symbols of shapes (k_W, d) and (k_W, 1).

    Raises
    ------
    ParseError
        If the text is not of this form, or a kernel is not shown to be regular.

    Examples
    --------
    >>> parse_energy("exp(beta*t)/beta")
    (1/2)*m.T*[exp(beta*z)/beta at z=X*X.T]*m
    >>> parse_energy("pair(t**2) - 3*anchor(t, W, c)").shape
    (1, 1)
    """
    reader = _reader(text, parameters, name)
    tree = reader.parse()
    if not any(_is_energy_call(node) for node in ast.walk(tree)):
        return interaction_energy(reader.kernel(tree))
    terms = [_energy_term(reader, factor, node) for factor, node in _summands(reader, tree)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _is_energy_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("pair", "anchor")
    )


def _summands(
    reader: _Reader, node: ast.expr, factor: Expr = sympy.S.One
) -> Iterator[tuple[Expr, ast.Call]]:
    """Split a sum into (factor, call of pair or anchor)."""
    match node:
        case ast.Call() if _is_energy_call(node):
            yield factor, node
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            sign = -1 if isinstance(node.op, ast.USub) else 1
            yield from _summands(reader, operand, sign * factor)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            sign = -1 if isinstance(node.op, ast.Sub) else 1
            yield from _summands(reader, left, factor)
            yield from _summands(reader, right, sign * factor)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            inside = any(_is_energy_call(child) for child in ast.walk(right))
            number, rest = (left, right) if inside else (right, left)
            scale = _coefficient(reader, number)
            yield from _summands(reader, rest, factor * scale)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            inverse = ast.BinOp(ast.Constant(1), ast.Div(), right)
            scale = _coefficient(reader, inverse)
            yield from _summands(reader, left, factor * scale)
        case _:
            raise reader.error(
                "an energy that is a sum of pair and anchor terms",
                f"{_short(reader.text(node))!r} is not such a term",
                "Write for instance 'pair(exp(beta*t)/beta) + 0.5*anchor(t, W, c)'.",
            )


def _coefficient(reader: _Reader, node: ast.expr) -> Expr:
    term = reader.read(node)
    if term.has_t:
        raise reader.error(
            "factors of pair and anchor that are free of t",
            f"{_short(term.text)!r} depends on t",
            "Move it inside the parentheses.",
        )
    return term.expr


def _energy_term(reader: _Reader, factor: Expr, call: ast.Call) -> MatrixExpr:
    assert isinstance(call.func, ast.Name)
    match call:
        case ast.Call(func=ast.Name(id="pair"), args=[kernel], keywords=[]):
            return factor * interaction_energy(reader.kernel(kernel))
        case ast.Call(
            func=ast.Name(id="anchor"),
            args=[kernel, ast.Name(id=anchors), ast.Name(id=weights)],
            keywords=[],
        ):
            taken = {*_reserved(), *reader.parameters, "beta"}
            if anchors == weights or {anchors, weights} & taken:
                raise reader.error(
                    "two free names for the anchors and their weights",
                    f"{_short(reader.text(call))!r} uses {anchors!r} and {weights!r}",
                    "Write for instance anchor(t, W, c).",
                )
            rows = Symbol(f"k_{anchors}", integer=True, positive=True)
            points, column = MatrixSymbol(anchors, rows, d), MatrixSymbol(weights, rows, 1)
            return factor * anchor_energy(reader.kernel(kernel), points, column)
        case _:
            raise reader.error(
                "pair(h) or anchor(h, W, c)",
                f"it has {_short(reader.text(call))!r}",
                "h is a kernel in t, W the name of the anchors and c that of their weights.",
            )
