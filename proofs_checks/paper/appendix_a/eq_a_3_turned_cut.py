"""(A.3): turning S by e^{εB}, B skew: E_0'' = (2/n) Σ_{S×S^c}<B²x_i,x_j>.

How it is proved
----------------
A theorem on energies of pairs, for every n, d and S: tokens of S turn by a skew matrix. For even d
there is one with B² = -I, of blocks. At drawn tokens, subsets and frames it is compared with finite
differences of the model's energy at β = 0; a wrong formula is refuted there.

References
----------
arXiv 2312.10794, Appendix A, (A.3); the hypotheses are those of Theorem 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import expm
from sympy import Expr, S, lambdify

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    DIFFERENCES_AGREE,
    KERNEL_AT_BETA_ZERO,
    PAIR_ENERGY,
    Flow,
    Statement,
    Trial,
    cold_kernel,
    cold_slope,
    compared,
    tokens_off_sphere,
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Concludes, Conclusion, Refusal, cold_bend_of_subset
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n, z


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


def conclude(flow: Flow, prediction: TurnedCut) -> Conclusion | Refusal:
    """Claim E_0'' where the tokens of S turn, and that there is a B with B² = -I for even d."""
    kernel, subject = cold_kernel(flow.model), Subject.of(flow.model, {beta: S.Zero})
    if kernel is None:
        return Refusal("it has no pair energy")
    block = ((0, 1), (prediction.sign, 0))
    return cold_bend_of_subset(subject, kernel, prediction.factor, block, prediction.sign == -1)


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
    Concludes(conclude, words=(("beta", "0"),)),
    derive_turned_cut,
    trial=watch,
    premises=(PAIR_ENERGY,),
    typed=True,
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
