"""Equations and inequalities between numbers, as theorems over the reals.

The statement is what the step says, as it stands; its proof is written by `number_proofs`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.number_proofs import number_proof
from proofs_checks.rocq.scalars import Names, NotExported, identifier, scalar
from proofs_checks.said import Said

_SIGNS = {
    sp.StrictLessThan: "<",
    sp.LessThan: "<=",
    sp.StrictGreaterThan: ">",
    sp.GreaterThan: ">=",
}


class Reader:
    """Terms of numbers with derivatives, integrals and sums in them."""

    def __init__(self) -> None:
        self.names = Names()
        self.bound: dict[Any, str] = {}
        self.orders: dict[str, int] = {}

    def number(self, expr: Any) -> str:
        """Term of a number, as it stands."""
        return scalar(expr, self.names, self._special)

    def _special(self, expr: Any) -> str | None:
        if expr in self.bound:
            return self.bound[expr]
        if isinstance(expr, sp.Symbol) and _counts(expr):
            return f"(INR {self.count(expr)})"
        for kind, read in _READERS.items():
            if isinstance(expr, kind):
                return read(self, expr)
        return None

    def count(self, expr: Any) -> str:
        """Term of a natural number."""
        if isinstance(expr, sp.Integer) and expr >= 0:
            return str(expr)
        if isinstance(expr, sp.Symbol) and _counts(expr) and expr not in self.bound:
            count = self.names.take(expr, str(expr), "nat")
            if expr.is_positive:
                self.names.need(f"(0 < {count})%nat")
            return count
        if isinstance(expr, sp.Add) and all(_counts(part) for part in expr.args):
            parts = sorted(expr.args, key=lambda part: part.is_number)
            return "(" + " + ".join(map(self.count, parts)) + ")"
        if isinstance(expr, sp.Mul) and all(_counts(part) for part in expr.args):
            return "(" + " * ".join(map(self.count, expr.args)) + ")"
        raise NotExported(f"no natural number for {expr}")

    def under(self, variable: Any, inside: Any, term: str = "") -> tuple[str, str]:
        """Bind a variable: its name, and the term under it."""
        name = identifier(str(variable)) + "0"
        while name in self.bound.values():
            name += "0"
        outer, self.bound = self.bound, {**self.bound, variable: (term or name).replace("@", name)}
        text = self.number(inside)
        self.bound = outer
        return name, text

    def _power(self, expr: sp.Pow) -> str | None:
        base, exponent = expr.args
        if exponent.is_Rational and exponent.q <= 2:
            return self._root(base, exponent) if exponent.q == 2 else None
        if base is sp.S.Exp1:
            return f"(exp {self.number(exponent)})"
        if not exponent.is_Rational and _counts(exponent):
            try:
                return f"({self.number(base)} ^ {self.count(exponent)})"
            except NotExported:
                pass
        if base.is_positive:
            return f"(Rpower {self.number(base)} {self.number(exponent)})"
        return None

    def _root(self, base: Any, exponent: Any) -> str:
        root = f"(sqrt {self.number(base)})"
        power = root if abs(exponent.p) == 1 else f"({root} ^ {abs(exponent.p)})"
        return power if exponent > 0 else f"(/ {power})"

    def _derivative(self, expr: sp.Derivative, place: Any = None) -> str:
        inside = expr.expr
        steps = [v for v, times in expr.variable_count for _ in range(int(times))]
        if isinstance(inside, AppliedUndef):
            self.orders[str(inside.func)] = max(self.orders.get(str(inside.func), 1), len(steps))
        *rest, last = steps
        if rest:
            inside = sp.Derivative(inside, *rest, evaluate=False)
        place = last if place is None else place
        at = self.number(place)
        if any(power.base == last and power.exp.is_negative for power in inside.atoms(sp.Pow)):
            self.number(1 / place)  # assumes what it assumes of a denominator
        name, text = self.under(last, inside)
        return f"(Derive (fun {name} => {text}) {at})"

    def _subs(self, expr: sp.Subs) -> str:
        inside, variables, places = expr.args
        if len(variables) != 1:
            raise NotExported("no term for several places at once")
        (variable,), (place,) = variables, places
        if isinstance(inside, sp.Derivative) and set(inside.variables) == {variable}:
            return self._derivative(inside, place)
        return self.under(variable, inside, self.number(place))[1]

    def _integral(self, expr: sp.Integral) -> str:
        if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
            raise NotExported("no term for this integral")
        variable, low, high = expr.limits[0]
        if low.is_infinite or high.is_infinite:
            raise NotExported("no term for an integral without end")
        ends = f"{self.number(low)} {self.number(high)}"
        name, text = self.under(variable, expr.function)
        return f"(RInt (fun {name} => {text}) {ends})"

    def _sum(self, expr: sp.Sum) -> str:
        if len(expr.limits) != 1:
            raise NotExported("no term for a double sum")
        variable, low, high = expr.limits[0]
        if not (low.is_Integer and low >= 0):
            raise NotExported("no term for a sum with these ends")
        count = self.count(sp.expand(high - low + 1))
        shown = "(INR @)" if low == 0 else f"(INR @ + {low})"
        name, text = self.under(variable, expr.function, shown)
        return f"(rsum {count} (fun {name} => {text}))"

    def _function(self, expr: AppliedUndef) -> str:
        if len(expr.args) != 1:
            raise NotExported("no term for a function of several numbers")
        name = self.names.take(expr.func, str(expr.func), "R -> R")
        self.orders.setdefault(str(expr.func), 1)
        return f"({name} {self.number(expr.args[0])})"

    def _extreme(self, expr: Any) -> str:
        name = "Rmax" if isinstance(expr, sp.Max) else "Rmin"
        first, *rest = expr.args
        other = rest[0] if len(rest) == 1 else expr.func(*rest, evaluate=False)
        return f"({name} {self.number(first)} {self.number(other)})"

    def _cases(self, expr: sp.Piecewise) -> str:
        return self._case(*expr.args)

    def _case(self, first: Any, *rest: Any) -> str:
        value, condition = first
        if condition == sp.true:
            return self.number(value)
        sign = _SIGNS.get(type(condition))
        if sign is None or not rest:
            raise NotExported(f"no term for the case {condition}")
        sides = [self.number(side) for side in condition.args]
        low, high = sides if sign[0] == "<" else reversed(sides)
        test = "Rle_dec" if sign[-1] == "=" else "Rlt_dec"
        others = self._case(*rest)
        return f"(if {test} {low} {high} then {self.number(value)} else {others})"

    def _reciprocal(self, expr: Any) -> str:
        inverse = {sp.cot: "cos # / sin #", sp.coth: "cosh # / sinh #", sp.sec: "/ cos #",
                   sp.csc: "/ sin #", sp.sech: "/ cosh #"}  # fmt: skip
        return f"({inverse[type(expr)].replace('#', self.number(expr.args[0]))})"

    def differentiable(self) -> list[str]:
        """Hypotheses on functions that aren't written out."""
        said = []
        for owner, order in self.orders.items():
            name = next(v for k, v in self.names.owners.items() if str(k) == owner)
            function = name
            for _ in range(order):
                said.append(f"forall t, ex_derive {function} t")
                function = f"(Derive {function})"
        return said


