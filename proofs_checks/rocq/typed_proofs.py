"""How Rocq proves the steps of typed theorems: a proof for each rule and engine of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Expr, Mul, Pow, S, preorder_traversal

from proofs_checks.propositions import Proposition, Rel
from proofs_checks.rocq.scalars import NotExported
from proofs_checks.rocq.typed_terms import Terms
from proofs_checks.theorems import Theorem
from theory.symbols import t
from theory.terms import (
    Elapsed,
    Equation,
    Index,
    Number,
    Sort,
    denominators,
    is_derivative,
    is_value,
    match,
    moving,
    residual,
    sort_of,
)


@dataclass(frozen=True)
class Hypothesis:
    """A premise as it is written.

    Attributes
    ----------
    name, text : str
    says : Proposition
    variables : tuple
        What it holds for all values of, in the order in which it binds them.
    place : int
        Its place among the premises, -1 for none.
    """

    name: str
    text: str
    says: Proposition
    variables: tuple[Any, ...]
    place: int


@dataclass(frozen=True)
class Instance:
    """A step with what is written of it, which its proof needs."""

    terms: Terms
    step: Theorem
    hypotheses: tuple[Hypothesis, ...]

    def premise(self, place: int) -> Hypothesis:
        """Return a premise."""
        return next(one for one in self.hypotheses if one.place == place)

    def used(self, hypothesis: Hypothesis, **others: str) -> str | None:
        """Return the term of a premise at the names of the conclusion, or None."""
        found = [hypothesis.name]
        for variable in hypothesis.variables:
            name = others.get(str(variable)) or self._named(variable)
            if name is None:
                return None
            found += [name, "ltac:(there)"]
        return f"({' '.join(found)})"

    def _named(self, variable: Any) -> str | None:
        if variable == t:
            return self.terms.rows.time or None
        return self.terms.indices.get(variable)

    def posed(self) -> str:
        """Put the premises at the conclusion's names among what is known, as F1, F2 and so on."""
        lines, known = [], []
        for hypothesis in self.hypotheses:
            term = self.used(hypothesis)
            if term is not None:
                name = hypothesis.name.replace("G", "F")
                lines.append(f"pose proof {term} as {name}.")
                known.append(name)
        if known:
            names = " ".join(known)
            lines.append(f"revert {names}. turn_inner. intros {names}.")
        return "\n  ".join(lines)

    def sides(self, says: Any) -> tuple[str, str]:
        """Return both sides of a relation, of the conclusion's indices alone."""
        before = len(self.terms.indices)
        found = self.terms.number(says.left), self.terms.number(says.right)
        if len(self.terms.indices) > before:
            raise NotExported("a premise about tokens that the conclusion doesn't name")
        return found


@dataclass(frozen=True)
class Plan:
    """How a step is proved.

    Attributes
    ----------
    write : callable
        The proof, after ``intros``.
    time : str
        The name of the time, where the step is about more than one.
    extremes : bool
        Whether it matters what is least, greatest or widest.
    """

    write: Callable[[Instance], str]
    time: str = ""
    extremes: bool = False


def _counts(fact: Any, says: Any) -> bool:
    """Whether a fact is an inequality, and not that a denominator is positive."""
    if not isinstance(fact, Rel) or fact.op not in ("<", "<="):
        return False
    roots = {a.base for side in says.args[1:] for a in side.atoms(Pow) if not a.exp.is_integer}
    parts = {
        part
        for base in denominators(says.left, says.right) | roots
        for part in preorder_traversal(base)
        if isinstance(part, Expr) and not isinstance(part, Index)
    }
    holes = fact.right.atoms(Index)
    return fact.left != 0 or all(match(fact.right, part, holes) is None for part in parts)


def _added(step: Instance) -> str:
    """Write the conclusion's difference as the sum of those of the premises."""
    says = step.step.says
    used = [h for h in step.hypotheses if h.place >= 0 and _counts(h.says, says)]
    _in_sight(says, [h.says for h in used], step)
    left, right = step.sides(says)
    parts = [step.sides(h.says) for h in used]
    total = " + ".join(f"({b} - {a})" for a, b in parts)
    names = [h.name.replace("G", "F") for h in used]
    lines = [step.posed(), f"assert (X : {right} - {left} = {total})."]
    lines.append(f"{{ clear {' '.join(names)}. same. }}" if names else "{ same. }")
    lines.append("lra.")
    return "\n  ".join(lines)


def _in_sight(says: Any, used: list[Any], step: Instance) -> None:
    """Refuse what needs more of an integral, or a value at the start, than that it is a number."""
    facts = [
        Equation(one.says.left, one.says.right, one.says.atoms(Index))
        for one in step.step.premises
        if isinstance(one.says, Rel) and one.says.op == "="
    ]
    left = (says.right - says.left) - sum((one.right - one.left for one in used), S.Zero)
    names: dict[Any, Any] = {}

    def still(a: Any) -> Any:
        if isinstance(a, Elapsed):
            parts = Mul.make_args(a.args[0])
            moves = Mul(*(one for one in parts if moving(one)))
            front = Mul(*(one for one in parts if not moving(one)))
            return front * (t if moves == 1 else names.setdefault(moves, Dummy(real=True)))
        if is_value(a) or is_derivative(a):
            return names.setdefault(a, Dummy(real=True)) if sort_of(a) is Sort.NUMBER else a
        return a.func(*map(still, a.args)) if a.args and a.has(Number) else a

    if residual(still(left), S.Zero, facts) != 0:
        raise NotExported("what its integrals, or its values at the start, are made of")


