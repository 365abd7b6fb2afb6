"""Equations and inequalities between numbers, as theorems over the reals.

The statement is what the step says, as it stands; the proof is one tactic for each relation.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from proofs_checks.proof.said import Said
from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.scalars import Names, NotExported, identifier, scalar
from theory.symbols import n

_TACTICS = {"=": "numbers_equal.", "<": "numbers_below.", "<=": "numbers_below."}


class _Reader:
    """Terms of numbers with derivatives, integrals and sums in them."""

    def __init__(self) -> None:
        self.names = Names()
        self.bound: dict[Any, str] = {}
        self.calculus = False

    def number(self, expr: Any) -> str:
        return scalar(expr, self.names, self._special)

    def _special(self, expr: Any) -> str | None:
        if expr in self.bound:
            return self.bound[expr]
        if isinstance(expr, sp.Derivative):
            return self._derivative(expr)
        if isinstance(expr, sp.Subs) and isinstance(expr.args[0], sp.Derivative):
            inside, (variable,), (place,) = expr.args
            if set(inside.variables) == {variable}:
                return self._derivative(inside, place)
        if isinstance(expr, sp.Integral):
            return self._integral(expr)
        if isinstance(expr, sp.Sum):
            return self._sum(expr)
        if isinstance(expr, AppliedUndef):
            return self._function(expr)
        if isinstance(expr, sp.Max | sp.Min):
            name = "Rmax" if isinstance(expr, sp.Max) else "Rmin"
            first, *rest = expr.args
            other = rest[0] if len(rest) == 1 else expr.func(*rest, evaluate=False)
            return f"({name} {self.number(first)} {self.number(other)})"
        return None

    def _under(self, variable: Any, inside: Any) -> tuple[str, str]:
        """Bind a variable: its name, and the term under it."""
        name = identifier(str(variable)) + "0"
        outer, self.bound = self.bound, {**self.bound, variable: name}
        text = self.number(inside)
        self.bound = outer
        return name, text

    def _derivative(self, expr: sp.Derivative, place: Any = None) -> str:
        ((variable, times),) = expr.variable_count if len(expr.variable_count) == 1 else ((0, 0),)
        if times not in (1, 2):
            raise NotExported("no term for a mixed derivative, or one of higher order")
        self.calculus = True
        name, text = self._under(variable, expr.expr)
        at = self.number(variable if place is None else place)
        if times == 1:
            return f"(Derive (fun {name} => {text}) {at})"
        return f"(Derive_n (fun {name} => {text}) 2 {at})"

    def _integral(self, expr: sp.Integral) -> str:
        if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
            raise NotExported("no term for this integral")
        self.calculus = True
        variable, low, high = expr.limits[0]
        if sp.oo in (high, -low):
            raise NotExported("no term for an integral without end")
        name, text = self._under(variable, expr.function)
        return f"(RInt (fun {name} => {text}) {self.number(low)} {self.number(high)})"

    def _sum(self, expr: sp.Sum) -> str:
        ((variable, low, high),) = expr.limits if len(expr.limits) == 1 else ((0, 0, 0),)
        if (low, high) not in ((1, n), (0, n - 1)):
            raise NotExported("no term for a sum with these ends")
        count = self.names.take(n, "n", "nat")
        name = identifier(str(variable)) + "0"
        shown = f"(INR {name})" if low == 0 else f"(INR {name} + 1)"
        outer, self.bound = self.bound, {**self.bound, variable: shown}
        text = self.number(expr.function)
        self.bound = outer
        return f"(rsum {count} (fun {name} => {text}))"

    def _function(self, expr: AppliedUndef) -> str:
        if len(expr.args) != 1:
            raise NotExported("no term for a function of several numbers")
        name = self.names.take(expr.func, str(expr.func), "R -> R")
        self.names.need(f"forall t, ex_derive {name} t")
        self.calculus = True
        return f"({name} {self.number(expr.args[0])})"


def _written(said: Said, reader: _Reader) -> str:
    left, right = reader.number(said.left), reader.number(said.right)
    return f"{left} {said.relation} {right}"


def number_statement(said: Said) -> Theorem:
    """Write what a step says of numbers: for all values of its symbols that are allowed.

    Parameters
    ----------
    said : Said

    Returns
    -------
    Theorem

    Raises
    ------
    NotExported
        Something in it has no term, or both sides are written the same.
    """
    reader = _Reader()
    claim = _written(said, reader)
    if reader.number(said.left) == reader.number(said.right):
        raise NotExported("both sides are written the same: there is nothing to prove")
    given = [_written(one, reader) for one in said.given]
    rank = {"nat": 0, "R": 1}
    types = sorted(reader.names.types.items(), key=lambda item: rank.get(item[1], 2))
    binders = " ".join(f"({name} : {kind})" for name, kind in types)
    hypotheses = (*reader.names.hypotheses, *given)
    return Theorem(binders, hypotheses, claim, ("Numbers",), _TACTICS[said.relation])
