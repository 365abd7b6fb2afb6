"""Who sees whom: attention over the tokens that a mask shows, its facts, and tokens that part.

A mask that orders the tokens, one with a token that is reached from all, and groups of tokens that
don't see each other. Without a mask every token sees all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import (
    DiagMatrix,
    Dummy,
    Expr,
    HadamardProduct,
    MatMul,
    Matrix,
    MatrixBase,
    S,
    ones,
    sympify,
)

from proofs_checks.decide import decide_positive
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import Premise
from proofs_checks.proof.schedules import parted
from proofs_checks.proof.sheet import How, Outcome, Step, decided
from proofs_checks.proof.smooth import analytic, smooth_scores
from proofs_checks.proof.verdict import Counterexample
from proofs_checks.proof.witness import leaves_sphere
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Tangent
from theory.derivations import is_permutation_equivariant
from theory.masks import BAND, BIPARTITE, GRAPH, Mask
from theory.models import Model, pair_weights
from theory.symbols import K, Q, X, beta, d, k, m, n, t, z
from theory.weights import SinkSoftmax


@dataclass(frozen=True)
class Sight:
    """``x_i' = c P_i Σ_j A_ij x_j``, A_ij smooth, of a sign for the tokens j that i sees, else 0.

    Attributes
    ----------
    head : MatrixExpr
        A, or its kernel before the masses.
    factor : Expr
        c, a schedule apart.
    mask : Mask, optional
        Who sees whom; None if everybody sees everybody.
    words : str
        Why entries are positive.
    most : str
        A bound of the sums of rows.
    positive : Step, optional
        Whether they are, where that doesn't follow from the form.
    """

    head: Any
    factor: Expr
    mask: Mask | None
    words: str
    most: str = "1"
    positive: Step | None = None

    @property
    def attracts(self) -> bool:
        """Whether entries of A are known to be positive."""
        return self.positive is None or self.positive.holds

    @property
    def leader(self) -> bool | None:
        """Whether some token is reached from all; None where that isn't known."""
        return True if self.mask is None else self.mask.leader

    @property
    def table(self) -> Any:
        """Matrix of who sees whom, at the least number of tokens that shows it; None if unknown."""
        mask = self.mask
        if mask is None:
            return None
        if mask.kind == GRAPH:
            return mask.parameter if isinstance(mask.parameter, MatrixBase) else None
        return mask.on(2 if mask.kind == BAND else int(mask.parameter) + 2)

    @cached_property
    def alike(self) -> bool:
        """Whether A is a softmax of scores that treat all tokens alike, equal at consensus."""
        if not isinstance(self.head, RowSoftmax):
            return False
        plain = Tangent(X, MatMul(RowSoftmax(self.head.scores, m), X))
        known = {m, n, d, k, t, z, X}
        own = tuple(sorted(plain.free_symbols - known, key=str))
        return bool(is_permutation_equivariant(Model("scores", plain, parameters=own)))

    def slopes(self, count: int) -> Any:
        """Matrix L of ``v_i' = Σ_j L_ij v_j`` at consensus for equal masses, scores alike.

        ``c (D^{-1} W - 1)``, W the mask, D its row sums; 0 in the row of a token that sees nobody.
        """
        table = ones(count, count)
        if self.mask is not None:
            given = self.mask.kind == GRAPH
            table = Matrix(self.table if given else self.mask.on(count))
        return slopes_of(table, self.factor)

    @property
    def tokens(self) -> str:
        """Numbers of tokens that the mask is for, in words."""
        mask = self.mask
        if mask is not None and mask.kind == GRAPH:
            return "symbolic" if self.table is None else str(self.table.rows)
        if mask is not None and mask.kind == BIPARTITE:
            return f"symbolic, > {mask.parameter}"
        return "symbolic, >= 2"


def slopes_of(table: Any, factor: Any) -> Any:
    """Return c (D^{-1} W - 1) of an explicit W; 0 in the row of a token that sees nobody.

    Examples
    --------
    >>> slopes_of(Matrix([[0, 0], [1, 1]]), 1)
    Matrix([
    [  0,    0],
    [1/2, -1/2]])
    """
    sums = [sum(table.row(i)) for i in range(table.rows)]

    def slope(i: int, j: int) -> Any:
        return S.Zero if sums[i] == 0 else table[i, j] / sums[i] - int(i == j)

    return factor * Matrix(table.rows, table.cols, slope)


