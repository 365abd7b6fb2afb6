"""How Rocq proves the steps of typed theorems: a proof for each rule and engine of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Pow,
    S,
    cos,
    exp,
    fraction,
    log,
    pi,
    preorder_traversal,
    sin,
)

from proofs_checks.propositions import Proposition, Rel
from proofs_checks.rocq.scalars import NotExported
from proofs_checks.rocq.typed_terms import Terms
from proofs_checks.theorems import Reader, Theorem
from theory.atoms import MaskedSoftmax, RowSoftmax, Tangent
from theory.masks import Mask
from theory.symbols import X, n, t
from theory.terms import (
    Elapsed,
    Entry,
    Equation,
    Image,
    Index,
    Inner,
    Multiple,
    Norm,
    Number,
    OperatorNorm,
    Sort,
    TokenSum,
    denominators,
    free,
    is_derivative,
    is_value,
    match,
    moving,
    residual,
    sort_of,
)

TOKEN = Index("i")
"""The token that readers speak of."""


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
    own: frozenset[Any]

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
        return self.terms.indices[variable] if variable in self.own else None

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
        found = self.terms.number(says.left), self.terms.number(says.right)
        if not set(self.terms.indices) & free(says) <= self.own:
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
    more : callable
        What is assumed beside the premises.
    free : frozenset
        Variables that hypotheses don't fix.
    """

    write: Callable[[Instance], str]
    time: str = ""
    extremes: bool = False
    more: Callable[[Terms, Theorem], list[Hypothesis]] = lambda terms, one: []
    free: frozenset[Any] = frozenset()


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


def _whole_maps(*says: Any) -> None:
    """Refuse relations in which something is divided by the size of a map, which may be 0."""
    if any(part.has(OperatorNorm) for one in says for part in denominators(*one.args[1:])):
        raise NotExported("what is divided by the size of a map")


def _pairs_counted(says: Any) -> bool:
    """Whether a number that all pairs share is summed over them."""
    return any(
        not term.atoms(Index)
        for whole in says.atoms(TokenSum)
        for row in whole.body.atoms(TokenSum)
        for term in Add.make_args(row.body)
    )


def _added(step: Instance) -> str:
    """Write the conclusion's difference as the sum of those of the premises."""
    says = step.step.says
    used = [h for h in step.hypotheses if h.place >= 0 and _counts(h.says, says)]
    _whole_maps(*(h.says for h in used))
    if any(map(_pairs_counted, (says, *(h.says for h in used)))):
        raise NotExported("a sum over pairs that is written otherwise")
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
    _whole_logs(step.step.says)
    if any(fraction(one.args[0])[1].is_Add for one in step.step.says.atoms(Multiple)):
        raise NotExported("vectors with fractions of parameters")
    left = step.step.says.left
    if is_derivative(left):
        if left.args[0].has(TokenSum):
            raise NotExported("the derivative of a sum over tokens")
        if not moving(left.args[0]):
            raise NotExported("the derivative of a number that stays")
        if any(a.args[0] == a.args[1] for a in left.args[0].atoms(Inner)):
            raise NotExported("the derivative of a square")
        if any(isinstance(a.args[1], Image) for a in step.step.says.atoms(Image)):
            raise NotExported("the derivative of an image")
        if any(a.has(cos, sin) for a in left.args[0].atoms(exp)):
            raise NotExported("the derivative of a power of a cosine")
        return f"{step.posed()}\n  derives."
    if sort_of(left) is Sort.NUMBER:
        if any(a.body.has(TokenSum) for a in left.atoms(TokenSum)) or getattr(left, "but", None):
            raise NotExported("a sum over pairs that is written otherwise")
        _in_sight(step.step.says, [], step)
    elif isinstance(left, Multiple) and is_derivative(left.args[1]):
        raise NotExported("a multiple of a velocity")
    known = [h.says for h in step.hypotheses if h.place >= 0 and isinstance(h.says, Rel)]
    sums = [step.sides(one) for one in known if one.op == "=" and isinstance(one.left, TokenSum)]
    put = "".join(f"  try replace ({a}) with ({b}) by lra.\n" for a, b in sums)
    return f"{step.posed()}\n{put}  same."


def _whole_logs(says: Any) -> None:
    """Refuse logarithms of whole numbers, which no tactic compares."""
    if any(one.args[0].is_integer for one in says.atoms(log)):
        raise NotExported("logarithms of whole numbers")


