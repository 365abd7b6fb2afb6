"""Weights that are c m_j/Σ_k m_k: those of SA at β = 0, and of scores or features that are 0.

Sinkhorn's potentials of scores 0 are one constant, and features of 0 are one number: a row divided
by its sum is m_j/Σ_k m_k. Two flows of such weights are one, at two paces.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, Expr, MatMul, MatPow, Transpose

from proofs_checks.propositions import All, Definition, Is, Proposition, Subject
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    Theorem,
    apply,
    read,
)
from proofs_checks.theorems.logic import part
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.readers import Facts, flows
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.symbols import X, m, t
from theory.terms import Sort

EVEN = Definition(
    "even weights", "tokens of {0} move by P_i {1} Σ_j m_j x_j/Σ_k m_k", (Subject, Sort.NUMBER)
)


def even_pace(velocity: Any) -> Expr | None:
    """Return c of a velocity ``P_i c Σ_j m_j x_j/Σ_k m_k``, by its form.

    Examples
    --------
    >>> from theory.models import SA, USA
    >>> from theory.symbols import beta
    >>> [even_pace(model.velocity.xreplace({beta: 0})) for model in (SA, USA)]
    [1, None]
    """
    field = velocity.field if isinstance(velocity, Tangent) and velocity.points == X else None
    if not isinstance(field, MatMul) or field.args[-1] != X:
        return None
    pace, (*weights, _) = field.as_coeff_matrices()
    if t in pace.free_symbols:
        return None
    if len(weights) == 1:
        rows = weights[0]
        plain = type(rows) in (RowSoftmax, Sinkhorn) and rows.masses == m
        return pace if plain and (rows.scores.is_ZeroMatrix or _is_zero(rows.scores)) else None
    return pace if _divided(weights) else None


def _is_zero(scores: Any) -> bool:
    return bool(scores.as_coeff_mmul()[0] == 0)


def _divided(weights: list[Any]) -> bool:
    """Whether factors are ``diag(K m)^{-1} K diag(m)`` with a K that is one number > 0."""
    first, *middle, last = weights
    if last != DiagMatrix(m) or not isinstance(first, MatPow) or first.exp != -1:
        return False
    kernel = MatMul(*middle)
    return first.base == DiagMatrix(MatMul(*middle, m)) and _of_one_number(kernel)


def _of_one_number(kernel: Any) -> bool:
    """Whether all entries of a product are one number > 0, as those of its factors are."""
    parts = kernel.args if isinstance(kernel, MatMul) else (kernel,)
    bodies = [p.arg if isinstance(p, Transpose) else p for p in parts]
    return all(isinstance(p, Elementwise) and p.body.is_number and p.body > 0 for p in bodies)


def _even(subject: Subject) -> Facts:
    flows(subject)
    pace = even_pace(subject.velocities.get(X))
    if pace is None or {*subject.velocities} != {X} or {*subject.spaces} != {X}:
        raise NotConcluded(f"the weights of {subject.name} aren't seen to be c m_j/Σ_k m_k")
    return frozenset(), Is(EVEN, subject, pace), "scores are 0, or features one number"


EVEN_WEIGHTS = Reader("even weights", _even)


def _pace(even: Fact) -> tuple[Subject, Any]:
    if not isinstance(even.says, Is) or even.says.definition is not EVEN:
        raise NotConcluded("it needs that weights are c m_j/Σ_k m_k")
    subject, pace = even.says.arguments
    if not pace.is_positive or pace.has(t):
        raise NotConcluded(f"{pace} isn't known to be a constant > 0")
    return subject, pace


def _as_even(one: Fact, other: Fact, meets: Fact) -> Proposition:
    (first, _), (second, _) = _pace(one), _pace(other)
    wants(meets, Is(MEETS, first))
    return Is(MEETS, second)


AS_EVEN = Rule(
    "one flow at two paces",
    "tokens move by P_i a Σ_j m_j x_j/Σ_k m_k, and others by P_i b Σ_j m_j x_j/Σ_k m_k; 0 < a, b; "
    "from almost every start the first meet: from almost every start the others do",
    "y(t) = x(b t/a): the same curves from the same starts",
    _as_even,
)


def parts_of(theorem: Found) -> list[Found]:
    """Return what a theorem says, one by one.

    Examples
    --------
    >>> from proofs_checks.propositions import Rel
    >>> from proofs_checks.theorems.kernel import assume
    >>> [str(one.says.right) for one in parts_of(assume(All(Rel("<", 0, t), Rel("<", 0, 1 + t))))]
    ['t', 't + 1']
    """
    if not isinstance(theorem, Theorem) or not isinstance(theorem.says, All):
        return [theorem]
    parts = (apply(part, theorem, place=place) for place in range(len(theorem.says.args)))
    return [one for each in parts for one in parts_of(each)]


def as_even(theorem: Theorem, subject: Subject) -> Found:
    """Conclude of a model of even weights what a theorem says of another: that tokens meet.

    Examples
    --------
    >>> from proofs_checks.theorems.starts import cold_starts
    >>> from theory.models import SA, catalogue
    >>> from theory.symbols import beta
    >>> found = cold_starts(Subject.of(SA, {beta: 0}), 2, null=True).found
    >>> as_even(found, Subject.of(catalogue("Sinkhorn"), {beta: 0})).by.name
    'one flow at two paces'
    """
    for one in parts_of(theorem):
        said = one.says
        if isinstance(said, Is) and said.definition is MEETS and said.arguments[0] != subject:
            evens = [read(EVEN_WEIGHTS, whose) for whose in (said.arguments[0], subject)]
            return apply(AS_EVEN, *evens, one)
    return Refusal("it isn't that tokens of another model meet")
