"""Proofs of equations and inequalities between numbers: tactics, with hints that Rocq checks.

A hint says how exponentials are powers of a few, how angles are sums, which antiderivative an
integral has, or as which quotient a difference is seen to be positive. A wrong hint fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import gcd
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef

from proofs_checks.rocq.scalars import NotExported
from proofs_checks.said import Said

if TYPE_CHECKING:
    from proofs_checks.rocq.numbers import Reader

_SECONDS = 28
_HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh)
_MOST_CASES, _MOST_ANGLES = 8, 9
_HALF = sp.Rational(1, 2)
_LONGEST = 400
"""Operations of a difference of which a quotient is sought."""


@dataclass
class _Exponents:
    """Exponentials as products of powers of a few: of each monomial, the step that all share."""

    steps: dict[Any, sp.Rational] = field(default_factory=dict)

    def add(self, argument: Any) -> None:
        for monomial, factor in _parts(argument):
            known = self.steps.get(monomial)
            self.steps[monomial] = abs(factor) if known is None else _common(known, factor)

    def atoms(self) -> list[Any]:
        return [step * monomial for monomial, step in self.steps.items()]

    def powers(self, argument: Any) -> list[tuple[int, int]]:
        """Places of atoms and their powers."""
        place = {monomial: k for k, monomial in enumerate(self.steps)}
        return [
            (place[monomial], int(factor / self.steps[monomial]))
            for monomial, factor in _parts(argument)
        ]


def _parts(argument: Any) -> list[tuple[Any, sp.Rational]]:
    found = sp.expand(argument).as_coefficients_dict()
    return [(monomial, factor) for monomial, factor in found.items() if factor != 0]


def _common(a: Any, b: Any) -> sp.Rational:
    return sp.Rational(gcd(int(a.p) * int(b.q), int(b.p) * int(a.q)), int(a.q) * int(b.q))


def _arguments(expr: Any, kinds: Any, to: dict[Any, Any]) -> Iterator[Any]:
    """Arguments of functions, with what is bound replaced by where it is looked at."""
    if isinstance(expr, sp.Subs):
        inside, variables, places = expr.args
        moved = {v: place.xreplace(to) for v, place in zip(variables, places, strict=True)}
        yield from _arguments(inside, kinds, to | moved)
        return
    if isinstance(expr, sp.Derivative):
        yield from _arguments(expr.expr, kinds, to)
        return
    if isinstance(expr, sp.Integral) and len(expr.limits[0]) == 3:
        variable, low, high = expr.limits[0]
        for end in (low, high):
            yield from _arguments(expr.function, kinds, to | {variable: end.xreplace(to)})
        return
    if isinstance(expr, sp.Sum):
        return
    found = _argument(expr, kinds)
    if found is not None:
        yield found.xreplace(to)
    for part in expr.args:
        yield from _arguments(part, kinds, to)


def _argument(expr: Any, kinds: Any) -> Any:
    if kinds is sp.exp:
        if isinstance(expr, sp.exp | sp.sinh | sp.cosh | sp.tanh | sp.coth | sp.sech):
            return expr.args[0]
        symbolic = isinstance(expr, sp.Pow) and not expr.exp.is_Rational
        if symbolic and expr.base.is_positive and not expr.exp.is_integer:
            return expr.exp * sp.log(expr.base, evaluate=False)
        return None
    return expr.args[0] if isinstance(expr, kinds) else None


def _product(powers: list[tuple[int, int]]) -> str:
    def one(place: int, power: int) -> str:
        name = f"e{place}" if abs(power) == 1 else f"e{place} ^ {abs(power)}"
        return name if power > 0 else f"/ ({name})"

    return "(" + (" * ".join(one(*pair) for pair in powers) or "1") + ")"


def _exponential_lines(said: Said, reader: Reader, found: _Exponents) -> list[str]:
    wholes = [
        said.left,
        said.right,
        *(side for one in said.given for side in (one.left, one.right)),
    ]
    arguments = list(dict.fromkeys(a for w in wholes for a in _arguments(w, sp.exp, {})))
    logs = [a for a in map(sp.expand, arguments) if isinstance(a, sp.log)]
    lines = [f"exp_of_log constr:({reader.number(a.args[0])})" for a in logs]
    arguments = [a for a in arguments if sp.expand(a) not in logs]
    for argument in arguments:
        found.add(argument)
    lines += [f"name_exp e{k} constr:({reader.number(a)})" for k, a in enumerate(found.atoms())]
    lines += [f"exp_is constr:({_product(found.powers(argument))})" for argument in arguments]
    if any(whole.has(sp.Abs, *_HYPERBOLIC) for whole in wholes):
        turned = [[(k, -power) for k, power in found.powers(a)] for a in arguments]
        lines += [f"exp_is constr:({_product(powers)})" for powers in turned]
    for k, (monomial, step) in enumerate(found.steps.items()):
        if isinstance(monomial, sp.log) and step.p == 1:
            lines.append(f"base_is e{k} {reader.number(monomial.args[0])} constr:({step.q}%nat)")
    return lines


def _angle_lines(said: Said, reader: Reader) -> list[str]:
    found, lines = _Exponents(), []
    kinds = (sp.sin, sp.cos, sp.tan, sp.cot)
    wholes = [
        said.left,
        said.right,
        *(side for one in said.given for side in (one.left, one.right)),
    ]
    arguments = list(dict.fromkeys(a for w in wholes for a in _arguments(w, kinds, {})))
    for argument in arguments:
        found.add(argument)
    atoms = [reader.number(atom) for atom in found.atoms()]
    for argument in arguments:
        powers = found.powers(argument)
        if sum(abs(power) for _, power in powers) not in range(1, _MOST_ANGLES):
            continue
        ups = [atoms[k] for k, power in powers for _ in range(power)]
        downs = [f" - {atoms[k]}" for k, power in powers for _ in range(-power)]
        whole = " + ".join(ups) + "".join(downs) if ups else "0" + "".join(downs)
        lines.append(f"angle_is constr:({whole})")
    return lines


def _integral_lines(said: Said, reader: Reader) -> list[str]:
    lines = []
    for integral in (said.left - said.right).atoms(sp.Integral):
        variable, *_ = integral.limits[0]
        found = sp.integrate(integral.function, variable)
        if found.has(sp.Integral, sp.Piecewise):
            found = sp.integrate(sp.expand(integral.function), variable)
        if found.has(sp.Integral, sp.Piecewise):
            raise NotExported("no antiderivative for an integral")
        name, text = reader.under(variable, found)
        lines.append(f"integral_by constr:(fun {name} => {text})")
    return lines


def _worked_out(expr: Any, found: _Exponents) -> Any:
    """Expression with its derivatives carried out and symbols for its exponentials."""
    names = [sp.Symbol(f"e{k}", positive=True) for k in range(len(found.steps))]

    def put(argument: Any) -> Any:
        if not {monomial for monomial, _ in _parts(argument)} <= set(found.steps):
            return sp.exp(argument)  # in a case only, of another sign
        return sp.prod(names[k] ** power for k, power in found.powers(argument))

    done = expr.doit().rewrite(sp.exp) if expr.has(*_HYPERBOLIC) else expr.doit()
    return done.replace(sp.exp, put)


def _lower_bounds(said: Said, expr: Any) -> dict[Any, Any]:
    """Numbers below the symbols of an expression."""
    bounds = {}
    for symbol in expr.free_symbols:
        if symbol.is_integer and symbol.is_positive:
            bounds[symbol] = sp.S.One
        elif symbol.is_nonnegative:
            bounds[symbol] = sp.S.Zero
    for one in said.given:
        if one.relation != "=" and one.left.is_Rational and one.right in expr.free_symbols:
            bounds[one.right] = max(one.left, bounds.get(one.right, one.left))
    return bounds


def _shifted(said: Said, expr: Any, reader: Reader) -> str | None:
    """Polynomial with positive coefficients in symbols above their lower bounds, as a term."""
    bounds = _lower_bounds(said, expr)
    moved = {s: sp.Symbol(f"{s}_above", positive=True) for s, low in bounds.items() if low != 0}
    told = sp.expand(expr.xreplace({s: bounds[s] + new for s, new in moved.items()}))
    if any(factor < 0 for factor in told.as_coefficients_dict().values()):
        return None
    outer = dict(reader.bound)
    for symbol, new in moved.items():
        reader.bound[new] = f"({reader.number(symbol)} - {reader.number(bounds[symbol])})"
    text = reader.number(told)
    reader.bound = outer
    return text


def _rising(said: Said, expr: Any) -> list[Any]:
    """Factors of a product, with the signs that they have at a point where it is looked at."""
    low = _lower_bounds(said, expr)
    high = {one.left: one.right for one in said.given if one.right.is_Rational}
    point = {}
    for symbol in expr.free_symbols:
        start, end = low.get(symbol), high.get(symbol)
        if start is not None and end is not None:
            point[symbol] = (3 * start + 2 * end) / 5
        elif end is not None:
            point[symbol] = end - sp.Rational(1, 3)
        else:
            point[symbol] = (start or 0) + sp.Rational(4, 3)
    for one in said.given:
        if {one.left, one.right} <= set(point) and point[one.left] >= point[one.right]:
            point[one.left] = (low.get(one.left, 0) + point[one.right]) / 2
    factors = []
    for factor in sp.Mul.make_args(expr):
        value = factor.subs(point)
        factors.append(-factor if value.is_number and value.evalf() < 0 else factor)
    return factors


def _product_of(factors: list[Any], reader: Reader) -> str:
    return "(" + " * ".join(reader.number(factor) for factor in factors) + ")"


def _cases(expr: Any) -> list[Any]:
    """Expression in each case of what is decided in it, the first few."""
    for part in expr.atoms(sp.Piecewise, sp.Max, sp.Min, sp.Abs):
        if isinstance(part, sp.Abs):
            values = [part.args[0], -part.args[0]]
        elif isinstance(part, sp.Piecewise):
            values = [value for value, _ in part.args]
        else:
            values = list(part.args)
        found = [one for value in values for one in _cases(expr.xreplace({part: value}))]
        return list(dict.fromkeys(found))[:_MOST_CASES]
    return [expr]


def _quotient_lines(said: Said, reader: Reader, found: _Exponents) -> list[str]:
    """Say as which quotient the difference is positive, in each case."""
    cases = _cases(said.right - said.left)
    lines = [_quotient_line(said, case, reader, found) for case in cases]
    return list(dict.fromkeys(line for line in lines if line is not None))


def _quotient_line(said: Said, difference: Any, reader: Reader, found: _Exponents) -> str | None:
    if difference.has(sp.Integral, sp.Sum, AppliedUndef):
        return None
    difference = _worked_out(difference, found)
    if difference.has(sp.Derivative) or sp.count_ops(difference) > _LONGEST:
        return None
    outer = dict(reader.bound)
    for k, root in enumerate(p for p in difference.atoms(sp.Pow) if p.exp in (_HALF, -_HALF)):
        name = sp.Symbol(f"root_{k}", positive=True)
        reader.bound[name] = reader.number(sp.sqrt(root.base))
        difference = difference.xreplace({root: name ** (2 * root.exp)})
    above, below = sp.fraction(sp.factor(sp.together(difference)))
    above, below = _rising(said, above), _rising(said, below)
    for symbol in difference.free_symbols:
        if str(symbol) in {f"e{k}" for k in range(len(found.steps))}:
            reader.bound[symbol] = str(symbol)
    try:
        top = _shifted(said, sp.expand(sp.prod(above)), reader) or _product_of(above, reader)
        bottom = _shifted(said, sp.expand(sp.prod(below)), reader) or _product_of(below, reader)
    except NotExported:
        return None
    finally:
        reader.bound = outer
    return f"below_quotient constr:({top}) constr:({bottom})"


def _bounded(said: Said) -> bool:
    """Whether interval arithmetic can tell: every symbol lies between two numbers."""
    symbols = (said.left - said.right).free_symbols
    low = {one.right for one in said.given if one.left.is_number and one.relation != "="}
    high = {one.left for one in said.given if one.right.is_number and one.relation != "="}
    return symbols <= low & high


def number_proof(said: Said, reader: Reader) -> tuple[str, tuple[str, ...]]:
    """Write the proof of a statement.

    Parameters
    ----------
    said : Said
    reader : Reader
        That has read the statement: it knows the names.

    Returns
    -------
    tactics : str
    needs : tuple of str
        Modules of the prelude.
    """
    found = _Exponents()
    exponentials = _exponential_lines(said, reader, found)
    begin = ["open_functions", "open_cases", "derivatives", "use_equations"]
    begin += _integral_lines(said, reader)
    begin += [*exponentials, *_angle_lines(said, reader)]
    if said.relation == "=":
        ways = ["numbers_equal"]
    else:
        ways = ["lra", *_quotient_lines(said, reader, found), "numbers_below"]
    tactic = f"timeout {_SECONDS} first [ {' | '.join(ways)} ]"
    steps = ";\n  ".join([*begin, tactic])
    if said.relation != "=" and _bounded(said):
        return f"first [ bounded |\n  {steps} ].", ("Bounded", "Numbers")
    if said.relation != "=" and exponentials:
        return f"first [ timeout 8 written_below |\n  {steps} ].", ("Numbers",)
    return f"{steps}.", ("Numbers",)