def _equal(step: Instance) -> str:
    if is_derivative(step.step.says.left):
        return f"{step.posed()}\n  derives."
    return f"{step.posed()}\n  same."


def _signs(step: Instance) -> str:
    return "sgn."


def _scale(step: Instance) -> str:
    sign, fact = (step.premise(place) for place in (0, 1))
    strict = step.step.says.op == "<"
    (_, c), (a, b) = step.sides(sign.says), step.sides(fact.says)
    rule = "scaled_lt" if strict else "scaled_le"
    return f"{step.posed()}\n  apply ({rule} {c} {a} {b}); [ same | lra | lra ]."


def _token_sum(step: Instance) -> str:
    says, index = step.step.says, step.step.parameters["index"]
    fact = step.premise(0)
    zero = says.left == 0
    lemma = {
        "=": "sum_eq",
        "<=": "sum_nonneg" if zero else "sum_le",
        "<": "sum_positive" if zero else "sum_lt",
    }[says.op]
    more = "; [ assumption | ]" if says.op == "<" else ""
    term = step.used(fact, **{str(index): "q"})
    if term is None:
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    return (
        f"apply {lemma}{more}. intros q Hq. pose proof {term} as F1. revert F1. turn_inner.\n"
        f"  intros F1. lra."
    )


def _zero_sum(step: Instance) -> str:
    index = step.step.parameters["index"]
    name = step.terms.indices.get(index)
    whole, terms = step.premise(0), step.premise(1)
    at, each = step.used(whole), step.used(terms, **{str(index): "q"})
    if None in (at, each, name):
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    return f"eapply (sum_zero _ _ {name} {at}); [ intros q Hq; exact {each} | assumption ]."


def _exponential(step: Instance) -> str:
    rule = "exp_increasing" if step.step.says.op == "<" else "exp_le"
    fact = step.premise(0)
    (a, b), (left, right) = step.sides(fact.says), step.sides(step.step.says)
    return (
        f"{step.posed()}\n"
        f"  replace {left} with (exp {a}) by (first [reflexivity | f_equal; ring | same]).\n"
        f"  replace {right} with (exp {b}) by (first [reflexivity | f_equal; ring | same]).\n"
        f"  apply {rule}. lra."
    )


def _reciprocal(step: Instance) -> str:
    fact = step.premise(1)
    rule = "inverses_lt" if step.step.says.op == "<" else "inverses_le"
    a, b = step.sides(fact.says)
    return f"{step.posed()}\n  apply ({rule} {a} {b}); [ inverse | inverse | lra | lra ]."


def _chained(step: Instance) -> str:
    return f"{step.posed()}\n  lra."


def _unit_product(step: Instance) -> str:
    terms = [step.used(step.premise(0)), step.used(step.premise(len(step.step.premises) - 1))]
    if None in terms:
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    return (
        f"pose proof (unit_product _ _ {terms[0]} {terms[1]}) as F. revert F. turn_inner.\n"
        "  intros F. exact F."
    )


def _logic(step: Instance) -> str:
    return f"{step.posed()}\n  tauto."


def _instantiated(step: Instance) -> str:
    fact, values = step.premise(0), step.step.parameters["values"]
    reads = {Sort.INDEX: step.terms.index, Sort.VECTOR: step.terms.vector}
    known, term = len(step.terms.indices), step.used(fact)
    names = [reads.get(sort_of(value), step.terms.number)(value) for value in values]
    if term is None or len(step.terms.indices) > known:
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    args = " ".join(
        f"{name} ltac:(there)" if sort_of(value) is Sort.INDEX else name
        for name, value in zip(names, values, strict=True)
    )
    return f"pose proof ({term} {args}) as F. revert F. turn_inner. intros F. exact F."


def _cancel(step: Instance) -> str:
    sign, (left, _) = step.premise(1), step.sides(step.step.premises[0].says)
    (_, factor), (rest, _) = step.sides(sign.says), step.sides(step.step.says)
    return (
        f"{step.posed()}\n  apply (cancelled {factor} {rest}); [ | lra ].\n"
        f"  replace ({factor} * {rest}) with {left} by same. lra."
    )


PLANS: dict[str, Plan] = {
    "sum": Plan(_added),
    "algebra of tokens": Plan(_equal),
    "signs": Plan(_signs, extremes=True),
    "scaling": Plan(_scale),
    "sum over tokens": Plan(_token_sum),
    "sum of nonnegative terms": Plan(_zero_sum),
    "exponential": Plan(_exponential),
    "reciprocals": Plan(_reciprocal),
    "chain": Plan(_chained),
    "turned": Plan(_chained),
    "no less than itself": Plan(_chained),
    "cancelling": Plan(_cancel),
    "product of unit vectors": Plan(_unit_product),
    "part": Plan(_logic),
    "and": Plan(_logic),
    "renaming": Plan(_logic),
    "one of all": Plan(_instantiated),
}
"""How a rule or an engine is proved, by its name; of others a step isn't covered."""


MOVING = Plan(_equal, time="t")
"""An equation about a derivative is said along curves."""


def proof_of(one: Theorem) -> Plan:
    """Return how a step is proved.

    Raises
    ------
    NotExported
        For a rule or an engine that has no proof here.
    """
    name = one.by.name if one.by else "what is assumed"
    if name == "algebra of tokens" and isinstance(one.says, Rel) and is_derivative(one.says.left):
        return MOVING
    plan = PLANS.get(name)
    if plan is None:
        raise NotExported(f"no proof for {name}")
    return plan
