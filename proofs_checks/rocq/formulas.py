"""What a step says, as a theorem of Rocq: recorded formulas of the Gram algebra, as they stand.

`gram_statement` writes the statement; the proof is the same line for all of them, `PROOF`, and
knows nothing of how the toolkit reduces a formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Add, Derivative, Expr, MatrixSymbol, Mul, Pow, Subs, preorder_traversal

from proofs_checks.rocq.rows import Rows
from proofs_checks.rocq.scalars import Names, NotExported, scalar
from theory.engines import LinearMap
from theory.recorded import (
    BasisSum,
    EntryOf,
    Given,
    Image,
    Multiple,
    NamedVector,
    Pairing,
    Projected,
    RowOf,
    SumOf,
)

INDEX = "i"
LONGEST = 400
"""Most nodes of a formula whose proof is tried."""


@dataclass(frozen=True)
class Theorem:
    """A theorem without its proof.

    Attributes
    ----------
    binders : str
        Its variables, with types.
    hypotheses : tuple of str
    claim : str
        What is said, of every row where there are rows.
    needs : tuple of str
        Modules of the prelude that its proof requires.
    proof : str
        Tactics.
    named : tuple of (str, str)
        Hypotheses that its proof calls by a name.
    """

    binders: str
    hypotheses: tuple[str, ...]
    claim: str
    needs: tuple[str, ...]
    proof: str
    named: tuple[tuple[str, str], ...] = ()

    def text(self, name: str) -> str:
        """Write the theorem with its proof; what reflexivity alone closes is refused.

        So is what is assumed, where hypotheses have names.
        """
        lines = [f"Theorem {name} {self.binders} :" if self.binders else f"Theorem {name} :"]
        lines += [f"  ({hypothesis}) ->" for hypothesis in self.hypotheses]
        lines += [f"  forall {name} : ({hypothesis})," for name, hypothesis in self.named]
        lines += [f"  {self.claim}."]
        alone = "Fail reflexivity. Fail assumption." if self.named else "Fail reflexivity."
        lines += ["Proof.", f"  intros. {alone}", f"  {self.proof}", "Qed."]
        return "\n".join(lines)


class _Reader:
    """Terms of recorded vectors and numbers."""

    def __init__(self) -> None:
        self.names = Names()
        self.names.take("E", "E", "IPS")
        self.rows = Rows(self.names)
        self.bound: dict[Any, str] = {}
        self.of_rows = self.bends = self.traces = False

    def number(self, expr: Any) -> str:
        return scalar(expr, self.names, self._special)

    def _special(self, expr: Expr) -> str | None:
        if expr in self.bound:
            return self.bound[expr]
        for known in expr.args if isinstance(expr, Pairing | EntryOf | BasisSum) else ():
            if isinstance(known, Given):
                self._given(known)
        if isinstance(expr, Pairing):
            return f"⟨{self.vector(expr.args[0])}, {self.vector(expr.args[1])}⟩"
        if isinstance(expr, EntryOf):
            self._known(expr)
            return self.rows.entry(expr.args[0], INDEX, "0")
        if isinstance(expr, BasisSum):
            return self._basis(expr)
        if isinstance(expr, Subs) and isinstance(expr.args[0], Derivative):
            return self._derivative(expr)
        return None

    def _given(self, known: Given) -> None:
        """Assume what was put for an inner product."""
        old, new = known.args
        self.names.need(f"{self.number(old)} = {self.number(new)}")

    def _known(self, leaf: Any) -> None:
        """Assume what is known of the matrices in a row."""
        self.of_rows = True
        matrix, units, symmetric = leaf.args[:3]
        there = matrix.atoms(MatrixSymbol)
        for unit in units:
            if unit in there:
                row = self.rows.vector(unit, "j")
                self.names.need(f"forall j, ⟨{row}, {row}⟩ = 1")
        for one in symmetric:
            if one in there:
                name = self.names.take(one, str(one), "Map E E")
                self.names.need(f"forall v w, ⟨tra {name} v, w⟩ = ⟨app {name} v, w⟩")

    def vector(self, node: Any) -> str:
        if node in self.bound:
            return self.bound[node]
        if isinstance(node, NamedVector):
            name = self.names.take(node, str(node.args[0]), "E")
            if bool(node.args[1]):
                self.names.need(f"⟨{name}, {name}⟩ = 1")
            return name
        if isinstance(node, RowOf):
            self._known(node)
            return self.rows.vector(node.args[0], INDEX)
        if isinstance(node, SumOf):
            return f"({self.vector(node.args[0])} ⊕ {self.vector(node.args[1])})"
        if isinstance(node, Multiple):
            return f"({self.number(node.args[0])} ⊙ {self.vector(node.args[1])})"
        if isinstance(node, Projected):
            return f"(proj {self.vector(node.args[0])} {self.vector(node.args[1])})"
        if isinstance(node, Image):
            return self._image(node.args[0], self.vector(node.args[1]))
        raise NotExported(f"no vector for {type(node).__name__}")

    def _image(self, letter: LinearMap, inside: str) -> str:
        name = self.names.take(("map", str(letter.args[0])), str(letter.args[0]), "Map E E")
        if letter.kind == "symmetric":
            self.names.need(f"forall v w, ⟨tra {name} v, w⟩ = ⟨app {name} v, w⟩")
        elif letter.kind == "orthogonal":
            self.names.need(f"forall v w, ⟨app {name} v, app {name} w⟩ = ⟨v, w⟩")
            self.names.need(f"forall v w, ⟨tra {name} v, tra {name} w⟩ = ⟨v, w⟩")
        return f"({'tra' if letter.args[2] else 'app'} {name} {inside})"

    def _basis(self, expr: BasisSum) -> str:
        inside, node, size = expr.args[:3]
        if inside.has(EntryOf, Subs, Projected, Pow):
            raise NotExported("a sum over a basis of more than products of inner products")
        self.traces = True
        count = self.names.take(size, "d", "nat")
        basis = self.names.take(("basis", size), "b", f"Basis E {count}")
        outer, self.bound = self.bound, {**self.bound, node: f"({basis} k)"}
        if isinstance(node, RowOf) and isinstance(node.args[0], MatrixSymbol):
            self.rows.rows[node.args[0]] = f"({basis} k)"
        text = self.number(inside)
        self.bound = outer
        self.rows.rows.clear()
        return f"(rsum {count} (fun k => {text}))"

    def _derivative(self, expr: Subs) -> str:
        inside, (variable,), (place,) = expr.args
        if len(inside.variables) > 2 or set(inside.variables) != {variable}:
            raise NotExported("no term for a mixed derivative")
        if len(inside.variables) == 2 and _nested(inside.expr):
            raise NotExported("a second derivative of inner products inside inner products")
        self.bends = True
        outer, self.bound = self.bound, {**self.bound, variable: "eps"}
        text = self.number(inside.expr)
        self.bound = outer
        if len(inside.variables) == 1:
            return f"(Derive (fun eps => {text}) {self.number(place)})"
        return f"(Derive_n (fun eps => {text}) 2 {self.number(place)})"


def _nested(expr: Any) -> bool:
    """Whether an inner product is of vectors that hold inner products."""
    return any(part.has(Pairing, Projected) for p in expr.atoms(Pairing) for part in p.args)


def _sides(expr: Any) -> tuple[Any, Any] | None:
    """Terms with a plus sign, and with a minus sign, of a difference."""
    terms = Add.make_args(expr)
    falling = [term for term in terms if term.could_extract_minus_sign()]
    rising = [term for term in terms if term not in falling]
    if not falling or not rising:
        return None
    return Add(*rising, evaluate=False), Add(*(-term for term in falling), evaluate=False)


def _equation(expr: Any, reader: _Reader) -> str:
    """Write a difference that is said to be 0 as an equation of what was subtracted."""
    if isinstance(expr, Pairing) and isinstance(expr.args[1], SumOf):
        probe, (left, right) = expr.args[0], expr.args[1].args
        if isinstance(right, Multiple) and right.args[0] == -1:
            other = Pairing(probe, right.args[1])
            return _equal(reader.number(Pairing(probe, left)), reader.number(other))
    sides = _sides(expr)
    if sides is None:
        return _equal(reader.number(expr), "0")
    return _equal(*map(reader.number, sides))


def _equal(left: str, right: str) -> str:
    if left == right:
        raise NotExported("both sides are written the same: there is nothing to prove")
    return f"{left} = {right}"


def gram_statement(expr: Any) -> Theorem:
    """Write what a recorded difference says: that it is 0, for all vectors, sizes and parameters.

    Parameters
    ----------
    expr : Expr
        Recorded by ``theory.recorded.recording``.

    Returns
    -------
    Theorem

    Raises
    ------
    NotExported
        Something in it has no term, or both sides are written the same.
    """
    if not isinstance(expr, Expr) or (isinstance(expr, Mul) and not expr.args):
        raise NotExported(f"no statement for {type(expr).__name__}")
    if not expr.has(Pairing, EntryOf, BasisSum):
        raise NotExported("nothing of the Gram algebra is left in it")
    if sum(1 for _ in preorder_traversal(expr)) > LONGEST:
        raise NotExported("a formula that is too long for the tactics")
    reader = _Reader()
    claim = _equation(expr, reader)
    if reader.of_rows:
        claim = f"forall i : nat, {claim}"
    needs = ("Gram", "Bends") if reader.bends else ("Gram",)
    proof = "bends; gram_traced." if reader.bends else "gram."
    if reader.traces and not reader.bends:
        proof = "gram_traced."
    return Theorem(reader.names.binders, tuple(reader.names.hypotheses), claim, needs, proof)
