"""What an expression in a file may hold, settled before SymPy is asked to work anything out.

SymPy evaluates as it builds: 10**(10**9) and factorial(10**9) keep it at work for ever. So the
classes are listed, and numbers are small where a class does arithmetic with them. Whatever nests is
seen from inside out: the parts of an expression have been built by then.
"""

from __future__ import annotations

import re
from typing import Any

from sympy import (
    Add,
    Derivative,
    Float,
    Integral,
    Mul,
    Pow,
    Product,
    Rational,
    Subs,
    Sum,
    exp,
    log,
)

ROOMS = (
    "theory.", "sympy.core.", "sympy.logic.boolalg", "sympy.matrices.expressions.",
    "sympy.matrices.immutable", "sympy.matrices.dense", "sympy.sets.", "sympy.concrete.",
    "sympy.integrals.integrals", "sympy.functions.elementary.", "sympy.functions.special.bessel",
    "sympy.functions.special.delta_functions", "sympy.functions.special.error_functions",
    "sympy.functions.special.gamma_functions",
)  # fmt: skip
"""Where the classes of models and results are defined."""

SPECIAL = ("sympy.functions.special.", "sympy.functions.combinatorial.")
"""Functions that work with every whole number up to their arguments."""

NAMED = ("binomial",)
"""Those beyond these modules that are read."""

MAX_SPECIAL = 1000  # an order or a number of a model; all of them take no time up to here
MAX_BITS = 1 << 17  # of one power of numbers: 10**39000, far beyond doubles
MAX_ALL_BITS = 1 << 20  # of all powers of one expression: their product takes no time
MAX_MAGNITUDE = 1e6  # of the log of a number: SymPy works numbers out to find their signs
MAX_DIGITS = 10_000  # of a float, and of its exponent: SymPy writes it out
MAX_COMPARED = 50  # arguments that are compared in pairs
MAX_NUMBER = 1000  # that a function or a relation works out, to all its digits: of cosh, 400
MAX_FACTORED = 1 << 10  # bits of a number whose root or log is taken: SymPy looks for factors
MAX_PRECISION = 4000  # bits of a float, of which a function works out as many

UNFINISHED = (Derivative, Integral, Product, Subs, Sum)
"""What has a value, of numbers alone, that takes any time."""


class TooLargeError(ValueError):
    """An expression that SymPy would work on for long."""


def allowed(kind: Any) -> bool:
    """Whether a class is one that files hold."""
    return kind.__module__.startswith(ROOMS) or kind.__name__ in NAMED


class Bounds:
    """What the powers of one expression may still cost."""

    def __init__(self) -> None:
        self.left = MAX_ALL_BITS

    def check(self, kind: Any, args: list[Any]) -> None:
        """Refuse what a class would work on for long.

        Raises
        ------
        TooLargeError
            With the class and what of it is too large.
        """
        name = getattr(kind, "__name__", str(kind))
        module = getattr(kind, "__module__", "")
        if args and all(getattr(arg, "is_number", False) for arg in args):
            _number(kind, name, args)
        if kind is exp or (kind is Pow and len(args) == 2):
            self._power(name, *args if kind is Pow else (None, args[0]))
        elif name == "MatPow" or (module.startswith(SPECIAL) and "delta" not in module):
            if any(_size(arg) > MAX_SPECIAL for arg in args):
                raise TooLargeError(f"{name} of a number beyond {MAX_SPECIAL}")
        elif name in ("Max", "Min", "Piecewise") and len(args) > MAX_COMPARED:
            raise TooLargeError(f"{name} of {len(args)} arguments")
        elif "Matrix" in name and not name.startswith(("MatrixS", "One", "Zero")):
            if len(args) == 3 and not isinstance(args[2], list):
                raise TooLargeError(f"{name} of a rule for its entries")

    def _power(self, name: str, base: Any, exponent: Any) -> None:
        """Bound the digits of base**exponent, or of e**exponent, where 2 may hide in a log."""
        hidden = exponent if base is None else base
        bits = _bits(hidden) if base is not None or _has(exponent, log) else 0
        if isinstance(base, Rational) and bits > MAX_FACTORED and exponent.is_integer is False:
            raise TooLargeError(f"{name}: a root of a number of {bits} bits")
        cost = bits * max(1.0, _size(exponent)) if _size(exponent) > 1 else 0
        if not cost <= MAX_BITS or cost > self.left:
            raise TooLargeError(f"{name} with too many digits")
        self.left -= int(cost)
        if all(getattr(part, "is_number", True) for part in (base, exponent)):
            if isinstance(base, Rational):  # whose log SymPy would look for factors of
                value = abs(exponent.evalf(15)) * bits
            else:
                value = abs((exponent if base is None else exponent * log(base)).evalf(15))
            if value.is_Float and not value <= MAX_MAGNITUDE:
                raise TooLargeError(f"{name} beyond e**{MAX_MAGNITUDE:g}")


def _number(kind: Any, name: str, args: list[Any]) -> None:
    """Bound a number that SymPy may work out at once, for its sign, its floor or its place."""
    if kind in (Add, Mul):
        return
    if any(arg.has(*UNFINISHED) for arg in args):
        raise TooLargeError(f"{name} of a number that is a sum or the like")
    function = getattr(kind, "__module__", "").startswith("sympy.functions.")
    worked = [arg for arg in args if function or not isinstance(arg, Rational | Float)]
    if kind is log and _bits(args[0]) > MAX_FACTORED:
        raise TooLargeError(f"{name} of a number of {_bits(args[0])} bits")
    if kind not in (Pow, exp, log) and not all(abs(arg.evalf(15)) <= MAX_NUMBER for arg in worked):
        raise TooLargeError(f"{name} of a number beyond {MAX_NUMBER}")


def check_float(digits: str, precision: Any) -> None:
    """Refuse a float that takes long to read.

    Raises
    ------
    TooLargeError
        For a number of digits, an exponent or a precision beyond all use.
    """
    found = re.fullmatch(r"[+-]?[\d.]+(?:e([+-]?\d+))?|[+-]?(?:inf|nan|oo)", digits.lower())
    power = found[1] if found and found[1] else "0"
    small = found is not None and len(power) <= 8 and abs(int(power)) <= MAX_DIGITS
    if not small or len(digits) > MAX_DIGITS or (precision or 0) > MAX_PRECISION:
        raise TooLargeError(f"the number {digits[:20]!r}")


def _numbers(expr: Any) -> Any:
    return expr.atoms(Rational, Float) if hasattr(expr, "atoms") else ()


def _has(expr: Any, kind: Any) -> bool:
    return bool(expr.has(kind)) if hasattr(expr, "has") else False


def _bits(expr: Any) -> int:
    """How many digits the numbers of an expression have together; 1 has none."""
    found = [number for number in _numbers(expr) if isinstance(number, Rational)]
    return sum(abs(int(n)).bit_length() for q in found for n in (q.p, q.q) if abs(n) != 1)


def _size(expr: Any) -> float:
    """How large the largest number of an expression is."""
    found = [abs(number) for number in _numbers(expr) if number.is_finite]
    return max((float(min(value, 1e300)) for value in found), default=0.0)
