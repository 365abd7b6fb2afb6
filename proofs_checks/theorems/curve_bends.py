"""(B.5): at a critical point an energy of pairs bends along a curve by the curve's velocity alone.

Of E = Σ_i Σ_j e_ij, e_ij' = w_ij <x_i,x_j>'/2, what accelerations add is Σ_i <x_i'',f_i> with f_i =
Σ_j w_ij x_j. Where f_i is along x_i, that is -Σ_i |x_i'|² <x_i,f_i>, as tokens stay on the sphere.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, S, sqrt

from proofs_checks.proof import CROSS, FIRST, NORMS, Flow
from proofs_checks.propositions import Is, Proposition, Rel, every
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import instantiate
from proofs_checks.theorems.order import (
    CHAIN,
    CONSTANT,
    DIFFERENTIATED,
    TOKEN_SUM,
    TURNED,
    relation,
)
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import CURVE, CURVE_MASSES, CURVE_UNIT, OTHER, TOKEN
from proofs_checks.theorems.second_derivatives import (
    BOTH,
    EQUATIONS,
    hot,
    over_pairs,
    stated_pairs,
)
from theory.symbols import X, z
from theory.terms import Inner, Name, Row, Vector, ddt, total

_X, _Y = Row(X, TOKEN), Row(X, OTHER)
_V, _W = ddt(_X), ddt(_Y)
_A, _B = ddt(_V), ddt(_W)
_PLACE = Dummy("z", real=True)

PRODUCT = gram(TOKEN, OTHER)
SPEED = sqrt(total(Inner(_V, _V), TOKEN))
"""|v|, v the velocity of all tokens together."""
FIRST_ORDER, CROSSED = Inner(_V, _Y) + Inner(_X, _W), Inner(_V, _W)
PLACES = {
    z: PRODUCT,
    FIRST: FIRST_ORDER,
    CROSS: CROSSED,
    NORMS: Inner(_V, _V) + Inner(_W, _W),
}
"""What the symbols of a pair's second derivative stand for, of tokens i and j."""


def _paired(fact: Fact, arm: Vector) -> Proposition:
    says = relation(fact, "=")
    if not isinstance(says.left, Vector):
        raise NotConcluded("it is no equation of vectors")
    return Rel("=", Inner(arm, says.left), Inner(arm, says.right))


PAIRED = Rule("products with a vector", "u = v: <a,u> = <a,v>", "equality", _paired, routine=True)


def _acceleration(unit: Found) -> Found:
    """``<x_i'',x_i> = -<x_i',x_i'>`` of tokens of length 1."""
    half = settle(EQUAL, Rel("=", Inner(_X, _X) / 2, S.Half), unit)
    rest = settle(EQUAL, Rel("=", ddt(Inner(_X, _X) / 2), Inner(_V, _X)))
    across = apply(CHAIN, apply(TURNED, rest), apply(DIFFERENTIATED, half))
    both = Inner(_A, _X) + Inner(_V, _V)
    spread = settle(EQUAL, Rel("=", both, ddt(Inner(_V, _X))))
    zero = apply(CHAIN, spread, apply(DIFFERENTIATED, across))
    return settle(EQUATIONS, Rel("=", Inner(_A, _X), -Inner(_V, _V)), zero)


def bend_of_curve(
    flow: Flow, value: Any, anywhere: bool = False, length: Any = None
) -> Conclusion | Refusal:
    """Claim ``E'' = ½ Σ_i Σ_j m_i m_j q_ij`` along curves, at critical points.

    Parameters
    ----------
    flow : Flow
    value : Expr
        q, in ``z`` = <x_i,x_j>, `FIRST`, `CROSS` and `NORMS`.
    anywhere : bool
        Whether it is said of all points.
    length : Symbol, optional
        What stands for |v|, the velocity of all tokens together.

    Examples
    --------
    >>> from proofs_checks.proof import HESSIAN
    >>> from theory.models import SA
    >>> [type(bend_of_curve(Flow.of(SA), c * HESSIAN).found).__name__ for c in (1, 2)]
    ['Theorem', 'Refusal']
    """
    stated = stated_pairs(flow)
    if isinstance(stated, Refusal):
        return stated
    subject, pairs = stated
    still, warm = apply(CONSTANT, read(CURVE_MASSES, subject)), heated(pairs)
    slopes = [pairs.xreplace({PRODUCT: _PLACE}).diff(_PLACE, k) * 2 for k in (1, 2)]
    weight, more = (one.xreplace({_PLACE: PRODUCT}) for one in slopes)
    energy, pull = over_pairs(pairs), total(_Y * weight, OTHER)
    moved = over_pairs(weight * FIRST_ORDER / 2)
    turned = Inner(_A, _Y) + 2 * CROSSED + Inner(_X, _B)
    bent = over_pairs((more * FIRST_ORDER**2 + weight * turned) / 2)
    slope = settle(EQUAL, Rel("=", ddt(energy), moved), still, *warm)
    bend = apply(
        CHAIN,
        apply(DIFFERENTIATED, slope),
        settle(EQUAL, Rel("=", ddt(moved), bent), still, *warm),
    )
    along = Inner(_X, pull)
    critical = every(TOKEN, Rel("=", pull, _X * along))
    one = apply(instantiate, assume(critical), values=(TOKEN,))
    sphere = _acceleration(read(CURVE_UNIT, subject))
    pushed = Rel("=", Inner(_A, _X * along), -Inner(_V, _V) * along)
    push = apply(CHAIN, apply(PAIRED, one, arm=_A), settle(EQUAL, pushed, sphere))
    whole = apply(TOKEN_SUM, push, index=TOKEN)
    said = over_pairs(BOTH * value.xreplace({**PLACES, length: SPEED}) / 2)
    found = apply(CHAIN, bend, settle(EQUATIONS, Rel("=", bent, said), whole))
    given = Is(CURVE, subject), *(() if anywhere else (critical,)), *hot(pairs)
    return claimed(found, Rel("=", ddt(ddt(energy)), said), given, (Name("E", energy),))


__all__ = ["PAIRED", "bend_of_curve"]
