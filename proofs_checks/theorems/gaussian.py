"""Attention on R^d keeps Gaussian tokens Gaussian: mean and covariance have equations of their own.

Weights e^{<a,y>} move N(μ, Σ) to N(μ + Σa, Σ), by completing the square, so that the field of
attention at a Gaussian law is affine in x: x' = B x + c, B and c of μ and Σ.
"""

from __future__ import annotations

from typing import Any

from sympy import MatAdd, MatMul, Transpose
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import How
from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.equal_angles import model_of
from proofs_checks.theorems.gradients import SYMMETRIC
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.readers import Facts, flows
from theory.derivations import COVARIANCE, MEAN, gaussian_closure
from theory.engines import Rewriter
from theory.terms import Sort, sort_of

TRANSPORT = (
    "method of characteristics: x' = B(t) x + c(t) carries N(μ, Σ) to the Gaussian of mean and "
    "covariance μ' = Bμ + c, Σ' = BΣ + ΣB^T, which solves the equation of the distribution"
)
AFFINE = Definition(
    "affine at a Gaussian",
    "where tokens of {0} on R^d have the law N(μ, Σ), they move by x' = B x + c, B = {1}, c = {2}",
    (Subject, Sort.MAP, Sort.MAP),
)
GAUSSIAN = Definition(
    "Gaussian",
    "tokens of {0} on R^d that have the law N(μ, Σ) have such a law as long as it is finite, and "
    "μ' = {1}, Σ' = {2}",
    (Subject, Sort.MAP, Sort.MAP),
)
EVEN = Is(SYMMETRIC, COVARIANCE)
"""Σ is symmetric, as a covariance is."""


def _affine(subject: Subject) -> Facts:
    """Read B and c head by head, with the identity of completing the square reduced."""
    flows(subject)
    try:
        found = gaussian_closure(model_of(subject))
    except ValueError as short:
        raise NotConcluded(str(short)) from short
    if not found.proved:
        raise NotConcluded("the square isn't completed")
    return frozenset(), Is(AFFINE, subject, found.slope, found.shift), found.proof[0].statement


def _equal(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide an equation of sums of words in matrices, of which some are symmetric."""
    if not isinstance(says, Rel) or says.op != "=":
        raise NotConcluded("it isn't an equation")
    sides = says.left, says.right
    if any(sort_of(one) is not Sort.MAP for one in sides) or sides[0].shape != sides[1].shape:
        raise NotConcluded("it isn't an equation of matrices of one shape")
    known = (fact.says for fact in facts if isinstance(fact.says, Is))
    even = frozenset(one.arguments[0] for one in known if one.definition is SYMMETRIC)
    left = Rewriter(symmetric=even).form(MatAdd(sides[0], -sides[1]))
    if not left.is_ZeroMatrix:
        raise NotConcluded(f"they differ by {left}")
    return "the words of both sides are the same"


def _moments(slope: Any, shift: Any) -> tuple[MatrixExpr, MatrixExpr]:
    """Return ``Bμ + c`` and ``BΣ + ΣB^T``."""
    turned = MatMul(COVARIANCE, Transpose(slope).doit())
    return MatAdd(MatMul(slope, MEAN), shift), MatAdd(MatMul(slope, COVARIANCE), turned)


def _carried(affine: Fact, mean: Fact, covariance: Fact) -> Concluded:
    if not isinstance(affine.says, Is) or affine.says.definition is not AFFINE:
        raise NotConcluded("it needs the field at a Gaussian law")
    subject, slope, shift = affine.says.arguments
    said = []
    for fact, own in zip((mean, covariance), _moments(slope, shift), strict=True):
        if not isinstance(fact.says, Rel) or sort_of(fact.says.right) is not Sort.MAP:
            raise NotConcluded("it needs equations of the mean and of the covariance")
        wants(fact, Rel("=", own, fact.says.right))
        said.append(fact.says.right)
    return Concluded(Is(GAUSSIAN, subject, *said), spares=frozenset({EVEN}))


AT_GAUSSIAN = Reader("field at a Gaussian law", _affine)
WORDS = Engine("words of matrices", How.DERIVED, _equal)
CARRIED = Rule(
    "Gaussian laws",
    "at N(μ, Σ) tokens move by x' = B x + c; Bμ + c = a; BΣ + ΣB^T = C for symmetric Σ: the law "
    "stays Gaussian, with μ' = a, Σ' = C",
    "affine flows keep Gaussian laws, and the field is the affine one along them",
    _carried,
    (TRANSPORT,),
)


def stays_gaussian(subject: Subject, mean: MatrixExpr, covariance: MatrixExpr) -> Conclusion:
    """Claim that Gaussian tokens stay so, with equations of their mean and covariance.

    Examples
    --------
    >>> from theory.models import PURE_ATTENTION
    >>> own = gaussian_closure(PURE_ATTENTION)
    >>> subject = Subject.of(PURE_ATTENTION)
    >>> stays_gaussian(subject, own.mean, own.covariance).found.by.name
    'Gaussian laws'
    >>> isinstance(stays_gaussian(subject, MEAN, own.covariance).found, Refusal)
    True
    """
    then = Is(GAUSSIAN, subject, mean, covariance)
    affine = read(AT_GAUSSIAN, subject)
    if isinstance(affine, Refusal):
        return claimed(affine, then, ())
    owns = _moments(*affine.says.arguments[1:])
    equal = (
        settle(WORDS, Rel("=", own, said), assume(EVEN))
        for own, said in zip(owns, (mean, covariance), strict=True)
    )
    return claimed(apply(CARRIED, affine, *equal), then, ())
