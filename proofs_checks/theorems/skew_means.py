"""(B.3): averages over skew B, E[B_ij B_kl] = δ_ik δ_jl - δ_il δ_jk, of what is linear or square.

So E<Bu,v> = 0, E<Bu,v><Bw,y> = <u,w><v,y> - <u,y><v,w> and E<B²u,v> = -(d-1)<u,v>.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Integer, Mul, Pow, S, expand, preorder_traversal

from proofs_checks.proof import Flow
from proofs_checks.propositions import Definition, Is, Rel, written
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.order import of_parameters, relation
from proofs_checks.theorems.readers import STATE, STATE_UNIT
from proofs_checks.theorems.second_derivatives import ACROSS, BOTH, hot, over_pairs, stated_pairs
from proofs_checks.theorems.turned_subsets import (
    ON_TURN,
    PRODUCT,
    SKEW,
    B,
    bent_where_turned,
    one_side,
    own_bend,
)
from theory.symbols import d, z
from theory.terms import (
    Elapsed,
    Image,
    Index,
    Inner,
    Name,
    Sort,
    TokenSum,
    ddt,
    is_derivative,
    is_value,
    total,
)

MEAN = Definition(
    "average over skew matrices",
    "at each state {1} is the average of {0} over skew {2}, whose entries above the diagonal are "
    "independent with mean 0 and variance 1",
    (Sort.NUMBER, Sort.NUMBER, Sort.MAP),
)


def _feet(inner: Any, matrix: Any) -> tuple[Any, Any, Any, int]:
    """Return c, u, v and k of an inner product ``c <B^k u, v>``."""
    if not isinstance(inner, Inner):
        raise NotConcluded(f"{inner} isn't linear in {matrix}, or a square")
    sign, one = one_side(inner, matrix).as_coeff_Mul()
    if not isinstance(one, Inner):
        return S.Zero, *inner.args, 1  # <Bu,u> = 0
    for arm, foot in (one.args, one.args[::-1]):
        power = 0
        while isinstance(arm, Image) and arm.args[0] == matrix:
            arm, power = arm.args[1], power + 1
        if power and not arm.has(matrix) and not foot.has(matrix):
            return sign, arm, foot, power
    raise NotConcluded(f"{inner} holds {matrix} otherwise")


def _moment(factors: list[Any], matrix: Any) -> Any:
    """Average a product of inner products: second moments are known, and none above."""
    parts = [_feet(one, matrix) for one in factors]
    degree = sum(power for *_, power in parts)
    if degree == 1:
        return S.Zero
    if degree != 2:
        raise NotConcluded(f"no average of degree {degree} in {matrix} is known")
    sign = Mul(*(one[0] for one in parts))
    _, u, v, _ = parts[0]
    if len(parts) == 1:
        return -sign * (d - 1) * Inner(u, v)
    _, w, y, _ = parts[1]
    return sign * (Inner(u, w) * Inner(v, y) - Inner(u, y) * Inner(v, w))


def mean_of(term: Any, matrix: Any, depth: int = 1) -> Any:
    """Average a term over a skew matrix.

    Raises
    ------
    NotConcluded
        For what is no sum of products of at most two inner products with it.

    Examples
    --------
    >>> from theory.terms import Vec
    >>> u, v = Vec("u"), Vec("v")
    >>> mean_of(Inner(Image(B, u), v) ** 2 - 3, B) == Inner(u, u) * Inner(v, v) - Inner(u, v)**2 - 3
    True
    """
    if not term.has(matrix):
        return term
    if isinstance(term, TokenSum):
        index = Index(f"a{depth}", term.bound[0].count)
        return total(mean_of(term.opened(index), matrix, depth + 1), index, term.but)
    spread = expand(term, deep=False)
    if isinstance(spread, Add):
        return Add(*(mean_of(part, matrix, depth) for part in spread.args))
    own, factors = [], []
    for factor in Mul.make_args(spread):
        base, power = factor.args if isinstance(factor, Pow) else (factor, S.One)
        if not factor.has(matrix):
            own.append(factor)
        elif isinstance(power, Integer) and 0 < power <= 2:
            factors += [base] * int(power)
        else:
            raise NotConcluded(f"{factor} isn't linear in {matrix}, or a square")
    if len(factors) == 1 and isinstance(factors[0], TokenSum):
        return Mul(*own, mean_of(factors[0], matrix, depth))
    return Mul(*own, _moment(factors, matrix))


def _averaged(bend: Fact, mean: Fact, matrix: Any) -> Concluded:
    """Average an equation; what is given of its matrix is that it is skew."""
    says, skew = relation(bend, "="), Is(SKEW, matrix)
    rest = [
        one
        for one in bend.given
        if not (isinstance(one, Is) and (one == skew or one.definition in (ON_TURN, STATE)))
    ]
    of_parameters(rest)
    if skew not in bend.given or any(one.has(matrix) for one in rest):
        raise NotConcluded(f"it isn't known for every skew {matrix}, and for nothing more")
    if says.right.has(Elapsed) or any(
        is_derivative(one) or is_value(one) for one in preorder_traversal(says.right)
    ):
        raise NotConcluded(f"{written(bend.says)} isn't of the state alone")
    found = relation(mean, "=")
    if found.left != mean_of(says.right, matrix) or found.right.has(matrix):
        raise NotConcluded("the second isn't what the average of the first is")
    if skew in mean.given or any(one.has(matrix) for one in mean.given):
        raise NotConcluded(f"the average is known under something about {matrix}")
    return Concluded(Is(MEAN, says.left, found.right, matrix), discharges={0: (skew,)})


AVERAGED = Rule(
    "average over skew matrices",
    "a = b for every skew B; E b = c by E<Bu,v><Bw,y> = <u,w><v,y> - <u,y><v,w>, E<B²u,v> = "
    "-(d-1)<u,v>: c is the average of a",
    "E[B_ij B_kl] = δ_ik δ_jl - δ_il δ_jk, and averages are linear",
    _averaged,
)


def mean_bend_of_subset(flow: Flow, value: Any) -> Conclusion | Refusal:
    """Claim that ``-Σ_(S×S^c) m_i m_j g_ij`` is the average of E'' over skew B, where S turns.

    Parameters
    ----------
    flow : Flow
    value : Expr
        g, in ``z`` = <x_i,x_j> and d.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> g = exp(beta * z) * ((d - 1) * z - beta * (1 - z**2))
    >>> [type(mean_bend_of_subset(Flow.of(SA), c * g).found).__name__ for c in (1, 2)]
    ['Theorem', 'Refusal']
    """
    stated = stated_pairs(flow)
    if isinstance(stated, Refusal):
        return stated
    subject, pairs = stated
    bend = bent_where_turned(subject, pairs, own_bend(pairs))
    said = -over_pairs(ACROSS * BOTH * value.xreplace({z: PRODUCT}))
    energy = over_pairs(pairs)
    given = Is(ON_TURN, subject), Is(STATE, subject), *hot(pairs)
    then = Is(MEAN, ddt(ddt(energy)), said, B)
    if isinstance(bend, Refusal):
        return claimed(bend, then, given, (Name("E", energy),))
    unit = read(STATE_UNIT, subject)
    own = Rel("=", mean_of(bend.says.right, B), said)
    found = apply(AVERAGED, bend, settle(EQUAL, own, unit, *heated(pairs)), matrix=B)
    return claimed(found, then, given, (Name("E", energy),))


__all__ = ["AVERAGED", "MEAN", "mean_bend_of_subset", "mean_of"]