def _signs(step: Instance) -> str:
    _whole_logs(step.step.says)
    if any(is_value(one) and isinstance(one.args[0], Norm) for one in step.step.says.args):
        raise NotExported("the sign of a length at a time")
    if step.step.says.has(pi) and n in (step.step.says.free_symbols or {n}):
        raise NotExported("the sign of a share of π")
    if step.step.says.has(OperatorNorm):
        raise NotExported("the size of a map")
    if "rsum" in "".join(step.sides(step.step.says)):  # there are tokens to sum over
        step.terms.names.need(f"(0 < {step.terms.rows.count(n)})%nat")
    known = (RowSoftmax, MaskedSoftmax, Mask)
    if any(type(one.args[0]) not in known for one in step.step.says.atoms(Entry)):
        raise NotExported("the sign of weights of another kind than a softmax")
    if step.step.says.right == 0:
        sign = "<" if step.step.says.op == "<" else "<="
        return f"assert (X : 0 {sign} {step.terms.number(-step.step.says.left)}) by sgn. lra."
    return "sgn."


def _scale(step: Instance) -> str:
    sign, fact = (step.premise(place) for place in (0, 1))
    _whole_maps(fact.says)
    under, over = (fraction(one)[1] for one in (sign.says.right, step.step.says.left))
    if under.has(cos) or under.has(n) > over.has(n):
        raise NotExported("a divisor that cancels")
    (_, c), (a, b) = step.sides(sign.says), step.sides(fact.says)
    rule = "scaled_lt" if step.step.says.op == "<" else "scaled_le"
    return f"{step.posed()}\n  apply ({rule} {c} {a} {b}); [ same | lra | lra ]."


def _token_sum(step: Instance) -> str:
    says, index, fact = step.step.says, step.step.parameters["index"], step.premise(0)
    if is_derivative(fact.says.left) and len(step.own) > 0:
        raise NotExported("a sum of derivatives of pairs")
    zero = says.left == 0
    none = f"(eq_trans (eq_sym (rsum_zero {step.terms.rows.count(index.count)})))"
    lemma = {
        "=": f"{none}; apply sum_eq" if zero else "sum_eq",
        "<=": "sum_nonneg" if zero else "sum_le",
        "<": "sum_positive" if zero else "sum_lt",
    }[says.op]
    more = ""
    if says.op == "<":  # there are tokens to sum over
        step.terms.names.need(f"(0 < {step.terms.rows.count(n)})%nat")
        more = "; [ assumption | ]"
    term = step.used(fact, **{str(index): "q"})
    if term is None:
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    return (
        f"apply {lemma}{more}. intros q Hq. pose proof {term} as F1. revert F1. turn_inner.\n"
        f"  intros F1. lra."
    )


def _zero_sum(step: Instance) -> str:
    index = step.step.parameters["index"]
    name = step.terms.indices.get(index) if index in step.own else None
    whole, terms = step.premise(0), step.premise(1)
    at, each = step.used(whole), step.used(terms, **{str(index): "q"})
    if None in (at, each, name):
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    return f"eapply (sum_zero _ _ {name} {at}); [ intros q Hq; exact {each} | assumption ]."


def _exponential(step: Instance) -> str:
    rule = "exp_increasing" if step.step.says.op == "<" else "exp_le"
    fact = step.premise(0)
    (a, b), (left, right) = step.sides(fact.says), step.sides(step.step.says)
    by = "by (first [reflexivity | f_equal; ring | apply exp_0 | same])"
    return (
        f"{step.posed()}\n"
        f"  replace {left} with (exp {a}) {by}.\n  replace {right} with (exp {b}) {by}.\n"
        f"  apply {rule}. lra."
    )


def _tangent(step: Instance) -> str:
    number = step.terms.number(step.step.says.right.args[0])
    lemma = f"exp_ineq1 {number} ltac:(lra)" if step.step.premises else f"exp_ineq1_le {number}"
    return f"{step.posed()}\n  pose proof ({lemma}) as X. lra."


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
        f"pose proof (unit_product _ _ {terms[0]} {terms[1]}) as F0. revert F0. turn_inner.\n"
        "  intros F0. exact F0."
    )


def _turned(step: Instance) -> str:
    right = getattr(step.step.says, "right", None)
    if is_derivative(right) and sort_of(right) is Sort.VECTOR:
        raise NotExported("a velocity on the right of an equation")
    return _chained(step)


def _logic(step: Instance) -> str:
    return f"{step.posed()}\n  tauto."


def _instantiated(step: Instance) -> str:
    fact, values = step.premise(0), step.step.parameters["values"]
    reads = {Sort.INDEX: step.terms.index, Sort.VECTOR: step.terms.vector}
    term = step.used(fact)
    names = [reads.get(sort_of(value), step.terms.number)(value) for value in values]
    if term is None or {v for v in values if isinstance(v, Index)} - step.own:
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    args = " ".join(
        f"{name} ltac:(there)" if sort_of(value) is Sort.INDEX else name
        for name, value in zip(names, values, strict=True)
    )
    return f"pose proof ({term} {args}) as F0. revert F0. turn_inner. intros F0. exact F0."


