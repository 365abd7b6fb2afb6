"""Steps at β = 0 that Appendix A shares: the flow follows P_i M, and turned tokens bend the energy.

M = Σ_j m_j x_j; y_S and y_c are the sums over a subset S of the tokens and over the others.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Expr, HadamardProduct, OneMatrix, Symbol, expand

from proofs_checks.proof.equilibria import cold_kernel
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.pairs import products
from proofs_checks.proof.row_algebra import RowAlgebra
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import AVERAGE, SUM
from proofs_checks.proof.sheet import How, Step, derived, gap
from proofs_checks.readings import cold_attention
from theory.atoms import Tangent
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
from theory.symbols import X, m, n, t, z

_BARYCENTRE = OneMatrix(n, 1) * m.T * X


_PULL = Tangent(X, _BARYCENTRE)


EQUILIBRIA = (
    products(_PULL, _PULL)
    - products(_BARYCENTRE, _BARYCENTRE)
    + HadamardProduct(products(X, _BARYCENTRE), products(X, _BARYCENTRE))
)
"""``|P_i M|² - |M|² + <x_i,M>²`` for M = Σ m_j x_j, row by row: zero."""


@lru_cache(maxsize=1)
def pull_left() -> Expr:
    """Return `EQUILIBRIA` in a row, reduced."""
    return residual(RowAlgebra().column(EQUILIBRIA))


def rest_steps(flow: Flow) -> tuple[Step, Step, Step]:
    """Conclude where a flow rests at β = 0: M = 0, or all tokens are at ±M/|M|."""
    pulled = cold_pull(flow)
    lengths = derived("|P_i M|² = |M|² - <x_i,M>²", pull_left())
    text = "an equilibrium has M = 0, or x_i = ±M/|M|: p at x, q at -x"
    return pulled, lengths, apply(SUM, text, pulled, lengths, terms={"|P_i M|²": ">= 0"})


def cold_pull(flow: Flow) -> Step:
    """Step that a flow at β = 0 is a constant multiple of P_i M."""
    text = "β = 0: x_i' = c P_i M, M = Σ_j m_j x_j"
    weight = flow.cold.weight
    if weight is None or not flow.cold.on_sphere.holds:
        return gap(text, "no scalar attention on the sphere")
    if weight == 0 or z in weight.free_symbols:
        return gap(text, f"the weight is {weight}")
    words, said = f"k = {weight} at β = 0", cold_attention(flow.model)
    return Step(text, How.DERIVED, evidence=words, formal=said)


def cold_slope(flow: Flow) -> Expr | None:
    """Return the slope h' of the energy's kernel at β = 0, a constant, or None."""
    kernel = cold_kernel(flow.model)
    slope = None if kernel is None else simplified(kernel.diff(z))
    return None if slope is None or slope.free_symbols & {z, t} else slope


@lru_cache(maxsize=1)
def turned_bend() -> tuple[Expr, Step]:
    """Derive ``d²/dε² |e^{εB} y_S + y_c|² = 2<B²y_S,y_c>`` for skew B: the gap, and its step."""
    y, b, bb, c = vectors("y b B c")
    epsilon = Symbol("epsilon", real=True)
    moved = y + b * epsilon + bb * (epsilon**2 / 2) + c
    bend = inner(moved, moved).diff(epsilon, 2).subs(epsilon, 0)
    # Skew B: <By, By> = -<y, B²y>.
    left = expand(bend).subs(inner(b, b), -inner(y, bb)) - 2 * inner(bb, c)
    step = derived("B skew: d²/dε² |e^{εB}y_S + y_c|² = 2<B²y_S,y_c>", residual(left))
    plain = 2 * inner(b, b) + 2 * inner(y, bb) + 2 * inner(bb, c)
    turned = 2 * (inner(y, bb) + inner(bb, c)).subs(inner(b, b), -inner(y, bb))
    skew = 2 * inner(b, b) + turned - 2 * inner(bb, c)
    return left, replace(step, formal=(residual(bend - plain), residual(skew)))


def some_turn(text: str, mean: Expr, *steps: Step) -> Step:
    """Conclude that some B does what B does on average, where the mean is positive."""
    if not simplified(mean).is_positive:
        return gap(text, f"the mean is {mean}")
    return apply(AVERAGE, text, *steps)
