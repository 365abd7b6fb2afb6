"""The reader of formulas: text to a tree of allowed operations, each proved regular on [-1, 1].

Everything is bounded before SymPy sees it, and the text is never evaluated.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import sympy
from sympy import Expr, Rational, Symbol

from theory import symbols
from theory.parse.kinks import FOLDS, Split, even_root, fold, plain
from theory.parse.ranges import (
    FUNCTIONS,
    REALS,
    WORDS,
    Range,
    exact_range,
    padded_range,
    polynomial_violation,
    range_cosine,
    range_exp,
    range_log,
    range_negative,
    range_power,
    range_product,
    range_reciprocal,
    range_shows,
    range_sum,
    samples,
    violation,
)
from theory.parse.terms import BUDGET, Budget, OutOfBudgetError, Term
from theory.symbols import z

# Everything is bounded before SymPy sees it, so that no text can make it work for long.
MAX_LENGTH = 1000
MAX_DEPTH = 100
MAX_DIGITS = 40
MAX_EXPONENT = 100
MAX_SIZE = 4096
MAX_DEGREE = 200
ACTIVATIONS = ("gelu", "silu")


STURM_DEGREE = 100


TOO_LARGE = 1e300


class ParseError(ValueError):
    """A text that is not a kernel (or an energy) of the accepted form, or not a regular one."""


_ROUGH = {
    "Abs", "sign", "Max", "Min", "floor", "ceil", "ceiling", "round", "Piecewise", "Heaviside",
    "relu",
}  # fmt: skip


_KINKED = (sympy.Abs, sympy.sign, sympy.DiracDelta)


@dataclass
class Reader:
    """Reads one text; holds what error messages and checks need to know."""

    source: str
    name: str
    parameters: dict[str, Symbol]
    budget: Budget = field(default_factory=Budget)

    # ---- errors

    def error(self, expected: str, problem: str, remedy: str) -> ParseError:
        """Make the error of a text."""
        shown = self.source if len(self.source) <= 80 else self.source[:77] + "..."
        return ParseError(f"Expected {expected} but got {self.name}={shown!r}: {problem}. {remedy}")

    def syntax(self, problem: str, remedy: str = "") -> ParseError:
        """Make the error of a text that isn't a formula in t."""
        listed = ", ".join((*FUNCTIONS, *ACTIVATIONS, *FOLDS))
        default = f"Use numbers, t, declared parameters, pi, E, + - * / ** and {listed}."
        return self.error("a formula in t", problem, remedy or default)

    def singular(self, problem: str) -> ParseError:
        """Make the error of a kernel that isn't regular on [-1, 1]."""
        return self.error(
            "a kernel that is real and C^1 on [-1, 1]",
            problem,
            "Inner products reach both ends of [-1, 1]: choose a kernel that is regular there, "
            "for instance log(2 + t) in place of log(1 + t).",
        )

    def kink(self, a: Term) -> ParseError:
        """Make the error of a kernel with a kink inside [-1, 1]."""
        shown = shortened(a.text)
        return self.error(
            "a kernel that is C^1 on [-1, 1]",
            f"{shown!r} is not differentiable everywhere",
            f"Raise it to a power above 1, as in ({shown})**2, or smooth it: for |t| for instance "
            "sqrt(t**2 + 0.01).",
        )

    # ---- text -> tree

    def kernel(self, node: ast.expr) -> Expr:
        """Read a kernel, and refuse one that SymPy knows as an absolute value of t.

        Its derivatives hold sign and DiracDelta, which no later step can evaluate.
        """
        term = self.read(node)
        if term.kinked:
            raise self.kink(term)
        expr = term.expr
        if expr.free_symbols and z not in expr.free_symbols:
            raise self.error("a kernel h(t)", "it does not depend on t", "Its argument is named t.")
        for found in (expr, expr.diff(z)):
            for part in sorted(found.atoms(*_KINKED), key=str):
                if z in part.free_symbols:
                    shown = shortened(str(part.subs(z, Symbol("t"))))
                    raise self.error(
                        "a kernel that is twice differentiable as written",
                        f"it is not C² as written, because it holds {shown}",
                        "Write it without the root of a square, for instance cos(t) in place of "
                        "sqrt(cos(t)**2).",
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

    def read(self, node: ast.expr) -> Term:
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
                if name in FOLDS and not keywords:
                    return self.folded(name, [self.read(each) for each in arguments], text)
                if name not in FUNCTIONS and name not in ACTIVATIONS:
                    raise self.syntax(f"the function {name!r} is unknown")
                if len(arguments) != 1 or keywords:
                    raise self.syntax(f"{text!r} does not give {name} one argument")
                make = self.activation if name in ACTIVATIONS else self.call
                return make(name, self.read(arguments[0]), text)
            case ast.Attribute():
                raise self.syntax(f"{text!r} accesses an attribute")
            case _:
                raise self.syntax(f"{text!r} is not arithmetic")

    def number(self, node: ast.Constant) -> Term:
        """Read a number, from its digits as written."""
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
        enclosure = exact_range(value)
        return Term(lambda _: enclosure, (), expr, text, size, 0)

    def variable(self, name: str) -> Term:
        """Read t, a declared parameter, pi or E."""
        if name == "t":
            return Term(lambda _: REALS, (), z, name, 1, 1, "t", frozenset({"t"}))
        if name in self.parameters:
            symbol = self.parameters[name]
            return Term(lambda _: REALS, (), symbol, name, 1, None, name, frozenset({name}))
        if name in ("pi", "E"):
            value = math.pi if name == "pi" else math.e
            constant = padded_range(value, value)
            expr = sympy.pi if name == "pi" else sympy.E
            return Term(lambda _: constant, (), expr, name, 1, None)
        if name in ("inf", "nan", "oo", "infinity"):
            raise self.syntax(f"{name!r} is not a finite number")
        if name in FUNCTIONS or name in FOLDS or name in ACTIVATIONS:
            raise self.syntax(f"the function {name!r} has no argument", f"Write {name}(...).")
        if name in reserved_names():
            raise self.syntax(
                f"the name {name!r} has another meaning",
                "The argument of the kernel is t; give parameters names of their own.",
            )
        known = ", ".join(["t", *self.parameters])
        raise self.syntax(
            f"the name {name!r} is unknown",
            f"The names here are {known} (t is the argument); others need parameters=({name!r},).",
        )

    def term(
        self,
        rule: Callable[[Sequence[Range]], Range],
        children: tuple[Term, ...],
        make: Callable[[], Expr],
        text: str,
        size: int,
        degree: int | None,
    ) -> Term:
        """Assemble a term, with its size checked before SymPy builds the expression."""
        if size > MAX_SIZE or (degree or 0) > MAX_DEGREE:
            raise self.syntax(
                f"{shortened(text)!r} is too large a power or product",
                f"Keep exponents within {MAX_EXPONENT} and the degree within {MAX_DEGREE}.",
            )
        variables = frozenset().union(*(child.variables for child in children))
        expr = make()
        if expr.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I):
            raise self.singular(f"{shortened(text)!r} is not a finite real number")
        return Term(rule, children, expr, text, size, degree, "", variables)

    def moderate(self, a: Term) -> Term:
        """Refuse towers of exponentials: no one could evaluate them, SymPy would try."""
        if not (a.variables - {"t"}):
            for t in (-1.0, 0.0, 1.0) if a.has_t else (0.0,):
                found = a.enclose({"t": Range(t, t)}, Budget(MAX_LENGTH))
                if max(found.low, -found.high) > TOO_LARGE:
                    raise self.error(
                        "a kernel that is representable in double precision on [-1, 1]",
                        f"{shortened(a.text)!r} exceeds {TOO_LARGE:g}" + f" at t = {t:g}" * a.has_t,
                        "Use a parameter, as in exp(beta*t), and give its value later.",
                    )
        return a

    def folded(self, name: str, terms: list[Term], text: str) -> Term:
        """Make the term of abs(u), max(a, b) or min(a, b): one of the two where it is shown so."""
        if len(terms) != (1 if name == "abs" else 2):
            raise self.syntax(f"{text!r} gives {name} {len(terms)} argument(s)")
        first = terms[0]
        second = self.negative(first, f"-({first.text})") if name == "abs" else terms[1]
        kinked = next((each for each in terms if each.kinked), None)
        if kinked is not None:
            raise self.kink(kinked)
        gap = self.operation(ast.Sub(), first, second, f"{first.text} - ({second.text})")
        for larger, smaller, over in (
            (first, second, gap),
            (second, first, self.negative(gap, text)),
        ):
            if self.shows("nonnegative", over):
                return smaller if name == "min" else larger
        if name == "abs" or second.expr == 0:
            return self.split(fold(name, first.expr), first, text)
        if first.expr == 0:
            return self.split(fold(name, second.expr), second, text)
        raise self.error(
            "a kernel that is C^1 on [-1, 1]",
            f"{shortened(text)!r} is not differentiable where its arguments are equal",
            "Compare with 0 and raise to a power above 1, as in max(t - 0.5, 0)**2.",
        )

    def split(self, made: Split, a: Term, text: str, more: int = 1) -> Term:
        """Make the term of a power of an absolute value or a positive part of the term a."""
        size = a.size * max(1, math.ceil(made.power)) + more
        if made.power > MAX_EXPONENT:
            raise self.syntax(f"{shortened(text)!r} is too large a power")
        found = self.term(lambda r: made.rule(r[0]), (a,), lambda: made.expr, text, size, None)
        return replace(found, split=made)

    def of_split(self, op: ast.operator, a: Term, b: Term, text: str) -> Term | None:
        """Work out an operation on such powers, where it gives such a power; None elsewhere."""
        one, other = (a, b) if a.split is not None else (b, a)
        own, theirs = one.split, other.split
        if own is None and isinstance(op, ast.Pow) and a.has_t and b.expr.is_Rational:
            made = even_root(a.expr, b.expr)
            if made is not None and a.children and a.children[0].expr == made.base:
                return self.split(made, a.children[0], text, b.size)
        if own is None or one.expr != own.expr:
            return None
        made = None
        if other.expr.is_Rational and (one is a or isinstance(op, ast.Mult)):
            number = Fraction(int(other.expr.p), int(other.expr.q))
            if isinstance(op, ast.Pow):
                made = own.raised(number)
            elif isinstance(op, ast.Mult):
                made = own.scaled(number)
            elif isinstance(op, ast.Div) and number:
                made = own.scaled(1 / number)
        elif isinstance(op, ast.Mult):
            made = own.times(theirs or plain(other.expr))
        return None if made is None else self.split(made, one.children[0], text, other.size)

    def negative(self, a: Term, text: str) -> Term:
        """Make the term of -a."""
        if a.split is not None and a.kinked:
            return self.split(a.split.scaled(Fraction(-1)), a.children[0], text)
        return self.term(
            lambda r: range_negative(r[0]), (a,), lambda: -a.expr, text, a.size, a.degree
        )

    def operation(self, op: ast.operator, a: Term, b: Term, text: str) -> Term:
        """Make the term of a sum, difference, product, quotient or power."""
        made = self.of_split(op, a, b, text)
        if made is not None:
            return made
        kinked = a if a.kinked else b
        if kinked.kinked:
            raise self.kink(kinked)
        size = a.size + b.size
        both = a.degree is not None and b.degree is not None
        if isinstance(op, ast.Add | ast.Sub):
            subtract = isinstance(op, ast.Sub)
            return self.term(
                lambda r: range_sum(r[0], range_negative(r[1]) if subtract else r[1]),
                (a, b),
                lambda: a.expr - b.expr if subtract else a.expr + b.expr,
                text,
                size,
                max(a.degree or 0, b.degree or 0) if both else None,
            )
        if isinstance(op, ast.Mult):
            return self.term(
                lambda r: range_product(r[0], r[1]),
                (a, b),
                lambda: a.expr * b.expr,
                text,
                size,
                (a.degree or 0) + (b.degree or 0) if both else None,
            )
        if isinstance(op, ast.Div):
            self.require("nonzero", b, f"the divisor {shortened(b.text)!r} of {shortened(text)!r}")
            return self.term(
                lambda r: range_product(r[0], range_reciprocal(r[1])),
                (a, b),
                lambda: a.expr / b.expr,
                text,
                size,
                a.degree if b.expr.is_Rational else None,
            )
        return self.power(a, b, text)

    def power(self, a: Term, b: Term, text: str) -> Term:
        """Make the term of a power, its base shown to be in the domain."""
        if not b.expr.is_Rational:
            # u**v = exp(v log u) with u > 0
            what = f"the base {shortened(a.text)!r} of {shortened(text)!r}"
            self.require("positive", a, what)
            product = self.term(
                lambda r: range_product(range_log(r[0]), r[1]),
                (a, b),
                lambda: b.expr,
                text,
                a.size + b.size,
                None,
            )
            self.check_exponential(b.expr * sympy.log(a.expr), text)
            return self.moderate(
                self.term(
                    lambda r: range_exp(r[0]),
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
                f"the exponent of {shortened(text)!r} is too large",
                f"Keep exponents within {MAX_EXPONENT}.",
            )
        what = f"the base {shortened(a.text)!r} of {shortened(text)!r}"
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
            lambda r: range_power(r[0], exponent),
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
                f"the exponent of {shortened(text)!r} is too large",
                f"Keep factors of a logarithm inside an exponential within {MAX_EXPONENT}.",
            )

    def activation(self, name: str, a: Term, text: str) -> Term:
        """Make the term of ``u F(u)``, F the distribution of a normal or a logistic variable."""
        one, two = (self.read(ast.Constant(number)) for number in (1, 2))
        inner, by = ("erf", self.call("sqrt", two, "sqrt(2)")) if name == "gelu" else ("tanh", two)
        scaled = self.operation(ast.Div(), a, by, text)
        above = self.operation(ast.Add(), one, self.call(inner, scaled, text), text)
        return self.operation(ast.Div(), self.operation(ast.Mult(), a, above, text), two, text)

    def call(self, name: str, a: Term, text: str) -> Term:
        """Make the term of a function, its argument shown to be in the domain."""
        make, rule, condition = FUNCTIONS[name]
        if a.kinked:
            raise self.kink(a)
        what = f"the argument {shortened(a.text)!r} of {name}"
        if condition == "positive":
            self.require("positive", a, what)
        elif condition == "inside (-1, 1)":
            one = self.read(ast.Constant(1))
            square = self.operation(ast.Mult(), a, a, f"({a.text})**2")
            gap = self.operation(ast.Sub(), one, square, f"1 - ({a.text})**2")
            self.require("positive", gap, f"1 - u**2 for {what}")
        elif condition == "nonzero cosine":
            cosine = self.term(
                lambda r: range_cosine(r[0]), (a,), lambda: sympy.cos(a.expr), text, a.size, None
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

    def require(self, kind: str, a: Term, what: str) -> None:
        """Prove that a term is nonzero, positive or nonnegative for t in [-1, 1], or refuse.

        Parameters stand for any real number, except that a divisor free of t may vanish at
        isolated values of a parameter, as in ``exp(beta*t)/beta``. The order is: exact root
        counting for polynomials with rational coefficients, outward-rounded enclosures on a
        subdivision of [-1, 1] for the rest, then a search for a counterexample for the message.
        What is not proved is refused.
        """
        if a.degree is not None and a.degree <= STURM_DEGREE and not (a.variables - {"t"}):
            where = polynomial_violation(a.expr, kind)
            if where is None:
                return
            raise self.singular(violation(kind, what, {"t": where} if a.has_t else {}))
        others = sorted(a.variables - {"t"})
        try:
            if self.proved(kind, a):
                return
            if kind == "nonzero" and not a.has_t and self.sometimes_nonzero(a):
                return
            witness = self.counterexample(kind, a)
        except OutOfBudgetError:
            witness = None
        if witness is not None:
            raise self.singular(violation(kind, what, witness))
        over = ["t in [-1, 1]"] * a.has_t + [f"real {', '.join(others)}"] * bool(others)
        scope = "".join(
            f" {word} every {part}" for word, part in zip(("for", "and"), over, strict=False)
        )
        raise self.singular(f"{what} could not be shown to be {WORDS[kind]}{scope}")

    def shows(self, kind: str, a: Term) -> bool:
        """Whether a property is shown, with a budget of its own."""
        kept, self.budget = self.budget, Budget(BUDGET // 10)
        try:
            self.require(kind, a, "it")
        except ParseError:
            return False
        finally:
            self.budget = kept
        return True

    def proved(self, kind: str, a: Term) -> bool:
        """Bisect [-1, 1] until the enclosure on every piece shows the property."""
        box = {name: REALS for name in a.variables}
        pieces = [(-1.0, 1.0)]
        # Depth first, and no piece below 2**-12: a property that holds only in the limit, or
        # at the edge of rounding, is not going to be shown by going on.
        while pieces:
            low, high = pieces.pop()
            box["t"] = Range(low, high)
            found = a.enclose(box, self.budget)
            if range_shows(kind, found):
                continue
            if not a.has_t or high - low < 2.0**-12:
                return False
            middle = (low + high) / 2
            pieces += [(low, middle), (middle, high)]
        return True

    def sometimes_nonzero(self, a: Term) -> bool:
        """Show that a term free of t is not identically 0: it then vanishes only at exceptions."""
        names = sorted(a.variables)
        return any(
            a.enclose(
                {n: Range(v, v) for n, v in zip(names, point, strict=True)}, self.budget
            ).without_zero
            for point in samples(len(names))
        )

    def counterexample(self, kind: str, a: Term) -> dict[str, float] | None:
        """Return a point of a fixed small sample where the property fails, or None."""
        names = sorted(a.variables - {"t"})
        ts = [k / 16 for k in range(-16, 17)] if a.has_t else [0.0]
        for values in samples(len(names)):
            point = dict(zip(names, values, strict=True))
            box = {name: Range(v, v) for name, v in point.items()}
            previous: tuple[float, Range] | None = None
            for t in ts:
                box["t"] = Range(t, t)
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


def shortened(text: str) -> str:
    """Cut a text for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


def reserved_names() -> frozenset[str]:
    """Give the names that parameters may not have."""
    shared = {name for name in vars(symbols) if not name.startswith("_")}
    return frozenset(
        (shared | {"t", "pi", "E", "e"} | {*FUNCTIONS, *ACTIVATIONS, *FOLDS} | _ROUGH) - {"beta"}
    )