def _cancel(step: Instance) -> str:
    sign, (left, _) = step.premise(1), step.sides(step.step.premises[0].says)
    (_, factor), (rest, _) = step.sides(sign.says), step.sides(step.step.says)
    return (
        f"{step.posed()}\n  apply (cancelled {factor} {rest}); [ | lra ].\n"
        f"  replace ({factor} * {rest}) with {left} by same. lra."
    )


def _weighed(step: Instance) -> str:
    if step.step.says.has(Image):
        raise NotExported("scores that go through a map")
    return "unfold softmax; same."


def _whole(step: Instance) -> str:
    entries = step.step.says.left.atoms(Entry)
    if any(type(one.args[0]) is not RowSoftmax for one in entries):
        raise NotExported("rows of another kind than a softmax over all tokens")
    return "apply softmax_whole; below."


def _least(step: Instance) -> str:
    says, indices = step.step.says, step.step.parameters["indices"]
    terms, names = step.terms, [step.terms.index(one) for one in indices]
    motion, bound = step.step.premises[0].says, step.step.premises[1].says
    assert isinstance(says, Rel) and isinstance(motion, Rel) and isinstance(bound, Rel)
    family, rate = says.right, step.step.premises[2].says.args[2]
    who = " ".join(names)
    of = terms.at_time("s", lambda: terms.number(family))
    speed, factor = terms.number(motion.right), terms.number(rate)
    rule = "minimum_kept" if len(names) == 1 else "minimum_of_pairs_kept"
    given = " ".join(h.name for h in step.hypotheses)
    return (
        f"apply ({rule} {terms.rows.count(n)} (fun {who} s => {of}) (fun {who} t => {speed})\n"
        f"    (fun {who} t => {factor}) {terms.number(says.left)}); try assumption; try lra;\n"
        f"  clear - {given}; intros; first [ apply G1 | apply G2 | apply G3 | apply G4 | apply G6\n"
        f"    | rewrite Rmult_comm; apply G2 ];\n"
        "  try assumption; auto."
    )


_ATTAINED = "match goal with L0 : least_pair _ _ {} |- _ =>\n    {} end."


def _matrix(step: Instance, entry: Any) -> str:
    """Return a family of two indices as a function."""
    i, j = (step.terms.index(step.step.parameters[name]) for name in "ij")
    return f"(fun {i} {j} => {step.terms.number(entry)})"


def _each(step: Instance) -> str:
    """Prove an inequality between two families by the first premise."""
    i, j = (str(step.step.parameters[name]) for name in "ij")
    term = step.used(step.premise(0), **{i: "u", j: "v"})
    if term is None:
        raise NotExported("a premise about tokens that the conclusion doesn't name")
    return (
        f"intros u v Hu Hv; cbv beta; pose proof {term} as F0; revert F0; turn_inner; intros F0;\n"
        "      unfold Rdiv in *; lra"
    )


def _column(step: Instance) -> str:
    says, terms = step.premise(0).says, step.terms
    assert isinstance(says, Rel)
    weight = _matrix(step, says.right)
    column = f"(fun {terms.index(step.step.parameters['j'])} => {terms.number(says.left)})"
    attained = _ATTAINED.format("?c", "destruct L0 as [_ [p [q [Hp [Hq [N Ec]]]]]]; rewrite Ec")
    return (
        f"{attained}\n  apply (column_sum {terms.rows.count(n)} {column} {weight} _\n"
        "    ltac:(apply (INR_le 2); simpl; lra) p q); "
        f"[ {_each(step)} | assumption.. | ].\n  cbv beta. columns."
    )


def _sight(step: Instance) -> str:
    says, fact = step.step.says, step.premise(0).says
    assert isinstance(says, Rel) and isinstance(fact, Rel)
    terms = step.terms
    weight, carried = (_matrix(step, e) for e in (step.step.parameters["weight"], fact.right))
    factor = terms.number(step.premise(1).says.args[2])
    low = terms.extremes[says.right]
    attained = _ATTAINED.format(low, "destruct L0 as [_ [p [q [Hp [Hq [N Ec]]]]]]; rewrite Ec")
    other = next(name for one, name in terms.extremes.items() if name != low)
    below = _ATTAINED.format(other, "pose proof (proj1 L0 p q Hp Hq N) as Low")
    return (
        f"{attained}\n  {below}\n  apply (scaled_pair {terms.rows.count(n)} {factor} {other}\n"
        f"    {weight} {carried} _ p q); [ {_each(step)} | lra | assumption.. | | ];\n"
        "  cbv beta in *; [ eapply Rle_trans; [ exact Low | apply Req_le ] | ]; columns."
    )


