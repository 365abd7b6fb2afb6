"""Formulas of the Gram algebra as they were written down, with nothing expanded or cancelled.

Inside `recording`, vectors are terms that remember how they were made, and their inner products
are atoms. What a formula *says* can then be read, and given to another program to prove.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import _lru_cache_wrapper
from types import ModuleType
from typing import Any

from sympy import Basic, Expr, S, Tuple, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixExpr

_ROOMS = ("theory", "proofs_checks")
_state = {"on": False}


def is_recording() -> bool:
    """Whether formulas are kept as they are written."""
    return _state["on"]


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in _ROOMS


def _our_modules() -> list[ModuleType]:
    """List the modules of ours that are loaded."""
    modules = [m for name, m in list(sys.modules.items()) if _is_ours(name)]
    return [m for m in modules if isinstance(m, ModuleType)]


def _forget() -> None:
    """Empty the caches of our own functions: no recorded formula may meet a reduced one."""
    for module in _our_modules():
        names = list(vars(module).values())
        methods = [m for c in names if isinstance(c, type) for m in vars(c).values()]
        for found in (*names, *methods):
            if type(found) is _lru_cache_wrapper and _is_ours(found.__module__):
                found.cache_clear()


_OTHERS = ("theory.models", "theory.terms")
"""Where ``residual`` is no reduction of the Gram algebra: typed propositions keep what is said."""


def _as_written(expr: Any) -> Any:
    """Stand in for every reduction of a difference: it stays as it is."""
    return sympify(expr)


def _reductions() -> list[tuple[ModuleType, Any]]:
    """List what our modules call ``residual``; of models it is a layer's, of terms the kernel's."""
    return [
        (module, vars(module)["residual"])
        for module in _our_modules()
        if callable(found := vars(module).get("residual"))
        and not (getattr(found, "__module__", None) or "").startswith(_OTHERS)
    ]


@contextmanager
def recording() -> Iterator[None]:
    """Keep formulas as they are written down, in this block.

    What reduces a difference, ``residual``, is not asked: were it wrong, what is recorded would
    not be.

    Examples
    --------
    >>> from theory.engines import inner, project, vectors
    >>> with recording():
    ...     x, y = vectors("x y", unit="x")
    ...     print(inner(x, project(x, y)))
    <x, P_x y>
    """
    if _state["on"]:
        yield
        return
    _forget()
    reductions = _reductions()
    _state["on"] = True
    for module, _ in reductions:
        vars(module)["residual"] = _as_written
    try:
        yield
    finally:
        _state["on"] = False
        for module, own in reductions:
            vars(module)["residual"] = own
        _forget()


class NamedVector(Basic):
    """A vector with a name, of length one or not."""

    def __new__(cls, name: Any, unit: Any) -> NamedVector:
        """Keep the name."""
        obj: NamedVector = Basic.__new__(cls, Str(str(name)), sympify(bool(unit)))
        return obj

    def _sympystr(self, printer: Any) -> str:
        return str(self.args[0])


class RowOf(Basic):
    """Row i of a matrix expression with d columns."""

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.args[0])})_i"


class SumOf(Basic):
    """A sum of vectors."""

    def _sympystr(self, printer: Any) -> str:
        return " + ".join(map(printer._print, self.args))


class Multiple(Basic):
    """A scalar times a vector."""

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.args[0])})*({printer._print(self.args[1])})"


class Image(Basic):
    """A linear map applied to a vector."""

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.args[0])} {printer._print(self.args[1])}"


class Projected(Basic):
    """``P_x a``, of the foot x and the vector a."""

    def _sympystr(self, printer: Any) -> str:
        return f"P_{printer._print(self.args[0])} {printer._print(self.args[1])}"


class _Scalar(Expr):
    """A real number that is kept as it is written."""

    is_commutative = True
    is_extended_real = True
    is_finite = True

    def _eval_expand_mul(self, **hints: Any) -> Expr:
        return self

    def expand(self, *args: Any, **hints: Any) -> Expr:
        """Itself: nothing inside is expanded."""
        return self

    def _eval_subs(self, old: Any, new: Any) -> Any:
        """Keep as an assumption what is put for an inner product that may be inside."""
        if isinstance(old, Pairing):
            return self._given(old, new)
        return None

    def _xreplace(self, rule: Any) -> tuple[Any, bool]:
        found = self
        if not hasattr(rule, "items"):  # a Transform
            return self, False
        plain = {old: new for old, new in rule.items() if not isinstance(old, Pairing)}
        if plain:
            found, _ = Expr._xreplace(self, plain)
        for old, new in rule.items():
            if isinstance(old, Pairing) and isinstance(found, _Scalar):
                found = found._given(old, new)
        return found, found != self

    def _given(self, old: Any, new: Any) -> Any:
        known = Given(old, new)
        return self if known in self.args else self.func(*self.args, known)


class Given(Basic):
    """What an inner product is said to be, where it was put for it."""


class Pairing(_Scalar):
    """The inner product of two vectors, as written."""

    def _sympystr(self, printer: Any) -> str:
        return f"<{printer._print(self.args[0])}, {printer._print(self.args[1])}>"


class EntryOf(_Scalar):
    """Entry i of a column, or of a diagonal matrix."""

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.args[0])})_i"


class BasisSum(_Scalar):
    """A scalar summed over an orthonormal basis: (scalar, vector, dimension)."""

    def _sympystr(self, printer: Any) -> str:
        return f"Σ_{printer._print(self.args[1])} {printer._print(self.args[0])}"


@dataclass(frozen=True)
class Term:
    """A vector that remembers how it was written; it answers as `Vector` does.

    Attributes
    ----------
    node : Basic
        How it was made.
    """

    node: Basic

    @property
    def terms(self) -> tuple[Any, ...]:
        """None: it isn't taken apart."""
        return ()

    def __add__(self, other: Any) -> Term:
        """Sum, as written."""
        if not isinstance(other, Term):  # a `Vector` without terms starts a sum
            return self
        return Term(SumOf(self.node, other.node))

    def __radd__(self, other: Any) -> Term:
        """Sum that starts with nothing."""
        return self

    def __neg__(self) -> Term:
        """Opposite."""
        return self * S.NegativeOne

    def __sub__(self, other: Any) -> Term:
        """Difference, as written."""
        return self + (-other)

    def __mul__(self, scalar: Any) -> Term:
        """Multiple, as written."""
        return Term(Multiple(sympify(scalar), self.node))

    __rmul__ = __mul__

    def __truediv__(self, scalar: Any) -> Term:
        """Multiple by the inverse of a scalar."""
        return self * (1 / sympify(scalar))

    def simplify(self) -> Term:
        """Itself."""
        return self

    def __bool__(self) -> bool:
        """Whether anything is left: as far as is known."""
        return True

    def __str__(self) -> str:
        """As written."""
        return str(self.node)


def named(name: str, unit: bool) -> Term:
    """Return a recorded vector by name."""
    return Term(NamedVector(name, unit))


def row_of(expr: MatrixExpr, units: Iterable[Any], symmetric: Iterable[Any]) -> Term:
    """Return row i of a matrix expression, unread, with what is known of its matrices.

    Parameters
    ----------
    expr : MatrixExpr
    units : iterable of MatrixSymbol
        Matrices whose rows have length one.
    symmetric : iterable of MatrixSymbol
    """
    return Term(RowOf(expr, Tuple(*units), Tuple(*sorted(symmetric, key=str))))


def entry_of(expr: MatrixExpr, units: Iterable[Any], symmetric: Iterable[Any]) -> Expr:
    """Return entry i of a column, unread, with what is known of its matrices."""
    return EntryOf(expr, Tuple(*units), Tuple(*sorted(symmetric, key=str)))


def is_recorded(expr: Any) -> bool:
    """Whether a scalar holds what was recorded."""
    return bool(getattr(expr, "has", lambda *_: False)(_Scalar))
