"""(A.3): turning S by e^{εB}, B skew: E_0'' = (2/n) Σ_{S×S^c}<B²x_i,x_j>.

How it is proved
----------------
The second derivative is reduced to 0 in the Gram algebra, for every n and d; for even d there is
B with B² = -I. At drawn tokens, subsets and frames it is compared with finite differences of the
model's energy at β = 0; a wrong formula is refuted there.

References
----------
arXiv 2312.10794, Appendix A, (A.3); the hypotheses are those of Theorem 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import expm
from sympy import Expr, Matrix, eye, lambdify, zeros

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    BLOCKS,
    DIFFERENCES_AGREE,
    KERNEL_AT_BETA_ZERO,
    PAIR_ENERGY,
    SIZES,
    SUM,
    TURN,
    Flow,
    Sheet,
    Statement,
    Trial,
    apply,
    cold_kernel,
    cold_slope,
    compared,
    derived,
    gap,
    pair_cut,
    tokens_off_sphere,
    turned_bend,
)
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import X, n, z


@dataclass(frozen=True)
class TurnedCut:
    """``E_0'' = factor · <B² y_S, y_c>`` along x_i -> e^{εB} x_i, i in S, E_0 = Σ_ij <x_i,x_j>/n.

    ``sign`` is -1 for skew B, with B² = -I, and 1 for symmetric B, with B² = I.
    """

    factor: Expr
    sign: int = -1


def derive_turned_cut(flow: Flow) -> TurnedCut | None:
    """Return the factor of the flow's own energy at β = 0."""
    slope = cold_slope(flow)
    return None if slope is None else TurnedCut(2 * slope / n)


def decide(flow: Flow, prediction: TurnedCut) -> Sheet:
    """Derive E_0'' along the rotation, and its sign for B² = -I."""
    slope = cold_slope(flow)
    if slope is None:
        return Sheet((gap("E_0 is a multiple of |Σ x_i|²", "the slope isn't constant"),))
    energy = derived("β = 0: a pair has the slope 1, so E_0 = |Σ x_i|²/n + const", slope - 1)
    skew = derived("B turns the tokens: B is skew", prediction.sign + 1)
    bend, turned = turned_bend()
    y, c = vectors("B c")
    scaled = 2 * slope * inner(y, c) / n
    left = scaled - prediction.factor * inner(y, c)
    said = derived(f"E_0'' = ({prediction.factor}) <B²y_S,y_c>", residual(left))
    block = Matrix([[0, 1], [-1, 0]])
    square = block * block + eye(2)
    half = derived(
        "d even: d/2 blocks b = [0 1; -1 0], b² = -I", 0 if square == zeros(2) else square
    )
    whole = apply(BLOCKS, "such a B is skew with B² = -I", half)
    factor = prediction.factor.subs(SIZES)
    text = f"B² = -I, cut = <y_S,y_c> < 0: E_0'' = ({-prediction.factor})·cut > 0"
    signs = {"2/n": "> 0" if factor.is_positive else "not shown", "-cut": "> 0"}
    up = apply(SUM, text, said, whole, terms=signs)
    return Sheet(
        (energy, skew, turned, said, half, whole, up),
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "equal"},
        (
            bend / n + left,
            prediction.factor * pair_cut(X * TURN.T * TURN.T * X.T),
        ),
        "E_0'' - (2/n)<B²y_S,y_c>: residual 0 for skew B; d even and B² = -I: E_0'' = -(2/n)·cut > "
        "0",
    )


def watch(flow: Flow, prediction: TurnedCut, budget: Budget) -> Trial:
    """Compare with finite differences of the energy at drawn tokens, subsets and frames."""
    cold = cold_kernel(flow.model)
    if cold is None:
        return Trial(silent=f"{flow.name} has no pair energy at β = 0")
    return compared(_turned_cuts(flow, cold, prediction, budget), DIFFERENCES_AGREE)


def _turned_cuts(
    flow: Flow, cold: Expr, prediction: TurnedCut, budget: Budget
) -> Iterator[tuple[float, str]]:
    """Yield the slack of drawn tokens, in units of the tolerance."""
    tolerance, step = 1e-5, 1e-3
    block = np.array([[0.0, 1.0], [float(prediction.sign), 0.0]])
    for size, dimension in ((3, 2), (5, 4)):
        kernel = lambdify(z, cold.subs(n, size), "scipy")
        frame = np.linalg.qr(budget.rng.standard_normal((dimension, dimension)))[0]
        turn = frame @ np.kron(np.eye(dimension // 2), block) @ frame.T
        for _ in range(budget.cases):
            points = np.asarray(random_points(size, dimension, budget.rng))
            chosen = np.arange(size) < budget.rng.integers(1, size)
            turns = np.asarray(
                [
                    np.where(chosen[:, None], points @ expm(amount * turn).T, points)
                    for amount in (-step, 0.0, step)
                ]
            )
            lost = tokens_off_sphere(turns)
            if lost:
                yield -1.0, f"{flow.name}, n = {size}: {lost}"
            # E_0 = 2n E, which has the masses 1/n.
            gram = turns @ turns.swapaxes(-1, -2)
            values = (kernel(gram) + np.zeros_like(gram)).sum(axis=(-2, -1)) / size
            found = (values[0] - 2 * values[1] + values[2]) / step**2
            y, c = points[chosen].sum(axis=0), points[~chosen].sum(axis=0)
            said = float(prediction.factor.subs(n, size)) * float((turn @ turn @ y) @ c)
            yield (
                1 - abs(found - said) / tolerance,
                f"{flow.name}, n = {size}, d = {dimension}: E_0'' = {found:.6g}, predicted "
                f"{said:.6g}, for {int(chosen.sum())} tokens turned",
            )


TURNED: Statement[TurnedCut] = Statement(
    "",
    "β = 0: turning S by e^{εB} bends the energy by (2/n)<B²y_S,y_c>",
    decide,
    derive_turned_cut,
    trial=watch,
    premises=(PAIR_ENERGY,),
)


_TURNED = TurnedCut(2 / n)


EQUATION_A_3 = Claim(
    "(A.3)",
    "Turning S by e^{εB}, B skew: E_0'' = (2/n) Σ_{S×S^c}<B²x_i,x_j>; B² = -I for even d.",
    (SA, USA),
    _TURNED,
    TURNED,
    (
        Control("2/n -> 1/n", prediction=replace(_TURNED, factor=1 / n)),
        Control("B symmetric", prediction=replace(_TURNED, sign=1)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=3,
    about=frozenset({Part.ENERGY}),
    equivalents=(KERNEL_AT_BETA_ZERO,),
)


CLAIMS = (EQUATION_A_3,)