def sight_of(flow: Flow) -> Sight | None:
    """Read a velocity as attention over the tokens seen, V a multiple of the identity."""
    velocity = flow.model.velocity
    if (flow.model.kind, flow.model.space) != ("flow", "sphere"):
        return None
    weights = pair_weights(velocity)
    if weights is None:
        return None
    factor, matrix = weights.as_coeff_mmul() if isinstance(weights, MatMul) else (S.One, weights)
    parts: tuple[Any, ...] = matrix.args if isinstance(matrix, MatMul) else (matrix,)
    factor = sympify(factor).subs(flow.values)
    if flow.schedule is not None:
        factor = parted(factor)[0]
    if len(parts) == 2 and parts[1] == DiagMatrix(m):
        return _of_kernel(flow, parts[0], factor)
    head: Any = parts[0] if len(parts) == 1 else None
    if type(head) not in (RowSoftmax, MaskedSoftmax, SinkSoftmax) or head.masses != m:
        return None
    sink = head.sink if isinstance(head, SinkSoftmax) else S.Zero
    if X in sink.free_symbols or not smooth_scores(head.scores, flow.values):
        return None
    kind = "a softmax" if not isinstance(head, SinkSoftmax) else "a softmax with a sink"
    words = f"{kind} of smooth scores, masses m > 0"
    return Sight(head, factor, getattr(head, "mask", None), words)


def _of_kernel(flow: Flow, weights: Any, factor: Expr) -> Sight | None:
    """Read weights ``m_j k(<x_i,x_j>)`` over the tokens seen; the sign of k is asked beside."""
    parts = weights.args if isinstance(weights, HadamardProduct) else (weights,)
    kernels = [part for part in parts if isinstance(part, Elementwise)]
    masks = [part for part in parts if isinstance(part, Mask)]
    if len(kernels) != 1 or len(kernels) + len(masks) != len(parts) or len(masks) > 1:
        return None
    kernel = kernels[0].body.subs(flow.values)
    if kernels[0].expr != X * X.T:
        return None
    mask = masks[0] if masks else None
    words = f"{kernel} > 0{'' if masks else ' for -1 < g <= 1'}, m > 0"
    return Sight(weights, factor, mask, words, "max k Σ m", _positive(flow, kernel, mask))


def _positive(flow: Flow, kernel: Expr, mask: Mask | None) -> Step:
    """Whether a kernel is smooth and positive; under no mask it may vanish at opposite tokens."""
    text, smooth = "k > 0 on [-1, 1]", analytic(kernel)
    if kernel.is_positive or not smooth.holds:
        return smooth
    if flow.from_zero and not kernel.subs(beta, 0).is_positive:
        return Step(text, How.DECIDED, Outcome.GAP, f"k = {kernel.subs(beta, 0)} at β = 0")
    if mask is None and flow.weight is not None:
        return flow.attracts  # the schedule is taken out there
    if t in kernel.free_symbols:
        return Step(text, How.DECIDED, Outcome.GAP, f"k = {kernel}")
    return decided(text, decide_positive(kernel))


def masked_attention(name: str, mask: Mask, *parameters: Any, sign: int = 1) -> Model:
    """Attention with any queries and keys over the tokens seen, V = ±I.

    Parameters
    ----------
    name : str
    mask : Mask
    *parameters
        Of the mask.
    sign : {1, -1}
    """
    field = RowSoftmax(beta * X * Q.T * K * X.T, m, mask=mask) * X
    return Model(name, Tangent(X, sign * field), parameters=(beta, Q, K, *parameters))


def _sees(flow: Flow) -> Step:
    text = "x_i' = c P_i Σ_j A_ij x_j, A_ij > 0 and smooth for the tokens j seen, c > 0"
    sight = sight_of(flow)
    if sight is None:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} isn't of this form")
    if sight.positive is not None and not sight.positive.holds:
        return sight.positive
    if any(str(s) in flow.code for s in sight.factor.free_symbols):
        return Step(text, How.DERIVED, Outcome.GAP, f"c = {sight.factor} is code")
    signs = {s: Dummy(str(s), positive=True) for s in sight.factor.free_symbols}
    if flow.from_zero and beta in signs:
        signs[beta] = Dummy("beta", nonnegative=True)
    factor = sight.factor.xreplace(signs)
    if factor.is_positive:
        return Step(text, How.DERIVED, Outcome.HOLDS, f"{sight.words}; c = {sight.factor}")
    outcome = Outcome.FAILS if factor.is_nonpositive else Outcome.GAP
    return Step(text, How.DERIVED, outcome, f"c = {sight.factor}")


_UNKNOWN = "who sees whom isn't known"


