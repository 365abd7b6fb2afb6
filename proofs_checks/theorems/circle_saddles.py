"""T6 on the circle: any number of tokens, any masses, every b >= -13/50.

f(θ) = e^{b cos θ}/b has A = -f''(0) > 0, f' < 0 on (0, π), and f'' > 0 on (τ, π] for one τ < π: b
sin² θ - cos θ has one zero in cos θ from -1 to 1, for b of either sign. What is needed of f is one
inequality, which balls decide for all b at once.
"""

from __future__ import annotations

from sympy import Integer, Rational

from proofs_checks.decide import bends_little
from proofs_checks.proof import How
from proofs_checks.propositions import Definition, Is, Proposition
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import relation, wants
from proofs_checks.theorems.saddles import CIRCLE, form_of, one_product, strict
from theory.terms import Sort

LEAST_HEAT = Rational(-13, 50)
"""Down to it the inequality holds: near -0.2616 its sides are equal, and at -2/3 triangles last."""
ENOUGH = Integer(8)
"""Times A (1/τ + 1/π) it is below ‖f''''‖ where a critical point has no way up."""
BENDS_LITTLE = Definition(
    "bends little",
    "‖f''''‖ < {0} A (1/τ + 1/π) for f(θ) = e^(b cos θ)/b, A = -f''(0), f'' > 0 on (τ, π], the "
    "integral of |f''''| round the circle, and every b >= {1}",
    (Sort.NUMBER, Sort.NUMBER),
)


def _bends(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Enclose that f bends little for every b from a number on."""
    if not isinstance(says, Is) or says.definition is not BENDS_LITTLE:
        raise NotConcluded("it isn't that f bends little")
    factor, low = says.arguments
    if not (isinstance(factor, Rational) and factor >= ENOUGH):
        raise NotConcluded(f"balls are asked for {ENOUGH} A (1/τ + 1/π)")
    found = bends_little(low) if isinstance(low, Rational) else ""
    if not found:
        raise NotConcluded("balls don't show it")
    return found


def _on_circle(
    slope: Fact, mirror: Fact, sign: Fact, mass: Fact, warm: Fact, bends: Fact, dimension: Fact
) -> Proposition:
    pairs, weight, heat = form_of(slope, mirror, sign)
    one_product(weight, mass)
    if not isinstance(bends.says, Is) or bends.says.definition is not BENDS_LITTLE:
        raise NotConcluded("it isn't that f bends little")
    factor, low = bends.says.arguments
    if not (isinstance(factor, Rational) and factor <= ENOUGH):
        raise NotConcluded(f"it needs the factor {ENOUGH}")
    bound = relation(warm, "<=")
    least = heat - (bound.right - bound.left)  # at most b, where the relation holds
    if not (least.is_number and low <= least):
        raise NotConcluded("b isn't known to be as large")
    wants(dimension, CIRCLE)
    return strict(pairs)


BENDING = Engine("fourth derivative", How.ENCLOSED, _bends)
CIRCLE_SADDLES = Rule(
    "strict saddles on the circle",
    "e_ij' = m_i m_j e^(b<x_i,x_j>) <x_i,x_j>'/2; w_ij = w_ji; 0 <= w_ij; 0 < m_i; c <= b; ‖f''''‖ "
    "< 8 A (1/τ + 1/π) for f(θ) = e^(b cos θ)/b and every b >= c; d = 2: each critical point of "
    "Σ_i Σ_j e_ij but consensus has a direction of E'' > 0",
    "E = ½ Σ Σ m_i m_j f(θ_i - θ_j). Suppose there is none; θ_c the places, two or more, m_c the "
    "mass there, g_c the gap to the next, V(θ) = Σ_c m_c f(θ - θ_c): V'(θ_c) = 0. Turning all at "
    "θ_c: m_c (V''(θ_c) + m_c A) <= 0, so some place is within τ of θ_c, and one of its gaps <= τ; "
    "no gap is > π, as an outermost token in an open half circle is pulled one way. ψ = 1 - "
    "8s(1-s), s = (θ - θ_c)/g_c, has |ψ| <= 1, ψ'' constant between places, and ψ' jumps by "
    "-8/g_c - 8/g_(c-1) at them: by parts ∫ψV'''' = Σ_c V''(θ_c) jump_c >= 8A Σ_c m_c (1/τ + 1/π), "
    "yet it is at most Σ_c m_c ‖f''''‖",
    _on_circle,
)