_READERS: dict[Any, Any] = {
    sp.Pow: Reader._power,
    sp.Derivative: Reader._derivative,
    sp.Subs: Reader._subs,
    sp.Integral: Reader._integral,
    sp.Sum: Reader._sum,
    AppliedUndef: Reader._function,
    sp.Max: Reader._extreme,
    sp.Min: Reader._extreme,
    sp.Piecewise: Reader._cases,
    (sp.cot, sp.coth, sp.sec, sp.csc, sp.sech): Reader._reciprocal,
}


def _counts(expr: Any) -> bool:
    """Whether it is a natural number."""
    return bool(expr.is_integer and expr.is_nonnegative)


def _written(said: Said, reader: Reader) -> str:
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
    if said.left.is_Rational and said.right.is_Rational:
        raise NotExported("two numbers that are worked out: there is nothing to prove")
    reader = Reader()
    claim = _written(said, reader)
    if reader.number(said.left) == reader.number(said.right):
        raise NotExported("both sides are written the same: there is nothing to prove")
    given = [_written(one, reader) for one in said.given]
    hypotheses = (*reader.names.hypotheses, *reader.differentiable(), *given)
    proof, needs = number_proof(said, reader)
    return Theorem(reader.names.binders, hypotheses, claim, needs, proof)