def _ordered(flow: Flow) -> Step:
    text = "no token sees a later one; all but the first see an earlier one"
    sight = sight_of(flow)
    if sight is None or sight.mask is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no mask")
    if sight.mask.triangular is None:
        return Step(text, How.DERIVED, Outcome.GAP, _UNKNOWN)
    if not sight.mask.triangular:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{sight.mask}: some see a later one")
    if not sight.leader:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{sight.mask}: some see no earlier one")
    return Step(text, How.DERIVED, Outcome.HOLDS, str(sight.mask))


def _led(flow: Flow) -> Step:
    text = "some token is reached from all, along who sees whom"
    sight = sight_of(flow)
    if sight is None or sight.leader is None:
        outcome = Outcome.FAILS if sight is None else Outcome.GAP
        return Step(text, How.DERIVED, outcome, _UNKNOWN)
    named = sight.mask or "everybody sees everybody"
    return Step(text, How.DERIVED, Outcome.HOLDS if sight.leader else Outcome.FAILS, str(named))


SEES = Premise("SEES", _sees)
ORDERED = Premise("ORDERED", _ordered)
LED = Premise("LED", _led)


def closed_groups(table: Any) -> list[list[int]]:
    """Least groups of tokens, from 1, that see none outside: one of them if there is a leader."""
    seen = np.array(table.tolist(), dtype=int) > 0
    reach = seen | np.eye(len(seen), dtype=bool)
    for _ in range(len(seen)):
        reach = reach @ reach
    groups = {tuple(np.flatnonzero(reach[i])) for i in range(len(seen)) if _mutual(reach, i)}
    return [[int(i) + 1 for i in group] for group in sorted(groups)]


def _mutual(reach: Any, i: int) -> bool:
    """Whether all that token i reaches reach it."""
    return bool(np.all(reach[reach[i], i]))


def parted_groups(flow: Flow) -> Counterexample | None:
    """Two groups of tokens of an open hemisphere that don't see each other: they stay apart."""
    sight = sight_of(flow)
    if sight is None or sight.leader is not False:
        return None
    table = sight.table
    one, other, *_ = closed_groups(table)
    text = (
        f"{_named(one)} at (1, 0), the others at (3/5, 4/5), in an open hemisphere: {_named(one)} "
        f"and {_named(other)} see nobody else, so they stand still for ever"
    )
    return Counterexample(text, {"n": str(table.rows), "d": ">= 2", "masses": "any"})


def _named(tokens: list[int]) -> str:
    return f"token{'s' if len(tokens) > 1 else ''} {', '.join(map(str, tokens))}"


def parting_pair(flow: Flow) -> Counterexample | None:
    """Two tokens that don't approach: what keeps them apart is the factor c, or where they live."""
    if off := leaves_sphere(flow.model, np.random.default_rng(0)):
        return Counterexample(off)
    sight = sight_of(flow)
    if sight is None or flow.schedule is None or flow.schedule.sign != 1:
        return None
    scope = {"n": "2", "d": ">= 2", "masses": "1/2"}
    if flow.from_zero and sight.factor.subs(beta, 0) == 0:
        return Counterexample(f"{flow.name}, β = 0: c = {sight.factor} = 0, nothing moves", scope)
    mask = sight.mask
    if not sight.attracts or not sight.factor.is_negative or not sight.leader:
        return None
    if mask is not None and (mask.kind == GRAPH or mask.parameter > 1):
        return _repelling(flow, sight)
    return Counterexample(
        f"{flow.name}, n = 2: from <x_1,x_2> = g = 0 the product falls, g' = c (A_12 + A_21)"
        f"(1 - g²) < 0 for -1 < g < 1, c = {sight.factor}: the tokens never meet",
        scope,
    )


def _repelling(flow: Flow, sight: Sight) -> Counterexample | None:
    """Consensus that repels, for a factor c < 0 and scores that treat all tokens alike."""
    if not sight.alike:
        return None
    text = (
        f"{flow.name}: at consensus the modes {sight.factor} (λ(D^-1 W) - 1), but for a 0 in each "
        "direction, grow, as a token is reached from all: no other start tends to consensus"
    )
    scope = {"n": sight.tokens, "d": ">= 2", "masses": "1/n"}
    return Counterexample(text, scope, cites=(ONE_ROOT, HYPERBOLIC))


ONE_ROOT = (
    "Ren and Beard, IEEE Trans. Automat. Control 50 (2005), Lemma 3.3: where a token is reached "
    "from all, the 0 of D^-1 W - 1 is simple and all else has a negative real part"
)


HYPERBOLIC = "a normally expanding manifold of equilibria is the limit of none but its own points"


__all__ = [
    "LED",
    "ONE_ROOT",
    "ORDERED",
    "SEES",
    "Sight",
    "closed_groups",
    "masked_attention",
    "parted_groups",
    "parting_pair",
    "sight_of",
    "slopes_of",
]
