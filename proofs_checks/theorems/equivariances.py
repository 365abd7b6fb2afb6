"""Remark 2.2: velocities commute with relabelling tokens, or with rotating them.

F(SX; Sm) = S F(X; m) for a permutation matrix S, F(XR) = F(X) R for an orthogonal R: equations of
matrices, decided by moving S out to the left and R out to the right, atom by atom.
"""

from __future__ import annotations

from sympy import MatMul, MatrixSymbol
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    NotConcluded,
    Refusal,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import together
from theory.derivations import commutes, relabellings, rotations
from theory.models import Model
from theory.terms import Sort

PERMUTATION = Definition("permutation", "{0} is a permutation matrix", (Sort.MAP,))
ORTHOGONAL = Definition("orthogonal", "{0} is an orthogonal matrix", (Sort.MAP,))


def _commutes(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide an equation of matrices by the rules of one permutation or orthogonal matrix."""
    if not isinstance(says, Rel) or says.op != "=" or not isinstance(says.left, MatrixExpr):
        raise NotConcluded("it is no equation of matrices")
    left, right = says.left, says.right
    if left == right or left.shape != right.shape:
        raise NotConcluded("both sides are the same as they are written, or of other shapes")
    (fact,) = facts if len(facts) == 1 else (None,)
    known = None if fact is None else fact.says
    if not isinstance(known, Is) or known.definition not in (PERMUTATION, ORTHOGONAL):
        raise NotConcluded("it needs one matrix that is a permutation, or orthogonal")
    (element,) = known.arguments
    if not isinstance(element, MatrixSymbol) or element.shape[0] != element.shape[1]:
        raise NotConcluded(f"{element} is no square matrix with a name")
    rest, rules = commutes(left, right, element, known.definition is PERMUTATION)
    if not rest.is_ZeroMatrix:
        raise NotConcluded(f"residual {rest}")
    return "; ".join(rules) or "residual 0"


COMMUTES = Engine("moving a matrix out", How.DERIVED, _commutes)


def equivariant(model: Model, subject: Subject, permutes: bool) -> Conclusion | Refusal:
    """``F(SX; Sm) = S F(X; m)`` or ``F(XR) = F(X) R``, of each block that moves.

    Parameters
    ----------
    model : Model
        Its blocks are looked at.
    subject : Subject
        Its velocities are.
    permutes : bool

    Examples
    --------
    >>> from theory.models import CAUSAL, SA
    >>> own = equivariant(SA, Subject.of(SA), False)
    >>> own.found.says == own.says.then
    True
    >>> isinstance(equivariant(CAUSAL, Subject.of(CAUSAL), True).found, Refusal)
    True
    """
    if subject.noisy:
        return Refusal(f"noise drives {subject.name}")
    groups = relabellings(model) if permutes else (rotations(model),)
    word = PERMUTATION if permutes else ORTHOGONAL
    said, found = [], []
    for element, moved in groups:
        for block, velocity in subject.velocities.items():
            word_of = (element, velocity) if permutes else (velocity, element)
            expected = MatMul(*word_of) if block in moved else velocity
            says = Rel("=", velocity.xreplace(moved), expected)
            if says.left != says.right:
                said.append(says)
                found.append(settle(COMMUTES, says, assume(Is(word, element))))
    if not said:
        return Refusal("nothing is moved")
    given = tuple(Is(word, element) for element, _ in groups)
    if len(said) == 1:
        return claimed(found[0], said[0], given)
    return claimed(apply(together, *found), All(*said), given)