# -- what is read off a model ---------------------------------------------------------------------


def _solves(terms: Terms, one: Theorem) -> tuple[Any, str]:
    """Return a model's velocity, and that tokens move by its rows, as its matrices say."""
    velocity = one.parameters["subject"].velocities[X]
    row = terms.rows.vector(velocity, terms.index(TOKEN))
    terms.rows.vector(X, "i")
    moves = f"is_derive (fun s => ⟨a, (x i s)⟩) t ⟨a, {row}⟩"
    count = terms.rows.count(n)
    return velocity, f"{_EVERY.format(count)}(forall a : E, {moves})"


_EVERY = "forall t : R, 0 <= t -> forall i : nat, (i < {})%nat -> "


def _row_moves(terms: Terms, one: Theorem) -> list[Hypothesis]:
    unit = f"{_EVERY.format(terms.rows.count(n))}⟨(x i t), (x i t)⟩ = 1"
    said = _solves(terms, one)[1]
    return [Hypothesis("G1", said, one.says, (), 0), Hypothesis("G2", unit, one.says, (), -1)]


def _moved(step: Instance) -> str:
    return (
        "eapply derive_is; [ apply (G1 t ltac:(there) i ltac:(there)) | ].\n"
        "  pose proof (G2 t ltac:(there) i ltac:(there)) as F2. clear G1 G2. same."
    )


def _inside(velocity: Any) -> Any:
    """Return F of ``P_i F_i``: what stands under the projections."""
    found = {one: one.field for one in velocity.atoms(Tangent) if one.points == X}
    if not found:
        raise NotExported("a velocity that isn't written as a projection")
    return velocity.xreplace(found)


def _stays_unit(terms: Terms, one: Theorem) -> list[Hypothesis]:
    velocity, said = _solves(terms, one)
    inside = terms.at_time("s", lambda: terms.rows.vector(_inside(velocity), "i"))
    count = terms.rows.count(n)
    still = f"{_EVERY.format(count)}continuous (fun s => ⟨(x i s), {inside}⟩) t"
    start = f"forall i : nat, (i < {count})%nat -> ⟨(x i 0), (x i 0)⟩ = 1"
    return [
        Hypothesis("G1", said, one.says, (), 0),
        Hypothesis("G2", still, one.says, (), -1),
        Hypothesis("G3", start, one.says, (), -1),
    ]


def _stays(step: Instance) -> str:
    velocity = step.step.parameters["subject"].velocities[X]
    inside = step.terms.at_time("s", lambda: step.terms.rows.vector(_inside(velocity), "i"))
    return (
        f"apply (unit_kept b (fun s => x i s) (fun s => {inside})); cbv beta;\n"
        "    [ | intros; apply G2; assumption | apply G3; assumption | assumption ].\n"
        "  intros u Hu a. eapply derive_is; [ apply (G1 u Hu i ltac:(there)) | ].\n"
        "  clear. first [ reflexivity | same ]."
    )


PLANS: dict[str, Plan] = {
    "sum": Plan(_added),
    "algebra of tokens": Plan(_equal),
    "signs": Plan(_signs, extremes=True),
    "scaling": Plan(_scale),
    "sum over tokens": Plan(_token_sum),
    "sum of nonnegative terms": Plan(_zero_sum),
    "exponential": Plan(_exponential),
    "tangent of the exponential": Plan(_tangent),
    "reciprocals": Plan(_reciprocal),
    "chain": Plan(_chained),
    "turned": Plan(_turned),
    "no less than itself": Plan(_chained),
    "cancelling": Plan(_cancel),
    "product of unit vectors": Plan(_unit_product),
    "part": Plan(_logic),
    "and": Plan(_logic),
    "one of all": Plan(_instantiated),
    "definition of weights": Plan(_weighed),
    "whole rows": Plan(_whole),
    "derivative of a minimum": Plan(_least, time="t"),
    "sight of a column": Plan(_column, extremes=True),
    "sight of larger weights": Plan(_sight, extremes=True),
    "tokens on the sphere": Plan(_stays, time="t", more=_stays_unit),
    "pull form": Plan(_moved, time="t", more=_row_moves),
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
    if name in ("renaming", "every one"):
        raise NotExported("a premise says the same: there is nothing to prove")
    plan = PLANS.get(name)
    if name == "pull form" and one.says.atoms(Image):
        raise NotExported("a row of the velocity with matrices in its scores")
    if name == "pull form" and one.says.right.has(t):
        raise NotExported("a speed of time that stands inside the sums")
    if plan is None and isinstance(one.by, Reader):
        raise NotExported("what a state of the model is: nothing to prove")
    if plan is None:
        raise NotExported(f"no proof for {name}")
    return plan
