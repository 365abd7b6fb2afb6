"""Typed terms and propositions as Rocq writes them, node by node.

Tokens are ``x : nat -> E`` at one time, or curves ``x : nat -> R -> E`` where a step is about time.
What a step knows nothing of is a variable, so that its theorem holds for any: a diameter, an
integral, a value at the start. An index is below n wherever it is quantified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sympy import MatrixSymbol, Mul, Symbol, Transpose, preorder_traversal

from proofs_checks.propositions import (
    EVERY,
    SOME,
    All,
    Any_,
    Bound,
    Implies,
    Is,
    Not,
    Proposition,
    Rel,
)
from proofs_checks.rocq.rows import SPACES
from proofs_checks.rocq.scalars import Names, NotExported, scalar
from proofs_checks.rocq.token_rows import TokenRows
from theory.finite_sums import Member
from theory.symbols import d, n, t
from theory.terms import (
    Binder,
    Diameter,
    Elapsed,
    Entry,
    First,
    Greatest,
    Image,
    Index,
    Inner,
    Item,
    Least,
    Multiple,
    Norm,
    Number,
    Projected,
    Row,
    Smaller,
    Sort,
    TokenSum,
    Vec,
    Vector,
    VectorSum,
    VectorTokenSum,
    free,
    is_bound,
    is_derivative,
    is_value,
    moving,
    sort_of,
)

RELATIONS = {"=": "=", "<": "<", "<=": "<=", "!=": "<>"}
BOUNDED = "bounded"
"""The name of the definition that a number is bounded up to t."""
MOST = 24
"""Most names of indices, of premises: as many are kept free of other variables."""
RESERVED = [
    *"asurtipqvXN",
    *("Ec", "Low", "L0", "F0"),
    *(f"{letter}{k}" for letter in "ijGF" for k in range(1, MOST)),
]


class GivenNames(Names):
    """Variables of a typed theorem: what is assumed is what its premises say, and their sorts."""

    def need(self, text: str) -> None:
        """Assume what a symbol's sort says; not that masses are positive, or that 0 isn't below."""
        if "<> 0" not in text and not text.startswith("forall"):
            super().need(text)


@dataclass
class CurveRows(TokenRows):
    """Rows and entries at a time, where there is one."""

    time: str = ""

    def placed(self, owner: Any, name: str, kind: str, *places: str, moves: bool = True) -> str:
        """Return a variable at its places, and at the time if it moves."""
        at = [self.time] if self.time and moves else []
        kind = " -> ".join([*("nat" for _ in places), *("R" for _ in at), kind])
        text = self.names.take(owner, name, kind)
        return f"({' '.join([text, *places, *at])})" if places or at else text

    def vector(self, expr: Any, i: str) -> str:
        """Row i; of a symbol, at the time."""
        if not isinstance(expr, MatrixSymbol) or isinstance(expr, Member):
            return super().vector(expr, i)
        space = SPACES.get(expr.shape[1])
        if space is None:
            raise NotExported(f"no space with {expr.shape[1]} coordinates")
        self.names.take(space, space, "IPS")
        return self.placed(expr, str(expr).lower(), space, i, moves=moving(expr))

    def family(self, expr: Any) -> str:
        """Column as a function of its index."""
        if isinstance(expr, MatrixSymbol) and not (self.time and moving(expr)):
            return self.names.take(expr, str(expr), "nat -> R")
        h, depth = self._index(), self.depth
        body = self.entry(expr, h, "0")
        self.depth = depth - 1
        return f"(fun {h} => {body})"

    def _symbol_entry(self, expr: Any, i: str, j: str) -> str:
        if isinstance(expr, Member) or set(expr.shape) & set(SPACES):
            raise NotExported(f"no entries of {expr}")
        places = (i,) if expr.shape[1] == 1 else (j,) if expr.shape[0] == 1 else (i, j)
        return self.placed(expr, str(expr), "R", *places, moves=moving(expr))

    def _opaque(self, expr: Any, i: str, j: str) -> str:
        if set(expr.shape) & set(SPACES):
            raise NotExported(f"no entries of {type(expr).__name__}")
        return self.placed(expr, type(expr).__name__.lower(), "R", i, j, moves=moving(expr))


class Terms:
    """Read terms and propositions.

    Parameters
    ----------
    time : str
        Name of the time; "" for what is said at one time.
    """

    def __init__(self, time: str = "") -> None:
        self.names = GivenNames()
        self.names.take("E", "E", "IPS")
        for word in RESERVED:
            self.names.types[word] = ""
        self.rows = CurveRows(self.names, time=time)
        self.indices: dict[Any, str] = {}
        self.bound: dict[Any, str] = {}
        self.extremes: dict[Any, str] = {}
        self.slopes: dict[str, None] = {}

    def finite(self) -> None:
        """Say that the space has an orthonormal basis, by which curves in it are differentiated."""
        size = self.names.take(d, "d", "nat")
        self.names.take(("basis", d), "b", f"Basis E {size}")

    # -- indices -------------------------------------------------------------------------------

    def index(self, place: Any) -> str:
        """Return the name of an index, made when it is first met."""
        if isinstance(place, First):
            self.names.need(f"(0 < {self.rows.count(n)})%nat")
            return "0%nat"
        if place in self.bound:
            return self.bound[place]
        if is_bound(place):
            raise NotExported("a bound name that nothing binds")
        taken = len(self.indices)
        return self.indices.setdefault(place, f"i{taken}" if taken else "i")

    def under(self, binder: Binder, read: Callable[[Any], str]) -> tuple[list[str], str]:
        """Bind variables: their names, and what stands under them."""
        outer, used = self.bound, len(self.bound)
        names = [f"j{used + k}" for k, _ in enumerate(binder.bound, start=1)]
        self.bound = {**outer, **dict(zip(binder.bound, names, strict=True))}
        text = read(binder.body)
        self.bound = outer
        return names, text

    def at_time(self, time: str, read: Callable[[], str]) -> str:
        """Read something at another time."""
        outer, self.rows.time = self.rows.time, time
        text = read()
        self.rows.time = outer
        return text

    # -- numbers -------------------------------------------------------------------------------

    def number(self, expr: Any) -> str:
        """Term of a number, as it stands."""
        return scalar(expr, self.names, self._special)

    def _special(self, expr: Any) -> str | None:
        if expr in self.bound:
            return self.bound[expr]
        if expr == t:
            return self._time()
        if isinstance(expr, Index | First):
            raise NotExported("a token's place as a number")
        for kinds, read in _NUMBERS.items():
            if isinstance(expr, kinds):
                return read(self, expr)
        if is_value(expr) and self.rows.time and expr.args[1] == 0:
            return self.at_time("0", lambda: self.number(expr.args[0]))
        if is_derivative(expr) and self.rows.time and not _widest(expr.args[0]):
            return self._slope(expr)
        return self._any(expr) if isinstance(expr, Number) else None

    def _time(self) -> str:
        if self.rows.time:
            return self.rows.time
        if t not in self.names.owners:
            del self.names.types["t"]
        time = self.names.take(t, "t", "R")
        self.names.need(f"0 <= {time}")
        return time

    def _any(self, expr: Any) -> str:
        """Return a variable for a number, or a family, of which nothing is known."""
        places = list(dict.fromkeys(a for a in preorder_traversal(expr) if isinstance(a, Index)))
        outside = [a for a in places if not is_bound(a) or a in self.bound]
        key = expr.xreplace({a: Index(f"at{k}") for k, a in enumerate(outside)})
        name = _CALLED.get(type(expr).__name__, type(expr).__name__.lower())
        own = tuple(map(self.index, outside))
        found = self.rows.placed(("any", key), name, "R", *own, moves=moving(expr))
        if _widest(expr.args[0] if is_value(expr) else expr) and not outside:
            self.extremes[expr] = found
        return found

    def _slope(self, expr: Any) -> str:
        """Return a variable for a derivative, of which it is known that it is one."""
        vectors = isinstance(expr, Vector)
        found = self._any_vector(expr) if vectors else self._any(expr)
        read = self.vector if vectors else self.number
        inside = self.at_time("s", lambda: read(expr.args[0]))
        slope = (
            f"(forall a : E, is_derive (fun s => ⟨a, {inside}⟩) {self.rows.time} ⟨a, {found}⟩)"
            if vectors
            else f"is_derive (fun s => {inside}) {self.rows.time} {found}"
        )
        places = list(dict.fromkeys(re.findall(r"\b[ij]\d*\b", found)))
        for place in reversed(places):
            slope = f"forall {place} : nat, ({place} < {self.rows.count(n)})%nat -> {slope}"
        time = self.rows.time
        self.slopes[f"forall {time} : R, 0 <= {time} -> {slope}"] = None
        return found

    def _integral(self, expr: Elapsed) -> str:
        """Integral up to t; constant factors stand in front of it."""
        moves = [one for one in Mul.make_args(expr.args[0]) if moving(one)]
        still = Mul(*(one for one in Mul.make_args(expr.args[0]) if not moving(one)))
        inside = Elapsed(Mul(*moves)) if moves else None
        if not self.rows.time:
            rest = self._any(inside) if inside is not None else self._time()
        else:
            body = self.at_time("r", lambda: self.number(Mul(*moves)))
            rest = f"(RInt (fun r => {body}) 0 {self.rows.time})"
        return rest if still == 1 else f"({self.number(still)} * {rest})"

    def _inner(self, expr: Inner) -> str:
        """Inner product; what is written first comes first, whatever it is called."""
        left, right = sorted(map(self.vector, expr.args))
        return f"⟨{left}, {right}⟩"

    def _norm(self, expr: Norm) -> str:
        inside = self.vector(expr.args[0])
        return f"(sqrt ⟨{inside}, {inside}⟩)"

    def _entry(self, expr: Entry) -> str:
        return self.rows.entry(expr.args[0], *map(self.index, expr.args[1:]))

    def _item(self, expr: Item) -> str:
        return self.rows.entry(expr.args[0], self.index(expr.args[1]), "0%nat")

    def _smaller(self, expr: Smaller) -> str:
        return f"(Rmin {self.number(expr.args[0])} {self.number(expr.args[1])})"

    def _total(self, expr: TokenSum) -> str:
        (name,), body = self.under(expr, self.number)
        if expr.but:
            outs = [f"Nat.eqb {name} {self.index(one)}" for one in expr.but]
            test = outs[0] if len(outs) == 1 else f"orb ({outs[0]}) ({outs[1]})"
            body = f"if {test} then 0 else {body}"
        return f"(rsum {self.rows.count(n)} (fun {name} => {body}))"

    # -- vectors -------------------------------------------------------------------------------

    def vector(self, node: Any) -> str:
        """Term of a vector, as it stands."""
        if node in self.bound:
            return self.bound[node]
        for kind, read in _VECTORS.items():
            if isinstance(node, kind):
                return read(self, node)
        if is_value(node) and self.rows.time and node.args[1] == 0:
            return self.at_time("0", lambda: self.vector(node.args[0]))
        if is_derivative(node) and self.rows.time:
            return self._slope(node)
        if self.rows.time:
            raise NotExported(f"no vector for {type(node).__name__}")
        return self._any_vector(node)

    def _any_vector(self, node: Vector) -> str:
        places = list(dict.fromkeys(a for a in preorder_traversal(node) if isinstance(a, Index)))
        outside = [a for a in places if not is_bound(a) or a in self.bound]
        key = node.xreplace({a: Index(f"at{k}") for k, a in enumerate(outside)})
        name = _CALLED.get(type(node).__name__, type(node).__name__.lower())
        own = tuple(map(self.index, outside))
        return self.rows.placed(("any", key), name, "E", *own, moves=moving(node))

    def _vec(self, node: Vec) -> str:
        return self.names.take(node, str(node.args[0]), "E")

    def _row(self, node: Row) -> str:
        return self.rows.vector(node.args[0], self.index(node.args[1]))

    def _sum(self, node: VectorSum) -> str:
        return f"({' ⊕ '.join(map(self.vector, node.args))})"

    def _multiple(self, node: Multiple) -> str:
        return f"({self.number(node.args[0])} ⊙ {self.vector(node.args[1])})"

    def _projected(self, node: Projected) -> str:
        return f"(proj {self.vector(node.args[0])} {self.vector(node.args[1])})"

    def _image(self, node: Image) -> str:
        return self.rows._map(Transpose(node.args[0]).doit(), self.vector(node.args[1]))

    def _vector_total(self, node: VectorTokenSum) -> str:
        (name,), body = self.under(node, self.vector)
        return f"(vsum {self.rows.count(n)} (fun {name} => {body}))"

    # -- propositions --------------------------------------------------------------------------

    def says(self, what: Proposition) -> str:
        """Write a proposition."""
        for kind, read in _SAID.items():
            if isinstance(what, kind):
                return read(self, what)
        raise NotExported(f"no statement for {type(what).__name__}")

    def _relation(self, what: Rel) -> str:
        left, right, sort = what.left, what.right, sort_of(what.left)
        if sort is Sort.INDEX:
            return f"({self.index(left)} {RELATIONS[what.op]} {self.index(right)})"
        if self.rows.time and is_derivative(left) and what.op == "=":
            return self._rate(left.args[0], right, sort)
        if self.rows.time and (_dini(left) or _dini(right)):
            return self._dini_bound(left, right)
        if sort is Sort.VECTOR:
            return self._alike(left, right, what.op)
        if what.op == "=" and isinstance(left, Norm) and right == 1:
            inside = self.vector(left.args[0])
            return f"⟨{inside}, {inside}⟩ = 1"
        return f"{self.number(left)} {RELATIONS[what.op]} {self.number(right)}"

    def _alike(self, left: Any, right: Any, op: str) -> str:
        if op != "=":
            raise NotExported("two vectors that differ")
        return f"(forall a : E, ⟨a, {self.vector(left)}⟩ = ⟨a, {self.vector(right)}⟩)"

    def _rate(self, what: Any, rate: Any, sort: Sort) -> str:
        """Say what a derivative is; of a vector, against every probe."""
        time = self.rows.time
        if sort is Sort.NUMBER:
            inside = self.at_time("s", lambda: self.number(what))
            return f"is_derive (fun s => {inside}) {time} {self.number(rate)}"
        inside = self.at_time("s", lambda: self.vector(what))
        rising = f"is_derive (fun s => ⟨a, {inside}⟩) {time} ⟨a, {self.vector(rate)}⟩"
        return f"(forall a : E, {rising})"

    def _dini_bound(self, left: Any, right: Any) -> str:
        """Bound each Dini derivative of a maximum or minimum, from above or from below."""
        falls = is_derivative(left)
        what, rate = (left, right) if falls else (right, left)
        inside = self.at_time("s", lambda: self.number(what.args[0]))
        word = "rises_by" if falls else "falls_by"
        return f"{word} (fun s => {inside}) {self.rows.time} {self.number(rate)}"

    def _joined(self, what: All | Any_) -> str:
        sign = " /\\ " if isinstance(what, All) else " \\/ "
        return f"({sign.join(map(self.says, what.args))})"

    def _not(self, what: Not) -> str:
        return f"(~ {self.says(what.args[0])})"

    def _implies(self, what: Implies) -> str:
        given, then, both = what.args
        return f"({self.says(given)} {'<->' if both else '->'} {self.says(then)})"

    def _quantified(self, what: Bound) -> str:
        word = {EVERY: "forall", SOME: "exists"}.get(what.quantifier)
        if word is None:
            raise NotExported(f"no quantifier for {what.quantifier}")
        names, body = self.under(what, self.says)
        for variable, name in reversed(list(zip(what.bound, names, strict=True))):
            body = f"{word} {name} : {_type(variable)}, {self.among(variable, name, word)}{body}"
        return f"({body})"

    def among(self, variable: Any, name: str, word: str = "forall") -> str:
        """Say that a variable is one of its sort: a token, a time."""
        link = "->" if word == "forall" else "/\\"
        if isinstance(variable, Index):
            return f"({name} < {self.rows.count(n)})%nat {link} "
        if variable == t:
            return f"0 <= {name} {link} "
        if isinstance(variable, Symbol) and (variable.is_nonnegative or variable.is_negative):
            raise NotExported(f"a quantifier over numbers such as {variable}")
        return ""

    def _definition(self, what: Is) -> str:
        if what.definition.name == BOUNDED:
            if not self.rows.time:
                raise NotExported("that a number is bounded up to t")
            inside = self.at_time("s", lambda: self.number(what.arguments[0]))
            return f"locally_bounded (fun s => {inside})"
        if what.definition.unfold is None:
            raise NotExported(f"that {what.definition.words.format(*what.arguments, t=t)}")
        return self.says(what.definition.unfold(*what.arguments))

    # -- what a variable stands for ------------------------------------------------------------

    def known(self) -> list[str]:
        """Say what each least, greatest or widest number is that a variable stands for."""
        return [self._extreme(what, name) for what, name in list(self.extremes.items())]

    def _extreme(self, what: Any, name: str) -> str:
        count = self.rows.count(n)
        if is_value(what):  # at another time tokens are elsewhere
            if not isinstance(what.args[0], Diameter):
                raise NotExported("what is least at another time")
            return f"widest {count} {self.names.take(('at', what), 'y', 'nat -> E')} {name}"
        if isinstance(what, Diameter):
            (one,), body = self.under(what, self.vector)
            return f"widest {count} (fun {one} => {body}) {name}"
        word = "least" if isinstance(what, Least) else "greatest"
        names, body = self.under(what, self.number)
        word += "_pair" if len(names) == 2 else ""
        return f"{word} {count} (fun {' '.join(names)} => {body}) {name}"


def _type(variable: Any) -> str:
    return "nat" if isinstance(variable, Index) else "E" if isinstance(variable, Vec) else "R"


def _widest(what: Any) -> bool:
    return isinstance(what, Least | Greatest | Diameter)


def _dini(what: Any) -> bool:
    return is_derivative(what) and _widest(what.args[0])


_CALLED = {
    "Diameter": "D", "Least": "lowest", "Greatest": "highest", "Elapsed": "integral",
    "DdtNumber": "rate", "DdtVector": "velocity", "NumberAt": "start", "VectorAt": "start",
}  # fmt: skip
"""What a variable is called that stands for such a term."""
_NUMBERS: dict[Any, Any] = {
    Inner: Terms._inner,
    Norm: Terms._norm,
    Entry: Terms._entry,
    Item: Terms._item,
    Smaller: Terms._smaller,
    TokenSum: Terms._total,
    Elapsed: Terms._integral,
}
_VECTORS: dict[Any, Any] = {
    Vec: Terms._vec,
    Row: Terms._row,
    VectorSum: Terms._sum,
    Multiple: Terms._multiple,
    Projected: Terms._projected,
    Image: Terms._image,
    VectorTokenSum: Terms._vector_total,
}
_SAID: dict[Any, Any] = {
    Rel: Terms._relation,
    All | Any_: Terms._joined,
    Not: Terms._not,
    Implies: Terms._implies,
    Bound: Terms._quantified,
    Is: Terms._definition,
}


def closed_text(
    terms: Terms, what: Proposition, general: Iterable[Any], when: Iterable[Proposition] = ()
) -> tuple[str, list[Any]]:
    """Say something of every value of variables, under hypotheses; the variables in their order."""
    general, when = set(general), tuple(when)
    body = "".join(f"{terms.says(one)} -> " for one in when) + terms.says(what)
    there = free(what).union(*map(free, when)) & general
    own = [a for a in terms.indices if a in there]
    timed = terms.rows.time and t in there and re.search(rf"\b{terms.rows.time}\b", body)
    bound: list[Any] = ([t] if timed else []) + own
    for variable in reversed(bound):
        name = terms.rows.time if variable == t else terms.indices[variable]
        body = f"forall {name} : {_type(variable)}, {terms.among(variable, name)}{body}"
    return body, bound
